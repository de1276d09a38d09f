"""torch's recurrent cells and layers of them, along sequences of one length or packed ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import ops
from ..composites import recurrent as composites
from ..tensor import Tensor
from .dropout import dropped_out
from .registration import function


def _check_cell(
    input: Tensor, states: Sequence[Tensor], weight_ih: Tensor, weight_hh: Tensor
) -> None:
    """Refuse sizes of one step that do not fit together (torch's texts)."""
    own, wanted = input.size(1), weight_ih.size(1)
    if own != wanted:
        raise RuntimeError(f"input has inconsistent input_size: got {own} expected {wanted}")
    length = weight_hh.size(1)
    for place, state in enumerate(states):
        if input.size(0) != state.size(0):
            raise RuntimeError(
                f"Input batch size {input.size(0)} doesn't match hidden{place} batch size "
                f"{state.size(0)}"
            )
        if state.size(1) != length:
            raise RuntimeError(
                f"hidden{place} has inconsistent hidden_size: got {state.size(1)}, expected "
                f"{length}"
            )


def _single(name: str, cell: composites.Cell) -> None:
    def run(
        input: Tensor,
        hx: Any,
        w_ih: Tensor,
        w_hh: Tensor,
        b_ih: Tensor | None = None,
        b_hh: Tensor | None = None,
    ) -> Any:
        weights = composites.Weights(w_ih, w_hh, b_ih, b_hh)
        state = tuple(hx) if isinstance(hx, (tuple, list)) else hx
        states = state if isinstance(state, tuple) else (state,)
        if cell is composites.lstm_cell and len(states) != 2:
            raise RuntimeError("lstm_cell expects two hidden states")
        _check_cell(input, states, w_ih, w_hh)
        return cell(weights.of_input(input), state, weights)

    run.__name__ = run.__qualname__ = name
    run.__doc__ = f"One step of {name}: input (N, E), state (N, H)."
    function(run)


def _weights(params: Sequence[Tensor], biases: bool, projects: bool) -> list[composites.Weights]:
    count = 2 + 2 * biases + projects
    groups = [list(params[i : i + count]) for i in range(0, len(params), count)]
    if biases:
        return [composites.Weights(*group) for group in groups]
    return [composites.Weights(w, u, None, None, *rest) for w, u, *rest in groups]


def _layers(
    cell: composites.Cell,
    input: Tensor,
    states: Sequence[Any],
    weights: Sequence[composites.Weights],
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
    batch_sizes: Tensor | None = None,
) -> tuple[Any, list[Any]]:
    if batch_first:
        input = ops.transpose(input, 0, 1)

    def between(states: Tensor) -> Tensor:
        return dropped_out(states, dropout, train) if dropout and train else states

    sizes = None if batch_sizes is None else batch_sizes.tolist()
    return composites.run_layers(cell, input, states, weights, bidirectional, between, sizes)


class _Run(NamedTuple):
    """The arguments of layers along sequences of one length."""

    input: Any
    hx: Any
    params: Sequence[Tensor]
    has_biases: bool
    num_layers: int
    dropout: float
    train: bool
    bidirectional: bool
    batch_first: bool
    batch_sizes: Any = None


def _along_packed(
    data: Tensor,
    batch_sizes: Tensor,
    hx: Any,
    params: Sequence[Tensor],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
) -> _Run:
    options = (has_biases, num_layers, dropout, train, bidirectional)
    return _Run(data, hx, params, *options, False, batch_sizes)


def _run_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Run:
    """Return the arguments of either form: packed sequences have the parameters fourth."""
    packed = "batch_sizes" in kwargs or (
        len(args) > 2
        and (isinstance(args[2], Tensor) or isinstance(args[2][0], Tensor))
        and len(args) > 3
        and not isinstance(args[3], bool)
    )
    return _along_packed(*args, **kwargs) if packed else _Run(*args, **kwargs)


def _of_one_state(name: str, cell: composites.Cell) -> None:
    def run(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        call = _run_of(args, kwargs)
        weights = _weights(call.params, call.has_biases, False)
        batch_first = call.batch_first
        output, last = _layers(
            cell, call.input, call.hx.unbind(0), weights, call.dropout, call.train,
            call.bidirectional, batch_first, call.batch_sizes,
        )  # fmt: skip
        if batch_first:
            output.transpose_(0, 1)
        return output, ops.stack(last, 0)

    run.__name__ = run.__qualname__ = name
    run.__doc__ = f"Layers of {name}: input (T, N, E), states (layers, N, H)."
    function(run)


for _name, _cell in (
    ("rnn_tanh", composites.tanh_cell),
    ("rnn_relu", composites.relu_cell),
    ("gru", composites.gru_cell),
):
    _of_one_state(_name, _cell)
    _single(f"{_name}_cell", _cell)
_single("lstm_cell", composites.lstm_cell)


@function
def lstm(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Layers of lstm_cell: input (T, N, E), states and memories (layers, N, H)."""
    call = _run_of(args, kwargs)
    hx, batch_first = call.hx, call.batch_first
    if len(hx) != 2:
        raise RuntimeError("lstm expects two hidden states")
    hidden, memory = hx
    projects = hidden._array.shape[2] != memory._array.shape[2]
    states = list(zip(hidden.unbind(0), memory.unbind(0), strict=True))
    output, last = _layers(
        composites.lstm_cell,
        call.input,
        states,
        _weights(call.params, call.has_biases, projects),
        call.dropout,
        call.train,
        call.bidirectional,
        batch_first,
        call.batch_sizes,
    )
    if batch_first:
        output = ops.transpose(output, 0, 1)
    return output, ops.stack([h for h, _ in last], 0), ops.stack([c for _, c in last], 0)
