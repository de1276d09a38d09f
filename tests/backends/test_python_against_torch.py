"""Every kernel of the pure-Python backend against the same torch function."""

from __future__ import annotations

import cmath
import math
import random
import struct

import pytest

from autograd_core import dtypes
from autograd_python import PythonBackend

torch = pytest.importorskip("torch")

xp = PythonBackend()
NAN, INF = math.nan, math.inf
FLOATS = ("float64", "float32", "float16", "bfloat16")
COMPLEX = ("complex128", "complex64")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
LAYOUTS = ("contiguous", "transposed", "strided", "expanded", "permuted", "0-d", "empty")
SPECIAL = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3.0,
    INF,
    -INF,
    NAN,
    1e-8,
    -800.0,
    800.0,
)


def to_torch(array):
    """The same elements under the same shape, strides and dtype."""
    dtype = getattr(torch, array.dtype.name)
    result = torch.empty_strided(array.shape, array.stride, dtype=dtype)
    flat = torch.tensor(xp.to_flat(array), dtype=dtype).reshape(array.shape)
    whole = not any(step == 0 and size > 1 for step, size in zip(array.stride, array.shape))
    if whole:
        return result.copy_(flat)
    size = [1 if step == 0 else n for n, step in zip(array.shape, array.stride)]
    small = flat[tuple(slice(0, n) for n in size)].clone()
    return small.expand(array.shape)


def values(name, count, seed, low=-3.0, high=3.0):
    draw = random.Random(f"{name}{count}{seed}")
    dtype = dtypes.dtype_by_name(name)
    if dtype.category == 0:
        return [draw.random() < 0.5 for _ in range(count)]
    if dtype.category == 1:
        bits = 8 * dtype.itemsize
        bound = (0, (1 << bits) - 1) if name == "uint8" else (-(1 << bits - 1), (1 << bits - 1) - 1)
        small = (max(bound[0], -9), 9)
        return [draw.randint(*(bound if place % 3 == 0 else small)) for place in range(count)]
    if dtype.category == 2:
        return [draw.uniform(low, high) for _ in range(count)]
    return [complex(draw.uniform(low, high), draw.uniform(low, high)) for _ in range(count)]


def array(name, layout="contiguous", seed=0, **bounds):
    """A seeded array of shape (3, 4), () or (0, 4) in a layout."""
    dtype = dtypes.dtype_by_name(name)

    def fresh(*shape):
        return xp.from_flat(values(name, math.prod(shape), seed, **bounds), shape, dtype)

    if layout == "transposed":
        return xp.permute(fresh(4, 3), (1, 0))
    if layout == "strided":
        return xp.slice(xp.slice(fresh(6, 9), 1, 1, 9, 2), 0, 0, 6, 2)
    if layout == "expanded":
        return xp.expand(fresh(3, 1), (3, 4))
    if layout == "permuted":
        return xp.select(xp.permute(fresh(4, 2, 3), (1, 2, 0)), 0, 1)
    return fresh(*{"contiguous": (3, 4), "0-d": (), "empty": (0, 4)}[layout])


def ordinal(value, dtype):
    """The place of a float among the floats of its dtype."""
    code, bits = {8: ("<d", "<q"), 4: ("<f", "<i")}[dtype.itemsize]
    number = struct.unpack(bits, struct.pack(code, value))[0]
    return number if number >= 0 else -(number & (1 << 8 * dtype.itemsize - 1) - 1)


def same_float(ours, theirs, dtype, ulp):
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    if ours == theirs or ulp == 0:
        return ours == theirs and (ours != 0 or math.copysign(1, ours) == math.copysign(1, theirs))
    if dtype.itemsize == 2:
        spacing = 2.0**-10 if dtype is dtypes.float16 else 2.0**-7
        return abs(ours - theirs) <= spacing * abs(theirs) + 1e-7
    return abs(ordinal(ours, dtype) - ordinal(theirs, dtype)) <= ulp


