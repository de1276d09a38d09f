"""The backend over array-api-strict: the standard and not a function more."""

from __future__ import annotations

from contextvars import Context
from typing import Any, ClassVar

from ..backend import ArrayApiBackend, silence
from ..libraries import Library


class StrictBackend(ArrayApiBackend):
    """The contract in the words of the standard alone, held to them by array-api-strict.

    Its devices ``CPU_DEVICE``, ``device1`` and ``device2`` are all the CPU, but arrays of two of
    them do not meet.
    """

    name: ClassVar[str] = "array-api-strict"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft"})
    kernel_context: ClassVar[Context] = Context()

    def library(self, device: Any) -> Library:
        import array_api_strict

        silence(self.kernel_context)
        if isinstance(device, str):
            device = array_api_strict.Device(device)
        return Library(array_api_strict, device)
