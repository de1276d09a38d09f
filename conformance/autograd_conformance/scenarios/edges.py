"""Values and gradients where functions are not smooth: ties, corners, poles, infinities, NaN.

Rows are labelled by what a gradient there is: ``smooth`` (it exists, and an implementation may well
miss it), a ``subgradient`` (one of several that torch chose), or ``undefined`` (whatever torch
says).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

INF, NAN = float("inf"), float("nan")
Operands = tuple[list[float], ...]
Row = tuple[str, str, Callable[..., Any], Operands]
_CANCELLED = 1e-15
_WEIGHTS = (0.5, -1.25, 2.0, 0.75, -3.0)


def _ask(torch: Any, record: Recorder, rows: Sequence[Row]) -> None:
    """Record the value of each row, and its gradients under a cotangent that tells elements apart.

    The gradients' own gradients follow where they have some.
    """
    for kind, name, function, operands in rows:
        inputs = [torch.tensor(o, dtype=torch.float64, requires_grad=True) for o in operands]
        value = function(*inputs)
        record(f"{kind}: {name}", value)
        if not value.requires_grad:
            continue
        weights = torch.tensor(_WEIGHTS[: value.numel()], dtype=torch.float64)
        weights = weights.reshape(value.shape)
        gradients = torch.autograd.grad(
            value, inputs, weights, create_graph=True, allow_unused=True
        )
        record(f"{kind}: gradients of {name}", _numbers(gradients))
        moving = [g for g in gradients if g is not None and g.requires_grad]
        if moving:
            total = sum((g * g.detach().sign()).sum() for g in moving)
            second = None
            with record.raises(f"{kind}: {name} twice"):
                second = torch.autograd.grad(total, inputs, allow_unused=True)
            if second is not None:  # terms of about 1 may cancel in it
                label = f"{kind}: second gradients of {name}"
                record(label, _numbers(second), slack=_CANCELLED)


def _numbers(gradients: Any) -> list[Any]:
    """Plain numbers, from torch's zeros without storage, too."""
    return [None if g is None else (g.detach() + 0.0).tolist() for g in gradients]


@scenario
def ties_of_two(torch: Any, record: Recorder) -> None:
    pair = ([1.0, 2.0, -3.0], [1.0, 1.0, -3.0])
    names = ["maximum", "minimum", "fmax", "fmin", "dist", "hypot", "atan2", "logaddexp"]
    _ask(torch, record, [("subgradient", n, getattr(torch, n), pair) for n in names])
    same = ([1.0, 2.0], [1.0, 2.0])
    names = ["l1_loss", "mse_loss", "smooth_l1_loss", "huber_loss"]
    losses = [("subgradient", n, getattr(torch.nn.functional, n), same) for n in names]
    _ask(torch, record, losses)


@scenario
def ties_of_many(torch: Any, record: Recorder) -> None:
    tied = ([2.0, 3.0, 3.0, 1.0, 3.0],)
    names = ["amax", "amin", "max", "min", "median", "logsumexp", "softmax", "std", "var"]
    rows: list[Row] = []
    for name in names:
        arguments = (0,) if name in ("amax", "amin", "logsumexp", "softmax") else ()

        def function(x: Any, name: str = name, arguments: Any = arguments) -> Any:
            return getattr(torch, name)(x, *arguments)

        rows.append(("subgradient", name, function, tied))
    for name in ("max", "min", "median", "kthvalue", "mode", "sort", "topk", "cummax", "cummin"):
        arguments = (2,) if name in ("kthvalue", "topk") else (0,)

        def first(x: Any, name: str = name, arguments: Any = arguments) -> Any:
            return getattr(torch, name)(x, *arguments)[0]

        rows.append(("subgradient", f"{name} along a dim", first, tied))
    _ask(torch, record, rows)


@scenario
def corners(torch: Any, record: Recorder) -> None:
    around = ([-1.0, 0.0, 1.0],)
    rows: list[Row] = [
        ("subgradient", "abs", torch.abs, around),
        ("subgradient", "sign", torch.sign, around),
        ("subgradient", "clamp", lambda x: x.clamp(-1.0, 1.0), around),
        ("subgradient", "clamp at one value", lambda x: x.clamp(0.0, 0.0), around),
        ("subgradient", "clamp upside down", lambda x: x.clamp(1.0, -1.0), around),
        ("subgradient", "floor", torch.floor, ([-0.5, 0.0, 1.5],)),
        ("subgradient", "remainder", lambda x: torch.remainder(x, 1.0), ([-0.5, 0.0, 2.0],)),
    ]
    functional = torch.nn.functional
    at_3, at_half = ([-3.0, 0.0, 3.0],), ([-0.5, 0.0, 0.5],)
    names = ["relu", "leaky_relu", "elu", "selu", "celu", "hardtanh", "relu6", "hardswish"]
    rows += [("subgradient", name, getattr(functional, name), at_3) for name in names]
    names = ["hardshrink", "softshrink", "hardsigmoid"]
    rows += [("subgradient", name, getattr(functional, name), at_half) for name in names]
    _ask(torch, record, rows)


