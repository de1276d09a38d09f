"""torch's activation functions, most of them in ``nn.functional`` with ``inplace=``."""

from __future__ import annotations

import warnings
from typing import Any

from .. import ops
from ..batching import refuse_undivided
from ..composites import pointwise as composites
from ..default_kernels.pointwise import LARGEST
from ..dtypes import LEGACY_NAMES
from ..engine.levels import refuse_in_batch
from ..random_streams import rrelu_slopes
from ..tensor import Tensor, contiguous_format, wrap, wrap_dim
from .creation_like import empty_like, zeros_like
from .normalization import softmax
from .random import default_generator, exponential_
from .registration import accepts_out, function, method, require_tensor, unary

unary("relu", ops.relu)


@function(under="nn.functional", name="relu")
def _relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The larger of x and 0."""
    return ops.relu.inplace(input) if inplace else ops.relu(input)


function(ops.relu.inplace, under="nn.functional", name="relu_")


@function(under="nn.functional")
def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + exp(-x))."""
    return ops.sigmoid(input)


@function(under="nn.functional")
def tanh(input: Tensor) -> Tensor:
    """Hyperbolic tangent."""
    return ops.tanh(input)


def _run(op: Any, written: Any, inplace: bool, *args: Any) -> Tensor:
    """Run an activation, or its in-place form, which torch records as a node of its own."""
    return written.inplace(*args) if inplace else op(*args)


@function(under="nn.functional")
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x above the threshold, else value."""
    return _run(ops.threshold, ops.threshold_written, inplace, input, threshold, value)


@function(under="nn.functional")
@function
def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """``threshold`` in place."""
    return _run(ops.threshold, ops.threshold_written, True, input, threshold, value)


@function(name="threshold")
@accepts_out
def _threshold(input: Tensor, threshold: float, value: float) -> Tensor:
    return ops.threshold(input, threshold, value)


@function(under="nn.functional")
def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x between 0 and 6."""
    return hardtanh(input, 0, 6, inplace)


@function(under="nn.functional")
def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """x between two bounds."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _run(ops.hardtanh, ops.hardtanh, inplace, input, min_val, max_val)


@function(under="nn.functional")
def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """``hardtanh`` in place."""
    return hardtanh(input, min_val, max_val, True)


@function(under="nn.functional")
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x above 0, else x * negative_slope."""
    return _run(ops.leaky_relu, ops.leaky_relu_written, inplace, input, negative_slope)


@function(under="nn.functional")
def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """``leaky_relu`` in place."""
    return leaky_relu(input, negative_slope, True)


@function(under="nn.functional")
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x above 0, else alpha * expm1(x)."""
    return _run(ops.elu, ops.elu_written, inplace, input, alpha, 1, 1)


@function(under="nn.functional")
def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """``elu`` in place."""
    return elu(input, alpha, True)


@function(under="nn.functional")
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """``elu`` with the constants that keep mean 0 and variance 1."""
    constants = (composites.SELU_ALPHA, composites.SELU_SCALE, 1)
    return _run(ops.elu, ops.elu_written, inplace, input, *constants)


@function(name="selu")
def _selu(input: Tensor) -> Tensor:
    return selu(input)


@function
@function(under="nn.functional")
def selu_(input: Tensor) -> Tensor:
    """``selu`` in place."""
    return selu(input, True)


@function(under="nn.functional")
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x above 0, else alpha * expm1(x / alpha)."""
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    return _run(ops.celu, ops.celu_written, inplace, input, alpha)


@function(name="celu")
def _celu(input: Tensor, alpha: float = 1.0) -> Tensor:
    return celu(input, alpha)


@function
@function(under="nn.functional")
def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """``celu`` in place."""
    return celu(input, alpha, True)


@function(under="nn.functional")
def gelu(input: Tensor, *, approximate: str = "none") -> Tensor:
    """x times the normal distribution function of x, or its approximation by tanh."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    return ops.gelu(input, approximate)


@function(under="nn.functional")
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x * sigmoid(x)."""
    return _run(ops.silu, ops.silu, inplace, input)


@function(under="nn.functional")
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x * tanh(softplus(x))."""
    return _run(ops.mish, ops.mish, inplace, input)


@function(under="nn.functional")
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x * hardsigmoid(x)."""
    return _run(ops.hardswish, ops.hardswish, inplace, input)


