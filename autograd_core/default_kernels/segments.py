"""Derived kernels that reduce runs of neighbouring elements, written in the required ones."""

from __future__ import annotations

from typing import Any

from .. import dtypes

Array = Any

_START = {"sum": 0.0, "mean": 0.0, "prod": 1.0, "amax": float("-inf"), "amin": float("inf")}


class SegmentDefaults:
    """Derived segment functions of the backend contract."""

    def segment_reduce(
        self: Any,
        data: Array,
        reduce: str,
        lengths: Array | None,
        offsets: Array | None,
        axis: int,
        initial: float | None,
    ) -> Array:
        """Reduce consecutive segments of axis by "sum", "mean", "prod", "amax" or "amin".

        ``lengths`` (or ``offsets``, their running sums from 0) have the dims of ``data`` up to
        axis, which counts the segments; the elements behind the last segment are left out. A
        segment starts from ``initial``; an empty one without it gives the neutral number, and NaN
        for a mean.
        """
        wide = self.widened(data)
        dtype = self.dtype(wide)
        lengths = self._segment_lengths(lengths, offsets, axis)
        index = self._segment_of_each(wide, lengths, axis)
        count = lengths.shape[axis]
        shape = (*wide.shape[:axis], count + 1, *wide.shape[axis + 1 :])
        start = self.full(shape, _START[reduce] if initial is None else initial, dtype)
        kind = "sum" if reduce == "mean" else reduce
        reduced = self.scatter_reduce(start, axis, index, wide, kind, True)
        reduced = self.clone_row_major(self.slice(reduced, axis, 0, count, 1))
        if reduce == "mean":
            sizes = self.cast(self._along_inner(lengths, wide, axis), dtype)
            empty = self.eq(sizes, self.zeros_like(sizes))
            nothing = self.scalar(float("nan") if initial is None else initial, dtype)
            reduced = self.where(empty, nothing, self.div(reduced, sizes))
        return self.cast(reduced, self.dtype(data))

    def segment_reduce_backward(
        self: Any,
        grad: Array,
        output: Array,
        data: Array,
        reduce: str,
        lengths: Array | None,
        offsets: Array | None,
        axis: int,
        initial: float | None,
    ) -> Array:
        """The gradient of data; equal extremes share theirs, as in torch only if it is positive."""
        wide = self.widened(data)
        dtype = self.dtype(wide)
        lengths = self._segment_lengths(lengths, offsets, axis)
        index = self._segment_of_each(wide, lengths, axis)
        grad = self._of_segment(self.widened(grad), index, axis)
        if reduce == "mean":
            sizes = self.cast(self._along_inner(lengths, wide, axis), dtype)
            sizes = self.expand(sizes, (*wide.shape[:axis], *sizes.shape[axis:]))
            grad = self.div(grad, self._of_segment(sizes, index, axis, 1))
        elif reduce in ("amax", "amin"):
            output = self._of_segment(self.widened(output), index, axis)
            chosen = self.logical_or(self.isnan(wide), self.eq(wide, output))
            ties = self._counted(chosen, lengths, index, axis, dtype)
            grad = self.where(chosen, grad, self.zeros_like(grad))
            shared = self.logical_and(self.gt(ties, 1), self.gt(grad, 0))
            grad = self.where(shared, self.div(grad, ties), grad)
        elif reduce == "prod":
            output = self._of_segment(self.widened(output), index, axis)
            others = self._product_of_others(wide, lengths, index, axis, initial)
            special = self.logical_or(self.isnan(wide), self.eq(wide, self.zeros_like(wide)))
            plain = self.div(self.mul(grad, output), wide)
            grad = self.where(special, self.mul(grad, others), plain)
        return self.cast(self.clone_row_major(grad), self.dtype(data))

    def _segment_lengths(
        self: Any, lengths: Array | None, offsets: Array | None, axis: int
    ) -> Array:
        if lengths is not None:
            return lengths
        count = offsets.shape[axis]  # type: ignore[union-attr]
        ends = self.slice(offsets, axis, 1, count, 1)
        return self.sub(ends, self.slice(offsets, axis, 0, count - 1, 1))

    def _segment_of_each(self: Any, data: Array, lengths: Array, axis: int) -> Array:
        """Which segment each element is in, the number of segments where it is in none."""
        size = data.shape[axis]
        ends = self.cumsum(self.cast(lengths, dtypes.int64), axis)
        places = self.expand(self.new_positions(lengths, size), (*data.shape[:axis], size))
        index = self.searchsorted(self.contiguous(ends), self.contiguous(places), True)
        return self.expand(self._along_inner(index, data, axis), data.shape)

    def _along_inner(self: Any, value: Array, data: Array, axis: int) -> Array:
        """A value with dims up to axis, with as many dims of size 1 behind as data has."""
        inner = len(data.shape) - axis - 1
        return self.reshape(value, (*value.shape, *(1,) * inner))

    def _of_segment(self: Any, value: Array, index: Array, axis: int, beyond: int = 0) -> Array:
        """Each element's value of its segment, ``beyond`` where it is in none."""
        size = value.shape[axis]
        shape = (*index.shape[:axis], size, *index.shape[axis + 1 :])
        value = self.expand(value, shape)
        rest = self.full((*shape[:axis], 1, *shape[axis + 1 :]), beyond, self.dtype(value))
        return self.gather(self.cat([self.contiguous(value), rest], axis), axis, index)

    def _counted(
        self: Any, mask: Array, lengths: Array, index: Array, axis: int, dtype: Any
    ) -> Array:
        """For each element how many of its segment the mask holds for."""
        shape = (*mask.shape[:axis], lengths.shape[axis] + 1, *mask.shape[axis + 1 :])
        counts = self.scatter_add(self.full(shape, 0, dtype), axis, index, self.cast(mask, dtype))
        return self.gather(counts, axis, index)

    def _product_of_others(
        self: Any, data: Array, lengths: Array, index: Array, axis: int, initial: float | None
    ) -> Array:
        """For each element that is 0 or NaN the product of the others of its segment."""
        dtype = self.dtype(data)
        zero, missing = self.eq(data, self.zeros_like(data)), self.isnan(data)
        special = self.logical_or(zero, missing)
        shape = (*data.shape[:axis], lengths.shape[axis] + 1, *data.shape[axis + 1 :])
        start = self.full(shape, 1.0 if initial is None else initial, dtype)
        plain = self.where(special, self.ones_like(data), data)
        product = self.scatter_reduce(start, axis, index, plain, "prod", True)
        product = self.gather(product, axis, index)
        zeros = self.sub(self._counted(zero, lengths, index, axis, dtype), self.cast(zero, dtype))
        others = self.sub(
            self._counted(missing, lengths, index, axis, dtype), self.cast(missing, dtype)
        )
        product = self.where(self.gt(zeros, 0), self.mul(product, 0), product)
        return self.where(self.gt(others, 0), self.scalar(float("nan"), dtype), product)
