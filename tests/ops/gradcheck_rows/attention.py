"""Sample calls of attention."""

from __future__ import annotations

from typing import Any

from .rows import NO_DERIVATIVE, leaf, real_row, without_forward


def _call(**options: Any) -> Any:
    return lambda t, q, k, v: t.nn.functional.scaled_dot_product_attention(
        q,
        k,
        v,
        **{n: t.tensor(o, dtype=t.float64) if n == "attn_mask" else o for n, o in options.items()},
    )


ROWS = [
    *(
        real_row(
            " ".join(["scaled_dot_product_attention", *options]),
            _call(**options),
            leaf(1, 2, 3, 2),
            leaf(1, heads, 2, 2),
            leaf(1, heads, 2, 2),
            second=NO_DERIVATIVE,
            **without_forward(),
        )
        for heads, options in (
            (2, {}),
            (2, {"is_causal": True}),
            (2, {"attn_mask": [[0.5, -0.5], [0.25, -1.0], [0.0, 1.0]], "scale": 0.3}),
            (1, {"enable_gqa": True}),
        )
    ),
    real_row(
        "scaled_dot_product_attention without a batch",
        _call(),
        leaf(3, 2),
        leaf(2, 2),
        leaf(2, 2),
    ),
]
