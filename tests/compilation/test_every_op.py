"""Every sample call of the table, compiled and not: the same bits, traced or for a reason not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from comparing import outcome
from gradcheck_rows import ROWS

pytestmark = pytest.mark.thorough

NOT_TRACED = {
    "a value is read": (
        "activation: rrelu training",
        "activation: rrelu_ training",
        "random: bernoulli",
        "random: bernoulli_ of probabilities",
        "random: normal of both",
        "random: normal of deviations",
        "random: normal of means",
    ),
    "a view of an argument is returned": (
        "complex_numbers: real",
        "complex_numbers: view_as_complex",
        "shape: ",
    ),
    "two outputs share memory": ("shape: ",),
    "a generator is seeded": ("normalization: dropout",),
    "a generator is made inside": ("random: ",),
    "its backward raises": (
        "comparison: heaviside",
        "convolution: native_channel_shuffle",
        "indexing: scatter add by name",
        "indexing: scatter multiply value",
        "linalg: geqrf",
        "linalg: ldl_",
        "pointwise: acosh_",
        "pointwise: asinh_",
        "pointwise: atanh_",
        "pointwise: floor_divide",
        "pointwise: remainder of number",
        "reduction: dist 0",
        "sorting: bincount",
        "sorting: unique",
        "special: igamma",
        "special: zeta",
    ),
}
"""By the beginning of the reason, how the names of the rows begin that are run as usual for it."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check(engine: Any, name: str, dtype: Any) -> None:
    row = ROWS[name]
    function = row.function(engine)
    compiled = engine.compile(function)
    for scale in (1.0, 0.75):  # the first call traces, the other must not see its numbers
        leaves = [(leaf.detach() * scale).requires_grad_() for leaf in row.inputs(engine, dtype)]
        others = [leaf.detach().clone().requires_grad_() for leaf in leaves]
        assert outcome(engine, compiled, others) == outcome(engine, function, leaves)
    for reason in compiled.reasons:
        rows = [rows for begins, rows in NOT_TRACED.items() if reason.startswith(begins)]
        assert rows, reason
        assert name.startswith(rows[0]), reason


@pytest.mark.parametrize("name", ROWS)
def test_compiled_calls_give_the_same_bits(engine: Any, name: str) -> None:
    _check(engine, name, engine.float64)
    if ROWS[name].complex:
        _check(engine, name, engine.complex128)
