"""Views and in-place writes: who shares memory with whom, and how a write rewrites the graph.

A view remembers its base and how it was cut from it. A write through a view gives the base a
CopySlices node; every view's own grad_fn is made anew when it is next asked for.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from sys import getrefcount
from typing import Any, TypeVar

from ..tensor import LazyTensor, Tensor, through, wrap_sharing
from ..versions import UNWRITTEN, InferenceCounter, bump_version, inference, own_counter
from . import dispatch_modes
from .memory_overlap import refuse_overlapping_array
from .modes import interposed, modes
from .node import Node, gradient_edge, known_outputs, like, making, set_history
from .saved import FREED, short_name

_new = object.__new__
_Function = TypeVar("_Function", bound=Callable[..., Any])

Replay = Callable[[Any, Any], Any] | tuple[Any, ...]
"""(xp, base) -> view, or a subscript: one step of how a view was made."""

DEFAULT, NO_GRAD_MODE, MULTI_OUTPUT_NODE, IN_CUSTOM_FUNCTION, INFERENCE_MODE = range(5)
"""How a view came to be: one that was not made by default refuses writes that are recorded."""


class View:
    """How a tensor is a view of ``base``: the steps from the base's array to its own.

    It is made by ``mark_view``, which writes the slots itself: a constructor takes 100 ns more.
    """

    __slots__ = ("__dict__", "attr_version", "awaited", "base", "creation", "replay")

    awaited: tuple[Any, ...] | None
    """The version of which a history is to be made when it is asked for, what makes it of the
    tensor, and more for that; ``attr_version`` is another one until then."""

    regeneration: tuple[Replay, ...] | None = None
    """The steps that a new history has; None when it is one as_strided."""

    tangent_root: tuple[Tensor | None, int] | None = None
    """Where tangents come from when not from the base: the tensor, and the steps before it.

    A dual tensor and a primal are views for gradients only, and their views are theirs.
    """

    base: Tensor
    replay: tuple[Replay, ...]
    attr_version: int
    creation: int

    def is_plain(self) -> bool:
        """Whether nothing more than its step is to be noted of a view of the view."""
        return not self.creation and self.regeneration is None and self.tangent_root is None


def cut(steps: Sequence[Replay], xp: Any, array: Any) -> Any:
    """Take the steps from a base to a view of it."""
    for step in steps:
        if type(step) is not tuple:
            array = step(xp, array)  # type: ignore[operator]
        else:
            array = array[step] if isinstance(array, Tensor) else xp.subscript(array, step)
    return array


def mark_view(
    view: Tensor,
    source: Tensor,
    step: Replay,
    creation: int = DEFAULT,
    reinterprets: bool = False,
) -> None:
    """Record that ``view``, which shares memory with ``source``, was made from it by ``step``.

    A view of an inference tensor is another one, and nobody's view. ``reinterprets`` says that the
    elements are others than those in the source, so that no as_strided gives them.
    """
    counter = source._version_counter
    if counter is UNWRITTEN:
        counter = own_counter(source)
    view._version_counter = counter
    if type(counter) is InferenceCounter:
        return
    origin = source._view
    view._view = made = _new(View)
    made.attr_version = counter[0]
    made.awaited = None
    if not modes.grad_enabled:
        creation = INFERENCE_MODE if inference.enabled else NO_GRAD_MODE
    if origin is None:
        made.base = source
        made.replay = (step,)
        made.creation = creation
    else:
        made.base = origin.base
        made.replay = (*origin.replay, step)
        made.creation = creation or origin.creation
        if origin.regeneration is not None and not reinterprets:
            made.regeneration = (*origin.regeneration, _Place(view))
        if origin.tangent_root is not None:
            root, before = origin.tangent_root
            made.tangent_root = (source if root is None else root, before)
    if reinterprets:
        regeneration = None if origin is None else origin.regeneration
        if regeneration is None:
            regeneration = () if origin is None else (_Place(source),)
        made.regeneration = (*regeneration, step)


def move_view(tensor: Tensor, step: Replay, recorded: bool) -> None:
    """Note that a view was given another geometry in place, by one more step."""
    view = tensor._view
    view.replay = (*view.replay, step)
    if recorded:
        view.attr_version = tensor._version_counter[0]
    steps = view.regeneration
    if steps is not None:
        kept = steps[:-1] if isinstance(steps[-1], _Place) else steps
        view.regeneration = (*kept, _Place(tensor))


class _Place:
    """The step to where a tensor lies in the storage."""

    __slots__ = ("geometry",)

    def __init__(self, tensor: Tensor) -> None:
        self.geometry = (tuple(tensor.shape), tensor.stride(), tensor.storage_offset())

    def __call__(self, xp: Any, source: Any) -> Any:
        return source.as_strided(*self.geometry)


def grad_fn(tensor: Tensor) -> Node | None:
    """Return the node that made the tensor, made anew for a view whose base was written since."""
    view = tensor._view
    if (
        view is not None
        and view.attr_version != tensor._version_counter[0]
        and (tensor._grad_fn is not None or view.base.requires_grad)
    ):
        _regenerate(tensor)
    return tensor._grad_fn  # type: ignore[no-any-return]


def _regenerate(tensor: Tensor) -> None:
    view = tensor._view
    version = tensor._version_counter[0]
    if view.awaited is not None and view.awaited[0] == version:
        making.acquire()  # one history for all threads
        try:
            if view.attr_version != version:
                tensor._grad_fn = view.awaited[1](tensor, *view.awaited[2:])
                tensor._output_nr = 0
                view.attr_version = version
        finally:
            making.release()
    elif view.creation != DEFAULT:
        raise RuntimeError(_message(view.creation, tensor, is_write=False))
    else:
        set_history(tensor, regenerated_grad_fn(tensor))
    view.attr_version = version


def _is_one_as_strided(tensor: Tensor) -> bool:
    """Whether the new history of a view is a single node, which nobody sees made."""
    view = tensor._view
    base = view.base
    is_plain = view.regeneration is None and type(base) is type(tensor) is Tensor
    return is_plain and base._requires_grad and base._backend.level is None


def _as_strided(tensor: Tensor, number: int | None = None) -> Node:
    place = [tensor._view.base, *_Place(tensor).geometry]
    return differentiable_xp().as_strided.history(place, tensor, number)  # type: ignore[no-any-return]


def regenerated_grad_fn(tensor: Tensor) -> Node:
    """Return a new node from the base to the view: as_strided, or several where that is not all."""
    view = tensor._view
    base = made = view.base
    if _is_one_as_strided(tensor):
        return _as_strided(tensor)
    steps = view.regeneration or (_Place(tensor),)
    previous, modes.grad_enabled = modes.grad_enabled, True
    seen, dispatch_modes.stack.modes = dispatch_modes.stack.modes, []  # nothing is computed
    try:
        if not base._requires_grad:  # it was detached since: the node leads nowhere
            made = wrap_sharing(base._memory, base)
            made._requires_grad = True
            made = steps[0](differentiable_xp(), made)
            made._grad_fn.next_edges = (None,)
            steps = steps[1:]
        for step in steps:
            made = step(differentiable_xp(), made)
    finally:
        modes.grad_enabled, dispatch_modes.stack.modes = previous, seen
    return made._grad_fn  # type: ignore[no-any-return]


_interpreters: list[Any] = []


def set_differentiable_xp(xp: Any) -> None:
    """Tell the engine the interpreter that runs formulas on Tensors (``autograd_core.ops``)."""
    _interpreters[:] = [xp]


def differentiable_xp() -> Any:
    """Return the interpreter that runs formulas on Tensors."""
    return _interpreters[0]


def requires_grad(tensor: Tensor) -> bool:
    """Whether operations on the tensor are recorded; a view asks its base, too."""
    if tensor._requires_grad:
        return True
    view = tensor._view
    return view is not None and view.base._requires_grad


class _WriteWatchers(threading.local):
    """What one thread wants to be told of tensors that are about to be written."""

    def __init__(self) -> None:
        self.stack: list[Callable[[Tensor], None]] = []

    @contextmanager
    def watching(self, watcher: Callable[[Tensor], None]) -> Iterator[None]:
        """Call ``watcher(tensor)`` before each write inside."""
        self.stack.append(watcher)
        interposed.add()
        try:
            yield
        finally:
            interposed.remove()
            self.stack.pop()


write_watchers = _WriteWatchers()


def announce_write(tensor: Tensor) -> None:
    """Tell those who watch that a tensor is about to be written."""
    if interposed.count and tensor._backend.level is None:  # else it is told at the level below
        for watcher in write_watchers.stack:
            watcher(tensor)


def seen_whole(function: _Function) -> _Function:
    """Keep from those who watch what a composed function writes in inference mode.

    torch takes such functions apart where it records; in inference mode its modes see them whole.
    """

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not (interposed.count and inference.enabled):
            return function(*args, **kwargs)
        hidden, write_watchers.stack = write_watchers.stack, []
        try:
            return function(*args, **kwargs)
        finally:
            write_watchers.stack = hidden

    return wrapper  # type: ignore[return-value]


def writes_are_seen() -> bool:
    """Whether a mode sees each op of this thread: torch's engine writes no gradient then."""
    return bool(write_watchers.stack or dispatch_modes.stack.modes)


