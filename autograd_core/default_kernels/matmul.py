"""Derived matmul kernels, written in the required ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import sizes

Array = Any


class MatmulDefaults:
    """Derived matmul functions of the backend contract."""

    def mT(self: Any, input: Array) -> Array:
        """The last two dims exchanged, as a view."""
        rank = len(input.shape)
        return self.transpose(input, rank - 2, rank - 1)

    def mv(self: Any, input: Array, vec: Array) -> Array:
        """(n, k) times (k,)."""
        column = self.unsqueeze(vec, 1)
        return self.view(self.own(self.mm(input, column)), input.shape[:1])

    def dot(self: Any, input: Array, tensor: Array) -> Array:
        """(k,) times (k,), 0-d."""
        product = self.mm(self.unsqueeze(input, 0), self.unsqueeze(tensor, 1))
        return self.view(self.own(product), ())

    def vdot(self: Any, input: Array, other: Array) -> Array:
        """``dot`` with the first operand conjugated."""
        return self.dot(self.conj(input), other)

    def outer(self: Any, input: Array, vec2: Array) -> Array:
        """(n,) and (m,) to (n, m): every product of two elements."""
        return self.mul(self.unsqueeze(input, 1), vec2)

    def addmm(
        self: Any, input: Array, mat1: Array, mat2: Array, beta: Any = 1, alpha: Any = 1
    ) -> Array:
        """beta * input + alpha * (mat1 @ mat2); with beta 0, input is not read."""
        product = self.mm(self.widened(mat1), self.widened(mat2))
        return self.add_product(input, product, beta, alpha)

    def addmv(
        self: Any, input: Array, mat: Array, vec: Array, beta: Any = 1, alpha: Any = 1
    ) -> Array:
        """beta * input + alpha * (mat @ vec)."""
        product = self.mv(self.widened(mat), self.widened(vec))
        return self.add_product(input, product, beta, alpha)

    def addr(
        self: Any, input: Array, vec1: Array, vec2: Array, beta: Any = 1, alpha: Any = 1
    ) -> Array:
        """beta * input + alpha * outer(vec1, vec2), in the layout of input."""
        product = self.outer(vec1, vec2)
        if alpha != 1:
            product = self.mul_scalar(product, alpha)
        if beta == 0:
            return product
        return self.add(input if beta == 1 else self.mul_scalar(input, beta), product)

    def baddbmm(
        self: Any, input: Array, batch1: Array, batch2: Array, beta: Any = 1, alpha: Any = 1
    ) -> Array:
        """beta * input + alpha * bmm(batch1, batch2)."""
        product = self.bmm(self.widened(batch1), self.widened(batch2))
        return self.add_product(input, product, beta, alpha)

    def addbmm(
        self: Any, input: Array, batch1: Array, batch2: Array, beta: Any = 1, alpha: Any = 1
    ) -> Array:
        """beta * input + alpha * the sum of bmm(batch1, batch2) over the batch."""
        if batch1.shape[0] and self.widened(input) is not input:  # rounded at each member
            for k in range(batch1.shape[0]):
                left, right = self.select(batch1, 0, k), self.select(batch2, 0, k)
                input, beta = self.addmm(input, left, right, beta, alpha), 1
            return input
        return self.add_product(input, self.sum(self.bmm(batch1, batch2), (0,)), beta, alpha)

    def add_product(self: Any, input: Array, product: Array, beta: Any, alpha: Any) -> Array:
        """beta * input + alpha * product, row-major; with beta 0, input is not read.

        Of 16-bit numbers the product is float32: as in torch the sum alone is rounded.
        """
        dtype = self.dtype(input)
        if alpha != 1:
            product = self.mul_scalar(product, alpha)
        if beta == 0:
            return self.contiguous(self.cast(product, dtype))
        input = self.widened(input)
        if beta != 1:
            input = self.mul_scalar(input, beta)
        return self.contiguous(self.cast(self.add(product, input), dtype))

    def trilinear(
        self: Any,
        i1: Array,
        i2: Array,
        i3: Array,
        expand1: Sequence[int],
        expand2: Sequence[int],
        expand3: Sequence[int],
        sumdim: Sequence[int],
    ) -> Array:
        """The sum over ``sumdim`` of the product of three arrays, each given its missing dims."""
        for dim in expand1:
            i1 = self.unsqueeze(i1, dim)
        for dim in expand2:
            i2 = self.unsqueeze(i2, dim)
        for dim in expand3:
            i3 = self.unsqueeze(i3, dim)
        product = self.mul(self.mul(i1, i2), i3)
        return self.contiguous(self.sum(product, tuple(sumdim)) if sumdim else product)

    def linalg_cross(self: Any, input: Array, other: Array, dim: int) -> Array:
        """Cross product of the vectors along ``dim``, which has size 3; the others broadcast."""
        shape = sizes.broadcast_shapes(input.shape, other.shape)
        result = self.empty(shape, self.dtype(input))
        a = [self.select(input, dim, k) for k in range(3)]
        b = [self.select(other, dim, k) for k in range(3)]
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            part = self.sub(self.mul(a[i], b[j]), self.mul(a[j], b[i]))
            self.copy_(self.select(result, dim, k), part)
        return result

    # Distances ------------------------------------------------------------------------------------

    def cdist(self: Any, x1: Array, x2: Array, p: float) -> Array:
        """(..., n, k) and (..., m, k) to (..., n, m): p-norms of the differences of rows."""
        return self.p_norm(self._row_differences(x1, x2), p)

    def p_norm(self: Any, input: Array, p: float) -> Array:
        """The p-norm over the last dim; 0 counts the non-zero elements."""
        last = (len(input.shape) - 1,)
        if not input.shape[-1]:
            return self.full(input.shape[:-1], 0, self.dtype(input))
        if p == 0:
            return self.sum(self.cast(self.ne(input, 0), self.dtype(input)), last)
        if p == 2:
            return self.sqrt(self.sum(self.mul(input, input), last))
        magnitude = self.abs(input)
        if p == 1:
            return self.sum(magnitude, last)
        if p == float("inf"):
            return self.amax(magnitude, last)
        return self.pow_scalar(self.sum(self.pow_scalar(magnitude, p), last), 1 / p)

    def cdist_backward(
        self: Any, grad_output: Array, x1: Array, x2: Array, p: float, cdist: Array
    ) -> Array:
        """The gradient of x1; distances of 0 give none."""
        difference = self._row_differences(x1, x2)
        slope = self._distance_slope(
            difference,
            self.unsqueeze(grad_output, len(grad_output.shape)),
            self.unsqueeze(cdist, len(cdist.shape)),
            p,
        )
        return self.contiguous(self.sum(slope, (len(difference.shape) - 2,)))

    def pdist(self: Any, input: Array, p: float) -> Array:
        """(n, k) to (n * (n - 1) / 2,): p-norms of the differences of all pairs of rows."""
        first, second = self._pairs(input)
        return self.p_norm(self.sub(first, second), p)

    def pdist_backward(
        self: Any, grad_output: Array, input: Array, p: float, pdist: Array
    ) -> Array:
        """The gradient of the rows."""
        count = input.shape[0]
        result = self.new_zeros(input, input.shape)
        if count < 2:
            return result
        first, second = self._pairs(input)
        slope = self._distance_slope(
            self.sub(first, second), self.unsqueeze(grad_output, 1), self.unsqueeze(pdist, 1), p
        )
        at = 0
        for row in range(count - 1):
            part = self.slice(slope, 0, at, at + count - 1 - row, 1)
            here = self.select(result, 0, row)
            self.copy_(here, self.add(here, self.sum(part, (0,))))
            after = self.slice(result, 0, row + 1, count, 1)
            self.copy_(after, self.sub(after, part))
            at += count - 1 - row
        return result

    def euclidean_dist(self: Any, x1: Array, x2: Array) -> Array:
        """``cdist`` with p 2 by |a|^2 - 2ab + |b|^2: one matrix product."""
        last = (len(x1.shape) - 1,)
        a = self.sum(self.mul(x1, x1), last, True)
        b = self.mT(self.sum(self.mul(x2, x2), last, True))
        squared = self.sub(self.add(a, b), self.mul_scalar(self.matmul(x1, self.mT(x2)), 2))
        return self.sqrt(self.where(self.lt(squared, 0), self.zeros_like(squared), squared))

    def matmul(self: Any, input: Array, other: Array) -> Array:
        """Matrix product of arrays of two dims or more, the others of which broadcast."""
        if len(input.shape) == len(other.shape) == 2:
            return self.mm(input, other)
        batch = tuple(sizes.broadcast_shapes(input.shape[:-2], other.shape[:-2]))
        input = self.expand(input, (*batch, *input.shape[-2:]))
        other = self.expand(other, (*batch, *other.shape[-2:]))
        n, k = input.shape[-2:]
        m = other.shape[-1]
        count = sizes.numel(batch)
        product = self.bmm(self.reshape(input, (count, n, k)), self.reshape(other, (count, k, m)))
        return self.view(product, (*batch, n, m))

    def _row_differences(self: Any, x1: Array, x2: Array) -> Array:
        first = self.unsqueeze(x1, len(x1.shape) - 1)
        return self.sub(first, self.unsqueeze(x2, len(x2.shape) - 2))

    def _pairs(self: Any, input: Array) -> tuple[Array, Array]:
        """The first and the second rows of all pairs, in the order of pdist."""
        count = input.shape[0]
        pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
        int64 = self.dtype(self.new_positions(input, 1))
        rows = [self.from_flat([pair[k] for pair in pairs], (len(pairs),), int64) for k in (0, 1)]
        return self.index_select(input, 0, rows[0]), self.index_select(input, 0, rows[1])

    def _distance_slope(
        self: Any, difference: Array, grad: Array, distance: Array, p: float
    ) -> Array:
        """grad times the derivative of the p-norm ``distance`` of ``difference``."""
        zeros = self.zeros_like(difference)
        if p == 0:
            return zeros
        if p == 1:
            return self.mul(self.sign(difference), grad)
        if p == float("inf"):
            largest = self.eq(self.abs(difference), distance)
            return self.where(largest, self.mul(self.sign(difference), grad), zeros)
        zero = self.eq(distance, 0)
        if p == 2:
            return self.where(zero, zeros, self.div(self.mul(grad, difference), distance))
        powers = self.mul(self.sign(difference), self.pow_scalar(self.abs(difference), p - 1))
        slope = self.div(self.mul(powers, grad), self.pow_scalar(distance, p - 1))
        if p < 1:
            zero = self.logical_or(zero, self.eq(difference, 0))
        return self.where(zero, zeros, slope)
