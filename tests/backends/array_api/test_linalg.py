"""The capability "linalg" of the libraries that have it: LAPACK's conventions."""

from __future__ import annotations

import pytest

pytest.importorskip("autograd_array_api")
MATRIX = [[4.0, 1.0, -2.0], [1.0, 3.0, 0.5], [-2.0, 0.5, 5.0]]


@pytest.fixture
def linalg(engine, backend):
    if "linalg" not in backend.capabilities:
        pytest.skip(f"backend {backend.name!r} does not declare linalg")
    return engine.linalg


def batch(engine):
    """A definite matrix, an indefinite one, and one whose second minor is 0."""
    matrix = engine.tensor(MATRIX, dtype=engine.float64)
    shift = 3.5 * engine.eye(3, dtype=engine.float64)
    singular = engine.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return engine.stack([matrix, matrix - shift, singular.to(engine.float64)])


def close(a, b):
    return (a - b).abs().max().item() < 1e-12


@pytest.mark.parametrize("upper", [False, True])
def test_cholesky_tells_the_first_minor_that_is_not_positive(engine, linalg, upper):
    matrices = batch(engine)
    factors, info = linalg.cholesky_ex(matrices, upper=upper)
    assert (info.tolist(), info.dtype) == ([0, 2, 2], engine.int32)
    factor = factors[0].mT if upper else factors[0]
    assert close(factor @ factor.mT, matrices[0])
    assert factors.stride() == (9, 1, 3)


def test_lu_has_pivots_from_one_on_and_tells_a_zero(engine, linalg):
    matrices = batch(engine).flip(-2)
    factors, pivots, info = linalg.lu_factor_ex(matrices)
    assert (info.tolist(), pivots.dtype) == ([0, 0, 2], engine.int32)
    p, lower, upper = engine.lu_unpack(factors, pivots)
    assert close(p @ lower @ upper, matrices)


def test_householder_vectors_make_q(engine, linalg):
    matrices = batch(engine)[..., :2]
    factors, tau = engine.geqrf(matrices)
    q = linalg.householder_product(factors, tau)
    assert close(q @ factors.triu()[..., :2, :], matrices)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("left", [False, True])
def test_the_other_triangle_is_not_read(engine, linalg, upper, left):
    matrix = engine.tensor(MATRIX, dtype=engine.float64)
    right = engine.arange(9, dtype=engine.float64).reshape(3, 3)
    x = linalg.solve_triangular(matrix, right, upper=upper, left=left)
    half = matrix.triu() if upper else matrix.tril()
    assert close(half @ x if left else x @ half, right)


def test_ldl_pivots_by_bunch_and_kaufman(engine, linalg):
    matrix = engine.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=engine.float64)
    factors, pivots = linalg.ldl_factor(matrix)
    assert pivots.tolist() == [-2, -2]
    b = engine.tensor([[1.0], [2.0]], dtype=engine.float64)
    assert linalg.ldl_solve(factors, pivots, b).tolist() == [[2.0], [1.0]]


def test_what_is_not_finite_is_told(engine, linalg):
    lost = batch(engine)
    lost[1, 0, 0] = float("nan")
    assert engine.isnan(linalg.svdvals(lost)).all(-1).tolist() == [False, True, False]
    with pytest.raises(linalg.LinAlgError, match=r"linalg\.eigh"):
        linalg.eigh(lost)
    with pytest.raises(linalg.LinAlgError, match=r"linalg\.svd"):
        linalg.svd(lost)


def test_eigenvectors_are_columns(engine, linalg):
    matrices = batch(engine)
    values, vectors = linalg.eigh(matrices)
    assert close(matrices @ vectors, vectors * values[..., None, :])
    matrices[0, 0, 2] = 7.0
    values, vectors = linalg.eig(matrices)
    assert close(matrices.to(values.dtype) @ vectors, vectors * values[..., None, :])
