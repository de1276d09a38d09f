"""The backend over JAX, whose arrays never change; its own calls have 64-bit numbers enabled."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from ..backend import ArrayApiBackend
from ..libraries import Library, numbered
from ..linalg import Linalg

_KINDS = {"gpu": "cuda", "tpu": "xla"}
"""Torch's names for kinds of devices."""
_SPECIAL = {"lgamma": "gammaln"}


class _Jax(Library):
    """``jax.numpy``; every function runs with 64-bit dtypes, whatever the user's setting is."""

    def __init__(self, device: Any) -> None:
        import jax
        from jax import numpy

        super().__init__(numpy, device)
        self._wide = jax.enable_x64
        self._platform = (device or jax.devices()[0]).platform
        self._complex = self._widened(jax.lax.complex)

    def _widened(self, function: Callable[..., Any]) -> Callable[..., Any]:
        wide = self._wide

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                if wide.value:
                    return function(*args, **kwargs)
                with wide(True):
                    return function(*args, **kwargs)
            except TypeError as error:
                if "incompatible shapes" in str(error):  # what other libraries raise ValueError for
                    raise ValueError(str(error)) from error
                raise

        return call

    def __getattr__(self, name: str) -> Any:
        found = self._widened(getattr(self.namespace, name))
        setattr(self, name, found)
        return found

    def device_name(self) -> str:
        import jax

        device = self.device or jax.devices()[0]
        kind = _KINDS.get(device.platform, device.platform)
        return "cpu" if kind == "cpu" else f"{kind}:{device.id}"

    def fourier(self, value: Any, axes: tuple[int, ...], norm: str, forward: bool) -> Any:
        transform = self.namespace.fft.fftn if forward else self.namespace.fft.ifftn
        return self._widened(transform)(value, axes=axes, norm=norm)

    def cut(self, value: Any, key: tuple[slice, ...]) -> Any:
        with self._wide(True):
            return value[key]

    def written(self, value: Any, key: tuple[slice, ...], part: Any) -> Any:
        with self._wide(True):
            return value.at[key].set(part)

    def added(self, flat: Any, places: Any, values: Any) -> Any:
        if self._platform != "cpu":
            return None  # others add in any order
        with self._wide(True):
            return flat.at[places].add(values)

    def is_own(self, value: Any) -> bool:
        import jax

        return isinstance(value, jax.Array)

    def kept(self, value: Any) -> Any:
        return value

    def ndarray(self, value: Any) -> Any:
        import numpy as np

        return np.array(value)

    def elements(self, value: Any) -> list[Any]:
        return value.tolist()  # type: ignore[no-any-return]

    def from_elements(self, values: Any, dtype: Any) -> Any:
        with self._wide(True):
            return self.namespace.asarray(values, dtype=dtype, device=self.device)

    def special(self, kernel: str) -> Any:
        from jax.scipy import special

        from . import special as own

        if hasattr(own, kernel):
            return self._widened(getattr(own, kernel))
        return self._widened(getattr(special, _SPECIAL.get(kernel, kernel)))

    @functools.cached_property
    def decompositions(self) -> Any:
        from . import decompositions

        return _Widened(decompositions, self._widened)

    def complex(self, real: Any, imag: Any, dtype: Any) -> Any:
        return self._complex(real, imag)


class _Widened:
    """The functions of a module, with 64-bit dtypes."""

    def __init__(self, module: Any, widened: Callable[..., Any]) -> None:
        self.module = module
        self.widened = widened

    def __getattr__(self, name: str) -> Any:
        found = self.widened(getattr(self.module, name))
        setattr(self, name, found)
        return found


class JaxBackend(Linalg, ArrayApiBackend):
    """The contract on JAX's arrays: writes make new ones, views are read anew."""

    name: ClassVar[str] = "jax"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "linalg", "special"})

    def library(self, device: Any) -> Library:
        import jax

        if isinstance(device, str):
            number = numbered(device, "cpu", *_KINDS.values())
            device = jax.devices(device.partition(":")[0])[number]
        return _Jax(device)
