"""Torch's own decompositions."""

from __future__ import annotations

from typing import Any

import torch

Native = Any


def cholesky(value: Native, upper: bool) -> tuple[Native, Native]:
    return torch.linalg.cholesky_ex(value, upper=upper)  # type: ignore[no-any-return]


def lu(value: Native) -> tuple[Native, Native, Native]:
    return torch.linalg.lu_factor_ex(value)  # type: ignore[no-any-return]


def qr(value: Native) -> tuple[Native, Native]:
    return torch.geqrf(value)  # type: ignore[no-any-return]


def solve_triangular(matrices: Native, right: Native, upper: bool, unit: bool) -> Native:
    return torch.linalg.solve_triangular(matrices, right, upper=upper, unitriangular=unit)


def ldl(value: Native, hermitian: bool) -> tuple[Native, Native, Native]:
    return torch.linalg.ldl_factor_ex(value, hermitian=hermitian)  # type: ignore[no-any-return]


def svd(value: Native, full: bool) -> tuple[Native, Native, Native]:
    return torch.linalg.svd(value, full_matrices=full)  # type: ignore[no-any-return]


def singular_values(value: Native) -> Native:
    return torch.linalg.svdvals(value)


def eigh(value: Native, upper: bool) -> tuple[Native, Native]:
    return torch.linalg.eigh(value, "LU"[upper])  # type: ignore[no-any-return]


def eigvalsh(value: Native, upper: bool) -> Native:
    return torch.linalg.eigvalsh(value, "LU"[upper])


def eig(value: Native) -> tuple[Native, Native]:
    return torch.linalg.eig(value)  # type: ignore[no-any-return]


def eigvals(value: Native) -> Native:
    return torch.linalg.eigvals(value)
