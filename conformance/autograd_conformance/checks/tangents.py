"""Are the tangents of the outputs torch's under forward-mode differentiation?"""

from __future__ import annotations

from autograd_conformance.cases import Outcome
from autograd_conformance.checks.gradients import blind, uninformative
from autograd_conformance.judging import compare_all
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle


def check(oracle: Oracle, actual: Observation) -> Outcome:
    agreement = compare_all("tangent {}", "tangents", oracle, actual)
    why = uninformative(oracle.expected.tangents())
    return blind(why, oracle, "values") if why else agreement.outcome()
