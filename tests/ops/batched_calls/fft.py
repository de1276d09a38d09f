"""Calls of Fourier transforms with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import x, z

CALLS: dict[str, list[list[Any]]] = {
    "fft_c2c": [[z(2, 3), (0, 1), 0, True], [z(4), (0,), 1, False]],
    "fft_r2c": [[x(2, 4), (0,), 0, True], [x(5), (0,), 2, False]],
    "fft_c2r": [[z(2, 3), (0, 1), 2, 4]],
}
