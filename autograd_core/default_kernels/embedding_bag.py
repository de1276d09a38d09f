"""Derived kernels of sums, means and maxima of bags of rows, written in the required functions.

What a bag leaves out, its padding, goes to a row of its own behind the others, which is cut off.
"""

from __future__ import annotations

from typing import Any

from .. import dtypes

Array = Any

SUM, MEAN, MAX = 0, 1, 2


class EmbeddingBagDefaults:
    """Derived functions of bags of rows of the backend contract."""

    def embedding_bag(
        self: Any,
        weight: Array,
        indices: Array,
        offsets: Array,
        scale_grad_by_freq: bool = False,
        mode: int = SUM,
        sparse: bool = False,
        per_sample_weights: Array | None = None,
        include_last_offset: bool = False,
        padding_idx: int = -1,
    ) -> tuple[Array, Array, Array, Array]:
        """Sums (mode 0, weighted), means (1) or maxima (2) of the rows of runs of ``indices``.

        The runs start at ``offsets``, of which the last may be the end, and reach to the next or to
        the last index. Also the bag of each index (none where torch's fast sum does without), the
        size of each bag (0 for sums), and the row of each maximum.
        """
        count = offsets.shape[0] - include_last_offset
        width = weight.shape[1]
        bags = self._bags(indices, offsets, count)
        kept = self._unless_padding(bags, indices, padding_idx, count)
        rows = self.index_select(self.widened(weight), 0, indices)
        dtype = self.dtype(rows)
        if per_sample_weights is not None:
            scale = self.reshape(self.cast(per_sample_weights, dtype), (-1, 1))
            rows = self.mul(rows, scale)
        sizes = self.full((count,), 0, dtypes.int64)
        if mode != SUM:
            ones = self.full(indices.shape, 1, dtypes.int64)
            sizes = self._without_last(
                self.scatter_add(self.full((count + 1,), 0, dtypes.int64), 0, kept, ones)
            )
        if mode == MAX:
            made, places = self._largest_of_bags(rows, indices, kept, count)
        else:
            zeros = self.full((count + 1, width), 0, dtype)
            made, places = self._without_last(self.index_add(zeros, 0, kept, rows)), sizes
        if mode == MEAN:
            made = self.div(made, self._counts(sizes, dtype))
        made = self.contiguous(self.cast(made, self.dtype(weight)))
        if mode == SUM and padding_idx < 0 and self._summed_fast(weight, per_sample_weights):
            bags = self.full((0,), 0, dtypes.int64)
        return made, bags, sizes, self.clone(places)

    def _bags(self: Any, indices: Array, offsets: Array, count: int) -> Array:
        """The bag of each index, of ``count`` bags."""
        starts, _ = self.sort(self.slice(offsets, 0, 0, count, 1), 0)
        every = self.arange(0, 1, indices.shape[0], dtypes.int64)
        return self.sub(self.searchsorted(starts, every, True), self.scalar(1, dtypes.int64))

    def _summed_fast(self: Any, weight: Array, per_sample_weights: Array | None) -> bool:
        """Whether torch sums without asking for the bag of each index."""
        return (
            self.dtype(weight) in (dtypes.float32, dtypes.float16, dtypes.bfloat16)
            and self.strides(weight)[1] == 1
            and (per_sample_weights is None or self.strides(per_sample_weights)[0] == 1)
        )

    def _unless_padding(
        self: Any, places: Array, indices: Array, padding_idx: int, spare: int
    ) -> Array:
        """Where each index goes: the spare place for those of the padding."""
        if padding_idx < 0:
            return places
        spare = self.scalar(spare, dtypes.int64)
        return self.where(self.eq(indices, self.scalar(padding_idx, dtypes.int64)), spare, places)

    def _without_last(self: Any, input: Array) -> Array:
        return self.slice(input, 0, 0, input.shape[0] - 1, 1)

    def _counts(self: Any, sizes: Array, dtype: dtypes.DType) -> Array:
        """The sizes of bags as a column to divide by; 1 for empty bags."""
        return self.reshape(
            self.cast(self.maximum(sizes, self.scalar(1, dtypes.int64)), dtype), (-1, 1)
        )

    def _largest_of_bags(
        self: Any, rows: Array, indices: Array, bags: Array, count: int
    ) -> tuple[Array, Array]:
        """The maxima of each bag and the rows that the first of them are of; 0 for empty bags."""
        width, length = rows.shape[1], rows.shape[0]
        wide = self.along(bags, 0, rows.shape)
        zeros = self.full((count + 1, width), 0, self.dtype(rows))
        largest = self.scatter_reduce(zeros, 0, wide, rows, "amax", False)
        nowhere = self.scalar(length, dtypes.int64)
        every = self.reshape(self.arange(0, 1, length, dtypes.int64), (-1, 1))
        at = self.where(self.eq(rows, self.index_select(largest, 0, bags)), every, nowhere)
        first = self.full((count + 1, width), length, dtypes.int64)
        first = self._without_last(self.scatter_reduce(first, 0, wide, at, "amin", True))
        numbers = self.cat([indices, self.full((1,), 0, dtypes.int64)], 0)
        found = self.index_select(numbers, 0, self.reshape(first, (-1,)))
        return self._without_last(largest), self.reshape(found, (count, width))

    def embedding_bag_backward(
        self: Any,
        grad: Array,
        indices: Array,
        offsets: Array,
        offset2bag: Array,
        bag_size: Array,
        maximum_indices: Array,
        num_weights: int,
        scale_grad_by_freq: bool,
        mode: int,
        sparse: bool,
        per_sample_weights: Array | None,
        padding_idx: int = -1,
    ) -> Array:
        """The gradient of the matrix: each row gets the gradients of the bags it is in."""
        wide = self.widened(grad)
        dtype = self.dtype(wide)
        zeros = self.full((num_weights + 1, grad.shape[1]), 0, dtype)
        if mode == MAX:
            empty = self.reshape(self.eq(bag_size, self.scalar(0, dtypes.int64)), (-1, 1))
            spare = self.scalar(num_weights, dtypes.int64)
            made = self.scatter_add(zeros, 0, self.where(empty, spare, maximum_indices), wide)
            return self.cast(self._without_last(made), self.dtype(grad))
        if not offset2bag.shape[0]:
            offset2bag = self._bags(indices, offsets, offsets.shape[0])
        rows = self.index_select(wide, 0, offset2bag)
        if mode == MEAN:
            rows = self.div(rows, self.index_select(self._counts(bag_size, dtype), 0, offset2bag))
        if per_sample_weights is not None:
            scale = self.reshape(self.cast(per_sample_weights, dtype), (-1, 1))
            rows = self.mul(rows, scale)
        if scale_grad_by_freq:
            ones = self.full(indices.shape, 1, dtype)
            counts = self.scatter_add(self.full((num_weights,), 0, dtype), 0, indices, ones)
            rows = self.div(rows, self.reshape(self.index_select(counts, 0, indices), (-1, 1)))
        targets = self._unless_padding(indices, indices, padding_idx, num_weights)
        made = self._without_last(self.index_add(zeros, 0, targets, rows))
        return self.cast(self.contiguous(made), self.dtype(grad))

    def embedding_bag_per_sample_weights_backward(
        self: Any,
        grad: Array,
        weight: Array,
        indices: Array,
        offsets: Array,
        offset2bag: Array,
        mode: int,
        padding_idx: int = -1,
    ) -> Array:
        """The gradient of the weights of a sum: each row times the gradient of its bag."""
        rows = self.index_select(self.widened(weight), 0, indices)
        if not offset2bag.shape[0]:
            offset2bag = self._bags(indices, offsets, offsets.shape[0])
        along = self.mul(rows, self.index_select(self.widened(grad), 0, offset2bag))
        made = self.cast(self.sum(along, (1,)), self.dtype(grad))
        if padding_idx < 0:
            return made
        padding = self.eq(indices, self.scalar(padding_idx, dtypes.int64))
        return self.where(padding, self.zeros_like(made), made)
