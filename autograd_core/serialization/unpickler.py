"""Reading pickles: the safe machine, which knows few instructions and names, and Python's own."""

from __future__ import annotations

import importlib
import pickle
import struct
import warnings
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import Counter, OrderedDict
from collections.abc import Callable
from pickle import UnpicklingError, decode_long
from typing import Any, ClassVar

from ..tensor import Tensor
from ..torch_names import class_text, module_here
from .global_names import BLOCKED_MODULES, MORE_GLOBALS, SAFE_GLOBALS, added_globals

PROTOCOL = 2
_OF_PYTHON_2 = frozenset(
    {
        "__builtin__",
        "copy_reg",
        "itertools",
        "Queue",
        "repr",
        "_abcoll",
        "UserDict",
        "UserList",
        "UserString",
        "whichdb",
        "StringIO",
        "cStringIO",
    }
)
PersistentLoad = Callable[[Any], Any]


class SafeUnpickler:
    """Runs a pickle's instructions without ever calling what is not on the list of safe names.

    It takes the instructions that protocol 2 writes for data, and refuses the others.
    """

    def __init__(self, file: Any, persistent_load: PersistentLoad, encoding: str = "utf-8") -> None:
        self._read = file.read
        self._readline = file.readline
        self._persistent_load = persistent_load
        self._encoding = encoding
        self._memo: dict[int, Any] = {}
        self._added = added_globals()
        self.protocol = -1

    def load(self) -> Any:
        """Return the object.

        Raises:
            UnpicklingError: something in the file is not safe, or not known (torch's texts).
            EOFError: the file ends too early.
        """
        self._marks: list[list[Any]] = []
        self._stack: list[Any] = []
        while True:
            code = self._read(1)
            if not code:
                raise EOFError
            if code == pickle.STOP:
                return self._stack.pop()
            if code not in self._instructions:
                raise UnpicklingError(f"Unsupported operand {code[0]}")
            self._instructions[code](self)

    # Names and calls -----------------------------------------------------------------------------

    def _global(self) -> None:
        module = self._readline()[:-1].decode("utf-8")
        name = self._readline()[:-1].decode("utf-8")
        if module in _OF_PYTHON_2:  # protocol 2 writes some names as they were then
            module, name = NAME_MAPPING.get(
                (module, name), (IMPORT_MAPPING.get(module, module), name)
            )
        full = f"{module}.{name}"
        if module in BLOCKED_MODULES:
            raise UnpicklingError(
                f"Trying to load unsupported GLOBAL {full} whose module {module} is blocked."
            )
        if full in SAFE_GLOBALS:
            self._stack.append(SAFE_GLOBALS[full])
        elif full in self._added:
            self._stack.append(self._added[full])
        else:
            shown = full.removeprefix("builtins.")
            raise UnpicklingError(
                f"Unsupported global: GLOBAL {shown} was not an allowed global by default. Please "
                f"use `torch.serialization.add_safe_globals([{shown}])` or the "
                f"`torch.serialization.safe_globals([{shown}])` context manager to allowlist this "
                "global if you trust this class/function."
            )

    def _is_safe(self, value: Any) -> bool:
        return any(value is safe for safe in SAFE_GLOBALS.values()) or any(
            value is safe for safe in self._added.values()
        )

    def _reduce(self) -> None:
        arguments = self._stack.pop()
        function = self._stack[-1]
        if not self._is_safe(function):
            text = f"Trying to call reduce for unrecognized function {function}"
            if hasattr(function, "__self__"):
                text += f" which belongs to {function.__self__}"
            raise UnpicklingError(text)
        self._stack[-1] = function(*arguments)

    def _new_object(self) -> None:
        arguments = self._stack.pop()
        cls = self._stack.pop()
        if not self._is_safe(cls):
            raise UnpicklingError(
                "Can only create new object for nn.Parameter or classes allowlisted via "
                f"`add_safe_globals` but got {cls}"
            )
        self._stack.append(cls.__new__(cls, *arguments))

    def _build(self) -> None:
        state = self._stack.pop()
        instance = self._stack[-1]
        kind = type(instance)
        if kind is OrderedDict:
            instance.__dict__.update(state)
        elif self._is_safe(kind) and not issubclass(kind, Tensor):
            _set_state(instance, state)
        else:
            raise UnpicklingError(
                "Can only build Tensor, Parameter, OrderedDict or types allowlisted via "
                f"`add_safe_globals`, but got {class_text(kind)}"
            )

    def _load_persistent(self) -> None:
        saved_id = self._stack.pop()
        if type(saved_id) not in (tuple, int):
            raise UnpicklingError(
                f"persistent_load id must be tuple or int, but got {class_text(type(saved_id))}"
            )
        if type(saved_id) is tuple and saved_id and saved_id[0] not in ("storage", b"storage"):
            raise UnpicklingError(
                f"Only persistent_load of storage is allowed, but got {type(saved_id[0])}"
            )
        self._stack.append(self._persistent_load(saved_id))

    # Containers ----------------------------------------------------------------------------------

    def _mark(self) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _pop_mark(self) -> list[Any]:
        items = self._stack
        self._stack = self._marks.pop()
        return items

    def _append(self) -> None:
        item = self._stack.pop()
        if type(self._stack[-1]) is not list:
            raise UnpicklingError(
                f"Can only append to lists, but got {class_text(type(self._stack[-1]))}"
            )
        self._stack[-1].append(item)

    def _appends(self) -> None:
        items = self._pop_mark()
        if type(self._stack[-1]) is not list:
            raise UnpicklingError(
                f"Can only extend lists, but got {class_text(type(self._stack[-1]))}"
            )
        self._stack[-1].extend(items)

    def _set_items(self, items: list[Any], instruction: str) -> None:
        target = self._stack[-1]
        if type(target) not in (dict, OrderedDict, Counter):
            raise UnpicklingError(
                f"Can only {instruction} for dict, collections.OrderedDict, collections.Counter, "
                f"but got {class_text(type(target))}"
            )
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key] = value

    def _set_item(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set_items([key, value], "SETITEM")

    def _last(self, count: int) -> None:
        self._stack[-count:] = [tuple(self._stack[-count:])]

    # Plain values --------------------------------------------------------------------------------

    def _number(self, layout: str) -> Any:
        return struct.unpack(layout, self._exactly(struct.calcsize(layout)))[0]

    def _exactly(self, count: int) -> bytes:
        data: bytes = self._read(count)
        if len(data) < count:
            raise EOFError
        return data

    def _short_string(self) -> None:
        data = self._exactly(self._number("B"))
        encoded = self._encoding == "bytes"
        self._stack.append(data if encoded else data.decode(self._encoding, "strict"))

    def _put(self, layout: str) -> None:
        self._memo[self._number(layout)] = self._stack[-1]

    def _begin(self) -> None:
        self.protocol = self._number("B")
        if self.protocol != PROTOCOL:
            warnings.warn(
                f"Detected pickle protocol {self.protocol} in the checkpoint, which was not the "
                "default pickle protocol used by `torch.load` (2). The weights_only Unpickler "
                "might not support all instructions implemented by this protocol, please file an "
                "issue for adding support if you encounter this.",
                stacklevel=5,
            )

    _instructions: ClassVar[dict[bytes, Callable[[SafeUnpickler], Any]]] = {
        pickle.GLOBAL: _global,
        pickle.REDUCE: _reduce,
        pickle.NEWOBJ: _new_object,
        pickle.BUILD: _build,
        pickle.BINPERSID: _load_persistent,
        pickle.MARK: _mark,
        pickle.APPEND: _append,
        pickle.APPENDS: _appends,
        pickle.SETITEM: _set_item,
        pickle.SETITEMS: lambda self: self._set_items(self._pop_mark(), "SETITEMS"),
        pickle.TUPLE: lambda self: self._push(tuple(self._pop_mark())),
        pickle.TUPLE1: lambda self: self._last(1),
        pickle.TUPLE2: lambda self: self._last(2),
        pickle.TUPLE3: lambda self: self._last(3),
        pickle.NONE: lambda self: self._push(None),
        pickle.NEWFALSE: lambda self: self._push(False),
        pickle.NEWTRUE: lambda self: self._push(True),
        pickle.EMPTY_TUPLE: lambda self: self._push(()),
        pickle.EMPTY_LIST: lambda self: self._push([]),
        pickle.EMPTY_DICT: lambda self: self._push({}),
        pickle.EMPTY_SET: lambda self: self._push(set()),
        pickle.BININT: lambda self: self._push(self._number("<i")),
        pickle.BININT1: lambda self: self._push(self._number("B")),
        pickle.BININT2: lambda self: self._push(self._number("<H")),
        pickle.BINFLOAT: lambda self: self._push(self._number(">d")),
        pickle.LONG1: lambda self: self._push(decode_long(self._exactly(self._number("B")))),
        pickle.BINUNICODE: lambda self: self._push(
            str(self._exactly(self._number("<I")), "utf-8", "surrogatepass")
        ),
        pickle.SHORT_BINSTRING: _short_string,
        pickle.BINGET: lambda self: self._push(self._memo[self._number("B")]),
        pickle.LONG_BINGET: lambda self: self._push(self._memo[self._number("<I")]),
        pickle.BINPUT: lambda self: self._put("B"),
        pickle.LONG_BINPUT: lambda self: self._put("<I"),
        pickle.PROTO: _begin,
    }


def _set_state(instance: Any, state: Any) -> None:
    """Set the state of an instance of a safe class as Python's own unpickler does."""
    if hasattr(instance, "__setstate__"):
        instance.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    if attributes:
        instance.__dict__.update(attributes)
    for name, value in (slots or {}).items():
        setattr(instance, name, value)


class TrustingUnpickler(pickle.Unpickler):
    """Python's unpickler, which calls whatever the file says, on this package for torch."""

    def __init__(self, file: Any, persistent_load: PersistentLoad, encoding: str = "utf-8") -> None:
        super().__init__(file, encoding=encoding)
        self._persistent_load = persistent_load

    def persistent_load(self, saved_id: Any) -> Any:
        """Return the storage of that number."""
        return self._persistent_load(saved_id)

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Return what a name means: torch's names mean things of this package."""
        full = f"{module_name}.{global_name}"
        for named in (SAFE_GLOBALS, MORE_GLOBALS):
            if full in named:
                return named[full]
        here = module_here(module_name)
        if here == module_name:
            return super().find_class(module_name, global_name)
        try:
            found: Any = importlib.import_module(here)
            for part in global_name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise AttributeError(
                f"{full} is in the file, and there is no {here}.{global_name}"
            ) from error
        return found
