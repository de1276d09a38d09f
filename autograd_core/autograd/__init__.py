"""torch.autograd: ``backward`` and ``grad``, under torch's names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from ..engine import views
from ..engine.backward import run_backward
from ..engine.modes import (
    enable_grad,
    inference_mode,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)
from ..engine.node import Edge, accumulator, gradient_edge
from ..tensor import Tensor, wrap
from . import display, forward_ad, function, graph, tensor_state
from .function import Function, NestedIOFunction
from .gradcheck import gradcheck, gradgradcheck

__all__ = [
    "Function",
    "NestedIOFunction",
    "backward",
    "display",
    "enable_grad",
    "forward_ad",
    "function",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
    "set_multithreading_enabled",
    "tensor_state",
]

_CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter "
    "and its gradient which can cause a memory leak. We recommend using autograd.grad when "
    "creating the graph to avoid this. If you have to use this function, make sure to reset the "
    ".grad fields of your parameters to None after use to break the cycle and avoid the leak."
)


def _root_edges(tensors: Sequence[Tensor]) -> list[Edge]:
    edges = []
    for k, tensor in enumerate(tensors):
        edge = gradient_edge(tensor)
        if edge is None:
            raise RuntimeError(
                f"element {k} of tensors does not require grad and does not have a grad_fn"
            )
        edges.append(edge)
    return edges


def _checked_gradients(outputs: Sequence[Tensor], grads: Sequence[Any]) -> list[Tensor]:
    """Return one gradient per output: the given one, checked, or ones for a real scalar."""
    checked: list[Any] = []
    for k, (out, grad) in enumerate(zip(outputs, grads, strict=True)):
        if isinstance(grad, Tensor):
            if grad._array.shape != out._array.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{k}] has a shape of {grad.shape} and "
                    f"output[{k}] has a shape of {out.shape}."
                )
            if out._dtype.is_complex != grad._dtype.is_complex:
                raise RuntimeError(
                    "For complex Tensors, both grad_output and output are required to have the "
                    f"same dtype. Mismatch in dtype: grad_output[{k}] has a dtype of "
                    f"{grad._dtype} and output[{k}] has a dtype of {out._dtype}."
                )
            # Cast as the engine casts on every edge.
            checked.append(grad if grad._dtype is out._dtype else grad.to(out._dtype))
        elif grad is None:
            if not out.requires_grad:
                checked.append(None)  # refused as a root
                continue
            if out._array.shape and out.numel() != 1:
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            if not out._dtype.is_floating_point:
                raise RuntimeError(
                    "grad can be implicitly created only for real scalar outputs but got "
                    f"{out._dtype}"
                )
            backend = out._backend
            shape = out._array.shape
            one = backend.full(shape, 1, out._dtype) if shape else backend.scalar(1, out._dtype)
            checked.append(wrap(one, out._dtype, backend))
        else:
            raise TypeError(
                f"gradients can be either Tensors or None, but got {type(grad).__name__}"
            )
    return checked


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, Tensor) else tuple(value)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of ``tensors`` to the ``.grad`` of leaves (or of ``inputs`` only).

    Raises:
        RuntimeError: a root is not differentiated, a gradient does not fit, or a graph that was
            freed is run again (torch's texts).
    """
    if grad_variables is not None:
        warnings.warn(
            "`grad_variables` is deprecated. Use `grad_tensors` instead.",
            FutureWarning,
            stacklevel=2,
        )
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to "
                "`backward()`. Please only use `grad_tensors`."
            )
        grad_tensors = grad_variables
    if inputs is not None and len(_as_tuple(inputs)) == 0:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    roots = _as_tuple(tensors)
    targets = _as_tuple(inputs) if inputs is not None else ()
    if grad_tensors is None:
        given: Sequence[Any] = (None,) * len(roots)
    else:
        given = _as_tuple(grad_tensors)
    grads = _checked_gradients(roots, given)
    edges = _root_edges(roots)
    if retain_graph is None:
        retain_graph = create_graph
    if create_graph:
        warnings.warn(_CYCLE, UserWarning, stacklevel=3)
    input_edges: list[Edge] = []
    for target in targets:
        if not target.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
        if not target.is_leaf:
            target.retain_grad()
        input_edges.append(_input_edge(target))
    run_backward(edges, grads, retain_graph, create_graph, input_edges, True)


def _input_edge(tensor: Tensor) -> Edge:
    node = tensor.grad_fn
    return (accumulator(tensor), 0) if node is None else (node, tensor._output_nr)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """Return the gradients of ``outputs`` with respect to ``inputs``; ``.grad`` is not touched.

    Raises:
        RuntimeError: an input is not reached and ``allow_unused`` is not set, and as ``backward``.
        NotImplementedError: ``is_grads_batched``.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    if is_grads_batched:
        raise NotImplementedError("grad(): is_grads_batched=True is not supported")
    if allow_unused is None:
        allow_unused = materialize_grads
    roots = _as_tuple(outputs)
    targets = _as_tuple(inputs)
    if not targets:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To "
            "accumulate gradient for other parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    given = (None,) * len(roots) if grad_outputs is None else _as_tuple(grad_outputs)
    grads = _checked_gradients(roots, given)
    edges = _root_edges(roots)
    if retain_graph is None:
        retain_graph = create_graph
    for target in targets:
        if not target.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
    results: list[Any] = run_backward(
        edges,
        grads,
        retain_graph,
        create_graph,
        [_input_edge(target) for target in targets],
        False,
    ) or [None] * len(targets)
    for k, result in enumerate(results):
        if result is None:
            if materialize_grads:
                results[k] = views.differentiable_xp().zeros_like(targets[k])
                results[k]._requires_grad = True
            elif not allow_unused:
                raise RuntimeError(
                    f"The differentiated Tensor at index {k} appears to not have been used in the "
                    "graph. Set allow_unused=True if this is the desired behavior."
                )
    return tuple(results)


from . import functional  # noqa: E402 - it is written with grad
