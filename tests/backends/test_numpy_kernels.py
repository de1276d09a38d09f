"""The NumPy backend by itself: what its arrays are, how they alias, and what it must not do."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import warnings
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from autograd_core import dtypes
from autograd_core.dtypes import DType
from autograd_numpy import NumpyBackend

xp = NumpyBackend()
nan, inf = math.nan, math.inf


def array(values: list[Any], dtype: DType = dtypes.float32, shape: Any = None) -> Any:
    return xp.from_flat(values, shape or (len(values),), dtype)


def test_import_needs_neither_scipy_nor_ml_dtypes() -> None:
    code = (
        "import sys, autograd_numpy; autograd_numpy.NumpyBackend(); "
        "sys.exit(any(name in sys.modules for name in ('scipy', 'ml_dtypes', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("dtype", list(dtypes.BY_NAME.values()), ids=lambda dtype: dtype.name)
def test_dtype_round_trip(dtype: DType) -> None:
    made = xp.full((2, 3), 1, dtype)
    assert xp.dtype(made) is dtype
    assert made.dtype == xp.native_dtype(dtype)
    assert xp.to_flat(made) == [1] * 6
    assert type(xp.to_flat(made)[0]) is type((False, 0, 0.0, 0j)[dtype.category])
    assert xp.dtype(xp.scalar(1, dtype)) is dtype
    assert xp.dtype(xp.add(made, made)) is dtype


def test_scalars_wrap_round_and_may_be_owned() -> None:
    assert int(xp.scalar(-1, dtypes.uint8)) == 255
    assert int(xp.scalar(200, dtypes.int8)) == -56
    assert int(xp.scalar(2**63, dtypes.int64)) == -(2**63)
    assert float(xp.scalar(0.1, dtypes.float16)) == 0.0999755859375
    assert float(xp.scalar(0.1, dtypes.bfloat16)) == 0.10009765625
    scalar = xp.sum(array([1.0, 2.0]), (0,))
    owned = xp.own(scalar)
    xp.copy_(owned, array([7.0])[0])
    assert xp.to_flat(owned) == [7.0]
    assert xp.own(owned) is owned


def quotients() -> list[Any]:
    one, zero = xp.full((3,), 1, dtypes.float32), xp.full((3,), 0, dtypes.float32)
    big = xp.full((3,), 3e38, dtypes.float32)
    return [xp.div(one, zero), one / zero, xp.log(-one), big * big, one[0] / zero[0], xp.exp(big)]


def test_quietly_silences_kernels_and_operators() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [float(np.ravel(value)[0]) for value in xp.quietly(quotients)][:2] == [inf, inf]
        with pytest.raises(RuntimeWarning):  # and the caller's settings are back
            np.float32(1) / np.float32(0)


def test_quietly_nests_and_works_in_threads() -> None:
    caught: list[Warning] = []

    def work() -> None:
        try:
            for _ in range(20):
                xp.quietly(xp.quietly, quotients)
                xp.quietly(lambda: (xp.quietly(quotients), quotients()))
        except Warning as error:
            caught.append(error)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert caught == []


def test_quietly_ends_when_the_function_raises() -> None:
    before = np.geterr()
    with pytest.raises(ZeroDivisionError):
        xp.quietly(lambda: 1 // 0)
    assert np.geterr() == before


# Storage ------------------------------------------------------------------------------------------


def test_copy_between_overlapping_views() -> None:
    base = array(list(range(6)))
    xp.copy_(xp.slice(base, 0, 1, 6, 1), xp.slice(base, 0, 0, 5, 1))
    assert xp.to_flat(base) == [0, 0, 1, 2, 3, 4]
    square = array(list(range(4)), shape=(2, 2))
    xp.copy_(square, xp.permute(square, (1, 0)))
    assert xp.to_flat(square) == [0, 2, 1, 3]


def test_copy_converts_without_a_warning() -> None:
    target = xp.full((2,), 0, dtypes.int32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        xp.copy_(target, array([1.9 + 5j, -1.9 - 5j], dtypes.complex64))
    assert xp.to_flat(target) == [1, -1]


@pytest.mark.parametrize("dtype", [dtypes.float32, dtypes.bfloat16, dtypes.complex64, dtypes.bool_])
def test_storage_of_views(dtype: DType) -> None:
    base = array([1] * 24, dtype, (2, 3, 4))
    view = xp.select(xp.permute(base, (2, 0, 1)), 0, 3)
    assert (view.shape, xp.strides(view)) == ((2, 3), (12, 4))
    assert (xp.storage_offset(view), xp.storage_size(view)) == (3, 24)
    again = xp.as_strided(view, (24,), (1,), 0)
    assert xp.data_ptr(again) == xp.data_ptr(base)
    assert np.shares_memory(again, base)


@pytest.mark.parametrize("order", ["C", "F"])
def test_storage_of_foreign_arrays(order: str) -> None:
    foreign = np.array(np.arange(6.0).reshape(2, 3), order=order)
    assert (xp.storage_offset(foreign), xp.storage_size(foreign)) == (0, 6)
    flat = xp.as_strided(foreign, (6,), (1,), 0)
    assert xp.to_flat(flat) == foreign.ravel("K").tolist()
    xp.copy_(flat, xp.scalar(9, dtypes.float64))
    assert foreign.min() == 9
    buffer = bytearray(np.arange(8, dtype=np.float32).tobytes())
    loaned = np.frombuffer(buffer, np.float32, offset=8)
    assert (xp.storage_offset(loaned[2:]), xp.storage_size(loaned[2:])) == (2, 6)
    assert xp.to_flat(xp.as_strided(loaned[2:], (2,), (3,), 1)) == [3.0, 6.0]


def test_storage_of_a_foreign_array_with_holes() -> None:
    buffer = bytearray(np.arange(6, dtype=np.float32).tobytes())
    sparse = np.ndarray((3,), np.float32, buffer, strides=(8,))
    assert xp.storage_size(sparse) == 5
    whole = xp.as_strided(sparse, (5,), (1,), 0)
    assert xp.to_flat(whole) == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert (xp.storage_offset(whole[2:]), xp.storage_size(whole)) == (2, 5)


def test_storage_of_a_permuted_dense_result() -> None:
    base = xp.permute(array(list(range(24)), shape=(2, 3, 4)), (2, 0, 1))
    result = xp.add(base, base)
    assert xp.strides(result) == (1, 12, 4)
    assert xp.to_flat(xp.as_strided(result, (24,), (1,), 0)) == list(range(0, 48, 2))


def test_complex_parts_share_the_storage() -> None:
    z = array([1 + 2j, 3 + 4j], dtypes.complex64)
    imaginary = xp.imag(z)
    xp.copy_(imaginary, array([7.0, 8.0]))
    assert xp.to_flat(z) == [1 + 7j, 3 + 8j]
    assert (xp.storage_offset(imaginary), xp.storage_size(imaginary)) == (1, 4)
    assert xp.to_flat(xp.as_strided(imaginary, (4,), (1,), 0)) == [1.0, 7.0, 3.0, 8.0]


def test_empty_strided() -> None:
    made = xp.empty_strided((2, 3), (1, 2), dtypes.float64)
    assert (made.shape, xp.strides(made), xp.storage_size(made)) == ((2, 3), (1, 2), 6)
    made = xp.empty_strided((2, 3), (0, 1), dtypes.float64)
    assert (xp.strides(made), xp.storage_size(made)) == ((0, 1), 3)
    made = xp.empty_strided((0, 3), (3, 1), dtypes.float64)
    assert (xp.strides(made), xp.storage_size(made)) == ((3, 1), 0)


def test_expanded_array_can_be_read_and_its_base_written() -> None:
    base = array([1.0, 2.0])
    wide = xp.expand(base, (3, 2))
    xp.copy_(base, array([5.0, 6.0]))
    assert xp.to_flat(wide) == [5.0, 6.0] * 3
    assert xp.strides(xp.expand(xp.sum(base, (0,)), (2, 2))) == (0, 0)


def test_views_of_an_element_are_arrays() -> None:
    base = array([1.0, 2.0])
    element = xp.select(base, 0, 1)
    xp.copy_(element, xp.scalar(5, dtypes.float32))
    assert xp.to_flat(base) == [1.0, 5.0]


# Values -------------------------------------------------------------------------------------------


def test_integer_results_keep_their_dtype() -> None:
    x = array([100, 100, 2], dtypes.int8)
    assert xp.to_flat(xp.sum(x, (0,))) == [-54]
    assert xp.to_flat(xp.cumsum(x, 0)) == [100, -56, -54]
    assert xp.to_flat(xp.prod(x, (0,))) == [20000 % 256]
    product = xp.mm(x.reshape(1, 3), x.reshape(3, 1))
    assert (xp.dtype(product), xp.to_flat(product)) == (dtypes.int8, [20004 % 256])


@pytest.mark.parametrize("dtype", [dtypes.float16, dtypes.bfloat16])
def test_sixteen_bit_sums_round_once(dtype: DType) -> None:
    x = xp.full((4096,), 1, dtype)
    assert xp.to_flat(xp.sum(x, (0,))) == [4096.0]
    assert xp.to_flat(xp.cumsum(x, 0))[-1] == 4096.0
    assert xp.to_flat(xp.mm(x.reshape(1, -1), x.reshape(-1, 1))) == [4096.0]
    index = xp.full((4096,), 0, dtypes.int64)
    assert xp.to_flat(xp.scatter_add(xp.full((1,), 0, dtype), 0, index, x)) == [4096.0]


def test_nan_and_signs() -> None:
    x = array([-2.0, -0.0, 0.0, 3.0, nan])
    assert xp.to_flat(xp.sign(x)) == [-1.0, 0.0, 0.0, 1.0, 0.0]
    values, order = xp.sort(array([nan, 1.0, 2.0, 1.0]), 0, True)
    assert xp.to_flat(order) == [0, 2, 1, 3]
    assert math.isnan(xp.to_flat(values)[0])
    rest = xp.to_flat(xp.remainder(array([-4.0, -3.0, 3.0]), array([2.0, 2.0, -2.0])))
    assert rest == [0.0, 1.0, -1.0]
    assert math.copysign(1, rest[0]) == -1


def test_digamma_at_its_poles() -> None:
    got = xp.to_flat(xp.quietly(xp.digamma, array([0.0, -0.0, -3.0], dtypes.float64)))
    assert got[:2] == [-inf, inf]
    assert math.isnan(got[2])


def test_digamma_below_zero() -> None:
    got = xp.to_flat(xp.digamma(array([-0.25, -0.64, -0.5, -2.7], dtypes.float64)))
    exact = [2.9141391202135276, -1.3184878360147556, 0.03648997397857652, -1.1153471291406896]
    assert got == pytest.approx(exact, rel=4e-16)


def test_accumulating_at_repeated_places() -> None:
    x = xp.full((2, 3), 0, dtypes.float32)
    rows = array([1, 1, 0], dtypes.int64)
    ones = xp.full((3, 3), 1, dtypes.float32)
    assert xp.to_flat(xp.index_put(x, [rows, None], ones, True)) == [1, 1, 1, 2, 2, 2]
    assert xp.to_flat(xp.index_put(x, [rows, None], ones, False)) == [1] * 6
    assert xp.to_flat(x) == [0] * 6


def test_an_empty_array_of_complex_numbers_has_parts_of_its_shape() -> None:
    parts = xp.view_as_real(np.zeros((1, 0, 3), np.complex128))
    assert parts.shape == (1, 0, 3, 2)
    assert parts.dtype == np.float64


def test_a_scalar_is_viewed_as_its_parts() -> None:
    parts = xp.view_as_real(np.complex128(1 + 2j))
    assert parts.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("number", [0, -0.5, True])
@pytest.mark.parametrize("dtype", [dtypes.bfloat16, dtypes.float16, dtypes.float64])
@pytest.mark.parametrize("count", [3, 100_000])
def test_a_number_takes_the_dtype_of_what_it_is_chosen_beside(
    count: int, dtype: DType, number: Any
) -> None:
    x = array([1.0] * count, dtype)
    taken = array([True] + [False] * (count - 1), dtypes.bool_)
    for chosen in (xp.where(taken, x, number), xp.where(xp.logical_not(taken), number, x)):
        assert xp.dtype(chosen) is dtype
        assert xp.to_flat(chosen) == [1.0] + [float(number)] * (count - 1)
