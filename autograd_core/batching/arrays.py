"""What rules of batching work on: the arrays of a vmap level, and one op's call on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..derivatives.call import call_inplace, call_inplace_view, common_dtype
from ..derivatives.entry import AS_GIVEN
from ..dtypes import DType
from ..tensor import Tensor


class Batched:
    """The array of a vmap level: a Tensor below and which of its dims is the batch (None: none)."""

    __slots__ = ("bdim", "value")

    def __init__(self, value: Tensor, bdim: int | None) -> None:
        self.value = value
        self.bdim = bdim

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the other dims."""
        return self._without(self.value.shape)

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.value._dtype

    def _without(self, of_dims: Sequence[int]) -> tuple[int, ...]:
        return tuple(n for d, n in enumerate(of_dims) if d != self.bdim)

    def strides(self) -> tuple[int, ...]:
        """The strides of the other dims."""
        return self._without(self.value.stride())


class Batch:
    """One op on a vmap level, as its rule sees it.

    Attributes:
        size: the length of the batch dim.
        randomness: what random functions do.
        entry: the op.
        inplace: whether the first argument is written.
        turns_view: whether the first argument itself becomes the view that the op gives.
    """

    def __init__(
        self, size: int, randomness: str, entry: Any, run: Callable[[Any, list[Any]], Any]
    ) -> None:
        self.size = size
        self.randomness = randomness
        self.entry = entry
        self._run = run
        self.inplace = run is call_inplace
        self.turns_view = run is call_inplace_view

    def check_random(self) -> None:
        """Refuse a random op where the ``vmap`` says so (torch's text)."""
        check_random(self.randomness)

    def run(self, values: list[Any]) -> Any:
        """Call the op (in place, if it was) on arguments of the level below."""
        return self._run(self.entry, values)

    def tensors(self, values: list[Any]) -> list[Tensor]:
        """Return the Tensors among the arguments."""
        found: list[Tensor] = []
        for i in self.entry.inputs:
            value = values[i]
            members = value if isinstance(value, (list, tuple)) else (value,)
            found += [member for member in members if isinstance(member, Tensor)]
        return found

    def mapped(self, function: Callable[[Tensor], Any], values: list[Any]) -> list[Any]:
        """Return the arguments with a function applied to each Tensor."""
        mapped = list(values)
        for i in self.entry.inputs:
            value = values[i]
            if isinstance(value, Tensor):
                mapped[i] = function(value)
            elif isinstance(value, (list, tuple)):
                mapped[i] = [function(m) if isinstance(m, Tensor) else m for m in value]
        return mapped

    def argument(self, values: list[Any], name: str) -> Any:
        """Return the argument of a name."""
        return values[self.entry.parameters.index(name)]

    def compute_dtype(self, values: list[Any]) -> DType | None:
        """Return the dtype that operands are promoted to when that depends on 0-d ones.

        A 0-d operand has less weight in promotion; with a batch dim it would have more.
        """
        if self.entry.promote is AS_GIVEN or len(self.entry.promoted) < 2:
            return None
        ranks = {rank(tensor) for tensor in self.tensors(values) if is_batched(tensor)}
        return common_dtype(self.entry, values) if 0 in ranks else None

    def stretched(self, tensor: Tensor) -> Tensor:
        """Return the Tensor below with the batch dim in front, expanded where there is none."""
        value = front(tensor)
        if is_batched(tensor):
            return value
        return ops.expand(value, (self.size, *value._array.shape))


RANDOM_REFUSALS = {
    "error": (
        "vmap: called random operation while in randomness error mode. Please either use the "
        "'same' or 'different' randomness flags on vmap or perform the randomness operation out "
        "of vmap"
    ),
    "unsupported": (
        "vmap: We do not yet support calling random operations inside of vmap. Please perform "
        "random operations outside of vmap as a workaround"
    ),
}


def check_random(randomness: str) -> None:
    """Refuse a random function where a level's randomness does (torch's texts)."""
    if randomness in RANDOM_REFUSALS:
        raise RuntimeError(RANDOM_REFUSALS[randomness])


def is_batched(tensor: Tensor) -> bool:
    """Whether a Tensor of a vmap level has a batch dim."""
    return tensor._array.bdim is not None


def rank(tensor: Tensor) -> int:
    """Return the number of dims besides the batch dim."""
    return len(tensor._array.shape)


def front(tensor: Tensor) -> Tensor:
    """Return the Tensor below with the batch dim in front; as it is where there is none."""
    array: Batched = tensor._array
    if not array.bdim:
        return array.value
    dims = list(range(array.value.ndim))
    dims.insert(0, dims.pop(array.bdim))
    return ops.permute(array.value, tuple(dims))


def permuted(tensor: Tensor) -> Tensor:
    """Return the front form of a batched Tensor, made by one permutation even if that is none."""
    array: Batched = tensor._array
    dims = list(range(array.value.ndim))
    dims.insert(0, dims.pop(array.bdim or 0))
    return ops.permute(array.value, tuple(dims))


def padded(tensor: Tensor, wanted: int) -> Tensor:
    """Return the front form with dims of length 1 after the batch dim, so that ranks line up."""
    value = front(tensor)
    missing = wanted - rank(tensor)
    if missing <= 0 or not is_batched(tensor):
        return value
    shape = value._array.shape
    return ops.view(value, (shape[0], *(1,) * missing, *shape[1:]))
