"""torch.utils: activation checkpointing, handles of hooks."""

from . import checkpoint, hooks

__all__ = ["checkpoint", "hooks"]
