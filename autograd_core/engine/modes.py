"""What a thread records, with contexts to set it, whether it traces, and which backward it runs."""

from __future__ import annotations

import functools
import itertools
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from ..tensor import Tensor
from ..versions import InferenceCounter, inference

if TYPE_CHECKING:
    from .graph_task import GraphTask
    from .node import Node

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Untraceable(BaseException):
    """What keeps a function from being compiled; it passes through the user's ``except``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Tracing(threading.local):
    """The trace that this thread is taking, None outside."""

    trace: Any = None


tracing = _Tracing()


def refuse_in_trace(reason: str) -> None:
    """Give up the trace that this thread is taking, if it is."""
    if tracing.trace is not None:
        tracing.trace.refuse(reason)


class _Threads:
    """Whether nodes were recorded in several threads, each of which numbers its own."""

    record: bool = False


threads = _Threads()


def _numbers(is_first: bool) -> Callable[[], int]:
    """Return what gives a thread's nodes their numbers; those of a later thread are noticed."""
    if is_first:
        return itertools.count().__next__

    def first() -> Iterator[int]:
        threads.record = True
        yield 0

    return itertools.chain(first(), itertools.count(1)).__next__


class _Recording:
    """The attribute that says whether operations are recorded.

    It can only be set: a class attribute that is not read leaves reading to the instance's dict,
    which costs nothing. True is kept as the function that numbers nodes, so that whoever asks has
    it without asking again.
    """

    def __set__(self, modes: _Modes, value: Any) -> None:
        vars(modes)["grad_enabled"] = modes.next_sequence_nr if value is True else value


class _Modes(threading.local):
    """The modes of one thread."""

    next_sequence_nr: Callable[[], int]
    """Gives the number of a new node: how many this thread made before."""
    grad_enabled: Any = _Recording()
    """Whether operations are recorded: what numbers their nodes, False, or None in inference mode,
    where they never are."""
    forward_enabled: bool = True
    """Whether tangents are seen; asked only while a forward-AD level is open."""
    asked_in_inference: bool = False
    """What grad mode was set to in inference mode, where only custom functions record by it."""
    multithreading_enabled: bool = True
    in_formula: bool = False
    """Whether a formula runs on Tensors: its arithmetic with numbers is that of C++, where a number
    is no tensor but an option of the node."""
    grad_layout_enforced: bool = True
    """Whether a new ``.grad`` must be laid out as its leaf."""

    def __init__(self) -> None:
        self.next_sequence_nr = _numbers(threading.current_thread() is threading.main_thread())
        self.grad_enabled = True


modes = _Modes()


class _Running(threading.local):
    """The innermost run in which the user's code can be called, None outside."""

    task: GraphTask | None = None
    node: Node | None = None
    depth: int = 0

    @property
    def checkpoint_valid(self) -> bool:
        """Whether no run that is restricted to ``inputs=`` is running a node."""
        task = self.task
        while task is not None:
            if task.is_calling and task.paths is not None:
                return False
            task = task.outer
        return True


running = _Running()

carried: list[threading.local] = [modes, inference, tracing]
"""The state of a thread that holds for the runs it starts in other threads, too."""


class _Interposed:
    """How many things stand between calls and kernels: levels of transforms, forward AD.

    While there are any, every op goes the general way, which asks for them.
    """

    def __init__(self) -> None:
        self.count = 0  # of the instance: a class attribute takes 15 ns more to read
        self._lock = threading.Lock()

    def add(self) -> None:
        """Note one more."""
        with self._lock:
            self.count += 1

    def remove(self) -> None:
        """Note that one has gone."""
        with self._lock:
            self.count -= 1


interposed = _Interposed()


class _Dispatching(threading.local):
    """The dispatch modes that one thread has entered, innermost last.

    They see every op between its recording and its kernel, as torch's do.
    """

    def __init__(self) -> None:
        self.modes: list[DispatchMode] = []


dispatching = _Dispatching()