def count_inner_write(tensor: Tensor, writes: int = 1) -> None:
    """Count writes that torch makes within an op, which a mode that sees each op keeps from it."""
    if not (interposed.count and writes_are_seen()):
        bump_version(tensor, writes)


def check_inplace(tensor: Tensor, records: bool) -> None:
    """Refuse an in-place write that torch refuses, with its text; nothing has been changed yet.

    Args:
        tensor: the one to be written.
        records: whether an operand of the write requires a gradient.
    """
    announce_write(tensor)
    needs_grad = requires_grad(tensor)
    if not (needs_grad or records) or not modes.grad_enabled:
        return
    view = tensor._view
    if view is not None:
        if view.creation != DEFAULT:
            raise RuntimeError(_message(view.creation, tensor, is_write=True))
        if needs_grad and view.base._grad_fn is None:
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place "
                "operation."
            )
    # A view from before its base was recorded counts as a leaf until its history is asked for.
    if needs_grad and tensor._grad_fn is None:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation."
        )


def _message(creation: int, tensor: Tensor, is_write: bool) -> str:
    """Return torch's words for a view that is written, or whose base was, against the rules."""
    node = tensor._grad_fn
    modified = "is being" if is_write else "its base or another view of its base has been"
    if node is not None and creation in (MULTI_OUTPUT_NODE, IN_CUSTOM_FUNCTION):
        text = (
            f"Output {tensor._output_nr} of {short_name(node)} is a view and {modified} modified "
            "inplace."
        )
    else:
        made = (
            "A view was"
            if node is None
            else f"Output {tensor._output_nr} of {short_name(node)} is a view of a view which was"
        )
        where, then = (
            ("inference mode", "in normal mode")
            if creation == INFERENCE_MODE
            else ("no_grad mode", "with grad mode enabled")
        )
        text = f"{made} created in {where} and {modified} modified inplace {then}."
    return f"{text} {_REASONS[creation]}"


