"""Levels of function transforms: each open transform is a backend whose arrays are Tensors below.

A level's Tensor holds a Tensor of the level below as its array. An op runs at the innermost level
concerned, which hands it to the level below, and so on down to a real backend; what each level
adds (a graph, tangents, a batch dim) it adds to its own Tensors, so levels cannot be confused.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from textwrap import indent
from typing import Any

from .. import backend_registry
from ..dtypes import DType
from ..tensor import Tensor, wrap
from ..versions import inference
from .modes import carried, interposed, modes
from .views import differentiable_xp

Run = Callable[[Any, list[Any]], Any]
"""``(entry, values)``: how an op is called, out of place or in place."""


NO_STORAGE = "Cannot access data pointer of Tensor that doesn't have storage"
ONE_FOR_ALL = (
    "vmap: It looks like you're either (1) calling .item() on a Tensor or (2) attempting to use a "
    "Tensor in some data-dependent control flow or (3) encountering this error in PyTorch "
    "internals. For (1): we don't support vmap over calling .item() on a Tensor, please try to "
    "rewrite what you're doing with other operations. For (2): we don't support data-dependent "
    "control flow in vmap yet, please file an issue at https://github.com/pytorch/pytorch/issues . "
    "For (3): please file an issue."
)
"""What torch says when its own code asks for the one value that all members of a batch have."""
DEAD = -2
"""The level's number that a Tensor shows whose transform has ended."""


class _Stack(threading.local):
    """The innermost level that this thread computes at, None for ordinary Tensors."""

    current: Level | None = None


stack = _Stack()
carried.append(stack)


class Level:
    """One open transform.

    Attributes:
        number: how many levels are open with it, counted from 1; what printing shows.
        outer: the level below, where its arrays live.
        grad_mode: whether the level below records what is computed for this one.
        alive: whether the transform still runs; Tensors that escape from it outlive it.
    """

    transparent = False
    """Whether users see nothing of it: a batch that the engine itself makes of their function."""
    shows_views = True
    """Whether users are told which of its Tensors are views."""
    is_bystander = False
    """Whether it is no transform to custom Functions, which run with their tangents there."""
    traces = False
    """Whether it only takes down what runs there, which is as if outside of all levels."""
    infers = True
    """Whether the level below may be in inference mode."""
    turns_views = False
    """Whether ops like ``t_`` are run in place below, too."""

    def __init__(self) -> None:
        self.outer = stack.current
        self.number: int = 1 if self.outer is None else self.outer.number + 1
        self.grad_mode = modes.grad_enabled
        self.alive = True
        # Weakly, so that a level ends with the last of its Tensors, and calls are short again.
        self._backends: weakref.WeakValueDictionary[Any, LevelBackend] = (
            weakref.WeakValueDictionary()
        )

    def backend_over(self, inner: Any) -> Any:
        """Return the backend of this level's Tensors over those of another backend."""
        found = self._backends.get(inner)
        if found is None:
            found = self._backends[inner] = self.make_backend(inner)
        return found

    def make_backend(self, inner: Any) -> LevelBackend:
        """Return a new backend over another."""
        raise NotImplementedError

    def over(self, array: Any) -> Any:
        """Return the backend that a Tensor with this array has."""
        raise NotImplementedError

    def owns(self, tensor: Tensor) -> bool:
        """Whether a Tensor is one of this level."""
        level: Level | None = tensor._backend.level
        return level is self

    def maps(self, tensor: Tensor) -> bool:
        """Whether a Tensor of this level is one of a batch that users see as such."""
        return False

    def takes(self, entry: Any, tensors: Sequence[Tensor]) -> bool:
        """Whether an op with these Tensors, none of a level further in, concerns the level."""
        raise NotImplementedError

    def lifted(self, tensor: Tensor) -> Tensor:
        """Return a Tensor of a level below as one of this level."""
        raise NotImplementedError

    def surviving(self, tensor: Tensor, entry: Any) -> Tensor:
        """Return what a Tensor of this level is to an op after the level's end, or refuse it."""
        raise NotImplementedError

    def refuse_capture(self, entry: Any, target: Tensor, values: list[Any]) -> None:
        """Refuse to write in place to a Tensor from outside of this level, where torch does."""

    def interpret(self, run: Run, entry: Any, values: list[Any]) -> Any:
        """Return the arrays that an op on this level's Tensors gives, computed at the level below.

        ``values`` are the op's arguments; their Tensors are all of this level.
        """
        raise NotImplementedError

    def placed(self, inner: Any) -> Any:
        """Return the backend that a new Tensor of another backend is made on at this level."""
        raise NotImplementedError

    def sampling(self, inner: Any) -> Any:
        """Return the backend that random numbers are drawn on at this level, or refuse them."""
        raise NotImplementedError

    @contextmanager
    def here(self) -> Iterator[None]:
        """Compute at this level, also from a level further in."""
        current = stack.current
        stack.current = self
        try:
            yield
        finally:
            stack.current = current

    @contextmanager
    def below(self) -> Iterator[None]:
        """Compute at the level below, which records if it did when this level was opened."""
        current, recording, inferring = stack.current, modes.grad_enabled, inference.enabled
        stack.current = self.outer
        modes.grad_enabled = recording and self.grad_mode
        if inferring and not self.infers:
            inference.enabled = modes.grad_enabled = False
        try:
            yield
        finally:
            stack.current, modes.grad_enabled = current, recording
            if inferring:
                inference.enabled = True


