"""Longer derivatives of reductions; each runs on raw arrays and on Tensors alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..dtypes import float32, get_default_dtype, int64
from ..number_limits import finfo
from ..sizes import numel
from ..tensor import GivenDims
from .pointwise_formulas import cast_like

Array = Any


def unreduced(
    xp: Any, value: Array, shape: Sequence[int], dim: Sequence[int], keepdim: bool
) -> Array:
    """Return a reduction's value with its reduced dims back as size 1, to broadcast with input.

    A number that no dims were named for stays one, which broadcasts as well.
    """
    if keepdim or not shape or (isinstance(dim, GivenDims) and dim.is_unnamed):
        return value
    for d in sorted(dim):
        value = xp.unsqueeze(value, d)
    return value


def expand_reduced(
    xp: Any, grad: Array, shape: Sequence[int], dim: Sequence[int], keepdim: bool
) -> Array:
    """Return a reduction's gradient stretched over the input's shape."""
    return xp.expand(unreduced(xp, grad, shape, dim, keepdim), shape)


def is_any(xp: Any, mask: Array) -> bool:
    """Whether a bool array holds True somewhere, or in a batch might in some member."""
    return bool(xp.truth(xp.any(mask, tuple(range(len(mask.shape)))), True))


def all_dims(value: Array) -> tuple[int, ...]:
    """Return every dim of an array."""
    return tuple(range(len(value.shape)))


def all_but_channels(value: Array) -> tuple[int, ...]:
    """Return every dim of a batch (N, C, ...) but that of channels."""
    return tuple(d for d in range(len(value.shape)) if d != 1)


def sum_backward(
    xp: Any, grad: Array, self_shape: Sequence[int], dim: Sequence[int], keepdim: bool
) -> Array:
    """The gradient for each element."""
    return expand_reduced(xp, grad, self_shape, dim, keepdim)


def nansum_backward(xp: Any, grad: Array, self: Array, dim: Sequence[int], keepdim: bool) -> Array:
    """The gradient for each element that is not NaN."""
    grad = expand_reduced(xp, cast_like(xp, grad, self), self.shape, dim, keepdim)
    return grad * xp.as_dtype_of(xp.logical_not(xp.isnan(self)), grad)


# Means and variances ------------------------------------------------------------------------------


def mean_backward(
    xp: Any,
    grad: Array,
    self_shape: Sequence[int],
    dim: Sequence[int],
    self_numel: int,
    keepdim: bool,
) -> Array:
    """An equal share of the gradient for each element."""
    several = len(dim) < len(self_shape)
    count = max(numel(self_shape[d] for d in dim) if several else self_numel, 1)
    return xp.div_scalar(expand_reduced(xp, grad, self_shape, dim, keepdim), count)


def var_backward(
    xp: Any,
    grad: Array,
    self: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
) -> Array:
    """2 / (count - correction) * (self - mean); infinite where there is no degree of freedom."""
    if len(self.shape) > 1:
        grad = unreduced(xp, grad, self.shape, dim, keepdim)
    freedom = numel(self.shape[d] for d in dim) - correction
    is_of_all = isinstance(dim, GivenDims) and dim.given is None
    mean = xp.mean_all(self) if is_of_all else xp.mean(self, dim, True)
    if freedom <= 0 and (is_of_all or not self.shape):  # a real limit, of complex numbers, too
        infinite = xp.to_dtype(xp.new_zeros(grad, self.shape), get_default_dtype()) + float("inf")
        return grad * xp.as_dtype_of(xp.where(self == mean, float("nan"), infinite), grad)
    factor = 2.0 / freedom if freedom else float("inf")
    return xp.as_dtype_of(grad * factor, self) * (self - mean)


def std_backward(
    xp: Any,
    grad: Array,
    self: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
    result: Array,
) -> Array:
    """The variance's gradient through the root, zero where the deviation is 0."""
    of_var = xp.filled(grad / (result * 2), result == 0, 0)
    return var_backward(xp, of_var, self, dim, correction, keepdim)


