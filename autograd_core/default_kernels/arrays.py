"""Derived functions of arrays themselves: questions, transfer, random numbers."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from ..dtypes import BY_NAME, DType
from ..sizes import Layout, numel, pointwise_strides, row_major

if TYPE_CHECKING:
    from ..generator import Generator

Array = Any

CODES = {
    "bool": "?",
    "uint8": "B",
    "int8": "b",
    "int16": "h",
    "int32": "i",
    "int64": "q",
    "float16": "e",
    "bfloat16": "f",
    "float32": "f",
    "float64": "d",
    "complex64": "f",
    "complex128": "d",
}
"""The struct code of an element; a complex one is two of them, a bfloat16 the upper half of one."""


class ArrayDefaults:
    """Derived array functions of the backend contract."""

    _dtypes_of_native: dict[Any, DType] | None = None

    def dtype_of_native(self: Any, dtype: Any) -> DType:
        """The dtype of arrays whose ``dtype`` attribute is ``dtype``."""
        table: dict[Any, DType] | None = self._dtypes_of_native
        if table is None:
            table = self._dtypes_of_native = {self.native_dtype(d): d for d in BY_NAME.values()}
        found: DType = table[dtype]
        return found

    def is_whole(self, input: Array) -> bool:
        """Whether the array is surely all of a storage that only references to it share.

        The engine takes such an array for one that it may write when it holds the only reference.
        """
        return False

    def may_repeat(self: Any, input: Array) -> bool:
        """Whether elements of the array may be one in memory, some stride being 0."""
        return 0 in self.strides(input)

    def is_cut(self, input: Array) -> bool:
        """Whether the array surely shares storage with the array that it was cut from.

        Hooks are given such a gradient as a view.
        """
        return False

    def storage_identity(self, input: Array) -> Any:
        """What is equal for arrays exactly when they share memory; None where that is not told."""
        return None

    def are_row_major(self: Any, *arrays: Array | None) -> bool:
        """Whether arrays have the strides of new ones, or show one element everywhere.

        Those of dims of size 1 count, too, in what all are broadcast to: the last one.
        """
        for array in arrays:
            if array is None:
                continue
            strides = self.strides(array)
            if strides != row_major(tuple(array.shape)) and any(strides):
                return False
        return True

    inplace: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    """By the name of a kernel, what writes its result into the first operand, which is storage.

    Tensors among the others have its shape and dtype, and numbers are 0-d arrays.
    """

    straight_lines: ClassVar[Any] = None
    """How compiled functions write calls of kernels, where they need not write the calls."""

    def following(
        self: Any, result: Array, *operands: Array, layout: Layout = pointwise_strides
    ) -> Array:
        """The result of a pointwise kernel, in the layout that its operands tell.

        Of two dims the first operand decides that has them in some order. Backends override it
        that know faster when nothing is to be done.
        """
        shape = tuple(result.shape)
        wanted = layout(
            shape,
            tuple([tuple(operand.shape) for operand in operands]),
            tuple([self.strides(operand) for operand in operands]),
        )
        if wanted == self.strides(result):
            return result
        laid_out = self.empty_strided(shape, wanted, self.dtype(result))
        self.copy_(laid_out, result)
        return laid_out

    def empty(self: Any, shape: tuple[int, ...], dtype: DType) -> Array:
        """A new contiguous array of any content."""
        return self.full(shape, 0, dtype)

    def scalar_like(self: Any, input: Array, value: Any) -> Array:
        """A 0-d operand holding a Python number with the dtype of ``input``."""
        return self.scalar(value, self.dtype(input))

    def as_dtype_of(self: Any, input: Array, other: Array) -> Array:
        """``input`` with the dtype of ``other``, for operands that torch would promote."""
        return self.cast(input, self.dtype(other))

    def item(self: Any, input: Array) -> Any:
        """The only element as a Python number."""
        return self.to_flat(input)[0]

    def is_nonzero(self: Any, input: Array) -> bool:
        """Whether the only element is not zero."""
        return bool(self.to_flat(input)[0])

    def anywhere(self: Any, input: Array) -> bool:
        """Whether an element is not zero; of a batch, in any member."""
        return bool(self.any(input, tuple(range(len(input.shape)))))

    def elements(self: Any, input: Array) -> list[Any]:
        """The elements; of a batch, of all members."""
        return self.to_flat(input)  # type: ignore[no-any-return]

    def is_uniform(self, input: Array) -> bool:
        """Whether this is one array; of a batch, whether all members are the same one."""
        return True

    def truth(self: Any, input: Array, unknown: bool) -> bool:
        """Likewise, for formulas: ``unknown`` is the answer where there is not one for all."""
        return self.is_nonzero(input)  # type: ignore[no-any-return]

    def detached(self, input: Array) -> Array:
        """The array as a tensor outside of every graph holds it."""
        return input

    def from_native(self, data: Any) -> Array | None:
        """The array that holds an array of the backend's library; None for anything else."""
        return None

    # Foreign arrays: a backend on NumPy's memory overrides these ----------------------------------

    def from_ndarray(self: Any, array: Any, dtype: DType) -> Array:
        """A new array with the elements of one of NumPy's kind."""
        return self.from_flat(array.ravel().tolist(), tuple(array.shape), dtype)

    def to_ndarray(self: Any, input: Array) -> Any:
        """A NumPy array on the same memory, where there is such a thing."""
        raise NotImplementedError(
            f"backend {self.name!r} has no NumPy arrays; use tensor.tolist() instead"
        )

    def from_dlpack(self: Any, source: Any) -> Array:
        """An array on the memory of an object that speaks DLPack."""
        raise NotImplementedError(f"backend {self.name!r} does not take DLPack capsules")

    # Bytes: little-endian, without gaps -----------------------------------------------------------

    def to_bytes(self: Any, input: Array) -> bytes:
        """The elements in row-major order as little-endian bytes."""
        dtype = self.dtype(input)
        flat = self.to_flat(input)
        if dtype.is_complex:
            flat = [part for number in flat for part in (number.real, number.imag)]
        data = struct.pack(f"<{len(flat)}{CODES[dtype.name]}", *flat)
        if dtype.name != "bfloat16":
            return data
        upper = bytearray(len(data) // 2)
        upper[::2], upper[1::2] = data[2::4], data[3::4]
        return bytes(upper)

    def from_bytes(self: Any, data: bytes, dtype: DType) -> Array:
        """A new 1-d array of the elements in little-endian bytes."""
        code = CODES[dtype.name]
        if dtype.name == "bfloat16":
            wide = bytearray(2 * len(data))
            wide[2::4], wide[3::4] = data[::2], data[1::2]
            data = bytes(wide)
        flat: list[Any] = [number for (number,) in struct.iter_unpack(f"<{code}", data)]
        if dtype.is_complex:
            flat = list(map(complex, flat[::2], flat[1::2]))
        return self.from_flat(flat, (len(flat),), dtype)

    # Random numbers -------------------------------------------------------------------------------

    def sample(
        self: Any,
        sampler: str,
        generator: Generator,
        shape: Sequence[int],
        dtype: DType,
        parameters: dict[str, Any],
    ) -> Array:
        """A new contiguous array of random numbers.

        ``sampler`` names a function of ``autograd_core.random_streams``, which defines the numbers
        to the bit; a backend may compute them faster.
        """
        from .. import random_streams

        draw = getattr(random_streams, sampler)
        return self.from_flat(
            draw(generator, numel(shape), dtype.name, **parameters), tuple(shape), dtype
        )