def innermost_transform() -> Level | None:
    """Return the innermost level that custom Functions run at; None when there is none."""
    level = stack.current
    while level is not None and level.is_bystander:
        level = level.outer
    return level


@contextmanager
def opened(level: Level) -> Iterator[Any]:
    """Compute at a new level; its Tensors are dead afterwards."""
    outer = stack.current
    stack.current = level
    try:
        yield level
    finally:
        stack.current = outer
        level.alive = False


def mapped_over(tensor: Tensor) -> bool:
    """Whether a Tensor is one of a batch that users see as such: the mapped one of a ``vmap``."""
    level: Level | None = tensor._backend.level
    return level is not None and level.maps(tensor)


class LevelBackend:
    """The backend of one level's Tensors: its kernels are ops on Tensors of the level below.

    It stands where a ``Backend`` does, without being one: every kernel it has not itself it finds
    by name in the differentiable interpreter.
    """

    def __init__(self, level: Level, inner: Any) -> None:
        self.has_storage: bool = inner.has_storage
        self.capabilities: frozenset[str] = inner.capabilities
        self.device_name: str = inner.device_name
        self.level = level
        self.inner = inner
        self.name = inner.name
        interposed.add()
        weakref.finalize(self, interposed.remove)

    @property
    def level_number(self) -> int:
        """How many levels there are with this one."""
        return self.level.number

    def are_row_major(self, *arrays: Any) -> bool:
        """Whatever the Tensors of the level below are, ops on them go torch's way."""
        return True

    def following(self, result: Any, *operands: Any, layout: Any = None) -> Any:
        """The result as it is: it was laid out at the level below."""
        return result

    def picture(self, input: Any) -> str:
        """The printed form of a Tensor with this array."""
        raise NotImplementedError

    def dtype(self, input: Any) -> DType:
        dtype: DType = input.dtype
        return dtype

    def native_dtype(self, dtype: DType) -> DType:
        return dtype

    def dtype_of_native(self, dtype: DType) -> DType:
        return dtype


