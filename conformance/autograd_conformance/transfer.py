"""Carries sample values across: from a neutral frozen form to a subject (values, dtype, strides,
storage offset, aliasing and `requires_grad` kept), and answers back.
"""

from __future__ import annotations

import copy
import gc
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograd_conformance.arrays import Array, flat, unrounded
from autograd_conformance.cases import Mismatch, Unsupported
from autograd_conformance.subjects import MissingInSubject, Subject

#: Rewrites the values of a floating or complex storage (upcast, perturb) before it is built; told
#: whether the tensor requires a gradient, and a key that tells this storage from the others.
Rewrite = Callable[[Array, bool, str], Array]


@dataclass(frozen=True, eq=False)
class FrozenStorage:
    """The whole storage under one or more tensors, as a 1-d array."""

    values: Array


@dataclass(frozen=True, eq=False)
class FrozenTensor:
    """A strided tensor: a window on a storage. `conj` says that the conjugate bit is set."""

    storage: FrozenStorage
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    requires_grad: bool
    conj: bool

    @property
    def fills_storage(self) -> bool:
        """Whether it is its storage, whole and in order: then no `as_strided` is needed."""
        expected, strides = 1, []
        for size in reversed(self.shape):
            strides.append(expected)
            expected *= max(size, 1)
        whole = 0 if 0 in self.shape else expected
        return (
            self.offset == 0
            and self.strides == tuple(reversed(strides))
            and self.storage.values.numel() == whole
        )


@dataclass(frozen=True)
class FrozenName:
    """A torch constant with a public name: a dtype, a memory format, a layout, a device."""

    path: str


@dataclass(frozen=True)
class FrozenSize:
    """A `torch.Size`, which the subject may spell as its own class or as a tuple."""

    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class FrozenObject:
    """An object of a public class: made of `arguments` by keyword, then given `attributes`."""

    path: str
    arguments: dict[str, Any]
    attributes: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Foreign:
    """An object of a torch class with no neutral form: only torch itself can be given it."""

    value: Any


class Builder:
    """Builds the parts of one sample for a subject, and keeps the tensors it made, in order.

    `requires_grad=False` builds constants; `rewrite` changes the values of floating and complex
    storages, `rename` the names of torch constants (a dtype argument of an upcast run).
    """

    def __init__(
        self,
        subject: Subject,
        *,
        requires_grad: bool = True,
        rewrite: Rewrite | None = None,
        rename: Callable[[str], str] | None = None,
    ) -> None:
        self.subject = subject
        self.tensors: list[Any] = []
        self.leaves: list[Any] = []
        self._requires_grad = requires_grad
        self._rewrite = rewrite
        self._rename = rename
        self._storages: dict[int, Any] = {}
        self._built: dict[int, Any] = {}

    def build(self, value: Any) -> Any:
        if isinstance(value, FrozenTensor):
            if id(value) not in self._built:
                self._built[id(value)] = self._tensor(value)
            return self._built[id(value)]
        if isinstance(value, FrozenName):
            path = self._rename(value.path) if self._rename else value.path
            return self.subject.resolve(path)
        if isinstance(value, FrozenSize):
            return getattr(self.subject.module, "Size", tuple)(value.shape)
        if isinstance(value, FrozenObject):
            return self._object(value)
        if isinstance(value, Foreign):
            return self._foreign(value.value)
        if isinstance(value, tuple):
            return tuple(self.build(v) for v in value)
        if isinstance(value, list):
            return [self.build(v) for v in value]
        if isinstance(value, dict):
            return {k: self.build(v) for k, v in value.items()}
        if isinstance(value, slice):
            return slice(self.build(value.start), self.build(value.stop), self.build(value.step))
        return value

    def _object(self, value: FrozenObject) -> Any:
        made = self.subject.resolve(value.path)(**self.build(value.arguments))
        for name, attribute in value.attributes.items():
            setattr(made, name, self.build(attribute))
        return made

    def _foreign(self, value: Any) -> Any:
        if not self.subject.is_torch:
            raise MissingInSubject(f"{type(value).__module__}.{type(value).__qualname__}")
        return copy.deepcopy(value)

    def _tensor(self, frozen: FrozenTensor) -> Any:
        base = self._storages.get(id(frozen.storage))
        if frozen.fills_storage and base is None and not frozen.conj:
            tensor = make(self.subject, self._values(frozen).reshape(frozen.shape))
            self._storages[id(frozen.storage)] = tensor
        else:
            if base is None:
                base = make(self.subject, self._values(frozen))
                self._storages[id(frozen.storage)] = base
            with self.subject.module.no_grad():
                tensor = base.as_strided(frozen.shape, frozen.strides, frozen.offset)
                tensor = tensor.conj() if frozen.conj else tensor
        self.tensors.append(tensor)
        if frozen.requires_grad and self._requires_grad:
            tensor.requires_grad_()
            self.leaves.append(tensor)
        return tensor

    def _values(self, frozen: FrozenTensor) -> Array:
        values = frozen.storage.values
        if self._rewrite is not None and values.is_inexact:
            return self._rewrite(values, frozen.requires_grad, f"input {len(self._storages)}")
        return values


def dtype_name(tensor: Any) -> str:
    """`float64` for a tensor of `torch.float64`, whatever module the dtype belongs to."""
    return str(tensor.dtype).rsplit(".", 1)[-1]


@contextmanager
def _many_objects() -> Iterator[None]:
    """Numbers become lists here: looking for cycles among them takes several times as long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@_many_objects()
def make(subject: Subject, values: Array) -> Any:
    """A fresh contiguous tensor of the subject with the values, shape and dtype of `values`."""
    dtype = subject.resolve(values.dtype)
    if values.numel() == 0:
        return subject.resolve("zeros")(values.shape, dtype=dtype)
    return subject.module.tensor(values.tolist(), dtype=dtype)


@_many_objects()
def read(tensor: Any, subject: Subject) -> Array:
    """The numbers of a subject's tensor; every dtype is exact.

    Raises:
        Mismatch: some are none of the dtype that the tensor says it has.
    """
    if getattr(tensor, "layout", None) is not None and "strided" not in str(tensor.layout):
        raise Unsupported(f"the kit reads strided tensors only, not {tensor.layout}")
    shape = tuple(int(n) for n in tensor.shape)
    plain = tensor.detach()
    if getattr(plain, "_is_zerotensor", bool)():  # torch's zeros without storage
        plain = plain.clone()
    values = flat(plain.tolist(), len(shape)) if math.prod(shape) else []
    array = Array(dtype_name(tensor), shape, values)
    if foreign := unrounded(array):
        raise Mismatch(f"numbers that {array.dtype} does not have", f"{foreign[:3]}")
    return array
