"""Torch's autograd semantics without torch: the public names."""

from __future__ import annotations

from . import autograd, linalg, nn, return_types, special
from .backend_registry import (
    BackendError,
    available_backends,
    get_backend,
    register_backend,
    set_default_backend,
    use_backend,
)
from .config import ConfigError
from .dtypes import BY_NAME as _DTYPES
from .engine.modes import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from .namespaces import NAMESPACES as _NAMESPACES
from .sizes import Size
from .tensor import Tensor, device, layout, memory_format, strided

globals().update(_DTYPES)
globals().update(_NAMESPACES[""])
