"""torch.fft as torch composes it: promotion, padding and cutting, then one or two transforms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from .. import dtypes, ops
from ..dtypes import LEGACY_NAMES
from ..tensor import Tensor, own_dim

_AS_IT_IS, _BY_ROOT, _BY_COUNT = range(3)
_NORMALIZATIONS: Final = {
    "backward": (_BY_COUNT, _AS_IT_IS),
    "forward": (_AS_IT_IS, _BY_COUNT),
    "ortho": (_BY_ROOT, _BY_ROOT),
}
"""What an inverse and a forward transform are multiplied by, for each ``norm=``."""


class Plan(NamedTuple):
    """The dims of a transform and how many points each has."""

    dims: tuple[int, ...]
    sizes: tuple[int, ...]


def normalization(norm: str | None, forward: bool) -> int:
    """Return what ``norm=`` means for a direction.

    Raises:
        RuntimeError: it is no norm (torch's text).
    """
    try:
        return _NORMALIZATIONS["backward" if norm is None else norm][forward]
    except KeyError:
        raise RuntimeError(f'Invalid normalization mode: "{norm}"') from None


def promoted(input: Tensor, to_complex: bool = False) -> Tensor:
    """Return the input in a dtype that is transformed: integers and bool in the default one.

    Raises:
        RuntimeError: it is a 16-bit float (torch's text).
    """
    dtype = input._dtype
    if not dtype.is_inexact:
        dtype = dtypes.get_default_dtype()
    if dtype.to_real() not in (dtypes.float32, dtypes.float64):
        raise RuntimeError(f"Unsupported dtype {LEGACY_NAMES[dtype]}")
    if to_complex and not dtype.is_complex:
        dtype = dtype.to_complex()
    return input if dtype is input._dtype else ops.to_dtype(input, dtype)


def resized(input: Tensor, dims: Sequence[int], sizes: Sequence[int]) -> Tensor:
    """Return the input with these sizes in the dims: cut off, or filled up with zeros, behind."""
    rank = input.ndim
    pad = [0] * (2 * rank)
    for dim, size in zip(dims, sizes, strict=True):
        have = input._array.shape[dim]
        if have < size:
            pad[2 * (rank - dim) - 1] = size - have
        elif have > size:
            input = ops.slice(input, dim, 0, size, 1)
    return ops.constant_pad_nd(input, tuple(pad), 0) if any(pad) else input


def one_dim(input: Tensor, dim: int) -> int:
    """Return a dim counted from the front.

    Raises:
        IndexError: there is no such dim (torch's texts).
    """
    return int(own_dim(dim, input.ndim))


def _check_points(count: int) -> None:
    if count < 1:
        raise RuntimeError(f"Invalid number of data points ({count}) specified")


def plan(input: Tensor, s: Sequence[int] | None, dim: Sequence[int] | None) -> Plan:
    """Return dims and sizes of a transform over several dims; -1 stands for the size that is there.

    Raises:
        IndexError: there is no such dim.
        RuntimeError: dims repeat, or do not go with the sizes (torch's texts).
    """
    dims = None if dim is None else tuple([one_dim(input, d) for d in dim])
    if dims is not None and len(set(dims)) < len(dims):
        raise RuntimeError("FFT dims must be unique")
    shape = input._array.shape
    if s is not None:
        if dims is not None and len(dims) != len(s):
            raise RuntimeError("When given, dim and shape arguments must have the same length")
        if len(s) > input.ndim:
            raise RuntimeError(
                f"Got shape with {len(s)} values but input tensor only has {input.ndim} dimensions."
            )
        if dims is None:
            dims = tuple(range(input.ndim - len(s), input.ndim))
        sizes = tuple([shape[d] if n == -1 else n for d, n in zip(dims, s, strict=True)])
    else:
        if dims is None:
            dims = tuple(range(input.ndim))
        sizes = tuple([shape[d] for d in dims])
    for size in sizes:
        _check_points(size)
    return Plan(dims, sizes)


def _check_any(name: str, dims: Sequence[int]) -> None:
    if not dims:
        raise RuntimeError(f"{name} must transform at least one axis")


def _half_plan(
    name: str, input: Tensor, s: Sequence[int] | None, dim: Sequence[int] | None
) -> tuple[Plan, int]:
    """Return the plan of an input that is the half of a symmetric one, and the whole last size."""
    dims, sizes = plan(input, s, dim)
    _check_any(name, dims)
    whole = sizes[-1]
    if s is None or s[-1] == -1:
        whole = 2 * (input._array.shape[dims[-1]] - 1)
    _check_points(whole)
    return Plan(dims, (*sizes[:-1], whole // 2 + 1)), whole


# One dim ------------------------------------------------------------------------------------------


def c2c(input: Tensor, n: int | None, dim: int, norm: str | None, forward: bool) -> Tensor:
    """Transform a complex tensor along a dim."""
    dim, input = _prepared(input, n, dim)
    return ops.fft_c2c(input, (dim,), normalization(norm, forward), forward)


def r2c(
    input: Tensor, n: int | None, dim: int, norm: str | None, forward: bool, onesided: bool
) -> Tensor:
    """Transform a real tensor along a dim; backwards it is the conjugate of forwards."""
    dim, input = _prepared(promoted(input), n, dim)
    made = ops.fft_r2c(input, (dim,), normalization(norm, forward), onesided)
    return made if forward else ops.conj(made)


def c2r(input: Tensor, n: int | None, dim: int, norm: str | None, forward: bool) -> Tensor:
    """Transform the half of a symmetric tensor along a dim to a real one of ``n`` points."""
    input = promoted(input, to_complex=True)
    dim = one_dim(input, dim)
    points = 2 * (input._array.shape[dim] - 1) if n is None else n
    _check_points(points)
    if n is not None:
        input = resized(input, (dim,), (n // 2 + 1,))
    scale = normalization(norm, forward)
    return ops.fft_c2r(ops.conj(input) if forward else input, (dim,), scale, points)


def _prepared(input: Tensor, n: int | None, dim: int) -> tuple[int, Tensor]:
    dim = one_dim(input, dim)
    _check_points(input._array.shape[dim] if n is None else n)
    return dim, input if n is None else resized(input, (dim,), (n,))


# Several dims -------------------------------------------------------------------------------------


def c2c_nd(input: Tensor, s: Any, dim: Any, norm: str | None, forward: bool) -> Tensor:
    """Transform over several dims; a real tensor is made complex first."""
    dims, sizes = plan(input, s, dim)
    input = resized(promoted(input, to_complex=True), dims, sizes)
    return ops.fft_c2c(input, dims, normalization(norm, forward), forward)


def rfftn(input: Tensor, s: Any, dim: Any, norm: str | None) -> Tensor:
    """Transform a real tensor over several dims; of the last one the first half is given."""
    dims, sizes = plan(input, s, dim)
    _check_any("rfftn", dims)
    input = resized(promoted(input), dims, sizes)
    return ops.fft_r2c(input, dims, normalization(norm, True), True)


def irfftn(input: Tensor, s: Any, dim: Any, norm: str | None) -> Tensor:
    """Undo ``rfftn``."""
    (dims, sizes), whole = _half_plan("irfftn", input, s, dim)
    input = resized(promoted(input, to_complex=True), dims, sizes)
    return ops.fft_c2r(input, dims, normalization(norm, False), whole)


def hfftn(input: Tensor, s: Any, dim: Any, norm: str | None) -> Tensor:
    """Transform the half of a symmetric tensor over several dims to a real one."""
    (dims, sizes), whole = _half_plan("hfftn", input, s, dim)
    made = resized(promoted(input, to_complex=True), dims, sizes)
    scale = normalization(norm, True)
    if len(dims) > 1:
        made = ops.fft_c2c(made, dims[:-1], scale, True)
    return ops.fft_c2r(ops.conj(made), dims[-1:], scale, whole)


def ihfftn(input: Tensor, s: Any, dim: Any, norm: str | None) -> Tensor:
    """Undo ``hfftn``.

    Raises:
        RuntimeError: the input is complex (torch's text).
    """
    dims, sizes = plan(input, s, dim)
    _check_any("ihfftn", dims)
    made = resized(promoted(input), dims, sizes)
    if made._dtype.is_complex:
        raise RuntimeError(
            f"Only supports floating-point dtypes, but found: {LEGACY_NAMES[made._dtype]}"
        )
    scale = normalization(norm, False)
    made = ops.fft_r2c(made, dims[-1:], scale, True)
    if len(dims) == 1:
        return ops.conj(made)
    return ops.fft_c2c(ops.conj_physical(made), dims[:-1], scale, False)


# Shifts -------------------------------------------------------------------------------------------


def shifted(input: Tensor, dim: Sequence[int] | None, back: bool) -> Tensor:
    """Roll each dim by half of its size, so that frequency 0 comes to the middle; or back.

    Raises:
        RuntimeError: there is no dim to roll (torch's text).
    """
    dims = range(input.ndim) if dim is None else [one_dim(input, d) for d in dim]
    if not dims:
        raise RuntimeError("`shifts` required")
    sizes = [input._array.shape[d] for d in dims]
    shifts = [math.ceil(n / 2) if back else n // 2 for n in sizes]
    return ops.roll(input, tuple(shifts), tuple(dims))
