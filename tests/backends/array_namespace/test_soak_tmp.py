"""Every function of the standard, on arrays of Hypothesis's making, as array-api-strict has it."""

from __future__ import annotations

import itertools
import math
import operator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd_python.array_api as xp

from .specs import (
    ALL,
    BOOL,
    COMPLEX,
    FLOATING,
    INTEGER,
    NUMERIC,
    REAL,
    REAL_FLOATING,
    SIGNED,
    Spec,
    agree,
    arrays,
    full_shapes,
    made,
    plain,
    shapes,
)

strict = pytest.importorskip("array_api_strict")
pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:.*api_version.*:UserWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def version():
    strict.set_array_api_strict_flags(api_version="2024.12")
    yield
    strict.reset_array_api_strict_flags()


ordinary = settings(
    max_examples=250, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck)
)


def check(call: Any, *args: Any, tolerance: float | None = None) -> None:
    """A call on both namespaces gives one result, or an error on both."""
    results: list[Any] = []
    for namespace in (xp, strict):
        try:
            results.append(plain(namespace, call(namespace, *made(namespace, args))))
        except (ValueError, IndexError, TypeError) as error:
            results.append(error)
    ours, theirs = results
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        assert isinstance(theirs, Exception), f"{args}: {ours!r} instead of {theirs}"
        assert isinstance(ours, Exception), f"{args}: {ours} instead of {theirs!r}"
        return
    if tolerance is None:
        single = any(name in repr(theirs) for name in ("float32", "complex64"))
        tolerance = 1e-5 if single else 1e-12
    assert agree(ours, theirs, tolerance), f"{args}: {ours} instead of {theirs}"


# Elementwise --------------------------------------------------------------------------------------

UNARY = {
    FLOATING: "acos acosh asin asinh atan atanh cos cosh exp expm1 log log10 log1p log2 reciprocal "
    "sin sinh sqrt tan tanh",
    NUMERIC: "abs conj isfinite isinf isnan negative positive real round sign square",
    REAL: "ceil floor trunc",
    REAL_FLOATING: "signbit",
    COMPLEX: "imag",
    BOOL + INTEGER: "bitwise_invert",
    BOOL: "logical_not",
}
BINARY = {
    ALL: "equal not_equal",
    NUMERIC: "add multiply subtract",
    FLOATING: "divide",
    REAL: "greater greater_equal less less_equal maximum minimum floor_divide remainder",
    REAL_FLOATING: "atan2 copysign hypot logaddexp nextafter",
    BOOL + INTEGER: "bitwise_and bitwise_or bitwise_xor",
    BOOL: "logical_and logical_or logical_xor",
}
OPERATORS = (
    "add sub mul matmul truediv floordiv mod pow and_ or_ xor lshift rshift lt le gt ge eq ne"
)


def _rows(table):
    return [(name, dtypes) for dtypes, names in table.items() for name in names.split()]


@pytest.mark.parametrize("name, dtypes", _rows(UNARY))
@ordinary
@given(data=st.data())
def test_functions_of_one_array(name, dtypes, data):
    # Complex infinities are the standard's special cases, where NumPy has answers of its own.
    x = data.draw(arrays(dtypes, special=not set(dtypes) & set(COMPLEX)))
    if name == "reciprocal" and x.dtype in COMPLEX:
        x = x._replace(values=[v or 1j for v in x.values])
    check(lambda xp, x: getattr(xp, name)(x), x)


@st.composite
def pairs(draw, dtypes, **options):
    """Arrays of one kind of dtype whose shapes broadcast, or one of them a Python number."""
    shape = draw(shapes)
    first = draw(arrays(dtypes, shape, **options))
    kind = next(k for k in (BOOL, SIGNED, INTEGER, FLOATING) if first.dtype in k)
    allowed = [name for name in kind if name in dtypes]
    start = draw(st.integers(0, len(shape)))
    other = tuple(draw(st.sampled_from([size, 1])) for size in shape[start:])
    second = draw(arrays(allowed, other, **options))
    return draw(st.permutations([first, second]))


