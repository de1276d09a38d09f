"""Kernels that work on blocks: the same for any number of threads, and what plain NumPy gives."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograd_core import threads
from autograd_core.default_kernels import DefaultKernels

np = pytest.importorskip("numpy")
autograd_numpy = pytest.importorskip("autograd_numpy")
from autograd_numpy import blocks
from autograd_numpy.activation import _blended
from autograd_numpy.reduction import row_dots, row_sums

Array = Any
xp = autograd_numpy.NumpyBackend()


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The number of threads is as it was after each test."""
    before = threads.get_num_threads()
    yield
    threads.set_num_threads(before)


def quietly(kernel: Callable[..., Any], *args: Any) -> Any:
    return xp.kernel_context.copy().run(kernel, *args)


def numbers(*shape: int, dtype: str = "float32") -> Array:
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


ROWS, WIDTH = 1 << 9, 1 << 11
X, Y = numbers(ROWS, WIDTH), numbers(ROWS, WIDTH) * 3
SCALE, SHIFT = numbers(WIDTH), numbers(WIDTH) + 1
MEAN, RSTD = X.mean(1, keepdims=True), 1 / X.std(1, keepdims=True)
MASK = (True, True, True)
IMAGES, SLOPES = X.reshape(ROWS, 8, WIDTH // 8), Y.reshape(ROWS, 8, WIDTH // 8)
BATCH_MEAN, BATCH_RSTD = IMAGES.mean((0, 2)), 1 / IMAGES.std((0, 2))

KERNELS = {
    "cos": lambda: xp.cos(X),
    "sin": lambda: xp.sin(X.astype(np.float64)),
    "tanh": lambda: xp.tanh(X),
    "relu": lambda: xp.relu(X),
    "sigmoid": lambda: xp.sigmoid(X),
    "sigmoid_backward": lambda: xp.sigmoid_backward(Y, X),
    "tanh_backward": lambda: xp.tanh_backward(Y, X),
    "silu": lambda: xp.silu(X),
    "gelu": lambda: xp.gelu(X, "none"),
    "gelu_backward": lambda: xp.gelu_backward(Y, X, "none"),
    "where": lambda: xp.where(X > 0, X, Y),
    "sum": lambda: xp.sum(X, (0, 1)),
    "softmax": lambda: xp.softmax(X, 1),
    "softmax over rows": lambda: xp.softmax(X, 0),
    "log_softmax": lambda: xp.log_softmax(X, 1),
    "softmax_backward": lambda: xp.softmax_backward_data(Y, np.abs(X), 1),
    "log_softmax_backward": lambda: xp.log_softmax_backward_data(Y, -np.abs(X), 1),
    "layer_norm": lambda: xp.native_layer_norm(X, (WIDTH,), SCALE, SHIFT, 1e-5),
    "layer_norm_backward": lambda: xp.native_layer_norm_backward(
        Y, X, (WIDTH,), MEAN, RSTD, SCALE, SHIFT, MASK
    ),
    "group_norm": lambda: xp.native_group_norm(
        IMAGES, SCALE[:8], SHIFT[:8], ROWS, 8, WIDTH // 8, 2, 1e-5
    ),
    "batch_norm": lambda: xp.native_batch_norm(
        IMAGES, SCALE[:8], SHIFT[:8], None, None, True, 0.1, 1e-5
    ),
    "batch_norm_backward": lambda: xp.native_batch_norm_backward(
        SLOPES, IMAGES, SCALE[:8], None, None, BATCH_MEAN, BATCH_RSTD, True, 1e-5, MASK
    ),
    "threshold_backward": lambda: xp.threshold_backward(Y, X, 0),
}


@pytest.mark.parametrize("name", KERNELS)
def test_results_do_not_depend_on_the_number_of_threads(name: str) -> None:
    threads.set_num_threads(1)
    expected = quietly(KERNELS[name])
    for count in (2, 3, 8):
        threads.set_num_threads(count)
        made = quietly(KERNELS[name])
        pairs = zip(made, expected, strict=True) if type(made) is tuple else [(made, expected)]
        for one, other in pairs:
            np.testing.assert_array_equal(one, other)


PLAIN: dict[str, Callable[[Array], Array]] = {
    "cos": np.cos,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (np.exp(-x) + 1),
    "silu": lambda x: x / (np.exp(-x) + 1),
}


@pytest.mark.parametrize("name", PLAIN)
def test_blocks_are_what_numpy_makes_of_the_whole(name: str) -> None:
    given = X.copy()
    given[0, :4] = np.nan, np.inf, -np.inf, -0.0
    for array in (given, given.T, given[:, ::2]):
        made = quietly(getattr(xp, name), array)
        np.testing.assert_allclose(made, quietly(PLAIN[name], array), 3e-7)


@pytest.mark.parametrize("threshold", [0, -0.5])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_pass_above_a_threshold_and_where_there_is_no_number(
    threshold: float, dtype: str
) -> None:
    x, grad = X.astype(dtype), Y.astype(dtype)
    x[0, :6] = np.nan, -np.nan, np.inf, -np.inf, -0.0, threshold
    grad[0, 3:6] = np.nan
    made = quietly(xp.threshold_backward, grad, x, threshold)
    np.testing.assert_array_equal(made, np.where(x <= threshold, 0, grad))
    assert made.dtype == dtype


@pytest.mark.parametrize("width", [63, 64, 4096, 4097, 10_001])
def test_sums_of_rows_of_any_length(width: int) -> None:
    one, other = numbers(5, width), numbers(5, width) + 1
    exact = one.astype(np.float64)
    for made, expected in (
        (row_sums(one), exact),
        (row_dots(one, other), exact * other),
        (row_dots(one, other[0]), exact * other[0]),
    ):
        assert made.dtype == np.float32
        expected = expected.sum(1, keepdims=True)
        np.testing.assert_allclose(made, expected, 1e-5, 1e-3)


def test_channels_are_added_up_in_double_precision() -> None:
    given, other = IMAGES + np.float32(1000), SLOPES
    exact = given.astype(np.float64)
    made = xp._channel_sum(given, (0, 2))
    np.testing.assert_allclose(made, exact.sum((0, 2)), 1e-13)
    made = xp._channel_dot(given, other, (0, 2))
    np.testing.assert_allclose(made, (exact * other).sum((0, 2)), 1e-11)


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "bool"])
@pytest.mark.parametrize("shape", [(5, 130), (300, 7), (2, 1, 9), (3, 1), (1, 1), (2, 3, 0, 4)])
def test_extremes_of_rows_are_those_of_any_dim(
    shape: tuple[int, ...], dtype: str, keepdim: bool
) -> None:
    given = np.random.default_rng(0).integers(-2, 3, shape).astype(dtype)
    if np.dtype(dtype).kind == "f":
        given.reshape(-1)[::3] *= -0.0
        given.reshape(-1)[::50] = np.nan
    dim = len(shape) - 1
    for made, extreme in ((xp.amax, np.maximum), (xp.amin, np.minimum)):
        expected = np.ascontiguousarray(extreme.reduce(given, dim, keepdims=keepdim))
        result = quietly(made, given, (dim,), keepdim)
        assert result.base is None
        assert_same((result,), (expected,))


