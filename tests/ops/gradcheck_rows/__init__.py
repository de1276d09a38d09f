"""Sample calls that together reach every differentiable entry of the table.

A file per family, found by itself, each with ``ROWS``. Here ``ROWS`` maps a name, "matmul: addmm",
to a row; tests that need a call per entry read it.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from .rows import NOT_NUMERICAL, Refused, Row

__all__ = ["NOT_NUMERICAL", "ROWS", "Refused", "Row"]

ROWS: dict[str, Row] = {
    f"{family.name}: {row.name}": row
    for family in pkgutil.iter_modules(__path__)
    if family.name != "rows"
    for row in import_module(f"{__name__}.{family.name}").ROWS
}
