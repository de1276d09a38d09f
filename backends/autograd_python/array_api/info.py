"""What the namespace says of itself: capabilities, devices, dtypes and the defaults among them."""

from __future__ import annotations

from autograd_core.dtypes import DType

from .array import CPU, Device, require_cpu
from .data_types import ALL, COMPLEX_FLOATING, FLOATING, INTEGER, KINDS


class Info:
    """The answer of `__array_namespace_info__`."""

    def capabilities(self) -> dict[str, bool | int | None]:
        """What the standard leaves open: masks and shapes that depend on data; any rank."""
        return {
            "boolean indexing": True,
            "data-dependent shapes": True,
            "max dimensions": None,
        }

    def default_device(self) -> Device:
        """Where arrays are made."""
        return CPU

    def default_dtypes(self, *, device: Device | None = None) -> dict[str, DType]:
        """The dtypes of Python numbers, and of indices."""
        require_cpu(device)
        return {
            "real floating": FLOATING,
            "complex floating": COMPLEX_FLOATING,
            "integral": INTEGER,
            "indexing": INTEGER,
        }

    def devices(self) -> list[Device]:
        """The devices there are."""
        return [CPU]

    def dtypes(
        self, *, device: Device | None = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, DType]:
        """The dtypes by name, of a kind or of several."""
        require_cpu(device)
        kinds = (kind,) if isinstance(kind, str) else kind
        if kinds is None:
            return {dtype.name: dtype for dtype in ALL}
        for one in kinds:
            if one not in KINDS:
                raise ValueError(f"no kind of dtypes is called {one!r}")
        return {dtype.name: dtype for one in kinds for dtype in KINDS[one]}


def __array_namespace_info__() -> Info:
    """Return what the namespace says of itself."""
    return Info()