class TensorBackend(LevelBackend):
    """The backend of a level whose arrays are the Tensors of the level below as they are."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(differentiable_xp(), name, None)
        return partial(self._below, self._passed_on(name) if found is None else found)

    def _below(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """``function(*args)`` on Tensors of the level below, at that level."""
        level = self.level
        if not level.alive or stack.current is level.outer:
            return function(*args, **kwargs)
        with level.below():
            return function(*args, **kwargs)

    def _passed_on(self, name: str) -> Any:
        """Return a kernel without a derivative, run on what the arrays hold."""

        def run(*arguments: Any) -> Any:
            backend = next(a for a in arguments if isinstance(a, Tensor))._backend
            arrays = [_mapped(argument, lambda tensor: tensor._array) for argument in arguments]
            made = getattr(backend, name)(*arrays)
            if isinstance(made, tuple):
                return tuple(wrap(array, backend.dtype(array), backend) for array in made)
            return wrap(made, backend.dtype(made), backend)

        return run

    def quietly(self, function: Callable[..., Any], *args: Any) -> Any:
        """``function(*args)``, which computes on arrays of this level unless it is recorded.

        The engine turns grad mode off to run a backward on raw arrays: here these are Tensors of
        the level below, which is where the formulas run and what records them.
        """
        if modes.grad_enabled:
            return self.inner.quietly(function, *args)
        level = self.level
        current, recording, inferring = stack.current, modes.grad_enabled, inference.enabled
        stack.current, modes.grad_enabled = level.outer, level.grad_mode
        if inferring and not level.infers:
            inference.enabled = False
        try:
            return self.inner.quietly(function, *args)
        finally:
            stack.current, modes.grad_enabled = current, recording
            if inferring:
                inference.enabled = True

    def picture(self, input: Tensor) -> str:
        number = self.level.number if self.level.alive else DEAD
        return f"GradTrackingTensor(lvl={number}, value=\n{indent(repr(input), '    ')}\n)"

    def cast(self, input: Tensor, dtype: DType) -> Tensor:
        if input._dtype is dtype:
            return input
        made: Tensor = self.to_dtype(input, dtype)
        return made

    def own(self, input: Tensor) -> Tensor:
        input._owned()
        return input

    def is_whole(self, input: Tensor) -> bool:
        return False

    def is_cut(self, input: Tensor) -> bool:
        return False

    def storage_identity(self, input: Tensor) -> Any:
        return input._backend.storage_identity(input._memory)

    def to_flat(self, input: Tensor) -> list[Any]:
        return input._backend.to_flat(input._array)

    def to_ndarray(self, input: Tensor) -> Any:
        raise RuntimeError(NO_STORAGE)

    def anywhere(self, input: Tensor) -> bool:
        return input._backend.anywhere(input._array)

    def elements(self, input: Tensor) -> list[Any]:
        return input._backend.elements(input._array)

    def is_uniform(self, input: Tensor) -> bool:
        return input._backend.is_uniform(input._array)

    def item(self, input: Tensor) -> Any:
        refuse_in_batch((input,), ONE_FOR_ALL)
        return input.item()

    def is_nonzero(self, input: Tensor) -> bool:
        refuse_in_batch((input,), ONE_FOR_ALL)
        return bool(input)

    def detached(self, input: Tensor) -> Tensor:
        detached: Tensor = input.detach()
        return detached

    # Storage

    def strides(self, input: Tensor) -> tuple[int, ...]:
        return input._backend.strides(input._array)

    def storage_offset(self, input: Tensor) -> int:
        return input._backend.storage_offset(input._array)

    def storage_size(self, input: Tensor) -> int:
        return input._backend.storage_size(input._array)

    def geometry(self, input: Tensor) -> Any:
        return input._backend.geometry(input._array)

    def data_ptr(self, input: Tensor) -> int:
        return input._backend.data_ptr(input._owned())

    def copy_(self, input: Tensor, source: Tensor) -> None:
        self._below(differentiable_xp().copy.inplace, input, source)

    def clone_strided(self, input: Tensor, stride: Sequence[int]) -> Tensor:
        made: Tensor = self.clone(input, tuple(stride))
        return made

    def clone_row_major(self, input: Tensor) -> Tensor:
        made: Tensor = self.clone_contiguous(input)
        return made

    # New arrays

    def _new(self, name: str, dtype: DType, *arguments: Any) -> Tensor:
        if not inference.enabled or self.level.infers:
            return wrap(getattr(self.inner, name)(*arguments, dtype), dtype, self.inner)
        with self.level.below():
            return wrap(getattr(self.inner, name)(*arguments, dtype), dtype, self.inner)

    def scalar(self, value: Any, dtype: DType) -> Tensor:
        return self._new("scalar", dtype, value)

    def full(self, shape: Sequence[int], value: Any, dtype: DType) -> Tensor:
        return self._new("full", dtype, shape, value)

    def empty(self, shape: Sequence[int], dtype: DType) -> Tensor:
        return self._new("empty", dtype, shape)

    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Tensor:
        return self._new("empty_strided", dtype, shape, stride)

    def arange(self, start: Any, step: Any, count: int, dtype: DType) -> Tensor:
        return self._new("arange", dtype, start, step, count)

    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Tensor:
        return self._new("from_flat", dtype, values, shape)

    def from_ndarray(self, array: Any, dtype: DType) -> Tensor:
        return self._new("from_ndarray", dtype, array)

    def sample(
        self, sampler: str, generator: Any, shape: Sequence[int], dtype: DType, parameters: Any
    ) -> Tensor:
        made = self.inner.sample(sampler, generator, shape, dtype, parameters)
        return wrap(made, dtype, self.inner)


class GradLevel(Level):
    """A level that differentiates: its Tensors have a graph, or tangents, of their own."""

    infers = False

    def __init__(self) -> None:
        super().__init__()
        self.grad_mode = bool(modes.grad_enabled)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what is computed at this level, whatever the modes outside are."""
        previous = inference.enabled, modes.grad_enabled
        inference.enabled, modes.grad_enabled = False, True
        try:
            yield
        finally:
            inference.enabled, modes.grad_enabled = previous

    def make_backend(self, inner: Any) -> LevelBackend:
        return TensorBackend(self, inner)

    def over(self, array: Any) -> Any:
        return self.backend_over(array._backend)

    def takes(self, entry: Any, tensors: Sequence[Tensor]) -> bool:
        return True

    def lifted(self, tensor: Tensor) -> Tensor:
        return wrap(tensor, tensor._dtype, self.backend_over(tensor._backend))

    def refuse_capture(self, entry: Any, target: Tensor, values: list[Any]) -> None:
        raise RuntimeError(
            "During a grad (vjp, jvp, grad, etc) transform, the function provided attempted to "
            f"call in-place operation (aten::{entry.inplace_name(values)}) that would mutate a "
            "captured Tensor. This is not supported; please rewrite the function being transformed "
            "to explicitly accept the mutated Tensor(s) as inputs."
        )

    def interpret(self, run: Run, entry: Any, values: list[Any]) -> Any:
        lowered = [_mapped(value, lambda tensor: tensor._array) for value in values]
        with self.below():
            return run(entry, lowered)

    def placed(self, inner: Any) -> Any:
        return self.backend_over(inner if self.outer is None else self.outer.placed(inner))

    def sampling(self, inner: Any) -> Any:
        return self.backend_over(inner if self.outer is None else self.outer.sampling(inner))

    def surviving(self, tensor: Tensor, entry: Any) -> Tensor:
        return self.unwrapped(tensor)

    def unwrapped(self, tensor: Tensor) -> Tensor:
        """Return what a Tensor of this level holds; a Tensor of another as it is."""
        value: Tensor = tensor._array if self.owns(tensor) else tensor
        return value

    def resume(self) -> None:
        """Stand on the level that is current now: after the end, a graph can still be run."""
        self.outer = stack.current
        self.number = 1 if self.outer is None else self.outer.number + 1
        self.grad_mode = bool(modes.grad_enabled)


