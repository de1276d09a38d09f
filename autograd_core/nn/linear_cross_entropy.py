"""Cross entropy of a linear map, whole or in chunks of rows."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from .. import ops
from ..autograd.function import Function
from ..batching.whole_functions import member_by_member
from ..dtypes import bfloat16, float16, float32, int64
from ..engine.modes import modes
from ..namespaces import NAMESPACES
from ..tensor import Tensor
from .linear_cross_entropy_options import LinearCrossEntropyOptions

_REDUCTIONS = ("mean", "sum", "none")


class _Problem(NamedTuple):
    """The arguments of the chunked loss: scores are ``input @ linear_weight.T + linear_bias``."""

    input: Any
    linear_weight: Any
    target: Any
    linear_bias: Any
    weight: Any
    ignore_index: int
    rows: int
    policy: str
    dtype: Any

    def scores_dtype(self) -> Any:
        """Return the dtype of scores and of the gradient of the input."""
        given = self.input.dtype
        return given if given is float16 and self.policy != "accurate" else self.dtype

    def labels(self) -> Any:
        """Return the targets, with 0 where a class is ignored that there is not."""
        if 0 <= self.ignore_index < self.linear_weight.shape[0]:
            return self.target
        return self.target.masked_fill(self.target.eq(self.ignore_index), 0)

    def weights(self, labels: Any) -> Any:
        """Return the weight of each row, 0 where its class is ignored."""
        ignored = self.target.eq(self.ignore_index)
        if self.weight is None:
            return ignored.logical_not().to(self.dtype)
        return self.weight.index_select(0, labels).to(self.dtype).masked_fill(ignored, 0)

    def chunks(self, *of_rows: Any) -> Iterator[tuple[int, list[Any]]]:
        """Yield the first row of each chunk, its inputs, and the chunk of further tensors."""
        count = self.input.shape[0]
        for begin in range(0, count, self.rows):
            length = min(self.rows, count - begin)
            yield begin, [part.narrow(0, begin, length) for part in (self.input, *of_rows)]

    def scores(self, inputs: Any, weight_rows: Any) -> Any:
        """Return the scores of a chunk less their maxima."""
        scores = inputs.to(weight_rows.dtype).mm(weight_rows.t())
        if self.linear_bias is not None:
            scores = scores.add_(self.linear_bias.to(scores.dtype))
        return scores.sub_(scores.amax(1, True))

    def losses(self) -> Any:
        """Return the loss of each row."""
        labels = self.labels()
        losses = self.input.new_empty(self.input.shape[:1])
        weight_rows = self.linear_weight.to(self.scores_dtype())
        for begin, (inputs, label, weight) in self.chunks(labels, self.weights(labels)):
            scores = self.scores(inputs, weight_rows)
            right = scores.gather(1, label.unsqueeze(1)).squeeze(1)
            loss = scores.exp_().sum(1, dtype=self.dtype).log_().sub_(right).mul_(weight)
            losses.narrow(0, begin, loss.shape[0]).copy_(loss)
        return losses

    def reduced(self, weights: Any, wanted: tuple[bool, bool, bool]) -> tuple[Any, list[Any]]:
        """Return the sum of the rows' losses times ``-weights``, and its wanted gradients.

        As in torch, what is written, and how often, is of the dtype of the input, but for the sum
        of float16 and the input's gradient under the policy "accurate".
        """
        labels = self.labels()
        dtype, given = self.dtype, self.input.dtype
        total = self.input.new_zeros((), dtype=dtype if given is float16 else given)
        operands = (self.input, self.linear_weight, self.linear_bias)
        kinds = (dtype if self.policy == "accurate" else given, given, given)
        into_input, into_weight, into_bias = gradients = [
            tensor.new_zeros(tensor.shape, dtype=kind) if want else None
            for tensor, kind, want in zip(operands, kinds, wanted, strict=True)
        ]
        weight_rows = self.linear_weight.to(self.scores_dtype())
        at_once = self.policy == "compact" and weight_rows.dtype is given
        for begin, (inputs, label, share) in self.chunks(labels, weights):
            scores = self.scores(inputs, weight_rows)
            total.add_(share.dot(scores.gather(1, label.unsqueeze(1)).squeeze(1).to(dtype)))
            denominator = scores.exp_().sum(1, dtype=dtype)
            slopes = scores.mul_((share / denominator).to(scores.dtype).unsqueeze(1))
            total.sub_(share.dot(denominator.log_()))
            if into_bias is not None:
                part = into_bias
                if dtype is not given:
                    part = part.new_zeros(part.shape, dtype=dtype)
                part.sub_(slopes.sum(0, dtype=dtype)).index_add_(0, label, share)
                if dtype is not given:
                    into_bias.add_(part.to(given))
            column = share.unsqueeze(1)
            if into_input is not None:
                part = weight_rows.index_select(0, label).mul_(column.to(scores.dtype))
                rows = into_input.narrow(0, begin, part.shape[0])
                if rows.dtype is part.dtype:
                    rows.copy_(part).addmm_(slopes, weight_rows, alpha=-1)
                else:
                    rows.copy_(part.addmm_(slopes, weight_rows, alpha=-1))
            if into_weight is not None:
                inputs_wide = inputs.to(dtype)
                part = inputs_wide * column
                if at_once:
                    into_weight.addmm_(slopes.t(), inputs, alpha=-1)
                    into_weight.index_add_(0, label, part.to(given))
                else:
                    bulk = slopes.to(dtype).t().mm(inputs_wide)
                    into_weight.sub_(bulk.index_add_(0, label, part, alpha=-1))
        return total, gradients


def _written(made: Any, dtype: Any) -> Any:
    """Cast what is not of the dtype, which within torch's operator counts as a write."""
    if made is None or made.dtype is dtype:
        return made
    return made.new_empty(made.shape, dtype=dtype).copy_(made)


