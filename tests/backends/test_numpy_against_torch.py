"""Each kernel of the NumPy backend against the torch function of its name: values and strides."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")

from autograd_core import dtypes
from autograd_numpy import NumpyBackend

xp = NumpyBackend()

REAL = ("float32", "float64", "float16", "bfloat16")
FLOATING = (*REAL, "complex64", "complex128")
INTEGER = ("int64", "int32", "int16", "int8", "uint8")
ORDERED = (*REAL, *INTEGER)
ANY = (*FLOATING, *INTEGER, "bool")
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, float("inf"), float("-inf"), float("nan"))

# Bounds, in units of the last place of the dtype, for functions that two libraries round apart.
ULPS = {"bfloat16": 1, "float16": 1, "float32": 4, "float64": 4, "complex64": 8, "complex128": 8}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def to_array(tensor: Any) -> Any:
    """The same elements in a NumPy-backend array with the same strides."""
    dtype = dtypes.BY_NAME[str(tensor.dtype).removeprefix("torch.")]
    stride = [0 if step == 0 else step for step in tensor.stride()]
    source = tensor.resolve_conj()
    flat = xp.from_flat(source.reshape(-1).tolist(), tuple(tensor.shape), dtype)
    if 0 in stride and tensor.numel():
        narrow = tuple(slice(0, 1) if step == 0 else slice(None) for step in stride)
        return xp.expand(xp.contiguous(flat[narrow]), tuple(tensor.shape))
    array = xp.empty_strided(tuple(tensor.shape), stride, dtype)
    xp.copy_(array, flat)
    return array


def to_tensor(array: Any) -> Any:
    name = xp.dtype(array).name
    values = torch.tensor(xp.to_flat(array), dtype=getattr(torch, name))
    return values.reshape(np.shape(array))


def draw(dtype: str, shape: tuple[int, ...], seed: int = 0, positive: bool = False) -> Any:
    generator = torch.Generator().manual_seed(seed + 17)
    native = getattr(torch, dtype)
    if dtype == "bool":
        return torch.rand(shape, generator=generator) > 0.5
    if dtype in INTEGER:
        low = 1 if positive or dtype == "uint8" else -5
        return torch.randint(low, 6, shape, generator=generator).to(native)
    if dtype in ("complex64", "complex128"):
        return torch.randn(shape, generator=generator, dtype=native)
    values = torch.randn(shape, generator=generator, dtype=torch.float64)
    return (values.abs() + 0.1 if positive else values).to(native)


LAYOUTS: dict[str, Callable[..., Any]] = {
    "contiguous": lambda d, **k: draw(d, (3, 4), **k),
    "transposed": lambda d, **k: draw(d, (4, 3), **k).t(),
    "strided": lambda d, **k: draw(d, (3, 8), **k)[:, ::2],
    "expanded": lambda d, **k: draw(d, (1, 4), **k).expand(3, 4),
    "column": lambda d, **k: draw(d, (3, 1), **k).expand(3, 4),
    "permuted": lambda d, **k: draw(d, (2, 3, 4), **k).permute(1, 2, 0),
    "unit dims": lambda d, **k: draw(d, (3, 1, 4), **k).transpose(0, 2),
    "0-d": lambda d, **k: draw(d, (), **k),
    "empty": lambda d, **k: draw(d, (0, 3), **k),
}


def check(
    array: Any, tensor: Any, ulps: float = 0, strides: bool = False, zeros: bool = True
) -> None:
    """Compare; strides of dims that have more than one index, for NumPy defines no others."""
    got = to_tensor(array)
    assert got.dtype == tensor.dtype
    assert tuple(np.shape(array)) == tuple(tensor.shape)
    if strides and tensor.numel():
        steps = zip(xp.strides(array), tensor.stride(), tensor.shape, strict=True)
        assert [got for got, _, size in steps if size > 1] == [
            step for step, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1
        ]
    tensor = tensor.resolve_conj().contiguous()
    if ulps == 0 or not (tensor.is_floating_point() or tensor.is_complex()):
        torch.testing.assert_close(got, tensor, rtol=0, atol=0, equal_nan=True)
    else:
        real = tensor.dtype.to_real() if tensor.is_complex() else tensor.dtype
        eps = torch.finfo(real).eps
        tiny = torch.finfo(real).smallest_normal
        torch.testing.assert_close(got, tensor, rtol=ulps * eps, atol=tiny, equal_nan=True)
    if tensor.is_floating_point():
        same = torch.signbit(got) == torch.signbit(tensor)
        assert not zeros or bool(same[tensor == 0].all()), "sign of a zero"


# Pointwise --------------------------------------------------------------------------------------

EXACT_UNARY = {
    "neg": FLOATING + INTEGER,
    "abs": ORDERED,
    "sign": (*ORDERED, "bool"),
    "floor": REAL,
    "ceil": REAL,
    "trunc": REAL,
    "round": REAL,
    "isnan": ANY,
    "isinf": ANY,
    "logical_not": ANY,
    "bitwise_not": (*INTEGER, "bool"),
    "square": (*REAL, *INTEGER),
    "reciprocal": REAL,
    "conj": FLOATING,
    "conj_physical": ("complex64", "complex128"),
    "angle": REAL,
}
ROUNDED_UNARY = dict.fromkeys(
    [
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
    ],
    FLOATING,
)
ROUNDED_UNARY |= {
    "abs": ("complex64", "complex128"),
    "sgn": FLOATING,
    "square": ("complex64", "complex128"),
    "rsqrt": FLOATING,
    "reciprocal": ("complex64", "complex128"),
    "angle": ("complex64", "complex128"),
}
SPECIAL_FUNCTIONS = ("erf", "erfc", "erfinv", "lgamma", "digamma", "i0")


def cases(table: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, dtype) for name, taken in table.items() for dtype in taken]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "dtype"), cases(EXACT_UNARY))
def test_exact_function_of_one_operand(name: str, dtype: str, layout: str) -> None:
    x = LAYOUTS[layout](dtype)
    strides = name != "conj"  # torch's is a view
    check(getattr(xp, name)(to_array(x)), getattr(torch, name)(x), strides=strides)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "dtype"), cases(ROUNDED_UNARY))
def test_rounded_function_of_one_operand(name: str, dtype: str, layout: str) -> None:
    x = LAYOUTS[layout](dtype)
    check(getattr(xp, name)(to_array(x)), getattr(torch, name)(x), ULPS[dtype], strides=True)


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("name", sorted({*EXACT_UNARY, *ROUNDED_UNARY} - {"bitwise_not"}))
def test_special_values_of_one_operand(name: str, dtype: str) -> None:
    x = torch.tensor(SPECIAL, dtype=getattr(torch, dtype))
    check(getattr(xp, name)(to_array(x)), getattr(torch, name)(x), ULPS[dtype])


EXACT_BINARY = {
    "add": ANY,
    "sub": FLOATING + INTEGER,
    "mul": (*REAL, *INTEGER, "bool"),
    "div": REAL,
    "floor_divide": ORDERED,
    "remainder": ORDERED,
    "fmod": ORDERED,
    "copysign": REAL,
    "nextafter": ("float32", "float64", "bfloat16"),
    "maximum": (*ORDERED, "bool"),
    "minimum": (*ORDERED, "bool"),
    "eq": ANY,
    "ne": ANY,
    "lt": (*ORDERED, "bool"),
    "le": ORDERED,
    "gt": ORDERED,
    "ge": ORDERED,
    "logical_and": ANY,
    "logical_or": ANY,
    "logical_xor": ANY,
    "bitwise_and": (*INTEGER, "bool"),
    "bitwise_or": (*INTEGER, "bool"),
    "bitwise_xor": (*INTEGER, "bool"),
}
ROUNDED_BINARY = {
    "mul": ("complex64", "complex128"),
    "div": ("complex64", "complex128"),
    "pow": FLOATING,
    "atan2": REAL,
}


def divisor(name: str) -> bool:
    return name in ("floor_divide", "remainder", "fmod")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "dtype"), cases(EXACT_BINARY))
def test_exact_function_of_two_operands(name: str, dtype: str, layout: str) -> None:
    x = LAYOUTS[layout](dtype)
    y = LAYOUTS[layout](dtype, seed=1, positive=divisor(name))
    got = getattr(xp, name)(to_array(x), to_array(y))
    check(got, getattr(torch, name)(x, y), strides=True)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("name", "dtype"), cases(ROUNDED_BINARY))
def test_rounded_function_of_two_operands(name: str, dtype: str, layout: str) -> None:
    x = LAYOUTS[layout](dtype)
    y = LAYOUTS[layout](dtype, seed=1)
    got = getattr(xp, name)(to_array(x), to_array(y))
    check(got, getattr(torch, name)(x, y), ULPS[dtype], strides=True)


@pytest.mark.parametrize("first", LAYOUTS)
@pytest.mark.parametrize("second", LAYOUTS)
def test_strides_of_mixed_layouts(first: str, second: str) -> None:
    x, y = LAYOUTS[first]("float32"), LAYOUTS[second]("float32")
    try:
        expected = x + y
    except RuntimeError:
        pytest.skip("shapes that do not broadcast")
    operands = to_array(x), to_array(y)
    check(xp.following(xp.add(*operands), *operands), expected, strides=True)
    mask = x > 0
    operands = to_array(mask), *operands
    got = xp.following(xp.where(*operands), *operands)
    check(got, torch.where(mask, x, y), strides=True)


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize(
    "name",
    [
        "add",
        "sub",
        "mul",
        "div",
        "floor_divide",
        "remainder",
        "fmod",
        "pow",
        "atan2",
        "copysign",
        "maximum",
        "minimum",
    ],
)
def test_special_values_of_two_operands(name: str, dtype: str) -> None:
    values = torch.tensor(SPECIAL, dtype=getattr(torch, dtype))
    x, y = values.repeat_interleave(len(SPECIAL)), values.repeat(len(SPECIAL))
    got = getattr(xp, name)(to_array(x), to_array(y))
    # NumPy's vector instructions for float16 choose the other one of two equal zeros.
    zeros = not (dtype == "float16" and name in ("maximum", "minimum"))
    check(got, getattr(torch, name)(x, y), ULPS[dtype], zeros=zeros)


@pytest.mark.parametrize("dtype", INTEGER)
def test_integer_powers_and_shifts(dtype: str) -> None:
    native = getattr(torch, dtype)
    low = 0 if dtype == "uint8" else -4
    x = torch.arange(low, 5, dtype=native).repeat_interleave(9)
    y = torch.arange(low, low + 9, dtype=native).repeat(x.numel() // 9)
    check(xp.pow(to_array(x), to_array(y)), torch.pow(x, y))
    bits = torch.iinfo(native).bits
    counts = torch.tensor([0, 1, 3, bits - 1, bits, bits + 1], dtype=native).repeat(x.numel())
    x = x.repeat_interleave(6)
    for name in ("bitwise_left_shift", "bitwise_right_shift"):
        check(getattr(xp, name)(to_array(x), to_array(counts)), getattr(torch, name)(x, counts))


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
@pytest.mark.parametrize("dtype", INTEGER)
def test_division_by_integer_zero(name: str, dtype: str) -> None:
    x, y = torch.tensor([3, 4], dtype=getattr(torch, dtype)), torch.tensor([1, 0])
    y = y.to(x.dtype)
    with pytest.raises(RuntimeError) as expected:
        getattr(torch, name)(x, y)
    with pytest.raises(RuntimeError) as raised:
        getattr(xp, name)(to_array(x), to_array(y))
    assert str(raised.value) == str(expected.value)


def test_complex_parts() -> None:
    x = draw("complex64", (3, 4)).t()
    array = to_array(x)
    check(xp.real(array), x.real, strides=True)
    check(xp.imag(array), x.imag, strides=True)
    assert xp.storage_offset(xp.imag(array)) == x.imag.storage_offset() == 1
    assert xp.storage_size(xp.imag(array)) == 24
    again = xp.complex(xp.real(array), xp.imag(array))
    check(again, torch.complex(x.real, x.imag), strides=True)


COMPLEX_SPECIAL = tuple(
    complex(a, b)
    for a in (0.0, 1.0, -2.0, float("inf"), float("-inf"), float("nan"))
    for b in (0.0, 1.0, -2.0, float("inf"), float("nan"))
)


@pytest.mark.parametrize("name", ["abs", "neg", "isnan", "isinf", "angle", "sgn", "conj_physical"])
def test_complex_special_values(name: str) -> None:
    x = torch.tensor(COMPLEX_SPECIAL, dtype=torch.complex128)
    got, expected = getattr(xp, name)(to_array(x)), getattr(torch, name)(x)
    check(got, expected, 4)
    if expected.is_complex():  # part by part: one NaN must not excuse the other part
        parts = torch.view_as_real(expected.resolve_conj())
        zeros = name != "neg"  # torch's -0 is 0 in whole vectors, -0 in what is left over
        check(xp.real(got), parts[:, 0].clone(), 4, zeros=zeros)
        check(xp.imag(got), parts[:, 1].clone(), 4, zeros=zeros)


# Special functions ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("name", SPECIAL_FUNCTIONS)
def test_special_functions(name: str, dtype: str) -> None:
    x = torch.linspace(-0.99, 0.99, 41, dtype=torch.float64)
    if name != "erfinv":
        x = x * 9.7
    x = x.to(getattr(torch, dtype))
    expected = getattr(torch, name)(x.double()).to(x.dtype)
    got = to_tensor(getattr(xp, name)(to_array(x)))
    eps = torch.finfo(x.dtype).eps
    torch.testing.assert_close(got, expected, rtol=8 * eps, atol=8 * eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SPECIAL_FUNCTIONS)
def test_special_values_of_special_functions(name: str, dtype: str) -> None:
    x = torch.tensor(SPECIAL, dtype=getattr(torch, dtype))
    check(getattr(xp, name)(to_array(x)), getattr(torch, name)(x), 16)


@pytest.mark.parametrize("n", range(5))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_polygamma(n: int, dtype: str) -> None:
    x = torch.tensor([0.3, 1.0, 2.5, 7.0, 33.0, float("inf")], dtype=getattr(torch, dtype))
    expected = torch.polygamma(n, x)
    eps = torch.finfo(x.dtype).eps
    got = to_tensor(xp.polygamma(n, to_array(x)))
    torch.testing.assert_close(got, expected, rtol=32 * eps, atol=32 * eps, equal_nan=True)


# Reductions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dims", [(0,), (1,), (2,), (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("dtype", ANY)
@pytest.mark.parametrize("name", ["sum", "amax", "amin", "any", "all", "prod"])
def test_reductions(name: str, dtype: str, dims: tuple[int, ...], keepdim: bool) -> None:
    if name in ("amax", "amin") and dtype.startswith("complex"):
        pytest.skip("complex numbers have no order")
    x = draw(dtype, (2, 3, 4)).permute(2, 0, 1)
    native = getattr(torch, dtype)
    if name == "sum":
        expected = torch.sum(x, dims, keepdim, dtype=native)
    elif name == "prod":
        expected = x
        for dim in sorted(dims, reverse=True):
            expected = torch.prod(expected, dim, keepdim, dtype=native)
    else:
        expected = getattr(torch, name)(x, dims, keepdim)
        expected = expected.bool() if name in ("any", "all") else expected
    ulps = 32 if dtype in FLOATING and name in ("sum", "prod") else 0
    got = getattr(xp, name)(to_array(x), dims, keepdim)
    check(got, expected, ulps)
    assert xp.strides(got) == expected.contiguous().stride()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("shape", [(20000,), (20000, 3), (3, 20000), (300, 3, 300)])
def test_long_sums_lose_no_more_than_one_rounding(dtype: str, shape: tuple[int, ...]) -> None:
    x = torch.rand(shape, generator=torch.Generator().manual_seed(0)).to(getattr(torch, dtype))
    dims = tuple(dim for dim, size in enumerate(shape) if size > 3)
    exact = x.double().sum(dims)
    got = to_tensor(xp.sum(to_array(x), dims))
    bound = torch.finfo(x.dtype).eps * (4 if dtype == "float32" else 1)
    assert float(((got.double() - exact) / exact).abs().max()) <= bound


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("dtype", ORDERED)
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places_of_extremes(name: str, dtype: str, dim: int, keepdim: bool) -> None:
    x = draw(dtype, (5, 4)).t()
    if dtype in REAL:
        x[1, 2] = x[3, 2] = float("nan")
    expected = getattr(torch, name)(x, dim, keepdim)
    check(getattr(xp, name)(to_array(x), dim, keepdim), expected, strides=True)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("dtype", ANY)
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_running_sums(name: str, dtype: str, dim: int) -> None:
    x = draw(dtype, (5, 4)).t()
    if dtype == "bool":
        pytest.skip("torch has none")
    expected = getattr(torch, name)(x, dim, dtype=x.dtype)
    ulps = 2 if dtype in FLOATING else 0
    got = getattr(xp, name)(to_array(x), dim)
    check(got, expected, ulps)
    assert xp.strides(got) == (5, 1)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("dtype", (*ORDERED, "bool"))
@pytest.mark.parametrize("name", ["cummax", "cummin"])
def test_running_extremes(name: str, dtype: str, dim: int) -> None:
    x = draw(dtype, (6, 4)).t()
    if dtype in REAL:
        x[1, 2] = x[3, 2] = float("nan")
    expected = getattr(torch, name)(x, dim)
    got = getattr(xp, name)(to_array(x), dim)
    check(got[0], expected[0])
    check(got[1], expected[1])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("dtype", (*ORDERED, "bool"))
def test_sort(dtype: str, dim: int, descending: bool) -> None:
    x = draw(dtype, (40, 4))
    if dtype in REAL:
        x = x.round()
        x[3, :] = x[17, :] = float("nan")
        x[5, :], x[6, :] = float("-inf"), float("inf")
    expected = torch.sort(x, dim=dim, descending=descending, stable=True)
    got = xp.sort(to_array(x), dim, descending)
    check(got[0], expected[0])
    check(got[1], expected[1])


# Movement and indexing ----------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ANY)
def test_joining_and_reversing(dtype: str) -> None:
    x, y = draw(dtype, (4, 3)).t(), draw(dtype, (4, 3), seed=2).t()
    for dim in (0, 1):
        check(xp.cat([to_array(x), to_array(y)], dim), torch.cat([x, y], dim), strides=True)
    for dims in ((0,), (1,), (0, 1)):
        got = xp.flip(to_array(x), dims)
        check(got, torch.flip(x, dims))
        assert xp.strides(got) == (4, 1)


def places(count: int, shape: tuple[int, ...], seed: int = 3) -> Any:
    return torch.randint(0, count, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("dtype", ANY)
def test_gather_and_scatter(dtype: str, dim: int) -> None:
    x = draw(dtype, (5, 4)).t()
    index = places(4, (3, 2)).t().t()
    src = draw(dtype, (3, 5), seed=4)
    a, i, s = to_array(x), to_array(index), to_array(src)
    check(xp.gather(a, dim, i), torch.gather(x, dim, index), strides=True)
    once = index.clone()
    once[:] = torch.arange(3)[:, None] if dim == 0 else torch.arange(2)
    check(xp.scatter(a, dim, to_array(once), s), x.scatter(dim, once, src))
    check(xp.scatter_add(a, dim, i, s), x.contiguous().scatter_add(dim, index, src))
    check(a, x)


@pytest.mark.parametrize("include_self", [False, True])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
@pytest.mark.parametrize("dtype", ORDERED)
def test_scatter_reduce(dtype: str, reduce: str, include_self: bool) -> None:
    x, src = draw(dtype, (5, 4)), draw(dtype, (6, 4), seed=4)
    index = places(4, (6, 4))
    expected = x.scatter_reduce(0, index, src, reduce, include_self=include_self)
    got = xp.scatter_reduce(to_array(x), 0, to_array(index), to_array(src), reduce, include_self)
    check(got, expected, 2 if dtype in REAL else 0)


def test_gather_and_scatter_of_scalars() -> None:
    x, index = torch.tensor(3.0), torch.tensor(0)
    a, i = to_array(x), to_array(index)
    check(xp.gather(a, 0, i), torch.gather(x, 0, index))
    check(xp.scatter(a, 0, i, a + 1), x.scatter(0, index, x + 1))
    check(xp.scatter_add(a, 0, i, a), x.scatter_add(0, index, x))
    check(xp.index_select(a, 0, i), torch.index_select(x, 0, index))


INDICES: tuple[tuple[Any, ...], ...] = (
    (torch.tensor([1, 0, 1]), None, None),
    (None, torch.tensor([[2, 0], [1, 1]]), None),
    (None, torch.tensor([2, 0]), torch.tensor([3, 1])),
    (torch.tensor([1, 0]), None, torch.tensor([3, 1])),
    (torch.tensor([[1], [0]]), torch.tensor([0, 2, 1]), torch.tensor(3)),
    (torch.tensor(1), None, torch.tensor(2)),
    (torch.tensor([], dtype=torch.int64), None, None),
)


@pytest.mark.parametrize("indices", INDICES)
@pytest.mark.parametrize("dtype", ANY)
def test_advanced_indexing(dtype: str, indices: tuple[Any, ...]) -> None:
    x = draw(dtype, (4, 3, 2)).permute(2, 1, 0)
    subscript = tuple(slice(None) if index is None else index for index in indices)
    arrays = [None if index is None else to_array(index) for index in indices]
    expected = x[subscript]
    got = xp.index(to_array(x), arrays)
    check(got, expected)
    assert not got.size or xp.strides(got) == expected.contiguous().stride()
    values = draw(dtype, tuple(expected.shape), seed=8)
    for accumulate in (False, True):
        if not accumulate:
            values = values.flatten()[:1].expand(values.shape) if values.numel() else values
        written = x.clone()
        if accumulate:
            torch.ops.aten.index_put_(written, list(indices), values, True)
        else:
            written[subscript] = values
        got = xp.index_put(to_array(x), arrays, to_array(values), accumulate)
        check(got, written, 2 if dtype in FLOATING else 0)


@pytest.mark.parametrize("dtype", ANY)
def test_selection_and_nonzero(dtype: str) -> None:
    x = draw(dtype, (4, 3)).t()
    x[1, 1] = 0
    index = places(3, (5,))
    got = xp.index_select(to_array(x), 0, to_array(index))
    check(got, torch.index_select(x, 0, index), strides=True)
    check(xp.nonzero(to_array(x)), torch.nonzero(x))
    for scalar in (x[0, 0], x[1, 1]):
        check(xp.nonzero(to_array(scalar)), torch.nonzero(scalar))


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", ORDERED)
def test_searchsorted(dtype: str, right: bool) -> None:
    rows = draw(dtype, (2, 3, 7)).sort(-1).values
    x = draw(dtype, (2, 3, 9), seed=5)
    if dtype in REAL:
        x[0, 0, 0], x[0, 1, 1] = float("nan"), float("inf")
    expected = torch.searchsorted(rows, x, right=right)
    check(xp.searchsorted(to_array(rows), to_array(x), right), expected)
    expected = torch.searchsorted(rows[0, 0], x, right=right)
    check(xp.searchsorted(to_array(rows[0, 0]), to_array(x), right), expected)


# Matrix products ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATING + INTEGER)
def test_matrix_products(dtype: str) -> None:
    x, y = draw(dtype, (6, 4)).t(), draw(dtype, (6, 5), seed=6)
    ulps = 16 if dtype in FLOATING else 0
    real = {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
    atol = 16 * torch.finfo(getattr(torch, real)).eps if ulps else 0

    def close(array: Any, expected: Any) -> None:
        got = to_tensor(array)
        torch.testing.assert_close(got, expected, rtol=atol, atol=atol)
        assert xp.strides(array) == expected.contiguous().stride()

    close(xp.mm(to_array(x), to_array(y)), torch.mm(x, y))
    close(xp.mm(to_array(x[:, :0]), to_array(y[:0])), torch.mm(x[:, :0], y[:0]))
    few, turned = draw(dtype, (3, 24)), draw(dtype, (12, 24), seed=8).t()
    close(xp.mm(to_array(few), to_array(turned)), torch.mm(few, turned))
    b, c = draw(dtype, (4, 3, 2)).permute(1, 2, 0), draw(dtype, (3, 4, 5), seed=7)
    close(xp.bmm(to_array(b), to_array(c)), torch.bmm(b, c))


# Arrays -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("target", ANY)
@pytest.mark.parametrize("dtype", ANY)
def test_cast(dtype: str, target: str, layout: str) -> None:
    if target == "uint8" and dtype in FLOATING:
        x = LAYOUTS[layout](dtype).abs()
    else:
        x = LAYOUTS[layout](dtype)
    expected = x.to(getattr(torch, target))
    check(xp.cast(to_array(x), dtypes.BY_NAME[target]), expected, strides=expected is not x)


@pytest.mark.parametrize("dtype", REAL)
@pytest.mark.parametrize("target", ANY)
def test_cast_of_special_values(dtype: str, target: str) -> None:
    values = (*SPECIAL, -1.5, 3.99, 300.0, 70000.0)
    x = torch.tensor(values, dtype=getattr(torch, dtype))
    if target in INTEGER:
        x = x[torch.isfinite(x)]
        limits = torch.iinfo(getattr(torch, target))
        x = x[(x >= limits.min) & (x <= limits.max)]
    check(xp.cast(to_array(x), dtypes.BY_NAME[target]), x.to(getattr(torch, target)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clone_keeps_the_layout(layout: str) -> None:
    x = LAYOUTS[layout]("float32")
    for name in ("clone", "contiguous"):
        got, expected = getattr(xp, name)(to_array(x)), getattr(x, name)()
        check(got, expected)
        assert xp.strides(got) == expected.stride()


@pytest.mark.parametrize(
    "size", [(3, 4), (2, 3, 4), (1, 3, 4), (1, 1, 3, 4), (5, 1, 3, 4), (2, 1, 1, 3, 4)]
)
@pytest.mark.parametrize("shape", [(3, 4), (3, 1), (1, 4), (4,), (1,), ()])
def test_expand(shape: tuple[int, ...], size: tuple[int, ...]) -> None:
    for x in (draw("float32", shape), draw("float32", (*shape, 2))[..., 1]):
        array = to_array(x)
        expanded = xp.expand(array, size)
        check(expanded, x.expand(size))
        assert xp.strides(expanded) == x.expand(size).stride()
        assert np.shares_memory(expanded, array)


def test_views_report_torch_s_storage() -> None:
    base = torch.arange(24.0).reshape(2, 3, 4)
    array = xp.from_flat(base.flatten().tolist(), (2, 3, 4), dtypes.float32)
    pairs = [
        (xp.permute(array, (2, 0, 1)), base.permute(2, 0, 1)),
        (xp.select(array, 1, 2), base.select(1, 2)),
        (xp.slice(array, 2, 1, 4, 2), base[:, :, 1:4:2]),
        (xp.slice(array, 1, 3, 3, 1), base[:, 3:3]),
        (xp.slice(array, 0, 1, 1, 2), base[1:1:2]),
        (xp.view(array, (6, 4)), base.view(6, 4)),
        (xp.select(xp.select(xp.select(array, 0, 1), 0, 1), 0, 1), base[1, 1, 1]),
        (xp.as_strided(array, (3, 2), (2, 5), 4), base.as_strided((3, 2), (2, 5), 4)),
        (xp.expand(xp.slice(array, 1, 1, 2, 1), (2, 5, 4)), base[:, 1:2].expand(2, 5, 4)),
    ]
    for got, expected in pairs:
        check(got, expected, strides=True)
        assert xp.storage_offset(got) == expected.storage_offset()
        assert xp.storage_size(got) == expected.untyped_storage().nbytes() // 4
        assert xp.strides(got) == expected.stride()
        if got.size:
            moved = expected.data_ptr() - base.data_ptr()
            assert xp.data_ptr(got) - xp.data_ptr(array) == moved
            assert np.shares_memory(got, array)


@pytest.mark.parametrize(
    ("start", "step", "count"),
    [(0, 1, 9), (0.0, 0.1, 50), (-1.0, 1 / 3, 37), (5, -2, 4)],
)
@pytest.mark.parametrize("dtype", ("float32", "float64", "float16", "bfloat16", "int64", "int32"))
def test_arange(start: Any, step: Any, count: int, dtype: str) -> None:
    native = getattr(torch, dtype)
    if not native.is_floating_point and isinstance(step, float):
        pytest.skip("integer ranges have integer steps")
    expected = torch.arange(start, start + step * (count - 0.5), step, dtype=native)
    check(xp.arange(start, step, expected.numel(), dtypes.BY_NAME[dtype]), expected)
