"""Does the call leave the stream of random numbers where torch's leaves it?

The next numbers of both are compared: one that draws more, less or otherwise moves them, and so
does one that draws and should not.
"""

from __future__ import annotations

from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle


def check(oracle: Oracle, actual: Observation) -> Outcome:
    expected, got = oracle.expected.next_numbers(), actual.next_numbers()
    if expected != got:
        raise Mismatch(
            "the next random numbers differ", f"expected {expected}, got {got} after the call"
        )
    return Outcome()
