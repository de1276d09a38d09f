"""The level of one ``vmap``: its Tensors hold Tensors with a batch dim, seen without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from textwrap import indent
from typing import Any

from .. import ops
from ..dtypes import DType
from ..engine.levels import NO_STORAGE, Level, LevelBackend, Run, alive, opened
from ..engine.views import differentiable_xp
from ..tensor import Tensor, wrap, wrap_dim
from .arrays import Batch, Batched, check_random, is_batched
from .fallbacks import refuse_unbatched_target, slow_name, warn_of_loop
from .random import is_random
from .reduction import BOXED
from .rules import fallback, rule_of, unbatched
from .whole_functions import DYNAMIC

ESCAPED = (
    "Either your tensor may have escaped from inside a function being vmapped and this is a user "
    "error (see https://pytorch.org/functorch/stable/ux_limitations.html), or there is an internal "
    "functorch error in `{}` Please file an issue if it looks like the latter"
)


class BatchedBackend(LevelBackend):
    """The backend of a vmap level; what touches single elements is refused, as torch does."""

    level: VmapLevel

    def __init__(self, level: VmapLevel, inner: Any) -> None:
        super().__init__(level, inner)
        self.has_storage = False

    def __getattr__(self, name: str) -> Any:
        return partial(self._here, name)

    def _here(self, name: str, *arguments: Any) -> Any:
        """Run a kernel as an op at this level, or one without a derivative member by member."""
        kernel = getattr(differentiable_xp(), name, None)
        if kernel is None:
            return self._members(name, arguments)
        with self.level.here():
            made = kernel(*[self._as_tensors(argument) for argument in arguments])
        if isinstance(made, tuple):
            return tuple(tensor._array for tensor in made)
        return made._array

    def _members(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Run a kernel for each member of the batch, and stack what it gives."""
        made = []
        for k in range(self.level.size):
            with self.level.below():
                tensors = [self._member(argument, k) for argument in arguments]
            backend = next(t for t in tensors if isinstance(t, Tensor))._backend
            arrays = [t._array if isinstance(t, Tensor) else t for t in tensors]
            array = getattr(backend, name)(*arrays)
            made.append(wrap(array, backend.dtype(array), backend))
        with self.level.below():
            return Batched(ops.stack(made, 0), 0)

    def _member(self, argument: Any, k: int) -> Any:
        if not isinstance(argument, Batched):
            return argument
        if argument.bdim is None:
            return argument.value
        return ops.select(argument.value, argument.bdim, k)

    def _tensor(self, array: Batched) -> Tensor:
        backend: Any = self
        return wrap(array, array.dtype, backend)

    def _as_tensors(self, argument: Any) -> Any:
        if isinstance(argument, Batched):
            return self._tensor(argument)
        if isinstance(argument, list):
            return [self._as_tensors(member) for member in argument]
        return argument

    def picture(self, input: Batched) -> str:
        value = repr(input.value)
        if input.bdim is None:
            return value
        number = self.level.number
        return f"BatchedTensor(lvl={number}, bdim={input.bdim}, value=\n{indent(value, '    ')}\n)"

    def quietly(self, function: Any, *args: Any) -> Any:
        """``function(*args)``."""
        return self.inner.quietly(function, *args)

    def own(self, input: Batched) -> Batched:
        input.value._owned()
        return input

    def is_whole(self, input: Batched) -> bool:
        return False

    def is_cut(self, input: Batched) -> bool:
        return False

    def storage_identity(self, input: Batched) -> Any:
        return input.value._backend.storage_identity(input.value._memory)

    def is_conj(self, input: Batched) -> bool:
        return bool(differentiable_xp().is_conj(input.value))

    def is_neg(self, input: Batched) -> bool:
        return bool(differentiable_xp().is_neg(input.value))

    def cast(self, input: Batched, dtype: DType) -> Any:
        return input if input.dtype is dtype else self.to_dtype(input, dtype)

    def copy_(self, input: Batched, source: Batched) -> None:
        xp = differentiable_xp()
        xp.copy.inplace(self._tensor(input), self._tensor(source))

    def anywhere(self, input: Batched) -> bool:
        return input.value._backend.anywhere(input.value._array)

    def is_uniform(self, input: Batched) -> bool:
        return input.bdim is None and input.value._backend.is_uniform(input.value._array)

    def elements(self, input: Batched) -> list[Any]:
        return input.value._backend.elements(input.value._array)

    def detached(self, input: Batched) -> Batched:
        return Batched(input.value.detach(), input.bdim)

    def to_flat(self, input: Batched) -> list[Any]:
        if input.bdim is None:
            return input.value._backend.to_flat(input.value._array)
        raise RuntimeError(NO_STORAGE)

    def to_ndarray(self, input: Batched) -> Any:
        raise RuntimeError(NO_STORAGE)

    def data_ptr(self, input: Batched) -> int:
        raise RuntimeError(NO_STORAGE)

    def item(self, input: Batched) -> Any:
        if input.bdim is None:
            return input.value.item()
        raise RuntimeError(
            "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over "
            "calling .item() on a Tensor, please try to rewrite what you're doing with other "
            "operations. If error is occurring somewhere inside PyTorch internals, please file a "
            "bug report."
        )

    def is_nonzero(self, input: Batched) -> bool:
        if input.bdim is None:
            return bool(input.value)
        raise RuntimeError(
            "vmap: It looks like you're attempting to use a Tensor in some data-dependent control "
            "flow. We don't support that yet, please file an issue at "
            "https://github.com/pytorch/pytorch/issues ."
        )

    def nonzero(self, input: Batched) -> Any:
        raise RuntimeError(DYNAMIC.format("nonzero"))

    def mask_positions(self, mask: Batched) -> Any:
        raise RuntimeError(
            "vmap: We do not support batching operators that can support dynamic shape. Attempting "
            "to batch over indexing with a boolean mask."
        )

    def unique_positions(self, input: Batched) -> Batched:
        value = input.value
        if input.bdim is None:
            return Batched(ops.unique_positions(value), None)
        warn_of_loop("_unique")
        members = ops.unbind(value, input.bdim)
        return Batched(ops.stack([ops.unique_positions(member) for member in members], 0), 0)

    def truth(self, input: Batched, unknown: bool) -> bool:
        return (
            unknown if input.bdim is not None else differentiable_xp().truth(input.value, unknown)
        )

    # Storage

    def strides(self, input: Batched) -> tuple[int, ...]:
        return input.strides()

    def storage_offset(self, input: Batched) -> int:
        return input.value.storage_offset()

    def storage_size(self, input: Batched) -> int:
        tensor = input.value
        return tensor._backend.storage_size(tensor._owned())

    def geometry(self, input: Batched) -> Any:
        return input.shape, input.strides(), input.value.storage_offset()

    def clone_strided(self, input: Batched, stride: Sequence[int]) -> Any:
        made = differentiable_xp().clone(self._tensor(input), tuple(stride))
        return made._array

    # New arrays in the image of batched ones have the batch dim, too

    def scalar(self, value: Any, dtype: DType) -> Batched:
        return Batched(wrap(self.inner.scalar(value, dtype), dtype, self.inner), None)

    def full(self, shape: Sequence[int], value: Any, dtype: DType) -> Batched:
        whole = (self.level.size, *shape)
        return Batched(wrap(self.inner.full(whole, value, dtype), dtype, self.inner), 0)

    def empty(self, shape: Sequence[int], dtype: DType) -> Batched:
        return self.full(shape, 0, dtype)

    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Batched:
        reach = 0 if 0 in shape else 1 + sum((n - 1) * s for n, s in zip(shape, stride))
        whole = (self.level.size, *shape), (reach, *stride)
        return Batched(wrap(self.inner.empty_strided(*whole, dtype), dtype, self.inner), 0)

    def arange(self, start: Any, step: Any, count: int, dtype: DType) -> Batched:
        made = self.inner.arange(start, step, count, dtype)
        return Batched(wrap(made, dtype, self.inner), None)

    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Batched:
        made = self.inner.from_flat(values, shape, dtype)
        return Batched(wrap(made, dtype, self.inner), None)

    def sample(
        self, sampler: str, generator: Any, shape: Sequence[int], dtype: DType, parameters: Any
    ) -> Batched:
        check_random(self.level.randomness)
        different = self.level.randomness == "different"
        if different and sampler == "randperm":
            return self._permutations(generator, shape, dtype, parameters)
        whole = (self.level.size, *shape) if different else tuple(shape)
        made = self.inner.sample(sampler, generator, whole, dtype, parameters)
        return Batched(wrap(made, dtype, self.inner), 0 if different else None)

    def _permutations(
        self, generator: Any, shape: Sequence[int], dtype: DType, parameters: Any
    ) -> Batched:
        drawn = [
            wrap(
                self.inner.sample("randperm", generator, shape, dtype, parameters),
                dtype,
                self.inner,
            )
            for _ in range(self.level.size)
        ]
        with self.level.below():
            return Batched(ops.stack(drawn, 0), 0)