def var_mean_backward(
    xp: Any,
    grad_var: Array | None,
    grad_mean: Array | None,
    self: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
) -> Array:
    """The sum of both outputs' gradients."""
    parts = []
    if grad_var is not None:
        parts.append(var_backward(xp, grad_var, self, dim, correction, keepdim))
    if grad_mean is not None:
        parts.append(mean_backward(xp, grad_mean, self.shape, dim, numel(self.shape), keepdim))
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def std_mean_backward(
    xp: Any,
    grad_result0: Array | None,
    grad_result1: Array | None,
    self: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
    result0: Array,
) -> Array:
    """The sum of both outputs' gradients, of the deviation and of the mean."""
    std, of_var = result0, None
    if grad_result0 is not None:
        of_var = xp.filled(grad_result0 / (std * 2), std == 0, 0)
    return var_mean_backward(xp, of_var, grad_result1, self, dim, correction, keepdim)


def var_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    result: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
) -> Array:
    """The inner product of gradient and tangent."""
    slope = var_backward(xp, xp.conj(self_t), self, dim, correction, True)
    total = xp.sum(slope, dim, keepdim)
    return xp.real(total) if xp.dtype(total).is_complex else total


def std_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    result: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
) -> Array:
    """The variance's tangent through the root, zero where the deviation is 0."""
    of_var = var_tangent(xp, self, self_t, result, dim, correction, keepdim)
    return xp.filled(of_var / (result * 2), result == 0, 0)


def var_mean_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    var: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
) -> tuple[Array, Array]:
    """The tangents of both outputs."""
    of_var = var_tangent(xp, self, self_t, var, dim, correction, keepdim)
    return of_var, xp.mean(self_t, dim, keepdim)


def std_mean_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    result0: Array,
    dim: Sequence[int],
    correction: float,
    keepdim: bool,
) -> tuple[Array, Array]:
    """The tangents of both outputs."""
    of_std = std_tangent(xp, self, self_t, result0, dim, correction, keepdim)
    return of_std, xp.mean(self_t, dim, keepdim)


# Products -----------------------------------------------------------------------------------------


def prod_backward(
    xp: Any, grad: Array, self: Array, dim: Sequence[int], keepdim: bool, result: Array
) -> Array:
    """result / self, or products that leave one out where an element is 0."""
    self = cast_like(xp, self, grad)
    if not self.shape:
        return grad
    grad = unreduced(xp, grad, self.shape, dim, keepdim)
    result = unreduced(xp, result, self.shape, dim, keepdim)
    if not is_any(xp, self == 0):
        return grad * xp.conj(result / self)
    return products_without_each(xp, grad, self, dim[0])


def prod_all_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """Likewise over all elements."""
    self = cast_like(xp, self, grad)
    if not self.shape:
        return grad
    if not is_any(xp, self == 0):
        return grad * xp.conj(result / self)
    flat = products_without_each(xp, grad, xp.reshape(self, (-1,)), 0)
    return xp.reshape(flat, self.shape)


def products_without_each(xp: Any, grad: Array, self: Array, dim: int) -> Array:
    """grad times, for each element, the product of the others along dim."""
    length = self.shape[dim]
    if length == 1:
        return xp.expand(grad, self.shape)
    ones = xp.ones_like(xp.slice(self, dim, 0, 1, 1))
    before = xp.cumprod(xp.cat([ones, xp.slice(self, dim, 0, length - 1, 1)], dim), dim)
    later = xp.flip(xp.slice(self, dim, 1, length, 1), (dim,))
    after = xp.flip(xp.cumprod(xp.cat([ones, later], dim), dim), (dim,))
    return grad * xp.conj(before * after)


def prod_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    result: Array,
    dim: Sequence[int],
    keepdim: bool,
) -> Array:
    """The inner product of gradient and tangent."""
    self, self_t = cast_like(xp, self, result), cast_like(xp, self_t, result)
    slope = prod_backward(xp, xp.ones_like(result), self, dim, keepdim, result)
    return xp.conj(xp.sum(slope * xp.conj(self_t), dim, keepdim))


def prod_all_tangent(xp: Any, self: Array, self_t: Array, result: Array) -> Array:
    """The inner product of gradient and tangent."""
    self, self_t = cast_like(xp, self, result), cast_like(xp, self_t, result)
    slope = prod_all_backward(xp, xp.ones_like(result), self, result)
    return xp.conj(xp.sum_all(slope * xp.conj(self_t)))


