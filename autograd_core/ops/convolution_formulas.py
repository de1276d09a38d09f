"""Derivatives of convolutions, first and second, which are convolutions again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..default_kernels.convolution import for_each
from .reduction_formulas import all_but_channels

Array = Any
Sizes = Sequence[int]


def convolution_gradients(
    xp: Any,
    grad: Array,
    input: Array,
    weight: Array,
    bias_sizes_opt: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
    needs: tuple[bool, ...],
) -> tuple[Array | None, ...]:
    """The gradients of input, weight and bias by one kernel."""
    options = (stride, padding, dilation, transposed, output_padding, groups)
    gradients: tuple[Array | None, ...] = xp.convolution_backward(
        grad, input, weight, bias_sizes_opt, *options, needs
    )
    return gradients


def convolution_tangent(
    xp: Any,
    input: Array,
    weight: Array,
    input_t: Array,
    weight_t: Array,
    bias_t: Array | None,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
) -> Array:
    """A convolution is linear in its input, and in weight and bias together."""
    options = (stride, padding, dilation, transposed, output_padding, groups)
    return xp.convolution(input_t, weight, None, *options) + xp.convolution(
        input, weight_t, bias_t, *options
    )


def convolution_backward_tangent(
    xp: Any,
    grad_output: Array,
    input: Array,
    weight: Array,
    grad_output_t: Array,
    input_t: Array,
    weight_t: Array,
    bias_sizes: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
    output_mask: Sequence[bool],
) -> tuple[Array | None, ...]:
    """The tangents of the gradients, each of which is linear in two of the operands."""

    def gradient(position: int, grad: Array, input: Array, weight: Array) -> Array:
        only = tuple(k == position for k in range(3))
        options = (stride, padding, dilation, transposed, output_padding, groups)
        return xp.convolution_backward(grad, input, weight, bias_sizes, *options, only)[position]

    of_input = of_weight = of_bias = None
    if output_mask[0]:
        of_input = gradient(0, grad_output, input, weight_t) + gradient(
            0, grad_output_t, input, weight
        )
    if output_mask[1]:
        of_weight = gradient(1, grad_output, input_t, weight) + gradient(
            1, grad_output_t, input, weight
        )
    if output_mask[2]:
        of_bias = xp.sum(grad_output_t, all_but_channels(grad_output_t))
    return of_input, of_weight, of_bias


def convolution_double_backward(
    xp: Any,
    grad_grad_input: Array | None,
    grad_grad_weight: Array | None,
    grad_grad_bias: Array | None,
    grad_output: Array,
    input: Array,
    weight: Array,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
) -> tuple[Array | None, ...]:
    """The gradients of grad_output, input and weight of the backward kernel."""
    of_grad = of_input = of_weight = None
    axes = len(weight.shape) - 2
    stride, padding, dilation, output_padding = (
        for_each(given, axes) for given in (stride, padding, dilation, output_padding)
    )
    empty = 0 in input.shape
    options = (stride, padding, dilation, transposed, output_padding, groups)
    if grad_grad_input is not None and not empty:
        of_grad = xp.convolution(grad_grad_input, weight, None, *options)
        of_weight = _weight_gradient(xp, grad_grad_input, grad_output, weight.shape, *options)
    if grad_grad_weight is not None and not empty:
        part = xp.convolution(input, grad_grad_weight, None, *options)
        of_grad = part if of_grad is None else of_grad + part
        of_input = _input_gradient(xp, grad_output, grad_grad_weight, input.shape, *options)
    if grad_grad_bias is not None:
        line = (1, -1) + (1,) * (len(grad_output.shape) - 2)
        part = xp.expand(xp.reshape(grad_grad_bias, line), grad_output.shape)
        of_grad = part if of_grad is None else of_grad + part
    return of_grad, of_input, of_weight


def _weight_gradient(
    xp: Any,
    input: Array,
    grad: Array,
    size: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
) -> Array:
    """The gradient of the weight: the input convolved with the gradient, channels as a batch.

    Where the stride skips a rest of the input, the result is longer than the weight, and cut.
    """
    moved, kernel = xp.transpose(input, 0, 1), xp.transpose(grad, 0, 1)
    if transposed:
        moved, kernel = kernel, moved
    parts = []
    for group in range(groups):
        pair = [_part(xp, array, groups, group) for array in (moved, kernel)]
        parts.append(
            xp.convolution(*pair, None, dilation, padding, stride, False, output_padding, 1)
        )
    result = parts[0] if groups == 1 else xp.cat(parts, 1)
    return _cut(xp, xp.transpose(result, 0, 1), size)


def _input_gradient(
    xp: Any,
    grad: Array,
    weight: Array,
    size: Sizes,
    stride: Sizes,
    padding: Sizes,
    dilation: Sizes,
    transposed: bool,
    output_padding: Sizes,
    groups: int,
) -> Array:
    """The gradient of the input: the transposed convolution of the gradient."""
    if transposed:
        made = xp.convolution(
            grad, weight, None, stride, padding, dilation, False, output_padding, groups
        )
        return _cut(xp, made, size)
    missing = []
    for k, count in enumerate(weight.shape[2:]):
        reached = (count - 1) * dilation[k] - 2 * padding[k]
        reached += stride[k] * (grad.shape[2 + k] - 1) + 1
        missing.append(size[2 + k] - reached)
    return xp.convolution(
        grad, weight, None, stride, padding, dilation, True, tuple(missing), groups
    )


def _part(xp: Any, array: Array, groups: int, group: int) -> Array:
    """Return a group of the channels, which come first."""
    if groups == 1:
        return array
    length = array.shape[0] // groups
    return xp.slice(array, 0, group * length, (group + 1) * length, 1)


def _cut(xp: Any, array: Array, size: Sizes) -> Array:
    """Return the array without what is beyond a size."""
    for dim in range(2, len(size)):
        if array.shape[dim] > size[dim]:
            array = xp.slice(array, dim, 0, size[dim], 1)
    return array


def im2col_backward(
    xp: Any,
    grad: Array,
    self_argsize_minus_1: int,
    self_argsize_minus_2: int,
    kernel_size: Sizes,
    dilation: Sizes,
    padding: Sizes,
    stride: Sizes,
) -> Array:
    """The columns added up where their windows were."""
    size = (self_argsize_minus_2, self_argsize_minus_1)
    return xp.col2im(grad, size, kernel_size, dilation, padding, stride)


_IN_TIME = ((1,), (0,), (1,), False, (0,), 1)
"""The options of a convolution that nothing but its operands is told of."""


def convolved_in_time(xp: Any, self: Array, weight: Array, bias: Array, pad: int) -> Array:
    """(time, batch, channels), padded, with a weight (width, channels in, channels out)."""
    given, kernel = _moved_for_time(xp, self, weight, pad)
    made = xp.convolution(given, kernel, bias, *_IN_TIME)
    return xp.contiguous(xp.permute(made, (2, 0, 1)))


def convolved_in_time_backward(
    xp: Any,
    grad: Array,
    self: Array,
    weight: Array,
    bias: Array,
    pad: int,
    needs: tuple[bool, ...],
) -> tuple[Array | None, ...]:
    """The gradients of input, weight and bias."""
    given, kernel = _moved_for_time(xp, self, weight, pad)
    of_input, of_weight, of_bias = xp.convolution_backward(
        xp.permute(grad, (1, 2, 0)), given, kernel, bias.shape, *_IN_TIME, needs
    )
    if of_input is not None:
        of_input = xp.permute(of_input, (2, 0, 1))
        of_input = xp.contiguous(xp.constant_pad_nd(of_input, (0, 0, 0, 0, -pad, -pad), 0))
    if of_weight is not None:
        of_weight = xp.contiguous(xp.permute(of_weight, (2, 1, 0)))
    return of_input, of_weight, of_bias


def _moved_for_time(xp: Any, input: Array, weight: Array, pad: int) -> tuple[Array, Array]:
    """Return input and weight with their dims as other convolutions have them."""
    padded = xp.constant_pad_nd(input, (0, 0, 0, 0, pad, pad), 0)
    return xp.permute(padded, (1, 2, 0)), xp.permute(weight, (2, 1, 0))
