"""The strided array: a shape and strides over a shared list of Python numbers.

A storage is a ``list``; complex elements are two floats in it, real part first, so that ``real``
and ``imag`` are plain views. Lists beat ``array.array`` by about two here, as no number is boxed
again when it is read; a list of results is rounded to its dtype by one pass through C.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .layout import Runs, Shape, gather, plan, put, row_major, runs_of
from .rounding import ROUNDING, convert
from .scalars import BINARY, UNARY, Rule

_ZERO_D: Final[Shape] = ()


class Array:
    """A strided view of a storage. ``stride`` and ``offset`` count elements of ``dtype``."""

    __slots__ = ("dtype", "offset", "shape", "storage", "stride")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, storage: list[Any], shape: Shape, stride: Shape, offset: int, dtype: DType
    ) -> None:
        self.storage = storage
        self.shape = shape
        self.stride = stride
        self.offset = offset
        self.dtype = dtype

    def elements(self, runs: Runs | None = None) -> list[Any]:
        """The elements in row-major order (or along ``runs``) as Python numbers.

        The list may be the storage itself: read it, do not write to it.
        """
        if runs is None:
            runs = runs_of(self.shape, self.stride)
        if self.dtype.category < 3:
            return gather(self.storage, self.offset, runs)
        runs = tuple((size, 2 * step) for size, step in runs)
        return list(
            map(
                complex,
                gather(self.storage, 2 * self.offset, runs),
                gather(self.storage, 2 * self.offset + 1, runs),
            )
        )

    def write(self, values: list[Any]) -> None:
        """Write elements of the dtype, in row-major order."""
        runs = runs_of(self.shape, self.stride)
        if self.dtype.category < 3:
            put(self.storage, self.offset, runs, values)
            return
        runs = tuple((size, 2 * step) for size, step in runs)
        put(self.storage, 2 * self.offset, runs, [value.real for value in values])
        put(self.storage, 2 * self.offset + 1, runs, [value.imag for value in values])

    def restrided(self, shape: Shape, stride: Shape, offset: int | None = None) -> Array:
        """A view of the same storage."""
        return View(
            self.storage, shape, stride, self.offset if offset is None else offset, self.dtype
        )

    def is_contiguous(self) -> bool:
        """Whether the elements lie in row-major order without gaps."""
        return self.stride == row_major(self.shape) or runs_of(self.shape, self.stride) in (
            (),
            ((math.prod(self.shape), 1),),
        )

    def __repr__(self) -> str:
        return f"Array({nested(self.elements(), self.shape)}, dtype={self.dtype!r})"

    def __bool__(self) -> bool:
        if math.prod(self.shape) != 1:
            raise ValueError(f"an array of shape {self.shape} is neither true nor false")
        return bool(self.elements()[0])

    def __neg__(self) -> Array:
        return pointwise1(UNARY["neg"], self)

    def __abs__(self) -> Array:
        return pointwise1(UNARY["abs"], self)

    def __invert__(self) -> Array:
        return pointwise1(UNARY["bitwise_not"], self)

    def __add__(self, other: Any) -> Array:
        return pointwise2(BINARY["add"], self, other)

    def __radd__(self, other: Any) -> Array:
        return pointwise2(BINARY["add"], other, self)

    def __sub__(self, other: Any) -> Array:
        return pointwise2(BINARY["sub"], self, other)

    def __rsub__(self, other: Any) -> Array:
        return pointwise2(BINARY["sub"], other, self)

    def __mul__(self, other: Any) -> Array:
        return pointwise2(BINARY["mul"], self, other)

    def __rmul__(self, other: Any) -> Array:
        return pointwise2(BINARY["mul"], other, self)

    def __truediv__(self, other: Any) -> Array:
        return pointwise2(BINARY["div"], self, other)

    def __rtruediv__(self, other: Any) -> Array:
        return pointwise2(BINARY["div"], other, self)

    def __floordiv__(self, other: Any) -> Array:
        return pointwise2(BINARY["floor_divide"], self, other)

    def __rfloordiv__(self, other: Any) -> Array:
        return pointwise2(BINARY["floor_divide"], other, self)

    def __mod__(self, other: Any) -> Array:
        return pointwise2(BINARY["remainder"], self, other)

    def __rmod__(self, other: Any) -> Array:
        return pointwise2(BINARY["remainder"], other, self)

    def __pow__(self, other: Any) -> Array:
        return pointwise2(BINARY["pow"], self, other)

    def __rpow__(self, other: Any) -> Array:
        return pointwise2(BINARY["pow"], other, self)

    def __and__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_and"], self, other)

    def __rand__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_and"], other, self)

    def __or__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_or"], self, other)

    def __ror__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_or"], other, self)

    def __xor__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_xor"], self, other)

    def __rxor__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_xor"], other, self)

    def __lshift__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_left_shift"], self, other)

    def __rlshift__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_left_shift"], other, self)

    def __rshift__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_right_shift"], self, other)

    def __rrshift__(self, other: Any) -> Array:
        return pointwise2(BINARY["bitwise_right_shift"], other, self)

    def __lt__(self, other: Any) -> Array:
        return pointwise2(BINARY["lt"], self, other)

    def __le__(self, other: Any) -> Array:
        return pointwise2(BINARY["le"], self, other)

    def __gt__(self, other: Any) -> Array:
        return pointwise2(BINARY["gt"], self, other)

    def __ge__(self, other: Any) -> Array:
        return pointwise2(BINARY["ge"], self, other)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        return pointwise2(BINARY["eq"], self, other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return pointwise2(BINARY["ne"], self, other)


class View(Array):
    """An array that was cut from another one, whose storage it has."""

    __slots__ = ()


def nested(values: Sequence[Any], shape: Shape) -> Any:
    """Return row-major values as nested lists."""
    if not shape:
        return values[0]
    size = math.prod(shape[1:])
    return [nested(values[row * size : (row + 1) * size], shape[1:]) for row in range(shape[0])]


def new(values: list[Any], shape: Shape, dtype: DType, stride: Shape | None = None) -> Array:
    """Return an array of elements of ``dtype``, rounded here, in row-major order.

    With ``stride``, the dense strides of the result, values are in the order of the storage. The
    list becomes the storage: give away a fresh one.
    """
    if dtype.category == 3:
        values = interleave([v.real for v in values], [v.imag for v in values])
    rounding = ROUNDING[dtype]
    if rounding is not None:
        values = rounding(values)
    return Array(values, shape, row_major(shape) if stride is None else stride, 0, dtype)


def exactly(values: list[Any], shape: Shape, dtype: DType) -> Array:
    """Return a contiguous array of values that are elements of ``dtype`` as they are."""
    if dtype.category == 3:
        values = interleave([v.real for v in values], [v.imag for v in values])
    return Array(values, shape, row_major(shape), 0, dtype)


def number(value: Any, dtype: DType) -> Array:
    """Return a 0-d array of a Python number."""
    if type(value) is float and dtype.category == 2:
        rounding = ROUNDING[dtype]
        return Array([value] if rounding is None else rounding([value]), (), (), 0, dtype)
    return new(convert([value], dtype), (), dtype)


def interleave(real: list[float], imag: list[float]) -> list[float]:
    """Return the storage of complex elements."""
    storage = [0.0] * (2 * len(real))
    storage[::2] = real
    storage[1::2] = imag
    return storage


def result_dtype(kind: str, dtype: DType) -> DType:
    """Return the dtype that a rule's result has."""
    if kind == "same":
        return dtype
    return dtypes.bool_ if kind == "bool" else dtype.to_real()