@pytest.mark.parametrize("name, dtypes", _rows(BINARY))
@ordinary
@given(data=st.data())
def test_functions_of_two_arrays(name, dtypes, data):
    one, two = data.draw(pairs(dtypes, special=not set(dtypes) & set(COMPLEX)))
    if name in ("floor_divide", "remainder"):  # special cases, and division by zero, are others'
        two = two._replace(values=[v if v and math.isfinite(v) else 3 for v in two.values])
        one = one._replace(values=[v if math.isfinite(v) else 3 for v in one.values])
    check(lambda xp, x, y: getattr(xp, name)(x, y), one, two)


@pytest.mark.parametrize("name", ["bitwise_left_shift", "bitwise_right_shift", "pow"])
@ordinary
@given(data=st.data())
def test_shifts_and_powers(name, data):
    dtypes = INTEGER if name != "pow" else REAL
    one, two = data.draw(pairs(dtypes, small=True))
    two = two._replace(values=[abs(v) for v in two.values])
    check(lambda xp, x, y: getattr(xp, name)(x, y), one, two)


@pytest.mark.parametrize("name", [name for name, _ in _rows(UNARY)])
def test_the_dtypes_that_functions_of_one_array_take(name):
    for dtype in ALL:
        check(lambda xp, x: getattr(xp, name)(x).dtype is None, Spec(dtype, (1,), [1]))


@pytest.mark.parametrize(
    "name",
    [name for name, _ in _rows(BINARY)] + ["bitwise_left_shift", "bitwise_right_shift", "pow"],
)
def test_the_dtypes_that_functions_of_two_arrays_take(name):
    for first, second in itertools.product(ALL, ALL):
        one, two = Spec(first, (2, 1), [1, 1]), Spec(second, (1,), [1])
        check(lambda xp, x, y: plain(xp, getattr(xp, name)(x, y))[:2], one, two)


@pytest.mark.parametrize("name", OPERATORS.split())
def test_operators_with_arrays_and_python_numbers(name):
    function = getattr(operator, name)
    for dtype in ALL:
        x = Spec(dtype, (2,), [1, 1])
        for second in ALL:
            check(lambda xp, x, y: function(x, y), x, Spec(second, (2,), [1, 1]))
        for number in (True, 2, 1.5, 2j):
            if number == 2j and name in ("lt", "le", "gt", "ge"):
                continue  # array-api-strict orders complex numbers
            check(lambda xp, x, number: function(x, number), x, number)
            check(lambda xp, x, number: function(number, x), x, number)


@pytest.mark.parametrize(
    "name", [name for name in OPERATORS.split() if name not in ("lt", "le", "gt", "ge", "eq", "ne")]
)
def test_operators_in_place(name):
    function = getattr(operator, f"i{name.rstrip('_')}")
    for dtype in ALL:
        x = Spec(dtype, (2, 2), [1, 1, 1, 1])
        for second in ALL:
            for shape in ((2, 2), (1, 2, 2)):
                if name == "matmul" and len(shape) == 3:
                    continue
                check(lambda xp, x, y: function(x, y), x, Spec(second, shape, [1] * 4))
        for number in (True, 2, 1.5, 2j):
            check(lambda xp, x, number: function(x, number), x, number)


@ordinary
@given(arrays(REAL, small=True), st.integers(-2, 0), st.integers(1, 2))
def test_clip(x, low, high):
    low = max(low, 0) if x.dtype[0] == "u" else low
    check(lambda xp, x: [xp.clip(x, low, high), xp.clip(x, min=low), xp.clip(x, max=high)], x)


@ordinary
@given(arrays(BOOL, full_shapes), st.data())
def test_where(condition, data):
    one = data.draw(arrays(ALL, condition.shape))
    two = data.draw(arrays(one.dtype, condition.shape))
    check(lambda xp, c, x, y: xp.where(c, x, y), condition, one, two)


# Statistics, searching, sorting, sets -------------------------------------------------------------


