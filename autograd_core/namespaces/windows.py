"""torch's windows: weights of the points of a short piece of a signal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .. import dtypes, ops
from ..tensor import Tensor
from .creation import arange, check_options, full
from .registration import function

_LEGACY = {
    "int64": "long int",
    "int32": "int",
    "int16": "short int",
    "int8": "signed char",
    "uint8": "unsigned char",
    "bool": "bool",
}


def _window(
    name: str,
    window_length: int,
    periodic: bool,
    options: dict[str, Any],
    shape: Callable[[Tensor, int], Tensor],
) -> Tensor:
    """Return ``shape(0, 1 ... n - 1; N)`` with N = n, or n - 1 of a symmetric window."""
    if not hasattr(window_length, "__index__"):
        raise TypeError(
            f"{name}(): argument 'window_length' (position 1) must be int, not "
            f"{type(window_length).__name__}"
        )
    known = ("dtype", "layout", "device", "pin_memory", "requires_grad", "backend")
    for key in options:
        if key not in known:
            raise TypeError(f"{name}() got an unexpected keyword argument '{key}'")
    check_options(name, options.get("dtype"), options.get("device"), options.get("layout"))
    dtype = options.get("dtype") or dtypes.get_default_dtype()
    if not dtype.is_inexact:
        raise RuntimeError(
            f"{name} expects floating point dtypes, got: TensorOptions("
            f"dtype={_LEGACY.get(dtype.name, dtype.name)}, device=cpu, layout=Strided (default), "
            "requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))"
        )
    if window_length < 0:
        raise RuntimeError(
            f"{name} requires non-negative window_length, got window_length={window_length}"
        )
    backend = options.get("backend")
    if window_length < 2:
        made: Tensor = full((window_length,), 1, dtype=dtype, backend=backend)
    else:
        points = arange(window_length, dtype=dtype, backend=backend)
        made = shape(points, window_length if periodic else window_length - 1)
    made._requires_grad = bool(options.get("requires_grad"))
    return made


def _hamming(points: Tensor, count: int, alpha: float, beta: float) -> Tensor:
    return ops.add(ops.mul(ops.cos(ops.mul(points, math.pi * 2 / count)), -beta), alpha)


@function
def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """Hann's window, (1 - cos(2 pi k / N)) / 2."""
    return _window(
        *("hann_window", window_length, periodic, options),
        lambda points, count: _hamming(points, count, 0.5, 0.5),
    )


@function
def hamming_window(
    window_length: int,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    **options: Any,
) -> Tensor:
    """Hamming's window, alpha - beta cos(2 pi k / N)."""
    return _window(
        *("hamming_window", window_length, periodic, options),
        lambda points, count: _hamming(points, count, alpha, beta),
    )


@function
def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """Blackman's window, 0.42 - 0.5 cos(2 pi k / N) + 0.08 cos(4 pi k / N)."""

    def shape(points: Tensor, count: int) -> Tensor:
        angle = ops.mul(points, math.pi / count)
        double = ops.mul(ops.cos(ops.mul(angle, 4)), 0.08)
        single = ops.mul(ops.cos(ops.mul(angle, 2)), 0.5)
        return ops.add(ops.sub(double, single), 0.42)

    return _window("blackman_window", window_length, periodic, options, shape)


@function
def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """Bartlett's window: a line up and a line down."""

    def shape(points: Tensor, count: int) -> Tensor:
        slope = ops.mul(points, 2 / count)
        rising = ops.slice(slope, 0, 0, count // 2 + 1, 1)
        falling = ops.slice(slope, 0, count // 2 + 1, window_length, 1)
        return ops.cat([rising, ops.add(ops.mul(falling, -1), 2)], 0)

    return _window("bartlett_window", window_length, periodic, options, shape)


@function
def kaiser_window(
    window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any
) -> Tensor:
    """Kaiser's window, I0(beta sqrt(1 - (2 k / N - 1) ** 2)) / I0(beta)."""

    def shape(points: Tensor, count: int) -> Tensor:
        place = ops.div(ops.sub(points, count / 2), count / 2)
        height = ops.i0(ops.mul(ops.sqrt(ops.rsub_scalar(ops.square(place), 1)), beta))
        return ops.div(height, ops.i0(ops.scalar_like(points, beta)))

    return _window("kaiser_window", window_length, periodic, options, shape)
