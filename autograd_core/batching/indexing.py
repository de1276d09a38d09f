"""Batching of reads and writes by index or mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops, sizes
from ..dtypes import bool_, uint8
from ..tensor import Tensor, wrap
from .arrays import Batch, Batched, front, is_batched, padded, rank
from .rules import Rule, along, fallback, flattened, give, looped, rule
from .whole_functions import DYNAMIC

give(
    along("dim", scalars=True),
    "gather scatter scatter_add scatter_value scatter_reduce scatter_combined",
    "scatter_value_combined",
)


@rule("index_add")
def _index_add(batch: Batch, values: list[Any]) -> Any:
    if is_batched(values[2]):
        return looped(batch, [values[0] if batch.inplace else _cloned(values[0]), *values[1:]])
    input, dim, index, source, alpha = values
    value = front(input) if batch.inplace else ops.clone(batch.stretched(input))
    return _as_a_slice(batch, value, input, [dim, index, batch.stretched(source), alpha])


@rule("index_copy")
def _index_copy(batch: Batch, values: list[Any]) -> Any:
    input, dim, index, source = values
    value = batch.stretched(input)
    if not is_batched(index):
        return _as_a_slice(batch, value, input, [dim, index, batch.stretched(source)])
    if not rank(input):
        places = ops.reshape(batch.stretched(index), (batch.size, 1))
        source = ops.reshape(batch.stretched(source), (batch.size, 1))
        return ops.squeeze_dim(ops.scatter(ops.unsqueeze(value, 1), 1, places, source), 1)
    places, source = _of_slices(batch, value, dim, index), batch.stretched(source)
    if source.ndim < value.ndim:  # a 0-d one stands for a slice of length one
        source = ops.reshape(source, places._array.shape)
    return ops.scatter(value, dim + 1, places, source)


@rule("index_fill")
def _index_fill(batch: Batch, values: list[Any]) -> Any:
    input, dim, index, number = values
    if not is_batched(index):
        return _as_a_slice(batch, front(input), input, [dim, index, number])
    if batch.inplace and rank(input):
        return looped(batch, values)  # as torch's rule does
    value = front(input) if batch.inplace else ops.clone(batch.stretched(input))
    if not rank(input):
        places = ops.reshape(front(index), (-1,))
        ops.index_fill.inplace(value.unsqueeze_(1), 1, places, number)
        return value.squeeze_(1)
    # The members' slices one after the other along the dim, and the places among those.
    size = value._array.shape[dim + 1]
    starts = ops.mul_scalar(ops.new_positions(index._array.value, batch.size), size)
    places = ops.add(ops.reshape(front(index), (batch.size, -1)), ops.unsqueeze(starts, 1))
    moved = _moved(value, 0, dim, 1)
    shape = tuple(moved._array.shape)
    flat = ops.reshape(moved, (*shape[:dim], shape[dim] * size, *shape[dim + 2 :]))
    ops.index_fill.inplace(flat, dim, ops.reshape(places, (-1,)), number)
    return _moved(ops.view(flat, shape), dim, 0, 1)


@rule("index_fill_tensor")
def _index_fill_tensor(batch: Batch, values: list[Any]) -> Any:
    input, dim, index, filling = values
    if not is_batched(filling) and not is_batched(index):
        return _as_a_slice(batch, front(input), input, [dim, index, filling._array.value])
    whole = front(input) if batch.inplace else ops.clone(batch.stretched(input))
    each = [batch.stretched(tensor) for tensor in (index, filling)]
    for k in range(batch.size):  # as torch's rule does
        places, value = (ops.select(tensor, 0, k) for tensor in each)
        ops.index_fill_tensor.inplace(ops.select(whole, 0, k), dim, places, value)
    return whole


def _as_a_slice(batch: Batch, value: Tensor, input: Tensor, rest: list[Any]) -> Any:
    """Run an op whose index is one for all; a 0-d tensor is a slice of length one."""
    dim, index, *others = rest
    scalar = not rank(input)
    if scalar:
        value = ops.unsqueeze(value, 1)
        others = [
            ops.unsqueeze(t, 1) if isinstance(t, Tensor) and t.ndim == 1 else t for t in others
        ]
    made = batch.run([value, dim + 1, index._array.value, *others])
    return ops.squeeze_dim(made, 1) if scalar and not batch.inplace else made


def _cloned(tensor: Tensor) -> Tensor:
    """Return a copy of a Tensor of the vmap level, which torch makes first."""
    array = tensor._array
    return wrap(Batched(ops.clone(array.value), array.bdim), tensor._dtype, tensor._backend)


def _of_slices(batch: Batch, value: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return a batched index of slices of the front form as the index of all their elements."""
    places = batch.stretched(index)
    shape = list(value._array.shape)
    shape[dim + 1] = places.shape[1] if places.ndim > 1 else 1
    lined_up = [1] * len(shape)
    lined_up[0], lined_up[dim + 1] = batch.size, shape[dim + 1]
    return ops.expand(ops.reshape(places, lined_up), tuple(shape))


