"""Shapes and strides as plain integers: ``Size``, layouts, broadcasting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

Shape = tuple[int, ...]
Layout = Callable[[Shape, tuple[Shape, ...], tuple[Shape, ...]], Shape]
"""The strides of a result of a shape, by the shapes and the strides of its operands."""


class Size(tuple[int, ...]):
    """A shape; a tuple of ints that prints as torch's."""

    __slots__ = ()

    def numel(self) -> int:
        """Return the number of elements."""
        return numel(self)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __add__(self, other: Any) -> Size:
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Size:
        return Size(tuple(other) + tuple(self))

    def __mul__(self, count: Any) -> Size:
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__

    def __getitem__(self, index: Any) -> Any:
        item = tuple.__getitem__(self, index)
        return Size(item) if isinstance(index, slice) else item

    def __reduce__(self) -> tuple[type[Size], tuple[tuple[int, ...]]]:
        return (Size, (tuple(self),))


def numel(shape: Iterable[int]) -> int:
    """Return the number of elements of a shape."""
    count = 1
    for length in shape:
        count *= length
    return count


def ntuple(value: Any, count: int) -> tuple[Any, ...]:
    """Return a tuple of what is given: of its members, or of ``count`` times the one thing."""
    return tuple(value) if isinstance(value, Iterable) else (value,) * count


