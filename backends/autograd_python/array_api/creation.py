"""Making arrays: of Python numbers, buffers and other arrays, of one value, of steps, of masks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from autograd_core import dtypes
from autograd_core.dtypes import DType, dtype_of_number

from . import dlpack
from .array import Array, Device, own, require_cpu
from .data_types import ALL, COMPLEX_FLOATING, FLOATING, INTEGER, integer_limits
from .kernels import Raw, Scalar, kernels

_DEFAULTS = (dtypes.bool_, INTEGER, FLOATING, COMPLEX_FLOATING)
"""The dtypes of Python's numbers: bool, int, float, complex."""


def default_dtype(numbers: Sequence[Scalar]) -> DType:
    """Return the dtype of Python numbers: the least that holds all, float for none."""
    kinds = [dtype_of_number(number).category for number in numbers]
    return _DEFAULTS[max(kinds, default=2)]


def of_numbers(numbers: list[Scalar], shape: tuple[int, ...], dtype: DType | None) -> Raw:
    """Return an array of numbers in row-major order; raises OverflowError for ints too large."""
    dtype = default_dtype(numbers) if dtype is None else dtype
    if dtype.category == 1:
        limits = integer_limits(dtype)
        for number in numbers:
            if isinstance(number, int) and not limits.min <= number <= limits.max:
                raise OverflowError(f"{number} does not fit into {dtype.name}")
    return kernels.from_flat(numbers, shape, dtype)  # type: ignore[no-any-return]


def _checked(dtype: DType | None, device: Device | None) -> None:
    require_cpu(device)
    if dtype is not None and dtype not in ALL:
        raise TypeError(f"no dtype of the standard: {dtype!r}")


def _shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(map(int, shape))
    if any(size < 0 for size in sizes):
        raise ValueError(f"a shape has no negative sizes: {sizes}")
    return sizes


def _flattened(obj: Any, numbers: list[Scalar]) -> tuple[int, ...]:
    """Append the numbers of nested sequences in row-major order, and return their shape."""
    if isinstance(obj, Array):
        numbers += kernels.to_flat(obj.raw)
        return obj.shape
    if isinstance(obj, bool | int | float | complex):
        numbers.append(obj)
        return ()
    if not isinstance(obj, Sequence) or isinstance(obj, str):
        raise TypeError(f"no array is made of a {type(obj).__name__}")
    shapes = {_flattened(one, numbers) for one in obj}
    if len(shapes) > 1:
        raise ValueError("the sequences of one level must have one length")
    return (len(obj), *(shapes.pop() if shapes else ()))


def asarray(
    obj: Any,
    /,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    copy: bool | None = None,
) -> Array:
    """Return an array of an array, a Python number, nested sequences of them, or a buffer.

    An array of the dtype is returned as it is unless ``copy`` is true. Raises ValueError if
    ``copy`` is False and one is needed: always, but for arrays.
    """
    _checked(dtype, device)
    if isinstance(obj, Array):
        same = dtype is None or dtype is obj.dtype
        if same and not copy:
            return obj
        if copy is False:
            raise ValueError(f"{obj.dtype.name} becomes {dtype and dtype.name} by a copy only")
        return Array(kernels.clone(obj.raw) if same else kernels.cast(obj.raw, dtype))
    if copy is False:
        raise ValueError("numbers and buffers become an array by a copy only")
    if not isinstance(obj, bool | int | float | complex | list | tuple):
        try:
            buffer = memoryview(obj)
        except TypeError:
            pass  # another sequence
        else:
            dtype = dtype or dlpack.dtype_of_format(buffer.format)
            obj = buffer.tolist()
    numbers: list[Scalar] = []
    shape = _flattened(obj, numbers)
    return Array(of_numbers(numbers, shape, dtype))


def from_dlpack(x: Any, /, *, device: Device | None = None, copy: bool | None = None) -> Array:
    """Return a copy of an array of any library that speaks DLPack; one of this namespace itself."""
    require_cpu(device)
    if isinstance(x, Array):
        return asarray(x, copy=copy)
    if copy is False:
        raise BufferError("elements are Python numbers here: other memory can only be copied")
    kind, _ = x.__dlpack_device__()
    if kind != dlpack.CPU[0]:
        raise BufferError(f"no import from DLPack's device {kind}")
    return Array(dlpack.imported(x.__dlpack__()))


def full(
    shape: int | tuple[int, ...],
    fill_value: Scalar,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
) -> Array:
    """Return an array of one value."""
    _checked(dtype, device)
    sizes = _shape(shape)
    one = of_numbers([fill_value], (), dtype)
    return Array(kernels.full(sizes, kernels.item(one), one.dtype))


def full_like(
    x: Array, /, fill_value: Scalar, *, dtype: DType | None = None, device: Device | None = None
) -> Array:
    """Return an array of one value with the shape and, if none is given, the dtype of another."""
    return full(own("full_like", x).shape, fill_value, dtype=dtype or x.dtype, device=device)


def zeros(
    shape: int | tuple[int, ...], *, dtype: DType | None = None, device: Device | None = None
) -> Array:
    """Return zeros."""
    return full(shape, 0, dtype=dtype or FLOATING, device=device)


