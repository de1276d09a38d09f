"""Running two libraries at once: every call on torch and on the subject, callbacks together.

The subject's side of a call runs in a greenlet. Where torch calls back (a hook, a custom backward,
a module's forward), the subject is let run until it calls back, too; the user's function then runs
once, on pairs, while both libraries wait inside of their own calls. So the user's code sees one
course of events, and each library its own modes and levels.
"""

from __future__ import annotations

import contextvars
import functools
import weakref
from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from autograd_conformance.execution import torch_subject
from autograd_conformance.lockstep.divergence import (
    Divergence,
    plain_differs,
    tensor_differences,
    users_line,
)
from autograd_conformance.scenarios.recording import Raised
from autograd_conformance.subjects import Subject, SubjectSpec

#: Roundings that numbers may lie apart: they gather over the lines of a program.
ULPS = 32.0
_Outcome = tuple[str, Any]


class Session:
    """The two libraries, the calls that are being made, and the tensors that are alive."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        #: Pairs of tensors by their id: they cannot be members of sets, since == is torch's.
        self.live: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.torch: Any = torch_subject().module
        self.ulps = ULPS
        self.subject: Any = None

    def use(self, spec: SubjectSpec, ulps: float) -> None:
        """Choose what runs beside torch, and start both random streams from one seed."""
        self.subject = Subject(spec)
        self.ulps = ulps
        self.live.clear()
        with self.subject.activate():
            self.subject.module.manual_seed(self.torch.initial_seed())
        self.torch.manual_seed(self.torch.initial_seed())

    @property
    def libraries(self) -> tuple[str, ...]:
        """Modules whose lines are not the user's."""
        return (
            "autograd_conformance.lockstep",
            "torch",
            "contextlib",
            "copy",
            "functools",
            self.subject.spec.module,
            *(f"autograd_{name}" for name in ("core", "numpy", "python")),
        )

    def differ(self, what: str, expected: Any, got: Any) -> Divergence:
        """The error that names the user's line; other tensors are not asked for it again."""
        self.live.clear()
        line = users_line(self.libraries)
        return Divergence(what, expected, got, self.subject.label, line)

    def check_plain(self, what: str, expected: Any, actual: Any, dtype: str = "") -> None:
        """Compare plain values, numbers among them as those of a tensor of a dtype."""
        if plain_differs(expected, actual, dtype, self.ulps):
            raise self.differ(f"{what} differs", expected, actual)

    def check_tensor(self, what: str, expected: Any, actual: Any) -> None:
        """Compare two tensors; what they answer may have no effect on the user's program."""
        for name, ours, theirs in tensor_differences(expected, actual, self.ulps):
            raise self.differ(f"{what}: {name} differs", ours, theirs)

    def check_live(self) -> None:
        """Compare the tensors that were written, or got a gradient, since they were last seen."""
        for pair in list(self.live.values()):
            if pair._mark != _mark(pair._expected):
                self.check_pair("a tensor that this line changed", pair)

    def check_pair(self, what: str, pair: Any) -> None:
        """Compare a pair of tensors, and remember when."""
        self.check_tensor(what, pair._expected, pair._actual)
        object.__setattr__(pair, "_mark", _mark(pair._expected))


def _mark(tensor: Any) -> Any:
    """What changes when a tensor or its gradient is written."""
    try:
        grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
        version = None if grad is None else grad._version
        return tensor._version, id(grad), version, tensor.requires_grad
    except RuntimeError:  # inference tensors have no version
        return None


SESSION = Session()


class _SubjectsSide(greenlet):
    """Where the subject's side of a call runs."""

    call: Call


