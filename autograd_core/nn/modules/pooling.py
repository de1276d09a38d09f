"""Pooling over windows and over numbers of windows, and unpooling."""

from __future__ import annotations

from typing import Any, ClassVar

from ...sizes import ntuple
from ...tensor import Tensor
from .. import functional
from .module import Module


class _Pool(Module):
    _rank: ClassVar[int]

    def _run(self, name: str, *arguments: Any, **named: Any) -> Any:
        """Call the function of that name for as many dims as the module pools."""
        return getattr(functional, f"{name}{self._rank}d")(*arguments, **named)


# Windows ------------------------------------------------------------------------------------------


class _MaxPool(_Pool):
    __constants__ = (
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "return_indices",
        "ceil_mode",
    )

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        return self._run(
            "max_pool",
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest element of windows of (N, C, L), and its place on demand."""

    _rank = 1


class MaxPool2d(_MaxPool):
    """The largest element of windows of (N, C, H, W), and its place on demand."""

    _rank = 2


class MaxPool3d(_MaxPool):
    """The largest element of windows of (N, C, D, H, W), and its place on demand."""

    _rank = 3


class _AvgPool(_Pool):
    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """The mean over windows of (N, C, L)."""

    __constants__ = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = ntuple(kernel_size, 1)
        self.stride = ntuple(stride if stride is not None else kernel_size, 1)
        self.padding = ntuple(padding, 1)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Tensor) -> Any:
        return functional.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )


class _DividedAvgPool(_AvgPool):
    __constants__ = (
        "kernel_size",
        "stride",
        "padding",
        "ceil_mode",
        "count_include_pad",
        "divisor_override",
    )

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Any:
        return self._run(
            "avg_pool",
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool2d(_DividedAvgPool):
    """The mean over windows of (N, C, H, W), or the sum over another divisor."""

    _rank = 2


class AvgPool3d(_DividedAvgPool):
    """The mean over windows of (N, C, D, H, W), or the sum over another divisor."""

    _rank = 3


class _LPPool(_Pool):
    __constants__ = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        return self._run(
            "lp_pool", input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """The norm of windows of (N, C, L)."""

    _rank = 1


class LPPool2d(_LPPool):
    """The norm of windows of (N, C, H, W)."""

    _rank = 2


class LPPool3d(_LPPool):
    """The norm of windows of (N, C, D, H, W)."""

    _rank = 3


# Numbers of windows -------------------------------------------------------------------------------


class _AdaptiveMaxPool(_Pool):
    __constants__ = ("output_size", "return_indices")

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        return self._run("adaptive_max_pool", input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest element of each of L' windows of (N, C, L), and its place on demand."""

    _rank = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest element of (H', W') windows of (N, C, H, W), and its place on demand."""

    _rank = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest element of (D', H', W') windows of (N, C, D, H, W), and its place on demand."""

    _rank = 3


class _AdaptiveAvgPool(_Pool):
    __constants__ = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Any:
        return self._run("adaptive_avg_pool", input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean over each of L' windows of (N, C, L)."""

    _rank = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean over (H', W') windows of (N, C, H, W)."""

    _rank = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean over (D', H', W') windows of (N, C, D, H, W)."""

    _rank = 3


class _FractionalMaxPool(_Pool):
    __constants__ = ("kernel_size", "return_indices", "output_size", "output_ratio")

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Tensor | None = None,
    ) -> None:
        super().__init__()
        rank = self._rank
        self.kernel_size = ntuple(kernel_size, rank)
        if rank == 3 and min(self.kernel_size) <= 0:
            raise ValueError(f"kernel_size must be greater than 0, but got {kernel_size}")
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else ntuple(output_size, rank)
        self.output_ratio = None if output_ratio is None else ntuple(output_ratio, rank)
        if output_size is None and output_ratio is None:
            raise ValueError(
                f"FractionalMaxPool{rank}d requires specifying either an output size, or a pooling "
                "ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < part < 1 for part in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")

    def forward(self, input: Tensor) -> Any:
        return self._run(
            "fractional_max_pool",
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest element of windows at random places of (N, C, H, W), and its place on demand."""

    _rank = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """The largest element of windows at random places of (N, C, D, H, W), and its place."""

    _rank = 3


# Unpooling ----------------------------------------------------------------------------------------


class _MaxUnpool(_Pool):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        rank = self._rank
        self.kernel_size = ntuple(kernel_size, rank)
        self.stride = ntuple(stride if stride is not None else kernel_size, rank)
        self.padding = ntuple(padding, rank)

    def forward(self, input: Tensor, indices: Tensor, output_size: Any = None) -> Any:
        return self._run(
            "max_unpool", input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """Zeros with the elements at the places that ``MaxPool1d`` found them at."""

    _rank = 1


class MaxUnpool2d(_MaxUnpool):
    """Zeros with the elements at the places that ``MaxPool2d`` found them at."""

    _rank = 2


class MaxUnpool3d(_MaxUnpool):
    """Zeros with the elements at the places that ``MaxPool3d`` found them at."""

    _rank = 3
