"""Does another spelling of the op (method, in-place, operator) do what it does in torch?

Values, attributes, graph and gradients of the spelling are compared; where torch refuses the
spelling for this sample, the subject must refuse it with the same words.
"""

from __future__ import annotations

from autograd_conformance.cases import OracleError, Outcome
from autograd_conformance.checks import attributes, gradients, graph, values
from autograd_conformance.checks.errors import compare_refusal
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle


def check(oracle: Oracle, actual: Observation) -> Outcome:
    try:
        forward = oracle.expected.forward()
    except OracleError as refused:
        return compare_refusal(refused, actual)
    outcome = values.check(oracle, actual)
    attributes.check(oracle, actual)
    if any(fact.requires_grad for fact in forward.facts):
        graph.check(oracle, actual)
        of_gradients = gradients.check(oracle, actual)
        outcome.max_ulp = max(outcome.max_ulp, of_gradients.max_ulp)
        outcome.undetermined += of_gradients.undetermined
    return outcome
