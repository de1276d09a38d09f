"""What runs in this thread: the innermost backward, its node, and how deeply it is nested."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .graph_task import GraphTask
    from .node import Node


class _Running(threading.local):
    """The innermost run in which the user's code can be called, None outside."""

    task: GraphTask | None = None
    node: Node | None = None
    depth: int = 0
    checkpoint_valid: bool = True


running = _Running()
