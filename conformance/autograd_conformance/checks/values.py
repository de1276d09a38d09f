"""Are the outputs torch's: structure, dtype, shape, strides, numbers, the memory they share?

The inputs are compared too: an op must leave them as torch's does.
"""

from __future__ import annotations

from autograd_conformance.budgets import Agreement, Oracle, compare
from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.gauges import aligned
from autograd_conformance.observation import Observation


def check(oracle: Oracle, actual: Observation) -> Outcome:
    expected = oracle.expected
    ours, theirs = expected.forward(), actual.forward()
    if ours.structure != theirs.structure:
        raise Mismatch(
            "structure of the result differs", f"expected {ours.structure}, got {theirs.structure}"
        )
    if ours.plain != theirs.plain and repr(ours.plain) != repr(theirs.plain):  # repr: nan is nan
        raise Mismatch("plain results differ", f"expected {ours.plain}, got {theirs.plain}")
    agreement = Agreement()
    values = aligned(Observation.values, oracle)
    for i, (right, got) in enumerate(zip(values(expected), values(actual), strict=True)):
        found = compare(f"output {i}", right, got, oracle, values, i)
        agreement = agreement.and_also(found)
    after = Observation.inputs_after
    for i, (right, got) in enumerate(zip(after(expected), after(actual), strict=True)):
        compare(f"input {i} after the call", right, got, oracle, after, i)
    for i, (e, a) in enumerate(zip(ours.facts, theirs.facts, strict=True)):
        if e.strides != a.strides:
            raise Mismatch(f"output {i}: strides differ", f"expected {e.strides}, got {a.strides}")
        if e.shares_memory_with != a.shares_memory_with:
            raise Mismatch(
                f"output {i}: shares memory with other inputs",
                f"expected those at {e.shares_memory_with}, got {a.shares_memory_with}",
            )
    return agreement.outcome()
