"""The generator and its samplers without torch: recorded samples, and NumPy against the core."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import pickle
import random as standard_random
import runpy
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograd_core import random_streams
from autograd_core.generator import STATE_SIZE, Generator, default_generator
from autograd_core.narrow_floats import fused_double, fused_single, round_single
from autograd_core.selection_order import largest

pytestmark = pytest.mark.filterwarnings("ignore:(from|to - 1) is out of bounds:UserWarning")

TESTS = Path(__file__).parent
RECORDED = json.loads((TESTS / "data" / "random_samples.json").read_text())
CALLS = runpy.run_path(str(TESTS / "random_calls.py"))["CALLS"]
ROWS = [(call, dtype_name) for call in CALLS for dtype_name in call.dtypes]
NUMPY_ROWS = [row for row in ROWS if row[1] != "complex32"]  # NumPy has no such dtype
RECORDED_ROWS = [
    (backend, row)
    for row in RECORDED["rows"]
    for backend in ("core", "numpy")
    if (backend, row["dtype"]) != ("numpy", "complex32")
]

Sampler = Callable[..., list[Any]]


def name_row(row: Any) -> str:
    if isinstance(row, dict):
        return f"{row['call']}-{row['dtype']}-{row['count']}"
    return str(getattr(row, "name", row))


def numpy_sampler(name: str) -> Sampler:
    """The NumPy sampler of that name, taking and returning lists as the core's does."""
    np = pytest.importorskip("numpy")
    ml_dtypes = pytest.importorskip("ml_dtypes")
    samplers = pytest.importorskip("autograd_numpy.random")

    def dtype_of(dtype_name: str) -> Any:
        return np.dtype(getattr(ml_dtypes, dtype_name, dtype_name))

    def sample(generator: Generator, count: int, dtype_name: str, **parameters: Any) -> list[Any]:
        held = dtype_of(parameters.get("p_dtype", dtype_name))
        arrays = {
            key: np.array(value, held) if isinstance(value, list) else value
            for key, value in parameters.items()
        }
        samples = getattr(samplers, name)(generator, count, dtype_name, **arrays)
        expected = np.dtype(np.int64) if name == "multinomial" else dtype_of(dtype_name)
        assert (samples.dtype, samples.ndim) == (expected, 1)
        return samples.tolist()

    return sample


def sampler_of(backend: str, name: str) -> Sampler:
    return getattr(random_streams, name) if backend == "core" else numpy_sampler(name)


def bits_of(samples: list[Any]) -> list[str]:
    """Tell samples apart to the last bit and the sign of zero."""
    return [repr(sample) for sample in samples]


def digest(generator: Generator) -> str:
    return hashlib.sha256(generator.get_state()).hexdigest()[:16]


@pytest.mark.parametrize(("backend", "row"), RECORDED_ROWS, ids=name_row)
def test_recorded_samples(backend: str, row: dict[str, Any]) -> None:
    generator = Generator().manual_seed(RECORDED["seed"])
    sample = sampler_of(backend, row["sampler"])
    samples = sample(generator, row["count"], row["dtype"], **row["parameters"])
    recorded = [complex(*x) if isinstance(x, list) else x for x in row["samples"]]
    assert bits_of(samples) == bits_of(recorded)
    assert digest(generator) == row["state"]


@pytest.mark.parametrize(("call", "dtype_name"), NUMPY_ROWS, ids=name_row)
def test_numpy_draws_what_the_core_draws(call: Any, dtype_name: str) -> None:
    ours, theirs = Generator().manual_seed(5), Generator().manual_seed(5)
    for count in call.counts(0, 1, 15, 16, 17, 128, 1003):
        parameters = call.parameters(count, dtype_name)
        core = sampler_of("core", call.sampler)(ours, count, dtype_name, **parameters)
        numpy = sampler_of("numpy", call.sampler)(theirs, count, dtype_name, **parameters)
        assert bits_of(numpy) == bits_of(core)
        assert theirs.get_state() == ours.get_state()


@pytest.mark.parametrize("dtype_name", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["uniform", "normal", "exponential"])
def test_numpy_draws_what_the_core_draws_in_large_blocks(name: str, dtype_name: str) -> None:
    ours, theirs = Generator().manual_seed(6), Generator().manual_seed(6)
    for count in (8191, 40007):
        core = sampler_of("core", name)(ours, count, dtype_name)
        numpy = sampler_of("numpy", name)(theirs, count, dtype_name)
        assert numpy == core
        assert theirs.get_state() == ours.get_state()


def test_numpy_shifts_and_scales_what_the_core_does() -> None:
    for dtype_name in ("float32", "float64"):
        for mean, std in ((1e-3, 3.0), (-1e300, 1e299), (1e-300, 1e-305), (3e38, 2e38)):
            ours, theirs = Generator(), Generator()
            core = sampler_of("core", "normal")(ours, 100, dtype_name, mean=mean, std=std)
            numpy = sampler_of("numpy", "normal")(theirs, 100, dtype_name, mean=mean, std=std)
            assert bits_of(numpy) == bits_of(core)


def test_states_recorded_from_torch() -> None:
    assert digest(Generator()) == RECORDED["unseeded state"]
    assert digest(Generator().manual_seed(RECORDED["seed"])) == RECORDED["seeded state"]
    assert len(default_generator.get_state()) == STATE_SIZE


