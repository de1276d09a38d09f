"""The backend over torch: its tensors as plain arrays, without its autograd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ..backend import ArrayApiBackend
from ..libraries import Library
from ..linalg import Linalg

_SPECIAL = {"lgamma": "gammaln"}


class _Torch(Library):
    """Torch's functions outside of the standard."""

    torch: Any

    def device_name(self) -> str:
        return str(self.torch.empty(0, device=self.device).device)

    def is_own(self, value: Any) -> bool:
        return isinstance(value, self.torch.Tensor)

    def kept(self, value: Any) -> Any:
        return value.detach().clone()

    def ndarray(self, value: Any) -> Any:
        return value.detach().cpu().clone().numpy()

    def elements(self, value: Any) -> list[Any]:
        return value.tolist()  # type: ignore[no-any-return]

    def from_elements(self, values: Sequence[Any], dtype: Any) -> Any:
        return self.torch.tensor(values, dtype=dtype, device=self.device)

    def special(self, kernel: str) -> Any:
        functions = self.torch.special
        if kernel == "polygamma":
            return lambda value, n: functions.polygamma(n, value)
        return getattr(functions, _SPECIAL.get(kernel, kernel))

    @property
    def decompositions(self) -> Any:
        from . import decompositions

        return decompositions

    def added(self, flat: Any, places: Any, values: Any) -> Any:
        return flat.index_put((places,), values, accumulate=True)

    def complex(self, real: Any, imag: Any, dtype: Any) -> Any:
        return self.torch.complex(real, imag)


class TorchBackend(Linalg, ArrayApiBackend):
    """The contract on torch's tensors, on any device that torch has."""

    name: ClassVar[str] = "torch"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "linalg", "special"})

    def library(self, device: Any) -> Library:
        import torch
        from array_api_compat import torch as namespace

        made = _Torch(namespace, torch.get_default_device() if device is None else device)
        made.torch = torch
        return made
