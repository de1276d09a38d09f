"""How results of strided views lie in memory: transposed, expanded, overlapping, empty ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

View = Callable[[Any], Any]
VIEWS: dict[str, View] = {
    "permuted": lambda x: x.permute(2, 0, 1),
    "expanded": lambda x: x[:, :1].expand(2, 5, 4),
    "overlapping": lambda x: x.as_strided((2, 3, 2), (1, 2, 1)),
    "every second": lambda x: x.transpose(0, 2)[::2],
    "a row turned": lambda x: x[0, :1].t(),
    "unsqueezed": lambda x: x.permute(2, 0, 1).unsqueeze(0),
    "nothing": lambda x: x.permute(2, 0, 1)[:, 1:1],
    "nothing, every second": lambda x: x[:, :, 3:3:2].transpose(0, 1),
}


def _where(tensors: Any) -> list[tuple[Any, ...]]:
    """Shapes, strides and offsets."""
    if not isinstance(tensors, tuple | list):
        tensors = [tensors]
    return [(tuple(t.shape), t.stride(), t.storage_offset()) for t in tensors]


@scenario
def layouts_of_views(torch: Any, record: Recorder) -> None:
    for name, view in VIEWS.items():
        x = view(torch.arange(24.0).reshape(2, 3, 4))
        record(name, _where(x))
        record(f"{name}, turned", _where([x.mT, x.unsqueeze(1), x.squeeze(), x.select(0, 0)]))
        record(f"{name}, parted", _where([*x.unbind(0), *x.split(2, -1), x.narrow(-1, 0, 0)]))


@scenario
def layouts_of_results(torch: Any, record: Recorder) -> None:
    other = torch.ones(4, 1).t()
    for name, view in VIEWS.items():
        x = view(torch.arange(24.0).reshape(2, 3, 4))
        turned = x.mT.contiguous().mT
        like = [torch.empty_like(x), torch.zeros_like(x), torch.rand_like(x), x.clone()]
        record(f"{name}, like", _where([*like, x.contiguous(), x.to(torch.float64)]))
        record(f"{name}, two", _where([x * x, x + turned, turned + x, torch.maximum(x, turned)]))
        record(f"{name}, one of", _where([torch.where(x > 2, turned, x), torch.where(x > 2, x, 0)]))
        record(f"{name}, moved", _where([x.flip(0), x.roll(1, 0), *x.sort(-1)]))
        record(f"{name}, along", _where([x.sum(0), x.sum(-1, keepdim=True), x.cumsum(0)]))
        if name != "a row turned":
            record(f"{name}, of one", _where([-x, x.exp(), x.sigmoid(), x > 2, x * 2]))
        if x.shape[-1] == 4:
            record(f"{name}, broadcast", _where([x + other, other * x]))


@scenario
def random_numbers_fill_memory(torch: Any, record: Recorder) -> None:
    torch.manual_seed(5)
    for name in ("permuted", "every second", "unsqueezed"):
        x = VIEWS[name](torch.zeros(2, 3, 4))
        record(f"{name}, uniform", torch.rand_like(x))
        record(f"{name}, normal", torch.randn_like(x))
        record(f"{name}, integers", torch.randint_like(x, 10))
        record(f"{name}, coins", torch.bernoulli(x + 0.5))
