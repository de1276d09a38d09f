"""Does the subject warn of what torch warns of, in the same words and order?

Asked of the call and of each derivative that the entry has. What torch tells but once in a process
it is made to tell each time.
"""

from __future__ import annotations

from autograd_conformance.cases import Mismatch, OracleError, Outcome
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle

#: What is computed, with the check that the entry must have for it.
ASKED = {
    "forward": "values",
    "gradients": "gradients",
    "second_order": "second_order",
    "tangents": "tangents",
}


def check(oracle: Oracle, actual: Observation) -> Outcome:
    checks = actual.entry.checks(actual.sample.dtype)
    for quantity, asked in ASKED.items():
        if asked not in checks:
            continue
        try:
            expected = oracle.expected.warned(quantity)
        except OracleError:
            if quantity == "forward":
                raise
            continue  # torch has no such derivative here
        _compare(quantity.replace("_", " "), expected, actual.warned(quantity))
    return Outcome()


def _compare(where: str, expected: list[tuple[str, str]], got: list[tuple[str, str]]) -> None:
    if expected == got:
        return
    detail = f"expected {expected}, got {got}"
    if len(expected) != len(got):
        raise Mismatch(f"{where}: number of warnings differs", detail)
    texts = [text for _, text in expected], [text for _, text in got]
    what = "category of a warning" if texts[0] == texts[1] else "text of a warning"
    raise Mismatch(f"{where}: {what} differs", detail)