class Call:
    """One call on both sides."""

    def __init__(self, what: str, expected: Callable[[], Any], actual: Callable[[], Any]) -> None:
        self.what = what
        self._expected = expected
        self._actual = actual
        self._greenlet: _SubjectsSide | None = None
        self.answers: list[_Outcome] = []

    def run(self) -> tuple[Any, Any]:
        """The results of both sides, or torch's exception if the subject raises the same."""
        SESSION.calls.append(self)
        try:
            kind, value = _outcome(self._expected)
        finally:
            SESSION.calls.pop()
        if kind == "raise" and isinstance(value, Divergence):
            self._abandon()
            raise value
        event = self._advance()
        if event[0] == "callback":
            self._abandon()
            raise SESSION.differ(f"{self.what}: only the subject calls back", None, event[1])
        theirs_kind, theirs = event[1]
        self._compare(kind, value, theirs_kind, theirs)
        if kind == "raise":
            if value is not theirs:
                value.__lockstep__ = theirs  # for when it goes on into the libraries
            raise value
        return value, theirs

    def _compare(self, kind: str, value: Any, theirs_kind: str, theirs: Any) -> None:
        if kind == theirs_kind == "return" or value is theirs:
            return
        if kind == theirs_kind and type(value).__name__.startswith("_"):
            return  # a library's way to leave a function, under a name of its own
        ours_shown, theirs_shown = _shown(kind, value), _shown(theirs_kind, theirs)
        if ours_shown != theirs_shown:
            cause = theirs if theirs_kind == "raise" else None
            raise SESSION.differ(
                f"{self.what}: what is raised differs", ours_shown, theirs_shown
            ) from cause

    def meet(self, function: Callable[..., Any], arguments: Any, options: Any) -> Any:
        """Torch calls ``function``: wait for the subject to do so, and run it once for both."""
        from autograd_conformance.lockstep.pairs import paired, split

        name = getattr(function, "__name__", "a function")
        event = self._advance()
        if event[0] == "done":
            outcome = _shown(*event[1])
            raise SESSION.differ(f"{self.what}: only torch calls {name}", name, outcome)
        _, theirs, their_arguments, their_options = event
        if theirs is not function:
            self._abandon()
            other = getattr(theirs, "__name__", "a function")
            raise SESSION.differ(f"{self.what}: another function is called", name, other)
        given = paired(f"what {name} is given", arguments, their_arguments)
        named = paired(f"what {name} is given", options, their_options)
        try:
            result = function(*given, **named)
        except Exception as error:
            self.answers.append(("raise", getattr(error, "__lockstep__", error)))
            raise
        expected, actual = split(result)
        self.answers.append(("return", actual))
        return expected

    def _advance(self) -> Any:
        """Let the subject run to its next callback, or to its end."""
        if self._greenlet is None:
            self._greenlet = _SubjectsSide(self._run_actual)
            self._greenlet.call = self
            self._greenlet.gr_context = contextvars.copy_context()
        return self._greenlet.switch()

    def _run_actual(self) -> Any:
        with SESSION.subject.activate():
            return ("done", _outcome(self._actual))

    def _abandon(self) -> None:
        if self._greenlet is not None and not self._greenlet.dead:
            self._greenlet.throw(GreenletExit)


def _outcome(function: Callable[[], Any]) -> _Outcome:
    try:
        return "return", function()
    except GreenletExit:
        raise
    except Exception as error:
        return "raise", error


def _shown(kind: str, value: Any) -> Any:
    if kind == "raise":
        return Raised(type(value).__name__, str(value))
    return "nothing was raised"


def trampolines(function: Callable[..., Any]) -> tuple[Any, Any]:
    """What is handed to torch and to the subject in place of a function of the user's."""

    def to_torch(*arguments: Any, **options: Any) -> Any:
        return SESSION.calls[-1].meet(function, arguments, options)

    def to_subject(*arguments: Any, **options: Any) -> Any:
        side: Any = getcurrent()
        side.parent.switch(("callback", function, arguments, options))
        # Not through the switch, which would hold on to a gradient that a leaf may take over.
        kind, value = side.call.answers.pop()
        if kind == "raise":
            raise value
        return value

    for trampoline in (to_torch, to_subject):
        functools.update_wrapper(trampoline, function)
        trampoline.__lockstep__ = (trampoline, function)  # type: ignore[attr-defined]
    return to_torch, to_subject


def call(
    what: str, expected: Callable[..., Any], actual: Callable[..., Any], *args: Any, **kwargs: Any
) -> Any:
    """Call both sides with their halves of the arguments; the paired result."""
    from autograd_conformance.lockstep.pairs import Split, paired

    split = Split()
    ours, theirs = split(args)
    our_options, their_options = split(kwargs)
    results = Call(
        what,
        lambda: expected(*ours, **our_options),
        lambda: actual(*theirs, **their_options),
    ).run()
    of = split.tensors[0]._expected if split.tensors else getattr(expected, "__self__", None)
    result = paired(f"the result of {what}", *results, dtype=str(getattr(of, "dtype", "")))
    for tensor in split.tensors:
        SESSION.check_pair(f"an argument of {what}", tensor)
    if not SESSION.calls:
        SESSION.check_live()
    return result
