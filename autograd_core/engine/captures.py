"""Runs for the gradients of ``inputs`` alone: what they come to, and what they hand out.

``Paths`` says which nodes run, ``CaptureArrays`` and ``CaptureTensors`` run them: gradients are
kept as Tensors that show, as torch's do, which of them are one, and which are views of which; with
``create_graph`` they have a history, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from sys import getrefcount
from typing import TYPE_CHECKING, Any

from ..sizes import strides_of_first
from ..tensor import Tensor, wrap
from ..versions import bump_version
from .gradient_checks import validate_raw, validate_tensor
from .modes import interposed, threads
from .node import Edge, Like, Node
from .views import NO_GRAD_MODE, mark_view, writes_are_seen

if TYPE_CHECKING:
    from ..backend import Backend


class Paths:
    """What a run comes to that is restricted to ``inputs``.

    Args:
        roots: where the run starts.
        inputs: the edges whose gradients are wanted.
        accumulate: whether they are accumulated at the nodes there, rather than captured.

    Attributes:
        captures: per captured node: (output number, place among the inputs).
        targets: per node that runs, oldest first: its next nodes, None where nothing is wanted.
        hooked: whether a node that gradients could come to is.
    """

    __slots__ = ("captures", "hooked", "targets")

    def __init__(self, roots: Sequence[Edge], inputs: Sequence[Edge], accumulate: bool) -> None:
        self.captures: dict[Node, list[tuple[int, int]]] = {}
        self.targets: dict[Node, tuple[Node | None, ...]] = {}
        self.hooked = False
        wanted: set[Node | None] = {node for node, _ in inputs}
        if accumulate:
            self.targets.update({node: (None,) * len(node.next_nodes) for node, _ in inputs})
        else:
            for place, (node, number) in enumerate(inputs):
                self.captures.setdefault(node, []).append((number, place))
        seen: set[Node | None] = {None}
        stack: list[Any] = [node for node, _ in roots]
        order: list[Node] = []
        for node in stack:
            if node in seen:
                continue
            seen.add(node)
            plan = node.plan
            if node.hooked if plan is None else plan.hooked:
                self.hooked = True
            targets = node.next_nodes
            if targets:
                stack += targets
                order.append(node)
        order.sort(key=attrgetter("sequence_nr"))
        while True:
            before = len(wanted)
            for node in order:
                targets = node.next_nodes
                if not wanted.isdisjoint(targets):
                    wanted.add(node)
                    if not wanted.issuperset(targets):
                        targets = tuple([t if t in wanted else None for t in targets])
                    self.targets[node] = targets
            # Custom functions are numbered before views are made anew, threads by themselves.
            if len(wanted) == before or not (self.hooked or threads.record):
                break

    def lead_to(self, node: Node) -> bool:
        """Whether gradients shall come to a node."""
        return node in self.targets or node in self.captures


class _Known:
    """A gradient on its way of which more is known than its array.

    Attributes:
        told: what it was cut out of, None for something new; WRITTEN for what is whole and was
            written.
        writes: how often it was written in place while it was computed.
    """

    __slots__ = ("array", "dtype", "shape", "told", "writes")

    def __init__(self, array: Any, told: Any, writes: int = 0) -> None:
        self.array = array
        self.shape = array.shape
        self.dtype = array.dtype
        self.told = told
        self.writes = writes


WRITTEN: Any = object()
"""What is told of a sum that was written into the first of its gradients, and the like."""


class CaptureArrays:
    """A run that captures raw gradients.

    A result that was cut out of a gradient on its way, or out of something new (None), is told so.

    Args:
        paths: what the run comes to.
        count: how many gradients are asked for.
    """

    checks = True  # that gradients fit what they are of

    def __init__(self, paths: Paths, count: int) -> None:
        self.paths = paths
        self.captured: list[Tensor | None] = [None] * count
        self._tensors: dict[int, Tensor] = {}
        """By the identity of arrays, what they are shown as; the Tensors keep them alive."""

    def run(self, roots: Sequence[Edge], gradients: Sequence[Tensor], keep_graph: bool) -> None:
        """Run what the paths say, newest first; nothing there may be hooked."""
        arrays = self.start(gradients)
        paths, checks = self.paths, self.checks
        captured = paths.captures
        waiting: dict[Node, Any] = {}
        for (root, number), value in zip(roots, arrays):
            if paths.lead_to(root):
                self._deliver(waiting, root, number, value, arrays)
        for node, targets in reversed(paths.targets.items()):
            gradient = waiting.pop(node)
            if node in captured:
                self.capture(node, gradient)
            results = self.evaluate(node, targets, gradient, keep_graph)
            plan = node.plan
            known = node._outputs if plan is not None and plan.alike else None
            gradient = None
            place = -1
            for value in results:
                place += 1
                target = targets[place]
                if target is None:
                    continue
                outputs = target._outputs
                if outputs is not known and checks and value is not None:
                    shape, dtype = outputs[node.next_numbers[place]]
                    if value.shape != shape or (value.dtype is not dtype and value.dtype != dtype):
                        value = self.validated(value, shape, dtype, target, node, place)
                if target in waiting or (type(outputs) is not Like and len(outputs) != 1):
                    self._deliver(waiting, target, node.next_numbers[place], value, results)
                else:
                    waiting[target] = value
            results = value = ()
        for node, gradient in waiting.items():
            self.capture(node, gradient)

    def _deliver(
        self, waiting: dict[Node, Any], target: Node, number: int, value: Any, results: Any
    ) -> None:
        """Add a gradient to what waits at a node for its output ``number``."""
        before = waiting.get(target)
        slots = None
        if len(target._outputs) != 1:
            slots = before or [None] * len(target._outputs)
            before = slots[number]
        if before is not None:
            value = before if value is None else self.sum(target, before, value, results)
        if slots is not None:
            slots[number], value = value, slots
        waiting[target] = value

    def start(self, gradients: Sequence[Tensor]) -> Sequence[Any]:
        """Return the gradients of the roots as they go their way."""
        arrays = [gradient._owned() for gradient in gradients]
        self._tensors = {id(array): given for array, given in zip(arrays, gradients)}
        return arrays

    def evaluate(
        self, node: Node, targets: Sequence[Node | None], gradient: Any, keep_graph: bool
    ) -> Sequence[Any]:
        """Return what a node gives, with what it was cut out of."""
        plan = node.plan
        if plan is not None and plan.single and gradient is not None:
            array = gradient.array if type(gradient) is _Known else gradient
            results = plan.shown(node, array, keep_graph)
            if plan.alike and array.shape:  # either what came, or new
                if array is gradient:
                    return results  # type: ignore[no-any-return]
                return [gradient if result is array else result for result in results]
            grads, arrays = [gradient], [array]
        else:
            grads = gradient if type(gradient) is list else [gradient]
            arrays = [grad.array if type(grad) is _Known else grad for grad in grads]
            results = node.apply_shown(list(arrays))
            if not keep_graph:
                node.release()
        backend = node._backend
        found = list(results)
        for k, result in enumerate(results):
            if result is None:
                continue
            for grad, array in zip(grads, arrays):
                if result is array:
                    found[k] = grad
                    break
            else:
                if backend.is_cut(result):
                    source = 0
                    while arrays[source] is None:
                        source += 1
                    identity = backend.storage_identity
                    same = identity(result) == identity(arrays[source])
                    found[k] = _Known(result, grads[source] if same else None)
                elif not result.shape:  # what two gradients are views of must be one memory
                    found[k] = backend.own(result)
        if plan is None or plan.writes:
            for k, writes in enumerate(node.writes):
                result = found[k]
                if writes and result is not None:
                    known = type(result) is _Known
                    told = (result.array, result.told) if known else (result, WRITTEN)
                    found[k] = _Known(*told, writes)
        return found

    def validated(
        self, value: Any, shape: tuple[int, ...], dtype: Any, target: Node, node: Node, index: int
    ) -> Any:
        """Return a gradient brought to the shape and dtype of what it is of."""
        given = len(value.shape)
        array = value.array if type(value) is _Known else value
        array = validate_raw(array, shape, dtype, target, node, index)
        backend = target._backend
        if given > len(shape) and backend.is_cut(array):
            # torch drops leading dims from the sum by a view of it.
            return _Known(array, backend.view(array, (1,) * (given - len(shape)) + shape))
        return array

    def sum(self, node: Node, present: Any, value: Any, results: Sequence[Any]) -> Any:
        """Return the sum of two gradients for an output of a node."""
        backend = node._backend
        writes = int(is_written(node, present, value, results, callers=3))
        if type(present) is _Known:
            writes += present.writes if writes else 0
            present = present.array
        array = value.array if type(value) is _Known else value
        total = laid_out(backend, backend.add(present, array), present, array, writes)
        return _Known(total, WRITTEN, writes) if writes else total

    def capture(self, node: Node, gradient: Any) -> None:
        """Keep what is captured of the gradients that came to a node."""
        for number, place in self.paths.captures[node]:
            value = gradient[number] if type(gradient) is list else gradient
            if value is not None:
                self.captured[place] = self._shown(node, value)

    def _shown(self, node: Node, value: Any) -> Tensor:
        """Return a gradient as the Tensor that shows it."""
        array = value.array if type(value) is _Known else value
        shown = self._tensors.get(id(array))
        if shown is None:
            backend = node._backend
            shown = wrap(array, backend.dtype(array), backend)
            self._tensors[id(array)] = shown
            if type(value) is not _Known:
                return shown
            if value.told is not WRITTEN:
                whole = value.told
                if whole is None:
                    whole = backend.view(array, tuple(array.shape))
                mark_as_view(shown, self._shown(node, whole))
            if value.writes:
                bump_version(shown, value.writes)
        return shown


class CaptureTensors(CaptureArrays):
    """A run that captures recorded gradients, which are Tensors on their way."""

    checks = False  # it is done as they come

    def start(self, gradients: Sequence[Tensor]) -> Sequence[Any]:
        """Return the gradients of the roots as they go their way."""
        return gradients

    def evaluate(
        self, node: Node, targets: Sequence[Node | None], gradient: Any, keep_graph: bool
    ) -> Sequence[Any]:
        """Return what a node gives."""
        grads = gradient if type(gradient) is list else [gradient]
        results = list(node.apply_towards(grads, targets))
        if not keep_graph:
            node.release()
        # All before any is added up: the formulas' numbers show it.
        for k, value in enumerate(results):
            target = node.next_nodes[k]
            if value is not None and target is not None:
                shape, dtype = target._outputs[node.next_numbers[k]]
                memory = value._memory
                if memory.dtype is not dtype or memory.shape != shape:
                    results[k] = validate_tensor(value, shape, dtype, target, node, k)
        return results

    def sum(self, node: Node, present: Any, value: Any, results: Sequence[Any]) -> Any:
        """Return the sum of two gradients for an output of a node."""
        return present + value

    def _shown(self, node: Node, value: Any) -> Tensor:
        """Return a gradient as the Tensor that it is."""
        return value  # type: ignore[no-any-return]


class CaptureRows(CaptureTensors):
    """A run for several gradients of one root at once: rows of arrays, or tuples of arrays.

    Formulas of pointwise ops line operands up from the last dim, and those of views say which dims
    they mean: such take all rows together, others one by one. What comes out are, bit by bit, the
    gradients of a run for each row.
    """

    def evaluate(
        self, node: Node, targets: Sequence[Node | None], gradient: Any, keep_graph: bool
    ) -> Sequence[Any]:
        """Return what a node gives."""
        plan, backend = node.plan, node._backend
        run = plan.shown if plan.alike and plan.single else plan.in_rows()
        results: Any = None
        if run is not None and (whole := _whole(backend, gradient)) is not None:
            results = list(run(node, whole, keep_graph))
            if plan.alike and any(r is not None and r.shape != whole.shape for r in results):
                results = None
        if results is None:
            given = gradient if type(gradient) is list else [gradient]
            grads = [_rows(backend, grad) for grad in given]
            count = max(map(len, grads))
            if not count:
                return node.apply_shown(list(given))
            made = [
                node.apply_shown(list(row)) for row in zip(*[g or [None] * count for g in grads])
            ]
            results = [None if found[0] is None else found for found in zip(*made)]
        for k, target in enumerate(targets):
            found = results[k]
            if target is not None and found is not None:
                shape, dtype = target._outputs[node.next_numbers[k]]
                row = found[0] if type(found) is tuple else found
                if row.dtype != dtype or row.shape[row is found :] != shape:
                    rows = _rows(backend, found)
                    results[k] = tuple(
                        [validate_raw(r, shape, dtype, target, node, k) for r in rows]
                    )
        return results  # type: ignore[no-any-return]

    def sum(self, node: Node, present: Any, value: Any, results: Sequence[Any]) -> Any:
        """Return the sum of two gradients for an output of a node."""
        backend = node._backend
        one, two = _whole(backend, present), _whole(backend, value)
        if one is not None and two is not None:
            return backend.add(one, two)
        pairs = zip(_rows(backend, present), _rows(backend, value))
        return tuple([backend.following(backend.add(a, b), a, b) for a, b in pairs])

    def _shown(self, node: Node, value: Any) -> Any:
        """Return gradients as one array."""
        return node._backend.stack(value, 0) if type(value) is tuple else value


def _whole(backend: Backend, value: Any) -> Any:
    """Return rows as one row-major array; None where each row by itself lies otherwise."""
    if value is None or type(value) is list:
        return None
    row = value[0] if type(value) is tuple else backend.select(value, 0, 0)
    if len(row.shape) > 1 and not backend.are_row_major(row):
        return None
    return backend.stack(value, 0) if type(value) is tuple else backend.contiguous(value)


def _rows(backend: Backend, value: Any) -> Sequence[Any]:
    """Return rows as arrays of their own; none of None."""
    if value is None or type(value) is tuple:
        return value or ()
    return [backend.clone(row) for row in backend.unbind(value, 0)]


def laid_out(backend: Backend, total: Any, present: Any, value: Any, writes: int) -> Any:
    """Return the sum of two gradients as torch has it: as the first, where that is written."""
    if len(total.shape) < 2:
        return total
    if writes:
        return backend.following(total, present, layout=strides_of_first)
    return backend.following(total, present, value)


def is_written(
    node: Node, present: Any, value: Any, results: Sequence[Any], callers: int = 1
) -> bool:
    """Whether torch writes the sum of two gradients into the first: nobody else has it.

    ``callers`` is how many names the calls have for it that the engine has passed it through.
    """
    if value is None or present is None or present is value:
        return False
    if interposed.count and writes_are_seen():
        return False
    # The list that it waits in, parameters and the argument; and the results that are being read.
    alone = 2 + callers
    for result in results:
        if result is present:
            alone += 2  # the results and this loop
            break
    if getrefcount(present) > alone:
        return False
    if type(present) is _Known:
        if present.told is not WRITTEN:
            return False
        if getrefcount(present.array) > 2:  # its own, and the argument
            return False
        present = present.array
    return bool(node._backend.is_whole(present))


def mark_as_view(view: Tensor, base: Tensor) -> None:
    """Show a gradient as a view of the one that it was cut out of."""
    array, backend = view._array, view._backend
    # The value itself would count as one more that refers to its memory.
    geometry = tuple(array.shape), backend.strides(array), backend.storage_offset(array)
    mark_view(view, base, lambda xp, whole: xp.as_strided(whole, *geometry), NO_GRAD_MODE)
