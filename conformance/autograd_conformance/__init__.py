"""A conformance kit: runs any backend, or any module with torch's API, against real PyTorch.

`opinfo_cases` takes the cases from torch's OpInfo, `transfer` carries them over, `observation`
runs one side, `checks` compare two, `budgets` says how far numbers may be apart, `runner` spreads
the work. The commands are in `commands`, the tests that pytest collects in `test_entries`.

For one's own functions there are `compare` and `assert_conforms` (`library`), and `lockstep`, a
module to be imported as torch. Nothing here imports torch until it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd_conformance.library import Comparison, Comparisons, assert_conforms, compare

__all__ = ["Comparison", "Comparisons", "assert_conforms", "compare"]


def __getattr__(name: str) -> Any:
    """The names of `library`, imported when they are first used."""
    if name in __all__:
        return getattr(importlib.import_module(f"{__name__}.library"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
