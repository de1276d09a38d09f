"""Shapes: broadcasting, joining, turning, moving and repeating."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.sizes import inferred, numel

from . import indexing
from .array import Array, own
from .data_types import INTEGER
from .kernels import Raw, axes_of, axis_of, common_shape, flat, kernels
from .pointwise import together

Arrays = tuple[Array, ...] | list[Array]


def broadcast_to(x: Array, /, shape: tuple[int, ...]) -> Array:
    """Return a view of this shape; raises ValueError if the array does not broadcast to it."""
    raw = own("broadcast_to", x)
    if common_shape(x.shape, tuple(shape)) != tuple(shape):
        raise ValueError(f"shape {x.shape} does not broadcast to {tuple(shape)}")
    return Array(kernels.expand(raw, tuple(shape)))


def broadcast_arrays(*arrays: Array) -> list[Array]:
    """Return views of the arrays in their common shape."""
    shape = common_shape(*[own("broadcast_arrays", x).shape for x in arrays])
    return [broadcast_to(x, shape) for x in arrays]


def _of_one_dtype(function: str, arrays: Arrays) -> list[Raw]:
    if not arrays:
        raise ValueError(f"{function} needs an array")
    return together(*[own(function, x) for x in arrays])


def concat(arrays: Arrays, /, *, axis: int | None = 0) -> Array:
    """Return arrays one behind the other along an axis; flattened for None."""
    parts = _of_one_dtype("concat", arrays)
    if axis is None:
        return Array(kernels.cat([flat(part) for part in parts], 0))
    dim = axis_of(axis, len(parts[0].shape))
    if (
        len({(*part.shape[:dim], *part.shape[dim + 1 :]) for part in parts}) > 1
        or len({len(part.shape) for part in parts}) > 1
    ):
        raise ValueError(f"concat of shapes {[part.shape for part in parts]} along axis {axis}")
    return Array(kernels.cat(parts, dim))


def stack(arrays: Arrays, /, *, axis: int = 0) -> Array:
    """Return arrays of one shape one behind the other along a new axis."""
    parts = _of_one_dtype("stack", arrays)
    if len({part.shape for part in parts}) > 1:
        raise ValueError(f"stack of shapes {[part.shape for part in parts]}")
    return Array(kernels.stack(parts, axis_of(axis, len(parts[0].shape) + 1)))


def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """Return the entries of an axis, views."""
    raw = own("unstack", x)
    return tuple([Array(part) for part in kernels.unbind(raw, axis_of(axis, x.ndim))])


def expand_dims(x: Array, /, *, axis: int = 0) -> Array:
    """Return a view with a new axis of size 1."""
    return Array(kernels.unsqueeze(own("expand_dims", x), axis_of(axis, x.ndim + 1)))


def squeeze(x: Array, /, axis: int | tuple[int, ...]) -> Array:
    """Return a view without axes; raises ValueError for one whose size is not 1."""
    raw = own("squeeze", x)
    axes = axes_of(axis, x.ndim)
    if any(x.shape[d] != 1 for d in axes):
        raise ValueError(f"axes {axis} of shape {x.shape} are not all of size 1")
    return Array(kernels.squeeze_dims(raw, axes))


def reshape(x: Array, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Array:
    """Return the elements in row-major order in another shape, of which -1 is worked out.

    A view, if there is one of that shape and ``copy`` is not true; ValueError if there is none and
    ``copy`` is False.
    """
    raw = own("reshape", x)
    sizes = tuple(shape)
    known = numel([size for size in sizes if size != -1])
    if sizes.count(-1) == 1 and known and not x.size % known and min(sizes) == -1:
        sizes = tuple(inferred(sizes, x.size))
    if min(sizes, default=0) < 0 or numel(sizes) != x.size:
        raise ValueError(f"an array of shape {x.shape} has no shape {tuple(shape)}")
    if copy:
        return Array(kernels.view(kernels.clone_row_major(raw), sizes))
    if copy is False:
        return Array(kernels.view(raw, sizes))
    return Array(kernels.reshape(raw, sizes))


def permute_dims(x: Array, /, axes: tuple[int, ...]) -> Array:
    """Return a view with the axes in another order."""
    raw = own("permute_dims", x)
    order = axes_of(axes, x.ndim)
    if len(order) != x.ndim:
        raise ValueError(f"{tuple(axes)} is no order of {x.ndim} axes")
    return Array(kernels.permute(raw, order))


def moveaxis(
    x: Array, source: int | tuple[int, ...], destination: int | tuple[int, ...], /
) -> Array:
    """Return a view with axes in other places, the others in their order."""
    raw = own("moveaxis", x)
    sources, places = axes_of(source, x.ndim), axes_of(destination, x.ndim)
    if len(sources) != len(places):
        raise ValueError(f"{len(sources)} axes have {len(places)} destinations")
    order = [d for d in range(x.ndim) if d not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return Array(kernels.permute(raw, order))


def matrix_transpose(x: Array, /) -> Array:
    """Return the transposes of a stack of matrices, a view."""
    own("matrix_transpose", x)
    return x.mT


def flip(x: Array, /, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Return the elements in reverse order along axes, all of them for None."""
    raw = own("flip", x)
    return Array(kernels.flip(raw, axes_of(axis, x.ndim)))


