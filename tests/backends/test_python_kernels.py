"""The pure-Python backend by itself: what its kernels mean, in literals."""

from __future__ import annotations

import cmath
import copy
import inspect
import itertools
import math
import pickle
import subprocess
import sys
import threading

import pytest

from autograd_core import dtypes
from autograd_core.backend import REQUIRED, Backend, missing_functions
from autograd_core.dtypes import bool_, complex64, complex128, float32, float64, int8, int64, uint8
from autograd_python import Array, PythonBackend
from autograd_python.array import kernel_of
from autograd_python.scalars import BINARY, UNARY

xp = PythonBackend()
NAN, INF = math.nan, math.inf


def make(values, dtype=float64, shape=None):
    return xp.from_flat(values, (len(values),) if shape is None else shape, dtype)


def same(array, expected):
    """Whether the elements are these numbers, NaN for NaN and -0.0 for -0.0."""
    return repr(xp.to_flat(array)) == repr(expected)


def test_every_required_function_is_there():
    assert missing_functions(xp) == []
    assert xp.name == "python"
    assert xp.capabilities == {"complex", "fft", "linalg", "special"}


@pytest.mark.parametrize("name", REQUIRED)
def test_signature_is_that_of_the_contract(name):
    contract = getattr(Backend, name).__get__(xp)
    assert inspect.signature(getattr(xp, name)) == inspect.signature(contract)


