"""Sample calls of spectra; of vectors only what does not depend on signs and phases is read."""

from __future__ import annotations

from typing import Any

from .rows import Refused, leaf, positive, row


def _hermitian(t: Any, x: Any) -> Any:
    return x + x.mH + t.diag(t.tensor([1.0, 3.0, 6.0], dtype=t.float64))


def _general(t: Any, x: Any) -> Any:
    """Return matrices whose eigenvalues are apart."""
    return 0.2 * x + t.diag(t.tensor([1.0, 3.0, 6.0], dtype=t.float64))


def _tall(t: Any, x: Any) -> Any:
    """Return matrices whose singular values are apart."""
    return 0.3 * x + t.tensor([[1.0, 0.0], [0.0, 2.5], [0.5, 0.5]], dtype=t.float64)


def _svd_parts(t: Any, x: Any) -> Any:
    U, S, Vh = t.linalg.svd(_tall(t, x), full_matrices=False)
    return U.abs(), S, Vh.abs(), U @ Vh


_PHASES = Refused(
    "Batching rule not implemented for aten::allclose", "phases of each are asked for"
)
_NO_BATCHES = {"backward": _PHASES, "second": _PHASES}
_NO_SECOND_BATCHES = {"second": _PHASES}

ROWS = [
    row("svd", _svd_parts, leaf(3, 2), complex_batches=_NO_BATCHES),
    row(
        "svd of wide matrices",
        lambda t, x: _svd_parts(t, x.mH),
        leaf(2, 3),
        complex_batches=_NO_BATCHES,
    ),
    row(
        "svd with full matrices",
        lambda t, x: t.linalg.svd(_tall(t, x))[0][..., :2].abs(),
        leaf(3, 2),
        complex_batches=_NO_BATCHES,
    ),
    row(
        "svdvals",
        lambda t, x: t.linalg.svdvals(_tall(t, x)),
        leaf(3, 2),
        complex_batches=_NO_SECOND_BATCHES,
    ),
    row("eigvalsh", lambda t, x: t.linalg.eigvalsh(_hermitian(t, x)), leaf(3, 3)),
    row("eigh", lambda t, x: t.linalg.eigh(_hermitian(t, x))[1].abs(), leaf(3, 3)),
    row("eigvals", lambda t, x: t.linalg.eigvals(_general(t, x)), leaf(3, 3)),
    row("eig", lambda t, x: t.linalg.eig(_general(t, x))[1].abs(), leaf(3, 3)),
    row("pinv", lambda t, x: t.linalg.pinv(_tall(t, x)), leaf(3, 2)),
    row("pinv of wide matrices", lambda t, x: t.linalg.pinv(_tall(t, x).mH), leaf(3, 2)),
    row("pinv hermitian", lambda t, x: t.linalg.pinv(_hermitian(t, x), hermitian=True), leaf(3, 3)),
    row(
        "lstsq",
        lambda t, x, b: t.linalg.lstsq(_tall(t, x), b, driver="gelsd")[:2],
        leaf(3, 2),
        leaf(3, 2),
    ),
    row("lstsq of vectors", lambda t, x, b: t.linalg.lstsq(_tall(t, x), b)[0], leaf(3, 2), leaf(3)),
    row("matrix_exp", lambda t, x: t.linalg.matrix_exp(x), leaf(2, 2)),
    row(
        "matrix_norm nuc",
        lambda t, x: t.linalg.matrix_norm(_tall(t, x), "nuc"),
        leaf(3, 2),
        complex_batches=_NO_SECOND_BATCHES,
    ),
    row("matrix_norm 1", lambda t, x: t.linalg.matrix_norm(_tall(t, x), 1), positive(3, 2)),
    row(
        "cond",
        lambda t, x: t.linalg.cond(_tall(t, x)),
        leaf(3, 2),
        complex_batches=_NO_SECOND_BATCHES,
    ),
]
