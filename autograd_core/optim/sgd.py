"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor
from .optimizer import number
from .per_parameter import OneByOne


class SGD(OneByOne):
    """``param -= lr * grad``; with momentum, of a running sum of gradients.

    ``foreach`` and ``fused`` are accepted: there is one way to compute here.

    Raises:
        ValueError, RuntimeError: an option is out of range, or does not go with another.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            "foreach": foreach,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        check_ways_to_compute(fused, foreach, differentiable)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group.setdefault("nesterov", False)
            group.setdefault("maximize", False)
            group.setdefault("foreach", None)
            group.setdefault("differentiable", False)
            group.setdefault("fused", False)

    def _step_of(self, param: Tensor, grad: Any, group: dict[str, Any]) -> None:
        momentum, lr, weight_decay = group["momentum"], group["lr"], group["weight_decay"]
        if group["maximize"]:
            grad = -grad
        if isinstance(weight_decay, Tensor) and weight_decay.requires_grad:
            grad = grad.addcmul_(param.clone(), weight_decay)
        elif weight_decay != 0:
            grad = grad.add(param, alpha=number(weight_decay))
        if momentum != 0:
            state = self.state[param]
            running = state.get("momentum_buffer")
            if running is None:
                running = grad.detach().clone()
            else:
                running.mul_(momentum).add_(grad, alpha=1 - group["dampening"])
            state["momentum_buffer"] = running
            grad = grad.add(running, alpha=momentum) if group["nesterov"] else running
        if isinstance(lr, Tensor) and lr.requires_grad:
            param.addcmul_(grad, lr.squeeze(), value=-1)
        else:
            param.add_(grad, alpha=number(-lr))


def check_ways_to_compute(fused: bool | None, foreach: bool | None, differentiable: bool) -> None:
    """Refuse ways to compute that exclude each other (torch's texts)."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
