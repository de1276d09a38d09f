"""torch's warning where complex numbers become real ones."""

from __future__ import annotations

import warnings

from ..dtypes import DType, bool_


def loses_parts(source: DType, target: DType) -> bool:
    """Whether a cast drops imaginary parts; bools tell from zero by both parts."""
    return source.is_complex and not target.is_complex and target is not bool_


def warn_of_lost_parts(source: DType, target: DType, stacklevel: int) -> None:
    """Warn where a cast drops imaginary parts; ``stacklevel`` is the caller's."""
    if loses_parts(source, target):
        warnings.warn(
            "Casting complex values to real discards the imaginary part",
            UserWarning,
            stacklevel=stacklevel + 1,
        )
