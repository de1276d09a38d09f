"""torch.func: functions made of functions. Transforms nest in any order."""

from __future__ import annotations

from ..vectorization import vmap
from . import custom_functions
from .debugging import debug_unwrap
from .forward import hessian, jacfwd, jvp
from .functionalization import functionalize
from .linearization import linearize
from .modules import functional_call, stack_module_state
from .reverse import grad, grad_and_value, jacrev, vjp

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