class GeneratedBackwardFor_torch_nn__linear_cross_entropy_batch_chunked_default(  # noqa: N801
    Function
):
    """The mean or sum of the losses; its gradients are computed with it."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Any:
        problem = _Problem(*arguments[:5], *arguments[6:10])
        reduction, allow_retain_graph, wanted = arguments[5], *arguments[10:]
        weights = problem.weights(problem.labels())
        if reduction == "mean":
            whole = weights.sum()
            weights = weights.div_(-whole.masked_fill(whole.eq(0), math.nan))
        else:
            weights = weights.neg_()
        total, gradients = problem.reduced(weights, wanted)
        if reduction == "mean" and problem.input.shape[0] == 0:
            total.fill_(math.nan)
        dtype = problem.input.dtype
        ctx._gi, ctx._gw, ctx._gb = _written(gradients[0], dtype), *gradients[1:]
        ctx.allow_retain_graph, ctx.wanted = allow_retain_graph, wanted
        return _written(total, dtype)

    @staticmethod
    def backward(ctx: Any, grad: Any, *_: Any) -> tuple[Any, ...]:
        found: list[Any] = []
        for name, want in zip(("_gi", "_gw", "_gb"), ctx.wanted, strict=True):
            stored = getattr(ctx, name)
            if stored is None:
                if want:
                    raise RuntimeError(
                        "linear_cross_entropy chunked backward called twice; retain_graph=True / "
                        "double backward are not supported."
                    )
                found.append(None)
            elif ctx.allow_retain_graph:
                found.append(stored * grad)
            else:
                setattr(ctx, name, None)
                found.append(stored.mul_(grad))
        return found[0], found[1], None, found[2], *(None,) * 8


class GeneratedBackwardFor_torch_nn__linear_cross_entropy_batch_chunked_no_reduction_default(  # noqa: N801
    Function
):
    """The loss of each row; its gradients are computed, chunk by chunk, when they are wanted."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Any:
        problem = _Problem(*arguments)
        ctx.save_for_backward(
            *(
                tensor if tensor is None or tensor is problem.target else tensor.detach()
                for tensor in problem[:5]
            )
        )
        ctx.options = problem[5:]
        return problem.losses()

    @staticmethod
    def backward(ctx: Any, grad: Any) -> tuple[Any, ...]:
        if modes.grad_enabled and grad.requires_grad:
            raise RuntimeError(
                "div(): functions with out=... arguments don't support automatic differentiation, "
                "but one of the arguments requires grad."
            )
        problem = _Problem(*ctx.saved_tensors, *ctx.options)
        into_input, into_weight, _, into_bias, *_ = ctx.needs_input_grad
        weights = problem.weights(problem.labels()).neg_().mul_(grad.to(problem.dtype))
        _, (rows, *others) = problem.reduced(weights, (into_input, into_weight, into_bias))
        rows = None if rows is None else rows.to(problem.input.dtype)
        return rows, others[0], None, others[1], *(None,) * 5


_unreduced = member_by_member("_linear_cross_entropy_batch_chunked_no_reduction", warns=False)(
    GeneratedBackwardFor_torch_nn__linear_cross_entropy_batch_chunked_no_reduction_default.apply
)
_reduced = member_by_member("_linear_cross_entropy_batch_chunked", warns=False)(
    GeneratedBackwardFor_torch_nn__linear_cross_entropy_batch_chunked_default.apply
)


