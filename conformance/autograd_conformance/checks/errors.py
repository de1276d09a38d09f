"""Does the subject refuse what torch refuses, with torch's exception type and message text?"""

from __future__ import annotations

from autograd_conformance.cases import OracleError, Outcome, Status
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle
from autograd_conformance.subjects import is_missing


def compare_refusal(refused: OracleError, actual: Observation) -> Outcome:
    """The outcome for a call that torch refused."""
    try:
        actual.forward()
    except Exception as error:
        same_type = type(error).__name__ == refused.kind
        if not same_type and is_missing(error, actual.subject):
            raise
        same_text = str(error) == refused.text
        outcome = Outcome(type_match=same_type, text_match=same_text)
        if not (same_type and same_text):
            outcome.status = Status.FAIL
            outcome.message = (
                "message text differs"
                if same_type
                else f"raises {type(error).__name__} for {refused.kind}"
            )
            outcome.detail = (
                f"expected {refused.kind}: {refused.text}\ngot      {type(error).__name__}: {error}"
            )
        return outcome
    return Outcome(
        Status.FAIL,
        "accepts what torch refuses",
        f"expected {refused.kind}: {refused.text}",
        type_match=False,
        text_match=False,
    )


def check(oracle: Oracle, actual: Observation) -> Outcome:
    try:
        oracle.expected.forward()
    except OracleError as refused:
        return compare_refusal(refused, actual)
    raise OracleError(RuntimeError("torch accepts this error input"))
