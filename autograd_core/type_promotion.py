"""torch's promotion lattice: the dtype in which mixed operands are computed.

Source: the torch documentation, "Tensor Attributes", type promotion.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, Final

from . import dtypes
from .dtypes import LEGACY_NAMES, DType

_INTEGERS: Final = (dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64)


def _promote(a: DType, b: DType) -> DType:
    if a is b:
        return a
    if a.category > b.category:
        a, b = b, a
    if b.category == 3:
        if a.category < 2:
            return b
        if dtypes.float64 in (a, a.to_real()) or b is dtypes.complex128:
            return dtypes.complex128
        return dtypes.complex64
    if b.category == 2:
        if a.category < 2:
            return b
        if a.itemsize == b.itemsize:
            return dtypes.float32  # float16 with bfloat16
        return a if a.itemsize > b.itemsize else b
    if b.category == 1:
        if a.category == 0:
            return b
        if dtypes.uint8 in (a, b):
            other = b if a is dtypes.uint8 else a
            return dtypes.int16 if other is dtypes.int8 else other
        return _INTEGERS[max(_INTEGERS.index(a), _INTEGERS.index(b))]
    return b


_TABLE: Final = {
    (a, b): _promote(a, b) for a in dtypes.BY_NAME.values() for b in dtypes.BY_NAME.values()
}


def promote_types(type1: DType, type2: DType) -> DType:
    """Return the smallest dtype that both dtypes convert to by torch's lattice."""
    return _TABLE[type1, type2]


def can_cast(from_: DType, to: DType) -> bool:
    """Whether torch lets values of ``from_`` be written into a tensor of dtype ``to``."""
    if from_.category > to.category:
        return False
    return not (from_.category == 1 and to.category == 0)


def no_gradient_of(dtype: DType) -> RuntimeError:
    """Return torch's error for a result that would be recorded in a dtype that has no gradient."""
    return RuntimeError(f"Autograd not support dtype: {LEGACY_NAMES[dtype]}")


def check_can_cast(from_: DType, to: DType) -> None:
    """Raise torch's RuntimeError where values of ``from_`` are not written into dtype ``to``."""
    if from_ is not to and not can_cast(from_, to):
        raise RuntimeError(
            f"result type {LEGACY_NAMES[from_]} can't be cast to the desired output type "
            f"{LEGACY_NAMES[to]}"
        )


def result_dtype(
    dimensioned: Iterable[DType], zero_dim: Iterable[DType], wrapped: Iterable[Any]
) -> DType:
    """Return the dtype of an operation on mixed operands.

    ``dimensioned`` are the dtypes of the operands with dimensions, ``zero_dim`` those of 0-d
    operands, ``wrapped`` the Python numbers. A lower class of operand decides only when its
    category is above that of the higher ones.
    """
    result: DType | None = None
    for group in (dimensioned, zero_dim, map(dtypes.dtype_of_number, wrapped)):
        joined: DType | None = None
        for dtype in group:
            joined = dtype if joined is None else _TABLE[joined, dtype]
        if joined is not None and (result is None or joined.category > result.category):
            if result is not None and joined.category == 3 and result.category == 2:
                # A complex 0-d operand or number takes the precision of the real operands.
                joined = (
                    _TABLE[result, dtypes.complex64] if result.itemsize <= 4 else dtypes.complex128
                )
            result = joined
    if result is None:
        raise ValueError("result_dtype needs at least one operand")
    return result


def loses_parts(source: DType, target: DType) -> bool:
    """Whether a cast drops imaginary parts; bools tell from zero by both parts."""
    return source.is_complex and not target.is_complex and target is not dtypes.bool_


def warn_of_lost_parts(source: DType, target: DType, stacklevel: int) -> None:
    """Warn where a cast drops imaginary parts; ``stacklevel`` is the caller's."""
    if loses_parts(source, target):
        warnings.warn(
            "Casting complex values to real discards the imaginary part",
            UserWarning,
            stacklevel=stacklevel + 1,
        )
