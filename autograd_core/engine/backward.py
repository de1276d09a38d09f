"""The scheduler: runs nodes in descending sequence order and carries gradients along the edges.

Every consumer of a node is newer than it, so the newest waiting node always has its gradients
complete, and an ordinary backward needs no discovery pass (``_run_plain``). What can be observed
in more detail (``create_graph``, ``inputs=``, hooks on leaves) counts dependencies first, so that a
leaf runs as soon as its last gradient has come.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from typing import Any

from ..sizes import broadcast_shapes
from ..tensor import Tensor, wrap
from . import hook_calls
from .modes import modes
from .node import AccumulateGrad, Edge, Node
from .views import differentiable_xp


def run_backward(
    roots: Sequence[Edge],
    gradients: Sequence[Tensor],
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
    previous = modes.grad_enabled
    modes.grad_enabled = None if previous is None else create_graph
    try:
        if not (inputs or create_graph or hook_calls.leaf_hooks_exist()):
            _quietly(roots, _run_plain, roots, [g._array for g in gradients], keep_graph)
            return []
        needed = _nodes_leading_to(roots, inputs) if inputs else None
        captures: dict[Edge, int] | None = None
        if not accumulate:
            captures = {}
            for k, edge in enumerate(inputs):
                captures.setdefault(edge, k)
        task = _Task(create_graph, keep_graph, captures, needed, _dependencies(roots))
        _quietly(roots, _run_counted, task, roots, gradients)
    finally:
        modes.grad_enabled = previous
    return [] if captures is None else [task.captured.get(captures[edge]) for edge in inputs]


def _quietly(roots: Sequence[Edge], function: Callable[..., None], *args: Any) -> None:
    """Call a function in the quiet of each backend that the roots have."""
    backends = [roots[0][0].backend]
    backends += {node.backend for node, _ in roots[1:]} - {backends[0]}
    while len(backends) > 1:
        args = (function, *args)
        function = backends.pop().quietly
    backends[0].quietly(function, *args)


def _run_plain(roots: Sequence[Edge], arrays: Sequence[Any], keep_graph: bool) -> None:
    """Run everything behind the roots on raw gradients; leaves come last.

    The loop is written out, without a call per edge: a chain of small ops costs half as much.
    """
    heap: list[tuple[int, Node]] = []
    waiting: dict[Node, list[Any]] = {}
    leaves: dict[AccumulateGrad, None] = {}
    node: Any = None
    value: Any
    results: Sequence[Any] = arrays
    edges: Sequence[Edge | None] = roots
    while True:
        for value, edge in zip(results, edges, strict=True):
            if edge is None:
                continue
            target, number = edge
            outputs = target.outputs
            if value is not None:
                shape, dtype = outputs[number]
                if value.shape != shape or (value.dtype is not dtype and value.dtype != dtype):
                    index = next(k for k, found in enumerate(edges) if found is edge)
                    value = validate_raw(value, shape, dtype, target, node, index)
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
        # Nothing here may refer to a gradient that a leaf could take over.
        results = value = None  # type: ignore[assignment]
        if not heap:
            break
        node = heapq.heappop(heap)[1]
        grads = waiting.pop(node)
        if node.hooked:
            grads = hook_calls.before(node, grads, False)
        results = node.apply_raw(grads)
        if node.post_hooks:
            results = hook_calls.after(node, results, grads, False)
        if not keep_graph:
            node.release()
        edges = node.next_edges
        del grads
    for leaf in leaves:
        slots = waiting.pop(leaf)
        if leaf.hooked:
            _run_leaf(leaf, hook_calls.before(leaf, slots, False), False)
        else:
            array = slots.pop()
            if array is not None:
                leaf.accumulate_raw(array)


def _run_leaf(leaf: AccumulateGrad, grads: list[Any], create_graph: bool) -> None:
    """Accumulate what the hooks left of a gradient, and run the hooks that come after."""
    if create_graph:
        leaf.apply_tensors(grads)
    else:
        leaf.apply_raw(grads)
    hook_calls.after_accumulation(leaf)


class _Task:
    """A counted run: gradients waiting at nodes, and what is asked of it."""

    def __init__(
        self,
        create_graph: bool,
        keep_graph: bool,
        captures: dict[tuple[Node, int], int] | None,
        needed: set[Node] | None,
        counts: dict[Node, int],
    ) -> None:
        self.create_graph = create_graph
        self.keep_graph = keep_graph
        self.captures = captures
        self.needed = needed
        self.counts = counts
        self.captured: dict[int, Tensor] = {}
        self.waiting: dict[Node, list[Any]] = {}
        self.heap: list[tuple[int, _Ordered]] = []


def _run_counted(task: _Task, roots: Sequence[Edge], gradients: Sequence[Tensor]) -> None:
    """Run nodes as soon as all edges that lead to them have delivered."""
    for (node, number), gradient in zip(roots, gradients, strict=True):
        _add(task, node, number, gradient if task.create_graph else gradient._array)
    for node in {node for node, _ in roots}:
        if not task.counts.get(node):
            heapq.heappush(task.heap, (-node.sequence_nr, _Ordered(node)))
    while task.heap:
        node = heapq.heappop(task.heap)[1].node
        _run(task, node, task.waiting.pop(node))


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


def _add(task: _Task, node: Node, number: int, value: Any) -> None:
    """Add a gradient to what waits at a node's output."""
    waiting = task.waiting.get(node)
    if waiting is None:
        task.waiting[node] = waiting = [None] * len(node.outputs)
    if value is None:
        return
    present = waiting[number]
    if present is None:
        waiting[number] = value
    elif task.create_graph:
        waiting[number] = present + value
    else:
        waiting[number] = node.backend.add(present, value)


def _deliver(task: _Task, node: Node, number: int, value: Any) -> None:
    """Add a gradient along an edge; queue the node when it was the last one."""
    _add(task, node, number, value)
    task.counts[node] -= 1
    if not task.counts[node]:
        heapq.heappush(task.heap, (-node.sequence_nr, _Ordered(node)))


class _Ordered:
    """A node in the heap; leaves share one sequence number, and the first ready one goes first."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    def __lt__(self, other: Any) -> bool:
        return False


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
            _run_leaf(node, grads, task.create_graph)
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
