"""Derived kernels that order elements and pick by rank, written in the required ones."""

from __future__ import annotations

from typing import Any

from .. import dtypes

Array = Any


class SortingDefaults:
    """Derived sorting functions of the backend contract."""

    def topk(
        self: Any, input: Array, k: int, dim: int, largest: bool = True, sorted: bool = True
    ) -> tuple[Array, Array]:
        """The k largest (or smallest) elements along dim in order, and their int64 indices."""
        values, indices = self.sort(input, dim, largest)
        if not input.shape:
            return values, indices
        return (
            self.contiguous(self.slice(values, dim, 0, k, 1)),
            self.contiguous(self.slice(indices, dim, 0, k, 1)),
        )

    def kthvalue(
        self: Any, input: Array, k: int, dim: int, keepdim: bool = False
    ) -> tuple[Array, Array]:
        """The k-th smallest element along dim (1 is the smallest) and its int64 index."""
        indices = self.sort(input, dim, False)[1]
        if input.shape:
            indices = self.contiguous(self.slice(indices, dim, k - 1, k, 1))
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def median_dim(self: Any, input: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
        """The lower median along dim, the first NaN where there is one, and its int64 index."""
        if not input.shape:
            return self.kthvalue(input, 1, dim, keepdim)  # type: ignore[no-any-return]
        count = input.shape[dim]
        indices = self.sort(input, dim, False)[1]
        indices = self.contiguous(self.slice(indices, dim, (count - 1) // 2, (count + 1) // 2, 1))
        if self.dtype(input).is_floating_point:
            missing = self.isnan(input)
            indices = self.where(
                self.any(missing, (dim,), True),
                self.argmax(self.cast(missing, dtypes.uint8), dim, True),
                indices,
            )
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def nanmedian_dim(
        self: Any, input: Array, dim: int, keepdim: bool = False
    ) -> tuple[Array, Array]:
        """The lower median along dim of what is not NaN (NaN if nothing is), and its index."""
        if not input.shape or not self.dtype(input).is_floating_point:
            return self.median_dim(input, dim, keepdim)  # type: ignore[no-any-return]
        present = self.cast(self.logical_not(self.isnan(input)), dtypes.int64)
        count = self.sum(present, (dim,), True)
        place = self.maximum(self.sub(count, self.scalar(1, dtypes.int64)), self.zeros_like(count))
        place = self.floor_divide(place, self.scalar(2, dtypes.int64))
        indices = self.gather(self.sort(input, dim, False)[1], dim, place)
        return self.picked(input, dim, indices, keepdim)  # type: ignore[no-any-return]

    def median(self: Any, input: Array) -> Array:
        """The lower median of all elements, NaN if one is NaN or there is none."""
        return self._median_of_all(input, self.median_dim)

    def nanmedian(self: Any, input: Array) -> Array:
        """The lower median of all elements that are not NaN."""
        return self._median_of_all(input, self.nanmedian_dim)

    def _median_of_all(self: Any, input: Array, along: Any) -> Array:
        flat = self.reshape(input, (-1,) if 0 not in input.shape else (0,))
        if not flat.shape[0]:
            return self.scalar(_undefined(self.dtype(input)), self.dtype(input))
        return along(flat, 0)[0]

    def mode(self: Any, input: Array, dim: int, keepdim: bool = False) -> tuple[Array, Array]:
        """The most frequent element along dim, of several the smallest, and an index of it."""
        if not input.shape:
            return self.clone(input), self.scalar(0, dtypes.int64)
        values, order = self.sort(input, dim, False)
        count = input.shape[dim]
        # The length of the run of equal elements that ends at each place of the sorted array.
        places = self.arange(0, 1, count, dtypes.int64)
        places = self.view(places, [count if d == dim else 1 for d in range(len(input.shape))])
        before = self.cat(
            [self.slice(values, dim, 0, 1, 1), self.slice(values, dim, 0, count - 1, 1)], dim
        )
        starts = self.where(self.ne(values, before), places, self.zeros_like(places))
        starts = self.cummax(starts, dim)[0]
        longest = self.argmax(self.sub(places, starts), dim, True)
        return self.picked(input, dim, self.gather(order, dim, longest), keepdim)  # type: ignore[no-any-return]


def _undefined(dtype: Any) -> Any:
    """Return torch's median of no elements."""
    if dtype.is_floating_point:
        return float("nan")
    return -(2 ** (8 * dtype.itemsize - 1)) if dtype.is_signed else 0
