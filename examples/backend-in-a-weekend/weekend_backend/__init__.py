"""A backend for autograd_core, written in a weekend: the required functions, over plain lists.

Every op of torch that the engine knows runs on it, since all else is derived from these. Nothing
here is fast, and nothing needs to be.
"""

from __future__ import annotations

import builtins
import cmath
import functools
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from autograd_core import dtypes
from autograd_core.backend import Backend
from autograd_core.dtypes import DType
from autograd_core.sizes import (
    broadcast_shapes,
    dense_strides_like,
    is_contiguous,
    strides_in_order,
    view_strides,
)

from .array import Array, Shape, View, blank, new
from .numbers import BINARY, COMPARISONS, PARTS, TESTS, UNARY, polygamma

Kind = Callable[[DType], DType]


# Pointwise functions ----------------------------------------------------------------------------


def _arrays(operands: Sequence[Any]) -> list[Array]:
    """The operands, Python numbers among them as arrays of the others' dtype."""
    dtype = next(o.dtype for o in reversed(operands) if isinstance(o, Array))
    return [o if isinstance(o, Array) else new([o], (), dtype) for o in operands]


def _mapped(function: Callable[..., Any], operands: Sequence[Array], dtype: DType) -> Array:
    """A function of every element; the result is laid out as its operands are."""
    shape = tuple(broadcast_shapes(*[operand.shape for operand in operands]))
    operands = [operand.expanded(shape) for operand in operands]
    strides = strides_in_order(shape, [operand.strides for operand in operands])
    values = [function(*row) for row in zip(*[operand.read() for operand in operands])]
    return new(values, shape, dtype, tuple(strides))


def _method(function: Callable[..., Any], kind: Kind) -> Callable[..., Array]:
    def method(self: WeekendBackend, *operands: Any) -> Array:
        arrays = _arrays(operands)
        return _mapped(function, arrays, kind(arrays[0].dtype))

    return method


def _reduction(function: Callable[[list[Any], DType], Any], kind: Kind) -> Callable[..., Array]:
    def method(
        self: WeekendBackend, input: Array, dim: Sequence[int] | int, keepdim: bool = False
    ) -> Array:
        dims = (dim,) if isinstance(dim, int) else tuple(dim)
        values = [function(line, input.dtype) for line in _lines(input, dims)]
        left = [
            1 if d in dims else n for d, n in enumerate(input.shape) if keepdim or d not in dims
        ]
        return new(values, left, kind(input.dtype))

    return method


def _lines(input: Array, dims: Sequence[int]) -> Iterator[list[Any]]:
    """For each place of the other dims the elements along ``dims``."""
    if not input.shape:
        yield input.read()
        return
    kept = [d for d in range(len(input.shape)) if d not in dims]
    order = [*kept, *dims]
    turned = input.view(
        [input.shape[d] for d in order], [input.strides[d] for d in order], input.offset
    )
    values = turned.read()
    size = math.prod(input.shape[d] for d in dims)
    for k in range(math.prod(input.shape[d] for d in kept)):
        yield values[k * size : (k + 1) * size]


def _along(input: Array, dim: int, lines: Sequence[Sequence[Any]], dtype: DType) -> Array:
    """The array of a shape whose elements along a dim are the lines."""
    if not input.shape:
        return new(lines[0], (), dtype)
    shape = [n for d, n in enumerate(input.shape) if d != dim] + [input.shape[dim]]
    made = new([value for line in lines for value in line], shape, dtype)
    order = list(range(len(shape) - 1))
    order.insert(dim, len(shape) - 1)
    turned = made.view([shape[d] for d in order], [made.strides[d] for d in order], 0)
    return new(turned.read(), turned.shape, dtype)


def _sum(line: list[Any], dtype: DType) -> Any:
    if len(line) < 6 and dtype.category > 1:  # torch adds up so few one by one, in this order
        return sum(line[:1] + line[4:] + line[1:4])
    if dtype.category == 2:
        try:
            return math.fsum(line)
        except (OverflowError, ValueError):
            return sum(line)
    return any(line) if dtype.category == 0 else sum(line)


def _prod(line: list[Any], dtype: DType) -> Any:
    return all(line) if dtype.category == 0 else functools.reduce(operator.mul, line, 1)


def _first(line: list[Any], better: Callable[[Any, Any], bool]) -> int:
    """Where the best element is; a NaN is better than all."""
    best = 0
    for place, value in enumerate(line):
        if line[best] == line[best] and (better(value, line[best]) or value != value):
            best = place
    return best


