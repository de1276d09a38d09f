"""Every CPU sampler of torch, as lists of Python numbers drawn from a Generator.

A function takes the generator, the number of samples and the dtype's name. It consumes exactly the
words torch consumes and returns torch's numbers, in the order in which torch fills memory. A
backend may vectorise any of them; these are the definition.

The bits are those of torch on x86-64 with AVX2 or AVX-512. Without them, as under
ATEN_CPU_CAPABILITY=default, torch multiplies and adds unfused, and float32 `randn` calls the C
library's `logf`, `cosf` and `sinf`: the stream is the same, some last bits are not.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from . import random_parameters as parameters
from .box_muller import BLOCK, normal_blocks
from .generator import Generator
from .narrow_floats import round_single, round_to, scale_and_shift
from .random_parameters import COMPONENTS, FLOAT_DIGITS, INTEGER_BITS, IntegerDraw
from .selection_order import largest

Samples = list[Any]

RANDPERM_LARGE = (2**32 - 1) // 20  # from here on `randperm` inserts, with 64-bit words
_LARGE_DRAW = 1 << 16
_TWO_64 = 1 << 64


def narrow_uniforms(generator: Generator, count: int) -> list[float]:
    """Draw uniforms on [0, 1) of 24 bits, one word each."""
    return [(word & 0xFFFFFF) * 2.0**-24 for word in generator.words(count)]


def wide_words(generator: Generator, count: int) -> list[int]:
    """Draw 64-bit words, the high half first."""
    words = generator.words(2 * count)
    return [high << 32 | low for high, low in zip(words[::2], words[1::2], strict=True)]


def wide_uniforms(generator: Generator, count: int) -> list[float]:
    """Draw uniforms on [0, 1) of 53 bits, two words each."""
    return [(word & 0x1FFFFFFFFFFFFF) * 2.0**-53 for word in wide_words(generator, count)]


def serial_normals(generator: Generator, count: int) -> list[float]:
    """Draw standard normal doubles in pairs; the generator keeps an odd one for the next call."""
    deviates: list[float] = []
    if count and generator.next_normal is not None:
        deviates.append(generator.next_normal)
        generator.next_normal = None
    draws = iter(wide_uniforms(generator, (count - len(deviates) + 1) // 2 * 2))
    for turn, distance in zip(draws, draws, strict=True):
        radius = math.sqrt(-2.0 * math.log1p(-distance))
        theta = 2.0 * math.pi * turn
        deviates += radius * math.cos(theta), radius * math.sin(theta)
    if len(deviates) > count:
        generator.next_normal = deviates.pop()
    return deviates


def cast_deviates(dtype_name: str, deviates: Iterable[float]) -> Samples:
    """Cast doubles to a real dtype; out of an integer's range as x86-64 does."""
    if dtype_name == "bool":
        return [deviate != 0.0 for deviate in deviates]
    if dtype_name in INTEGER_BITS:
        # the conversion yields 32 bits (64 for int64), or the smallest integer, then truncates
        low, high = parameters.integer_limits(dtype_name)
        floor = -(2**63) if dtype_name == "int64" else -(2**31)
        return [
            ((int(d) if floor <= d < -floor else floor) - low) % (high - low + 1) + low
            for d in deviates
        ]
    return round_to(dtype_name, deviates)


def _in_components(
    sampler: Callable[..., Samples],
    generator: Generator,
    count: int,
    dtype_name: str,
    *arguments: Any,
) -> Samples:
    """Sample the real and the imaginary parts of complex numbers in turn."""
    parts = iter(sampler(generator, 2 * count, COMPONENTS[dtype_name], *arguments))
    return [complex(real, imaginary) for real, imaginary in zip(parts, parts, strict=True)]


