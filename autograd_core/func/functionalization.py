"""``functionalize``: a function whose writes are seen from outside as results only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..engine.modes import is_inference
from ..pytrees import tree_flatten, tree_map, tree_unflatten
from ..tensor import Tensor, wrap_sharing


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """Return ``func`` without writes: it works on copies, and its results share no memory.

    What it wrote to an argument is copied to that at the end, as one write. There is no program to
    take writes, and views, out of, so ``remove`` changes nothing; inside, tensors are ordinary
    ones, and the copies show in the graph.

    Args:
        func: takes and returns (trees of) Tensors.
        remove: "mutations" or "mutations_and_views".

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
        unwritten: dict[int, Any] = {}
        written = []
        for value, copy, version in zip(given, copies, before, strict=True):
            if _version(copy) == version:
                unwritten[id(copy)] = value
            elif copy.shape == value.shape:
                written.append((value, copy))
        results = tree_map(lambda leaf: _outside(leaf, unwritten), results)
        for value, copy in written:
            value.copy_(copy)
        return results

    return wrapped


def _version(value: Any) -> int:
    """Return how often a Tensor was written, as far as it counts."""
    return value._version if isinstance(value, Tensor) and not is_inference(value) else 0


def _outside(result: Any, unwritten: dict[int, Any]) -> Any:
    """Return a result as it is outside: an argument, or a Tensor that is no view and unwritten."""
    if not isinstance(result, Tensor) or id(result) in unwritten:
        return unwritten.get(id(result), result)
    memory = result._owned()
    if result._is_view():
        memory = result._backend.clone(memory)
    made = wrap_sharing(memory, result)
    made._grad_fn, made._output_nr = result.grad_fn, result._output_nr
    made._requires_grad = result.requires_grad
    if not is_inference(made):
        made._version_counter = [0]
    return made