def axes(rank):
    one = st.integers(-rank, rank - 1) if rank else st.none()
    several = st.lists(st.integers(0, rank - 1), unique=True).map(tuple) if rank else st.just(())
    return st.one_of(st.none(), one, several)


STATISTICS = {
    NUMERIC: "sum prod",
    REAL: "max min",
    FLOATING: "mean",
    REAL_FLOATING: "var std",
    ALL: "all any count_nonzero",
}


@pytest.mark.parametrize("name, dtypes", _rows(STATISTICS))
@ordinary
@given(data=st.data())
def test_reductions(name, dtypes, data):
    x = data.draw(arrays(dtypes, small=True))
    axis, keepdims = data.draw(axes(len(x.shape))), data.draw(st.booleans())
    check(lambda xp, x: getattr(xp, name)(x, axis=axis, keepdims=keepdims), x)


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
@ordinary
@given(data=st.data())
def test_running_reductions(name, data):
    x = data.draw(arrays(NUMERIC, full_shapes, small=True))
    axis, initial = data.draw(st.integers(0, len(x.shape) - 1)), data.draw(st.booleans())
    check(lambda xp, x: getattr(xp, name)(x, axis=axis, include_initial=initial), x)


@ordinary
@given(arrays(NUMERIC, full_shapes, small=True), st.integers(0, 3), st.data())
def test_diff(x, n, data):
    axis = data.draw(st.integers(-len(x.shape), len(x.shape) - 1))
    check(lambda xp, x: [xp.diff(x, axis=axis, n=n), xp.diff(x, axis=axis, prepend=x)], x)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
@ordinary
@given(data=st.data())
def test_places_of_extremes(name, data):
    x = data.draw(arrays(REAL, full_shapes, special=True))
    axis = data.draw(st.one_of(st.none(), st.integers(-len(x.shape), len(x.shape) - 1)))
    keepdims = data.draw(st.booleans())
    check(lambda xp, x: getattr(xp, name)(x, axis=axis, keepdims=keepdims), x)


@ordinary
@given(arrays(REAL, full_shapes), st.booleans(), st.data())
def test_sorting(x, descending, data):
    axis = data.draw(st.integers(-len(x.shape), len(x.shape) - 1))
    options = {"axis": axis, "descending": descending}
    check(lambda xp, x: [xp.sort(x, **options), xp.argsort(x, **options)], x)


@ordinary
@given(arrays(REAL, (4,)), st.data())
def test_searchsorted(x, data):
    y = data.draw(arrays(x.dtype, full_shapes))
    for side in ("left", "right"):
        check(_searched, x, y, side)


def _searched(xp, x, y, side):
    return [
        xp.searchsorted(xp.sort(x), y, side=side),
        xp.searchsorted(x, y, side=side, sorter=xp.argsort(x)),
    ]


@ordinary
@given(arrays(ALL, full_shapes))
def test_nonzero(x):
    check(lambda xp, x: xp.nonzero(x), x)


@ordinary
@given(arrays(ALL, small=True))
def test_sets(x):
    x = x._replace(values=[v + 0 if x.dtype != "bool" else v for v in x.values])  # one zero
    check(lambda xp, x: xp.unique_values(x), x)
    check(lambda xp, x: xp.unique_counts(x), x)
    check(lambda xp, x: xp.unique_inverse(x), x)
    check(lambda xp, x: xp.unique_all(x), x)


# Shapes -------------------------------------------------------------------------------------------