def uniform(
    generator: Generator, count: int, dtype_name: str, low: float = 0.0, high: float = 1.0
) -> Samples:
    """`rand` and `uniform_(low, high)`: floating or complex dtypes."""
    if dtype_name in COMPONENTS:
        return _in_components(uniform, generator, count, dtype_name, low, high)
    parameters.check_uniform(dtype_name, low, high)
    if dtype_name == "float64":
        draws, span = wide_uniforms(generator, count), high - low
    else:
        draws = narrow_uniforms(generator, count)
        low, high = round_single([low, high])
        span = round_single([high - low])[0]
    if (low, span) != (0.0, 1.0):
        draws = scale_and_shift(draws, span, low, dtype_name)
    samples = round_to(dtype_name, draws)
    first, end = round_to(dtype_name, [low, high])
    return [first if sample == end else sample for sample in samples]


def normal(
    generator: Generator,
    count: int,
    dtype_name: str,
    mean: float = 0.0,
    std: float = 1.0,
    contiguous: bool = True,
) -> Samples:
    """`randn` and `normal_(mean, std)`: floating or complex dtypes.

    A target that is not contiguous is filled serially, as are fewer than 16 numbers.
    """
    if dtype_name in COMPONENTS:
        part = std / math.sqrt(2.0)
        return _in_components(normal, generator, count, dtype_name, mean, part, contiguous)
    parameters.check_normal(dtype_name, count, std)
    if count < BLOCK or not contiguous:
        deviates = serial_normals(generator, count)
        return round_to(dtype_name, scale_and_shift(deviates, std, mean, "float64"))
    precision = "float64" if dtype_name == "float64" else "float32"
    draw = wide_uniforms if precision == "float64" else narrow_uniforms
    mean, std = round_to(precision, [mean, std])
    body, rest = normal_block_draws(count, dtype_name)
    uniforms = draw(generator, body)[: count - count % BLOCK]
    uniforms += draw(generator, rest)
    deviates = normal_blocks(uniforms, mean, std, precision)
    if rest:  # the last 16 numbers overlap the block before them
        deviates[count - BLOCK :] = deviates[-BLOCK:]
    return round_to(dtype_name, deviates)


def normal_block_draws(count: int, dtype_name: str) -> tuple[int, int]:
    """Return how many uniforms the blocks of `normal` draw: for the body, then for the last 16.

    In float32 and float64 the body draws one for each number, and the odd ones go unused.
    """
    odd = count % BLOCK
    body = count if dtype_name in ("float32", "float64") else count - odd
    return body, BLOCK if odd else 0


def normal_elementwise(
    generator: Generator,
    count: int,
    dtype_name: str,
    mean: float | Sequence[float],
    std: float | Sequence[float],
) -> Samples:
    """`torch.normal` of tensors: mean and std are numbers, or one number of the dtype per sample.

    A complex std is refused by torch. Rounds after each step, as torch does.
    """
    if not isinstance(std, Sequence):
        deviates = normal(generator, count, dtype_name, 0.0, std)
    else:
        parameters.check_normal_deviations(all(scale >= 0.0 for scale in std))
        deviates = normal(generator, count, dtype_name)
        scaled = (deviate * scale for deviate, scale in zip(deviates, std, strict=True))
        deviates = _rounded(dtype_name, scaled)
    shifts = mean if isinstance(mean, Sequence) else _rounded(dtype_name, [mean]) * count
    return _rounded(dtype_name, (d + shift for d, shift in zip(deviates, shifts, strict=True)))


def _rounded(dtype_name: str, numbers: Iterable[Any]) -> list[Any]:
    """Numbers rounded to a dtype, complex ones part by part."""
    part = COMPONENTS.get(dtype_name)
    if part is None:
        return round_to(dtype_name, numbers)
    numbers = [complex(number) for number in numbers]
    real = round_to(part, [number.real for number in numbers])
    return list(map(complex, real, round_to(part, [number.imag for number in numbers])))


def log_normal(
    generator: Generator, count: int, dtype_name: str, mean: float = 1.0, std: float = 2.0
) -> Samples:
    """`log_normal_(mean, std)`: floating dtypes."""
    parameters.check_log_normal(dtype_name, count, std)
    deviates = scale_and_shift(serial_normals(generator, count), std, mean, "float64")
    return round_to(dtype_name, map(_exponential_of, deviates))


