"""torch's short-time Fourier transform and its inverse."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..composites import stft as composites
from ..dtypes import LEGACY_NAMES
from ..engine.views import count_inner_write, seen_whole
from ..tensor import Tensor
from ..warn_once import warn_once
from .overloads import no_overload
from .padding import pad
from .registration import function, method
from .shape import checked_geometry


def _shown(value: Any) -> str:
    """Return an option as torch's messages show it."""
    return "None" if value is None else str(int(value))


def _window_shown(window: Tensor | None) -> str:
    if window is None:
        return "None"
    return f"torch.{LEGACY_NAMES[window._dtype]}Tensor{{{list(window._array.shape)}}}"


def _call_shown(name: str, kind: str, input: Tensor, options: dict[str, Any]) -> str:
    """Return the call as torch's messages repeat it."""
    kind = kind.format(LEGACY_NAMES[input._dtype])
    listed = [f"{key}={value}" for key, value in options.items()]
    return f"{name}({kind}{list(input._array.shape)}, {', '.join(listed)})"


_STFT_OVERLOADS = (
    "Tensor input, int n_fft, int hop_length = None, int win_length = None, Tensor window = None, "
    'bool center = True, str pad_mode = "reflect", bool normalized = False, bool onesided = None, '
    "bool return_complex = None, bool align_to_window = None",
    "Tensor input, int n_fft, int hop_length = None, int win_length = None, Tensor window = None, "
    "bool normalized = False, bool onesided = None, bool return_complex = None, "
    "bool align_to_window = None",
)


def _check_stft(
    input: Tensor, shown: str, n_fft: int, hop: int, win_length: int, window: Tensor | None
) -> None:
    if not input._dtype.is_inexact:
        raise RuntimeError(f"{shown} : expected a tensor of floating point or complex values")
    if input.ndim not in (1, 2):
        raise RuntimeError(f"{shown} : expected a 1D or 2D tensor")
    length = input._array.shape[-1]
    if not 0 < n_fft <= length:
        raise RuntimeError(f"{shown} : expected 0 < n_fft < {length}, but got n_fft={n_fft}")
    if hop <= 0:
        raise RuntimeError(f"{shown} : expected hop_length > 0, but got hop_length={hop}")
    if not 0 < win_length <= n_fft:
        raise RuntimeError(
            f"{shown} : expected 0 < win_length <= n_fft, but got win_length={win_length}"
        )
    if window is not None and tuple(window._array.shape) != (win_length,):
        raise RuntimeError(
            f"{shown} : expected a 1D window tensor of size equal to win_length={win_length}, but "
            f"got window with size {list(window._array.shape)}"
        )


