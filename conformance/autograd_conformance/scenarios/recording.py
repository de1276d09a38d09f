"""What a scenario program is written with: the decorator, and the recorder of what it observes.

Observations are turned at once into plain data that does not change when the program goes on, and
that is the same for every module with torch's API. Nothing here imports torch.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

ScenarioFunction = Callable[[Any, "Recorder"], None]

#: Units in the last place, of a tensor's largest element, that two correct answers may lie apart.
ULPS = 4.0
_MARK = "__scenario__"
_ADDRESS = re.compile(r"0x[0-9a-f]+")
#: Where in torch's C++ a warning comes from, which is no part of what it says.
_PLACE = re.compile(r" \(Triggered internally at .*\)$")


@dataclass(frozen=True)
class Program:
    """A scenario under its full name."""

    name: str
    area: str
    function: ScenarioFunction = field(repr=False)


def scenario(function: ScenarioFunction) -> ScenarioFunction:
    """Mark ``function(torch, record)`` as a scenario of its module."""
    setattr(function, _MARK, True)
    return function


def programs_of(module: ModuleType) -> list[ScenarioFunction]:
    """The scenarios of a module, in the order of its source; ValueError when there is none."""
    found = [value for value in vars(module).values() if getattr(value, _MARK, False)]
    if not found:
        raise ValueError(f"{module.__name__} has no scenario")
    return found


@dataclass(frozen=True)
class TensorFacts:
    """What is compared of a tensor: its numbers within ULPS, all else exactly."""

    type: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    values: tuple[Any, ...]
    requires_grad: bool
    is_leaf: bool
    grad_fn: str | None
    version: Any
    is_view: Any


@dataclass(frozen=True)
class Raised:
    """An exception by its type's name and its text."""

    type: str
    text: str


@dataclass(frozen=True)
class Observation:
    """One recorded value in plain form, and the roundings it may have accumulated.

    ``slack`` is a distance that was measured on torch, which is allowed beside ``ulps``.
    """

    label: str
    value: Any
    ulps: float = ULPS
    slack: float = 0.0


class _Home:
    """The device that a module's tensors live on; where programs speak of it, it is the CPU.

    The answers to compare with are those of tensors on the CPU, whose device is not printed.
    """

    def __init__(self, torch: Any) -> None:
        self._device = str(getattr(torch.empty(0), "device", "cpu"))
        kind, _, index = self._device.partition(":")
        self._printed = re.compile(rf",\s+device='{self._device}'")
        self._shown = f"device(type='{kind}', index={index})"

    def of_device(self, device: str) -> str:
        return "cpu" if device == self._device else device

    def of_text(self, text: str) -> str:
        if self._device == "cpu":
            return text
        return self._printed.sub("", text).replace(self._shown, "device(type='cpu')")


