"""Every entry of the table against finite differences: gradients, tangents, second order, batches.

The calls are the rows of ``gradcheck_rows``; each runs on every backend and on torch, which shows
that what a row says of torch is so.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from gradcheck_rows import NOT_NUMERICAL, ROWS, Refused, Row

from autograd_core import ops

UNREACHED: dict[str, str] = {}
"""Entries that no row reaches, with the reason."""

CHECKS: dict[str, tuple[str, dict[str, Any]]] = {
    "backward": ("gradcheck", {"check_batched_grad": True}),
    "second": ("gradgradcheck", {"check_batched_grad": True}),
    "forward": ("gradcheck", {"check_forward_ad": True, "check_backward_ad": False}),
    "forward_over_backward": (
        "gradgradcheck",
        {"check_fwd_over_rev": True, "check_rev_over_rev": False, "check_undefined_grad": False},
    ),
}
"""Per field of a row that may say why it fails: the function that checks, and its options."""


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Warnings of some ops are tested with those ops."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check(torch: Any, row: Row, dtype: Any, kind: str, fast: bool) -> None:
    name, options = CHECKS[kind]
    # The inputs are made anew: a check that fails leaves them perturbed.
    inputs = row.inputs(torch, dtype)
    check = getattr(torch.autograd, name)
    torch.manual_seed(0)  # of the gradients that gradgradcheck draws
    refused: Refused | None = getattr(row, kind)
    if dtype.is_complex and kind in row.complex_batches:
        refused = row.complex_batches[kind]
        alone = {**options, "check_batched_grad": False}
        assert check(row.function(torch), row.inputs(torch, dtype), fast_mode=fast, **alone)
    if refused is None:
        assert check(row.function(torch), inputs, fast_mode=fast, **options)
        return
    with pytest.raises(Exception, match=refused.text):
        check(row.function(torch), inputs, fast_mode=fast, **options)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ROWS)
def test_row(torch: Any, name: str) -> None:
    row = ROWS[name]
    for kind in CHECKS:
        for fast in (False, True):
            _check(torch, row, torch.float64, kind, fast)


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.complex])
def test_row_of_complex_numbers(torch: Any, name: str) -> None:
    row = ROWS[name]
    for kind in CHECKS:
        for fast in (False, True):
            _check(torch, row, torch.complex128, kind, fast)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.complex])
def test_row_refuses_complex_numbers(torch: Any, name: str) -> None:
    row = ROWS[name]
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        row.call(torch, *row.inputs(torch, torch.complex128))


def _entries(output: Any, found: dict[int, Any]) -> None:
    """Add the entries of the nodes behind an output."""
    waiting = [output.grad_fn]
    seen = set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        entry = getattr(node, "entry", None)
        if entry is not None:
            found[id(entry)] = entry
        waiting += [following for following, _ in node.next_functions]


def _reached(engine: Any, row: Row, dtype: Any, found: dict[int, Any]) -> None:
    """Add the entries that a row records: of its outputs, and of the gradients of those."""
    inputs = row.inputs(engine, dtype)
    made = row.call(engine, *inputs)
    outputs = [o for o in (made if isinstance(made, tuple) else (made,)) if o.requires_grad]
    for output in outputs:
        _entries(output, found)
    if row.backward is not None and not row.backward.why.startswith(NOT_NUMERICAL):
        return
    weights = [engine.ones_like(output).requires_grad_() for output in outputs]
    options = {"create_graph": True, "allow_unused": True}
    for gradient in engine.autograd.grad(outputs, inputs, weights, **options):
        if gradient is not None:
            _entries(gradient, found)


def test_rows_reach_every_entry(engine: Any) -> None:
    found: dict[int, Any] = {}
    for row in ROWS.values():
        for dtype in (engine.float64, engine.complex128)[: 1 + row.complex]:
            _reached(engine, row, dtype, found)
    unreached = [
        f"{name}: {entry.kernel_name}"
        for name, entries in ops.table().items()
        for entry in entries
        if id(entry) not in found
    ]
    assert sorted(unreached) == sorted(UNREACHED)