SHAPED = {
    "broadcast_to": lambda xp, x: xp.broadcast_to(x, (2, *x.shape)),
    "concat": lambda xp, x: xp.concat([x, x, x], axis=-1),
    "concat flat": lambda xp, x: xp.concat([x, x], axis=None),
    "expand_dims": lambda xp, x: [
        xp.expand_dims(x, axis=k) for k in range(-x.ndim - 1, x.ndim + 1)
    ],
    "flip": lambda xp, x: [xp.flip(x), xp.flip(x, axis=-1), xp.flip(x, axis=(0,))],
    "matrix_transpose": lambda xp, x: [xp.matrix_transpose(x), x.mT],
    "moveaxis": lambda xp, x: [xp.moveaxis(x, 0, -1), xp.moveaxis(x, (0, -1), (-1, 0))],
    "permute_dims": lambda xp, x: xp.permute_dims(x, tuple(range(x.ndim))[::-1]),
    "repeat": lambda xp, x: [xp.repeat(x, 2), xp.repeat(x, 3, axis=-1)],
    "repeat by an array": lambda xp, x: xp.repeat(x, xp.arange(x.shape[0]), axis=0),
    "reshape": lambda xp, x: [xp.reshape(x, (-1,)), xp.reshape(x, (1, *x.shape), copy=True)],
    "roll": lambda xp, x: [
        xp.roll(x, 2),
        xp.roll(x, -1, axis=-1),
        xp.roll(x, (1, 4), axis=(0, 0)),
    ],
    "squeeze": lambda xp, x: xp.squeeze(x, 0),
    "stack": lambda xp, x: [xp.stack([x, x], axis=k) for k in range(-x.ndim - 1, x.ndim + 1)],
    "T": lambda xp, x: x.T,
    "tile": lambda xp, x: [xp.tile(x, (2,)), xp.tile(x, (2, 1, 3, 1))],
    "tril": lambda xp, x: [xp.tril(x, k=k) for k in (-1, 0, 1)],
    "triu": lambda xp, x: [xp.triu(x, k=k) for k in (-1, 0, 1)],
    "unstack": lambda xp, x: [xp.unstack(x), xp.unstack(x, axis=-1)],
    "broadcast_arrays": lambda xp, x: xp.broadcast_arrays(x, xp.reshape(x, (1, *x.shape))),
    "astype": lambda xp, x: [xp.astype(x, xp.complex128), xp.astype(x, x.dtype)],
    "likes": lambda xp, x: [
        xp.zeros_like(x),
        xp.ones_like(x),
        xp.full_like(x, 1),
        xp.zeros_like(x, dtype=xp.int8),
    ],
    "take": lambda xp, x: xp.take(x, xp.asarray([0, 0]), axis=-1),
    "take_along_axis": lambda xp, x: xp.take_along_axis(
        x, xp.zeros((*x.shape[:-1], 2), dtype=xp.int64)
    ),
}


@pytest.mark.parametrize("name", SHAPED)
@ordinary
@given(data=st.data())
def test_shapes(name, data):
    x = data.draw(arrays(ALL, full_shapes, small=True))
    check(SHAPED[name], x)


@pytest.mark.parametrize("dtype", ["float32", "int16", "uint64", "complex128"])
def test_conversions(dtype):
    values = [0, 1, 2, 200, 255]
    for target in ALL:
        if target == "bool" and dtype in COMPLEX:
            continue  # array-api-strict refuses it, the standard does not
        x = Spec(dtype, (5,), values)
        check(lambda xp, x, target: xp.astype(x, getattr(xp, target)), x, target)


# Indexing -----------------------------------------------------------------------------------------


@st.composite
def keys(draw, shape):
    """Keys of numbers, slices, new axes and an ellipsis that the standard describes."""
    key: list[Any] = []
    for size in shape:
        kinds = [st.just(slice(None)), slices(size)]
        kinds += [st.integers(-size, size - 1)] if size else []
        key.append(draw(st.one_of(kinds)))
    if draw(st.booleans()):
        cut = draw(st.integers(0, len(key)))
        key[cut:] = [...]
    return tuple(key)


def slices(size):
    steps = st.sampled_from([None, 1, 2, -1, -2])
    ends = st.one_of(st.none(), st.integers(-size, size))

    def fits(one):
        step = one.step or 1
        low, high = (0, size - 1) if size else (0, 0)
        start = one.start is None or (low <= one.start <= high) or (size and -size <= one.start < 0)
        return bool(start) and (step > 0 or one.stop is None or one.stop < max(size, 1))

    return st.builds(slice, ends, ends, steps).filter(fits)


