"""Fixtures: the backends over the Array API standard whose libraries are installed."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

import autograd_core

CLASSES = {
    "array-api-strict": ("array_api_strict", "autograd_array_api.strict", "StrictBackend"),
    "torch": ("torch", "autograd_array_api.torch", "TorchBackend"),
    "jax": ("jax", "autograd_array_api.jax", "JaxBackend"),
    "dask": ("dask.array", "autograd_array_api.dask", "DaskBackend"),
    "cupy": ("cupy", "autograd_array_api.cupy", "CupyBackend"),
    "pure-namespace": ("autograd_python.array_api", ".pure_namespace", "PureNamespaceBackend"),
}
_MADE: dict[str, Any] = {}


def _is_there(module: str) -> bool:
    with contextlib.suppress(ImportError):
        return importlib.util.find_spec(module) is not None
    return False


@pytest.fixture(params=CLASSES)
def backend(request: pytest.FixtureRequest) -> Any:
    """One backend of the adapter; skipped, with the reason, where its library is absent."""
    name = request.param
    library, module, kind = CLASSES[name]
    is_own = library.startswith("autograd_python")
    for needed in (library, "autograd_array_api" if is_own else "array_api_compat"):
        if not _is_there(needed):
            pytest.skip(f"backend {name!r} needs {needed}, which is not installed")
    if name not in _MADE:
        _MADE[name] = getattr(importlib.import_module(module, __package__), kind)()
    return _MADE[name]


@pytest.fixture
def engine(backend: Any) -> Iterator[Any]:
    """``autograd_core`` on such a backend."""
    with autograd_core.use_backend(backend):
        yield autograd_core