class DispatchMode:
    """Inside, ``dispatch`` is called in the place of every op's kernel; it does not see itself."""

    def __enter__(self) -> DispatchMode:
        dispatching.modes.append(self)
        interposed.add()
        return self

    def __exit__(self, *_: object) -> None:
        dispatching.modes.pop()
        interposed.remove()

    def dispatch(
        self, op: Any, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Return the output of an op, a Tensor or a tuple of them.

        Args:
            op: the overload that was called, as ``ops.aten`` names it.
            run: computes it.
            args: its arguments.
            kwargs: those that torch hands on by name.
        """
        raise NotImplementedError


def through_innermost(
    op: Any, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Return what the innermost mode gives for an op; modes outside of it see what it runs."""
    mode = dispatching.modes.pop()
    try:
        return mode.dispatch(op, run, args, kwargs)
    finally:
        dispatching.modes.append(mode)


class ForwardLevels:
    """The open forward-AD levels, the same for all threads, as in torch.

    Users open one at a time; transforms of functions nest. Every level has a number of its own, and
    a tangent belongs to the level it was made at: once that is closed, nothing sees it again.
    """

    current: int | None = None
    """The number of the innermost open level; None when none is: all that an op's call asks."""

    def __init__(self) -> None:
        self.open: list[int] = []
        self._of_transforms = False
        self._holders: dict[int, weakref.WeakSet[TangentsByLevel]] = {}
        self._opened = 0

    def enter(self, transform: bool = False) -> int:
        """Open a level and return its number; a transform's may be inside those of others.

        Raises:
            RuntimeError: there is a level open that it may not be inside of.
        """
        refuse_in_trace("forward-mode AD is used")
        if self.open and not (transform and self._of_transforms):
            raise RuntimeError("Nested forward mode AD is not supported at the moment")
        self._of_transforms = transform
        self._opened += 1
        self.current = self._opened
        self.open.append(self.current)
        self._holders[self.current] = weakref.WeakSet()
        interposed.add()
        return self.current

    def exit(self) -> None:
        """Close the innermost level; its tangents are gone."""
        level = self.open.pop()
        self.current = self.open[-1] if self.open else None
        interposed.remove()
        for tangents in self._holders.pop(level):
            tangents.pop(level, None)

    def hold(self, level: int, tangents: TangentsByLevel) -> None:
        """Note that a tensor has a tangent at a level, to be dropped when that closes."""
        self._holders[level].add(tangents)


class TangentsByLevel(dict[int, Any]):
    """The tangents of one tensor, by the number of the level they belong to."""

    __slots__ = ("__weakref__",)
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


forward_level = ForwardLevels()


def is_grad_enabled() -> bool:
    """Return whether grad mode is on in this thread."""
    enabled = modes.grad_enabled
    return modes.asked_in_inference if enabled is None else bool(enabled)


def _set_grad(enabled: bool) -> None:
    """Set grad mode; in inference mode this is noted, and has no effect."""
    if not isinstance(enabled, bool):
        raise TypeError(
            "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not "
            f"{type(enabled).__name__}"
        )
    if modes.grad_enabled is None:
        modes.asked_in_inference = enabled
    else:
        modes.grad_enabled = enabled


def is_inference_mode_enabled() -> bool:
    """Return whether this thread is in inference mode."""
    return inference.enabled


def is_inference(tensor: Tensor) -> bool:
    """Whether a tensor was made in inference mode: its versions are not for anybody to save."""
    return isinstance(tensor._version_counter, InferenceCounter)


class _DecoratorContext:
    """A context that also decorates functions and generator functions.

    A decorated function enters a clone of the context each time, so that calls may nest.
    """

    def __call__(self, orig_func: _Function) -> _Function:
        func: Any = orig_func
        if isinstance(orig_func, type):
            warnings.warn(_CLASS, FutureWarning, stacklevel=2)

            def func(*args: Any, **kwargs: Any) -> Any:
                return orig_func(*args, **kwargs)

            func.__name__ = "<lambda>"
        elif _is_generator_function(orig_func):
            return _generator(self.clone, orig_func)

        @functools.wraps(func)
        def decorated(*args: Any, **kwargs: Any) -> Any:
            with self.clone():
                return func(*args, **kwargs)

        return decorated  # type: ignore[return-value]

    def clone(self) -> Any:
        """Return a new context that does the same."""
        return type(self)()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, *_: object) -> None:
        raise NotImplementedError


_CLASS = (
    "Decorating classes is deprecated and will be disabled in future versions. You should only "
    "decorate functions or methods. To preserve the current behavior of class decoration, you can "
    "directly decorate the `__init__` method and nothing else."
)


def _is_generator_function(function: Any) -> bool:
    from inspect import isgeneratorfunction  # which is slow to import

    return isgeneratorfunction(function)


