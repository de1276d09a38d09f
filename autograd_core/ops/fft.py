"""Fourier transforms: kernel, gradient of the input, tangent."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, LINEAR, op
from .fft_formulas import fft_c2r_backward, fft_r2c_backward

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
    self=fft_r2c_backward,
    tangent=LINEAR,
)
fft_c2r = op(
    "FftC2RBackward0",
    "fft_c2r(self, dim, normalization, last_dim_size)",
    aten="_fft_c2r",
    promote=AS_GIVEN,
    self=fft_c2r_backward,
    writes={"self": 1},
    tangent=LINEAR,
)
