"""Calling hooks: what they are given, what their results replace, and torch's complaints.

Gradients on their way are raw arrays or Tensors; what a hook was given stays a Tensor, so that the
next hook, ``.grad`` and the caller see the same object.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..dtypes import type_text
from ..tensor import Tensor, wrap
from .node import AccumulateGrad, Node, is_tensor


def as_tensor(node: Node, value: Any) -> Tensor | None:
    """Return a gradient on its way as a Tensor; None stays None."""
    if value is None or is_tensor(node, value):
        return value  # type: ignore[no-any-return]
    return wrap(value, node._backend.dtype(value), node._backend)


def _check_one(given: Tensor | None, result: Any, hook: Any) -> None:
    """Refuse a replacement that is not like the gradient it replaces; None may replace any."""
    if result is None:
        return
    if given is None:
        raise RuntimeError("can't replace a None gradient with a non-None value")
    if not isinstance(result, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(result).__name__}'")
    if result._dtype is not given._dtype:
        raise RuntimeError(
            f"hook '{_name(hook)}' has changed the type of value (was {_type_name(given)} got "
            f"{_type_name(result)})"
        )
    if result._array.shape != given._array.shape:
        raise RuntimeError(f"hook '{_name(hook)}' has changed the size of value")


def _check_all(given: tuple[Any, ...], results: Any, hook: Any) -> None:
    if not isinstance(results, tuple):
        raise TypeError(f"expected tuple, but hook returned '{type(results).__name__}'")
    if len(results) != len(given):
        raise RuntimeError(
            f"hook '{_name(hook)}' has returned an incorrect number of values (got "
            f"{len(results)}, but expected {len(given)})"
        )
    for value, result in zip(given, results, strict=True):
        _check_one(value, result, hook)


def _type_name(tensor: Tensor) -> str:
    return type_text(tensor._dtype)


def _name(hook: Any) -> str:
    return getattr(hook, "__name__", "<unknown>")


def _replaced(hooks: Iterable[Any], given: tuple[Any, ...], *others: Any) -> tuple[Any, ...]:
    """Call hooks on ``(given, *others)`` in turn; each result replaces what the next is given."""
    for hook in hooks:
        results = hook(given, *others)
        if results is not None and results is not given:
            _check_all(given, results, hook)
            given = results
    return given


def tensor_hooks(node: Node, grads: list[Any]) -> None:
    """Run the hooks on the gradients of the node's outputs, then keep retained gradients.

    Hooks added or removed by a hook count from the next run on, as the hooks are listed first.
    """
    for hooks, number in node.tensor_pre_hooks or ():
        grad = as_tensor(node, grads[number])
        for hook in list(hooks.values()):
            result = hook(grad)
            if result is not None and result is not grad:
                _check_one(grad, result, hook)
                grad = result
        grads[number] = grad
    for number, retain in (node.retain_grad_hooks or {}).items():
        grads[number] = grad = as_tensor(node, grads[number])
        if grad is not None:
            retain(grad)


def before(node: Node, grads: list[Any]) -> None:
    """Run what comes before a node; ``grads`` becomes what it shall run on."""
    tensor_hooks(node, grads)
    if node.pre_hooks:
        given = tuple([as_tensor(node, grad) for grad in grads])
        grads[:] = _replaced(list(node.pre_hooks.values()), given)


def after(node: Node, results: Iterable[Any], grads: Iterable[Any]) -> list[Any]:
    """Run the node's post-hooks on (gradients of inputs, gradients of outputs)."""
    given = tuple([as_tensor(node, value) for value in results])
    outputs = tuple([as_tensor(node, value) for value in grads])
    return list(_replaced(list((node.post_hooks or {}).values()), given, outputs))


def after_accumulation(leaf: AccumulateGrad) -> None:
    """Run the hooks of ``register_post_accumulate_grad_hook``."""
    variable = leaf.variable
    for hook in list((variable._post_accumulate_hooks or {}).values()):
        result = hook(variable)
        if result is None:
            continue
        if not isinstance(result, Tensor):
            raise TypeError(f"expected Variable, but hook returned '{type(result).__name__}'")
        raise RuntimeError("Tensor post accumulate grad hooks should return None.")
