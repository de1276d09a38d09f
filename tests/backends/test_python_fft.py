"""Fourier transforms on lists: against sums written out, and the roots of unity to the last bit."""

from __future__ import annotations

import cmath
import math
import random

import pytest

fft = pytest.importorskip("autograd_python.fft")

LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 15, 49, 61, 64, 67, 122, 134, 210, 256, 343)


def summed(line, forward):
    """The transform by its definition, each angle reduced in integers."""
    n = len(line)
    sign = -2j if forward else 2j
    roots = [cmath.exp(sign * math.pi * k / n) for k in range(n)]
    terms = [[z * roots[j * k % n] for j, z in enumerate(line)] for k in range(n)]
    return [
        complex(math.fsum(z.real for z in row), math.fsum(z.imag for z in row)) for row in terms
    ]


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("n", LENGTHS)
def test_any_length_and_batches(n, forward):
    source = random.Random(n)
    lines = [[complex(source.gauss(), source.gauss()) for _ in range(n)] for _ in range(3)]
    got = fft.transform([z for line in lines for z in line], n, forward)
    for place, line in enumerate(lines):
        expected = summed(line, forward)
        largest = max(map(abs, expected))
        for one, two in zip(got[place * n : (place + 1) * n], expected, strict=True):
            assert abs(one - two) < 4e-15 * largest


@pytest.mark.parametrize("n", [2, 4, 6, 10, 24, 134])
def test_half_of_the_transform_of_real_lines(n):
    source = random.Random(n)
    lines = [[source.gauss(0, 1) for _ in range(n)] for _ in range(3)]
    got = fft.transform_of_real([x for line in lines for x in line], n)
    half = n // 2 + 1
    for place, line in enumerate(lines):
        expected = summed(line, True)[:half]
        for one, two in zip(got[place * half : (place + 1) * half], expected, strict=True):
            assert abs(one - two) < 4e-15 * max(map(abs, expected))


def test_long_prime_length_is_fast_enough_to_be_no_double_loop():
    n = 20011  # a double loop would take minutes
    line = [0j] * n
    line[1] = 1 + 0j
    got = fft.transform(line, n, True)
    assert max(abs(one - two) for one, two in zip(got, fft.roots_of_unity(n), strict=True)) < 1e-14


@pytest.mark.parametrize("n", [1, 2, 8, 24, 1000, 7, 360, 4096])
def test_roots_of_unity_are_rounded_correctly(n):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        for k, root in enumerate(fft.roots_of_unity(n)):
            exact = mpmath.expjpi(mpmath.mpf(-2 * k) / n)
            assert root == complex(float(exact.real), float(mpmath.chop(exact.imag)))
