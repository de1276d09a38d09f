"""Train a small classifier on two spirals, save it, load it, and print what happens.

    python examples/train_mlp.py                               # on autograd_core
    python examples/train_mlp.py --backend python              # on its pure-Python backend
    python examples/train_mlp.py --module torch                # the same program on torch

All three print the same: the same seed gives the same numbers, to the digits shown.
"""

from __future__ import annotations

import argparse
import importlib
import io
import math
from collections.abc import Iterator
from typing import Any


def spirals(torch: Any, points: int) -> tuple[Any, Any]:
    """Return positions on two noisy spirals, and which of the two each one is on."""
    along = torch.linspace(0.3, 1.0, points)
    arms = []
    for start in (0.0, math.pi):
        angle = 8.0 * along + start
        arms.append(torch.stack([along * torch.cos(angle), along * torch.sin(angle)], 1))
    positions = torch.cat(arms) + 0.03 * torch.randn(2 * points, 2)
    return positions, torch.arange(2 * points) // points


def network(nn: Any) -> Any:
    """Return the classifier, with weights drawn from the seeded generator."""
    return nn.Sequential(
        nn.Linear(2, 16),
        nn.Tanh(),
        nn.LayerNorm(16),
        nn.Linear(16, 16),
        nn.GELU(),
        nn.Linear(16, 2),
    )


def run(torch: Any, epochs: int = 100) -> Iterator[str]:
    """Yield the lines that the program prints."""
    torch.manual_seed(0)
    positions, arms = spirals(torch, 30)
    model = network(torch.nn)
    yield repr(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    loss_of = torch.nn.CrossEntropyLoss()
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = loss_of(model(positions), arms)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        if epoch % 20 == 19:
            rate = scheduler.get_last_lr()[0]
            yield (
                f"epoch {epoch + 1:3d}: loss {loss.item():.3f}, gradient norm {norm.item():.2f}, "
                f"learning rate {rate:.5f}"
            )
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    other = network(torch.nn)
    yield str(other.load_state_dict(torch.load(file)))
    with torch.no_grad():
        right = (other(positions).argmax(1) == arms).sum().item()
    yield f"{right} of {len(arms)} points are on the arm that the loaded model says"


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", default="autograd_core", help="what to import as torch")
    parser.add_argument("--backend", help="backend of autograd_core")
    parser.add_argument("--epochs", type=int, default=100)
    options = parser.parse_args()
    module = importlib.import_module(options.module)
    if options.backend:
        module.set_default_backend(options.backend)
    for line in run(module, options.epochs):
        print(line)


if __name__ == "__main__":
    main()
