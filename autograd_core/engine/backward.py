"""The scheduler: runs nodes in descending sequence order and carries gradients along the edges.

Every consumer of a node is newer than it, so the newest waiting node always has its gradients
complete, and an ordinary backward needs no discovery pass (``_run_plain``). As soon as something
could look on (a hook, a custom function), it goes on as a counted run (``graph_task``), which is
also where everything out of the ordinary starts: nodes of several threads, which number their own.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..tensor import Tensor, bump_version, wrap
from . import anomaly
from .gradient_checks import validate_raw
from .graph_state import is_tensor
from .graph_task import GraphTask, reachable, seen_as_view
from .modes import forward_level, modes, threads
from .node import AccumulateGrad, Edge, Node, leaf_hooks
from .reentrancy import run_nested


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
    if not roots:
        return [] if accumulate else [None] * len(inputs)
    previous = modes.grad_enabled
    modes.grad_enabled = None if previous is None else create_graph
    try:
        unusual = (
            leaf_hooks.exist
            or anomaly.mode.enabled
            or forward_level.current is not None
            or threads.record
        )
        if not (inputs or create_graph or unusual):
            _quietly(roots, _run_plain, roots, [g._array for g in gradients], keep_graph)
            return []
        on_tensors = create_graph or _from_inner_level(roots, gradients)
        task = GraphTask(roots, keep_graph, on_tensors, inputs, accumulate)
        task.start(gradients)
        _quietly(roots, run_nested, task)
    finally:
        modes.grad_enabled = previous
    return [] if accumulate else task.captured


def _from_inner_level(roots: Sequence[Edge], gradients: Sequence[Any]) -> bool:
    """Whether a gradient is no array to its root, being of a transform further in: a batch, say.

    Formulas run on Tensors then, recorded or not.
    """
    return any(
        gradient is not None and gradient._backend.level_number > node._backend.level_number
        for (node, _), gradient in zip(roots, gradients)
    )


def _quietly(roots: Sequence[Edge], function: Callable[..., None], *args: Any) -> None:
    """Call a function in the quiet of each backend that the roots have."""
    backend, *others = dict.fromkeys([node._backend for node, _ in roots])
    for other in others:
        args = (function, *args)
        function = other.quietly
    backend.quietly(function, *args)


def _run_plain(roots: Sequence[Edge], arrays: Sequence[Any], keep_graph: bool) -> None:
    """Run everything behind the roots on raw gradients; leaves come last.

    The loop is written out, without a call per edge: a chain of small ops costs half as much.
    """
    newest: Node | None = None
    heap: list[tuple[int, Node]] = []  # the other waiting nodes: in a chain there are none
    waiting: dict[Node, list[Any]] = {}
    # Leaves in the order their last gradient came, each with how often its sum was written.
    leaves: dict[AccumulateGrad, int] = {}
    node: Any = None
    value: Any
    results: Sequence[Any] = arrays
    edges: Sequence[Edge | None] = roots
    while True:
        for value, edge in zip(results, edges, strict=True):
            if edge is None:
                continue
            target, number = edge
            outputs = target._outputs
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
                    leaves[target] = 0
                elif newest is None:
                    newest = target
                elif newest.sequence_nr > target.sequence_nr:
                    heapq.heappush(heap, (-target.sequence_nr, target))
                else:
                    heapq.heappush(heap, (-newest.sequence_nr, newest))
                    newest = target
                continue
            if type(target) is AccumulateGrad:
                writes = leaves.pop(target)
                leaves[target] = writes + _is_written(target, slots[0], value, results)
            if value is not None:
                if target.hooked:
                    slots[number] = _sum_to_be_seen(target, slots[number], value, results)
                    continue
                present = slots[number]
                slots[number] = value if present is None else target._backend.add(present, value)
        # Nothing here may refer to a gradient that a leaf could take over.
        results = value = None  # type: ignore[assignment]
        if newest is None:
            break
        node = newest
        newest = heapq.heappop(heap)[1] if heap else None
        if node.hooked:
            present = slots = None
            _go_on_counted(roots, keep_graph, waiting, [node, *_waiting(newest, heap)], leaves)
            return
        grads = waiting.pop(node)
        try:
            results = node.apply_raw(grads)
        except BaseException:
            _accumulate(_complete(leaves, [node, *_waiting(newest, heap)]), waiting)
            raise
        if not keep_graph:
            node.release()
        edges = node.next_edges
        del grads
    present = slots = None
    _accumulate(leaves, waiting)


def _waiting(newest: Node | None, heap: Iterable[tuple[int, Node]]) -> list[Node]:
    """Return the nodes that wait to run."""
    return [] if newest is None else [newest, *(node for _, node in heap)]


def _is_written(
    node: Node, present: Any, value: Any, results: Sequence[Any], callers: int = 1
) -> bool:
    """Whether torch writes the sum of two gradients into the first: nobody else has it.

    ``callers`` is how many calls the engine has passed it through.
    """
    if value is None or present is None or present is value:
        return False
    # The list that it waits in, parameters and the argument; and the results that are being read.
    alone = 2 + callers
    for result in results:
        if result is present:
            alone += 2  # the results and this loop
            break
    return sys.getrefcount(present) <= alone and node._backend.is_whole(present)


def _sum_to_be_seen(node: Node, present: Any, value: Any, results: Sequence[Any]) -> Any:
    """Return the sum of two gradients as the Tensor that hooks will be given."""
    if present is None:
        return value
    if is_tensor(node, present):
        writes = present._version + 1
        present = present._array
    else:
        writes = _is_written(node, present, value, results, callers=2)
    array = node._backend.add(present, value)
    total = wrap(array, node._backend.dtype(array), node._backend)
    bump_version(total, int(writes))
    return total


def _accumulate(leaves: dict[AccumulateGrad, int], waiting: dict[Node, list[Any]]) -> None:
    """Add the gradients that wait at leaves to their ``.grad``."""
    for leaf, writes in leaves.items():
        array = waiting.pop(leaf).pop()
        if array is not None:
            leaf.accumulate_raw(array, writes)


def _complete(
    leaves: dict[AccumulateGrad, int], unfinished: Iterable[Node]
) -> dict[AccumulateGrad, int]:
    """Return the leaves that get nothing more from the nodes that have not run.

    torch fills such a leaf at once, so that an error later does not undo it.
    """
    expected = reachable(unfinished)
    return {leaf: writes for leaf, writes in leaves.items() if leaf not in expected}


def _go_on_counted(
    roots: Sequence[Edge],
    keep_graph: bool,
    waiting: dict[Node, list[Any]],
    nodes: Sequence[Node],
    leaves: dict[AccumulateGrad, int],
) -> None:
    """Hand the rest of a plain run to a counted one, which keeps the order that can be seen."""
    for leaf, writes in leaves.items():
        if writes:
            array = waiting[leaf].pop()
            gradient = wrap(array, leaf._backend.dtype(array), leaf._backend)
            bump_version(gradient, writes)
            waiting[leaf] = [gradient]
            del array, gradient
    for node in nodes:
        if node.hooked:
            slots = waiting[node]
            slots[:] = [seen_as_view(node, value, value) for value in slots]
    task = GraphTask(roots, keep_graph, False)
    task.resume(waiting, nodes, leaves)
    run_nested(task)
