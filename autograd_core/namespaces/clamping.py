"""Bounds of elements: clamp, its like, and how they refuse."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES
from ..ops.comparison import CLAMP_COMPLEX
from ..tensor import C_NAMES, Tensor
from ..type_promotion import can_cast, result_dtype
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
    return _clamp_op(input, min, max)(input, min, max)


@function
@method
def clamp_(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Bound in place."""
    op = _clamp_op(input, min, max)
    if op is ops.clamp:
        check_bounds(input, [bound for bound in (min, max) if bound is not None])
    return op.inplace(input, min, max)


def check_bounds(input: Tensor, numbers: list[Any]) -> None:
    """Refuse numbers that make of the input what it cannot hold; torch names its C++ type here."""
    own = [input._dtype]
    made = result_dtype(own if input.ndim else (), own, numbers)
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
        return (tensor_op if isinstance(bound, Tensor) else number_op)(input, bound)

    def bounded_(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        bound = args[0] if args else kwargs[parameter]
        if isinstance(bound, Tensor):
            return tensor_op.inplace(input, bound)
        check_bounds(input, [bound])
        return number_op.inplace(input, bound)

    bounded.__name__ = bounded.__qualname__ = name
    bounded_.__name__ = bounded_.__qualname__ = f"{name}_"
    function(accepts_out(bounded))
    method(bounded)
    function(bounded_)
    method(bounded_)


_one_bound("clamp_min", ops.clamp_min, ops.clamp_min_tensor)
_one_bound("clamp_max", ops.clamp_max, ops.clamp_max_tensor)

alias("clip", "clamp")
