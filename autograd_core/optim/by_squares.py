"""Optimizers that divide by the root of what gradients' squares add up to."""

from __future__ import annotations

from typing import Any, ClassVar

from ..namespaces.creation_like import full_like
from ..tensor import preserve_format
from .optimizer import number
from .per_parameter import (
    PerParameter,
    check_positive,
    check_rate,
    count,
    plus_eps,
    zeros_of,
)
from .sgd import check_ways_to_compute


class RMSprop(PerParameter):
    """Steps by the gradient over the root of a running mean of its square (Hinton).

    Args:
        alpha: how much of the running mean stays at each step.
        momentum: how much of the last step is taken again.
        centered: divide by the deviation instead: the mean gradient's square is taken off.

    Raises:
        ValueError: an option is out of range.
    """

    _LATER: ClassVar[dict[str, Any]] = {"momentum": 0, "centered": False}

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_positive(eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["square_avg"] = zeros_of(param)
        if group["momentum"] > 0:
            state["momentum_buffer"] = zeros_of(param)
        if group["centered"]:
            state["grad_avg"] = zeros_of(param)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        square, alpha, lr = state["square_avg"], group["alpha"], number(group["lr"])
        square.mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"]
            mean.lerp_(grad, 1 - alpha)
            root = square.addcmul(mean, mean, value=-1).sqrt_()
        else:
            root = square.sqrt()
        root = plus_eps(root, group["eps"], group["differentiable"])
        if group["momentum"] > 0:
            running = state["momentum_buffer"]
            running.mul_(group["momentum"]).addcdiv_(grad, root)
            param.add_(running, alpha=-lr)
        else:
            param.addcdiv_(grad, root, value=-lr)


class Adagrad(PerParameter):
    """Steps by the gradient over the root of the sum of all its squares (Duchi et al.).

    Args:
        lr_decay: how fast the rate falls with the number of steps.
        initial_accumulator_value: what the sums begin with.

    Raises:
        ValueError, RuntimeError: an option is out of range, or does not go with another.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check_positive(
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "fused": fused,
        }
        super().__init__(params, defaults)
        check_ways_to_compute(fused, foreach, differentiable)
        for group in self.param_groups:
            for param in group["params"]:
                state = self.state[param]
                state["step"] = count(param, 0.0)
                self._begin(param, group, state)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group.pop("capturable", None)
            group.setdefault("fused", None)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        first = group["initial_accumulator_value"]
        value = complex(first, first) if param.is_complex() else first
        state["sum"] = full_like(param, value, memory_format=preserve_format)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        rate = number(group["lr"]) / (1 + (state["step"].item() - 1) * group["lr_decay"])
        state["sum"].addcmul_(grad, grad, value=1)
        root = plus_eps(state["sum"].sqrt(), group["eps"], group["differentiable"])
        param.addcdiv_(grad, root, value=-rate)


class Adadelta(PerParameter):
    """Steps as large as the running mean of steps says, over that of gradients (Zeiler).

    Args:
        rho: how much of the two running means of squares stays at each step.

    Raises:
        ValueError: an option is out of range.
    """

    _ON_DEVICE = ("params and state_steps", ["cuda", "xpu", "hpu", "privateuseone"])

    def __init__(
        self,
        params: Any,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_positive(eps=eps, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "capturable": capturable,
            "foreach": foreach,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["square_avg"], state["acc_delta"] = zeros_of(param), zeros_of(param)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        square, steps = state["square_avg"], state["acc_delta"]
        rho, eps = group["rho"], group["eps"]
        square.mul_(rho).addcmul_(grad, grad, value=1 - rho)
        root = square.add(eps).sqrt_()
        step = steps.add(eps).sqrt_()
        if group["differentiable"]:
            step = step.clone()
        step.div_(root).mul_(grad)
        steps.mul_(rho).addcmul_(step, step, value=1 - rho)
        param.add_(step, alpha=-number(group["lr"]))
