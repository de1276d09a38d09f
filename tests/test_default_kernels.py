"""The derived kernels of the contract, over the required ones of the Python backend, in literals.

A row is the kernel's name, its arguments and what comes out. A list stands for an array (of int64,
bool or complex128 where its numbers say so), a bare number in ``zero_d`` for one without dims.
"""

from __future__ import annotations

import cmath
import inspect
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from autograd_core import dtypes
from autograd_core.default_kernels import DefaultKernels

python = pytest.importorskip("autograd_python")
xp = python.PythonBackend()
NAN, INF = math.nan, math.inf
OF_TYPE = {
    bool: dtypes.bool_,
    int: dtypes.int64,
    float: dtypes.float64,
    complex: dtypes.complex128,
}


class Arrays(NamedTuple):
    """A list of arrays."""

    members: tuple[Any, ...]


class ZeroD(NamedTuple):
    """An array without dims."""

    value: Any


def arrays(*members: Any) -> Arrays:
    return Arrays(members)


def zero_d(value: Any) -> ZeroD:
    return ZeroD(value)


def filled(*shape: int) -> list[Any]:
    """1.0, 2.0 ... in a shape."""
    return nested([float(k + 1) for k in range(math.prod(shape))], shape)


def nested(flat: Sequence[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return flat[0]
    size = math.prod(shape[1:])
    return [nested(flat[row * size : (row + 1) * size], shape[1:]) for row in range(shape[0])]


def shape_of(rows: Any) -> tuple[int, ...]:
    if not isinstance(rows, list):
        return ()
    return (len(rows), *shape_of(rows[0])) if rows else (0,)


def leaves(rows: Any) -> Iterator[Any]:
    if isinstance(rows, list):
        for row in rows:
            yield from leaves(row)
    else:
        yield rows


def made(argument: Any) -> Any:
    """An argument as the kernel takes it."""
    if isinstance(argument, Arrays):
        return [made(member) for member in argument.members]
    if isinstance(argument, ZeroD):
        return xp.from_flat([argument.value], (), OF_TYPE[type(argument.value)])
    if not isinstance(argument, list):
        return argument
    flat = list(leaves(argument))
    return xp.from_flat(flat, shape_of(argument), OF_TYPE[type(flat[0]) if flat else float])


def close(got: Any, expected: Any) -> bool:
    if isinstance(expected, complex):
        return cmath.isclose(got, expected, rel_tol=1e-14, abs_tol=1e-15)
    if isinstance(expected, float):
        same = math.isclose(got, expected, rel_tol=1e-14, abs_tol=1e-15)
        return same or (math.isnan(got) and math.isnan(expected))
    return bool(got == expected)


def check(got: Any, expected: Any) -> None:
    """Compare results with literals: dtype, shape and elements."""
    if isinstance(expected, Arrays):
        assert isinstance(got, list)
        for one, two in zip(got, expected.members, strict=True):
            check(one, two)
    elif isinstance(got, python.Array):
        literal = expected.value if isinstance(expected, ZeroD) else expected
        flat = list(leaves(literal))
        assert got.shape == shape_of(literal)
        if flat:
            assert got.dtype is OF_TYPE[type(flat[0])]
        values = xp.to_flat(got)
        assert all(map(close, values, flat)), f"got {nested(values, got.shape)}"
    elif isinstance(expected, tuple) and isinstance(got, (tuple, list)):
        for one, two in zip(got, expected, strict=True):
            check(one, two)
    else:
        assert got == expected


E = math.e
LN2 = math.log(2)
SIG1 = 1 / (1 + math.exp(-1))
SIG2 = 1 / (1 + math.exp(-2))
PHI1 = math.erf(math.sqrt(0.5)) / 2 + 0.5
DENSITY1 = math.exp(-0.5) / math.sqrt(2 * math.pi)
NORM = 5 + 1e-7  # never zero
SIXTH = 0.16666667163372040  # in single precision, as torch has it
GRID = [[1.0, 2.0], [3.0, 4.0]]

ARRAYS = [
    ("dtype_of_native", [dtypes.int8], dtypes.int8),
    ("is_conj", [[1.0j]], False),
    ("is_neg", [[1.0]], False),
    ("resolve_conj", [[1.0j]], [1.0j]),
    ("resolve_neg", [[1.0]], [1.0]),
    ("scalar_like", [[1, 2], 7], zero_d(7)),
    ("as_dtype_of", [[1, 2], [0.5]], [1.0, 2.0]),
    ("item", [[2.5]], 2.5),
    ("is_nonzero", [[0.0]], False),
    ("is_nonzero", [[3]], True),
    ("truth", [[0.5], False], True),
    ("truth", [[0.0], True], False),
    ("anywhere", [[False, True]], True),
    ("anywhere", [[0, 0]], False),
    ("following", [GRID, GRID, GRID], GRID),
    ("elements", [GRID], [1.0, 2.0, 3.0, 4.0]),
    ("is_uniform", [GRID], True),
    ("detached", [GRID], GRID),
]

POINTWISE = [
    ("add_scaled", [[1.0, 2.0], [3.0, 4.0], 2], [7.0, 10.0]),
    ("add_scaled", [[1, 2], [3, 4], -1], [-2, -2]),
    ("sub_scaled", [[1.0, 2.0], [3.0, 4.0], 2], [-5.0, -6.0]),
    ("rsub", [[1.0, 2.0], [3.0, 5.0]], [2.0, 3.0]),
    ("rsub", [[1.0, 2.0], [3.0, 5.0], 2], [1.0, 1.0]),
    ("rsub_scalar", [[1.0, 2.0], 3], [2.0, 1.0]),
    ("rsub_scalar", [[1, 2], 3, 2], [1, -1]),
    ("add_scalar", [[1.0, -2.0], 3], [4.0, 1.0]),
    ("mul_scalar", [[1.0, -2.0], 3], [3.0, -6.0]),
    ("div_scalar", [[1.0, -2.0], 4], [0.25, -0.5]),
    ("div_floor", [[-7.0, 7.0], [2.0, -2.0]], [-4.0, -4.0]),
    ("div_floor", [[-7, 7], [2, 2]], [-4, 3]),
    ("div_trunc", [[-7.0, 7.0], [2.0, 2.0]], [-3.0, 3.0]),
    ("div_trunc", [[-7, 7, -6, 7], [2, -2, 2, 2]], [-3, -3, -3, 3]),
    ("addcmul", [[1.0], [2.0], [3.0], 10], [61.0]),
    ("addcmul", [[1, 1], [2, 3], [3, 3]], [7, 10]),
    ("addcdiv", [[1.0], [3.0], [2.0], 10], [16.0]),
    ("lerp", [[1.0, 1.0], [3.0, 3.0], [0.25, 0.75]], [1.5, 2.5]),
    ("lerp_scalar", [[1.0, 2.0], [3.0, 6.0], 0.5], [2.0, 4.0]),
    ("lerp_scalar", [[1.0], [3.0], 0.25], [1.5]),
    ("reciprocal", [[2.0, -0.0, INF]], [0.5, -INF, 0.0]),
    ("reciprocal", [[1 + 1j]], [0.5 - 0.5j]),
    ("square", [[-3.0, 2.0]], [9.0, 4.0]),
    ("rsqrt", [[4.0, 0.0, -1.0]], [0.5, INF, NAN]),
    ("pow_scalar", [[-2.0, 3.0], 2], [4.0, 9.0]),
    ("pow_scalar", [[-2.0, 3.0], 3], [-8.0, 27.0]),
    ("pow_scalar", [[4.0, -1.0], 0.5], [2.0, NAN]),
    ("pow_scalar", [[4.0, 16.0], -0.5], [0.5, 0.25]),
    ("pow_scalar", [[4.0, 0.5], -1], [0.25, 2.0]),
    ("pow_scalar", [[4.0, 0.5], -2], [0.0625, 4.0]),
    ("pow_scalar", [[0.0, 2.0], 0], [1.0, 1.0]),
    ("pow_scalar", [[2, 3], 5], [32, 243]),
    ("pow_base", [2, [0.0, 3.0, -1.0]], [1.0, 8.0, 0.5]),
    ("hypot", [[3.0, 1e200, -INF, 0.0], [4.0, 0.0, NAN, 0.0]], [5.0, 1e200, INF, 0.0]),
    ("exp2", [[3.0, -1.0]], [8.0, 0.5]),
    ("log2", [[8.0, 0.5, 0.0]], [3.0, -1.0, -INF]),
    ("log10", [[1000.0, 0.01]], [3.0, -2.0]),
    ("logaddexp", [[1.0, 1000.0, -INF], [1.0, 1000.0, -INF]], [1 + LN2, 1000 + LN2, -INF]),
    ("logaddexp", [[0j], [0j]], [complex(LN2)]),
    ("logaddexp2", [[1.0, 1000.0, INF], [1.0, 1000.0, INF]], [2.0, 1001.0, INF]),
    ("sgn", [[-2.0, 0.0, 5.0]], [-1.0, 0.0, 1.0]),
    ("sgn", [[3 + 4j, 0j]], [0.6 + 0.8j, 0j]),
    ("signbit", [[-0.0, 0.0, -INF]], [True, False, True]),
    ("signbit", [[-1, 0]], [True, False]),
    ("frac", [[1.75, -1.75]], [0.75, -0.75]),
    ("round_decimals", [[1.256, -1.256], 2], [1.26, -1.26]),
    ("round_decimals", [[1256.0], -2], [1300.0]),
    ("sinc", [[0.0, 0.5, 1.0]], [1.0, 2 / math.pi, 0.0]),
    ("deg2rad", [[180.0]], [math.pi]),
    ("rad2deg", [[math.pi]], [180.0]),
    ("conj", [[1 + 2j]], [1 - 2j]),
    ("conj", [[1.0]], [1.0]),
    ("isfinite", [[1.0, INF, -INF, NAN]], [True, False, False, False]),
    ("isposinf", [[1.0, INF, -INF, NAN]], [False, True, False, False]),
    ("isneginf", [[1.0, INF, -INF, NAN]], [False, False, True, False]),
    ("isneginf", [[1, 2]], [False, False]),
    ("fmax", [[1.0, NAN, 3.0, NAN], [2.0, 2.0, NAN, NAN]], [2.0, 2.0, 3.0, NAN]),
    ("fmin", [[1.0, NAN, 3.0, NAN], [2.0, 2.0, NAN, NAN]], [1.0, 2.0, 3.0, NAN]),
    ("clamp", [[-1.0, 0.5, 9.0, NAN], 0, 1], [0.0, 0.5, 1.0, NAN]),
    ("clamp", [[-1, 5], None, 2], [-1, 2]),
    ("clamp_tensor", [[1.0, 5.0], [2.0, NAN], None], [2.0, NAN]),
    ("clamp_tensor", [[1.0, 5.0], [3.0, 3.0], [2.0, 4.0]], [2.0, 4.0]),
    ("heaviside", [[-1.0, 0.0, 2.0, NAN], [0.5, 0.5, 0.5, 0.5]], [0.0, 0.5, 1.0, 0.0]),
    ("nan_to_num", [[NAN, INF, 1.0], 7.0, 8.0, None], [7.0, 8.0, 1.0]),
    ("nan_to_num", [[-INF]], [-1.7976931348623157e308]),
    ("nan_to_num", [[complex(NAN, 2.0)]], [2j]),
    ("gcd", [[12, -18, 0], [18, 12, 0]], [6, 6, 0]),
    ("lcm", [[4, -6, 0], [6, 4, 5]], [12, 12, 0]),
]

SPECIAL = [
    ("mvlgamma", [[2.0], 1], [0.0]),
    ("mvlgamma", [[1.5], 2], [math.log(math.pi / 2)]),
    ("entr", [[0.0, 1.0, -1.0, E, NAN]], [0.0, 0.0, -INF, -E, NAN]),
    ("logit", [[0.5, 0.0, 0.75]], [0.0, -INF, math.log(3)]),
    ("logit", [[0.0], 0.25], [-math.log(3)]),
    ("xlogy", [[0.0, 2.0, 0.0], [0.0, E, NAN]], [0.0, 2.0, NAN]),
    ("xlogy_scalar", [[0.0, 2.0], 1.0], [0.0, 0.0]),
    ("xlog1py", [[0.0, 2.0, 0.0], [-1.0, 1.0, NAN]], [0.0, 2 * LN2, NAN]),
    ("xlog1py_scalar", [[0.0, 2.0], 1.0], [0.0, 2 * LN2]),
    ("zeta", [[2.0, 4.0], [1.0, 1.0]], [math.pi**2 / 6, math.pi**4 / 90]),
    ("zeta", [[1.0, 0.5, 2.0], [1.0, 1.0, 0.0]], [INF, NAN, INF]),
    ("zeta_of_number", [2.0, [1.0, 2.0]], [math.pi**2 / 6, math.pi**2 / 6 - 1]),
    ("i1", [[0.0, 1.0, -1.0]], [0.0, 0.565159103992485, -0.565159103992485]),
    ("i1", [[INF, NAN]], [INF, NAN]),
    ("i0e", [[0.0, 1.0, INF]], [1.0, 0.46575960759364043, 0.0]),
    ("i0e", [[30.0]], [0.0731459464822373]),
    ("i1e", [[0.0, 1.0, -1.0]], [0.0, 0.2079104153497085, -0.2079104153497085]),
    ("erfcx", [[0.0, -INF, INF]], [1.0, INF, 0.0]),
    ("erfcx", [[1.0, 100.0]], [0.427583576155807, 0.005641613782989433]),
    ("ndtri", [[0.5, PHI1]], [0.0, 1.0]),
    ("log_ndtr", [[0.0, 1.0, -INF]], [-LN2, math.log(PHI1), -INF]),
    ("log_ndtr", [[-40.0]], [-804.608442013754]),
]

ACTIVATION = [
    ("sigmoid", [[0.0, 1.0, -1000.0, INF]], [0.5, SIG1, 0.0, 1.0]),
    ("sigmoid_backward", [[2.0], [0.25]], [0.375]),
    ("tanh_backward", [[2.0], [0.5]], [1.5]),
    ("relu", [[-1.0, 2.0, NAN]], [0.0, 2.0, NAN]),
    ("threshold", [[1.0, 2.0, NAN], 1, -5], [-5.0, 2.0, NAN]),
    ("threshold_backward", [[7.0, 7.0], [1.0, 2.0], 1], [0.0, 7.0]),
    ("leaky_relu", [[-2.0, 3.0], 0.5], [-1.0, 3.0]),
    ("leaky_relu_backward", [[4.0, 4.0], [-2.0, 3.0], 0.5], [2.0, 4.0]),
    ("rrelu_with_noise_backward", [[4.0, 4.0], [-1.0, 1.0], [0.25, 1.0]], [1.0, 4.0]),
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

REDUCTION = [
    ("widened", [[1.0]], [1.0]),
    ("sum_all", [GRID], zero_d(10.0)),
    ("mean", [GRID, (0,)], [2.0, 3.0]),
    ("mean", [GRID, (0, 1), True], [[2.5]]),
    ("mean", [[], (0,)], zero_d(NAN)),
    ("var_mean", [GRID, (1,), 1], ([0.5, 0.5], [1.5, 3.5])),
    ("var_mean", [[1 + 1j, 3 - 1j], (0,), 0], (zero_d(2.0), zero_d(2 + 0j))),
    ("var", [[1.0, 3.0], (0,), 0, True], [1.0]),
    ("var", [[1.0], (0,), 1], zero_d(NAN)),
    ("std_mean", [[1.0, 3.0], (0,), 0], (zero_d(1.0), zero_d(2.0))),
    ("std", [[1.0, 3.0], (0,), 1], zero_d(math.sqrt(2))),
    ("nansum", [[[1.0, NAN], [NAN, NAN]], (1,)], [1.0, 0.0]),
    ("count_nonzero", [[[1.0, 0.0], [NAN, 2.0]], (1,)], [1, 2]),
    ("aminmax", [GRID, (0,)], ([1.0, 2.0], [3.0, 4.0])),
    ("max_dim", [[[1.0, 5.0, 5.0], [NAN, 2.0, NAN]], 1], ([5.0, NAN], [1, 0])),
    ("min_dim", [[[1.0, 1.0], [2.0, 0.0]], 1, True], ([[1.0], [0.0]], [[0], [1]])),
    ("max_dim", [zero_d(3.0), 0], (zero_d(3.0), zero_d(0))),
    ("only_element", [zero_d(3.0)], (zero_d(3.0), zero_d(0))),
    ("picked", [GRID, 0, [[1, 0]], False], ([3.0, 2.0], [1, 0])),
    ("logsumexp", [[[0.0, 0.0], [1000.0, -INF]], (1,)], [LN2, 1000.0]),
    ("logsumexp", [[[], []], (1,)], [-INF, -INF]),
    ("logcumsumexp", [[0.0, 0.0, -INF], 0], [0.0, LN2, LN2]),
    ("logaddexp_shifted", [[0.0, INF, -INF], [0.0, INF, -INF]], [LN2, INF, -INF]),
    ("vector_norm", [[3.0, -4.0], 2, (0,)], zero_d(5.0)),
    ("vector_norm", [[3.0, -4.0, 0.0], 0, (0,)], zero_d(2.0)),
    ("vector_norm", [[3.0, -4.0], 1, (0,), True], [7.0]),
    ("vector_norm", [[3.0, -4.0], INF, (0,)], zero_d(4.0)),
    ("vector_norm", [[3.0, -4.0], -INF, (0,)], zero_d(3.0)),
    ("vector_norm", [[2.0, 2.0], 3, (0,)], zero_d(16 ** (1 / 3))),
    ("vector_norm", [[3 + 4j, 0j], 2, (0,)], zero_d(5.0)),
    ("dist", [[1.0, 2.0], [4.0, 6.0], 2], zero_d(5.0)),
    ("renorm", [[[3.0, 4.0], [0.3, 0.4]], 2, 0, 1.0], [[3 / NORM, 4 / NORM], [0.3, 0.4]]),
]

SHAPE = [
    ("empty", [(2, 0), dtypes.float64], [[], []]),
    ("new_zeros", [[1], (2,)], [0, 0]),
    ("zeros_like", [[1.0, 2.0]], [0.0, 0.0]),
    ("ones_like", [[True, False]], [True, True]),
    ("full_in_layout", [GRID, 7], [[7.0, 7.0], [7.0, 7.0]]),
    ("fill_tensor", [GRID, zero_d(3)], [[3.0, 3.0], [3.0, 3.0]]),
    ("new_positions", [[1.0], 3], [0, 1, 2]),
    ("to_dtype", [[1.5, -1.5], dtypes.int64], [1, -1]),
    ("clone_row_major", [GRID], GRID),
    ("clone_strided", [GRID, (1, 2)], GRID),
    ("clone_storage", [GRID], GRID),
    ("geometry", [GRID], ((2, 2), (2, 1), 0)),
    ("reshape", [GRID, (-1,)], [1.0, 2.0, 3.0, 4.0]),
    ("reshape_alias", [GRID, (4,), (1,)], [1.0, 2.0, 3.0, 4.0]),
    ("alias", [GRID], GRID),
    ("transpose", [GRID, 0, 1], [[1.0, 3.0], [2.0, 4.0]]),
    ("transpose", [zero_d(1.0), 0, 0], zero_d(1.0)),
    ("t", [[[1.0, 2.0]]], [[1.0], [2.0]]),
    ("t", [[1.0, 2.0]], [1.0, 2.0]),
    ("squeeze", [[[[1.0], [2.0]]]], [1.0, 2.0]),
    ("squeeze_dim", [[[1.0], [2.0]], 0], [[1.0], [2.0]]),
    ("squeeze_dims", [[[[1.0], [2.0]]], (0, 2)], [1.0, 2.0]),
    ("unsqueeze", [[1.0, 2.0], 1], [[1.0], [2.0]]),
    ("diagonal", [filled(2, 3), 1, 0, 1], [2.0, 6.0]),
    ("unfold", [[1.0, 2.0, 3.0, 4.0, 5.0], 0, 3, 2], [[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]),
    ("split", [[1.0, 2.0, 3.0], 2, 0], arrays([1.0, 2.0], [3.0])),
    ("split_with_sizes", [[1.0, 2.0, 3.0], (1, 2), 0], arrays([1.0], [2.0, 3.0])),
    ("unbind", [GRID, 1], arrays([1.0, 3.0], [2.0, 4.0])),
    ("select_scatter", [GRID, [8.0, 9.0], 1, 0], [[8.0, 2.0], [9.0, 4.0]]),
    ("slice_scatter", [[1.0, 2.0, 3.0], [8.0, 9.0], 0, 0, 3, 2], [8.0, 2.0, 9.0]),
    ("diagonal_scatter", [GRID, [8.0, 9.0], 0, 0, 1], [[8.0, 2.0], [3.0, 9.0]]),
    ("as_strided_scatter", [GRID, [8.0, 9.0], (2,), (2,), 1], [[1.0, 8.0], [3.0, 9.0]]),
    ("select_backward", [[8.0, 9.0], (2, 2), 0, 1], [[0.0, 0.0], [8.0, 9.0]]),
    ("slice_backward", [[8.0, 9.0], (4,), 0, 1, 4, 2], [0.0, 8.0, 0.0, 9.0]),
    ("diagonal_backward", [[8.0], (2, 2), 1, 0, 1], [[0.0, 8.0], [0.0, 0.0]]),
    ("unfold_backward", [[[1.0, 2.0], [3.0, 4.0]], (3,), 0, 2, 1], [1.0, 5.0, 4.0]),
]

MOVEMENT = [
    ("stack", [arrays([1.0, 2.0], [3.0, 4.0]), 1], [[1.0, 3.0], [2.0, 4.0]]),
    ("diag_embed", [[8.0], 1, 0, 1], [[0.0, 8.0], [0.0, 0.0]]),
    ("tril", [GRID, 0], [[1.0, 0.0], [3.0, 4.0]]),
    ("tril", [[[NAN, 2.0], [3.0, NAN]], -1], [[0.0, 0.0], [3.0, 0.0]]),
    ("triu", [GRID, 1], [[0.0, 2.0], [0.0, 0.0]]),
    ("trace", [filled(2, 3)], zero_d(6.0)),
    ("roll", [[1.0, 2.0, 3.0], (1,), (0,)], [3.0, 1.0, 2.0]),
    ("roll", [GRID, (1,), ()], [[4.0, 1.0], [2.0, 3.0]]),
    ("rot90", [GRID, 1, (0, 1)], [[2.0, 4.0], [1.0, 3.0]]),
    ("rot90", [GRID, 2, (0, 1)], [[4.0, 3.0], [2.0, 1.0]]),
    ("rot90", [GRID, -1, (0, 1)], [[3.0, 1.0], [4.0, 2.0]]),
    ("repeat", [[1.0, 2.0], (2, 2)], [[1.0, 2.0, 1.0, 2.0], [1.0, 2.0, 1.0, 2.0]]),
    ("block_diag", [arrays([[1.0], [2.0]], [3.0])], [[1.0, 0.0], [2.0, 0.0], [0.0, 3.0]]),
    ("constant_pad_nd", [[1.0, 2.0], (1, 2), 9], [9.0, 1.0, 2.0, 9.0, 9.0]),
    ("constant_pad_nd", [GRID, (-1, 0, 0, 1), 9], [[2.0], [4.0], [9.0]]),
]

SORTING = [
    ("sort_unstable", [[3.0, 1.0, 2.0], 0], ([1.0, 2.0, 3.0], [1, 2, 0])),
    ("topk", [[3.0, 1.0, 2.0], 2, 0], ([3.0, 2.0], [0, 2])),
    ("topk", [[3.0, 1.0, NAN], 2, 0, False], ([1.0, 3.0], [1, 0])),
    ("kthvalue", [[3.0, 1.0, 2.0], 2, 0], (zero_d(2.0), zero_d(2))),
    ("kthvalue", [zero_d(3.0), 1, 0], (zero_d(3.0), zero_d(0))),
    ("median_dim", [[[4.0, 1.0, 3.0, 2.0]], 1], ([2.0], [3])),
    ("median_dim", [[1.0, NAN, NAN], 0], (zero_d(NAN), zero_d(1))),
    ("nanmedian_dim", [[3.0, NAN, 1.0], 0, True], ([1.0], [2])),
    ("median", [[[4.0, 1.0], [3.0, 2.0]]], zero_d(2.0)),
    ("median", [[]], zero_d(NAN)),
    ("nanmedian", [[NAN, 5.0]], zero_d(5.0)),
    ("mode", [[2.0, 1.0, 2.0, 1.0], 0], (zero_d(1.0), zero_d(3))),
    ("unique", [[3, 1, 3]], ([1, 3], [1, 0, 1], [1, 2])),
    ("unique_consecutive", [[3, 3, 1, 3]], ([3, 1, 3], [0, 0, 1, 2], [2, 1, 1])),
]

INDEXING = [
    ("scatter_value", [[1.0, 2.0, 3.0], 0, [2, 0], 9], [9.0, 2.0, 9.0]),
    ("along", [[1, 0], 1, (2, 2)], [[1, 0], [1, 0]]),
    ("index_add", [[1.0, 2.0], 0, [0, 0], [10.0, 20.0], 2], [61.0, 2.0]),
    ("index_copy", [GRID, 0, [1], [[8.0, 9.0]]], [[1.0, 2.0], [8.0, 9.0]]),
    ("index_reduce", [[2.0, 3.0], 0, [0, 0], [5.0, 7.0], "prod", True], [70.0, 3.0]),
    ("index_reduce", [[2.0, 3.0], 0, [0, 0], [5.0, 7.0], "mean", False], [6.0, 3.0]),
    ("index_fill", [GRID, 1, [0], 9], [[9.0, 2.0], [9.0, 4.0]]),
    ("index_fill_tensor", [zero_d(1.0), 0, [0], zero_d(9.0)], zero_d(9.0)),
    ("unique_positions", [[3, 1, 3]], [1, 3]),
    ("take", [GRID, [[3, 0]]], [[4.0, 1.0]]),
    ("put", [GRID, [3, 0], [8.0, 9.0]], [[9.0, 2.0], [3.0, 8.0]]),
    ("put", [GRID, [0, 0], [8.0, 9.0], True], [[18.0, 2.0], [3.0, 4.0]]),
    ("index_put_impl", [[1.0, 2.0], arrays([1]), [5.0], False], [1.0, 5.0]),
    ("unsafe_index", [GRID, arrays(None, [1])], [[2.0], [4.0]]),
    ("unsafe_index_put", [[1.0, 2.0], arrays([1]), [5.0], True], [1.0, 7.0]),
    ("unsafe_masked_index", [[1.0, 2.0], [True, False], arrays([1, 9]), 7], [2.0, 7.0]),
    (
        "unsafe_masked_index_put_accumulate",
        [[1.0, 2.0], [True, False], arrays([1, 9]), [5.0, 6.0]],
        [1.0, 7.0],
    ),
    ("clamped", [[1.0, 2.0], arrays([-3, 1, 9])], arrays([0, 1, 1])),
    ("index_shape", [filled(2, 3, 4), arrays(None, [[0, 1]])], (2, 1, 2, 4)),
    ("index_laid_out", [GRID, arrays([1, 0], [0, 0])], [3.0, 1.0]),
    ("laid_out_as", [GRID, [[5.0, 6.0], [7.0, 8.0]]], [[5.0, 6.0], [7.0, 8.0]]),
    ("masked_fill", [GRID, [True, False], 9], [[9.0, 2.0], [9.0, 4.0]]),
    ("masked_fill_tensor", [[1.0, 2.0], [True, False], zero_d(9)], [9.0, 2.0]),
    ("masked_select", [GRID, [True, False]], [1.0, 3.0]),
    ("masked_sum", [GRID, [True, False]], zero_d(4.0)),
    ("mask_positions", [[[True, False], [False, True]]], [[0, 0], [1, 1]]),
    ("masked_scatter", [[1.0, 2.0, 3.0], [True, False, True], [8.0, 9.0]], [8.0, 2.0, 9.0]),
    ("masked_scatter_backward", [[1.0, 2.0], [False, True], (3,)], [2.0, 0.0, 0.0]),
    ("column_major", [GRID], GRID),
    ("among", [[1, 2, 3], [3, 1]], [True, False, True]),
    ("among", [[1, 2], []], [False, False]),
    ("embedding", [GRID, [[1, 0]]], [[[3.0, 4.0], [1.0, 2.0]]]),
    ("embedding_dense_backward", [GRID, [1, 1], 2, -1, False], [[0.0, 0.0], [4.0, 6.0]]),
    ("embedding_dense_backward", [GRID, [1, 1], 2, -1, True], [[0.0, 0.0], [2.0, 3.0]]),
    ("embedding_dense_backward", [GRID, [0, 1], 2, 0, False], [[0.0, 0.0], [3.0, 4.0]]),
    ("rows_limited", [[[3.0, 4.0], [8.0, 6.0]], [0], 1.0, 2.0], [[3 / NORM, 4 / NORM], [8.0, 6.0]]),
    ("refuse_second_order", [[1.0], [1], ""], [1.0]),
]

MATMUL = [
    ("mT", [GRID], [[1.0, 3.0], [2.0, 4.0]]),
    ("mv", [GRID, [1.0, 10.0]], [21.0, 43.0]),
    ("dot", [[1.0, 2.0], [3.0, 4.0]], zero_d(11.0)),
    ("vdot", [[1j], [1j]], zero_d(1 + 0j)),
    ("outer", [[1.0, 2.0], [3.0, 4.0]], [[3.0, 4.0], [6.0, 8.0]]),
    ("addmm", [[1.0, 1.0], GRID, GRID], [[8.0, 11.0], [16.0, 23.0]]),
    ("addmm", [[NAN, NAN], GRID, GRID, 0, 2], [[14.0, 20.0], [30.0, 44.0]]),
    ("addmv", [[1.0, 1.0], GRID, [1.0, 10.0], 2, 1], [23.0, 45.0]),
    ("addr", [GRID, [1.0, 2.0], [3.0, 4.0]], [[4.0, 6.0], [9.0, 12.0]]),
    ("baddbmm", [[1.0, 1.0], [GRID], [GRID]], [[[8.0, 11.0], [16.0, 23.0]]]),
    ("addbmm", [[1.0, 1.0], [GRID, GRID], [GRID, GRID]], [[15.0, 21.0], [31.0, 45.0]]),
    ("add_product", [[1.0], [2.0], 3, 4], [11.0]),
    ("trilinear", [[2.0], [3.0], [4.0], (), (), (), (0,)], zero_d(24.0)),
    ("linalg_cross", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], 0], [0.0, 0.0, 1.0]),
    ("cdist", [[[0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]], 2], [[5.0, 0.0]]),
    ("cdist", [[[0.0, 0.0]], [[3.0, 4.0]], INF], [[4.0]]),
    ("p_norm", [[3.0, 4.0], 1], zero_d(7.0)),
    ("p_norm", [[3.0, 0.0], 0], zero_d(1.0)),
    ("cdist_backward", [[[10.0]], [[3.0, 4.0]], [[0.0, 0.0]], 2, [[5.0]]], [[6.0, 8.0]]),
    ("pdist", [[[0.0, 0.0], [3.0, 4.0], [3.0, 0.0]], 2], [5.0, 3.0, 4.0]),
    (
        "pdist_backward",
        [[10.0], [[0.0, 0.0], [3.0, 4.0]], 2, [5.0]],
        [[-6.0, -8.0], [6.0, 8.0]],
    ),
    ("euclidean_dist", [[[0.0, 0.0]], [[3.0, 4.0]]], [[5.0]]),
    ("matmul", [[[GRID]], [[GRID]]], [[[[7.0, 10.0], [15.0, 22.0]]]]),
]

LOSS = [
    ("reduce_loss", [[1.0, 3.0], 0], [1.0, 3.0]),
    ("reduce_loss", [[1.0, 3.0], 1], zero_d(2.0)),
    ("reduce_loss", [[1.0, 3.0], 2], zero_d(4.0)),
    ("loss_slope", [[1.0, 3.0], [2.0, 2.0], 1], [1.0, 3.0]),
    ("mse_loss", [[1.0, 3.0], [0.0, 0.0], 1], zero_d(5.0)),
    ("mse_loss_backward", [zero_d(1.0), [1.0, 3.0], [0.0, 0.0], 2], [2.0, 6.0]),
    ("smooth_l1_loss", [[0.5, 3.0], [0.0, 0.0], 0, 1.0], [0.125, 2.5]),
    ("smooth_l1_loss_backward", [zero_d(1.0), [0.5, -3.0], [0.0, 0.0], 2, 1.0], [0.5, -1.0]),
    ("huber_loss", [[0.5, 3.0], [0.0, 0.0], 2, 2.0], zero_d(4.125)),
    ("huber_loss_backward", [zero_d(1.0), [0.5, -3.0], [0.0, 0.0], 2, 2.0], [0.5, -2.0]),
    ("binary_cross_entropy", [[0.5, 0.0], [1.0, 1.0], None, 0], [LN2, 100.0]),
    ("binary_cross_entropy", [[0.5, 0.5], [1.0, 0.0], [1.0, 2.0], 1], zero_d(1.5 * LN2)),
    ("binary_cross_entropy_backward", [[1.0], [0.5], [1.0], None, 0], [-2.0]),
    ("binary_cross_entropy_backward", [zero_d(1.0), [0.5, 0.5], [1.0, 0.0], None, 1], [-1.0, 1.0]),
    ("binary_cross_entropy_with_logits", [[0.0, 0.0], [1.0, 0.0], None, None, 2], zero_d(2 * LN2)),
    ("binary_cross_entropy_with_logits", [[0.0], [1.0], [2.0], [3.0], 0], [6 * LN2]),
    ("class_weights", [[[0.0, 0.0], [0.0, 0.0]], [1, 0], [2.0, 3.0], 0], ([[1], [0]], [3.0, 0.0])),
    (
        "nll_loss_forward",
        [[[-1.0, -2.0], [-3.0, -4.0]], [1, 0], [1.0, 3.0], 1, -100],
        (zero_d(2.25), zero_d(4.0)),
    ),
    (
        "nll_loss_forward",
        [[[-1.0, -2.0], [-3.0, -4.0]], [1, 0], None, 0, 0],
        ([2.0, 0.0], zero_d(0.0)),
    ),
    (
        "nll_loss_backward",
        [zero_d(1.0), [[0.0, 0.0], [0.0, 0.0]], [1, 0], [1.0, 3.0], 1, -100, zero_d(4.0)],
        [[0.0, -0.75], [-0.25, 0.0]],
    ),
    (
        "nll_loss2d_forward",
        [[[[[-1.0, -2.0]], [[-3.0, -4.0]]]], [[[0, 1]]], None, 2, -100],
        (zero_d(5.0), zero_d(2.0)),
    ),
    (
        "nll_loss2d_backward",
        [zero_d(1.0), [[[[0.0, 0.0]], [[0.0, 0.0]]]], [[[0, 1]]], None, 2, -100, zero_d(2.0)],
        [[[[-1.0, 0.0]], [[0.0, -1.0]]]],
    ),
]

BYTES = [
    ("to_bytes", [[1, -2]], (1).to_bytes(8, "little") + (-2).to_bytes(8, "little", signed=True)),
    ("to_bytes", [[True, False]], b"\x01\x00"),
    ("from_bytes", [bytes(6) + b"\xf8\x3f", dtypes.float64], [1.5]),
    ("from_bytes", [bytes(14) + b"\x00\x40", dtypes.complex128], [2j]),
]

NORMALIZATION = [
    ("softmax", [[[0.0, 0.0], [1000.0, 1001.0]], 1], [[0.5, 0.5], [1 - SIG1, SIG1]]),
    ("softmax", [[[1.0, 2.0], [1.0, 4.0]], 0], [[0.5, 1 - SIG2], [0.5, SIG2]]),
    ("softmax", [zero_d(3.0), 0], zero_d(1.0)),
    ("log_softmax", [[0.0, 0.0], 0], [-LN2, -LN2]),
    ("softmax_backward_data", [[1.0, 3.0], [0.5, 0.5], 0], [-0.5, 0.5]),
    ("log_softmax_backward_data", [[1.0, 3.0], [-LN2, -LN2], 0], [-1.0, 1.0]),
    (
        "native_layer_norm",
        [[[1.0, 3.0]], (2,), [2.0, 2.0], [10.0, 10.0], 0.0],
        ([[8.0, 12.0]], [[2.0]], [[1.0]]),
    ),
    (
        "native_layer_norm_backward",
        [[[1.0, 2.0]], [[1.0, 3.0]], (2,), [[2.0]], [[1.0]], None, None, (True, True, False)],
        ([[0.0, 0.0]], None, None),
    ),
]

SQUARE = [[[[1.0, 2.0], [3.0, 4.0]]]]
CENTER = [[[[0.0, 0.0]]]]
LINE = [[[[[1.0, 2.0]]]]]
MIDDLE = [[[[[0.0, 0.0, 0.0]]]]]
ALL = (True, True, True)
BATCH = [[1.0], [3.0]]

STATISTICS_OF_BATCHES = [
    ("safe_softmax", [[[-INF, -INF], [0.0, 0.0]], 1], [[0.0, 0.0], [0.5, 0.5]]),
    ("row_moments", [[[1.0, 3.0]], (1,)], ([[1.0]], [[2.0]])),
    ("row_moments", [[[1.0, 2.0, 3.0, 4.0]], (1,)], ([[1.25]], [[2.5]])),
    (
        "native_batch_norm",
        [BATCH, [2.0], [1.0], None, None, True, 0.1, 0.0],
        ([[-1.0], [3.0]], [2.0], [1.0]),
    ),
    (
        "native_batch_norm",
        [BATCH, None, None, [2.0], [4.0], False, 0.1, 0.0],
        ([[-0.5], [0.5]], [], []),
    ),
    (
        "native_batch_norm_backward",
        [[[1.0], [2.0]], BATCH, [2.0], None, None, [2.0], [1.0], True, 0.0, ALL],
        ([[0.0], [0.0]], [1.0], [3.0]),
    ),
    (
        "batch_norm_update_backward",
        [[[1.0], [2.0]], BATCH, [2.0], None, None, [2.0], [1.0], True, 0.0, ALL, []],
        ([[0.0], [0.0]], [1.0], [3.0]),
    ),
    (
        "native_group_norm",
        [[[[1.0], [3.0]]], [2.0, 2.0], None, 1, 2, 1, 1, 0.0],
        ([[[-2.0], [2.0]]], [[2.0]], [[1.0]]),
    ),
]

INTERPOLATION = [
    ("grid_sampler_2d", [SQUARE, CENTER, 0, 0, True], [[[[2.5]]]]),
    ("grid_sampler_2d", [SQUARE, [[[[-1.0, -0.9]]]], 1, 0, True], [[[[1.0]]]]),
    ("grid_sampler_2d", [SQUARE, CENTER, 2, 1, True], [[[[2.5]]]]),
    ("grid_sampler_2d", [SQUARE, [[[[3.0, -1.0]]]], 0, 2, True], [[[[1.0]]]]),
    ("grid_sampler_2d", [SQUARE, [[[[3.0, -1.0]]]], 0, 0, True], [[[[0.0]]]]),
    (
        "grid_sampler_2d_backward",
        [[[[[1.0]]]], SQUARE, CENTER, 0, 0, True, (True, True)],
        ([[[[0.25, 0.25], [0.25, 0.25]]]], [[[[0.5, 1.0]]]]),
    ),
    ("grid_sampler_3d", [LINE, MIDDLE, 0, 0, True], [[[[[1.5]]]]]),
    (
        "grid_sampler_3d_backward",
        [[[[[[1.0]]]]], LINE, MIDDLE, 0, 0, True, (True, True)],
        ([[[[[0.5, 0.5]]]]], [[[[[0.5, 0.0, 0.0]]]]]),
    ),
    ("upsample_bilinear2d_aa", [[[[[1.0, 3.0]]]], (1, 1), False], [[[[2.0]]]]),
    (
        "upsample_bilinear2d_aa_backward",
        [[[[[1.0]]]], (1, 1), (1, 1, 1, 2), False],
        [[[[0.5, 0.5]]]],
    ),
]

SEGMENTS = [
    ("segment_reduce", [[1.0, 2.0, 3.0], "sum", [1, 2], None, 0, None], [1.0, 5.0]),
    ("segment_reduce", [[1.0, 2.0, 4.0], "mean", None, [0, 1, 3], 0, None], [1.0, 3.0]),
    ("segment_reduce", [[1.0], "mean", [0, 1], None, 0, None], [NAN, 1.0]),
    ("segment_reduce", [[1.0, 2.0], "amax", [0, 2], None, 0, None], [-INF, 2.0]),
    (
        "segment_reduce_backward",
        [[1.0, 2.0], [1.0, 3.0], [1.0, 3.0, 3.0], "amax", [1, 2], None, 0, None],
        [1.0, 1.0, 1.0],
    ),
    (
        "segment_reduce_backward",
        [[1.0], [0.0], [0.0, 2.0], "prod", [2], None, 0, None],
        [2.0, 0.0],
    ),
    (
        "segment_reduce_backward",
        [[1.0, 6.0], [1.0, 2.0], [1.0, 1.0, 3.0], "mean", [1, 2], None, 0, None],
        [1.0, 3.0, 3.0],
    ),
]

ROWS = [
    *ARRAYS,
    *POINTWISE,
    *SPECIAL,
    *ACTIVATION,
    *REDUCTION,
    *SHAPE,
    *MOVEMENT,
    *SORTING,
    *INDEXING,
    *MATMUL,
    *LOSS,
    *BYTES,
    *NORMALIZATION,
    *STATISTICS_OF_BATCHES,
    *INTERPOLATION,
    *SEGMENTS,
]
ELSEWHERE = {
    "frexp": "test_frexp",
    "from_dlpack": "test_what_this_backend_cannot_do",
    "from_ndarray": "test_a_foreign_array_is_read",
    "is_cut": "engine/test_accumulation.py",
    "is_whole": "engine/test_accumulation.py",
    "sample": "test_random_streams.py",
    "to_ndarray": "test_what_this_backend_cannot_do",
    "view_dtype": "test_what_this_backend_cannot_do",
}
"""Derived functions with a test of their own, and where it is."""

DERIVED = sorted(
    name
    for name in dir(DefaultKernels)
    if not name.startswith("_") and inspect.isfunction(getattr(DefaultKernels, name))
)


@pytest.mark.parametrize(("name", "arguments", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_derived_kernel(name: str, arguments: list[Any], expected: Any) -> None:
    kernel = getattr(DefaultKernels, name)  # the default, also where this backend has its own
    check(kernel(xp, *map(made, arguments)), expected)


@pytest.mark.parametrize("name", sorted({row[0] for row in ROWS}))
def test_an_override_of_the_python_backend_agrees(name: str) -> None:
    for row, arguments, expected in ROWS:
        if row == name:
            check(getattr(xp, name)(*map(made, arguments)), expected)


@pytest.mark.parametrize("name", DERIVED)
def test_every_derived_kernel_has_a_row(name: str) -> None:
    assert name in ELSEWHERE or name in {row[0] for row in ROWS}


def test_bytes_of_narrow_floats() -> None:
    for dtype, data in (
        (dtypes.float16, b"\x00\x3e\x00\xc0"),
        (dtypes.bfloat16, b"\xc0\x3f\x00\xc0"),
        (dtypes.float32, b"\x00\x00\xc0\x3f\x00\x00\x00\xc0"),
    ):
        array = DefaultKernels.from_bytes(xp, data, dtype)
        assert (array.dtype, xp.to_flat(array)) == (dtype, [1.5, -2.0])
        assert DefaultKernels.to_bytes(xp, array) == data


def test_classes_that_do_not_exist() -> None:
    with pytest.raises(IndexError, match="Target 2 is out of bounds"):
        xp.nll_loss_forward(made([[0.0, 0.0]]), made([2]), None, 0, -100)
    with pytest.raises(RuntimeError, match="all elements of input should be between 0 and 1"):
        xp.binary_cross_entropy(made([1.5]), made([1.0]), None, 0)


def test_frexp() -> None:
    mantissa, exponent = xp.frexp(made([8.0, -0.375, 0.0]))
    check(mantissa, [0.5, -0.75, 0.0])
    assert exponent.dtype is dtypes.int32
    assert xp.to_flat(exponent) == [4, -1, 0]


def test_layouts_are_made() -> None:
    columns = xp.permute(made(GRID), (1, 0))
    assert xp.strides(xp.full_in_layout(columns, 1.0)) == (1, 2)
    assert xp.strides(xp.fill_tensor(columns, made(zero_d(1.0)))) == (1, 2)
    assert xp.strides(xp.clone_row_major(columns)) == (2, 1)
    assert xp.strides(xp.clone_strided(made(GRID), (1, 2))) == (1, 2)
    assert xp.strides(xp.column_major(made(GRID))) == (1, 2)
    assert xp.strides(xp.laid_out_as(columns, made(GRID))) == (1, 2)
    row = xp.select(made(GRID), 0, 1)
    assert xp.geometry(row) == ((2,), (1,), 2)
    assert xp.geometry(xp.clone_storage(row)) == ((2,), (1,), 2)


def test_views_share_memory() -> None:
    x = made(GRID)
    for view in (
        xp.reshape(x, (4,)),
        xp.reshape_alias(x, (4,), (1,)),
        xp.alias(x),
        xp.t(x),
        xp.unsqueeze(x, 0),
        xp.diagonal(x, 0, 0, 1),
        xp.unfold(x, 0, 1, 1),
        xp.split(x, 1, 0)[0],
        xp.unbind(x, 0)[0],
        xp.mT(x),
    ):
        assert xp.data_ptr(view) == xp.data_ptr(x)


def test_what_this_backend_cannot_do() -> None:
    x = made([1.0])
    for call in (
        lambda: xp.to_ndarray(x),
        lambda: xp.from_dlpack(x),
        lambda: xp.view_dtype(x, dtypes.int64),
    ):
        with pytest.raises(NotImplementedError, match="'python'"):
            call()


def test_a_foreign_array_is_read() -> None:
    class Foreign:
        shape = (2, 1)

        def ravel(self) -> Foreign:
            return self

        def tolist(self) -> list[float]:
            return [1.0, 2.0]

    check(xp.from_ndarray(Foreign(), dtypes.float64), [[1.0], [2.0]])
