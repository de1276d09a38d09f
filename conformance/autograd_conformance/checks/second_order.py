"""Are the gradients of <cotangent, gradients> torch's, by the inputs and the first cotangents?"""

from __future__ import annotations

from typing import Any

from autograd_conformance.budgets import Oracle
from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.checks.gradients import (
    blind,
    compare_all,
    uninformative,
)
from autograd_conformance.observation import Observation


def _second(observation: Observation) -> list[Any]:
    return observation.second_order().gradients


def check(oracle: Oracle, actual: Observation) -> Outcome:
    ours, theirs = oracle.expected.second_order(), actual.second_order()
    if ours.first_requires_grad != theirs.first_requires_grad:
        raise Mismatch(
            "requires_grad of the gradients differs",
            f"expected {ours.first_requires_grad}, got {theirs.first_requires_grad}",
        )
    agreement = compare_all(
        "second-order gradient", ours.gradients, theirs.gradients, oracle, _second
    )
    why = uninformative(ours.gradients)
    if why:
        return blind(why, oracle, Observation.gradients)
    return agreement.outcome()
