"""What a case is made of, wherever it comes from: entries, their samples, spellings of an op."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from autograd_conformance.cases import Unsupported
from autograd_conformance.subjects import Subject
from autograd_conformance.transfer import FrozenTensor

_NAMESPACES = ("fft.", "linalg.", "masked.", "nn.functional.", "special.")


@dataclass(frozen=True)
class Callback:
    """A function of OpInfo's own, told by the name it has there: `on` fits it to a subject."""

    name: str
    on: Callable[[Subject], Callable[..., Any]]


@dataclass(frozen=True)
class Sample:
    """One sample of an entry in frozen form: the op is called as op(input, *args, **kwargs)."""

    index: int
    dtype: str
    input: Any
    args: Any
    kwargs: Any
    process_output: Callback | None = None
    broadcasts_input: bool = False

    @property
    def call(self) -> tuple[Any, Any, Any]:
        return self.input, self.args, self.kwargs


@dataclass(frozen=True)
class BrokenSample:
    """A sample that cannot be used: torch's generator raised, or the kit cannot carry it."""

    index: int
    error: Exception

    @property
    def unsupported(self) -> bool:
        return isinstance(self.error, Unsupported)


class Entry(Protocol):
    """One differentiable op of torch's database, as the kit asks about it."""

    @property
    def name(self) -> str:
        """The full name (`name` or `name.variant`)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The full name, the one without variant, and ``torch.<name>`` outside of namespaces."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What torch supports on the CPU."""

    @property
    def has_error_inputs(self) -> bool:
        """Whether the database knows inputs that torch must refuse."""

    @property
    def supports_inplace_autograd(self) -> bool:
        """Whether the in-place form may be differentiated."""

    def checks(self, dtype: str) -> tuple[str, ...]:
        """The checks that are meaningful at `dtype`, spellings included."""

    def applies(self, form: str, sample: Sample) -> bool:
        """Whether the sample can be spelled in `form` at all."""

    def spelling(self, form: str) -> str | None:
        """The op in a form as text (see `spellings`); None where the kit has none."""

    def callable(self, form: str, subject: Subject) -> Callable[..., Any]:
        """The op in the given spelling on the subject; MissingInSubject if it has none."""


def names_of(full: str, short: str) -> tuple[str, ...]:
    """The names that globs may choose an entry by."""
    return (full, short) if full.startswith(_NAMESPACES) else (full, short, f"torch.{full}")


def fits(form: str, sample: Sample, arity: int) -> bool:
    """Whether a sample can be spelled in `form`, `arity` being the operator's other operands."""
    if not isinstance(sample.input, FrozenTensor):
        return False
    if form in ("inplace", "inplace_operator") and sample.broadcasts_input:
        return False
    if form in ("operator", "inplace_operator"):
        return len(sample.args) == arity and not sample.kwargs
    return True