def roll(
    x: Array, /, shift: int | tuple[int, ...], *, axis: int | tuple[int, ...] | None = None
) -> Array:
    """Return the elements moved around along axes; in row-major order for None."""
    raw = own("roll", x)
    if axis is None:
        shifts: Sequence[int] = (shift,) if isinstance(shift, int) else shift
        return Array(kernels.view(kernels.roll(flat(raw), (sum(shifts),), (0,)), x.shape))
    axes = (axis,) if isinstance(axis, int) else axis
    shifts = (shift,) * len(axes) if isinstance(shift, int) else shift
    if len(shifts) != len(axes):
        raise ValueError(f"{len(shifts)} shifts for {len(axes)} axes")
    dims = [axis_of(one, x.ndim) for one in axes]  # one may be named twice
    return Array(kernels.roll(raw, shifts, dims) if dims else kernels.clone(raw))


def repeat(x: Array, repeats: int | Array, /, *, axis: int | None = None) -> Array:
    """Return each entry of an axis (of the flattened array for None) a number of times."""
    raw = own("repeat", x)
    if axis is None:
        raw, axis = flat(raw), 0
    dim = axis_of(axis, len(raw.shape))
    size = raw.shape[dim]
    counts = [repeats] if isinstance(repeats, int) else kernels.to_flat(own("repeat", repeats))
    if len(counts) == 1:
        counts *= size
    if len(counts) != size or min(counts, default=0) < 0:
        raise ValueError(f"{counts} does not say how often each of {size} entries is repeated")
    places = [place for place, count in enumerate(counts) for _ in range(count)]
    index = kernels.from_flat(places, (len(places),), INTEGER)
    return Array(kernels.index_select(raw, dim, index))


def tile(x: Array, repetitions: tuple[int, ...], /) -> Array:
    """Return the array beside itself a number of times along each axis."""
    raw = own("tile", x)
    counts = (1,) * (x.ndim - len(repetitions)) + tuple(repetitions)
    return Array(kernels.repeat(raw, counts))


def take(x: Array, indices: Array, /, *, axis: int | None = None) -> Array:
    """Return the entries of an axis that 1-d indices name."""
    raw = own("take", x)
    if own("take", indices).dtype.category != 1 or indices.ndim != 1:
        raise TypeError("take needs a 1-d array of integers")
    dim = None if axis is None else axis_of(axis, x.ndim)
    return Array(indexing.along(raw, indices.raw, dim))


def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Array:
    """Return the elements at indices along an axis; the other axes broadcast."""
    raw = own("take_along_axis", x)
    if own("take_along_axis", indices).dtype.category != 1 or indices.ndim != x.ndim:
        raise TypeError("take_along_axis needs integers in as many dimensions as the array has")
    dim = axis_of(axis, x.ndim)
    others = [(*one.shape[:dim], 1, *one.shape[dim + 1 :]) for one in (x, indices)]
    common = common_shape(*others)
    places = indexing.places_in(indices.raw, x.shape[dim])
    raw, places = (
        kernels.expand(one, (*common[:dim], one.shape[dim], *common[dim + 1 :]))
        for one in (raw, places)
    )
    return Array(kernels.gather(raw, dim, places))
