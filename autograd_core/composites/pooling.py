"""What torch composes of pooling: along one dim, down to one element, and of powers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops, sizes
from ..tensor import Given, Tensor


def lifted(input: Tensor) -> Tensor:
    """Add a dim of size 1 before the last."""
    return ops.unsqueeze(input, Given(input.ndim - 1, -2))


def lowered(pooled: Tensor) -> Tensor:
    """Drop the dim before the last."""
    return ops.squeeze_dim(pooled, Given(pooled.ndim - 2, -2))


def avg_pool1d(
    input: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    ceil_mode: bool,
    count_include_pad: bool,
) -> Tensor:
    """The mean over windows of the last dim."""
    stride = stride or kernel_size
    sides = ((1, kernel_size[0]), (1, stride[0]), (0, padding[0]))
    return lowered(ops.avg_pool2d(lifted(input), *sides, ceil_mode, count_include_pad, None))


def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
) -> tuple[Tensor, Tensor]:
    """The largest element of windows of the last dim, and its place."""
    stride = stride or kernel_size
    sides = ((1, kernel_size[0]), (1, stride[0]), (0, padding[0]), (1, dilation[0]))
    made, indices = ops.max_pool2d_with_indices(lifted(input), *sides, ceil_mode)
    return lowered(made), lowered(indices)


def adaptive_avg_pool1d(input: Tensor, output_size: Sequence[int]) -> Tensor:
    """The mean over each of several windows that share the last dim."""
    return lowered(adaptive_avg_pool2d(lifted(input), (1, output_size[0])))


def adaptive_max_pool1d(input: Tensor, output_size: Sequence[int]) -> tuple[Tensor, Tensor]:
    """The largest element of each of several windows that share the last dim, and its place."""
    made, indices = ops.adaptive_max_pool2d(lifted(input), (1, output_size[0]))
    return lowered(made), lowered(indices)


def adaptive_avg_pool2d(input: Tensor, output_size: Sequence[int]) -> Tensor:
    """The mean over windows that share the last two dims.

    Raises:
        RuntimeError: the size does not fit (torch's texts).
    """
    return _adaptive_avg_pool(2, input, output_size, "{{{}, {}}}")


def adaptive_avg_pool3d(input: Tensor, output_size: Sequence[int]) -> Tensor:
    """The mean over windows that share the last three dims.

    Raises:
        RuntimeError: the size does not fit (torch's texts).
    """
    return _adaptive_avg_pool(3, input, output_size, "{{{}, {},{}}}")


def _adaptive_avg_pool(rank: int, input: Tensor, size: Sequence[int], shown: str) -> Tensor:
    name = f"adaptive_avg_pool{rank}d"
    if len(size) != rank:
        raise RuntimeError(f"{name}: output_size must be {rank}")
    if min(size) < 0:
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            + shown.format(*size)
        )
    if any(n != 1 for n in size):
        pool = ops.adaptive_avg_pool2d if rank == 2 else ops.adaptive_avg_pool3d
        return pool(input, tuple(size))
    return _mean(input, rank)


def _mean(input: Tensor, rank: int) -> Tensor:
    """The mean over the last dims, in whose place there is one element; channels stay innermost."""
    mean: Tensor = input.mean(tuple(range(-1, -rank - 1, -1)), True)
    shape = tuple(input._array.shape)
    if len(shape) == rank + 2 and sizes.suggests_channels_last(shape, input.stride()):
        batch, channels = shape[:2]
        size = (batch, channels, *(1,) * rank)
        stride = (channels, 1, *(channels,) * rank)
        ops.as_strided_inplace.inplace(mean, size, stride, Given(mean.storage_offset(), None))
    return mean


def lp_pool(input: Tensor, norm_type: Any, count: Any, means: Tensor) -> Tensor:
    """The root of sums of powers, whose means over windows of ``count`` elements are given."""
    made: Tensor = (ops.sign(means) * ops.relu(ops.abs(means))).mul(count)
    return made.pow(1.0 / norm_type)
