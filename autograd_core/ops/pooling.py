"""Pooling and unpooling, and the nodes of their backward kernels: kernel, gradient, tangent."""

from __future__ import annotations

from typing import Any

from .. import sizes
from ..derivatives import AS_GIVEN, HIDDEN, LINEAR, NON_DIFFERENTIABLE, OPERAND, no_kernel, op
from ..tensor import Given
from .pooling_checks import (
    check_adaptive_avg_pool2d,
    check_adaptive_avg_pool3d,
    check_adaptive_max_pool2d,
    check_adaptive_max_pool3d,
    check_avg_pool2d,
    check_avg_pool3d,
    check_fractional_max_pool2d,
    check_fractional_max_pool3d,
    check_max_pool2d,
    check_max_pool2d_backward,
    check_max_pool3d,
    check_max_unpool2d,
    check_max_unpool3d,
)

Array = Any


def _chosen(xp: Any, grad: Array, indices: Array, rank: int) -> Array:
    """Return the elements of planes of the last ``rank`` dims at the places of ``indices``.

    They are read in the memory format of the indices, into which others are copied, as in torch.
    """
    shape = tuple(indices.shape)
    if not sizes.numel(shape):
        return xp.new_zeros(grad, shape)
    space = tuple(grad.shape)
    channels_last = sizes.suggests_channels_last(shape, xp.strides(indices))
    wanted = sizes.channels_last(space) if channels_last else sizes.row_major(space)
    if not sizes.same_strides(space, xp.strides(grad), wanted):
        grad = xp.clone_strided(grad, wanted)
    dim = len(shape) - rank
    flat = xp.view(grad, (*space[:dim], sizes.numel(space[dim:])))
    index = xp.reshape(indices, (*shape[:dim], sizes.numel(shape[dim:])))
    return xp.view(xp.gather(flat, Given(dim, -1), index), shape)


def _tangent_of_maxima(xp: Any, tangent: Array, indices: Array, rank: int) -> Array:
    """Return what a tangent has where the maxima were."""
    shape = tuple(indices.shape)
    dim = len(shape) - rank
    flat = xp.reshape(tangent, (*tangent.shape[:dim], sizes.numel(tangent.shape[dim:])))
    index = xp.reshape(indices, (*shape[:dim], sizes.numel(shape[dim:])))
    return xp.reshape(xp.gather(flat, Given(dim, -1), index), shape)


_MEAN = "kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override"
_MAXIMUM = "kernel_size, stride, padding, dilation, ceil_mode"


def _zeros(xp: Any, grad: Any, self_shape: Any) -> Any:
    """The gradient of an input of which a backward kernel reads only shape and layout."""
    return xp.new_zeros(grad, self_shape)


# Means --------------------------------------------------------------------------------------------


def _avg_pool(rank: int) -> tuple[Any, Any]:
    """Return the op of means over windows and the op of its backward kernel."""

    def backward_of(
        xp: Any,
        grad: Any,
        self: Any,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        ceil_mode: bool,
        count_include_pad: bool,
        divisor_override: int | None,
    ) -> Any:
        kernel = xp.avg_pool2d_backward if rank == 2 else xp.avg_pool3d_backward
        return kernel(
            grad,
            self,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
        )

    def backward_of_backward(
        xp: Any,
        grad: Any,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        ceil_mode: bool,
        count_include_pad: bool,
        divisor_override: int | None,
    ) -> Any:
        kernel = xp.avg_pool2d if rank == 2 else xp.avg_pool3d
        return kernel(
            grad, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        )

    def tangent_of_backward(
        xp: Any,
        grad_output_t: Any,
        self: Any,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        ceil_mode: bool,
        count_include_pad: bool,
        divisor_override: int | None,
    ) -> Any:
        return backward_of(
            xp,
            grad_output_t,
            self,
            kernel_size,
            stride,
            padding,
            ceil_mode,
            count_include_pad,
            divisor_override,
        )

    pool = op(
        f"AvgPool{rank}DBackward0",
        f"avg_pool{rank}d(self, {_MEAN})",
        promote=AS_GIVEN,
        check=check_avg_pool2d if rank == 2 else check_avg_pool3d,
        self=backward_of,
        tangent=LINEAR,
    )
    backward = op(
        f"AvgPool{rank}DBackwardBackward0",
        f"avg_pool{rank}d_backward(grad_output, self, {_MEAN})",
        promote=AS_GIVEN,
        shown={"self_sym_sizes": HIDDEN},
        grad_output=backward_of_backward,
        self=_zeros,
        tangent=tangent_of_backward,
    )
    return pool, backward


avg_pool2d, avg_pool2d_backward = _avg_pool(2)
avg_pool3d, avg_pool3d_backward = _avg_pool(3)

