"""Backends over any array library that follows the Array API standard, by one adapter.

Each library has a package of its own here: what it can do, what it does its own way, and how its
answers differ from torch's. A library is imported when its backend is chosen.
"""

from .backend import ArrayApiBackend

__all__ = ["ArrayApiBackend"]
