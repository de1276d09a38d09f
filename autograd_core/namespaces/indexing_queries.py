"""Where elements are (nonzero, searchsorted, isin); rows by number (embedding, one_hot)."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..batching import NO_FALLBACK, member_by_member, refuse_undivided
from ..composites import movement as composites
from ..dtypes import LEGACY_NAMES, bool_, dtype_of_number, get_default_dtype, int32, int64
from ..engine.levels import mapped_over
from ..engine.modes import modes
from ..engine.views import check_inplace, requires_grad
from ..ops.indexing_formulas import positions
from ..tensor import Tensor, wrap, wrap_dim
from ..type_promotion import result_dtype
from ..versions import bump_version
from .indexing_checks import (
    as_int64,
    check_scatter,
    check_selected,
    first_outside,
    require_dtype,
)
from .registration import accepts_out, function, method, write_out

# Positions ----------------------------------------------------------------------------------------


@function
@method
def nonzero(input: Tensor, *, out: Tensor | None = None, as_tuple: bool = False) -> Any:
    """int64 (count, rank): the positions of non-zero elements; or one 1-d tensor per dim."""
    if as_tuple:
        refuse_undivided((input,), NO_FALLBACK.format("nonzero_numpy"))
    xp = input._backend
    array = xp.reshape(input._array, (1,)) if as_tuple and not input.ndim else input._array
    places = wrap(positions(xp, array), int64, xp)
    if as_tuple:
        return tuple(ops.select(places, 1, d) for d in range(places.shape[1]))
    if out is None:
        return places
    if out._dtype is not int64:
        raise RuntimeError(
            "nonzero: Expected out tensor to have scalar type Long but got scalar type"
            f"{LEGACY_NAMES[out._dtype]}"
        )
    return write_out(out, places)


@function
@method
def argwhere(input: Tensor) -> Tensor:
    """The positions of non-zero elements."""
    return ops.argwhere(input)


@function
@method
@accepts_out
@member_by_member("nonzero_static")
def nonzero_static(input: Tensor, *, size: int, fill_value: int = -1) -> Tensor:
    """The first ``size`` positions of non-zero elements, filled up with ``fill_value``."""
    xp = input._backend
    found = xp.nonzero(input._array)
    kept = xp.slice(found, 0, 0, min(size, found.shape[0]), 1)
    missing = size - kept.shape[0]
    if missing > 0:
        kept = xp.cat([kept, xp.full((missing, input.ndim), fill_value, int64)], 0)
    return wrap(xp.contiguous(kept), int64, xp)


# Searching ----------------------------------------------------------------------------------------


@function
def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
    out: Tensor | None = None,
) -> Tensor:
    """Where elements would be inserted into the last dim of a sorted sequence."""
    name = "torch.searchsorted()"
    backend = sorted_sequence._backend
    values = input
    if not isinstance(values, Tensor):
        dtype = dtype_of_number(values)
        dtype = get_default_dtype() if dtype.is_floating_point else dtype
        values = wrap(backend.full((), values, dtype), dtype, backend)
    _check_searched(sorted_sequence, values, out_int32, right, side, sorter, out)
    sequence = sorted_sequence
    if sorter is not None:
        if first_outside(sorter, 0, sorted_sequence.shape[-1]) is not None:
            raise RuntimeError(f"{name}: sorter index out of range")
        sequence = ops.gather(sequence, sorted_sequence.ndim - 1, sorter)
    result = ops.searchsorted(sequence, values, right or side == "right")
    if out_int32:
        result = ops.to_dtype(result, int32)
    return result if out is None else write_out(out, result)


def _check_searched(
    sequence: Tensor,
    values: Tensor,
    out_int32: bool,
    right: bool,
    side: str | None,
    sorter: Tensor | None,
    out: Tensor | None,
) -> None:
    name = "torch.searchsorted()"
    if side is not None and side not in ("left", "right"):
        raise RuntimeError(f"{name}: side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError(
            f"{name}: side and right can't be set to opposites, got side of left while right was "
            "True"
        )
    if not values.ndim and sequence.ndim != 1:
        raise RuntimeError(
            f"{name}: input value can be a scalar only when boundaries tensor dimension is 1, but "
            f"we got boundaries tensor dim({sequence.ndim}) and input value's dim({values.ndim}) "
            f"numel({values.numel()})"
        )
    if not sequence.ndim:
        raise RuntimeError(f"{name}: boundaries tensor should have positive dimension, but got 0")
    if sequence.ndim != 1 and (
        sequence.ndim != values.ndim or sequence.shape[:-1] != values.shape[:-1]
    ):
        raise RuntimeError(
            f"{name}: boundaries tensor should be 1 dimension or the first N-1 dimensions of "
            "boundaries tensor and input value tensor must match, but we got boundaries tensor "
            f"{list(sequence.shape)} and input value tensor {list(values.shape)}"
        )
    if sorter is not None:
        if sorter.shape != sequence.shape:
            raise RuntimeError(
                f"{name}: boundary and sorter must have the same size, but got boundary tensor "
                f"{list(sequence.shape)}and got sorter tensor {list(sorter.shape)}"
            )
        require_dtype(
            sorter, f"{name}: sorter must be a tensor of long dtype but got dtype {{}}", int64
        )
    if out is not None and out._dtype is not (int32 if out_int32 else int64):
        raise RuntimeError(
            f"{name}: output tensor's dtype is wrong, it can only be Int(int32) or Long(int64) "
            "depending on whether out_int32 flag is True, but we got output tensor's dtype "
            f"{LEGACY_NAMES[out._dtype]} and out_int32 flag is {out_int32}"
        )


@function
def bucketize(
    input: Any,
    boundaries: Tensor,
    *,
    out_int32: bool = False,
    right: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """The bucket between 1-d boundaries that each element falls into."""
    if boundaries.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right, out=out)


@function
@accepts_out
def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Tensor:
    """Bool: whether each element is among ``test_elements``."""
    given = [value for value in (elements, test_elements) if isinstance(value, Tensor)]
    if not given:
        raise TypeError(
            "isin() received an invalid combination of arguments - got "
            f"({type(elements).__name__}, {type(test_elements).__name__}), but expected one of:\n"
            " * (Tensor elements, Tensor test_elements, *, bool assume_unique = False, bool invert "
            "= False, Tensor out = None)\n"
            " * (Number element, Tensor test_elements, *, bool assume_unique = False, bool invert "
            "= False, Tensor out = None)\n"
            " * (Tensor elements, Number test_element, *, bool assume_unique = False, bool invert "
            "= False, Tensor out = None)\n"
        )
    for value in given:
        if value._dtype.is_complex or value._dtype is bool_:
            raise RuntimeError(
                f"Unsupported input type encountered for isin(): {LEGACY_NAMES[value._dtype]}"
            )
    xp = given[0]._backend
    common = result_dtype(
        [t._dtype for t in given if t.ndim],
        [t._dtype for t in given if not t.ndim],
        [value for value in (elements, test_elements) if not isinstance(value, Tensor)],
    )
    operands = [
        value if isinstance(value, Tensor) else wrap(xp.full((), value, common), common, xp)
        for value in (elements, test_elements)
    ]
    sought, members = operands
    if 0 < members.numel() < int(10 * sought.numel() ** 0.145):
        members = members.detach().to(common)
        members = members.view(-1)  # torch compares few members one by one, which takes a view
    found = ops.among(sought, members)
    return ops.logical_not(found) if invert else found


# Composites and rows ------------------------------------------------------------------------------


@function
@method
@accepts_out
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The elements that ``indices`` name along ``dim``, both broadcast; flat without a dim."""
    if dim is None:
        places = indices.view(-1)
        places = check_scatter("gather", input.view(-1), 0, places, None)
        return composites.take_along_all(input, places)
    require_dtype(
        indices, "torch.take_along_dim(): dtype of indices should be Long but got {}", int64
    )
    if indices.ndim != input.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    dim = wrap_dim(dim, input.ndim)
    if not input.ndim:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    return composites.take_along_dim(input, indices, dim)


