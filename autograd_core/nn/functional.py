"""torch.nn.functional: the functions that the namespaces publish under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..lazy_imports import on_demand as _on_demand
from ..namespaces import FAMILIES as _FAMILIES
from .linear_cross_entropy import linear_cross_entropy as linear_cross_entropy

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """The functions of the namespaces."""

else:
    __getattr__, __dir__ = _on_demand(__name__, (), _FAMILIES["nn.functional"])