_AMBIGUOUS = (
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your "
    "code by moving both the view and the inplace either both inside the {} block (if you don't "
    "want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
)
_REASONS = {
    MULTI_OUTPUT_NODE: (
        "This view is the output of a function that returns multiple views. Such functions do not "
        "allow the output views to be modified inplace. You should replace the inplace operation "
        "by an out-of-place one."
    ),
    NO_GRAD_MODE: _AMBIGUOUS.format("no_grad"),
    INFERENCE_MODE: _AMBIGUOUS.format("inference_mode"),
    IN_CUSTOM_FUNCTION: (
        "This view was created inside a custom Function (or because an input was returned as-is) "
        "and the autograd logic to handle view+inplace would override the custom backward "
        "associated with the custom Function, leading to incorrect gradients. This behavior is "
        "forbidden. You can fix this by cloning the output of the custom Function."
    ),
}


class CopySlices(Node):
    """A write through a view, seen from the base: ``fn`` acts on the slice, the rest passes."""

    __slots__ = ("fn", "hooked", "regeneration", "seen", "steps", "strides")
    __module__ = "builtins"  # as torch's
    qualified_name = "torch::autograd::CopySlices"
    writes = (2,)
    always_runs = True  # as what it calls may refuse to

    fn: Any
    hooked: bool
    steps: tuple[Replay, ...]
    """What cuts the slice out; not the view itself, which has the base, whose node this is."""
    regeneration: tuple[Replay, ...] | None
    seen: tuple[bool, bool] | None
    """Whether a lazy view that was written is conjugated, negated."""
    strides: tuple[int, ...]
    """Those of the base."""

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        grad = grads[0]
        fn: Any = self.fn or self._function()
        if grad is None:
            return (None,) * len(self.next_nodes)
        xp = self._backend
        shape = self._outputs[0][0]
        if grad.shape == shape and xp.strides(grad) == self.strides:
            # The caller's local, its list, the local here, the argument: nobody else has it.
            alone = getrefcount(grad) <= 4 and xp.is_whole(grad)
            result = grad if alone and shape else xp.clone(grad)
        else:
            result = xp.empty_strided(shape, self.strides, xp.dtype(grad))
            xp.copy_(result, grad)
        part = cut(self.steps, xp, result)
        seen, plan = self.seen, fn.plan
        given = through(xp, part, *seen) if seen else part
        if plan is None or any(self.next_nodes[1:]):  # which may be handed it, or keep it
            given = xp.clone(given)
        apart = plan is not None and plan.single
        results = plan.raw(fn, given, True) if apart else fn.apply_raw([given])
        first = results[0]
        if first is None:
            xp.copy_(part, xp.scalar(0, xp.dtype(part)))
        elif first is not part:
            if plan is None or fn.entry.overlapping:  # else it was looked at before the write
                refuse_overlapping_array(xp, part)
            xp.copy_(part, through(xp, first, *seen) if seen else first)
        return (result, *results[1:])

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        grad = grads[0]
        fn = self._function()
        if grad is None:
            return (None,) * len(self.next_nodes)
        xp = differentiable_xp()
        # Made of the gradient, so that it is a batch where that is one.
        result = xp.clone(grad.detach(), self.strides)
        result.copy_(grad)
        steps = self.regeneration or (_Place(cut(self.steps, xp, result.detach())),)
        part = cut(steps, xp, result)
        results = list(fn.apply_tensors([part.clone()]))
        if results[0] is None:
            part.zero_()
        else:
            part.copy_(results[0])
        results[0] = result
        return results

    def _function(self) -> Node:
        if self.fn is None:
            raise RuntimeError(FREED)
        return self.fn  # type: ignore[no-any-return]

    def release(self) -> None:
        self.fn = None


