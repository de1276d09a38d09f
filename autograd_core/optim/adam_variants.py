"""Relatives of Adam: by the largest gradient, with Nesterov's momentum, with rectified rates."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import ops
from ..namespaces.creation_like import ones_like
from ..namespaces.joining import stack
from .optimizer import number
from .per_parameter import (
    PerParameter,
    check_betas,
    check_positive,
    check_rate,
    plus_eps,
    zeros_of,
)


class Adamax(PerParameter):
    """Adam by the largest gradient, of those before a little less each, instead of the mean square.

    Raises:
        ValueError: an option is out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check_positive(eps=eps)
        check_betas(betas)
        check_positive(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["exp_avg"], state["exp_inf"] = zeros_of(param), zeros_of(param)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        mean, largest = state["exp_avg"], state["exp_inf"]
        beta1, beta2 = group["betas"]
        mean.lerp_(grad, 1 - beta1)
        both = (largest.mul_(beta2), grad.abs().add_(group["eps"]))
        if group["differentiable"]:
            largest.copy_(stack(list(both)).amax(0))
        else:
            largest.copy_(ops.maximum(*both))
        rate = number(group["lr"]) / (1 - beta1 ** state["step"].item())
        param.addcdiv_(mean, largest, value=-rate)


class NAdam(PerParameter):
    """Adam with Nesterov's momentum, which grows with the steps (Dozat).

    Args:
        momentum_decay: how fast the momentum reaches ``betas[0]``.
        decoupled_weight_decay: shrink the parameters themselves instead of adding to gradients.

    Raises:
        ValueError: an option is out of range.
    """

    _LATER: ClassVar[dict[str, Any]] = {"decoupled_weight_decay": False}
    _ON_DEVICE = (
        "params, mu_products and state_steps",
        ["cuda", "xpu", "hpu", "privateuseone", "xla"],
    )

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_positive(eps=eps)
        check_betas(betas)
        check_positive(weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["mu_product"] = ones_like(state["step"])
        state["exp_avg"], state["exp_avg_sq"] = zeros_of(param), zeros_of(param)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        mean, square, momenta = state["exp_avg"], state["exp_avg_sq"], state["mu_product"]
        beta1, beta2 = group["betas"]
        lr, steps = number(group["lr"]), state["step"].item()
        now, next_one = (
            beta1 * (1.0 - 0.5 * (0.96 ** (k * group["momentum_decay"])))
            for k in (steps, steps + 1)
        )
        momenta *= now
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        root = square.div(1 - beta2**steps).sqrt()
        root = plus_eps(root, group["eps"], group["differentiable"])
        if group["differentiable"]:
            of_grad = grad * (-lr * (1.0 - now) / (1.0 - momenta))
            of_mean = mean * (-lr * next_one / (1.0 - momenta * next_one))
            param.addcdiv_(of_grad, root)
            param.addcdiv_(of_mean, root)
        else:
            taken = momenta.item()
            param.addcdiv_(grad, root, value=-lr * (1.0 - now) / (1.0 - taken))
            param.addcdiv_(mean, root, value=(-lr * next_one) / (1.0 - taken * next_one))


class RAdam(PerParameter):
    """Adam that divides by squares only when they are known well enough (Liu et al.).

    Args:
        decoupled_weight_decay: shrink the parameters themselves instead of adding to gradients.

    Raises:
        ValueError: an option is out of range.
    """

    _LATER: ClassVar[dict[str, Any]] = {"decoupled_weight_decay": False}

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_positive(eps=eps)
        check_betas(betas)
        check_positive(weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        state["exp_avg"], state["exp_avg_sq"] = zeros_of(param), zeros_of(param)

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        beta1, beta2 = group["betas"]
        lr, steps = number(group["lr"]), state["step"].item()
        mean.lerp_(grad, 1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        correction = 1 - beta2**steps
        step = mean / (1 - beta1**steps) * lr
        longest = 2 / (1 - beta2) - 1  # how many steps the mean of squares looks back, at most
        length = longest - 2 * steps * (beta2**steps) / correction
        if length > 5.0:
            root = plus_eps(square.sqrt(), group["eps"], group["differentiable"])
            rectified = (
                (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            ) ** 0.5
            step = step * (correction**0.5 / root) * rectified
        param.add_(step, alpha=-1.0)
