"""torch's softmax family and its normalizations."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from .. import ops
from ..composites import normalization as composites
from ..composites.shape import in_suggested_format
from ..dtypes import LEGACY_NAMES, bfloat16, float16, float32, not_implemented_for
from ..engine.modes import modes
from ..sizes import numel
from ..tensor import C_NAMES, Tensor, wrap_dim
from ..warn_once import warn_once
from .casts import cast
from .reduction import check_mean_dtype, refuse_norm_of_integers
from .registration import accepts_out, function, method, publish


def _softmax(name: str, input: Tensor, dim: int, dtype: Any) -> Tensor:
    if dtype is not None and dtype is not input._dtype:
        input = cast(input, dtype)
    dim = wrap_dim(dim, input.ndim)
    if not input._dtype.is_floating_point and input.numel():
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


publish(SimpleNamespace(default=safe_softmax), "_safe_softmax", "ops.aten")


@function(name="_log_softmax_backward_data")
@accepts_out
def log_softmax_backward_data(
    grad_output: Tensor, output: Tensor, dim: int, input_dtype: Any
) -> Tensor:
    """The gradient of log_softmax from its output."""
    return ops.log_softmax_backward_data(grad_output, output, wrap_dim(dim, output.ndim))


def _check_mixed_dtypes(input: Tensor, *parameters: Tensor | None) -> None:
    """Refuse a first parameter of another dtype (torch's texts); half precision takes float32."""
    dtypes = [parameter._dtype for parameter in parameters if parameter is not None]
    if not dtypes or dtypes[0] is input._dtype:
        return
    if any(dtype is not float32 for dtype in dtypes):
        raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")
    if input._dtype not in (float16, bfloat16):
        raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")


def _check_same_dtypes(input: Tensor, *parameters: Tensor | None) -> None:
    """Refuse parameters of several dtypes whose first has the input's (torch's text)."""
    dtypes = [parameter._dtype for parameter in parameters if parameter is not None]
    if input._dtype in dtypes[:1]:
        for dtype in dtypes:
            if dtype is not input._dtype:
                raise RuntimeError(
                    f"expected scalar type {LEGACY_NAMES[input._dtype]} but found "
                    f"{LEGACY_NAMES[dtype]}"
                )


def _check_layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None,
    bias: Tensor | None,
    leading: str = "*, ",
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
    if leading == "*" and len(own) < len(shape):
        raise ValueError(
            f"Input tensor must have at least {len(shape)} dimensions, but got {len(own)}"
        )
    if own[len(own) - len(shape) :] != shape or len(own) < len(shape):
        wanted = leading + ", ".join(map(str, shape))
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [{wanted}], but got "
            f"input of size{list(own)}"
        )
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
    _check_mixed_dtypes(input, weight, bias)
    shape = _check_layer_norm(input, normalized_shape, weight, bias)
    if not input._dtype.is_floating_point:
        raise not_implemented_for("LayerNormKernelImpl", input._dtype)
    _check_same_dtypes(input, weight, bias)
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


@function
def rms_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Divide by the root of the mean square over the trailing dims, then scale by ``weight``."""
    if isinstance(normalized_shape, int):
        raise TypeError(
            "rms_norm(): argument 'normalized_shape' (position 2) must be tuple of ints, not int"
        )
    shape = _check_layer_norm(input, normalized_shape, weight, None, "*")
    if not input._dtype.is_inexact:
        raise not_implemented_for("rms_norm", input._dtype)
    if weight is not None and weight._dtype is not input._dtype:
        names = (C_NAMES[d.name] for d in (input._dtype, weight._dtype))
        warn_once(
            "Mismatch dtype between input and weight: input dtype = {}, weight dtype = {}, Cannot "
            "dispatch to fused implementation.".format(*names),
            stacklevel=2,
        )
    return composites.rms_norm(input, shape, weight, eps)


function(rms_norm, under="nn.functional")


@function(under="nn.functional")
@accepts_out
def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Divide by the ``p`` norm along dim, or by ``eps`` where that is larger."""
    refuse_norm_of_integers(input)
    return composites.normalize(input, p, dim, eps)


