"""Reading and writing elements that index arrays name.

The standard reads by one index array (``take``) and writes by none. Here every index becomes
row-major places, read by one ``take``; what is written is sorted by place, so that every element
of the result can look up what came to it: first comes first, in the order that torch adds in.
Dims behind the last one that is indexed stay whole: a place is then that of a row of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd_core import dtypes
from autograd_core.dtypes import DType
from autograd_core.sizes import broadcast_shapes, numel, row_major

from .array import Array
from .values import Values, wide

Native = Any
Shape = tuple[int, ...]
Combine = Callable[[Native, Native], Native]

_COMBINE = {"sum": "add", "mean": "add", "prod": "multiply", "amax": "maximum", "amin": "minimum"}
_OF_BOOL = {"add": "logical_or", "multiply": "logical_and"}


class _Arrivals(NamedTuple):
    """What comes to each element of a 1-d array, or to each row of a 2-d one."""

    order: Native
    """The values' places, sorted by what they come to."""
    starts: Native
    """For each element where in ``order`` its own begin."""
    counts: Native
    """How many they are."""


class Indexing(Values):
    """Gathering, scattering, advanced indexing and search."""

    def _flat(self, value: Native) -> Native:
        return self.xp.reshape(value, (-1,))

    def _number64(self, value: int) -> Native:
        return self.number(value, dtypes.int64)

    def _along(self, count: int, step: int, trailing: int) -> Native:
        """Places 0, step ... of a dim that has so many dims after it."""
        places = self.xp.multiply(self.positions(count), self._number64(step))
        return self.xp.reshape(places, (count,) + (1,) * trailing)

    def _named(self, shape: Shape, dim: int, index: Native) -> Native:
        """The places, in an array of ``shape``, of what ``index`` names along a dim; 1-d."""
        if not shape:
            return self._flat(self.xp.multiply(index, self._number64(0)))
        steps = row_major(shape)
        if not index.shape:
            index = self.xp.reshape(index, (1,))
        places = self.xp.multiply(index, self._number64(steps[dim]))
        for d, count in enumerate(index.shape):
            if d != dim and count > 1:
                along = self._along(count, steps[d], len(shape) - d - 1)
                places = self.xp.add(places, along)
        return self._flat(places)

    def gather(self: Any, input: Array, dim: int, index: Array) -> Array:
        if not numel(index.shape):
            return self.full(index.shape, 0, input.dtype)  # type: ignore[no-any-return]
        places = self._named(input.shape, dim, index.value)
        taken = self.xp.take(self._flat(input.value), places, axis=0)
        return self.new(self.xp.reshape(taken, index.shape), input.dtype)  # type: ignore[no-any-return]

    def index_select(self, input: Array, dim: int, index: Array) -> Array:
        if not input.shape:
            return self.new(input.value, input.dtype)
        places = self._flat(index.value)
        return self.new(self.xp.take(input.value, places, axis=dim), input.dtype)

    # Writing ------------------------------------------------------------------------------------

    def _arrivals(self, places: Native, count: int) -> _Arrivals:
        xp = self.xp
        order = xp.argsort(places, axis=0, stable=True)
        ordered = xp.take(places, order, axis=0)
        elements = self.positions(count)
        starts = xp.searchsorted(ordered, elements, side="left")
        ends = xp.searchsorted(ordered, elements, side="right")
        starts, ends = (xp.astype(found, self.natives[dtypes.int64]) for found in (starts, ends))
        return _Arrivals(order, starts, xp.subtract(ends, starts))

    def _arrival(self, values: Native, arrivals: _Arrivals, places: Native) -> Native:
        """For each element the value at a place in the sorted ones; any where there is none."""
        xp = self.xp
        last = self._number64(values.shape[0] - 1)
        places = xp.maximum(xp.minimum(places, last), self._number64(0))
        return xp.take(values, xp.take(arrivals.order, places, axis=0), axis=0)

    def _where(self, present: Native, made: Native, flat: Native) -> Native:
        """Elements or rows of one array where there are any, else those of the other."""
        xp = self.xp
        return xp.where(present if flat.ndim == 1 else xp.expand_dims(present, axis=1), made, flat)

    def overwritten(self, flat: Native, places: Native, values: Native) -> Native:
        """A copy with elements or rows written at places, the last one winning."""
        xp = self.xp
        arrivals = self._arrivals(places, flat.shape[0])
        ends = xp.add(arrivals.starts, arrivals.counts)
        last = self._arrival(values, arrivals, xp.subtract(ends, self._number64(1)))
        present = xp.greater(ends, arrivals.starts)
        return self._where(present, last, flat)

    def _added_up(
        self, flat: Native, arrivals: _Arrivals, values: Native, combine: Combine, fresh: bool
    ) -> Native:
        """Values combined into elements or rows one by one; ``fresh``: the first one replaces."""
        xp = self.xp
        for k in range(int(xp.max(arrivals.counts)) if flat.shape[0] else 0):
            value = self._arrival(values, arrivals, xp.add(arrivals.starts, self._number64(k)))
            present = xp.greater(arrivals.counts, self._number64(k))
            made = value if fresh and k == 0 else combine(flat, value)
            flat = self._where(present, made, flat)
        return flat

    def _covered(self, index: Array, src: Array) -> Native:
        """The elements of ``src`` that ``index`` covers, 1-d."""
        if index.shape == src.shape or not src.shape:
            return self._flat(src.value)
        if not index.shape:
            return self.xp.cut(src.value, (slice(0, 1),))
        return self._flat(self.xp.cut(src.value, tuple([slice(0, n) for n in index.shape])))

    def scatter(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        if not numel(index.shape):
            return self.new(input.value, input.dtype)
        places = self._named(input.shape, dim, index.value)
        made = self.overwritten(self._flat(input.value), places, self._covered(index, src))
        return self.new(self.xp.reshape(made, input.shape), input.dtype)

    def scatter_add(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        return self.scatter_reduce(input, dim, index, src, "sum", True)

    def scatter_reduce(
        self, input: Array, dim: int, index: Array, src: Array, reduce: str, include_self: bool
    ) -> Array:
        if not numel(index.shape):
            return self.new(input.value, input.dtype)
        places = self._named(input.shape, dim, index.value)
        values, dtype = self._covered(index, src), input.dtype
        flat = self._flat(input.value)
        if reduce == "sum" and include_self:
            made = self._summed_at(flat, places, values, dtype)
            return self.new(self.xp.reshape(made, input.shape), dtype)
        xp, within = self.xp, wide(dtype)
        flat, values = (self.converted(each, dtype, within) for each in (flat, values))
        arrivals = self._arrivals(places, flat.shape[0])
        combine = self._combine(_COMBINE[reduce], dtype)
        made = self._added_up(flat, arrivals, values, combine, not include_self)
        if reduce == "mean":
            counts = arrivals.counts
            if include_self:
                counts = xp.add(counts, self._number64(1))
            counts = xp.maximum(counts, self._number64(1))
            divide = xp.divide if dtype.is_inexact else xp.floor_divide
            made = divide(made, self.converted(counts, dtypes.int64, within))
        made = self.converted(made, within, dtype)
        return self.new(xp.reshape(made, input.shape), dtype)

    def _summed_at(self, flat: Native, places: Native, values: Native, dtype: DType) -> Native:
        """A copy with values added to elements or rows, in their order."""
        within = wide(dtype)
        flat, values = (self.converted(each, dtype, within) for each in (flat, values))
        made = None if dtype is dtypes.bool_ else self.xp.added(flat, places, values)
        if made is None:
            arrivals = self._arrivals(places, flat.shape[0])
            made = self._added_up(flat, arrivals, values, self._combine("add", dtype), False)
        return self.converted(made, within, dtype)

    def _combine(self, name: str, dtype: DType) -> Combine:
        name = _OF_BOOL.get(name, name) if dtype is dtypes.bool_ else name
        return getattr(self.xp, name)  # type: ignore[no-any-return]

    # Index arrays for several dims ----------------------------------------------------------------

    def _places_of(self, shape: Shape, indices: Sequence[Array | None]) -> Native:
        """Row-major places of what indices name, in the shape of the result."""
        xp, steps = self.xp, row_major(shape)
        indices = [*indices, *(None,) * (len(shape) - len(indices))]
        named = [d for d, index in enumerate(indices) if index is not None]
        common = broadcast_shapes(*(index.shape for index in indices if index is not None))
        adjacent = named == list(range(named[0], named[-1] + 1)) if named else True
        rest = [d for d in range(len(shape)) if d not in named]
        split = named[0] if named and adjacent else 0
        before, after = [d for d in rest if d < split], [d for d in rest if d >= split]
        rank = len(rest) + len(common)
        places = self._number64(0)
        for d, index in enumerate(indices):
            if index is not None:
                lined = xp.reshape(index.value, (*index.shape, *(1 for _ in after)))
                places = xp.add(places, xp.multiply(lined, self._number64(steps[d])))
        for d in rest:
            at = before.index(d) if d in before else len(before) + len(common) + after.index(d)
            places = xp.add(places, self._along(shape[d], steps[d], rank - at - 1))
        whole = (*[shape[d] for d in before], *common, *[shape[d] for d in after])
        return places if places.shape == whole else xp.broadcast_to(places, whole)

    def _rows_of(
        self, input: Array, indices: Sequence[Array | None]
    ) -> tuple[Native, Native, Shape]:
        """An array as elements, or as rows of the dims behind the indexed ones.

        Returns it with the places of what is named and the shape of that.
        """
        behind = 1 + max((d for d, index in enumerate(indices) if index is not None), default=-1)
        before, whole = input.shape[:behind], input.shape[behind:]
        places = self._places_of(before, indices[:behind])
        rows = (numel(before), *([numel(whole)] if whole else []))
        return self.xp.reshape(input.value, rows), places, (*places.shape, *whole)

    def index(self: Any, input: Array, indices: Sequence[Array | None]) -> Array:
        rows, places, shape = self._rows_of(input, indices)
        if not numel(shape):
            return self.full(shape, 0, input.dtype)  # type: ignore[no-any-return]
        taken = self.xp.take(rows, self._flat(places), axis=0)
        return self.new(self.xp.reshape(taken, shape), input.dtype)  # type: ignore[no-any-return]

    def index_put(
        self, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        rows, places, shape = self._rows_of(input, indices)
        if not numel(shape):
            return self.new(input.value, input.dtype)
        places = self._flat(places)
        value = self.xp.broadcast_to(values.value, shape)
        value = self.xp.reshape(value, (places.shape[0], *rows.shape[1:]))
        if accumulate:
            made = self._summed_at(rows, places, value, input.dtype)
        else:
            made = self.overwritten(rows, places, value)
        return self.new(self.xp.reshape(made, input.shape), input.dtype)

    def nonzero(self: Any, input: Array) -> Array:
        held = self.cast(input, dtypes.bool_)
        if not input.shape:
            count = int(bool(held.value))
            return self.full((count, 0), 0, dtypes.int64)  # type: ignore[no-any-return]
        if not numel(input.shape):
            return self.full((0, len(input.shape)), 0, dtypes.int64)  # type: ignore[no-any-return]
        found = [self.xp.known(places) for places in self.xp.nonzero(held.value)]
        made = self.xp.stack(found, axis=1)
        return self.new(self.xp.astype(made, self.natives[dtypes.int64]), dtypes.int64)  # type: ignore[no-any-return]

    def searchsorted(self: Any, sorted_sequence: Array, input: Array, right: bool) -> Array:
        xp, int64 = self.xp, self.natives[dtypes.int64]
        if not numel(input.shape) or not numel(sorted_sequence.shape):
            return self.full(input.shape, 0, dtypes.int64)  # type: ignore[no-any-return]
        if len(sorted_sequence.shape) == 1:
            side = "right" if right else "left"
            found = xp.searchsorted(sorted_sequence.value, self._flat(input.value), side=side)
            return self.new(xp.astype(xp.reshape(found, input.shape), int64), dtypes.int64)  # type: ignore[no-any-return]
        # All rows at once: halve the intervals [low, high) until each is empty.
        count = sorted_sequence.shape[-1]
        dim = len(input.shape) - 1
        low = self.full(input.shape, 0, dtypes.int64)
        high = self.full(input.shape, count, dtypes.int64)
        for _ in range(count.bit_length()):
            middle = self.floor_divide(self.add(low, high), 2)
            value = self.gather(sorted_sequence, dim, self.minimum(middle, count - 1))
            beyond = self.gt(value, input) if right else self.ge(value, input)
            open_ = self.lt(low, high)
            above = self.logical_and(self.logical_not(beyond), open_)
            low = self.where(above, self.add(middle, 1), low)
            high = self.where(above, high, self.minimum(high, middle))
        return low  # type: ignore[no-any-return]
