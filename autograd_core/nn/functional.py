"""torch.nn.functional: the functions that the namespaces publish under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..namespaces import NAMESPACES
from .linear_cross_entropy import linear_cross_entropy as linear_cross_entropy

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """The functions are put in below."""


globals().update(NAMESPACES.get("nn.functional", {}))
