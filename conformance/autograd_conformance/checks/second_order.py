"""Are the gradients of <cotangent, gradients> torch's, by the inputs and the first cotangents?"""

from __future__ import annotations

from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.checks.gradients import blind, uninformative
from autograd_conformance.judging import compare_all
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle


def check(oracle: Oracle, actual: Observation) -> Outcome:
    ours, theirs = oracle.expected.second_order(), actual.second_order()
    if ours.first_requires_grad != theirs.first_requires_grad:
        raise Mismatch(
            "requires_grad of the gradients differs",
            f"expected {ours.first_requires_grad}, got {theirs.first_requires_grad}",
        )
    agreement = compare_all("second-order gradient {}", "second_gradients", oracle, actual)
    why = uninformative(ours.gradients)
    return blind(why, oracle, "gradients") if why else agreement.outcome()
