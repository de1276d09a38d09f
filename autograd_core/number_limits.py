"""Limits of the number types: `finfo` for floating and complex dtypes, `iinfo` for integers."""

from __future__ import annotations

import math
from typing import Any, Final, NoReturn, final

from .dtypes import get_default_dtype as default_dtype

# Per format: bits, digits of the significand (the hidden one included), largest binary exponent.
_BINARY_FORMATS: Final = {
    "float16": (16, 11, 15),
    "bfloat16": (16, 8, 127),
    "float32": (32, 24, 127),
    "float64": (64, 53, 1023),
}
_REAL_OF_COMPLEX: Final = {"complex64": "float32", "complex128": "float64"}
_INTEGER_BITS: Final = {"uint8": 8, "int8": 8, "int16": 16, "int32": 32, "int64": 64}
_DTYPES_OF_PYTHON_TYPES: Final[dict[Any, str]] = {
    bool: "bool",
    int: "int64",
    float: "float64",
    complex: "complex128",
}
_ABSENT: Final = object()


class _Limits:
    """Read-only facts about one dtype, equal when the dtype is."""

    __slots__ = ("bits", "dtype", "max", "min")
    bits: int
    dtype: str
    min: Any
    max: Any

    def _store(self, **facts: Any) -> None:
        for name, value in facts.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        self._refuse_writing(name)

    def __delattr__(self, name: str) -> NoReturn:
        self._refuse_writing(name)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{self._type_name()} object has no attribute '{name}'")

    def __eq__(self, other: object) -> bool:
        # Torch compares any object's memory with a dtype's, so `iinfo(int8) == 3` is true there.
        return type(other) is type(self) and self.dtype == other.dtype

    def __hash__(self) -> NoReturn:
        raise TypeError(f"unhashable type: {self._type_name()}")

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"cannot pickle {self._type_name()} object")

    def _refuse_writing(self, name: str) -> NoReturn:
        getattr(self, name)
        raise AttributeError(f"attribute '{name}' of {self._type_name()} objects is not writable")

    def _type_name(self) -> str:
        return f"'torch.{type(self).__name__}'"


@final
class finfo(_Limits):  # noqa: N801
    """Limits of a floating-point dtype, or of the parts of a complex one, as Python floats.

    ``bits`` (of one real number), ``eps`` (from 1.0 to the next number), ``max``, ``min``,
    ``smallest_normal`` (also ``tiny``), ``resolution`` (ten to minus the decimal digits that
    always survive) and ``dtype``, the real dtype's name. ``type`` is a dtype, ``float`` or
    ``complex``; left out, it is the default dtype.

    Raises:
        TypeError: ``type`` is no dtype, or one that is neither floating nor complex.
    """

    __slots__ = ("eps", "resolution", "smallest_normal", "tiny")
    eps: float
    resolution: float
    smallest_normal: float
    tiny: float

    def __init__(self, type: Any = _ABSENT) -> None:
        if type is _ABSENT:
            name = str(default_dtype()).removeprefix("torch.")
        else:
            name = _dtype_name("finfo", type)
        real_name = _REAL_OF_COMPLEX.get(name, name)
        if real_name not in _BINARY_FORMATS:
            raise TypeError(
                "torch.finfo() requires a floating point input type. "
                "Use torch.iinfo to handle 'torch.finfo'"
            )
        bits, digits, largest_exponent = _BINARY_FORMATS[real_name]
        eps = 2.0 ** (1 - digits)
        largest = (2.0 - eps) * 2.0**largest_exponent
        smallest_normal = 2.0 ** (1 - largest_exponent)
        decimal_digits = math.floor((digits - 1) * math.log10(2))
        self._store(
            bits=bits,
            dtype=real_name,
            eps=eps,
            max=largest,
            min=-largest,
            smallest_normal=smallest_normal,
            tiny=smallest_normal,
            resolution=float(f"1e-{decimal_digits}"),
        )

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, "
            f"eps={self.eps:g}, smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, "
            f"dtype={self.dtype})"
        )


@final
class iinfo(_Limits):  # noqa: N801
    """Limits of an integer dtype: ``bits``, ``min`` and ``max`` as integers, ``dtype`` its name.

    Raises:
        TypeError: ``type`` is missing, no dtype, or one that is not an integer dtype.
    """

    __slots__ = ()

    def __init__(self, type: Any = _ABSENT) -> None:
        if type is _ABSENT:
            raise TypeError('iinfo() missing 1 required positional arguments: "type"')
        name = _dtype_name("iinfo", type)
        if name == "bool":
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if name not in _INTEGER_BITS:
            raise TypeError(
                "torch.iinfo() requires an integer input type. "
                "Use torch.finfo to handle 'torch.iinfo'"
            )
        bits = _INTEGER_BITS[name]
        if name.startswith("u"):
            smallest, largest = 0, 2**bits - 1
        else:
            smallest, largest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        self._store(bits=bits, dtype=name, min=smallest, max=largest)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


def _dtype_name(asker: str, dtype: Any) -> str:
    if isinstance(dtype, type) and dtype in _DTYPES_OF_PYTHON_TYPES:
        return _DTYPES_OF_PYTHON_TYPES[dtype]
    if not isinstance(getattr(dtype, "is_floating_point", None), bool):
        raise TypeError(
            f"{asker}(): argument 'type' (position 1) must be torch.dtype, "
            f"not {type(dtype).__name__}"
        )
    return str(dtype).removeprefix("torch.")
