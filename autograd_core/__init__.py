"""Torch's autograd semantics without torch: the public names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import autograd, return_types
from . import ops as _ops
from .backend_registry import (
    BackendError,
    available_backends,
    get_backend,
    register_backend,
    set_default_backend,
    use_backend,
)
from .config import ConfigError
from .derivatives.overloads import aten as _aten
from .dtypes import ALIASES as _ALIASES
from .dtypes import BY_NAME as _DTYPES
from .engine.anomaly import (
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    set_anomaly_enabled,
)
from .engine.modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .lazy_imports import Families as _Families
from .lazy_imports import on_demand as _on_demand
from .namespaces import FAMILIES as _FAMILIES
from .namespaces import NAMESPACES as _NAMESPACES
from .number_limits import finfo, iinfo
from .sizes import Size
from .tensor import (
    Tensor,
    channels_last,
    channels_last_3d,
    contiguous_format,
    device,
    layout,
    memory_format,
    preserve_format,
    strided,
)
from .warn_once import is_warn_always_enabled, set_warn_always

if TYPE_CHECKING:
    from . import fft, func, linalg, masked, nn, optim, random, serialization, special, utils
    from .compilation import compile
    from .func import vmap
    from .printing import set_printoptions
    from .serialization import load, save

    def __getattr__(name: str) -> Any:
        """The functions of the namespaces; the dtypes are put in below."""

else:
    __getattr__, __dir__ = _on_demand(
        __name__,
        (
            *("fft", "func", "linalg", "masked", "nn", "optim", "printing", "random"),
            *("serialization", "special", "utils"),
        ),
        _Families(
            __name__,
            {
                "compilation": "compile",
                "printing": "set_printoptions",
                "serialization.files": "load save",
                "vectorization": "vmap",
            },
        ),
        _FAMILIES[""],
    )

globals().update(_DTYPES)
globals().update(_ALIASES)
_aten._register(_NAMESPACES["ops.aten"])
setattr(_ops, "aten", _aten)  # noqa: B010
