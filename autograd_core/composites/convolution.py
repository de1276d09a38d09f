"""Convolutions that torch composes of others: complex ones, and those padded to keep their size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .. import ops
from ..tensor import Tensor

Real = Callable[[Tensor, Tensor, Tensor | None], Tensor]


def complex_convolution(
    input: Tensor, weight: Tensor, bias: Tensor | None, convolve: Real
) -> Tensor:
    """Three real convolutions: of the real parts, of the imaginary ones, and of their sums."""
    input_parts, weight_parts = _parts(input), _parts(weight)
    bias_parts: tuple[Tensor | None, Tensor | None] = (None, None)
    total = None
    if bias is not None:
        bias_parts = _parts(bias)
        total = ops.add(*bias_parts)
    real = convolve(input_parts[0], weight_parts[0], bias_parts[0])
    imaginary = convolve(input_parts[1], weight_parts[1], None)
    both = convolve(ops.add(*input_parts), ops.add(*weight_parts), total)
    cross = ops.mul_scalar(ops.sub(ops.sub(both, real), imaginary), 1j)
    return ops.add(ops.sub(real, imaginary), cross)


def _parts(input: Tensor) -> tuple[Tensor, Tensor]:
    """Return real and imaginary part."""
    pairs = ops.view_as_real(input.resolve_conj())
    return ops.select(pairs, input.ndim, 0), ops.select(pairs, input.ndim, 1)


def padded_for_same(
    input: Tensor, kernel: Sequence[int], dilation: Sequence[int]
) -> tuple[Tensor, tuple[int, ...]]:
    """Return what to convolve, with which padding, so that lengths stay.

    Where a length needs an odd padding, the input is padded by one behind first.
    """
    totals = [d * (n - 1) for n, d in zip(kernel, dilation, strict=True)]
    if any(total % 2 for total in totals):
        pad = [n for total in reversed(totals) for n in (0, total % 2)]
        input = ops.constant_pad_nd(input, tuple(pad), 0)
    return input, tuple(total // 2 for total in totals)
