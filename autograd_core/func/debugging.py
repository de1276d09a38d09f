"""A look at what Tensors of transforms hold."""

from __future__ import annotations

from ..engine.levels import GradLevel
from ..tensor import Tensor


def debug_unwrap(tensor: Tensor, *, recurse: bool = True) -> Tensor:
    """Return the Tensor that one of a transform holds, with ``recurse`` the innermost.

    A batch dim shows. The result is to be looked at, not to be computed with.
    """
    level = tensor._backend.level
    if level is None:
        return tensor
    array = tensor._array
    value: Tensor = array if isinstance(level, GradLevel) else array.value
    return debug_unwrap(value) if recurse else value
