"""Turning to torch's choice undoes what is free in a decomposition, and nothing else."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from autograd_conformance.budgets import array_of, tensor_of
from autograd_conformance.gauges import decompositions, gauge_of
from autograd_conformance.opinfo_cases import entries

DTYPES = [torch.float64, torch.complex128, torch.float32]


def _phases(count: int, dtype: Any) -> Any:
    if not dtype.is_complex:
        return torch.tensor([1.0, -1.0, -1.0, 1.0][:count], dtype=dtype)
    return torch.polar(
        *(torch.linspace(low, high, count).double() for low, high in ((1, 1), (1, 4)))
    )


def _rotation(dtype: Any) -> Any:
    return torch.linalg.qr(torch.randn(2, 2, dtype=dtype)).Q


def _turned(entry: str, reference: list[Any], outputs: list[Any], quantity: Any = None) -> Any:
    gauge = gauge_of(entry)
    assert gauge is not None
    given = outputs if quantity is None else quantity
    found = gauge.turn(
        [array_of(t) for t in reference],
        [array_of(t) for t in outputs],
        [None if t is None else array_of(t) for t in given],
    )
    return [None if a is None else tensor_of(a) for a in found]


def _same(one: list[Any], two: list[Any]) -> bool:
    return all(torch.allclose(a, b, atol=1e-5) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
def test_signs_and_phases_of_singular_vectors(dtype: Any) -> None:
    U, S, Vh = torch.linalg.svd(torch.randn(2, 4, 3, dtype=dtype))
    phases = _phases(3, dtype)
    turned = U.clone()
    turned[..., :3] *= phases
    turned[..., 3:] *= -1
    other = [turned, S, phases.conj()[:, None] * Vh]
    assert not _same([U, S, Vh], other)
    assert _same([U, S, Vh], _turned("linalg.svd", [U, S, Vh], other))


@pytest.mark.parametrize("dtype", DTYPES)
def test_singular_vectors_do_not_turn_apart(dtype: Any) -> None:
    U, S, Vh = torch.linalg.svd(torch.randn(3, 3, dtype=dtype))
    other = [U, S, _phases(3, dtype)[:, None] * Vh]
    assert not _same([U, S, Vh], _turned("linalg.svd", [U, S, Vh], other))


@pytest.mark.parametrize("dtype", DTYPES)
def test_bases_of_equal_eigenvalues(dtype: Any) -> None:
    V = torch.linalg.qr(torch.randn(3, 3, dtype=dtype)).Q
    L = torch.tensor([1.0, 1.0, 2.0], dtype=dtype).real
    other = V.clone()
    other[:, :2] = V[:, :2] @ _rotation(dtype)
    assert _same([L, V], _turned("linalg.eigh", [L, V], [L, other]))
    apart = torch.tensor([1.0, 1.5, 2.0], dtype=dtype).real
    assert not _same([apart, V], _turned("linalg.eigh", [apart, V], [apart, other]))


@pytest.mark.parametrize("dtype", DTYPES)
def test_wrong_vectors_stay_wrong(dtype: Any) -> None:
    L, V = torch.linalg.eigh(torch.diag(torch.tensor([1.0, 2.0, 4.0], dtype=dtype)))
    for wrong in (V.flip(1), V * 1.5, V + 0.1):
        assert not _same([L, V], _turned("linalg.eigh", [L, V], [L, wrong]))
    assert not _same([L, V], _turned("linalg.eigh", [L, V], [L + 0.5, V]))


def test_order_of_eigenvalues() -> None:
    L, V = torch.linalg.eig(torch.randn(4, 4, dtype=torch.float64))
    order = torch.tensor([2, 0, 3, 1])
    phases = _phases(4, torch.complex128)
    other = [L[order], (V * phases)[:, order]]
    assert _same([L, V], _turned("linalg.eig", [L, V], other))
    assert _same([L], _turned("linalg.eigvals", [L], other[:1]))
    assert not _same([L, V], _turned("linalg.eig", [L, V], [other[0], V]))


def test_tangents_turn_with_their_vectors() -> None:
    L, V = torch.linalg.eigh(torch.diag(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)))
    tangents = [torch.randn(3, dtype=torch.float64), torch.randn(3, 3, dtype=torch.float64)]
    signs = _phases(3, torch.float64)
    found = _turned("linalg.eigh", [L, V], [L, V * signs], [tangents[0], tangents[1] * signs])
    assert _same(tangents, found)
    assert _turned("linalg.eigh", [L, V], [L, V * signs], [None, None]) == [None, None]


def test_other_shapes_are_left_alone() -> None:
    L, V = torch.linalg.eigh(torch.eye(3))
    outputs = [L, V[:, :2]]
    assert [t.tolist() for t in _turned("linalg.eigh", [L, V], outputs)] == [
        t.tolist() for t in outputs
    ]


def test_every_gauge_and_iteration_names_an_entry() -> None:
    rows = [row for table in decompositions().values() for row in table]
    patterns = [pattern for row in rows for pattern in row["entries"]]
    assert [p for p in patterns if not any(fnmatchcase(name, p) for name in entries())] == []