def test_imports_neither_numpy_nor_mpmath_nor_torch():
    program = (
        "import sys, autograd_python as p; from autograd_core.dtypes import float64; "
        "xp = p.PythonBackend(); xp.digamma(xp.scalar(1.5, float64)); "
        "sys.exit(bool({'numpy', 'mpmath', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_views_share_memory():
    x = make([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], shape=(2, 3))
    column = xp.select(x, 1, 1)
    xp.copy_(column, make([10.0, 20.0]))
    assert xp.to_flat(x) == [0.0, 10.0, 2.0, 3.0, 20.0, 5.0]
    assert xp.to_flat(xp.permute(x, (1, 0))) == [0.0, 3.0, 10.0, 20.0, 2.0, 5.0]
    assert xp.strides(xp.slice(x, 1, 0, 3, 2)) == (3, 2)
    assert xp.data_ptr(xp.select(xp.view(x, (6,)), 0, 1)) == xp.data_ptr(column)
    assert xp.data_ptr(xp.clone(x)) != xp.data_ptr(x)
    assert xp.storage_offset(column) == 1
    assert xp.storage_size(column) == 6
    assert xp.to_flat(xp.as_strided(x, (2, 2), (1, 2), 1)) == [10.0, 3.0, 2.0, 20.0]


def test_copy_onto_itself():
    x = make([1.0, 2.0, 3.0, 4.0])
    xp.copy_(xp.slice(x, 0, 1, 4, 1), xp.slice(x, 0, 0, 3, 1))
    assert xp.to_flat(x) == [1.0, 1.0, 2.0, 3.0]
    square = make([1.0, 2.0, 3.0, 4.0], shape=(2, 2))
    xp.copy_(square, xp.permute(square, (1, 0)))
    assert xp.to_flat(square) == [1.0, 3.0, 2.0, 4.0]
    five = make(range(25), shape=(5, 5))
    xp.copy_(xp.permute(five, (1, 0)), five)
    assert xp.to_flat(five)[:6] == [0.0, 5.0, 10.0, 15.0, 20.0, 1.0]


def test_copy_casts_and_broadcasts():
    x = xp.full((2, 2), 0, int64)
    xp.copy_(x, make([1.9, -1.9]))
    assert xp.to_flat(x) == [1, -1, 1, -1]
    z = xp.full((2,), 0, complex64)
    xp.copy_(z, make([0.1, 2.0]))
    assert xp.to_flat(z) == [0.10000000149011612 + 0j, 2 + 0j]


def test_results_never_share_memory_with_operands():
    x = make([1.0, 2.0])
    for result in (
        xp.clone(x),
        xp.conj_physical(x),
        xp.flip(x, (0,)),
        xp.cat([x], 0),
        xp.cast(x, float32),
        xp.index_select(x, 0, make([0], int64)),
        xp.add(x, 0),
        xp.abs(x),
        xp.where(xp.eq(x, x), x, x),
        xp.sum(x, ()),
    ):
        assert result.storage is not x.storage
    assert xp.cast(x, float64) is x
    assert xp.contiguous(x) is x
    assert xp.own(x) is x


def test_parts_of_complex_arrays_are_views():
    z = make([1 + 2j, 3 + 4j], complex64)
    xp.copy_(xp.real(z), make([5.0, 6.0]))
    xp.copy_(xp.imag(z), xp.scalar(-1.0, float64))
    assert xp.to_flat(z) == [5 - 1j, 6 - 1j]
    assert xp.real(z).dtype is float32
    assert xp.strides(xp.imag(z)) == (2,)
    assert xp.storage_offset(xp.imag(z)) == 1
    assert xp.storage_size(z) == 2
    assert xp.data_ptr(z) == xp.data_ptr(xp.real(z)) != xp.data_ptr(xp.imag(z))


def test_complex_numbers_and_their_parts_are_views_of_each_other():
    z = make([1 + 2j, 3 + 4j], complex128)
    pairs = xp.view_as_real(z)
    assert (pairs.shape, xp.strides(pairs), xp.to_flat(pairs)) == ((2, 2), (2, 1), [1, 2, 3, 4])
    second = xp.view_as_complex(xp.select(pairs, 0, 1))
    assert second.dtype is complex128
    xp.copy_(second, xp.scalar(9j, complex128))
    assert xp.to_flat(z) == [1 + 2j, 9j]
    row = xp.view_dtype(z, float64)
    assert (row.shape, xp.to_flat(row)) == ((4,), [1.0, 2.0, 0.0, 9.0])
    xp.copy_(xp.view_dtype(row, complex128), xp.scalar(5 + 6j, complex128))
    assert xp.to_flat(z) == [5 + 6j, 5 + 6j]


def test_layout_is_kept():
    x = xp.permute(make(range(24), shape=(2, 3, 4)), (2, 0, 1))
    assert xp.strides(x) == (1, 12, 4)
    assert xp.strides(xp.sin(x)) == (1, 12, 4)
    assert xp.strides(xp.add(x, xp.scalar(1.0, float64))) == (1, 12, 4)
    assert xp.strides(xp.add(xp.contiguous(x), x)) == (6, 3, 1)
    assert xp.strides(xp.clone(xp.slice(x, 0, 0, 4, 2))) == (1, 6, 2)
    assert xp.strides(xp.exp(xp.expand(make([1.0, 2.0], shape=(2, 1)), (2, 3)))) == (3, 1)


def test_operators():
    x, y = make([1.0, -2.0]), make([3.0, 0.5])
    assert xp.to_flat(x + y) == [4.0, -1.5]
    assert xp.to_flat(2 - x) == [1.0, 4.0]
    assert xp.to_flat(1 / y) == [1 / 3, 2.0]
    assert xp.to_flat(2**x) == [2.0, 0.25]
    assert xp.to_flat(-x) == [-1.0, 2.0]
    assert xp.to_flat(abs(x)) == [1.0, 2.0]
    assert xp.to_flat(x > 0) == [True, False]
    assert xp.to_flat(x == 1) == [True, False]
    assert xp.to_flat(~(x == 1) | (y == 0.5)) == [False, True]
    assert xp.to_flat(make([5, 6], int64) << 1) == [10, 12]
    assert xp.to_flat(7 % make([4, -4], int64)) == [3, -1]
    assert repr(make([1, 2], int64)) == "Array([1, 2], dtype=torch.int64)"
    with pytest.raises(TypeError):
        hash(x)
    with pytest.raises(ValueError, match="neither true nor false"):
        bool(x == y)


def test_integers_wrap():
    assert xp.to_flat(make([127, -128], int8) + 1) == [-128, -127]
    assert xp.to_flat(-make([1, 0], uint8)) == [255, 0]
    assert xp.to_flat(abs(make([-128], int8))) == [-128]
    assert xp.to_flat(make([2**63 - 1], int64) * 2) == [-2]
    assert xp.to_flat(make([3, 2, -1, 0, -2], int64) ** make([50, 63, -3, -1, -1], int64)) == [
        6048575297968530377,
        -(2**63),
        -1,
        0,
        0,
    ]
    assert xp.to_flat(xp.sum(make([100, 100], int8), (0,))) == [-56]
    assert xp.to_flat(~make([0, 5], uint8)) == [255, 250]
    assert xp.to_flat(make([-(2**63)], int64) // make([-1], int64)) == [-(2**63)]


def test_bools_stay_bools():
    x = make([True, False], bool_)
    results = [
        xp.abs(x),
        xp.conj_physical(x),
        xp.sign(x),
        xp.bitwise_not(x),
        xp.maximum(x, x),
        xp.cumsum(x, 0),
        xp.cumprod(x, 0),
        xp.sum(x, (0,)),
        xp.prod(x, (0,)),
        xp.add(x, x),
        xp.mm(xp.view(x, (2, 1)), xp.view(x, (1, 2))),
        xp.scatter_add(x, 0, xp.cast(x, int64), x),
    ]
    assert all(type(value) is bool for result in results for value in xp.to_flat(result))


def test_shifts():
    x = make([1, -5, 1, 1], int64)
    assert xp.to_flat(xp.bitwise_left_shift(x, make([3, 1, 64, -1], int64))) == [8, -10, 0, 0]
    assert xp.to_flat(xp.bitwise_right_shift(x, make([3, 1, 64, -1], int64))) == [0, -3, 0, 0]


def test_rounding_to_narrow_formats():
    assert xp.to_flat(make([0.1, 1e39, -1e-46], float32)) == [0.10000000149011612, INF, -0.0]
    assert xp.to_flat(make([65519.0, 65520.0, 1 / 3], dtypes.float16)) == [
        65504.0,
        INF,
        0.333251953125,
    ]
    # 1 + 2**-8 lies half-way: to even; 1 + 3 * 2**-8 too, and goes up
    assert xp.to_flat(make([1 + 2**-8, 1 + 3 * 2**-8, NAN, 3.4e38], dtypes.bfloat16))[:2] == [
        1.0,
        1.015625,
    ]
    assert same(make([NAN, 3.4e38], dtypes.bfloat16), [NAN, INF])
    assert xp.to_flat(make([16777216.0], float32) + 1) == [16777216.0]


def test_casts():
    x = make([1.9, -1.9, 300.5, NAN, INF])
    assert xp.to_flat(xp.cast(x, int64)) == [1, -1, 300, -(2**63), -(2**63)]
    assert xp.to_flat(xp.cast(x, uint8))[:3] == [1, 255, 44]
    assert xp.to_flat(xp.cast(x, bool_)) == [True, True, True, True, True]
    assert xp.to_flat(xp.cast(make([1 + 2j], complex128), float32)) == [1.0]


def test_functions_beyond_their_domain():
    x = make([0.0, -1.0, 1.0, INF, -INF, NAN, 2.0])
    assert same(xp.log(x), [-INF, NAN, 0.0, INF, NAN, NAN, math.log(2.0)])
    assert same(xp.sqrt(x), [0.0, NAN, 1.0, INF, NAN, NAN, math.sqrt(2.0)])
    assert same(xp.log1p(make([-1.0, -2.0])), [-INF, NAN])
    assert same(xp.acos(make([2.0, 1.0])), [NAN, 0.0])
    assert same(xp.atanh(make([1.0, -1.0, 2.0])), [INF, -INF, NAN])
    assert same(xp.sin(make([INF, 0.0])), [NAN, 0.0])
    assert same(xp.exp(make([1000.0, -1000.0])), [INF, 0.0])
    assert same(xp.sinh(make([-1000.0, 0.0])), [-INF, 0.0])
    assert same(xp.floor(make([-0.5, INF, -0.0])), [-1.0, INF, -0.0])
    assert same(xp.ceil(make([-0.5, NAN])), [-0.0, NAN])
    assert same(xp.round(make([0.5, 1.5, -0.5, 2.5])), [0.0, 2.0, -0.0, 2.0])
    assert same(xp.trunc(make([-1.7, -0.3, INF])), [-1.0, -0.0, INF])
    assert same(xp.sign(make([NAN, -3.0, -0.0])), [0.0, -1.0, 0.0])


def test_division():
    x, y = make([1.0, -1.0, 0.0, 7.0, -7.0]), make([0.0, 0.0, 0.0, 2.0, 2.0])
    assert same(xp.div(x, y), [INF, -INF, NAN, 3.5, -3.5])
    assert same(xp.floor_divide(x, y), [INF, -INF, NAN, 3.0, -4.0])
    assert same(xp.remainder(x, y), [NAN, NAN, NAN, 1.0, 1.0])
    assert same(xp.fmod(x, y), [NAN, NAN, NAN, 1.0, -1.0])
    a, b = make([7, -7, 7, -7], int64), make([2, 2, -2, -2], int64)
    assert xp.to_flat(xp.floor_divide(a, b)) == [3, -4, -4, 3]
    assert xp.to_flat(xp.remainder(a, b)) == [1, 1, -1, -1]
    assert xp.to_flat(xp.fmod(a, b)) == [1, -1, 1, -1]
    for kernel in (xp.floor_divide, xp.remainder, xp.fmod):
        with pytest.raises(RuntimeError, match=r"^ZeroDivisionError$"):
            kernel(a, xp.scalar(0, int64))
    assert same(xp.div(make([1 + 1j], complex128), make([0j], complex128)), [complex(INF, INF)])


def test_power():
    x, y = make([0.0, -8.0, -2.0, 0.0, -1e200]), make([0.0, 1 / 3, 3.0, -1.0, 3.0])
    assert same(xp.pow(x, y), [1.0, NAN, -8.0, INF, -INF])
    zeros = make([0j, 0j], complex128)
    # As C's cpow, and so torch: 0 * -inf is no number.
    powers = xp.to_flat(xp.pow(zeros, make([0j, 2 + 0j], complex128)))
    assert cmath.isnan(powers[0])
    assert powers[1] == 0j


def test_nan_wins():
    x, y = make([1.0, NAN, 3.0]), make([2.0, 0.0, NAN])
    assert same(xp.maximum(x, y), [2.0, NAN, NAN])
    assert same(xp.minimum(x, y), [1.0, NAN, NAN])
    assert same(xp.amax(x, (0,)), [NAN])
    assert xp.to_flat(xp.argmax(x, 0)) == xp.to_flat(xp.argmin(x, 0)) == [1]
    values, places = xp.cummax(make([1.0, 1.0, NAN, 2.0, NAN]), 0)
    assert same(values, [1.0, 1.0, NAN, NAN, NAN])
    assert xp.to_flat(places) == [0, 1, 2, 2, 4]


def test_sort_is_stable_with_nan_largest():
    x = make([2.0, NAN, 1.0, 2.0, NAN, INF])
    values, places = xp.sort(x, 0)
    assert same(values, [1.0, 2.0, 2.0, INF, NAN, NAN])
    assert xp.to_flat(places) == [2, 0, 3, 5, 1, 4]
    values, places = xp.sort(x, 0, True)
    assert same(values, [NAN, NAN, INF, 2.0, 2.0, 1.0])
    assert xp.to_flat(places) == [1, 4, 5, 0, 3, 2]


def test_a_few_numbers_are_added_one_by_one_as_in_torch():
    assert xp.to_flat(xp.sum(make([1e16, 1.0, -1e16, 1.0]), (0,))) == [1.0]
    assert xp.to_flat(xp.sum(make([1e16, 1.0, 1.0, 1.0, -1e16]), (0,))) == [3.0]
    columns = make([1e16, 2.0, 1.0, 3.0, -1e16, 4.0], shape=(3, 2))
    assert xp.to_flat(xp.sum(columns, (0,))) == [0.0, 9.0]
    assert xp.sum(make([], shape=(0, 2)), (1,)).shape == (0,)


def test_sums_lose_nothing():
    x = make([1e16, 1.0, -1e16, 1.0, 0.0, 0.0])
    assert xp.to_flat(xp.sum(x, (0,))) == [2.0]
    assert same(xp.sum(make([INF, -INF]), (0,)), [NAN])
    assert same(xp.sum(make([1e308, 1e308]), (0,)), [INF])
    x = make([1e16j, 1 + 1j, -1e16j, 0, 0, 0], complex128)
    assert xp.to_flat(xp.sum(x, (0,))) == [1 + 1j]
    grid = make(range(6), shape=(2, 3))
    assert xp.to_flat(xp.sum(grid, (0,))) == [3.0, 5.0, 7.0]
    assert xp.sum(grid, (0, 1), True).shape == (1, 1)
    assert xp.to_flat(xp.cumsum(grid, 0)) == [0.0, 1.0, 2.0, 3.0, 5.0, 7.0]
    assert xp.to_flat(xp.prod(make([], float64), (0,))) == [1.0]


def test_scatter():
    x = make([0.0] * 4)
    index = make([1, 1, 3], int64)
    src = make([1.0, 2.0, 3.0])
    assert xp.to_flat(xp.scatter(x, 0, index, src)) == [0.0, 2.0, 0.0, 3.0]
    assert xp.to_flat(xp.scatter_add(x, 0, index, src)) == [0.0, 3.0, 0.0, 3.0]
    assert xp.to_flat(xp.scatter_reduce(x, 0, index, src, "mean", False)) == [0.0, 1.5, 0.0, 3.0]
    assert xp.to_flat(xp.scatter_reduce(x, 0, index, src, "mean", True)) == [0.0, 1.0, 0.0, 1.5]
    assert xp.to_flat(x) == [0.0] * 4


def test_indexing():
    x = make(range(6), int64, (2, 3))
    assert xp.to_flat(xp.gather(x, 1, make([2, 0], int64, (2, 1)))) == [2, 3]
    rows, columns = make([1, 0], int64), make([2, 1], int64)
    assert xp.to_flat(xp.index(x, (rows, columns))) == [5, 1]
    assert xp.index(x, (None, columns)).shape == (2, 2)
    put = xp.index_put(x, (make([0, 0], int64), make([0, 0], int64)), make([5, 6], int64), True)
    assert xp.to_flat(put) == [11, 1, 2, 3, 4, 5]
    assert xp.to_flat(xp.nonzero(x)) == [0, 1, 0, 2, 1, 0, 1, 1, 1, 2]
    row = make([1.0, 2.0, 2.0, 3.0])
    assert xp.to_flat(xp.searchsorted(row, make([2.0, NAN]), False)) == [1, 4]
    assert xp.to_flat(xp.searchsorted(row, make([2.0, 0.0]), True)) == [3, 0]


def test_matrix_products():
    x = make([1.0, 2.0, 3.0, 4.0], shape=(2, 2))
    assert xp.to_flat(xp.mm(x, xp.permute(x, (1, 0)))) == [5.0, 11.0, 11.0, 25.0]
    assert xp.to_flat(xp.mm(make([100], int8, (1, 1)), make([2], int8, (1, 1)))) == [-56]
    nothing = xp.full((2, 0), 1.0, float64)
    assert same(xp.mm(nothing, xp.permute(nothing, (1, 0))), [0.0] * 4)


# The digits are mpmath's.
@pytest.mark.parametrize(
    ("kernel", "x", "expected"),
    [
        ("digamma", 1.0, -0.5772156649015329),
        ("digamma", 0.5, -1.9635100260214235),
        ("digamma", -0.5, 0.03648997397857652),
        ("digamma", 1.4616321449683622, -9.241265521729427e-17),
        ("lgamma", 1.5, -0.12078223763524522),
        ("lgamma", 2.0000001, 4.227843666532498e-08),
        ("erfinv", 0.5, 0.4769362762044699),
        ("erfinv", 1e-300, 8.862269254527581e-301),
        ("i0", 1.0, 1.2660658777520084),
        ("i0", 700.0, 1.5295933476718737e302),
    ],
)
def test_special_functions(kernel, x, expected):
    (result,) = xp.to_flat(getattr(xp, kernel)(xp.scalar(x, float64)))
    assert math.isclose(result, expected, rel_tol=2e-15)


def test_special_functions_at_their_poles():
    assert same(xp.digamma(make([0.0, -0.0, -1.0])), [-INF, INF, NAN])
    assert same(xp.lgamma(make([0.0, -2.0, INF])), [INF, INF, INF])
    assert same(xp.erfinv(make([1.0, -1.0, 1.5])), [INF, -INF, NAN])
    assert same(xp.polygamma(1, make([0.0, -INF])), [INF, NAN])
    assert same(xp.polygamma(2, make([0.0, -INF, INF])), [-INF, -INF, NAN])


def test_zero_d_arrays_are_arrays():
    x = xp.scalar(2.0, float64)
    result = x * 3 + xp.scalar(1.0, float64)
    assert isinstance(result, Array)
    assert result.shape == ()
    xp.copy_(result, xp.scalar(9.0, float64))
    assert xp.to_flat(result) == [9.0]


def test_a_computed_number_becomes_an_array_when_its_memory_is_asked_for():
    half = make([0.5], shape=())
    total = xp.add(half, half)
    assert xp.is_whole(total)
    assert total.shape == total.stride == ()
    assert total.offset == 0
    seen = xp.view(total, (1,))
    xp.copy_(seen, make([3.0]))
    assert type(total) is Array
    assert same(total, [3.0])
    assert not xp.is_whole(total)
    assert same(xp.mul(total, half), [1.5])


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))]
)
def test_a_computed_number_is_copied_as_an_array(copied):
    total = xp.add(make([0.5], shape=()), make([0.25], shape=()))
    other = copied(total)
    xp.copy_(other, make([3.0], shape=()))
    assert same(total, [0.75])
    assert same(other, [3.0])


