"""Fourier transforms, from SciPy's pocketfft, which keeps single precision."""

from __future__ import annotations

import functools
import importlib
from typing import Any, Final

from autograd_core.threads import get_num_threads

Array = Any

_FORWARD: Final = ("backward", "ortho", "forward")
"""SciPy's word for each normalization of a forward transform."""
_INVERSE: Final = ("forward", "ortho", "backward")

_MANY: Final = 1 << 16
"""Numbers from which on lines go to several threads, which costs more than it saves for fewer."""


@functools.cache
def _scipy(name: str) -> Any:
    return getattr(importlib.import_module("scipy.fft"), name)


def _transform(name: str, input: Array, rank: int, norm: str) -> Array:
    """SciPy's function over the last dims; that of one dim starts 10 us sooner."""
    workers = get_num_threads() if input.size >= _MANY else None
    if rank == 1:
        return _scipy(name)(input, norm=norm, workers=workers)
    return _scipy(f"{name}n")(input, axes=range(-rank, 0), norm=norm, workers=workers)


class Fft:
    """The function of the capability "fft", and its forms for real numbers."""

    def dft(self, input: Array, rank: int, normalization: int, forward: bool) -> Array:
        if forward:
            return _transform("fft", input, rank, _FORWARD[normalization])
        return _transform("ifft", input, rank, _INVERSE[normalization])

    def dft_of_real(self, input: Array, rank: int, normalization: int, onesided: bool) -> Array:
        if onesided:
            return _transform("rfft", input, rank, _FORWARD[normalization])
        made = _transform("fft", input, rank, _FORWARD[normalization])
        if rank == 1 and made.shape[-1]:
            made[..., 0].imag = 0.0  # not -0, which angles tell from it
            if made.shape[-1] % 2 == 0:
                made[..., made.shape[-1] // 2].imag = 0.0
        return made

    def dft_to_real(self, input: Array, size: int, normalization: int) -> Array:
        workers = get_num_threads() if input.size >= _MANY else None
        return _scipy("irfft")(input, size, norm=_INVERSE[normalization], workers=workers)
