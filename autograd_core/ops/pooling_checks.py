"""What torch refuses of the arguments of pooling, with its texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import sizes
from ..default_kernels.convolution import for_each
from ..dtypes import LEGACY_NAMES, bool_, float32, float64, int64, not_implemented_for
from ..pooling_windows import pooled_size
from ..tensor import C_NAMES, Tensor, wrap_dim

_LETTERS = {2: "HW", 3: "THW"}
_TUPLE = {2: "two", 3: "three"}


def _shape(input: Tensor) -> list[int]:
    return list(input._array.shape)


def _check_counts(
    name: str,
    rank: int,
    must_be: str,
    given: dict[str, Sequence[int]],
    dilation: Sequence[int] = (1,),
) -> None:
    """Refuse options that are neither one number nor one for each dim."""
    each = f"or a tuple of {_TUPLE[rank]} ints"
    for option, values in given.items():
        omitted = "omitted, " if option == "stride" else ""
        if len(values) not in ((0, 1, rank) if omitted else (1, rank)):
            raise RuntimeError(f"{name}: {option} {must_be} {omitted}a single int, {each}")
    if len(dilation) not in (1, rank):
        raise RuntimeError(f"{name}: dilation must be either a single int, {each}")


def _output_sizes(
    input: Tensor,
    rank: int,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
) -> list[int]:
    """Return the number of windows along each dim."""
    shape = _shape(input)
    count = []
    for size, k, step, pad, spacing in zip(
        shape[-rank:], kernel, stride, padding, dilation, strict=True
    ):
        count.append(output_size(size, k, step, pad, spacing, ceil_mode))
    return count


def output_size(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool
) -> int:
    """Return the number of windows along a dim."""
    if stride == 0:
        raise RuntimeError("stride should not be zero")
    if padding < 0:
        raise RuntimeError(f"pad must be non-negative, but got pad: {padding}")
    if padding > int(((kernel - 1) * dilation + 1) / 2):
        raise RuntimeError(
            f"pad should be at most half of effective kernel size, but got pad={padding}, "
            f"kernel_size={kernel} and dilation={dilation}"
        )
    return pooled_size(size, kernel, stride, padding, dilation, ceil_mode)


def _check_positive(what: str, rank: int, prefix: str, values: Sequence[int]) -> None:
    if min(values) <= 0:
        raise RuntimeError(
            f"{what} should be greater than zero, but got "
            + " ".join(f"{prefix}{d}: {n}" for d, n in zip(_LETTERS[rank], values, strict=True))
        )


def _check_windows(
    input: Tensor,
    rank: int,
    kernel: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
    name: str,
    covers: bool,
) -> None:
    """Refuse windows that do not fit the input; ``covers``: one must be no larger than that."""
    windows = _output_sizes(input, rank, kernel, stride, padding, dilation, ceil_mode)
    _check_positive("kernel size", rank, "k", kernel)
    _check_positive("stride", rank, "d", stride)
    _check_positive("dilation", rank, "dilation", dilation)
    shape = _shape(input)
    if rank == 2:
        _check_planes(input)
    else:
        _check_spaces(name, shape)
    space = shape[-rank:]
    if covers and any(size < k for size, k in zip(space, kernel, strict=True)):
        raise RuntimeError(
            "input image (T: {} H: {} W: {}) smaller than ".format(*space)
            + "kernel size (kT: {} kH: {} kW: {})".format(*kernel)
        )
    if any(k // 2 < pad for k, pad in zip(kernel, padding, strict=True)):
        if rank == 2:
            found = f"padW = {padding[1]}, padH = {padding[0]}, kW = {kernel[1]}, kH = {kernel[0]}"
        else:
            found = (
                f"kT: {kernel[0]} kW: {kernel[2]} kH: {kernel[1]} "
                f"padT: {padding[0]} padW: {padding[2]} padH: {padding[1]}"
            )
        raise RuntimeError(
            f"pad should be smaller than or equal to half of kernel size, but got {found}"
        )
    if min(windows) < 1:
        channels = shape[-rank - 1]
        given, made = ("x".join(map(str, (channels, *lengths))) for lengths in (space, windows))
        raise RuntimeError(
            f"Given input size: ({given}). Calculated output size: ({made}). Output size is too "
            "small"
        )


def _check_planes(input: Tensor) -> None:
    shape = _shape(input)
    if sizes.suggests_channels_last(shape, input.stride()):
        if len(shape) != 4 or 0 in shape[1:]:
            raise RuntimeError(
                "Expected 4D (batch mode) tensor expected for input with channels_last layout with "
                f"optional 0 dim batch size for input, but got: {shape}"
            )
    elif not ((len(shape) == 3 and 0 not in shape) or (len(shape) == 4 and 0 not in shape[1:])):
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got:{shape}"
        )


def _check_spaces(name: str, shape: list[int]) -> None:
    for size in shape[1:] if len(shape) == 5 else shape:
        if size <= 0:
            raise RuntimeError(
                f"{name}(): Expected input's non-batch dimensions to have positive length, but "
                f"input has a shape of {shape} and non-batch dimension {size} has length zero!"
            )


def _no_kernel(name: str, input: Tensor, by_layout: bool = True) -> NotImplementedError:
    """Return the refusal of a dtype; the kernel of channels-last planes has a name of its own."""
    if by_layout and sizes.suggests_channels_last(_shape(input), input.stride()):
        name += "_channels_last"
    return not_implemented_for(name, input._dtype)


def _check_floating(kernel: str, input: Tensor, by_layout: bool = True) -> None:
    """Refuse other elements than floating ones where there are any."""
    if not input._dtype.is_floating_point and 0 not in input._array.shape:
        raise _no_kernel(kernel, input, by_layout)


def _check_ordered(kernel: str, input: Tensor) -> None:
    """Refuse elements that have no order in torch."""
    if input._dtype.is_complex or input._dtype is bool_:
        raise _no_kernel(kernel, input)


# Means --------------------------------------------------------------------------------------------


def check_avg_pool2d(
    self: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> None:
    """Refuse what torch's avg_pool2d refuses."""
    given = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    _check_counts("avg_pool2d", 2, "must either be", given)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    wrap_dim(-3, self.ndim)
    kernel, step, pad = (for_each(v, 2) for v in (kernel_size, stride or kernel_size, padding))
    _check_windows(self, 2, kernel, step, pad, (1, 1), ceil_mode, "avg_pool2d", False)
    if not (self._dtype.is_floating_point or self._dtype is int64):
        raise _no_kernel("avg_pool2d", self)


