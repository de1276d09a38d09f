"""Short-time Fourier transforms and their inverse, as torch composes them."""

from __future__ import annotations

from .. import ops
from ..engine.views import seen_whole
from ..tensor import Given, Tensor
from ..warn_once import warn_once


@seen_whole
def centered(window: Tensor | None, like: Tensor, n_fft: int, win_length: int) -> Tensor | None:
    """Return a window (ones by default) in the middle of ``n_fft`` points, zeros around it."""
    if win_length == n_fft:
        return window
    left = (n_fft - win_length) // 2
    zeros = ops.new_zeros(like if window is None else window, (n_fft,))
    middle = ops.slice(zeros, 0, left, left + win_length, 1)
    if window is None:
        ops.fill_inplace.inplace(middle, 1)
    else:
        ops.copy.inplace(middle, window)
    return zeros


@seen_whole
def spectra(
    frames: Tensor, window: Tensor | None, normalized: bool, onesided: bool | None
) -> Tensor:
    """Transform frames (batch, frame, point), weighted, to (batch, frequency, frame).

    Raises:
        RuntimeError: half of the spectrum is asked for where it is not symmetric (torch's text).
    """
    if window is not None:
        frames = ops.mul(frames, window)
    is_complex = frames._dtype.is_complex
    if onesided is None:
        onesided = not is_complex
    last = (frames.ndim - 1,)
    if is_complex:
        refuse_half(onesided)
        made = ops.fft_c2c(frames, last, int(normalized), True)
    else:
        made = ops.fft_r2c(frames, last, int(normalized), onesided)
    transposed: Tensor = ops.transpose_inplace.inplace(made, 1, 2)
    return transposed


def refuse_half(onesided: bool) -> None:
    """Refuse one half of a spectrum that has no symmetry (torch's text)."""
    if onesided:
        raise RuntimeError("Cannot have onesided output if window or input is complex")


def signals(
    frames: Tensor, n_fft: int, normalized: bool, onesided: bool, to_complex: bool
) -> Tensor:
    """Transform spectra (batch, frame, frequency) back to frames."""
    scale = 1 if normalized else 2
    last = frames.ndim - 1
    if to_complex:
        refuse_half(onesided)
        return ops.fft_c2c(frames, (last,), scale, False)
    if not onesided:
        frames = ops.slice(frames, Given(last, -1), 0, n_fft // 2 + 1, 1)
    return ops.fft_c2r(frames, (last,), scale, n_fft)


def overlapped(frames: Tensor, window: Tensor, hop_length: int) -> tuple[Tensor, Tensor]:
    """Add weighted frames up where they lie in the signal; and the squares of the window."""
    batch, count, n_fft = frames._array.shape
    length = n_fft + hop_length * (count - 1)
    weighted = ops.mul(frames, ops.view(window, (1, 1, n_fft)))
    total = ops.unfold_backward(weighted, (batch, length), 1, n_fft, hop_length)
    squares = ops.expand(ops.pow_scalar(window, 2), (1, count, n_fft))
    return total, ops.unfold_backward(squares, (1, length), 1, n_fft, hop_length)


def cut(total: Tensor, envelope: Tensor, start: int, end: int) -> tuple[Tensor, Tensor]:
    """Cut both along the signal; a negative end counts from behind."""
    length = total._array.shape[1]
    stop = min(length, max(start, end + length if end < 0 else end))
    stop = Given(stop, end)
    return ops.slice(total, 1, start, stop, 1), ops.slice(envelope, 1, start, stop, 1)


def lengthened(signal: Tensor, missing: int) -> Tensor:
    """Put zeros behind the signal, with torch's warning, where it is shorter than was asked for."""
    if missing <= 0:
        return signal
    warn_once(
        "The length of signal is shorter than the length parameter. Result is being padded with "
        "zeros in the tail. Please check your center and hop_length settings.",
        stacklevel=4,
    )
    return ops.constant_pad_nd(signal, (0, missing), 0)
