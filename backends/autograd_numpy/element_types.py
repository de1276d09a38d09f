"""The pairing of the core's dtypes with NumPy's, and rounding to the 16-bit ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_core import dtypes
from autograd_core.dtypes import DType

Array = Any


def _bfloat16() -> np.dtype[Any]:
    """Pair bfloat16 with ml_dtypes' type; imported here, so that only its users need it."""
    import ml_dtypes

    native: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
    NATIVE[dtypes.bfloat16] = native
    DTYPE[native] = dtypes.bfloat16
    WIDE[native] = np.dtype(np.float32)
    EXACT[native] = np.dtype(np.float32)
    return native


class _Native(dict[DType, np.dtype[Any]]):
    def __missing__(self, dtype: DType) -> np.dtype[Any]:
        if dtype is dtypes.bfloat16:
            return _bfloat16()
        raise KeyError(dtype)


class _ByNative(dict[np.dtype[Any], DType]):
    def __missing__(self, native: np.dtype[Any]) -> DType:
        if native.name == "bfloat16":
            _bfloat16()
            return dtypes.bfloat16
        raise TypeError(f"no dtype for NumPy arrays of {native}")


NATIVE = _Native(
    {
        dtype: np.dtype(dtype.name)
        for dtype in dtypes.BY_NAME.values()
        if dtype is not dtypes.bfloat16
    }
)
DTYPE = _ByNative({native: dtype for dtype, native in NATIVE.items()})

REAL = (NATIVE[dtypes.float32], NATIVE[dtypes.float64])
"""The real numbers that NumPy itself computes with, by blocks where there are many."""

# What sums and products of a dtype are computed in before one rounding; others compute in their
# own. The 16-bit floats have 11 and 8 bits, so a sum of them in their own type is soon lost.
WIDE: dict[np.dtype[Any], np.dtype[Any]] = {np.dtype(np.float16): np.dtype(np.float32)}

# The same for running sums and products, where torch widens every floating type on the CPU.
EXACT: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(np.float16): np.dtype(np.float32),
    np.dtype(np.float32): np.dtype(np.float64),
    np.dtype(np.complex64): np.dtype(np.complex128),
}


def convert(input: Array, native: np.dtype[Any], order: Any = "K") -> Array:
    """Return a new array of dtype ``native``, with torch's rules for lossy conversions."""
    if input.dtype.kind == "c" and native.kind != "c":
        if native.kind == "b":
            return input != 0
        input = input.real
    if native.itemsize == 2 and input.dtype == np.float64 and native.kind not in "iu":
        input = input.astype(np.float32, order=order)  # torch rounds twice, by way of float32
    return input.astype(native, order=order)
