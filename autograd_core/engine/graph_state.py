"""What runs in this thread: the innermost backward, its node, and how deeply it is nested."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ..tensor import Tensor
from ..versions import inference
from .modes import modes
from .tracing import tracing

if TYPE_CHECKING:
    from .graph_task import GraphTask
    from .node import Node


class _Running(threading.local):
    """The innermost run in which the user's code can be called, None outside."""

    task: GraphTask | None = None
    node: Node | None = None
    depth: int = 0

    @property
    def checkpoint_valid(self) -> bool:
        """Whether no run that is restricted to ``inputs=`` is running a node."""
        task = self.task
        while task is not None:
            if task.is_calling and task.paths is not None:
                return False
            task = task.outer
        return True


running = _Running()

carried: list[threading.local] = [modes, inference, tracing]
"""The state of a thread that holds for the runs it starts in other threads, too."""


def is_tensor(node: Node, value: Any) -> bool:
    """Whether a gradient on its way to or from a node is a Tensor, and no array of its backend.

    The arrays of a level of transforms are Tensors of the level below.
    """
    if not isinstance(value, Tensor):
        return False
    number = node._backend.level_number
    return not number or value._backend.level_number >= number
