"""Carries sample values across: torch objects to a neutral frozen form, from there to a subject
(values, dtype, strides, storage offset, aliasing and `requires_grad` kept), and answers back.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from autograd_conformance.cases import Unsupported
from autograd_conformance.rebinding import bind
from autograd_conformance.subjects import MissingInSubject, Subject

#: Rewrites the values of a floating or complex storage (upcast, perturb) before it is built; told
#: whether the tensor requires a gradient, and a key that tells this storage from the others.
Rewrite = Callable[[torch.Tensor, bool, str], torch.Tensor]


@dataclass(frozen=True, eq=False)
class FrozenStorage:
    """The whole storage under one or more tensors, as a 1-d contiguous torch tensor."""

    values: torch.Tensor


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
class Foreign:
    """An object of a torch class with no neutral form (a module, an options record)."""

    value: Any


class Freezer:
    """Freezes the parts of one sample; tensors that share a storage go on sharing it."""

    def __init__(self) -> None:
        self._storages: dict[int, FrozenStorage] = {}
        self._tensors: dict[int, tuple[torch.Tensor, FrozenTensor]] = {}

    def freeze(self, value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            if id(value) not in self._tensors:  # the tensor is kept so that its id stays its own
                self._tensors[id(value)] = (value, self._tensor(value))
            return self._tensors[id(value)][1]
        if isinstance(value, torch.Size):
            return FrozenSize(tuple(value))
        if isinstance(value, torch.dtype | torch.memory_format | torch.layout):
            return FrozenName(str(value).removeprefix("torch."))
        if isinstance(value, tuple) and type(value) is tuple:
            return tuple(self.freeze(v) for v in value)
        if isinstance(value, list):
            return [self.freeze(v) for v in value]
        if isinstance(value, dict):
            return {k: self.freeze(v) for k, v in value.items()}
        if isinstance(value, slice):
            parts = (value.start, value.stop, value.step)
            return slice(*(self.freeze(v) for v in parts))
        if type(value).__module__.startswith("torch"):
            return Foreign(value)
        return value

    def _tensor(self, tensor: torch.Tensor) -> FrozenTensor:
        if tensor.layout is not torch.strided:
            raise Unsupported(f"the kit carries strided tensors only, not {tensor.layout}")
        if tensor.device.type != "cpu":
            raise Unsupported(f"the kit carries CPU tensors only, not {tensor.device.type}")
        data = tensor.detach().resolve_neg()
        conj = data.is_conj()
        if conj:
            data = data.conj()
        key = data.untyped_storage().data_ptr()
        storage = self._storages.get(key) if data.numel() else None
        if storage is None or storage.values.dtype != data.dtype:
            length = data.untyped_storage().nbytes() // data.element_size()
            storage = FrozenStorage(data.as_strided((length,), (1,), 0).clone())
            self._storages[key] = storage
        return FrozenTensor(
            storage,
            tuple(data.shape),
            tuple(data.stride()),
            int(data.storage_offset()),
            tensor.requires_grad,
            conj,
        )


def freeze(value: Any) -> Any:
    """The frozen form of `value`; Unsupported for sparse or non-CPU tensors."""
    return Freezer().freeze(value)


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
        return bind(value, self.subject) if callable(value) else value

    def _foreign(self, value: Any) -> Any:
        if self.subject.is_torch:
            return copy.deepcopy(value)
        kind = type(value)
        if getattr(torch.nn, kind.__name__, None) is kind:
            made = self.subject.resolve(f"nn.{kind.__name__}")
            if dataclasses.is_dataclass(kind):
                names = [field.name for field in dataclasses.fields(kind)]
                return made(**{name: getattr(value, name) for name in names})
            if isinstance(value, torch.nn.Module) and not value.state_dict():
                module = made()
                for name in getattr(kind, "__constants__", ()):
                    setattr(module, name, getattr(value, name))
                return module
        raise MissingInSubject(f"{type(value).__module__}.{type(value).__qualname__}")

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

    def _values(self, frozen: FrozenTensor) -> torch.Tensor:
        values = frozen.storage.values
        if self._rewrite is not None and (values.is_floating_point() or values.is_complex()):
            return self._rewrite(values, frozen.requires_grad, f"input {len(self._storages)}")
        return values


def dtype_name(tensor: Any) -> str:
    """`float64` for a tensor of `torch.float64`, whatever module the dtype belongs to."""
    return str(tensor.dtype).rsplit(".", 1)[-1]


def make(subject: Subject, values: torch.Tensor) -> Any:
    """A fresh contiguous tensor of the subject with the values, shape and dtype of `values`."""
    if subject.is_torch:
        return values.clone(memory_format=torch.contiguous_format)
    dtype = subject.resolve(dtype_name(values))
    if values.numel() == 0:
        return subject.resolve("zeros")(tuple(values.shape), dtype=dtype)
    return subject.module.tensor(values.tolist(), dtype=dtype)


def read(tensor: Any, subject: Subject) -> torch.Tensor:
    """A subject's tensor as a contiguous torch tensor without history; every dtype is exact.

    The buffer path (`numpy()`) is taken where the subject offers it for the dtype, else `tolist`.
    """
    if getattr(tensor, "layout", None) is not None and "strided" not in str(tensor.layout):
        raise Unsupported(f"the kit reads strided tensors only, not {tensor.layout}")
    if isinstance(tensor, torch.Tensor):
        data = tensor.detach().resolve_conj().resolve_neg()
        return torch.empty(data.shape, dtype=data.dtype).copy_(data)
    name = dtype_name(tensor)
    plain = tensor.detach()
    if subject.buffer_dtypes.get(name, True):
        array = _buffer(plain)
        subject.buffer_dtypes[name] = array is not None and str(array.dtype) == name
        if subject.buffer_dtypes[name]:
            return torch.from_numpy(array.copy()).reshape(tuple(tensor.shape))
    dtype: torch.dtype = getattr(torch, name)
    return torch.tensor(plain.tolist(), dtype=dtype).reshape(tuple(tensor.shape))


def _buffer(tensor: Any) -> Any:
    """The tensor's NumPy array, or None: a subject without NumPy answers by `tolist` instead."""
    try:
        return tensor.numpy()
    except (AttributeError, ImportError, NotImplementedError, RuntimeError, TypeError):
        return None
