"""Calling a module: forward hooks before and after ``forward``, backward hooks around it.

Hooks of one module are on the module; hooks of all modules are here.
"""

from __future__ import annotations

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ...engine.hooks import RemovableHandle
from ...tensor import Tensor
from ...torch_names import class_text
from .backward_hooks import BackwardHook, warn_of_missing_gradients

Hook = Callable[..., Any]
Hooks = OrderedDict[int, Hook]


class _GlobalHooks:
    """The hooks of all modules of the process."""

    def __init__(self) -> None:
        self.forward_pre: Hooks = OrderedDict()
        self.forward: Hooks = OrderedDict()
        self.forward_with_kwargs: OrderedDict[int, bool] = OrderedDict()
        self.forward_always_called: OrderedDict[int, bool] = OrderedDict()
        self.backward_pre: Hooks = OrderedDict()
        self.backward: Hooks = OrderedDict()
        self.backward_is_full: bool | None = None


_global = _GlobalHooks()
_MIXED = (
    "Cannot use both regular backward hooks and full backward hooks {}. Please use only one of "
    "them."
)


class HookedCalls:
    """The part of Module that runs ``forward`` and the hooks around it."""

    forward: Callable[..., Any]
    _backward_pre_hooks: Hooks
    _backward_hooks: Hooks
    _is_full_backward_hook: bool | None
    _forward_hooks: Hooks
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_pre_hooks: Hooks
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]

    # Registration --------------------------------------------------------------------------------

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, args)`` before ``forward``; a result replaces the arguments.

        Args:
            prepend: run it before the module's other hooks.
            with_kwargs: call ``hook(module, args, kwargs)``; a result is a pair.
        """
        handle = _add(
            self._forward_pre_hooks, hook, prepend, extra=self._forward_pre_hooks_with_kwargs
        )
        if with_kwargs:
            self._forward_pre_hooks_with_kwargs[handle.id] = True
        return handle

    def register_forward_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after ``forward``; a result replaces the output.

        Args:
            prepend: run it before the module's other hooks.
            with_kwargs: call ``hook(module, args, kwargs, output)``.
            always_call: run it also when ``forward`` or another hook raised.
        """
        handle = _add(
            self._forward_hooks,
            hook,
            prepend,
            extra=[self._forward_hooks_with_kwargs, self._forward_hooks_always_called],
        )
        if with_kwargs:
            self._forward_hooks_with_kwargs[handle.id] = True
        if always_call:
            self._forward_hooks_always_called[handle.id] = True
        return handle

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` first; a result replaces the gradients."""
        return _add(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)``; a result replaces ``grad_input``.

        Raises:
            RuntimeError: the module has a backward hook of the older kind (torch's text).
        """
        if self._is_full_backward_hook is False:
            raise RuntimeError(_MIXED.format("on a single Module"))
        self._is_full_backward_hook = True
        return _add(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` of the last node of ``forward``.

        Raises:
            RuntimeError: the module has a full backward hook (torch's text).
        """
        if self._is_full_backward_hook is True:
            raise RuntimeError(_MIXED.format("on a single Module"))
        self._is_full_backward_hook = False
        return _add(self._backward_hooks, hook)

    def _get_backward_hooks(self) -> tuple[list[Hook], list[Hook]]:
        """Return the full backward hooks and those of the older kind."""
        kinds: dict[bool | None, list[Hook]] = {True: [], False: [], None: []}
        kinds[_global.backward_is_full] += _global.backward.values()
        kinds[self._is_full_backward_hook] += self._backward_hooks.values()
        return kinds[True], kinds[False]

    def _get_backward_pre_hooks(self) -> list[Hook]:
        return [*_global.backward_pre.values(), *self._backward_pre_hooks.values()]

    # Calling -------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not (
            self._forward_hooks
            or self._forward_pre_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or _global.forward
            or _global.forward_pre
            or _global.backward
            or _global.backward_pre
        ):
            return self.forward(*args, **kwargs)
        return _Call(self, args, kwargs).run()


class _Call:
    """One call of a module with hooks: its arguments and result as the hooks change them."""

    def __init__(self, module: HookedCalls, args: Any, kwargs: Any) -> None:
        self.module = module
        self.args = args
        self.kwargs = kwargs
        self.result: Any = None
        self.called: set[int] = set()

    def run(self) -> Any:
        """Run ``forward`` between the hooks; return the result."""
        try:
            return self._run()
        except Exception:
            self._run_always_called()
            raise

    def _run(self) -> Any:
        module = self.module
        full_hooks, other_hooks = module._get_backward_hooks()
        pre_hooks = module._get_backward_pre_hooks()
        self._run_pre_hooks()
        around = None
        if full_hooks or pre_hooks:
            around = BackwardHook(module, full_hooks, pre_hooks)
            self.args = around.setup_input_hook(self.args)
        self.result = module.forward(*self.args, **self.kwargs)
        always = (*_global.forward_always_called, *module._forward_hooks_always_called)
        for key, hook in (*_global.forward.items(), *module._forward_hooks.items()):
            if key in always:
                self.called.add(key)
            self._run_forward_hook(key, hook)
        if around is not None:
            if not isinstance(self.result, (Tensor, tuple)):
                warnings.warn(
                    "For backward hooks to be called, module output should be a Tensor or a tuple "
                    f"of Tensors but received {class_text(type(self.result))}",
                    stacklevel=5,
                )
            self.result = around.setup_output_hook(self.result)
        if other_hooks:
            self._put_on_last_node(other_hooks)
        return self.result

    def _run_pre_hooks(self) -> None:
        module = self.module
        for key, hook in (*_global.forward_pre.items(), *module._forward_pre_hooks.items()):
            if key in module._forward_pre_hooks_with_kwargs:
                changed = hook(module, self.args, self.kwargs)
                if changed is None:
                    continue
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise RuntimeError(
                        "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                        f"but got {changed}."
                    )
                self.args, self.kwargs = changed
            else:
                changed = hook(module, self.args)
                if changed is not None:
                    self.args = changed if isinstance(changed, tuple) else (changed,)

    def _run_forward_hook(self, key: int, hook: Hook) -> None:
        module = self.module
        if key in _global.forward_with_kwargs or key in module._forward_hooks_with_kwargs:
            changed = hook(module, self.args, self.kwargs, self.result)
        else:
            changed = hook(module, self.args, self.result)
        if changed is not None:
            self.result = changed

    def _run_always_called(self) -> None:
        """After an error, run the hooks that are always called; their own errors are warnings."""
        for kind, hooks, always in (
            ("global module", _global.forward, _global.forward_always_called),
            ("module", self.module._forward_hooks, self.module._forward_hooks_always_called),
        ):
            for key, hook in hooks.items():
                if key not in always or key in self.called:
                    continue
                try:
                    self._run_forward_hook(key, hook)
                except Exception as error:  # noqa: BLE001 - the first error is the one to raise
                    warnings.warn(
                        f"{kind} forward hook with ``always_call=True`` raised an exception that "
                        f"was silenced as another error was raised in forward: {error}",
                        stacklevel=4,
                    )

    def _put_on_last_node(self, hooks: list[Hook]) -> None:
        """Put backward hooks of the older kind on the node that made the (first) result."""
        first = self.result
        while not isinstance(first, Tensor):
            if isinstance(first, dict):
                first = next(value for value in first.values() if isinstance(value, Tensor))
            else:
                first = first[0]
        node = first.grad_fn
        if node is None:
            return
        for hook in hooks:
            node.register_hook(WrappedHook(hook, self.module))
        warn_of_missing_gradients(self.args, self.result, node)


class WrappedHook:
    """A hook that is called with the module first, which it refers to weakly."""

    def __init__(self, hook: Hook, module: Any = None) -> None:
        self.hook = hook
        self.module = None if module is None else weakref.ref(module)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.module is None:
            return self.hook(*args, **kwargs)
        module = self.module()
        if module is None:
            raise RuntimeError("You are trying to call the hook of a dead Module!")
        return self.hook(module, *args, **kwargs)

    def __getstate__(self) -> tuple[Hook, bool, Any]:
        with_module = self.module is not None
        return self.hook, with_module, self.module() if self.module is not None else None

    def __setstate__(self, state: tuple[Hook, bool, Any]) -> None:
        self.hook, with_module, module = state
        if with_module and module is None:
            raise RuntimeError("You are trying to revive the hook of a dead Module!")
        self.module = weakref.ref(module) if with_module else None


# Hooks of all modules -----------------------------------------------------------------------------


def _add(
    hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool = False, extra: Any = None
) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=extra)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, args)`` before ``forward`` of every module."""
    return _add(_global.forward_pre, hook)


def register_module_forward_hook(
    hook: Hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, args, output)`` after ``forward`` of every module."""
    handle = _add(_global.forward, hook, extra=_global.forward_always_called)
    if with_kwargs:
        _global.forward_with_kwargs[handle.id] = True
    if always_call:
        _global.forward_always_called[handle.id] = True
    return handle


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` in the backward of every module."""
    return _add(_global.backward_pre, hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` in the backward of every module."""
    if _global.backward_is_full is False:
        raise RuntimeError(_MIXED.format("as a global Module hook"))
    _global.backward_is_full = True
    return _add(_global.backward, hook)


def register_module_backward_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` of the last node of every module."""
    if _global.backward_is_full is True:
        raise RuntimeError(_MIXED.format("as a global Module hook"))
    _global.backward_is_full = False
    return _add(_global.backward, hook)
