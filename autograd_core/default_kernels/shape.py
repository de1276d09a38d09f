"""Derived shape kernels, written in the required ones."""

from __future__ import annotations


class ShapeDefaults:
    """Derived shape functions of the backend contract."""
