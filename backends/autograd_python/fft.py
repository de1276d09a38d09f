"""Fourier transforms of any length in O(n log n), on lists.

A length is split into factors up to 61, one pass over the whole list for each (Cooley and Tukey,
decimation in time). A pass combines parts that lie one behind the other and writes the results
interleaved, so that it is the same few calls of ``map`` whatever the length, and a batch of lines
goes through as one list; the frequencies are put in order at the end (Pease 1968). Lengths with a
larger prime factor are convolutions with a chirp (Bluestein 1970).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from functools import lru_cache
from itertools import repeat
from operator import add, itemgetter, mul, sub
from typing import Any, Final, NamedTuple

from .array import Array, new

Line = list[complex]

_LARGEST_FACTOR: Final = 61
_BITS: Final = 160
_TURN: Final = 0x6487ED5110B4611A62633145C06E0E68948127044
"""A whole turn, 2 pi, in units of 2 ** -160."""


@lru_cache(16)
def roots_of_unity(n: int) -> Line:
    """Return exp(-2 pi i k / n) for k below n, each part rounded correctly."""
    if n % 8:
        more = math.lcm(n, 8)
        return roots_of_unity(more)[:: more // n]
    eighth = _powers(_TURN // n, n // 8)
    quarter = eighth + [complex(-z.imag, -z.real) for z in eighth[-2::-1]]
    half = quarter[:-1] + [complex(z.imag, -z.real) for z in quarter[:-1]]
    return half + [-z for z in half]


def _powers(angle: int, count: int) -> Line:
    """Return exp(-i k angle) for k from 0 to ``count``, in fixed point until the last step."""
    one = 1 << _BITS
    cosine, sine, term, k = one, 0, one, 0
    while term:
        k += 1
        term = (term * angle >> _BITS) // k
        if k % 2:
            sine += -term if k % 4 == 3 else term
        else:
            cosine += -term if k % 4 == 2 else term
    real, imag = one, 0
    powers = []
    for _ in range(count + 1):
        powers.append(complex(real / one, -imag / one))
        real, imag = (
            (real * cosine - imag * sine) >> _BITS,
            (real * sine + imag * cosine) >> _BITS,
        )
    return powers


def _factors(n: int) -> list[int]:
    """Return prime factors, pairs of 2 as 4; the largest come first."""
    found = []
    for factor in (4, 2, 3):
        while n % factor == 0:
            found.append(factor)
            n //= factor
    factor = 5
    while n > 1:
        if factor * factor > n:
            factor = n
        while n % factor == 0:
            found.append(factor)
            n //= factor
        factor += 2
    return sorted(found, reverse=True)


class _Stage(NamedTuple):
    """One pass: the twiddle factors of the parts after the first, and what combines the parts."""

    twiddles: list[Line]
    combine: Callable[[list[Line]], list[Line]]


class _Plan(NamedTuple):
    """The passes of a transform, and where each frequency stands after them."""

    stages: list[_Stage]
    places: list[int]


@lru_cache(32)
def _plan(n: int, forward: bool) -> _Plan:
    roots = roots_of_unity(n)
    if not forward:
        roots = [z.conjugate() for z in roots]
    stages = []
    done, order = 1, [0]  # the frequencies of the transforms so far, as they stand
    for factor in _factors(n):
        step = n // (done * factor)
        twiddles = [[roots[part * step * k] for k in order] for part in range(1, factor)]
        stages.append(_Stage(twiddles, _butterfly(factor, forward)))
        order = [k + done * j for k in order for j in range(factor)]
        done *= factor
    places = [0] * n
    for place, k in enumerate(order):
        places[k] = place
    return _Plan(stages, places)


def _butterfly(factor: int, forward: bool) -> Callable[[list[Line]], list[Line]]:
    """Return the transform of ``factor`` lists, element by element."""
    if factor == 2:
        return _two
    quarter = -1j if forward else 1j
    if factor == 4:
        return lambda parts: _four(parts, quarter)
    roots = roots_of_unity(factor)
    cosines = [complex(z.real) for z in roots]
    sines = [complex(0, z.imag if forward else -z.imag) for z in roots]
    return lambda parts: _odd(parts, cosines, sines)


def _two(parts: list[Line]) -> list[Line]:
    first, second = parts
    return [list(map(add, first, second)), list(map(sub, first, second))]


def _four(parts: list[Line], quarter: complex) -> list[Line]:
    first, second, third, fourth = parts
    even, odd = list(map(add, first, third)), list(map(add, second, fourth))
    even_rest = list(map(sub, first, third))
    odd_rest = list(map(mul, map(sub, second, fourth), repeat(quarter)))
    return [
        list(map(add, even, odd)),
        list(map(add, even_rest, odd_rest)),
        list(map(sub, even, odd)),
        list(map(sub, even_rest, odd_rest)),
    ]


def _odd(parts: list[Line], cosines: Line, sines: Line) -> list[Line]:
    """Transform an odd number of lists: parts and results in pairs that mirror each other."""
    count = len(parts)
    pairs = range(1, count // 2 + 1)
    sums = [list(map(add, parts[k], parts[count - k])) for k in pairs]
    differences = [list(map(sub, parts[k], parts[count - k])) for k in pairs]
    results: list[Line] = [[]] * count
    total = parts[0]
    for other in sums:
        total = list(map(add, total, other))
    results[0] = total
    for j in pairs:
        even = parts[0]
        odd: Line = []
        for k, one, two in zip(pairs, sums, differences, strict=True):
            even = list(map(add, even, map(mul, one, repeat(cosines[j * k % count]))))
            turned = map(mul, two, repeat(sines[j * k % count]))
            odd = list(map(add, odd, turned) if odd else turned)
        results[j] = list(map(add, even, odd))
        results[count - j] = list(map(sub, even, odd))
    return results


def transform(lines: Line, n: int, forward: bool) -> Line:
    """Return the transforms of lines of n points, which lie one behind the other."""
    if n == 1 or not lines:
        return lines
    if n <= _LARGEST_FACTOR and not all(map(cmath.isfinite, lines)):
        return _by_parts(lines, n, forward)
    if max(_factors(n)) > _LARGEST_FACTOR:
        return _by_chirp(lines, n, forward)
    stages, places = _plan(n, forward)
    values = _transposed(lines, n)
    total = len(values)
    for twiddles, combine in stages:
        size = total // (len(twiddles) + 1)
        parts = [values[start : start + size] for start in range(0, total, size)]
        if len(twiddles[0]) > 1:  # in the first pass all are 1
            again = size // len(twiddles[0])
            parts[1:] = [
                list(map(mul, part, factors * again))
                for part, factors in zip(parts[1:], twiddles, strict=True)
            ]
        values = [0j] * total
        for k, part in enumerate(combine(parts)):
            values[k :: len(parts)] = part
    in_order = itemgetter(*places)
    if total == n:
        return list(in_order(values))
    ordered: Line = []
    for start in range(0, total, n):
        ordered += in_order(values[start : start + n])
    return ordered


def _by_parts(lines: Line, n: int, forward: bool) -> Line:
    """Transform short lines that hold infinities by their definition, in real numbers.

    An infinity reaches only the parts that it belongs to: a product of complex numbers, one of
    whose parts is zero, would make NaN of the other.
    """
    roots = roots_of_unity(n)
    if not forward:
        roots = [z.conjugate() for z in roots]
    result: Line = []
    for start in range(0, len(lines), n):
        line = lines[start : start + n]
        for k in range(n):
            real = imag = 0.0
            for j, value in enumerate(line):
                root = roots[j * k % n]
                if root.real:
                    real += value.real * root.real
                    imag += value.imag * root.real
                if root.imag:
                    real -= value.imag * root.imag
                    imag += value.real * root.imag
            result.append(complex(real, imag))
    return result


class _Chirp(NamedTuple):
    """exp(-pi i k ** 2 / n), and the transform of its conjugate as a filter of ``size`` points."""

    factors: Line
    spectrum: Line
    size: int


@lru_cache(16)
def _chirp(n: int, forward: bool) -> _Chirp:
    roots = roots_of_unity(2 * n)
    if not forward:
        roots = [z.conjugate() for z in roots]
    factors = [roots[k * k % (2 * n)] for k in range(n)]
    size = 1 << (2 * n - 2).bit_length()
    conjugates = [z.conjugate() for z in factors]
    filter = conjugates + [0j] * (size - 2 * n + 1) + conjugates[:0:-1]
    spectrum = transform(filter, size, True)
    return _Chirp(factors, [z / size for z in spectrum], size)


def _by_chirp(lines: Line, n: int, forward: bool) -> Line:
    """Transform lines of any length: j k is (j ** 2 + k ** 2 - (j - k) ** 2) / 2."""
    factors, spectrum, size = _chirp(n, forward)
    count = len(lines) // n
    padded: Line = []
    for start in range(0, len(lines), n):
        padded += map(mul, lines[start : start + n], factors)
        padded += [0j] * (size - n)
    product = list(map(mul, transform(padded, size, True), spectrum * count))
    filtered = transform(product, size, False)
    result: Line = []
    for start in range(0, len(filtered), size):
        result += map(mul, filtered[start : start + n], factors)
    return result


def transform_of_real(lines: list[float], n: int) -> Line:
    """Return the first half, n // 2 + 1 frequencies, of the transforms of real lines; n is even.

    The points in pairs are complex numbers, of whose transform half the length is left to add up.
    """
    half = n // 2
    if n <= _LARGEST_FACTOR and not all(map(math.isfinite, lines)):
        whole = _by_parts(list(map(complex, lines)), n, True)
        return [z for start in range(0, len(whole), n) for z in whole[start : start + half + 1]]
    pairs = transform(list(map(complex, lines[::2], lines[1::2])), half, True)
    turned = [z * -0.5j for z in roots_of_unity(n)[:half]]
    result: Line = []
    for start in range(0, len(pairs), half):
        line = pairs[start : start + half]
        mirrored = list(map(complex.conjugate, line[:1] + line[:0:-1]))
        even = list(map(mul, map(add, line, mirrored), repeat(0.5 + 0j)))
        odd = list(map(mul, map(sub, line, mirrored), turned))
        result += map(add, even, odd)
        result.append(even[0] - odd[0])
    return result


def _transposed(values: Line, columns: int) -> Line:
    """Return a row-major matrix column by column."""
    rows = len(values) // columns
    if rows == 1 or columns == 1:
        return values
    result: Line = []
    if columns < rows:
        for column in range(columns):
            result += values[column::columns]
        return result
    result = [0j] * len(values)
    for row in range(rows):
        result[row::rows] = values[row * columns : (row + 1) * columns]
    return result


def _scaled(values: Line, count: int, normalization: int) -> Line:
    """Return the numbers over the root of the count, or over it."""
    if not normalization:
        return values
    scale = 1 / (math.sqrt(count) if normalization == 1 else count)
    if not all(map(cmath.isfinite, values)):
        return [complex(z.real * scale, z.imag * scale) for z in values]
    return list(map(mul, values, repeat(complex(scale))))


class Fft:
    """The function of the capability "fft"."""

    def dft(self, input: Array, rank: int, normalization: int, forward: bool) -> Array:
        shape = input.shape
        values: list[Any] = input.elements()
        for size in reversed(shape[len(shape) - rank :]):
            values = transform(values, size, forward)
            if rank > 1:
                values = _transposed(values, size)  # the next dim becomes the last
        count = math.prod(shape[len(shape) - rank :])
        if rank > 1:
            values = _transposed(values, len(values) // count) if values else values
        return new(_scaled(values, count, normalization), shape, input.dtype)

    def dft_of_real(self, input: Array, rank: int, normalization: int, onesided: bool) -> Array:
        shape = input.shape
        n = shape[-1]
        if rank > 1 or n % 2 or not onesided:
            return super().dft_of_real(input, rank, normalization, onesided)  # type: ignore[misc, no-any-return]
        values = _scaled(transform_of_real(input.elements(), n), n, normalization)
        return new(values, (*shape[:-1], n // 2 + 1), input.dtype.to_complex())
