"""torch.nn.functional: the functions that the namespaces publish under it."""

from ..namespaces import NAMESPACES

globals().update(NAMESPACES.get("nn.functional", {}))