@function
@method
@seen_whole
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """The Fourier transforms of windows of ``n_fft`` points, one every ``hop_length``.

    Args:
        input: (time) or (batch, time).
        n_fft: points of a transform.
        hop_length: points from one window to the next; ``n_fft // 4`` by default.
        win_length: points of ``window``, which stands in the middle of the ``n_fft``.
        window: weights; ones by default.
        center: whether window t is centered at point ``t * hop_length``, of an input that is
            padded on both sides in the ``pad_mode``.
        pad_mode: a mode of ``nn.functional.pad``.
        normalized: whether the transforms are divided by the root of ``n_fft``.
        onesided: whether only the first half of the frequencies is given, as is for real numbers.
        return_complex: False gives real and imaginary parts as a last dim.
        align_to_window: whether there are as many windows as fit by ``win_length``.

    Returns:
        (frequency, frame), after the batch dim of the input.

    Raises:
        RuntimeError: sizes do not go together (torch's texts).
    """
    given = (
        *(input, n_fft, hop_length, win_length, window),
        *(normalized, onesided, return_complex, align_to_window),
    )
    if any(not hasattr(n, "__index__") for n in given[1:4] if n is not None) or any(
        not isinstance(flag, bool) for flag in given[5:] if flag is not None
    ):
        raise no_overload("stft", given, _STFT_OVERLOADS)
    if center:
        if align_to_window is not None:
            raise RuntimeError("stft align_to_window should only be set when center = false")
        shape = tuple(input._array.shape)
        half = n_fft // 2
        wide = ops.view(input, (1,) * (3 - len(shape)) + shape)
        padded = pad(wide, [half, half], pad_mode)
        input = ops.view(padded, tuple(padded._array.shape)[3 - len(shape) :])
    if window is None:
        warn_once(
            "A window was not provided. A rectangular window will be applied,which is known to "
            "cause spectral leakage. Other windows such as torch.hann_window or "
            "torch.hamming_window are recommended to reduce spectral leakage.To suppress this "
            "warning and use a rectangular window, explicitly set `window=torch.ones(n_fft, "
            "device=<device>)`.",
            stacklevel=2,
        )
    hop = n_fft >> 2 if hop_length is None else hop_length
    points = n_fft if win_length is None else win_length
    to_complex = return_complex
    if to_complex is None:
        to_complex = input._dtype.is_complex or (window is not None and window._dtype.is_complex)
    if not to_complex:
        _warn_of_real(return_complex)
    options = {
        "n_fft": n_fft,
        "hop_length": hop,
        "win_length": points,
        "window": _window_shown(window),
        "normalized": _shown(normalized),
        "onesided": _shown(onesided),
        "return_complex": _shown(return_complex),
        "align_to_window": _shown(align_to_window),
    }
    shown = _call_shown("stft", "torch.{}Tensor", input, options)
    _check_stft(input, shown, n_fft, hop, points, window)
    frames = _framed(input, n_fft, hop, points if align_to_window else None)
    _refuse_halves(input)
    window = composites.centered(window, input, n_fft, points)
    made = composites.spectra(frames, window, normalized, onesided)
    if input.ndim == 1:
        made = ops.squeeze_dim_inplace.inplace(made, 0)
    return made if to_complex else ops.view_as_real(made)


def _warn_of_real(given: bool | None) -> None:
    if given is None:
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and will further "
            "require that return_complex=True in a future PyTorch release."
        )
    warn_once(
        "stft with return_complex=False is deprecated. In a future pytorch release, stft will "
        "return complex tensors for all inputs, and return_complex=False will raise an error.\n"
        "Note: you can still call torch.view_as_real on the complex output to recover the old "
        "return format.",
        stacklevel=3,
    )


def _refuse_halves(input: Tensor) -> None:
    real = input._dtype.to_real()
    if real.itemsize < 4:
        raise RuntimeError(f"MKL FFT doesn't support tensors of type: {LEGACY_NAMES[real]}")


