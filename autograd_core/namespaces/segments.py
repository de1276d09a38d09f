"""torch's reductions of runs of neighbouring elements."""

from __future__ import annotations

from .. import ops
from ..batching import member_by_member
from ..dtypes import int32, int64, not_implemented_for
from ..tensor import Tensor, wrap_dim
from .registration import function

_REDUCTIONS = {"max": "amax", "min": "amin"}
_PLEASE = (
    "  (Could this error message be improved?  If so, please report an enhancement request to "
    "PyTorch.)"
)


@function
@member_by_member("segment_reduce")
def segment_reduce(
    data: Tensor,
    reduce: str,
    *,
    lengths: Tensor | None = None,
    indices: Tensor | None = None,
    offsets: Tensor | None = None,
    axis: int = 0,
    unsafe: bool = False,
    initial: float | None = None,
) -> Tensor:
    """Reduce consecutive segments of axis, whose ``lengths`` or ``offsets`` are given.

    ``unsafe`` leaves out the checks that these fit the data.
    """
    axis = wrap_dim(axis, data.ndim)
    if indices is not None:
        raise RuntimeError("segment_reduce(): indices based reduction is not supported yet.")
    reduce = _REDUCTIONS.get(reduce, reduce)
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(
            f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}"
        )
    given = offsets if offsets is not None else lengths
    if given is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    name = "offsets" if offsets is not None else "lengths"
    if data.ndim < given.ndim:
        raise RuntimeError(
            f"Expected data.dim() >= {name}_value.dim() to be true, but got false.{_PLEASE}"
        )
    if given._dtype not in (int32, int64):
        raise not_implemented_for(f"_segment_reduce_{name}_cpu_kernel1", given._dtype)
    if offsets is None and not unsafe:
        _check_lengths(given, data._array.shape[axis])
    chosen = (None, offsets) if offsets is not None else (lengths, None)
    return ops.segment_reduce(data, reduce, *chosen, axis, initial)


def _check_lengths(lengths: Tensor, size: int) -> None:
    """Refuse lengths that are negative or do not cover the axis (torch's texts)."""
    backend = lengths._backend
    if not backend.is_uniform(lengths._array):
        return  # each member of a batch has its own
    values = backend.to_flat(lengths._array)
    if min(values, default=0) < 0:
        raise RuntimeError("lengths contains negative value!")
    count = lengths._array.shape[-1]
    sums = [sum(values[k : k + count]) for k in range(0, len(values), count or 1)]
    if any(total != size for total in sums):
        raise RuntimeError(
            "segment_reduce(): Expected all rows of lengths along axis to sum to "
            "data.size(lengths.dim()-1) when !unsafe."
        )


function(segment_reduce, name="_segment_reduce")