adaptive_avg_pool2d = op(
    "AdaptiveAvgPool2DBackward0",
    "adaptive_avg_pool2d(self, output_size)",
    promote=AS_GIVEN,
    check=check_adaptive_avg_pool2d,
    aten="_adaptive_avg_pool2d",
    self=lambda xp, grad, self: xp.adaptive_avg_pool2d_backward(grad, self),
    tangent=LINEAR,
)
adaptive_avg_pool2d_backward = op(
    "AdaptiveAvgPool2DBackwardBackward0",
    "adaptive_avg_pool2d_backward(grad_output, self)",
    promote=AS_GIVEN,
    aten="_adaptive_avg_pool2d_backward",
    shown={"self_sym_sizes": HIDDEN},
    grad_output=lambda xp, grad, grad_output_argsize_minus_1, grad_output_argsize_minus_2: (
        xp.adaptive_avg_pool2d(grad, (grad_output_argsize_minus_2, grad_output_argsize_minus_1))
    ),
    self=_zeros,
    tangent=lambda xp, grad_output_t, self: xp.adaptive_avg_pool2d_backward(grad_output_t, self),
)


def _adaptive_avg_pool3d_second(
    xp: Any,
    grad: Any,
    grad_output_argsize_minus_1: int,
    grad_output_argsize_minus_2: int,
    grad_output_argsize_minus_3: int,
) -> Any:
    size = (grad_output_argsize_minus_3, grad_output_argsize_minus_2, grad_output_argsize_minus_1)
    return xp.adaptive_avg_pool3d(grad, size)


adaptive_avg_pool3d = op(
    "AdaptiveAvgPool3DBackward0",
    "adaptive_avg_pool3d(self, output_size)",
    promote=AS_GIVEN,
    check=check_adaptive_avg_pool3d,
    aten="_adaptive_avg_pool3d",
    refuses={"bic": no_kernel("adaptive_avg_pool3d_cpu")},
    self=lambda xp, grad, self: xp.adaptive_avg_pool3d_backward(grad, self),
    tangent=LINEAR,
)
adaptive_avg_pool3d_backward = op(
    "AdaptiveAvgPool3DBackwardBackward0",
    "adaptive_avg_pool3d_backward(grad_output, self)",
    promote=AS_GIVEN,
    aten="_adaptive_avg_pool3d_backward",
    shown={"self_sym_sizes": HIDDEN},
    grad_output=_adaptive_avg_pool3d_second,
    self=_zeros,
    tangent=lambda xp, grad_output_t, self: xp.adaptive_avg_pool3d_backward(grad_output_t, self),
)

# Maxima -------------------------------------------------------------------------------------------


def _max_pool(rank: int) -> tuple[Any, Any]:
    """Return the op of maxima over windows and the op of its backward kernel."""

    def backward_of(
        xp: Any,
        grad: Any,
        self: Any,
        kernel_size: Any,
        stride: Any,
        padding: Any,
        dilation: Any,
        ceil_mode: bool,
        result1: Any,
    ) -> Any:
        kernel = (
            xp.max_pool2d_with_indices_backward
            if rank == 2
            else xp.max_pool3d_with_indices_backward
        )
        return kernel(grad, self, kernel_size, stride, padding, dilation, ceil_mode, result1)

    pool = op(
        f"MaxPool{rank}DWithIndicesBackward0",
        f"max_pool{rank}d_with_indices(self, {_MAXIMUM})",
        promote=AS_GIVEN,
        check=check_max_pool2d if rank == 2 else check_max_pool3d,
        outputs="result0 result1",
        fixed_outputs="result1",
        self=backward_of,
        tangent=lambda xp, self_t, result1: _tangent_of_maxima(xp, self_t, result1, rank),
    )
    backward = op(
        f"MaxPool{rank}DWithIndicesBackwardBackward0",
        f"max_pool{rank}d_with_indices_backward(grad_output, self, {_MAXIMUM}, indices)",
        promote=AS_GIVEN,
        check=check_max_pool2d_backward if rank == 2 else None,
        shown={"self_sym_sizes": HIDDEN},
        grad_output=lambda xp, grad, indices: _chosen(xp, grad, indices, rank),
        self=_zeros,
        indices=NON_DIFFERENTIABLE,
        tangent=LINEAR,
    )
    return pool, backward


max_pool2d_with_indices, max_pool2d_with_indices_backward = _max_pool(2)
max_pool3d_with_indices, max_pool3d_with_indices_backward = _max_pool(3)


def _max_pool1d(xp: Any, self: Any, *options: Any) -> Any:
    kernel_size, stride, padding, dilation, ceil_mode = options
    lifted = [(1, *kernel_size), (1, *stride), (0, *padding), (1, *dilation)]
    made, _ = xp.max_pool2d_with_indices(
        xp.unsqueeze(self, len(self.shape) - 1), *lifted, ceil_mode
    )
    return xp.squeeze_dim(made, len(made.shape) - 2)


