"""The pure-Python arrays as a namespace of the Array API, in literals."""

from __future__ import annotations

import array
import copy
import math
import pickle
import subprocess
import sys

import pytest

import autograd_python.array_api as xp


def values(x):
    """Dtype, shape and elements in rows."""
    return (x.dtype.name, x.shape, [element.__complex__() for element in xp.reshape(x, (-1,))])


def same(x, expected):
    """Whether an array is what `asarray` makes of this, in that dtype."""
    return values(x) == values(xp.asarray(expected, dtype=x.dtype))


# The array object ---------------------------------------------------------------------------------


def test_an_array_tells_what_it_is():
    x = xp.asarray([[1, 2, 3], [4, 5, 6]])
    assert (x.dtype, x.shape, x.ndim, x.size, x.device) == (xp.int64, (2, 3), 2, 6, "cpu")
    assert repr(x) == "Array([[1, 2, 3], [4, 5, 6]], dtype=int64)"
    assert repr(xp.zeros((2, 0))) == "Array(shape=(2, 0), dtype=float64)"
    assert x.__array_namespace__() is xp
    assert x.__array_namespace__(api_version="2024.12") is xp
    assert x.to_device("cpu") is x
    assert [values(row) for row in x] == [values(x[0, :]), values(x[1, :])]
    with pytest.raises(ValueError, match="not known here"):
        x.__array_namespace__(api_version="1999.01")
    with pytest.raises(ValueError, match="no device 'cuda'"):
        x.to_device("cuda")
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)


def test_numbers_come_out_of_arrays_without_dimensions_only():
    one = xp.asarray(3)
    assert (int(one), float(one), complex(one), bool(one), [5, 6, 7, 8][one]) == (
        3,
        3.0,
        3,
        True,
        8,
    )
    with pytest.raises(TypeError, match="no dimensions"):
        float(xp.asarray([3.0]))
    with pytest.raises(TypeError, match="is no index"):
        [1, 2][xp.asarray(1.0)]
    with pytest.raises(TypeError):
        float(xp.asarray(1j))


def test_slices_and_transposes_are_views_and_masks_are_copies():
    x = xp.asarray([[1, 2], [3, 4]])
    row, transposed, picked = x[0, :], x.T, x[x > 2]
    x[0, 1] = 9
    assert same(row, [1, 9])
    assert same(transposed, [[1, 3], [9, 4]])
    assert same(picked, [3, 4])


def test_an_operator_in_place_writes_to_the_array_and_its_views():
    x = xp.asarray([1.0, 2.0])
    view, kept = x[1:], x
    x += xp.asarray([1.0, 1.0], dtype=xp.float32)
    x *= 2
    assert x is kept
    assert same(view, [6.0])


@pytest.mark.parametrize("other", [1.5, 2j, True])
def test_an_operator_in_place_keeps_dtype_and_shape(other):
    x = xp.asarray([1, 2])
    with pytest.raises(TypeError):
        x += other
    with pytest.raises(TypeError, match="int8 would become int64"):
        xp.ones(2, dtype=xp.int8).__iadd__(x)
    with pytest.raises(ValueError, match="would become"):
        x += xp.ones((3, 2), dtype=xp.int64)
    assert same(x, [1, 2])


def test_arrays_survive_pickles_and_copies():
    for dtype in xp.__array_namespace_info__().dtypes().values():
        x = xp.ones((2, 2), dtype=dtype)
        for made in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):
            assert values(made) == values(x)
            assert made.dtype is dtype


# Promotion ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one, two, expected",
    [
        ("int8", "uint8", "int16"),
        ("int8", "uint32", "int64"),
        ("int64", "uint32", "int64"),
        ("uint16", "uint64", "uint64"),
        ("float32", "float64", "float64"),
        ("float32", "complex64", "complex64"),
        ("float64", "complex64", "complex128"),
        ("bool", "bool", "bool"),
    ],
)
def test_dtypes_promote(one, two, expected):
    dtypes = [getattr(xp, name) for name in (one, two)]
    for pair in (dtypes, dtypes[::-1]):
        assert xp.result_type(*pair) is getattr(xp, expected)
        assert (
            xp.where(xp.asarray(True), *(xp.ones(1, dtype=d) for d in pair)).dtype.name == expected
        )


@pytest.mark.parametrize(
    "one, two",
    [
        ("int64", "uint64"),
        ("int8", "float64"),
        ("bool", "int8"),
        ("bool", "float32"),
        ("uint8", "complex64"),
    ],
)
def test_kinds_do_not_mix(one, two):
    x, y = (xp.ones(2, dtype=getattr(xp, name)) for name in (one, two))
    for call in (
        lambda: x + y,
        lambda: y == x,
        lambda: xp.result_type(x, y),
        lambda: xp.concat([x, y]),
    ):
        with pytest.raises(TypeError):
            call()
    assert not xp.can_cast(x, y.dtype)


