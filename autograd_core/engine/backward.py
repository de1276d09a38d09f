"""The scheduler: runs nodes in descending sequence order and carries gradients along the edges.

Every consumer of a node is newer than it, so the newest waiting node always has its gradients
complete, and an ordinary backward needs no discovery pass. Leaves run when their last gradient
has come; where that can be observed (leaf hooks, ``inputs=``), dependencies are counted first.
"""

from __future__ import annotations

import functools
import heapq
import threading
from collections.abc import Callable, Sequence
from typing import Any

from ..sizes import broadcast_shapes
from ..tensor import Tensor, wrap
from . import hook_calls
from .modes import modes
from .node import AccumulateGrad, Edge, Node
from .views import differentiable_xp


class _Task:
    """One run of the engine: gradients waiting at nodes, and what is asked of it."""

    def __init__(
        self,
        create_graph: bool,
        keep_graph: bool,
        captures: dict[tuple[Node, int], int] | None,
        needed: set[Node] | None,
    ) -> None:
        self.create_graph = create_graph
        self.keep_graph = keep_graph
        self.captures = captures
        self.needed = needed
        self.captured: dict[int, Tensor] = {}
        self.waiting: dict[Node, list[Any]] = {}
        self.heap: list[tuple[int, Any]] = []
        self.leaves: dict[AccumulateGrad, None] = {}
        self.counts: dict[Node, int] | None = None


class _State(threading.local):
    """The running tasks of this thread, and the callbacks queued for their end."""

    def __init__(self) -> None:
        self.depth = 0


state = _State()


def run_backward(
    roots: Sequence[Edge],
    gradients: Sequence[Tensor | None],
    keep_graph: bool,
    create_graph: bool,
    inputs: Sequence[Edge] = (),
    accumulate: bool = True,
) -> list[Tensor | None]:
    """Run the graph backward from ``roots``.

    Args:
        roots: (node, output number) of each root.
        gradients: the gradient of each root, checked.
        keep_graph: saved values stay for another run.
        create_graph: the run is recorded; formulas work on Tensors.
        inputs: where to stop; empty means at all leaves.
        accumulate: whether gradients reach ``.grad``; otherwise those of ``inputs`` are returned.

    Returns:
        the gradients of ``inputs``, None for those not reached; empty when accumulating.
    """
    captures: dict[Edge, int] | None = None
    needed = None
    if inputs:
        needed = _nodes_leading_to(roots, inputs)
        if not accumulate:
            captures = {}
            for k, edge in enumerate(inputs):
                captures.setdefault(edge, k)
    task = _Task(create_graph, keep_graph, captures, needed)
    if needed is not None or hook_calls.leaf_hooks_exist():
        task.counts = _dependencies(roots)
    previous = modes.grad_enabled
    modes.grad_enabled = create_graph
    state.depth += 1
    try:
        for (node, number), gradient in zip(roots, gradients, strict=True):
            value: Any = gradient
            if gradient is not None and not create_graph:
                value = gradient._array
            _deliver(task, node, number, value, is_root=True)
        plain = task.counts is None and not create_graph
        drain: Callable[..., Any] = _drain_plain if plain else _drain
        for backend in {node.backend for node, _ in roots}:
            drain = functools.partial(backend.quietly, drain)
        drain(task)
    finally:
        state.depth -= 1
        modes.grad_enabled = previous
    if accumulate:
        return []
    return [task.captured.get(captures[edge]) for edge in inputs] if captures else []


def _nodes_leading_to(roots: Sequence[Edge], inputs: Sequence[Edge]) -> set[Node]:
    """Return the nodes that must run for gradients to reach ``inputs``."""
    targets = {node for node, _ in inputs}
    order: list[Node] = []
    seen: set[Node] = set()
    stack = [node for node, _ in roots]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack.extend(edge[0] for edge in node.next_edges if edge is not None)
    order.sort(key=_by_sequence)
    needed: set[Node] = set()
    for node in order:  # oldest first: what a node leads to has been decided before it
        if node in targets or any(
            edge is not None and edge[0] in needed for edge in node.next_edges
        ):
            needed.add(node)
    return needed


def _by_sequence(node: Node) -> int:
    return -1 if isinstance(node, AccumulateGrad) else node.sequence_nr


