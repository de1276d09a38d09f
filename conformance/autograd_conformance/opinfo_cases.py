"""The one adapter to torch's OpInfo database: entries, samples, error inputs, spellings of an op.

Torch 2.13 has 702 OpInfo records; the 547 with `supports_autograd` are the differentiable entries
that every count of the kit refers to. 540 of them accept float64 on the CPU.
"""

from __future__ import annotations

import functools
import operator
import random
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy
import torch

with warnings.catch_warnings():  # the database's own imports warn about optional packages
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

from autograd_conformance.cases import FORMS, Unsupported
from autograd_conformance.freezing import freeze
from autograd_conformance.rebinding import bind, public_path
from autograd_conformance.samples import BrokenSample, Callback, Sample, fits, names_of
from autograd_conformance.spellings import OWN
from autograd_conformance.subjects import Subject, method_of, operator_of

__all__ = ["BrokenSample", "Entry", "Sample", "entries", "error_samples", "samples"]

UNARY_OPERATORS = (operator.abs, operator.neg)


@dataclass(frozen=True, eq=False)
class Entry:
    """One differentiable OpInfo record under its full name (`name` or `name.variant`)."""

    name: str
    info: Any = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return names_of(self.name, self.info.name)

    @property
    def has_error_inputs(self) -> bool:
        return self.info.error_inputs_func is not None

    @property
    def supports_inplace_autograd(self) -> bool:
        return bool(self.info.supports_inplace_autograd)

    @functools.cached_property
    def dtypes(self) -> tuple[str, ...]:
        return _names(self.info.supported_dtypes("cpu"))

    @functools.cached_property
    def backward_dtypes(self) -> frozenset[str]:
        return frozenset(_names(self.info.supported_backward_dtypes("cpu")))

    def checks(self, dtype: str) -> tuple[str, ...]:
        """The checks that OpInfo declares meaningful at `dtype`, spellings included."""
        if dtype not in self.dtypes:
            return ()
        checks = ["values", "attributes"]
        kind: torch.dtype = getattr(torch, dtype)
        if (kind.is_floating_point or kind.is_complex) and dtype in self.backward_dtypes:
            checks += ["graph", "gradients"]
            if self.info.supports_gradgrad:
                checks.append("second_order")
            if self.info.supports_forward_ad:
                checks.append("tangents")
            checks.append("saved")
        checks += ["warnings", "generator"]
        forms = [form for form in FORMS if self.variant(form) is not None]
        return (*checks, *forms, "metamorphic")

    def variant(self, form: str) -> Any:
        """The torch callable of a spelling, None if OpInfo names none or it is the op itself."""
        if form == "function":
            return self.info.op
        found = getattr(
            self.info,
            {
                "method": "method_variant",
                "inplace": "inplace_variant",
                "operator": "operator_variant",
                "inplace_operator": "inplace_operator_variant",
            }[form],
        )
        return None if found is self.info.op else found

    def applies(self, form: str, sample: Sample) -> bool:
        return fits(form, sample, 0 if self.variant(form) in UNARY_OPERATORS else 1)

    def spelling(self, form: str) -> str | None:
        function = self.variant(form)
        if (self.name, form) in OWN:
            return OWN[self.name, form]
        name = getattr(function, "__name__", "")
        if form in ("method", "inplace") and getattr(torch.Tensor, name, None) is function:
            return f"Tensor.{name}"
        if form in ("operator", "inplace_operator"):
            return f"operator.{name}"
        path = public_path(function, self.info.name if form == "function" else "")
        return None if path is None else f"torch.{path}"

    def callable(self, form: str, subject: Subject) -> Callable[..., Any]:
        """The op in the given spelling on the subject; MissingInSubject if it has none."""
        function = self.variant(form)
        if form in ("method", "inplace"):
            name = getattr(function, "__name__", "")
            if getattr(torch.Tensor, name, None) is function:
                return method_of(name)
        if form in ("operator", "inplace_operator"):
            return operator_of(function)
        hint = self.info.name if form == "function" else ""
        return bind(function, subject, hint)


def _names(dtypes: Any) -> tuple[str, ...]:
    return tuple(sorted(str(dtype).removeprefix("torch.") for dtype in dtypes))


@functools.cache
def entries() -> dict[str, Entry]:
    """Every differentiable entry by full name, in the database's order."""
    found: dict[str, Entry] = {}
    for info in op_db:
        if info.supports_autograd:
            variant = f".{info.variant_test_name}" if info.variant_test_name else ""
            found[info.name + variant] = Entry(info.name + variant, info)
    return found


def seed_everything(*parts: Any) -> None:
    """Seeds the three generators that OpInfo draws from, by the parts' text."""
    seed = zlib.crc32("|".join(map(str, parts)).encode())
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed)


def samples(
    entry: Entry, dtype: str, seed: int, start: int = 0, stop: int | None = None
) -> Iterator[Sample | BrokenSample]:
    """The entry's samples at `dtype` from `start` to `stop`, each seeded by its own place.

    Generating is seeded per (seed, entry, dtype, index), so a sample does not depend on which
    other cases run. A generator that raises yields one BrokenSample and ends.
    """
    kind: torch.dtype = getattr(torch, dtype)
    requires_grad = kind.is_floating_point or kind.is_complex
    requires_grad = requires_grad and dtype in entry.backward_dtypes
    yield from _frozen(
        lambda: entry.info.sample_inputs("cpu", kind, requires_grad=requires_grad, set_seed=False),
        (seed, entry.name, dtype),
        start,
        stop,
    )


def error_samples(entry: Entry, seed: int) -> Iterator[Sample | BrokenSample]:
    """The entry's inputs that torch must refuse; empty when OpInfo has none."""
    if entry.info.error_inputs_func is None:
        return iter(())
    return _frozen(
        lambda: (e.sample_input for e in entry.info.error_inputs("cpu", set_seed=False)),
        (seed, entry.name, "errors"),
        0,
        None,
    )


@contextmanager
def _filled_memory() -> Iterator[None]:
    """Memory that nothing is written to is filled, so that a sample is the same each time."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def _frozen(
    generate: Callable[[], Any], place: tuple[Any, ...], start: int, stop: int | None
) -> Iterator[Sample | BrokenSample]:
    index = 0
    source: Any = None
    while stop is None or index < stop:
        state = torch.get_rng_state()
        seed_everything(*place, index)
        try:
            with warnings.catch_warnings(), _filled_memory():
                warnings.simplefilter("ignore")
                source = iter(generate()) if source is None else source
                raw = next(source)
        except StopIteration:
            return
        except Exception as error:  # whatever the generator raised is the case's result
            yield BrokenSample(index, error)
            return
        finally:
            torch.set_rng_state(state)
        if index >= start:
            yield _freeze_sample(raw, index, *place[1:])
        index += 1


def _freeze_sample(raw: Any, index: int, entry: str, dtype: str) -> Sample | BrokenSample:
    try:
        first, args, kwargs = freeze((raw.input, tuple(raw.args), dict(raw.kwargs)))
    except Unsupported as error:
        return BrokenSample(index, error)
    process = raw.output_process_fn_grad
    name = getattr(process, "__qualname__", "").rsplit(".", 1)[-1]
    trivial = getattr(process, "__qualname__", "").startswith("SampleInput.__init__")
    callback = None if trivial else Callback(f"{entry}:{name}", functools.partial(bind, process))
    return Sample(index, dtype, first, args, kwargs, callback, bool(raw.broadcasts_input))
