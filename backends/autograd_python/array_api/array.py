"""The array object of the standard: one of the backend's arrays, with the standard's operators."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from autograd_core.dtypes import DType
from autograd_core.sizes import numel

from ..array import nested
from . import dlpack, indexing, pointwise, products
from .data_types import beside, promote
from .kernels import Raw, Scalar, kernels

Device = str
CPU: Final[Device] = "cpu"
VERSIONS: Final = ("2021.12", "2022.12", "2023.12", "2024.12")


Operator = Any
"""A method: a declared type of functions would count them as attributes."""


def require_cpu(device: Device | None) -> None:
    """Raise ValueError for a device that is not there."""
    if device is not None and device != CPU:
        raise ValueError(f"no device {device!r}; there is only {CPU!r}")


def raw(x: Array | Scalar) -> Raw | Scalar:
    """Return the backend's array of an array, or a Python number as it is; TypeError otherwise."""
    if isinstance(x, Array):
        return x.raw
    if isinstance(x, bool | int | float | complex):
        return x
    raise TypeError(f"neither an array nor a Python number: {type(x).__name__}")


def own(function: str, x: Any) -> Raw:
    """Return the backend's array of an array, which nothing else may stand for."""
    if not isinstance(x, Array):
        raise TypeError(f"{function} takes an array, not {type(x).__name__}")
    return x.raw


def _unary(name: str) -> Operator:
    return lambda self: Array(pointwise.apply(name, self.raw))


def _binary(name: str) -> Operator:
    def method(self: Array, other: Any) -> Any:
        if isinstance(other, Array | bool | int | float | complex):
            return Array(pointwise.apply(name, self.raw, raw(other)))
        return NotImplemented

    return method


def _reflected(name: str) -> Operator:
    def method(self: Array, other: Any) -> Any:
        if isinstance(other, bool | int | float | complex):
            return Array(pointwise.apply(name, other, self.raw))
        return NotImplemented

    return method


def _in_place(name: str) -> Operator:
    def method(self: Array, other: Any) -> Any:
        if not isinstance(other, Array | bool | int | float | complex):
            return NotImplemented
        return self.overwrite(name, pointwise.apply(name, self.raw, raw(other)))

    return method


