"""Bugs of the table of derivatives: the gradient or the tangent of one input of one node."""

from __future__ import annotations

from typing import Any

from autograd_conformance.mutations.changes import (
    cut_off,
    detached,
    doubled,
    exchanged,
    given,
    gradient,
    negated,
    without,
)
from autograd_conformance.mutations.mutation import Mutation
from autograd_conformance.mutations.planting import Derivative, Formula


def _wrong(
    name: str,
    what: str,
    node: str,
    input: str,
    change: Derivative,
    *cases: str,
    backend: str = "numpy",
) -> Mutation:
    return Mutation(name, what, Formula(node, input, change, backend), cases)


def _gradients(entry: str, dtype: str = "float64") -> str:
    return f"{entry}|{dtype}|gradients"


def _second(entry: str) -> str:
    return f"{entry}|float64|second_order"


def _members(formula: Any, at: dict[str, Any]) -> Any:
    """The gradients of a list of tensors, the first two exchanged."""
    gradients = list(formula(**at))
    gradients[:2] = gradients[1::-1]
    return gradients


def _none_first(formula: Any, at: dict[str, Any]) -> Any:
    _, *others = formula(**at)
    return (None, *others)


def _no_nan(formula: Any, at: dict[str, Any]) -> Any:
    gradient = formula(**at)
    return at["xp"].nan_to_num(gradient)


def _greater_takes_all(formula: Any, at: dict[str, Any]) -> Any:
    grad = at["grad"]
    return at["xp"].where(at["self"] >= at["other"], grad, grad * 0)


def _all_of_it(formula: Any, at: dict[str, Any]) -> Any:
    """The gradient of one that is amax over a single dim, shared among none."""
    grad = at["grad"]
    return at["xp"].where(at["self"] == at["result"], grad, grad * 0)


def _one_off(value: Any) -> Any:
    return value + 1


