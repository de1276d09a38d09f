"""A counted run of the graph: each node runs as soon as all edges that lead to it have delivered.

This is how every backward runs in which the user's code can look on, in torch's order to the last
leaf: hooks, custom functions, ``.grad`` of ``inputs=`` and with ``create_graph``, anomaly mode.
Gradients are raw arrays, or Tensors where somebody has seen them; with ``create_graph`` all are
Tensors.
"""

from __future__ import annotations

import contextvars
import itertools
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..tensor import LazyTensor, Tensor, wrap
from ..versions import bump_version, inference
from . import anomaly, hook_calls
from .captures import Paths, laid_out, mark_as_view
from .gradient_checks import validate_raw, validate_tensor
from .modes import carried, forward_level, interposed, is_inference, running
from .node import AccumulateGrad, Edge, Like, Node, is_tensor
from .views import writes_are_seen

_next_id = itertools.count().__next__


class ReadyQueue:
    """The nodes that can run, newest first; those of one age come in torch's order.

    All leaves share one sequence number, so their order is that of the binary heap that torch keeps
    nodes in. It can be seen by hooks, so the heap here moves its items as libstdc++ does.
    """

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Node] = []

    def __bool__(self) -> bool:
        return bool(self.items)

    def push(self, node: Node) -> None:
        """Add a node."""
        self.items.append(node)
        if len(self.items) > 1:
            self._sift_up(len(self.items) - 1, node)

    def pop(self) -> Node:
        """Take the newest node out."""
        items = self.items
        last = items.pop()
        if not items:
            return last
        first = items[0]
        length = len(items)
        hole = child = 0
        while child < (length - 1) // 2:
            child = 2 * (child + 1)
            if items[child].sequence_nr < items[child - 1].sequence_nr:
                child -= 1
            items[hole] = items[child]
            hole = child
        if length % 2 == 0 and child == (length - 2) // 2:
            child = 2 * (child + 1)
            items[hole] = items[child - 1]
            hole = child - 1
        self._sift_up(hole, last)
        return first

    def _sift_up(self, hole: int, node: Node) -> None:
        items = self.items
        parent = (hole - 1) // 2
        while hole > 0 and items[parent].sequence_nr < node.sequence_nr:
            items[hole] = items[parent]
            hole = parent
            parent = (hole - 1) // 2
        items[hole] = node


