"""Derived functions of singular values and eigenvalues, and the exponential of matrices."""

from __future__ import annotations

import math
from typing import Any

from .. import sizes
from ..dtypes import bfloat16, float16, float32, float64, int64
from ..linalg_errors import check_infos

Array = Any

EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
"""The distance from 1 to the next number, by the name of a real dtype."""


class SpectraDefaults:
    """Pseudoinverse, least squares and exponential, written in the capability "linalg"."""

    def linalg_pinv(
        self: Any, input: Array, atol: Array | None, rtol: Array | None, hermitian: bool
    ) -> Array:
        """The pseudoinverse (..., n, m) of (..., m, n).

        Singular values up to max(atol, rtol * the largest) count as zero; rtol is by default
        max(m, n) times the epsilon of the dtype, or 0 where ``atol`` is given and positive.
        """
        *batch, m, n = input.shape
        if 0 in input.shape:
            return self.empty((*batch, n, m), self.dtype(input))
        if hermitian:
            values, left = self._decomposed("eigh", input, False, True)
            right = self.mH(left)
            size = self.abs(values)
        else:
            left, values, right = self._decomposed("svd", input, False, True)
            left, right, size = self.mH(right), self.mH(left), values
        last = len(size.shape) - 1
        largest = self.amax(size, (last,), True)
        small = self.le(size, self._tolerance(input, atol, rtol, largest))
        inverse = self.masked_fill(self.reciprocal(values), small, 0)
        inverse = self.cast(self.unsqueeze(inverse, last), self.dtype(input))
        return self.matmul(self.mul(left, inverse), right)

    def linalg_matrix_rank(
        self: Any, input: Array, atol: Array | None, rtol: Array | None, hermitian: bool
    ) -> Array:
        """How many singular values are above the tolerance of ``linalg_pinv``, int64 (...)."""
        if 0 in input.shape:
            return self.full(tuple(input.shape[:-2]), 0, int64)
        if hermitian:
            size = self.abs(self._decomposed("eigh", input, False, False)[0])
        else:
            size = self._decomposed("svd", input, False, False)[1]
        last = (len(size.shape) - 1,)
        bound = self._tolerance(input, atol, rtol, self.amax(size, last, True))
        return self.sum(self.cast(self.gt(size, bound), int64), last)

    def _decomposed(self: Any, name: str, input: Array, *options: bool) -> list[Array]:
        """The parts of a decomposition, which has to come about."""
        parts: list[Array]
        *parts, infos = getattr(self, f"linalg_{name}")(input, *options)
        check_infos(self.to_flat(infos), f"linalg.{name}", len(input.shape) == 2)
        return parts

    def _tolerance(
        self: Any, input: Array, atol: Array | None, rtol: Array | None, largest: Array
    ) -> Array:
        """max(atol, rtol * largest), with the defaults of a pseudoinverse, shaped like largest."""
        real = self.dtype(largest)
        relative = EPSILON[real.name] * max(input.shape[-2:])
        last = len(largest.shape) - 1
        if rtol is not None:
            share: Any = self._per_matrix(rtol, real, last)
        elif atol is None:
            share = self.scalar(relative, real)
        else:
            positive = self._per_matrix(atol, real, last)
            positive = self.gt(positive, self.scalar(0, real))
            share = self.where(positive, self.scalar(0, real), self.scalar(relative, real))
        tolerance = self.mul(share, largest)
        if atol is not None:
            tolerance = self.maximum(self._per_matrix(atol, real, last), tolerance)
        return tolerance

    def _per_matrix(self: Any, tolerance: Array, dtype: Any, last: int) -> Array:
        tolerance = self.cast(tolerance, dtype)
        if not tolerance.shape:
            return tolerance
        return self.unsqueeze(tolerance, len(tolerance.shape))

    def linalg_lstsq(
        self: Any, input: Array, b: Array, rcond: float | None, driver: str | None
    ) -> tuple[Array, Array, Array, Array]:
        """The least squares solution of least norm, residuals, ranks and singular values.

        ``b`` is (..., m, k), or vectors (..., m). As LAPACK's drivers, "gels" gives no ranks, and
        only "gelsd" and "gelss" singular values; what is not given has shape (0,). Singular values
        up to ``rcond`` times the largest count as zero (not for "gels").
        """
        dtype, (m, n) = self.dtype(input), input.shape[-2:]
        driver = driver or "gelsy"
        vector = sizes.is_vector_side(input.shape, b.shape)
        if vector:
            b = self.unsqueeze(b, len(b.shape))
        # As in torch, leading dims of a right side that all batches share are taken for a batch.
        batch = sizes.broadcast_shapes(input.shape[:-2], b.shape[: len(input.shape) - 2])
        b = self.broadcast_batch(b, batch)
        real = dtype.to_real()
        ranks, S = self.empty((0,), int64), self.empty((0,), real)
        if driver == "gels":
            solution = self._solution_of_full_rank(input, b, batch)
        else:
            solution, S, ranks = self._least_solution(input, b, batch, rcond)
        residuals = nothing = self.empty((0,), real)
        full_rank = all(rank == n for rank in self.to_flat(ranks))
        if m > n and driver != "gelsy" and full_rank:
            reached = self.matmul(self.broadcast_batch(input, batch), solution)
            off = self.abs(self.sub(b, reached))
            residuals = self.sum(self.mul(off, off), (len(batch),))
        solution = self._in_rows_of(solution, max(m, n))
        if vector:
            solution = self.select(solution, len(solution.shape) - 1, 0)
        return solution, residuals, ranks, S if driver in ("gelsd", "gelss") else nothing

    def _least_solution(
        self: Any, input: Array, b: Array, batch: tuple[int, ...], rcond: float | None
    ) -> tuple[Array, Array, Array]:
        """The least squares solution of least norm, the singular values, and the ranks."""
        dtype, (m, n) = self.dtype(input), input.shape[-2:]
        U, S, Vh, _ = self.linalg_svd(input, False, True)
        last = len(S.shape) - 1
        if rcond is None:
            rcond = EPSILON[dtype.to_real().name] * max(m, n)
        if S.shape[-1]:
            least = self.mul_scalar(self.slice(S, last, 0, 1, 1), rcond)
            small = self.le(S, least)
        else:
            small = self.le(S, S)
        inverse = self.masked_fill(self.reciprocal(S), small, 0)
        ranks = self.sum(self.cast(self.logical_not(small), int64), (last,))
        scaled = self.mul(self.mH(Vh), self.cast(self.unsqueeze(inverse, last), dtype))
        scaled, U = self.broadcast_batch(scaled, batch), self.broadcast_batch(U, batch)
        return self.matmul(scaled, self.matmul(self.mH(U), b)), S, ranks

    def _solution_of_full_rank(self: Any, input: Array, b: Array, batch: tuple[int, ...]) -> Array:
        """The least squares solution by QR; zero for a matrix of zeros.

        Raises:
            LinAlgError: columns, or rows, turn out to be linearly dependent (torch's text).
        """
        m, n = input.shape[-2:]
        Q, R = self.linalg_qr(self.mH(input) if m < n else input, "reduced")
        last = len(input.shape) - 2
        nothing = self.logical_not(self.any(input, (last, last + 1)))
        lost = self.eq(self.abs(self.diagonal(R, 0, last, last + 1)), 0)
        places, rank = self.to_flat(lost), min(m, n)
        infos = [
            0 if zero else [*places[k * rank : (k + 1) * rank], True].index(True) + 1
            for k, zero in enumerate(self.to_flat(nothing))
        ]
        check_infos([info if info <= rank else 0 for info in infos], "torch.linalg.lstsq", not last)
        Q, R = self.broadcast_batch(Q, batch), self.broadcast_batch(R, batch)
        if m < n:
            b = self.linalg_solve_triangular(self.mH(R), b, False, True, False)
            solution = self.matmul(Q, b)
        else:
            b = self.matmul(self.mH(Q), b)
            solution = self.linalg_solve_triangular(R, b, True, True, False)
        nothing = self.unsqueeze(self.unsqueeze(nothing, last), last)
        return self.masked_fill(solution, nothing, 0)

    def _in_rows_of(self: Any, solution: Array, count: int) -> Array:
        """A solution at the head of column-major matrices of ``count`` rows, LAPACK's place."""
        *batch, n, k = solution.shape
        whole = (*batch, count, k)
        place = self.empty_strided(whole, sizes.column_major(whole), self.dtype(solution))
        place = self.slice(place, len(batch), 0, n, 1)
        self.copy_(place, solution)
        return place

    # The exponential ------------------------------------------------------------------------------

    def linalg_matrix_exp(self: Any, input: Array) -> Array:
        """The exponential of square matrices, by Taylor polynomials of scaled matrices, squared.

        Bader, Blanes and Casas, "Computing the matrix exponential with an optimized Taylor
        polynomial approximation" (2019): degree and scaling follow from the 1-norm.
        """
        dtype = self.dtype(input)
        if dtype is float16 or dtype is bfloat16:
            return self.cast(self.linalg_matrix_exp(self.cast(input, float32)), dtype)
        *batch, n, _ = input.shape
        if 0 in input.shape:
            return self.empty(input.shape, dtype)
        if n == 1:
            return self.contiguous(self.exp(input))
        stack = self.reshape(input, (sizes.numel(batch), n, n))
        norms = self.to_flat(self.amax(self.sum(self.abs(stack), (1,)), (1,)))
        bounds = _THETA["float64" if dtype.to_real() is float64 else "float32"]
        members: dict[int, list[int]] = {}
        for place, norm in enumerate(norms):
            members.setdefault(sum(not norm <= bound for bound in bounds), []).append(place)
        if len(members) == 1:
            ((kind, places),) = members.items()
            result = self._exponentials(stack, kind, norms, bounds)
        else:
            result = self.empty(stack.shape, dtype)
            for kind, places in members.items():
                index = self.from_flat(places, (len(places),), int64)
                chosen = self.index_select(stack, 0, index)
                made = self._exponentials(chosen, kind, [norms[k] for k in places], bounds)
                result = self.index_put(result, [index, None, None], made, False)
        return self.view(self.contiguous(result), input.shape)

    def _exponentials(
        self: Any, stack: Array, kind: int, norms: list[float], bounds: tuple[float, ...]
    ) -> Array:
        """The exponentials of matrices whose norms call for the same polynomial."""
        kind = min(kind, len(_DEGREES) - 1)
        if kind < len(_DEGREES) - 1:
            return self._taylor(stack, _DEGREES[kind])
        times = [_squarings(norm, bounds[-1]) for norm in norms]
        dtype, count = self.dtype(stack), len(times)
        scales = self.from_flat([0.5**k for k in times], (count, 1, 1), dtype)
        power = self._taylor(self.mul(stack, scales), _DEGREES[-1])
        for done in range(max(times)):
            places = [k for k, wanted in enumerate(times) if wanted > done]
            if len(places) == count:
                power = self.bmm(power, power)
                continue
            index = self.from_flat(places, (len(places),), int64)
            part = self.index_select(power, 0, index)
            power = self.index_put(power, [index, None, None], self.bmm(part, part), False)
        return power

    def _taylor(self: Any, matrix: Array, degree: int) -> Array:
        """The Taylor polynomial of the exponential, in as few products as are known to do."""
        one = self.eye_like(matrix, *matrix.shape[-2:])
        if degree == 1:
            return self.add(one, matrix)
        square = self.bmm(matrix, matrix)
        if degree == 2:
            return self._combined((1, one), (1, matrix), (0.5, square))
        if degree == 4:
            tail = self._combined((1 / 2, one), (1 / 6, matrix), (1 / 24, square))
            return self.add(self.add(one, matrix), self.bmm(square, tail))
        if degree == 8:
            return self._taylor8(one, matrix, square)
        cube = self.bmm(square, matrix)
        if degree == 12:
            powers = (one, matrix, square, cube)
            b = [self._combined(*zip(row, powers, strict=True)) for row in _DEGREE_12]
            sixth = self.add(b[2], self.bmm(b[3], b[3]))
            return self.add(b[0], self.bmm(self.add(b[1], sixth), sixth))
        more = (one, matrix, square, cube, self.bmm(cube, cube))
        b = [self._combined(*zip(row, more, strict=True)) for row in _DEGREE_18]
        ninth = self.add(self.bmm(b[0], b[4]), b[3])
        return self.add(b[1], self.bmm(self.add(b[2], ninth), ninth))

    def _taylor8(self: Any, one: Array, matrix: Array, square: Array) -> Array:
        x1, x2, x3, x4, x5, x6, x7, y2 = _DEGREE_8
        inner = self._combined((x1, matrix), (x2, square))
        fourth = self.bmm(square, inner)
        left = self._combined((x3, square), (1, fourth))
        right = self._combined((x4, one), (x5, matrix), (x6, square), (x7, fourth))
        return self._combined((1, self.bmm(left, right)), (1, one), (1, matrix), (y2, square))

    def _combined(self: Any, *terms: tuple[float, Array]) -> Array:
        """A sum of arrays times numbers."""
        total = None
        for factor, array in terms:
            if factor:
                term = array if factor == 1 else self.mul_scalar(array, factor)
                total = term if total is None else self.add(total, term)
        return total


