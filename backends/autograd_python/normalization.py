"""Softmax and its kin: one line along the dim at a time.

The terms of a line are added one after the other, as torch adds those of a short line: a sum
rounded once is nearer the truth, but next to 1 its logarithm then has other leading digits.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import repeat

from autograd_core.dtypes import DType

from .array import Array
from .reduction import from_lines, largest, rows_over
from .rounding import to_float32
from .scalars import exp, log

Line = list[float]


def _add_up(values: Sequence[float]) -> float:
    return reduce(operator.add, values, 0.0)


def _less(values: Sequence[float], shift: float) -> Line:
    return list(map(operator.sub, values, repeat(shift)))


class Normalization:
    """Softmax, its logarithm, and the gradients of both."""

    def softmax(self, input: Array, dim: int) -> Array:
        return _along(_softmax, dim, input.dtype, input)

    def log_softmax(self, input: Array, dim: int) -> Array:
        return _along(_log_softmax, dim, input.dtype, input)

    def softmax_backward_data(self, grad_output: Array, output: Array, dim: int) -> Array:
        return _along(_softmax_gradient, dim, output.dtype, grad_output, output)

    def log_softmax_backward_data(self, grad_output: Array, output: Array, dim: int) -> Array:
        return _along(_log_softmax_gradient, dim, output.dtype, grad_output, output)


def _along(function: Callable[..., Line], dim: int, dtype: DType, *operands: Array) -> Array:
    """Return the row-major array of a function of the operands' lines along ``dim``."""
    first = operands[0]
    if 0 in first.shape:
        lines: list[Line] = []
    else:
        rows = [rows_over(operand, (dim,)) for operand in operands]
        lines = list(map(function, repeat(dtype.itemsize < 8), *rows))
    return from_lines(lines, first.shape, dim, dtype, exact=False)


def _narrow(values: Line, single: bool) -> Line:
    """Round to float32 where that is what a step is computed in."""
    return to_float32(values) if single else values


def _shifted(row: Line, single: bool) -> Line:
    return _narrow(_less(row, largest(row)), single)


def _powers(values: Line, single: bool) -> Line:
    try:
        return _narrow(list(map(math.exp, values)), single)
    except OverflowError:  # which no softmax's own numbers come to
        return _narrow(list(map(exp, values)), single)


def _softmax(single: bool, row: Line) -> Line:
    powers = _powers(_shifted(row, single), single)
    total = _add_up(powers)
    return list(map(operator.truediv, powers, repeat(total)))


def _log_softmax(single: bool, row: Line) -> Line:
    shifted = _shifted(row, single)
    total = log(_add_up(_powers(shifted, single)))
    return _less(shifted, total)


def _softmax_gradient(single: bool, grad: Line, output: Line) -> Line:
    products = _narrow(list(map(operator.mul, grad, output)), single)
    centered = _narrow(_less(grad, _add_up(products)), single)
    return list(map(operator.mul, centered, output))


def _log_softmax_gradient(single: bool, grad: Line, output: Line) -> Line:
    total = _add_up(grad)
    powers = _powers(output, single)
    return list(map(operator.sub, grad, map(operator.mul, powers, repeat(total))))