def _dependencies(roots: Sequence[Edge]) -> dict[Node, int]:
    """Return how many edges will deliver to each node."""
    counts: dict[Node, int] = {}
    seen: set[Node] = set()
    stack = [node for node, _ in roots]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for edge in node.next_edges:
            if edge is not None:
                counts[edge[0]] = counts.get(edge[0], 0) + 1
                stack.append(edge[0])
    return counts


def _deliver(task: _Task, node: Node, number: int, value: Any, is_root: bool = False) -> None:
    """Add a gradient to what waits at a node's output; queue the node when it is ready."""
    waiting = task.waiting.get(node)
    if waiting is None:
        task.waiting[node] = waiting = [None] * max(len(node.outputs), 1)
        if task.counts is None:
            if isinstance(node, AccumulateGrad):
                task.leaves[node] = None
            else:
                heapq.heappush(task.heap, (-node.sequence_nr, node))
    elif task.counts is None and isinstance(node, AccumulateGrad):
        # Leaves run in the order their last gradient came.
        del task.leaves[node]
        task.leaves[node] = None
    if value is not None:
        present = waiting[number]
        if present is None:
            waiting[number] = value
        elif task.create_graph:
            waiting[number] = present + value
        else:
            waiting[number] = node.backend.add(present, value)
    if task.counts is not None:
        if not is_root:
            task.counts[node] -= 1
        if task.counts.get(node, 0) == 0:
            heapq.heappush(task.heap, (-node.sequence_nr, _Ordered(node)))


