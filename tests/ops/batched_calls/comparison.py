"""Calls of ops of comparison with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from .arguments import b, i, x

CALLS: dict[str, list[list[Any]]] = {
    "where": [[b(2, 3), x(2, 3), x(3)], [b(3), x(2, 3), 0.5]],
    "clamp_tensor": [[x(2, 3), x(3, high=0.4), x(2, 3, low=0.6)]],
    **{
        name: [[i(5, 2, 3, low=1), i(5, 2, 3, low=1)]]
        for name in (
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "bitwise_left_shift",
            "bitwise_right_shift",
            "gcd",
            "lcm",
        )
    },
    "bitwise_not": [[i(5, 2, 3)]],
}
