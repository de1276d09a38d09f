"""Arrays themselves: creation, dtype and transfer, storage, views, and quiet floating errors."""

from __future__ import annotations

import contextvars
import functools
import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from autograd_core.dtypes import DType
from autograd_core.sizes import (
    Layout,
    inferred,
    pointwise_strides,
    strides_in_order,
    view_strides,
)

from .element_types import DTYPE, NATIVE, convert

if TYPE_CHECKING:
    from autograd_core.generator import Generator

Array = Any
Number = bool | int | float | complex


def _root(array: Array) -> Array:
    """The array that holds the memory ``array`` is a view of."""
    base = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            array = base
        elif type(base) is _Nothing:
            array = base.root
        else:
            break
        base = array.base
    return array


class _Memory(np.ndarray[Any, Any]):
    """What ``empty`` lays an array out in: the array is all of it, though it has it for a base."""


class _Nothing:
    """What a view without elements is of: it keeps the place in memory, which NumPy forgets."""

    def __init__(
        self, root: Array, itemsize: int, shape: Sequence[int], steps: Sequence[int], place: int
    ) -> None:
        self.root = root
        self.__array_interface__ = {
            "version": 3,
            "shape": tuple(shape),
            "strides": tuple(steps),
            "typestr": f"|V{itemsize}",
            "data": (_pointer(root) + place * itemsize, False),
        }


def _nothing(
    root: Array, native: np.dtype[Any], shape: Sequence[int], stride: Sequence[int], place: int
) -> Array:
    """A view without elements, of these strides, which may all be 0."""
    steps = [step * native.itemsize for step in stride]
    return np.asarray(_Nothing(root, native.itemsize, shape, steps, place)).view(native)


def _pointer(array: Array) -> int:
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def _extent(shape: Sequence[int], stride: Sequence[int]) -> int:
    """Elements that a view of this shape and these strides spans."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def _in_memory_order(array: Array) -> Array:
    """The array with its dims from largest to smallest stride (C-contiguous when dense)."""
    if array.flags.c_contiguous:
        return array
    order = sorted(range(array.ndim), key=lambda dim: (array.strides[dim], array.shape[dim]))
    return array.transpose(order[::-1])


def _nbytes(root: Array) -> int:
    """Bytes from the first to the last element of a root, which a foreign one need not fill."""
    if root.flags.forc:
        return root.nbytes  # type: ignore[no-any-return]
    strides = [step // root.itemsize for step in root.strides]
    return _extent(root.shape, strides) * root.itemsize  # type: ignore[no-any-return]


def _row_major(shape: Sequence[int]) -> list[int]:
    stride = [1] * len(shape)
    for dim in range(len(shape) - 2, -1, -1):
        stride[dim] = stride[dim + 1] * max(shape[dim + 1], 1)
    return stride


@functools.lru_cache(4096)
def _row_major_steps(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    return tuple([step * itemsize for step in _row_major(shape)])


def strides_of(input: Array) -> tuple[int, ...]:
    """The strides in elements; NumPy's own results without elements have none of interest."""
    steps = input.strides
    if input.size or any(steps) or type(getattr(input.base, "base", None)) is _Nothing:
        return _in_elements(steps, input.itemsize)
    return tuple(_row_major(input.shape))


