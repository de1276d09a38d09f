"""What stands for a tensor in a call: its shape and what numbers it holds."""

from __future__ import annotations

import random
from typing import Any, NamedTuple


class Numbers(NamedTuple):
    """A tensor argument: its shape and what numbers it holds."""

    kind: str
    shape: tuple[int, ...]
    low: float = 0.1
    high: float = 0.9

    def drawn(self, source: random.Random, shape: tuple[int, ...]) -> Any:
        """Return nested lists of numbers of the kind."""
        if shape:
            return [self.drawn(source, shape[1:]) for _ in range(shape[0])]
        if self.kind == "float":
            return source.uniform(self.low, self.high)
        if self.kind == "complex":
            return complex(source.uniform(self.low, self.high), source.uniform(self.low, self.high))
        if self.kind == "bool":
            return source.random() < 0.5
        return source.randrange(int(self.low), int(self.high))


def x(*shape: int, low: float = 0.1, high: float = 0.9) -> Numbers:
    """Floats."""
    return Numbers("float", shape, low, high)


def i(high: int, *shape: int, low: int = 0) -> Numbers:
    """Integers below ``high``."""
    return Numbers("int", shape, low, high)


def b(*shape: int) -> Numbers:
    """Bools."""
    return Numbers("bool", shape)


def z(*shape: int) -> Numbers:
    """Complex numbers."""
    return Numbers("complex", shape)
