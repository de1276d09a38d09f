"""Fourier transforms, from SciPy's pocketfft, which keeps single precision."""

from __future__ import annotations

import functools
import importlib
from typing import Any, Final

Array = Any

_FORWARD: Final = ("backward", "ortho", "forward")
"""SciPy's word for each normalization of a forward transform."""
_INVERSE: Final = ("forward", "ortho", "backward")


@functools.cache
def _scipy() -> Any:
    return importlib.import_module("scipy.fft")


class Fft:
    """The function of the capability "fft", and its forms for real numbers."""

    def dft(self, input: Array, rank: int, normalization: int, forward: bool) -> Array:
        transform = _scipy().fftn if forward else _scipy().ifftn
        norm = (_FORWARD if forward else _INVERSE)[normalization]
        return transform(input, axes=range(-rank, 0), norm=norm)

    def dft_of_real(self, input: Array, rank: int, normalization: int, onesided: bool) -> Array:
        transform = _scipy().rfftn if onesided else _scipy().fftn
        return transform(input, axes=range(-rank, 0), norm=_FORWARD[normalization])

    def dft_to_real(self, input: Array, size: int, normalization: int) -> Array:
        return _scipy().irfft(input, size, norm=_INVERSE[normalization])
