"""The pytest plug-in: options for `pytest --pyargs autograd_conformance`.

It is loaded into every pytest run where the kit is installed, so it imports neither torch nor the
kit, and adds its options (whose names other plug-ins may use) only when the kit is asked for.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_PACKAGE = "autograd_conformance"
#: Tells the worker processes of pytest-xdist, whose own command line is empty, what was asked for.
_ASKED = "AUTOGRAD_CONFORMANCE_PYTEST"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the kit's options to a run whose command line names the kit."""
    if any(_PACKAGE in argument for argument in sys.argv):
        os.environ[_ASKED] = "1"
    elif not ("PYTEST_XDIST_WORKER" in os.environ and _ASKED in os.environ):
        return
    group = parser.getgroup(_PACKAGE, "conformance with torch")
    lists = {
        "backend": "backends to test, by name (default: every installed one)",
        "subject": "modules with torch's API to test as they stand",
        "ops": "globs over entry names",
        "family": "families of entries",
        "dtype": "dtypes (default: the tier's)",
        "check": "checks (default: all)",
    }
    for name, text in lists.items():
        group.addoption(f"--{name}", dest=f"conformance_{name}", default="", help=text)
    group.addoption(
        "--tier",
        dest="conformance_tier",
        choices=("smoke", "core", "full"),
        default="smoke",
        help="how much to run when no ops are named",
    )
    group.addoption(
        "--oracle",
        dest="conformance_oracle",
        default="torch",
        metavar="torch|goldens[:FILE]",
        help="torch itself, or its answers in a file",
    )
    group.addoption("--samples", dest="conformance_samples", type=int, help="samples per entry")
    group.addoption("--seed", dest="conformance_seed", type=int, default=0)
    group.addoption("--known-differences", dest="conformance_known_differences", default="")
