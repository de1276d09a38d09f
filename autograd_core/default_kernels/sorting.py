"""Derived kernels that order elements and pick by rank, written in the required ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import dtypes, selection_order, sizes
from ..number_limits import finfo

Array = Any

_INSERTION = 16  # torch sorts lines up to this by insertion, which keeps the order of equals
_LONGEST_RETRACED = 65536


class SortingDefaults:
    """Derived sorting functions of the backend contract."""

    def sort_unstable(
        self: Any, input: Array, dim: int, descending: bool = False
    ) -> tuple[Array, Array]:
        """``sort`` with equal elements in the order torch's unstable sort gives them.

        Lines longer than 65536 keep equal elements in their order: retracing the steps takes about
        10 microseconds an element.
        """
        values, indices = self.sort(input, dim, descending)
        count = input.shape[dim]
        if _INSERTION < count <= _LONGEST_RETRACED:
            indices = self._settled(
                input,
                values,
                dim,
                (0, count),
                indices,
                lambda line: selection_order.sorted_order(line, descending),
            )
        return values, indices

    def topk(
        self: Any, input: Array, k: int, dim: int, largest: bool = True, sorted: bool = True
    ) -> tuple[Array, Array]:
        """The k largest (or smallest) elements along dim in order, and their int64 indices."""
        if not input.shape:
            return self.only_element(input)  # type: ignore[no-any-return]
        values, indices = self.sort(input, dim, largest)
        head = self.clone_row_major(self.slice(indices, dim, 0, k, 1))
        choose = selection_order.largest if largest else selection_order.smallest
        head = self._settled(input, values, dim, (0, k), head, lambda line: choose(line, k))
        return self.clone_row_major(self.slice(values, dim, 0, k, 1)), head

    def _settled(
        self: Any,
        input: Array,
        ordered: Array,
        dim: int,
        ranks: tuple[int, int],
        indices: Array,
        choose: Callable[[Sequence[Any]], Sequence[int]],
    ) -> Array:
        """The indices at the ranks of the sorted array, as torch orders those of equal elements.

        Only lines along dim where elements at or beside the ranks are equal are looked at again.
        """
        count = input.shape[dim]
        start, end = max(ranks[0] - 1, 0), min(ranks[1] + 1, count)
        if end - start < 2 or ranks[0] == ranks[1]:
            return indices
        near = self.slice(ordered, dim, start, end, 1)
        left = self.slice(near, dim, 0, end - start - 1, 1)
        tied = self.any(self.eq(left, self.slice(near, dim, 1, end - start, 1)), (dim,), True)
        if self.dtype(input).is_floating_point:
            tied = self.logical_and(
                tied, self.logical_not(self.any(self.isnan(input), (dim,), True))
            )
        return self._retraced(input, dim, tied, indices, choose)

    def _retraced(
        self: Any,
        input: Array,
        dim: int,
        lines: Array,
        indices: Array,
        choose: Callable[[Sequence[Any]], Sequence[int]],
    ) -> Array:
        """The indices, of some lines along dim (where the mask holds) those that are chosen."""
        if not any(self.to_flat(lines)):
            return indices
        count = input.shape[dim]
        order = [d for d in range(len(input.shape)) if d != dim] + [dim]
        values = self.to_flat(self.permute(self.own(input), order))
        kept = self.permute(self.own(indices), order)
        found = self.to_flat(kept)
        width = indices.shape[dim]
        for k, is_chosen in enumerate(self.to_flat(self.permute(self.own(lines), order))):
            if is_chosen:
                line = values[k * count : (k + 1) * count]
                found[k * width : (k + 1) * width] = choose(line)
        settled = self.from_flat(found, kept.shape, dtypes.int64)
        back = sorted(range(len(order)), key=order.__getitem__)
        return self.clone_row_major(self.permute(settled, back))

    def kthvalue(
        self: Any, input: Array, k: int, dim: int, keepdim: bool = False
    ) -> tuple[Array, Array]:
        """The k-th smallest element along dim (1 is the smallest) and its int64 index."""
        if not input.shape:
            return self.only_element(input)  # type: ignore[no-any-return]
        values, indices = self.sort(input, dim, False)
        indices = self.clone_row_major(self.slice(indices, dim, k - 1, k, 1))
        indices = self._settled(
            input,
            values,
            dim,
            (k - 1, k),
            indices,
            lambda line: [selection_order.kth_place(line, k - 1)],
        )
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def median_dim(self: Any, input: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
        """The lower median along dim, the first NaN where there is one, and its int64 index."""
        if not input.shape:
            return self.only_element(input)  # type: ignore[no-any-return]
        rank = (input.shape[dim] - 1) // 2
        indices = self.sort(input, dim, False)[1]
        indices = self.clone_row_major(self.slice(indices, dim, rank, rank + 1, 1))
        if self.dtype(input).is_floating_point:
            missing = self.isnan(input)
            indices = self.where(
                self.any(missing, (dim,), True),
                self.argmax(self.cast(missing, dtypes.uint8), dim, True),
                indices,
            )
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def nanmedian_dim(
        self: Any, input: Array, dim: int, keepdim: bool = False
    ) -> tuple[Array, Array]:
        """The lower median along dim of what is not NaN (NaN if nothing is), and its index."""
        if not input.shape or not self.dtype(input).is_floating_point:
            return self.median_dim(input, dim, keepdim)  # type: ignore[no-any-return]
        present = self.cast(self.logical_not(self.isnan(input)), dtypes.int64)
        count = self.sum(present, (dim,), True)
        place = self.maximum(self.sub(count, self.scalar(1, dtypes.int64)), self.zeros_like(count))
        place = self.floor_divide(place, self.scalar(2, dtypes.int64))
        indices = self.gather(self.sort(input, dim, False)[1], dim, place)
        if input.shape[dim]:
            none = self.scalar(selection_order.nan_place(input.shape[dim]), dtypes.int64)
            indices = self.where(self.eq(count, self.scalar(0, dtypes.int64)), none, indices)
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def median(self: Any, input: Array) -> Array:
        """The lower median of all elements, NaN if one is, and of nothing, cast to the dtype."""
        return self._median_of_all(input, self.median_dim)

    def nanmedian(self: Any, input: Array) -> Array:
        """The lower median of all elements that are not NaN."""
        return self._median_of_all(input, self.nanmedian_dim)

    def _median_of_all(self: Any, input: Array, along: Any) -> Array:
        flat = self.reshape(input, (-1,) if 0 not in input.shape else (0,))
        if not flat.shape[0]:
            return self.cast(self.scalar(float("nan"), dtypes.float64), self.dtype(input))
        return along(flat, 0)[0]

    def mode(self: Any, input: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
        """The most frequent element along dim, of several the smallest, and an index of it."""
        if not input.shape:
            return self.only_element(input)  # type: ignore[no-any-return]
        values, order = self.sort(input, dim, False)
        count = input.shape[dim]
        # The length of the run of equal elements that ends at each place of the sorted array.
        places = self.arange(0, 1, count, dtypes.int64)
        places = self.view(places, [count if d == dim else 1 for d in range(len(input.shape))])
        before = self.cat(
            [self.slice(values, dim, 0, 1, 1), self.slice(values, dim, 0, count - 1, 1)], dim
        )
        starts = self.where(self.ne(values, before), places, self.zeros_like(places))
        starts = self.cummax(starts, dim)[0]
        longest = self.argmax(self.sub(places, starts), dim, True)
        indices = self.gather(order, dim, longest)

        def choose(line: Sequence[Any]) -> Sequence[int]:
            return [selection_order.mode_place(line)]

        if count > _INSERTION:
            indices = self._settled(input, values, dim, (0, count), indices, choose)
        if self.dtype(input).is_floating_point:
            missing = self.any(self.isnan(input), (dim,), True)
            indices = self._retraced(input, dim, missing, indices, choose)
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def unique(self: Any, input: Array) -> tuple[Array, Array, Array]:
        """The distinct elements in order, where each element is among them, and their counts."""
        flat = self.reshape(input, (sizes.numel(input.shape),))
        values, order = self.sort(flat, 0, False)
        distinct, places, counts = self.unique_consecutive(values)
        inverse = self.scatter(self.zeros_like(places), 0, order, places)
        return distinct, self.reshape(inverse, input.shape), counts

    def unique_consecutive(self: Any, input: Array) -> tuple[Array, Array, Array]:
        """One element of each run of equal ones, which run each element is in, their lengths."""
        count = sizes.numel(input.shape)
        flat = self.reshape(input, (count,))
        if count == 0:
            none = self.full((0,), 0, dtypes.int64)
            return self.clone(flat), self.reshape(none, input.shape), none
        later = self.slice(flat, 0, 1, count, 1)
        changes = self.ne(later, self.slice(flat, 0, 0, count - 1, 1))
        first = self.full((1,), 0, dtypes.int64)
        places = self.cumsum(self.cat([first, self.cast(changes, dtypes.int64)], 0), 0)
        starts = self.cat([self.full((1,), True, dtypes.bool_), changes], 0)
        starts = self.reshape(self.nonzero(starts), (-1,))
        ends = self.cat([starts, self.full((1,), count, dtypes.int64)], 0)
        runs = starts.shape[0]
        counts = self.sub(self.slice(ends, 0, 1, runs + 1, 1), starts)
        return self.index_select(flat, 0, starts), self.reshape(places, input.shape), counts

    def histc(self: Any, input: Array, bins: int, low: float, high: float) -> Array:
        """How many floats fall into each of equal bins from low to high, which is in the last.

        Counts have the dtype of the input, and end where that cannot count on by ones.
        """
        dtype = self.dtype(input)
        flat = self.reshape(input, (sizes.numel(input.shape),))
        start, end = self.scalar_like(input, low), self.scalar_like(input, high)
        share = self.div(self.sub(flat, start), self.sub(end, start))
        place = self.mul(share, self.scalar_like(input, bins))
        inside = self.logical_and(self.ge(flat, start), self.le(flat, end))
        inside = self.logical_and(inside, self.isfinite(place))
        place = self.cast(self.where(inside, place, self.scalar_like(place, 0)), dtypes.int64)
        place = self.minimum(place, self.scalar_like(place, bins - 1))
        none = self.full((bins,), 0, dtypes.float64)
        counts = self.scatter_add(none, 0, place, self.cast(inside, dtypes.float64))
        limit = self.scalar_like(counts, 2 / finfo(dtype).eps)
        return self.cast(self.minimum(counts, limit), dtype)
