"""Every sampler against torch itself: the same numbers, and the stream left at the same place."""

from __future__ import annotations

import random as standard_random
import runpy
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="compares with torch's own random numbers")

from autograd_core import random_streams
from autograd_core.generator import Generator
from autograd_core.selection_order import largest

pytestmark = [
    pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental"),
    pytest.mark.skipif(
        torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512"),
        reason="torch rounds some samples differently without fused multiply-adds",
    ),
]

CALLS = runpy.run_path(str(Path(__file__).with_name("random_calls.py")))["CALLS"]
BACKENDS = ("core", "numpy")
ROWS = [
    (backend, call, dtype_name)
    for call in CALLS
    for dtype_name in call.dtypes
    for backend in BACKENDS
    if (backend, dtype_name) != ("numpy", "complex32")  # NumPy has no such dtype
]
COUNTS = (0, 1, 2, 15, 16, 17, 31, 100, 128, 1000, 1003)
SEEDS = (0, 42, 2**64 - 1)


def sample(backend: str, call: Any, generator: Generator, count: int, dtype_name: str) -> list[Any]:
    """Draw the row's samples; NumPy's sampler is handed arrays and its array is listed."""
    parameters = call.parameters(count, dtype_name)
    if backend == "core":
        sampler = getattr(random_streams, call.sampler)
        return list(sampler(generator, count, dtype_name, **parameters))
    np = pytest.importorskip("numpy")
    ml_dtypes = pytest.importorskip("ml_dtypes")
    samplers = pytest.importorskip("autograd_numpy.random")
    held = parameters.get("p_dtype", dtype_name)
    arrays = {
        key: np.array(value, getattr(ml_dtypes, held, held)) if isinstance(value, list) else value
        for key, value in parameters.items()
    }
    return list(getattr(samplers, call.sampler)(generator, count, dtype_name, **arrays).tolist())


def torch_sample(call: Any, generator: Any, count: int, dtype_name: str) -> list[Any]:
    parameters = call.parameters(count, dtype_name)
    samples = call.draw(torch, count, getattr(torch, dtype_name), generator, parameters)
    return list(samples.tolist())


def bits_of(samples: list[Any]) -> list[str]:
    """Tell samples apart to the last bit and the sign of zero."""
    return [repr(number) for number in samples]


def assert_same_state(generator: Generator, torch_generator: Any) -> None:
    assert generator.get_state() == bytes(torch_generator.get_state().tolist())


def caught(draw: Callable[[], list[Any]]) -> tuple[list[Any], list[str]]:
    """Return what is drawn and the warnings of it, without torch's source line."""
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        samples = draw()
    messages = [str(warning.message).split(" (Triggered")[0] for warning in raised]
    return samples, [text for text in messages if not text.startswith("ComplexHalf")]


@pytest.mark.parametrize(
    ("backend", "call", "dtype_name"), ROWS, ids=lambda part: getattr(part, "name", part)
)
def test_samples_and_the_stream_after_them(backend: str, call: Any, dtype_name: str) -> None:
    for seed in SEEDS:
        ours, theirs = Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
        for count in call.counts(*COUNTS):
            expected = caught(lambda n=count, g=theirs: torch_sample(call, g, n, dtype_name))
            samples = caught(lambda n=count, g=ours: sample(backend, call, g, n, dtype_name))
            assert bits_of(samples[0]) == bits_of(expected[0])
            assert samples[1] == expected[1]
            assert_same_state(ours, theirs)


@pytest.mark.filterwarnings("ignore:(from|to - 1) is out of bounds:UserWarning")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("seed", range(8))
def test_mixed_calls_stay_in_step(seed: int, backend: str) -> None:
    chance = standard_random.Random(seed)
    rows = [row[1:] for row in ROWS if row[0] == backend]
    ours, theirs = Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    for _ in range(120):
        call, dtype_name = chance.choice(rows)
        count = chance.choice(call.counts(*COUNTS[:-2], chance.randrange(200)) or [128])
        expected = torch_sample(call, theirs, count, dtype_name)
        assert bits_of(sample(backend, call, ours, count, dtype_name)) == bits_of(expected)
        assert_same_state(ours, theirs)


