"""Are the outputs torch's: structure, dtype, shape, strides, numbers, the memory they share?

The inputs are compared too: an op must leave them as torch's does.
"""

from __future__ import annotations

from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.judging import compare_all
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle


def check(oracle: Oracle, actual: Observation) -> Outcome:
    ours, theirs = oracle.expected.forward(), actual.forward()
    if ours.structure != theirs.structure:
        raise Mismatch(
            "structure of the result differs", f"expected {ours.structure}, got {theirs.structure}"
        )
    if ours.plain != theirs.plain and repr(ours.plain) != repr(theirs.plain):  # repr: nan is nan
        raise Mismatch("plain results differ", f"expected {ours.plain}, got {theirs.plain}")
    agreement = compare_all("output {}", "values", oracle, actual)
    compare_all("input {} after the call", "inputs_after", oracle, actual)
    for i, (e, a) in enumerate(zip(ours.facts, theirs.facts, strict=True)):
        if e.strides != a.strides:
            raise Mismatch(f"output {i}: strides differ", f"expected {e.strides}, got {a.strides}")
        if e.shares_memory_with != a.shares_memory_with:
            raise Mismatch(
                f"output {i}: shares memory with other inputs",
                f"expected those at {e.shares_memory_with}, got {a.shares_memory_with}",
            )
    return agreement.outcome()
