"""Size, stride and offset of views that are more than a reshape: arithmetic on integers."""

from __future__ import annotations

from collections.abc import Sequence

Geometry = tuple[tuple[int, ...], tuple[int, ...], int]
"""(size, stride, storage offset)."""


def unsqueezed(geometry: Geometry, dim: int) -> Geometry:
    """Return the geometry with a new dim of size 1."""
    size, stride, offset = geometry
    step = size[dim] * stride[dim] if dim < len(size) else 1
    return (*size[:dim], 1, *size[dim:]), (*stride[:dim], step, *stride[dim:]), offset


def squeezed(geometry: Geometry, dims: Sequence[int]) -> Geometry:
    """Return the geometry without those of ``dims`` that have size 1."""
    size, stride, offset = geometry
    kept = [d for d in range(len(size)) if d not in dims or size[d] != 1]
    return tuple([size[d] for d in kept]), tuple([stride[d] for d in kept]), offset


def expanded(shape: Sequence[int], stride: Sequence[int], size: Sequence[int]) -> tuple[int, ...]:
    """Return the strides under which a shape is seen as ``size``: 0 in the stretched dims.

    A new dim of size 1 steps over the next one; those of a 0-d array have stride 0.
    """
    if not shape:
        return (0,) * len(size)
    lead = len(size) - len(shape)
    steps = [0] * len(size)
    for dim in range(len(size) - 1, -1, -1):
        if dim >= lead:
            kept = shape[dim - lead] == size[dim]
            steps[dim] = stride[dim - lead] if kept else 0
        elif size[dim] == 1:
            steps[dim] = size[dim + 1] * steps[dim + 1]
    return tuple(steps)


def diagonal(geometry: Geometry, shift: int, dim1: int, dim2: int) -> Geometry:
    """Return the geometry of the diagonal of two dims, which becomes the last dim.

    ``shift`` columns above the main diagonal, or below when negative.
    """
    size, stride, offset = geometry
    if shift >= 0:
        length = max(min(size[dim1], size[dim2] - shift), 0)
        start = shift * stride[dim2]
    else:
        length = max(min(size[dim1] + shift, size[dim2]), 0)
        start = -shift * stride[dim1]
    kept = [d for d in range(len(size)) if d not in (dim1, dim2)]
    return (
        (*[size[d] for d in kept], length),
        (*[stride[d] for d in kept], stride[dim1] + stride[dim2]),
        offset + (start if length else 0),
    )


def unfolded(geometry: Geometry, dim: int, length: int, step: int) -> Geometry:
    """Return the geometry of windows of ``length`` every ``step``, their elements the last dim."""
    size, stride, offset = geometry
    if not size:
        return (length,), (1,), offset
    count = (size[dim] - length) // step + 1
    return (
        (*size[:dim], count, *size[dim + 1 :], length),
        (*stride[:dim], step * stride[dim], *stride[dim + 1 :], stride[dim]),
        offset,
    )


def chunk_sizes(total: int, size: int) -> list[int]:
    """Return the lengths of pieces of ``size`` that ``total`` splits into; the last may be less."""
    if total == 0:
        return [0]
    count = -(-total // size)
    return [size] * (count - 1) + [total - size * (count - 1)]
