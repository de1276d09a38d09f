"""Contexts that set hooks on all tensors saved inside, or that depend on such hooks."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from ..engine import views
from ..engine.saved import Hooks, default_hooks
from ..tensor import CPU, Tensor


class saved_tensors_hooks:  # noqa: N801 - torch's name
    """Every tensor saved inside is kept as ``pack_hook(tensor)``; ``unpack_hook`` restores it."""

    def __init__(
        self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]
    ) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        default_hooks.push(Hooks(self.pack_hook, self.unpack_hook))

    def __exit__(self, *_: object) -> None:
        default_hooks.pop()


class save_on_cpu(saved_tensors_hooks):  # noqa: N801 - torch's name
    """Every tensor saved inside is kept on the CPU, where the tensors of all backends are."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Tensor) -> tuple[Any, Tensor]:
            if not pin_memory:
                return (tensor.device, tensor.to(CPU))
            packed = tensor.new_empty(tensor.size())
            packed.copy_(tensor)
            return (tensor.device, packed)

        def unpack(packed: tuple[Any, Tensor]) -> Tensor:
            place, tensor = packed
            moved: Tensor = tensor.to(place)
            return moved

        super().__init__(pack, unpack)


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Make entering ``saved_tensors_hooks`` inside raise ``RuntimeError(error_message)``."""
    previous = default_hooks.disabled
    try:
        default_hooks.disable(error_message)
        yield
    finally:
        default_hooks.disabled = previous


class _Handle:
    """Stands for a tensor of one version in the nodes that saved it."""

    __slots__ = ("__weakref__",)


_Identity = tuple[int, int, int]
_Memory = tuple[int, int]


def _identity(tensor: Tensor) -> _Identity:
    return (id(tensor), tensor.data_ptr(), tensor._version)


def _memory(tensor: Tensor) -> _Memory:
    return (tensor.data_ptr(), tensor._version)


class _AllowMutationOnSavedContext:
    """What ``allow_mutation_on_saved_tensors`` keeps: originals, and clones of those written."""

    def __init__(self) -> None:
        self.cloned: WeakKeyDictionary[_Handle, Tensor] = WeakKeyDictionary()
        self.original: WeakKeyDictionary[_Handle, Tensor] = WeakKeyDictionary()
        self.tid_to_weakhandle: WeakValueDictionary[_Identity, _Handle] = WeakValueDictionary()
        self.sid_to_tid: dict[_Memory, set[_Identity]] = defaultdict(set)

    def clear(self) -> None:
        """Forget everything."""
        self.cloned.clear()
        self.original.clear()
        self.tid_to_weakhandle.clear()
        self.sid_to_tid.clear()

    def pack(self, tensor: Tensor) -> _Handle:
        """Keep a tensor, and what memory it is in."""
        identity = _identity(tensor)
        self.sid_to_tid[_memory(tensor)].add(identity)
        handle = self.tid_to_weakhandle.get(identity)
        if handle is None:
            self.tid_to_weakhandle[identity] = handle = _Handle()
            self.original[handle] = tensor
        return handle

    def unpack(self, handle: _Handle) -> Tensor:
        """Return the clone of a tensor that was written, the tensor itself otherwise."""
        if not _mutation.allowed:
            raise AssertionError(_OUTSIDE)
        if handle in self.cloned:
            return self.cloned[handle]
        if handle not in self.original:
            raise AssertionError(_OUTSIDE)
        return self.original[handle]

    def before_write(self, tensor: Tensor) -> None:
        """Clone what was saved of the memory that is about to be written, if it has any."""
        if tensor._backend.level is not None:
            return
        for identity in self.sid_to_tid.get(_memory(tensor), ()):
            # A handle is gone when the graph that held it was freed.
            handle = self.tid_to_weakhandle.get(identity)
            if handle is not None and handle not in self.cloned:
                self.cloned[handle] = self.original.pop(handle).clone()


_OUTSIDE = (
    "Trying to backward outside of the 'allow_mutation_on_saved_tensors' contextin which the graph "
    "was originally recorded."
)


class _Mutation:
    """Whether some context allows the mutation of saved tensors, for the whole process."""

    allowed = False


_mutation = _Mutation()


@contextlib.contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_AllowMutationOnSavedContext]:
    """Let tensors saved inside be written: they are cloned first, and the backward sees the clone.

    Raises:
        RuntimeError: inside another such context (torch's text).
        AssertionError: in a backward outside of it (torch's text).
    """
    context = _AllowMutationOnSavedContext()
    with (
        saved_tensors_hooks(context.pack, context.unpack),
        views.write_watchers.watching(context.before_write),
    ):
        try:
            if _mutation.allowed:
                raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
            _mutation.allowed = True
            yield context
        finally:
            context.clear()
            _mutation.allowed = False
