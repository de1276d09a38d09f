"""What is done to a gradient on every edge: summed to the shape and cast to the dtype it is of.

A dtype of None leaves gradients as they are.
"""

from __future__ import annotations

from typing import Any

from ..sizes import broadcast_shapes
from ..tensor import Tensor
from .node import Node
from .views import differentiable_xp

REAL_AND_COMPLEX = (
    "Expected isFloatingType(grad.scalar_type()) || (input_is_complex == grad_is_complex) to be "
    "true, but got false.  (Could this error message be improved?  If so, please report an "
    "enhancement request to PyTorch.)"
)
"""What torch says of complex gradients of real numbers, and the other way round."""


def validate_raw(
    value: Any, shape: tuple[int, ...], dtype: Any, target: Node, source: Node, index: int
) -> Any:
    """Return a raw gradient summed to the shape and cast to the dtype of what it is of.

    Of a complex one for real numbers the real part is summed, as torch's formulas give it.
    """
    xp = target._backend
    wanted = None
    if dtype is not None and value.dtype != dtype:
        wanted = xp.dtype_of_native(dtype)
        if not wanted.is_complex and xp.dtype(value).is_complex:
            if not source.gives_real_parts:
                raise RuntimeError(REAL_AND_COMPLEX)
            value = xp.real(value)
    if value.shape != shape:
        _check_expandable(shape, value.shape, source, index)
        value = sum_to(xp, value, shape)
    return value if wanted is None else xp.cast(value, wanted)


def validate_tensor(
    value: Tensor, shape: tuple[int, ...], dtype: Any, target: Node, source: Node | None, index: int
) -> Tensor:
    """Return a gradient Tensor summed to the shape and cast to the dtype of what it is of.

    It comes from a node, or was given for a root.
    """
    xp = differentiable_xp()
    wanted = value._dtype if dtype is None else target._backend.dtype_of_native(dtype)
    if not wanted.is_complex and value._dtype.is_complex:
        if source is not None and not source.gives_real_parts:
            raise RuntimeError(REAL_AND_COMPLEX)
        value = xp.real(value)
    if value._array.shape != shape:
        _check_expandable(shape, value._array.shape, source, index)
        value = sum_to(xp, value, shape)
    return value if value._dtype is wanted else xp.to_dtype(value, wanted)


def _check_expandable(
    shape: tuple[int, ...], grad_shape: tuple[int, ...], source: Node | None, index: int
) -> None:
    try:
        expandable = broadcast_shapes(shape, grad_shape) == tuple(grad_shape)
    except RuntimeError:
        expandable = False
    if not expandable:
        whose = "" if source is None else f"Function {source.name()} returned an "
        raise RuntimeError(
            f"{whose}invalid gradient at index {index} - got {list(grad_shape)} but expected "
            f"shape compatible with {list(shape)}"
        )


def sum_to(xp: Any, value: Any, shape: tuple[int, ...]) -> Any:
    """Return ``value`` summed over the dims that broadcasting from ``shape`` added or stretched."""
    if not shape:
        return xp.sum_all(value) if value.shape else value
    leading = len(value.shape) - len(shape)
    dims = tuple(range(leading)) + tuple(
        leading + k
        for k, length in enumerate(shape)
        if length == 1 and value.shape[leading + k] != 1
    )
    if dims:
        value = xp.sum(value, dims, True)
    if leading:
        value = xp.view(value, shape)
    return value
