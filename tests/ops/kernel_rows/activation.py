"""Derived kernels of activation in literals."""

from __future__ import annotations

import math
from typing import Any

from .values import DENSITY1, INF, LN2, NAN, PHI1, SIG1, E

SIXTH = 0.16666667163372040  # in single precision, as torch has it
_RRELU: list[Any] = [[4.0, 4.0], [-1.0, 1.0], [0.25, 1.0]]  # gradient, input, slopes

ROWS: list[tuple[str, list[Any], Any]] = [
    ("sigmoid", [[0.0, 1.0, -1000.0, INF]], [0.5, SIG1, 0.0, 1.0]),
    ("sigmoid_backward", [[2.0], [0.25]], [0.375]),
    ("tanh_backward", [[2.0], [0.5]], [1.5]),
    ("relu", [[-1.0, 2.0, NAN]], [0.0, 2.0, NAN]),
    ("threshold", [[1.0, 2.0, NAN], 1, -5], [-5.0, 2.0, NAN]),
    ("threshold_backward", [[7.0, 7.0], [1.0, 2.0], 1], [0.0, 7.0]),
    ("leaky_relu", [[-2.0, 3.0], 0.5], [-1.0, 3.0]),
    ("leaky_relu_backward", [[4.0, 4.0], [-2.0, 3.0], 0.5], [2.0, 4.0]),
    ("rrelu_with_noise_backward", [*_RRELU, 0.1, 0.4, True], [1.0, 4.0]),
    ("rrelu_with_noise_backward", [*_RRELU, 0.25, 0.75, False], [2.0, 4.0]),
    ("prelu_kernel", [[-2.0, 3.0], [0.5, 0.5]], [-1.0, 3.0]),
    (
        "prelu_kernel_backward",
        [[4.0, 4.0], [-2.0, 3.0], [0.5, 0.5]],
        ([2.0, 4.0], [-8.0, 0.0]),
    ),
    ("hardtanh", [[-2.0, 0.5, 2.0], -1, 1], [-1.0, 0.5, 1.0]),
    ("hardtanh_backward", [[3.0, 3.0, 3.0], [-1.0, 0.5, 2.0], -1, 1], [0.0, 3.0, 0.0]),
    ("hardsigmoid", [[-4.0, 0.0, 1.5, 4.0]], [0.0, 0.5, 0.75, 1.0]),
    ("hardsigmoid_backward", [[6.0, 6.0], [3.0, 0.0]], [0.0, 6 * SIXTH]),
    ("hardswish", [[-4.0, 1.0, 4.0]], [0.0, 4 / 6, 4.0]),
    ("hardswish_backward", [[6.0, 6.0, 6.0], [-3.0, 0.0, 3.0]], [0.0, 3.0, 6.0]),
    ("hardshrink", [[-2.0, 0.5, 1.0, NAN], 1], [-2.0, 0.0, 0.0, NAN]),
    ("softshrink", [[-2.0, 0.5, 3.0, NAN], 1], [-1.0, 0.0, 2.0, NAN]),
    ("shrink_backward", [[3.0, 3.0], [-2.0, 0.5], 1], [3.0, 0.0]),
    ("softshrink_backward", [[3.0, 3.0], [-2.0, 0.5], 1], [3.0, 0.0]),
    ("elu", [[-1.0, 2.0], 2.0, 3.0, 1.0], [6 * (1 / E - 1), 6.0]),
    ("elu_backward", [[1.0, 1.0], 2.0, 3.0, 1.0, False, [-1.0, 2.0]], [6 / E, 3.0]),
    ("elu_backward", [[1.0], 2.0, 1.0, 1.0, True, [-0.5]], [1.5]),
    ("gelu", [[0.0, 1.0], "none"], [0.0, PHI1]),
    ("gelu", [[1.0], "tanh"], [0.8411919906082768]),
    ("gelu_backward", [[1.0, 2.0], [0.0, 1.0], "none"], [0.5, 2 * (PHI1 + DENSITY1)]),
    ("gelu_backward", [[1.0], [1.0], "tanh"], [1.0829640838457826]),
    ("silu", [[0.0, 1.0]], [0.0, SIG1]),
    ("mish", [[0.0, 1.0]], [0.0, math.tanh(math.log1p(E))]),
    ("softplus", [[0.0, 30.0]], [LN2, 30.0]),
    ("softplus", [[1.0], 2.0, 20.0], [math.log1p(math.exp(2)) / 2]),
    ("softplus_backward", [[2.0, 2.0], [0.0, 30.0], 1.0, 20.0], [1.0, 2.0]),
    ("log_sigmoid_forward", [[0.0, -1.0]], ([-LN2, math.log(1 - SIG1)], [1.0, 1 / E])),
    ("log_sigmoid_backward", [[1.0, 1.0], [1.0, -1.0], [1 / E, 1 / E]], [1 - SIG1, SIG1]),
    ("glu", [[3.0, 5.0, 0.0, 1.0], 0], [1.5, 5 * SIG1]),
    ("glu_backward", [[2.0], [3.0, 0.0], 0], [1.0, 1.5]),
]