class Recorder:
    """Takes down what a program observes: ``record(label, value)``, in order.

    ``value`` is any nest of tensors, nodes, dtypes, sizes, numbers, strings, None, exceptions and
    types. ``ulps`` says how many roundings the numbers in it may have accumulated, where a program
    computes for long, and ``slack`` how far terms that cancel may leave them apart; neither is a
    remedy for a difference that has another cause.
    """

    def __init__(self, torch: Any, watch: Callable[[Any], None] | None = None) -> None:
        self._torch = torch
        self._home = _Home(torch)
        self._watch = watch
        self.observations: list[Observation] = []

    def __call__(self, label: str, value: Any, *, ulps: float = ULPS, slack: float = 0.0) -> None:
        self.observations.append(Observation(label, self.plain(value), ulps, slack))

    @contextmanager
    def raises(self, label: str) -> Iterator[None]:
        """Record the exception (type and text) that leaves the block, or that none does."""
        try:
            yield
        except Exception as error:
            self(label, error)
        else:
            self(label, "nothing was raised")

    def graph(self, label: str, tensor: Any) -> None:
        """Record the graph behind a tensor: names and edges of all nodes, breadth first."""
        numbers: dict[int, int] = {}
        nodes: list[Any] = []  # holds them, so that no id is used twice

        def number(node: Any) -> int | None:
            if node is None:
                return None
            if id(node) not in numbers:
                numbers[id(node)] = len(nodes)
                nodes.append(node)
            return numbers[id(node)]

        number(tensor.grad_fn)
        found = []
        for node in nodes:  # grows while it is walked
            edges = [(number(following), int(nr)) for following, nr in node.next_functions]
            found.append((node.name(), edges))
        self(label, found)

    def plain(self, value: Any) -> Any:
        """A value as plain data that does not change any more."""
        torch = self._torch
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if value is None or isinstance(value, bool | int | float | complex | bytes):
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, torch.device):
            return self._home.of_device(str(value))
        if isinstance(value, torch.dtype | torch.layout | torch.memory_format):
            return str(value)
        if isinstance(value, torch.Size):
            return ("Size", *value)
        if isinstance(value, BaseException):
            return Raised(type(value).__name__, self._text(str(value)))
        if isinstance(value, tuple | list):
            members = [self.plain(member) for member in value]
            names = getattr(value, "_fields", None)
            kind = type(value).__name__
            return (kind, *zip(names, members, strict=True)) if names else (kind, *members)
        if isinstance(value, Mapping):
            pairs = [(self.plain(k), self.plain(v)) for k, v in value.items()]
            return (type(value).__name__, *pairs)
        if isinstance(value, set | frozenset):
            return (type(value).__name__, *sorted(map(repr, map(self.plain, value))))
        if isinstance(value, type):
            return f"class {value.__name__}"
        if hasattr(value, "next_functions") and hasattr(value, "name"):
            return f"node {value.name()}"
        return f"a {type(value).__name__}"

    def _text(self, text: str) -> str:
        return self._home.of_text(_ADDRESS.sub("0x...", text))

    def _tensor(self, tensor: Any) -> TensorFacts:
        if self._watch is not None:
            self._watch(tensor)
        node = tensor.grad_fn
        return TensorFacts(
            type=type(tensor).__name__,
            dtype=str(tensor.dtype),
            shape=tuple(int(n) for n in tensor.shape),
            strides=tuple(int(n) for n in tensor.stride()),
            values=tuple(_flat(tensor.detach().tolist())),
            requires_grad=bool(tensor.requires_grad),
            is_leaf=bool(tensor.is_leaf),
            grad_fn=None if node is None else node.name(),
            version=_answer(lambda: tensor._version),
            is_view=_answer(tensor._is_view),
        )


def _words(text: str) -> str:
    return _PLACE.sub("", _ADDRESS.sub("0x...", text))


def plain_warnings(caught: list[warnings.WarningMessage]) -> list[tuple[str, str]]:
    """Category and text of each warning."""
    return [(w.category.__name__, _words(str(w.message))) for w in caught]


def _answer(question: Callable[[], Any]) -> Any:
    """The answer, or the exception as data: an inference tensor has no version."""
    try:
        return question()
    except RuntimeError as error:
        return Raised(type(error).__name__, str(error))


def _flat(values: Any) -> Iterator[Any]:
    if isinstance(values, list):
        for value in values:
            yield from _flat(value)
    else:
        yield values


def observe(
    program: Program, torch: Any, watch: Callable[[Any], None] | None = None
) -> list[Observation]:
    """Run a program on a module and return what it recorded, its warnings last.

    The program starts with grad mode on, float32 as the default dtype and a seeded generator,
    which are put back afterwards. ``watch`` is shown each tensor that is recorded.
    """
    recorder = Recorder(torch, watch)
    dtype = torch.get_default_dtype()
    warns_always = getattr(torch, "is_warn_always_enabled", lambda: None)()
    with warnings.catch_warnings(record=True) as caught, torch.enable_grad():
        warnings.simplefilter("always")
        if warns_always is not None:
            torch.set_warn_always(True)
        torch.manual_seed(0)
        torch.set_default_dtype(torch.float32)
        try:
            program.function(torch, recorder)
        finally:
            torch.set_default_dtype(dtype)
            if warns_always is not None:
                torch.set_warn_always(warns_always)
    if not recorder.observations and not caught:
        return []
    return [*recorder.observations, Observation("warnings", plain_warnings(caught))]
