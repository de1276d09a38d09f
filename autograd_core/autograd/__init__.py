"""torch.autograd, under torch's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..engine.modes import (
    enable_grad,
    inference_mode,
    is_multithreading_enabled,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)
from ..lazy_imports import Families, on_demand
from .variable import Variable

if TYPE_CHECKING:
    from . import (
        anomaly_mode,
        display,
        forward_ad,
        function,
        functional,
        grad_mode,
        graph,
        tensor_state,
    )
    from .anomaly_mode import detect_anomaly, set_detect_anomaly
    from .differentiation import backward, grad
    from .function import Function, NestedIOFunction
    from .grad_mode import _unsafe_preserve_version_counter, enforce_grad_layout_policy
    from .gradcheck import gradcheck, gradgradcheck
else:
    from . import gradcheck  # a module, which later would take the function's place

    __getattr__, __dir__ = on_demand(
        __name__,
        (
            *("anomaly_mode", "display", "forward_ad", "function", "functional", "grad_mode"),
            *("graph", "tensor_state"),
        ),
        Families(
            __name__,
            {
                "anomaly_mode": "detect_anomaly set_detect_anomaly",
                "differentiation": "backward grad",
                "function": "Function NestedIOFunction",
                "grad_mode": "_unsafe_preserve_version_counter enforce_grad_layout_policy",
                "gradcheck.checking": "gradcheck gradgradcheck",
            },
        ),
    )

__all__ = [
    "Function",
    "NestedIOFunction",
    "Variable",
    "_unsafe_preserve_version_counter",
    "anomaly_mode",
    "backward",
    "detect_anomaly",
    "display",
    "enable_grad",
    "enforce_grad_layout_policy",
    "forward_ad",
    "function",
    "functional",
    "grad",
    "grad_mode",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_multithreading_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
    "tensor_state",
    "variable",
]


def variable(*args: Any, **kwargs: Any) -> NoReturn:
    """Refuse: the name that torch keeps to say what replaced it."""
    raise RuntimeError("torch.autograd.variable(...) is deprecated, use torch.tensor(...) instead")


setattr(variable, "Variable", Variable)  # noqa: B010 - the module of this name has it
