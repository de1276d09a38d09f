"""Are the gradients torch's: numbers, dtype, shape, None-ness both ways?

A case is blind when torch's own gradients are all zero, or do not change with the cotangent: a
wrong derivative could pass there.
"""

from __future__ import annotations

from autograd_conformance.arrays import Array, isnan
from autograd_conformance.cases import Mismatch, Outcome, Status
from autograd_conformance.judging import compare_all
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle


def uninformative(arrays: list[Array | None]) -> str:
    """Why the arrays carry no information: none, empty, zero or nan; else the empty string."""
    present = [a for a in arrays if a is not None]
    if not present:
        return "none"
    numbers = [value for a in present for value in a.values]
    if not numbers:
        return "empty"
    if any(value != 0 and not isnan(value) for value in numbers):
        return ""
    return "nan" if any(map(isnan, numbers)) else "zero"


def blind(why: str, oracle: Oracle, moving: str) -> Outcome:
    """A blind outcome; `reason` is filled where the sample itself explains it.

    A zero is explained by the sample when `moving`, of which it is the derivative, does not move
    with the inputs (measured on torch): a flat stretch, a constant output, an empty sum.
    """
    reasons = {
        "none": "no output depends on a differentiable input",
        "empty": "the gradient has no elements",
        "nan": "torch's gradient is nan under every cotangent",
    }
    reason = reasons.get(why, "")
    if why == "zero" and oracle.is_flat(moving):
        reason = "flat here: torch's answer does not move with the inputs"
    return Outcome(Status.BLIND, f"blind: {why}", reason=reason)


def check(oracle: Oracle, actual: Observation) -> Outcome:
    expected = oracle.expected
    ours = [f.requires_grad for f in expected.forward().facts]
    theirs = [f.requires_grad for f in actual.forward().facts]
    if ours != theirs:
        raise Mismatch("requires_grad of the outputs differs", f"expected {ours}, got {theirs}")
    agreement = compare_all("gradient {}", "gradients", oracle, actual)
    why = uninformative(expected.gradients())
    if not why and oracle.has_constant_gradients():
        why = "constant"
    return blind(why, oracle, "values") if why else agreement.outcome()