def check(ours, theirs, ulp=0, strides=False, spread=0.0):
    """Compare dtype, shape, elements (to some ulp; for complex, of its modulus) and strides."""
    assert isinstance(theirs, torch.Tensor)
    assert ours.dtype.name == str(theirs.dtype).removeprefix("torch.")
    assert ours.shape == tuple(theirs.shape)
    if strides:
        assert xp.strides(ours) == theirs.stride()
    else:
        assert ours.is_contiguous()
    for one, two in zip(xp.to_flat(ours), theirs.reshape(-1).tolist(), strict=True):
        if ours.dtype.category < 2:
            assert type(one) is type(two)
            assert one == two
        elif ours.dtype.category == 2:
            near = spread and abs(one - two) <= spread
            assert near or same_float(one, two, ours.dtype, ulp), (one, two)
        else:
            epsilon = 2.0**-52 if ours.dtype is dtypes.complex128 else 2.0**-23
            close = abs(one - two) <= ulp * epsilon * abs(two)
            assert one == two or close or (cmath.isnan(one) and cmath.isnan(two)), (one, two)


EXACT_UNARY = ("neg", "abs", "sqrt")
ELEMENTARY = [
    "exp",
    "expm1",
    "log",
    "log1p",
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
]
REAL_UNARY = ("sign", "floor", "ceil", "trunc", "round")
TESTS = ("isnan", "isinf", "logical_not")
ARITHMETIC = ("add", "sub", "mul")
COMPARE = ("eq", "ne", "lt", "le", "gt", "ge")
LOGICAL = ("logical_and", "logical_or", "logical_xor")
BITWISE = ("bitwise_and", "bitwise_or", "bitwise_xor")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("kernel", (*EXACT_UNARY, *REAL_UNARY, *TESTS))
def test_exact_functions_of_floats(kernel, name, layout):
    x = array(name, layout)
    ulp = 1 if kernel == "sqrt" else 0  # torch's vectorised float32 root is not always the nearest
    check(getattr(xp, kernel)(x), getattr(torch, kernel)(to_torch(x)), ulp=ulp, strides=True)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ("float64", "float32", "complex128"))
@pytest.mark.parametrize("kernel", ELEMENTARY)
def test_elementary_functions(kernel, name, layout):
    x = array(name, layout)
    ulp = 16 if name == "complex128" else 4
    check(getattr(xp, kernel)(x), getattr(torch, kernel)(to_torch(x)), ulp=ulp, strides=True)


@pytest.mark.parametrize("name", ("float64", "float32", "float16", "bfloat16"))
@pytest.mark.parametrize("kernel", (*EXACT_UNARY, *ELEMENTARY, *REAL_UNARY, *TESTS))
def test_functions_at_special_values(kernel, name):
    x = xp.from_flat(SPECIAL, (len(SPECIAL),), dtypes.dtype_by_name(name))
    ulp = 4 if kernel in ELEMENTARY else 1 if kernel == "sqrt" else 0
    check(getattr(xp, kernel)(x), getattr(torch, kernel)(to_torch(x)), ulp=ulp, strides=True)


@pytest.mark.parametrize("layout", ("contiguous", "transposed", "0-d"))
@pytest.mark.parametrize("name", ("bool", *INTEGERS))
def test_functions_of_integers(name, layout):
    x = array(name, layout)
    theirs = to_torch(x)
    for kernel in ("abs", "sign", *TESTS, "bitwise_not") + (("neg",) if name != "bool" else ()):
        if (kernel, name) == ("abs", "bool"):
            continue
        check(getattr(xp, kernel)(x), getattr(torch, kernel)(theirs), strides=True)


@pytest.mark.parametrize("left", LAYOUTS[:6])
@pytest.mark.parametrize("right", LAYOUTS[:6])
@pytest.mark.parametrize("kernel", ("mul", "lt"))
def test_layout_of_two_operands(kernel, left, right):
    x, y = array("float64", left), array("float64", right, seed=1)
    check(getattr(xp, kernel)(x, y), getattr(torch, kernel)(to_torch(x), to_torch(y)), strides=True)


