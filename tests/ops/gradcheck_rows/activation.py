"""Sample calls of the activations; their ``BackwardBackward`` nodes come with second order."""

from __future__ import annotations

from typing import Any

from .rows import NO_DERIVATIVE, Refused, inside, leaf, positive, real_row, row, without_forward


def _drawn(torch: Any, function: Any, x: Any) -> Any:
    """Return the same random slopes at every call."""
    torch.manual_seed(3)
    return function(x, 0.1, 0.4, True)


ROWS = [
    row("sigmoid", lambda t, x: t.sigmoid(x), leaf(3)),
    row("tanh", lambda t, x: t.tanh(x), inside(3)),
    real_row("relu", lambda t, x: t.relu(x), leaf(2, 2)),
    real_row("threshold", lambda t, x: t.nn.functional.threshold(x, 0.1, 0.5), leaf(4)),
    real_row("threshold_", lambda t, x: t.nn.functional.threshold_(x.clone(), 0.1, 0.5), leaf(4)),
    real_row("leaky_relu", lambda t, x: t.nn.functional.leaky_relu(x, 0.3), leaf(4)),
    real_row("leaky_relu_", lambda t, x: t.nn.functional.leaky_relu_(x.clone(), 0.3), leaf(4)),
    real_row("rrelu", lambda t, x: t.nn.functional.rrelu(x, 0.1, 0.4), leaf(4)),
    real_row(
        "rrelu_",
        lambda t, x: t.nn.functional.rrelu_(x.clone(), 0.1, 0.4),
        leaf(4),
        **without_forward(),
    ),
    real_row("rrelu training", lambda t, x: _drawn(t, t.rrelu, x), leaf(4)),
    real_row(
        "rrelu_ training", lambda t, x: _drawn(t, t.rrelu_, x.clone()), leaf(4), **without_forward()
    ),
    real_row("prelu", lambda t, x, w: t.prelu(x, w), leaf(2, 3), positive(3)),
    real_row("hardtanh", lambda t, x: t.nn.functional.hardtanh(x, -1.1, 0.7), leaf(4)),
    real_row("relu6", lambda t, x: t.nn.functional.relu6(x), leaf(4, high=8.0)),
    real_row(
        "hardsigmoid",
        lambda t, x: t.nn.functional.hardsigmoid(x),
        leaf(4, low=-5, high=5),
        second=NO_DERIVATIVE,
        forward_over_backward=Refused("Trying to use forward AD", NO_DERIVATIVE.why),
    ),
    real_row("hardswish", lambda t, x: t.nn.functional.hardswish(x), leaf(4, low=-5, high=5)),
    real_row("hardshrink", lambda t, x: t.nn.functional.hardshrink(x, 0.4), leaf(4)),
    real_row("softshrink", lambda t, x: t.nn.functional.softshrink(x, 0.4), leaf(4)),
    real_row("elu", lambda t, x: t.nn.functional.elu(x, 1.3), leaf(4)),
    real_row("elu_", lambda t, x: t.nn.functional.elu_(x.clone(), 1.3), leaf(4)),
    real_row("selu", lambda t, x: t.selu(x), leaf(4)),
    real_row("celu", lambda t, x: t.celu(x, 2.0), leaf(4)),
    real_row("celu_", lambda t, x: t.celu_(x.clone(), 2.0), leaf(4)),
    real_row("gelu", lambda t, x: t.nn.functional.gelu(x), leaf(4)),
    real_row("gelu tanh", lambda t, x: t.nn.functional.gelu(x, approximate="tanh"), leaf(4)),
    real_row("silu", lambda t, x: t.nn.functional.silu(x), leaf(3)),
    real_row("mish", lambda t, x: t.nn.functional.mish(x), leaf(3)),
    real_row("softplus", lambda t, x: t.nn.functional.softplus(x, 1.5, 2.0), leaf(4)),
    real_row("logsigmoid", lambda t, x: t.nn.functional.logsigmoid(x), leaf(4)),
    real_row("glu", lambda t, x: t.nn.functional.glu(x, 0), leaf(4, 2)),
    row("tanhshrink", lambda t, x: t.nn.functional.tanhshrink(x), inside(3)),
    row("softsign", lambda t, x: t.nn.functional.softsign(x), leaf(3)),
]