@settings(ordinary, max_examples=600)
@given(data=st.data())
def test_reading_by_keys(data):
    x = data.draw(arrays(ALL))
    key = data.draw(keys(x.shape))
    check(lambda xp, x: x[key], x)
    check(lambda xp, x: x[(None, *key)], x)


@settings(ordinary, max_examples=600)
@given(data=st.data())
def test_writing_by_keys(data):
    x = data.draw(arrays(ALL))
    key = data.draw(keys(x.shape))
    part = plain(xp, x.make(xp)[key])
    value = data.draw(arrays(x.dtype, part[1]))

    def write(xp, x, value):
        y = xp.asarray(x, copy=True)
        y[key] = value
        return [x, y]

    check(write, x, value)


@ordinary
@given(data=st.data())
def test_masks(data):
    x = data.draw(arrays(ALL))
    mask = data.draw(arrays(BOOL, x.shape))

    def call(xp, x, mask):
        y = xp.asarray(x, copy=True)
        y[mask] = xp.asarray(1, dtype=x.dtype)
        return [x[mask], y]

    check(call, x, mask)


@ordinary
@given(data=st.data())
def test_arrays_of_places(data):
    x = data.draw(arrays(ALL, st.lists(st.integers(1, 3), min_size=2, max_size=2).map(tuple)))
    shape = data.draw(shapes)
    rows = Spec("int64", shape, [(3 * k) % x.shape[0] for k in range(math.prod(shape))])
    columns = Spec("int64", shape, [-1 - k % x.shape[1] for k in range(math.prod(shape))])
    check(lambda xp, x, rows, columns: x[rows, columns], x, rows, columns)
    check(lambda xp, x, rows: x[rows, 0], x, rows)


# Creation -----------------------------------------------------------------------------------------

CREATED = {
    "arange": lambda xp: [
        xp.arange(5),
        xp.arange(1, 8, 3),
        xp.arange(5, 0, -2),
        xp.arange(0.5, 3),
        xp.arange(0, 1, 0.1),
        xp.arange(3, dtype=xp.float32),
        xp.arange(4, 2),
    ],
    "asarray": lambda xp: [
        xp.asarray(v)
        for v in (True, 2, 1.5, 2j, [], [[]], [[1, 2], [3, 4]], [True, False], (1.0, 2))
    ],
    "eye": lambda xp: [xp.eye(3), xp.eye(2, 4, k=1), xp.eye(3, k=-1, dtype=xp.int8)],
    "full": lambda xp: [xp.full((2,), v) for v in (True, 2, 1.5, 2j)] + [xp.full(3, 1)],
    "linspace": lambda xp: [
        xp.linspace(0, 1, 5),
        xp.linspace(3, -1, 4, endpoint=False),
        xp.linspace(0, 1, 1),
        xp.linspace(0, 1, 0),
        xp.linspace(0, 10, 3, dtype=xp.float32),
    ],
    "meshgrid": lambda xp: [
        *xp.meshgrid(xp.arange(2), xp.arange(3)),
        *xp.meshgrid(xp.arange(2), xp.arange(3), xp.arange(4), indexing="ij"),
        *xp.meshgrid(xp.arange(2), xp.arange(3), xp.arange(4), indexing="xy"),
        *xp.meshgrid(xp.arange(2)),
    ],
    "zeros": lambda xp: [xp.zeros((2, 3)), xp.zeros(0), xp.ones(()), xp.ones(2, dtype=xp.bool)],
    "fftfreq": lambda xp: [
        f(n, d=d) for f in (xp.fft.fftfreq, xp.fft.rfftfreq) for n in (1, 4, 5) for d in (1, 0.5)
    ],
    "finfo": lambda xp: [
        [info.bits, float(info.eps), float(info.max), float(info.min), float(info.smallest_normal)]
        for info in (xp.finfo(xp.float32), xp.finfo(xp.float64), xp.finfo(xp.complex64))
    ],
    "iinfo": lambda xp: [
        [info.bits, int(info.max), int(info.min)]
        for info in (xp.iinfo(getattr(xp, dtype)) for dtype in INTEGER)
    ],
    "isdtype": lambda xp: [
        xp.isdtype(getattr(xp, dtype), kind)
        for dtype in ALL
        for kind in (
            "bool",
            "signed integer",
            "unsigned integer",
            "integral",
            "real floating",
            "complex floating",
            "numeric",
            xp.float32,
            ("bool", xp.int8),
        )
    ],
    "info": lambda xp: [
        sorted(xp.__array_namespace_info__().dtypes(kind=kind))
        for kind in (None, "bool", "integral", ("real floating", "complex floating"))
    ],
}


