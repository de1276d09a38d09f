"""gradcheck and gradgradcheck: what passes, what each check says of what is wrong, and when."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder


def double(torch: Any, *numbers: float) -> Any:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def complex_leaf(torch: Any, *numbers: complex) -> Any:
    return torch.tensor(numbers, dtype=torch.complex128, requires_grad=True)


def in_both_modes(torch: Any, record: Recorder, func: Any, inputs: Any, **options: Any) -> None:
    for mode in ("slow", "fast"):
        with record.raises(mode):
            passed = torch.autograd.gradcheck(func, inputs, fast_mode=mode == "fast", **options)
            record(f"{mode}: passed", passed)


def scaled(torch: Any, forward: Any, backward: Any, **static: Any) -> Any:
    """A Function of one tensor: y = forward(x), whose gradient is backward(x, gradient)."""

    class Planted(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return backward(x, grad)

    for name, value in static.items():
        setattr(Planted, name, staticmethod(value))
    return Planted.apply
