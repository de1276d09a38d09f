"""Tensors among other objects: NumPy, DLPack, iteration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ops
from ..backend_registry import chosen_backend
from ..tensor import Tensor
from .creation import leaf
from .registration import function, method, publish

LAZY = "Can't call numpy() on Tensor that has {} bit set. Use tensor.resolve_{}().numpy() instead."
REQUIRES_GRAD = (
    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
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
    for name, bit, is_set in (
        ("conj", "conjugate", ops.is_conj(self)),
        ("neg", "negative", ops.is_neg(self)),
    ):
        if is_set and not force:
            raise RuntimeError(LAZY.format(bit, name))
        self = self.detach().clone() if is_set else self
    return self._backend.to_ndarray(self._owned())


@method
def __array__(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """Return a NumPy array, of another dtype if asked."""
    array = numpy(self)
    if dtype is not None and array.dtype != dtype:
        return array.astype(dtype)
    return array.copy() if copy else array


publish(OBJECT_PRIORITY, "__array_priority__", "Tensor")


# DLPack -------------------------------------------------------------------------------------------


@method
def __dlpack__(self: Tensor, **options: Any) -> Any:
    """Return a capsule on the tensor's memory.

    Raises:
        BufferError: the tensor requires a gradient, or is a conjugate view (torch's texts).
    """
    if self.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if ops.is_conj(self):
        raise BufferError("Can't export tensors with the conjugate bit set")
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


# Questions ----------------------------------------------------------------------------------------


@function
def is_tensor(obj: Any) -> bool:
    """Whether an object is a Tensor."""
    return isinstance(obj, Tensor)


@function
def numel(input: Tensor) -> int:
    """Return the number of elements."""
    return input.numel()
