"""torch's softmax family and its normalizations."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

from .. import ops
from ..composites import normalization as composites
from ..tensor import Tensor, wrap_dim
from .reduction import not_implemented_for
from .registration import NAMESPACES, accepts_out, function, method


def _softmax(name: str, input: Tensor, dim: int, dtype: Any) -> Tensor:
    if dtype is not None and dtype is not input._dtype:
        input = ops.to_dtype(input, dtype)
    dim = wrap_dim(dim, input.ndim)
    if not input._dtype.is_floating_point:
        last = dim == max(input.ndim - 1, 0)
        kernel = f"{name}_lastdim_kernel_impl" if last else f"{name}_kernel_impl"
        raise not_implemented_for(kernel, input._dtype)
    return getattr(ops, name)(input, dim)


@function
@accepts_out
@method
def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp over its sum along dim, after a cast to ``dtype``."""
    return _softmax("softmax", input, dim, dtype)


@function
@accepts_out
@method
def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """The logarithm of softmax along dim, after a cast to ``dtype``."""
    return _softmax("log_softmax", input, dim, dtype)


def _implicit_dim(name: str, ndim: int, dim: int | None) -> int:
    """Return ``dim``, or with a warning the one that torch once chose."""
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        UserWarning,
        stacklevel=3,
    )
    return 0 if ndim in (0, 1, 3) else 1


@function(under="nn.functional", name="softmax")
def functional_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """``torch.softmax``."""
    return _softmax("softmax", input, _implicit_dim("softmax", input.ndim, dim), dtype)


@function(under="nn.functional", name="log_softmax")
def functional_log_softmax(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """``torch.log_softmax``."""
    return _softmax("log_softmax", input, _implicit_dim("log_softmax", input.ndim, dim), dtype)


@function(under="nn.functional")
def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """softmax of ``-input``."""
    return _softmax("softmax", -input, _implicit_dim("softmin", input.ndim, dim), dtype)


@function(name="_softmax_backward_data")
@accepts_out
def softmax_backward_data(
    grad_output: Tensor, output: Tensor, dim: int, input_dtype: Any
) -> Tensor:
    """The gradient of softmax from its output."""
    return ops.softmax_backward_data(grad_output, output, wrap_dim(dim, output.ndim))


function(softmax_backward_data, under="ops.aten", name="_softmax_backward_data")


def safe_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """softmax, 0 along lines that are all -inf."""
    return _softmax("safe_softmax", input, dim, dtype)


NAMESPACES.setdefault("ops.aten", {})["_safe_softmax"] = SimpleNamespace(default=safe_softmax)


@function(name="_log_softmax_backward_data")
@accepts_out
def log_softmax_backward_data(
    grad_output: Tensor, output: Tensor, dim: int, input_dtype: Any
) -> Tensor:
    """The gradient of log_softmax from its output."""
    return ops.log_softmax_backward_data(grad_output, output, wrap_dim(dim, output.ndim))


def _check_layer_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None, bias: Tensor | None
) -> tuple[int, ...]:
    """Refuse shapes that do not fit together (torch's texts)."""
    shape = tuple(normalized_shape)
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            f"element, but got normalized_shape = {list(shape)}"
        )
    for name, parameter in (("weight", weight), ("bias", bias)):
        if parameter is not None and parameter._array.shape != shape:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape "
                f"{list(parameter._array.shape)} and normalized_shape = {list(shape)}"
            )
    own = tuple(input._array.shape)
    if own[len(own) - len(shape) :] != shape or len(own) < len(shape):
        wanted = ", ".join(["*", *map(str, shape)])
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [{wanted}], but got "
            f"input of size{list(own)}"
        )
    if not input._dtype.is_floating_point:
        raise not_implemented_for("LayerNormKernelImpl", input._dtype)
    return shape


@function
def native_layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None,
    bias: Tensor | None,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise over the trailing dims; also the mean and the reciprocal deviation."""
    shape = _check_layer_norm(input, normalized_shape, weight, bias)
    return ops.native_layer_norm(input, shape, weight, bias, eps)


@function
def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
    cudnn_enable: bool = True,
) -> Tensor:
    """Normalise over the trailing dims, then scale by ``weight`` and shift by ``bias``."""
    return native_layer_norm(input, normalized_shape, weight, bias, eps)[0]


@function(under="nn.functional", name="layer_norm")
def functional_layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """``torch.layer_norm``."""
    return native_layer_norm(input, normalized_shape, weight, bias, eps)[0]


@function(under="nn.functional")
@accepts_out
def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Divide by the ``p`` norm along dim, or by ``eps`` where that is larger."""
    return composites.normalize(input, p, dim, eps)


# Batch and group norm, as their kernels are called ------------------------------------------------


def _check_batch_norm(input: Tensor) -> None:
    if not input._dtype.is_floating_point:
        raise not_implemented_for("batch_norm", input._dtype)


@function
def native_batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise each channel; also the batch's mean and reciprocal deviation if training.

    Training moves the running statistics in place, which their versions do not show.
    """
    _check_batch_norm(input)
    return ops.native_batch_norm(
        input, weight, bias, running_mean, running_var, training, momentum, eps
    )


@function
def _native_batch_norm_legit(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, *arguments: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """``native_batch_norm`` with (running_mean, running_var,) training, momentum and eps."""
    _check_batch_norm(input)
    if len(arguments) == 3:
        return ops.native_batch_norm_of_batch(input, weight, bias, *arguments)
    return ops.native_batch_norm_legit(input, weight, bias, *arguments)


@function(under="ops.aten")
def _batch_norm_with_update(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor,
    running_var: Tensor,
    momentum: float,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Batch norm in training; the fourth result is empty on the CPU."""
    _check_batch_norm(input)
    return ops.batch_norm_with_update(input, weight, bias, running_mean, running_var, momentum, eps)


@function
def native_group_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    N: int,
    C: int,
    HxW: int,
    group: int,
    eps: float,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalise groups of the C channels of N samples; also their means and deviations."""
    shape = list(input._array.shape)
    if group <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {group}")
    if C % group:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {shape} and num_groups={group}"
        )
    for name, parameter in (("weight", weight), ("bias", bias)):
        if parameter is not None and tuple(parameter._array.shape) != (C,):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {list((weight or parameter)._array.shape)} and input of "
                f"shape {shape}"
            )
    if input.numel() != N * C * HxW:
        raise RuntimeError(
            "Expected X.numel() == N * C * HxW to be true, but got false.  (Could this error "
            "message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    if not input._dtype.is_floating_point:
        raise not_implemented_for("GroupNormKernelImpl", input._dtype)
    return ops.native_group_norm(input, weight, bias, N, C, HxW, group, eps)


def native_dropout_backward(grad_output: Tensor, mask: Tensor, scale: float) -> Tensor:
    """The gradient of dropout: what the mask lets through, scaled."""
    return ops.native_dropout_backward(grad_output, mask, scale)


NAMESPACES["ops.aten"]["native_dropout_backward"] = SimpleNamespace(default=native_dropout_backward)
