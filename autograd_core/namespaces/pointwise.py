"""torch's pointwise functions and methods."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..tensor import Tensor
from .registration import accepts_out, function, method, unary

for _name in ("neg", "exp", "log", "sin", "cos"):
    unary(_name, getattr(ops, _name))


@function
@method
@accepts_out
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha * other."""
    return ops.add(input, other) if alpha == 1 else ops.add_scaled(input, other, alpha)


@method
def add_(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Add alpha * other in place."""
    if alpha == 1:
        return ops.add.inplace(input, other)
    return ops.add_scaled.inplace(input, other, alpha)


@function
@method
@accepts_out
def mul(input: Any, other: Any) -> Tensor:
    """input * other."""
    return ops.mul(input, other)


method(ops.mul.inplace, name="mul_")
