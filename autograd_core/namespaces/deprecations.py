"""torch's warnings about functions under old names, each issued once."""

from __future__ import annotations

from ..ops.solver_formulas import TRIANGULAR_SOLVE
from ..warn_once import warn_once

_FUTURE = "will be removed in a future PyTorch release."
_TEXTS = {
    "chain_matmul": (
        f"torch.chain_matmul is deprecated and {_FUTURE} Use torch.linalg.multi_dot instead, which "
        "accepts a list of two or more tensors rather than multiple parameters."
    ),
    "cholesky": (
        f"torch.cholesky is deprecated in favor of torch.linalg.cholesky and {_FUTURE}\n"
        "L = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\n"
        "U = torch.cholesky(A, upper=True)\nshould be replaced with\n"
        "U = torch.linalg.cholesky(A).mH\n"
        "This transform will produce equivalent results for all valid (symmetric positive "
        "definite) inputs."
    ),
    "lu": (
        "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and "
        f"{_FUTURE}\n"
        "LU, pivots = torch.lu(A, compute_pivots)\nshould be replaced with\n"
        "LU, pivots = torch.linalg.lu_factor(A, compute_pivots)\nand\n"
        "LU, pivots, info = torch.lu(A, compute_pivots, get_infos=True)\nshould be replaced with\n"
        "LU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots)"
    ),
    "lu_solve": (
        f"torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand {_FUTURE}\n"
        "Note that torch.linalg.lu_solve has its arguments reversed.\n"
        "X = torch.lu_solve(B, LU, pivots)\nshould be replaced with\n"
        "X = torch.linalg.lu_solve(LU, pivots, B)"
    ),
    "meshgrid": (
        "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument."
    ),
    "qr": (
        f"torch.qr is deprecated in favor of torch.linalg.qr and {_FUTURE}\n"
        "The boolean parameter 'some' has been replaced with a string parameter 'mode'.\n"
        "Q, R = torch.qr(A, some)\nshould be replaced with\n"
        "Q, R = torch.linalg.qr(A, 'reduced' if some else 'complete')"
    ),
    "triangular_solve": TRIANGULAR_SOLVE,
}


def warn_deprecated(name: str) -> None:
    """Warn, once, that a function has another name now."""
    warn_once(_TEXTS[name], stacklevel=3, kind=f"{name} is deprecated")