@pytest.mark.parametrize("seed", range(60))
def test_layout_of_broadcast_operands(seed):
    draw = random.Random(seed)
    rank = draw.randint(1, 4)
    shape = [
        draw.choice((0, 1, 2, 3)) if draw.random() < 0.2 else draw.choice((2, 3))
        for _ in range(rank)
    ]
    operands = []
    for operand in range(draw.randint(2, 3)):
        own = [1 if draw.random() < 0.25 else n for n in shape][draw.choice((0, 0, 0, 1)) :]
        dims = list(range(len(own)))
        draw.shuffle(dims)
        base = [own[dim] * (2 if draw.random() < 0.2 else 1) for dim in dims]
        x = xp.from_flat(values("float64", math.prod(base), operand), base, dtypes.float64)
        x = xp.permute(x, [dims.index(dim) for dim in range(len(own))])
        for dim, size in enumerate(own):
            x = xp.slice(x, dim, 0, x.shape[dim], x.shape[dim] // size if size else 1)
        operands.append(x)
    theirs = [to_torch(x) for x in operands]
    check(xp.add(*operands[:2]), torch.add(*theirs[:2]), strides=True)
    check(xp.clone(operands[0]), theirs[0].clone(), strides=True)
    if len(operands) == 3:
        condition = xp.gt(operands[0], 0)
        check(
            xp.where(condition, *operands[1:]),
            torch.where(theirs[0] > 0, *theirs[1:]),
            strides=True,
        )


@pytest.mark.parametrize("name", (*INTEGERS, *FLOATS, *COMPLEX))
@pytest.mark.parametrize("kernel", ARITHMETIC)
def test_arithmetic(kernel, name):
    for left, right in (("contiguous", "transposed"), ("0-d", "strided"), ("expanded", "0-d")):
        x, y = array(name, left), array(name, right, seed=1)
        ulp = 2 if name in COMPLEX and kernel == "mul" else 0
        ours = getattr(xp, kernel)(x, y)
        check(ours, getattr(torch, kernel)(to_torch(x), to_torch(y)), ulp=ulp, strides=True)


def pairs(name):
    dtype = dtypes.dtype_by_name(name)
    left = [x for x in SPECIAL for _ in SPECIAL]
    right = [y for _ in SPECIAL for y in SPECIAL]
    return xp.from_flat(left, (len(left),), dtype), xp.from_flat(right, (len(right),), dtype)


@pytest.mark.parametrize("name", ("float64", "float32"))
@pytest.mark.parametrize(
    "kernel",
    (
        *ARITHMETIC,
        *COMPARE,
        *LOGICAL,
        "div",
        "floor_divide",
        "remainder",
        "fmod",
        "pow",
        "atan2",
        "copysign",
        "nextafter",
        "maximum",
        "minimum",
    ),
)
def test_special_pairs(kernel, name):
    x, y = pairs(name)
    ours, theirs = getattr(xp, kernel)(x, y), getattr(torch, kernel)(to_torch(x), to_torch(y))
    if kernel in ("maximum", "minimum"):  # of 0 and -0 torch returns either, by vector width
        ours, theirs = xp.add(ours, 0.0), theirs + 0.0
    check(ours, theirs, ulp=4 if kernel in ("pow", "atan2") else 0, strides=True)


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize(
    "kernel", ("div", "floor_divide", "remainder", "fmod", "pow", "maximum", "minimum", "copysign")
)
def test_two_operands_of_floats(kernel, name):
    x, y = array(name, "strided"), array(name, "contiguous", seed=1, low=0.3)
    if kernel == "pow":
        x = xp.abs(x)
    ulp = 4 if kernel == "pow" else 0
    check(
        getattr(xp, kernel)(x, y),
        getattr(torch, kernel)(to_torch(x), to_torch(y)),
        ulp=ulp,
        strides=True,
    )


@pytest.mark.parametrize("name", ("float64", "float32", "bfloat16"))
def test_nextafter(name):
    x, y = array(name), array(name, seed=1)
    check(xp.nextafter(x, y), torch.nextafter(to_torch(x), to_torch(y)), strides=True)


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize(
    "kernel",
    (
        "floor_divide",
        "remainder",
        "fmod",
        "pow",
        "maximum",
        "minimum",
        *COMPARE,
        *BITWISE,
        *LOGICAL,
        "bitwise_left_shift",
        "bitwise_right_shift",
    ),
)
def test_two_operands_of_integers(kernel, name):
    x, y = array(name, "contiguous"), array(name, "transposed", seed=3)
    if kernel in ("floor_divide", "remainder", "fmod"):
        y = xp.where(xp.eq(y, 0), 3, y)
    if (kernel, name) in (("floor_divide", "int64"), ("fmod", "int64"), ("remainder", "int64")):
        y = xp.where(xp.eq(y, -1), 7, y)
    check(getattr(xp, kernel)(x, y), getattr(torch, kernel)(to_torch(x), to_torch(y)), strides=True)


@pytest.mark.parametrize("kernel", ("add", "mul", *COMPARE, *BITWISE, *LOGICAL))
def test_two_bools(kernel):
    x, y = array("bool"), array("bool", seed=1)
    check(getattr(xp, kernel)(x, y), getattr(torch, kernel)(to_torch(x), to_torch(y)), strides=True)


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("kernel", ("floor_divide", "remainder", "fmod"))
def test_zero_divisor(kernel, name):
    x = array(name)
    with pytest.raises(RuntimeError) as theirs:
        getattr(torch, kernel)(to_torch(x), torch.zeros_like(to_torch(x)))
    for zero in (xp.sub(x, x), 0):
        with pytest.raises(RuntimeError) as ours:
            getattr(xp, kernel)(x, zero)
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("name", COMPLEX)
@pytest.mark.parametrize("kernel", ("div", "pow", "eq", "ne", *LOGICAL))
def test_two_operands_of_complex(kernel, name):
    x, y = array(name, "strided"), array(name, "contiguous", seed=1)
    check(
        getattr(xp, kernel)(x, y),
        getattr(torch, kernel)(to_torch(x), to_torch(y)),
        ulp=24,
        strides=True,
    )


@pytest.mark.parametrize("source", ("bool", *INTEGERS, *FLOATS, *COMPLEX))
@pytest.mark.parametrize("target", ("bool", *INTEGERS, *FLOATS, *COMPLEX))
@pytest.mark.filterwarnings("ignore:Casting complex")
def test_cast(source, target):
    for layout in ("contiguous", "permuted", "0-d"):
        bounds = (
            {"low": 0.0, "high": 100.0} if target == "uint8" else {"low": -100.0, "high": 100.0}
        )
        x = array(source, layout, **bounds)
        dtype = getattr(torch, target)
        check(xp.cast(x, dtypes.dtype_by_name(target)), to_torch(x).to(dtype), strides=True)
        filled = xp.full(x.shape, 0, dtypes.dtype_by_name(target))
        xp.copy_(filled, x)
        check(filled, to_torch(x).to(dtype))


@pytest.mark.parametrize("name", ("float32", "float16", "bfloat16", "complex64"))
def test_rounding_of_doubles(name):
    draw = random.Random(4)
    doubles = [math.ldexp(draw.uniform(-1, 1), draw.randint(-30, 20)) for _ in range(2000)]
    doubles += [
        65519.9,
        65520.0,
        -65520.0,
        1e39,
        -1e39,
        1e-46,
        6e-8,
        2.9e-8,
        INF,
        -INF,
        NAN,
        -0.0,
        3.3961775e38,
        3.4e38,
    ]
    ours = xp.from_flat(doubles, (len(doubles),), dtypes.dtype_by_name(name))
    theirs = torch.tensor(doubles, dtype=torch.float64).to(getattr(torch, name))
    check(ours, theirs)


def test_large_integers_round_once():
    whole = [(1 << 53) + 1, (1 << 62) + (1 << 38) + 1, -(1 << 62) - (1 << 38) - 1, (1 << 63) - 1]
    x = xp.from_flat(whole, (4,), dtypes.int64)
    for name in ("float32", "float64", "bfloat16"):
        check(xp.cast(x, dtypes.dtype_by_name(name)), torch.tensor(whole).to(getattr(torch, name)))


@pytest.mark.parametrize("dim", ((0,), (1,), (0, 1)))
@pytest.mark.parametrize("keepdim", (False, True))
@pytest.mark.parametrize("layout", ("contiguous", "transposed", "expanded", "strided"))
@pytest.mark.parametrize("name", ("bool", "uint8", "int32", "int64", *FLOATS, "complex128"))
def test_reductions(name, layout, keepdim, dim):
    x = array(name, layout)
    theirs = to_torch(x)
    for kernel in ("sum", "amax", "amin", "any", "all"):
        if kernel in ("amax", "amin") and name.startswith("complex"):
            continue
        options = {"dtype": theirs.dtype} if kernel == "sum" else {}
        if (kernel, name) in (("any", "uint8"), ("all", "uint8")):
            expected = getattr(torch, kernel)(theirs.bool(), dim, keepdim)
        else:
            expected = getattr(torch, kernel)(theirs, dim, keepdim, **options)
        spread = {"float16": 2e-2, "bfloat16": 1e-1, "float32": 2e-6, "float64": 1e-14}
        check(
            getattr(xp, kernel)(x, dim, keepdim),
            expected,
            ulp=8,
            spread=spread.get(name, 0.0) if kernel == "sum" else 0.0,
        )
    flat = theirs.reshape(-1) if len(dim) == 2 else theirs
    expected = flat.prod(dim[0], dtype=theirs.dtype)
    ours = xp.prod(x, dim, keepdim)
    # torch may round a product of float16 after each factor
    check(ours, expected.reshape(ours.shape), ulp=8, spread=1e-2 if name == "float16" else 0.0)


def test_reductions_at_nan_and_nothing():
    row = xp.from_flat([1.0, NAN, INF, -INF, 2.0, 3.0], (2, 3), dtypes.float64)
    for kernel in ("sum", "amax", "amin", "any", "all"):
        check(getattr(xp, kernel)(row, (1,)), getattr(torch, kernel)(to_torch(row), 1))
    nothing = array("float64", "empty")
    for kernel in ("sum", "prod"):
        check(getattr(xp, kernel)(nothing, (0,)), getattr(torch, kernel)(to_torch(nothing), 0))
    check(xp.any(nothing, (0,)), torch.any(to_torch(nothing), 0))
    check(xp.all(nothing, (0,)), torch.all(to_torch(nothing), 0))


@pytest.mark.parametrize("layout", ("contiguous", "transposed", "expanded", "strided"))
@pytest.mark.parametrize("name", ("uint8", "int64", "float64", "float32", "bfloat16"))
@pytest.mark.parametrize("dim", (0, 1))
def test_along_one_dim(name, layout, dim):
    x = array(name, layout)
    if name not in ("uint8", "int64"):
        x = xp.where(xp.gt(x, 2), NAN, x)
    theirs = to_torch(x)
    for kernel in ("argmax", "argmin"):
        expected = getattr(torch, kernel)(theirs, dim)
        if layout != "expanded":
            check(getattr(xp, kernel)(x, dim), expected)
            check(getattr(xp, kernel)(x, dim, True), expected.unsqueeze(dim))
    for kernel in ("cummax", "cummin"):
        for one, two in zip(getattr(xp, kernel)(x, dim), getattr(torch, kernel)(theirs, dim)):
            check(one, two)
    for kernel in ("cumsum", "cumprod"):
        check(
            getattr(xp, kernel)(x, dim),
            getattr(torch, kernel)(theirs, dim, dtype=theirs.dtype),
            ulp=4,
            spread=2e-2 if name == "bfloat16" else 0.0,
        )
    for descending in (False, True):
        ours = xp.sort(x, dim, descending)
        expected = torch.sort(theirs, dim=dim, descending=descending, stable=True)
        for one, two in zip(ours, expected):
            check(one, two)


@pytest.mark.parametrize("dim", (0, 1))
@pytest.mark.parametrize("name", ("int64", "float32", "complex64", "bool"))
def test_movement(name, dim):
    x, y = array(name, "transposed"), array(name, "strided", seed=1)
    theirs = to_torch(x)
    check(
        xp.cat([x, y, array(name, "empty")] if dim == 0 else [x, y], dim),
        torch.cat([theirs, to_torch(y)], dim),
    )
    check(xp.flip(x, (dim,)), theirs.flip(dim))
    check(xp.flip(x, (0, 1)), theirs.flip(0, 1))
    index = xp.from_flat([0, 2, 1, 1], (4,), dtypes.int64)
    check(xp.index_select(x, dim, index), theirs.index_select(dim, to_torch(index)))
    check(xp.contiguous(x), theirs.contiguous(), strides=True)
    check(xp.clone(y), to_torch(y).clone(), strides=True)
    places = xp.from_flat([0, 1, 2, 0, 1, 2], (2, 3), dtypes.int64)
    check(xp.gather(x, dim, places), theirs.gather(dim, to_torch(places)))
    check(xp.scatter(x, dim, places, y), theirs.scatter(dim, to_torch(places), to_torch(y)))
    check(xp.nonzero(x), theirs.nonzero())
    for shape in ((12,), (2, 6), (3, 1, 4), (3, 2, 2, 1), (1, 12)):
        check(xp.view(xp.contiguous(x), shape), theirs.contiguous().view(shape), strides=True)


@pytest.mark.parametrize("seed", range(40))
def test_view_strides(seed):
    draw = random.Random(seed)
    base = [draw.choice((1, 2, 3, 4)) for _ in range(3)]
    dims = draw.sample(range(3), 3)
    x = xp.permute(xp.from_flat(range(math.prod(base)), base, dtypes.int64), dims)
    theirs = to_torch(x)
    count = math.prod(base)
    first = draw.choice([n for n in range(1, count + 1) if count % n == 0])
    second = draw.choice([n for n in range(1, count + 1) if count // first % n == 0])
    shape = [first, second, count // first // second, *([1] * draw.randint(0, 1))]
    try:
        expected = theirs.view(shape)
    except RuntimeError:
        with pytest.raises(ValueError, match="no view"):
            xp.view(x, shape)
    else:
        ours = xp.view(x, shape)
        check(ours, expected, strides=True)
        assert ours.storage is x.storage


INDEX = [0, 1, 0, 0, 1, 1]


@pytest.mark.parametrize("name", ("int32", "float64", "bfloat16"))
@pytest.mark.parametrize("reduce", ("sum", "prod", "mean", "amax", "amin"))
@pytest.mark.parametrize("include_self", (False, True))
def test_scatter_with_reduction(name, reduce, include_self):
    x, src = array(name), array(name, "transposed", seed=1)
    index = xp.from_flat(INDEX, (2, 3), dtypes.int64)
    theirs = to_torch(x).scatter_reduce(
        0, to_torch(index), to_torch(src), reduce=reduce, include_self=include_self
    )
    check(xp.scatter_reduce(x, 0, index, src, reduce, include_self), theirs, ulp=4)


@pytest.mark.parametrize("name", ("uint8", "int32", "float64", "float32", "complex64"))
@pytest.mark.parametrize("dim", (0, 1))
def test_scatter_add(name, dim):
    x, src = array(name), array(name, "transposed", seed=1)
    index = xp.from_flat(INDEX, (2, 3), dtypes.int64)
    theirs = to_torch(x).scatter_add(dim, to_torch(index), to_torch(src))
    check(xp.scatter_add(x, dim, index, src), theirs, ulp=4)


@pytest.mark.parametrize("which", ("0", "1", "2", "01", "12", "02", "012"))
def test_advanced_indexing(which):
    x = xp.permute(xp.from_flat(range(60), (4, 5, 3), dtypes.float32), (2, 0, 1))
    chosen = [
        xp.from_flat([0, 2, 1], (3,), dtypes.int64),
        xp.from_flat([3, 0], (2, 1), dtypes.int64),
        xp.from_flat([4, 0, 0], (1, 3), dtypes.int64),
    ]
    indices = [index if str(dim) in which else None for dim, index in enumerate(chosen)]
    theirs = tuple(slice(None) if index is None else to_torch(index) for index in indices)
    expected = to_torch(x)[theirs]
    check(xp.index(x, indices), expected)
    written = xp.from_flat(range(math.prod(expected.shape)), expected.shape, dtypes.float32)
    for accumulate in (False, True):
        if not accumulate and which == "2":
            continue  # a place named twice holds either value
        result = to_torch(x).contiguous()
        if accumulate:
            flat = torch.arange(result.numel()).view(result.shape)[theirs].reshape(-1)
            result.view(-1).index_add_(0, flat, to_torch(written).reshape(-1))
            check(xp.index_put(x, indices, written, True), result)
        else:
            one = xp.from_flat([7.0], (1,), dtypes.float32)
            result[theirs] = 7.0
            check(xp.index_put(x, indices, one, False), result)


@pytest.mark.parametrize("right", (False, True))
def test_searchsorted(right):
    row = xp.from_flat([1.0, 2.0, 2.0, 5.0, NAN], (5,), dtypes.float64)
    wanted = xp.from_flat([0.0, 1.0, 2.0, 3.0, INF, NAN], (2, 3), dtypes.float64)
    check(
        xp.searchsorted(row, wanted, right),
        torch.searchsorted(to_torch(row), to_torch(wanted), right=right),
    )
    rows = xp.from_flat([1, 2, 4, 2, 2, 3], (2, 3), dtypes.int64)
    sought = xp.from_flat([2, 5, 2, 0], (2, 2), dtypes.int64)
    check(
        xp.searchsorted(rows, sought, right),
        torch.searchsorted(to_torch(rows), to_torch(sought), right=right),
    )


@pytest.mark.parametrize("name", ("uint8", "int64", "float64", "float32", "complex128"))
def test_matrix_products(name):
    x, y = array(name, "strided"), xp.permute(array(name, "strided", seed=1), (1, 0))
    spread = {"float64": 1e-14, "float32": 1e-5}.get(name, 0.0)
    check(xp.mm(x, y), torch.mm(to_torch(x), to_torch(y)), ulp=16, spread=spread)
    batch = [
        xp.view(xp.contiguous(operand), (2, *shape))
        for operand, shape in ((xp.cat([x, x], 0), (3, 4)), (xp.cat([y, y], 0), (4, 3)))
    ]
    check(xp.bmm(*batch), torch.bmm(*map(to_torch, batch)), ulp=16, spread=spread)
    nothing = xp.slice(x, 1, 0, 0, 1)
    check(
        xp.mm(nothing, xp.permute(nothing, (1, 0))),
        torch.mm(to_torch(nothing), to_torch(nothing).t()),
    )


@pytest.mark.parametrize("name", COMPLEX)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_complex_parts(name, layout):
    x = array(name, layout)
    theirs = to_torch(x)
    check(xp.conj_physical(x), torch.conj_physical(theirs), strides=True)
    check(xp.abs(x), theirs.abs(), ulp=1, strides=True)
    check(xp.angle(x), theirs.angle(), ulp=2, strides=True)
    if layout != "expanded":
        check(xp.real(x), theirs.real, strides=True)
        check(xp.imag(x), theirs.imag, strides=True)
    check(xp.complex(xp.real(x), xp.imag(x)), torch.complex(theirs.real, theirs.imag), strides=True)


def test_real_angle():
    x = xp.from_flat(SPECIAL, (len(SPECIAL),), dtypes.float64)
    check(xp.angle(x), torch.angle(to_torch(x)), strides=True)


SPECIAL_FUNCTIONS = {
    "erf": (-4, 4, torch.erf),
    "erfc": (-4, 8, torch.erfc),
    "erfinv": (-0.999, 0.999, torch.erfinv),
    "lgamma": (0.1, 30, torch.lgamma),
    "digamma": (2, 30, torch.digamma),
    "i0": (-20, 20, torch.i0),
}


@pytest.mark.parametrize("kernel", SPECIAL_FUNCTIONS)
def test_special_functions(kernel):
    low, high, function = SPECIAL_FUNCTIONS[kernel]
    for name in ("float64", "float32"):
        x = array(name, "strided", low=low, high=high)
        check(getattr(xp, kernel)(x), function(to_torch(x)), ulp=16, strides=True)


@pytest.mark.parametrize("kernel", SPECIAL_FUNCTIONS)
def test_special_functions_at_special_values(kernel):
    numbers = [0.0, -0.0, 1.0, -1.0, NAN, -2.0, 5.0] + ([INF] if kernel != "i0" else [])
    x = xp.from_flat(numbers, (len(numbers),), dtypes.float64)
    check(getattr(xp, kernel)(x), SPECIAL_FUNCTIONS[kernel][2](to_torch(x)), ulp=8, strides=True)


@pytest.mark.parametrize("n", (0, 1, 2, 3, 5))
def test_polygamma(n):
    x = array("float64", "contiguous", low=2, high=20)
    spread = 1e-10 if n == 1 else 0.0  # torch's trigamma is good to ten digits
    check(xp.polygamma(n, x), torch.polygamma(n, to_torch(x)), ulp=24, strides=True, spread=spread)


@pytest.mark.parametrize("name", ("float64", "float32", "float16", "bfloat16", "int64", "int8"))
def test_arange(name):
    dtype = dtypes.dtype_by_name(name)
    for start, step, count in ((0, 1, 10), (3, -2, 5), (1, 7, 1)):
        theirs = torch.arange(start, start + step * count, step, dtype=getattr(torch, name))
        check(xp.arange(start, step, count, dtype), theirs)
    if not dtype.is_floating_point:
        theirs = torch.arange(0.5, 9, 1.5, dtype=getattr(torch, name))
        check(xp.arange(0.5, 1.5, theirs.numel(), dtype), theirs)
    if dtype.is_floating_point:
        theirs = torch.arange(0.1, 3.0, 0.1, dtype=getattr(torch, name))
        # torch's value in between depends on the width of the processor's vectors
        check(xp.arange(0.1, 0.1, theirs.numel(), dtype), theirs, ulp=1)


@pytest.mark.parametrize(
    "kernel", ("exp", "expm1", "log", "sqrt", "cos", "atan", "cosh", "asinh", "atanh", "abs")
)
def test_complex_functions_at_special_values(kernel):
    parts = (0.0, -0.0, 1.0, -1.0, 0.5, INF, -INF, NAN, 800.0, -800.0, 1e300, 1e-300)
    numbers = [complex(real, imag) for real in parts for imag in parts]
    x = xp.from_flat(numbers, (len(numbers),), dtypes.complex128)
    theirs = getattr(torch, kernel)(to_torch(x)).tolist()
    for at, ours, other in zip(numbers, xp.to_flat(getattr(xp, kernel)(x)), theirs, strict=True):
        for one, two in ((ours.real, other.real), (ours.imag, other.imag)):
            both_nan = math.isnan(one) and math.isnan(two)
            assert both_nan or math.isclose(one, two, rel_tol=1e-13, abs_tol=1e-300), (at, ours)