SPECIAL = [0.0, -0.0, 0.1, -1.5, 2.0, 3.5, 1e-45, 1e20, -1e30, 3e38, INF, -INF, NAN]


@pytest.mark.parametrize("dtype", [float32, float64])
@pytest.mark.parametrize("name", sorted({**UNARY, **BINARY}))
def test_single_numbers_come_to_what_elements_of_arrays_do(name, dtype):
    kernel = getattr(xp, name)
    count = len(inspect.signature(kernel).parameters)
    rows = list(itertools.product(SPECIAL, repeat=count))
    arrays = [make(column, dtype) for column in zip(*rows, strict=True)]
    try:
        expected = kernel(*arrays)
    except TypeError:  # of integers only
        with pytest.raises(TypeError):
            kernel(*[xp.scalar(number, dtype) for number in rows[0]])
        return
    makers = {
        "number": lambda number: xp.scalar(number, dtype),
        "cut out": lambda number: xp.select(make([number], dtype), 0, 0),
    }
    for made in itertools.product(makers, repeat=count):
        results = [kernel(*[makers[m](n) for m, n in zip(made, row, strict=True)]) for row in rows]
        assert {(r.shape, r.dtype) for r in results} == {((), expected.dtype)}
        found = [element for result in results for element in xp.to_flat(result)]
        assert repr(found) == repr(xp.to_flat(expected))