def _exponential_of(exponent: float) -> float:
    try:
        return math.exp(exponent)
    except OverflowError:
        return math.inf


def cauchy(
    generator: Generator, count: int, dtype_name: str, median: float = 0.0, sigma: float = 1.0
) -> Samples:
    """`cauchy_(median, sigma)`: floating dtypes."""
    parameters.check_cauchy(dtype_name, sigma)
    draws = wide_uniforms(generator, count)
    tangents = [math.tan(math.pi * (draw - 0.5)) for draw in draws]
    return round_to(dtype_name, scale_and_shift(tangents, sigma, median, "float64"))


def exponential(generator: Generator, count: int, dtype_name: str, lambd: float = 1.0) -> Samples:
    """`exponential_(lambd)`: floating dtypes."""
    parameters.check_exponential(dtype_name, count, lambd)
    draws = wide_uniforms(generator, count)
    scale = -1.0 / lambd
    return round_to(dtype_name, [scale * math.log1p(-draw) for draw in draws])


def geometric(generator: Generator, count: int, dtype_name: str, p: float) -> Samples:
    """`geometric_(p)`: floating dtypes, int8 to int64 and uint8."""
    parameters.check_geometric(dtype_name, count, p)
    scale = math.log1p(-p)
    trials = (
        math.log(draw) / scale if draw else math.inf for draw in wide_uniforms(generator, count)
    )
    counts = (float(math.ceil(trial)) if trial < math.inf else trial for trial in trials)
    return cast_deviates(dtype_name, counts)


def rrelu_slopes(
    generator: Generator, count: int, dtype_name: str, lower: float, upper: float
) -> Samples:
    """The slopes of a training `rrelu`: one for each input that is not positive, in order."""
    parameters.require_float("rrelu_with_noise_out_cpu", dtype_name)
    lower, upper = round_to("float64" if dtype_name == "float64" else "float32", [lower, upper])
    span = upper - lower  # in double and, unlike in `uniform`, not fused
    return round_to(dtype_name, [u * span + lower for u in wide_uniforms(generator, count)])


def bernoulli(generator: Generator, count: int, dtype_name: str, p: float) -> Samples:
    """`bernoulli_(p)`: any real dtype torch samples. A dropout mask is `p = 1 - dropout`."""
    parameters.check_bernoulli(dtype_name, count, p)
    flips = (draw < p for draw in wide_uniforms(generator, count))
    return cast_deviates(dtype_name, map(float, flips))


def bernoulli_elementwise(
    generator: Generator,
    count: int,
    dtype_name: str,
    p: Sequence[float],
    p_dtype: str,
) -> Samples:
    """`bernoulli(p)` and `bernoulli_(p)` with one probability per sample, of dtype `p_dtype`."""
    draw = wide_uniforms if p_dtype == "float64" else narrow_uniforms
    if count:
        parameters.check_bernoulli_tensor(dtype_name, p_dtype)
        for place, chance in enumerate(p):
            if not 0.0 <= chance <= 1.0:
                draw(generator, place)  # those before it were drawn
                raise RuntimeError(parameters.PROBABILITY_OUT_OF_RANGE)
    flips = (u < chance for u, chance in zip(draw(generator, count), p, strict=True))
    return cast_deviates(dtype_name, map(float, flips))


def random(
    generator: Generator,
    count: int,
    dtype_name: str,
    low: int | None = None,
    high: int | None = None,
) -> Samples:
    """`random_()`, `random_(low, None)`, and `random_(low, high)` or `randint(low, high)`."""
    if low is None and not count:
        return []
    plan = parameters.integer_draw(dtype_name, low, high)
    words = wide_words(generator, count) if plan.wide else generator.words(count)
    return _cast_integers(dtype_name, _integers(words, plan))


