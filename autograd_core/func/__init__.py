"""torch.func: functions made of functions. Transforms nest in any order."""

from __future__ import annotations

from ..vectorization import vmap
from .forward import hessian, jacfwd, jvp
from .reverse import grad, grad_and_value, jacrev, vjp

__all__ = ["grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "vjp", "vmap"]
