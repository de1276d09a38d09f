"""torch's convolutions: their overloads, checks and texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import ops
from ..composites import convolution as composed
from ..default_kernels.convolution import convolved_lengths, for_each
from ..dtypes import LEGACY_NAMES, DType, bfloat16, bool_, float32, not_implemented_for, type_text
from ..sizes import numel
from ..tensor import C_NAMES, Tensor
from ..type_promotion import check_can_cast, promote_types
from ..warn_once import warn_once
from .new_tensors import size_of
from .overloads import no_overload
from .registration import function

Sizes = Sequence[int]

# Any number of dims -------------------------------------------------------------------------------


@function
def convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Tensor:
    """Convolve (batch, channels, *lengths) with a weight of as many lengths.

    Raises:
        RuntimeError: sizes, dtypes and options do not go together (torch's texts).
        NotImplementedError: torch has no kernel for the dtype.
    """
    return _checked(
        ops.convolution,
        *(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups),
    )


@function
def _convolution(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
    benchmark: bool,
    deterministic: bool,
    cudnn_enabled: bool,
    allow_tf32: bool = True,
) -> Tensor:
    """``convolution``, under a node of its own; the flags are those of other devices."""
    return _checked(
        ops.convolution_with_flags,
        *(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups),
    )


@function
@function(under="nn.functional")
def conv_tbc(input: Tensor, weight: Tensor, bias: Tensor, pad: int = 0) -> Tensor:
    """Convolve (time, batch, channels) with a weight (width, channels in, channels out).

    Raises:
        RuntimeError: sizes or dtypes do not go together (torch's texts).
    """
    shape, size = list(input._array.shape), list(weight._array.shape)
    if len(shape) != 3:
        raise RuntimeError("Input must have 3 dims: time, batch, in_channel")
    if len(size) != 3:
        raise RuntimeError(
            "Weight tensor must have 3 dims: kernel_width, in_channels, out_channels."
        )
    if bias.ndim != 1:
        raise RuntimeError("Bias must be 1-D")
    if shape[2] != size[1]:
        raise RuntimeError("Input dim 2 (input channels) is not == dim 1 in the weight tensor")
    if bias._array.shape[0] != size[2]:
        raise RuntimeError("Bias size must equal dim 2 in the weight tensor (output channels).")
    length = shape[0] + 2 * pad - size[0] + 1
    if length < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {length}: "
            f"{[length, shape[1], size[2]]}"
        )
    if weight._dtype is not input._dtype:
        raise RuntimeError(
            "self and mat2 must have the same dtype, but got "
            f"{LEGACY_NAMES[input._dtype]} and {LEGACY_NAMES[weight._dtype]}"
        )
    return ops.conv_tbc(input, weight, bias, pad)


def _checked(
    op: Any,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
) -> Tensor:
    options = {
        "stride": size_of((stride,)),
        "padding": size_of((padding,)),
        "dilation": size_of((dilation,)),
        "output_padding": size_of((output_padding,)),
    }
    full = _check_options(weight, options, groups)
    _check_shapes(input, weight, bias, full, bool(transposed), groups)
    _check_dtypes(input, weight, bias, full, bool(transposed), groups)
    _check_lengths(input, weight, full, bool(transposed))
    made: Tensor = op(
        *(input, weight, bias, options["stride"], options["padding"], options["dilation"]),
        *(bool(transposed), options["output_padding"], groups),
    )
    return made


def convolution_backward(
    grad_output: Tensor,
    input: Tensor,
    weight: Tensor,
    bias_sizes: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,
    output_padding: Any,
    groups: int,
    output_mask: Sequence[bool],
) -> tuple[Tensor | None, ...]:
    """The gradients of input, weight and bias of ``convolution``, where the mask asks for them.

    Raises:
        RuntimeError: sizes and options do not go together (torch's texts).
    """
    options = {
        "stride": size_of((stride,)),
        "padding": size_of((padding,)),
        "dilation": size_of((dilation,)),
        "output_padding": size_of((output_padding,)),
    }
    full = _check_options(weight, options, groups)
    _check_shapes(input, weight, None, full, bool(transposed), groups)
    channels = weight._array.shape[1] * groups if transposed else weight._array.shape[0]
    lengths = convolved_lengths(
        *(input._array.shape, weight._array.shape, full["stride"], full["padding"]),
        *(full["dilation"], bool(transposed), full["output_padding"]),
    )
    rank = max(grad_output.ndim, 4)  # torch's kernels take one length for two
    expected = (*input._array.shape[:1], channels, *lengths)
    for dim, (want, have) in enumerate(zip(expected, grad_output._array.shape, strict=True)):
        if dim and want != have:
            at = dim if dim == 1 else dim + rank - grad_output.ndim
            raise RuntimeError(
                f"Expected a tensor of dimension {rank} and tensor.size[{at}] == {want} but got: "
                f"dimension {rank} and tensor.size[{at}] = {have}"
            )
    made: tuple[Tensor | None, ...] = ops.convolution_backward(
        *(grad_output, input, weight, bias_sizes, options["stride"], options["padding"]),
        *(options["dilation"], bool(transposed), options["output_padding"], groups),
        tuple(output_mask),
    )
    return made


def _check_options(
    weight: Tensor, options: dict[str, tuple[int, ...]], groups: int
) -> dict[str, tuple[int, ...]]:
    """Return the options with a number for each length."""
    axes = weight.ndim - 2
    if axes < 1:
        raise RuntimeError("weight should have at least three dimensions")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    for name, given in options.items():
        if len(given) not in (1, axes):
            raise RuntimeError(
                f"expected {name} to be a single integer value or a list of {axes} values to match "
                f"the convolution dimensions, but got {name}={list(given)}"
            )
    if min(options["padding"]) < 0:
        raise RuntimeError("negative padding is not supported")
    if min(options["output_padding"]) < 0:
        raise RuntimeError("negative output_padding is not supported")
    if min(options["stride"]) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(options["dilation"]) < 0:
        raise RuntimeError("dilation should be greater than zero")
    return {name: for_each(given, axes) for name, given in options.items()}


def _check_shapes(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    options: dict[str, tuple[int, ...]],
    transposed: bool,
    groups: int,
) -> None:
    shape, size = list(input._array.shape), list(weight._array.shape)
    rank, out = len(size), size[0]
    if len(shape) != rank:
        raise RuntimeError(
            f"Expected {rank}-dimensional input for {rank}-dimensional weight {size}, but got "
            f"{len(shape)}-dimensional input of size {shape} instead"
        )
    if out < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but "
            f"got weight of size {size} instead"
        )
    if out % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got weight of size [{size}] instead"
        )
    given = "transposed=1" if transposed else f"groups={groups}"
    channels = out if transposed else size[1] * groups
    if shape[1] != channels:
        raise RuntimeError(
            f"Given {given}, weight of size {size}, expected input{shape} to have {channels} "
            f"channels, but got {shape[1]} channels instead"
        )
    channels = size[1] * groups if transposed else out
    if bias is not None and bias._array.shape != (channels,):
        raise RuntimeError(
            f"Given {'transposed=1, ' if transposed else ''}weight of size {size}, expected bias "
            f"to be 1-dimensional with {channels} elements, but got bias of size "
            f"{list(bias._array.shape)} instead"
        )
    if transposed:
        return
    padded = [n + 2 * p for n, p in zip(shape[2:], options["padding"], strict=True)]
    kernel = [d * (n - 1) + 1 for n, d in zip(size[2:], options["dilation"], strict=True)]
    if any(have < need for have, need in zip(padded, kernel, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({_by(padded)}). Kernel size: "
            f"({_by(kernel)}). Kernel size can't be greater than actual input size"
        )


def _by(lengths: Sizes) -> str:
    return " x ".join(map(str, lengths))


def _check_dtypes(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    options: dict[str, tuple[int, ...]],
    transposed: bool,
    groups: int,
) -> None:
    kernel = "slow_conv2d_cpu" if weight.ndim < 5 else "conv_depth_wise_cpu"
    if transposed:
        kernel = f"slow_conv_transpose{max(weight.ndim - 2, 2)}d_out_cpu"
    elif max(options["dilation"]) > 1:
        kernel = "slow_conv_dilated<>"
    elif weight.ndim == 5:
        kernel = "slow_conv3d_cpu"
    dtype = input._dtype
    limited = transposed or kernel == "slow_conv_dilated<>"
    if dtype is bool_ or dtype.is_complex or (limited and not _has_slow_kernel(dtype)):
        raise not_implemented_for(kernel, dtype)
    for other, what in ((weight, "weight"), (bias, "bias")):
        if other is None or other._dtype is dtype:
            continue
        if _is_for_mkldnn(input, weight, groups):
            raise RuntimeError(
                f"Input type ({type_text(dtype)}) and {what} type ({type_text(other._dtype)}) "
                "should be the same or input should be a MKLDNN tensor and "
                f"{what} is a dense tensor"
            )
        if other is bias and kernel == "slow_conv2d_cpu":  # is copied to where sums are made
            continue
        if other is bias and kernel == "slow_conv_transpose2d_out_cpu":  # is added in the end
            check_can_cast(promote_types(dtype, other._dtype), dtype)
            continue
        raise RuntimeError(
            f"expected scalar type {LEGACY_NAMES[dtype]} but found {LEGACY_NAMES[other._dtype]}"
        )


def _is_for_mkldnn(input: Tensor, weight: Tensor, groups: int) -> bool:
    """Whether torch gives the operands to that library, not to its own loops.

    It gives it all of bfloat16 where the processor has instructions for them, and large ones of
    float32.
    """
    if input._dtype is not float32:
        return input._dtype is bfloat16
    lengths, kernel = tuple(input.shape), (1, *weight.shape[2:])[-2:]
    if len(lengths) == 3:
        lengths = (*lengths[:2], 1, *lengths[2:])
    return (
        groups > 1
        or all(length > 3 for length in kernel)
        or lengths[0] > 1
        or numel(lengths[:4]) > 20480
    )


def _has_slow_kernel(dtype: DType) -> bool:
    """Whether torch's kernels that are not of matrix products take the dtype."""
    return dtype.is_inexact or dtype.name == "int64"


def _check_lengths(
    input: Tensor, weight: Tensor, options: dict[str, tuple[int, ...]], transposed: bool
) -> None:
    """Refuse what torch's kernels refuse, which take one length for two."""
    lengths, kernel = list(input._array.shape[2:]), list(weight._array.shape[2:])
    made = list(
        convolved_lengths(
            *(input._array.shape, weight._array.shape, options["stride"], options["padding"]),
            *(options["dilation"], transposed, options["output_padding"]),
        )
    )
    filled = {name: list(given) for name, given in options.items()}
    if len(lengths) == 1:
        lengths, kernel, made = [1, *lengths], [1, *kernel], [1, *made]
        filled = {name: [int(name in ("stride", "dilation")), *v] for name, v in filled.items()}
    members = input._array.shape[:2]
    if 0 in lengths and 0 not in members:
        raise RuntimeError(
            "Only zero batch or zero channel inputs are supported, but got input shape: "
            f"{[*members, *lengths]}"
        )
    if 0 in members:  # nothing is convolved: torch multiplies what there is by a part of the weight
        if members[1] and not weight.numel():
            raise IndexError("select(): index 0 out of range for tensor of size [0] at dimension 0")
        return
    if 0 in kernel:
        got = f" {_named('kernel', kernel)}"
        if len(kernel) == 3 and not transposed and set(filled["dilation"]) == {1}:
            got = f": {_by(kernel)} (TxHxW)"
        raise RuntimeError(f"kernel size should be greater than zero, but got{got}")
    if 0 in filled["dilation"]:
        raise RuntimeError(f"dilation should be greater than zero, but got {filled['dilation']}")
    if not transposed:
        return
    steps = zip(filled["output_padding"], filled["stride"], filled["dilation"], strict=True)
    if any(more >= step and more >= spread for more, step, spread in steps):
        texts = [_named(name, filled[name]) for name in ("output_padding", "stride", "dilation")]
        raise RuntimeError(
            "output padding must be smaller than either stride or dilation, but got "
            f"{' '.join(texts)}"
        )
    if min(made) < 1:
        raise RuntimeError(
            f"Given input size per channel: ({_by(lengths)}). Calculated output size per channel: "
            f"({_by(made)}). Output size is too small"
        )


def _named(what: str, values: Sizes) -> str:
    names = ("depth", "height", "width")[-len(values) :]
    return " ".join(f"{what}_{name}: {n}" for name, n in zip(names, values, strict=True))


# One, two and three lengths -----------------------------------------------------------------------


def _batched(input: Tensor, axes: int, name: str) -> Tensor:
    """Return the input with a batch dim."""
    if input.ndim == axes + 2:
        return input
    if input.ndim == axes + 1:
        return ops.unsqueeze(input, 0)
    raise RuntimeError(
        f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {name}, but got input "
        f"of size: {list(input._array.shape)}"
    )


def _real_or_complex(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    convolve: Callable[[Tensor, Tensor, Tensor | None], Tensor],
) -> Tensor:
    if not input._dtype.is_complex:
        return convolve(input, weight, bias)
    for other, what in ((weight, "weight"), (bias, "bias")):
        if other is not None and other._dtype is not input._dtype:
            raise RuntimeError(
                f"Input type ({type_text(input._dtype)}) and {what} type "
                f"({type_text(other._dtype)}) should be the same"
            )
    return composed.complex_convolution(input, weight, bias, convolve)


def _check_bias(input: Tensor, bias: Tensor | None) -> None:
    if bias is not None and bias._dtype is not input._dtype:
        raise RuntimeError(
            f"Input type ({C_NAMES[input._dtype.name]}) and bias type "
            f"({C_NAMES[bias._dtype.name]}) should be the same"
        )


def _spatial(given: Any, axes: int) -> tuple[int, ...]:
    return (given,) * axes if isinstance(given, int) else size_of((given,))


def _check_arguments(
    name: str, signatures: list[str], tensors: tuple[Any, ...], options: dict[str, Any]
) -> None:
    """Refuse arguments of the wrong types: (input, weight, bias), then sizes, as torch does."""
    operands = tensors[:2] if tensors[2] is None else tensors
    if all(isinstance(operand, Tensor) for operand in operands) and all(
        _is_size(value) or (option == "padding" and isinstance(value, str))
        for option, value in options.items()
    ):
        return
    given = [*tensors, *options.values()]
    usual = [None, *[int(option in ("stride", "dilation", "groups")) for option in options]]
    while len(given) > 2 and given[-1] == usual[len(given) - 3]:
        given.pop()
    raise no_overload(name, given, signatures)


def _is_size(value: Any) -> bool:
    """Whether it is an int or a sequence of them."""
    members = value if isinstance(value, (tuple, list)) else [value]
    return all(hasattr(member, "__index__") for member in members)


def _convolver(axes: int) -> Any:
    """Publish the convolution of that many lengths."""
    name = f"conv{axes}d"
    signature = (
        "Tensor input, Tensor weight, Tensor bias = None, tuple of ints stride = 1, {} padding = "
        "{}, tuple of ints dilation = 1, int groups = 1"
    )
    signatures = [signature.format("tuple of ints", "0"), signature.format("str", '"valid"')]

    def conv(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        _check_arguments(name, signatures, (input, weight, bias), options)
        stride, dilation = _spatial(stride, axes), _spatial(dilation, axes)
        if not isinstance(padding, str):
            _check_bias(input, bias)
        batched = _batched(input, axes, name)
        if isinstance(padding, str):
            convolve = partial(
                _padded_by_word, stride=stride, padding=padding, dilation=dilation, groups=groups
            )
        else:
            convolve = partial(
                convolution,
                stride=stride,
                padding=_spatial(padding, axes),
                dilation=dilation,
                transposed=False,
                output_padding=(0,) * axes,
                groups=groups,
            )
        made = _real_or_complex(batched, weight, bias, convolve)
        return made if batched is input else ops.squeeze_dim(made, 0)

    return _publish(conv, name, axes)


def _transposed_convolver(axes: int) -> Any:
    """Publish the transposed convolution of that many lengths."""
    name = f"conv_transpose{axes}d"
    signature = (
        "Tensor input, Tensor weight, Tensor bias = None, tuple of ints stride = 1, tuple of ints "
        "padding = 0, tuple of ints output_padding = 0, int groups = 1, tuple of ints dilation = 1"
    )

    def conv(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Tensor:
        options = {
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "groups": groups,
            "dilation": dilation,
        }
        _check_arguments(name, [signature], (input, weight, bias), options)
        batched = _batched(input, axes, name)
        convolve = partial(
            convolution,
            stride=_spatial(stride, axes),
            padding=_spatial(padding, axes),
            dilation=_spatial(dilation, axes),
            transposed=True,
            output_padding=_spatial(output_padding, axes),
            groups=groups,
        )
        made = _real_or_complex(batched, weight, bias, convolve)
        return made if batched is input else ops.squeeze_dim(made, 0)

    return _publish(conv, name, axes)


def _publish(conv: Any, name: str, axes: int) -> Any:
    lengths = "one length" if axes == 1 else f"{axes} lengths"
    kind = "Transposed convolution" if "transpose" in name else "Convolution"
    conv.__name__ = conv.__qualname__ = name
    conv.__doc__ = f"{kind} over {lengths}; the batch dim may be missing."
    function(conv, under="nn.functional")
    return function(conv)


def _padded_by_word(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sizes,
    padding: str,
    dilation: Sizes,
    groups: int,
) -> Tensor:
    """Convolve without padding ("valid") or with what keeps the lengths ("same")."""
    if padding == "valid":
        return convolution(input, weight, bias, stride, (0,), dilation, False, (0,), groups)
    if padding != "same":
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    size, axes = list(weight._array.shape), weight.ndim - 2
    if axes < 1:
        raise RuntimeError("weight should have at least three dimensions")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if input.ndim != weight.ndim:
        raise RuntimeError(
            f"Expected {axes + 2}-dimensional input for {axes + 2}-dimensional weight{size}, but "
            f"got {input.ndim}-dimensional input of size {list(input._array.shape)} instead"
        )
    for what, given in (("stride", stride), ("dilation", dilation)):
        if len(given) not in (1, axes):
            raise RuntimeError(f"{what} cannot broadcast to {axes} dimensions")
    if any(n != 1 for n in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    padded, amounts = composed.padded_for_same(input, size[2:], for_each(dilation, axes))
    if padded is not input:
        warn_once(
            "Using padding='same' with even kernel lengths and odd dilation may require a "
            "zero-padded copy of the input be created",
            stacklevel=4,
        )
    return convolution(padded, weight, bias, stride, amounts, dilation, False, (0,) * axes, groups)


for _aten in (convolution, _convolution, convolution_backward):
    function(_aten, under="ops.aten")
conv1d, conv2d, conv3d = map(_convolver, (1, 2, 3))
conv_transpose1d, conv_transpose2d, conv_transpose3d = map(_transposed_convolver, (1, 2, 3))
