"""The backend over a namespace of the Array API standard: the families joined, and its library."""

from __future__ import annotations

import contextvars
from typing import Any, ClassVar

from autograd_core.backend import Backend

from .arrays import Arrays
from .libraries import Library
from .movement import Movement
from .pointwise import Pointwise
from .reduction import Reduction
from .special import Special


class ArrayApiBackend(Arrays, Pointwise, Reduction, Movement, Special, Backend):
    """The required functions of the contract over any namespace of the standard.

    A subclass names itself, what it can do beyond the required functions, and its library; the
    library is imported when the backend is made.
    """

    name: ClassVar[str] = "array-api"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex"})

    def __init__(self, device: Any = None) -> None:
        self._connect(self.library(device))
        self.device_name = self.xp.device_name()

    def library(self, device: Any) -> Library:
        """The library, on a device of its own; ModuleNotFoundError where it is not installed."""
        raise NotImplementedError


def silence(context: contextvars.Context) -> None:
    """Let NumPy, in a context, say nothing of division by zero and the like."""
    import numpy as np

    context.run(np.seterr, all="ignore")
