"""Sample calls of Fourier transforms."""

from __future__ import annotations

from .rows import leaf, real_row, row

ROWS = [
    row("fft", lambda t, x: t.fft.fft(x * (1 + 2j), dim=0), leaf(5, 2)),
    row("ifft2 padded", lambda t, x: t.fft.ifft2(x * 1j, (4, 3), norm="ortho"), leaf(3, 4)),
    real_row("rfft", lambda t, x: t.fft.rfft(x), leaf(2, 5)),
    real_row("rfftn of an even number", lambda t, x: t.fft.rfftn(x, norm="forward"), leaf(3, 4)),
    row("fft of real numbers", lambda t, x: t.fft.fft(x), leaf(4)),
    row("irfft", lambda t, x: t.fft.irfft(x * (1 + 2j)), leaf(4)),
    row("irfft of an odd number", lambda t, x: t.fft.irfft(x * (1 + 2j), 5), leaf(3)),
    row("hfft2", lambda t, x: t.fft.hfft2(x * (2 - 1j), norm="ortho"), leaf(3, 3)),
]
