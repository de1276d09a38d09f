"""Places of elements, order, and what is there once: searching, sorting, sets."""

from __future__ import annotations

from typing import Literal, NamedTuple

from . import indexing
from .array import Array, own
from .data_types import REAL_FLOATING, SIGNED, UNSIGNED, require
from .kernels import Raw, axis_of, flat, kernels
from .pointwise import together

_REAL = SIGNED + UNSIGNED + REAL_FLOATING


def _extreme(function: str, x: Array, axis: int | None, keepdims: bool) -> Array:
    raw = own(function, x)
    require(function, x.dtype, _REAL)
    size = x.size if axis is None else x.shape[axis_of(axis, x.ndim)]
    if size == 0:
        raise ValueError(f"{function} of no elements")
    kernel = getattr(kernels, function)
    if axis is not None:
        return Array(kernel(raw, axis_of(axis, x.ndim), keepdims))
    place = kernel(flat(raw), 0)
    return Array(kernels.view(place, (1,) * x.ndim) if keepdims else place)


def argmax(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the place of the first largest element along an axis, or in row-major order."""
    return _extreme("argmax", x, axis, keepdims)


def argmin(x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """Return the place of the first smallest element along an axis, or in row-major order."""
    return _extreme("argmin", x, axis, keepdims)


def nonzero(x: Array, /) -> tuple[Array, ...]:
    """Return the places of what is not zero, an array for each axis."""
    raw = own("nonzero", x)
    if not x.ndim:
        raise ValueError("nonzero takes no array without dimensions")
    return tuple([Array(places) for places in kernels.unbind(kernels.nonzero(raw), 1)])


def searchsorted(
    x1: Array,
    x2: Array,
    /,
    *,
    side: Literal["left", "right"] = "left",
    sorter: Array | None = None,
) -> Array:
    """Return where elements of ``x2`` go in ``x1``, which is 1-d and sorted (by ``sorter``)."""
    sequence, values = together(own("searchsorted", x1), own("searchsorted", x2))
    require("searchsorted", sequence.dtype, _REAL)
    if x1.ndim != 1:
        raise ValueError(f"searchsorted searches in one dimension, not {x1.ndim}")
    if side not in ("left", "right"):
        raise ValueError(f"side is 'left' or 'right', not {side!r}")
    if sorter is not None:
        sequence = indexing.along(sequence, own("searchsorted", sorter), 0)
    return Array(kernels.searchsorted(sequence, values, side == "right"))


def _sorted(function: str, x: Array, axis: int, descending: bool) -> tuple[Raw, Raw]:
    raw = own(function, x)
    require(function, x.dtype, _REAL)
    return kernels.sort(raw, axis_of(axis, x.ndim), descending)  # type: ignore[no-any-return]


def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """Return the elements in order along an axis, NaN above all; always stable."""
    return Array(_sorted("sort", x, axis, descending)[0])


def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """Return the places that put elements in order along an axis, as `sort` does."""
    return Array(_sorted("argsort", x, axis, descending)[1])


class UniqueAll(NamedTuple):
    """What `unique_all` returns."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCounts(NamedTuple):
    """What `unique_counts` returns."""

    values: Array
    counts: Array


class UniqueInverse(NamedTuple):
    """What `unique_inverse` returns."""

    values: Array
    inverse_indices: Array


def _order(x: Raw) -> Raw:
    """Return the places that put a 1-d array in order, complex numbers by real, then imaginary."""
    if not x.dtype.is_complex:
        return kernels.sort(x, 0)[1]  # type: ignore[no-any-return]
    _, by_imag = kernels.sort(kernels.imag(x), 0)
    _, by_real = kernels.sort(kernels.index_select(kernels.real(x), 0, by_imag), 0)
    return kernels.index_select(by_imag, 0, by_real)  # type: ignore[no-any-return]


def unique_all(x: Array, /) -> UniqueAll:
    """Return the distinct elements in order, where each is first, where all are, and how often.

    Each NaN is distinct.
    """
    elements = flat(own("unique_all", x))
    order = _order(elements)
    values, runs, counts = kernels.unique_consecutive(kernels.index_select(elements, 0, order))
    starts = kernels.sub(kernels.cumsum(counts, 0), counts)
    inverse = kernels.scatter(kernels.zeros_like(runs), 0, order, runs)
    return UniqueAll(
        Array(values),
        Array(kernels.index_select(order, 0, starts)),
        Array(kernels.view(inverse, x.shape)),
        Array(counts),
    )


def unique_counts(x: Array, /) -> UniqueCounts:
    """Return the distinct elements in order, and how often each is there."""
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Array, /) -> UniqueInverse:
    """Return the distinct elements in order, and which of them each element is."""
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Array, /) -> Array:
    """Return the distinct elements in order."""
    return unique_all(x).values
