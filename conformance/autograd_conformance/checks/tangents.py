"""Are the tangents of the outputs torch's under forward-mode differentiation?"""

from __future__ import annotations

from autograd_conformance.budgets import Oracle
from autograd_conformance.cases import Outcome
from autograd_conformance.checks.gradients import (
    blind,
    compare_all,
    uninformative,
)
from autograd_conformance.gauges import aligned
from autograd_conformance.observation import Observation


def check(oracle: Oracle, actual: Observation) -> Outcome:
    tangents = aligned(Observation.tangents, oracle)
    expected = tangents(oracle.expected)
    agreement = compare_all("tangent", expected, tangents(actual), oracle, tangents)
    why = uninformative(expected)
    if why:
        return blind(why, oracle, Observation.values)
    return agreement.outcome()
