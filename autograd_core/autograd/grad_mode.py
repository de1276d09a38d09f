"""torch.autograd.grad_mode: the contexts that set what is recorded, and two that set less."""

from __future__ import annotations

from typing import Any

from ..engine.modes import (
    _DecoratorContext,
    enable_grad,
    inference_mode,
    modes,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)
from ..tensor import Tensor
from ..versions import own_counter

__all__ = [
    "enable_grad",
    "enforce_grad_layout_policy",
    "inference_mode",
    "no_grad",
    "set_grad_enabled",
    "set_multithreading_enabled",
]


class enforce_grad_layout_policy(_DecoratorContext):  # noqa: N801 - torch's name
    """Sets at once whether a new ``.grad`` must be laid out as its leaf; also a decorator."""

    def __init__(self, enable: bool = True) -> None:
        self.prev = modes.grad_layout_enforced
        modes.grad_layout_enforced = enable
        self.mode = enable

    def __call__(self, orig_func: Any) -> Any:
        modes.grad_layout_enforced = self.prev
        return super().__call__(orig_func)

    def __enter__(self) -> None:
        """Nothing is left to do."""

    def __exit__(self, *_: object) -> None:
        modes.grad_layout_enforced = self.prev

    def clone(self) -> enforce_grad_layout_policy:
        """Return a new context that does the same, which it does at once."""
        return type(self)(self.mode)


class _unsafe_preserve_version_counter(_DecoratorContext):  # noqa: N801 - torch's name
    """Sets the versions of tensors back on exit, so that writes inside are not seen."""

    def __init__(self, tensors: Tensor | tuple[Tensor, ...]) -> None:
        self.tensors = (tensors,) if isinstance(tensors, Tensor) else tensors
        if not isinstance(self.tensors, tuple):
            raise AssertionError("Expected tensors to be a tuple")
        self.prev_versions = tuple(tensor._version for tensor in self.tensors)

    def __enter__(self) -> None:
        """Nothing is left to do."""

    def __exit__(self, *_: object) -> None:
        for tensor, version in zip(self.tensors, self.prev_versions, strict=True):
            counter: Any = own_counter(tensor)
            counter[0] = version