MUTATIONS = (
    # Wrong sign ---------------------------------------------------------------------------------
    _wrong(
        "sub-other-sign",
        "The subtrahend's gradient has the wrong sign.",
        "SubBackward0",
        "other",
        negated,
        _gradients("sub"),
    ),
    _wrong(
        "cos-sign",
        "The derivative of cos is sin.",
        "CosBackward0",
        "self",
        negated,
        _gradients("cos"),
    ),
    _wrong(
        "rsub-sign",
        "The gradient of `1 - x` has the sign of `x - 1`.",
        "RsubBackward1",
        "self",
        negated,
        "scenario.roots.edges*",
        "scenario.forward_derivatives.operands_without_tangents",
    ),
    _wrong(
        "reciprocal-sign",
        "The derivative of 1/x is 1/x**2.",
        "ReciprocalBackward0",
        "self",
        negated,
        _gradients("reciprocal"),
        backend="python",
    ),
    # Wrong factor -------------------------------------------------------------------------------
    _wrong(
        "exp-factor-forgotten",
        "The gradient of exp is the cotangent alone.",
        "ExpBackward0",
        "self",
        without("grad"),
        _gradients("exp"),
    ),
    _wrong(
        "sqrt-without-the-half",
        "The derivative of sqrt is twice too large.",
        "SqrtBackward0",
        "self",
        doubled,
        _gradients("sqrt"),
    ),
    _wrong(
        "sigmoid-of-the-input",
        "The derivative of sigmoid misses its second factor's result.",
        "SigmoidBackward0",
        "self",
        without("grad"),
        _gradients("sigmoid"),
    ),
    _wrong(
        "mean-not-divided",
        "The gradient of the mean is that of the sum.",
        "MeanBackward0",
        "self",
        doubled,
        _gradients("mean"),
    ),
    _wrong(
        "std-of-the-variance",
        "The gradient of std is twice too large, as that of a square is.",
        "StdBackward0",
        "self",
        doubled,
        _gradients("std"),
    ),
    _wrong(
        "softplus-constant",
        "The gradient of softplus is a constant.",
        "SoftplusBackward0",
        "self",
        without("grad"),
        _gradients("nn.functional.softplus"),
    ),
    # Wrong operand ------------------------------------------------------------------------------
    _wrong(
        "mul-own-factor",
        "Each factor's gradient is scaled by itself.",
        "MulBackward0",
        "self",
        given("other", _one_off),
        _gradients("mul"),
    ),
    _wrong(
        "atan2-swapped",
        "The gradient of atan2 takes y for x.",
        "Atan2Backward0",
        "joint",
        exchanged("self", "other"),
        _gradients("atan2"),
    ),
    _wrong(
        "mm-not-transposed",
        "The right factor's gradient forgets a sign of its left one.",
        "MmBackward0",
        "mat2",
        negated,
        _gradients("mm"),
        backend="python",
    ),
    _wrong(
        "bmm-doubled",
        "The batch matrix product's gradient is twice too large.",
        "BmmBackward0",
        "self",
        doubled,
        _gradients("bmm"),
    ),
    _wrong(
        "lerp-weight-sign",
        "The weight of lerp gets the gradient of the other direction.",
        "LerpBackward1",
        "weight",
        negated,
        _gradients("lerp"),
    ),
    _wrong(
        "cat-members-exchanged",
        "The first two tensors of cat get each other's gradients.",
        "CatBackward0",
        "tensors",
        _members,
        _gradients("cat"),
    ),
    _wrong(
        "stack-members-exchanged",
        "The first two tensors of stack get each other's gradients.",
        "StackBackward0",
        "tensors",
        _members,
        _gradients("stack"),
    ),
    _wrong(
        "layer-norm-input-forgotten",
        "Layer norm gives its input no gradient.",
        "NativeLayerNormBackward0",
        "joint",
        _none_first,
        _gradients("nn.functional.layer_norm"),
    ),
    _wrong(
        "convolution-input-forgotten",
        "A convolution gives its input no gradient.",
        "ConvolutionBackward0",
        "joint",
        _none_first,
        _gradients("nn.functional.conv2d"),
    ),
    # Ties, edges, places ------------------------------------------------------------------------
    _wrong(
        "relu-passes-everything",
        "The gradient of relu does not stop at 0.",
        "ReluBackward0",
        "self",
        given("result", lambda y: y + 1),
        _gradients("nn.functional.relu"),
    ),
    _wrong(
        "amax-tie",
        "All maxima of a tie get the whole gradient.",
        "AmaxBackward0",
        "self",
        _all_of_it,
        "scenario.edges.ties_of_many",
    ),
    _wrong(
        "maximum-tie",
        "The first of two equal operands of maximum gets everything.",
        "MaximumBackward0",
        "self",
        _greater_takes_all,
        "scenario.edges.ties_of_two",
    ),
    _wrong(
        "abs-smooth",
        "The gradient of abs ignores the sign.",
        "AbsBackward0",
        "self",
        without("grad"),
        _gradients("abs"),
    ),
    _wrong(
        "cumsum-forwards",
        "The gradient of cumsum is the cotangent itself, not its sum from behind.",
        "CumsumBackward0",
        "self",
        without("grad"),
        _gradients("cumsum"),
    ),
    _wrong(
        "flip-forgotten",
        "The gradient of flip is not flipped.",
        "FlipBackward0",
        "self",
        without("grad"),
        _gradients("flip"),
    ),
    _wrong(
        "tril-everything",
        "The gradient of tril reaches what was cut off.",
        "TrilBackward0",
        "self",
        without("grad"),
        _gradients("tril"),
    ),
    _wrong(
        "permutation-not-inverted",
        "The gradient of permute is permuted as the input was, which is not the inverse.",
        "PermuteBackward0",
        "self",
        lambda formula, at: at["xp"].permute(at["grad"], at["dims"]),
        _gradients("permute"),
    ),
    _wrong(
        "masked-fill-everything",
        "What masked_fill overwrote gets a gradient.",
        "MaskedFillBackward0",
        "self",
        without("grad"),
        _gradients("masked_fill"),
    ),
    _wrong(
        "gather-sign",
        "The gradient of gather has the wrong sign.",
        "GatherBackward0",
        "self",
        negated,
        _gradients("gather"),
        backend="python",
    ),
    _wrong(
        "index-put-overwritten",
        "What index_put overwrote gets a gradient.",
        "IndexPutBackward0",
        "self",
        without("grad"),
        _gradients("index_put"),
    ),
    # NaN and infinity ---------------------------------------------------------------------------
    _wrong(
        "pow-nan-turned-to-0",
        "A NaN in the gradient of an exponent is turned to 0.",
        "PowBackward2",
        "exponent",
        _no_nan,
        "scenario.edges.powers_at_0",
    ),
    # Complex ------------------------------------------------------------------------------------
    _wrong(
        "exp-not-conjugated",
        "The gradient of a complex exp uses the conjugate of what it should.",
        "ExpBackward0",
        "self",
        given("result", lambda y: y.conj() if hasattr(y, "conj") else y),
        _gradients("exp", "complex128"),
    ),
    _wrong(
        "mul-not-conjugated",
        "The gradient of a complex product uses the factor's conjugate twice.",
        "MulBackward0",
        "self",
        lambda formula, at: at["grad"] * at["other"],
        _gradients("mul", "complex128"),
    ),
    # Second order -------------------------------------------------------------------------------
    _wrong(
        "sin-not-differentiable-twice",
        "The gradient of sin has no graph.",
        "SinBackward0",
        "self",
        cut_off,
        _second("sin"),
    ),
    _wrong(
        "mul-second-order-term",
        "A factor is a constant to the gradient's gradient.",
        "MulBackward0",
        "self",
        detached("other"),
        _second("mul"),
    ),
    _wrong(
        "tanh-second-order-term",
        "The result of tanh is a constant to the gradient's gradient.",
        "TanhBackward0",
        "self",
        detached("result"),
        _second("tanh"),
    ),
    _wrong(
        "sigmoid-backward-doubled",
        "The gradient of sigmoid's gradient is twice too large.",
        "SigmoidBackwardBackward0",
        "output",
        doubled,
        _second("sigmoid"),
    ),
    _wrong(
        "softmax-second-order-sign",
        "The gradient of softmax's gradient has the wrong sign.",
        "SoftmaxBackwardDataBackward0",
        "output",
        negated,
        _second("softmax"),
    ),
    _wrong(
        "gelu-second-order",
        "The gradient of gelu's gradient is twice too large.",
        "GeluBackwardBackward0",
        "self",
        doubled,
        _second("nn.functional.gelu"),
    ),
    # Tangents -----------------------------------------------------------------------------------
    _wrong(
        "sub-tangent",
        "The tangent of a difference has the wrong sign.",
        "SubBackward0",
        "tangent",
        gradient(lambda t: -t),
        "sub|float64|tangents",
    ),
    _wrong(
        "mul-tangent-term",
        "The tangent of a product is twice too large.",
        "MulBackward0",
        "tangent",
        doubled,
        "mul|float64|tangents",
    ),
    _wrong(
        "mm-tangent",
        "The tangent of a matrix product has the wrong sign.",
        "MmBackward0",
        "tangent",
        negated,
        "mm|float64|tangents",
    ),
    # Others -------------------------------------------------------------------------------------
    _wrong(
        "prod-sign",
        "The gradient of a product of elements has the wrong sign.",
        "ProdBackward0",
        "self",
        negated,
        _gradients("prod"),
    ),
    _wrong(
        "logsumexp-constant",
        "The gradient of logsumexp is spread evenly.",
        "LogsumexpBackward0",
        "self",
        lambda formula, at: (lambda g: g * 0 + 1)(formula(**at)),
        _gradients("logsumexp"),
    ),
    _wrong(
        "softmax-not-centred",
        "The gradient of softmax is the cotangent times the result.",
        "SoftmaxBackward0",
        "self",
        lambda formula, at: at["grad"] * at["result"],
        _gradients("softmax"),
    ),
    _wrong(
        "det-sign",
        "The gradient of the determinant has the wrong sign.",
        "LinalgDetBackward0",
        "A",
        negated,
        _gradients("linalg.det"),
    ),
    _wrong(
        "cholesky-doubled",
        "The gradient of the Cholesky factor is twice too large.",
        "LinalgCholeskyExBackward0",
        "self",
        doubled,
        _gradients("linalg.cholesky"),
    ),
    _wrong(
        "mse-loss-sign",
        "The target of mse_loss gets the input's gradient.",
        "MseLossBackward0",
        "target",
        negated,
        _gradients("nn.functional.mse_loss"),
    ),
    _wrong(
        "nll-loss-doubled",
        "The gradient of nll_loss is twice too large.",
        "NllLossBackward0",
        "self",
        doubled,
        _gradients("nn.functional.nll_loss"),
    ),
    _wrong(
        "max-pool-doubled",
        "The gradient of max pooling is twice too large.",
        "MaxPool2DWithIndicesBackward0",
        "self",
        doubled,
        _gradients("nn.functional.max_pool2d"),
    ),
    _wrong(
        "fft-sign",
        "The gradient of a Fourier transform has the wrong sign.",
        "FftC2CBackward0",
        "self",
        negated,
        _gradients("fft.fft", "complex128"),
    ),
)