class VmapLevel(Level):
    """One ``vmap``.

    Attributes:
        size: the length of the batch dim.
        randomness: what random functions do: "error", "same" or "different"; "unsupported" is the
            error of batches that no user of ``vmap`` asked for.
    """

    turns_views = True
    shows_views = False

    def __init__(self, size: int, randomness: str = "error") -> None:
        from . import families  # noqa: F401 - they give their rules when they are imported

        super().__init__()
        self.size = size
        self.randomness = randomness
        self.grad_mode = True

    def make_backend(self, inner: Any) -> LevelBackend:
        return BatchedBackend(self, inner)

    def over(self, array: Any) -> Any:
        return self.backend_over(array.value._backend)

    def takes(self, entry: Any, tensors: Sequence[Tensor]) -> bool:
        return is_random(entry) or any(self.owns(tensor) for tensor in tensors)

    def maps(self, tensor: Tensor) -> bool:
        return not self.transparent and is_batched(tensor)

    def lifted(self, tensor: Tensor) -> Tensor:
        return self.batched(tensor, None)

    def batched(self, tensor: Tensor, bdim: int | None) -> Tensor:
        """Return a Tensor of this level that holds one with this batch dim."""
        return wrap(Batched(tensor, bdim), tensor._dtype, self.backend_over(tensor._backend))

    def unbatched(self, output: Tensor, dim: int) -> Tensor:
        """Return the Tensor below with its batch dim at ``dim``, expanded when it has none."""
        value: Tensor = output._array.value if self.owns(output) else output
        with self.below():
            if self.owns(output) and is_batched(output):
                to, bdim = wrap_dim(dim, value.ndim), output._array.bdim
                dims = list(range(value.ndim))
                dims.insert(to, dims.pop(bdim))
                return value if to == bdim else ops.permute(value, tuple(dims))
            shape = list(value._array.shape)
            shape.insert(dim, self.size)
            expanded: Tensor = value.expand(shape)
            return expanded

    def placed(self, inner: Any) -> Any:
        return inner if self.outer is None else self.outer.placed(inner)

    def surviving(self, tensor: Tensor, entry: Any) -> Tensor:
        reduces = entry is not None and entry.kernel_name in BOXED
        place = "boxed_reduction_batch_rule" if reduces else "gen_vmap_plumbing"
        raise RuntimeError(ESCAPED.format(place))

    def refuse_capture(self, entry: Any, target: Tensor, values: list[Any]) -> None:
        """Lifted, the target is one without a batch dim, which the rules refuse where needed."""

    def sampling(self, inner: Any) -> Any:
        check_random(self.randomness)
        below = inner if self.outer is None else self.outer.sampling(inner)
        return self.backend_over(below) if self.randomness == "different" else below

    def interpret(self, run: Run, entry: Any, values: list[Any]) -> Any:
        batch = Batch(self.size, self.randomness, entry, run)
        rule = rule_of(entry)
        if not any(is_batched(tensor) for tensor in batch.tensors(values)):
            rule = rule if is_random(entry) else unbatched
        else:
            number = len(values) > 1 and isinstance(values[1], (int, float, complex))
            slow = slow_name(entry.kernel_name, batch.inplace, number)
            if slow is not None:
                rule = fallback
                if not self.transparent:  # torch's batches of gradients are silent
                    warn_of_loop(slow)
            if batch.inplace and not is_batched(values[0]) and not is_random(entry):
                refuse_unbatched_target(entry.kernel_name, slow, self.number)
        with self.below():
            made = rule(batch, values)
        if isinstance(made, (tuple, list)):
            return tuple(_as_array(part) for part in made)
        return _as_array(made)