class GraphTask:
    """One run: what is asked of it, the gradients that wait, and the nodes that are ready.

    Args:
        roots: where the run starts.
        keep_graph: saved values stay for another run.
        create_graph: formulas work on Tensors, and so can be recorded.
        paths: what leads to the only gradients that are wanted; none means to all leaves.
        count: how many gradients are captured, at most.
    """

    def __init__(
        self,
        roots: Sequence[Edge],
        keep_graph: bool,
        create_graph: bool,
        paths: Paths | None = None,
        count: int = 0,
    ) -> None:
        self.id = _next_id()
        self.outer = running.task
        """The run in which this one was started."""
        self.roots = roots
        self.keep_graph = keep_graph
        self.create_graph = create_graph
        self.paths = paths
        self.captured: list[Any] = [None] * count
        self.shown: dict[int, Any] = {}
        """By the identity of captured arrays, the Tensors that hold them."""
        self.is_calling = False
        """Whether a node of a run that is restricted to ``inputs`` is running."""
        self.callbacks: list[Callable[[], Any]] = []
        self.waiting: dict[Node, list[Any]] = {}
        self.ready = ReadyQueue()
        self.counts: dict[Node, int] = {}
        """How many edges will still deliver to each node."""

    def start(self, gradients: Sequence[Any]) -> None:
        """Put the gradients of the roots at their nodes."""
        nodes = list(dict.fromkeys(node for node, _ in self.roots))
        self.counts = dependencies(nodes)
        for (node, number), gradient in zip(self.roots, gradients, strict=True):
            alone = len(nodes) == 1  # whose hooks run even if nothing behind it is wanted
            if self.paths is None or self.paths.lead_to(node) or alone:
                if isinstance(gradient, Tensor):
                    gradient._owned()
                self._add(node, number, gradient)
        for node in nodes:
            if node in self.waiting and not self.counts.get(node):
                self.ready.push(node)

    def resume(
        self, waiting: dict[Node, list[Any]], nodes: Sequence[Node], leaves: Iterable[Node]
    ) -> None:
        """Go on with a run that was not counted so far: gradients wait at nodes and at leaves."""
        self.waiting = waiting
        self.counts = dependencies(nodes)
        for node in (*leaves, *nodes):
            if not self.counts.get(node):
                self.ready.push(node)

    def run(self) -> None:
        """Run until nothing is ready, then the final callbacks."""
        outer, outer_node = running.task, running.node
        running.task = self
        running.depth += 1
        ready, waiting, mode = self.ready, self.waiting, anomaly.mode
        try:
            items = ready.items
            while items:
                node = items.pop() if len(items) == 1 else ready.pop()
                if mode.enabled:
                    running.node = node
                try:
                    self._evaluate(node, waiting.pop(node))
                except BaseException:
                    if mode.enabled:
                        anomaly.report(node)
                    raise
            running.node = outer_node
            for callback in self.callbacks:  # grows when a callback queues another
                callback()
        finally:
            running.task, running.node = outer, outer_node
            running.depth -= 1

    def will_execute(self, node: Node) -> bool:
        """Whether the run comes to a node and has something to do there; a lone root is not asked.

        Raises:
            RuntimeError: a leaf that is captured (torch's text).
        """
        sources = [node for node, _ in self.roots]
        found = reachable(
            sources
            if len(sources) > 1
            else (node for node in sources[0].next_nodes if node is not None)
        )
        paths = self.paths
        if node not in found or (paths is not None and not paths.lead_to(node)):
            return False
        if paths is not None and node in paths.captures and not node.next_nodes:
            raise RuntimeError(
                "A leaf node was passed to _will_engine_execute_node but we are currently running "
                "autograd.grad(). This is currently not supported."
            )
        return True

    def _evaluate(self, node: Node, grads: list[Any]) -> None:
        """Run one node and deliver what it gives."""
        targets: Sequence[Node | None] = node.next_nodes
        if self.paths is not None:
            runs = node in self.paths.targets
            if not runs and node.hooked:
                hook_calls.tensor_hooks(node, grads)
            for number, place in self.paths.captures.get(node, ()):
                self.captured[place] = grads[number] = self._shown(node, grads[number])
            if not runs:
                return
            targets = self.paths.targets[node]
            self.is_calling = True
        if type(node) is AccumulateGrad:
            self._accumulate(node, grads)
            self.is_calling = False
            return
        results = self._call(node, grads, targets)
        self.is_calling = False
        del grads
        if not self.keep_graph:
            node.release()
        if anomaly.mode.enabled and anomaly.mode.check_nan:
            _refuse_nan(node, results)
        counts, waiting, ready = self.counts, self.waiting, self.ready.items
        for k, (target, number) in enumerate(zip(targets, node.next_numbers)):
            if target is None:
                continue
            value, results[k] = results[k], None
            counts[target] = left = counts[target] - 1
            slots = waiting.get(target)
            if slots is None:
                outputs = target._outputs
                waiting[target] = slots = [None] if type(outputs) is Like else [None] * len(outputs)
            if value is not None:
                if slots[number] is None:
                    slots[number] = value
                else:
                    self._add(target, number, value)
            if not left:
                if ready:
                    self.ready.push(target)
                else:
                    ready.append(target)

    def _shown(self, node: Node, value: Any) -> Any:
        """Return a captured gradient as its Tensor, one wherever it is passed on to."""
        if value is None or is_tensor(node, value):
            return value
        shown = self.shown.get(id(value))
        if shown is None:
            shown = self.shown[id(value)] = hook_calls.as_tensor(node, value)
        return shown

    def _call(self, node: Node, grads: list[Any], targets: Sequence[Node | None]) -> list[Any]:
        """Return what a node gives for its inputs, after all its hooks."""
        if node.hooked:
            hook_calls.before(node, grads)
        if targets and not any(targets) and not node.always_runs:
            # A node named in `inputs`, whose hooks run.
            node.unpack()
            return hook_calls.after(node, [None] * len(targets), grads)
        if self.create_graph or node.wants_tensors or _have_tangents(node) or _is_lazy(grads):
            grads = [hook_calls.as_tensor(node, grad) for grad in grads]
            results = list(node.apply_towards(grads, targets))
        else:
            results = _applied(node, grads)
            if self.paths is not None and node.plan is not None and not node.always_runs:
                # Nobody is given what is not wanted.
                results = [
                    r if t is not None else None for r, t in zip(results, targets, strict=True)
                ]
        self._check(node, results)
        if node.hooked and node.post_hooks:
            results = hook_calls.after(node, results, grads)
        return results

    def _accumulate(self, leaf: AccumulateGrad, grads: list[Any]) -> None:
        """Add to ``.grad`` what the hooks left of a gradient, and run the hooks that come after."""
        hooked = leaf.hooked
        if hooked:
            hook_calls.before(leaf, grads)
        given = tuple(grads) if hooked and leaf.post_hooks else ()
        value = grads.pop()
        if value is not None:
            if self.create_graph:
                leaf.accumulate_recorded(value)
            elif is_tensor(leaf, value):
                leaf.accumulate_tensor(value, others=len(given))
            else:
                leaf.accumulate_raw(value, others=len(given))
        if hooked:
            hook_calls.after_accumulation(leaf)
        if hooked and leaf.post_hooks:
            hook_calls.after(leaf, (), given)

    def _check(self, node: Node, results: list[Any]) -> None:
        """Bring gradients to the shape and dtype of what they are of.

        Raises:
            RuntimeError: there are more or fewer than edges, or a shape does not fit.
        """
        targets = node.next_nodes
        if len(results) != len(targets):
            raise RuntimeError(
                f"Function {node.name()} returned an invalid number of gradients - expected "
                f"{len(targets)}, but got {len(results)}"
            )
        for k, (target, number) in enumerate(zip(targets, node.next_numbers)):
            value = results[k]
            if target is None or value is None:
                continue
            shape, dtype = target._outputs[number]
            if is_tensor(node, value):
                array = value._array
                if array.shape != shape or array.dtype != dtype:
                    results[k] = validate_tensor(value, shape, dtype, target, node, k)
            elif value.shape != shape or value.dtype != dtype:
                whole, value = value, validate_raw(value, shape, dtype, target, node, k)
                more = len(whole.shape) - len(shape)
                if more > 0:  # torch drops leading dims from the sum by a view of it
                    whole = target._backend.view(value, (1,) * more + shape)
                # Else only the real part of a gradient is a view of it.
                results[k] = seen_as_view(target, value, whole)

    def _add(self, node: Node, number: int, value: Any) -> None:
        """Add a gradient to what waits at a node's output."""
        slots = self.waiting.get(node)
        if slots is None:
            self.waiting[node] = slots = [None] * len(node._outputs)
        if value is None:
            return
        present = slots[number]
        if present is None:
            slots[number] = value
        elif self.create_graph:
            slots[number] = present + value
        else:
            slots[number] = None
            slots[number] = _summed(node, present, value)


