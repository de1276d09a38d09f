"""Signed, non-uniform, seeded numbers, the same with and without torch at hand.

They are those of torch's CPU generator: a Mersenne Twister, which Python's `random` has as well.
"""

from __future__ import annotations

import functools
import math
import random
import struct
import zlib

#: Bits of a significand, of the dtypes whose grid is coarser than float32's.
_GRIDS = {"float16": 11, "bfloat16": 8}


def key_seed(*parts: object) -> int:
    """A seed of 32 bits that depends on the text of all parts."""
    return zlib.crc32("|".join(map(str, parts)).encode())


def generator(seed: int) -> random.Random:
    """A generator that yields the words of `torch.Generator().manual_seed(seed)`."""
    state = [seed & 0xFFFFFFFF]
    for i in range(1, 624):
        last = state[-1]
        state.append((1812433253 * (last ^ (last >> 30)) + i) & 0xFFFFFFFF)
    made = random.Random()
    made.setstate((3, (*state, 624), None))
    return made


@functools.lru_cache(maxsize=512)
def signed(seed: int, count: int, grid: str, *, complex_parts: bool) -> tuple[complex, ...]:
    """`count` numbers of magnitude 0.5 to 1.5 (each part's, if complex), on the grid of a dtype."""
    source = generator(seed)
    real = _signed(source, count, grid)
    if not complex_parts:
        return tuple(real)
    return tuple(map(complex, real, _signed(source, count, grid)))


def _signed(source: random.Random, count: int, grid: str) -> list[float]:
    words = [source.getrandbits(32) for _ in range(count)]
    signs = [source.getrandbits(32) % 2 * 2 - 1 for _ in range(count)]
    bits = _GRIDS.get(grid)
    values = [
        _single((word & 0xFFFFFF) * 2.0**-24 + 0.5) * sign
        for word, sign in zip(words, signs, strict=True)
    ]
    return values if bits is None else [_on_grid(value, bits) for value in values]


def _single(value: float) -> float:
    rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    return rounded


def _on_grid(value: float, bits: int) -> float:
    """The nearest number of so many significant bits, ties to even (no subnormals here)."""
    fraction, exponent = math.frexp(value)
    return math.ldexp(round(math.ldexp(fraction, bits)), exponent - bits)
