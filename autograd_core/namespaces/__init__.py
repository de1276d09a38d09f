"""torch's public names: overloads and scalars are normalised here, then ops and composites run.

A family is imported when a name of its is first read (``family_index``).
"""

from .registration import FAMILIES, NAMESPACES

__all__ = ["FAMILIES", "NAMESPACES"]