def set_gradient_edge(tensor: Tensor, node: Node, output_nr: int) -> None:
    """Make output ``output_nr`` of ``node`` the history of ``tensor``."""
    tensor._grad_fn = node
    tensor._output_nr = output_nr
    tensor._requires_grad = True
    if tensor._view is not None:
        tensor._view.attr_version = tensor._version_counter[0]


def rebase_history(tensor: Tensor, fn: Node) -> None:
    """Make ``fn`` the history of ``tensor``, which was just written in place."""
    view = tensor._view
    if view is None:
        set_history(tensor, fn)
        return
    base, number = view.base, modes.next_sequence_nr
    # The first edge, of the written slice, becomes the base's; the others stay.
    edge, edge_nr = base._grad_fn, base._output_nr
    if edge is None:
        edge, edge_nr = gradient_edge(base) or (None, 0)
    made = _new(CopySlices)
    made.fn = fn
    made.steps = view.replay
    made.regeneration = view.regeneration
    made.seen = (tensor._conjugated, tensor._negated) if type(tensor) is LazyTensor else None
    made.hooked = (fn.plan or fn).hooked
    array = base._array
    shape, native = array.shape, array.dtype
    made._backend = backend = base._backend
    made._outputs = known_outputs.get((shape, native)) or like(shape, native)
    made.strides = backend.strides(array)
    made.sequence_nr = number()
    made.next_nodes = (edge, *fn.next_nodes[1:])
    made.next_numbers = (edge_nr, *fn.next_numbers[1:])
    set_history(base, made)
    version = tensor._version_counter[0]
    if (
        tensor._grad_fn is not None
        and tensor._hooks is None
        and not tensor._retains_grad
        and _is_one_as_strided(tensor)
    ):
        view.awaited = version, _as_strided, number()
        return
    set_history(tensor, regenerated_grad_fn(tensor))
    view.attr_version = version
