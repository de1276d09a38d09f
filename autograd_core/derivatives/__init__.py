"""``op()``: from one entry of the table to a checked node class and a fast call.

    mul = op(
        "MulBackward0", "mul(self, other)",
        self=lambda xp, grad, other: grad * xp.conj(other),
        other=lambda xp, grad, self: grad * xp.conj(self),
        tangent=lambda xp, self, other, self_t, other_t: self_t * other + other_t * self,
    )

The first word is torch's node name (empty for an op without gradient), the second the kernel and
its arguments. Every tensor argument is a keyword: a formula, or a word that says why it has none.
"""

from __future__ import annotations

from .entry import (
    ANY_BOOL,
    AS_GIVEN,
    HIDDEN,
    INT_TO_FLOAT,
    JOINT,
    LINEAR,
    NON_DIFFERENTIABLE,
    NUMBER,
    OPERAND,
    POINTWISE,
    PROMOTE,
    Entry,
    Refusal,
    TableError,
    no_kernel,
)
from .table import op

__all__ = [
    "ANY_BOOL",
    "AS_GIVEN",
    "HIDDEN",
    "INT_TO_FLOAT",
    "JOINT",
    "LINEAR",
    "NON_DIFFERENTIABLE",
    "NUMBER",
    "OPERAND",
    "POINTWISE",
    "PROMOTE",
    "Entry",
    "Refusal",
    "TableError",
    "no_kernel",
    "op",
]
