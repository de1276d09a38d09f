"""torch.nn: the functional ops."""

from . import functional

__all__ = ["functional"]
