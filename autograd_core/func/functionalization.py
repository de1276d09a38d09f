"""``functionalize``: a function whose writes are seen from outside at its end only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..engine.levels import GradLevel
from ..engine.modes import is_inference
from ..engine.views import cut, differentiable_xp
from ..pytrees import tree_flatten, tree_map, tree_unflatten
from ..tensor import Tensor, wrap_sharing


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """Return ``func`` without writes: it works on copies of its arguments.

    What it wrote to an argument is copied to that at the end, as one write. Inside, tensors are
    ordinary ones, and the copies show in the graph.

    Args:
        func: takes and returns (trees of) Tensors.
        remove: "mutations", or "mutations_and_views": then results share no memory either.

    Raises:
        RuntimeError: ``remove`` is no option (torch's text).
    """
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. "
            "Valid options are:\n     remove='mutations': all inplace and out= operators will be "
            "removed from the program, and replaced with their out-of-place equivalents.\n     "
            "remove='mutations_and_views': In addition to the above, all aliasing operators {view} "
            "will be replaced with their non-aliasing counterparts, {view}_copy.\n"
        )

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        given, spec = tree_flatten((args, kwargs))
        copies = [value.clone() if isinstance(value, Tensor) else value for value in given]
        before = [_version(value) for value in copies]
        inner_args, inner_kwargs = tree_unflatten(list(copies), spec)
        results = func(*inner_args, **inner_kwargs)
        outside: dict[int, Any] = {}
        for value, copy, version in zip(given, copies, before, strict=True):
            if _version(copy) == version:
                outside[id(copy)] = value
            elif copy.shape == value.shape:
                value.copy_(copy)
        keeps_views = remove == "mutations"
        return tree_map(lambda leaf: _seen(leaf, outside, keeps_views), results)

    return wrapped


def _version(value: Any) -> int:
    """Return how often a Tensor was written, as far as it counts."""
    return value._version if isinstance(value, Tensor) and not is_inference(value) else 0


def _seen(result: Any, outside: dict[int, Any], keeps_views: bool) -> Any:
    """Return a result as it is outside: an argument, or a view of one, or a Tensor of its own.

    ``outside`` are the arguments that were not written, by their copies.
    """
    if not isinstance(result, Tensor) or id(result) in outside:
        return outside.get(id(result), result)
    view = result._view
    if keeps_views and view is not None:
        argument = outside.get(id(view.base))
        return result if argument is None else cut(view.replay, differentiable_xp(), argument)
    memory = result._owned()
    if view is not None:
        memory = result._backend.clone(memory)
    made = wrap_sharing(memory, result)
    made._grad_fn, made._output_nr = result.grad_fn, result._output_nr
    made._requires_grad = result.requires_grad
    if not is_inference(made):
        made._version_counter = [0]
    return made


def debug_unwrap(tensor: Tensor, *, recurse: bool = True) -> Tensor:
    """Return the Tensor that one of a transform holds, with ``recurse`` the innermost.

    A batch dim shows. The result is to be looked at, not to be computed with.
    """
    level = tensor._backend.level
    if level is None:
        return tensor
    array = tensor._array
    value: Tensor = array if isinstance(level, GradLevel) else array.value
    return debug_unwrap(value) if recurse else value