# Extremes -----------------------------------------------------------------------------------------


def spread_evenly(
    xp: Any,
    grad: Array,
    self: Array,
    dim: Sequence[int],
    keepdim: bool,
    result: Array,
) -> Array:
    """Equal shares for the elements that equal the result."""
    if not keepdim:
        shape = [1 if k in dim else n for k, n in enumerate(self.shape)]
        if not shape and isinstance(dim, GivenDims):  # torch puts back what dims were named
            shape = [1] * dim.count_given
        grad, result = xp.view(grad, shape), xp.view(result, shape)
    mask = self == result
    count = xp.sum(xp.to_dtype(mask, int64), dim, True)
    return grad / xp.as_dtype_of(count, grad) * xp.as_dtype_of(mask, grad)


def aminmax_backward(
    xp: Any,
    grad_min: Array | None,
    grad_max: Array | None,
    self: Array,
    dim: Sequence[int],
    keepdim: bool,
    min: Array,
    max: Array,
) -> Array:
    """The sum of both outputs' gradients."""
    parts = [
        spread_evenly(xp, grad, self, dim, keepdim, result)
        for grad, result in ((grad_min, min), (grad_max, max))
        if grad is not None
    ]
    return parts[0] if len(parts) == 1 else parts[0] + parts[1]


def spread_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    result: Array,
    dim: Sequence[int],
    keepdim: bool,
) -> Array:
    """The mean tangent of the elements that equal the result."""
    mask = self == unreduced(xp, result, self.shape, dim, keepdim)
    count = xp.sum(xp.to_dtype(mask, xp.dtype(self_t)), dim, keepdim)
    return xp.sum(xp.where(mask, self_t, 0), dim, keepdim) / count


def aminmax_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    dim: Sequence[int],
    keepdim: bool,
    min: Array,
    max: Array,
) -> tuple[Array, Array]:
    """The tangents of both outputs."""
    return (
        spread_tangent(xp, self, self_t, min, dim, keepdim),
        spread_tangent(xp, self, self_t, max, dim, keepdim),
    )


def equal_elements(xp: Any, self: Array, result: Array) -> Array:
    """Where elements equal the one result; NaN equals NaN."""
    mask = self == result
    if not xp.truth(xp.isnan(result), True):
        return mask
    return xp.logical_or(mask, xp.logical_and(xp.isnan(result), xp.isnan(self)))


def evenly_distribute_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """Equal shares for the elements that equal the result over all."""
    mask = equal_elements(xp, self, result)
    count = xp.sum(xp.to_dtype(mask, int64), all_dims(self))
    return xp.where_marked(mask, grad / xp.as_dtype_of(count, grad))


def evenly_read_tangent(xp: Any, self: Array, self_t: Array, result: Array) -> Array:
    """The mean tangent of the elements that equal the result over all."""
    mask = equal_elements(xp, self, result)
    count = xp.sum(xp.to_dtype(mask, xp.dtype(self_t)), all_dims(self))
    return xp.sum(xp.where(mask, self_t, 0), all_dims(self)) / count


def value_selecting_backward(
    xp: Any, grad: Array, self_shape: Sequence[int], dim: int, indices: Array, keepdim: bool
) -> Array:
    """The gradient at the places the values were taken from, zero elsewhere."""
    grad = unreduced(xp, grad, self_shape, (dim,), keepdim)
    indices = unreduced(xp, indices, self_shape, (dim,), keepdim)
    return xp.scatter(xp.new_zeros(grad, self_shape), dim, indices, grad)


def value_selecting_tangent(
    xp: Any, self_t: Array, dim: int, indices: Array, keepdim: bool
) -> Array:
    """The tangent at the places the values were taken from."""
    shape = self_t.shape
    taken = xp.gather(self_t, dim, unreduced(xp, indices, shape, (dim,), keepdim))
    return taken if keepdim or not shape else xp.view(taken, indices.shape)


# Running reductions -------------------------------------------------------------------------------


