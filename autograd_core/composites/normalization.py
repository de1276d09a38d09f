"""What torch composes of normalizations."""

from __future__ import annotations

import math
from typing import Any

from .. import ops
from ..dtypes import bfloat16, float16, float32
from ..engine.views import seen_whole
from ..number_limits import finfo
from ..tensor import GivenDims, Tensor, wrap_dim
from .shape import row_major_copy


def normalize(input: Tensor, p: float, dim: int, eps: float) -> Tensor:
    """Divide by the norm along dim, which is at least ``eps``."""
    dims: tuple[int, ...] = (wrap_dim(dim, input.ndim),)
    if not input.ndim:
        dims = GivenDims((), dims)
    norm = ops.vector_norm(input, p, dims, True)
    return ops.div(input, ops.expand(ops.clamp_min(norm, eps), input._array.shape))


def batch_norm_of_nothing(input: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    """A copy of an input without elements, with the graph of a scaled and shifted one."""
    made = ops.clone(input)
    if weight is not None:
        made = ops.mul(made, weight.select(0, 0))
    return made if bias is None else ops.add(made, bias.select(0, 0))


@seen_whole
def instance_norm(
    normalized: Any,
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
) -> Tensor:
    """A batch norm, by ``normalized``, of one sample that has the channels of all.

    The running statistics become the means of what they are moved to by each sample.
    """
    shape = input._array.shape
    count, channels = shape[:2]

    def repeated(value: Tensor | None) -> Tensor | None:
        return None if value is None else ops.repeat(value, (count,))

    flat = ops.view(row_major_copy(input), (1, count * channels, *shape[2:]))
    running = repeated(running_mean), repeated(running_var)
    made = normalized(flat, repeated(weight), repeated(bias), *running)
    for target, moved in zip((running_mean, running_var), running, strict=True):
        if target is not None and moved is not None:
            mean = ops.mean(ops.view(moved, (count, channels)), (0,), False)
            ops.copy.inplace(target, mean)
    return ops.view(made, shape)


def rms_norm(
    input: Tensor, normalized_shape: tuple[int, ...], weight: Tensor | None, eps: float | None
) -> Tensor:
    """Divide by the root of the mean square over the trailing dims, then scale by ``weight``."""
    dims = tuple(range(input.ndim - len(normalized_shape), input.ndim))[::-1]
    narrow = input._dtype in (float16, bfloat16)
    wide = ops.to_dtype(input, float32) if narrow else input
    if eps is None:
        eps = float(finfo(wide._dtype).eps)
    square = ops.add_scalar(ops.mean(ops.pow_scalar(wide, 2), dims, True), eps)
    made = ops.mul(wide, ops.rsqrt(square))
    if weight is not None:
        made = ops.mul(made, weight)
    made = row_major_copy(made)
    return made if made._dtype is input._dtype else ops.to_dtype(made, input._dtype)


def mean_square_of_channels(input: Tensor, size: int) -> Tensor:
    """The mean of the squares of ``size`` neighbouring channels, zeros beyond the ends."""
    shape = input._array.shape
    around = (size // 2, (size - 1) // 2)
    squares = ops.mul(input, input)
    if input.ndim == 3:
        padded = ops.constant_pad_nd(ops.unsqueeze(squares, 1), (0, 0, *around), 0)
        mean = ops.avg_pool2d(padded, (size, 1), (1, 1), (0, 0), False, True, None)
        return ops.squeeze_dim(mean, 1)
    rows = ops.view(squares, (shape[0], 1, *shape[1:3], math.prod(shape[3:])))
    padded = ops.constant_pad_nd(rows, (0, 0, 0, 0, *around), 0)
    mean = ops.avg_pool3d(padded, (size, 1, 1), (1, 1, 1), (0, 0, 0), False, True, None)
    return ops.view(ops.squeeze_dim(mean, 1), shape)
