"""The operators of Tensor with their reflected and in-place forms."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..tensor import Tensor


def _radd(self: Tensor, other: Any) -> Any:
    return ops.add.operator(self, other)


def _rsub(self: Tensor, other: Any) -> Any:
    return ops.rsub.operator(self, other)


def _pow(self: Tensor, exponent: Any) -> Any:
    if isinstance(exponent, Tensor):
        return ops.pow.operator(self, exponent)
    return ops.pow_scalar(self, exponent)


OPERATORS = {
    "__add__": ops.add.operator,
    "__radd__": _radd,
    "__sub__": ops.sub.operator,
    "__rsub__": _rsub,
    "__mul__": ops.mul.operator,
    "__rmul__": ops.mul.operator,
    "__truediv__": ops.div.operator,
    "__pow__": _pow,
    "__neg__": ops.neg,
    "__eq__": ops.eq.operator,
    "__ne__": ops.ne.operator,
    "__iadd__": ops.add.inplace,
    "__isub__": ops.sub.inplace,
    "__imul__": ops.mul.inplace,
    "__itruediv__": ops.div.inplace,
}

for _name, _function in OPERATORS.items():
    setattr(Tensor, _name, _function)
