"""Layers that learn the number of their inputs from the first one."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _layers(nn: Any) -> list[tuple[Any, tuple[int, ...]]]:
    return [
        (nn.LazyLinear(3), (2, 4)),
        (nn.LazyLinear(3, bias=False), (4,)),
        (nn.LazyConv1d(4, 2, groups=2), (2, 4, 5)),
        (nn.LazyConv2d(2, 3, padding=1), (3, 5, 5)),
        (nn.LazyConv3d(2, 1, bias=False), (1, 2, 3, 3, 3)),
        (nn.LazyConvTranspose1d(4, 2, stride=2), (2, 3, 4)),
        (nn.LazyConvTranspose2d(2, 2), (1, 2, 3, 3)),
        (nn.LazyConvTranspose3d(2, 1), (1, 2, 2, 2, 2)),
        (nn.LazyBatchNorm1d(), (4, 3)),
        (nn.LazyBatchNorm2d(affine=False), (2, 3, 2, 2)),
        (nn.LazyBatchNorm3d(momentum=None), (2, 3, 2, 2, 2)),
        (nn.LazyInstanceNorm1d(affine=True), (2, 3, 4)),
        (nn.LazyInstanceNorm2d(track_running_stats=True), (2, 3, 4, 4)),
    ]


@scenario
def lazy_layers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    for layer, shape in _layers(torch.nn):
        record("before", [repr(layer), layer.has_uninitialized_params()])
        made = layer(torch.rand(shape))
        record("after", [repr(layer), type(layer).__name__, list(layer.state_dict())])
        record(repr(layer), made.detach(), ulps=256.0)
        record("parameters", [type(p).__name__ for p in layer.parameters()])
        record("again", layer(torch.rand(shape)).shape)


@scenario
def lazy_layers_take_states(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    whole, lazy = torch.nn.Linear(4, 3), torch.nn.LazyLinear(3)
    lazy.load_state_dict(whole.state_dict())
    record("weight", lazy.weight)
    record("class", type(lazy).__name__)
    record("result", lazy(torch.ones(2, 4)).detach(), ulps=64.0)
    record("class after", type(lazy).__name__)
    with record.raises("a lazy state"):
        whole.load_state_dict(torch.nn.LazyLinear(3).state_dict())
    with record.raises("shape"):
        _ = torch.nn.LazyLinear(3).weight.shape
    record("printed", repr(torch.nn.LazyLinear(3).weight))
    with record.raises("dims"):
        torch.nn.LazyConv2d(2, 1)(torch.ones(2, 2))
