"""Functions that torch composes of others, but never takes apart under ``vmap``.

It has no batching rule for them, and runs them whole for each member of the batch, with a warning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from .. import ops
from ..engine.levels import GradLevel, stack
from ..engine.modes import interposed
from ..tensor import Tensor
from .arrays import front, is_batched
from .fallbacks import refuse_unbatched_target, warn_of_loop
from .level import VmapLevel
from .rules import each_member, stacked

_Function = TypeVar("_Function", bound=Callable[..., Any])

NO_FALLBACK = "Batching rule not implemented for aten::{}. We could not generate a fallback."
"""What torch says of a function that takes or gives something else than tensors."""
NO_VIEWS = (
    "Batching rule not implemented for aten::{}; the fallback path doesn't work on out= or view "
    "ops."
)
"""What it says of a function that gives a view."""


def member_by_member(
    name: str | Callable[..., str | None],
    inplace: bool = False,
    is_op: bool = False,
    warns: bool = True,
) -> Callable[[_Function], _Function]:
    """Make a function run once for each member of a batch.

    Args:
        name: torch's name of the op, or a function of the arguments that gives it, None where the
            call is taken apart.
        inplace: the function writes to its first argument, and returns it.
        is_op: it is an op of its own, without a gradient: a transform that differentiates passes
            it on, instead of taking it apart.
        warns: torch warns of the loop; it does not where the op is written in Python.
    """

    def decorate(function: _Function) -> _Function:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if is_op and isinstance(current := stack.current, GradLevel):
                lowered = [
                    current.unwrapped(arg) if isinstance(arg, Tensor) else arg for arg in args
                ]
                with current.below():
                    made = wrapper(*lowered, **kwargs)
                return current.lifted(made) if isinstance(made, Tensor) else made
            level = _batch_of((*args, *kwargs.values())) if interposed.count else None
            if level is None:
                return function(*args, **kwargs)
            called = name if isinstance(name, str) else name(*args, **kwargs)
            if called is None:
                return function(*args, **kwargs)
            if warns:
                warn_of_loop(called)
            if inplace and not (level.owns(args[0]) and is_batched(args[0])):
                refuse_unbatched_target("", called, level.number)
            return _looped(level, function, called, inplace, args, kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate


def refuse_undivided(values: tuple[Any, ...], text: str) -> None:
    """Refuse a function of these where it would have to run once for each member of a batch."""
    if interposed.count and _batch_of(values) is not None:
        raise RuntimeError(text)


def _batch_of(values: tuple[Any, ...]) -> VmapLevel | None:
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


def _looped(
    level: VmapLevel,
    function: Callable[..., Any],
    name: str,
    inplace: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
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
