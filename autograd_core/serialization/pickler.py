"""Pickling for torch's files: things of this package go by torch's names, storages by number."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import FunctionType
from typing import Any, ClassVar

from ..dtypes import DType
from ..tensor import layout, memory_format
from ..torch_names import module_in_torch
from .global_names import MORE_GLOBALS, SAFE_GLOBALS, STORAGE_TYPES, StorageType
from .storage import UntypedStorage


def _name_in_torch(obj: Any) -> tuple[str, str] | None:
    """Return torch's module and name of something that files call by a name there."""
    for named in (SAFE_GLOBALS, MORE_GLOBALS):
        for full_name, known in named.items():
            if known is obj and full_name.startswith("torch."):
                module, _, name = full_name.rpartition(".")
                return module, name
    module = getattr(obj, "__module__", "")
    in_torch = module_in_torch(module)
    return None if in_torch == module else (in_torch, obj.__qualname__)


class FilePickler(pickle._Pickler):
    """Writes an object as ``data.pkl`` and collects the storages that it refers to.

    The pickler in C looks every name up where it is said to be, so that it cannot write torch's.
    """

    storages: dict[str, UntypedStorage]

    def __init__(self, file: Any, protocol: int) -> None:
        super().__init__(file, protocol)
        self.storages = {}
        self._keys: dict[int, str] = {}
        self._dtypes: dict[int, DType] = {}
        self._names: dict[int, tuple[Any, tuple[str, str] | None]] = {}

    def persistent_id(self, obj: Any) -> Any:
        """Return what stands for a storage.

        Raises:
            RuntimeError: it was met before with another dtype (torch's text).
        """
        if not isinstance(obj, UntypedStorage):
            return None
        pointer = obj.data_ptr()
        if pointer and self._dtypes.setdefault(pointer, obj.dtype) is not obj.dtype:
            raise RuntimeError(
                "Cannot save multiple tensors or storages that view the same data as different "
                "types"
            )
        key = self._keys.get(pointer) if pointer else None
        if key is None:
            key = self._keys[pointer] = str(len(self.storages))
            self.storages[key] = obj
        return "storage", STORAGE_TYPES[obj.dtype], key, "cpu", int(obj.array.shape[0])

    def save_global(self, obj: Any, name: str | None = None) -> None:
        """Write a function or class as its module and name, in torch's words if it is ours."""
        known = self._names.get(id(obj))
        if known is None:
            known = self._names[id(obj)] = (obj, _name_in_torch(obj))
        in_torch = known[1]
        if in_torch is None:
            try:
                super().save_global(obj, name)  # type: ignore[misc]
            except pickle.PicklingError:
                pickle.dumps(obj, self.proto)  # type: ignore[attr-defined]  # raises in C's words
                raise
            return
        self.write(pickle.GLOBAL + "\n".join((*in_torch, "")).encode())  # type: ignore[attr-defined]
        self.memoize(obj)  # type: ignore[attr-defined]

    def save_layout(self, obj: Any) -> None:
        """Write a layout as the call that finds it."""
        function = SAFE_GLOBALS["torch.serialization._get_layout"]
        self.save_reduce(function, (repr(obj),), obj=obj)  # type: ignore[attr-defined]

    dispatch: ClassVar[dict[type, Callable[..., None]]] = {
        **pickle._Pickler.dispatch,
        FunctionType: save_global,
        DType: save_global,
        StorageType: save_global,
        memory_format: save_global,
        layout: save_layout,
    }
