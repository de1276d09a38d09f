"""torch's taking apart, reversing and repeating."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from .. import ops
from ..batching import NO_FALLBACK, NO_VIEWS, member_by_member, refuse_undivided
from ..composites import movement as composed
from ..composites import shape as reshaping
from ..dtypes import bool_, int64, not_implemented_for
from ..engine.levels import NO_STORAGE, ONE_FOR_ALL, refuse_in_batch
from ..tensor import Given, Tensor, own_dim, range_bounds, wrap, wrap_dim
from .new_tensors import size_of
from .registration import accepts_out, function, method, publish
from .shape import check_source, dims_of

# One index, one range -----------------------------------------------------------------------------


def _index(input: Tensor, dim: int, index: Any) -> tuple[int, int]:
    """Return dim and index, both non-negative (torch's texts for wrong ones)."""
    shape = input._memory.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim, index = wrap_dim(dim, len(shape)), int(index)
    length = shape[dim]
    if not -length <= index < length:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(shape)} at dimension "
            f"{dim}"
        )
    return dim, Given(index + length, index) if index < 0 else index


@function
@method
def select(input: Tensor, dim: int, index: Any) -> Tensor:
    """View one index of a dim."""
    return ops.select(input, *_index(input, dim, index))


@function
def select_copy(input: Tensor, dim: int, index: Any) -> Tensor:
    """Copy one index of a dim."""
    return ops.select_copy(input, *_index(input, dim, index))


@function
@method
def select_scatter(input: Tensor, src: Tensor, dim: int, index: Any) -> Tensor:
    """Return a copy with ``src`` in one index of a dim."""
    dim, index = _index(input, dim, index)
    shape = input._array.shape
    check_source(input, src, (*shape[:dim], *shape[dim + 1 :]))
    return ops.select_scatter(input, src, dim, index)


def slice_bounds(
    input: Tensor, dim: int, start: Any, end: Any, step: int
) -> tuple[int, int, int, int]:
    """Return (dim, start, end, step) with 0 <= start <= end <= length."""
    if input.ndim == 0:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    dim = wrap_dim(dim, input.ndim)
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    return dim, *range_bounds(input._array.shape[dim], start, end), step


