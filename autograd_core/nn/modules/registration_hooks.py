"""Hooks on every registration of a buffer, module or parameter, whatever module it happens in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ...engine.hooks import RemovableHandle

Hooks = OrderedDict[int, Callable[..., Any]]

BUFFER_HOOKS: Hooks = OrderedDict()
MODULE_HOOKS: Hooks = OrderedDict()
PARAMETER_HOOKS: Hooks = OrderedDict()


def replaced(hooks: Hooks, module: Any, name: str, value: Any) -> Any:
    """Return what the hooks make of something that is being registered."""
    for hook in hooks.values():
        result = hook(module, name, value)
        if result is not None:
            value = result
    return value


def register_module_buffer_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, name, buffer)`` at each registration; a result replaces the buffer."""
    return RemovableHandle.add(BUFFER_HOOKS, hook)


def register_module_module_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, name, child)`` at each registration; a result replaces the child."""
    return RemovableHandle.add(MODULE_HOOKS, hook)


def register_module_parameter_registration_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, name, parameter)`` at each registration; a result replaces it."""
    return RemovableHandle.add(PARAMETER_HOOKS, hook)