def row_major(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the contiguous strides torch gives to a new tensor of this shape."""
    strides = [0] * len(shape)
    step = 1
    for dim in range(len(shape) - 1, -1, -1):
        strides[dim] = step
        step *= max(shape[dim], 1)
    return tuple(strides)


def column_major(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a batch of column-major matrices; of fewer than two dims row-major."""
    if len(shape) < 2:
        return row_major(shape)
    strides = row_major((*shape[:-2], shape[-1], shape[-2]))
    return (*strides[:-2], strides[-1], strides[-2])


def is_vector_side(matrices: Sequence[int], side: Sequence[int]) -> bool:
    """Whether the right side of a linear system is a vector, or a batch that has one per matrix."""
    return len(side) == 1 or (
        len(side) == len(matrices) - 1 and tuple(side) == tuple(matrices[:-1])
    )


def is_contiguous(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether the elements lie in row-major order without gaps."""
    expected = 1
    for length, step in zip(reversed(shape), reversed(stride), strict=True):
        if length == 0:
            return True
        if length != 1:
            if step != expected:
                return 0 in shape
            expected *= length
    return True


def same_strides(shape: Sequence[int], stride: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two strides place the elements alike; those of dims of size 1 do not matter."""
    return all(a == b or n == 1 for n, a, b in zip(shape, stride, other, strict=True))


def suggests_channels_last(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether torch takes the strides of a 4-d or 5-d tensor for channels-last."""
    rank = len(shape)
    if rank not in (4, 5) or stride[1] == 0:
        return False
    least = 0
    for dim in (1, *range(rank - 1, 1, -1), 0):
        if shape[dim] == 0 or stride[dim] < least:
            return False
        if dim == 0 and least == stride[1]:
            return False
        least = stride[dim] * max(shape[dim], 1)
    return True


def channels_last(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a 4-d or 5-d tensor whose second dim is innermost."""
    inner = row_major([shape[d] for d in (0, *range(2, len(shape)), 1)])
    return (inner[0], inner[-1], *inner[1:-1])


def is_dense(shape: Sequence[int], stride: Sequence[int]) -> bool:
    """Whether the elements fill their extent without gaps or overlap, in some order of dims."""
    if numel(shape) < 2:
        return True
    expected = 1
    for step, length in sorted((s, n) for n, s in zip(shape, stride, strict=True) if n != 1):
        if step != expected:
            return False
        expected *= length
    return True


def dense_strides_like(shape: Sequence[int], stride: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a copy: the same when dense, else row-major over the dims in order."""
    if is_dense(shape, stride):
        return tuple(stride)
    return permuted_strides(shape, stride)


def permuted_strides(shape: Sequence[int], stride: Sequence[int]) -> tuple[int, ...]:
    """Return dense strides whose dims keep the order that ``stride`` gives them."""
    return strides_in_order(shape, (stride,))


@lru_cache(4096)
def pointwise_strides(
    shape: tuple[int, ...],
    shapes: tuple[tuple[int, ...], ...],
    strides: tuple[tuple[int, ...], ...],
) -> tuple[int, ...]:
    """Return the strides of a result of operands of these shapes and strides, which broadcast.

    torch looks at the order of the dims only where not all operands lie alike.
    """
    if all(have == shape for have in shapes):
        if all(is_contiguous(shape, stride) for stride in strides):
            return row_major(shape)
        if len(shape) == 4 and all(
            same_strides(shape, stride, channels_last(shape)) for stride in strides
        ):
            return channels_last(shape)
        if all(stride == strides[0] for stride in strides) and is_dense(shape, strides[0]):
            return strides[0]
    return strides_in_order(
        shape, [broadcast_strides(*operand, shape) for operand in zip(shapes, strides, strict=True)]
    )


def strides_beside_number(
    shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]
) -> Shape:
    """Return what `pointwise_strides` does with one more operand, a number made a 0-d tensor."""
    return pointwise_strides(shape, (*shapes, ()), (*strides, ()))


def strides_by_second(shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]) -> Shape:
    """Return what `pointwise_strides` does where torch's iterator comes to the second one first."""
    return pointwise_strides(shape, shapes[::-1], strides[::-1])


def strides_of_first(shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]) -> Shape:
    """Return the strides of a result that is allocated like the first operand, if it fits."""
    if shapes[0] != shape:
        return pointwise_strides(shape, shapes, strides)
    return dense_strides_like(shape, strides[0])


def row_major_strides(shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]) -> Shape:
    """Return the strides of a result that is row-major whatever the operands are."""
    return row_major(shape)


def broadcast_strides(
    shape: Sequence[int], stride: Sequence[int], size: Sequence[int]
) -> tuple[int, ...]:
    """Return the strides of an array seen under the larger shape ``size``: 0 where it repeats."""
    lead = len(size) - len(shape)
    return (0,) * lead + tuple(
        0 if have == 1 and want != 1 else step
        for have, want, step in zip(shape, size[lead:], stride, strict=True)
    )


def strides_in_order(shape: Sequence[int], operands: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return dense strides whose dims are in the order that operands' strides give them.

    Without elements, and in another order than row-major, they are 0 outside of an empty dim.
    """
    order = iteration_order(shape, operands)
    if order == list(range(len(shape) - 1, -1, -1)):
        return row_major(shape)
    strides, step = [0] * len(shape), 1
    for dim in order:
        strides[dim] = step
        step *= shape[dim]
    return tuple(strides)


def iteration_order(shape: Sequence[int], operands: Sequence[Sequence[int]]) -> list[int]:
    """Return the dims from innermost to outermost, as strides of several operands decide.

    That is how torch's iterator over elements sorts them: of two dims the first operand decides
    that tells them apart; a stride of 0 says nothing, equal strides only that the longer dim is
    outside. What is undecided stays where it is: the comparison is not transitive.
    """

    def is_outside(inner: int, outer: int) -> int:
        """1 if the dims are to be swapped, -1 if not, 0 where nobody says."""
        for strides in operands:
            first, second = strides[inner], strides[outer]
            if first == 0 or second == 0:
                continue
            if first != second:
                return -1 if first < second else 1
            if shape[inner] > shape[outer]:
                return 1
        return 0

    order = list(range(len(shape) - 1, -1, -1))
    for i in range(1, len(shape)):  # an insertion sort that steps over the undecided
        place = i
        for j in range(i - 1, -1, -1):
            comparison = is_outside(order[j], order[place])
            if comparison > 0:
                order[j], order[place] = order[place], order[j]
                place = j
            elif comparison < 0:
                break
    return order


def broadcast_shapes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """Return the common shape.

    Raises:
        RuntimeError: two lengths differ and neither is 1 (torch's text).
    """
    if shapes and shapes.count(shapes[0]) == len(shapes):
        return tuple(shapes[0])
    result: list[int] = []
    for shape in shapes:
        if len(shape) > len(result):
            result[:0] = [1] * (len(shape) - len(result))
        offset = len(result) - len(shape)
        for dim in range(len(shape) - 1, -1, -1):  # the last mismatch is the one that is named
            length, current = shape[dim], result[offset + dim]
            if current == 1:
                result[offset + dim] = length
            elif length not in (1, current):
                raise RuntimeError(
                    f"The size of tensor a ({current}) must match the size of tensor b "
                    f"({length}) at non-singleton dimension {offset + dim}"
                )
    return tuple(result)


def view_strides(
    shape: Sequence[int], stride: Sequence[int], new_shape: Sequence[int]
) -> tuple[int, ...] | None:
    """Return the strides that show the same elements as ``new_shape``; None if there are none."""
    if numel(shape) == 0:
        return tuple(stride) if tuple(shape) == tuple(new_shape) else row_major(new_shape)
    if not shape:
        return (1,) * len(new_shape)
    result = [0] * len(new_shape)
    view_dim = len(new_shape) - 1
    chunk_base = stride[-1]
    tensor_numel = view_numel = 1
    for dim in range(len(shape) - 1, -1, -1):
        tensor_numel *= shape[dim]
        if dim == 0 or (shape[dim - 1] != 1 and stride[dim - 1] != tensor_numel * chunk_base):
            while view_dim >= 0 and (view_numel < tensor_numel or new_shape[view_dim] == 1):
                result[view_dim] = view_numel * chunk_base
                view_numel *= new_shape[view_dim]
                view_dim -= 1
            if view_numel != tensor_numel:
                return None
            if dim > 0:
                chunk_base = stride[dim - 1]
                tensor_numel = view_numel = 1
    return tuple(result) if view_dim == -1 else None


def inferred(shape: Sequence[int], count: int) -> tuple[int, ...]:
    """Return ``shape`` with its -1 replaced by what makes ``count`` elements.

    Raises:
        RuntimeError: no length does (torch's text).
    """
    shape = tuple(shape)
    if shape == (-1,):
        return (count,)
    if -1 not in shape and min(shape, default=0) >= 0 and numel(shape) == count:
        return shape
    invalid = f"shape '{list(shape)}' is invalid for input of size {count}"
    unknown = [dim for dim, length in enumerate(shape) if length == -1]
    if len(unknown) > 1:
        raise RuntimeError("only one dimension can be inferred")
    for length in shape:
        if length < -1:
            raise RuntimeError(f"invalid shape dimension {length}")
    known = numel(length for length in shape if length != -1)
    if not unknown:
        raise RuntimeError(invalid)
    if known == 0:
        if count == 0:
            raise RuntimeError(
                f"cannot reshape tensor of 0 elements into shape {list(shape)} because the "
                "unspecified dimension size -1 can be any value and is ambiguous"
            )
        raise RuntimeError(invalid)
    if count % known:
        raise RuntimeError(invalid)
    dim = unknown[0]
    return (*shape[:dim], count // known, *shape[dim + 1 :])
