"""Derived pointwise kernels, written in the required ones."""

from __future__ import annotations

from typing import Any

Array = Any


class PointwiseDefaults:
    """Derived pointwise functions of the backend contract."""

    def reciprocal(self: Any, input: Array) -> Array:
        """1 / input; floating and complex arrays."""
        return self.div(self.scalar(1, self.dtype(input)), input)

    def square(self: Any, input: Array) -> Array:
        """input * input."""
        return self.mul(input, input)

    def rsqrt(self: Any, input: Array) -> Array:
        """1 / sqrt(input)."""
        return self.reciprocal(self.sqrt(input))

    def conj(self: Any, input: Array) -> Array:
        """Conjugate of a complex array; a real array as it is."""
        return self.conj_physical(input) if self.dtype(input).is_complex else input

    def sgn(self: Any, input: Array) -> Array:
        """sign(input) for real arrays; input / |input|, 0 at 0, for complex ones."""
        dtype = self.dtype(input)
        if not dtype.is_complex:
            return self.sign(input)
        magnitude = self.abs(input)
        zero = self.eq(magnitude, 0)
        safe = self.where(zero, self.scalar(1, dtype.to_real()), magnitude)
        return self.where(zero, self.scalar(0, dtype), self.div(input, self.cast(safe, dtype)))

    def pow_scalar(self: Any, input: Array, exponent: Any) -> Array:
        """input to the power of a Python number."""
        return self.pow(input, self.scalar(exponent, self.dtype(input)))