def reverse_cumsum(xp: Any, grad: Array, dim: int) -> Array:
    """Running sums from the end."""
    if numel(grad.shape) <= 1 or grad.shape[dim] == 1:
        return grad
    return xp.flip(xp.cumsum(xp.flip(grad, (dim,)), dim), (dim,))


def cumprod_backward(xp: Any, grad: Array, self: Array, dim: int, result: Array) -> Array:
    """Running sums of grad * result from the end over self; without the division beside zeros."""
    self = cast_like(xp, self, grad)
    if numel(self.shape) <= 1 or self.shape[dim] == 1:
        return grad
    if not is_any(xp, self == 0):
        weighted = xp.conj(result) * grad
        return reverse_cumsum(xp, weighted, dim) / xp.conj(self)
    length = self.shape[dim]
    parts = []
    ones = xp.ones_like(xp.slice(self, dim, 0, 1, 1))
    for k in range(length):
        # The products of the elements up to i without the k-th, for i = k ... length - 1.
        before = xp.prod(xp.slice(self, dim, 0, k, 1), (dim,), True) if k else ones
        products = [before]
        if k + 1 < length:
            products.append(before * xp.cumprod(xp.slice(self, dim, k + 1, length, 1), dim))
        without = xp.cat(products, dim)
        parts.append(xp.sum(xp.slice(grad, dim, k, length, 1) * xp.conj(without), (dim,), True))
    return xp.cat(parts, dim)


def cumprod_tangent(xp: Any, self: Array, self_t: Array, dim: int, result: Array) -> Array:
    """result times the running sums of self_t / self; summed term by term beside zeros."""
    self, self_t = cast_like(xp, self, result), cast_like(xp, self_t, result)
    if numel(self.shape) <= 1 or self.shape[dim] == 1:
        return self_t
    if not is_any(xp, self == 0):
        return xp.cumsum(self_t / self, dim) * result
    length = self.shape[dim]
    value = xp.slice(self, dim, 0, 1, 1)
    tangent = xp.slice(self_t, dim, 0, 1, 1)
    tangents = [tangent]
    for k in range(1, length):  # the product rule, one factor at a time
        factor = xp.slice(self, dim, k, k + 1, 1)
        tangent = tangent * factor + value * xp.slice(self_t, dim, k, k + 1, 1)
        value = value * factor
        tangents.append(tangent)
    return xp.cat(tangents, dim)


def running_extreme_backward(xp: Any, grad: Array, self: Array, dim: int, indices: Array) -> Array:
    """Each gradient added where its value was taken from."""
    return xp.scatter_add(xp.new_zeros(grad, self.shape), dim, indices, grad)


def logcumsumexp_backward(xp: Any, grad: Array, self: Array, dim: int, result: Array) -> Array:
    """exp(self) times the running sums of grad / exp(result) from the end, in logarithms."""
    if not grad.shape or 0 in grad.shape:
        return grad

    def carried(log_grad: Array) -> Array:
        running = xp.logcumsumexp(xp.flip(log_grad - result, (dim,)), dim)
        return xp.exp(xp.flip(running, (dim,)) + self)

    if xp.dtype(grad).is_complex:
        return xp.conj(carried(xp.log(xp.conj(grad))))
    # The lowest number stands for log 0: unlike -inf it stays finite in the second order.
    lowest = finfo(xp.dtype(grad)).min
    size = xp.log(xp.abs(grad))
    positive = xp.where(grad > 0, size, lowest)
    negative = xp.where(grad < 0, size, lowest)
    return carried(positive) - carried(negative)


def logcumsumexp_tangent(xp: Any, self: Array, self_t: Array, dim: int) -> Array:
    """The running sums of exp(self) * self_t over those of exp(self).

    As in torch, 1e-13 is added to the divisor, which is 0 where exp underflows, and the exponents
    are shifted by their maximum when they are real only.
    """
    if 0 in self.shape:
        return self_t
    if not self.shape:
        power = xp.exp(self) if xp.dtype(self).is_complex else xp.ones_like(self)
        return power * self_t / (power + 1e-13)
    shifted = self if xp.dtype(self).is_complex else self - xp.amax(self, (dim,), True)
    power = xp.exp(shifted)
    return xp.cumsum(power * self_t, dim) / (xp.cumsum(power, dim) + 1e-13)


