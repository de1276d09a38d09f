"""`python -m autograd_core`: the settings in force with their origins; the backends."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from .backend_registry import BackendReport, backend_in_force, backend_reports
from .config import ConfigError


def main() -> int:
    """Prints the report; returns 1, after the rest, where the configuration is broken."""
    print(f"autograd-core {_own_version()}, Python {platform.python_version()}")
    print("\nsettings")
    broken = _print_settings()
    print("\nbackends")
    for report in backend_reports():
        _print_backend(report)
    return 1 if broken else 0


def _own_version() -> str:
    try:
        return version("autograd-core")
    except PackageNotFoundError:
        return "(not installed, run from source)"


def _print_settings() -> bool:
    """Prints each setting; returns whether the configuration is broken."""
    try:
        backend = backend_in_force()
    except ConfigError as error:
        print(f"  error: {error}")
        return True
    print(f"  backend = {backend.value}    from {backend.origin}")
    return False


def _print_backend(report: BackendReport) -> None:
    print(f"  {report.name}    {report.source}")
    if report.backend is None:
        print(f"    cannot be used: {report.error}")
    else:
        print("    loads")
        print(f"    capabilities: {', '.join(sorted(report.backend.capabilities)) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
