"""torch's changes of what a tensor holds: resize_ within its storage, set_ to another one."""

from __future__ import annotations

from typing import Any

from .. import sizes
from ..batching import member_by_member
from ..batching.arrays import Batched
from ..engine import views
from ..engine.levels import mapped_over
from ..engine.modes import forward_level, modes
from ..engine.node import LEAF_SEQUENCE_NR, Node, gradient_edge, like
from ..engine.tangents import is_dual
from ..tensor import C_NAMES, LazyTensor, Tensor, memory_format
from ..versions import bump_version, inference
from .new_tensors import size_of, strides_in
from .overloads import no_overload
from .registration import function, method, placed


@method
def resize_(self: Tensor, *size: Any, memory_format: memory_format | None = None) -> Tensor:
    """Change the shape; elements beyond the old storage are of any value.

    Raises:
        RuntimeError: the tensor requires a gradient, or a length is negative (torch's texts).
    """
    if self.requires_grad and not inference.enabled:
        raise RuntimeError("cannot resize variables that require grad")
    if forward_level.current is not None and is_dual(self):
        raise RuntimeError("cannot resize variables that has a forward grad")
    shape = size_of(size)
    if mapped_over(self):
        held: Batched = self._array
        held.value.resize_(held.value._array.shape[0], *shape)
        return self
    if any(n < 0 for n in shape):
        raise RuntimeError("numel: integer multiplication overflow")
    if tuple(self._array.shape) == shape and memory_format is None:
        return self
    row_major = sizes.row_major(shape)
    changed = tuple(self._array.shape) != shape
    self._array = placed(self, shape, row_major, self.storage_offset())
    if memory_format is not None:
        stride = strides_in(self, memory_format) or row_major
        self._array = placed(self, shape, stride, self.storage_offset())
    if changed:
        bump_version(self)
    return self


@function
@method
@member_by_member("resize_as_", inplace=True)
def resize_as_(
    self: Tensor, the_template: Tensor, *, memory_format: memory_format | None = None
) -> Tensor:
    """Change the shape to that of another tensor."""
    return resize_(self, *the_template._array.shape, memory_format=memory_format)


class NotImplementedNode(Node):
    """The history of a tensor that was written by an op without a derivative."""

    __slots__ = ("op",)
    __module__ = "builtins"  # as torch's
    qualified_name = "torch::autograd::NotImplemented"
    always_runs = True

    def __init__(self, op: str, output: Tensor, *inputs: Tensor) -> None:
        super().__init__()
        self.op = op
        self.hooked = True  # for runs that count: by its number it would run too soon
        self._backend = output._backend
        self.sequence_nr = LEAF_SEQUENCE_NR
        self._outputs = like(output._array.shape, output._array.dtype)
        self.next_edges = tuple(map(gradient_edge, inputs))

    def apply_raw(self, grads: list[Any]) -> Any:
        raise RuntimeError(f"derivative for {self.op} is not implemented")

    apply_tensors = apply_raw


NotImplementedNode.__name__ = NotImplementedNode.__qualname__ = "NotImplemented"


_SIGNATURES = [
    "",
    "torch.Storage source",
    "torch.Storage source, int storage_offset, tuple of ints size, tuple of ints stride = None",
    "Tensor source",
    "Tensor source, int storage_offset, tuple of ints size, tuple of ints stride = None",
]


@method
@member_by_member("set_.source_Tensor", inplace=True)
def set_(
    self: Tensor,
    source: Tensor | None = None,
    storage_offset: int = 0,
    size: Any = None,
    stride: Any = None,
) -> Tensor:
    """Make the tensor one on the storage of another, as it lies there or with a given geometry.

    The two share memory from now on, but count versions apart. Backward through the result raises.

    Raises:
        TypeError: the source is no tensor.
        RuntimeError: the dtypes differ, or a leaf requires a gradient (torch's texts).
    """
    if source is not None and not isinstance(source, Tensor):
        raise no_overload("set_", (source,), _SIGNATURES)
    if source is not None and source._dtype is not self._dtype:
        raise RuntimeError(
            f"Could not set tensor of type {C_NAMES[source._dtype.name]} to a tensor of type "
            f"{C_NAMES[self._dtype.name]}"
        )
    given = () if source is None else (source,)
    needs_grad = any(map(views.requires_grad, given))
    views.check_inplace(self, needs_grad)
    records = bool(modes.grad_enabled) and (needs_grad or views.requires_grad(self))
    if source is None:
        array = self._backend.full((0,), 0, self._dtype)
    else:
        array = source._owned()
        if size is not None:
            shape = size_of((size,))
            strides = sizes.row_major(shape) if stride is None else tuple(stride)
            array = placed(source, shape, strides, storage_offset)
    node = NotImplementedNode("set_", self, self, *given) if records else None
    self._array = array
    bump_version(self)
    if node is not None:
        node._outputs = like(array.shape, array.dtype)
        views.rebase_history(self, node)
    return self


@method
def is_set_to(self: Tensor, tensor: Tensor) -> bool:
    """Whether both lie at the same place with the same shape and strides; lazy ones lie nowhere."""
    if LazyTensor in (type(self), type(tensor)):
        return False
    if not self.numel() and self._version_counter is not tensor._version_counter:
        return False  # an address of nothing tells no two storages apart
    return (
        self._backend.data_ptr(self._owned()) == tensor._backend.data_ptr(tensor._owned())
        and self._array.shape == tensor._array.shape
        and bool(self.stride() == tensor.stride())
    )