@pytest.mark.parametrize("dtype_name", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("call", CALLS[1:6], ids=lambda call: call.name)
def test_large_blocks(call: Any, dtype_name: str) -> None:
    ours, theirs = Generator().manual_seed(9), torch.Generator().manual_seed(9)
    for count in (8193, 200_003):
        expected = torch_sample(call, theirs, count, dtype_name)
        assert sample("numpy", call, ours, count, dtype_name) == expected
        assert_same_state(ours, theirs)


@pytest.mark.parametrize("drawn", [0, 1, 5, 623, 624, 625])
@pytest.mark.parametrize("normals", [0, 1, 2])
def test_states_are_interchangeable(drawn: int, normals: int) -> None:
    theirs = torch.Generator().manual_seed(7)
    torch.rand(drawn, generator=theirs)
    torch.randn(normals, generator=theirs)
    ours = Generator()
    ours.set_state(bytes(theirs.get_state().tolist()))
    assert ours.initial_seed() == theirs.initial_seed()
    back = torch.Generator()
    back.set_state(torch.tensor(list(ours.get_state()), dtype=torch.uint8))
    expected = torch.randn(7, generator=theirs).tolist()
    assert torch.randn(7, generator=back).tolist() == expected
    assert random_streams.normal(ours, 7, "float32") == expected
    assert_same_state(ours, theirs)


@pytest.mark.parametrize("seed", [0, 1, -1, -(2**63), 2**32, 2**64 - 1])
def test_seeds(seed: int) -> None:
    ours, theirs = Generator().manual_seed(seed), torch.Generator().manual_seed(seed)
    assert ours.initial_seed() == theirs.initial_seed()
    assert_same_state(ours, theirs)
    assert_same_state(ours.clone_state(), theirs.clone_state())


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(7,), (5, 9)])
def test_dropout_keeps_what_bernoulli_keeps(shape: tuple[int, ...], p: float) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        kept = torch.nn.functional.dropout(torch.ones(shape), p).ne(0).flatten().tolist()
        following = torch.rand(1).item()
    ours = Generator().manual_seed(3)
    count = len(kept)
    if p in (0.0, 1.0):  # nothing is drawn where nothing is left to chance
        assert kept == [p == 0.0] * count
    else:
        assert random_streams.bernoulli(ours, count, "bool", 1.0 - p) == kept
    assert random_streams.uniform(ours, 1, "float32") == [following]