_DEGREES = (1, 2, 4, 8, 12, 18)
_THETA = {
    "float32": (
        1.192092800768788e-07,
        5.978858893805233e-04,
        5.116619363445086e-02,
        5.800524627688768e-01,
        1.461661507209034e00,
        3.010066362817634e00,
    ),
    "float64": (
        2.220446049250313e-16,
        2.580956802971767e-08,
        3.397168839976962e-04,
        4.991228871115323e-02,
        2.996158913811580e-01,
        1.090863719290036e00,
    ),
}
"""The largest norms for which the polynomials are exact to half an ulp."""


def _squarings(norm: float, bound: float) -> int:
    if not math.isfinite(norm):
        return 0
    return max(0, math.ceil(math.log2(norm / bound)))


_ROOT = math.sqrt(177.0)
_X3 = 2.0 / 3.0
_DEGREE_8 = (
    _X3 * (1.0 + _ROOT) / 88.0,
    _X3 * (1.0 + _ROOT) / 352.0,
    _X3,
    (-271.0 + 29.0 * _ROOT) / (315.0 * _X3),
    (-11.0 + 11.0 * _ROOT) / (1260.0 * _X3),
    (-99.0 + 11.0 * _ROOT) / (5040.0 * _X3),
    (89.0 - _ROOT) / (5040.0 * _X3 * _X3),
    (857.0 - 58.0 * _ROOT) / 630.0,
)
_DEGREE_12 = (
    (
        9.0198e-16,
        0.46932117595418237389,
        -0.20099424927047284052,
        -0.04623946134063071740,
    ),
    (
        5.31597895759871264183,
        1.19926790417132231573,
        0.01179296240992997031,
        0.01108844528519167989,
    ),
    (
        0.18188869982170434744,
        0.05502798439925399070,
        0.09351590770535414968,
        0.00610700528898058230,
    ),
    (
        -2.0861320e-13,
        -0.13181061013830184015,
        -0.02027855540589259079,
        -0.00675951846863086359,
    ),
)
_DEGREE_18 = (
    (
        0.0,
        -1.00365581030144618291e-01,
        -8.02924648241156932449e-03,
        -8.92138498045729985177e-04,
        0.0,
    ),
    (
        0.0,
        3.97849749499645077844e-01,
        1.36783778460411720168e00,
        4.98289622525382669416e-01,
        -6.37898194594723280150e-04,
    ),
    (
        -1.09676396052962061844e01,
        1.68015813878906206114e00,
        5.71779846478865511061e-02,
        -6.98210122488052056106e-03,
        3.34975017086070470649e-05,
    ),
    (
        -9.04316832390810593223e-02,
        -6.76404519071381882256e-02,
        6.75961301770459654925e-02,
        2.95552570429315521194e-02,
        -1.39180257516060693404e-05,
    ),
    (
        0.0,
        0.0,
        -9.23364619367118555360e-02,
        -1.69364939002081722752e-02,
        -1.40086798182036094347e-05,
    ),
)