@pytest.mark.parametrize("name", CREATED)
def test_creation(name):
    check(CREATED[name])


@pytest.mark.parametrize("one", ALL)
def test_promotion(one):
    name = lambda dtype: str(dtype).split(".")[-1].rstrip("'>)")
    for two in ALL:
        check(lambda xp, two: name(xp.result_type(getattr(xp, one), getattr(xp, two))), two)
        check(lambda xp, two: xp.can_cast(getattr(xp, one), getattr(xp, two)), two)
    for number in (True, 2, 1.5, 2j):
        check(lambda xp, number: name(xp.result_type(getattr(xp, one), number)), number)


# Linear algebra and transforms --------------------------------------------------------------------


@ordinary
@given(data=st.data())
def test_products(data):
    dtype = data.draw(st.sampled_from(NUMERIC))
    n, k, m = (data.draw(st.integers(0, 3)) for _ in range(3))
    batch = data.draw(st.sampled_from([(), (2,), (1,), (2, 1)]))
    matrix = data.draw(arrays(dtype, (*batch, n, k), small=True))
    other = data.draw(arrays(dtype, (k, m), small=True))
    vector = data.draw(arrays(dtype, (k,), small=True))
    check(lambda xp, x, y: x @ y, matrix, other)
    check(lambda xp, x, y: x @ y, matrix, vector)
    check(lambda xp, x, y: y @ x, other, vector)
    check(lambda xp, x, y: xp.vecdot(x, y), matrix, vector)
    check(lambda xp, x: xp.vecdot(x, x, axis=-2), matrix)
    check(lambda xp, x, y: xp.tensordot(x, y, axes=1), matrix, other)
    check(lambda xp, x, y: xp.tensordot(x, y, axes=((-1,), (0,))), matrix, other)
    check(lambda xp, x: xp.tensordot(x, x, axes=0), vector)
    check(lambda xp, x, y: xp.linalg.outer(x, x), vector, vector)
    check(lambda xp, x: [xp.linalg.diagonal(x, offset=o) for o in (-1, 0, 1)], matrix)
    check(lambda xp, x: [xp.linalg.trace(x, offset=o) for o in (-1, 0, 1)], matrix)
    three = data.draw(arrays(dtype, (*batch, 3), small=True))
    check(lambda xp, x: xp.linalg.cross(x, xp.flip(x, axis=-1)), three)


def well_conditioned(xp, x):
    """Square matrices with a large diagonal."""
    return x + 20 * xp.eye(x.shape[-1], dtype=x.dtype)


