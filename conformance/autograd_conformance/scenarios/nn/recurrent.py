"""Recurrent cells and layers, in float64: for LSTM in float32 torch has a kernel of oneDNN."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_conformance.scenarios.nn import numbers
from autograd_conformance.scenarios.recording import Recorder, scenario

ROUNDINGS = 64.0
"""Units in the last place that sums over steps may differ by."""


def _states(made: Any) -> list[Any]:
    output, state = made
    return [output, *(state if isinstance(state, tuple) else (state,))]


@scenario
def recurrent_cells(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    kind = {"dtype": torch.float64}
    x = torch.rand(2, 3, requires_grad=True, **kind)
    for cell in (
        nn.RNNCell(3, 4, **kind), nn.RNNCell(3, 4, False, "relu", **kind),
        nn.LSTMCell(3, 4, **kind), nn.GRUCell(3, 4, **kind),
    ):  # fmt: skip
        made = cell(x)
        made = made if isinstance(made, tuple) else (made,)
        record(repr(cell), [list(cell.state_dict()), *made], ulps=ROUNDINGS)
        record.graph("graph", made[0])
        gradients = torch.autograd.grad(made[0].square().sum(), [x, *cell.parameters()])
        record("gradients", numbers(gradients), ulps=ROUNDINGS)
    with record.raises("rank"):
        nn.GRUCell(3, 4, **kind)(x[None])
    with record.raises("rank of the state"):
        nn.LSTMCell(3, 4, **kind)(x, (x[None], x))


@scenario
def recurrent_layers(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    kind = {"dtype": torch.float64}
    x = torch.rand(3, 2, 3, requires_grad=True, **kind)
    for layer in (
        nn.RNN(3, 2, **kind), nn.LSTM(3, 4, proj_size=2, batch_first=True, **kind),
        nn.RNN(3, 2, 2, "relu", batch_first=True, bidirectional=True, dropout=0.4, **kind),
        nn.LSTM(3, 2, 2, bidirectional=True, bias=False, **kind), nn.GRU(3, 2, 2, **kind),
    ):  # fmt: skip
        made = _states(layer(x))
        record(repr(layer), [list(layer.state_dict()), *made], ulps=ROUNDINGS)
        record.graph("graph", made[0])
        gradients = torch.autograd.grad(made[0].square().sum(), [x, *layer.parameters()])
        record("gradients", numbers(gradients), ulps=ROUNDINGS)
        record("one sequence", _states(layer(x[0])), ulps=ROUNDINGS)
    state = torch.rand(1, 2, 2, requires_grad=True, **kind)
    output = nn.GRU(3, 2, **kind)(x, state)[0]
    record.graph("of a state", output)
    record("gradient of the state", numbers(torch.autograd.grad(output.sum(), state)))
    with record.raises("width"):
        nn.RNN(4, 2, **kind)(x)
    with record.raises("state"):
        nn.LSTM(3, 2, **kind)(x, (state, state[:, :1]))
    with record.raises("dtype"):
        nn.GRU(3, 2)(x)
    with record.raises("projection"):
        nn.GRU(3, 2, proj_size=1)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nn.RNN(3, 2, dropout=0.5)
    record("dropout after one layer", [str(warning.message) for warning in caught])
