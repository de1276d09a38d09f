"""Fourier transforms: kernel, gradient of the input, tangent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..derivatives import AS_GIVEN, LINEAR, op

Array = Any


def _fft_r2c_backward(
    xp: Any,
    grad: Array,
    dim: Sequence[int],
    normalization: int,
    onesided: bool,
    self: Array,
) -> Array:
    """The real part of the inverse transform, with zeros for the half that was left out."""
    missing = self.shape[dim[-1]] - grad.shape[dim[-1]]
    if onesided and missing > 0:
        grad = xp.lengthened(grad, dim[-1], self.shape[dim[-1]])
    return xp.real(xp.fft_c2c(grad, dim, normalization, False))


def _fft_c2r_backward(xp: Any, grad: Array, dim: Sequence[int], normalization: int) -> Array:
    """The forward transform; what also stood for its mirror image in the other half counts twice.

    Those are the places 1 to N - M of N points, of which M are in the half.
    """
    made = xp.fft_r2c(grad, dim, normalization, True)
    last = dim[-1]
    half = made.shape[last]
    count = grad.shape[last] - half
    if count <= 0:
        return made
    again = xp.slice(made, last, 1, count + 1, 1)
    return made + _between_zeros(xp, again, last, 1, half - count - 1)


def _between_zeros(xp: Any, input: Array, dim: int, before: int, after: int) -> Array:
    """Put zeros before and behind the input along a dim."""
    pad = [0] * (2 * len(input.shape))
    place = 2 * (len(input.shape) - 1 - dim)
    pad[place : place + 2] = before, after
    return xp.constant_pad_nd(input, tuple(pad), 0)


fft_c2c = op(
    "FftC2CBackward0",
    "fft_c2c(self, dim, normalization, forward)",
    aten="_fft_c2c",
    promote=AS_GIVEN,
    self=lambda xp, grad, dim, normalization, forward: xp.fft_c2c(
        grad, dim, normalization, not forward
    ),
    tangent=LINEAR,
)
fft_r2c = op(
    "FftR2CBackward0",
    "fft_r2c(self, dim, normalization, onesided)",
    aten="_fft_r2c",
    promote=AS_GIVEN,
    self=_fft_r2c_backward,
    tangent=LINEAR,
)
fft_c2r = op(
    "FftC2RBackward0",
    "fft_c2r(self, dim, normalization, last_dim_size)",
    aten="_fft_c2r",
    promote=AS_GIVEN,
    self=_fft_c2r_backward,
    writes={"self": 1},
    tangent=LINEAR,
)
