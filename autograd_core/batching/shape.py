"""Batching of views, joins and movements: sizes and dims get the batch dim in front."""

from __future__ import annotations

from typing import Any

from .. import ops, sizes
from ..tensor import Tensor
from .arrays import Batch, front, is_batched, padded, permuted, rank
from .rules import Rule, along, flattened, give, moved, rule

for _suffix in ("", "_copy"):
    for _name in ("select", "slice", "split", "split_with_sizes", "unbind", "unsqueeze"):
        give(along("dim"), _name + _suffix)
    give(along("dim"), f"squeeze_dims{_suffix}")
    give(along("dim1", "dim2"), f"diagonal{_suffix}")
give(along("dim"), "unsafe_split unsafe_split_with_sizes narrow_copy")
give(along("dim"), "select_scatter slice_scatter")
give(along("dim1", "dim2"), "diag_embed", "diagonal_scatter")
give(along("dims"), "rot90")
give(along(), "alias_copy view_as_real view_as_complex tril triu")


@rule("flip")
def _flip(batch: Batch, values: list[Any]) -> Any:
    input, dims = values
    if dims and not rank(input):
        raise IndexError("Dimension out of range (expected to be in range of [-1, 0], but got 1)")
    return batch.run([front(input), moved(dims)])


def _transposed(batch: Batch, values: list[Any]) -> Any:
    input, first, second = values
    if not rank(input):
        return unchanged(batch, input)
    return batch.run([front(input), first + 1, second + 1])


give(_transposed, "transpose", "transpose_copy")


def unchanged(batch: Batch, input: Tensor) -> Tensor:
    """Return what an op gives that has nothing to do: a view, or a copy."""
    value = front(input)
    return ops.alias(value) if batch.entry.view else ops.clone(value)


def _unfolded(batch: Batch, values: list[Any]) -> Any:
    input, dim, size, step = values
    if rank(input):
        return batch.run([front(input), dim + 1, size, step])
    return batch.run([ops.unsqueeze(front(input), 1), 1, size, step]).squeeze(1)


give(_unfolded, "unfold", "unfold_copy")


@rule("cat")
def _cat(batch: Batch, values: list[Any]) -> Any:
    tensors, dim = values
    wanted = max(rank(tensor) for tensor in tensors)
    # torch takes a 1-d tensor without elements for none, whatever the others' rank is.
    kept = [t for t in tensors if rank(t) == wanted or t._array.shape != (0,)]
    return batch.run([[batch.stretched(tensor) for tensor in kept], dim + 1])


@rule("block_diag")
def _block_diag(batch: Batch, values: list[Any]) -> Any:
    """One after the other, as torch's rule makes them, too."""
    fronts = [permuted(t) if is_batched(t) else t._array.value for t in values[0]]
    made = []
    for k in range(batch.size):
        blocks = [
            ops.select(value, 0, k) if is_batched(tensor) else value
            for value, tensor in zip(fronts, values[0], strict=True)
        ]
        made.append(ops.unsqueeze(ops.block_diag(blocks), 0))
    return ops.cat(made, 0)


def _permuted(batch: Batch, values: list[Any]) -> Any:
    return batch.run([front(values[0]), (0, *moved(values[1]))])


give(_permuted, "permute", "permute_copy")


def _sized(batch: Batch, values: list[Any]) -> Any:
    """Give the size its batch dim."""
    return batch.run([front(values[0]), (batch.size, *values[1])])


give(_sized, "view", "view_copy", "reshape_copy")


def _expanded(batch: Batch, values: list[Any]) -> Any:
    input, size = values
    missing = (1,) * (len(size) - rank(input))
    value = ops.view(front(input), (batch.size, *missing, *input._array.shape))
    return batch.run([value, (batch.size, *size)])


give(_expanded, "expand", "expand_copy")


@rule("reshape_alias")
def _reshape_alias(batch: Batch, values: list[Any]) -> Any:
    return ops.view(front(values[0]), (batch.size, *values[1]))


@rule("repeat")
def _repeat(batch: Batch, values: list[Any]) -> Any:
    input, repeats = values
    return batch.run([padded(input, len(repeats)), (1, *repeats)])


@rule("roll")
def _roll(batch: Batch, values: list[Any]) -> Any:
    input, shifts, dims = values
    if dims:
        return batch.run([front(input), shifts, moved(dims)])
    rolled = ops.roll(flattened(input), shifts, (1,))
    return ops.reshape(rolled, (batch.size, *input._array.shape))


@rule("squeeze")
def _squeeze(batch: Batch, values: list[Any]) -> Any:
    shape = values[0]._array.shape
    return ops.view(front(values[0]), (batch.size, *(n for n in shape if n != 1)))


@rule("squeeze_dim")
def _squeeze_dim(batch: Batch, values: list[Any]) -> Any:
    several = ops.squeeze_dims_inplace.inplace if batch.turns_view else ops.squeeze_dims
    return several(front(values[0]), (values[1] + 1,))


@rule("stack")
def _stack(batch: Batch, values: list[Any]) -> Any:
    tensors, dim = values
    fronts = [permuted(t) if is_batched(t) else batch.stretched(t) for t in tensors]
    return batch.run([fronts, dim + 1])


def _transposing(name: str) -> Rule:
    def rule(batch: Batch, values: list[Any]) -> Any:
        value = front(values[0])
        return getattr(ops, name)(value, 1, 2) if value.ndim > 2 else value

    return rule


give(_transposing("transpose"), "t")
give(_transposing("transpose_copy"), "t_copy")


def _as_strided(batch: Batch, values: list[Any]) -> Any:
    input, size, stride, offset = values
    value = front(input)
    step = value.stride(0)
    return batch.run([value, (batch.size, *size), (step, *stride), offset])


give(_as_strided, "as_strided", "as_strided_copy")


@rule("as_strided_scatter")
def _as_strided_scatter(batch: Batch, values: list[Any]) -> Any:
    input, src, size, stride, offset = values
    value = batch.stretched(input)
    if not sizes.is_dense(value._array.shape, value.stride()):
        value = ops.clone_contiguous(value)
    whole = (batch.size, *size)
    steps = (value.stride(0), *stride)
    return batch.run([value, batch.stretched(src), whole, steps, offset])


@rule("trace")
def _trace(batch: Batch, values: list[Any]) -> Any:
    return ops.sum(ops.diagonal(front(values[0]), 0, 1, 2), (1,))


def _of_sizes(*names: str) -> Rule:
    """Return the rule of a view's gradient, which takes the sizes and dims of the view."""

    def rule(batch: Batch, values: list[Any]) -> Any:
        moved_values = list(values)
        moved_values[0] = front(values[0])
        moved_values[1] = (batch.size, *values[1])
        for name in names:
            at = batch.entry.parameters.index(name)
            moved_values[at] = values[at] + 1
        return batch.run(moved_values)

    return rule


give(_of_sizes("dim"), "select_backward", "slice_backward", "unfold_backward")
give(_of_sizes("dim1", "dim2"), "diagonal_backward")
