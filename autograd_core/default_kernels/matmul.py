"""Derived matmul kernels, written in the required ones."""

from __future__ import annotations


class MatmulDefaults:
    """Derived matmul functions of the backend contract."""