def check_avg_pool3d(
    self: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> None:
    """Refuse what torch's avg_pool3d refuses."""
    given = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    _check_counts("avg_pool3d", 3, "must be", given)
    _check_space_rank(self)
    if divisor_override == 0:
        raise RuntimeError("divisor must be not zero")
    kernel, step, pad = (for_each(v, 3) for v in (kernel_size, stride or kernel_size, padding))
    _check_windows(self, 3, kernel, step, pad, (1, 1, 1), ceil_mode, "avg_pool3d", True)
    if self._dtype not in (float32, float64, int64):
        raise _no_kernel("avg_pool3d_out_frame", self, by_layout=False)


def _check_space_rank(input: Tensor) -> None:
    if input.ndim not in (4, 5):
        raise RuntimeError("non-empty 4D or 5D (batch mode) tensor expected for input")


def check_adaptive_avg_pool2d(self: Tensor, output_size: Sequence[int]) -> None:
    """Refuse what torch's _adaptive_avg_pool2d refuses."""
    _check_adaptive("adaptive_avg_pool2d", "3D or 4D", self, 2)
    if 0 not in output_size:
        _check_floating("adaptive_avg_pool2d", self)


def check_adaptive_avg_pool3d(self: Tensor, output_size: Sequence[int]) -> None:
    """Refuse what torch's _adaptive_avg_pool3d refuses."""
    _check_adaptive("adaptive_avg_pool3d", "4D or 5D", self, 3)


def _check_adaptive(name: str, ranks: str, input: Tensor, rank: int) -> None:
    shape = _shape(input)
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"{name}(): Expected {ranks} tensor, but got {shape}")
    check_not_empty(name, shape, len(shape) - rank)


def check_not_empty(name: str, shape: Sequence[int], first: int) -> None:
    """Refuse dims without elements from ``first`` on."""
    for dim in range(first, len(shape)):
        if shape[dim] == 0:
            raise RuntimeError(
                f"{name}(): Expected input to have non-zero size for non-batch dimensions, but "
                f"input has sizes {list(shape)} with dimension {dim} being empty"
            )


# Maxima -------------------------------------------------------------------------------------------


def check_max_pool2d(
    self: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
) -> None:
    """Refuse what torch's max_pool2d_with_indices refuses."""
    given = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    _check_counts("max_pool2d", 2, "must either be", given, dilation)
    if self.ndim == 5 and sizes.suggests_channels_last(_shape(self), self.stride()):
        raise RuntimeError("Unsupport memory format. Supports only ChannelsLast, Contiguous")
    if self.ndim not in (3, 4):
        raise RuntimeError("non-empty 3D or 4D (batch mode) tensor expected for input")
    kernel, step, pad, spacing = (
        for_each(v, 2) for v in (kernel_size, stride or kernel_size, padding, dilation)
    )
    _check_windows(self, 2, kernel, step, pad, spacing, ceil_mode, "max_pool2d", False)
    _check_ordered("max_pool2d", self)


