"""torch.linalg: the functions that the namespaces publish under it, and what they raise."""

from .linalg_errors import LinAlgError as LinAlgError
from .namespaces import NAMESPACES

globals().update(NAMESPACES.get("linalg", {}))
