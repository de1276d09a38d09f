"""Sample calls of what moves elements into a new tensor."""

from __future__ import annotations

from .rows import leaf, real_row, row, without_forward

ROWS = [
    row("cat", lambda t, x, y: t.cat([x, y], 1), leaf(2, 1), leaf(2, 2)),
    row("stack", lambda t, x, y: t.stack([x, y], 1), leaf(2, 2), leaf(2, 2)),
    row("block_diag", lambda t, x, y, z: t.block_diag(x, y, z), leaf(1, 2), leaf(2), leaf()),
    real_row(
        "_pack_padded_sequence",
        lambda t, x: t._pack_padded_sequence(x, t.tensor([3, 1]), False)[0],
        leaf(3, 2, 2),
        **without_forward(),
    ),
    row("flip", lambda t, x: t.flip(x, [0]), leaf(3, 2)),
    row("roll", lambda t, x: t.roll(x, (1, -1), (0, 1)), leaf(3, 2)),
    row("rot90", lambda t, x: t.rot90(x, 3), leaf(3, 2)),
    row("repeat", lambda t, x: x.repeat(2, 1, 3), leaf(2, 2)),
    row("diag_embed", lambda t, x: t.diag_embed(x, 1), leaf(2, 2)),
    row("tril", lambda t, x: t.tril(x, 1), leaf(3, 3)),
    row("triu", lambda t, x: t.triu(x, -1), leaf(3, 3)),
    row("trace", lambda t, x: t.trace(x), leaf(3, 2)),
]
