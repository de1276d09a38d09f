"""The backend over dask.array: chunked arrays, computed when somebody reads their numbers."""

from __future__ import annotations

import functools
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any, ClassVar

from ..backend import ArrayApiBackend, silence
from ..libraries import Library

_SPECIAL = {"digamma": "psi", "lgamma": "gammaln"}


def _complex(real: Any, imag: Any) -> Any:
    import numpy as np

    made = np.empty(real.shape, np.result_type(real.dtype, np.complex64))
    made.real, made.imag = real, imag
    return made


def _polygamma(block: Any, n: int) -> Any:
    from scipy import special

    return special.polygamma(n, block).astype(block.dtype)


@functools.cache
def _quiet_threads() -> ThreadPoolExecutor:
    """Threads in which NumPy says nothing of division by zero and the like."""
    import numpy as np

    return ThreadPoolExecutor(initializer=functools.partial(np.seterr, all="ignore"))


class _Dask(Library):
    def kept(self, value: Any) -> Any:
        return value.copy()

    def broadcast_to(self, value: Any, shape: tuple[int, ...]) -> Any:
        from dask.array.core import normalize_chunks

        chunks = None
        if not value.shape and shape:  # in pieces, as any large array
            chunks = normalize_chunks("auto", shape, dtype=value.dtype)
        return self.namespace.broadcast_to(value, shape, chunks=chunks)

    def reshape(self, value: Any, shape: tuple[int, ...]) -> Any:
        try:
            return self.namespace.reshape(value, shape)
        except NotImplementedError:  # dims that are parted unevenly: by way of one dim
            return self.namespace.reshape(self.namespace.reshape(value, (-1,)), shape)

    def ndarray(self, value: Any) -> Any:
        """The numbers, by the user's scheduler; the threads of the default one are quiet."""
        import dask

        if dask.config.get("scheduler", None) is None and dask.config.get("pool", None) is None:
            with dask.config.set(pool=_quiet_threads()):
                return value.compute()
        return value.compute()

    def complex(self, real: Any, imag: Any, dtype: Any) -> Any:
        return self.namespace.map_blocks(_complex, real, imag, dtype=dtype)

    def special(self, kernel: str) -> Any:
        from scipy import special

        if kernel == "polygamma":
            return lambda value, n: value.map_blocks(_polygamma, n, dtype=value.dtype)
        function = getattr(special, _SPECIAL.get(kernel, kernel))
        return lambda value: value.map_blocks(function, dtype=value.dtype)

    def fourier(self, value: Any, axes: tuple[int, ...], norm: str, forward: bool) -> Any:
        whole = value.rechunk(dict.fromkeys(axes, -1))  # what dask asks of the axes
        return super().fourier(whole, axes, norm, forward)

    def take(self, value: Any, indices: Any, *, axis: int) -> Any:
        from dask.array import PerformanceWarning
        from numpy.exceptions import ComplexWarning

        with warnings.catch_warnings():
            # dask casts an empty complex array to integers on the way, and tells of the pieces
            # that an index in pieces makes: to a caller who chose neither.
            for category in (ComplexWarning, PerformanceWarning):
                warnings.simplefilter("ignore", category=category)
            return self.namespace.take(value, indices, axis=axis)

    def known(self, value: Any) -> Any:
        return value.compute_chunk_sizes()


class DaskBackend(ArrayApiBackend):
    """The contract on dask's arrays: forward and backward stay lazy until numbers are read."""

    name: ClassVar[str] = "dask"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "special"})
    kernel_context: ClassVar[Context] = Context()

    def library(self, device: Any) -> Library:
        from array_api_compat.dask import array

        if device not in (None, "cpu"):
            raise ValueError(f"no device {device!r}; there are: cpu")
        silence(self.kernel_context)
        return _Dask(array, device)