def slice_of(
    input: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """View a range of a dim."""
    return ops.slice(input, *slice_bounds(input, dim, start, end, step))


publish(SimpleNamespace(Tensor=slice_of), "slice", "ops.aten")


@function
def slice_copy(
    input: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """Copy a range of a dim."""
    return ops.slice_copy(input, *slice_bounds(input, dim, start, end, step))


@function
@method
def slice_scatter(
    input: Tensor, src: Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Tensor:
    """Return a copy with ``src`` in a range of a dim."""
    dim, start, end, step = slice_bounds(input, dim, start, end, step)
    shape = list(input._array.shape)
    shape[dim] = -(-(end - start) // step)
    check_source(input, src, shape)
    return ops.slice_scatter(input, src, dim, start, end, step)


def _narrowed(input: Tensor, dim: int, start: Any, length: int) -> tuple[int, int, int]:
    """Return dim, start and length of a range (torch's texts for wrong ones)."""
    if input.ndim == 0:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    dim = wrap_dim(dim, input.ndim)
    size = input._array.shape[dim]
    if isinstance(start, Tensor):
        if start.ndim or start._dtype.is_inexact or start._dtype.category == 0:
            raise RuntimeError("start must be an 0-dim integral Tensor.")
        refuse_in_batch((start,), ONE_FOR_ALL)
        start = start.item()
    if not -size <= start <= size:
        raise IndexError(
            f"start out of range (expected to be in range of [{-size}, {size}], but got {start})"
        )
    if start < 0:
        start += size
    if start + length > size:
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return dim, start, length


@function
@method
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """View ``length`` entries of a dim from ``start`` on."""
    if isinstance(start, Tensor):
        refuse_undivided((input, start), NO_VIEWS.format("narrow.Tensor"))
    return composed.narrow(input, *_narrowed(input, dim, start, length))


@function
@method
def narrow_copy(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """Copy ``length`` entries of a dim from ``start`` on.

    Raises:
        RuntimeError, IndexError: the range is none (torch's texts, which differ from narrow's).
    """
    if input.ndim and dim >= input.ndim:
        raise RuntimeError(
            "Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.  "
            "(Could this error message be improved?  If so, please report an enhancement request "
            "to PyTorch.)"
        )
    if input.ndim and length < 0:
        dim, start, _ = _narrowed(input, dim, start, 0)
        size = input._array.shape[dim]
        raise RuntimeError(f"start ({start}) + length ({length}) exceeds dimension size ({size}).")
    return ops.narrow_copy(input, *_narrowed(input, dim, start, length))


# Taking apart -------------------------------------------------------------------------------------


def _sized(input: Tensor, dim: int, name: str) -> int:
    if input.ndim == 0:
        raise RuntimeError(f"{name} expects at least a 1-dimensional tensor")
    return wrap_dim(dim, input.ndim)


def _split_size(input: Tensor, split_size: int, dim: int) -> int:
    length = input._array.shape[dim]
    if split_size < 0:
        raise RuntimeError(
            f"split expects split_size be non-negative, but got split_size={split_size}"
        )
    if split_size == 0 and length:
        raise RuntimeError(
            f"split_size can only be 0 if dimension size is 0, but got dimension size of {length}"
        )
    return split_size


def _split_sizes(input: Tensor, split_sizes: Sequence[int], dim: int) -> tuple[int, ...]:
    sizes = size_of((tuple(split_sizes),))
    if any(n < 0 for n in sizes):
        raise RuntimeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={list(sizes)}"
        )
    length = input._array.shape[dim]
    if sum(sizes) != length:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's "
            f"size at dimension {dim}), but got split_sizes={list(sizes)}"
        )
    return sizes


def _splitting(op: Any) -> Callable[..., tuple[Tensor, ...]]:
    def split(input: Tensor, split_size: int, dim: int = 0) -> tuple[Tensor, ...]:
        """Split into pieces of one size."""
        dim = _sized(input, dim, "split")
        return op(input, _split_size(input, split_size, dim), dim)

    return split


def _splitting_by_sizes(op: Any) -> Callable[..., tuple[Tensor, ...]]:
    def split_with_sizes(
        input: Tensor, split_sizes: Sequence[int], dim: int = 0
    ) -> tuple[Tensor, ...]:
        """Split into pieces of the given sizes."""
        dim = _sized(input, dim, "split_with_sizes")
        return op(input, _split_sizes(input, split_sizes, dim), dim)

    return split_with_sizes


_split = _splitting(ops.split)
split_with_sizes = _splitting_by_sizes(ops.split_with_sizes)
function(method(split_with_sizes))
for _name, _function in {
    "unsafe_split": _splitting(ops.unsafe_split),
    "unsafe_split_with_sizes": _splitting_by_sizes(ops.unsafe_split_with_sizes),
}.items():
    function(method(_function, name=_name), name=_name)
function(_splitting(ops.split_copy), name="split_copy")
function(_splitting_by_sizes(ops.split_with_sizes_copy), name="split_with_sizes_copy")


@method
def split(self: Tensor, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Split into pieces of one size, or of the sizes of a list."""
    if isinstance(split_size, (tuple, list)):
        return split_with_sizes(self, split_size, dim)
    return _split(self, split_size, dim)


@function(name="split")
def _split_function(
    tensor: Tensor, split_size_or_sections: Any, dim: int = 0
) -> tuple[Tensor, ...]:
    """Split into pieces of one size, or of the sizes of a list."""
    return split(tensor, split_size_or_sections, dim)


def _chunking(unsafe: bool) -> Callable[..., tuple[Tensor, ...]]:
    def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        """Split into at most ``chunks`` pieces."""
        dim = _sized(input, dim, "chunk")
        if chunks <= 0:
            raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
        return composed.chunk(input, chunks, dim, unsafe)

    return chunk


function(method(_chunking(False)))
function(method(_chunking(True), name="unsafe_chunk"), name="unsafe_chunk")


def _sections(sections: Any) -> int | list[int]:
    if isinstance(sections, Tensor):
        if sections._dtype.name != "int64":
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
                f"{sections._dtype.name}"
            )
        if sections.ndim > 1:
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or "
                f"one-dimensional tensor, but got a tensor with {sections.ndim} dims"
            )
        if sections.ndim and sections._backend.level is not None:
            raise RuntimeError(NO_STORAGE)
        refuse_in_batch((sections,), ONE_FOR_ALL)
        return sections.tolist()
    if isinstance(sections, (tuple, list)):
        return [int(index) for index in sections]
    return int(sections)


@function
@method
def tensor_split(
    input: Tensor,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: int | None = None,
    tensor_indices_or_sections: Any = None,
) -> tuple[Tensor, ...]:
    """Split into nearly equal pieces, or before the given indices."""
    if input.ndim == 0:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    for given in (indices, sections, tensor_indices_or_sections):
        indices_or_sections = given if indices_or_sections is None else indices_or_sections
    dim = int(wrap_dim(dim, input.ndim))  # nodes show it counted from the front
    if isinstance(indices_or_sections, Tensor):
        refuse_undivided(
            (input, indices_or_sections),
            NO_FALLBACK.format("tensor_split.tensor_indices_or_sections"),
        )
    parts = _sections(indices_or_sections)
    if isinstance(parts, int) and parts <= 0:
        raise RuntimeError(f"number of sections must be larger than 0, got {parts}")
    return composed.tensor_split(input, parts, dim)


_SPLIT_OVERLOADS = (
    "{name}() received an invalid combination of arguments - got (Tensor, {got}), but expected "
    "one of:\n * (Tensor input, int sections)\n      didn't match because some of the arguments "
    "have invalid types: (Tensor, !{got}!)\n * (Tensor input, tuple of ints indices)\n      "
    "didn't match because some of the arguments have invalid types: (Tensor, !{got}!)\n"
)


def _splitting_along(name: str, least: int, dim: int) -> Callable[..., tuple[Tensor, ...]]:
    def split_along(input: Tensor, *indices_or_sections: Any, **given: Any) -> tuple[Tensor, ...]:
        if input.ndim < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension, but got a "
                f"tensor with {input.ndim} dimensions!"
            )
        for value in (*indices_or_sections, *given.values()):
            if not isinstance(value, (int, tuple, list, Tensor)):
                raise TypeError(_SPLIT_OVERLOADS.format(name=name, got=type(value).__name__))
        axis = 0 if name == "hsplit" and input.ndim == 1 else dim
        parts = _sections(
            size_of(indices_or_sections)
            if len(indices_or_sections) > 1
            else (*indices_or_sections, *given.values())[0]
        )
        length = input._array.shape[axis]
        if isinstance(parts, int) and (parts <= 0 or length % parts):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {axis}, but the size of the "
                f"dimension {length} is not divisible by the split_size {parts}!"
            )
        return composed.tensor_split(input, parts, axis)

    split_along.__name__ = split_along.__qualname__ = name
    split_along.__doc__ = f"Split along dim {dim}."
    return split_along


for _name, _least, _dim in (("hsplit", 1, 1), ("vsplit", 2, 0), ("dsplit", 3, 2)):
    function(method(_splitting_along(_name, _least, _dim)))


def _unbinding(op: Any) -> Callable[..., tuple[Tensor, ...]]:
    def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
        """Return every index of a dim."""
        dim = wrap_dim(dim, input.ndim)
        if input.ndim == 0:
            raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
        if input._array.shape[dim] == 0:
            return ()
        return op(input, dim)

    return unbind


function(method(_unbinding(ops.unbind)))
function(_unbinding(ops.unbind_copy), name="unbind_copy")


# Reversing, turning, repeating --------------------------------------------------------------------


@function
@method
def flip(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """Reverse dims, in a new tensor."""
    places = dims_of(size_of(args, dims, "flip", "dims"), input.ndim)
    return ops.flip(input, places)


@function
@method
def fliplr(input: Tensor) -> Tensor:
    """Reverse the second dim."""
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return ops.flip(input, (1,))


@function
@method
def flipud(input: Tensor) -> Tensor:
    """Reverse the first dim."""
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return ops.flip(input, (0,))


@function
@method
def roll(input: Tensor, shifts: Any, dims: Any = ()) -> Tensor:
    """Move elements around along dims, or around the whole tensor."""
    shifts, dims = size_of((shifts,)), size_of((dims,))
    if not shifts:
        raise RuntimeError("`shifts` required")
    if len(shifts) != len(dims) and not (not dims and len(shifts) == 1):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}"
        )
    return ops.roll(input, shifts, tuple([own_dim(d, input.ndim) for d in dims]))


@function
@method
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """Rotate by quarter turns in the plane of two dims."""
    dims = size_of((dims,))
    rank = input.ndim
    if len(dims) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(dims)}")
    if rank < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {rank}")
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == rank:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and dim1 = {dims[1]}"
        )
    return ops.rot90(input, k, tuple([wrap_dim(d, rank) for d in dims]))


@method
def repeat(self: Tensor, *args: Any, repeats: Any = None) -> Tensor:
    """Lay the tensor beside itself along each dim."""
    counts = size_of(args, repeats, "repeat", "repeats")
    if len(counts) < self.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            "tensor"
        )
    shape = (1,) * (len(counts) - self.ndim) + tuple(self._array.shape)
    whole = [n * count for n, count in zip(shape, counts, strict=True)]
    if any(n < 0 for n in whole):
        wrong = next(n for n in whole if n < 0)
        raise RuntimeError(f"Trying to create tensor with negative dimension {wrong}: {whole}")
    return ops.repeat(self, counts)


@function
@method
def tile(input: Tensor, *args: Any, dims: Any = None) -> Tensor:
    """Repeat; missing leading counts are 1."""
    counts = size_of(args, dims, "tile", "dims")
    return repeat(input, (1,) * (input.ndim - len(counts)) + counts)


@function
@method
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Repeat each entry of a dim, or of the flattened tensor."""
    if repeats is None:
        return _positions(input)
    if dim is None:
        input, dim = reshaping.flatten(input), 0
    dim = wrap_dim(dim, input.ndim)
    if isinstance(repeats, Tensor):
        length = input._array.shape[dim]
        if repeats.ndim == 0 or repeats.numel() == 1:
            repeats = ops.expand(ops.reshape(repeats, (1,)), (length,))
        if repeats.numel() != length:
            raise RuntimeError(
                "repeats must have the same size as input along dim, but got repeats.size(0) = "
                f"{repeats.numel()} and input.size({dim}) = {length}"
            )
        return ops.index_select(input, dim, _positions(repeats))
    if repeats < 0:
        raise RuntimeError("Repeats must be non-negative")
    return composed.repeat_interleave(input, repeats, dim)


@member_by_member("repeat_interleave.Tensor", is_op=True)
def _positions(repeats: Tensor) -> Tensor:
    """Return the positions 0 ... n - 1, each as often as ``repeats`` says."""
    if repeats.ndim != 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    if repeats._dtype.name not in ("int32", "int64"):
        raise RuntimeError("repeats has to be Long or Int tensor")
    counts = repeats.tolist()
    if any(count < 0 for count in counts):
        raise RuntimeError("repeats can not be negative")
    places = [k for k, count in enumerate(counts) for _ in range(count)]
    backend = repeats._backend
    return wrap(backend.from_flat(places, (len(places),), int64), int64, backend)


# Diagonals, triangles, padding --------------------------------------------------------------------


@function
@method
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Put the last dim on the diagonal of two new dims."""
    rank = input.ndim + 1
    first, second = wrap_dim(dim1, rank), wrap_dim(dim2, rank)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return ops.diag_embed(input, offset, first, second)


function(method(accepts_out(reshaping.diag)))
function(method(reshaping.diagflat))


def _triangle(op: Any, name: str) -> Any:
    def triangle(input: Tensor, diagonal: int = 0) -> Tensor:
        if input.ndim < 2:
            own = name.removesuffix("_")
            raise RuntimeError(f"{own}: input tensor must have at least 2 dimensions")
        return op(input, diagonal)

    triangle.__name__ = triangle.__qualname__ = name
    triangle.__doc__ = "Keep one side of a diagonal, zeros elsewhere."
    return triangle


for _name, _op in (("tril", ops.tril), ("triu", ops.triu)):
    _published = _triangle(_op, _name)
    method(_published)
    function(accepts_out(_published))
    method(_triangle(_op.inplace, f"{_name}_"))


@function
@method
def trace(input: Tensor) -> Tensor:
    """Sum the main diagonal of a matrix; integers give int64."""
    if input._dtype is bool_:
        raise not_implemented_for("trace", bool_)
    if input.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {input.ndim}")
    if not input._dtype.is_inexact:
        input = input.long()
    return ops.trace(input)


@method
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """Fill the main diagonal; a tall matrix's begins anew below each block with ``wrap``.

    Raises:
        RuntimeError: fewer than two dims, or more than two of several lengths (torch's texts).
    """
    shape = self._array.shape
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    size, step = min(shape), sum(self.stride())
    start = self.storage_offset()
    self.as_strided((size,), (step,), start).fill_(fill_value)
    height, width = shape[0], shape[1]
    if wrap and len(shape) == 2 and height > width + 1:
        more = -(-self.numel() // (width + 1)) - size  # as in rows one after the other
        begin = start + self.stride(0) * (width + 1)
        self.as_strided((more,), (step,), begin).fill_(fill_value)
    return self
