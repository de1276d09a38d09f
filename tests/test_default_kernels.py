"""The derived kernels of the contract, over the required ones of the Python backend, in literals.

A list stands for an array (of int64, bool or complex128 where its numbers say so).
"""

from __future__ import annotations

import cmath
import inspect
import math
from collections.abc import Iterator
from typing import Any

import pytest
from kernel_rows import ROWS
from kernel_rows.values import GRID, Arrays, Int32, ZeroD, nested, zero_d

from autograd_core import dtypes
from autograd_core.default_kernels import DefaultKernels

python = pytest.importorskip("autograd_python")
xp = python.PythonBackend()
OF_TYPE = {
    bool: dtypes.bool_,
    int: dtypes.int64,
    float: dtypes.float64,
    complex: dtypes.complex128,
}


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
    if isinstance(expected, Int32):
        assert got.dtype is dtypes.int32
        check(xp.cast(got, dtypes.int64), expected.value)
    elif isinstance(expected, Arrays):
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


ELSEWHERE = {
    "frexp": "test_frexp",
    "from_dlpack": "test_what_this_backend_cannot_do",
    "from_ndarray": "test_a_foreign_array_is_read",
    "from_native": "backends/array_api/test_numbers.py",
    "is_cut": "engine/test_accumulation.py",
    "is_whole": "engine/test_accumulation.py",
    "storage_identity": "compilation/test_compiled_functions.py",
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
    assert not xp.are_row_major(made(GRID), columns)
    assert xp.are_row_major(xp.expand(made([1.0]), (2, 2)))
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
