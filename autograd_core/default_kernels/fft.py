"""Derived Fourier transforms: any dims, real input and real output, from ``dft``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

Array = Any


class FftDefaults:
    """Derived functions of the capability "fft".

    ``normalization`` is 0, 1 or 2: the sums as they are, over the root of their count, over it. A
    result is laid out as torch's is: the transformed dims are the innermost ones, both groups of
    dims ordered by the strides of the input.
    """

    def fft_c2c(
        self: Any, input: Array, dim: Sequence[int], normalization: int, forward: bool
    ) -> Array:
        """Transform of a complex array over the dims."""
        if not dim:
            return self.clone(input)
        order = _order(self.strides(input), tuple(dim), 0)
        return _innermost(
            self, input, order, lambda x: self.dft(x, len(dim), normalization, forward)
        )

    def fft_r2c(
        self: Any, input: Array, dim: Sequence[int], normalization: int, onesided: bool
    ) -> Array:
        """Forward transform of a real array; ``onesided``: the first half along the last dim."""
        order = _order(self.strides(input), tuple(dim), 1)
        return _innermost(
            self, input, order, lambda x: self.dft_of_real(x, len(dim), normalization, onesided)
        )

    def fft_c2r(
        self: Any, input: Array, dim: Sequence[int], normalization: int, last_dim_size: int
    ) -> Array:
        """Inverse transform with a real result, which has ``last_dim_size`` in the last dim."""
        if len(dim) > 1:
            input = self.fft_c2c(input, dim[:-1], normalization, False)
        order = _order(self.strides(input), tuple(dim[-1:]), 0)
        return _innermost(
            self, input, order, lambda x: self.dft_to_real(x, last_dim_size, normalization)
        )

    def dft_of_real(
        self: Any, input: Array, rank: int, normalization: int, onesided: bool
    ) -> Array:
        """``dft`` of a real array, forward; ``onesided``: the first half of the last dim."""
        made = self.dft(self.complex(input, self.zeros_like(input)), rank, normalization, True)
        if not onesided:
            return made
        last = len(made.shape) - 1
        return self.clone_row_major(self.slice(made, last, 0, made.shape[last] // 2 + 1, 1))

    def dft_to_real(self: Any, input: Array, size: int, normalization: int) -> Array:
        """Inverse ``dft`` over the last dim, of which the first half is given; a real array."""
        last = len(input.shape) - 1
        half = size // 2 + 1
        rest = self.flip(self.slice(input, last, 1, size - half + 1, 1), (last,))
        whole = self.cat([self.slice(input, last, 0, half, 1), self.conj_physical(rest)], last)
        ends = self.new_zeros(self.real(input), whole.shape[:-1])
        parts = self.view_as_real(whole)  # the ends are taken to be real
        for place in (0, half - 1) if size % 2 == 0 else (0,):
            self.copy_(self.select(self.select(parts, last + 1, 1), last, place), ends)
        return self.contiguous(self.real(self.dft(whole, 1, normalization, False)))


def _by_stride(dims: Sequence[int], strides: Sequence[int]) -> list[int]:
    """Return the dims, the largest stride first."""
    return sorted(dims, key=lambda dim: -strides[dim])


@lru_cache(4096)
def _order(strides: tuple[int, ...], transformed: tuple[int, ...], fixed: int) -> list[int] | None:
    """Return the dims in the order that the result has in memory, or None for the order they have.

    The transformed dims come last, by their strides except for the last ``fixed`` ones. The others
    are parted from them by swaps from both ends, as in C++'s ``std::partition``, and sorted by
    their strides, which decides of two dims of one stride.
    """
    dims = list(range(len(strides)))
    start, stop = 0, len(dims)
    while True:
        while start < stop and dims[start] not in transformed:
            start += 1
        while start < stop and dims[stop - 1] in transformed:
            stop -= 1
        if start >= stop:
            break
        dims[start], dims[stop - 1] = dims[stop - 1], dims[start]
    moved = len(transformed) - fixed
    order = [
        *_by_stride(dims[:start], strides),
        *_by_stride(transformed[:moved], strides),
        *transformed[moved:],
    ]
    return None if order == sorted(order) else order


def _innermost(
    xp: Any, input: Array, order: list[int] | None, transform: Callable[[Array], Array]
) -> Array:
    """Apply a function of the last dims to an array with its dims in another order."""
    if order is None:
        return transform(input)
    inverse = sorted(range(len(order)), key=order.__getitem__)
    return xp.permute(transform(xp.permute(input, order)), inverse)
