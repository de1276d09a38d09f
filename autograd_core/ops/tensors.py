"""Functions of the differentiable interpreter without a node of their own: new tensors, dtypes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes
from ..dtypes import DType
from ..engine.views import writes_are_seen
from ..tensor import Tensor, wrap
from ..versions import bump_version, was_written
from .comparison import logical_not
from .complex_numbers import conj_complex, neg_view, view_as_real
from .indexing import masked_fill, masked_fill_tensor, masked_select
from .pointwise import mul, pow_scalar
from .reduction import sum_all
from .shape import clone, reshape_alias, reshape_copy, select, view

__all__ = [
    "as_dtype_of",
    "clone_contiguous",
    "clone_strided",
    "conj",
    "contiguous",
    "dtype",
    "filled",
    "full_like",
    "imag",
    "is_conj",
    "is_neg",
    "laid_out_as",
    "lengthened",
    "masked_sum",
    "new_numbers",
    "new_positions",
    "new_zeros",
    "ones_like",
    "placed",
    "real",
    "reshape",
    "resolve_conj",
    "resolve_neg",
    "scalar_like",
    "square",
    "strides",
    "truth",
    "where_marked",
    "zeros_like",
]


def dtype(input: Tensor) -> DType:
    """Return the dtype."""
    return input._dtype


def full_like(input: Tensor, value: Any, dtype: DType | None = None) -> Tensor:
    """Return a new tensor of one value with shape, layout and, by default, dtype of ``input``."""
    backend, array, dtype = input._backend, input._array, dtype or input._dtype
    made = backend.full(array.shape, value, dtype)
    if array.shape:
        made = backend.following(made, array, layout=sizes.strides_of_first)
    return wrap(made, dtype, backend)


def zeros_like(input: Tensor) -> Tensor:
    """Return zeros with shape and dtype of ``input``."""
    return full_like(input, 0)


def filled(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Return the tensor with a number where the mask holds, as formulas do in place."""
    made = laid_out_as(input, masked_fill(input, mask, value))
    bump_version(made, 1 + was_written(input))
    return made


def lengthened(input: Tensor, dim: int, size: int) -> Tensor:
    """Return zeros that begin with the tensor along dim, written as formulas do: in place."""
    shape = input._array.shape
    made = new_zeros(input, (*shape[:dim], size, *shape[dim + 1 :]))
    made.narrow(dim, 0, shape[dim]).copy_(input)
    return made


def placed(
    values: Tensor, length: int, size: Sequence[int], stride: Sequence[int], storage_offset: int
) -> Tensor:
    """Return a storage of zeros with the values where a geometry reads, written in place."""
    made = new_zeros(values, (length,))
    made.as_strided(size, stride, storage_offset).copy_(values)
    return made


def ones_like(input: Tensor) -> Tensor:
    """Return ones with shape and dtype of ``input``."""
    return full_like(input, 1)


def new_zeros(input: Tensor, size: Sequence[int]) -> Tensor:
    """Return zeros of another shape with the dtype of ``input``."""
    backend = input._backend
    return wrap(backend.full(tuple(size), 0, input._dtype), input._dtype, backend)


def new_numbers(input: Tensor, values: Sequence[Any], size: Sequence[int]) -> Tensor:
    """Return a tensor of Python numbers with the dtype of ``input``."""
    backend = input._backend
    return wrap(backend.from_flat(values, tuple(size), input._dtype), input._dtype, backend)


def scalar_like(input: Tensor, value: Any) -> Tensor:
    """Return a 0-d tensor of a Python number with the dtype of ``input``."""
    return wrap(input._backend.scalar(value, input._dtype), input._dtype, input._backend)


def as_dtype_of(input: Tensor, other: Tensor) -> Tensor:
    """Return the tensor itself: ops on Tensors promote their operands."""
    return input


def new_positions(input: Tensor, count: int, step: int = 1) -> Tensor:
    """Return the int64 tensor 0, step ... (count - 1) * step on the backend of ``input``."""
    backend = input._backend
    positions = wrap(backend.arange(0, step, count, dtypes.int64), dtypes.int64, backend)
    bump_version(positions)  # torch's own ops write into what they make
    return positions