def _generator(context: Callable[[], Any], func: _Function) -> _Function:
    """Decorate a generator function: the context holds while its body runs, not between."""

    @functools.wraps(func)
    def generator(*args: Any, **kwargs: Any) -> Any:
        inner = func(*args, **kwargs)
        step: Callable[[], Any] = functools.partial(next, inner)
        while True:
            try:
                with context():
                    item = step()
            except StopIteration as stop:
                return stop.value
            try:
                step = functools.partial(inner.send, (yield item))
            except GeneratorExit:
                with context():
                    inner.close()
                raise
            except BaseException as error:  # noqa: BLE001 - handed to the generator
                step = functools.partial(inner.throw, error)

    return generator  # type: ignore[return-value]


class _BareDecoratorContext(_DecoratorContext):
    """One that decorates without parentheses, too: ``@no_grad``."""

    def __new__(cls, orig_func: Any = None) -> Any:
        return super().__new__(cls) if orig_func is None else cls()(orig_func)


class no_grad(_BareDecoratorContext):  # noqa: N801 - torch's name
    """Nothing is recorded inside; also a decorator, with or without parentheses."""

    def __init__(self) -> None:
        self.prev = False

    def __enter__(self) -> None:
        self.prev = is_grad_enabled()
        _set_grad(False)

    def __exit__(self, *_: object) -> None:
        _set_grad(self.prev)


class enable_grad(_BareDecoratorContext):  # noqa: N801 - torch's name
    """Operations are recorded inside, also within ``no_grad``; also a decorator."""

    prev: bool

    def __enter__(self) -> None:
        self.prev = is_grad_enabled()
        _set_grad(True)

    def __exit__(self, *_: object) -> None:
        _set_grad(self.prev)


class set_grad_enabled(_DecoratorContext):  # noqa: N801 - torch's name
    """Sets grad mode at once, and restores it when used as a context or decorator.

    Raises:
        TypeError: the mode is not a bool (torch's text).
    """

    def __init__(self, mode: bool) -> None:
        self.prev = is_grad_enabled()
        self.mode = mode
        _set_grad(mode)

    def __call__(self, orig_func: _Function) -> _Function:
        _set_grad(self.prev)
        return super().__call__(orig_func)

    def clone(self) -> set_grad_enabled:
        """Return a new context that does the same; like any, it sets the mode when it is made."""
        return type(self)(self.mode)

    def __enter__(self) -> None:
        _set_grad(self.mode)

    def __exit__(self, *_: object) -> None:
        _set_grad(self.prev)

    def __repr__(self) -> str:
        return f"torch.autograd.grad_mode.{type(self).__name__}(mode={self.mode})"


class inference_mode(_DecoratorContext):  # noqa: N801 - torch's name
    """Nothing is recorded inside, and tensors made inside count no versions and keep no views.

    Such tensors cannot be saved for a backward pass, nor written in place outside. Tangents are not
    seen inside. With ``mode=False`` the context leaves inference mode, and turns grad mode on.
    """

    def __new__(cls, mode: Any = True) -> Any:
        return super().__new__(cls) if isinstance(mode, bool) else cls()(mode)

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode

    def clone(self) -> inference_mode:
        """Return a new context that does the same."""
        return type(self)(self.mode)

    def __enter__(self) -> None:
        self._previous = (modes.grad_enabled, modes.asked_in_inference, modes.forward_enabled)
        self._was_enabled = inference.enabled
        inference.enabled = self.mode
        modes.grad_enabled = None if self.mode else True
        modes.asked_in_inference = False
        modes.forward_enabled = not self.mode

    def __exit__(self, *_: object) -> None:
        inference.enabled = self._was_enabled
        modes.grad_enabled, modes.asked_in_inference, modes.forward_enabled = self._previous


def is_multithreading_enabled() -> bool:
    """Return what ``set_multithreading_enabled`` was given last in this thread."""
    return modes.multithreading_enabled


class set_multithreading_enabled(_DecoratorContext):  # noqa: N801 - torch's name
    """Sets at once whether backward may use threads of its own, which changes nothing here."""

    def __init__(self, mode: bool) -> None:
        self.prev = modes.multithreading_enabled
        self.mode = mode
        modes.multithreading_enabled = mode

    def clone(self) -> set_multithreading_enabled:
        """Return a new context that does the same."""
        return type(self)(self.mode)

    def __enter__(self) -> None:
        """Nothing: the mode was set when the context was made."""

    def __exit__(self, *_: object) -> None:
        modes.multithreading_enabled = self.prev