@pytest.mark.parametrize("seed", range(20))
def test_topk_order_of_equal_values(seed: int) -> None:
    chance, torch_generator = standard_random.Random(seed), torch.Generator().manual_seed(seed)
    for _ in range(20):
        size = chance.choice((1, 2, 3, 5, 15, 16, 17, 33, 64, 100, 128, 500, 1000))
        k = chance.randint(1, min(size, chance.choice((1, 3, size, size // 2 + 1, size // 64 + 1))))
        kinds = chance.choice((1, 2, 5, 50, size))
        values = torch.randint(0, kinds, (size,), generator=torch_generator).float()
        if chance.random() < 0.3:
            values[torch.rand(size, generator=torch_generator) < 0.05] = float("nan")
        if chance.random() < 0.2:
            values = values.sort().values
        assert largest(values.tolist(), k) == torch.topk(values, k).indices.tolist()


def raised(draw: Callable[[], object]) -> tuple[str, str]:
    """Return the type and the text of what the call raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((RuntimeError, ValueError)) as failure:
            draw()
    return failure.type.__name__, str(failure.value)


# Torch's method with its arguments; the sampler and its parameters; dtype; how many numbers.
COMPLAINTS = [
    ("uniform_", (2, 1), "uniform", "float32", 3),
    ("uniform_", (2, 1), "uniform", "float32", 0),
    ("uniform_", (0, 1e39), "uniform", "float32", 3),
    ("uniform_", (-1e39, 0), "uniform", "bfloat16", 3),
    ("uniform_", (-3e38, 3e38), "uniform", "float32", 3),
    ("uniform_", (0, 1e5), "uniform", "float16", 3),
    ("uniform_", (-1.5e308, 1.5e308), "uniform", "float64", 3),
    ("uniform_", (0, 1), "uniform", "int32", 3),
    ("normal_", (0, -1.5), "normal", "float32", 3),
    ("normal_", (0, -1.5), "normal", "float32", 0),
    ("normal_", (0, float("nan")), "normal", "float32", 3),
    ("normal_", (0, 1), "normal", "int64", 3),
    ("log_normal_", (0, 0), "log_normal", "float32", 3),
    ("log_normal_", (0, 1), "log_normal", "int32", 3),
    ("cauchy_", (0, 0), "cauchy", "float32", 3),
    ("cauchy_", (0, 1), "cauchy", "int32", 3),
    ("exponential_", (0,), "exponential", "float32", 3),
    ("exponential_", (-1.5,), "exponential", "float32", 0),
    ("exponential_", (1,), "exponential", "int32", 3),
    ("geometric_", (0,), "geometric", "float32", 3),
    ("geometric_", (1,), "geometric", "float32", 3),
    ("geometric_", (1.5,), "geometric", "float32", 0),
    ("geometric_", (0.5,), "geometric", "bool", 3),
    ("geometric_", (0.5,), "geometric", "uint16", 3),
    ("bernoulli_", (1.5,), "bernoulli", "float32", 3),
    ("bernoulli_", (float("nan"),), "bernoulli", "float32", 3),
    ("bernoulli_", (0.5,), "bernoulli", "uint32", 3),
    ("bernoulli_", (0.5,), "bernoulli", "complex64", 3),
    ("random_", (), "random", "uint16", 3),
    ("random_", (), "random", "complex64", 3),
    ("random_", (5, 5), "random", "float32", 3),
    ("random_", (-1, 3), "random", "uint8", 0),
    ("random_", (0, 3), "random", "bool", 3),
    ("random_", (0, 3), "random", "complex64", 3),
    ("random_", (0, 2**31 + 1), "random", "int32", 3),
    ("random_", (0, 2**17), "random", "float16", 3),
    ("random_", (2**9 + 1, 2**9 + 2), "random", "bfloat16", 3),
    ("random_", (2**24 + 1, None), "random", "float32", 3),
    ("random_", (2**20, None), "random", "float16", 3),
    ("random_", (0, None), "random", "uint64", 3),
    ("random_", (-(2**63), None), "random", "float16", 3),
    ("random_", (-(2**63), None), "random", "int32", 3),
    ("random_", (-(2**63), None), "random", "bool", 3),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("method", "arguments", "sampler", "dtype_name", "count"), COMPLAINTS)
def test_complaints(
    method: str, arguments: tuple[Any, ...], sampler: str, dtype_name: str, count: int, backend: str
) -> None:
    if backend == "numpy":
        samplers = pytest.importorskip("autograd_numpy.random")
    else:
        samplers = random_streams
    target = torch.empty(count, dtype=getattr(torch, dtype_name))
    expected = raised(lambda: getattr(target, method)(*arguments))
    ours = Generator()
    assert (
        raised(lambda: getattr(samplers, sampler)(ours, count, dtype_name, *arguments)) == expected
    )
    assert ours.get_state() == Generator().get_state()


@pytest.mark.parametrize("dtype_name", ["bool", "int8", "uint8", "uint16", "complex64"])
def test_permutation_complaints(dtype_name: str) -> None:
    dtype = getattr(torch, dtype_name)
    expected = raised(lambda: torch.randperm(300, dtype=dtype))
    assert raised(lambda: random_streams.randperm(Generator(), 300, dtype_name)) == expected


@pytest.mark.parametrize(("count", "dtype_name"), [(2050, "float16"), (2**24 + 2, "float32")])
def test_permutations_too_long_for_a_float(count: int, dtype_name: str) -> None:
    dtype = getattr(torch, dtype_name)
    expected = raised(lambda: torch.randperm(count, dtype=dtype))
    assert raised(lambda: random_streams.randperm(Generator(), count, dtype_name)) == expected


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("weights", "count", "replacement"),
    [
        ([0.0, 0.0], 2, False),
        ([0.0, 0.0], 2, True),
        ([1.0, 0.0], 3, False),
        ([1.0, -1.0], 2, False),
        ([1.0, -1.0], 2, True),
        ([1.0, float("inf")], 2, False),
        ([1.0, float("inf")], 2, True),
        ([float("nan"), 1.0], 1, True),
        ([1.0, float("nan")], 2, True),
        ([1.0, 1.0], 0, True),
        ([1.0, 1.0], -1, False),
        ([], 1, False),
    ],
)
def test_multinomial_complaints(
    weights: list[float], count: int, replacement: bool, backend: str
) -> None:
    expected = raised(lambda: torch.multinomial(torch.tensor(weights), count, replacement))
    sampler: Any = random_streams.multinomial
    held: Any = weights
    if backend == "numpy":
        held = pytest.importorskip("numpy").array(weights, "float32")
        sampler = pytest.importorskip("autograd_numpy.random").multinomial
    assert raised(lambda: sampler(Generator(), count, "float32", held, replacement)) == expected


@pytest.mark.parametrize("p", [[0.5, 2.0], [-0.5, 0.5], [0.5, float("nan")]])
def test_probabilities_out_of_range(p: list[float]) -> None:
    expected = raised(lambda: torch.bernoulli(torch.tensor(p)))
    draw = random_streams.bernoulli_elementwise
    assert raised(lambda: draw(Generator(), 2, "float32", p, "float32")) == expected


@pytest.mark.parametrize(
    "act",
    [
        lambda g: g.manual_seed(2**64),
        lambda g: g.manual_seed(-(2**63) - 1),
        lambda g: g.manual_seed(1.5),
        lambda g: g.manual_seed(True),
        lambda g: g.get_offset(),
        lambda g: g.set_offset(3),
    ],
)
def test_generator_complaints(act: Callable[[Any], object]) -> None:
    assert raised(lambda: act(Generator())) == raised(lambda: act(torch.Generator()))


@pytest.mark.parametrize("size", [3, 5048, 5056])
def test_impossible_states(size: int) -> None:
    state = torch.zeros(size, dtype=torch.uint8)
    expected = raised(lambda: torch.Generator().set_state(state))
    assert raised(lambda: Generator().set_state(bytes(size))) == expected
