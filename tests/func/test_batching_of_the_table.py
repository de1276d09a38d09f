"""Every op of the table under ``vmap``, and its gradients, against a loop over the batch."""

from __future__ import annotations

import random
from typing import Any

import batched_calls as samples
import pytest

BATCH = 3
CASES = [
    (name, number)
    for name in sorted(samples.FUNCTIONS)
    if name not in samples.EXCEPTIONS
    for number in range(len(samples.calls(name)))
]


def test_every_op_of_the_table_has_a_call() -> None:
    assert not set(samples.CALLS) - set(samples.FUNCTIONS)
    assert not set(samples.EXCEPTIONS) - set(samples.FUNCTIONS)
    without = [name for name in samples.FUNCTIONS if not samples.calls(name)]
    assert not set(without) - set(samples.EXCEPTIONS)


def _drawn(torch: Any, name: str, call: list[Any]) -> tuple[list[list[Any]], list[Any]]:
    """Return for each tensor of a call BATCH members, and the call's options for this engine."""
    source = random.Random(name)
    dtypes = {
        "float": torch.float64,
        "complex": torch.complex128,
        "int": torch.int64,
        "bool": torch.bool,
    }
    members = [
        [torch.tensor(t.drawn(source, t.shape), dtype=dtypes[t.kind]) for _ in range(BATCH)]
        for t in samples.tensors_of(call)
    ]
    options = [getattr(torch, a) if a in ("float32", "int64") else a for a in call]
    return members, options


def _flat(made: Any) -> list[Any]:
    return [t for t in (made if isinstance(made, tuple) else (made,)) if t is not None]


def _check(found: list[Any], expected: list[list[Any]], torch: Any) -> None:
    assert len(found) == len(expected[0])
    for k, value in enumerate(found):
        wanted = torch.stack([member[k] for member in expected])
        assert value.shape == wanted.shape
        assert value.dtype == wanted.dtype
        assert torch.allclose(value, wanted, equal_nan=True), (value, wanted)


# torch's warnings, compared elsewhere.
@pytest.mark.filterwarnings(
    "ignore:There is a performance drop", "ignore:torch.searchsorted", "ignore:index_reduce"
)
@pytest.mark.parametrize("name, number", CASES)
def test_an_op_over_a_batch(engine: Any, name: str, number: int) -> None:
    torch = engine
    call = samples.calls(name)[number]
    members, options = _drawn(torch, name, call)
    op = samples.FUNCTIONS[name]

    def run(*tensors: Any) -> Any:
        made = op(*samples.filled(options, list(tensors)))
        return tuple(_flat(made))

    for chosen in samples.batch_choices(len(members)):
        _compare(torch, name, run, members, chosen)
        if name in samples.REFUSED_GRADIENTS and chosen[1]:
            continue
        _compare_gradients(torch, op, run, members, chosen)


def _arguments(torch: Any, members: list[list[Any]], chosen: tuple[bool, ...], dim: int) -> Any:
    batched = [
        torch.stack(m, dim if m[0].ndim else 0) if c else m[0]
        for m, c in zip(members, chosen, strict=True)
    ]
    dims = tuple((dim if m[0].ndim else 0) if c else None for m, c in zip(members, chosen))
    rows = [[m[k] if c else m[0] for m, c in zip(members, chosen)] for k in range(BATCH)]
    return batched, dims, rows


def _compare(
    torch: Any, name: str, run: Any, members: list[list[Any]], chosen: tuple[bool, ...]
) -> None:
    for dim in (0,) if name in samples.OF_MEMORY else (0, 1):
        batched, dims, rows = _arguments(torch, members, chosen, dim)
        found = torch.vmap(run, in_dims=dims)(*batched)
        _check(list(found), [list(run(*row)) for row in rows], torch)


def _compare_gradients(
    torch: Any, op: Any, run: Any, members: list[list[Any]], chosen: tuple[bool, ...]
) -> None:
    floating = [k for k, m in enumerate(members) if m[0].dtype.is_floating_point]
    if not op.entry.name or not floating or op.entry.name.startswith("torch::autograd::Not"):
        return
    batched, dims, rows = _arguments(torch, members, chosen, 0)

    def gradients(*tensors: Any) -> Any:
        def inner(*inputs: Any) -> Any:
            full = list(tensors)
            for k, value in zip(floating, inputs, strict=True):
                full[k] = value
            return tuple(t for t in run(*full) if t.dtype.is_floating_point or t.dtype.is_complex)

        outputs, pull = torch.func.vjp(inner, *(tensors[k] for k in floating))
        return pull(tuple(output.detach().cos() for output in outputs))

    try:
        expected = [list(gradients(*row)) for row in rows]
    except (NotImplementedError, RuntimeError) as refused:
        with pytest.raises(type(refused)):
            torch.vmap(gradients, in_dims=dims)(*batched)
        return
    _check(list(torch.vmap(gradients, in_dims=dims)(*batched)), expected, torch)