class Array:
    """An n-dimensional array, on the CPU, of elements of one dtype.

    Functions make it; ``raw`` is the strided array of the backend under it. Slices and some results
    (``reshape``, ``permute_dims``, ``broadcast_to`` ...) are views that share its memory.
    """

    __slots__ = ("raw",)
    __hash__ = None  # type: ignore[assignment]

    raw: Raw

    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    # Attributes -----------------------------------------------------------------------------------

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self.raw.dtype

    @property
    def device(self) -> Device:
        """Where the elements are: always ``"cpu"``."""
        return CPU

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the axes."""
        return self.raw.shape

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.raw.shape)

    @property
    def size(self) -> int:
        """How many elements there are."""
        return numel(self.raw.shape)

    @property
    def T(self) -> Array:
        """The transpose of a matrix, a view; raises ValueError for anything else."""
        if self.ndim != 2:
            raise ValueError(f"T is of two dimensions, not {self.ndim}; mT and permute_dims of any")
        return self.mT

    @property
    def mT(self) -> Array:
        """The transposes of a stack of matrices, a view."""
        if self.ndim < 2:
            raise ValueError(f"mT needs two dimensions, the array has {self.ndim}")
        return Array(kernels.mT(self.raw))

    # Conversion -----------------------------------------------------------------------------------

    def _number(self, function: str) -> Any:
        if self.ndim:
            raise TypeError(f"{function} takes an array of no dimensions, not of {self.ndim}")
        return kernels.item(self.raw)

    def __bool__(self) -> bool:
        return bool(self._number("bool"))

    def __int__(self) -> int:
        return int(self._number("int"))

    def __float__(self) -> float:
        return float(self._number("float"))

    def __complex__(self) -> complex:
        return complex(self._number("complex"))

    def __index__(self) -> int:
        if self.dtype.category != 1:
            raise TypeError(f"an array of {self.dtype.name} is no index")
        return int(self._number("index"))

    def __repr__(self) -> str:
        if self.size == 0:
            return f"Array(shape={self.shape}, dtype={self.dtype.name})"
        return f"Array({nested(kernels.to_flat(self.raw), self.shape)}, dtype={self.dtype.name})"

    def to_device(self, device: Device, /, *, stream: int | Any | None = None) -> Array:
        """The array itself: there is one device."""
        require_cpu(device)
        if stream is not None:
            raise ValueError("the CPU has no streams")
        return self

    # Interchange ----------------------------------------------------------------------------------

    def __array_namespace__(self, /, *, api_version: str | None = None) -> ModuleType:
        if api_version is not None and api_version not in VERSIONS:
            raise ValueError(f"version {api_version!r} of the standard is not known here")
        return sys.modules[__package__]

    def __dlpack__(
        self,
        /,
        *,
        stream: int | Any | None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        if stream is not None:
            raise ValueError("the CPU has no streams")
        if dl_device is not None and tuple(dl_device) != dlpack.CPU:
            raise BufferError(f"no export to the device {tuple(dl_device)}")
        if copy is False:
            raise BufferError("lists of Python numbers are exported as a copy only")
        return dlpack.export(self.raw)

    def __dlpack_device__(self, /) -> tuple[int, int]:
        return dlpack.CPU

    # Indexing -------------------------------------------------------------------------------------

    def __getitem__(self, key: Any, /) -> Array:
        return Array(indexing.read(self.raw, _raw_key(key)))

    def __iter__(self) -> Iterator[Array]:
        if not self.ndim:
            raise TypeError("an array without dimensions has no entries")
        return (self[place, ...] for place in range(self.shape[0]))

    def __setitem__(self, key: Any, value: Any, /) -> None:
        value = raw(value)
        if not isinstance(value, Raw):
            if beside(self.dtype, value) is not self.dtype:
                raise TypeError(f"a Python complex cannot be written into {self.dtype.name}")
            value = pointwise.scalar(value, self.dtype)
        elif promote(value.dtype, self.dtype) is not self.dtype:
            raise TypeError(f"{value.dtype.name} cannot be written into {self.dtype.name}")
        indexing.write(self.raw, _raw_key(key), value)

    # Operators ------------------------------------------------------------------------------------

    def overwrite(self, name: str, result: Raw) -> Array:
        """Write the result of a function into this array, whose dtype and shape must be its own."""
        if result.dtype is not self.dtype:
            raise TypeError(f"{name} in place: {self.dtype.name} would become {result.dtype.name}")
        if result.shape != self.shape:
            raise ValueError(f"{name} in place: shape {self.shape} would become {result.shape}")
        kernels.copy_(self.raw, result)
        return self

    __abs__ = _unary("abs")
    __invert__ = _unary("bitwise_invert")
    __neg__ = _unary("negative")
    __pos__ = _unary("positive")

    __add__ = _binary("add")
    __and__ = _binary("bitwise_and")
    __eq__ = _binary("equal")
    __floordiv__ = _binary("floor_divide")
    __ge__ = _binary("greater_equal")
    __gt__ = _binary("greater")
    __le__ = _binary("less_equal")
    __lshift__ = _binary("bitwise_left_shift")
    __lt__ = _binary("less")
    __mod__ = _binary("remainder")
    __mul__ = _binary("multiply")
    __ne__ = _binary("not_equal")
    __or__ = _binary("bitwise_or")
    __pow__ = _binary("pow")
    __rshift__ = _binary("bitwise_right_shift")
    __sub__ = _binary("subtract")
    __truediv__ = _binary("divide")
    __xor__ = _binary("bitwise_xor")

    __radd__ = _reflected("add")
    __rand__ = _reflected("bitwise_and")
    __rfloordiv__ = _reflected("floor_divide")
    __rlshift__ = _reflected("bitwise_left_shift")
    __rmod__ = _reflected("remainder")
    __rmul__ = _reflected("multiply")
    __ror__ = _reflected("bitwise_or")
    __rpow__ = _reflected("pow")
    __rrshift__ = _reflected("bitwise_right_shift")
    __rsub__ = _reflected("subtract")
    __rtruediv__ = _reflected("divide")
    __rxor__ = _reflected("bitwise_xor")

    __iadd__ = _in_place("add")
    __iand__ = _in_place("bitwise_and")
    __ifloordiv__ = _in_place("floor_divide")
    __ilshift__ = _in_place("bitwise_left_shift")
    __imod__ = _in_place("remainder")
    __imul__ = _in_place("multiply")
    __ior__ = _in_place("bitwise_or")
    __ipow__ = _in_place("pow")
    __irshift__ = _in_place("bitwise_right_shift")
    __isub__ = _in_place("subtract")
    __itruediv__ = _in_place("divide")
    __ixor__ = _in_place("bitwise_xor")

    def __matmul__(self, other: Array, /) -> Array:
        if not isinstance(other, Array):
            return NotImplemented
        return Array(products.matmul(self.raw, other.raw))

    def __rmatmul__(self, other: Array, /) -> Array:
        return NotImplemented

    def __imatmul__(self, other: Array, /) -> Array:
        if not isinstance(other, Array):
            return NotImplemented
        return self.overwrite("matmul", products.matmul(self.raw, other.raw))


def _raw_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple([_raw_key(one) for one in key])
    return key.raw if isinstance(key, Array) else key
