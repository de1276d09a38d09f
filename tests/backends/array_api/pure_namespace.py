"""The adapter over the pure-Python arrays' own namespace: the round trip, and no library at all."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd_array_api import ArrayApiBackend, Library


class PureNamespaceBackend(ArrayApiBackend):
    """The contract in the words of the standard, on `autograd_python.array_api`."""

    name: ClassVar[str] = "pure-namespace"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft"})

    def library(self, device: Any) -> Library:
        import autograd_python.array_api

        return PureLibrary(autograd_python.array_api, device)


class PureLibrary(Library):
    """Elements are Python numbers already."""

    def elements(self, value: Any) -> list[Any]:
        return list(value.raw.elements())
