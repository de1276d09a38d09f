"""One expression evaluated with torch and with the project: what came out, or what was raised.

In an expression ``r(2, 3)`` is a float64 tensor that requires a gradient (``g=False``: does not;
``d=c``: another dtype), ``i(2, 3)`` an int64 tensor of ones and twos; ``torch`` and ``F`` are the
module at hand and its ``nn.functional``.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from typing import Any

import autograd_core
import autograd_core.nn.functional


def _name(node: Any) -> str:
    return str(node.name()).rpartition("::")[2]


def graph(node: Any) -> str:
    """Return the graph behind a node as nested names."""
    if node is None:
        return "-"
    inner = ", ".join(graph(following) for following, _ in node.next_functions)
    return f"{_name(node)}({inner})"


def _scope(torch: Any) -> dict[str, Any]:
    leaves: list[Any] = []

    def r(*size: int, g: bool = True, d: Any = None) -> Any:
        dtype = d or torch.float64
        numbers: list[Any] = [math.sin(1.7 * k + len(leaves)) for k in range(math.prod(size))]
        if dtype.is_complex:
            numbers = [complex(x, x * x - 0.5) for x in numbers]
        made = torch.tensor(numbers, dtype=dtype).reshape(size).clone().requires_grad_(g)
        leaves.append(made)
        return made

    def i(*size: int, d: Any = None) -> Any:
        numbers = [1 + k % 2 for k in range(math.prod(size))]
        return torch.tensor(numbers, dtype=d or torch.int64).reshape(size).clone()

    names = {"f32": torch.float32, "c": torch.complex128, "b": torch.bool, "u8": torch.uint8}
    return {"torch": torch, "F": torch.nn.functional, "r": r, "i": i, "leaves": leaves, **names}


def _numbers(tensor: Any) -> list[Any]:
    return [complex(x) for x in tensor.detach().reshape(-1).tolist()]


def outcome(torch: Any, expression: str, backend: str | None = None) -> tuple[Any, list[Any]]:
    """Return (everything exact, the numbers to compare): of the result and of the gradients."""
    chosen = autograd_core.use_backend(backend) if backend else contextlib.nullcontext()
    scope = _scope(torch)
    with chosen, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = eval(expression, scope)
        except Exception as error:  # noqa: BLE001 - the error is what is compared
            return (type(error).__name__, str(error)), []
        exact: list[Any] = [
            graph(made.grad_fn),
            tuple(made.shape),
            made.stride(),
            made._is_view(),
            str(made.dtype),
            made._version,
        ]
        numbers = _numbers(made)
        if made.requires_grad:
            wanted = [leaf for leaf in scope["leaves"] if leaf.requires_grad]
            weights = made.detach() * 0 + 1
            gradients = torch.autograd.grad(made, wanted, weights, allow_unused=True)
            for gradient in gradients:
                exact.append(None if gradient is None else (gradient.shape, gradient.stride()))
                numbers += [] if gradient is None else _numbers(gradient)
    return tuple(exact), numbers
