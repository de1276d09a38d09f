"""What a tensor says of itself, besides its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd_conformance.arrays import ITEM_SIZES
from autograd_conformance.transfer import dtype_name


@dataclass(frozen=True)
class Facts:
    """What an output tensor says about itself right after the forward call."""

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    is_leaf: bool
    requires_grad: bool
    output_nr: int
    version: int
    is_view: bool
    is_contiguous: bool
    storage_offset: int
    grad_fn: str | None
    shares_memory_with: tuple[int, ...]


def _storage_start(tensor: Any) -> int:
    size = ITEM_SIZES[dtype_name(tensor)]
    return int(tensor.data_ptr()) - int(tensor.storage_offset()) * size


def facts_of(tensor: Any, inputs: list[Any]) -> Facts:
    """The facts of a tensor; memory that it shares is looked for among the inputs."""
    shape = tuple(int(n) for n in tensor.shape)
    strided = getattr(tensor, "layout", None) is None or "strided" in str(tensor.layout)
    strides = tuple(int(n) for n in tensor.stride()) if strided else ()
    shared: tuple[int, ...] = ()
    if strided and 0 not in shape:
        start = _storage_start(tensor)
        shared = tuple(
            i
            for i, t in enumerate(inputs)
            if 0 not in tuple(t.shape) and _storage_start(t) == start
        )
    return Facts(
        dtype=dtype_name(tensor),
        shape=shape,
        strides=strides,
        is_leaf=bool(tensor.is_leaf),
        requires_grad=bool(tensor.requires_grad),
        output_nr=int(tensor.output_nr),
        version=int(tensor._version),
        is_view=bool(tensor._is_view()),
        is_contiguous=bool(tensor.is_contiguous()) if strided else True,
        storage_offset=int(tensor.storage_offset()) if strided else 0,
        grad_fn=None if tensor.grad_fn is None else tensor.grad_fn.name(),
        shares_memory_with=shared,
    )
