"""The strided array: a shape and strides over a shared list of Python numbers.

A storage is a ``list``; complex elements are two floats in it, real part first, so that ``real``
and ``imag`` are plain views. Lists beat ``array.array`` by about two here, as no number is boxed
again when it is read; a list of results is rounded to its dtype by one pass through C.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .layout import Runs, Shape, gather, plan, put, row_major, runs_of
from .rounding import PACK, ROUNDING, UNPACK, convert, one_to_float32
from .scalars import BINARY, UNARY, Rule

_ZERO_D: Final[Shape] = ()


def unary(rule: Rule) -> Callable[[Array], Array]:
    """Return a rule's kernel of one operand; a single real number takes the short way."""
    function, careful, pack, unpack = rule.fast[2], rule.careful[2], PACK, UNPACK
    narrow, wide = _short_ways(rule)
    new: Callable[[type[Single]], Single] = object.__new__

    def kernel(input: Array) -> Array:
        dtype: DType = input.dtype
        if type(input) is Single and (dtype is narrow or dtype is wide):
            value = input.number
        elif input.shape or (dtype is not narrow and dtype is not wide):
            return pointwise1(rule, input)
        else:
            value = input.storage[input.offset]
        try:
            result = function(value)
            if dtype is narrow:
                result = unpack(pack(result))[0]  # as one_to_float32 does
        except (ValueError, ArithmeticError):
            result = careful(value)
            if dtype is narrow:
                result = one_to_float32(result)
        made = new(Single)
        made.number = result
        made.dtype = dtype
        return made

    return kernel


def binary(rule: Rule) -> Callable[[Any, Any], Array]:
    """Return a rule's kernel of two operands, likewise; one of them may be a Python number."""
    function, careful, pack, unpack = rule.fast[2], rule.careful[2], PACK, UNPACK
    narrow, wide = _short_ways(rule)
    new: Callable[[type[Single]], Single] = object.__new__

    def kernel(input: Array, other: Array) -> Array:
        if type(input) is Single:
            one = input.number
        elif type(input) not in _ARRAYS or input.shape:
            return pointwise2(rule, input, other)
        else:
            one = input.storage[input.offset]
        if type(other) is Single:
            two = other.number
        elif type(other) not in _ARRAYS or other.shape:
            return pointwise2(rule, input, other)
        else:
            two = other.storage[other.offset]
        dtype: DType = input.dtype
        if dtype is not narrow and dtype is not wide:
            return pointwise2(rule, input, other)
        try:
            result = function(one, two)
            if dtype is narrow:
                result = unpack(pack(result))[0]  # as one_to_float32 does
        except (ValueError, ArithmeticError):
            result = careful(one, two)
            if dtype is narrow:
                result = one_to_float32(result)
        made = new(Single)
        made.number = result
        made.dtype = dtype
        return made

    return kernel


def _short_ways(rule: Rule) -> tuple[DType | None, DType | None]:
    """Return the dtype of single numbers that a rule's kernel rounds, and of those it does not."""
    if rule.result != "same":
        return None, None
    return dtypes.float32, dtypes.float64


def reflected(rule: Rule) -> Callable[[Any, Any], Array]:
    """Return the kernel with its operands the other way round."""
    kernel = binary(rule)
    return lambda input, other: kernel(other, input)


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

    __neg__ = unary(UNARY["neg"])
    __abs__ = unary(UNARY["abs"])
    __invert__ = unary(UNARY["bitwise_not"])
    __add__ = binary(BINARY["add"])
    __radd__ = reflected(BINARY["add"])
    __sub__ = binary(BINARY["sub"])
    __rsub__ = reflected(BINARY["sub"])
    __mul__ = binary(BINARY["mul"])
    __rmul__ = reflected(BINARY["mul"])
    __truediv__ = binary(BINARY["div"])
    __rtruediv__ = reflected(BINARY["div"])
    __floordiv__ = binary(BINARY["floor_divide"])
    __rfloordiv__ = reflected(BINARY["floor_divide"])
    __mod__ = binary(BINARY["remainder"])
    __rmod__ = reflected(BINARY["remainder"])
    __pow__ = binary(BINARY["pow"])
    __rpow__ = reflected(BINARY["pow"])
    __and__ = binary(BINARY["bitwise_and"])
    __rand__ = reflected(BINARY["bitwise_and"])
    __or__ = binary(BINARY["bitwise_or"])
    __ror__ = reflected(BINARY["bitwise_or"])
    __xor__ = binary(BINARY["bitwise_xor"])
    __rxor__ = reflected(BINARY["bitwise_xor"])
    __lshift__ = binary(BINARY["bitwise_left_shift"])
    __rlshift__ = reflected(BINARY["bitwise_left_shift"])
    __rshift__ = binary(BINARY["bitwise_right_shift"])
    __rrshift__ = reflected(BINARY["bitwise_right_shift"])
    __lt__ = binary(BINARY["lt"])
    __le__ = binary(BINARY["le"])
    __gt__ = binary(BINARY["gt"])
    __ge__ = binary(BINARY["ge"])
    __eq__ = binary(BINARY["eq"])  # type: ignore[assignment]
    __ne__ = binary(BINARY["ne"])  # type: ignore[assignment]


class View(Array):
    """An array that was cut from another one, whose storage it has."""

    __slots__ = ()


class Single(Array):
    """A real number that a kernel has computed: an array once its storage is asked for.

    Most never are, and a list, three attributes and an object for the collector are saved.
    """

    __slots__ = ()
    shape = stride = ()
    offset = 0
    if TYPE_CHECKING:

        @property
        def number(self) -> float: ...
        @number.setter
        def number(self, value: float) -> None: ...

    @property
    def storage(self) -> list[Any]:  # type: ignore[override]
        """The storage, made now: this is an array like any other from now on."""
        with _making:
            if type(self) is Single:
                _set_storage(self, [self.number])
                _set_offset(self, 0)
                _set_shape(self, ())
                array: Any = self
                array.__class__ = Array
                array.stride = ()  # where the number was: last, as other threads read that
        return self.storage

    def __reduce__(self) -> tuple[Any, ...]:
        return Array, ([self.number], (), (), 0, self.dtype)


# The number is in the slot that nobody reads of a single element.
Single.number = Array.__dict__["stride"]  # type: ignore[method-assign]
_set_storage, _set_offset, _set_shape = [
    Array.__dict__[name].__set__ for name in ("storage", "offset", "shape")
]
_making = Lock()
_ARRAYS = frozenset((Array, View))


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


@lru_cache(maxsize=64, typed=True)
def _kept_number(value: Any, dtype: DType) -> Array:
    return number(value, dtype)


def _operand(value: Any, dtype: DType) -> Array:
    """Return a Python number as an operand, which is only read: most come again and again."""
    # Zeros are equal whatever their sign.
    return _kept_number(value, dtype) if value else number(value, dtype)


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
        input = _operand(input, other.dtype)
    elif not isinstance(other, Array):
        other = _operand(other, input.dtype)
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
