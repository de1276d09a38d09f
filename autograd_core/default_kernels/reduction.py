"""Derived reduction kernels, written in the required ones."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from .. import dtypes, sizes

Array = Any

_HALVES = (dtypes.float16, dtypes.bfloat16)


def reduced_shape(shape: Sequence[int], dim: Sequence[int], keepdim: bool) -> list[int]:
    """Return the shape of a reduction over ``dim``."""
    if keepdim:
        return [1 if k in dim else n for k, n in enumerate(shape)]
    return [n for k, n in enumerate(shape) if k not in dim]


class ReductionDefaults:
    """Derived reduction functions of the backend contract."""

    def widened(self: Any, input: Array) -> Array:
        """A half precision array in float32, where sums of it are computed; others as they are."""
        return self.cast(input, dtypes.float32) if self.dtype(input) in _HALVES else input

    def sum_all(self: Any, input: Array) -> Array:
        """Sum of all elements, 0-d."""
        return self.sum(input, tuple(range(len(input.shape))))

    def mean_all(self: Any, input: Array) -> Array:
        """Mean of all elements, 0-d."""
        return self.mean(input, tuple(range(len(input.shape))))

    def mean(self: Any, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Mean over dims of a floating or complex array; NaN over nothing."""
        count = sizes.numel(input.shape[d] for d in dim)
        wide = self.widened(input)
        total = self.sum(wide, dim, keepdim)
        if 0 in total.shape:
            return self.cast(total, self.dtype(input))
        mean = self.div(total, self.scalar(count, self.dtype(wide)))
        return self.cast(mean, self.dtype(input))

    def var_mean(
        self: Any, input: Array, dim: Sequence[int], correction: float, keepdim: bool = False
    ) -> tuple[Array, Array]:
        """Variance and mean over dims, in two passes; the variance of complex numbers is real.

        Squares of deviations are summed and divided by the count less ``correction``, or by 0.
        Complex numbers are taken part by part.
        """
        dtype = self.dtype(input)
        if dtype.is_complex:
            of_re, re = self.var_mean(self.real(input), dim, correction, keepdim)
            of_im, im = self.var_mean(self.imag(input), dim, correction, keepdim)
            return self.add(of_re, of_im), self.complex(re, im)
        wide = self.widened(input)
        mean = self.mean(wide, dim, True)
        deviation = self.sub(wide, mean)
        total = self.sum(self.mul(deviation, deviation), dim, keepdim)
        count = sizes.numel(input.shape[d] for d in dim)
        divisor = self.scalar(max(count - correction, 0), self.dtype(total))
        var = self.cast(self.div(total, divisor), dtype)
        mean = self._mean_as_moved(wide, mean, dim)
        if not keepdim:
            mean = self.reshape(mean, reduced_shape(input.shape, dim, False))
        return var, self.cast(mean, dtype)

    def _mean_as_moved(self: Any, input: Array, mean: Array, dim: Sequence[int]) -> Array:
        """The mean as one pass moves it to each element: nan once it has passed an infinity."""
        if not self.anywhere(self.isinf(mean)):
            return mean
        kept = [d for d in range(len(input.shape)) if d not in dim]
        moved = self.permute(input, (*sorted(dim), *kept))
        rows = self.reshape(moved, (-1, *[input.shape[d] for d in kept]))
        passed = self.slice(rows, 0, 0, rows.shape[0] - 1, 1)
        is_lost = self.reshape(self.any(self.isinf(passed), (0,)), mean.shape)
        return self.where(is_lost, self.scalar_like(mean, math.nan), mean)

    def var(
        self: Any, input: Array, dim: Sequence[int], correction: float, keepdim: bool = False
    ) -> Array:
        """Variance over dims, as in ``var_mean``."""
        return self.var_mean(input, dim, correction, keepdim)[0]

    def std_mean(
        self: Any, input: Array, dim: Sequence[int], correction: float, keepdim: bool = False
    ) -> tuple[Array, Array]:
        """Standard deviation and mean over dims."""
        var, mean = self.var_mean(self.widened(input), dim, correction, keepdim)
        dtype = self.dtype(input)
        return self.cast(self.sqrt(var), dtype.to_real()), self.cast(mean, dtype)

    def std(
        self: Any, input: Array, dim: Sequence[int], correction: float, keepdim: bool = False
    ) -> Array:
        """Standard deviation over dims."""
        return self.std_mean(input, dim, correction, keepdim)[0]

    def nansum(self: Any, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Sum over dims of what is not NaN."""
        if self.dtype(input).is_inexact:
            input = self.where(self.isnan(input), self.scalar(0, self.dtype(input)), input)
        return self.sum(input, dim, keepdim)

    def count_nonzero(self: Any, input: Array, dim: Sequence[int]) -> Array:
        """int64 number of non-zero elements over dims."""
        return self.sum(self.cast(self.cast(input, dtypes.bool_), dtypes.int64), dim)

    def aminmax(
        self: Any, input: Array, dim: Sequence[int], keepdim: bool = False
    ) -> tuple[Array, Array]:
        """Minimum and maximum over dims, none of size 0; NaN wins."""
        return self.amin(input, dim, keepdim), self.amax(input, dim, keepdim)

    def only_element(self: Any, input: Array) -> tuple[Array, Array]:
        """A copy of a 0-d array and the int64 index of its element, 0."""
        return self.clone(input), self.full((), 0, dtypes.int64)

    def max_dim(self: Any, input: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
        """Maximum along dim and the int64 index of its first occurrence; NaN wins."""
        if not input.shape:
            return self.only_element(input)  # type: ignore[no-any-return]
        indices = self.argmax(input, dim, True)
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def min_dim(self: Any, input: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
        """Minimum along dim and the int64 index of its first occurrence; NaN wins."""
        if not input.shape:
            return self.only_element(input)  # type: ignore[no-any-return]
        indices = self.argmin(input, dim, True)
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def picked(
        self: Any, input: Array, dim: int, indices: Array, keepdim: bool
    ) -> tuple[Array, Array]:
        """The elements that indices (dim kept) name, and the indices, with or without dim."""
        values = self.gather(input, dim, indices)
        if not keepdim:
            shape = reduced_shape(input.shape, (dim,), False)
            values, indices = self.reshape(values, shape), self.reshape(indices, shape)
        return values, indices

    def logsumexp(self: Any, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """log of the sum of exp over dims, shifted by the maximum; -inf over nothing."""
        dtype = self.dtype(input)
        if 0 in [input.shape[d] for d in dim]:
            return self.log(self.sum(self.exp(input), dim, keepdim))
        part = self.real(input) if dtype.is_complex else input
        largest = self.amax(part, dim, True)
        shift = self.where(self.isinf(largest), self.zeros_like(largest), largest)
        shift = self.cast(shift, dtype)
        total = self.log(self.sum(self.exp(self.sub(input, shift)), dim, keepdim))
        if not keepdim:
            shift = self.reshape(shift, reduced_shape(input.shape, dim, False))
        return self.add(total, shift)

    def logcumsumexp(self: Any, input: Array, dim: int) -> Array:
        """log of the running sums of exp along dim, each element log-added to those before."""
        if 0 in input.shape:
            return self.empty(input.shape, self.dtype(input))
        if not input.shape:
            return self.clone(input)
        elements = [self.slice(input, dim, k, k + 1, 1) for k in range(input.shape[dim])]
        before = self.full(elements[0].shape, -math.inf, self.dtype(input))
        running = list(
            itertools.accumulate(
                elements,
                lambda sofar, element: self.logaddexp_shifted(element, sofar),
                initial=before,
            )
        )
        return self.cat(running[1:], dim)

    def logaddexp_shifted(self: Any, input: Array, other: Array) -> Array:
        """log(exp(input) + exp(other)), right at infinities; real or complex.

        Of complex numbers the one with the larger real part is the shift; where both of those are
        -inf the result is ``other``, whose imaginary part means as little as the sum's.
        """
        is_complex = self.dtype(input).is_complex
        first = self.real(self.own(input)) if is_complex else input
        second = self.real(self.own(other)) if is_complex else other
        smaller = self.lt(first, second)
        high = self.where(smaller, other, input)
        low = self.where(smaller, input, other)
        infinite = self.logical_and(self.isinf(first), self.eq(first, second))
        difference = self.sub(low, self.where(infinite, self.zeros_like(high), high))
        added = self.add(high, self.log1p(self.exp(difference)))
        if not is_complex:
            added = self.where(self.isnan(input), input, added)
            return self.where(infinite, high, added)
        plain = self.log(self.add(self.exp(low), self.exp(high)))
        added = self.where(infinite, self.where(self.lt(first, 0), low, plain), added)
        undefined = self.logical_or(self.isnan(input), self.isnan(other))
        return self.where(undefined, self.scalar_like(added, complex(math.nan, math.nan)), added)

    def vector_norm(
        self: Any, input: Array, ord: float, dim: Sequence[int], keepdim: bool = False
    ) -> Array:
        """(sum of |input| ** ord) ** (1 / ord) over dims, and its limits for 0 and infinity.

        Real; 0 over nothing, but for infinite ``ord``, which needs an element.
        """
        dtype = self.dtype(input).to_real()
        wide = self.widened(input)
        if ord == 2 and not self.dtype(wide).is_complex:
            total = self.sum(self.mul(wide, wide), dim, keepdim)
            return self.cast(self.sqrt(total), dtype)
        size = self.abs(wide)
        if ord == float("inf"):
            return self.cast(self.amax(size, dim, keepdim), dtype)
        if ord == float("-inf"):
            return self.cast(self.amin(size, dim, keepdim), dtype)
        if ord == 0:
            present = self.cast(self.ne(size, self.zeros_like(size)), self.dtype(size))
            return self.cast(self.sum(present, dim, keepdim), dtype)
        if ord == 1 or all(input.shape[d] == 1 for d in dim):
            return self.cast(self.sum(size, dim, keepdim), dtype)
        if ord == 2:
            return self.cast(self.sqrt(self.sum(self.mul(size, size), dim, keepdim)), dtype)
        total = self.sum(self.pow_scalar(size, ord), dim, keepdim)
        return self.cast(self.pow_scalar(total, 1.0 / ord), dtype)

    def dist(self: Any, input: Array, other: Array, p: float) -> Array:
        """The ``p`` norm of the difference over all dims."""
        difference = self.sub(input, other)
        return self.vector_norm(difference, p, tuple(range(len(difference.shape))))

    def renorm(self: Any, input: Array, p: float, dim: int, maxnorm: float) -> Array:
        """Each index of dim scaled down to ``p`` norm ``maxnorm`` when it is above."""
        others = tuple(d for d in range(len(input.shape)) if d != dim)
        wide = self.widened(input)
        norm = self.vector_norm(wide, p, others, True)
        dtype = self.dtype(norm)
        scale = self.div(self.scalar(maxnorm, dtype), self.add(norm, self.scalar(1e-7, dtype)))
        above = self.gt(norm, self.scalar(maxnorm, dtype))
        scale = self.where(above, scale, self.ones_like(scale))
        scaled = self.mul(wide, self.cast(scale, self.dtype(wide)))
        return self.cast(scaled, self.dtype(input))
