"""Derived kernels of Fourier transforms in literals."""

from __future__ import annotations

from typing import Any

GAUSS = [1 + 0j, 1j, -1 + 0j, -1j]
ROWS: list[tuple[str, list[Any], Any]] = [
    ("fft_c2c", [GAUSS, (0,), 0, True], [0j, 4 + 0j, 0j, 0j]),
    ("fft_c2c", [GAUSS, (0,), 1, False], [0j, 0j, 0j, 2 + 0j]),
    (
        "fft_c2c",
        [[[1 + 0j, 2 + 0j], [3 + 0j, 5 + 0j]], (0,), 2, True],
        [[2 + 0j, 3.5 + 0j], [-1 + 0j, -1.5 + 0j]],
    ),
    ("fft_c2c", [[2 + 1j], (), 0, True], [2 + 1j]),
    ("fft_r2c", [[1.0, 2.0, 4.0, 8.0], (0,), 0, True], [15 + 0j, -3 + 6j, -5 + 0j]),
    ("fft_r2c", [[1.0, 2.0, 4.0, 8.0], (0,), 0, False], [15 + 0j, -3 + 6j, -5 + 0j, -3 - 6j]),
    ("fft_c2r", [[15 + 7j, -3 + 6j, -5 + 9j], (0,), 2, 4], [1.0, 2.0, 4.0, 8.0]),
    ("fft_c2r", [[6 + 0j, -1.5 + 0j], (0,), 2, 3], [1.0, 2.5, 2.5]),
    ("dft_of_real", [[1.0, 3.0], 1, 0, True], [4 + 0j, -2 + 0j]),
    ("dft_to_real", [[4 + 0j, -2 + 0j], 2, 2], [1.0, 3.0]),
]
