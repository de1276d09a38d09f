"""Signed, non-uniform, seeded numbers, the same with and without torch at hand.

They are those of torch's CPU generator: a Mersenne Twister, which Python's `random` has as well.
"""

from __future__ import annotations

import functools
import math
import random
import struct
import zlib
from array import array

#: Bits of a significand, of the dtypes whose grid is coarser than float32's.
_GRIDS = {"float16": 11, "bfloat16": 8}

#: The most numbers of a draw of which many are kept for other runs of the same case.
_SHORT = 10_000


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


def signed(seed: int, count: int, grid: str, *, complex_parts: bool) -> tuple[complex, ...]:
    """`count` numbers of magnitude 0.5 to 1.5 (each part's, if complex), on the grid of a dtype."""
    draw = _many_short if count <= _SHORT else _few_long
    return draw(seed, count, grid, complex_parts)


def _draw(seed: int, count: int, grid: str, complex_parts: bool) -> tuple[complex, ...]:
    source = generator(seed)
    real = _signed(source, count, grid)
    if not complex_parts:
        return tuple(real)
    return tuple(map(complex, real, _signed(source, count, grid)))


_many_short = functools.lru_cache(maxsize=512)(_draw)
_few_long = functools.lru_cache(maxsize=3)(_draw)


def _signed(source: random.Random, count: int, grid: str) -> list[float]:
    magnitudes, signs = _words(source, count), _words(source, count)
    bits = _GRIDS.get(grid)
    # Single precision rounds them.
    values = array("f", [(word & 0xFFFFFF) * 2.0**-24 + 0.5 for word in magnitudes]).tolist()
    values = [value if sign % 2 else -value for value, sign in zip(values, signs, strict=True)]
    return values if bits is None else [_on_grid(value, bits) for value in values]


def _words(source: random.Random, count: int) -> tuple[int, ...]:
    """The generator's next words of 32 bits: of one large number, the lowest first."""
    drawn = source.getrandbits(32 * count) if count else 0
    return struct.unpack(f"<{count}I", drawn.to_bytes(4 * count, "little"))


def _on_grid(value: float, bits: int) -> float:
    """The nearest number of so many significant bits, ties to even (no subnormals here)."""
    fraction, exponent = math.frexp(value)
    return math.ldexp(round(math.ldexp(fraction, bits)), exponent - bits)
