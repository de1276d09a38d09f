"""Rules of batching: how an op on Tensors with a batch dim is said in ops on the Tensors below.

A rule is a function of (batch, values): the op's ``Batch`` and its arguments, whose Tensors are all
of the vmap level. It returns what the op gives, Tensors below with the batch dim in front (or
``Batched`` arrays). An op without a rule runs once for each member of the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..composites import movement
from ..tensor import Tensor
from .arrays import Batch, Batched, front, is_batched, padded, rank
from .fallbacks import SLOW, warn_of_loop

Rule = Callable[[Batch, list[Any]], Any]

RULES: dict[str, Rule] = {}
"""Rules by the name of the kernel."""


def rule_of(entry: Any) -> Rule:
    """Return the rule of an entry: without one of its own, that of pointwise formulas for those."""
    otherwise = pointwise if entry.tangent_kind == "pointwise" else unruled
    return RULES.get(entry.kernel_name, otherwise)


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Give the decorated rule to the kernels of these names."""

    def given(function: Rule) -> Rule:
        give(function, *names)
        return function

    return given


def give(rule: Rule, *names: str) -> None:
    """Give a rule to the kernels of these names, which may be several in one string."""
    for name in " ".join(names).split():
        RULES[name] = rule


def unbatched(batch: Batch, values: list[Any]) -> Any:
    """Run an op on Tensors of which none has a batch dim."""
    made = batch.run(batch.mapped(lambda t: t._array.value, values))
    if isinstance(made, tuple):
        return tuple(None if part is None else Batched(part, None) for part in made)
    return Batched(made, None)


def looped(batch: Batch, values: list[Any]) -> Any:
    """Run the op for each member of the batch and stack what it gives."""
    return _members(batch, values, lambda made: made)


def unruled(batch: Batch, values: list[Any]) -> Any:
    """Run an op without a rule of ours for each member of the batch, and say so."""
    if batch.entry.kernel_name not in SLOW:
        warn_of_loop(batch.entry.aten)
    return looped(batch, values)


def fallback(batch: Batch, values: list[Any]) -> Any:
    """Run an op that torch has no rule for: what it gives there is a view of what is stacked."""
    return _members(batch, values, lambda made: ops.view(made, made._array.shape))


def _members(batch: Batch, values: list[Any], finish: Callable[[Tensor], Tensor]) -> Any:
    fronts = batch.mapped(lambda t: (front(t), is_batched(t)), values)
    made = each_member(batch.size, batch.entry.kernel_name, fronts, batch.run)
    if batch.inplace:
        return None
    if isinstance(made[0], tuple):
        return tuple(
            None if parts[0] is None else finish(stacked(list(parts))) for parts in zip(*made)
        )
    return finish(stacked(made))


def each_member(
    size: int, name: str, values: list[Any], run: Callable[[list[Any]], Any]
) -> list[Any]:
    """Return what is made of the arguments of each member of a batch.

    Args:
        size: how many there are.
        name: the op's name, for the refusal of an empty batch.
        values: the arguments, for a Tensor a pair of it and whether it has a batch dim, in front.
        run: a function of one member's arguments.
    """
    if not size:
        raise RuntimeError(
            f"Batching rule not implemented for aten::{name}. The fallback path does not support "
            "vmap over dims of size 0."
        )

    def member(held: Any, k: int) -> Any:
        if isinstance(held, tuple) and len(held) == 2 and isinstance(held[0], Tensor):
            return ops.select(held[0], 0, k) if held[1] else held[0]
        if isinstance(held, list):
            return [member(inner, k) for inner in held]
        return held

    return [run([member(held, k) for held in values]) for k in range(size)]


def stacked(made: list[Tensor]) -> Tensor:
    """Return what the members gave as one (torch's text when the shapes differ)."""
    return movement.stack(made, 0)


