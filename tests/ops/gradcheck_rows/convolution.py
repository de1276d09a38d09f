"""Sample calls of convolutions, of windows as columns, and of shuffles."""

from __future__ import annotations

from typing import Any

from .rows import leaf, real_row, row, without_derivative, without_forward


def _flagged(t: Any, x: Any, w: Any, b: Any) -> Any:
    flags = (False, False, False, False)
    return t._convolution(x, w, b, [2], [1], [1], False, [0], 1, *flags)


ROWS = [
    row(
        "conv1d",
        lambda t, x, w, b: t.conv1d(x, w, b, stride=2, padding=1, groups=2),
        leaf(1, 2, 4),
        leaf(2, 1, 3),
        leaf(2),
    ),
    row(
        "conv1d to keep its length",
        lambda t, x, w: t.conv1d(x, w, padding="same"),
        leaf(1, 4),
        leaf(2, 1, 3),
    ),
    row(
        "conv2d",
        lambda t, x, w, b: t.conv2d(x, w, b, stride=(2, 1), padding=(0, 1), dilation=(2, 1)),
        leaf(1, 2, 3, 2),
        leaf(1, 2, 2, 1),
        leaf(1),
    ),
    row(
        "conv3d",
        lambda t, x, w: t.conv3d(x, w, padding=1),
        leaf(1, 1, 1, 1, 2),
        leaf(1, 1, 2, 1, 2),
    ),
    row(
        "conv_transpose1d",
        lambda t, x, w, b: t.conv_transpose1d(x, w, b, stride=2, output_padding=1, groups=2),
        leaf(1, 2, 3),
        leaf(2, 1, 2),
        leaf(2),
    ),
    row(
        "conv_transpose2d",
        lambda t, x, w: t.conv_transpose2d(x, w, padding=(1, 0), dilation=(2, 1)),
        leaf(1, 1, 2, 2),
        leaf(1, 1, 2, 1),
    ),
    row(
        "conv_transpose3d",
        lambda t, x, w: t.conv_transpose3d(x, w, stride=2),
        leaf(1, 1, 1, 2, 1),
        leaf(1, 1, 1, 2, 2),
    ),
    real_row("_convolution", _flagged, leaf(1, 2, 4), leaf(1, 2, 3), leaf(1)),
    real_row(
        "conv_tbc",
        lambda t, x, w, b: t.conv_tbc(x, w, b, 1),
        leaf(2, 1, 2),
        leaf(2, 2, 1),
        leaf(1),
        **without_forward(),
    ),
    row("unfold", lambda t, x: t.nn.functional.unfold(x, (2, 3), padding=1), leaf(1, 2, 2, 3)),
    row(
        "fold",
        lambda t, x: t.nn.functional.fold(x, (3, 4), 2, stride=(1, 2)),
        leaf(1, 4, 4),
    ),
    row("pixel_shuffle", lambda t, x: t.pixel_shuffle(x, 2), leaf(4, 1, 2)),
    row("pixel_unshuffle", lambda t, x: t.pixel_unshuffle(x, 2), leaf(1, 2, 4)),
    row("channel_shuffle", lambda t, x: t.channel_shuffle(x, 3), leaf(1, 6, 1)),
    row(
        "native_channel_shuffle",
        lambda t, x: t.native_channel_shuffle(x, 3),
        leaf(1, 6, 1),
        **without_derivative(),
    ),
]
