"""Convolutions, windows as columns and shuffles as modules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from ...namespaces.creation import empty
from ...sizes import ntuple
from ...tensor import Tensor
from .. import functional, init
from ..parameter import Parameter
from .module import Module

_WORDS = {"same", "valid"}
_MODES = {"zeros", "reflect", "replicate", "circular"}


class _ConvNd(Module):
    """A convolution of ``_axes`` lengths with weight and bias; they are uniform.

    Both are within ``1 / sqrt(in_channels / groups * prod(kernel_size))``.
    """

    __constants__ = (
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
        "output_padding",
        "in_channels",
        "out_channels",
        "kernel_size",
    )
    _axes: ClassVar[int]

    def _set_up(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        transposed: bool,
        output_padding: Any,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        """Take over the options and make the parameters.

        Raises:
            ValueError: options do not go together (torch's texts).
        """
        axes = self._axes
        stride = ntuple(stride, axes)
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in _WORDS:
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {_WORDS}")
            if padding == "same" and any(n != 1 for n in stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in _MODES:
            raise ValueError(
                f"padding_mode must be one of {_MODES}, but got padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = ntuple(kernel_size, axes)
        self.stride = stride
        self.padding = padding if isinstance(padding, str) else ntuple(padding, axes)
        self.dilation = ntuple(dilation, axes)
        self.transposed = transposed
        self.output_padding = ntuple(output_padding, axes)
        self.groups = groups
        self.padding_mode = padding_mode
        self._reversed_padding_repeated_twice = self._amounts()
        outer, inner = (in_channels, out_channels) if transposed else (out_channels, in_channels)
        kind = {"device": device, "dtype": dtype}
        self.weight = Parameter(empty((outer, inner // groups, *self.kernel_size), **kind))
        if bias:
            self.bias = Parameter(empty(out_channels, **kind))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _amounts(self) -> Sequence[int]:
        """Return what to give to ``pad``, which is told of the last dim first."""
        if not isinstance(self.padding, str):
            return tuple([n for n in reversed(self.padding) for _ in range(2)])
        amounts = []
        for count, step in zip(reversed(self.kernel_size), reversed(self.dilation)):
            total = step * (count - 1) if self.padding == "same" else 0
            amounts += [total // 2, total - total // 2]
        return amounts

    def reset_parameters(self) -> None:
        """Draw weight and bias anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            bound = 1 / math.sqrt(fan_in) if fan_in > 0 else 0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        shown = [
            f"{self.in_channels}, {self.out_channels}",
            f"kernel_size={self.kernel_size}",
            f"stride={self.stride}",
        ]
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            value = getattr(self, name)
            if value != (usual,) * len(value):
                shown.append(f"{name}={value}")
        if self.groups != 1:
            shown.append(f"groups={self.groups}")
        if self.bias is None:
            shown.append("bias=False")
        if self.padding_mode != "zeros":
            shown.append(f"padding_mode={self.padding_mode}")
        return ", ".join(shown)


class _Conv(_ConvNd):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._set_up(
            *(in_channels, out_channels, kernel_size, stride, padding, dilation, False, 0),
            *(groups, bias, padding_mode, device, dtype),
        )

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Any:
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            amounts = self._reversed_padding_repeated_twice
            input = functional.pad(input, amounts, mode=self.padding_mode)
            padding = (0,) * self._axes
        convolve = getattr(functional, f"conv{self._axes}d")
        return convolve(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input: Tensor) -> Any:
        return self._conv_forward(input, self.weight, self.bias)


class _ConvTranspose(_ConvNd):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__()
        self._set_up(
            *(in_channels, out_channels, kernel_size, stride, padding, dilation, True),
            *(output_padding, groups, bias, padding_mode, device, dtype),
        )

    def _output_padding(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """Return how much of the end a size asks for beyond the least one there is.

        Raises:
            ValueError: there is no such size (torch's texts).
        """
        axes = self._axes
        outer = 2 if input.ndim == axes + 2 else 1
        size = list(output_size)
        if len(size) == outer + axes:
            size = size[outer:]
        if len(size) != axes:
            raise ValueError(
                f"ConvTranspose{axes}D: for {input.ndim}D input, output_size must have {axes} or "
                f"{outer + axes} elements (got {len(size)})"
            )
        least = [
            (input.size(d + outer) - 1) * self.stride[d]
            - 2 * self.padding[d]
            + self.dilation[d] * (self.kernel_size[d] - 1)
            + 1
            for d in range(axes)
        ]
        most = [low + step - 1 for low, step in zip(least, self.stride, strict=True)]
        if any(not low <= n <= high for n, low, high in zip(size, least, most, strict=True)):
            raise ValueError(
                f"requested an output size of {size}, but valid sizes range from {least} to {most} "
                f"(for an input of {input.size()[2:]})"
            )
        return tuple([n - low for n, low in zip(size, least, strict=True)])

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Any:
        more = self.output_padding
        if output_size is not None:
            more = self._output_padding(input, output_size)
        convolve = getattr(functional, f"conv_transpose{self._axes}d")
        return convolve(
            *(input, self.weight, self.bias, self.stride, self.padding, more),
            *(self.groups, self.dilation),
        )


class Conv1d(_Conv):
    """A convolution over one length."""

    _axes = 1


class Conv2d(_Conv):
    """A convolution over height and width."""

    _axes = 2


class Conv3d(_Conv):
    """A convolution over depth, height and width."""

    _axes = 3


class ConvTranspose1d(_ConvTranspose):
    """A transposed convolution over one length."""

    _axes = 1


class ConvTranspose2d(_ConvTranspose):
    """A transposed convolution over height and width."""

    _axes = 2


class ConvTranspose3d(_ConvTranspose):
    """A transposed convolution over depth, height and width."""

    _axes = 3


class _Windows(Module):
    """What windows there are: kernel_size, dilation, padding and stride."""

    def extra_repr(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)}" for name in self.__constants__)


class Unfold(_Windows):
    """Makes each window of (batch, channels, height, width) a column."""

    __constants__ = ("kernel_size", "dilation", "padding", "stride")

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Any:
        return functional.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(_Windows):
    """Adds up columns where their windows were in (batch, channels, *output_size)."""

    __constants__ = ("output_size", "kernel_size", "dilation", "padding", "stride")

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Any:
        return functional.fold(
            *(input, self.output_size, self.kernel_size, self.dilation),
            *(self.padding, self.stride),
        )


class PixelShuffle(Module):
    """(..., channels * r * r, height, width) to (..., channels, height * r, width * r)."""

    __constants__ = ("upscale_factor",)

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Any:
        return functional.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(..., channels, height * r, width * r) to (..., channels * r * r, height, width)."""

    __constants__ = ("downscale_factor",)

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Any:
        return functional.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """The channels of (batch, channels, ...), taken of each group in turn."""

    __constants__ = ("groups",)

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Any:
        return functional.channel_shuffle(input, self.groups)

    def extra_repr(self) -> str:
        return f"groups={self.groups}"