def test_python_numbers_take_the_dtype_of_the_array():
    x = xp.ones(2, dtype=xp.float32)
    assert (x + 1).dtype is xp.float32
    assert (1.5 * x).dtype is xp.float32
    assert (x * 1j).dtype is xp.complex64
    assert xp.result_type(x, 2j) is xp.complex64
    with pytest.raises(TypeError, match="a Python float does not mix with int8"):
        xp.ones(2, dtype=xp.int8) + 0.5
    with pytest.raises(TypeError, match="a Python bool does not mix with float32"):
        x + True
    with pytest.raises(OverflowError, match="300 does not fit into uint8"):
        xp.ones(2, dtype=xp.uint8) + 300
    with pytest.raises(TypeError, match="must be an array"):
        xp.add(1, 2)
    with pytest.raises(TypeError):
        x + "1"


@pytest.mark.parametrize(
    "name, bits", [("uint8", 8), ("uint16", 16), ("uint32", 32), ("uint64", 64)]
)
def test_unsigned_integers_of_every_width(name, bits):
    dtype = getattr(xp, name)
    largest = xp.asarray([2**bits - 1], dtype=dtype)
    assert xp.iinfo(dtype).max == 2**bits - 1
    assert same(largest + 1, [0])
    assert same(xp.zeros(1, dtype=dtype) - 1, [2**bits - 1])
    assert same(~largest, [0])
    assert same(largest >> 1, [2 ** (bits - 1) - 1])
    assert same(xp.abs(largest), [2**bits - 1])
    assert int(xp.sum(largest)) == 2**bits - 1
    assert xp.sum(largest).dtype is xp.uint64
    assert same(xp.astype(xp.asarray([2.0 ** (bits - 1)]), dtype), [2 ** (bits - 1)])


def test_functions_refuse_dtypes_that_they_do_not_take():
    for call in (
        lambda: xp.sin(xp.asarray(1)),
        lambda: xp.divide(xp.asarray(1), xp.asarray(2)),
        lambda: xp.sum(xp.asarray([True])),
        lambda: xp.sort(xp.asarray([1j])),
        lambda: xp.logical_and(xp.asarray(1), xp.asarray(1)),
        lambda: xp.mean(xp.asarray([1])),
        lambda: xp.linalg.inv(xp.ones((2, 2), dtype=xp.int64)),
        lambda: xp.sin(1.0),
        lambda: xp.can_cast(1, xp.int8),
        lambda: xp.isdtype(xp.int8, None),
        lambda: xp.isdtype("int8", "numeric"),
        lambda: xp.isdtype(xp.int8, (("numeric",),)),
        lambda: list(xp.asarray(1)),
    ):
        with pytest.raises(TypeError):
            call()


# Indexing -----------------------------------------------------------------------------------------


def test_reading_by_all_kinds_of_keys():
    x = xp.reshape(xp.arange(12), (3, 4))
    assert same(x[1, 2], 6)
    assert same(x[-1, ::-2], [11, 9])
    assert same(x[..., None, 0], [[0], [4], [8]])
    assert same(x[xp.asarray(1), 1:3], [5, 6])
    assert same(x[xp.asarray([0, -1]), xp.asarray([[1], [2]])], [[1, 9], [2, 10]])
    assert same(x[xp.asarray([True, False, True])], [[0, 1, 2, 3], [8, 9, 10, 11]])
    assert same(x[xp.asarray([2, 0]), 1:3], [[9, 10], [1, 2]])
    assert x[xp.asarray(True)].shape == (1, 3, 4)
    assert x[xp.asarray(False)].shape == (0, 3, 4)


@pytest.mark.parametrize("key", [3, (0, 0, 0), (..., ...), (0, -5), 1.0, True, "a"])
def test_keys_that_do_not_fit(key):
    with pytest.raises(IndexError):
        xp.ones((3, 4))[key]


def test_arrays_of_places_and_masks_that_do_not_fit():
    x = xp.ones((3, 4))
    for key in (xp.asarray([3]), xp.asarray([-4]), xp.ones(4, dtype=xp.bool)):
        with pytest.raises(IndexError):
            x[key]
    with pytest.raises(IndexError):
        xp.take(x, xp.asarray([4]), axis=1)