def check_max_pool3d(
    self: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
) -> None:
    """Refuse what torch's max_pool3d_with_indices refuses."""
    given = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    _check_counts("max_pool3d", 3, "must either be", given, dilation)
    _check_space_rank(self)
    kernel, step, pad, spacing = (
        for_each(v, 3) for v in (kernel_size, stride or kernel_size, padding, dilation)
    )
    name = "max_pool3d_with_indices_out_cpu_template"
    _check_windows(self, 3, kernel, step, pad, spacing, ceil_mode, name, False)
    _check_ordered("max_pool3d", self)


def _check_gradient(
    grad_output: Tensor, self: Tensor, indices: Tensor, rank: int, windows: Sequence[int]
) -> None:
    """Refuse a gradient, or indices, that do not fit the windows."""
    if grad_output._dtype is not self._dtype:
        wanted, got = (C_NAMES[tensor._dtype.name] for tensor in (self, grad_output))
        raise RuntimeError(f"expected dtype {wanted} for `gradOutput` but got dtype {got}")
    shape = [*_shape(self)[:-rank], *windows]
    for tensor in (grad_output, indices):
        for dim in range(len(shape) - rank - 1, len(shape)):
            if tensor.ndim != len(shape) or tensor._array.shape[dim] != shape[dim]:
                size = tensor._array.shape[dim] if dim < tensor.ndim else 0
                raise RuntimeError(
                    f"Expected a tensor of dimension {len(shape)} and tensor.size[{dim}] == "
                    f"{shape[dim]} but got: dimension {tensor.ndim} and tensor.size[{dim}] = {size}"
                )
    if indices._dtype is not int64:
        raise RuntimeError(f"expected scalar type Long but found {LEGACY_NAMES[indices._dtype]}")


def check_max_pool2d_backward(
    grad_output: Tensor,
    self: Tensor,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    ceil_mode: bool,
    indices: Tensor,
) -> None:
    """Refuse what torch's max_pool2d_with_indices_backward refuses."""
    kernel, step, pad, spacing = (
        for_each(v, 2) for v in (kernel_size, stride or kernel_size, padding, dilation)
    )
    windows = _output_sizes(self, 2, kernel, step, pad, spacing, ceil_mode)
    _check_gradient(grad_output, self, indices, 2, windows)


def check_adaptive_max_pool2d(self: Tensor, output_size: Sequence[int]) -> None:
    """Refuse what torch's adaptive_max_pool2d refuses."""
    _check_adaptive_max("adaptive_max_pool2d", "3D or 4D", self, output_size, 2)
    if not self._dtype.is_floating_point:
        raise _no_kernel("adaptive_max_pool2d", self)


def check_adaptive_max_pool3d(self: Tensor, output_size: Sequence[int]) -> None:
    """Refuse what torch's adaptive_max_pool3d refuses."""
    _check_adaptive_max("adaptive_max_pool3d", "4D or 5D", self, output_size, 3)


def _check_adaptive_max(
    name: str, ranks: str, input: Tensor, output_size: Sequence[int], rank: int
) -> None:
    shape = _shape(input)
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"{name}(): Expected {ranks} tensor, but got: {shape}")
    check_not_empty(name, shape, 1)
    if len(output_size) != rank:
        raise RuntimeError(f"{name}(): internal error: output_size.size() must be {rank}")
    _check_not_negative([*shape[:-rank], *output_size])


def _check_not_negative(shape: list[int]) -> None:
    for size in shape:
        if size < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {size}: {shape}")


def check_fractional_max_pool2d(
    self: Tensor, kernel_size: Sequence[int], output_size: Sequence[int], random_samples: Tensor
) -> None:
    """Refuse what torch's fractional_max_pool2d refuses."""
    for option, values in (("kernel_size", kernel_size), ("output_size", output_size)):
        if len(values) != 2:
            raise RuntimeError(
                f"fractional_max_pool2d: {option} must either be a single Int or tuple of Ints"
            )
    _check_fractional(
        "fractional_max_pool2d()", "3D or 4D", ("height", "width"), self, kernel_size, output_size
    )
    _check_samples(self, random_samples, 2)
    _check_floating("fractional_max_pool2d_out_frame", self, by_layout=False)


def check_fractional_max_pool3d(
    self: Tensor, kernel_size: Sequence[int], output_size: Sequence[int], random_samples: Tensor
) -> None:
    """Refuse what torch's fractional_max_pool3d refuses."""
    for option, values in (("kernel_size", kernel_size), ("output_size", output_size)):
        if len(values) != 3:
            raise RuntimeError(
                f"fractional_max_pool3d: {option} must either be a single Int or tuple of three "
                "Ints"
            )
    axes = ("time", "height", "width")
    _check_fractional(
        "fractional_max_pool3d_out()", "4D or 5D", axes, self, kernel_size, output_size
    )
    _check_samples(self, random_samples, 3)
    _check_floating("fractional_max_pool3d_out_frame", self, by_layout=False)