@pytest.mark.parametrize("reduction", [0, 1, 2])
@pytest.mark.parametrize("ignored", [-100, 0, 2, 5, 7])
@pytest.mark.parametrize("shape", [(6, 8), (8,), (0, 8), (6, 8, 3), (2, 8, 3, 4)])
def test_losses_of_classes_are_the_derived_ones(
    shape: tuple[int, ...], ignored: int, reduction: int
) -> None:
    wanted = (1,) if len(shape) == 1 else (shape[0], *shape[2:])
    target = np.random.default_rng(1).integers(1, 6, wanted[::-1]).T  # strides are no matter
    options = (None, reduction, ignored)
    loss, total = quietly(xp.nll_loss_forward, numbers(*shape), target, *options)
    expected = quietly(DefaultKernels.nll_loss_forward, xp, numbers(*shape), target, *options)
    assert_same((loss, total), expected)
    grad = numbers(*loss.shape) if loss.shape else np.float32(0.3)
    grads = (grad, numbers(*shape), target, *options, total)
    made = quietly(xp.nll_loss_backward, *grads)
    assert_same((made,), (quietly(DefaultKernels.nll_loss_backward, xp, *grads),))


def assert_same(made: tuple[Array, ...], expected: tuple[Array, ...]) -> None:
    """The same bits, row-major."""
    for array, other in zip(made, expected, strict=True):
        assert (array.dtype, array.shape) == (other.dtype, other.shape)
        assert xp.strides(array) == xp.strides(other)
        assert array.tobytes() == other.tobytes()


