"""Which functions and classes a file may name: torch's names of them, and what the user adds."""

from __future__ import annotations

import codecs
from collections import Counter, OrderedDict
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from ..dtypes import BY_NAME, LEGACY_NAMES, DType, uint8
from ..sizes import Size
from ..tensor import (
    Tensor,
    channels_last,
    channels_last_3d,
    contiguous_format,
    device,
    layout,
    preserve_format,
    strided,
)
from ..torch_names import module_in_torch
from .rebuilding import rebuild_subclass, rebuild_tensor, rebuild_tensor_of_dtype


class StorageType:
    """What a file calls the storage of tensors of one dtype: ``torch.FloatStorage``."""

    __slots__ = ("dtype", "name")

    def __init__(self, name: str, dtype: DType) -> None:
        self.name = name
        self.dtype = dtype

    def __repr__(self) -> str:
        return f"StorageType(dtype={self.dtype})"


STORAGE_TYPES = {
    dtype: StorageType(f"{legacy}Storage", dtype) for dtype, legacy in LEGACY_NAMES.items()
}


def _layout_of(name: str) -> layout:
    if name != "torch.strided":
        raise RuntimeError(f"layout {name} is not supported")
    return strided


SAFE_GLOBALS: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "collections.Counter": Counter,
    "_codecs.encode": codecs.encode,
    "builtins.bytearray": bytearray,
    "builtins.set": set,
    "builtins.complex": complex,
    "torch.Size": Size,
    "torch.Tensor": Tensor,
    "torch.device": device,
    "torch.serialization._get_layout": _layout_of,
    "torch.storage.UntypedStorage": StorageType("UntypedStorage", uint8),
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_tensor_v3": rebuild_tensor_of_dtype,
    "torch._tensor._rebuild_from_type_v2": rebuild_subclass,
    **{str(dtype): dtype for dtype in BY_NAME.values()},
    **{f"torch.{kind.name}": kind for kind in STORAGE_TYPES.values()},
}
"""By torch's name what every file may name; layers above add theirs."""

MORE_GLOBALS: dict[str, Any] = {
    f"torch.{format.name}": format
    for format in (contiguous_format, preserve_format, channels_last, channels_last_3d)
}
"""What is called by a name in a file, too, but is not safe by default in torch."""

BLOCKED_MODULES = frozenset({"sys", "os", "posix", "nt"})
"""Modules of which nothing is loaded safely, whatever the user added."""

_added: list[Any] = []


def add_safe_globals(safe_globals: Iterable[Any]) -> None:
    """Let ``load(weights_only=True)`` use these functions and classes.

    An item is one of them, or a pair of it and the name that files have for it.
    """
    for item in list(safe_globals):
        if item not in _added:
            _added.append(item)


def get_safe_globals() -> list[Any]:
    """Return what the user has added."""
    return list(_added)


def clear_safe_globals() -> None:
    """Forget what the user has added."""
    _added.clear()


class safe_globals:  # noqa: N801 - torch's name
    """Adds safe globals inside a ``with`` block."""

    def __init__(self, safe_globals: Iterable[Any]) -> None:
        self.safe_globals = list(safe_globals)

    def __enter__(self) -> None:
        add_safe_globals(self.safe_globals)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for item in self.safe_globals:
            if item in _added:
                _added.remove(item)


def added_globals() -> dict[str, Any]:
    """Return what the user has added by the names that files have for them.

    Raises:
        ValueError, TypeError: a tuple is not a pair of an object and a name (torch's texts).
    """
    named: dict[str, Any] = {}
    for item in _added:
        if not isinstance(item, tuple):
            named[f"{module_in_torch(item.__module__)}.{item.__qualname__}"] = item
            continue
        if len(item) != 2:
            raise ValueError(
                "Expected tuple of length 2 (global, str of callable full path), but got tuple of "
                f"length: {len(item)}"
            )
        if type(item[1]) is not str:
            raise TypeError(
                "Expected second item in tuple to be str of callable full path, but got: "
                f"{type(item[1])}"
            )
        named[item[1]] = item[0]
    return named