max_pool1d = op(
    "",
    f"max_pool1d(self, {_MAXIMUM})",
    kernel=_max_pool1d,
    promote=AS_GIVEN,
    refuses={"bic": no_kernel("max_pool1d_impl")},
    self=OPERAND,
)
"""What torch computes where no gradient is wanted: without indices, in new memory."""


def _adaptive_max_pool(rank: int) -> tuple[Any, Any]:
    """Return the op of maxima over a number of windows and the op of its backward kernel."""

    def backward_of(xp: Any, grad: Any, self: Any, result1: Any) -> Any:
        kernel = xp.adaptive_max_pool2d_backward if rank == 2 else xp.adaptive_max_pool3d_backward
        return kernel(grad, self, result1)

    pool = op(
        f"AdaptiveMaxPool{rank}DBackward0",
        f"adaptive_max_pool{rank}d(self, output_size)",
        promote=AS_GIVEN,
        check=check_adaptive_max_pool2d if rank == 2 else check_adaptive_max_pool3d,
        outputs="result0 result1",
        fixed_outputs="result1",
        refuses={} if rank == 2 else {"bic": no_kernel("adaptive_max_pool3d_cpu")},
        self=backward_of,
        tangent=lambda xp, self_t, result1: _tangent_of_maxima(xp, self_t, result1, rank),
    )
    backward = op(
        f"AdaptiveMaxPool{rank}DBackwardBackward0",
        f"adaptive_max_pool{rank}d_backward(grad_output, self, indices)",
        promote=AS_GIVEN,
        shown={"self_sym_sizes": HIDDEN},
        grad_output=lambda xp, grad, indices: _chosen(xp, grad, indices, rank),
        self=_zeros,
        indices=NON_DIFFERENTIABLE,
        tangent=LINEAR,
    )
    return pool, backward


adaptive_max_pool2d, adaptive_max_pool2d_backward = _adaptive_max_pool(2)
adaptive_max_pool3d, adaptive_max_pool3d_backward = _adaptive_max_pool(3)


def _fractional_max_pool(rank: int) -> tuple[Any, Any]:
    """Return the op of maxima over windows at random places and the op of its backward kernel."""

    def backward_of(
        xp: Any, grad: Any, self: Any, kernel_size: Any, output_size: Any, result1: Any
    ) -> Any:
        kernel = (
            xp.fractional_max_pool2d_backward if rank == 2 else xp.fractional_max_pool3d_backward
        )
        return kernel(grad, self, kernel_size, output_size, result1)

    pool = op(
        f"FractionalMaxPool{rank}DBackward0",
        f"fractional_max_pool{rank}d(self, kernel_size, output_size, random_samples)",
        promote=AS_GIVEN,
        check=check_fractional_max_pool2d if rank == 2 else check_fractional_max_pool3d,
        outputs="result0 result1",
        fixed_outputs="result1",
        self=backward_of,
        random_samples=NON_DIFFERENTIABLE,
        tangent=lambda xp, self_t, result1: _tangent_of_maxima(xp, self_t, result1, rank),
    )
    backward = op(
        f"FractionalMaxPool{rank}DBackwardBackward0",
        f"fractional_max_pool{rank}d_backward(grad_output, self, kernel_size, output_size, "
        "indices)",
        promote=AS_GIVEN,
        shown={"self_sym_sizes": HIDDEN},
        grad_output=lambda xp, grad, indices: _chosen(xp, grad, indices, rank),
        self=_zeros,
        indices=NON_DIFFERENTIABLE,
        tangent=LINEAR,
    )
    return pool, backward


fractional_max_pool2d, fractional_max_pool2d_backward = _fractional_max_pool(2)
fractional_max_pool3d, fractional_max_pool3d_backward = _fractional_max_pool(3)

# Unpooling ----------------------------------------------------------------------------------------

max_unpool2d = op(
    "MaxUnpool2DBackward0",
    "max_unpool2d(self, indices, output_size)",
    promote=AS_GIVEN,
    check=check_max_unpool2d,
    self=lambda xp, grad, indices: _chosen(xp, grad, indices, 2),
    indices=NON_DIFFERENTIABLE,
    tangent=LINEAR,
)
max_unpool3d = op(
    "MaxUnpool3DBackward0",
    "max_unpool3d(self, indices, output_size, stride, padding)",
    promote=AS_GIVEN,
    check=check_max_unpool3d,
    self=lambda xp, grad, indices: _chosen(xp, grad, indices, 3),
    indices=NON_DIFFERENTIABLE,
    tangent=LINEAR,
)