@pytest.mark.parametrize("wrong", [-1, 8])
def test_a_class_that_is_not_there_is_refused(wrong: int) -> None:
    with pytest.raises(IndexError, match=f"Target {wrong} is out of bounds."):
        xp.nll_loss_forward(numbers(2, 8), np.array([1, wrong]), None, 1, -100)


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "float16", "int32", "float32", "complex64", "f8"]
)
@pytest.mark.parametrize("scalars", [(), (0,), (1,), (0, 1)])
def test_selections_are_those_of_numpy(dtype: str, scalars: tuple[int, ...]) -> None:
    condition = numbers(200, 300) > 0
    operands = [numbers(200, 300).astype(dtype), (numbers(200, 300) * 2).astype(dtype)]
    for k in scalars:
        operands[k] = operands[k].dtype.type(k)
    made = _blended(condition, *operands)
    np.testing.assert_array_equal(made, np.where(condition, *operands))
    assert made.dtype == dtype


def test_selections_keep_the_bits_of_nan_and_zero() -> None:
    condition = numbers(1 << 14) > 0
    odd = np.full(1 << 14, 0x7FC01234, np.int32).view(np.float32)
    zero = np.full(1 << 14, -0.0, np.float32)
    made = quietly(xp.where, condition, odd, zero)
    bits = np.where(condition, odd.view(np.int32), zero.view(np.int32))
    np.testing.assert_array_equal(made.view(np.int32), bits)


def test_warnings_stay_silent_in_threads() -> None:
    threads.set_num_threads(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(quietly(xp.acos, np.full(1 << 20, 2.0))).all()


def test_an_error_in_a_thread_is_raised_and_the_pool_lives_on() -> None:
    threads.set_num_threads(4)

    def work(block: int) -> None:
        if block == 5:
            raise ValueError("five")

    with pytest.raises(ValueError, match="five"):
        blocks.over_blocks(work, range(100), blocks.MANY)
    done: list[int] = []
    blocks.over_blocks(done.append, range(100), blocks.MANY)
    assert sorted(done) == list(range(100))


def test_work_within_work_and_of_several_threads_goes_on() -> None:
    threads.set_num_threads(3)
    done: list[int] = []

    def outer(block: int) -> None:
        blocks.over_blocks(done.append, range(10), blocks.MANY)

    callers = [
        threading.Thread(target=blocks.over_blocks, args=(outer, range(10), blocks.MANY))
        for _ in range(4)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert len(done) == 400


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_starts_its_own_threads() -> None:
    threads.set_num_threads(2)
    expected = quietly(xp.cos, X)
    child = os.fork()
    if not child:
        same = np.array_equal(quietly(xp.cos, X), expected)
        os._exit(0 if same and blocks._pool.size == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_erf_in_single_precision_is_rounded_rightly() -> None:
    special = pytest.importorskip("scipy.special")
    x = np.concatenate([np.linspace(-6, 6, 100_001), 10.0 ** np.linspace(-44, 2, 10_000)])
    x = np.append(x, [0.0, -0.0, np.inf, -np.inf, np.nan]).astype(np.float32)
    exact = special.erf(x.astype(np.float64))
    made = quietly(xp.erf, x)
    error = np.abs(made - exact) / np.spacing(np.abs(exact.astype(np.float32)))
    assert np.nanmax(error) < 0.6
    np.testing.assert_array_equal(np.signbit(made[:-1]), np.signbit(x[:-1]))
    assert np.isnan(made[-1])
