"""What a sample call of an op is: the call, its differentiable inputs, and what torch refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

Call = Callable[..., Any]


def _spread(k: int, step: float, start: float) -> float:
    """Return the k-th of a row of numbers in [0, 1) that keep away from each other."""
    return ((k + 1) * step + start) % 1


class Leaf(NamedTuple):
    """A differentiable input: its shape, the interval its numbers are of, whether it stays real."""

    shape: tuple[int, ...]
    low: float
    high: float
    real: bool

    def make(self, torch: Any, dtype: Any, position: int) -> Any:
        """Return the leaf in a module's tensors; ``position`` makes the inputs of a row differ.

        A complex one has imaginary parts of [-0.9, 0.9).
        """
        if self.real:
            dtype = torch.float64
        width = self.high - self.low
        count = range(math.prod(self.shape))
        numbers: list[Any] = [
            self.low + width * _spread(k, 0.6180339887, 0.211 + 0.37 * position) for k in count
        ]
        if dtype.is_complex:
            imaginary = [1.8 * _spread(k, 0.7548776662, 0.41 * position) - 0.9 for k in count]
            numbers = list(map(complex, numbers, imaginary))
        return torch.tensor(numbers, dtype=dtype).reshape(self.shape).clone().requires_grad_()


class Row(NamedTuple):
    """A sample call ``call(torch, *leaves)``.

    ``complex`` is whether it takes complex leaves. The other three are None where torch can do it,
    and else what its error says: of ``backward``, of a backward through the backward
    (``second``), of ``forward`` mode. ``forward_over_backward`` likewise, where it differs from
    the latter two.
    """

    name: str
    call: Call
    leaves: tuple[Leaf, ...]
    complex: bool = True
    backward: str | None = None
    second: str | None = None
    forward: str | None = None
    forward_over_backward: str | None = None

    def inputs(self, torch: Any, dtype: Any) -> tuple[Any, ...]:
        """Return the leaves in a module's tensors."""
        return tuple(leaf.make(torch, dtype, k) for k, leaf in enumerate(self.leaves))

    def function(self, torch: Any) -> Call:
        """Return the call as a function of the leaves."""
        return lambda *leaves: self.call(torch, *leaves)


def leaf(*shape: int, low: float = -2.0, high: float = 2.0, real: bool = False) -> Leaf:
    """Return an input of numbers in [low, high)."""
    return Leaf(shape, low, high, real)


def positive(*shape: int, real: bool = False) -> Leaf:
    """Return an input of numbers in [0.3, 2)."""
    return Leaf(shape, 0.3, 2.0, real)


def inside(*shape: int) -> Leaf:
    """Return an input of numbers in [-0.9, 0.9)."""
    return Leaf(shape, -0.9, 0.9, False)


def row(name: str, call: Call, *leaves: Leaf, **refused: Any) -> Row:
    """Return a sample call for real and complex numbers."""
    return Row(name, call, leaves, **refused)


def real_row(name: str, call: Call, *leaves: Leaf, **refused: Any) -> Row:
    """Return a sample call that torch refuses for complex numbers."""
    return Row(name, call, leaves, complex=False, **refused)
