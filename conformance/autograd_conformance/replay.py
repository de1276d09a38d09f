"""Runs one case again and shows everything: the call, both answers, the whole traceback."""

from __future__ import annotations

import functools
import pprint
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd_conformance.arrays import Array
from autograd_conformance.cases import ANY_DTYPE, FAILING, FORMS, Status, Token, suggestion
from autograd_conformance.execution import (
    TORCH,
    Bench,
    Chunk,
    Settings,
    reference,
    run_check,
    sample_seed,
)
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Answers, NotHeld
from autograd_conformance.samples import BrokenSample, Entry, Sample
from autograd_conformance.scenarios import Program, programs
from autograd_conformance.scenarios.recording import Observation as Recorded
from autograd_conformance.scenarios.recording import observe
from autograd_conformance.subjects import Subject, SubjectSpec
from autograd_conformance.transfer import FrozenTensor

_ALL = "; `autograd-conformance list` shows them all"


def find_sample(token: Token, seed: int, oracle: str = TORCH) -> tuple[Entry, Sample]:
    """The entry and sample that a token names; ValueError if there is no such case."""
    source = reference(oracle)
    entry = source.entries().get(token.entry)
    if entry is None:
        near = suggestion(token.entry, source.entries())
        raise ValueError(f"no entry {token.entry!r}{near or _ALL}")
    _refuse_unasked(entry, token)
    found = (
        (s for s in source.error_samples(entry, seed) if s.index == token.sample)
        if token.dtype == ANY_DTYPE
        else source.samples(entry, token.dtype, seed, token.sample, token.sample + 1)
    )
    try:
        sample = next(iter(found), None)
    except NotHeld as absent:
        raise ValueError(str(absent)) from absent
    if sample is None:
        raise ValueError(f"{token.entry} has no sample {token.sample} at {token.dtype}")
    if isinstance(sample, BrokenSample):
        raise ValueError(f"sample {token} cannot be used: {sample.error}")
    return entry, sample


def _refuse_unasked(entry: Entry, token: Token) -> None:
    """Raises ValueError for a check that is not asked of the entry at the token's dtype."""
    if token.dtype == ANY_DTYPE:
        asked: tuple[str, ...] = ("errors",) if entry.has_error_inputs else ()
    elif token.dtype in entry.dtypes:
        asked = entry.checks(token.dtype)
    else:
        near = suggestion(token.dtype, entry.dtypes) or f"; it has {', '.join(entry.dtypes)}"
        raise ValueError(f"{entry.name} has no samples at {token.dtype!r}{near}")
    if token.check not in asked:
        has = f"; asked are {', '.join(asked)}" if asked else ""
        raise ValueError(f"{entry.name} at {token.dtype} is not asked {token.check!r}{has}")


def describe_value(value: Any) -> str:
    """A frozen argument as one line of text."""
    if isinstance(value, FrozenTensor):
        dtype = value.storage.values.dtype
        grad = ", requires_grad" if value.requires_grad else ""
        return f"Tensor({dtype}, shape={value.shape}, strides={value.strides}{grad})"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}({', '.join(map(describe_value, value))})"
    return repr(value)


def replay(
    token: Token,
    subjects: tuple[SubjectSpec, ...],
    seed: int,
    known: Path | None,
    oracle: str = TORCH,
) -> int:
    """Runs the case on each subject and prints it; 0 if no subject fails, else 1."""
    if token.check == "scenario":
        return _replay_scenario(token, subjects, known, oracle)
    entry, sample = find_sample(token, seed, oracle)
    print(f"{token}\n  input  {describe_value(sample.input)}")
    for i, value in enumerate(sample.args):
        print(f"  arg {i}  {describe_value(value)}")
    for name, value in sample.kwargs.items():
        print(f"  {name} = {describe_value(value)}")
    bench = Bench(Settings(subjects, seed, known, oracle=oracle))
    if token.check in FORMS and not entry.applies(token.check, sample):
        raise ValueError(f"sample {token.sample} of {entry.name} has no spelling as {token.check}")
    chunk = Chunk(token.entry, token.dtype, (token.check,), token.sample, token.sample + 1)
    failed = False
    for result in bench.run(chunk, lambda *_: None):
        if result.token.sample != token.sample:
            continue
        outcome = result.outcome
        failed = failed or result.status in FAILING
        print(f"\n{result.subject}: {outcome.status}  {outcome.message}")
        for text in (outcome.detail, outcome.reason and f"reason: {outcome.reason}"):
            if text:
                print(text)
        if outcome.max_ulp:
            print(f"largest error {outcome.max_ulp:.4g} ulp")
    if failed or token.check == "errors":
        form = token.check if token.check in FORMS else "function"
        call_seed = sample_seed(seed, token)
        answers = bench.reference.oracle(entry, sample, form, call_seed)
        _show("torch", answers.expected, token.check)
        for subject, _ in bench.subjects:
            actual = Observation(subject, entry, sample, form, call_seed)
            if run_check(token.check, answers, actual).status is not Status.PASS:
                _show(subject.label, actual, token.check)
                if bench.settings.oracle == TORCH:
                    _show_divergence(token, subject, seed)
    return int(failed)


