"""torch.nn.functional: the functions that the namespaces publish under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..namespaces import NAMESPACES

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """The functions are put in below."""


globals().update(NAMESPACES.get("nn.functional", {}))
