"""torch.fft: the functions that the namespaces publish under it."""

from .lazy_imports import on_demand
from .namespaces import FAMILIES

__getattr__, __dir__ = on_demand(__name__, (), FAMILIES["fft"])
