"""Sample calls of padding."""

from __future__ import annotations

from typing import Any

from .rows import leaf, row


def _padded(shape: tuple[int, ...], pad: tuple[int, ...], mode: str) -> Any:
    return row(
        f"{mode} pad of {len(pad) // 2}",
        lambda t, x: t.nn.functional.pad(x, pad, mode),
        leaf(*shape),
    )


ROWS = [
    row("constant pad", lambda t, x: t.nn.functional.pad(x, (1, 0, -1, 2), value=1.5), leaf(2, 2)),
    *[
        _padded(shape, pad, mode)
        for mode in ("reflect", "replicate", "circular")
        for shape, pad in (
            ((2, 3), (1, 2)),
            ((1, 3, 2), (1, -1, 2, 0)),
            ((1, 2, 2, 3), (2, 1, 1, 0, 0, 1)),
        )
    ],
]