@scenario
def halves_are_rounded_to_even(torch: Any, record: Recorder) -> None:
    halves = ([-1.5, -0.5, 0.5, 1.5, 2.5],)
    rows: list[Row] = [("subgradient", "round", torch.round, halves)]
    rows.append(("subgradient", "frac", torch.frac, halves))
    rows.append(("subgradient", "trunc", torch.trunc, halves))
    _ask(torch, record, rows)


@scenario
def powers_at_0(torch: Any, record: Recorder) -> None:
    zeros, exponents = [0.0, 0.0, 0.0, -2.0], [0.0, 1.0, 2.0, 2.0]
    _ask(
        torch,
        record,
        [
            ("smooth", "pow", torch.pow, (zeros, exponents)),
            ("smooth", "pow 0", lambda x: x**0, ([0.0, 1.0, -2.0],)),
            ("smooth", "pow 2", lambda x: x**2, ([0.0, 1.0, -2.0],)),
            ("undefined", "pow -1", lambda x: x**-1, ([0.0, 1.0, -2.0],)),
            ("undefined", "pow 0.5", lambda x: x**0.5, ([0.0, 4.0, -2.0],)),
            ("smooth", "power of 0", lambda x: 0.0**x, ([0.0, 1.0, -2.0],)),
            ("undefined", "power of -2", lambda x: (-2.0) ** x, ([0.0, 1.0, 0.5],)),
            ("smooth", "xlogy", torch.xlogy, ([0.0, 0.0, 1.0], [0.0, 2.0, 0.5])),
            ("smooth", "prod with a zero", torch.prod, ([2.0, 0.0, 3.0],)),
            ("smooth", "prod with two zeros", torch.prod, ([2.0, 0.0, 0.0],)),
            ("smooth", "cumprod", lambda x: x.cumprod(0), ([2.0, 0.0, 3.0, 0.0, 1.5],)),
            ("smooth", "sinc", torch.sinc, ([0.0, 0.5],)),
        ],
    )


@scenario
def poles_and_roots(torch: Any, record: Recorder) -> None:
    at_0 = ([0.0, -0.0, 1.0],)
    names = ["sqrt", "rsqrt", "reciprocal", "log", "log2", "log10", "acosh", "digamma", "lgamma"]
    rows: list[Row] = [("undefined", name, getattr(torch, name), at_0) for name in names]
    names = ["asin", "acos", "atanh", "erfinv", "log1p", "logit"]
    at_1 = ([-1.0, 1.0, 0.5],)
    rows += [("undefined", name, getattr(torch, name), at_1) for name in names]
    for order in (0.5, 1, 2, 3, INF, -INF, 0):

        def norm(x: Any, order: Any = order) -> Any:
            return torch.linalg.vector_norm(x, order)

        rows.append(("subgradient", f"norm {order} of 0", norm, ([0.0, 0.0],)))
        rows.append(("subgradient", f"norm {order} of a tie", norm, ([0.0, 2.0, -2.0],)))
    rows.append(("undefined", "std of one", torch.std, ([2.0, 2.0],)))
    _ask(torch, record, rows)


@scenario
def infinities_and_nan(torch: Any, record: Recorder) -> None:
    special = ([INF, -INF, NAN, 0.0],)
    names = ["exp", "expm1", "log1p", "sin", "tanh", "sigmoid", "atan", "abs", "sqrt", "erf"]
    rows: list[Row] = [("undefined", name, getattr(torch, name), special) for name in names]
    rows.append(("smooth", "exp of large numbers", torch.exp, ([709.0, 710.0, -746.0],)))
    rows.append(("smooth", "nan_to_num", torch.nan_to_num, special))
    rows.append(("undefined", "clamp", lambda x: x.clamp(-1.0, 1.0), special))
    one = [1.0, 1.0, 1.0, NAN]
    names = ["maximum", "minimum", "fmax", "fmin", "mul", "div", "logaddexp"]
    rows += [("undefined", name, getattr(torch, name), (special[0], one)) for name in names]
    for name in ("sum", "mean", "prod", "max", "min", "nansum"):
        rows.append(("undefined", f"{name} of all", getattr(torch, name), special))
    for name in ("amax", "amin", "logsumexp", "softmax", "log_softmax", "cumsum"):

        def along(x: Any, name: str = name) -> Any:
            return getattr(torch, name)(x, 0)

        rows.append(("undefined", name, along, ([INF, 1.0, 2.0],)))
        rows.append(("undefined", f"{name} of NaN", along, ([NAN, 1.0, 2.0],)))
        rows.append(("undefined", f"{name} of -inf alone", along, ([-INF, -INF],)))
    _ask(torch, record, rows)


@scenario
def nothing_to_reduce(torch: Any, record: Recorder) -> None:
    empty: tuple[list[float], ...] = ([],)
    names = ["sum", "prod", "mean", "nansum", "cumsum", "softmax", "logsumexp", "exp"]
    rows: list[Row] = []
    for name in names:
        arguments = (0,) if name in ("cumsum", "softmax", "logsumexp") else ()

        def function(x: Any, name: str = name, arguments: Any = arguments) -> Any:
            return getattr(torch, name)(x, *arguments)

        rows.append(("smooth", name, function, empty))
    _ask(torch, record, rows)
    for name in ("max", "amax", "argmax", "median"):
        with record.raises(name):
            record(f"{name} of nothing", getattr(torch, name)(torch.tensor([])))