def conj(input: Tensor) -> Tensor:
    """Return the conjugate of a complex tensor, a real tensor as it is."""
    return conj_complex(input) if input._dtype.is_complex else input


def resolve_conj(input: Tensor) -> Tensor:
    """Return the tensor itself, a conjugate view in new memory."""
    return clone(input) if is_conj(input) else input


def resolve_neg(input: Tensor) -> Tensor:
    """Return the tensor itself, a negative view in new memory."""
    return clone(input) if is_neg(input) else input


def is_conj(input: Tensor) -> bool:
    """Whether this is a conjugate view, at whatever level."""
    backend = input._backend
    return input._conjugated or (backend.level is not None and backend.is_conj(input._memory))


def is_neg(input: Tensor) -> bool:
    """Whether this is a negative view, at whatever level."""
    backend = input._backend
    return input._negated or (backend.level is not None and backend.is_neg(input._memory))


def real(input: Tensor) -> Tensor:
    """Return the real parts of a complex tensor as a view, a real tensor as it is."""
    if not input._dtype.is_complex:
        return input
    return _part(view_as_real(conj_complex(input) if is_conj(input) else input), 0)


def imag(input: Tensor) -> Tensor:
    """Return the imaginary parts of a complex tensor as a view."""
    if is_conj(input):
        return _part(neg_view(view_as_real(conj_complex(input))), 1)
    return _part(view_as_real(input), 1)


def _part(pairs: Tensor, index: int) -> Tensor:
    return select(pairs, len(pairs._memory.shape) - 1, index)


def truth(input: Tensor, unknown: bool) -> bool:
    """Return whether the only element is not zero; ``unknown`` for a batch of different answers."""
    return input._backend.truth(input._array, unknown)


def masked_sum(input: Tensor, mask: Tensor) -> Tensor:
    """Return the sum of the elements where ``mask`` holds."""
    if input._backend.level is None and mask._backend.level is None:
        return sum_all(masked_select(input, mask))
    return sum_all(masked_fill(input, logical_not(mask), 0))


def laid_out_as(input: Tensor, result: Tensor) -> Tensor:
    """Return a new result in the layout of a clone of ``input``."""
    array = result._array
    if array.shape:
        result._array = result._backend.following(
            array, input._array, layout=sizes.strides_of_first
        )
    return result


def where_marked(mask: Tensor, value: Tensor) -> Tensor:
    """Return a 0-d tensor's value where ``mask`` holds, else zero."""
    if value._backend.level is None and mask._backend.level is None:
        return masked_fill_tensor(new_zeros(value, mask._array.shape), mask, value)
    return mul(mask, value)  # as torch does within transforms


def square(input: Tensor) -> Tensor:
    """Return input ** 2."""
    return pow_scalar(input, 2)


def strides(input: Tensor) -> tuple[int, ...]:
    """Return the strides."""
    return input.stride()


def clone_strided(input: Tensor, stride: Sequence[int]) -> Tensor:
    """Return a copy with these strides."""
    return clone(input, tuple(stride))


def contiguous(input: Tensor) -> Tensor:
    """Return the tensor itself when it is row-major, else a row-major copy."""
    return input if input.is_contiguous() else clone_contiguous(input)


def clone_contiguous(input: Tensor) -> Tensor:
    """Return a row-major copy."""
    return clone(input, sizes.row_major(input._array.shape))


def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the elements under another shape: a view where strides allow, else a copy."""
    shape = sizes.inferred(shape, input.numel())
    if input.is_contiguous():
        return view(input, shape)
    stride = sizes.view_strides(input._array.shape, input.stride(), shape)
    if stride is not None:
        if input._backend.level is not None or writes_are_seen():
            return view(input, shape)  # as of torch's subclasses
        return reshape_alias(input, shape, stride)
    return reshape_copy(clone_contiguous(input), shape)
