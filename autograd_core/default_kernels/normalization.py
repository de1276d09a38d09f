"""Derived normalization kernels, written in the required ones."""

from __future__ import annotations


class NormalizationDefaults:
    """Derived normalization functions of the backend contract."""