def _running(input: Array, dim: int, better: Callable[[Any, Any], bool]) -> tuple[Array, Array]:
    places = []
    lines = list(_lines(input, (dim,)))
    for line in lines:
        best, found = 0, []
        for place, value in enumerate(line):
            if value != value or (line[best] == line[best] and better(value, line[best])):
                best = place
            found.append(best)
        places.append(found)
    values = [[line[place] for place in found] for line, found in zip(lines, places)]
    return _along(input, dim, values, input.dtype), _along(input, dim, places, dtypes.int64)


def _same(dtype: DType) -> DType:
    return dtype


def _bool(dtype: DType) -> DType:
    return dtypes.bool_


def _int64(dtype: DType) -> DType:
    return dtypes.int64


class WeekendBackend(Backend):
    """The required functions on lists of Python numbers."""

    name: ClassVar[str] = "weekend"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "special"})

    # Arrays -----------------------------------------------------------------------------------

    def dtype(self, input: Array) -> DType:
        return input.dtype

    def native_dtype(self, dtype: DType) -> Any:
        return dtype

    def cast(self, input: Array, dtype: DType) -> Array:
        if input.dtype is dtype:
            return input
        strides = dense_strides_like(input.shape, input.strides)
        return new(input.read(), input.shape, dtype, tuple(strides))

    def scalar(self, value: Any, dtype: DType) -> Array:
        return new([value], (), dtype)

    def full(self, shape: Sequence[int], value: Any, dtype: DType) -> Array:
        return new([value] * math.prod(shape), shape, dtype)

    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Array:
        return blank(tuple(shape), tuple(stride), dtype)

    def arange(self, start: Any, step: Any, count: int, dtype: DType) -> Array:
        if dtype.category == 1:
            start, step = int(start), int(step)
        return new([start + i * step for i in range(count)], (count,), dtype)

    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Array:
        return new(values, shape, dtype)

    def to_flat(self, input: Array) -> list[Any]:
        return input.read()

    def own(self, input: Array) -> Array:
        return input

    def is_whole(self, input: Array) -> bool:
        # Two references to its list: the array's own and the argument of the call.
        return type(input) is Array and sys.getrefcount(input.storage) == 2

    def is_cut(self, input: Array) -> bool:
        return type(input) is View

    def storage_identity(self, input: Array) -> int:
        return id(input.storage)

    def strides(self, input: Array) -> Shape:
        return input.strides

    def storage_offset(self, input: Array) -> int:
        return input.offset

    def storage_size(self, input: Array) -> int:
        return len(input.storage) // (1 + input.dtype.is_complex)

    def data_ptr(self, input: Array) -> int:
        return (
            0
            if 0 in input.shape
            else (id(input.storage) << 40) + input.offset * input.dtype.itemsize
        )

    def copy_(self, input: Array, source: Array) -> None:
        input.write(source.expanded(input.shape).read())

    def clone(self, input: Array) -> Array:
        strides = dense_strides_like(input.shape, input.strides)
        return new(input.read(), input.shape, input.dtype, tuple(strides))

    def contiguous(self, input: Array) -> Array:
        whole = is_contiguous(input.shape, input.strides)
        return input if whole else new(input.read(), input.shape, input.dtype)

    # Views ------------------------------------------------------------------------------------

    def as_strided(
        self, input: Array, size: Sequence[int], stride: Sequence[int], storage_offset: int
    ) -> Array:
        return input.view(size, stride, storage_offset)

    def view(self, input: Array, shape: Sequence[int]) -> Array:
        strides = view_strides(input.shape, input.strides, tuple(shape))
        if strides is None:
            raise ValueError(f"shape {shape} needs a copy")
        return input.view(shape, strides, input.offset)

    def permute(self, input: Array, dims: Sequence[int]) -> Array:
        shape = [input.shape[d] for d in dims]
        return input.view(shape, [input.strides[d] for d in dims], input.offset)

    def expand(self, input: Array, size: Sequence[int]) -> Array:
        return input.expanded(tuple(size))

    def select(self, input: Array, dim: int, index: int) -> Array:
        shape, strides = list(input.shape), list(input.strides)
        del shape[dim], strides[dim]
        return input.view(shape, strides, input.offset + index * input.strides[dim])

    def slice(self, input: Array, dim: int, start: int, end: int, step: int) -> Array:
        shape, strides = list(input.shape), list(input.strides)
        shape[dim] = len(range(start, end, step))
        strides[dim] *= step
        return input.view(shape, strides, input.offset + start * input.strides[dim])

    def _part(self, input: Array, imaginary: int) -> Array:
        strides = tuple(2 * s for s in input.strides)
        offset = 2 * input.offset + imaginary
        return View(input.storage, input.shape, strides, offset, input.dtype.to_real())

    def real(self, input: Array) -> Array:
        return self._part(input, 0)

    def imag(self, input: Array) -> Array:
        return self._part(input, 1)

    def view_as_real(self, input: Array) -> Array:
        real = self._part(input, 0)
        return real.view((*real.shape, 2), (*real.strides, 1), real.offset)

    def view_as_complex(self, input: Array) -> Array:
        strides = tuple(s // 2 for s in input.strides[:-1])
        dtype = input.dtype.to_complex()
        return View(input.storage, input.shape[:-1], strides, input.offset // 2, dtype)

    # Pointwise: those that are not in the tables ------------------------------------------------

    def where(self, condition: Array, input: Array, other: Array) -> Array:
        input, other = _arrays([input, other])
        return _mapped(lambda c, x, y: x if c else y, [condition, input, other], input.dtype)

    def nextafter(self, input: Array, other: Array) -> Array:
        if input.dtype is not dtypes.float64:
            raise NotImplementedError("backend 'weekend' has nextafter for float64 only")
        return _mapped(math.nextafter, [input, other], input.dtype)

    def complex(self, real: Array, imag: Array) -> Array:
        return _mapped(complex, [real, imag], real.dtype.to_complex())

    def polygamma(self, n: int, input: Array) -> Array:
        return _mapped(functools.partial(polygamma, n), [input], input.dtype)

    # Reductions along a dim -----------------------------------------------------------------------

    sum = _reduction(_sum, _same)
    prod = _reduction(_prod, _same)
    any = _reduction(lambda line, _: any(line), _bool)
    all = _reduction(lambda line, _: all(line), _bool)
    amax = _reduction(lambda line, _: line[_first(line, operator.gt)], _same)
    amin = _reduction(lambda line, _: line[_first(line, operator.lt)], _same)
    argmax = _reduction(lambda line, _: _first(line, operator.gt), _int64)
    argmin = _reduction(lambda line, _: _first(line, operator.lt), _int64)

    def _accumulated(self, input: Array, dim: int, function: Callable[..., Any]) -> Array:
        lines = [list(itertools.accumulate(line, function)) for line in _lines(input, (dim,))]
        return _along(input, dim, lines, input.dtype)

    def cumsum(self, input: Array, dim: int) -> Array:
        return self._accumulated(input, dim, operator.add)

    def cumprod(self, input: Array, dim: int) -> Array:
        return self._accumulated(input, dim, operator.mul)

    def cummax(self, input: Array, dim: int) -> tuple[Array, Array]:
        return _running(input, dim, operator.ge)

    def cummin(self, input: Array, dim: int) -> tuple[Array, Array]:
        return _running(input, dim, operator.le)

    def sort(self, input: Array, dim: int, descending: bool = False) -> tuple[Array, Array]:
        lines = list(_lines(input, (dim,)))
        orders = []
        for line in lines:
            keys = [(value != value, 0 if value != value else value) for value in line]
            orders.append(sorted(range(len(line)), key=keys.__getitem__, reverse=descending))
        values = [[line[k] for k in order] for line, order in zip(lines, orders)]
        return _along(input, dim, values, input.dtype), _along(input, dim, orders, dtypes.int64)

    def searchsorted(self, sorted_sequence: Array, input: Array, right: bool) -> Array:
        sequences = list(_lines(sorted_sequence, (len(sorted_sequence.shape) - 1,)))
        found = []
        queries = (
            [input.read()] if len(sequences) == 1 else list(_lines(input, (len(input.shape) - 1,)))
        )
        for sequence, wanted in zip(sequences, queries):
            for value in wanted:
                after = operator.le if right else operator.lt
                found.append(builtins.sum(after(x, value) or value != value for x in sequence))
        return new(found, input.shape, dtypes.int64)

    # Movement and indexing ----------------------------------------------------------------------

    def cat(self, tensors: Sequence[Array], dim: int) -> Array:
        shape = list(tensors[0].shape)
        shape[dim] = builtins.sum(tensor.shape[dim] for tensor in tensors)
        made = new([0] * math.prod(shape), shape, tensors[0].dtype)
        start = 0
        for tensor in tensors:
            self.slice(made, dim, start, start + tensor.shape[dim], 1).write(tensor.read())
            start += tensor.shape[dim]
        return made

    def flip(self, input: Array, dims: Sequence[int]) -> Array:
        strides, offset = list(input.strides), input.offset
        for dim in dims:
            offset += (input.shape[dim] - 1) * strides[dim] if input.shape[dim] else 0
            strides[dim] = -strides[dim]
        made = blank(
            input.shape, tuple(dense_strides_like(input.shape, input.strides)), input.dtype
        )
        made.write(input.view(input.shape, strides, offset).read())
        return made

    def _named(self, input: Array, dim: int, index: Array) -> list[tuple[int, ...]]:
        """The place in ``input`` that each element of ``index`` names along ``dim``."""
        if not input.shape:
            return [()] * len(index.read())
        places = itertools.product(*map(range, index.shape))
        return [(*p[:dim], i, *p[dim + 1 :]) for p, i in zip(places, index.read())]

    def gather(self, input: Array, dim: int, index: Array) -> Array:
        flat, values = _flat(input), input.read()
        found = [values[flat(place)] for place in self._named(input, dim, index)]
        return new(found, index.shape, input.dtype)

    def _scattered(
        self, input: Array, dim: int, index: Array, src: Array, function: Callable[..., Any]
    ) -> Array:
        flat, values = _flat(input), input.read()
        if index.shape and src.shape:
            src = src.view(index.shape, src.strides, src.offset)
        for place, value in zip(self._named(input, dim, index), src.read()):
            values[flat(place)] = function(values[flat(place)], value)
        return new(values, input.shape, input.dtype)

    def scatter(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        return self._scattered(input, dim, index, src, lambda old, value: value)

    def scatter_add(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        return self._scattered(input, dim, index, src, BINARY["add"])

    def scatter_reduce(
        self, input: Array, dim: int, index: Array, src: Array, reduce: str, include_self: bool
    ) -> Array:
        names = {"sum": "add", "mean": "add", "prod": "mul", "amax": "maximum", "amin": "minimum"}
        function = BINARY[names[reduce]]
        counts: dict[int, int] = {}
        flat, values = _flat(input), input.read()
        if index.shape and src.shape:
            src = src.view(index.shape, src.strides, src.offset)
        for place, value in zip(self._named(input, dim, index), src.read()):
            k = flat(place)
            fresh = k not in counts and not include_self
            values[k] = value if fresh else function(values[k], value)
            counts[k] = counts.get(k, int(include_self)) + 1
        if reduce == "mean":
            for k, count in counts.items():
                values[k] = values[k] / count if input.dtype.is_inexact else values[k] // count
        return new(values, input.shape, input.dtype)

    def index_select(self, input: Array, dim: int, index: Array) -> Array:
        if not input.shape:
            return new(input.read() * len(index.read()), (), input.dtype)
        parts = [self.slice(input, dim, i, i + 1, 1) for i in index.read()]
        if parts:
            return self.cat(parts, dim)
        return new([], [0 if d == dim else n for d, n in enumerate(input.shape)], input.dtype)

    def index(self, input: Array, indices: Sequence[Array | None]) -> Array:
        shape, places = _chosen(input, indices)
        values = input.read()
        return new([values[place] for place in places], shape, input.dtype)

    def index_put(
        self, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        shape, places = _chosen(input, indices)
        result = input.read()
        for place, value in zip(places, values.expanded(shape).read()):
            result[place] = BINARY["add"](result[place], value) if accumulate else value
        return new(result, input.shape, input.dtype)

    def nonzero(self, input: Array) -> Array:
        places = itertools.product(*map(range, input.shape))
        found = [place for place, value in zip(places, input.read()) if value]
        flat = [number for place in found for number in place]
        return new(flat, (len(found), len(input.shape)), dtypes.int64)

    # Matrix products ----------------------------------------------------------------------------

    def mm(self, input: Array, mat2: Array) -> Array:
        rows, columns = list(_lines(input, (1,))), list(_lines(mat2, (0,)))
        values = [
            _sum([BINARY["mul"](x, y) for x, y in zip(row, column)], input.dtype)
            for row in rows
            for column in columns
        ]
        return new(values, (input.shape[0], mat2.shape[1]), input.dtype)

    def mv(self, input: Array, vec: Array) -> Array:
        # Derived, it would be cut from what `mm` gives, which the engine could not take over.
        product = self.mm(input, self.view(vec, (vec.shape[0], 1)))
        return new(product.read(), input.shape[:1], input.dtype)

    def bmm(self, input: Array, mat2: Array) -> Array:
        batch = range(input.shape[0])
        products = [self.mm(self.select(input, 0, k), self.select(mat2, 0, k)) for k in batch]
        shape = (input.shape[0], input.shape[1], mat2.shape[2])
        return new([v for product in products for v in product.read()], shape, input.dtype)

    # The capability "fft" -----------------------------------------------------------------------

    def dft(self, input: Array, rank: int, normalization: int, forward: bool) -> Array:
        result = input
        for dim in range(len(input.shape) - rank, len(input.shape)):
            lines = [_transformed(line, forward) for line in _lines(result, (dim,))]
            result = _along(result, dim, lines, input.dtype)
        count = math.prod(input.shape[len(input.shape) - rank :])
        factor = (1.0, 1 / math.sqrt(count), 1 / count)[normalization]
        return _mapped(lambda z: z * factor, [result], input.dtype)


def _transformed(line: Sequence[complex], forward: bool) -> list[complex]:
    """The Fourier transform of a line, by its definition."""
    n = len(line)
    turn = (-2j if forward else 2j) * math.pi / n
    roots = [cmath.exp(turn * k) for k in range(n)]
    return [
        complex(
            math.fsum((z * roots[j * k % n]).real for j, z in enumerate(line)),
            math.fsum((z * roots[j * k % n]).imag for j, z in enumerate(line)),
        )
        for k in range(n)
    ]


def _flat(input: Array) -> Callable[[tuple[int, ...]], int]:
    """Row-major numbers of places."""

    def number(place: tuple[int, ...]) -> int:
        result = 0
        for index, size in zip(place, input.shape):
            result = result * size + index
        return result

    return number


def _chosen(input: Array, indices: Sequence[Array | None]) -> tuple[Shape, list[int]]:
    """The shape of ``input[indices]`` and the row-major numbers of its elements."""
    indices = [*indices, *[None] * (len(input.shape) - len(indices))]
    named = [d for d, index in enumerate(indices) if index is not None]
    arrays = [index for index in indices if index is not None]
    common = tuple(broadcast_shapes(*[array.shape for array in arrays])) if arrays else ()
    picks = list(zip(*[array.expanded(common).read() for array in arrays])) if arrays else [()]
    adjacent = not named or named == list(range(named[0], named[-1] + 1))
    split = named[0] if named and adjacent else 0
    before = [d for d in range(split) if d not in named]
    after = [d for d in range(split, len(input.shape)) if d not in named]
    flat = _flat(input)
    places = []
    for front in itertools.product(*[range(input.shape[d]) for d in before]):
        for pick in picks:
            for back in itertools.product(*[range(input.shape[d]) for d in after]):
                place = dict(zip([*before, *named, *after], [*front, *pick, *back]))
                places.append(flat(tuple(place[d] for d in range(len(input.shape)))))
    sizes = [input.shape[d] for d in before], [input.shape[d] for d in after]
    return (*sizes[0], *common, *sizes[1]), places


_TABLES: tuple[tuple[dict[str, Callable[..., Any]], Kind], ...] = (
    (UNARY, _same),
    (BINARY, _same),
    (TESTS, _bool),
    (COMPARISONS, _bool),
    (PARTS, DType.to_real),
)
for _table, _kind in _TABLES:
    for _name, _function in _table.items():
        setattr(WeekendBackend, _name, _method(_function, _kind))


# Formulas use the operators of arrays, with arrays and with Python numbers ------------------------

_OPERATORS = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "pow",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
    "lshift": "bitwise_left_shift",
    "rshift": "bitwise_right_shift",
}


def _operator(name: str, kind: Kind, reflected: bool = False) -> Callable[[Array, Any], Array]:
    function = (BINARY | COMPARISONS)[name]

    def operate(self: Array, other: Any) -> Array:
        pair = _arrays([other, self] if reflected else [self, other])
        return _mapped(function, pair, kind(self.dtype))

    return operate


for _symbol, _name in _OPERATORS.items():
    setattr(Array, f"__{_symbol}__", _operator(_name, _same))
    setattr(Array, f"__r{_symbol}__", _operator(_name, _same, reflected=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Array, f"__{_name}__", _operator(_name, _bool))
for _symbol, _name in {"neg": "neg", "invert": "bitwise_not"}.items():
    setattr(Array, f"__{_symbol}__", lambda self, f=UNARY[_name]: _mapped(f, [self], self.dtype))
Array.__abs__ = lambda self: _mapped(abs, [self], self.dtype.to_real())  # type: ignore[attr-defined]
