"""Does another spelling of the op (method, in-place, operator) do what it does in torch?

Values, attributes, graph and gradients of the spelling are compared; where torch refuses the
spelling for this sample, the subject must refuse it with the same words.
"""

from __future__ import annotations

from autograd_conformance.budgets import Oracle
from autograd_conformance.cases import OracleError, Outcome, Status
from autograd_conformance.checks import attributes, gradients, graph, values
from autograd_conformance.checks.errors import compare_refusal
from autograd_conformance.observation import Observation


def check(oracle: Oracle, actual: Observation) -> Outcome:
    try:
        forward = oracle.expected.forward()
    except OracleError as refused:
        return compare_refusal(refused.error, actual)
    worst = values.check(oracle, actual).max_ulp
    attributes.check(oracle, actual)
    if any(fact.requires_grad for fact in forward.facts):
        graph.check(oracle, actual)
        outcome = gradients.check(oracle, actual)
        worst = max(worst, outcome.max_ulp)
    return Outcome(Status.PASS, max_ulp=worst)
