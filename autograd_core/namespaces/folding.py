"""torch's windows as columns and back, and its shuffles between channels and places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..tensor import Tensor, wrap_dim
from .new_tensors import size_of
from .registration import function, require_tensor

Sizes = Sequence[int]

# Windows as columns -------------------------------------------------------------------------------


@function(under="nn.functional")
def unfold(
    input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Make each window of (batch, channels, height, width) a column; the batch may be missing.

    Raises:
        RuntimeError: sizes and options do not go together (torch's texts).
    """
    require_tensor("im2col", input)
    given = {
        "kernel_size": kernel_size,
        "dilation": dilation,
        "padding": padding,
        "stride": stride,
    }
    options = _pairs("im2col", given, 2)
    wrap_dim(2, input.ndim)
    _check_options(options)
    shape = list(input._array.shape)
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {shape}"
        )
    blocks = _blocks(shape[-2:], options)
    if min(blocks) < 1:
        raise RuntimeError(
            f"Given input with spatial size {tuple(shape[-2:])}, "
            f"{_listed(options, 'kernel_size', 'dilation', 'padding')}, calculated shape of the "
            f"array of sliding blocks as {blocks}, but its components must be at least one."
        )
    return ops.im2col(input, *options.values())


@function(under="nn.functional")
def fold(
    input: Tensor,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Tensor:
    """Add up columns where the windows were that ``unfold`` makes them of.

    Raises:
        RuntimeError: sizes and options do not go together (torch's texts).
    """
    require_tensor("col2im", input)
    given = {
        "output_size": output_size,
        "kernel_size": kernel_size,
        "dilation": dilation,
        "padding": padding,
        "stride": stride,
    }
    options = _pairs("col2im", given, 2)
    _check_options(options)
    shape = list(input._array.shape)
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
            f"non-zero dimensions for input, but got: {shape}"
        )
    kernel, size = options["kernel_size"], options["output_size"]
    if shape[-2] % (kernel[0] * kernel[1]):
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
            f"but got input.size(1)={shape[-2]} and kernel_size={kernel}."
        )
    high, wide = blocks = _blocks(size, options)
    said = _listed(options, "output_size", "kernel_size", "dilation", "padding", "stride")
    if shape[-1] != high * wide:
        raise RuntimeError(
            f"Given {said}, expected size of input's dimension 2 to match the calculated number of "
            f"sliding blocks {high} * {wide} = {high * wide}, but got input.size(2)={shape[-1]}."
        )
    if min(blocks) < 1:
        raise RuntimeError(
            f"Given {said}, calculated shape of the array of sliding blocks as {blocks}, which is "
            "too small (non-positive)"
        )
    if min(size) < 1:
        raise RuntimeError(
            f"Expected output spatial size to be positive, but got: output_size={size}."
        )
    return ops.col2im(input, *options.values())


def _pairs(name: str, given: dict[str, Any], position: int) -> dict[str, tuple[int, ...]]:
    """Return two numbers for each option."""
    pairs = {}
    for at, (option, value) in enumerate(given.items(), position):
        both = value if isinstance(value, (tuple, list)) else (value, value)
        pairs[option] = size_of((both,), None, name, option, at)
    for option, pair in pairs.items():
        if len(pair) != 2:
            raise RuntimeError(f"It is expected {option} equals to 2, but got size {len(pair)}")
    return pairs


def _check_options(options: dict[str, tuple[int, ...]]) -> None:
    for option, least, what, name in (
        ("kernel_size", 1, "kernel size should be greater than zero", "kernel"),
        ("dilation", 1, "dilation should be greater than zero", "dilation"),
        ("padding", 0, "padding should be non-negative", "pad"),
        ("stride", 1, "stride should be greater than zero", "stride"),
    ):
        high, wide = options[option]
        if min(high, wide) < least:
            raise RuntimeError(f"{what}, but got {name}_height: {high} {name}_width: {wide}")


def _blocks(size: Sizes, options: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Return how many windows there are, down and across."""
    return tuple(
        (size[k] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        for k, (kernel, dilation, padding, stride) in enumerate(
            zip(*[options[name] for name in ("kernel_size", "dilation", "padding", "stride")])
        )
    )


def _listed(options: dict[str, tuple[int, ...]], *names: str) -> str:
    return ", ".join(f"{name}={options[name]}" for name in names)


# Between channels and places ----------------------------------------------------------------------


def _check_shuffled(name: str, input: Tensor, argument: str, factor: Any) -> None:
    require_tensor(name, input)
    if not isinstance(factor, int):
        raise TypeError(
            f"{name}(): argument '{argument}' (position 2) must be int, not {type(factor).__name__}"
        )
    if input.ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {input.ndim} "
            "dimension(s)"
        )
    if factor <= 0:
        raise RuntimeError(f"{name} expects a positive {argument}, but got {factor}")


@function
@function(under="nn.functional")
def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(..., channels * r * r, height, width) to (..., channels, height * r, width * r)."""
    _check_shuffled("pixel_shuffle", input, "upscale_factor", upscale_factor)
    channels, square = input._array.shape[-3], upscale_factor**2
    if channels % square:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={channels} is not divisible by {square}"
        )
    return ops.pixel_shuffle(input, upscale_factor)


@function
@function(under="nn.functional")
def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """(..., channels, height * r, width * r) to (..., channels * r * r, height, width)."""
    _check_shuffled("pixel_unshuffle", input, "downscale_factor", downscale_factor)
    for dim, name in ((-2, "height"), (-1, "width")):
        length = input._array.shape[dim]
        if length % downscale_factor:
            raise RuntimeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but "
                f"input.size({dim})={length} is not divisible by {downscale_factor}"
            )
    return ops.pixel_unshuffle(input, downscale_factor)


@function
@function(under="nn.functional")
def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels of (batch, channels, ...), taken of each group in turn."""
    _check_groups(input, groups)
    return ops.channel_shuffle(input, groups)


@function
@function(under="nn.functional")
def native_channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """``channel_shuffle``, without a derivative."""
    _check_groups(input, groups)
    return ops.native_channel_shuffle(input, groups)


def _check_groups(input: Tensor, groups: int) -> None:
    require_tensor("channel_shuffle", input)
    shape = list(input._array.shape)
    if len(shape) < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes {shape}"
        )
    if groups <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    if shape[1] % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and {groups} "
            "groups."
        )
