"""The extension for Fourier transforms, over the backend's transforms of the last dims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from autograd_core.dtypes import DType

from . import creation, manipulation
from .array import Array, Device, own
from .data_types import COMPLEX, FLOATING, REAL_FLOATING, require
from .kernels import Raw, axes_of, kernels

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]

Norm = Literal["backward", "ortho", "forward"]

_FORWARD = {"backward": 0, "ortho": 1, "forward": 2}
"""How the kernels scale a forward transform: not at all, by the root of the count, by the count."""
_REVERSED: dict[str, Norm] = {"backward": "forward", "ortho": "ortho", "forward": "backward"}


def _scaling(norm: Norm, forward: bool) -> int:
    if norm not in _FORWARD:
        raise ValueError(f"norm is one of {', '.join(_FORWARD)}, not {norm!r}")
    return _FORWARD[norm if forward else _REVERSED[norm]]


def _resized(raw: Raw, dims: Sequence[int], sizes: Sequence[int]) -> Raw:
    """Return an array cut, or filled up with zeros, to sizes along dims."""
    for dim, size in zip(dims, sizes, strict=True):
        if size < 1:
            raise ValueError(f"no Fourier transform is of {size} points")
        own_size = raw.shape[dim]
        if size < own_size:
            raw = kernels.slice(raw, dim, 0, size, 1)
        elif size > own_size:
            shape = (*raw.shape[:dim], size - own_size, *raw.shape[dim + 1 :])
            raw = kernels.cat([raw, kernels.full(shape, 0, raw.dtype)], dim)
    return raw


def _dims(x: Array, s: Sequence[int] | None, axes: Sequence[int] | None) -> tuple[int, ...]:
    """Return the dims of a transform over several: all, or the last ones if only ``s`` is given."""
    if axes is not None:
        dims = axes_of(axes, x.ndim)
    elif s is not None:
        dims = axes_of(range(-len(s), 0), x.ndim)
    else:
        dims = tuple(range(x.ndim))
    if s is not None and len(s) != len(dims):
        raise ValueError(f"{len(s)} sizes for {len(dims)} axes")
    return dims


def _complex(
    function: str,
    x: Array,
    s: Sequence[int] | None,
    axes: Sequence[int] | None,
    norm: Norm,
    forward: bool,
) -> Array:
    raw = own(function, x)
    require(function, x.dtype, COMPLEX + REAL_FLOATING)
    dims = _dims(x, s, axes)
    raw = kernels.cast(raw, x.dtype.to_complex())
    raw = _resized(raw, dims, [x.shape[d] for d in dims] if s is None else s)
    return Array(kernels.fft_c2c(raw, dims, _scaling(norm, forward), forward))


def _to_real(
    function: str, x: Array, s: Sequence[int] | None, axes: Sequence[int] | None, norm: Norm
) -> Array:
    """The inverse transform of the half of a Hermitian spectrum."""
    raw = own(function, x)
    require(function, x.dtype, COMPLEX + REAL_FLOATING)
    dims = _dims(x, s, axes)
    if not dims:
        raise ValueError(f"{function} needs an axis")
    sizes = [x.shape[d] for d in dims] if s is None else list(s)
    last = 2 * (x.shape[dims[-1]] - 1) if s is None else sizes[-1]
    sizes[-1] = last // 2 + 1
    raw = _resized(kernels.cast(raw, x.dtype.to_complex()), dims, sizes)
    return Array(kernels.fft_c2r(raw, dims, _scaling(norm, False), last))


def _of_real(
    function: str, x: Array, s: Sequence[int] | None, axes: Sequence[int] | None, norm: Norm
) -> Array:
    raw = own(function, x)
    require(function, x.dtype, REAL_FLOATING)
    dims = _dims(x, s, axes)
    if not dims:
        raise ValueError(f"{function} needs an axis")
    raw = _resized(raw, dims, [x.shape[d] for d in dims] if s is None else s)
    return Array(kernels.fft_r2c(raw, dims, _scaling(norm, True), True))


def _one(n: int | None) -> Sequence[int] | None:
    return None if n is None else (n,)


def fft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Return the transform along an axis, of ``n`` points."""
    return _complex("fft", x, _one(n), (axis,), norm, True)


def ifft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Return the inverse of `fft`."""
    return _complex("ifft", x, _one(n), (axis,), norm, False)


def fftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """Return the transform along several axes, of ``s`` points."""
    return _complex("fftn", x, s, axes, norm, True)


def ifftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """Return the inverse of `fftn`."""
    return _complex("ifftn", x, s, axes, norm, False)


def rfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Return the first half of the transform of real numbers; the rest mirrors it."""
    return _of_real("rfft", x, _one(n), (axis,), norm)


def irfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Return the inverse of `rfft`, ``n`` real numbers."""
    return _to_real("irfft", x, _one(n), (axis,), norm)


def rfftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """Return the transform of real numbers along axes, its first half along the last one."""
    return _of_real("rfftn", x, s, axes, norm)


def irfftn(
    x: Array,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Norm = "backward",
) -> Array:
    """Return the inverse of `rfftn`."""
    return _to_real("irfftn", x, s, axes, norm)


def hfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Return the real transform of the first half of ``n`` numbers that mirror it, conjugated."""
    mirrored = Array(kernels.conj(own("hfft", x)))
    _scaling(norm, True)
    return _to_real("hfft", mirrored, _one(n), (axis,), _REVERSED[norm])


def ihfft(x: Array, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Array:
    """Return the inverse of `hfft`."""
    _scaling(norm, True)
    return Array(kernels.conj(_of_real("ihfft", x, _one(n), (axis,), _REVERSED[norm]).raw))


def _frequencies(
    places: Sequence[int], n: int, d: float, dtype: DType | None, device: Device | None
) -> Array:
    require("fftfreq", dtype or FLOATING, REAL_FLOATING)
    return creation.asarray(
        [place / (n * d) for place in places], dtype=dtype or FLOATING, device=device
    )


def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType | None = None, device: Device | None = None
) -> Array:
    """Return the frequencies of `fft` of ``n`` samples, ``d`` apart."""
    half = (n + 1) // 2
    return _frequencies([*range(half), *range(half - n, 0)], n, d, dtype, device)


def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DType | None = None, device: Device | None = None
) -> Array:
    """Return the frequencies of `rfft` of ``n`` samples, ``d`` apart."""
    return _frequencies(range(n // 2 + 1), n, d, dtype, device)


def fftshift(x: Array, /, *, axes: int | Sequence[int] | None = None) -> Array:
    """Return frequencies with zero in the middle."""
    return _shifted("fftshift", x, axes, forward=True)


def ifftshift(x: Array, /, *, axes: int | Sequence[int] | None = None) -> Array:
    """Return the inverse of `fftshift`."""
    return _shifted("ifftshift", x, axes, forward=False)


def _shifted(function: str, x: Array, axes: int | Sequence[int] | None, forward: bool) -> Array:
    require(function, own(function, x).dtype, COMPLEX + REAL_FLOATING)
    dims = axes_of(axes, x.ndim)
    shifts = [x.shape[d] // 2 if forward else -(x.shape[d] // 2) for d in dims]
    return manipulation.roll(x, tuple(shifts), axis=dims)
