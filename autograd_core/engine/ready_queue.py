"""The queue of nodes that can run, newest first; nodes of one age come in torch's order.

All leaves share one sequence number, so their order is that of the binary heap that torch keeps
nodes in. It can be seen by hooks, so the heap here moves its items as libstdc++ does.
"""

from __future__ import annotations

from .node import Node


class ReadyQueue:
    """A heap of nodes by sequence number."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Node] = []

    def __bool__(self) -> bool:
        return bool(self.items)

    def push(self, node: Node) -> None:
        """Add a node."""
        self.items.append(node)
        if len(self.items) > 1:
            self._sift_up(len(self.items) - 1, node)

    def pop(self) -> Node:
        """Take the newest node out."""
        items = self.items
        last = items.pop()
        if not items:
            return last
        first = items[0]
        length = len(items)
        hole = child = 0
        while child < (length - 1) // 2:
            child = 2 * (child + 1)
            if items[child].sequence_nr < items[child - 1].sequence_nr:
                child -= 1
            items[hole] = items[child]
            hole = child
        if length % 2 == 0 and child == (length - 2) // 2:
            child = 2 * (child + 1)
            items[hole] = items[child - 1]
            hole = child - 1
        self._sift_up(hole, last)
        return first

    def _sift_up(self, hole: int, node: Node) -> None:
        items = self.items
        parent = (hole - 1) // 2
        while hole > 0 and items[parent].sequence_nr < node.sequence_nr:
            items[hole] = items[parent]
            hole = parent
            parent = (hole - 1) // 2
        items[hole] = node
