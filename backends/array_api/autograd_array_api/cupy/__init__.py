"""The backend over CuPy: arrays on CUDA devices."""

from __future__ import annotations

from typing import Any, ClassVar

from ..backend import ArrayApiBackend
from ..libraries import Library, numbered
from ..linalg import Linalg

_SPECIAL = {"lgamma": "gammaln"}


class _Cupy(Library):
    def device_name(self) -> str:
        device = self.namespace.empty(0).device if self.device is None else self.device
        return f"cuda:{device.id}"

    def fmod(self, x: Any, y: Any) -> Any:
        return self.namespace.fmod(x, y)  # its remainder rounds, and is NaN by infinity

    def ndarray(self, value: Any) -> Any:
        return value.get()

    def complex(self, real: Any, imag: Any, dtype: Any) -> Any:
        made = self.namespace.empty(real.shape, dtype=dtype)
        made.real, made.imag = real, imag
        return made

    @property
    def decompositions(self) -> Any:
        from . import decompositions

        return decompositions

    def special(self, kernel: str) -> Any:
        from cupyx.scipy import special

        if kernel == "polygamma":
            asarray = self.namespace.asarray
            return lambda value, n: special.polygamma(asarray(n), value).astype(value.dtype)
        return getattr(special, _SPECIAL.get(kernel, kernel))


class CupyBackend(Linalg, ArrayApiBackend):
    """The contract on CuPy's arrays."""

    name: ClassVar[str] = "cupy"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "linalg", "special"})

    def library(self, device: Any) -> Library:
        from array_api_compat import cupy

        if isinstance(device, str):
            device = cupy.cuda.Device(numbered(device, "cuda"))
        return _Cupy(cupy, device)
