"""Special functions, which the standard does not have: a library's own ones, or a refusal."""

from __future__ import annotations

from typing import Any

from .array import Array
from .values import Values, wide


class Special(Values):
    """The capability "special"."""

    def _special(self, kernel: str, input: Array, *options: Any) -> Array:
        function = self.xp.special(kernel)
        if function is None:
            raise NotImplementedError(
                f"backend {self.name!r} has no kernel {kernel!r}; it is of the capability "
                "'special', which the Array API standard does not ask of a library"
            )
        dtype = input.dtype
        within = wide(dtype)
        made = function(self.converted(input.value, dtype, within), *options)
        return self.laid_out(self.converted(made, within, dtype), dtype, input)

    def erf(self, input: Array) -> Array:
        return self._special("erf", input)

    def erfc(self, input: Array) -> Array:
        return self._special("erfc", input)

    def erfinv(self, input: Array) -> Array:
        return self._special("erfinv", input)

    def lgamma(self, input: Array) -> Array:
        return self._special("lgamma", input)

    def digamma(self, input: Array) -> Array:
        return self._special("digamma", input)

    def polygamma(self, n: int, input: Array) -> Array:
        return self._special("polygamma", input, n)

    def i0(self, input: Array) -> Array:
        return self._special("i0", input)