def _as_array(made: Any) -> Any:
    return Batched(made, 0) if isinstance(made, Tensor) else made


def common_length(lengths: list[int]) -> int:
    """Return how long the mapped dims of all inputs are.

    Raises:
        ValueError: there is none, or they differ (torch's texts).
    """
    if not lengths:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(length != lengths[0] for length in lengths):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{lengths} for the mapped dimension"
        )
    return lengths[0]


def over_batch(
    function: Callable[[Sequence[Any]], Sequence[Any]], inputs: Sequence[Any]
) -> tuple[Any, ...]:
    """Run a function of Tensors and Nones once for all entries of their first dims.

    Raises:
        ValueError: a Tensor has no dim, there is none, or their first dims differ (torch's texts).
    """
    if any(isinstance(tensor, Tensor) and not tensor.ndim for tensor in inputs):
        raise ValueError(
            "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a "
            "Tensor of dimensionality 0 so expected in_dim to satisfy 0 <= in_dim < 0."
        )
    lengths = [tensor.size(0) for tensor in inputs if isinstance(tensor, Tensor)]
    with opened(VmapLevel(common_length(lengths), "unsupported")) as level:
        level.transparent = True
        batched = [
            level.batched(alive(tensor), 0) if isinstance(tensor, Tensor) else tensor
            for tensor in inputs
        ]
        made = function(batched)
        return tuple(None if part is None else level.unbatched(part, 0) for part in made)
