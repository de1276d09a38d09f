"""Reductions over dims, running ones along a dim, and sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd_core import dtypes
from autograd_core.sizes import numel

from .array import Array
from .values import Values

Native = Any

_WIDE = {dtypes.float16: dtypes.float32, dtypes.bfloat16: dtypes.float32}
"""What sums and products of 16-bit floats are computed in before one rounding."""
_EXACT = {**_WIDE, dtypes.float32: dtypes.float64, dtypes.complex64: dtypes.complex128}
"""The same for running ones, where torch widens every floating type on the CPU."""


class Reduction(Values):
    """Sums, extremes, tests, running sums and sorting."""

    def _reduced(
        self, name: str, input: Array, dim: Sequence[int], keepdim: bool, **options: Any
    ) -> Native:
        if not dim:
            return input.value
        return getattr(self.xp, name)(input.value, axis=tuple(dim), keepdims=keepdim, **options)

    def _accumulated(self, name: str, input: Array, dim: Sequence[int], keepdim: bool) -> Array:
        dtype = input.dtype
        wide = _WIDE.get(dtype, dtype)
        native = self.natives[wide]
        if len(dim) == 1 or name == "sum":
            made = self._reduced(name, self.cast(input, wide), dim, keepdim, dtype=native)
        else:  # some libraries take one dim at a time
            input = self.cast(input, wide)
            for d in sorted(dim, reverse=True):
                made = self._reduced(name, input, (d,), keepdim, dtype=native)
                input = self.new(made, wide)
            made = input.value
        return self.new(self.converted(made, wide, dtype), dtype)

    def sum(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        if input.dtype is dtypes.bool_:
            return self.any(input, dim, keepdim)
        return self._accumulated("sum", input, dim, keepdim)

    def prod(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        if input.dtype is dtypes.bool_:
            return self.all(input, dim, keepdim)
        return self._accumulated("prod", input, dim, keepdim)

    def amax(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        if input.dtype is dtypes.bool_:
            return self.any(input, dim, keepdim)
        return self.new(self._reduced("max", input, dim, keepdim), input.dtype)

    def amin(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        if input.dtype is dtypes.bool_:
            return self.all(input, dim, keepdim)
        return self.new(self._reduced("min", input, dim, keepdim), input.dtype)

    def any(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        held = self.cast(input, dtypes.bool_)
        return self.new(self._reduced("any", held, dim, keepdim), dtypes.bool_)

    def all(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        held = self.cast(input, dtypes.bool_)
        return self.new(self._reduced("all", held, dim, keepdim), dtypes.bool_)

    def _ordered(self, input: Array) -> Native:
        """The elements as something that the library orders; bools are 0 and 1."""
        return (self.cast(input, dtypes.uint8) if input.dtype is dtypes.bool_ else input).value

    def _place(self, name: str, input: Array, dim: int, keepdim: bool) -> Array:
        if not input.shape:
            return self.new(self.number(0, dtypes.int64), dtypes.int64)
        made = getattr(self.xp, name)(self._ordered(input), axis=dim, keepdims=keepdim)
        return self.new(self.xp.astype(made, self.natives[dtypes.int64]), dtypes.int64)

    def argmax(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        return self._place("argmax", input, dim, keepdim)

    def argmin(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        return self._place("argmin", input, dim, keepdim)

    def _running(self, name: str, input: Array, dim: int) -> Array:
        dtype = input.dtype
        if not input.shape or 0 in input.shape:
            return self.new(input.value, dtype)
        wide = _EXACT.get(dtype, dtype)
        value = self.converted(input.value, dtype, wide)
        made = getattr(self.xp, name)(value, axis=dim, dtype=self.natives[wide])
        return self.new(self.converted(made, wide, dtype), dtype)

    def cumsum(self, input: Array, dim: int) -> Array:
        return self._running("cumulative_sum", input, dim)

    def cumprod(self, input: Array, dim: int) -> Array:
        return self._running("cumulative_prod", input, dim)

    def _running_extreme(self, name: str, input: Array, dim: int) -> tuple[Array, Array]:
        """Running extremes and their places, by doubling: log2(n) rounds over all elements."""
        xp = self.xp
        if not input.shape:
            zero = self.new(self.number(0, dtypes.int64), dtypes.int64)
            return self.new(input.value, input.dtype), zero
        value, count = input.value, input.shape[dim]
        places = xp.reshape(self.positions(count), (count,) + (1,) * (len(input.shape) - dim - 1))
        places = xp.broadcast_to(places, input.shape)
        is_inexact = input.dtype.is_inexact
        before: tuple[slice, ...] = (slice(None),) * dim
        after: tuple[slice, ...] = (slice(None),) * (len(input.shape) - dim - 1)

        def cut(array: Native, start: int, stop: int) -> Native:
            return xp.cut(array, (*before, slice(start, stop), *after))

        if input.dtype is dtypes.bool_:
            value = self._ordered(input)
        step = 1
        while step < count:
            earlier, later = cut(value, 0, count - step), cut(value, step, count)
            reached = getattr(xp, name)(later, earlier)
            if is_inexact:
                reached = xp.logical_and(reached, xp.logical_not(xp.isnan(earlier)))
                reached = xp.logical_or(reached, xp.isnan(later))
            found = xp.where(reached, cut(places, step, count), cut(places, 0, count - step))
            larger = xp.where(reached, later, earlier)
            value = xp.concat([cut(value, 0, step), larger], axis=dim)
            places = xp.concat([cut(places, 0, step), found], axis=dim)
            step *= 2
        if input.dtype is dtypes.bool_:
            value = self.converted(value, dtypes.uint8, dtypes.bool_)
        return self.new(value, input.dtype), self.new(places, dtypes.int64)

    def cummax(self, input: Array, dim: int) -> tuple[Array, Array]:
        return self._running_extreme("greater_equal", input, dim)

    def cummin(self, input: Array, dim: int) -> tuple[Array, Array]:
        return self._running_extreme("less_equal", input, dim)

    def sort(self: Any, input: Array, dim: int, descending: bool = False) -> tuple[Array, Array]:
        if not input.shape or not numel(input.shape):
            return self.new(input.value, input.dtype), self.full(input.shape, 0, dtypes.int64)
        order = self.xp.argsort(self._ordered(input), axis=dim, descending=descending, stable=True)
        order = self.xp.astype(order, self.natives[dtypes.int64])
        indices = self.new(order, dtypes.int64)
        return self.gather(input, dim, indices), indices