def _check_fractional(
    name: str,
    ranks: str,
    axes: Sequence[str],
    input: Tensor,
    kernel_size: Sequence[int],
    output_size: Sequence[int],
) -> None:
    shape = _shape(input)
    rank = len(axes)
    if len(shape) not in (rank + 1, rank + 2):
        raise RuntimeError(f"{name}: Expected {ranks} tensor, but got: {shape}")
    for dim in range(1, len(shape)):
        if shape[dim] == 0:
            raise RuntimeError(
                f"{name}: Expected input to have non-zero size for non-batch dimensions, but "
                f"got{shape} with dimension {dim} being empty."
            )
    for axis, size, kernel, windows in zip(
        axes, shape[-rank:], kernel_size, output_size, strict=True
    ):
        too_large = windows + kernel - 1 > size if rank == 2 else windows + kernel - 1 >= size
        if too_large:
            raise RuntimeError(
                f"{name}: pool {axis} {kernel} too large relative to input {axis} {size}"
            )
    _check_not_negative([*shape[:-rank], *output_size])


def _check_samples(input: Tensor, random_samples: Tensor, rank: int) -> None:
    if random_samples._dtype is not input._dtype:
        raise RuntimeError("Expect _random_samples to have the same dtype as input")
    if random_samples.ndim != 3:
        raise RuntimeError(
            f"Expect _random_samples to have 3 dimensions, got {random_samples.ndim}"
        )
    batch, channels, axes = random_samples._array.shape
    shape = _shape(input)
    if batch < math.prod(shape[: -rank - 1]):
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if channels != shape[-rank - 1]:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if axes != rank:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {rank}; got {axes}.")


# Unpooling ----------------------------------------------------------------------------------------


def check_max_unpool2d(self: Tensor, indices: Tensor, output_size: Sequence[int]) -> None:
    """Refuse what torch's max_unpool2d refuses."""
    if indices._dtype is not int64:
        raise RuntimeError(
            "elements in indices should be type int64 but got: " + LEGACY_NAMES[indices._dtype]
        )
    if len(output_size) != 2:
        raise RuntimeError(
            "There should be exactly two elements (height, width) in output_size, but got "
            f"{len(output_size)} elements."
        )
    _check_unpooled("max_unpooling2d", "3d or 4d", self, indices, 2)
    _check_floating("max_unpool2d", self)


def check_max_unpool3d(
    self: Tensor,
    indices: Tensor,
    output_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
) -> None:
    """Refuse what torch's max_unpool3d refuses."""
    if indices._dtype is not int64:
        raise RuntimeError("elements in indices should be type int64")
    _check_unpooled_rank("max_unpooling3d", "4d or 5d", self, 3)
    for option, values, but in (
        ("output_size", output_size, "but got"),
        ("stride", stride, "but got:"),
        ("padding", padding, "but got:"),
    ):
        if len(values) != 3:
            raise RuntimeError(
                "There should be exactly three elements (depth, height, width) in "
                f"{option}, {but} {len(values)} elements."
            )
    _check_unpooled("max_unpooling3d", "4d or 5d", self, indices, 3)
    if min(stride) <= 0:
        raise RuntimeError(f"strides should be greater than zero, but got stride: {list(stride)}")
    _check_floating("max_unpool3d", self, by_layout=False)


def _check_unpooled_rank(name: str, ranks: str, input: Tensor, rank: int) -> None:
    if input.ndim not in (rank + 1, rank + 2):
        raise RuntimeError(
            f"Input to {name} should be a {ranks} Tensor, but got a tensor with {input.ndim} "
            "dimensions."
        )


def _check_unpooled(name: str, ranks: str, input: Tensor, indices: Tensor, rank: int) -> None:
    shape, places = _shape(input), _shape(indices)
    _check_unpooled_rank(name, ranks, input, rank)
    if shape != places:
        raise RuntimeError(
            f"Expected shape of indices to be same as that of the input tensor ({shape}) but got "
            f"indices tensor with shape: {places}"
        )
    for dim in range(1, len(shape)):
        if shape[dim] == 0:
            raise RuntimeError(
                f"{name}_forward_out_cpu(): Expected input to have non-zero size for non-batch "
                f"dimensions, but got {shape} with dimension {dim} being empty."
            )


def check_rank_of_1d(name: str, input: Any) -> None:
    """Refuse an input of pooling along one dim that has not two dims or three."""
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 "
            f"'self' (while checking arguments for {name})"
        )
