"""Softmax, its logarithm, their gradients: all steps on a block of rows while it is cached."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from .blocks import over_rows, scratch
from .element_types import REAL, WIDE
from .reduction import row_dots, row_sums

Array = Any

_FEW = 1 << 12
"""Elements below which the derived functions are faster, having less to prepare."""


class Softmax:
    """The functions of one dim; other dtypes than real numbers go the derived way."""

    def softmax(self: Any, input: Array, dim: int) -> Array:
        wide = _row_major(input)
        if wide is None:
            return super().softmax(input, dim)  # type: ignore[misc]

        def work(given: Array, out: Array) -> None:
            np.subtract(given, self.amax(given, (1,), True), out=out)
            np.exp(out, out=out)
            out /= row_sums(out)

        return _by_rows(work, dim, wide).astype(input.dtype, copy=False)

    def log_softmax(self: Any, input: Array, dim: int) -> Array:
        wide = _row_major(input)
        if wide is None:
            return super().log_softmax(input, dim)  # type: ignore[misc]

        def work(given: Array, out: Array) -> None:
            np.subtract(given, self.amax(given, (1,), True), out=out)
            power = np.exp(out, out=scratch(out.shape, out.dtype))
            out -= np.log(row_sums(power))

        return _by_rows(work, dim, wide).astype(input.dtype, copy=False)

    def softmax_backward_data(self: Any, grad_output: Array, output: Array, dim: int) -> Array:
        grad, wide = _row_major(grad_output), _row_major(output)
        if grad is None or wide is None:
            return super().softmax_backward_data(grad_output, output, dim)  # type: ignore[misc]

        def work(grad: Array, output: Array, out: Array) -> None:
            np.subtract(grad, row_dots(grad, output), out=out)
            out *= output

        return _by_rows(work, dim, grad, wide).astype(output.dtype, copy=False)

    def log_softmax_backward_data(self: Any, grad_output: Array, output: Array, dim: int) -> Array:
        grad, wide = _row_major(grad_output), _row_major(output)
        if grad is None or wide is None:
            return super().log_softmax_backward_data(grad_output, output, dim)  # type: ignore[misc]

        def work(grad: Array, output: Array, out: Array) -> None:
            total = row_sums(grad)
            np.exp(output, out=out)
            if out.dtype == np.float64:
                out *= total
                np.subtract(grad, out, out=out)
                return
            # A fused multiply-add: the product of two float32 numbers is exact in float64. Where a
            # probability nears 1 the difference is what is left of numbers that cancel.
            exact = scratch(out.shape, np.dtype(np.float64))
            np.multiply(out, total.astype(np.float64), out=exact)
            np.subtract(grad, exact, out=out, casting="same_kind")

        return _by_rows(work, dim, grad, wide).astype(output.dtype, copy=False)


def _row_major(input: Array) -> Array | None:
    """A row-major array of real numbers in the dtype to compute in; None if they are few."""
    if not input.shape or input.size < _FEW:
        return None
    wide = input.astype(WIDE[input.dtype]) if input.dtype in WIDE else input
    return np.ascontiguousarray(wide) if wide.dtype in REAL else None


def _by_rows(work: Callable[..., None], dim: int, *operands: Array) -> Array:
    """Return what ``work`` makes of blocks (rows, size of dim, dims after it)."""
    shape = operands[0].shape
    result = np.empty(shape, operands[0].dtype)
    after = prod(shape[dim + 1 :])
    grouped = (-1, shape[dim]) if after == 1 else (-1, shape[dim], after)
    over_rows(work, [array.reshape(grouped) for array in (*operands, result)])
    return result
