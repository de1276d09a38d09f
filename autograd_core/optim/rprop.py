"""Steps by the sign of gradients alone."""

from __future__ import annotations

from typing import Any

from ..namespaces.creation_like import full_like
from .optimizer import number
from .per_parameter import PerParameter, check_rate, zeros_of


class Rprop(PerParameter):
    """Each element steps against its gradient's sign, further while that stays (Riedmiller).

    Args:
        etas: what the length is multiplied by when the sign turns, and when it stays.
        step_sizes: the shortest and the longest step.

    Raises:
        ValueError: an option is out of range.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        length = number(group["lr"])
        state["prev"] = zeros_of(param)
        state["step_size"] = full_like(
            param.grad, complex(length, length) if param.is_complex() else length
        )

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        before, length = state["prev"], state["step_size"]
        less, more = group["etas"]
        sign = grad.mul(before.clone() if group["differentiable"] else before).sign()
        sign[sign.gt(0)] = more
        sign[sign.lt(0)] = less
        sign[sign.eq(0)] = 1
        length.mul_(sign).clamp_(*group["step_sizes"])
        grad = grad.clone()
        grad[sign.eq(less)] = 0
        param.addcmul_(grad.sign(), length, value=-1)
        before.copy_(grad)