def test_words_do_not_depend_on_how_they_are_asked_for() -> None:
    count = (1 << 18) + 5  # more than the generator draws at once
    at_once, one_by_one = Generator().manual_seed(1), Generator().manual_seed(1)
    words = at_once.words(count)
    assert words[:700].tolist() == [one_by_one.words(1)[0] for _ in range(700)]
    assert words[700:] == one_by_one.words(count - 700)
    assert not at_once.words(0)
    assert at_once.get_state() == one_by_one.get_state()


@pytest.mark.parametrize("drawn", [0, 1, 623, 624, 625, 1248])
def test_state_round_trip_and_copies(drawn: int) -> None:
    generator = Generator().manual_seed(-3)
    random_streams.normal(generator, 1, "float32")
    generator.words(drawn)
    state = generator.get_state()
    restored = Generator()
    restored.set_state(list(state))
    copies = [restored, generator.clone_state(), copy.deepcopy(generator)]
    copies.append(pickle.loads(pickle.dumps(generator)))
    expected = random_streams.normal(generator, 5, "float64")
    for twin in copies:
        assert (twin.get_state(), twin.initial_seed()) == (state, 2**64 - 3)
        assert random_streams.normal(twin, 5, "float64") == expected


def test_seeding_anew_forgets_the_odd_normal() -> None:
    generator = Generator()
    random_streams.normal(generator, 1, "float32")
    assert generator.next_normal is not None
    assert generator.manual_seed(4).get_state() == Generator().manual_seed(4).get_state()


def test_seed_is_drawn_from_entropy() -> None:
    generator = Generator()
    seeds = {generator.seed() for _ in range(4)}
    assert len(seeds) == 4
    assert generator.initial_seed() in seeds
    assert generator.get_state() == Generator().manual_seed(generator.initial_seed()).get_state()


def test_a_fused_single_is_rounded_once() -> None:
    chance = standard_random.Random(0)
    operands = []
    for _ in range(3000):
        factors = round_single(chance.uniform(-2, 2) for _ in range(2))
        addend = 1.0 + chance.randrange(1 << 23) * 2.0**-23
        operands.append((*factors, math.ldexp(addend, chance.randrange(-40, 40))))
        # a product of half a step of the addend, less so little that a double does not see it
        off = 2.0 ** -chance.randrange(16, 24)
        operands.append((1.0 + off, chance.choice((-1, 1)) * (1.0 - off) * 2.0**-24, addend))
        operands.append((1.0, 2.0**-24, addend))
    exact = [Fraction(a) * Fraction(b) + Fraction(c) for a, b, c in operands]
    got = fused_single(*zip(*operands, strict=True))
    midway = 0
    for value, truth in zip(got, exact, strict=True):
        single = round_single([value])[0]
        neighbours = neighbouring_singles(single)
        assert single == value
        assert all(abs(Fraction(value) - truth) <= abs(Fraction(n) - truth) for n in neighbours)
        midway += round_single([float(truth)])[0] != value
    assert midway, "no operand needed more than a double"
    box_muller = pytest.importorskip("autograd_numpy.box_muller")
    np = pytest.importorskip("numpy")
    assert box_muller._fused(*np.array(operands).T.copy()).tolist() == got


def neighbouring_singles(value: float) -> list[float]:
    step = abs(value) * 2.0**-23 or 2.0**-149
    return round_single([value - step, value + step])


def test_a_fused_double_is_rounded_once() -> None:
    box_muller = pytest.importorskip("autograd_numpy.box_muller")
    np = pytest.importorskip("numpy")
    chance = standard_random.Random(1)
    for _ in range(300):
        scale = chance.uniform(-4, 4) * 2.0 ** chance.choice((-1010, -60, 0, 0, 60, 1000))
        shift = chance.uniform(-4, 4) * 2.0 ** chance.choice((-1010, -60, 0, 0, 60, 1000))
        values = [chance.uniform(-4, 4) * 2.0 ** chance.randrange(-60, 60) for _ in range(30)]
        values += [math.nextafter(-shift / scale, 0.0), -shift / scale, 0.0]
        fused = [fused_double(value, scale, shift) for value in values]
        arrays = box_muller.fused_scale_and_shift(np.array(values), scale, shift)
        assert arrays.tolist() == fused


@pytest.mark.parametrize("size", [1, 5, 40, 700])
def test_the_largest_are_in_order(size: int) -> None:
    chance = standard_random.Random(size)
    values = [float(chance.randrange(size)) for _ in range(size)]
    for k in {1, size // 64 + 1, size // 2 + 1, size}:
        order = largest(values, k)
        assert [values[index] for index in order] == sorted(values, reverse=True)[:k]
        assert len(set(order)) == k


def test_a_very_long_permutation_inserts(monkeypatch: pytest.MonkeyPatch) -> None:
    count = (1 << 16) + 10
    monkeypatch.setattr(random_streams, "RANDPERM_LARGE", count)
    generator, words = Generator(), Generator().words(2 * count)
    permutation = random_streams.randperm(generator, count)
    inserted: list[int] = []
    for index in range(count):
        place = (words[2 * index] << 32 | words[2 * index + 1]) % (index + 1)
        inserted.append(index)
        inserted[place], inserted[index] = index, inserted[place]
    assert permutation == inserted
    swapped = random_streams.randperm(Generator(), count - 1)
    assert sorted(swapped) == list(range(count - 1))


def test_the_core_draws_without_numpy() -> None:
    source = (
        "import sys; from autograd_core import random_streams as r; "
        "from autograd_core.generator import Generator; r.normal(Generator(), 20, 'float32'); "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0
