"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ..namespaces.creation_like import full_like, ones_like
from .optimizer import number
from .per_parameter import CAPTURABLE, PerParameter, check_positive, check_rate, zeros_of


class ASGD(PerParameter):
    """Gradient descent with a falling rate; ``state["ax"]`` is the mean of the parameters so far.

    Args:
        lambd: how much the parameters shrink at each step, times the rate.
        alpha: the power with which the rate falls.
        t0: the step at which averaging begins.

    Raises:
        ValueError: an option is out of range.
    """

    _ON_DEVICE = ("params, mus, etas, and state_steps", CAPTURABLE)

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check_positive(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["eta"] = full_like(state["step"], number(group["lr"]))
        state["mu"] = ones_like(state["step"])
        state["ax"] = zeros_of(param)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        rate, share, mean = state["eta"], state["mu"], state["ax"]
        lambd, lr, steps = group["lambd"], number(group["lr"]), state["step"].item()
        now = rate.item()
        param.mul_(1 - lambd * now)
        param.add_(grad, alpha=-now)
        if share.item() != 1:
            mean.add_(param.sub(mean).mul_(share))
        else:
            mean.copy_(param)
        rate.fill_(lr / ((1 + lambd * lr * steps) ** group["alpha"]))
        share.fill_(1 / max(1, steps - group["t0"]))