def finish(rule: Rule, values: list[Any], shape: Shape, stride: Shape, dtype: DType) -> Array:
    """Return the array of a rule's results, which are in the order of the new storage."""
    if rule.result != "same":
        dtype = result_dtype(rule.result, dtype)
    if dtype.category == 3:
        values = interleave([v.real for v in values], [v.imag for v in values])
    if not rule.exact:
        rounding = ROUNDING[dtype]
        if rounding is not None:
            values = rounding(values)
    return Array(values, shape, stride, 0, dtype)


def pointwise1(rule: Rule, input: Array) -> Array:
    """Return a rule's function of every element."""
    dtype = input.dtype
    category = dtype.category
    function = rule.fast[category]
    if not input.shape and category < 3:
        value = input.storage[input.offset]
        try:
            value = function(value)
        except (ValueError, ArithmeticError):
            value = rule.careful[category](value)
        return finish(rule, [value], _ZERO_D, _ZERO_D, dtype)
    shape, stride, (runs,) = plan(input.shape, input.stride)
    values = input.elements(runs)
    try:
        values = list(map(function, values))
    except (ValueError, ArithmeticError):
        values = list(map(rule.careful[category], values))
    return finish(rule, values, shape, stride, dtype)


def pointwise2(rule: Rule, input: Any, other: Any) -> Array:
    """Return a rule's function of two operands, broadcast; one of them may be a Python number."""
    if not isinstance(input, Array):
        input = number(input, other.dtype)
    elif not isinstance(other, Array):
        other = number(other, input.dtype)
    dtype = input.dtype
    category = dtype.category
    function = rule.fast[category]
    if not input.shape and not other.shape and category < 3:
        one, two = input.storage[input.offset], other.storage[other.offset]
        try:
            value = function(one, two)
        except (ValueError, ArithmeticError):
            value = rule.careful[category](one, two)
        if dtype is dtypes.float64 and rule.result == "same":
            return Array([value], _ZERO_D, _ZERO_D, 0, dtype)
        return finish(rule, [value], _ZERO_D, _ZERO_D, dtype)
    shape, stride, runs = plan(input.shape, input.stride, other.shape, other.stride)
    ones, twos = input.elements(runs[0]), other.elements(runs[1])
    try:
        values = list(map(function, ones, twos))
    except (ValueError, ArithmeticError):
        values = list(map(rule.careful[category], ones, twos))
    return finish(rule, values, shape, stride, dtype)


def pointwise3(condition: Array, input: Array, other: Array) -> Array:
    """Return input where condition holds, else other; all broadcast."""
    shape, stride, runs = plan(
        condition.shape, condition.stride, input.shape, input.stride, other.shape, other.stride
    )
    values = [
        one if chosen else two
        for chosen, one, two in zip(
            condition.elements(runs[0]),
            input.elements(runs[1]),
            other.elements(runs[2]),
            strict=True,
        )
    ]
    dtype = input.dtype
    if dtype.category == 3:
        values = interleave([v.real for v in values], [v.imag for v in values])
    return Array(values, shape, stride, 0, dtype)
