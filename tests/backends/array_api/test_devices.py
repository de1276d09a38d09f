"""Arrays are all made on the backend's device, and two devices do not meet."""

from __future__ import annotations

import pickle

import pytest

import autograd_core
from autograd_core.backend_registry import BackendError

pytest.importorskip("array_api_compat")


def program(torch):
    """Creation, indexing, scattering, sorting, complex numbers, in-place ops, and a backward."""
    x = torch.tensor([[3.0, 1.0, 2.0], [0.5, -1.0, 4.0]], dtype=torch.float64, requires_grad=True)
    y = (x * 2).sort(dim=1)[0].cumsum(0)
    y[:, torch.tensor([0, 2])] += torch.arange(2, dtype=torch.float64)
    z = torch.complex(y, y.flip(1)).abs() + torch.linspace(0, 1, 3, dtype=torch.float64)
    z = torch.nn.functional.pad(z.t().reshape(3, 2), (1, 1)).softmax(-1)
    w = z.index_add(0, torch.tensor([0, 0]), torch.ones(2, 4, dtype=torch.float64))
    (torch.fft.fft(w).abs() * w.std()).sum().backward()
    return x.grad.tolist()


def test_everything_is_made_on_the_device():
    """array-api-strict refuses arrays of two devices in one call."""
    pytest.importorskip("array_api_strict")
    with autograd_core.use_backend("array-api-strict:device1"):
        elsewhere = program(autograd_core)
    with autograd_core.use_backend("array-api-strict"):
        assert program(autograd_core) == elsewhere


def test_a_pickle_comes_back_on_its_device():
    pytest.importorskip("array_api_strict")
    x = autograd_core.ones(2, backend="array-api-strict:device1")
    again = pickle.loads(pickle.dumps(x))
    assert (x + again).tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="'array-api-strict' on cpu"):
        x + autograd_core.ones(2, backend="array-api-strict")


@pytest.mark.parametrize("library, device", [("jax", "cpu:0"), ("torch", "cpu"), ("dask", "cpu")])
def test_the_cpu_is_a_device(library, device):
    pytest.importorskip(library)
    assert str(autograd_core.ones(2, backend=f"{library}:{device}").device) == "cpu"


@pytest.mark.parametrize("library", ["jax", "torch", "dask", "array-api-strict"])
def test_a_device_that_is_not_there_is_named(library):
    pytest.importorskip(library.replace("-", "_"))
    with pytest.raises(BackendError, match=f"'{library}' cannot be loaded.*nowhere"):
        autograd_core.ones(2, backend=f"{library}:nowhere")
