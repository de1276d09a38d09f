"""Factorizations of matrices: kernel, gradient, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, JOINT, NON_DIFFERENTIABLE, op
from ..linalg_errors import check_infos
from .linalg_formulas import (
    cholesky_backward,
    cholesky_inverse_backward,
    cholesky_inverse_tangent,
    cholesky_tangent,
    householder_product_backward,
    householder_product_tangent,
    identity_like,
    lu_backward,
    lu_factor_backward,
    lu_factor_tangent,
    lu_tangent,
    lu_unpack_backward,
    lu_unpack_tangent,
    ormqr_backward,
    qr_backward,
    qr_tangent,
)
from .pointwise import NOT_IMPLEMENTED
from .pointwise_formulas import not_implemented

__all__ = [
    "cholesky",
    "cholesky_ex",
    "cholesky_inverse",
    "geqrf",
    "ldl_factor_ex",
    "linalg_check_errors",
    "linalg_householder_product",
    "linalg_lu",
    "linalg_qr",
    "lu_factor_ex",
    "lu_unpack",
    "ormqr",
]


def _checked(xp: Any, info: Any, api_name: str, is_matrix: bool) -> Any:
    check_infos(xp.to_flat(info), api_name, is_matrix)
    return info


linalg_check_errors = op(
    "",
    "linalg_check_errors(info, api_name, is_matrix)",
    aten="_linalg_check_errors",
    kernel=_checked,
    promote=AS_GIVEN,
    info=NON_DIFFERENTIABLE,
)

# Cholesky -----------------------------------------------------------------------------------------


def _cholesky(xp: Any, self: Any, upper: bool) -> Any:
    if 0 in self.shape:
        return xp.clone_row_major(self)
    factor, info = xp.cholesky_ex(self, upper)
    check_infos(xp.to_flat(info), "cholesky", len(self.shape) == 2)
    return factor


cholesky = op(
    "CholeskyBackward0",
    "cholesky(self, upper)",
    kernel=_cholesky,
    promote=AS_GIVEN,
    self=lambda xp, grad, upper, result: cholesky_backward(xp, grad, upper, result),
)
cholesky_ex = op(
    "LinalgCholeskyExBackward0",
    "cholesky_ex(self, upper)",
    aten="linalg_cholesky_ex",
    promote=AS_GIVEN,
    outputs="L info",
    fixed_outputs="info",
    self=lambda xp, grad, upper, L: cholesky_backward(xp, grad, upper, L),
    tangent=lambda xp, self_t, L, upper: cholesky_tangent(xp, self_t, L, upper),
)
cholesky_inverse = op(
    "CholeskyInverseBackward0",
    "cholesky_inverse(self, upper)",
    promote=AS_GIVEN,
    self=cholesky_inverse_backward,
    tangent=cholesky_inverse_tangent,
)

# QR -----------------------------------------------------------------------------------------------

geqrf = op(
    "GeqrfBackward0",
    "geqrf(self)",
    complex_gradient=False,
    promote=AS_GIVEN,
    outputs="a tau",
    self=not_implemented("geqrf"),
)
linalg_qr = op(
    "LinalgQrBackward0",
    "linalg_qr(A, mode)",
    promote=AS_GIVEN,
    outputs="Q R",
    A=qr_backward,
    tangent=qr_tangent,
)
linalg_householder_product = op(
    "LinalgHouseholderProductBackward0",
    "linalg_householder_product(input, tau)",
    promote=AS_GIVEN,
    joint=lambda xp, grad, input, tau, result: householder_product_backward(
        xp, grad, identity_like(xp, input), input, tau
    ),
    input=JOINT,
    tau=JOINT,
    tangent=householder_product_tangent,
)
ormqr = op(
    "OrmqrBackward0",
    "ormqr(self, input2, input3, left, transpose)",
    promote=AS_GIVEN,
    joint=lambda xp, grad, self, input2, input3, result, left, transpose, needs: ormqr_backward(
        xp, grad, self, input2, input3, left, transpose, needs
    ),
    self=JOINT,
    input2=JOINT,
    input3=JOINT,
)

# LU -----------------------------------------------------------------------------------------------

lu_factor_ex = op(
    "LinalgLuFactorExBackward0",
    "lu_factor_ex(A, pivot)",
    aten="linalg_lu_factor_ex",
    kernel=lambda xp, A, pivot: xp.lu_factor_ex(A),
    promote=AS_GIVEN,
    outputs="LU pivots info",
    fixed_outputs="pivots info",
    A=lambda xp, grad, LU, pivots, pivot: lu_factor_backward(xp, grad, LU, pivots),
    tangent=lambda xp, A_t, LU, pivots: lu_factor_tangent(xp, A_t, LU, pivots),
)
linalg_lu = op(
    "LinalgLuBackward0",
    "linalg_lu(A, pivot)",
    promote=AS_GIVEN,
    outputs="P L U",
    fixed_outputs="P",
    A=lambda xp, grad_L, grad_U, P, L, U, pivot: lu_backward(xp, grad_L, grad_U, P, L, U),
    tangent=lu_tangent,
)


def _lu_unpack(
    xp: Any, LU_data: Any, LU_pivots: Any, unpack_data: bool, unpack_pivots: bool
) -> Any:
    rows = LU_data.shape[-2]
    if unpack_pivots and not all(1 <= place <= rows for place in xp.to_flat(LU_pivots)):
        raise RuntimeError(
            "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive."
            "Did you properly pass the result of lu_factor?"
        )
    return xp.lu_unpack(LU_data, LU_pivots, unpack_data, unpack_pivots)


lu_unpack = op(
    "LuUnpackBackward0",
    "lu_unpack(LU_data, LU_pivots, unpack_data, unpack_pivots)",
    kernel=_lu_unpack,
    promote=AS_GIVEN,
    outputs="P L U",
    fixed_outputs="P",
    LU_data=lu_unpack_backward,
    LU_pivots=NON_DIFFERENTIABLE,
    tangent=lu_unpack_tangent,
)

# L D L^H ------------------------------------------------------------------------------------------

ldl_factor_ex = op(
    NOT_IMPLEMENTED,
    "ldl_factor_ex(self, hermitian)",
    aten="linalg_ldl_factor_ex",
    promote=AS_GIVEN,
    outputs="LD pivots info",
    self=not_implemented("linalg_ldl_factor_ex"),
)