def _mapped(value: Any, function: Callable[[Tensor], Any]) -> Any:
    """Apply a function to an argument's Tensors."""
    if isinstance(value, Tensor):
        return function(value)
    if isinstance(value, (list, tuple)) and any(isinstance(m, Tensor) for m in value):
        return [function(m) if isinstance(m, Tensor) else m for m in value]
    return value


def settle(entry: Any, values: list[Any], inplace: bool = False) -> None:
    """Bring an op's Tensor arguments to the level that the op runs at: all of one level after it.

    Tensors of levels that have ended become what they hold, or are refused, as torch does.
    """
    tensors: list[Tensor] = []
    for i in entry.inputs:
        values[i] = value = _mapped(values[i], lambda tensor: alive(tensor, entry))
        members = value if isinstance(value, (list, tuple)) else (value,)
        tensors += [member for member in members if isinstance(member, Tensor)]
    level = stack.current
    for tensor in tensors:
        found = tensor._backend.level
        if found is not None and (level is None or found.number > level.number):
            level = found  # a hook of an inner level runs while its backward computes below it
    while level is not None and not level.takes(entry, tensors):
        level = level.outer
    if level is None:
        return
    target = level
    if inplace and not level.owns(values[0]):
        level.refuse_capture(entry, values[0], values)
    for i in entry.inputs:
        values[i] = _mapped(values[i], lambda t: t if target.owns(t) else target.lifted(t))


TRANSFORMED = (
    "inside of a function being transformed by a functorch transform. This is unsupported, please "
    "attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call "
)


def in_transform() -> bool:
    """Whether this thread is in a function being transformed, for all its Tensors can tell."""
    level = stack.current
    while level is not None and level.transparent:
        level = level.outer
    return level is not None


def refuse_inside(call: str, more: str = "") -> None:
    """Refuse a method of Tensor in a function being transformed (torch's text)."""
    if in_transform():
        raise RuntimeError(
            f"You are attempting to call Tensor.{call}() {more}{TRANSFORMED}{call}() outside of a "
            "function being transformed instead."
        )


def refuse_in_batch(tensors: Sequence[Tensor], text: str) -> None:
    """Refuse a function of Tensors of which one has different members in a batch."""
    if not all(tensor._backend.is_uniform(tensor._array) for tensor in tensors):
        raise RuntimeError(text)


def alive(tensor: Tensor, entry: Any = None) -> Tensor:
    """Return a Tensor that can be computed with: one of an ended level gives what it holds.

    Raises:
        RuntimeError: it has escaped from a ``vmap`` (torch's text, which depends on the op).
    """
    while (level := tensor._backend.level) is not None and not level.alive:
        tensor = level.surviving(tensor, entry)
    return tensor


def sampling_placement(inner: Any) -> Any:
    """Return the backend that random numbers of a backend are drawn on at the current level."""
    level = stack.current
    return inner if level is None else level.sampling(inner)


def placement(inner: Any) -> Any:
    """Return the backend that new Tensors of a backend are made on at the current level."""
    level = stack.current
    return inner if level is None else level.placed(inner)


backend_registry.set_placement(placement, sampling_placement)
