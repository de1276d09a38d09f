"""The derived kernels of the contract in literals: the name, the arguments and what comes out.

A file per family, found by itself; each has ``ROWS``.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

ROWS: list[tuple[str, list[Any], Any]] = [
    row
    for family in pkgutil.iter_modules(__path__)
    if family.name != "values"
    for row in import_module(f"{__name__}.{family.name}").ROWS
]
