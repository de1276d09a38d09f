"""Turns torch's values into the neutral form that `transfer` builds a subject's values from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import torch

from autograd_conformance.arrays import Array
from autograd_conformance.cases import Unsupported
from autograd_conformance.transfer import (
    Foreign,
    FrozenName,
    FrozenObject,
    FrozenSize,
    FrozenStorage,
    FrozenTensor,
)


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
            return self._object(value)
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
        dtype = str(data.dtype).removeprefix("torch.")
        storage = self._storages.get(key) if data.numel() else None
        if storage is None or storage.values.dtype != dtype:
            length = data.untyped_storage().nbytes() // data.element_size()
            whole = data.as_strided((length,), (1,), 0)
            storage = FrozenStorage(Array(dtype, (length,), whole.tolist()))
            self._storages[key] = storage
        return FrozenTensor(
            storage,
            tuple(data.shape),
            tuple(data.stride()),
            int(data.storage_offset()),
            tensor.requires_grad,
            conj,
        )

    def _object(self, value: Any) -> FrozenObject | Foreign:
        """A record or a module without state of `torch.nn` by its settings; else as it is."""
        kind = type(value)
        if getattr(torch.nn, kind.__name__, None) is kind:
            path = f"nn.{kind.__name__}"
            if dataclasses.is_dataclass(kind):
                fields = [field.name for field in dataclasses.fields(kind)]
                return FrozenObject(path, self._attributes(value, fields), {})
            if isinstance(value, torch.nn.Module) and not value.state_dict():
                constants = getattr(kind, "__constants__", ())
                return FrozenObject(path, {}, self._attributes(value, constants))
        return Foreign(value)

    def _attributes(self, value: Any, names: Iterable[str]) -> dict[str, Any]:
        return {name: self.freeze(getattr(value, name)) for name in names}


def freeze(value: Any) -> Any:
    """The frozen form of `value`; Unsupported for sparse or non-CPU tensors."""
    return Freezer().freeze(value)