@function(under="nn.functional")
def local_response_norm(
    input: Tensor, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divide by (k + alpha * m) ** beta, m the mean square of ``size`` neighbouring channels."""
    if input.ndim < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality                          "
            f"input (got {input.ndim} dimensions)"
        )
    if not input.numel():
        return input
    square = composites.mean_square_of_channels(input, size)
    return ops.div(input, ops.pow_scalar(ops.add(ops.mul(square, alpha), k), beta))


# Batch and group norm, as their kernels are called ------------------------------------------------


def _check_batch_norm(
    training: bool,
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
) -> None:
    """Refuse what torch has no kernel or no gradient for (torch's texts)."""
    running = {"running_mean": running_mean, "running_var": running_var}
    for name, value in running.items():
        if value is not None and value.requires_grad and modes.grad_enabled:
            raise RuntimeError(
                "The function 'native_batch_norm' is not differentiable with respect to argument "
                f"'{name}'. This input cannot have requires_grad True."
            )
    if not input._dtype.is_floating_point:
        given = [p for p in (weight, bias, running_mean, input) if p is not None]
        if training and given[0]._dtype is input._dtype and in_suggested_format(input) is not input:
            check_mean_dtype(input._dtype)
        raise not_implemented_for("batch_norm", input._dtype)
    if (running_mean is None) is not (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    _check_mixed_dtypes(input, weight, bias, *running.values())
    _check_same_dtypes(input, weight, bias, *running.values())


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
    _check_batch_norm(training, input, weight, bias, running_mean, running_var)
    return ops.native_batch_norm(
        input, weight, bias, running_mean, running_var, training, momentum, eps
    )


@function
def _native_batch_norm_legit(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, *arguments: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """``native_batch_norm`` with (running_mean, running_var,) training, momentum and eps."""
    _check_batch_norm(arguments[-3], input, weight, bias, *arguments[:-3])
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
    _check_batch_norm(True, input, weight, bias, running_mean, running_var)
    return ops.batch_norm_with_update(input, weight, bias, running_mean, running_var, momentum, eps)


def _check_group_norm(
    input: Tensor, channels: int, groups: int, weight: Tensor | None, bias: Tensor | None
) -> None:
    """Refuse shapes that do not fit together (torch's texts)."""
    shape = list(input._array.shape)
    if groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {groups}")
    if channels % groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {shape} and num_groups={groups}"
        )
    for name, parameter in (("weight", weight), ("bias", bias)):
        if parameter is not None and tuple(parameter._array.shape) != (channels,):
            shown = parameter if weight is None else weight
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, "
                f"but got {name} of shape {list(shown._array.shape)} and input of "
                f"shape {shape}"
            )


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
    _check_group_norm(input, C, group, weight, bias)
    if input.numel() != N * C * HxW:
        raise RuntimeError(
            "Expected X.numel() == N * C * HxW to be true, but got false.  (Could this error "
            "message be improved?  If so, please report an enhancement request to PyTorch.)"
        )
    _check_mixed_dtypes(input, weight, bias)
    if not input._dtype.is_floating_point:
        raise not_implemented_for("GroupNormKernelImpl", input._dtype)
    _check_same_dtypes(input, weight, bias)
    return ops.native_group_norm(input, weight, bias, N, C, HxW, group, eps)


# Batch, instance and group norm as they are called ------------------------------------------------


def _per_channel(sizes: Sequence[int]) -> None:
    """Refuse to normalise single numbers (torch's text)."""
    if numel((sizes[0], *sizes[2:])) == 1:
        raise ValueError(
            f"Expected more than 1 value per channel when training, got input size {sizes}"
        )


@function
def batch_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """Normalise each channel by the statistics of the batch, or by the running ones.

    Training moves the running statistics in place, which their versions do not show.
    """
    if not isinstance(momentum, (int, float)):
        raise TypeError(
            "batch_norm(): argument 'momentum' (position 7) must be float, not "
            f"{type(momentum).__name__}"
        )
    if not input.numel():
        return composites.batch_norm_of_nothing(input, weight, bias)
    wrap_dim(1, input.ndim)  # the channels', which must be there
    channels = input._array.shape[1] if input.ndim > 1 else 0
    given = {
        "running_mean": running_mean,
        "running_var": running_var,
        "weight": weight,
        "bias": bias,
    }
    for name, value in given.items():
        if value is None:
            if not training and name.startswith("running"):
                raise RuntimeError(f"{name} must be defined in evaluation mode")
        elif value.numel() != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {value.numel()}")
    return native_batch_norm(
        input, weight, bias, running_mean, running_var, training, float(momentum), float(eps)
    )[0]


@function(under="nn.functional", name="batch_norm")
def functional_batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """``torch.batch_norm``, which refuses batches of one number per channel in training."""
    if training:
        _per_channel(input.shape)
    if training and eps <= 0.0:
        raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    if eps < 0.0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    return batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


@function
def instance_norm(
    input: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Tensor:
    """Normalise each channel of each sample by its own statistics, or by the running ones."""
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError(
            "Expected running_mean and running_var to be defined when use_input_stats is false"
        )

    def normalized(
        input: Tensor,
        weight: Tensor | None,
        bias: Tensor | None,
        mean: Tensor | None,
        var: Tensor | None,
    ) -> Tensor:
        return batch_norm(
            input, weight, bias, mean, var, use_input_stats, momentum, eps, cudnn_enabled
        )

    return composites.instance_norm(normalized, input, weight, bias, running_mean, running_var)


@function(under="nn.functional", name="instance_norm")
def functional_instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """``torch.instance_norm``, which refuses samples of one number per channel."""
    if use_input_stats and numel(input.shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size {input.shape}"
        )
    return instance_norm(
        input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True
    )


@function
def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
    cudnn_enabled: bool = True,
) -> Tensor:
    """Normalise groups of the channels of each sample, then scale and shift channels."""
    channels = input.size(1)
    _check_group_norm(input, channels, num_groups, weight, bias)
    samples, rest = input._array.shape[0], numel(input._array.shape[2:])
    value = in_suggested_format(input)
    return native_group_norm(value, weight, bias, samples, channels, rest, num_groups, float(eps))[
        0
    ]


@function(under="nn.functional", name="group_norm")
def functional_group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """``torch.group_norm``, which refuses groups of one number."""
    if input.ndim < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions for input tensor but received {input.ndim}"
        )
    samples, channels, *rest = input.shape
    _per_channel([samples * channels // num_groups, num_groups, *rest])
    return group_norm(input, num_groups, weight, bias, eps)


def native_dropout_backward(grad_output: Tensor, mask: Tensor, scale: float) -> Tensor:
    """The gradient of dropout: what the mask lets through, scaled."""
    return ops.native_dropout_backward(grad_output, mask, scale)


publish(SimpleNamespace(default=native_dropout_backward), "native_dropout_backward", "ops.aten")
