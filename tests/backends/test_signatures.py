"""Every installed backend has the contract's functions, under the contract's argument names."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from autograd_core.backend import REQUIRED, Backend, missing_functions

CLASSES = {"autograd_numpy": "NumpyBackend", "autograd_python": "PythonBackend"}


def installed() -> dict[str, type[Backend]]:
    """The backend classes of this project that can be imported here."""
    found = {}
    for module, name in CLASSES.items():
        try:
            found[module] = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue  # its array library, or the backend itself, is not here
    return found


INSTALLED = installed()
FUNCTIONS = sorted(
    name
    for name in dir(Backend)
    if not name.startswith("_") and inspect.isfunction(getattr(Backend, name))
)


def contract_of(name: str) -> inspect.Signature:
    return inspect.signature(getattr(Backend, name))


def arguments(signature: inspect.Signature) -> list[tuple[str, Any, Any]]:
    return [
        (parameter.name, parameter.kind, parameter.default)
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]


def test_some_backend_is_installed() -> None:
    assert INSTALLED


@pytest.mark.parametrize("module", INSTALLED)
def test_no_required_function_is_missing(module: str) -> None:
    assert len(REQUIRED) > 100
    assert missing_functions(INSTALLED[module]()) == []


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("module", INSTALLED)
def test_arguments_are_the_contract_s(module: str, name: str) -> None:
    function = getattr(INSTALLED[module], name)
    expected = arguments(contract_of(name))
    if inspect.isfunction(function):
        assert arguments(inspect.signature(function)) == expected
    elif inspect.isbuiltin(function):  # an operator: its operands have names of their own
        assert len(inspect.signature(function).parameters) == len(expected)
    else:  # a ufunc of NumPy: its operands have no names
        assert function.nin == len(expected)
        assert function.nout == 1
