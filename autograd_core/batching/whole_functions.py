"""Functions that torch composes of others, but never takes apart under ``vmap``.

It has no batching rule for them, and runs them whole for each member of the batch, with a warning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..engine.levels import GradLevel, stack
from ..engine.modes import interposed
from ..tensor import Tensor

_Function = TypeVar("_Function", bound=Callable[..., Any])

NO_FALLBACK = "Batching rule not implemented for aten::{}. We could not generate a fallback."
"""What torch says of a function that takes or gives something else than tensors."""
NO_VIEWS = (
    "Batching rule not implemented for aten::{}; the fallback path doesn't work on out= or view "
    "ops."
)
"""What it says of a function that gives a view."""
DYNAMIC = (
    "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap "
    "over aten::{}. Please file an issue at https://github.com/pytorch/pytorch/issues if you need "
    "this feature."
)
"""And of one whose result has as many elements as the values say."""


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
            if not (interposed.count and stack.current is not None):
                return function(*args, **kwargs)
            from .loops import batch_of, looped

            level = batch_of((*args, *kwargs.values()))
            if level is None:
                return function(*args, **kwargs)
            called = name if isinstance(name, str) else name(*args, **kwargs)
            if called is None:
                return function(*args, **kwargs)
            return looped(level, function, called, inplace, warns, args, kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate


def refuse_undivided(values: tuple[Any, ...], text: str) -> None:
    """Refuse a function of these where it would have to run once for each member of a batch."""
    if interposed.count and stack.current is not None:
        from .loops import batch_of

        if batch_of(values) is not None:
            raise RuntimeError(text)
