"""Bounds of elements: clamp, its like, and how they refuse."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES, DType
from ..ops.comparison import CLAMP_COMPLEX
from ..tensor import C_NAMES, Tensor
from ..type_promotion import can_cast, result_dtype
from .creation import number_for
from .overloads import no_overload
from .registration import accepts_out, alias, function, method, require_tensor


def _clamp_op(input: Tensor, min: Any, max: Any) -> Any:
    """Return the op for two bounds, of which one may be None."""
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        if input._dtype.is_complex:
            raise CLAMP_COMPLEX.error(CLAMP_COMPLEX.text)
        return ops.clamp_tensor
    return ops.clamp


@function
@method
@accepts_out(elementwise=True)
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Bounded by numbers or by tensors."""
    require_tensor("clamp", input)
    op = _clamp_op(input, min, max)
    if op is ops.clamp:
        min, max = _fitting(input, min, max)
    return op(input, min, max)


@function
@method
def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Bound in place."""
    op = _clamp_op(input, min, max)
    if op is ops.clamp:
        check_bounds(input, [bound for bound in (min, max) if bound is not None])
        min, max = _fitting(input, min, max)
    return op.inplace(input, min, max)


def _made(input: Tensor, numbers: list[Any]) -> DType:
    own = [input._dtype]
    return result_dtype(own if input.ndim else (), own, numbers)


def _fitting(input: Tensor, *bounds: Any) -> list[Any]:
    """Return the bounds as elements of what the input is promoted to, which they must fit."""
    made = _made(input, [bound for bound in bounds if bound is not None])
    if made.is_complex:
        return list(bounds)  # which is refused
    return [bound if bound is None else number_for(bound, made) for bound in bounds]


def check_bounds(input: Tensor, numbers: list[Any]) -> None:
    """Refuse numbers that make of the input what it cannot hold; torch names its C++ type here."""
    made = _made(input, numbers)
    if not can_cast(made, input._dtype):
        raise RuntimeError(
            f"result type {LEGACY_NAMES[made]} can't be cast to the desired output type "
            f"{C_NAMES[input._dtype.name]}"
        )


def _one_bound(name: str, number_op: Any, tensor_op: Any) -> None:
    """Publish ``clamp_min`` or ``clamp_max``."""
    parameter = name.removeprefix("clamp_")
    signatures = [
        f"Tensor input, {kind} {parameter}, *, Tensor out = None" for kind in ("Tensor", "Number")
    ]

    def bounded(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        bound = args[0] if args else kwargs[parameter]
        if not isinstance(input, Tensor):
            raise no_overload(name, (input, bound), signatures)
        if isinstance(bound, Tensor):
            return tensor_op(input, bound)
        return number_op(input, *_fitting(input, bound))

    def bounded_(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        bound = args[0] if args else kwargs[parameter]
        if isinstance(bound, Tensor):
            return tensor_op.inplace(input, bound)
        check_bounds(input, [bound])
        return number_op.inplace(input, *_fitting(input, bound))

    bounded.__name__ = bounded.__qualname__ = name
    bounded_.__name__ = bounded_.__qualname__ = f"{name}_"
    function(accepts_out(bounded))
    method(bounded)
    function(bounded_)
    method(bounded_)


_one_bound("clamp_min", ops.clamp_min, ops.clamp_min_tensor)
_one_bound("clamp_max", ops.clamp_max, ops.clamp_max_tensor)

alias("clip", "clamp")
