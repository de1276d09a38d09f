"""Special functions, which the standard does not have: what is derived, and what is refused."""

from __future__ import annotations

from typing import Any, NoReturn

from .array import Array


class Special:
    """The capability "special"."""

    def _refuse(self: Any, kernel: str) -> NoReturn:
        raise NotImplementedError(
            f"backend {self.name!r} has no kernel {kernel!r}; it is of the capability 'special', "
            "which the Array API standard does not ask of a library"
        )

    def erf(self, input: Array) -> Array:
        self._refuse("erf")

    def erfc(self, input: Array) -> Array:
        self._refuse("erfc")

    def erfinv(self, input: Array) -> Array:
        self._refuse("erfinv")

    def lgamma(self, input: Array) -> Array:
        self._refuse("lgamma")

    def digamma(self, input: Array) -> Array:
        self._refuse("digamma")

    def polygamma(self, n: int, input: Array) -> Array:
        self._refuse("polygamma")

    def i0(self, input: Array) -> Array:
        self._refuse("i0")
