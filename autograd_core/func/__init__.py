"""torch.func: functions made of functions. Transforms nest in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_imports import Families, on_demand
from ..vectorization import vmap
from . import custom_functions

if TYPE_CHECKING:
    from .forward import hessian, jacfwd, jvp
    from .functionalization import debug_unwrap, functionalize
    from .linearization import linearize
    from .modules import functional_call, stack_module_state
    from .reverse import grad, grad_and_value, jacrev, vjp
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        ("forward", "functionalization", "linearization", "modules", "reverse"),
        Families(
            __name__,
            {
                "forward": "hessian jacfwd jvp",
                "functionalization": "debug_unwrap functionalize",
                "linearization": "linearize",
                "modules": "functional_call stack_module_state",
                "reverse": "grad grad_and_value jacrev vjp",
            },
        ),
    )

__all__ = [
    "custom_functions",
    "debug_unwrap",
    "functional_call",
    "functionalize",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "stack_module_state",
    "vjp",
    "vmap",
]
