"""torch.linalg: the functions that the namespaces publish under it, and what they raise."""

from .lazy_imports import on_demand as _on_demand
from .linalg_errors import LinAlgError as LinAlgError
from .namespaces import FAMILIES as _FAMILIES

__getattr__, __dir__ = _on_demand(__name__, (), _FAMILIES["linalg"])
