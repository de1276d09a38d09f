"""``backward`` and ``grad``: what the caller gives, checked, and handed to the engine."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.backward import run_backward, run_from_scalar
from ..engine.gradient_checks import validate_tensor
from ..engine.levels import in_transform, stack
from ..engine.modes import interposed
from ..engine.node import Edge, Node, accumulator, gradient_edge
from ..namespaces import NAMESPACES
from ..sizes import Size
from ..tensor import Tensor, wrap
from ..warn_once import warn_once
from .graph import GradientEdge

_CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter "
    "and its gradient which can cause a memory leak. We recommend using autograd.grad when "
    "creating the graph to avoid this. If you have to use this function, make sure to reset the "
    ".grad fields of your parameters to None after use to break the cycle and avoid the leak."
)


def _as_tuple(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Tensor) or isinstance(value, GradientEdge):  # noqa: SIM101 - faster
        return (value,)
    return tuple(value)


def _inputs_tuple(inputs: Any, function: str) -> tuple[Any, ...]:
    """Return the inputs, also those of a dict, in order."""
    if type(inputs) is dict:
        found = tuple(inputs.values())
    elif isinstance(inputs, Mapping):
        raise TypeError(
            f"`inputs` argument to `{function}()` must be a dict, not {type(inputs).__name__}. "
            "Other Mapping types are not supported."
        )
    else:
        found = _as_tuple(inputs)
    if not found:
        raise RuntimeError(f"`inputs` argument to `{function}()` cannot be empty.")
    return found


def _given_gradients(given: Any, count: int) -> tuple[Any, ...]:
    if given is None:
        return (None,) * count
    return (given,) if isinstance(given, Tensor) else tuple(given)


def _facts(root: Any) -> tuple[Any, Any, Any]:
    """Return the shape, dtype and backend of the gradient that a root takes, if it is no Tensor."""
    if isinstance(root, GradientEdge):
        metadata = root.node._input_metadata[root.output_nr]
        return metadata.shape, metadata.dtype, root.node._backend
    raise AssertionError("Expected output to be a torch.Tensor")


def _checked_gradients(roots: Sequence[Any], given: Sequence[Any], batched: bool) -> list[Any]:
    """Return one gradient per root: the given one, checked, or ones for a real scalar."""
    checked: list[Any] = []
    for k, (root, grad) in enumerate(zip(roots, given)):
        if isinstance(root, Tensor):
            shape, dtype, backend = root._array.shape, root._dtype, root._backend
        else:
            shape, dtype, backend = _facts(root)
        if isinstance(grad, Tensor):
            _check_given(k, grad, root, shape, dtype, batched)
        elif grad is not None:
            raise TypeError(
                f"gradients can be either Tensors or None, but got {type(grad).__name__}"
            )
        elif isinstance(root, GradientEdge) or root._requires_grad or root.requires_grad:
            if shape and any(length != 1 for length in shape):
                raise RuntimeError("grad can be implicitly created only for scalar outputs")
            if not dtype.is_floating_point:
                raise RuntimeError(
                    f"grad can be implicitly created only for real scalar outputs but got {dtype}"
                )
            varies = isinstance(root, Tensor) and not backend.is_uniform(root._array)
            one = backend.full(shape, 1, dtype) if shape or varies else backend.scalar(1, dtype)
            grad = wrap(one, dtype, backend)
        checked.append(grad)
    return checked


def _check_given(
    k: int, grad: Tensor, root: Any, shape: tuple[int, ...], dtype: Any, batched: bool
) -> None:
    grad_shape = (grad[0] if batched else grad)._array.shape
    if grad_shape != tuple(shape):
        if batched and isinstance(root, GradientEdge):
            raise RuntimeError("Batched grads are not supported with GradientEdge")
        if batched:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output "
                "as the batch dimension. The sizes of the remaining dimensions are expected to "
                "match the shape of corresponding output, but a mismatch was detected: "
                # torch leaves out one dim too many here.
                f"grad_output[{k}] has a shape of {Size(grad_shape[1:])} and output[{k}] has a "
                f"shape of {Size(shape)}. If you only want some tensors in `grad_output` to be "
                "considered batched, consider using vmap."
            )
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{k}] has a shape of {Size(grad_shape)} and "
            f"output[{k}] has a shape of {Size(shape)}."
        )
    if dtype.is_complex != grad._dtype.is_complex:
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same "
            f"dtype. Mismatch in dtype: grad_output[{k}] has a dtype of {grad._dtype} and "
            f"output[{k}] has a dtype of {dtype}."
        )


def _root_edges(roots: Sequence[Any], grads: list[Any]) -> list[Edge]:
    """Return where the gradients of the roots go, and bring them to what is taken there."""
    if len(roots) != len(grads):
        raise RuntimeError(f"got {len(roots)} tensors and {len(grads)} gradients")
    edges = []
    for k, root in enumerate(roots):
        edge = gradient_edge(root) if isinstance(root, Tensor) else _edge_of(root)
        if edge is None:
            raise RuntimeError(
                f"element {k} of tensors does not require grad and does not have a grad_fn"
            )
        edges.append(edge)
        grad = grads[k]
        shape, native = edge[0]._outputs[edge[1]]
        if grad is None or (grad._array.shape == shape and grad._array.dtype is native):
            continue
        grads[k] = validate_tensor(grad, shape, native, edge[0], None, k)
    return edges


def _edge_of(given: GradientEdge) -> Edge:
    if not isinstance(given.node, Node):
        raise RuntimeError(
            "GradientEdge's first object must be an autograd.graph.Node but got "
            f"{type(given.node).__name__}"
        )
    return (given.node, given.output_nr)


def _input_edges(targets: Sequence[Any], accumulate: bool) -> list[Edge]:
    """Return the edges of the inputs; those that are no leaves retain what is accumulated."""
    edges: list[Edge] = []
    for target in targets:
        if isinstance(target, GradientEdge):
            edges.append(_edge_of(target))
            continue
        if not isinstance(target, Tensor):
            raise RuntimeError(
                f"all inputs have to be Tensors or GradientEdges, but got {type(target).__name__}"
            )
        if accumulate:
            target.retain_grad()
        if not target.requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
        node = target.grad_fn
        edges.append((accumulator(target), 0) if node is None else (node, target._output_nr))
    return edges


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradients of ``tensors`` to the ``.grad`` of leaves (or of ``inputs`` only).

    Args:
        tensors: the roots, Tensors or GradientEdges: one or a sequence.
        grad_tensors: the gradient of each root; None stands for 1 where a root is a real scalar.
        retain_graph: saved values stay for another run; None means: if ``create_graph``.
        create_graph: the run is recorded, so that gradients can be differentiated.
        grad_variables: deprecated name of ``grad_tensors``.
        inputs: where gradients are accumulated: Tensors or GradientEdges, one, a sequence or a
            dict of them; None means all leaves.

    Raises:
        RuntimeError: a root is not differentiated, a gradient does not fit, or a graph that was
            freed is run again (torch's texts).
    """
    level = stack.current if interposed.count else None
    if level is not None and not level.traces and not in_transform():
        raise RuntimeError(
            "backward() called inside torch.vmap. This is not supported, please call backward() "
            "outside torch.vmap or instead use torch.autograd.grad inside torch.vmap"
        )
    if interposed.count and in_transform():
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use "
            "functorch.grad or functorch.vjp instead or call backward() outside of functorch "
            "transforms."
        )
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
    if (
        grad_tensors is None
        and inputs is None
        and not create_graph
        and isinstance(tensors, Tensor)
        and tensors._view is None
        and tensors._grad_fn is not None
        and not tensors._array.shape
        and tensors._dtype.is_floating_point
    ):
        root = (tensors._grad_fn, tensors._output_nr)
        run_from_scalar(root, tensors._dtype, bool(retain_graph))
        return
    targets = () if inputs is None else _inputs_tuple(inputs, "backward")
    roots = (tensors,) if isinstance(tensors, Tensor) else _as_tuple(tensors)
    given = (None,) * len(roots) if grad_tensors is None else _given_gradients(grad_tensors, 0)
    grads = _checked_gradients(roots, given, False)
    edges = _root_edges(roots, grads)
    input_edges = _input_edges(targets, True) if targets else []
    if create_graph:
        warn_once(_CYCLE, stacklevel=3)
    keep_graph = create_graph if retain_graph is None else retain_graph
    run_backward(edges, grads, keep_graph, create_graph, input_edges, True)


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
) -> Any:
    """Return the gradients of ``outputs`` with respect to ``inputs``; ``.grad`` is not touched.

    Args:
        outputs: the roots, Tensors or GradientEdges: one or a sequence.
        inputs: Tensors or GradientEdges: one, a sequence, or a dict of them.
        grad_outputs: the gradient of each root; None stands for 1 where a root is a real scalar.
        retain_graph: saved values stay for another run; None means: if ``create_graph``.
        create_graph: the run is recorded, so that gradients can be differentiated.
        only_inputs: deprecated, without effect.
        allow_unused: whether inputs may be unused; None means: if ``materialize_grads``.
        is_grads_batched: whether dim 0 of each ``grad_outputs`` counts gradients.
        materialize_grads: unused inputs have zeros instead of None.

    Returns:
        a tuple of gradients, or a dict with the keys of ``inputs``.

    Raises:
        RuntimeError: an input is not reached and ``allow_unused`` is not set, and as ``backward``.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    if allow_unused is None:
        allow_unused = materialize_grads
    roots = _as_tuple(outputs)
    targets = _inputs_tuple(inputs, "grad")
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To "
            "accumulate gradient for other parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    given = _given_gradients(grad_outputs, len(roots))
    grads = _checked_gradients(roots, given, is_grads_batched)
    keep_graph = create_graph if retain_graph is None else retain_graph

    def vector_jacobian_product(cotangents: Sequence[Any]) -> tuple[Any, ...]:
        taken = list(cotangents)
        edges = _root_edges(roots, taken)
        input_edges = _input_edges(targets, False)
        found = run_backward(edges, taken, keep_graph, create_graph, input_edges, False)
        for k, result in enumerate(found):
            if result is None and not allow_unused:
                raise RuntimeError(
                    f"The differentiated Tensor at index {k} appears to not have been used in the "
                    "graph. Set allow_unused=True if this is the desired behavior."
                )
        return tuple(found)

    if is_grads_batched:
        from ..batching.level import over_batch

        results = over_batch(vector_jacobian_product, grads)
    else:
        results = vector_jacobian_product(grads)
    if materialize_grads:
        results = _materialized(results, targets, create_graph)
    return dict(zip(inputs, results, strict=True)) if type(inputs) is dict else results


def _materialized(
    results: tuple[Any, ...], targets: Sequence[Any], requires_grad: bool
) -> tuple[Any, ...]:
    """Return the gradients with zeros where an input was not reached."""
    filled = []
    for result, target in zip(results, targets, strict=True):
        if result is None:
            if isinstance(target, GradientEdge):
                raise RuntimeError(
                    "materialize_grads cannot be used when the given input is a GradientEdge"
                )
            result = NAMESPACES[""]["zeros_like"](target)
            result._requires_grad = requires_grad
        filled.append(result)
    return tuple(filled)
