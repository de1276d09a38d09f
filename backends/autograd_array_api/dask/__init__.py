"""The backend over dask.array: chunked arrays of any size, computed when their numbers are asked for."""

from __future__ import annotations

from contextvars import Context
from typing import Any, ClassVar

from ..backend import ArrayApiBackend, quiet
from ..libraries import Library


_SPECIAL = {"digamma": "psi", "lgamma": "gammaln"}


def _polygamma(block: Any, n: int) -> Any:
    from scipy import special

    return special.polygamma(n, block).astype(block.dtype)


class _Dask(Library):
    def elements(self, value: Any) -> list[Any]:
        return value.compute().tolist()  # type: ignore[no-any-return]

    def special(self, kernel: str) -> Any:
        from scipy import special

        if kernel == "polygamma":
            return lambda value, n: value.map_blocks(_polygamma, n, dtype=value.dtype)
        function = getattr(special, _SPECIAL.get(kernel, kernel))
        return lambda value: value.map_blocks(function, dtype=value.dtype)

    def known(self, value: Any) -> Any:
        return value.compute_chunk_sizes()


class DaskBackend(ArrayApiBackend):
    """The contract on dask's arrays: forward and backward stay lazy until numbers are read."""

    name: ClassVar[str] = "dask"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "special"})
    kernel_context: ClassVar[Context] = Context()

    def library(self, device: Any) -> Library:
        from array_api_compat.dask import array

        type(self).kernel_context = quiet()
        return _Dask(array, device)