def _show_divergence(token: Token, subject: Subject, seed: int) -> None:
    """Print the node at which the subject first parts from torch, and both graphs."""
    from autograd_conformance.divergence import as_text, divergence_of

    found = divergence_of(token, subject, seed)
    if found is not None:
        print(f"\n{as_text(found)}")


def find_program(token: Token) -> Program:
    """The scenario that a token names; ValueError if there is none."""
    program = programs().get(token.entry)
    if program is None:
        near = suggestion(token.entry, programs())
        raise ValueError(f"no scenario {token.entry!r}{near or _ALL}")
    if (token.dtype, token.sample) != (ANY_DTYPE, 0):
        raise ValueError(f"the one case of a scenario is {token.entry}|{ANY_DTYPE}|0|scenario")
    return program


def _replay_scenario(
    token: Token, subjects: tuple[SubjectSpec, ...], known: Path | None, oracle: str
) -> int:
    """Runs a scenario on torch and each subject and prints all that they record."""
    program = find_program(token)
    bench = Bench(Settings(subjects, 0, known, oracle=oracle))
    chunk = Chunk(token.entry, token.dtype, (token.check,))
    results = list(bench.run(chunk, lambda *_: None))
    _show_program("torch", lambda: bench.reference.scenario(program))
    for subject, _ in bench.subjects:
        _show_program(subject.label, functools.partial(_observed, subject, program))
    for result in results:
        print(f"\n{result.subject}: {result.status}  {result.outcome.message}")
        print(result.outcome.detail)
    for subject, _ in bench.subjects:
        failed = any(r.subject == subject.label and r.status in FAILING for r in results)
        if failed and oracle == TORCH:
            _show_divergence(token, subject, 0)
    return int(any(result.status in FAILING for result in results))


def _observed(subject: Subject, program: Program) -> list[Recorded]:
    with subject.activate():
        return observe(program, subject.module)


def _show_program(label: str, observed: Callable[[], list[Recorded]]) -> None:
    print(f"\n--- {label}")
    try:
        found = observed()
    except Exception:  # the traceback is the answer
        print(traceback.format_exc())
        return
    for observation in found:
        print(f"  {observation.label}: {observation.value}")


def _show(label: str, answers: Answers, check: str) -> None:
    """Prints what one side answers to the check's question, or its traceback."""
    print(f"\n--- {label}")
    try:
        if check == "graph":
            for number, node in enumerate(answers.graph().nodes):
                print(f"  #{number} {node.name} -> {list(node.edges)}")
        elif check in ("gradients", "tangents"):
            for i, found in enumerate(getattr(answers, check)()):
                print(f"  {check} {i}: {_text(found)}")
        elif check == "second_order":
            for i, found in enumerate(answers.second_gradients()):
                print(f"  {check} {i}: {_text(found)}")
        else:
            for i, (facts, output) in enumerate(
                zip(answers.forward().facts, answers.values(), strict=True)
            ):
                print(f"  output {i}: {_text(output)}\n  {facts}")
    except Exception:  # the traceback is the answer
        print(traceback.format_exc())


def _text(values: Array | None) -> str:
    """All the numbers, to the last digit."""
    if values is None:
        return "None"
    return f"{values.dtype} {values.shape}\n{pprint.pformat(values.tolist(), width=120)}"
