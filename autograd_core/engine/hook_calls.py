"""Calling hooks: what they are given, what their results replace, and torch's complaints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import LEGACY_NAMES
from ..tensor import Tensor, wrap
from .node import AccumulateGrad, Node


class _Seen:
    """Whether a hook was ever put on a leaf; such hooks make the order of leaves observable."""

    on_leaf = False


_seen = _Seen()


def note_leaf_hook() -> None:
    """Make later runs keep the exact order of leaves."""
    _seen.on_leaf = True


def leaf_hooks_exist() -> bool:
    """Whether a hook was ever put on a leaf."""
    return _seen.on_leaf


def _as_tensor(node: Node, value: Any) -> Tensor | None:
    if value is None or isinstance(value, Tensor):
        return value
    return wrap(value, node.backend.dtype(value), node.backend)


def _check_result(result: Any, given: Tensor | None, name: str) -> None:
    """Refuse a replacement that is not like the gradient it replaces."""
    if not isinstance(result, Tensor):
        raise TypeError(f"expected Tensor, but hook returned '{type(result).__name__}'")
    if given is None:
        raise RuntimeError(f"can't replace a None gradient with a non-None value (hook {name})")
    if result._dtype is not given._dtype:
        raise RuntimeError(
            f"hook '{name}' has changed the type of value (was {_type_name(given)} got "
            f"{_type_name(result)})"
        )
    if result._array.shape != given._array.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")


def _type_name(tensor: Tensor) -> str:
    return f"torch.{LEGACY_NAMES[tensor._dtype]}Tensor"


def _hook_name(hook: Any) -> str:
    return getattr(hook, "__name__", type(hook).__name__)


def before(node: Node, grads: list[Any], create_graph: bool) -> list[Any]:
    """Run hooks on the outputs' gradients, keep retained ones, and run the node's pre-hooks."""
    tensors = [_as_tensor(node, grad) for grad in grads]
    for number, hooks in (node.tensor_pre_hooks or {}).items():
        for hook in list(hooks.values()):
            grad = tensors[number]
            if grad is None:
                continue
            result = hook(grad)
            if result is not None:
                _check_result(result, grad, _hook_name(hook))
                tensors[number] = result
    for number, retain in (node.retain_grad_hooks or {}).items():
        grad = tensors[number]
        if grad is not None:
            retain(grad)
    if node.pre_hooks:
        given = tuple(tensors)
        for hook in list(node.pre_hooks.values()):
            result = hook(given)
            if result is not None:
                given = result if isinstance(result, tuple) else (result,)
        tensors = list(given)
    if create_graph:
        return tensors
    return [None if tensor is None else tensor._array for tensor in tensors]


def after(
    node: Node, results: Sequence[Any], grads: list[Any], create_graph: bool
) -> Sequence[Any]:
    """Run the node's post-hooks on (gradients of inputs, gradients of outputs)."""
    inputs = tuple(_as_tensor(node, value) for value in results)
    outputs = tuple(_as_tensor(node, value) for value in grads)
    for hook in list((node.post_hooks or {}).values()):
        result = hook(inputs, outputs)
        if result is not None:
            inputs = result if isinstance(result, tuple) else (result,)
    if create_graph:
        return inputs
    return [None if tensor is None else tensor._array for tensor in inputs]


def after_accumulation(node: AccumulateGrad) -> None:
    """Run the hooks of ``register_post_accumulate_grad_hook``, and the node's post-hooks."""
    hooks = node.variable._post_accumulate_hooks
    if hooks:
        for hook in list(hooks.values()):
            hook(node.variable)
    if node.post_hooks:
        for hook in list(node.post_hooks.values()):
            hook((), (node.variable._grad,))
