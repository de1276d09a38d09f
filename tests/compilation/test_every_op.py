"""Every sample call of the table, compiled and not: the same bits, traced or for a reason not."""

from __future__ import annotations

import collections
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from comparing import outcome
from gradcheck_rows import ROWS, Row

SEEN: collections.Counter[str] = collections.Counter()


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check(engine: Any, row: Row, dtype: Any) -> None:
    function = row.function(engine)
    compiled = engine.compile(function)
    for scale in (1.0, 0.75, 0.5):  # the first call traces, the others must not see its numbers
        leaves = [(leaf.detach() * scale).requires_grad_() for leaf in row.inputs(engine, dtype)]
        others = [leaf.detach().clone().requires_grad_() for leaf in leaves]
        assert outcome(engine, compiled, others) == outcome(engine, function, leaves)
    SEEN.update(compiled.reasons)
    SEEN["traced"] += len(compiled.specializations) > 0


@pytest.mark.parametrize("name", ROWS)
def test_compiled_calls_give_the_same_bits(engine: Any, name: str) -> None:
    _check(engine, ROWS[name], engine.float64)
    if ROWS[name].complex:
        _check(engine, ROWS[name], engine.complex128)


def test_nearly_all_are_traced(engine: Any) -> None:
    print(SEEN)
