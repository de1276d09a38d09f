"""Special functions, from SciPy, which is imported when one is first called."""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np

from .element_types import WIDE, convert

Array = Any


@functools.cache
def _scipy(name: str) -> Any:
    return getattr(importlib.import_module("scipy.special"), name)


def _apply(name: str, input: Array) -> Array:
    """SciPy's function in the dtype of the input; of 16-bit floats in float32, rounded once."""
    wide = WIDE.get(input.dtype)
    if wide is None:
        return _scipy(name)(input)
    return _scipy(name)(input.astype(wide)).astype(input.dtype)


class Special:
    """The functions of the capability "special"."""

    def erf(self, input: Array) -> Array:
        return _apply("erf", input)

    def erfc(self, input: Array) -> Array:
        return _apply("erfc", input)

    def erfinv(self, input: Array) -> Array:
        return _apply("erfinv", input)

    def lgamma(self, input: Array) -> Array:
        return np.where(np.isinf(input), np.abs(input), _apply("gammaln", input))

    def digamma(self, input: Array) -> Array:
        return _apply("psi", input)

    def polygamma(self, n: int, input: Array) -> Array:
        if n == 0:
            return self.digamma(input)
        wide = input.astype(np.float64)
        sign = 1.0 if n % 2 else -1.0
        scale = sign * np.exp(_scipy("gammaln")(n + 1.0))
        return convert(scale * _scipy("zeta")(n + 1.0, wide), input.dtype)

    def i0(self, input: Array) -> Array:
        return _apply("i0", input)
