"""Do the outputs say of themselves what torch's say, and are the inputs' versions as torch's?"""

from __future__ import annotations

from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle

_NAMES = (
    "requires_grad",
    "is_leaf",
    "grad_fn",
    "output_nr",
    "version",
    "is_view",
    "is_contiguous",
    "storage_offset",
)


def check(oracle: Oracle, actual: Observation) -> Outcome:
    ours, theirs = oracle.expected.forward(), actual.forward()
    if len(ours.facts) != len(theirs.facts):
        raise Mismatch(
            "number of output tensors differs",
            f"expected {len(ours.facts)}, got {len(theirs.facts)}",
        )
    for i, (e, a) in enumerate(zip(ours.facts, theirs.facts, strict=True)):
        for name in _NAMES:
            expected, got = getattr(e, name), getattr(a, name)
            if expected != got:
                raise Mismatch(f"output {i}: {name} differs", f"expected {expected}, got {got}")
    if ours.input_versions != theirs.input_versions:
        raise Mismatch(
            "versions of the inputs differ",
            f"expected {ours.input_versions}, got {theirs.input_versions}",
        )
    if ours.returned_self != theirs.returned_self:
        raise Mismatch(
            "returning the input itself differs",
            f"expected {ours.returned_self}, got {theirs.returned_self}",
        )
    return Outcome()
