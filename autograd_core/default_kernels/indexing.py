"""Derived indexing kernels, written in the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes

NO_INDEX = "tensors used as indices must be long, int, byte or bool tensors"

Array = Any


class IndexingDefaults:
    """Derived indexing functions of the backend contract."""

    def scattered_anew(
        self: Any, shape: Sequence[int], dim: int, index: Array, src: Array
    ) -> Array:
        """An array of zeros into which ``src`` is scattered along dim."""
        return self.scatter(self.full(tuple(shape), 0, self.dtype(src)), dim, index, src)

    def mask_positions(self: Any, mask: Array) -> Array:
        """The positions, (count, rank), of the elements of a mask that hold."""
        return self.nonzero(mask)

    # One index array along one dim ----------------------------------------------------------------

    def scatter_value(self: Any, input: Array, dim: int, index: Array, value: Any) -> Array:
        """A copy with a Python number written where ``index`` points."""
        filling = self.expand(self.full((), value, self.dtype(input)), index.shape)
        return self.scatter(input, dim, index, filling)

    def along(self: Any, index: Array, dim: int, shape: Sequence[int]) -> Array:
        """A 1-d (or 0-d) index of slices as the index of all their elements, of ``shape``."""
        if not shape:
            return self.reshape(index, ())
        size = [1] * len(shape)
        size[dim] = shape[dim]
        return self.expand(self.reshape(index, size), shape)

    def index_add(
        self: Any, input: Array, dim: int, index: Array, source: Array, alpha: Any = 1
    ) -> Array:
        """A copy with slices of ``source``, times alpha, added where ``index`` points."""
        if alpha != 1:
            source = self.mul(source, self.scalar(alpha, self.dtype(source)))
        return self.scatter_add(input, dim, self.along(index, dim, source.shape), source)

    def index_copy(self: Any, input: Array, dim: int, index: Array, source: Array) -> Array:
        """A copy with slices of ``source`` written where ``index`` points."""
        return self.scatter(input, dim, self.along(index, dim, source.shape), source)

    def index_reduce(
        self: Any,
        input: Array,
        dim: int,
        index: Array,
        source: Array,
        reduce: str,
        include_self: bool,
    ) -> Array:
        """A copy with slices of ``source`` combined in where ``index`` points."""
        places = self.along(index, dim, source.shape)
        return self.scatter_reduce(input, dim, places, source, reduce, include_self)

    def index_fill(self: Any, input: Array, dim: int, index: Array, value: Any) -> Array:
        """A copy, in the same layout, with slices filled with a Python number."""
        return self.index_fill_tensor(input, dim, index, self.full((), value, self.dtype(input)))

    def index_fill_tensor(self: Any, input: Array, dim: int, index: Array, value: Array) -> Array:
        """A copy, in the same layout, with slices filled with a 0-d array."""
        shape = list(input.shape)
        if shape:
            shape[dim] = sizes.numel(index.shape)
        places = self.along(index, dim, shape)
        filling = self.expand(self.own(self.cast(value, self.dtype(input))), shape)
        return self.laid_out_as(input, self.scatter(input, dim, places, filling))

    def unique_positions(self: Any, index: Array) -> Array:
        """The different values of an index, 1-d."""
        values = sorted(set(self.to_flat(index)))
        return self.from_flat(values, (len(values),), dtypes.int64)

    # Places in row-major order --------------------------------------------------------------------

    def take(self: Any, input: Array, index: Array) -> Array:
        """The elements at row-major places, in the shape of ``index``."""
        flat = self.reshape(input, (-1,))
        return self.reshape(self.gather(flat, 0, self.reshape(index, (-1,))), index.shape)

    def put(
        self: Any, input: Array, index: Array, source: Array, accumulate: bool = False
    ) -> Array:
        """A copy, in the same layout, with ``source`` written or added at row-major places."""
        write = self.scatter_add if accumulate else self.scatter
        flat = [self.reshape(array, (-1,)) for array in (input, index, source)]
        result = self.reshape(write(flat[0], 0, flat[1], flat[2]), input.shape)
        return self._uncut(self.laid_out_as(input, result))

    def _uncut(self: Any, result: Array) -> Array:
        """A new result in memory of its own, where it was given its shape by a view."""
        return self.clone(result) if self.is_cut(result) else result

    # Index arrays for several dims ----------------------------------------------------------------

    def places(self: Any, input: Array, indices: Sequence[Array | None]) -> Sequence[Array | None]:
        """What ``index`` takes, of what users may give: masks, int32, positions from the back."""
        found: list[Array | None] = []
        for index in indices:
            if index is None:
                found.append(None)
            elif self.dtype(index) in (dtypes.bool_, dtypes.uint8):
                positions = self.mask_positions(self.cast(index, dtypes.bool_))
                found += [self.select(positions, 1, d) for d in range(len(index.shape))]
            else:
                if self.dtype(index).is_inexact:  # which a hook of saved tensors made of it
                    raise IndexError(NO_INDEX)
                found.append(self._from_front(index, input.shape[len(found)]))
        return found

    def _from_front(self: Any, index: Array, size: int) -> Array:
        index = self.cast(index, dtypes.int64)
        negative = self.lt(index, 0)
        if not self.anywhere(negative):
            return index
        return self.where(negative, self.add(index, size), index)

    def taken_at(self: Any, input: Array, indices: Sequence[Array | None]) -> Array:
        """``index`` of indices as users give them."""
        return self.index(input, self.places(input, indices))

    def put_at(
        self: Any, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        """``index_put`` of indices as users give them."""
        return self.index_put(input, self.places(input, indices), values, accumulate)

    def index_put_impl(
        self: Any, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        """``index_put`` under the name that gradients of ``index`` have it by."""
        return self.put_at(input, indices, values, accumulate)

    def unsafe_index(self: Any, input: Array, indices: Sequence[Array | None]) -> Array:
        """``index`` under the name of the op whose indices are not checked."""
        return self.taken_at(input, indices)

    def unsafe_index_put(
        self: Any,
        input: Array,
        indices: Sequence[Array | None],
        values: Array,
        accumulate: bool = False,
    ) -> Array:
        """``index_put`` under the name of the op whose indices are not checked."""
        return self.put_at(input, indices, values, accumulate)

    def unsafe_masked_index(
        self: Any, input: Array, mask: Array, indices: Sequence[Array | None], fill: Any
    ) -> Array:
        """``index`` where the mask holds (elsewhere indices may be out of range), else ``fill``."""
        if not sizes.numel(input.shape):
            shape = self.index_shape(input, indices)
            return self.full(shape, fill, self.dtype(input))
        places = self.clamped(input, indices)
        return self.masked_fill(self.index(input, places), self.logical_not(mask), fill)

    def unsafe_masked_index_put_accumulate(
        self: Any, input: Array, mask: Array, indices: Sequence[Array | None], values: Array
    ) -> Array:
        """A copy with values added at ``index``'s places where the mask holds."""
        if not sizes.numel(input.shape):
            return self.clone(input)
        masked = self.masked_fill(values, self.logical_not(mask), 0)
        return self.index_put(input, self.clamped(input, indices), masked, True)

    def clamped(self: Any, input: Array, indices: Sequence[Array | None]) -> list[Array | None]:
        """Indices brought into range."""
        limits = [
            None
            if index is None
            else (self.scalar(0, dtypes.int64), self.scalar(n - 1, dtypes.int64))
            for index, n in zip(indices, input.shape, strict=False)
        ]
        return [
            None if limit is None else self.minimum(self.maximum(index, limit[0]), limit[1])
            for index, limit in zip(indices, limits, strict=True)
        ]

    def index_shape(self: Any, input: Array, indices: Sequence[Array | None]) -> tuple[int, ...]:
        """The shape of ``index(input, indices)``."""
        before, common, after = _split_shape(input.shape, indices)
        return (*before, *common, *after)

    def index_laid_out(self: Any, input: Array, indices: Sequence[Array | None]) -> Array:
        """``taken_at``, in the layout that the strides of its operands ask for."""
        indices = self.places(input, indices)
        result = self.index(input, indices)
        if len(result.shape) < 2:
            return result
        steps = self.strides(input)
        named = [dim for dim, index in enumerate(indices) if index is not None]
        adjacent = named == list(range(named[0], named[-1] + 1))
        split = named[0] if adjacent else 0
        rest = [dim for dim in range(len(input.shape)) if dim not in named]
        before = [steps[dim] for dim in rest if dim < split]
        after = [steps[dim] for dim in rest if dim >= split]
        common = len(result.shape) - len(rest)
        operands = [[*before, *(0,) * common, *after]]
        for index in indices:
            if index is not None:
                own = sizes.broadcast_strides(
                    index.shape, self.strides(index), result.shape[len(before) :][:common]
                )
                operands.append([*(0 for _ in before), *own, *(0 for _ in after)])
        return self._restrided(result, sizes.strides_in_order(result.shape, operands))

    def laid_out_as(self: Any, input: Array, result: Array) -> Array:
        """A row-major result in the layout that a clone of ``input`` has."""
        steps = sizes.dense_strides_like(input.shape, self.strides(input))
        return self._restrided(result, steps)

    def _restrided(self: Any, result: Array, steps: tuple[int, ...]) -> Array:
        if steps == self.strides(result) or steps == sizes.row_major(result.shape):
            return result
        laid_out = self.empty_strided(result.shape, steps, self.dtype(result))
        self.copy_(laid_out, result)
        return laid_out

    # Masks ----------------------------------------------------------------------------------------

    def masked_sum(self: Any, input: Array, mask: Array) -> Array:
        """The sum of the elements where ``mask`` holds."""
        return self.sum(self.masked_select(input, mask), (0,))

    def where_marked(self: Any, mask: Array, value: Array) -> Array:
        """A 0-d array's value where ``mask`` holds, else zero."""
        return self.masked_fill_tensor(self.new_zeros(value, mask.shape), mask, value)

    def masked_fill(self: Any, input: Array, mask: Array, value: Any) -> Array:
        """A Python number where the mask holds, else the input; broadcast, contiguous."""
        return self.masked_fill_tensor(input, mask, self.scalar(value, self.dtype(input)))

    def masked_fill_tensor(self: Any, input: Array, mask: Array, value: Array) -> Array:
        """A 0-d array's value where the mask holds, else the input; broadcast, contiguous."""
        return self.contiguous(self.where(mask, self.cast(value, self.dtype(input)), input))

    def filled(self: Any, input: Array, mask: Array, value: Any) -> Array:
        """A Python number where the mask holds, else the input, which decides the layout."""
        return self.where(mask, self.scalar_like(input, value), input)

    def lengthened(self: Any, input: Array, dim: int, size: int) -> Array:
        """Zeros of this size along dim that begin with the input."""
        pad = [0] * (2 * len(input.shape))
        pad[2 * (len(input.shape) - 1 - dim) + 1] = size - input.shape[dim]
        return self.constant_pad_nd(input, tuple(pad), 0)

    def masked_select(self: Any, input: Array, mask: Array) -> Array:
        """1-d: the elements where the mask holds, in row-major order; both broadcast."""
        shape = sizes.broadcast_shapes(input.shape, mask.shape)
        places = self._true_places(self.expand(self.own(mask), shape))
        return self.gather(self.reshape(self.expand(self.own(input), shape), (-1,)), 0, places)

    def masked_scatter(self: Any, input: Array, mask: Array, source: Array) -> Array:
        """A copy with the first elements of ``source`` where the mask holds, in order."""
        shape = sizes.broadcast_shapes(input.shape, mask.shape)
        places = self._true_places(self.expand(self.own(mask), shape))
        flat = self.reshape(self.expand(self.own(input), shape), (-1,))
        values = self.reshape(source, (-1,))
        return self._uncut(self.reshape(self.scatter(flat, 0, places, values), shape))

    def masked_scatter_backward(
        self: Any, grad_output: Array, mask: Array, size: Sequence[int]
    ) -> Array:
        """What ``masked_scatter`` took from a source of ``size``, zeros after it."""
        taken = self.masked_select(grad_output, mask)
        missing = sizes.numel(size) - taken.shape[0]
        zeros = self.new_zeros(grad_output, (missing,))
        return self._uncut(self.reshape(self.cat([taken, zeros], 0), size))

    def _true_places(self: Any, mask: Array) -> Array:
        return self.reshape(self.nonzero(self.reshape(mask, (-1,))), (-1,))

    # Searching ------------------------------------------------------------------------------------

    def column_major(self: Any, input: Array) -> Array:
        """A copy with the columns of its matrices, the last two dims, contiguous."""
        return self.clone_strided(input, sizes.column_major(input.shape))

    def among(self: Any, input: Array, values: Array) -> Array:
        """Bool array: whether each element equals one of the values."""
        count = sizes.numel(values.shape)
        if not count:
            return self.full(input.shape, False, dtypes.bool_)
        ordered, _ = self.sort(self.reshape(values, (-1,)), 0)
        places = self.searchsorted(ordered, input, False)
        last = self.scalar(count - 1, dtypes.int64)
        nearest = self.take(ordered, self.own(self.minimum(places, last)))
        return self.eq(nearest, input)

    # Rows of a matrix -----------------------------------------------------------------------------

    def embedding(
        self: Any,
        weight: Array,
        indices: Array,
        padding_idx: int = -1,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Array:
        """The rows that ``indices`` name, in its shape."""
        rows = self.index_select(weight, 0, self.reshape(indices, (-1,)))
        return self.reshape(rows, (*indices.shape, *weight.shape[1:]))

    def embedding_dense_backward(
        self: Any,
        grad_output: Array,
        indices: Array,
        num_weights: int,
        padding_idx: int,
        scale_grad_by_freq: bool,
    ) -> Array:
        """Add each row where it was read, except the padding's; by frequency if asked."""
        dtype = self.dtype(grad_output)
        flat = self.reshape(indices, (-1,))
        width = grad_output.shape[-1]
        rows = self.reshape(grad_output, (flat.shape[0], width))
        if padding_idx >= 0:
            hidden = self.reshape(self.eq(flat, padding_idx), (-1, 1))
            rows = self.masked_fill(rows, hidden, 0)
        if scale_grad_by_freq:
            ones = self.full(flat.shape, 1, dtype)
            counts = self.scatter_add(self.full((num_weights,), 0, dtype), 0, flat, ones)
            rows = self.div(rows, self.reshape(self.gather(counts, 0, flat), (-1, 1)))
        zeros = self.full((num_weights, width), 0, dtype)
        return self.index_add(zeros, 0, flat, rows)

    def rows_limited(
        self: Any, weight: Array, rows: Array, max_norm: float, norm_type: float
    ) -> Array:
        """A copy of a matrix whose named rows have at most this p-norm."""
        taken = self.index_select(weight, 0, rows)
        powers = self.pow_scalar(self.abs(taken), norm_type)
        norm = self.pow_scalar(self.sum(powers, (1,), True), 1 / norm_type)
        limit = self.scalar(max_norm, self.dtype(weight))
        scale = self.div(limit, self.add(norm, self.scalar(1e-7, self.dtype(weight))))
        limited = self.where(self.gt(norm, limit), self.mul(taken, scale), taken)
        return self.index_copy(weight, 0, rows, limited)

    def refuse_second_order(self, input: Array, where: Array, message: str) -> Array:
        """The array: raw gradients are not differentiated again."""
        return input


def _split_shape(
    shape: Sequence[int], indices: Sequence[Array | None]
) -> tuple[list[int], tuple[int, ...], list[int]]:
    """Return the lengths before the broadcast index dims, of those, and after them."""
    named = [dim for dim, index in enumerate(indices) if index is not None]
    common = sizes.broadcast_shapes(*(index.shape for index in indices if index is not None))
    adjacent = named == list(range(named[0], named[-1] + 1)) if named else True
    split = named[0] if named and adjacent else 0
    rest = [dim for dim in range(len(shape)) if dim not in named]
    before = [shape[dim] for dim in rest if dim < split]
    return before, common, [shape[dim] for dim in rest if dim >= split]
