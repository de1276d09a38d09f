"""What torch says of operands of matrix products that do not fit, in the order it looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import LEGACY_NAMES, bool_, not_implemented_for, type_text
from ..tensor import C_NAMES, Tensor, own_dim


def short_name(tensor: Tensor) -> str:
    """Return torch's C++ name of the element type."""
    return C_NAMES[tensor._dtype.name]


def _legacy(tensor: Tensor) -> str:
    return LEGACY_NAMES[tensor._dtype]


def _refuse_bool(tensor: Tensor, kernel: str) -> None:
    if tensor._dtype is bool_:
        raise not_implemented_for(kernel, bool_)


def check_expands(input: Tensor, size: Sequence[int]) -> None:
    """Refuse a tensor that does not broadcast to ``size``."""
    shape = input._array.shape
    if len(shape) > len(size):
        raise RuntimeError(
            f"expand({type_text(input._dtype)}{{{list(shape)}}}, size={list(size)}): the number of "
            f"sizes provided ({len(size)}) must be greater or equal to the number of dimensions in "
            f"the tensor ({len(shape)})"
        )
    offset = len(size) - len(shape)
    for dim in range(len(size) - 1, offset - 1, -1):
        length = shape[dim - offset]
        if length not in (1, size[dim]):
            raise RuntimeError(
                f"The expanded size of the tensor ({size[dim]}) must match the existing size "
                f"({length}) at non-singleton dimension {dim}.  Target sizes: {list(size)}.  "
                f"Tensor sizes: {list(shape)}"
            )


def _check_factors(mat1: Tensor, mat2: Tensor) -> None:
    a, b = mat1._array.shape, mat2._array.shape
    if a[1] != b[0]:
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({a[0]}x{a[1]} and {b[0]}x{b[1]})"
        )


def check_mm(input: Tensor, mat2: Tensor) -> None:
    """Refuse operands of mm that do not fit."""
    if len(input._array.shape) != 2:
        raise RuntimeError("self must be a matrix")
    if len(mat2._array.shape) != 2:
        raise RuntimeError("mat2 must be a matrix")
    _check_factors(input, mat2)
    if input._dtype is not mat2._dtype:
        raise RuntimeError(
            f"expected m1 and m2 to have the same dtype, but got: {short_name(input)} != "
            f"{short_name(mat2)}"
        )
    _refuse_bool(input, "addmm_impl_cpu_")


def check_addmm(input: Tensor, mat1: Tensor, mat2: Tensor, beta: Any = 1, alpha: Any = 1) -> None:
    """Refuse operands of addmm that do not fit."""
    for name, tensor in (("self", input), ("mat1", mat1)):
        if tensor._dtype is not mat2._dtype:
            raise RuntimeError(
                f"{name} and mat2 must have the same dtype, but got {_legacy(tensor)} and "
                f"{_legacy(mat2)}"
            )
    for name, tensor in (("mat1", mat1), ("mat2", mat2)):
        if len(tensor._array.shape) != 2:
            raise RuntimeError(f"{name} must be a matrix, got {len(tensor._array.shape)}-D tensor")
    _check_factors(mat1, mat2)
    check_expands(input, (mat1._array.shape[0], mat2._array.shape[1]))
    _refuse_bool(mat1, "addmm_impl_cpu_")


def _check_batches(batch1: Tensor, batch2: Tensor) -> None:
    for name, tensor in (("batch1", batch1), ("batch2", batch2)):
        if len(tensor._array.shape) != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    a, b = batch1._array.shape, batch2._array.shape
    if (a[0], a[2]) != (b[0], b[1]):
        raise RuntimeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{a[0]}, {a[2]}] "
            f"but got: [{b[0]}, {b[1]}]."
        )


def _check_scalar_type(batch1: Tensor, batch2: Tensor) -> None:
    if batch1._dtype is not batch2._dtype:
        raise RuntimeError(f"expected scalar type {_legacy(batch1)} but found {_legacy(batch2)}")


def check_bmm(input: Tensor, mat2: Tensor) -> None:
    """Refuse operands of bmm that do not fit."""
    _check_batches(input, mat2)
    _refuse_bool(input, "bmm")
    _check_scalar_type(input, mat2)


def _size(tensor: Tensor, dim: int) -> int:
    shape: Sequence[int] = tensor._array.shape
    return shape[own_dim(dim, len(shape))]


def check_baddbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, beta: Any = 1, alpha: Any = 1
) -> None:
    """Refuse operands of baddbmm that do not fit."""
    check_expands(input, (_size(batch1, 0), _size(batch1, 1), _size(batch2, 2)))
    if input._dtype is not batch1._dtype:
        raise RuntimeError(
            f"Input dtypes must be the same, got: input {short_name(input)}, "
            f"batch1: {short_name(batch1)}, batch2: {short_name(batch2)}"
        )
    _check_batches(batch1, batch2)
    _refuse_bool(batch1, "baddbmm")
    _check_scalar_type(batch1, batch2)


