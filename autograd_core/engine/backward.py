"""The scheduler: runs nodes in descending sequence order and carries gradients along the edges.

Every consumer of a node is newer than it, so the newest waiting node always has its gradients
complete, and an ordinary backward needs no discovery pass (``_run_plain``); one for the gradients
of ``inputs`` asks what leads there first (``captures``). As soon as something could look on (a
hook, a custom function), it goes on as a counted run (``graph_task``), which is also where
everything out of the ordinary starts: nodes of several threads, which number their own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from ..dtypes import DType
from ..tensor import LazyTensor, Tensor, wrap
from ..versions import bump_version
from . import anomaly
from .captures import CaptureArrays, CaptureRows, CaptureTensors, Paths, is_written, laid_out
from .gradient_checks import validate_raw
from .graph_task import GraphTask, reachable, run_nested, seen_as_view
from .modes import forward_level, interposed, modes, threads
from .node import AccumulateGrad, Edge, Like, Node, is_tensor, leaf_hooks

if TYPE_CHECKING:
    from ..backend import Backend


Leaves = dict[AccumulateGrad, list[Any]]


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
    backend = roots[0][0]._backend
    alone = backend.level is None and (len(roots) == 1 or _is_of_all(backend, roots))
    paths = Paths(roots, inputs, accumulate) if inputs else None
    plain = not (inputs or create_graph or _are_shown(roots, gradients) or _is_watched())
    previous = modes.grad_enabled
    modes.grad_enabled = None if previous is None else create_graph
    try:
        if plain:
            arrays = [gradient._array for gradient in gradients]
            if not alone:
                _quietly(roots, _run, roots, arrays, keep_graph)
            elif (rest := _run_alone(roots, arrays, keep_graph)) is not None:
                _quietly(roots, rest.run)
            return []
        if (
            paths is not None
            and alone
            and not (accumulate or paths.hooked or _is_extraordinary())
            and not (create_graph and interposed.count)
            and _are_plain(gradients)
        ):
            capture = (CaptureTensors if create_graph else CaptureArrays)(paths, len(inputs))
            if create_graph:
                _quietly(roots, capture.run, roots, gradients, keep_graph)
            else:
                backend.kernel_context.copy().run(capture.run, roots, gradients, keep_graph)
            return capture.captured
        on_tensors = create_graph or _from_inner_level(roots, gradients)
        task = GraphTask(roots, keep_graph, on_tensors, paths, len(inputs))
        task.start(gradients)
        _quietly(roots, run_nested, task)
    finally:
        modes.grad_enabled = previous
    return [] if accumulate else task.captured


def run_rows(root: Edge, inputs: Sequence[Edge]) -> list[list[Any]] | None:
    """Return the gradients of each element of a root, as if it was run backward from them in turn.

    Returns:
        pieces, each with the next rows of all inputs as raw arrays, or Nones; None where the user's
        code may look on, and where arrays are so large that it gains nothing.
    """
    node, number = root
    backend = node._backend
    shape, native = node._outputs[number]
    if backend.level is not None or interposed.count or native is None or _is_extraordinary():
        return None
    paths = Paths((root,), inputs, False)
    if paths.hooked or any(getattr(node.plan, "in_rows", None) is None for node in paths.targets):
        return None
    count = math.prod(shape)
    nodes = (*paths.targets, *paths.captures)
    largest = max([math.prod(shape) for node in nodes for shape, _ in node._outputs], default=1)
    at_once = _AT_ONCE // max(largest, 1)
    if at_once < 2:
        return None
    one = backend.scalar(1, backend.dtype_of_native(native))
    previous = modes.grad_enabled
    modes.grad_enabled = previous and False
    found = []
    try:
        for start in range(0, count, at_once):
            rows = min(at_once, count - start)
            units = backend.expand(one, (rows,))
            units = backend.diagonal_backward(units, (rows, count), start, 0, 1)
            capture: Any = CaptureRows(paths, len(inputs))
            given = [backend.view(units, (rows, *shape))]
            backend.kernel_context.copy().run(capture.run, (root,), given, True)
            found.append(capture.captured)
    finally:
        modes.grad_enabled = previous
    return found


_AT_ONCE = 2**16
"""How many elements the rows of a gradient may have together."""


def run_from_scalar(root: Edge, dtype: DType, keep_graph: bool) -> None:
    """Run the graph backward to all leaves from one root, a real 0-d tensor of ``dtype``."""
    backend = root[0]._backend
    if interposed.count or _is_watched():
        one = wrap(backend.scalar(1, dtype), dtype, backend)
        run_backward((root,), (one,), keep_graph, False)
        return
    previous = modes.grad_enabled
    modes.grad_enabled = previous and False  # in inference mode it is None, and stays so
    try:
        rest = _run_alone(
            (root,), (_lasting_one(backend, dtype) or backend.scalar(1, dtype),), keep_graph
        )
        if rest is not None:
            backend.quietly(rest.run)
    finally:
        modes.grad_enabled = previous


@functools.lru_cache(maxsize=32)
def _lasting_one(backend: Backend, dtype: DType) -> Any:
    """Return a 1 that nobody can write, where the backend has such, else None."""
    one = backend.scalar(1, dtype)
    return None if backend.own(one) is one else one


def _is_watched() -> bool:
    """Whether all runs must go in the order that can be seen, from the start."""
    return bool(leaf_hooks) or _is_extraordinary()


def _is_extraordinary() -> bool:
    """Whether runs must be counted ones whatever hooks there are."""
    return anomaly.mode.enabled or forward_level.current is not None or threads.record


def _are_shown(roots: Sequence[Edge], gradients: Sequence[Any]) -> bool:
    """Whether hooks can tell the very gradients given: at a root, or as what requires one.

    Views of a gradient that requires one require it, too, wherever hooks see them.
    """
    return any(node.hooked for node, _ in roots) or any(
        gradient is not None and gradient.requires_grad for gradient in gradients
    )


def _is_of_all(backend: Backend, roots: Sequence[Edge]) -> bool:
    return all(node._backend is backend for node, _ in roots)


def _are_plain(gradients: Sequence[Tensor]) -> bool:
    """Whether gradients are nothing but their arrays."""
    return all(
        type(gradient) is not LazyTensor and gradient._backend.level is None
        for gradient in gradients
    )


def _run_alone(roots: Sequence[Edge], arrays: Sequence[Any], keep_graph: bool) -> _Rest | None:
    """Run what calls nobody's code, in a copy of the backend's context."""
    context = roots[0][0]._backend.kernel_context
    return context.copy().run(_run_plain, roots, arrays, keep_graph)


def _from_inner_level(roots: Sequence[Edge], gradients: Sequence[Any]) -> bool:
    """Whether a gradient is no array to its root, being of a transform further in: a batch, say.

    Formulas run on Tensors then, recorded or not.
    """
    return any(
        gradient is not None and gradient._backend.level_number > node._backend.level_number
        for (node, _), gradient in zip(roots, gradients)
    )


def _quietly(roots: Sequence[Edge], function: Callable[..., Any], *args: Any) -> None:
    """Call a function in the quiet of each backend that the roots have."""
    backend, *others = dict.fromkeys([node._backend for node, _ in roots])
    for other in others:
        args = (function, *args)
        function = other.quietly
    backend.quietly(function, *args)


def _run(roots: Sequence[Edge], arrays: Sequence[Any], keep_graph: bool) -> None:
    rest = _run_plain(roots, arrays, keep_graph)
    if rest is not None:
        rest.run()


def _run_plain(roots: Sequence[Edge], arrays: Sequence[Any], keep_graph: bool) -> _Rest | None:
    """Run everything behind the roots on raw gradients; leaves come last.

    The loop is written out, without a call per edge: a chain of small ops costs half as much.
    What waits at a node is the gradient of its output, or the list of those of several outputs;
    nodes go by their numbers, which are cheaper to hash and to compare than they are.

    Returns:
        what is left for a counted run; None when all has been done.
    """
    newest: Any = None  # the newest waiting node, its number, and what waits there
    newest_nr = -1
    gradient: Any = None
    heap: list[int] = []  # the negative numbers of other waiting nodes: in a chain there are none
    waiting: dict[int, tuple[Node, Any]] = {}  # those nodes, each with what waits there
    # In the order their last gradient came: each with what waits there, how often that was written
    # in place, and whether it was added up here, so that nobody has it.
    leaves: Leaves = {}
    written: dict[AccumulateGrad, int] = {}  # of gradients that are the first to come to a leaf
    value: Any
    target: Any
    results: Sequence[Any] = arrays
    targets: Sequence[Node | None] = [root for root, _ in roots]
    node: Any = _Start(tuple([number for _, number in roots]))
    known: Any = None  # what the results are known to be like
    while True:
        place = -1  # counted by hand: to zip takes 100 ns more
        for value in results:
            place += 1
            target = targets[place]
            if target is None:
                continue
            outputs = target._outputs
            if outputs is not known and value is not None:
                shape, dtype = outputs[node.next_numbers[place]]
                if value.shape != shape or (value.dtype is not dtype and value.dtype != dtype):
                    value = validate_raw(value, shape, dtype, target, node, place)
            target_nr = target.sequence_nr
            if target_nr > newest_nr:
                if type(target) is not AccumulateGrad:
                    if newest is not None:
                        heappush(heap, -newest_nr)
                        waiting[newest_nr] = newest, gradient
                    newest, newest_nr = target, target_nr
                    if type(outputs) is Like or len(outputs) == 1:
                        gradient = value
                    else:
                        gradient = [None] * len(outputs)
                        gradient[node.next_numbers[place]] = value
                    continue
                waits = leaves.pop(target, None)
                if waits is None:
                    waits = [value, written.pop(target, 0) if written else 0, False]
                elif waits[0] is None:
                    waits[0] = value
                elif value is not None:
                    present, waits[0] = waits[0], None
                    backend = target._backend
                    add: Any = backend.add
                    if waits[2] or is_written(target, present, value, results):
                        waits[1] += 1
                        add = backend.inplace.get("add") or add
                    else:
                        waits[1] = 0
                    waits[0] = add(present, value)
                    waits[2] = not interposed.count
                    present = None
                leaves[target] = waits
                continue
            if target_nr == newest_nr:
                number = node.next_numbers[place]
                gradient = _joined(target, number, gradient, value, results)
                continue
            if target_nr in waiting:
                _, present = waiting.pop(target_nr)
                number = node.next_numbers[place]
                present = _joined(target, number, present, value, results)
                waiting[target_nr] = target, present
                present = None
                continue
            if type(outputs) is not Like and len(outputs) != 1:
                slots = [None] * len(outputs)
                slots[node.next_numbers[place]] = value
                value = slots
            heappush(heap, -target_nr)
            waiting[target_nr] = target, value
        # Nothing here may refer to a gradient that a leaf could take over.
        results = value = slots = waits = None  # type: ignore[assignment]
        if newest is None:
            break
        node = newest
        plan = node.plan
        try:
            if plan is not None and plan.plain and gradient is not None:
                results = plan.raw(node, gradient, keep_graph)
                known = node._outputs if plan.alike else None
            elif node.hooked:
                waiting[newest_nr] = node, gradient
                return _Rest(roots, keep_graph, list(waiting.values()), leaves)
            else:
                results = node.apply_raw(gradient if type(gradient) is list else [gradient])
                known = None
                if not keep_graph:
                    node.release()
                if plan is not None and node.writes:  # CopySlices come to no leaf
                    _note_writes(node, results, leaves, written)
        except BaseException:
            nodes = [node, *(waiting_node for waiting_node, _ in waiting.values())]
            _accumulate(_complete(leaves, nodes))
            raise
        targets = node.next_nodes
        if heap:
            newest_nr = -heappop(heap)
            newest, gradient = waiting.pop(newest_nr)
        else:
            newest = gradient = None
            newest_nr = -1
    _accumulate(leaves)
    return None


def _joined(node: Node, number: int, present: Any, value: Any, results: Sequence[Any]) -> Any:
    """Return what waits at a node with one more gradient added, of output ``number``."""
    if value is None:
        return present
    several = type(present) is list
    before = present[number] if several else present
    if before is None:
        total = value
    elif node.hooked:
        total = _sum_to_be_seen(node, before, value, results)
    else:
        total = node._backend.add(before, value)
    if not several:
        return total
    present[number] = total
    return present


def _sum_to_be_seen(node: Node, present: Any, value: Any, results: Sequence[Any]) -> Any:
    """Return the sum of two gradients as the Tensor that hooks will be given."""
    if is_tensor(node, present):
        writes = present._version + 1
        present = present._array
    else:
        writes = is_written(node, present, value, results, callers=4)
    backend = node._backend
    array = laid_out(backend, backend.add(present, value), present, value, writes)
    total = wrap(array, backend.dtype(array), backend)
    bump_version(total, int(writes))
    return total


def _note_writes(
    node: Node,
    results: Sequence[Any],
    leaves: Leaves,
    written: dict[AccumulateGrad, int],
) -> None:
    """Note how often the gradients were written that are the first to come to leaves."""
    for target, result, writes in zip(node.next_nodes, results, node.writes):
        if not writes or result is None or type(target) is not AccumulateGrad:
            continue
        if target not in leaves and result.shape == target._outputs[0][0]:
            written[target] = writes


def _accumulate(leaves: Leaves) -> None:
    """Add the gradients that wait at leaves to their ``.grad``."""
    for leaf in list(leaves):
        array, writes, _ = leaves.pop(leaf)
        if array is not None:
            leaf.accumulate_raw(array, writes)


def _complete(leaves: Leaves, unfinished: Iterable[Node]) -> Leaves:
    """Return the leaves that get nothing more from the nodes that have not run.

    torch fills such a leaf at once, so that an error later does not undo it.
    """
    expected = reachable(unfinished)
    return {leaf: leaves.pop(leaf) for leaf in list(leaves) if leaf not in expected}


@functools.lru_cache(maxsize=32)
class _Start:
    """What stands for the node that the roots' gradients come from."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self.next_numbers = numbers


class _Rest(NamedTuple):
    """The rest of a plain run, from the first node on with which the user's code may look on."""

    roots: Sequence[Edge]
    keep_graph: bool
    waiting: list[tuple[Node, Any]]
    leaves: Leaves

    def run(self) -> None:
        """Go on with a counted run, which keeps the order that can be seen."""
        leaves = self.leaves
        waiting: dict[Node, Any] = {}
        while self.waiting:
            node, slots = self.waiting.pop()
            if type(slots) is not list:
                slots = [slots]
            if node.hooked:
                slots[:] = [seen_as_view(node, value, value) for value in slots]
            waiting[node] = slots
            del slots
        nodes = list(waiting)
        for leaf, waits in leaves.items():
            gradient, writes, _ = waits
            waits.clear()
            if writes:
                gradient = wrap(gradient, leaf._backend.dtype(gradient), leaf._backend)
                bump_version(gradient, writes)
            waiting[leaf] = [gradient]
            del gradient
        task = GraphTask(self.roots, self.keep_graph, False)
        task.resume(waiting, nodes, leaves)
        run_nested(task)
