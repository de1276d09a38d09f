"""torch.fft: the functions that the namespaces publish under it."""

from .lazy_imports import on_demand as _on_demand
from .namespaces import FAMILIES as _FAMILIES

__getattr__, __dir__ = _on_demand(__name__, (), _FAMILIES["fft"])
