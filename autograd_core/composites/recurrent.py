"""What torch composes of linear maps to run recurrent cells along sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .. import ops
from ..engine.views import seen_whole
from ..tensor import Tensor
from .matmul import linear


class Weights(NamedTuple):
    """The parameters of a cell; biases and the projection of the state may be None."""

    weight_ih: Any
    weight_hh: Any
    bias_ih: Any = None
    bias_hh: Any = None
    weight_hr: Any = None

    def of_input(self, input: Tensor) -> Any:
        """Return what the input adds to the gates."""
        return linear(input, self.weight_ih, self.bias_ih)

    def of_state(self, state: Tensor) -> Any:
        """Return what the state adds to the gates."""
        return linear(state, self.weight_hh, self.bias_hh)


Cell = Callable[[Any, Any, Weights], Any]
"""From what the input adds to the gates, and the state, to the next state."""


def tanh_cell(gates: Any, state: Any, weights: Weights) -> Tensor:
    """Return tanh of the sum."""
    return ops.tanh(ops.add(weights.of_state(state), gates))


def relu_cell(gates: Any, state: Any, weights: Weights) -> Tensor:
    """Return the sum, 0 where it is negative."""
    return ops.relu(ops.add(weights.of_state(state), gates))


@seen_whole
def lstm_cell(gates: Any, state: Any, weights: Weights) -> tuple[Tensor, Tensor]:
    """Return the next state and the next content of the memory."""
    hidden, memory = state
    total: Any = ops.add(weights.of_state(hidden), gates)
    enters, stays, content, leaves = total.unsafe_chunk(4, 1)
    enters, stays = ops.sigmoid(enters), ops.sigmoid(stays)
    content, leaves = ops.tanh(content), ops.sigmoid(leaves)
    memory = ops.add.inplace(ops.mul(stays, memory), ops.mul(enters, content))
    hidden = ops.mul(leaves, ops.tanh(memory))
    if weights.weight_hr is not None:
        hidden = hidden.matmul(weights.weight_hr.t())
    return hidden, memory


@seen_whole
def gru_cell(gates: Any, state: Any, weights: Weights) -> Tensor:
    """Return the state, mixed with a new one by two gates."""
    resets, stays, content = gates.unsafe_chunk(3, 1)
    own_resets, own_stays, own_content = weights.of_state(state).unsafe_chunk(3, 1)
    resets = ops.sigmoid(ops.add(own_resets, resets))
    stays = ops.sigmoid(ops.add(own_stays, stays))
    content = ops.tanh(ops.add(content, ops.mul(own_content, resets)))
    mixed = ops.mul.inplace(ops.sub(state, content), stays)
    return ops.add.inplace(mixed, content)


def _along(
    cell: Cell, input: Tensor, state: Any, weights: Weights, backwards: bool
) -> tuple[Tensor, Any]:
    """Run a cell along the steps of a sequence; return the states' stack and the last state."""
    steps = weights.of_input(input).unbind(0)
    outputs = []
    for gates in reversed(steps) if backwards else steps:
        state = cell(gates, state, weights)
        outputs.append(state[0] if isinstance(state, tuple) else state)
    if not outputs:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    return ops.stack(outputs[::-1] if backwards else outputs, 0), state


def _part(state: Any, start: int, end: int) -> Any:
    """Return the states of some sequences."""
    if isinstance(state, tuple):
        return tuple(_part(member, start, end) for member in state)
    return state.narrow(0, start, end - start)


def _joined(states: Sequence[Any]) -> Any:
    """Return the states of all sequences, of groups of them."""
    if isinstance(states[0], tuple):
        return tuple(_joined(members) for members in zip(*states, strict=True))
    return ops.cat(list(states), 0)


def _along_packed(
    cell: Cell, input: Tensor, state: Any, weights: Weights, backwards: bool, sizes: Sequence[int]
) -> tuple[Tensor, Any]:
    """``_along`` packed sequences, of which each step has so many; they end, or begin, in turn."""
    rows: Any = weights.of_input(input)
    outputs, ended = [], []
    first, hidden = state, _part(state, 0, sizes[-1]) if backwards else state
    count = sizes[-1 if backwards else 0]
    start = rows.shape[0] if backwards else 0
    for size in reversed(sizes) if backwards else sizes:
        if size < count:
            ended.append(_part(hidden, size, count))
            hidden = _part(hidden, 0, size)
        elif size > count:
            hidden = _joined([hidden, _part(first, count, size)])
        count = size
        start -= size if backwards else 0
        hidden = cell(rows.narrow(0, start, size), hidden, weights)
        start += 0 if backwards else size
        outputs.append(hidden[0] if isinstance(hidden, tuple) else hidden)
    last = hidden if backwards else _joined([hidden, *reversed(ended)])
    return ops.cat(outputs[::-1] if backwards else outputs, 0), last


def run_layers(
    cell: Cell,
    input: Tensor,
    states: Sequence[Any],
    weights: Sequence[Weights],
    bidirectional: bool,
    between: Callable[[Tensor], Tensor],
    sizes: Sequence[int] | None = None,
) -> tuple[Tensor, list[Any]]:
    """Run layers of a cell, each along the states of the one before.

    Args:
        cell: the cell.
        input: (T, N, E), or packed (total, E).
        states: the first state of every layer and direction.
        weights: likewise.
        bidirectional: each layer runs in both directions, and joins the states.
        between: what is done to the states between layers: dropout.
        sizes: how many packed sequences have each step.

    Returns:
        The states (T, N, ...) of the last layer, and the last state of every layer and direction.
    """
    directions = 1 + bidirectional
    last: list[Any] = []
    for first in range(0, len(weights), directions):
        if first:
            input = between(input)
        runs = [
            (cell, input, states[k], weights[k], k > first)
            for k in range(first, first + directions)
        ]
        made = [_along_packed(*run, sizes) if sizes else _along(*run) for run in runs]
        last += [state for _, state in made]
        outputs = [output for output, _ in made]
        input = outputs[0] if directions == 1 else ops.cat(outputs, outputs[0].ndim - 1)
    return input, last
