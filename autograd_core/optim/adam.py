"""Adam and AdamW (Kingma and Ba; Loshchilov and Hutter), with AMSGrad (Reddi et al.)."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..namespaces.complex_numbers import view_as_real
from ..tensor import Tensor
from .optimizer import number
from .per_parameter import (
    CAPTURABLE,
    OneByOne,
    check_betas,
    complete_groups,
    count,
    zeros_of,
)
from .sgd import check_ways_to_compute


class Adam(OneByOne):
    """Steps by running means of the gradient, divided by the root of those of its square.

    ``foreach`` and ``fused`` are accepted: there is one way to compute here.

    Args:
        betas: how much of the two running means stays at each step.
        amsgrad: divide by the largest mean of squares so far.
        decoupled_weight_decay: shrink the parameters themselves instead of adding to gradients.

    Raises:
        ValueError, RuntimeError: an option is out of range, or does not go with another.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: Any = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        for name, value in (("lr", lr), ("betas[0]", betas[0]), ("betas[1]", betas[1])):
            if isinstance(value, Tensor):
                if foreach and not capturable:
                    raise ValueError(
                        f"{name} as a Tensor is not supported for capturable=False and foreach=True"
                    )
                if value.numel() != 1:
                    raise ValueError(f"Tensor {name} must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps >= 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check_betas(betas)
        if not weight_decay >= 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if not any(all(isinstance(beta, kind) for beta in betas) for kind in (float, Tensor)):
            raise ValueError("betas must be either both floats or both Tensors")
        defaults = {
            "lr": lr,
            "betas": tuple(beta.squeeze() if isinstance(beta, Tensor) else beta for beta in betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)
        check_ways_to_compute(fused, foreach, differentiable)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        later = {
            "amsgrad": False,
            "maximize": False,
            "foreach": None,
            "capturable": False,
            "differentiable": False,
            "decoupled_weight_decay": False,
            "fused": None,
        }
        complete_groups(self, later)

    def _check_group(self, group: dict[str, Any]) -> None:
        if group["capturable"]:
            raise AssertionError(
                "If capturable=True, params and state_steps must be on supported devices: "
                f"{CAPTURABLE}."
            )

    def _state_of(self, param: Any, amsgrad: bool) -> dict[str, Any]:
        state: dict[str, Any] = self.state[param]
        if not state:
            state["step"] = count(param, 0.0)
            names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if amsgrad else [])]
            for name in names:
                state[name] = zeros_of(param)
        return state

    def _step_of(self, param: Any, grad: Any, group: dict[str, Any]) -> None:
        state = self._state_of(param, group["amsgrad"])
        lr, decay = group["lr"], group["weight_decay"]
        lr = lr.squeeze() if isinstance(lr, Tensor) else lr
        differentiable = group["differentiable"]
        if group["maximize"]:
            grad = -grad
        state["step"] += 1
        if decay != 0:
            if group["decoupled_weight_decay"]:
                param.mul_(1 - lr * decay)
            elif differentiable and isinstance(decay, Tensor) and decay.requires_grad:
                grad = grad.addcmul_(param.clone(), decay)
            else:
                grad = grad.add(param, alpha=number(decay))
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        largest = state["max_exp_avg_sq"] if group["amsgrad"] else None
        if param.is_complex():  # the parts are parameters of their own
            param, grad, mean, square = map(view_as_real, (param, grad, mean, square))
            largest = None if largest is None else view_as_real(largest)
        beta1, beta2 = group["betas"]
        mean.lerp_(grad, 1 - beta1)
        if differentiable and isinstance(beta2, Tensor) and beta2.requires_grad:
            square.lerp_(grad.square(), weight=1 - beta2)
        else:
            square.mul_(beta2).addcmul_(grad, grad, value=number(1 - beta2))
        if differentiable:
            _step_recorded(param, mean, square, largest, state["step"], lr, group)
        else:
            _step(param, mean, square, largest, state["step"].item(), lr, group)


def _step(
    param: Any, mean: Any, square: Any, largest: Any, steps: float, lr: Any, group: dict[str, Any]
) -> None:
    beta1, beta2 = group["betas"]
    size = lr / (1 - beta1**steps)
    root = number((1 - beta2**steps) ** 0.5)
    if largest is not None:
        square = largest.copy_(ops.maximum(largest, square))
    divisor = (square.sqrt() / root).add_(group["eps"])
    param.addcdiv_(mean, divisor, value=number(-size))


def _step_recorded(
    param: Any, mean: Any, square: Any, largest: Any, steps: Any, lr: Any, group: dict[str, Any]
) -> None:
    """``_step`` in operations that are recorded; what is written later is copied first."""
    beta1, beta2 = group["betas"]
    correction1, correction2 = (
        1 - beta ** (steps.clone() if isinstance(beta, Tensor) and beta.requires_grad else steps)
        for beta in (beta1, beta2)
    )
    size = (lr / correction1).neg()
    root = correction2.sqrt()
    if largest is not None:
        square = largest.copy_(ops.maximum(largest.clone(), square))
    divisor = (square.sqrt() / (root * size)).add_(group["eps"] / size)
    param.addcdiv_(mean.clone(), divisor)


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters themselves."""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: Any = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True