def test_writing_by_all_kinds_of_keys():
    x = xp.zeros((2, 3), dtype=xp.int64)
    x[0, ::-1] = xp.asarray([1, 2, 3])
    assert same(x, [[3, 2, 1], [0, 0, 0]])
    x[x == 0] = 7
    x[xp.asarray([0, 1]), xp.asarray([0, 2])] = xp.asarray([8, 9])
    assert same(x, [[8, 2, 1], [7, 7, 9]])
    x[...] = xp.asarray([5], dtype=xp.int8)
    assert same(x, [[5, 5, 5], [5, 5, 5]])
    x[:, 1:] = x[:, :2]  # both share memory
    with pytest.raises(ValueError, match="do not broadcast"):
        x[0, :] = xp.asarray([1, 2])
    for value in (1.5, 2j, True, xp.asarray(1.0), xp.asarray(1, dtype=xp.uint64)):
        with pytest.raises(TypeError):
            x[0, 0] = value
    with pytest.raises(OverflowError):
        xp.zeros(2, dtype=xp.int8)[0] = 128


# Creation -----------------------------------------------------------------------------------------


def test_asarray_of_numbers_sequences_buffers_and_arrays():
    assert xp.asarray([True, False]).dtype is xp.bool
    assert xp.asarray([True, 2]).dtype is xp.int64
    assert xp.asarray([1, 2.5]).dtype is xp.float64
    assert xp.asarray([1, 2j]).dtype is xp.complex128
    assert xp.asarray(array.array("H", [1, 65535])).dtype is xp.uint16
    assert same(xp.asarray(memoryview(bytes([1, 2, 3, 4])).cast("B", (2, 2))), [[1, 2], [3, 4]])
    x = xp.asarray([1, 2])
    assert xp.asarray(x) is x
    assert xp.asarray(x, copy=True) is not x
    assert same(xp.asarray([x, x]), [[1, 2], [1, 2]])
    for refused in ([1], array.array("d", [1])):
        with pytest.raises(ValueError, match="by a copy only"):
            xp.asarray(refused, copy=False)
    with pytest.raises(ValueError, match="by a copy only"):
        xp.asarray(x, dtype=xp.float32, copy=False)
    with pytest.raises(ValueError, match="one length"):
        xp.asarray([[1, 2], [3]])
    for refused in ("12", {1, 2}, object(), ["a"]):
        with pytest.raises(TypeError):
            xp.asarray(refused)
    with pytest.raises(OverflowError):
        xp.asarray([2**63])


def test_the_far_ends_of_linspace_stay_finite():
    x = xp.linspace(-1.5e308, 1.5e308, 3)
    assert same(x, [-1.5e308, 0.0, 1.5e308])


