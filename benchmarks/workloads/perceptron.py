"""Training steps of perceptrons: forward, cross entropy, backward, SGD."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..measuring import Work
from ..peers import Skipped

ROWS = [
    (
        "MLP 784-256-256-10, batch 64, SGD",
        (0.95, 0.85),
        15,
        {"sizes": (784, 256, 256, 10), "batch": 64},
    ),
    (
        "MLP 1024-2048-2048-1024, batch 256, SGD",
        (1.2, 1.1),
        5,
        {"sizes": (1024, 2048, 2048, 1024), "batch": 256},
    ),
]


def work(library: Any, name: str, sizes: tuple[int, ...], batch: int) -> Work:
    """Return one step."""
    if name not in ("torch", "autograd_core"):
        raise Skipped("has no modules or optimizers")
    nn = library.nn
    library.manual_seed(0)
    layers = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    optimizer = library.optim.SGD(net.parameters(), lr=0.01)
    x = library.randn(batch, sizes[0])
    target = library.randint(0, sizes[-1], (batch,))

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), target).backward()
        optimizer.step()

    return step