def test_a_kernel_that_was_called_is_the_same_function():
    kernel = kernel_of(BINARY["hypot"], "self", "input", "other")
    before = inspect.signature(kernel)
    assert xp.to_flat(kernel(xp, xp.scalar(3.0, float64), xp.scalar(4.0, float64))) == [5.0]
    assert inspect.signature(kernel) == before


def test_a_single_number_is_read_without_becoming_an_array():
    x = xp.scalar(0.1, float32)
    kind = type(x)
    assert kind is type(xp.from_flat([1], (), float64)) is type(xp.mul(x, x)) is not Array
    assert xp.to_flat(x) == [0.10000000149011612]
    assert xp.to_flat(xp.add(x, make([1.0, 2.0], float32))) == [
        1.100000023841858,
        2.0999999046325684,
    ]
    assert xp.to_flat(xp.gt(x, 0.0)) == [True]
    assert type(x) is kind
    copied = pickle.loads(pickle.dumps(x))
    view = xp.expand(x, (2,))
    assert type(x) is Array
    xp.copy_(x, xp.scalar(7.0, float32))
    assert xp.to_flat(view) == [7.0, 7.0]
    assert xp.to_flat(copied) == [0.10000000149011612]
    assert xp.to_flat(xp.mul(x, x)) == [49.0]


