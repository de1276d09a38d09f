"""Derived losses, written in the required functions.

``reduction`` is 0 for the loss of each element, 1 for their mean, 2 for their sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import sizes
from ..dtypes import int64
from ..type_promotion import promote_types

Array = Any
MEAN, SUM = 1, 2
LEAST_LOGARITHM = -100.0
LEAST_VARIANCE = 1e-12
"""What torch bounds logarithms of probabilities p by, and p * (1 - p)."""


def _into(xp: Any, function: Callable[..., Array], written: Array, other: Array) -> Array:
    """A function of arrays of two dtypes, in the one that holds both, cast to that of the first."""
    dtype = xp.dtype(written)
    common = promote_types(dtype, xp.dtype(other))
    return xp.cast(function(xp.cast(written, common), xp.cast(other, common)), dtype)


class LossDefaults:
    """Derived losses of the backend contract."""

    def reduce_loss(self: Any, input: Array, reduction: int) -> Array:
        """The elements, their mean or their sum."""
        dims = tuple(range(len(input.shape)))
        if reduction == MEAN:
            return self.mean(input, dims)
        return self.sum(input, dims) if reduction == SUM else input

    def loss_slope(self: Any, slope: Array, grad_output: Array, reduction: int) -> Array:
        """The slope of each element's loss times the gradient; for the mean, by their number."""
        if reduction == MEAN:
            slope = self.div_scalar(slope, max(sizes.numel(slope.shape), 1))
        return self.mul(slope, grad_output)

    def mse_loss(self: Any, input: Array, target: Array, reduction: int) -> Array:
        """(input - target) ** 2."""
        return self.reduce_loss(self.square(self.sub(input, target)), reduction)

    def mse_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int
    ) -> Array:
        """The gradient of input."""
        slope = self.mul_scalar(self.sub(input, target), 2)
        return self.contiguous(self.loss_slope(slope, grad_output, reduction))

    def smooth_l1_loss(
        self: Any, input: Array, target: Array, reduction: int, beta: float
    ) -> Array:
        """|d| - beta / 2 of the difference d, and d ** 2 / (2 * beta) below beta."""
        distance = self.abs(self.sub(input, target))
        inner = self.div_scalar(self.mul_scalar(self.square(distance), 0.5), beta)
        outer = self.sub(distance, self.scalar_like(distance, 0.5 * beta))
        return self.reduce_loss(
            self.where(self.lt(distance, self.scalar_like(distance, beta)), inner, outer), reduction
        )

    def smooth_l1_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int, beta: float
    ) -> Array:
        """The gradient of input."""
        difference = self.sub(input, target)
        near = self.lt(self.abs(difference), self.scalar_like(difference, beta))
        slope = self.where(near, self.div_scalar(difference, beta), self.sign(difference))
        return self.contiguous(self.loss_slope(slope, grad_output, reduction))

    def huber_loss(self: Any, input: Array, target: Array, reduction: int, delta: float) -> Array:
        """d ** 2 / 2 of the difference d, and delta * (|d| - delta / 2) above delta."""
        distance = self.abs(self.sub(input, target))
        inner = self.mul_scalar(self.square(distance), 0.5)
        limit = self.scalar_like(distance, delta)
        outer = self.mul(self.sub(distance, self.mul_scalar(limit, 0.5)), limit)
        return self.reduce_loss(self.where(self.le(distance, limit), inner, outer), reduction)

    def huber_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int, delta: float
    ) -> Array:
        """The gradient of input."""
        difference = self.sub(input, target)
        limit = self.scalar_like(difference, delta)
        near = self.lt(self.abs(difference), limit)
        slope = self.where(near, difference, self.mul(self.sign(difference), limit))
        return self.contiguous(self.loss_slope(slope, grad_output, reduction))

    # Classes -----------------------------------------------------------------------------------

    def binary_cross_entropy(
        self: Any, input: Array, target: Array, weight: Array | None, reduction: int
    ) -> Array:
        """-(t log(p) + (1 - t) log(1 - p)) of probabilities p and targets t, at most 100.

        Raises:
            RuntimeError: a number is outside of [0, 1] (torch's text).
        """
        one = self.scalar_like(input, 1)
        for name, numbers in (("input", input), ("target", target)):
            inside = self.logical_and(
                self.ge(numbers, self.scalar_like(input, 0)), self.le(numbers, one)
            )
            if not self.to_flat(self.all(inside, tuple(range(len(inside.shape)))))[0]:
                raise RuntimeError(f"all elements of {name} should be between 0 and 1")
        least = self.scalar_like(input, LEAST_LOGARITHM)
        loss = self.sub(
            self.mul(self.sub(target, one), self.maximum(self.log1p(self.neg(input)), least)),
            self.mul(target, self.maximum(self.log(input), least)),
        )
        return self.reduce_loss(loss if weight is None else self.mul(loss, weight), reduction)

    def binary_cross_entropy_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        target: Array,
        weight: Array | None,
        reduction: int,
    ) -> Array:
        """The gradient of input."""
        variance = self.mul(self.sub(self.scalar_like(input, 1), input), input)
        variance = self.maximum(variance, self.scalar_like(input, LEAST_VARIANCE))
        slope = self.div(self.sub(input, target), variance)
        return self.loss_slope(
            slope if weight is None else self.mul(slope, weight), grad_output, reduction
        )

    def binary_cross_entropy_with_logits(
        self: Any,
        input: Array,
        target: Array,
        weight: Array | None,
        pos_weight: Array | None,
        reduction: int,
    ) -> Array:
        """binary_cross_entropy of the sigmoid of scores; ``pos_weight`` times the part of t.

        The operands may differ in dtype; the loss has that of the target, and logarithms that of
        the scores.
        """
        logarithm = self.log_sigmoid_forward(input)[0]
        if pos_weight is not None:
            common = promote_types(self.dtype(pos_weight), self.dtype(target))
            more = self.cast(self.sub(pos_weight, self.scalar_like(pos_weight, 1)), common)
            share = self.mul(more, self.cast(target, common))
            share = self.add(share, self.scalar_like(share, 1))
            logarithm = _into(self, self.mul, logarithm, share)
        loss = _into(self, self.mul, self.sub(self.scalar_like(target, 1), target), input)
        loss = _into(self, self.sub, loss, logarithm)
        loss = loss if weight is None else _into(self, self.mul, loss, weight)
        return self.reduce_loss(loss, reduction)

    def nll_loss_forward(
        self: Any,
        input: Array,
        target: Array,
        weight: Array | None,
        reduction: int,
        ignore_index: int,
    ) -> tuple[Array, Array]:
        """Minus the number at the target class, times that class's weight; and the weights' sum.

        The classes are dim 1 of input, or dim 0 if there is one. Without reduction the sum of the
        weights of several samples is 0.
        """
        place, weights, counts = self.class_weights(input, target, weight, ignore_index)
        dim = min(len(input.shape) - 1, 1)
        picked = self.reshape(self.gather(input, dim, place), tuple(weights.shape))
        zero = self.scalar_like(input, 0)
        loss = self.where(counts, self.mul(self.neg(picked), weights), zero)
        dims = tuple(range(len(loss.shape)))
        total = self.sum(weights, dims)
        if reduction == MEAN:
            return self.div(self.sum(loss, dims), total), total
        if reduction == SUM:
            return self.sum(loss, dims), total
        return loss, zero if dims else total

    def nll_loss_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        target: Array,
        weight: Array | None,
        reduction: int,
        ignore_index: int,
        total_weight: Array,
    ) -> Array:
        """The gradient of input."""
        place, weights, counts = self.class_weights(input, target, weight, ignore_index)
        if reduction == MEAN:
            grad_output = self.div(grad_output, total_weight)
        slope = self.mul(self.neg(weights), grad_output)
        slope = self.where(counts, slope, self.scalar_like(input, 0))
        dim = min(len(input.shape) - 1, 1)
        return self.scattered_anew(input.shape, dim, place, self.reshape(slope, tuple(place.shape)))

    nll_loss2d_forward = nll_loss_forward
    nll_loss2d_backward = nll_loss_backward

    def class_weights(
        self: Any, input: Array, target: Array, weight: Array | None, ignore_index: int
    ) -> tuple[Array, Array, Array]:
        """Where target classes are in input, their weights, and which are not to be ignored.

        The weight of an ignored class is 0. A sample without a batch has one target, which may
        stand in a row of one.

        Raises:
            IndexError: there is no such class (torch's text).
        """
        dim = min(len(input.shape) - 1, 1)
        target = self.cast(target, int64)
        if not dim:
            target = self.reshape(target, ())
        counts = self.ne(target, self.scalar_like(target, ignore_index))
        place = self.where(counts, target, self.scalar_like(target, 0))
        classes = input.shape[dim]
        inside = self.logical_and(
            self.ge(place, self.scalar_like(place, 0)),
            self.lt(place, self.scalar_like(place, classes)),
        )
        if not self.to_flat(self.all(inside, tuple(range(len(place.shape)))))[0]:
            wrong = next(k for k in self.to_flat(place) if not 0 <= k < classes)
            raise IndexError(f"Target {wrong} is out of bounds.")
        if weight is None:
            weights = self.cast(counts, self.dtype(input))
        else:
            chosen = self.index_select(weight, 0, self.reshape(place, (sizes.numel(place.shape),)))
            chosen = self.reshape(chosen, tuple(place.shape))
            weights = self.where(counts, chosen, self.scalar_like(input, 0))
        shape = [*input.shape]
        shape[dim] = 1
        return self.reshape(place, tuple(shape)), weights, counts
