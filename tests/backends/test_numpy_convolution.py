"""NumPy's convolutions against the derived ones, with blocks of columns smaller than the arrays."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from autograd_core.default_kernels import DefaultKernels
from autograd_numpy import NumpyBackend, convolution

xp = NumpyBackend()


@pytest.mark.parametrize("block", [1, 1500, 6000, 1 << 20])
@pytest.mark.parametrize(
    "stride, padding, dilation, groups", list(itertools.product((1, 2), (0, 1, 3), (1, 2), (1, 2)))
)
def test_blocks_of_columns(
    monkeypatch: Any, block: int, stride: int, padding: int, dilation: int, groups: int
) -> None:
    monkeypatch.setattr(convolution, "BLOCK", block)
    drawn = np.random.default_rng(0).standard_normal
    for axes in (1, 2, 3):
        shape, kernel = (7, 6, 5)[:axes], (3, 1, 2)[:axes]
        options = ((stride,) * axes, (padding,) * axes, (dilation,) * axes)
        lengths = tuple(
            (n + 2 * padding - dilation * (k - 1) - 1) // stride + 1
            for n, k in zip(shape, kernel, strict=True)
        )
        x, w = drawn((3, 4, *shape)), drawn((6, 4 // groups, *kernel))
        g = drawn((3, 6, *lengths))
        for name, arguments in (
            ("correlate", (x, w, lengths)),
            ("correlate_input_backward", (g, w, shape)),
            ("correlate_overlapped", (g, w, shape)),
            ("correlate_weight_backward", (g, x, kernel)),
        ):
            found = getattr(xp, name)(*arguments, *options, groups)
            expected = getattr(DefaultKernels, name)(xp, *arguments, *options, groups)
            assert found.shape == expected.shape
            assert np.allclose(found, expected)


def test_narrow_floats_are_summed_in_wide_ones() -> None:
    x = np.full((1, 4096, 1), 1, np.float16)
    w = np.full((1, 4096, 1), 1, np.float16)
    made = xp.correlate(x, w, (1,), (1,), (0,), (1,), 1)
    assert made.dtype == np.float16
    assert made.item() == 4096
