"""Does the subject refuse what torch refuses, with torch's exception type and message text?"""

from __future__ import annotations

from autograd_conformance.budgets import Oracle
from autograd_conformance.cases import OracleError, Outcome, Status
from autograd_conformance.observation import Observation
from autograd_conformance.subjects import is_missing


def compare_refusal(expected: Exception, actual: Observation) -> Outcome:
    """The outcome for a call that torch refused with `expected`."""
    try:
        actual.forward()
    except Exception as error:
        same_type = type(error).__name__ == type(expected).__name__
        if not same_type and is_missing(error, actual.subject):
            raise
        same_text = str(error) == str(expected)
        outcome = Outcome(type_match=same_type, text_match=same_text)
        if not (same_type and same_text):
            outcome.status = Status.FAIL
            outcome.message = (
                "message text differs"
                if same_type
                else f"raises {type(error).__name__} for {type(expected).__name__}"
            )
            outcome.detail = (
                f"expected {type(expected).__name__}: {expected}\n"
                f"got      {type(error).__name__}: {error}"
            )
        return outcome
    return Outcome(
        Status.FAIL,
        "accepts what torch refuses",
        f"expected {type(expected).__name__}: {expected}",
        type_match=False,
        text_match=False,
    )


def check(oracle: Oracle, actual: Observation) -> Outcome:
    try:
        oracle.expected.forward()
    except OracleError as refused:
        return compare_refusal(refused.error, actual)
    raise OracleError(RuntimeError("torch accepts this error input"))