def _framed(input: Tensor, n_fft: int, hop: int, aligned_to: int | None) -> Tensor:
    """View the frames of a signal (batch, frame, point)."""
    if input.ndim == 1:
        input = ops.unsqueeze(input, 0)
    span = n_fft
    batch, length = input._array.shape
    if aligned_to is not None:
        span = aligned_to
        side = (n_fft - span) // 2
        input = ops.constant_pad_nd(input, (side, side), 0)
    row, step = input.stride()
    size = (batch, 1 + (length - span) // hop, n_fft)
    return ops.as_strided(input, *checked_geometry(input, size, (row, hop * step, step), None))


def _check_istft(
    input: Tensor,
    parts: Tensor,
    shown: str,
    onesided: bool | None,
    sizes: tuple[int, int, int],
    window: Tensor | None,
) -> bool:
    """Refuse what does not go together; return whether the input is one half of the spectrum."""
    n_fft, hop, points = sizes
    if not parts.numel():
        raise RuntimeError(f"{shown} : input tensor cannot be empty.")
    if parts.ndim not in (3, 4):
        raise RuntimeError(
            f"{shown} : expected a tensor with 3 or 4 dimensions, but got {parts.ndim}"
        )
    have = input._array.shape[-2]
    half = have != n_fft if onesided is None else onesided
    if have != (n_fft // 2 + 1 if half else n_fft):
        wanted = "n_fft / 2 + 1 when onesided=True" if half else "n_fft when onesided=False"
        raise RuntimeError(
            f"{shown} : expected the frequency dimension (3rd to the last) of the input tensor to "
            f"match {wanted}, but got {have}"
        )
    if not 0 < hop <= points:
        raise RuntimeError(f"{shown} : expected 0 < hop_length <= win_length")
    if not 0 < points <= n_fft:
        raise RuntimeError(f"{shown} : expected 0 < win_length <= n_fft")
    if window is not None and tuple(window._array.shape) != (points,):
        raise RuntimeError(
            f"{shown} : Invalid window shape. window has to be 1D and length of `win_length`"
        )
    return half


@function
@method
@seen_whole
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal that comes nearest to having these short-time transforms.

    Args:
        input: complex, (frequency, frame) or (batch, frequency, frame), as ``stft`` gives it.
        n_fft, hop_length, win_length, window, center, normalized, onesided: those of ``stft``.
        length: how much of the signal is given; zeros fill it up.
        return_complex: whether the signal is complex.

    Returns:
        (time), after the batch dim of the input.

    Raises:
        RuntimeError: sizes do not go together, or the windows leave gaps (torch's texts).
    """
    if window is None:
        warn_once(
            "A window was not provided. A rectangular window will be applied.Please provide the "
            "same window used by stft to make the inversion lossless.To suppress this warning and "
            "use a rectangular window, explicitly set `window=torch.ones(n_fft, "
            "device=<device>)`.",
            stacklevel=2,
            kind="istft without a window",
        )
    hop = n_fft >> 2 if hop_length is None else hop_length
    points = n_fft if win_length is None else win_length
    if not input._dtype.is_complex:
        raise RuntimeError(
            "istft requires a complex-valued input tensor matching the output from stft with "
            "return_complex=True."
        )
    parts = ops.view_as_real(ops.resolve_conj(input))
    if parts.ndim < 3:
        raise IndexError("Dimension out of range (expected to be in range of [-2, 1], but got -3)")
    options = {
        "n_fft": n_fft,
        "hop_length": hop,
        "win_length": points,
        "window": _window_shown(window),
        "center": _shown(center),
        "normalized": _shown(normalized),
        "onesided": _shown(onesided),
        "length": _shown(length),
        "return_complex": _shown(return_complex),
    }
    shown = _call_shown("istft", "CPU{}Type", input, options)
    half = _check_istft(input, parts, shown, onesided, (n_fft, hop, points), window)
    if window is None:
        weights = ops.ones_like(ops.new_zeros(parts, (points,)))
        count_inner_write(weights)  # torch fills an empty one
    else:
        weights = window
    if points != n_fft:
        left = (n_fft - points) // 2
        weights = ops.constant_pad_nd(weights, (left, n_fft - points - left), 0)
    _refuse_halves(input)
    batched = parts if parts.ndim == 4 else ops.unsqueeze(parts, 0)
    frames = ops.view_as_complex(ops.transpose(batched, 1, 2))
    if not return_complex and window is not None and window._dtype.is_complex:
        raise RuntimeError("Complex windows are incompatible with return_complex=False")
    frames = composites.signals(frames, n_fft, normalized, half, return_complex)
    total, envelope = composites.overlapped(frames, weights, hop)
    whole = total._array.shape[1]
    start = n_fft // 2 if center else 0
    if length is not None:
        end = start + length
    else:
        end = -(n_fft // 2) if center else whole
    total, envelope = composites.cut(total, envelope, start, end)
    if not envelope.numel():
        raise RuntimeError(
            "min(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )
    if float(ops.min_all(ops.abs(envelope.detach()))) < 1e-11:
        raise RuntimeError(f"{shown} window overlap add min: 1\n[ CPUBoolType{{}} ]")
    made = ops.div(total, envelope)
    if parts.ndim == 3:
        made = ops.squeeze_dim(made, 0)
    return composites.lengthened(made, end - whole)