def _integers(words: Iterable[int], plan: IntegerDraw) -> list[int]:
    values = [word % plan.modulus + plan.base for word in words]
    if plan.modulus > 2**63 or plan.base + plan.modulus > 2**63:
        half = _TWO_64 >> 1
        values = [(value + half) % _TWO_64 - half for value in values]
    return values


def _cast_integers(dtype_name: str, values: Iterable[int]) -> Samples:
    if dtype_name == "bool":
        return [value != 0 for value in values]
    if dtype_name not in FLOAT_DIGITS:
        return list(values)
    if dtype_name != "float64":
        # a 64-bit integer is rounded once: fold what a double would drop into its last bit
        values = [(v >> 11 | (v & 0x7FF != 0)) << 11 if abs(v) >> 53 else v for v in values]
    return round_to(dtype_name, map(float, values))


def randperm(generator: Generator, count: int, dtype_name: str = "int64") -> Samples:
    """`randperm(count)`: a permutation of 0 ... count - 1, rounded to a floating dtype."""
    parameters.check_randperm(dtype_name, count)
    if count < RANDPERM_LARGE:
        narrow = generator.words(max(count - 1, 0))
        steps = [word % (count - index) for index, word in enumerate(narrow)]
        return _cast_integers(dtype_name, shuffled(count, steps))
    permutation = array("q", bytes(8 * count))
    for start in range(0, count, _LARGE_DRAW):
        words = wide_words(generator, min(_LARGE_DRAW, count - start))
        for index, word in enumerate(words, start):
            other = word % (index + 1)
            permutation[index] = permutation[other]
            permutation[other] = index
    return _cast_integers(dtype_name, permutation)


def shuffled(count: int, steps: Iterable[int]) -> array[int]:
    """Swap each of 0 ... count - 1 in turn with the value so many steps ahead of it."""
    values = array("q", range(count))  # half the time of a list: no references to count
    for index, step in enumerate(steps):
        other = index + step
        values[index], values[other] = values[other], values[index]
    return values


def multinomial(
    generator: Generator,
    count: int,
    dtype_name: str,
    weights: Sequence[float],
    replacement: bool = False,
    races: Sequence[float] | None = None,
) -> list[int]:
    """Draw `count` indices of one row of weights of a floating dtype; ``races`` are drawn already.

    The rows of a matrix are drawn one after the other; torch looks at all weights before it draws.
    """
    parameters.check_multinomial(dtype_name, len(weights), count, replacement)
    if replacement and count > 1:
        cumulative = cumulative_weights(dtype_name, weights)
        return [bisect_left(cumulative, draw) for draw in wide_uniforms(generator, count)]
    check_rows([weights])
    races = exponential(generator, len(weights), dtype_name) if races is None else races
    pairs = zip(weights, races, strict=True)
    return largest(round_to(dtype_name, [_quotient(weight, race) for weight, race in pairs]), count)


def check_rows(rows: Sequence[Sequence[float]]) -> None:
    """Raise RuntimeError for rows of weights that are not drawn from without replacement."""
    totals = [sum(row) for row in rows]
    for row, total in zip(rows, totals, strict=True):
        smallest = math.nan if math.isnan(total) else min(row)
        parameters.check_weights(smallest, max(row), math.nan)
    for total in totals:
        parameters.check_weights(0.0, 0.0, total)


def _quotient(weight: float, race: float) -> float:
    if race:
        return weight / race
    return math.inf if weight else math.nan


def cumulative_weights(dtype_name: str, weights: Sequence[float]) -> list[float]:
    """Return the running sums of the weights over their total, the last one 1."""
    parameters.check_weights_in_order(list(weights))
    precision = "float64" if dtype_name == "float64" else "float32"
    sums = list(accumulate(weights, lambda a, b: round_to(precision, [a + b])[0]))
    cumulative = round_to(precision, (part / sums[-1] for part in sums))
    cumulative[-1] = 1.0
    return cumulative