@function(under="nn.functional")
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """(x + 3) / 6 between 0 and 1."""
    return _run(ops.hardsigmoid, ops.hardsigmoid, inplace, input)


@function
@method
@accepts_out
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x outside [-lambd, lambd], else 0."""
    return ops.hardshrink(input, lambd)


function(hardshrink, under="nn.functional")


@function(under="nn.functional")
@accepts_out
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved toward 0 by lambd."""
    if lambd < 0 and input._dtype.is_floating_point:
        raise RuntimeError(
            f"lambda must be in range [0, {LARGEST[input._dtype.name]:g}] for input dtype "
            f"{LEGACY_NAMES[input._dtype]}, but found {lambd:g}"
        )
    return ops.softshrink(input, lambd)


@function(under="nn.functional")
def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return composites.tanhshrink(input)


@function(under="nn.functional")
def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return composites.softsign(input)


@function(under="nn.functional")
@accepts_out
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """log(1 + exp(beta * x)) / beta, x itself where beta * x is above the threshold."""
    return ops.softplus(input, beta, threshold)


@function(under="nn.functional")
@accepts_out
def logsigmoid(input: Tensor) -> Tensor:
    """log(sigmoid(x))."""
    return ops.log_sigmoid_forward(input)[0]


@function
@method
@function(under="nn.functional")
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x above 0, else x times the weight of its channel."""
    require_tensor("prelu", input)
    return composites.prelu(input, weight)


@function(under="nn.functional")
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of dim times the sigmoid of the second."""
    if not input.ndim:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    wrapped = wrap_dim(dim, input.ndim)
    size = input._array.shape[wrapped]
    if size % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {wrapped} is size {size}"
        )
    return ops.glu(input, wrapped)


def _drawn_slopes(input: Tensor, lower: float, upper: float) -> Tensor:
    """Return 1 where the input is positive and a random slope elsewhere."""
    backend, dtype = input._backend, input._dtype
    negative = [value <= 0 for value in backend.to_flat(input._array)]
    drawn = iter(rrelu_slopes(default_generator, sum(negative), dtype.name, lower, upper))
    slopes = [next(drawn) if below else 1.0 for below in negative]
    return wrap(backend.from_flat(slopes, input._array.shape, dtype), dtype, backend)


@function(under="nn.functional")
def rrelu(
    input: Tensor,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """leaky_relu with the mean of two slopes, in training with a slope drawn for each element."""
    name = "rrelu_" if inplace else "rrelu"
    refuse_undivided((input,), f"vmap: we do not yet support aten::{name}. Please file an issue")
    name = "rrelu_with_noise_" if inplace else "rrelu_with_noise"
    refuse_in_batch((input,), f"vmap: we do not yet support aten::{name}. Please file an issue")
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if training:
        ops.rrelu_with_noise.entry.check_dtype(input._dtype)
        noise = _drawn_slopes(input, lower, upper)
        op, written = ops.rrelu_with_noise, ops.rrelu_with_noise_written
    else:
        noise = empty_like(input, memory_format=contiguous_format)
        op, written = ops.rrelu, ops.rrelu_written
    return _run(op, written, inplace, input, noise, lower, upper, training)


@function(name="rrelu")
def _rrelu(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False
) -> Tensor:
    return rrelu(input, lower, upper, training)


@function
@function(under="nn.functional")
def rrelu_(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False
) -> Tensor:
    """``rrelu`` in place."""
    return rrelu(input, lower, upper, training, True)


@function(under="nn.functional")
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """softmax of logits with Gumbel noise, over ``tau``: shares that sum to 1 along ``dim``.

    With ``hard`` the result is one-hot, and has the gradient of the shares.
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    drawn = exponential_(empty_like(logits, memory_format=contiguous_format))
    noise = ops.neg(ops.log(drawn))
    shares = softmax(ops.div((logits + noise), tau), dim)
    if not hard:
        return shares
    _, largest = shares.max(dim, keepdim=True)
    zeros = zeros_like(logits, memory_format=contiguous_format)
    chosen: Tensor = zeros.scatter_(dim, largest, 1.0)
    return chosen - shares.detach() + shares
