"""What a sample call of an op is: the call, its differentiable inputs, and what torch refuses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

Call = Callable[..., Any]


def _spread(k: int, step: float, position: int) -> float:
    """Return the k-th of the irregular numbers in [0, 1) of an input; those of others differ."""
    bend = 0.0437 * (position + 1)
    return ((k + 1) * step + (k + 1) ** 2 * bend + 0.37 * position + 0.211) % 1


class Refused(NamedTuple):
    """What a check must fail with, as a pattern of its error's text, and why that is so."""

    text: str
    why: str


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
        numbers: list[Any] = [self.low + width * _spread(k, 0.6180339887, position) for k in count]
        if dtype.is_complex:
            imaginary = [1.8 * _spread(k, 0.7548776662, position) - 0.9 for k in count]
            numbers = list(map(complex, numbers, imaginary))
        return torch.tensor(numbers, dtype=dtype).reshape(self.shape).clone().requires_grad_()


class Row(NamedTuple):
    """A sample call ``call(torch, *leaves)``.

    ``complex`` is whether it takes complex leaves; a call that does not must raise. The others say
    which checks torch itself fails: of backward, of backward through backward (``second``), of
    forward mode, of forward mode through backward. Of the kinds of checks in ``complex_batches``
    only the part fails that takes complex gradients in batches.
    """

    name: str
    call: Call
    leaves: tuple[Leaf, ...]
    complex: bool = True
    backward: Refused | None = None
    second: Refused | None = None
    forward: Refused | None = None
    forward_over_backward: Refused | None = None
    complex_batches: Mapping[str, Refused] = MappingProxyType({})

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


NO_FORWARD = Refused("Trying to use forward AD with", "no forward mode in torch")
NO_DERIVATIVE = Refused("derivative for .* is not implemented", "no derivative in torch")
NOT_NUMERICAL = "what torch defines as the gradient is not the derivative: "


def without_forward() -> dict[str, Refused]:
    """The checks that fail of an op without a forward mode."""
    return {"forward": NO_FORWARD, "forward_over_backward": NO_FORWARD}


def without_derivative() -> dict[str, Refused]:
    """The checks that fail of an op without any derivative."""
    return {
        "backward": NO_DERIVATIVE,
        "second": NO_DERIVATIVE,
        "forward": Refused("Trying to use forward AD", NO_FORWARD.why),
        "forward_over_backward": NO_DERIVATIVE,
    }


def mismatch(why: str) -> Refused:
    """A gradient or tangent that is not the derivative, in torch as here."""
    return Refused("Jacobian .*mismatch", NOT_NUMERICAL + why)
