"""Runs a program on a module with torch's API and takes down everything that can be observed."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from autograd_conformance.fuzzing.companions import Companions
from autograd_conformance.fuzzing.programs import LEAVE, REGION, Leaf, Program, Step
from autograd_conformance.scenarios.recording import (
    Observation,
    Recorder,
    TensorFacts,
    plain_warnings,
)

_HOLES = ("p", "q", "r")


@functools.lru_cache(maxsize=4096)
def compiled(text: str) -> Callable[..., Any]:
    """A step's text as a function of ``torch``, the companions and the tensors that it reads."""
    source = text.removeprefix(REGION).removesuffix(":").format(*_HOLES)
    try:
        made: Callable[..., Any] = eval(f"lambda torch, its, {', '.join(_HOLES)}: {source}")
    except SyntaxError:
        names: dict[str, Any] = {}
        exec(f"def run(torch, its, {', '.join(_HOLES)}): {source}", names)
        made = names["run"]
    return made


@functools.lru_cache(maxsize=4096)
def _maker(leaf: Leaf) -> Callable[[Any], Any]:
    made: Callable[[Any], Any] = eval(f"lambda torch: {leaf.source()}")
    return made


class _Record(Recorder):
    """A recorder for which a tensor that cannot be read (it left a transform) is an answer, too."""

    def __call__(self, label: str, value: Any, **options: Any) -> None:
        try:
            super().__call__(label, value, **options)
        except Exception as error:
            super().__call__(f"{label} cannot be read", type(error).__name__, **options)

    def _tensor(self, tensor: Any) -> TensorFacts:
        facts = super()._tensor(tensor)
        if not facts.values:  # an array of nothing lies nowhere: libraries keep no strides of it
            return replace(facts, strides=())
        return facts


class Interpreter:
    """One run of a program: its tensors by name, its open regions, its observations."""

    def __init__(self, torch: Any, watch: Callable[[Any], None] | None = None) -> None:
        self.torch = torch
        self.record = _Record(torch, watch)
        self.its = Companions(torch, self.record)
        self.tensors: dict[str, Any] = {}
        #: What each step made, in order, also what no name stands for any more.
        self.made: list[tuple[str, Any]] = []
        self._open: list[ExitStack] = []
        self._duals = False
        self._forward = torch.autograd.forward_ad

    def run(self, program: Program) -> None:
        """Run all steps, close the regions left open, and look at everything once more."""
        for leaf in program.leaves:
            self.tensors[leaf.name] = _maker(leaf)(self.torch)
            self.made.append((leaf.name, self.tensors[leaf.name]))
        try:
            for number, step in enumerate(program.steps, 1):
                self._step(f"{number}: {step}", step)
        finally:
            while self._open:
                self._leave()
        self._finish()

    def _step(self, label: str, step: Step) -> None:
        try:
            if step.text == LEAVE:
                if self._open:
                    self._leave()
                return
            operands = [self.tensors[name] for name in step.reads]
        except KeyError:  # its maker raised
            return
        except Exception as error:
            self.record(label, error)
            return
        operands += [None] * (len(_HOLES) - len(operands))
        try:
            result = compiled(step.text)(self.torch, self.its, *operands)
            if step.text.startswith(REGION):
                region = ExitStack()
                region.enter_context(result)
                self._open.append(region)
                self._duals = self._duals or "dual_level" in step.text
                return
        except Exception as error:
            self.record(label, error)
            if step.reads:  # what it left behind
                self.record(f"{label} | {step.reads[0]}", operands[0])
            return
        self._keep(label, step, result)
        self.record(label, result)
        if step.reads and result is not operands[0]:
            self.record(f"{label} | {step.reads[0]}", self._brief(operands[0]))
        if self._duals and isinstance(result, self.torch.Tensor):
            with self.record.raises(f"{label} | tangent"):
                self.record(f"{label} | tangent", self._forward.unpack_dual(result).tangent)

    def _brief(self, tensor: Any) -> Any:
        try:
            return (tensor._version, tensor.requires_grad, tensor.is_leaf)
        except RuntimeError as error:
            return error

    def _keep(self, label: str, step: Step, result: Any) -> None:
        members = (result,) if len(step.to) == 1 else result
        if step.to and isinstance(members, tuple | list):
            for name, member in zip(step.to, members, strict=False):
                if isinstance(member, self.torch.Tensor):
                    self.tensors[name] = member
                    self.made.append((label, member))

    def _leave(self) -> None:
        self._open.pop().close()

    def _finish(self) -> None:
        tensors = list(self.tensors.items())
        places: dict[int, str] = {}
        for name, tensor in tensors:
            self.record(f"end: {name}", tensor)
            with self.record.raises(f"end: {name} was looked at"):
                self._look(name, tensor, tensors, places)
        self.record("end: modes", (self.torch.is_grad_enabled(), len(self.its.handles)))
        self.record("end: next random number", self.torch.rand(()))

    def _look(
        self, name: str, tensor: Any, tensors: list[tuple[str, Any]], places: dict[int, str]
    ) -> None:
        if tensor.is_leaf or tensor.retains_grad:
            self.record(f"end: {name}.grad", tensor.grad)
        base = tensor._base
        owner = next((n for n, other in tensors if other is base), "another")
        place = places.setdefault(tensor.data_ptr(), name) if tensor.numel() else ""
        same = next(n for n, other in tensors if other is tensor)
        facts = (tensor.output_nr, tensor.storage_offset(), tensor.is_inference())
        self.record(f"end: {name} is", (base is not None and owner, place, same, *facts))
        if tensor.requires_grad and not tensor.is_leaf:
            self.record.graph(f"end: graph of {name}", tensor)


def run(program: Program, torch: Any, watch: Callable[[Any], None] | None = None) -> Interpreter:
    """A finished run; its recorder holds what was observed, warnings last.

    ``watch`` is shown each tensor that is recorded.
    """
    run = Interpreter(torch, watch)
    seed = getattr(torch, "default_generator", torch)
    with warnings.catch_warnings(record=True) as caught, torch.enable_grad():
        warnings.simplefilter("always")
        always = getattr(torch, "is_warn_always_enabled", lambda: None)()
        if always is not None:
            torch.set_warn_always(True)
        seed.manual_seed(0)
        try:
            run.run(program)
        finally:
            if always is not None:
                torch.set_warn_always(always)
    run.record.observations.append(Observation("warnings", plain_warnings(caught)))
    return run


def observe(program: Program, torch: Any) -> list[Observation]:
    """What a program observes on a module."""
    return run(program, torch).record.observations
