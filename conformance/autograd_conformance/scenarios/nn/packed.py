"""Sequences of several lengths: packed, padded, and run through recurrent layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.nn import numbers
from autograd_conformance.scenarios.recording import Recorder, scenario

ROUNDINGS = 64.0


def _padded(torch: Any) -> Any:
    torch.manual_seed(0)
    return torch.rand(4, 3, 2, dtype=torch.float64, requires_grad=True)


@scenario
def packed_sequences(torch: Any, record: Recorder) -> None:
    rnn = torch.nn.utils.rnn
    x = _padded(torch)
    for name, lengths, options in (
        ("in order", [4, 2, 1], {}),
        ("batch first", torch.tensor([3, 3, 2, 1]), {"batch_first": True}),
        ("sorted", [1, 4, 2], {"enforce_sorted": False}),
    ):
        packed = rnn.pack_padded_sequence(x, lengths, **options)
        record(name, list(packed))
        record.graph(f"{name}, graph", packed.data)
        cotangent = torch.arange(1.0, packed.data.numel() + 1, dtype=torch.float64)
        cotangent = cotangent.view_as(packed.data).requires_grad_()
        (grad,) = torch.autograd.grad(packed.data, x, cotangent, create_graph=True)
        record(f"{name}, gradient", grad.tolist())
        (second,) = torch.autograd.grad((grad * x).sum(), cotangent)
        record(f"{name}, second", second.tolist())
        for first in (False, True):
            padded, sizes = rnn.pad_packed_sequence(packed, first, -1.0, 6)
            record(f"{name}, padded", [padded, sizes])
            record.graph(f"{name}, padded graph", padded)
            record(
                f"{name}, padded gradient",
                numbers(torch.autograd.grad(padded.square().sum(), x, retain_graph=True)),
            )
        record(f"{name}, parts", rnn.unpack_sequence(packed))
    record("printed", repr(rnn.pack_padded_sequence(x.detach(), [4, 2, 1])))
    record("other dtype", list(rnn.pack_padded_sequence(x, [4, 2, 1]).float()))


@scenario
def padded_sequences(torch: Any, record: Recorder) -> None:
    rnn = torch.nn.utils.rnn
    x = _padded(torch)
    parts = [x[0], x[1, :2], x[2, :1]]
    for options in (
        {},
        {"batch_first": True, "padding_value": 2.0},
        {"padding_side": "left"},
    ):
        padded = rnn.pad_sequence(parts, **options)
        record(str(sorted(options)), padded)
        record.graph("graph", padded)
        record(
            "gradient", numbers(torch.autograd.grad(padded.square().sum(), x, retain_graph=True))
        )
    record("packed", list(rnn.pack_sequence(parts)))
    record("packed unsorted", list(rnn.pack_sequence(parts[::-1], enforce_sorted=False)))
    record("inverse", rnn.invert_permutation(torch.tensor([2, 0, 1])))
    refused: dict[str, Callable[[], Any]] = {
        "few lengths": lambda: rnn.pack_padded_sequence(x, [4, 2]),
        "zero length": lambda: rnn.pack_padded_sequence(x, [4, 2, 0]),
        "order": lambda: rnn.pack_padded_sequence(x, [2, 4, 1]),
        "nothing": lambda: rnn.pack_padded_sequence(x[:0], [4, 2, 1]),
        "two dims": lambda: rnn.pack_padded_sequence(x, torch.tensor([[4, 2, 1]])),
        "no sequences": lambda: rnn.pad_sequence([]),
        "a number": lambda: rnn.pad_sequence(3),
        "side": lambda: rnn.pad_sequence(parts, padding_side="up"),
        "short": lambda: rnn.pad_packed_sequence(rnn.pack_sequence(parts), total_length=1),
    }
    for name, call in refused.items():
        with record.raises(name):
            call()


@scenario
def recurrent_layers_of_packed_sequences(torch: Any, record: Recorder) -> None:
    nn, rnn = torch.nn, torch.nn.utils.rnn
    x = _padded(torch)
    kind = {"dtype": torch.float64}
    for layer in (
        nn.RNN(2, 3, **kind), nn.RNN(2, 2, 2, "relu", bidirectional=True, dropout=0.4, **kind),
        nn.GRU(2, 3, bidirectional=True, **kind), nn.GRU(2, 2, 2, **kind),
        nn.LSTM(2, 3, 2, bidirectional=True, **kind),
        nn.LSTM(2, 3, proj_size=2, bias=False, **kind),
    ):  # fmt: skip
        for lengths in ([4, 2, 1], [1, 4, 4]):
            packed = rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
            made, state = layer(packed)
            states = state if isinstance(state, tuple) else (state,)
            record(f"{layer!r} {lengths}", [*made, *states], ulps=ROUNDINGS)
            record.graph("graph", made.data)
            record.graph("graph of the state", states[0])
            loss = made.data.square().sum() + states[-1].sum()
            gradients = torch.autograd.grad(loss, [x, *layer.parameters()])
            record("gradients", numbers(gradients), ulps=ROUNDINGS)
            again = layer(packed, state)[0]
            record("from a state", again.data, ulps=ROUNDINGS)
    with record.raises("state of another size"):
        nn.GRU(2, 3, **kind)(rnn.pack_padded_sequence(x, [4, 2, 1]), torch.zeros(1, 2, 3, **kind))