def test_what_makes_arrays_refuses_what_is_none():
    for call in (
        lambda: xp.zeros((-1,)),
        lambda: xp.linspace(0, 1, -1),
        lambda: xp.arange(0, 1, 0),
        lambda: xp.zeros(1, device="cuda"),
        lambda: xp.meshgrid(xp.ones(2), xp.ones((2, 2))),
        lambda: xp.reshape(xp.ones(6), (4, -1)),
        lambda: xp.reshape(xp.ones((2, 3)).T, (6,), copy=False),
        lambda: xp.squeeze(xp.ones((2, 1)), 0),
        lambda: xp.expand_dims(xp.ones(2), axis=3),
        lambda: xp.permute_dims(xp.ones((2, 3)), (0, 0)),
        lambda: xp.concat([xp.ones((2, 3)), xp.ones((3, 2))]),
        lambda: xp.stack([]),
        lambda: xp.broadcast_to(xp.ones(3), (2,)),
        lambda: xp.max(xp.ones((0,))),
        lambda: xp.argmin(xp.ones((0,))),
        lambda: xp.nonzero(xp.asarray(1)),
        lambda: xp.matmul(xp.ones((2, 3)), xp.ones((2, 3))),
        lambda: xp.matmul(xp.ones((2, 3, 3)), xp.ones((3, 3, 3))),
        lambda: xp.vecdot(xp.ones((2, 3)), xp.ones((3, 3))),
        lambda: xp.tensordot(xp.ones((2, 3)), xp.ones((2, 3))[:, 1:], axes=1),
        lambda: xp.linalg.cross(xp.ones((2, 3)), xp.ones((3, 3))),
        lambda: xp.linalg.solve(xp.ones((2, 2, 2)), xp.ones((3, 2, 2))),
        lambda: xp.linalg.solve(xp.ones((2, 2)), xp.ones(2)),
        lambda: xp.linalg.inv(xp.zeros((2, 2))),
        lambda: xp.linalg.cholesky(-xp.eye(2)),
        lambda: xp.linalg.det(xp.ones((2, 3))),
        lambda: xp.fft.fft(xp.ones(3), n=0),
        lambda: xp.fft.fft(xp.ones(3), norm="none"),
        lambda: xp.isdtype(xp.int8, "number"),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            call()
    with pytest.raises(TypeError):
        xp.astype(xp.asarray([1j]), xp.float64)


# Interchange --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bool", "int16", "uint64", "float32", "float64", "complex64"])
def test_dlpack_hands_over_a_copy(name):
    dtype = getattr(xp, name)
    x = xp.reshape(xp.asarray([0, 1, 1, 0, 1, 0], dtype=dtype), (2, 3))
    y = xp.from_dlpack(Foreign(x.T))
    assert values(y) == values(x.T)
    assert y.dtype is dtype
    assert same(xp.from_dlpack(x), x)
    assert xp.from_dlpack(x, copy=True) is not x


class Foreign:
    """An array of another library, that speaks DLPack and nothing else."""

    def __init__(self, x):
        self.x = x

    def __dlpack__(self, **options):
        return self.x.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.x.__dlpack_device__()


def test_a_capsule_is_used_once_or_dropped():
    from autograd_python.array_api import dlpack

    x = xp.ones((2, 2))
    capsule = x.__dlpack__()
    assert len(dlpack._exported) == 1
    assert values(xp.Array(dlpack.imported(capsule))) == values(x)
    with pytest.raises(BufferError, match="used before"):
        dlpack.imported(capsule)
    assert x.__dlpack__() is not None  # dropped at once
    assert not dlpack._exported
    with pytest.raises(BufferError):
        dlpack.imported(object())
    with pytest.raises(BufferError):
        x.__dlpack__(copy=False)
    with pytest.raises(BufferError):
        x.__dlpack__(dl_device=(2, 0))
    with pytest.raises(BufferError):
        xp.from_dlpack(Foreign(x), copy=False)


def test_dlpack_with_numpy():
    np = pytest.importorskip("numpy")
    x = xp.reshape(xp.arange(6, dtype=xp.int32), (2, 3))
    assert np.from_dlpack(x).tolist() == [[0, 1, 2], [3, 4, 5]]
    there = np.arange(12, dtype=np.complex64).reshape(3, 4)
    for part in (there, there.T, there[::-1, 1::2], there[:0]):
        here = xp.from_dlpack(part)
        assert (here.shape, here.dtype) == (part.shape, xp.complex64)
        assert [complex(v) for v in xp.reshape(here, (-1,))] == part.ravel().tolist()
    with pytest.raises(BufferError, match="no dtype"):
        xp.from_dlpack(np.ones(2, dtype=np.float16))


@pytest.mark.filterwarnings("error")
def test_hypothesis_makes_arrays_of_the_namespace():
    """As the public suite draws its arrays, of every dtype."""
    hypothesis = pytest.importorskip("hypothesis")
    from hypothesis.extra.array_api import make_strategies_namespace

    strategies = make_strategies_namespace(xp, api_version="2024.12")
    drawn = set()

    @hypothesis.settings(max_examples=300, deadline=None, derandomize=True)
    @hypothesis.given(hypothesis.strategies.data())
    def draw(data):
        shape = data.draw(strategies.array_shapes(min_dims=0, min_side=0, max_side=3))
        x = data.draw(strategies.arrays(data.draw(strategies.scalar_dtypes()), shape))
        assert x.shape == shape
        x[data.draw(strategies.indices(shape, allow_newaxis=True))]
        drawn.add(x.dtype)

    draw()
    assert len(drawn) == 13


# Numbers ------------------------------------------------------------------------------------------


def test_where_the_standard_is_not_torch():
    assert math.isnan(float(xp.sign(xp.asarray(math.nan))))
    assert same(
        xp.floor_divide(xp.asarray([math.inf, 1.0]), xp.asarray([2.0, -math.inf])), [math.inf, -0.0]
    )
    assert str(float(xp.remainder(xp.asarray(4.0), xp.asarray(-2.0)))) == "-0.0"
    assert same(xp.asarray([7, -7]) // xp.asarray([0, 2]), [0, -4])
    assert same(xp.asarray([7, -7]) % xp.asarray([0, 2]), [0, 1])
    assert math.isnan(float(xp.var(xp.ones(3), correction=3)))
    assert complex(xp.asarray(0j) ** xp.asarray(0j)) == 1
    assert same(xp.linalg.vector_norm(xp.zeros((2, 0)), ord=math.inf, axis=1), [0.0, 0.0])


def test_nothing_compiled_is_imported():
    program = (
        "import sys, autograd_python; assert 'autograd_python.array_api' not in sys.modules;"
        "import autograd_python.array_api as xp; xp.linalg.svd(xp.eye(2)); xp.ones(2).__dlpack__();"
        "assert not {'numpy', 'torch', 'mpmath', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
