"""Data types: the twelve dtypes, their facts, and the default dtype of the calling process."""

from __future__ import annotations

from typing import Final


class DType:
    """One element type; a singleton, compared by identity.

    ``category`` orders the kinds for promotion: 0 bool, 1 integer, 2 floating, 3 complex.
    ``itemsize`` is in bytes. Prints as torch prints it (``torch.float32``).
    """

    __slots__ = (
        "_complex_name",
        "_real_name",
        "category",
        "is_complex",
        "is_floating_point",
        "is_inexact",
        "is_signed",
        "itemsize",
        "name",
    )

    def __init__(
        self, name: str, category: int, itemsize: int, real_name: str, complex_name: str | None
    ) -> None:
        self.name = name
        self.category = category
        self.itemsize = itemsize
        self.is_floating_point = category == 2
        self.is_complex = category == 3
        self.is_inexact = category >= 2
        self.is_signed = not name.startswith(("bool", "uint"))
        self._real_name = real_name
        self._complex_name = complex_name

    def to_real(self) -> DType:
        """Return the dtype of the real part (itself unless complex)."""
        return BY_NAME[self._real_name]

    def to_complex(self) -> DType:
        """Return the complex dtype whose parts are of this dtype.

        Raises:
            RuntimeError: no such complex dtype is supported.
        """
        if self._complex_name is None:
            raise RuntimeError(f"Unknown Complex ScalarType for {LEGACY_NAMES[self]}")
        return BY_NAME[self._complex_name]

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (dtype_by_name, (self.name,))

    def __copy__(self) -> DType:
        return self

    def __deepcopy__(self, memo: object) -> DType:
        return self


BY_NAME: Final[dict[str, DType]] = {}


def _define(
    name: str, category: int, itemsize: int, real: str | None = None, paired: str | None = None
) -> DType:
    dtype = DType(name, category, itemsize, real or name, paired)
    BY_NAME[name] = dtype
    return dtype


def dtype_by_name(name: str) -> DType:
    """Return the dtype called ``name`` (``"float32"``); raises KeyError for an unknown name."""
    return BY_NAME[name]


bool_ = _define("bool", 0, 1)
uint8 = _define("uint8", 1, 1)
int8 = _define("int8", 1, 1)
int16 = _define("int16", 1, 2)
int32 = _define("int32", 1, 4)
int64 = _define("int64", 1, 8)
float16 = _define("float16", 2, 2, paired=None)
bfloat16 = _define("bfloat16", 2, 2, paired="complex64")
float32 = _define("float32", 2, 4, paired="complex64")
float64 = _define("float64", 2, 8, paired="complex128")
complex64 = _define("complex64", 3, 8, "float32", "complex64")
complex128 = _define("complex128", 3, 16, "float64", "complex128")

ALIASES: Final = {
    "half": float16,
    "float": float32,
    "double": float64,
    "short": int16,
    "int": int32,
    "long": int64,
    "cfloat": complex64,
    "cdouble": complex128,
}
"""torch's other public names of dtypes."""

# torch's names for the element types of its legacy tensor classes, used in its messages.
LEGACY_NAMES: Final = {
    bool_: "Bool",
    uint8: "Byte",
    int8: "Char",
    int16: "Short",
    int32: "Int",
    int64: "Long",
    float16: "Half",
    bfloat16: "BFloat16",
    float32: "Float",
    float64: "Double",
    complex64: "ComplexFloat",
    complex128: "ComplexDouble",
}


def not_implemented_for(kernel: str, dtype: DType) -> NotImplementedError:
    """Return torch's error for a kernel that does not know a dtype."""
    return NotImplementedError(f"\"{kernel}\" not implemented for '{LEGACY_NAMES[dtype]}'")


def least(dtype: DType) -> float:
    """Return the number that no other of a real dtype is less than."""
    if dtype.is_floating_point:
        return float("-inf")
    return 0 if dtype is uint8 else -(1 << (8 * dtype.itemsize - 1))


def type_text(dtype: DType) -> str:
    """Return torch's name of the tensors of a dtype in messages: only old dtypes have a type."""
    legacy = LEGACY_NAMES[dtype]
    new = dtype is bool_ or dtype is bfloat16 or dtype.is_complex
    return f"CPU{legacy}Type" if new else f"torch.{legacy}Tensor"


_default: DType = float32


def get_default_dtype() -> DType:
    """Return the dtype given to tensors made from Python floats."""
    return _default


def set_default_dtype(d: DType) -> None:
    """Set the dtype given to tensors made from Python floats.

    Raises:
        TypeError: ``d`` is not a floating-point dtype.
    """
    global _default
    if not isinstance(d, DType):
        raise TypeError("invalid dtype object")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    _default = d


def default_complex_dtype() -> DType:
    """Return the complex dtype that goes with the default dtype."""
    return complex128 if _default is float64 else complex64


def dtype_of_number(value: object) -> DType:
    """Return the dtype that a Python number has as a tensor of its own."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    if isinstance(value, float):
        return _default
    if isinstance(value, complex):
        return default_complex_dtype()
    raise TypeError(f"not a Python number: {type(value).__name__}")
