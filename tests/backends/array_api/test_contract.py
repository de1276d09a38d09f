"""The adapter keeps the contract, and says what a library cannot do."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

from autograd_core import dtypes
from autograd_core.backend import Backend, missing_functions
from autograd_core.backend_registry import BackendError, register_backend, unregister_backend

pytest.importorskip("autograd_array_api")
KERNELS = sorted(
    name
    for name in dir(Backend)
    if not name.startswith("_") and inspect.isfunction(getattr(Backend, name))
)


def test_nothing_required_is_missing(backend):
    assert missing_functions(backend) == []


def test_arguments_are_the_contract_s(backend):
    for name in KERNELS:
        expected = inspect.signature(getattr(Backend, name)).parameters.values()
        found = inspect.signature(getattr(type(backend), name)).parameters.values()
        assert [(p.name, p.default) for p in found] == [(p.name, p.default) for p in expected], name


def test_families_do_not_hide_each_other_s_functions():
    from autograd_array_api import ArrayApiBackend

    contract = {name for kind in Backend.__mro__ for name in vars(kind)}
    kinds = [k for k in ArrayApiBackend.__mro__ if k.__module__.startswith("autograd_array_api")]
    own = [name for kind in kinds for name in vars(kind) if name[0] == "_" and name[1] != "_"]
    assert not contract.intersection(own)


def test_a_dtype_that_the_library_lacks_is_refused_by_name(backend):
    if dtypes.float16 in backend.natives:
        assert backend.full((2,), 1.5, dtypes.float16).dtype is dtypes.float16
        return
    with pytest.raises(NotImplementedError, match=rf"'{backend.name}'.*torch\.float16"):
        backend.full((2,), 1.5, dtypes.float16)


@pytest.mark.parametrize(
    "capability, kernel", [("special", "erf"), ("fft", "dft"), ("linalg", "cholesky_ex")]
)
def test_what_is_not_declared_is_refused_by_name(engine, backend, capability, kernel):
    calls = {
        "erf": lambda: engine.ones(2).erf(),
        "dft": lambda: engine.fft.fft(engine.ones(2)),
        "cholesky_ex": lambda: engine.linalg.cholesky(engine.ones(1, 1)),
    }
    has_it = capability == "special" and backend.xp.special(kernel) is not None
    if capability in backend.capabilities or has_it:
        calls[kernel]()
        return
    text = f"backend {backend.name!r} has no kernel {kernel!r}.*{capability!r}"
    with pytest.raises(NotImplementedError, match=text):
        calls[kernel]()


@pytest.mark.parametrize("name", ["strict", "torch", "jax", "dask", "cupy"])
def test_a_library_is_imported_when_its_backend_is_made(name):
    libraries = ["array_api_strict", "torch", "jax", "dask", "cupy", "numpy", "array_api_compat"]
    program = (
        "import sys\n"
        f"import autograd_array_api.{name}\n"
        f"print([m for m in {libraries} if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_an_absent_library_is_told_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    from autograd_array_api.jax import JaxBackend

    register_backend("jax", JaxBackend)
    try:
        with pytest.raises(BackendError, match="jax"):
            importlib.import_module("autograd_core").get_backend("jax")
    finally:
        unregister_backend("jax")