def _chunked(
    operands: tuple[Any, ...], reduction: str, ignore_index: int, options: LinearCrossEntropyOptions
) -> Any:
    input, linear_weight, target, linear_bias, weight = operands
    alone = input.ndim == 1
    if alone:
        input, target = input.unsqueeze(0), target.unsqueeze(0)
    count, features = input.shape
    how = options.resolved(count, features, linear_weight.shape[0], input.dtype)
    dtype = how[2]
    if dtype is not input.dtype and not (dtype is float32 and input.dtype in (float16, bfloat16)):
        raise RuntimeError(
            "linear_cross_entropy supports float32 acc_dtype with float16/bfloat16 inputs, but got "
            f"{dtype} acc_dtype and {input.dtype} inputs."
        )
    operands = (input, linear_weight, target, linear_bias, weight)
    if reduction == "none":
        result = _unreduced(*operands, ignore_index, *how)
    else:
        wanted = tuple(
            bool(modes.grad_enabled) and tensor is not None and tensor.requires_grad
            for tensor in (input, linear_weight, linear_bias)
        )
        how = (*how, options.allow_retain_graph, wanted)
        result = _reduced(*operands, reduction, ignore_index, *how)
    return result.squeeze(0) if alone else result


def _check(input: Tensor, linear_weight: Tensor, linear_bias: Tensor | None) -> None:
    """Refuse shapes that do not fit together (torch's texts)."""
    if input.ndim not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {input.ndim}")
    if linear_weight.ndim < 2:
        raise RuntimeError(
            f"expected linear_weight with dimensionality at least 2, got {linear_weight.ndim}"
        )
    shape, weight_shape = tuple(input.shape), tuple(linear_weight.shape)
    if shape[-1] != weight_shape[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{shape[-1]} and {weight_shape[-1]}, respectively"
        )
    if linear_bias is not None and tuple(linear_bias.shape) != weight_shape[:-1]:
        raise RuntimeError(
            f"expected linear_bias shape {weight_shape[:-1]}, got {tuple(linear_bias.shape)}"
        )
    if len(weight_shape) > 2 and len(shape) == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {weight_shape} requires batched "
            f"input, (N, {shape[-1]}), got unbatched input with shape {shape}"
        )


def linear_cross_entropy(
    input: Tensor,
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    weight: Tensor | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: LinearCrossEntropyOptions | None = None,
) -> Any:
    """``cross_entropy(linear(input, linear_weight, linear_bias), target)``.

    Args:
        input: (N, E) or (E).
        linear_weight: (C, ..., E) of C classes.
        target: classes (N, ...), or probabilities (N, C, ...).
        linear_bias: (C, ...) or None.
        weight: by class, (C), or None.
        reduction: "none", "mean" or "sum".
        ignore_index: a class that does not count; not with probabilities.
        label_smoothing: how much of a target goes to all classes evenly.
        options: go over the rows in chunks; ignored with a warning where that cannot be.

    Raises:
        RuntimeError: the arguments do not fit together (torch's texts).
    """
    _check(input, linear_weight, linear_bias)
    out_features = tuple(linear_weight.shape[1:-1])
    features, classes = input.shape[-1], linear_weight.shape[0]
    scores_shape = (*input.shape[:-1], classes, *out_features)
    if tuple(target.shape) == scores_shape and ignore_index is not None:
        raise RuntimeError("ignore_index cannot be specified when target contains probabilities")
    ignore_index = -100 if ignore_index is None else ignore_index
    if options is not None:
        fits = not out_features and reduction in _REDUCTIONS and label_smoothing == 0.0
        if fits and target.dtype is int64:
            operands = (input, linear_weight, target, linear_bias, weight)
            return _chunked(operands, reduction, ignore_index, options)
        bias_shape = None if linear_bias is None else tuple(linear_bias.shape)
        warnings.warn(
            "linear_cross_entropy: ``options`` ignored; chunked path needs reduction in "
            "{'mean','sum','none'}, label_smoothing == 0, target.dtype == int64, out_features == "
            f"(). Got reduction={reduction!r}, label_smoothing={label_smoothing}, "
            f"target.dtype={target.dtype}, out_features={out_features}, tracing=False, "
            f"linear_bias.shape={bias_shape}.",
            stacklevel=2,
        )
    if out_features:
        rows = math.prod(out_features, start=classes)
        linear_weight = ops.reshape(linear_weight, (rows, features))
        if linear_bias is not None:
            linear_bias = ops.reshape(linear_bias, (rows,))
    functions = NAMESPACES["nn.functional"]
    scores = functions["linear"](input, linear_weight, linear_bias).reshape(scores_shape)
    return functions["cross_entropy"](
        scores,
        target,
        weight=weight,
        reduction=reduction,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
    )
