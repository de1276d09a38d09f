"""Derived activation kernels, written in the required ones."""

from __future__ import annotations


class ActivationDefaults:
    """Derived activation functions of the backend contract."""
