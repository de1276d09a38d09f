"""The operators of Tensor with their reflected and in-place forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..engine.modes import modes
from ..tensor import Tensor
from .pointwise import positive
from .registration import publish

Operator = Callable[..., Any]
_KNOWN = (Tensor, int, float, complex)


def _reflected(op: Operator) -> Operator:
    """Return the operator with its operands exchanged."""

    def operator(self: Tensor, other: Any) -> Any:
        return op(other, self)

    return operator


def _by_kind(op: Any, number_op: Any) -> Operator:
    """Return the operator of an op that is another one for a Python number."""
    of_tensors = op.operator

    def operator(self: Tensor, other: Any) -> Any:
        if isinstance(other, (int, float, complex)):
            return number_op(self, other)
        return of_tensors(self, other)

    return operator


def _inplace(op: Any, number_op: Any = None) -> Operator:
    """Return the in-place operator, which leaves operands that torch does not know alone."""

    def operator(self: Tensor, other: Any) -> Any:
        if not isinstance(other, _KNOWN):
            return NotImplemented
        if number_op is not None and not isinstance(other, Tensor):
            return number_op.inplace(self, other)
        return op.inplace(self, other)

    return operator


def _exchanged(op: Any, name: str) -> Operator:
    """Return the reflected operator of an op that gives the same either way round."""
    of_tensors = op.operator

    def operator(self: Tensor, other: Any) -> Any:
        if not isinstance(self, Tensor):
            raise TypeError(
                f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a "
                f"'{type(self).__name__}' object"
            )
        return of_tensors(self, other)

    return operator


def _rsub(self: Tensor, other: Any) -> Any:
    if not isinstance(other, (int, float, complex)):
        return ops.rsub.operator(self, other)
    if modes.in_formula:
        return ops.sub(ops.full_like(self, other), self)
    return ops.rsub_scalar(self, other)


def _rtruediv(self: Tensor, other: Any) -> Any:
    if not isinstance(other, _KNOWN):
        return NotImplemented
    if modes.in_formula:
        return ops.div(ops.full_like(self, other), self)
    return self.reciprocal() * other


def _rpow(self: Tensor, other: Any) -> Any:
    if not isinstance(other, _KNOWN):
        return NotImplemented
    return ops.pow(other, self) if isinstance(other, Tensor) else ops.pow_base(other, self)


def _rmod(self: Tensor, other: Any) -> Any:
    if not isinstance(other, _KNOWN):
        return NotImplemented
    op = ops.remainder if isinstance(other, Tensor) else ops.remainder_of_number
    return op(other, self)


def _invert(self: Tensor) -> Tensor:
    if self._dtype.is_inexact:
        raise TypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
        )
    inverted: Tensor = ops.bitwise_not(self)
    return inverted


OPERATORS: dict[str, Operator] = {
    "__add__": ops.add.operator,
    "__radd__": _exchanged(ops.add, "__radd__"),
    "__iadd__": _inplace(ops.add),
    "__sub__": ops.sub.operator,
    "__rsub__": _rsub,
    "__isub__": _inplace(ops.sub),
    "__mul__": ops.mul.operator,
    "__rmul__": _exchanged(ops.mul, "__rmul__"),
    "__imul__": _inplace(ops.mul),
    "__truediv__": ops.div.operator,
    "__rtruediv__": _rtruediv,
    "__itruediv__": _inplace(ops.div),
    "__rdiv__": _rtruediv,
    "__idiv__": _inplace(ops.div),
    "__floordiv__": ops.floor_divide.operator,
    "__rfloordiv__": _reflected(ops.floor_divide.operator),
    "__ifloordiv__": _inplace(ops.floor_divide),
    "__mod__": _by_kind(ops.remainder, ops.remainder_scalar),
    "__rmod__": _rmod,
    "__imod__": _inplace(ops.remainder, ops.remainder_scalar),
    "__pow__": _by_kind(ops.pow, ops.pow_scalar),
    "__rpow__": _rpow,
    "__ipow__": _inplace(ops.pow, ops.pow_scalar),
    "__neg__": ops.neg,
    "__pos__": positive,
    "__abs__": ops.abs,
    "__invert__": _invert,
    "__eq__": ops.eq.operator,
    "__ne__": ops.ne.operator,
    "__lt__": ops.lt.operator,
    "__le__": ops.le.operator,
    "__gt__": ops.gt.operator,
    "__ge__": ops.ge.operator,
}
for _symbol, _op in {
    "and": ops.bitwise_and,
    "or": ops.bitwise_or,
    "xor": ops.bitwise_xor,
    "lshift": ops.bitwise_left_shift,
    "rshift": ops.bitwise_right_shift,
}.items():
    OPERATORS[f"__{_symbol}__"] = _op.operator
    OPERATORS[f"__r{_symbol}__"] = _reflected(_op.operator)
    OPERATORS[f"__i{_symbol}__"] = _inplace(_op)

for _name, _function in OPERATORS.items():
    publish(_function, _name, "Tensor")
