"""What dask computes and when, and whose settings of JAX are left alone."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

import autograd_core as torch

pytest.importorskip("autograd_array_api")
pytest.importorskip("array_api_compat")
NATIVE = importlib.import_module("autograd_array_api").native


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("something was computed")


LOSSES = {
    "least squares": lambda t, x, w: ((x @ w - 1) ** 2).mean(),
    "cross entropy": lambda t, x, w: t.nn.functional.binary_cross_entropy_with_logits(
        x @ w, (x[:, 0] > 0).to(w.dtype)
    ),
    "softmax": lambda t, x, w: (x * w).log_softmax(1).exp().logsumexp(1).sum(),
    "written": lambda t, x, w: (x * w).mul_(2).cumsum(0).tanh()[:, 1:].sum(),
}


@pytest.mark.parametrize("name", LOSSES)
def test_forward_and_backward_compute_nothing(name):
    dask = pytest.importorskip("dask")
    da = pytest.importorskip("dask.array")
    np = pytest.importorskip("numpy")
    data = np.random.default_rng(0).standard_normal((12, 3))

    def gradient(x: Any) -> Any:
        w = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
        LOSSES[name](torch, torch.tensor(x), w).backward()
        return w.grad

    with dask.config.set(scheduler=_refuse), torch.use_backend("dask"):
        lazy = gradient(da.from_array(data, chunks=(4, 3)))
    with torch.use_backend("numpy"):
        expected = gradient(data)
    assert isinstance(NATIVE(lazy), da.Array)
    np.testing.assert_allclose(lazy.numpy(), expected.numpy(), rtol=1e-12)


def test_a_large_array_of_one_number_comes_in_pieces():
    pytest.importorskip("dask.array")
    with torch.use_backend("dask"):
        large = torch.zeros(100_000, 10_000)
        assert NATIVE(large).npartitions > 10
        assert large[0, :2].tolist() == [0, 0]


def test_a_transform_joins_the_pieces_of_its_axis():
    da = pytest.importorskip("dask.array")
    np = pytest.importorskip("numpy")
    data = np.random.default_rng(0).standard_normal((6, 5))
    with torch.use_backend("dask"):
        x = torch.tensor(da.from_array(data, chunks=(2, 3)))
        np.testing.assert_allclose(torch.fft.irfft(x, dim=0).numpy(), np.fft.irfft(data, axis=0))
        np.testing.assert_allclose(torch.fft.fft2(x).numpy(), np.fft.fft2(data))


def test_of_the_pieces_of_an_index_nobody_is_told():
    """Warnings are errors here."""
    pytest.importorskip("dask.array")
    with torch.use_backend("dask"):
        x = torch.arange(750, dtype=torch.float64).reshape(2, 3, 5, 5, 5)
        pooled = torch.nn.functional.fractional_max_pool3d(x, 2, output_size=2)
        assert pooled.shape == (2, 3, 2, 2, 2)


def test_the_user_s_precision_of_jax_stays():
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    with torch.use_backend("jax"):
        x = torch.arange(3, dtype=torch.float64).requires_grad_()
        (x.exp() / 3).sum().backward()
        assert NATIVE(x.grad).dtype == "float64"
        assert x.grad.tolist()[1] == pytest.approx(0.9060939428196817, rel=1e-15)
    assert jax.config.jax_enable_x64 is before
    assert jax.numpy.asarray([1.0]).dtype == ("float64" if before else "float32")
