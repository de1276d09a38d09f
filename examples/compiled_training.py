"""A training step, compiled: the same losses as without, in less time, and its source to read.

python examples/compiled_training.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import autograd_core as torch

STEPS = 40


def training() -> tuple[Callable[[Any, Any], Any], Any, Any]:
    """Return a step of training, and the data; the same at each call."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Dropout(0.1), torch.nn.Linear(16, 3)
    )
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    def step(x: Any, target: Any) -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), target)
        loss.backward()
        optimizer.step()
        return loss.detach()

    x = torch.randn(32, 8)
    return step, x, (x.sum(1) > 0).long()


def losses(step: Callable[[Any, Any], Any], x: Any, target: Any) -> tuple[list[float], float]:
    """Return the losses of all steps, and the seconds that the later ones took."""
    found = [step(x, target).item() for _ in range(3)]
    start = time.perf_counter()
    found += [step(x, target).item() for _ in range(STEPS)]
    return found, time.perf_counter() - start


def main() -> None:
    """Train twice, as it is and compiled."""
    usual, usual_seconds = losses(*training())
    step, x, target = training()
    compiled = torch.compile(step)
    found, seconds = losses(compiled, x, target)
    if found != usual:
        raise SystemExit("the compiled step is not the same")
    print(f"loss {found[0]:.4f} -> {found[-1]:.4f}, the same bits compiled and not")
    print(f"{STEPS} steps: {1e3 * usual_seconds:.1f} ms, compiled {1e3 * seconds:.1f} ms")
    print(f"specialisations: {len(compiled.specializations)}")
    print(f"run as usual: {dict(compiled.reasons)}")
    print("\n".join(compiled.source.splitlines()[:24]), "\n    ...")


if __name__ == "__main__":
    main()
