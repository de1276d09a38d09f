"""torch's factorizations of matrices: overloads, checks and messages."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES, not_implemented_for
from ..return_types import return_type
from ..tensor import Tensor
from .deprecations import warn_deprecated
from .registration import accepts_out, function, method, require_tensor

_CHOLESKY_EX = return_type("linalg_cholesky_ex", "L info")
_QR = return_type("qr", "Q R")
_LINALG_QR = return_type("linalg_qr", "Q R")
_GEQRF = return_type("geqrf", "a tau")
_LU = return_type("linalg_lu", "P L U")
_LU_FACTOR = return_type("linalg_lu_factor", "LU pivots")
_LU_FACTOR_EX = return_type("linalg_lu_factor_ex", "LU pivots info")
_LU_UNPACK = return_type("lu_unpack", "P L U")
_LU_WITH_INFO = return_type("_lu_with_info", "LU pivots info")
_LDL_FACTOR = return_type("linalg_ldl_factor", "LD pivots")
_LDL_FACTOR_EX = return_type("linalg_ldl_factor_ex", "LD pivots info")


# Checks -------------------------------------------------------------------------------------------


def check_matrices(name: str, tensor: Tensor, argument: str = "A") -> None:
    """Refuse a tensor of fewer than two dims."""
    if tensor.ndim < 2:
        raise RuntimeError(f"{name}: The input tensor {argument} must have at least 2 dimensions.")


def check_square(name: str, tensor: Tensor, argument: str = "A") -> None:
    """Refuse what is no batch of square matrices."""
    check_matrices(name, tensor, argument)
    check_sides(f"{name}: ", tensor, argument)


def check_sides(start: str, tensor: Tensor, argument: str = "A") -> None:
    """Refuse matrices that are not square, in a text that starts so."""
    rows, columns = tensor._array.shape[-2:]
    if rows != columns:
        raise RuntimeError(
            f"{start}{argument} must be batches of square matrices, but they are {rows} by "
            f"{columns} matrices"
        )


def check_inexact(name: str, tensor: Tensor) -> None:
    """Refuse integers and bool."""
    if not tensor._dtype.is_inexact:
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got "
            f"{LEGACY_NAMES[tensor._dtype]}"
        )


def refuse_narrow(name: str, tensor: Tensor) -> None:
    """Refuse floats of 16 bits and their complex numbers."""
    if tensor._dtype.to_real().itemsize < 4:
        raise RuntimeError(
            f"{name}: Low precision dtypes not supported. Got {LEGACY_NAMES[tensor._dtype]}"
        )


def check_kernel(kernel: str, tensor: Tensor) -> None:
    """Refuse dtypes that torch has no such kernel for."""
    dtype = tensor._dtype
    if not dtype.is_inexact or dtype.itemsize < 4 or dtype.name == "complex32":
        raise not_implemented_for(kernel, dtype)


def raise_of(info: Tensor, api_name: str, matrix: Tensor) -> None:
    """Raise what LAPACK found to be wrong with a matrix."""
    ops.linalg_check_errors(info, api_name, matrix.ndim == 2)


# Cholesky -----------------------------------------------------------------------------------------


def _cholesky_ex(input: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
    require_tensor("linalg_cholesky_ex", input)
    check_square("linalg.cholesky", input)
    check_inexact("linalg.cholesky", input)
    check_kernel("cholesky_cpu", input)
    return ops.cholesky_ex(input, bool(upper))


@function(under="linalg")
@accepts_out
def cholesky_ex(input: Tensor, *, upper: bool = False, check_errors: bool = False) -> Any:
    """Triangular factor of Hermitian positive definite matrices, and LAPACK's info.

    Raises:
        LinAlgError: ``check_errors``, and a matrix is not positive definite.
        RuntimeError: no square matrices of floats or complex numbers (torch's text).
    """
    factor, info = _cholesky_ex(input, upper)
    if check_errors:
        raise_of(info, "linalg.cholesky_ex", input)
    return _CHOLESKY_EX((factor, info))


@function(name="cholesky", under="linalg")
@accepts_out
def linalg_cholesky(input: Tensor, *, upper: bool = False) -> Tensor:
    """Triangular factor of Hermitian positive definite matrices.

    Raises:
        LinAlgError: a matrix is not positive definite.
    """
    factor, info = _cholesky_ex(input, upper)
    raise_of(info, "linalg.cholesky", input)
    return factor


@function
@method
@accepts_out
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """Triangular factor, as ``linalg.cholesky``, which has forward derivatives, too."""
    require_tensor("cholesky", input)
    warn_deprecated("cholesky")
    if not input.numel():
        return ops.cholesky(input, bool(upper))
    check_square("cholesky", input)
    check_kernel("cholesky_cpu", input)
    return ops.cholesky(input, bool(upper))


@function
@method
@accepts_out
def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """Inverse of the matrices whose triangular factors these are."""
    require_tensor("cholesky_inverse", input)
    check_square("cholesky_inverse", input)
    check_kernel("cholesky_inverse_out_cpu", input)
    return ops.cholesky_inverse(input, bool(upper))


# QR -----------------------------------------------------------------------------------------------


def _qr(A: Tensor, mode: str) -> tuple[Tensor, Tensor]:
    check_matrices("linalg.qr", A)
    check_inexact("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), "
            "'r', or 'complete'"
        )
    check_kernel("geqrf_cpu", A)
    return ops.linalg_qr(A, mode)


@function(under="linalg")
@accepts_out
def qr(A: Tensor, mode: str = "reduced") -> Any:
    """Q with orthonormal columns and R upper triangular.

    Args:
        A: (..., m, n).
        mode: "reduced" has min(m, n) columns in Q, "complete" m; "r" computes R alone.
    """
    require_tensor("linalg_qr", A, "A")
    return _LINALG_QR(_qr(A, mode))


@function(name="qr")
@accepts_out
def torch_qr(input: Tensor, some: bool = True) -> Any:
    """``linalg.qr``, "reduced" with ``some``, else "complete"."""
    require_tensor("qr", input)
    warn_deprecated("qr")
    return _QR(_qr(input, "reduced" if some else "complete"))


method(torch_qr, name="qr")


@function
@method
@accepts_out
def geqrf(input: Tensor) -> Any:
    """R, and below it the Householder vectors whose reflections make Q; their factors."""
    require_tensor("geqrf", input)
    if input.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    check_kernel("geqrf_cpu", input)
    return _GEQRF(ops.geqrf(input))


def _check_tau(name: str, input: Tensor, tau: Tensor) -> None:
    if input.ndim - tau.ndim != 1:
        raise RuntimeError(
            f"{name}: Expected tau to have one dimension less than input, but got tau.ndim equal "
            f"to {tau.ndim} and input.ndim is equal to {input.ndim}"
        )
    check_batch(name, "tau", input, tau._array.shape[:-1])


def check_batch(name: str, argument: str, input: Tensor, batch: tuple[int, ...]) -> None:
    """Refuse an argument whose batch dims are not those of the input."""
    if tuple(batch) != tuple(input._array.shape[:-2]):
        raise RuntimeError(
            f"{name}: Expected batch dimensions of {argument} to be equal to input.shape[:-2], "
            f"but got {list(batch)}"
        )


@function(under="linalg")
@accepts_out
def householder_product(input: Tensor, tau: Tensor) -> Tensor:
    """First columns of the product of the reflections that ``geqrf`` describes."""
    require_tensor("linalg_householder_product", input)
    require_tensor("linalg_householder_product", tau, "tau", 2)
    name = "torch.linalg.householder_product"
    if input.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    rows, columns = input._array.shape[-2:]
    if rows < columns:
        raise RuntimeError(
            f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]"
        )
    if tau.ndim and columns < tau._array.shape[-1]:
        raise RuntimeError(
            f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]"
        )
    _check_tau(name, input, tau)
    if tau._dtype is not input._dtype:
        raise RuntimeError(
            f"{name}: tau dtype {LEGACY_NAMES[tau._dtype]} does not match input dtype "
            f"{LEGACY_NAMES[input._dtype]}"
        )
    check_kernel("orgqr_cpu", input)
    return ops.linalg_householder_product(input, tau)


function(householder_product, name="orgqr")
method(householder_product, name="orgqr")


@function
@method
@accepts_out
def ormqr(
    input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False
) -> Tensor:
    """Product of the square Q that ``geqrf`` describes, or of its adjoint, with ``other``."""
    for position, (argument, value) in enumerate(
        (("input", input), ("tau", tau), ("other", other)), 1
    ):
        require_tensor("ormqr", value, argument, position)
    name = "torch.ormqr"
    for argument, value in (("input", input), ("other", other)):
        if value.ndim < 2:
            raise RuntimeError(f"{name}: {argument} must have at least 2 dimensions.")
    at = -2 if left else -1
    length = other._array.shape[at]
    if length != input._array.shape[-2]:
        raise RuntimeError(f"{name}: other.shape[{at}] must be equal to input.shape[-2]")
    if tau.ndim and tau._array.shape[-1] != min(length, input._array.shape[-1]):
        raise RuntimeError(
            f"{name}: tau.shape[-1] must be equal to min(other.shape[{at}], input.shape[-1])"
        )
    _check_tau(name, input, tau)
    if other.ndim != input.ndim:
        raise RuntimeError(
            f"{name}: Expected other to have the same number of dimensions as input, but got "
            f"other.ndim equal to {other.ndim} and input.ndim is equal to {input.ndim}"
        )
    check_batch(name, "other", input, other._array.shape[:-2])
    for argument, value in (("tau", tau), ("other", other)):
        if value._dtype is not input._dtype:
            raise RuntimeError(
                f"{name}: Expected input and {argument} to have the same dtype, but input has "
                f"dtype{LEGACY_NAMES[input._dtype]} and {argument} has dtype "
                f"{LEGACY_NAMES[value._dtype]}"
            )
    check_kernel("ormqr_cpu", input)
    return ops.ormqr(input, tau, other, bool(left), bool(transpose))


# LU -----------------------------------------------------------------------------------------------


def _check_pivoting(pivot: bool) -> None:
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")


def _check_rank(name: str, tensor: Tensor) -> None:
    if tensor.ndim < 2:
        raise RuntimeError(
            f"{name}: Expected tensor with 2 or more dimensions. Got size: "
            f"{list(tensor._array.shape)} instead"
        )


def _lu_factor(A: Tensor, pivot: bool) -> tuple[Tensor, Tensor, Tensor]:
    require_tensor("linalg_lu_factor_ex", A, "A")
    _check_rank("torch.lu_factor", A)
    check_kernel("lu_cpu", A)
    _check_pivoting(pivot)
    return ops.lu_factor_ex(A, bool(pivot))


@function(under="linalg")
@accepts_out
def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """L and U in one matrix, the pivots, and LAPACK's info.

    Raises:
        RuntimeError: ``check_errors``, and U has a zero on its diagonal (torch's text).
    """
    made = _lu_factor(A, pivot)
    if check_errors:
        raise_of(made[2], "torch.linalg.lu_factor_ex", A)
    return _LU_FACTOR_EX(made)


@function(under="linalg")
@accepts_out
def lu_factor(A: Tensor, *, pivot: bool = True) -> Any:
    """L and U in one matrix, and the pivots.

    Raises:
        RuntimeError: U has a zero on its diagonal (torch's text).
    """
    factors, pivots, info = _lu_factor(A, pivot)
    raise_of(info, "torch.linalg.lu_factor", A)
    return _LU_FACTOR((factors, pivots))


@function(under="linalg")
@accepts_out
def lu(A: Tensor, *, pivot: bool = True) -> Any:
    """P, L and U with A = P @ L @ U."""
    require_tensor("linalg_lu", A, "A")
    _check_rank("linalg.lu", A)
    check_kernel("lu_cpu", A)
    _check_pivoting(pivot)
    return _LU(ops.linalg_lu(A, bool(pivot)))


@function
def _lu_with_info(input: Tensor, pivot: bool = True, check_errors: bool = True) -> Any:
    warn_deprecated("lu")
    return _LU_WITH_INFO(_lu_factor(input, pivot))


@function(name="lu")
def torch_lu(A: Tensor, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """``linalg.lu_factor``, or with ``get_infos`` ``linalg.lu_factor_ex``, under its old name."""
    made = _lu_with_info(A, pivot=pivot, check_errors=not get_infos)
    if out is None:
        return made if get_infos else tuple(made)[:2]
    wanted = 2 + bool(get_infos)
    if len(out) != wanted:
        raise TypeError(f"expected tuple of {wanted} elements but got {len(out)}")
    if not isinstance(out, (tuple, list)):
        raise TypeError(f"argument 'out' must be tuple of Tensors, not {type(out).__name__}")
    for target, value in zip(out, made):
        target.resize_as_(value).copy_(value)
    return out


@method(name="lu")
def _lu_method(self: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """``linalg.lu_factor``, or with ``get_infos`` ``linalg.lu_factor_ex``, under its old name."""
    made = _lu_with_info(self, pivot=pivot, check_errors=not get_infos)
    return tuple(made)[: 2 + bool(get_infos)]


@function
@accepts_out
def lu_unpack(
    LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """P, L and U of what ``linalg.lu_factor`` gives; those not unpacked are empty."""
    require_tensor("lu_unpack", LU_data, "LU_data")
    require_tensor("lu_unpack", LU_pivots, "LU_pivots", 2)
    _check_rank("torch.lu_unpack", LU_data)
    if unpack_pivots and LU_pivots._dtype.name != "int32":
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 "
            "dtype.\nNote: this function is intended to be used with the output produced by "
            "torch.linalg.lu_factor"
        )
    return _LU_UNPACK(ops.lu_unpack(LU_data, LU_pivots, bool(unpack_data), bool(unpack_pivots)))


# L D L^H ------------------------------------------------------------------------------------------


def _ldl_factor(input: Tensor, hermitian: bool) -> tuple[Tensor, Tensor, Tensor]:
    require_tensor("linalg_ldl_factor_ex", input)
    name = "torch.linalg.ldl_factor_ex"
    check_square(name, input)
    check_inexact(name, input)
    check_kernel("ldl_factor_kernel_cpu", input)
    return ops.ldl_factor_ex(input, bool(hermitian))


@function(under="linalg")
@accepts_out
def ldl_factor_ex(input: Tensor, *, hermitian: bool = False, check_errors: bool = False) -> Any:
    """L and D of symmetric (or Hermitian) matrices in one, the pivots, and LAPACK's info."""
    made = _ldl_factor(input, hermitian)
    if check_errors:
        raise_of(made[2], "torch.linalg.ldl_factor_ex", input)
    return _LDL_FACTOR_EX(made)


@function(under="linalg")
@accepts_out
def ldl_factor(input: Tensor, *, hermitian: bool = False) -> Any:
    """L and D of symmetric (or Hermitian) matrices in one, and the pivots."""
    factors, pivots, info = _ldl_factor(input, hermitian)
    raise_of(info, "torch.linalg.ldl_factor", input)
    return _LDL_FACTOR((factors, pivots))