@function
def embedding(
    weight: Tensor,
    indices: Tensor,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of a matrix that ``indices`` name."""
    if not weight.ndim and modes.grad_enabled and requires_grad(weight):
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    require_dtype(
        indices,
        "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
        "Long, Int; but got torch.{}Tensor instead (while checking arguments for embedding)",
        int32,
        int64,
    )
    indices = as_int64(indices)
    check_selected(weight, 0, indices)
    return ops.embedding(weight, indices, padding_idx, scale_grad_by_freq, sparse)


@function
@member_by_member("embedding_renorm_", inplace=True)
def embedding_renorm_(input: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> Tensor:
    """Scale the rows that ``indices`` name, in place, down to at most this p-norm."""
    xp = input._backend
    rows = xp.unique_positions(xp.cast(indices._array, int64))
    check_inplace(input, False)
    limited = xp.rows_limited(input._array, rows, float(max_norm), float(norm_type))
    input._write(limited)
    bump_version(input)
    return input


def renormalized(weight: Tensor, indices: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale down rows of a matrix that may be a leaf, in place."""
    previous, modes.grad_enabled = modes.grad_enabled, False
    try:
        embedding_renorm_(weight, indices, max_norm, norm_type)
    finally:
        modes.grad_enabled = previous


@function(under="nn.functional", name="embedding")
def functional_embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of ``weight`` that ``input`` names; no gradient reaches the row ``padding_idx``."""
    if padding_idx is not None:
        rows = weight.shape[0]
        if not -rows <= padding_idx < rows:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= rows
    if max_norm is not None:
        renormalized(weight, input, max_norm, norm_type)
    return embedding(
        weight, input, -1 if padding_idx is None else padding_idx, scale_grad_by_freq, sparse
    )


@function(under="nn.functional")
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """int64: one at each class number along a new last dim, zeros elsewhere."""
    if tensor._dtype is not int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if mapped_over(tensor):
        return _one_hot_of_batch(tensor, num_classes)
    xp = tensor._backend
    if not tensor.numel():
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        shape = (*tensor.shape, num_classes)
        return wrap(xp.full(shape, 0, int64), int64, xp)
    values = xp.to_flat(tensor._array)
    if min(values) < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = max(values) + 1
    elif max(values) >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    shape = (*tensor.shape, num_classes)
    result = wrap(xp.empty(shape, int64), int64, xp)
    result.zero_()
    return result.scatter_(tensor.ndim, ops.unsqueeze(tensor, tensor.ndim), 1)


def _one_hot_of_batch(tensor: Tensor, num_classes: int) -> Tensor:
    """``one_hot`` of what is not to be looked at: other numbers than the classes' have none."""
    if num_classes == -1:
        raise RuntimeError(
            "When vmap-ing torch.nn.functional.one_hot, please provide an explicit positive "
            "num_classes argument."
        )
    classes = ops.new_positions(tensor, num_classes)
    return ops.to_dtype(ops.eq(ops.unsqueeze(tensor, tensor.ndim), classes), int64)
