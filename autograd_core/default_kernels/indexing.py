"""Derived indexing kernels, written in the required ones."""

from __future__ import annotations


class IndexingDefaults:
    """Derived indexing functions of the backend contract."""
