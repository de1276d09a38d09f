"""Derived reduction kernels, written in the required ones."""

from __future__ import annotations


class ReductionDefaults:
    """Derived reduction functions of the backend contract."""
