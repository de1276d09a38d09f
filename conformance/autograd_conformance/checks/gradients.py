"""Are the gradients torch's: numbers, dtype, shape, None-ness both ways?

A case is blind when torch's own gradients are all zero, or do not change with the cotangent: a
wrong derivative could pass there.
"""

from __future__ import annotations

from typing import Any

from autograd_conformance.budgets import Agreement, Oracle, Quantity, compare
from autograd_conformance.cases import Mismatch, Outcome, Status
from autograd_conformance.observation import Observation, upcast


def compare_all(
    what: str, expected: list[Any], actual: list[Any], oracle: Oracle, quantity: Quantity
) -> Agreement:
    """Compares lists of tensors or None one by one."""
    if len(expected) != len(actual):
        raise Mismatch(f"number of {what}s differs", f"expected {len(expected)}, got {len(actual)}")
    agreement = Agreement()
    for i, (e, a) in enumerate(zip(expected, actual, strict=True)):
        if e is None and a is None:
            continue
        if e is None:
            raise Mismatch(f"{what} {i}: expected None, got a tensor", f"got {a.tolist()}")
        if a is None:
            raise Mismatch(f"{what} {i}: expected a tensor, got None", f"expected {e.tolist()}")
        agreement = agreement.and_also(compare(f"{what} {i}", e, a, oracle, quantity, i))
    return agreement


def uninformative(tensors: list[Any]) -> str:
    """Why the tensors carry no information: none, empty, zero or nan; else the empty string."""
    present = [t for t in tensors if t is not None]
    if not present:
        return "none"
    if all(t.numel() == 0 for t in present):
        return "empty"
    wide = [upcast(t) for t in present]
    if any(bool(((t != 0) & ~t.isnan()).any()) for t in wide):
        return ""
    return "nan" if any(bool(t.isnan().any()) for t in wide) else "zero"


def unchanged(first: list[Any], other: list[Any]) -> bool:
    """Whether every tensor is the same under two cotangents (nan equals nan)."""
    pairs = [(a, b) for a, b in zip(first, other, strict=True) if a is not None and b is not None]
    pairs = [(upcast(a), upcast(b)) for a, b in pairs]
    return all(bool(((a == b) | (a.isnan() & b.isnan())).all()) for a, b in pairs)


def blind(why: str, oracle: Oracle, moving: Quantity) -> Outcome:
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
    gradients = expected.gradients()
    agreement = compare_all(
        "gradient", gradients, actual.gradients(), oracle, Observation.gradients
    )
    why = uninformative(gradients)
    if not why and unchanged(gradients, expected.other_gradients()):
        why = "constant"
    return blind(why, oracle, Observation.values) if why else agreement.outcome()