class _Ordered:
    """A node in the heap; leaves share one sequence number, and the first ready one goes first."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __lt__(self, other: Any) -> bool:
        return False


def _drain_plain(task: _Task) -> None:
    """Run everything waiting, when gradients are raw and leaves may wait for the end.

    The same as ``_drain`` with ``_run`` and ``_deliver`` written out for the common case: no
    captures, no counts. A chain of small ops costs half as much this way.
    """
    heap, waiting, leaves = task.heap, task.waiting, task.leaves
    keep_graph = task.keep_graph
    value: Any
    while heap:
        node = heapq.heappop(heap)[1]
        grads = waiting.pop(node)
        if node.hooked:
            grads = hook_calls.before(node, grads, False)
        results = node.apply_raw(grads)
        if node.post_hooks:
            results = hook_calls.after(node, results, grads, False)
        if not keep_graph:
            node.release()
        for value, edge in zip(results, node.next_edges, strict=True):
            if edge is None:
                continue
            target, number = edge
            outputs = target.outputs
            if value is not None:
                shape, dtype = outputs[number]
                if value.shape != shape or (value.dtype is not dtype and value.dtype != dtype):
                    value = _validated(value, shape, dtype, target, node)
            slots = waiting.get(target)
            if slots is None:
                if len(outputs) == 1:
                    waiting[target] = [value]
                else:
                    waiting[target] = slots = [None] * len(outputs)
                    slots[number] = value
                if type(target) is AccumulateGrad:
                    leaves[target] = None
                else:
                    heapq.heappush(heap, (-target.sequence_nr, target))
                continue
            if type(target) is AccumulateGrad:
                # Leaves run in the order their last gradient came.
                del leaves[target]
                leaves[target] = None
            if value is not None:
                present = slots[number]
                slots[number] = value if present is None else target.backend.add(present, value)
        # Nothing may refer to a gradient that a leaf could take over.
        del grads, results
        value = None
    _run_leaves(task)


def _validated(value: Any, shape: Any, dtype: Any, target: Node, source: Node) -> Any:
    index = next(k for k, edge in enumerate(source.next_edges) if edge and edge[0] is target)
    return validate_raw(value, shape, dtype, target, source, index)


def _drain(task: _Task) -> None:
    heap = task.heap
    waiting = task.waiting
    while heap:
        node: Any = heapq.heappop(heap)[1]
        if type(node) is _Ordered:
            node = node.node
        grads = waiting.pop(node, None)
        if grads is None:
            continue
        _run(task, node, grads)
    _run_leaves(task)


def _run_leaves(task: _Task) -> None:
    """Accumulate into the leaves, in the order their last gradient came."""
    for leaf in task.leaves:
        leaf_grads = task.waiting.pop(leaf)
        if not task.create_graph and not leaf.hooked:
            array = leaf_grads.pop()
            if array is not None:
                leaf.accumulate_raw(array)
        else:
            _run(task, leaf, leaf_grads)


def _run(task: _Task, node: Node, grads: list[Any]) -> None:
    """Run one node and deliver what it gives; hooks see Tensors, the rest raw arrays."""
    needed = task.needed
    if node.hooked:
        grads = hook_calls.before(node, grads, task.create_graph)
    if task.captures is not None:
        _capture(task, node, grads)
    if needed is not None and node not in needed:
        return
    if task.captures is not None and not _leads_on(node, needed):
        return
    if isinstance(node, AccumulateGrad):
        if task.captures is None:
            if task.create_graph:
                node.apply_tensors(grads)
            else:
                node.apply_raw(grads)
            hook_calls.after_accumulation(node)
        return
    results = node.apply_tensors(grads) if task.create_graph else node.apply_raw(grads)
    if node.post_hooks:
        results = hook_calls.after(node, results, grads, task.create_graph)
    if not task.keep_graph:
        node.release()
    edges = node.next_edges
    if len(results) != len(edges):
        raise RuntimeError(
            f"Function {node.name()} returned an incorrect number of gradients "
            f"(expected {len(edges)}, got {len(results)})"
        )
    for k, edge in enumerate(edges):
        if edge is None:
            continue
        target, number = edge
        value = results[k]
        if value is not None:
            shape, dtype = target.outputs[number]
            if task.create_graph:
                value = validate_tensor(value, shape, dtype, target, node, k)
            elif value.shape != shape or value.dtype != dtype:
                value = validate_raw(value, shape, dtype, target, node, k)
        _deliver(task, target, number, value)


def _leads_on(node: Node, needed: set[Node] | None) -> bool:
    """Whether a captured node has needed nodes behind it."""
    return needed is not None and any(
        edge is not None and edge[0] in needed for edge in node.next_edges
    )


def _capture(task: _Task, node: Node, grads: list[Any]) -> None:
    captures: dict[tuple[Node, int], int] = task.captures  # type: ignore[assignment]
    for number, grad in enumerate(grads):
        slot = captures.get((node, number))
        if slot is not None and grad is not None:
            if task.create_graph:
                task.captured[slot] = grad
            else:
                task.captured[slot] = wrap(grad, node.backend.dtype(grad), node.backend)


def validate_raw(
    value: Any, shape: tuple[int, ...], dtype: Any, target: Node, source: Node, index: int
) -> Any:
    """Return a raw gradient summed to the shape and cast to the dtype of what it is of."""
    xp = target.backend
    if value.shape != shape:
        _check_expandable(shape, value.shape, source, index)
        value = sum_to(xp, value, shape)
    if value.dtype != dtype:
        wanted = xp.dtype_of_native(dtype)
        if not wanted.is_complex and xp.dtype(value).is_complex:
            value = xp.real(value)
        value = xp.cast(value, wanted)
    return value


def validate_tensor(
    value: Tensor, shape: tuple[int, ...], dtype: Any, target: Node, source: Node, index: int
) -> Tensor:
    """Return a gradient Tensor summed to the shape and cast to the dtype of what it is of."""
    xp = differentiable_xp()
    if value._array.shape != shape:
        _check_expandable(shape, value._array.shape, source, index)
        value = sum_to(xp, value, shape)
    wanted = target.backend.dtype_of_native(dtype)
    if value._dtype is not wanted:
        if not wanted.is_complex and value._dtype.is_complex:
            value = xp.real(value)
        if value._dtype is not wanted:
            value = xp.to_dtype(value, wanted)
    return value


def _check_expandable(
    shape: tuple[int, ...], grad_shape: tuple[int, ...], source: Node, index: int
) -> None:
    try:
        expandable = broadcast_shapes(shape, grad_shape) == tuple(grad_shape)
    except RuntimeError:
        expandable = False
    if not expandable:
        raise RuntimeError(
            f"Function {source.name()} returned an invalid gradient at index {index} - got "
            f"{list(grad_shape)} but expected shape compatible with {list(shape)}"
        )


def sum_to(xp: Any, value: Any, shape: tuple[int, ...]) -> Any:
    """Return ``value`` summed over the dims that broadcasting from ``shape`` added or stretched."""
    leading = len(value.shape) - len(shape)
    dims = tuple(range(leading)) + tuple(
        leading + k
        for k, length in enumerate(shape)
        if length == 1 and value.shape[leading + k] != 1
    )
    if dims:
        value = xp.sum(value, dims, True)
    if leading:
        value = xp.view(value, shape)
    return value
