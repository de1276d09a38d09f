"""The ops by torch's names: ``aten.mm.default``, for whoever must tell one op from another."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .entry import Entry


class OpOverload:
    """One overload of an op, as it is seen by dispatch modes; there is one object per name."""

    def __init__(self, packet: OpOverloadPacket, overload: str) -> None:
        self._packet = packet
        self._overloadname = overload

    @property
    def overloadpacket(self) -> OpOverloadPacket:
        """The op that this is an overload of."""
        return self._packet

    def name(self) -> str:
        """Return the name that a schema has."""
        suffix = "" if self._overloadname == "default" else f".{self._overloadname}"
        return f"aten::{self._packet.__name__}{suffix}"

    def __str__(self) -> str:
        return f"aten.{self._packet.__name__}.{self._overloadname}"

    def __repr__(self) -> str:
        return f"<OpOverload(op='aten.{self._packet.__name__}', overload='{self._overloadname}')>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the op."""
        by_overload = getattr(self._packet._function, self._overloadname, self._packet)
        return by_overload(*args, **kwargs)


class OpOverloadPacket:
    """An op with its overloads, which are its attributes."""

    def __init__(self, name: str, function: Any) -> None:
        self.__name__ = name
        self._function = function

    def __getattr__(self, overload: str) -> Any:
        if overload.startswith("_"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{overload}'")
        made = OpOverload(self, overload)
        setattr(self, overload, made)
        return made

    def __str__(self) -> str:
        return f"aten.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='aten.{self.__name__}')>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the op.

        Raises:
            NotImplementedError: it is known by name only.
        """
        if self._function is None:
            raise NotImplementedError(f"{self} can be named here, and not called")
        return self._function(*args, **kwargs)


class AtenNamespace:
    """``ops.aten``: every op by its name there."""

    def __init__(self) -> None:
        self._functions: dict[str, Any] = {}

    def _register(self, functions: dict[str, Any]) -> None:
        """Say which functions run the ops of these names, or what has one per overload."""
        self._functions.update(functions)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        packet = OpOverloadPacket(name, self._functions.get(name))
        setattr(self, name, packet)
        return packet


aten = AtenNamespace()

_NAMES = {
    "log_softmax": "_log_softmax",
    "log_softmax_backward_data": "_log_softmax_backward_data",
    "softmax": "_softmax",
    "softmax_backward_data": "_softmax_backward_data",
    "to_dtype": "_to_copy",
    "unsafe_view": "_unsafe_view",
}
"""Kernels whose op has another name in torch."""

_OVERLOADS = {
    "add": "Tensor",
    "bitwise_and": "Tensor",
    "bitwise_or": "Tensor",
    "bitwise_xor": "Tensor",
    "div": "Tensor",
    "fmod": "Tensor",
    "index": "Tensor",
    "mul": "Tensor",
    "remainder": "Tensor",
    "select": "int",
    "slice": "Tensor",
    "split": "Tensor",
    "squeeze": "dim",
    "std": "correction",
    "sub": "Tensor",
    "transpose": "int",
    "unbind": "int",
    "var": "correction",
    "where": "self",
}
"""The overload of kernels that have only one here, where it is not the default one."""

_BY_OPERAND = ("eq", "ge", "gt", "le", "lt", "masked_fill", "ne", "lerp", "rsub", "floor_divide")
"""Kernels whose overload says what their last operand is."""

_BY_DIM = {"sum": "dim_IntList", "mean": "dim", "prod": "dim_int", "max": "dim", "min": "dim"}
"""Kernels that have one overload for all dims and one for some."""


def overload_of(entry: Entry, values: list[Any]) -> OpOverload:
    """Return the overload that a call of an entry is in torch."""
    kernel = entry.kernel_name
    name = _NAMES.get(kernel, kernel)
    overload = _OVERLOADS.get(name, "default")
    if name == "pow":
        base, exponent = (isinstance(value, Tensor) for value in values[:2])
        overload = ("Tensor_Tensor" if exponent else "Tensor_Scalar") if base else "Scalar"
    elif name in _BY_OPERAND:
        operand = (
            values[2] if name == "lerp" else values[-1] if name == "masked_fill" else values[1]
        )
        overload = "Tensor" if isinstance(operand, Tensor) else "Scalar"
    elif name in _BY_DIM and "dim" in entry.parameters:
        given = values[entry.parameters.index("dim")]
        overload = "default" if given is None else _BY_DIM[name]
    packet = getattr(aten, name)
    found: OpOverload = getattr(packet, overload)
    return found
