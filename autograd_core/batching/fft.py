"""Batching of Fourier transforms."""

from __future__ import annotations

from .rules import along, give

give(along("dim"), "fft_c2c", "fft_r2c", "fft_c2r")