def composed(function: Callable[..., Any]) -> Rule:
    """Return the rule of an op that is other ops on the Tensors of the vmap level."""

    def rule(batch: Batch, values: list[Any]) -> Any:
        made = function(*values)
        if batch.inplace:
            return ops.copy.inplace(values[0], made)
        if isinstance(made, tuple):
            return tuple(None if part is None else part._array for part in made)
        return made._array

    return rule


def pointwise(batch: Batch, values: list[Any]) -> Any:
    """Line up the operands' dims behind the batch dim, so that they broadcast as without it."""
    tensors = batch.tensors(values)
    if len(batch.entry.inputs) == 1:
        made = batch.run(batch.mapped(lambda t: t._array.value, values))
        bdim = tensors[0]._array.bdim
        if isinstance(made, tuple):
            return tuple(None if part is None else Batched(part, bdim) for part in made)
        return Batched(made, bdim)
    wanted = max(rank(tensor) for tensor in tensors)
    return batch.run(batch.mapped(lambda t: padded(t, wanted), promoted(batch, values)))


def stretched(batch: Batch, values: list[Any]) -> Any:
    """Run the op on operands that all have the batch dim and one rank."""
    wanted = max(rank(tensor) for tensor in batch.tensors(values))

    def whole(tensor: Tensor) -> Tensor:
        value = batch.stretched(tensor)
        shape = value._array.shape
        missing = (1,) * (wanted - rank(tensor))
        return ops.reshape(value, (shape[0], *missing, *shape[1:]))

    return batch.run(batch.mapped(whole, values))


def promoted(batch: Batch, values: list[Any], dtype: Any = None) -> list[Any]:
    """Return the arguments with operands cast, else where a batch dim would change promotion."""
    dtype = dtype or batch.compute_dtype(values)
    if dtype is None:
        return values
    cast = list(values)
    for i in batch.entry.promoted:
        if isinstance(values[i], Tensor) and not (batch.inplace and i == 0):
            cast[i] = ops.to_dtype(values[i], dtype) if values[i]._dtype is not dtype else values[i]
    return cast


def along(*names: str, scalars: bool = False) -> Rule:
    """Return the rule of ops that work along the dims these arguments name.

    Every Tensor gets its batch dim in front, several of them all. With ``scalars``, a 0-d Tensor,
    whose only dim is said to be 0, gets one.
    """

    def rule(batch: Batch, values: list[Any]) -> Any:
        tensors = batch.tensors(values)
        shifted = batch.mapped(front if len(tensors) == 1 else batch.stretched, values)
        flat = (
            scalars
            and any(rank(t) == 0 for t in tensors)
            and any(isinstance(batch.argument(values, name), int) for name in names)
        )
        if flat:
            shifted = [
                ops.unsqueeze(new, 1) if isinstance(old, Tensor) and rank(old) == 0 else new
                for new, old in zip(shifted, values)
            ]
        for name in names:
            at = batch.entry.parameters.index(name)
            shifted[at] = moved(values[at])
        made = batch.run(shifted)
        # A result is like the index that is gathered by, else like the first operand.
        like = tensors[batch.entry.kernel_name == "gather"]
        return _without_dim(made) if flat and rank(like) == 0 else made

    return rule


def moved(dims: Any) -> Any:
    """Return a dim, or each of several, one further back."""
    if dims is None:
        return None
    return dims + 1 if isinstance(dims, int) else tuple(d + 1 for d in dims)


def _without_dim(made: Any) -> Any:
    if isinstance(made, tuple):
        return tuple(_without_dim(part) for part in made)
    return ops.squeeze_dim(made, 1) if made.ndim > 1 else made


def flattened(tensor: Tensor) -> Tensor:
    """Return the front form with all dims but the batch dim as one."""
    value = front(tensor)
    return ops.reshape(value, (value._array.shape[0], -1))


def all_but_batch(value: Tensor) -> tuple[int, ...]:
    """Return the dims of a front form without the batch dim."""
    return tuple(range(1, value.ndim))