@rule("index_select")
def _index_select(batch: Batch, values: list[Any]) -> Any:
    input, dim, index = values
    if rank(input) == 0:
        return batch.stretched(input)
    value = batch.stretched(input)
    return ops.gather(value, dim + 1, _of_slices(batch, value, dim, index))


@rule("take")
def _take(batch: Batch, values: list[Any]) -> Any:
    input, index = values
    if not is_batched(input):
        return batch.run([front(input), front(index)])
    places = batch.stretched(index)
    flat = ops.reshape(places, (batch.size, -1))
    return ops.reshape(ops.gather(flattened(input), 1, flat), places._array.shape)


def _positions(batch: Batch, like: Tensor, count: int) -> Tensor:
    """Return 0, 1 ... of the batch as an index that broadcasts with others of ``count`` dims."""
    places = ops.new_positions(like, batch.size)
    return ops.reshape(places, (batch.size, *(1,) * count))


def _is_mask(index: Any) -> bool:
    return index is not None and index._dtype in (bool_, uint8)


def _spread(index: Tensor) -> int:
    """Return how many dims an index tensor has among the broadcast ones; a mask has one."""
    return 1 if _is_mask(index) else rank(index)


def _indices(batch: Batch, value: Tensor, indices: Sequence[Any]) -> tuple[list[Any], int]:
    """Return an index of the batch dim and the other indices, and the rank of their broadcast."""
    count = max(_spread(index) for index in indices if index is not None)
    lined_up: list[Any] = [_positions(batch, value, count)]
    for index in indices:
        if index is None or not is_batched(index):
            lined_up.append(None if index is None else front(index))
            continue
        places = front(index)
        missing = (1,) * (count - rank(index))
        lined_up.append(ops.reshape(places, (batch.size, *missing, *places.shape[1:])))
    return lined_up, count


def _unindexed(input: Tensor, indices: Sequence[Any]) -> int:
    """Return how many dims the index tensors leave."""
    taken = [rank(index) if _is_mask(index) else 1 for index in indices if index is not None]
    return rank(input) - sum(taken)


def _named(indices: Sequence[Any]) -> list[int]:
    return [d for d, index in enumerate(indices) if index is not None]


def _adjacent(indices: Sequence[Any]) -> bool:
    """Whether the indexed dims follow each other."""
    named = _named(indices)
    return named == list(range(named[0], named[-1] + 1))


def _place(indices: Sequence[Any]) -> int:
    """Return where the dims of the broadcast indices are in the result: in place, or first."""
    return _named(indices)[0] if _adjacent(indices) else 0


def _moved(value: Tensor, source: int, target: int, count: int) -> Tensor:
    """Return the Tensor with ``count`` dims that start at one place moved to another."""
    dims = list(range(value.ndim))
    taken = dims[source : source + count]
    del dims[source : source + count]
    dims[target:target] = taken
    if dims == sorted(dims):
        return value
    return ops.permute(value, tuple(dims))


@rule("index", "unsafe_index")
def _index(batch: Batch, values: list[Any]) -> Any:
    input, indices = values
    if not any(is_batched(index) for index in indices if index is not None):
        plain = [None if index is None else index._array.value for index in indices]
        made = ops.index(front(input), [None, *plain])
        if _adjacent(indices):
            return made
        # Dims that are not adjacent come first, before the batch dim.
        return _moved(made, max(_spread(index) for index in indices if index is not None), 0, 1)
    value = batch.stretched(input)
    lined_up, count = _indices(batch, value, indices)
    return _moved(ops.index(value, lined_up), 1, 1 + _place(indices), count)


@rule("unsafe_masked_index")
def _unsafe_masked_index(batch: Batch, values: list[Any]) -> Any:
    input, mask, indices, fill = values
    taken = ops.unsafe_index(input, _clamped(input, indices))
    return ops.masked_fill(taken, ops.logical_not(mask), fill)._array


@rule("unsafe_masked_index_put_accumulate")
def _unsafe_masked_index_put_accumulate(batch: Batch, values: list[Any]) -> Any:
    input, mask, indices, added = values
    masked = ops.masked_fill(added, ops.logical_not(mask), 0)
    return ops.unsafe_index_put(input, _clamped(input, indices), masked, True)._array


def _clamped(input: Tensor, indices: Sequence[Any]) -> list[Any]:
    """Return indices brought into range."""
    shape = input._array.shape
    return [
        None if index is None else ops.clamp(index, -size, size - 1)
        for index, size in zip(indices, shape, strict=False)
    ]