def _is_lazy(grads: list[Any]) -> bool:
    """Whether a gradient is a lazy conjugate, as its views are, too: their formulas see Tensors."""
    return LazyTensor in map(type, grads)


def _have_tangents(node: Node) -> bool:
    """Whether gradients may be dual, from saved tensors that are: their formulas run on Tensors."""
    return forward_level.current is not None and node._backend.level is None


def _summed(node: Node, present: Any, value: Any) -> Tensor:
    """Return the sum of two gradients.

    torch writes it into the first one when nobody else has it, which counts as a write.
    """
    # The caller's local, the parameter, the argument.
    exclusive = sys.getrefcount(present) <= 3 and not (interposed.count and writes_are_seen())
    version = 0
    if is_tensor(node, present):
        whole = (
            type(present) is not LazyTensor
            and present._view is None
            and sys.getrefcount(present._array) <= 2
        )
        exclusive = exclusive and whole
        if is_tensor(node, value) and _have_tangents(node):
            whole = exclusive and present._backend.is_whole(present._array)
            dual: Tensor = present.add_(value) if whole else present + value
            return dual
        version = 0 if is_inference(present) else present._version
        present = present._array
    backend = node._backend
    exclusive = exclusive and backend.is_whole(present)
    value = value._array if is_tensor(node, value) else value
    array = laid_out(backend, backend.add(present, value), present, value, exclusive)
    total = wrap(array, backend.dtype(array), backend)
    if exclusive:
        bump_version(total, version + 1)
    return total


