"""Unsigned integers of more than a byte: torch's engine has none, the Array API asks for them."""

from __future__ import annotations

from typing import Final

from autograd_core.dtypes import DType


class Unsigned(DType):
    """A dtype of this backend's arrays alone, which no tensor has."""

    __slots__ = ()

    def __init__(self, itemsize: int) -> None:
        name = f"uint{8 * itemsize}"
        super().__init__(name, 1, itemsize, name, None)

    def to_real(self) -> DType:
        return self

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return unsigned_by_name, (self.name,)


uint16: Final = Unsigned(2)
uint32: Final = Unsigned(4)
uint64: Final = Unsigned(8)


def unsigned_by_name(name: str) -> Unsigned:
    """Return the dtype called ``name``, as pickles do."""
    return {dtype.name: dtype for dtype in (uint16, uint32, uint64)}[name]
