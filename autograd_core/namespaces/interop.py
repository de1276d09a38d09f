"""Tensors among other objects: NumPy, DLPack, iteration, copying and pickling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ops
from ..backend_registry import chosen_backend
from ..dtypes import DType
from ..tensor import Tensor
from .creation import leaf
from .registration import function, method

REQUIRES_GRAD = (
    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
)
NOT_A_LEAF = (
    "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at "
    "the moment.  If you were attempting to deepcopy a module, this may be because of a "
    "torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001"
)
OBJECT_PRIORITY = 1000
"""NumPy's operators leave operands of a higher priority than its own to their own operators."""


@method
def numpy(self: Tensor, *, force: bool = False) -> Any:
    """Return a NumPy array on the tensor's memory; other backends than NumPy's copy.

    Raises:
        RuntimeError: the tensor requires a gradient and ``force`` is not set (torch's text).
        TypeError: NumPy has no such dtype.
        NotImplementedError: the backend knows no NumPy.
    """
    if self.requires_grad and not force:
        raise RuntimeError(REQUIRES_GRAD)
    if self._dtype.name == "bfloat16":
        raise TypeError("Got unsupported ScalarType BFloat16")
    return self._backend.to_ndarray(self._owned())


@method
def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """Return a NumPy array, of another dtype if asked."""
    array = numpy(self)
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


Tensor.__array_priority__ = OBJECT_PRIORITY  # type: ignore[attr-defined]


# DLPack -------------------------------------------------------------------------------------------


@method
def __dlpack__(self: Tensor, **options: Any) -> Any:
    """Return a capsule on the tensor's memory.

    Raises:
        BufferError: the tensor requires a gradient (torch's text).
    """
    if self.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return self._backend.to_ndarray(self._owned()).__dlpack__(**options)


@method
def __dlpack_device__(self: Tensor) -> tuple[int, int]:
    """Return the DLPack pair of the CPU."""
    return (1, 0)


@function
def from_dlpack(ext_tensor: Any, *, backend: Any = None) -> Tensor:
    """Return a tensor on the memory of an object that speaks DLPack.

    Raises:
        RuntimeError: it does not.
    """
    if not hasattr(ext_tensor, "__dlpack__"):
        raise RuntimeError(
            "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed "
            "only once, so you might have already constructed a tensor from it once."
        )
    chosen = chosen_backend(backend)
    array = chosen.from_dlpack(ext_tensor)
    return leaf(array, chosen.dtype(array), chosen)


# Iteration ----------------------------------------------------------------------------------------


@method
def __iter__(self: Tensor) -> Iterator[Tensor]:
    """Iterate over the first dim.

    Raises:
        TypeError: there is none (torch's text).
    """
    if self.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter(self.unbind(0))


@method
def __reversed__(self: Tensor) -> Tensor:
    """Return the tensor with its first dim reversed; a 0-d tensor as it is."""
    return self if self.ndim == 0 else ops.flip(self, (0,))


# Copying and pickling -----------------------------------------------------------------------------


@method
def __deepcopy__(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """Return a new leaf with copies of value, layout, gradient and attributes.

    Raises:
        RuntimeError: the tensor is not a leaf (torch's text).
    """
    if not self.is_leaf:
        raise RuntimeError(NOT_A_LEAF)
    if id(self) in memo:
        found: Tensor = memo[id(self)]
        return found
    backend = self._backend
    made = leaf(backend.clone_storage(self._owned()), self._dtype, backend)
    made._requires_grad = self.requires_grad
    memo[id(self)] = made
    if self._grad is not None:
        made._grad = __deepcopy__(self._grad, memo)
    return made


@method
def __copy__(self: Tensor) -> Tensor:
    """Return another leaf on the same memory."""
    made = self.detach()
    made._version_counter = [0]
    made._requires_grad = self.requires_grad
    return made


@method
def __reduce_ex__(self: Tensor, protocol: Any) -> Any:
    """Pickle value, dtype, strides, requires_grad and the backend by name."""
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) can be pickled; "
            "use tensor.detach()."
        )
    backend = self._backend
    shape = tuple(self._array.shape)
    return _rebuilt, (
        backend.to_flat(self._array),
        shape,
        self.stride(),
        self._dtype,
        self.requires_grad,
        backend.name,
    )


def _rebuilt(
    flat: list[Any],
    shape: tuple[int, ...],
    stride: tuple[int, ...],
    dtype: DType,
    requires_grad: bool,
    backend: str,
) -> Tensor:
    """Return a pickled tensor; one that overlapped in memory comes back row-major."""
    chosen = chosen_backend(backend)
    array = chosen.from_flat(flat, shape, dtype)
    if not any(step == 0 and n > 1 for n, step in zip(shape, stride, strict=True)):
        array = chosen.clone_strided(array, stride)
    return leaf(array, dtype, chosen, requires_grad)


@function
def is_tensor(obj: Any) -> bool:
    """Whether an object is a Tensor."""
    return isinstance(obj, Tensor)


@function
def numel(input: Tensor) -> int:
    """Return the number of elements."""
    return input.numel()