def test_threads_compute_with_a_number_while_it_becomes_an_array():
    numbers = [xp.scalar(3.0, float64) for _ in range(2000)]
    found, start = [], threading.Barrier(3)

    def compute():
        start.wait()
        found.append({xp.to_flat(xp.mul(number, number))[0] for number in numbers})

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    start.wait()
    storages = [number.storage for number in numbers]
    for thread in threads:
        thread.join()
    assert found == [{9.0}, {9.0}]
    assert all(a.storage is b for a, b in zip(numbers, storages, strict=True))


def test_threads_round_numbers_each_its_own():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    wrong = []

    def compute(number):
        one, x = xp.scalar(1.0, float32), xp.scalar(number, float32)
        wrong.extend(_ for _ in range(50_000) if xp.mul(x, one).number != number)

    try:
        threads = [threading.Thread(target=compute, args=(float(k),)) for k in range(1, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["place[0] = result; result = place[0]", "(result,) = to_float32([result])"]
)
def test_both_ways_of_rounding_a_number_give_the_same(monkeypatch, text):
    monkeypatch.setattr("autograd_python.array.ROUND_RESULT", text)
    kernel = kernel_of(BINARY["mul"], "input", "other")
    halfway = [1 + 2**-24, 1 + 3 * 2**-24, 2**-126 + 2**-150, 2**-149 * 1.5, 2**128 - 2**103]
    numbers = [*SPECIAL, *halfway, 3.4028235677973366e38, 3.4028235677973362e38]
    one = xp.scalar(1.0, float32)
    for number in numbers:
        x = xp.scalar(0.0, float32)
        x.number = number
        assert repr(xp.to_flat(kernel(x, one))) == repr(xp.to_flat(make([number], float32)))