@functools.lru_cache(4096)
def _in_elements(steps: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    return tuple([step // itemsize for step in steps])


def _layout(input: Array) -> Sequence[int]:
    """Strides of a dense copy in the layout of ``input``: its own if it is dense."""
    if not input.size or _in_memory_order(input).flags.c_contiguous:
        return strides_of(input)
    return strides_in_order(input.shape, [input.strides])


def copy_in_layout(input: Array) -> Array:
    """A dense copy of an array in its own layout, with memory also where NumPy gave a scalar."""
    if not input.shape:
        return np.array(input)
    if input.flags.c_contiguous and input.size:
        result = input.copy()
        if result.strides == input.strides:
            return result
    result = empty(input.shape, _layout(input), input.dtype)
    result[...] = input
    return result


def empty(shape: Sequence[int], stride: Sequence[int], native: np.dtype[Any]) -> Array:
    """A new array of any content with these strides in elements."""
    itemsize = native.itemsize
    memory = _Memory(_extent(shape, stride), native)
    if 0 in shape and not any(stride):
        return _nothing(memory, native, shape, stride, 0)
    return np.ndarray(tuple(shape), native, memory, 0, tuple(step * itemsize for step in stride))


def _number(native: np.dtype[Any]) -> Callable[[Number], Any]:
    """Return what makes a NumPy scalar of a Python number."""
    bits = 8 * native.itemsize

    def wrapped(value: Number) -> Any:
        if isinstance(value, int):
            value &= (1 << bits) - 1  # wraps like an assignment in C
            if native.kind == "i" and value >> (bits - 1):
                value -= 1 << bits
        return native.type(value)

    def narrowed(value: Number) -> Any:
        return native.type(np.float32(value))  # type: ignore[arg-type]

    if native.kind in "iu":
        return wrapped
    return narrowed if DTYPE[native].is_floating_point and native.itemsize == 2 else native.type


class _Scalars(dict[DType, Callable[[Number], Any]]):
    """By dtype, what makes a NumPy scalar of a Python number."""

    def __missing__(self, dtype: DType) -> Callable[[Number], Any]:
        self[dtype] = made = _number(NATIVE[dtype])
        return made


SCALARS = _Scalars()


@functools.lru_cache(4096)
def _expanded_steps(
    given: tuple[int, ...], strides: tuple[int, ...], size: tuple[int, ...], itemsize: int
) -> tuple[int, ...]:
    """The strides in bytes of an array that is expanded."""
    new = len(size) - len(given)
    shape = [1] * new + list(given)
    steps = [0] * new + [step * itemsize for step in strides]
    for dim in range(len(size) - 1, -1, -1):
        if dim < new:  # a new dim of size 1 steps over the dims after it, as torch has it
            last = dim + 1 == len(shape)
            steps[dim] = itemsize if last else shape[dim + 1] * steps[dim + 1]
        if shape[dim] == 1 != size[dim]:
            shape[dim], steps[dim] = size[dim], 0
    return tuple(steps)


class Arrays:
    """Creation, transfer, storage and views.

    NumPy reports division by zero, overflow and invalid operations as Python warnings; torch does
    none of that. Silencing them inside each kernel would cost a frame and more per call (adding
    one element: np.add 260 ns, inside np.errstate 1310 ns, inside a set context variable 590 ns,
    in a copy of a context 390 ns) and could not reach the operators of the arrays; np.seterr at
    import would change the caller's settings, and in one thread only; a context that is shared
    cannot be entered by two threads. So kernels are bare.
    """

    kernel_context: ClassVar[contextvars.Context] = contextvars.Context()
    kernel_context.run(np.seterr, all="ignore")
    # NumPy copies a broadcast operand to a buffer unless rows fill one: rows of 1024 and more then
    # take half the time with buffers of 1024 elements instead of 8192, transposed operands too.
    kernel_context.run(np.setbufsize, 1024)

    # Creation, dtype, transfer ----------------------------------------------------------------

    def dtype(self, input: Array) -> DType:
        return DTYPE[input.dtype]

    def native_dtype(self, dtype: DType) -> Any:
        return NATIVE[dtype]

    def cast(self, input: Array, dtype: DType) -> Array:
        native = NATIVE[dtype]
        if input.dtype == native:
            return input
        if input.flags.c_contiguous and 1 not in input.shape and 0 not in input.shape:
            return convert(input, native)
        result = empty(input.shape, _layout(input), native)
        result[...] = convert(input, native)
        return result

    def scalar(self, value: Number, dtype: DType) -> Array:
        return SCALARS[dtype](value)

    def is_whole(self, input: Array) -> bool:
        base = input.base
        if type(base) is _Memory:  # referred to by the array, here and by the argument
            return sys.getrefcount(base) <= 3 and _in_memory_order(input).flags.c_contiguous
        return base is None

    def may_repeat(self, input: Array) -> bool:
        return 0 in input.strides

    def is_cut(self, input: Array) -> bool:
        base = input.base
        if base is None or type(base) is _Memory:
            return False
        nothing = getattr(base, "base", None)
        return type(nothing) is not _Nothing or type(nothing.root) is not _Memory

    def storage_identity(self, input: Array) -> int:
        return id(_root(input))

    def are_row_major(self, *arrays: Any) -> bool:
        for array in arrays:
            if array is None or not array.flags.c_contiguous:
                break
            if 1 in array.shape or 0 in array.shape:  # whose strides may be any
                break
        else:
            return True
        for array in arrays:
            if array is not None:
                steps = array.strides
                if steps != _row_major_steps(array.shape, array.itemsize) and any(steps):
                    return False
        return True

    def following(
        self, result: Array, *operands: Array, layout: Layout = pointwise_strides
    ) -> Array:
        # NumPy is row-major as soon as one operand is, wherever that stands.
        shape = result.shape
        for operand in operands:
            if not operand.flags.c_contiguous:
                break
        else:
            if 1 not in shape and 0 not in shape:  # else contiguous is many a thing
                return result
        wanted = layout(
            shape, tuple([o.shape for o in operands]), tuple([self.strides(o) for o in operands])
        )
        if wanted == self.strides(result):
            return result
        # What owns its memory shares it with nobody.
        if len(shape) == 2 and result.size and 1 not in shape and wanted[0] == 1:
            return np.asfortranarray(result)
        laid_out = empty(shape, wanted, result.dtype)
        laid_out[...] = result
        return laid_out

    def full(self, shape: Sequence[int], value: Number, dtype: DType) -> Array:
        if type(value) is int and not value:
            return np.zeros(shape, NATIVE[dtype])
        array = np.empty(shape, NATIVE[dtype])
        array.fill(self.scalar(value, dtype))
        return array

    def full_in_layout(self, input: Array, value: Any) -> Array:
        if input.flags.c_contiguous and input.size and 1 not in input.shape:  # else: any strides
            return self.full(input.shape, value, DTYPE[input.dtype])
        return super().full_in_layout(input, value)  # type: ignore[misc]

    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Array:
        return empty(shape, stride, NATIVE[dtype])

    def arange(self, start: Number, step: Number, count: int, dtype: DType) -> Array:
        native = NATIVE[dtype]
        if native.kind in "iub":
            return (start + np.arange(count, dtype=np.int64) * step).astype(native)
        if native.kind == "c":
            parts = dtype.to_real()
            made = np.empty(count, native)
            made.real = self.arange(start.real, step.real, count, parts)
            made.imag = self.arange(start.imag, step.imag, count, parts)
            return made
        # torch fills vectors of 32 bytes, two at a time: it rounds the first element of each to the
        # dtype and counts on from there; what is left at the end is computed one by one. Sums and
        # products are float64 (fused, which long double imitates), or float32 for 16-bit dtypes.
        wide: Any = np.float64 if native.itemsize >= 4 else np.float32
        first, stride = np.longdouble(wide(start)), np.longdouble(wide(step))
        places = np.arange(count)
        lanes = 32 // native.itemsize
        lane = places % lanes
        base = (first + stride * (places - lane)).astype(wide).astype(native)
        moved = stride * lane
        if native.itemsize < 4:
            moved = moved.astype(wide)
        filled = (base.astype(np.longdouble) + moved).astype(wide)
        single = (first + stride * places).astype(wide)
        vectorized = places < count - count % (2 * lanes)
        return np.where(vectorized, filled, single).astype(native)

    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Array:
        native = NATIVE[dtype]
        run = self.kernel_context.copy().run  # numbers may become infinite
        if dtype.is_floating_point and native.itemsize == 2:
            return run(convert, np.array(values, np.float64), native).reshape(shape)
        array = run(np.array, values, native)
        return array if array.shape == tuple(shape) else array.reshape(shape)

    def to_flat(self, input: Array) -> list[Any]:
        if DTYPE[input.dtype].name == "bfloat16":
            input = input.astype(np.float32)
        return input.ravel().tolist()  # type: ignore[no-any-return]

    def own(self, input: Array) -> Array:
        return input if isinstance(input, np.ndarray) else np.array(input)

    # Storage ----------------------------------------------------------------------------------

    strides = staticmethod(strides_of)

    def storage_offset(self, input: Array) -> int:
        if input.base is None:
            return 0
        return (_pointer(input) - _pointer(_root(input))) // input.itemsize  # type: ignore[no-any-return]

    def storage_size(self, input: Array) -> int:
        return _nbytes(_root(input)) // input.itemsize  # type: ignore[no-any-return]

    def data_ptr(self, input: Array) -> int:
        return _pointer(input)

    def as_strided(
        self, input: Array, size: Sequence[int], stride: Sequence[int], storage_offset: int
    ) -> Array:
        root = _root(input)
        if type(root) is _Memory:
            root = root.view(np.ndarray)
        if 0 in size:
            return _nothing(root, input.dtype, size, stride, storage_offset)
        itemsize = input.itemsize
        steps = tuple([step * itemsize for step in stride])
        memory = _in_memory_order(root)
        if memory.flags.c_contiguous:
            return np.ndarray(tuple(size), input.dtype, memory, storage_offset * itemsize, steps)
        spread = np.lib.stride_tricks.as_strided(  # a foreign root with holes or overlaps
            memory[(slice(0, 1),) * root.ndim].reshape(1).view(np.uint8), (_nbytes(root),), (1,)
        )
        return np.ndarray(tuple(size), input.dtype, spread, storage_offset * itemsize, steps)

    def from_ndarray(self, array: Array, dtype: DType) -> Array:
        return np.asarray(array)

    def to_ndarray(self, input: Array) -> Array:
        return input

    def from_dlpack(self, source: Any) -> Array:
        return np.from_dlpack(source)

    def to_bytes(self, input: Array) -> bytes:
        if sys.byteorder == "big":
            return super().to_bytes(input)  # type: ignore[misc, no-any-return]
        return input.tobytes()  # type: ignore[no-any-return]

    def from_bytes(self, data: bytes, dtype: DType) -> Array:
        if sys.byteorder == "big":
            return super().from_bytes(data, dtype)  # type: ignore[misc]
        return np.frombuffer(data, NATIVE[dtype]).copy()

    def view_dtype(self, input: Array, dtype: DType) -> Array:
        return input.view(NATIVE[dtype])

    def copy_(self, input: Array, source: Array) -> None:
        if source.dtype != input.dtype:
            source = convert(source, input.dtype)
        input[...] = source  # NumPy copies first what overlaps

    def clone(self, input: Array) -> Array:
        return copy_in_layout(input)

    def contiguous(self, input: Array) -> Array:
        return input if input.flags.c_contiguous else input.copy("C")

    def cat(self, tensors: Sequence[Array], dim: int) -> Array:
        joined = np.concatenate(tensors, dim)
        return joined if joined.flags.c_contiguous else joined.copy("C")

    def stack(self, tensors: Sequence[Array], dim: int) -> Array:
        place = (*[slice(None)] * dim, None)
        return self.cat([part[place] for part in tensors], dim)

    def flip(self, input: Array, dims: Sequence[int]) -> Array:
        return np.flip(input, tuple(dims) if input.ndim else ()).copy("C")

    # Random numbers -----------------------------------------------------------------------------

    def sample(
        self,
        sampler: str,
        generator: Generator,
        shape: Sequence[int],
        dtype: DType,
        parameters: dict[str, Any],
    ) -> Array:
        from . import random  # which imports numpy.random, that few need

        draw = getattr(random, sampler)
        arrays = {k: np.array(v) if isinstance(v, list) else v for k, v in parameters.items()}
        return draw(generator, math.prod(shape), dtype.name, **arrays).reshape(tuple(shape))

    # Views --------------------------------------------------------------------------------------

    def view(self, input: Array, shape: Sequence[int]) -> Array:
        if 1 in shape and (1 in input.shape or not input.flags.c_contiguous):
            # NumPy has other ideas of the strides of dims of size 1.
            stride = view_strides(input.shape, self.strides(input), shape)
            if stride is not None:
                return self.as_strided(input, shape, stride, self.storage_offset(input))
        return input.reshape(shape)

    def reshape(self, input: Array, shape: Sequence[int]) -> Array:
        given = input.shape
        if given != shape:
            shape = inferred(shape, input.size)
        if given and input.flags.c_contiguous and 1 not in given:
            return input.reshape(shape)
        return super().reshape(input, shape)  # type: ignore[misc]

    def permute(self, input: Array, dims: Sequence[int]) -> Array:
        made = input.transpose(dims)
        if made.size:
            return made
        steps = strides_of(input)
        return self.as_strided(
            input, made.shape, [steps[d] for d in dims], self.storage_offset(input)
        )

    def transpose(self, input: Array, dim0: int, dim1: int) -> Array:
        if not input.size or not input.shape:
            return super().transpose(input, dim0, dim1)  # type: ignore[misc]
        return input.swapaxes(dim0, dim1)

    def t(self, input: Array) -> Array:
        return input.T if input.size and input.shape else super().t(input)  # type: ignore[misc]

    def squeeze_dims(self, input: Array, dim: Sequence[int]) -> Array:
        if not input.size or not input.shape:
            return super().squeeze_dims(input, dim)  # type: ignore[misc]
        # A batch of single numbers is asked for dims behind its own.
        return input.squeeze(tuple([d for d, n in enumerate(input.shape) if n == 1 and d in dim]))

    def unsqueeze(self, input: Array, dim: int) -> Array:
        if not (input.size and input.shape and input.flags.c_contiguous):
            return super().unsqueeze(input, dim)  # type: ignore[misc]
        shape, steps = input.shape, input.strides
        step = shape[dim] * steps[dim] if dim < len(shape) else input.itemsize
        return np.ndarray(
            (*shape[:dim], 1, *shape[dim:]),
            input.dtype,
            input,
            0,
            (*steps[:dim], step, *steps[dim:]),
        )

    def expand(self, input: Array, size: Sequence[int]) -> Array:
        if not input.shape:
            memory = input if type(input) is np.ndarray else np.array(input)
            if 0 in size:
                return self.as_strided(memory, size, (0,) * len(size), 0)
            return np.ndarray(size, memory.dtype, memory, 0, (0,) * len(size))
        size = tuple(size)
        if input.shape == size:
            return input[...]
        steps = _expanded_steps(input.shape, strides_of(input), size, input.itemsize)
        if input.flags.c_contiguous and 0 not in size:
            return np.ndarray(size, input.dtype, input, 0, steps)
        strides = [step // input.itemsize for step in steps]
        return self.as_strided(input, size, strides, self.storage_offset(input))

    def select(self, input: Array, dim: int, index: int) -> Array:
        index = operator.index(index)
        made = input[(slice(None),) * dim + (index, ...)] if dim else input[index, ...]
        if made.size:
            return made
        stride = strides_of(input)
        first = self.storage_offset(input) + index * stride[dim]
        return self.as_strided(input, made.shape, stride[:dim] + stride[dim + 1 :], first)

    subscript: Any = staticmethod(operator.getitem)

    def slice(self, input: Array, dim: int, start: int, end: int, step: int) -> Array:
        part = slice(start, end, step)
        made = input[(slice(None),) * dim + (part,)] if dim else input[part]
        if made.size:
            return made
        size, stride = list(made.shape), list(strides_of(input))
        first = self.storage_offset(input) + start * stride[dim]
        stride[dim] *= step
        return self.as_strided(input, size, stride, first)