# Norms --------------------------------------------------------------------------------------------


def logsumexp_backward(
    xp: Any, grad: Array, self: Array, dim: Sequence[int], keepdim: bool, result: Array
) -> Array:
    """grad times the softmax over the reduced dims."""
    grad = unreduced(xp, grad, self.shape, dim, keepdim)
    result = unreduced(xp, result, self.shape, dim, keepdim)
    return grad * xp.conj(xp.exp(self - result))


def logsumexp_tangent(
    xp: Any, self: Array, self_t: Array, dim: Sequence[int], keepdim: bool
) -> Array:
    """The mean of the tangents, weighted by exp(self)."""
    if 0 in self.shape:
        return xp.sum(self_t, dim, keepdim)
    part = xp.real(self) if xp.dtype(self).is_complex else self
    largest = xp.amax(part, dim, True)
    shift = xp.where(xp.isinf(largest), 0, largest)
    power = xp.exp(self - cast_like(xp, shift, self))
    return xp.sum(power * self_t, dim, keepdim) / xp.sum(power, dim, keepdim)


def norm_backward(
    xp: Any,
    grad: Array,
    self: Array,
    ord: float,
    dim: Sequence[int],
    keepdim: bool,
    result: Array,
) -> Array | None:
    """The gradient of a ``ord`` norm: zero at 0, shared evenly by equal extremes."""
    self, ord = self_as(xp, self, grad), float(ord)
    if ord == 0:
        return None
    grad = unreduced(xp, grad, self.shape, dim, keepdim)
    norm = unreduced(xp, result, self.shape, dim, keepdim)
    if ord == 1:
        return xp.sgn(self) * xp.as_dtype_of(grad, self)
    if ord == 2:
        ratio = self / xp.as_dtype_of(norm, self)
        return xp.as_dtype_of(grad, self) * xp.filled(ratio, norm == 0, 0)
    if ord in (float("inf"), float("-inf")):
        size = xp.abs(self)
        mask = xp.logical_or(size == norm, xp.isnan(size))
        chosen = xp.to_dtype(mask, xp.dtype(grad))
        shared = grad / xp.sum(chosen, dim, True) * chosen
        return xp.sgn(self) * xp.as_dtype_of(shared, self)
    size = xp.abs(self)
    if ord < 1:
        power = xp.filled(xp.pow_scalar(size, ord - 1), self == 0, 0)
        scaled = xp.sgn(self) * xp.as_dtype_of(power, self) * xp.as_dtype_of(grad, self)
        return scaled * xp.as_dtype_of(xp.pow_scalar(norm, 1 - ord), self)
    rest = xp.filled(grad / xp.pow_scalar(norm, ord - 1), norm == 0, 0)
    if ord < 2:
        scaled = xp.sgn(self) * xp.as_dtype_of(xp.pow_scalar(size, ord - 1), self)
    else:
        scaled = self * xp.as_dtype_of(xp.pow_scalar(size, ord - 2), self)
    return scaled * xp.as_dtype_of(rest, self)


def self_as(xp: Any, self: Array, grad: Array) -> Array:
    """Return ``self`` in the precision of a gradient, which dtype= may have widened."""
    dtype, wanted = xp.dtype(self), xp.dtype(grad)
    if dtype.to_real() is wanted.to_real():
        return self
    return xp.to_dtype(self, wanted.to_complex() if dtype.is_complex else wanted)


