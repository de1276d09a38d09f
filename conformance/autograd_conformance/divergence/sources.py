"""Runs a case, a scenario or a fuzz program on both sides with tapes on."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_conformance.cases import ANY_DTYPE, FORMS, Token
from autograd_conformance.divergence.alignment import Divergence, first_divergence
from autograd_conformance.divergence.graphs import as_svg
from autograd_conformance.divergence.tape import Tape, TapeNode
from autograd_conformance.execution import sample_seed, torch_subject
from autograd_conformance.fuzzing import interpreter
from autograd_conformance.fuzzing.programs import Program
from autograd_conformance.observation import Observation
from autograd_conformance.samples import Entry, Sample
from autograd_conformance.scenarios import recording
from autograd_conformance.subjects import Subject


def tapes_of_program(program: Program, torch: Any) -> list[TapeNode]:
    """The nodes of a fuzz program's run on a module."""
    tape = Tape(torch)
    interpreter.run(program, torch, tape.watch)
    return tape.nodes()


def _tape_of_scenario(program: recording.Program, torch: Any) -> list[TapeNode]:
    """The nodes behind the tensors that a scenario records."""
    tape = Tape(torch)
    recording.observe(program, torch, tape.watch)
    return tape.nodes()


def _tape_of_case(
    subject: Subject, entry: Entry, sample: Sample, check: str, seed: int
) -> list[TapeNode]:
    """The nodes behind a case's outputs; a backward with the kit's cotangents runs through them."""
    form = check if check in FORMS else "function"
    observation = Observation(subject, entry, sample, form, seed)
    tape = Tape(subject.module)
    for output in observation.forward().outputs:
        tape.watch(output)
    if check == "second_order":
        observation.second_order()
    elif check != "graph":
        observation.gradients()
    return tape.nodes()


def divergence_of(token: Token, subject: Subject, seed: int) -> Divergence | None:
    """Where the case that a token names first parts; None if no node tells it, or none is made.

    ValueError if there is no such case.
    """
    from autograd_conformance.replay import find_program, find_sample

    if token.dtype == ANY_DTYPE and token.check == "errors":
        return None  # a call that raises has no graph
    if token.check == "scenario":
        program = find_program(token)

        def tape(side: Subject) -> list[TapeNode]:
            return _tape_of_scenario(program, side.module)

    else:
        entry, sample = find_sample(token, seed)

        def tape(side: Subject) -> list[TapeNode]:
            return _tape_of_case(side, entry, sample, token.check, sample_seed(seed, token))

    sides = []
    for side in (torch_subject(), subject):
        with side.activate(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                sides.append(tape(side))
            except Exception:  # the case fails before there is a graph to compare
                return None
    return first_divergence(*sides)


def graph_svg(token: Token, subject: Subject, seed: int) -> str | None:
    """An `<svg>` of both graphs with the diverging node marked, for a page; None without one."""
    divergence = divergence_of(token, subject, seed)
    return None if divergence is None else as_svg(divergence, subject.label)
