"""Have the nodes saved what torch's have, and is it gone, with torch's error, once it is freed?

Names, kinds and values of every attribute ``_saved_*`` and ``_raw_saved_*`` of every node.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.judging import compare_all
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle
from autograd_conformance.saved_values import Attributes, SavedTensor


def check(oracle: Oracle, actual: Observation) -> Outcome:
    expected = oracle.expected
    _compare("", expected.saved().nodes, actual.saved().nodes)
    agreement = compare_all("saved tensor {}", "saved_tensors", oracle, actual)
    if any(attributes for _, attributes in expected.saved().nodes):
        _compare("once freed, ", expected.freed(), actual.freed())
    return agreement.outcome()


def _compare(when: str, expected: Attributes, actual: Attributes) -> None:
    nodes = [name for name, _ in expected], [name for name, _ in actual]
    if nodes[0] != nodes[1]:
        raise Mismatch(f"{when}nodes differ", f"expected {nodes[0]}, got {nodes[1]}")
    for (node, ours), (_, theirs) in zip(expected, actual, strict=True):
        lacking, extra = sorted(ours.keys() - theirs.keys()), sorted(theirs.keys() - ours.keys())
        if lacking or extra:
            raise Mismatch(
                f"{when}{node} lacks {', '.join(lacking) or 'nothing'}"
                f"{' and has ' + ', '.join(extra) if extra else ''}",
                f"expected {', '.join(ours)}, got {', '.join(theirs)}",
            )
        for name, value in ours.items():
            if value != theirs[name]:
                what = _differing_fact(value, theirs[name])
                raise Mismatch(
                    f"{when}{name} of {node}{what} differs",
                    f"expected {value}, got {theirs[name]}",
                )


def _differing_fact(expected: Any, actual: Any) -> str:
    """Which fact of two saved tensors differs, as part of a sentence."""
    if not (isinstance(expected, SavedTensor) and isinstance(actual, SavedTensor)):
        return ""
    ours, theirs = asdict(expected.facts), asdict(actual.facts)
    return f": {next((name for name in ours if ours[name] != theirs[name]), 'number')}"