def norm_tangent(
    xp: Any,
    self: Array,
    self_t: Array,
    ord: float,
    dim: Sequence[int],
    keepdim: bool,
    result: Array,
) -> Array:
    """The tangent of a ``ord`` norm: zero at 0, the mean of those of equal extremes."""
    self, self_t, ord = self_as(xp, self, result), self_as(xp, self_t, result), float(ord)
    if ord == 0:
        return xp.zeros_like(result)
    if ord == 1:
        return xp.sum(real_product(xp, xp.sgn(self), self_t), dim, keepdim)
    if ord == 2:
        total = xp.sum(real_product(xp, self, self_t), dim, keepdim)
        total /= result
        return xp.filled(total, result == 0, 0)
    size = xp.abs(self)
    if ord in (float("inf"), float("-inf")):
        norm = unreduced(xp, result, self.shape, dim, keepdim)
        chosen = xp.to_dtype(xp.logical_or(size == norm, xp.isnan(size)), xp.dtype(norm))
        along = real_product(xp, xp.sgn(self), self_t) * chosen / xp.sum(chosen, dim, True)
        return xp.sum(along, dim, keepdim)
    if ord < 1:
        power = xp.where(self == 0, 0, xp.pow_scalar(size, ord - 1))
        total = xp.sum(power * real_product(xp, xp.sgn(self), self_t), dim, keepdim)
        return total * xp.pow_scalar(result, 1 - ord)
    if ord < 2:
        terms = xp.pow_scalar(size, ord - 1) * real_product(xp, xp.sgn(self), self_t)
    else:
        terms = xp.pow_scalar(size, ord - 2) * real_product(xp, self, self_t)
    rate = xp.sum(terms, dim, keepdim) / xp.pow_scalar(result, ord - 1)
    return xp.filled(rate, result == 0, 0)


def real_product(xp: Any, first: Array, second: Array) -> Array:
    """Return the real part of first * conj(second)."""
    product = first * xp.conj(second)
    return xp.real(product) if xp.dtype(product).is_complex else product


def dist_backward(xp: Any, grad: Array, self: Array, other: Array, p: float, result: Array) -> Any:
    """The norm's gradient at the difference."""
    difference = self - other
    return norm_backward(xp, grad, difference, p, all_dims(difference), True, result)


def dist_other_backward(
    xp: Any, grad: Array, self: Array, other: Array, p: float, result: Array
) -> Any:
    """Minus the norm's gradient at the difference."""
    gradient = dist_backward(xp, grad, self, other, p, result)
    if gradient is None:
        # torch negates the gradient that a norm of order 0 does not have.
        raise RuntimeError(
            "Expected a proper Tensor but got None (or an undefined Tensor in C++) for argument "
            "#0 'self'"
        )
    return -gradient


def dist_tangent(
    xp: Any,
    self: Array,
    other: Array,
    self_t: Array,
    other_t: Array,
    p: float,
    result: Array,
) -> Array:
    """The norm's tangent along the difference of the tangents."""
    difference = self - other
    return norm_tangent(xp, difference, self_t - other_t, p, all_dims(difference), False, result)


def renorm_backward(xp: Any, grad: Array, self: Array, p: float, dim: int, maxnorm: float) -> Array:
    """The gradient through the scale of each index of dim that was above ``maxnorm``."""
    others = tuple(d for d in all_dims(self) if d != dim)
    norm = xp.vector_norm(self, p, others, True)
    product = xp.sum(xp.conj(self) * grad, others, True)
    product = xp.real(product) if xp.dtype(product).is_complex else product
    of_norm = norm_backward(xp, product, self, p, others, True, norm)
    inverse = cast_like(xp, xp.reciprocal(norm + 1e-7), self)
    scaled = grad if of_norm is None else grad - inverse * of_norm
    return xp.where(norm > maxnorm, inverse * maxnorm * scaled, grad)


def renorm_tangent(
    xp: Any, self: Array, self_t: Array, p: float, dim: int, maxnorm: float
) -> Array:
    """The product rule for the scale of each index of dim that was above ``maxnorm``.

    The norm of 16-bit floats is one of float32, and so is what is made of it.
    """
    others = tuple(d for d in all_dims(self) if d != dim)
    wide = xp.to_dtype(self, float32) if xp.dtype(self).itemsize == 2 else self
    norm = xp.vector_norm(wide, p, others, True)
    norm_t = norm_tangent(xp, self, self_t, p, others, True, norm)
    inverse = xp.reciprocal(norm + 1e-7)
    change = cast_like(xp, norm_t * inverse, wide) * self
    scaled = cast_like(xp, inverse * maxnorm, wide) * (self_t - change)
    return xp.where(norm > maxnorm, scaled, self_t)
