"""torch.masked: the functions that the namespaces publish under it."""

from .namespaces import NAMESPACES

globals().update(NAMESPACES.get("masked", {}))
