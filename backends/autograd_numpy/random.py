"""torch's CPU samplers on NumPy: the numbers of `autograd_core.random_streams`, as 1-d arrays.

What depends on the C library's last bit is computed by the C library here as well: NumPy's own
float64 `log` and `log1p` differ from it. bfloat16 arrays have the dtype of ml_dtypes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

from autograd_core import random_parameters as parameters
from autograd_core import random_streams as streams
from autograd_core.box_muller import BLOCK
from autograd_core.generator import Generator
from autograd_core.narrow_floats import round_to
from autograd_core.random_parameters import COMPONENTS, IntegerDraw
from autograd_core.selection_order import largest

from .box_muller import fused_scale_and_shift, normal_blocks

Array = np.ndarray[Any, Any]

_ENGINE_SWITCH = 8192  # words from which moving the state to NumPy's MT19937 pays: 60 us, 9 ns each


def _dtype(name: str) -> np.dtype[Any]:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def _words(generator: Generator, count: int) -> Array:
    """Draw 32-bit words, as uint64."""
    if count < _ENGINE_SWITCH:
        return np.frombuffer(generator.words(count), np.uint32).astype(np.uint64)
    words, index = generator.engine_state()
    engine = np.random.MT19937(0)
    key = np.array(words, np.uint32)
    engine.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": index}}
    drawn: Array = engine.random_raw(count)
    reached: Any = engine.state["state"]
    generator.advance_to(reached["key"].tolist(), int(reached["pos"]))
    return drawn


def _wide_words(generator: Generator, count: int) -> Array:
    words = _words(generator, 2 * count)
    high: Array = words[::2] << np.uint64(32)
    high |= words[1::2]
    return high


def _narrow_uniforms(generator: Generator, count: int) -> Array:
    words = _words(generator, count)
    words &= np.uint64(0xFFFFFF)
    return words.astype(np.float32) * np.float32(2.0**-24)


def _wide_uniforms(generator: Generator, count: int) -> Array:
    words = _wide_words(generator, count)
    words &= np.uint64(0x1FFFFFFFFFFFFF)
    return words.astype(np.float64) * 2.0**-53


def _cast(dtype_name: str, values: Array) -> Array:
    """Cast to a real floating dtype; the 16-bit ones pass through float32."""
    with np.errstate(over="ignore"):
        if dtype_name in ("float16", "bfloat16"):
            values = values.astype(np.float32)
        return values.astype(_dtype(dtype_name), copy=False)


def _mapped(function: Callable[[float], float], values: Array) -> Array:
    """Apply a function of the C library to each float64."""
    return np.fromiter(map(function, values.tolist()), np.float64, len(values))


def _complex(parts: Array, dtype_name: str) -> Array:
    return parts.view(np.dtype(dtype_name))


def uniform(
    generator: Generator, count: int, dtype_name: str, low: float = 0.0, high: float = 1.0
) -> Array:
    """`rand` and `uniform_(low, high)`: floating dtypes, complex64 and complex128."""
    if dtype_name in COMPONENTS:
        parts = uniform(generator, 2 * count, COMPONENTS[dtype_name], low, high)
        return _complex(parts, dtype_name)
    parameters.check_uniform(dtype_name, low, high)
    if dtype_name == "float64":
        draws, span = _wide_uniforms(generator, count), high - low
    else:
        draws = _narrow_uniforms(generator, count)
        low, high = round_to("float32", [low, high])
        span = round_to("float32", [high - low])[0]
    if (low, span) != (0.0, 1.0):
        draws = fused_scale_and_shift(draws, span, low)
    samples = _cast(dtype_name, draws)
    if (low, high) != (0.0, 1.0) or dtype_name in ("float16", "bfloat16"):
        first, end = _cast(dtype_name, np.array([low, high]))
        samples[samples == end] = first
    return samples


def normal(
    generator: Generator,
    count: int,
    dtype_name: str,
    mean: float = 0.0,
    std: float = 1.0,
    contiguous: bool = True,
) -> Array:
    """`randn` and `normal_(mean, std)`: floating dtypes, complex64 and complex128."""
    if dtype_name in COMPONENTS:
        part = std / math.sqrt(2.0)
        deviates = normal(generator, 2 * count, COMPONENTS[dtype_name], mean, part, contiguous)
        return _complex(deviates, dtype_name)
    if count < BLOCK or not contiguous:
        samples = streams.normal(generator, count, dtype_name, mean, std, contiguous)
        return np.array(samples, _dtype(dtype_name))
    parameters.check_normal(dtype_name, count, std)
    draw = _wide_uniforms if dtype_name == "float64" else _narrow_uniforms
    body, rest = streams.normal_block_draws(count, dtype_name)
    uniforms = draw(generator, body)[: count - count % BLOCK]
    if rest:
        uniforms = np.concatenate([uniforms, draw(generator, rest)])
    deviates = normal_blocks(uniforms, mean, std)
    if rest:
        deviates[count - BLOCK : count] = deviates[-BLOCK:]
    return _cast(dtype_name, deviates[:count])


def normal_elementwise(
    generator: Generator, count: int, dtype_name: str, mean: float | Array, std: float | Array
) -> Array:
    """`torch.normal` of tensors: mean and std are numbers or 1-d arrays of the dtype."""
    if not isinstance(std, np.ndarray):
        deviates = normal(generator, count, dtype_name, 0.0, std)
    else:
        parameters.check_normal_deviations(bool(np.all(std >= 0)))
        deviates = normal(generator, count, dtype_name)
        deviates *= std
    deviates += mean if isinstance(mean, np.ndarray) else deviates.dtype.type(mean)
    return deviates


def log_normal(
    generator: Generator, count: int, dtype_name: str, mean: float = 1.0, std: float = 2.0
) -> Array:
    """`log_normal_(mean, std)`: floating dtypes."""
    samples = streams.log_normal(generator, count, dtype_name, mean, std)
    return np.array(samples, _dtype(dtype_name))


def cauchy(
    generator: Generator, count: int, dtype_name: str, median: float = 0.0, sigma: float = 1.0
) -> Array:
    """`cauchy_(median, sigma)`: floating dtypes."""
    parameters.check_cauchy(dtype_name, sigma)
    angles = math.pi * (_wide_uniforms(generator, count) - 0.5)
    return _cast(dtype_name, fused_scale_and_shift(_mapped(math.tan, angles), sigma, median))


def exponential(generator: Generator, count: int, dtype_name: str, lambd: float = 1.0) -> Array:
    """`exponential_(lambd)`: floating dtypes."""
    parameters.check_exponential(dtype_name, count, lambd)
    logs = _mapped(math.log1p, -_wide_uniforms(generator, count))
    return _cast(dtype_name, -1.0 / lambd * logs)


def geometric(generator: Generator, count: int, dtype_name: str, p: float) -> Array:
    """`geometric_(p)`: floating dtypes, int8 to int64 and uint8."""
    samples = streams.geometric(generator, count, dtype_name, p)
    return np.array(samples, _dtype(dtype_name))


def rrelu_slopes(
    generator: Generator, count: int, dtype_name: str, lower: float, upper: float
) -> Array:
    """The slopes of a training `rrelu`: one for each input that is not positive, in order."""
    parameters.require_float("rrelu_with_noise_out_cpu", dtype_name)
    lower, upper = round_to("float64" if dtype_name == "float64" else "float32", [lower, upper])
    return _cast(dtype_name, _wide_uniforms(generator, count) * (upper - lower) + lower)


def bernoulli(generator: Generator, count: int, dtype_name: str, p: float) -> Array:
    """`bernoulli_(p)`: any real dtype torch samples. A dropout mask is `p = 1 - dropout`."""
    parameters.check_bernoulli(dtype_name, count, p)
    return (_wide_uniforms(generator, count) < p).astype(_dtype(dtype_name))


def bernoulli_elementwise(
    generator: Generator, count: int, dtype_name: str, p: Array, p_dtype: str
) -> Array:
    """`bernoulli(p)` and `bernoulli_(p)` with one probability per sample, of dtype `p_dtype`."""
    draw = _wide_uniforms if p_dtype == "float64" else _narrow_uniforms
    if count:
        parameters.check_bernoulli_tensor(dtype_name, p_dtype)
        possible = (p >= 0) & (p <= 1)
        if not np.all(possible):
            draw(generator, int(np.argmin(possible)))  # those before it were drawn
            raise RuntimeError(parameters.PROBABILITY_OUT_OF_RANGE)
    uniforms = draw(generator, count)
    return (uniforms < p.astype(uniforms.dtype)).astype(_dtype(dtype_name))


def random(
    generator: Generator,
    count: int,
    dtype_name: str,
    low: int | None = None,
    high: int | None = None,
) -> Array:
    """`random_()`, `random_(low, None)`, and `random_(low, high)` or `randint(low, high)`."""
    if low is None and not count:
        return np.empty(0, _dtype(dtype_name))
    plan = parameters.integer_draw(dtype_name, low, high)
    values = _integers(generator, count, plan)
    if dtype_name == "bfloat16":
        values = values.astype(np.float32)
    return values.astype(_dtype(dtype_name), copy=False)


def _integers(generator: Generator, count: int, plan: IntegerDraw) -> Array:
    words = _wide_words(generator, count) if plan.wide else _words(generator, count)
    if plan.modulus < 2**64:
        words %= np.uint64(plan.modulus)
    words += np.uint64(plan.base % 2**64)  # wraps, as the two's complement of a negative base
    return words.view(np.int64)


def randperm(generator: Generator, count: int, dtype_name: str = "int64") -> Array:
    """`randperm(count)`: a permutation of 0 ... count - 1, rounded to a floating dtype."""
    if not 0 < count < streams.RANDPERM_LARGE:
        return np.array(streams.randperm(generator, count, dtype_name), _dtype(dtype_name))
    parameters.check_randperm(dtype_name, count)
    steps = _words(generator, count - 1) % np.arange(count, 1, -1, dtype=np.uint64)
    permutation = np.frombuffer(streams.shuffled(count, steps.tolist()), np.int64)
    if dtype_name == "bfloat16":
        permutation = permutation.astype(np.float32)
    return permutation.astype(_dtype(dtype_name), copy=False)


def multinomial(
    generator: Generator, count: int, dtype_name: str, weights: Array, replacement: bool = False
) -> Array:
    """Draw `count` indices (int64) of one row of weights of a floating dtype."""
    parameters.check_multinomial(dtype_name, len(weights), count, replacement)
    if replacement and count > 1:
        parameters.check_weights_in_order(weights.tolist())
        precision = np.float64 if dtype_name == "float64" else np.float32
        sums = np.add.accumulate(weights.astype(precision))
        cumulative = sums / sums[-1]
        cumulative[-1] = 1.0
        return np.searchsorted(cumulative.astype(np.float64), _wide_uniforms(generator, count))
    parameters.check_weights(float(weights.min()), float(weights.max()), float(weights.sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = weights / exponential(generator, len(weights), dtype_name)
    return np.array(largest(ratios.tolist(), count), np.int64)