MATRICES = {
    "cholesky": lambda xp, x: [
        xp.linalg.cholesky(hermitian(xp, x), upper=u) for u in (False, True)
    ],
    "det": lambda xp, x: xp.linalg.det(x),
    "eigvalsh": lambda xp, x: [
        xp.linalg.eigvalsh(hermitian(xp, x)),
        xp.linalg.eigh(hermitian(xp, x)).eigenvalues,
    ],
    "inv": lambda xp, x: xp.linalg.inv(x),
    "matrix_norm": lambda xp, x: [
        xp.linalg.matrix_norm(x, ord=o, keepdims=k)
        for o in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)
        for k in (False, True)
    ],
    "matrix_power": lambda xp, x: [xp.linalg.matrix_power(x, n) for n in (-2, 0, 1, 3)],
    "matrix_rank": lambda xp, x: [xp.linalg.matrix_rank(x), xp.linalg.matrix_rank(x, rtol=0.9)],
    "pinv": lambda xp, x: [xp.linalg.pinv(x), xp.linalg.pinv(x[..., :1])],
    "qr": lambda xp, x: xp.linalg.qr(x),
    "slogdet": lambda xp, x: xp.linalg.slogdet(x),
    "solve": lambda xp, x: [xp.linalg.solve(x, x[..., :1]), xp.linalg.solve(x, x[0, 0, :])],
    "svdvals": lambda xp, x: [
        xp.linalg.svdvals(x),
        xp.linalg.svd(x).S,
        xp.linalg.svd(x[..., :1], full_matrices=False).S,
    ],
    "vector_norm": lambda xp, x: [
        xp.linalg.vector_norm(x, ord=o, axis=a, keepdims=k)
        for o in (0, 1, 2, 3, 0.5, -1, math.inf, -math.inf)
        for a in (None, -1, (0, 1))
        for k in (False, True)
    ],
}


def hermitian(xp, x):
    """Positive definite matrices."""
    return x @ xp.conj(xp.matrix_transpose(x))


@pytest.mark.parametrize("name", MATRICES)
@settings(ordinary, max_examples=80)
@given(data=st.data())
def test_matrices(name, data):
    n = data.draw(st.integers(1, 3))
    x = data.draw(arrays(FLOATING, (2, n, n)))
    tolerance = 1e-3 if x.dtype in ("float32", "complex64") else 1e-9
    check(lambda xp, x: MATRICES[name](xp, well_conditioned(xp, x)), x, tolerance=tolerance)


@settings(ordinary, max_examples=80)
@given(arrays(FLOATING, (3, 2)), st.booleans())
def test_decompositions_multiply_back(x, wide):
    def product(xp, x):
        x = xp.matrix_transpose(x) if wide else x
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        q, r = xp.linalg.qr(x, mode="complete")
        matrix = hermitian(xp, x)
        values, vectors = xp.linalg.eigh(matrix)
        return [
            (u * xp.astype(s, u.dtype)) @ vh,
            q @ r,
            q @ xp.conj(q.mT),
            values,
            matrix @ vectors - vectors * xp.astype(values, x.dtype),
        ]

    check(product, x, tolerance=1e-3 if x.dtype in ("float32", "complex64") else 1e-9)


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@ordinary
@given(data=st.data())
def test_transforms(norm, data):
    x = data.draw(arrays(COMPLEX, st.lists(st.integers(2, 4), min_size=1, max_size=3).map(tuple)))
    real = Spec(x.dtype.replace("complex64", "float32").replace("complex128", "float64"), x.shape,
                [v.real for v in x.values])  # fmt: skip
    axis = data.draw(st.integers(-len(x.shape), len(x.shape) - 1))
    n = data.draw(st.sampled_from([None, 1, 2, 5]))
    options = {"axis": axis, "n": n, "norm": norm}
    tolerance = 1e-4 if x.dtype == "complex64" else 1e-9
    for name in ("fft", "ifft", "irfft", "hfft"):
        check(_transformed, x, name, options, tolerance=tolerance)
    for name in ("rfft", "ihfft"):
        check(_transformed, real, name, options, tolerance=tolerance)
    for name in ("fftn", "ifftn", "irfftn"):
        for options in ({"norm": norm}, {"s": (3,), "axes": (0,)}):
            check(_transformed, x, name, options, tolerance=tolerance)
    check(lambda xp, x: xp.fft.rfftn(x, norm=norm), real, tolerance=tolerance)
    check(lambda xp, x: [xp.fft.fftshift(x), xp.fft.ifftshift(x, axes=-1)], x)


def _transformed(xp, x, name, options):
    return getattr(xp.fft, name)(x, **options)