def zeros_like(x: Array, /, *, dtype: DType | None = None, device: Device | None = None) -> Array:
    """Return zeros like another array."""
    return full_like(x, 0, dtype=dtype, device=device)


def ones(
    shape: int | tuple[int, ...], *, dtype: DType | None = None, device: Device | None = None
) -> Array:
    """Return ones."""
    return full(shape, 1, dtype=dtype or FLOATING, device=device)


def ones_like(x: Array, /, *, dtype: DType | None = None, device: Device | None = None) -> Array:
    """Return ones like another array."""
    return full_like(x, 1, dtype=dtype, device=device)


def empty(
    shape: int | tuple[int, ...], *, dtype: DType | None = None, device: Device | None = None
) -> Array:
    """Return an array of any content: zeros."""
    return zeros(shape, dtype=dtype, device=device)


def empty_like(x: Array, /, *, dtype: DType | None = None, device: Device | None = None) -> Array:
    """Return an array of any content like another one."""
    return zeros_like(x, dtype=dtype, device=device)


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
) -> Array:
    """Return the numbers from ``start`` (0 if it is alone) in steps, below ``stop``."""
    _checked(dtype, device)
    if stop is None:
        start, stop = 0, start
    if step == 0:
        raise ValueError("a step of 0 leads nowhere")
    numbers = (start, stop, step)
    dtype = dtype or default_dtype(numbers)
    if all(isinstance(number, int) for number in numbers):
        count = len(range(int(start), int(stop), int(step)))
    else:
        count = max(math.ceil((stop - start) / step), 0)
    return Array(kernels.arange(start, step, count, dtype))


def linspace(
    start: complex,
    stop: complex,
    /,
    num: int,
    *,
    dtype: DType | None = None,
    device: Device | None = None,
    endpoint: bool = True,
) -> Array:
    """Return ``num`` numbers evenly spaced from ``start`` to ``stop``, itself with ``endpoint``."""
    _checked(dtype, device)
    if num < 0:
        raise ValueError(f"linspace of {num} numbers")
    if dtype is None:
        dtype = max(default_dtype([start, stop]), FLOATING, key=lambda one: one.category)
    steps = max(num - 1 if endpoint else num, 1)
    # The difference over the steps, not each step's share of it, keeps far ends finite.
    step = stop / steps - start / steps
    numbers: list[Scalar] = [start + k * step for k in range(num)]
    if endpoint and num > 1:
        numbers[-1] = stop
    return Array(of_numbers(numbers, (num,), dtype))


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    *,
    k: int = 0,
    dtype: DType | None = None,
    device: Device | None = None,
) -> Array:
    """Return a matrix of ones on its ``k``-th diagonal above the main one, zeros elsewhere."""
    made = zeros((n_rows, n_rows if n_cols is None else n_cols), dtype=dtype, device=device)
    diagonal = kernels.diagonal(made.raw, k, 0, 1)
    kernels.copy_(diagonal, kernels.scalar(1, made.dtype))
    return made


def _triangle(function: str, x: Array, k: int) -> Array:
    raw = own(function, x)
    if x.ndim < 2:
        raise ValueError(f"{function} takes matrices, not an array of {x.ndim} dimensions")
    return Array(getattr(kernels, function)(raw, k))


def tril(x: Array, /, *, k: int = 0) -> Array:
    """Return matrices with zeros above the ``k``-th diagonal."""
    return _triangle("tril", x, k)


def triu(x: Array, /, *, k: int = 0) -> Array:
    """Return matrices with zeros below the ``k``-th diagonal."""
    return _triangle("triu", x, k)


def meshgrid(*arrays: Array, indexing: Literal["xy", "ij"] = "xy") -> list[Array]:
    """Return the coordinates of a grid over 1-d arrays of one dtype, an array for each of its axes.

    "ij" has the axes in the order of the arrays, "xy" the first two exchanged.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"indexing is 'xy' or 'ij', not {indexing!r}")
    if len({x.dtype for x in arrays}) > 1 or any(x.ndim != 1 for x in arrays):
        raise ValueError("meshgrid takes 1-d arrays of one dtype")
    rank = len(arrays)
    order = list(range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = 1, 0
    shape = tuple([arrays[k].size for k in order])
    grids = []
    for k, x in enumerate(arrays):
        column = kernels.reshape(x.raw, [x.size if order[d] == k else 1 for d in range(rank)])
        grids.append(Array(kernels.clone_row_major(kernels.expand(column, shape))))
    return grids


def astype(x: Array, dtype: DType, /, *, copy: bool = True, device: Device | None = None) -> Array:
    """Return the elements as another dtype; the array itself if it has that one, without ``copy``.

    Floats become integers by truncation. Raises TypeError for complex to real.
    """
    _checked(dtype, device)
    raw = own("astype", x)
    if x.dtype.is_complex and not dtype.is_complex and dtype is not dtypes.bool_:
        raise TypeError(f"{x.dtype.name} becomes {dtype.name} by real() or imag()")
    if dtype is x.dtype:
        return Array(kernels.clone(raw)) if copy else x
    return Array(kernels.cast(raw, dtype))
