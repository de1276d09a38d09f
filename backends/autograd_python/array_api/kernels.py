"""The backend whose kernels carry the namespace, and the dims that a caller means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from .. import PythonBackend
from ..array import Array
from ..layout import broadcast_shapes

Raw = Array
"""An array of the backend."""

kernels: Final[Any] = PythonBackend()
"""Typed as Any: a kernel of the contract takes and gives arrays of any backend."""

Scalar = bool | int | float | complex


class AxisError(ValueError, IndexError):
    """An axis that the array does not have."""


def axis_of(axis: int, ndim: int) -> int:
    """Return an axis counted from the front; raises AxisError where there is none."""
    if not -ndim <= axis < ndim:
        raise AxisError(f"axis {axis} is out of bounds for an array of {ndim} dimensions")
    return axis % ndim


def axes_of(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """Return axes counted from the front, all of them for None; each may be named once."""
    if axis is None:
        return tuple(range(ndim))
    if isinstance(axis, int):
        return (axis_of(axis, ndim),)
    axes = tuple([axis_of(one, ndim) for one in axis])
    if len(set(axes)) < len(axes):
        raise ValueError(f"an axis is named twice in {tuple(axis)}")
    return axes


def common_shape(*shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape that arrays broadcast to; raises ValueError if there is none."""
    return broadcast_shapes(shapes)


def flat(raw: Raw) -> Raw:
    """Return the elements in row-major order, 1-d."""
    return kernels.reshape(raw, (-1,))  # type: ignore[no-any-return]
