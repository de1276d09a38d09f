"""Functions run once for each member of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..engine.levels import stack
from ..tensor import Tensor
from .arrays import front, is_batched
from .fallbacks import refuse_unbatched_target, warn_of_loop
from .level import VmapLevel
from .rules import each_member, stacked


def batch_of(values: tuple[Any, ...]) -> VmapLevel | None:
    """Return the level that a function of these runs at if that batches one of them."""
    members = [value if isinstance(value, (list, tuple)) else (value,) for value in values]
    tensors = [value for group in members for value in group if isinstance(value, Tensor)]
    level = stack.current
    while isinstance(level, VmapLevel):
        own = [tensor for tensor in tensors if level.owns(tensor)]
        if own:
            return level if any(map(is_batched, own)) else None
        level = level.outer
    return None


def looped(
    level: VmapLevel,
    function: Callable[..., Any],
    name: str,
    inplace: bool,
    warns: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Run a function once for each member of a batch, and return what they gave as one."""
    if warns:
        warn_of_loop(name)
    if inplace and not (level.owns(args[0]) and is_batched(args[0])):
        refuse_unbatched_target("", name, level.number)

    def held(value: Any) -> Any:
        if not isinstance(value, Tensor) or not level.owns(value):
            return value
        return front(value), is_batched(value)

    with level.below():
        values = [held(value) for value in (*args, *kwargs.values())]

        def run(members: list[Any]) -> Any:
            keywords = dict(zip(kwargs, members[len(args) :], strict=True))
            return function(*members[: len(args)], **keywords)

        made = each_member(level.size, name, values, run)
        if inplace:
            return args[0]
        if isinstance(made[0], tuple):
            return tuple(_whole(level, list(parts)) for parts in zip(*made))
        return _whole(level, made)


def _whole(level: VmapLevel, made: list[Tensor]) -> Tensor:
    """Return what the members gave as one, which is a view as in torch."""
    whole = stacked(made)
    return level.batched(ops.view(whole, whole._array.shape), 0)