def check_addbmm(
    input: Tensor, batch1: Tensor, batch2: Tensor, beta: Any = 1, alpha: Any = 1
) -> None:
    """Refuse operands of addbmm that do not fit."""
    size = (_size(batch1, 1), _size(batch2, 2))
    check_expands(input, size)
    for name, tensor in (("batch1", batch1), ("batch2", batch2)):
        if len(tensor._array.shape) != 3:
            raise RuntimeError(f"{name} must be a 3D tensor")
    a, b = batch1._array.shape, batch2._array.shape
    if a[0] != b[0]:
        raise RuntimeError(
            f"batch1 and batch2 must have same number of batches, got {a[0]} and {b[0]}"
        )
    if a[2] != b[1]:
        raise RuntimeError(f"Incompatible matrix sizes for bmm ({a[1]}x{a[2]} and {b[1]}x{b[2]})")
    for name, tensor in (("self", input), ("mat1", batch1)):
        if tensor._dtype is not batch2._dtype:
            raise RuntimeError(
                f"{name} and mat2 must have the same dtype, but got {_legacy(tensor)} and "
                f"{_legacy(batch2)}"
            )
    _refuse_bool(batch1, "addmm_impl_cpu_")


def check_mv(input: Tensor, vec: Tensor) -> None:
    """Refuse operands of mv that do not fit."""
    _check_addmv((_size(input, 0),), 1, vec, input, vec)


def check_addmv(input: Tensor, mat: Tensor, vec: Tensor, beta: Any = 1, alpha: Any = 1) -> None:
    """Refuse operands of addmv that do not fit."""
    shape = input._array.shape
    _check_addmv(shape, len(shape), input, mat, vec)


def _check_addmv(size: Sequence[int], rank: int, input: Tensor, mat: Tensor, vec: Tensor) -> None:
    matrix, vector = mat._array.shape, vec._array.shape
    if len(matrix) != 2 or len(vector) != 1 or rank > 1:
        raise RuntimeError(
            f"vector + matrix @ vector expected, got {rank}, {len(matrix)}, {len(vector)}"
        )
    if matrix[1] != vector[0] or (tuple(size) not in ((), (1,)) and size[0] != matrix[0]):
        count = size[0] if size else _size(input, 0)
        raise RuntimeError(
            f"size mismatch, got input ({count}), mat ({matrix[0]}x{matrix[1]}), vec ({vector[0]})"
        )
    if not input._dtype is mat._dtype is vec._dtype:
        raise RuntimeError(
            "addmv input tensors must have the same dtype, but got "
            f"{_legacy(input)}, {_legacy(mat)}, and {_legacy(vec)}"
        )
    _refuse_bool(mat, "addmv_impl_cpu")


def check_dot(input: Tensor, tensor: Tensor) -> None:
    """Refuse operands of dot and vdot that do not fit."""
    a, b = input._array.shape, tensor._array.shape
    if len(a) != 1 or len(b) != 1:
        raise RuntimeError(f"1D tensors expected, but got {len(a)}D and {len(b)}D tensors")
    if input._dtype is not tensor._dtype:
        raise RuntimeError(
            "dot : expected both vectors to have same dtype, but found "
            f"{_legacy(input)} and {_legacy(tensor)}"
        )
    if a != b:
        raise RuntimeError(
            f"inconsistent tensor size, expected tensor {list(a)} and src {list(b)} to have the "
            f"same number of elements, but got {a[0]} and {b[0]} elements respectively"
        )
    _refuse_bool(input, "dot")


def check_vectors(function: str, **vectors: Tensor) -> None:
    """Refuse operands that are not 1-d."""
    for name, tensor in vectors.items():
        rank = len(tensor._array.shape)
        if rank != 1:
            raise RuntimeError(f"{function}: Expected 1-D argument {name}, but got {rank}-D")


def check_addr(input: Tensor, vec1: Tensor, vec2: Tensor, beta: Any = 1, alpha: Any = 1) -> None:
    """Refuse operands of addr that do not fit."""
    check_vectors("addr", vec1=vec1, vec2=vec2)
    check_expands(input, (vec1._array.shape[0], vec2._array.shape[0]))
    kind = max(tensor._dtype.category for tensor in (input, vec1, vec2))
    for name, value in (("beta", beta), ("alpha", alpha)):
        if isinstance(value, bool) and kind > 0:
            raise RuntimeError(f"Boolean {name} only supported for Boolean results.")
        if isinstance(value, (float, complex)) and kind < 2:
            raise RuntimeError(
                f"For integral input tensors, argument {name} must not be a floating point number."
            )


def check_addr_target(input: Tensor, vec1: Tensor, vec2: Tensor) -> None:
    """Refuse a tensor that addr_ cannot write to."""
    shape, n, m = input._array.shape, vec1._array.shape[0], vec2._array.shape[0]
    if len(shape) != 2:
        raise RuntimeError(f"2D tensor expected, got {len(shape)}D tensor for input")
    if tuple(shape) != (n, m):
        raise RuntimeError(f"size mismatch, input: {list(shape)}, v1: [{n}], v2: [{m}]")


def check_cross(input: Tensor, other: Tensor, dim: int) -> None:
    """Refuse operands of linalg_cross of different dtypes or bool."""
    _refuse_bool(input, "cross")
    _check_scalar_type(input, other)