def _applied(node: Node, grads: list[Any]) -> list[Any]:
    """Return a node's results for gradients that are not recorded.

    A gradient that is passed on as it is stays the same Tensor, and one cut out of another is seen
    as its view.
    """
    if len(grads) == 1:
        (grad,) = grads
        array = grad._array if is_tensor(node, grad) else grad
        results = list(node.apply_shown([array]))
        for k, result in enumerate(results):
            if result is array:
                results[k] = grad
            elif result is not None:
                results[k] = _told_from(node, result, grad, array)
        _count_writes(node, results)
        return results
    arrays = [grad._array if is_tensor(node, grad) else grad for grad in grads]
    results = list(node.apply_shown(arrays))
    for k, result in enumerate(results):
        if result is None:
            continue
        for grad, array in zip(grads, arrays):
            if result is array:
                results[k] = grad
                break
        else:
            source = next(k for k, grad in enumerate(grads) if grad is not None)
            results[k] = _told_from(node, result, grads[source], arrays[source])
    _count_writes(node, results)
    return results


def _count_writes(node: Node, results: list[Any]) -> None:
    """Make Tensors of the new gradients that torch writes in place, which their versions tell."""
    for k, writes in enumerate(node.writes):
        if writes and results[k] is not None:
            results[k] = hook_calls.as_tensor(node, results[k])
            bump_version(results[k], writes)


def _told_from(node: Node, result: Any, grad: Any, array: Any) -> Any:
    """Return a result, as a view where it was cut out of the gradient or of what was made of it."""
    backend = node._backend
    is_cut = backend.is_cut(result)
    if is_cut and backend.storage_identity(result) == backend.storage_identity(array):
        return seen_as_view(node, result, grad)
    if not result.shape:  # what two gradients are views of must be one memory
        return backend.own(result)
    if is_cut:
        return seen_as_view(node, result, backend.view(result, tuple(result.shape)))
    return result


def seen_as_view(node: Node, value: Any, source: Any) -> Any:
    """Return a raw gradient, or the Tensor that shows it as a view of what it was cut out of."""
    if value is None or is_tensor(node, value) or not node._backend.is_cut(value):
        return value
    backend = node._backend
    view = wrap(value, backend.dtype(value), backend)
    base = hook_calls.as_tensor(node, source)
    if base is not None:
        mark_as_view(view, base)
    return view


def _refuse_nan(node: Node, results: Sequence[Any]) -> None:
    backend = node._backend
    for k, value in enumerate(results):
        if value is None:
            continue
        array = value._array if is_tensor(node, value) else value
        if any(backend.to_flat(backend.isnan(array))):
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {k}th output.")


def reachable(nodes: Iterable[Node]) -> dict[Node, None]:
    """Return the nodes and everything that their edges lead to, each once."""
    seen: dict[Node, None] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen[node] = None
            stack.extend([target for target in node.next_nodes if target is not None])
    return seen


def dependencies(nodes: Iterable[Node]) -> dict[Node, int]:
    """Return how many edges will deliver to each node behind ``nodes``."""
    counts: dict[Node, int] = {}
    for node in reachable(nodes):
        for target in node.next_nodes:
            if target is not None:
                counts[target] = counts.get(target, 0) + 1
    return counts


RUNS_PER_THREAD = 20
"""A run takes about ten frames of ours, and as many of the user's as it takes to start the next."""


def run_nested(task: GraphTask) -> None:
    """Run a task here, or when runs are nested too deeply, in a thread of its own.

    That has all of Python's recursion limit before it; this one waits.
    """
    if running.depth < RUNS_PER_THREAD:
        task.run()
        return
    failures: list[BaseException] = []
    states = [(local, dict(vars(local))) for local in carried]

    def work() -> None:
        for local, state in states:
            vars(local).update(state)
        inherited = inference.enabled  # which is counted for the thread that waits
        try:
            task.run()
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
            failures.append(error)
        inference.enabled = inherited

    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
