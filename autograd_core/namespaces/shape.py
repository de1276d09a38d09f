"""torch's movement functions, views, copies and casts."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..sizes import Size, inferred, view_strides
from ..tensor import Tensor
from .registration import function, method


def size_of(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return sizes given one by one or as one sequence."""
    if len(args) == 1 and isinstance(args[0], (tuple, list, Size)):
        args = tuple(args[0])
    return tuple(int(n) for n in args)


@method
def view(self: Tensor, *size: Any) -> Tensor:
    """See the same elements under another shape."""
    shape = inferred(size_of(size), self.numel())
    if view_strides(self._array.shape, self.stride(), shape) is None:
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return ops.view(self, shape)


@function
@method
def clone(input: Tensor) -> Tensor:
    """Copy."""
    return ops.clone(input)


@function
@method
def as_strided(input: Tensor, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """View of the storage with any geometry."""
    if storage_offset is None:
        storage_offset = input.storage_offset()
    return ops.as_strided(input, tuple(size), tuple(stride), storage_offset)
