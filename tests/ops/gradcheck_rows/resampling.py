"""Sample calls of resizing in every mode."""

from __future__ import annotations

from typing import Any

from .rows import Row, leaf, real_row


def _row(mode: str, dims: int, **options: Any) -> Row:
    """Resize dims of 2, 4 and 3 elements to 3, 2 and 5."""
    larger, smaller = (3, 2, 5)[:dims], (2, 4, 3)[:dims]
    name = " ".join([mode, f"{dims}d", *options])
    return real_row(
        name,
        lambda t, x: t.nn.functional.interpolate(x, larger, mode=mode, **options),
        leaf(1, 2, *smaller),
    )


ROWS = [
    *(_row(mode, dims) for mode in ("nearest", "nearest-exact") for dims in (1, 2, 3)),
    _row("linear", 1),
    _row("linear", 1, align_corners=True),
    _row("bilinear", 2),
    _row("trilinear", 3),
    _row("bicubic", 2),
    _row("bicubic", 2, align_corners=True),
    _row("bilinear", 2, antialias=True),
    _row("bicubic", 2, antialias=True),
    _row("lanczos", 2, antialias=True),
]
