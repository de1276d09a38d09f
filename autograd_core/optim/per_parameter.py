"""What optimizers that go from parameter to parameter share: checks, the loop, complex parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from .. import dtypes
from ..namespaces.complex_numbers import view_as_real
from ..namespaces.creation_like import zeros_like
from ..namespaces.data import tensor
from ..tensor import Tensor, preserve_format
from .optimizer import Optimizer, no_grad_unless_differentiable, number

CAPTURABLE = ["cuda", "xpu", "hpu", "privateuseone", "xla"]
"""The devices whose steps torch can record for later."""


class OneByOne(Optimizer):
    """The base of optimizers that go from parameter to parameter, by ``_step_of``."""

    @no_grad_unless_differentiable
    def step(self, closure: Any = None) -> Any:
        """Change the parameters by their gradients; return the loss that ``closure`` computes."""
        loss = self._loss_of(closure)
        for group in self.param_groups:
            self._check_group(group)
            for param in group["params"]:
                if param.grad is not None:
                    self._step_of(param, param.grad, group)
        return loss

    def _check_group(self, group: dict[str, Any]) -> None:
        """Refuse options that cannot be had, before the parameters are looked at."""

    def _step_of(self, param: Any, grad: Any, group: dict[str, Any]) -> None:
        raise NotImplementedError


def complete_groups(optimizer: Optimizer, defaults: dict[str, Any]) -> None:
    """Give an old state the options that it does not have, and counts of steps that are tensors."""
    for group in optimizer.param_groups:
        for name, value in defaults.items():
            group.setdefault(name, value)
        for param in group["params"]:
            own = optimizer.state.get(param)
            if own and not isinstance(own["step"], Tensor):
                own["step"] = count(param, float(own["step"]))


class PerParameter(OneByOne):
    """The base of optimizers that define ``_begin`` and ``_update``.

    ``_begin`` makes the state of a parameter; ``_update`` changes a parameter by its gradient,
    both real: the parts of complex ones are parameters of their own. ``foreach`` is accepted:
    there is one way to compute here.
    """

    _LATER: ClassVar[dict[str, Any]] = {}
    """Options that old states do not have, beside those of all optimizers."""
    _ON_DEVICE: ClassVar[tuple[str, Iterable[str]]] = ("params and state_steps", CAPTURABLE)
    """What has to be on which devices to be capturable, in torch's words."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        common = {"foreach": None, "maximize": False, "differentiable": False, "capturable": False}
        complete_groups(self, {**common, **self._LATER})

    def _step_of(self, param: Any, grad: Any, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["step"] = count(param, 0.0)
            self._begin(param, group, state)
        if group.get("capturable"):
            what, devices = self._ON_DEVICE
            raise AssertionError(
                f"If capturable=True, {what} must be on supported devices: {list(devices)}."
            )
        if group["maximize"]:
            grad = -grad
        state["step"] += 1
        if group.get("decoupled_weight_decay"):
            if group["weight_decay"] != 0:
                param.mul_(1 - number(group["lr"]) * group["weight_decay"])
        elif group.get("weight_decay", 0) != 0:
            grad = grad.add(param, alpha=number(group["weight_decay"]))
        if param.is_complex():
            state = {
                name: view_as_real(value)
                if isinstance(value, Tensor) and value.is_complex()
                else value
                for name, value in state.items()
            }
            param, grad = view_as_real(param), view_as_real(grad)
        self._update(param, grad, group, state)

    def _begin(self, param: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise NotImplementedError

    def _update(self, param: Any, grad: Any, group: dict[str, Any], state: dict[str, Any]) -> None:
        raise NotImplementedError


def count(param: Tensor, steps: float) -> Tensor:
    """Return a count of steps: a tensor, and at least float32, so that it can be recorded."""
    wide = dtypes.get_default_dtype() is dtypes.float64
    dtype = dtypes.float64 if wide else dtypes.float32
    return tensor(steps, dtype=dtype, backend=param._backend)


def zeros_of(param: Tensor) -> Any:
    """Return zeros in the layout of a parameter."""
    return zeros_like(param, memory_format=preserve_format)


def check_rate(lr: Any) -> None:
    """Refuse a learning rate that is negative, or several numbers (torch's texts)."""
    if isinstance(lr, Tensor) and lr.numel() != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")


def check_positive(**options: Any) -> None:
    """Refuse negative options, the first that is given first (torch's text)."""
    for name, value in options.items():
        if not value >= 0.0:
            raise ValueError(f"Invalid {'epsilon' if name == 'eps' else name} value: {value}")


def check_betas(betas: Any) -> None:
    """Refuse shares that are not in [0, 1) (torch's text)."""
    for k, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {k}: {beta}")


def plus_eps(root: Any, eps: float, differentiable: bool) -> Any:
    """Return a new root with eps added, in place where nothing is recorded."""
    return root.add(eps) if differentiable else root.add_(eps)