@rule("index_put", "index_put_impl", "unsafe_index_put")
def _index_put(batch: Batch, values: list[Any]) -> Any:
    input, indices, source, accumulate = values
    value = front(input) if batch.inplace else batch.stretched(input)
    lined_up, count = _indices(batch, value, indices)
    adjacent = _place(indices)
    part = front(source)
    if is_batched(source):
        # The shape it is broadcast to, seen without the batch dim.
        rest = _unindexed(input, indices)
        missing = (1,) * (count + rest - rank(source))
        part = ops.view(part, (batch.size, *missing, *part.shape[1:]))
        part = _moved(part, 1 + adjacent, 1, count)
    elif rank(source) > adjacent:
        rest = _unindexed(input, indices)
        missing = (1,) * (count + rest - rank(source))
        part = ops.view(part, (*missing, *part.shape))
        part = _moved(part, adjacent, 0, count)
    if batch.entry.kernel_name == "unsafe_index_put":
        return ops.index_put(value, lined_up, part, accumulate)
    return batch.run([value, lined_up, part, accumulate])


@rule("embedding")
def _embedding(batch: Batch, values: list[Any]) -> Any:
    weight, indices, padding_idx, *options = values
    if not is_batched(weight):
        return batch.run([front(weight), front(indices), padding_idx, *options])
    if padding_idx >= 0 or any(options):
        return looped(batch, values)
    # One table of all members' rows, in which each member's rows begin at a place of its own.
    tables, places = front(weight), front(indices)
    size, length, *row = tables._array.shape
    starts = ops.mul_scalar(ops.new_positions(places, size), length)
    starts = ops.reshape(starts, (size, *(1,) * rank(indices)))
    rows = ops.reshape(tables, (size * length, *row))
    return batch.run([rows, ops.add(starts, places), padding_idx, *options])


@rule("embedding_dense_backward")
def _embedding_backward(batch: Batch, values: list[Any]) -> Any:
    grad_output, indices, length, padding_idx, scale_grad_by_freq = values
    if not is_batched(indices):
        # One table whose rows are those of all members side by side.
        value, places = front(grad_output), front(indices)
        width = value._array.shape[-1]
        dims = (*range(1, value.ndim - 1), 0, value.ndim - 1)
        wide = ops.reshape(ops.permute(value, dims), (*places._array.shape, batch.size * width))
        made = batch.run([wide, places, length, padding_idx, scale_grad_by_freq])
        return Batched(ops.reshape(made, (length, batch.size, width)), 1)
    # One table of all members' rows, as above; the padding of each is emptied afterwards.
    gradient, places = batch.stretched(grad_output), front(indices)
    starts = ops.mul_scalar(ops.new_positions(places, batch.size), length)
    starts = ops.reshape(starts, (batch.size, *(1,) * rank(indices)))
    every = ops.add(starts, places)
    made = batch.run([gradient, every, batch.size * length, -1, scale_grad_by_freq])
    made = ops.reshape(made, (batch.size, length, made._array.shape[-1]))
    if padding_idx < 0:
        return made
    hidden = ops.eq(ops.new_positions(places, length), padding_idx)
    return ops.masked_fill(made, ops.reshape(hidden, (1, length, 1)), 0)


@rule("masked_select")
def _masked_select(batch: Batch, values: list[Any]) -> Any:
    if is_batched(values[1]):
        raise RuntimeError(
            "vmap: Attempted to vmap over `mask` in torch.masked_select(self, mask) We cannot "
            "support this because for each batch this would return a differently shaped Tensor. "
            "Please file an issue at https://github.com/pytorch/pytorch/issues if you need this "
            "feature."
        )
    input, mask = values
    whole = padded(input, max(rank(input), rank(mask)))
    taken = ops.masked_select(whole, mask._array.value)
    return ops.view(taken, (batch.size, sizes.numel(taken._array.shape) // batch.size))


@rule("searchsorted")
def _searchsorted(batch: Batch, values: list[Any]) -> Any:
    sequence, input, right = values
    if rank(sequence) == 1 and not is_batched(sequence):
        return ops.searchsorted(front(sequence), front(input), right)
    places = batch.stretched(input)
    if rank(sequence) > 1:
        return ops.searchsorted(batch.stretched(sequence), places, right)
    rows = places if places.ndim == 2 else ops.reshape(places, (batch.size, -1))
    found = ops.searchsorted(batch.stretched(sequence), rows, right)
    return ops.view(found, places._array.shape)


give(fallback, "among")


def _dynamic(name: str) -> Rule:
    """Return the rule of an op whose result has a size for each member: refuse it."""

    def rule(batch: Batch, values: list[Any]) -> Any:
        raise RuntimeError(DYNAMIC.format(name))

    return rule


give(_dynamic("_unique2"), "unique")
give(_dynamic("unique_consecutive"), "unique_consecutive")
