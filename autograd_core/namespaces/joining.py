"""torch's joining: cat and its relatives, grids, products and combinations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..batching.whole_functions import member_by_member
from ..composites import movement as composed
from ..dtypes import LEGACY_NAMES
from ..engine.memory_overlap import refuse_internal_overlap
from ..tensor import Tensor
from ..type_promotion import can_cast
from .deprecations import warn_deprecated
from .registration import accepts_out, function


def _members(tensors: Any, name: str) -> list[Tensor]:
    """Return the tensors of a list.

    Raises:
        TypeError: it is none, or holds something else (torch's text).
    """
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(
            f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not "
            f"{type(tensors).__name__}"
        )
    for k, member in enumerate(tensors):
        if not isinstance(member, Tensor):
            raise TypeError(
                f"expected Tensor as element {k} in argument 0, but got {type(member).__name__}"
            )
    return list(tensors)


def cat(tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Tensor:
    """Join along a dim."""
    members = _members(tensors, "cat")
    if not members:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    if out is not None:
        refuse_internal_overlap(out)
        for member in members:
            _refuse_shared(out, member)
            if not can_cast(member._dtype, out._dtype):
                raise TypeError(
                    "torch.cat(): input types can't be cast to the desired output type "
                    f"{LEGACY_NAMES[out._dtype]}"
                )
    dim = dim if axis is None else axis

    def joined(tensors: list[Tensor]) -> Tensor:
        return composed.cat(tensors, dim)

    joined.__name__ = "cat"
    write: Any = accepts_out(joined)
    result: Tensor = write(members, out=out)
    return result


def _refuse_shared(out: Tensor, member: Tensor) -> None:
    """Refuse an output that shares elements with an input (torch's text)."""
    spans = []
    for tensor in (out, member):
        size = tensor._dtype.itemsize
        start = tensor._backend.data_ptr(tensor._owned())
        reach = sum(s * (n - 1) for n, s in zip(tensor.shape, tensor.stride(), strict=True))
        spans.append((start, start + (reach + 1) * size if tensor.numel() else start))
    (first, last), (start, end) = spans
    if member is out or (first < end and start < last):
        raise RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor "
            "refer to a single memory location. Please clone() the tensor before performing the "
            "operation."
        )


for _name in ("cat", "concat", "concatenate"):
    function(cat, name=_name)


@function
@accepts_out
def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Join along a new dim."""
    members = _members(tensors, "stack")
    if not members:
        raise RuntimeError("stack expects a non-empty TensorList")
    return composed.stack(members, dim)


def _stacking(one: Callable[[Sequence[Tensor]], Tensor]) -> Any:
    name = one.__name__

    def stacked(tensors: Any) -> Tensor:
        members = _members(tensors, name)
        if not members:
            raise RuntimeError(f"{name} expects a non-empty TensorList")
        return one(members)

    stacked.__name__ = stacked.__qualname__ = name
    stacked.__doc__ = one.__doc__
    return accepts_out(stacked)


for _function in (composed.hstack, composed.vstack, composed.dstack, composed.column_stack):
    function(_stacking(_function))
function(_stacking(composed.vstack), name="row_stack")


@function
def block_diag(*tensors: Any) -> Tensor:
    """Join along the diagonal of one matrix."""
    for k, member in enumerate(tensors):
        if member.ndim > 2:
            raise RuntimeError(
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input "
                f"{k} has {member.ndim} dimensions"
            )
    return ops.block_diag(list(tensors))


@function
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """View 1-d tensors expanded to the grid of all."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for member in tensors:
        if member.ndim > 1:
            raise RuntimeError(
                f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {member}"
            )
    for member in tensors[1:]:
        if member._dtype is not tensors[0]._dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(
            'torch.meshgrid: indexing must be one of "xy" or "ij", but received: ' + str(indexing)
        )
    if indexing is None:
        warn_deprecated("meshgrid")
    return composed.meshgrid(tensors, indexing or "ij")


def _line(input: Tensor) -> Tensor:
    if input.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input._array.shape)}")
    return input


@function
def cartesian_prod(*tensors: Tensor) -> Tensor:
    """Return all tuples with one element of each tensor."""
    return composed.cartesian_prod([_line(member) for member in tensors])


@function
def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Return all ways of taking ``r`` elements in order."""
    _line(input)
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    return composed.combinations(input, r, with_replacement)


@function
@member_by_member("vander")
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers 0, 1 ... N - 1 of every element as a row, from right to left by default."""
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x._array.shape[0] if N is None else operator.index(N)
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    return composed.vander(x if x._dtype.is_inexact else x.long(), count, increasing)
