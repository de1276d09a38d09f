"""The strided array: a shape and strides over a shared list of Python numbers.

A storage is a ``list``; complex elements are two floats in it, real part first, so that ``real``
and ``imag`` are plain views. Lists beat ``array.array`` by about two here, as no number is boxed
again when it is read; a list of results is rounded to its dtype by one pass through C.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import neg
from threading import Lock
from types import FunctionType
from typing import Any

from autograd_core import dtypes
from autograd_core.dtypes import DType

from .layout import Runs, Shape, gather, plan, put, row_major, runs_of
from .rounding import ROUND_RESULT, ROUNDING, convert, to_float32
from .scalars import BINARY, UNARY, Rule


def kernel_of(rule: Rule, *names: str) -> Callable[..., Array]:
    """Return a rule's kernel, which takes single floats the short way.

    It compiles itself when it is first called, and has the interpreter's inline caches to itself.

    Args:
        rule: what to compute.
        names: of the operands, one or two, of which one may be a Python number; after ``self``.
    """
    operands = names[names[0] == "self" :]

    def compile_() -> None:
        found: dict[str, Any] = {}
        scope.update(
            Single=Single,
            arrays=_ARRAYS,
            careful=rule.careful[2],
            float32=dtypes.float32,
            float64=dtypes.float64,
            function=rule.fast[2],
            place=memoryview(bytearray(4)).cast("f"),
            pointwise=pointwise1 if len(operands) == 1 else pointwise2,
            rule=rule,
            to_float32=to_float32,
        )
        exec(f"def kernel({', '.join(names)}):\n{_lines(rule, operands)}", scope, found)
        kernel.__code__ = found["kernel"].__code__

    scope: dict[str, Any] = {"compile_": compile_}
    count = len(names)
    code = _first.__code__.replace(co_argcount=count, co_nlocals=count, co_varnames=names)
    scope["kernel"] = kernel = FunctionType(code, scope)
    kernel.__annotations__ = dict.fromkeys((*operands, "return"), "Array")
    return kernel


def _first() -> Any:
    compile_()  # type: ignore[name-defined]  # noqa: F821 - globals of the function it becomes
    return kernel(*locals().values())  # type: ignore[name-defined]  # noqa: F821


def _lines(rule: Rule, names: tuple[str, ...]) -> str:
    numbers = [f"{name}_number" for name in names]
    given, values = ", ".join(names), ", ".join(numbers)
    if rule.result == "bool":
        return f" return pointwise(rule, {given})"
    lines = []
    for name, number in zip(names, numbers, strict=True):
        lines += [
            f" if type({name}) is Single:",
            f"  {number} = {name}.number",
            f" elif type({name}) not in arrays or {name}.shape or"
            f" {name}.dtype is not float64 and {name}.dtype is not float32:",
            f"  return pointwise(rule, {given})",
            " else:",
            f"  {number} = {name}.storage[{name}.offset]",
        ]
    lines += [
        f" dtype = {names[0]}.dtype",
        f" try: result = {rule.text.format(*numbers) or f'function({values})'}",
        f" except (ValueError, ArithmeticError): result = careful({values})",
    ]
    if not rule.exact and rule.fast[2] not in (abs, neg):
        lines.append(f" if dtype is float32: {ROUND_RESULT}")
    lines += [" made = Single()", " made.number = result", " made.dtype = dtype", " return made"]
    return "\n".join(lines)


class Array:
    """A strided view of a storage. ``stride`` and ``offset`` count elements of ``dtype``."""

    __slots__ = ("dtype", "number", "offset", "shape", "storage", "stride")
    number: float
    """What a ``Single`` holds."""
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


class View(Array):
    """An array that was cut from another one, whose storage it has."""

    __slots__ = ()


class Single(Array):
    """A float32 or float64 number: an array once its storage is asked for.

    Most never are, and a list, three attributes and an object for the collector are saved.
    """

    __slots__ = ()
    __init__ = object.__init__  # nothing to call when one is made
    shape = stride = ()
    offset = 0

    @property
    def storage(self) -> list[Any]:  # type: ignore[override]
        """The storage, made now: this is an array like any other from now on."""
        with _making:
            if type(self) is Single:
                array: Any = self
                facts = {"storage": [self.number], "shape": (), "stride": (), "offset": 0}
                for name, value in facts.items():
                    Array.__dict__[name].__set__(array, value)
                array.__class__ = Array  # last, as other threads may read it
        return self.storage

    def elements(self, runs: Runs | None = None) -> list[Any]:
        """The number, as often as there are elements along the runs."""
        return gather([self.number], 0, runs or ())

    def __reduce__(self) -> tuple[Any, ...]:
        return Array, ([self.number], (), (), 0, self.dtype)


_making = Lock()
_ARRAYS = frozenset((Array, View))


def _reflected(kernel: Callable[[Any, Any], Array]) -> Callable[[Any, Any], Array]:
    return lambda input, other: kernel(other, input)


for _symbol, _name in {"neg": "neg", "abs": "abs", "invert": "bitwise_not"}.items():
    setattr(Array, f"__{_symbol}__", kernel_of(UNARY[_name], "input"))
for _symbol, _name in {
    **{name: name for name in ("add", "sub", "mul", "pow", "lt", "le", "gt", "ge", "eq", "ne")},
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}.items():
    _kernel = kernel_of(BINARY[_name], "input", "other")
    setattr(Array, f"__{_symbol}__", _kernel)
    if BINARY[_name].result == "same":
        setattr(Array, f"__r{_symbol}__", _reflected(_kernel))


def nested(values: Sequence[Any], shape: Shape) -> Any:
    """Return row-major values as nested lists."""
    if not shape:
        return values[0]
    size = math.prod(shape[1:])
    return [nested(values[row * size : (row + 1) * size], shape[1:]) for row in range(shape[0])]


def new(
    values: list[Any],
    shape: Shape,
    dtype: DType,
    stride: Shape | None = None,
    exact: bool = False,
) -> Array:
    """Return an array of elements of ``dtype``, rounded here, in row-major order.

    With ``stride``, the dense strides of the result, values are in the order of the storage; if
    ``exact`` they are elements of the dtype as they are. The list becomes the storage: give away a
    fresh one.
    """
    if dtype.category == 3:
        values = interleave([v.real for v in values], [v.imag for v in values])
    rounding = None if exact else ROUNDING[dtype]
    if rounding is not None:
        values = rounding(values)
    if shape or (dtype is not dtypes.float64 and dtype is not dtypes.float32):
        return Array(values, shape, row_major(shape) if stride is None else stride, 0, dtype)
    made: Single = Single()
    (made.number,) = values
    made.dtype = dtype
    return made


def exactly(values: list[Any], shape: Shape, dtype: DType) -> Array:
    """Return a contiguous array of values that are elements of ``dtype`` as they are."""
    return new(values, shape, dtype, None, True)


def number(value: Any, dtype: DType) -> Array:
    """Return a 0-d array of a Python number."""
    return new(
        [value] if type(value) is float and dtype.category == 2 else convert([value], dtype),
        (),
        dtype,
    )


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
    return new(values, shape, dtype, stride, rule.exact)


def pointwise1(rule: Rule, input: Array) -> Array:
    """Return a rule's function of every element."""
    dtype = input.dtype
    category = dtype.category
    function = rule.fast[category]
    if not input.shape and category < 3:
        (value,) = input.elements(())
        try:
            value = function(value)
        except (ValueError, ArithmeticError):
            value = rule.careful[category](value)
        return finish(rule, [value], (), (), dtype)
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
        (one,), (two,) = input.elements(()), other.elements(())
        try:
            value = function(one, two)
        except (ValueError, ArithmeticError):
            value = rule.careful[category](one, two)
        return finish(rule, [value], (), (), dtype)
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
