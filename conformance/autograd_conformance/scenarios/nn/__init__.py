"""What the scenarios of this file ask: parameters, modules, their hooks and state, layers, init."""

from __future__ import annotations

from typing import Any


def small_net(torch: Any) -> Any:
    nn = torch.nn
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 2), nn.Tanh()))


def numbers(gradients: Any) -> Any:
    """Gradients as new tensors: how the engine made them is not asked here."""
    return [None if g is None else g.clone() for g in gradients]
