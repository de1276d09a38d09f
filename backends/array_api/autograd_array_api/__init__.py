"""Backends over any array library that follows the Array API standard, by one adapter.

Each library has a package of its own here: what it can do, what it does its own way, and how its
answers differ from torch's. A library is imported when its backend is chosen.
"""

from typing import Any

from .backend import ArrayApiBackend
from .libraries import Library

__all__ = ["ArrayApiBackend", "Library", "native"]


def native(tensor: Any) -> Any:
    """Return the library's own array with a tensor's elements; nobody may write to it."""
    return tensor.detach()._array.value
