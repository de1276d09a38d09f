"""Pointwise arithmetic, comparison and elementary functions.

Where NumPy's function does what the contract says, the kernel is that ufunc itself, so that a call
costs no Python frame. Arithmetic goes by Python's operators, which on two NumPy scalars, as 0-d
results are, take 40 ns where the ufunc takes 550.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd_core.backend import FEW, OF_FEW

from .arrays import SCALARS
from .blocks import pointwise, scratch
from .element_types import DTYPE, WIDE

Array = Any

_MANY = FEW


def _refuse_zero(input: Array, other: Array) -> None:
    zero = other.dtype.kind in "iub" and not np.logical_and.reduce(other, None)
    if zero and np.broadcast(input, other).size:
        raise RuntimeError("ZeroDivisionError")


def _float_power(input: Array, other: Array) -> Array:
    """Powers of floats, rightly rounded nearly always: second derivatives cancel what is left.

    np.power is one unit off in 5% of float64 and 21% of float32 results; libm, to which NumPy goes
    for float_power, in less than 0.1%, in three times the time: which a few elements do not notice.
    """
    if other.dtype.itemsize < 8:
        return np.power(input, other, dtype=np.float64).astype(other.dtype)
    return (np.float_power if max(input.size, other.size) < 1024 else np.power)(input, other)


def _powers_of_zero(other: Array) -> Array:
    """What C's cpow makes of a complex zero: the exponential of ``other`` times -inf."""
    power = np.full(other.shape, complex(np.nan, np.nan), other.dtype)
    power[other.real > 0] = complex(0.0, -0.0)
    power[(other.real > 0) & (other.imag < 0)] = 0
    power[other.real < 0] = complex(np.inf, np.nan)
    return power


def _single_tanh(input: Array, out: Array) -> None:
    wide = np.tanh(input, out=scratch(input.shape, np.dtype(np.float64)), dtype=np.float64)
    np.copyto(out, wide, casting="same_kind")


def _shared_out(ufunc: Any) -> Any:
    """A function that takes up to 13 ns for an element: of many elements in several threads.

    What takes 1 ns, as exp and log do, stays the bare ufunc: the frame costs a small call 70 ns.
    """

    def kernel(input: Array) -> Array:
        if input.size < _MANY or not input.flags.c_contiguous:
            return ufunc(input)
        return pointwise(ufunc, input)

    kernel.__name__ = ufunc.__name__
    OF_FEW[kernel] = ufunc
    return staticmethod(kernel)


def _add_scaled_into(input: Array, other: Array, alpha: Any) -> None:
    """Add ``alpha`` times an array to another, 16-bit floats in float32 with one rounding."""
    wide = WIDE.get(input.dtype)
    if wide is None:
        input += other * SCALARS[DTYPE[input.dtype]](alpha)
    else:
        input[...] = input.astype(wide) + other.astype(wide) * wide.type(alpha)


class Pointwise:
    """Functions of one, two and three operands, element by element."""

    neg = staticmethod(operator.neg)
    abs = staticmethod(np.absolute)
    exp = staticmethod(np.exp)
    log = staticmethod(np.log)
    log1p = staticmethod(np.log1p)
    sqrt = staticmethod(np.sqrt)
    sin = _shared_out(np.sin)
    cos = _shared_out(np.cos)
    tan = _shared_out(np.tan)
    asin = _shared_out(np.arcsin)
    acos = _shared_out(np.arccos)
    atan = _shared_out(np.arctan)
    sinh = _shared_out(np.sinh)
    cosh = _shared_out(np.cosh)
    asinh = _shared_out(np.arcsinh)
    acosh = _shared_out(np.arccosh)
    atanh = _shared_out(np.arctanh)
    floor = staticmethod(np.floor)
    ceil = staticmethod(np.ceil)
    trunc = staticmethod(np.trunc)
    round = staticmethod(np.rint)
    isnan = staticmethod(np.isnan)
    isinf = staticmethod(np.isinf)
    logical_not = staticmethod(np.logical_not)
    bitwise_not = staticmethod(np.invert)
    square = staticmethod(np.square)
    conj_physical = staticmethod(np.conjugate)
    isfinite = staticmethod(np.isfinite)
    log2 = staticmethod(np.log2)
    log10 = staticmethod(np.log10)

    inplace: ClassVar[Mapping[str, Callable[..., Any]]] = {
        "add": operator.iadd,
        "add_scaled": _add_scaled_into,
        "div": operator.itruediv,
        "mul": operator.imul,
        "sub": operator.isub,
    }

    add = staticmethod(operator.add)
    sub = staticmethod(operator.sub)
    mul = staticmethod(operator.mul)
    div = staticmethod(operator.truediv)
    atan2 = staticmethod(np.arctan2)
    copysign = staticmethod(np.copysign)
    nextafter = staticmethod(np.nextafter)
    maximum = staticmethod(np.maximum)
    minimum = staticmethod(np.minimum)
    eq = staticmethod(np.equal)
    ne = staticmethod(np.not_equal)
    lt = staticmethod(np.less)
    le = staticmethod(np.less_equal)
    gt = staticmethod(np.greater)
    ge = staticmethod(np.greater_equal)
    logical_and = staticmethod(np.logical_and)
    logical_or = staticmethod(np.logical_or)
    logical_xor = staticmethod(np.logical_xor)
    bitwise_and = staticmethod(np.bitwise_and)
    bitwise_or = staticmethod(np.bitwise_or)
    bitwise_xor = staticmethod(np.bitwise_xor)
    bitwise_left_shift = staticmethod(np.left_shift)
    bitwise_right_shift = staticmethod(np.right_shift)
    hypot = staticmethod(np.hypot)
    fmax = staticmethod(np.fmax)
    fmin = staticmethod(np.fmin)
    gcd = staticmethod(np.gcd)
    lcm = staticmethod(np.lcm)

    def sign(self, input: Array) -> Array:
        if input.dtype.kind == "b":
            return np.logical_or(input, input)
        return np.subtract(input > 0, input < 0, dtype=input.dtype)  # 0 for NaN, unlike np.sign

    def floor_divide(self, input: Array, other: Array) -> Array:
        _refuse_zero(input, other)
        return np.floor_divide(input, other)

    def remainder(self, input: Array, other: Array) -> Array:
        _refuse_zero(input, other)
        if input.dtype.kind in "iu":
            return np.remainder(input, other)
        rest = np.fmod(input, other)  # np.remainder differs in the sign of a zero
        return np.where((rest != 0) & ((other < 0) != (rest < 0)), rest + other, rest)

    def fmod(self, input: Array, other: Array) -> Array:
        _refuse_zero(input, other)
        return np.fmod(input, other)

    def pow(self, input: Array, other: Array) -> Array:
        if other.dtype.kind == "f":
            return _float_power(input, other)
        if other.dtype.kind == "c":
            zero = input == 0
            power = np.power(input, other)
            return np.where(zero, _powers_of_zero(other), power) if np.any(zero) else power
        if other.dtype.kind != "i" or not np.logical_or.reduce(other < 0, None):
            return np.power(input, other)
        power = np.power(input, np.maximum(other, 0))  # 1 where the exponent is negative
        odd = np.where(other & 1, input, np.ones_like(input))
        inverse = np.where(np.abs(input) == 1, odd, np.zeros_like(input))
        return np.where(other < 0, inverse, power)

    def tanh(self, input: Array) -> Array:
        # np.tanh is off by one unit in 18% of its results, and where it nears 1 that unit is all
        # there is of the derivative 1 - tanh ** 2.
        if input.dtype.kind == "c":
            return np.tanh(input)
        if input.dtype == np.float32 and input.size >= _MANY and input.flags.c_contiguous:
            return pointwise(_single_tanh, input)
        if input.dtype != np.float64:
            return np.tanh(input, dtype=np.float64).astype(input.dtype)
        power = np.expm1(2 * np.abs(input))
        small = power / (power + 2)
        return np.copysign(np.where(power < 2, small, 1 - 2 / (power + 2)), input)

    def tanh_backward(self, grad_output: Array, output: Array) -> Array:
        if output.dtype.kind != "c":
            return grad_output * (1 - output * output)
        # NumPy squares complex numbers with a fused step, which shows where tanh nears 1.
        real, imag = output.real, output.imag
        slope = np.empty_like(output)
        slope.real, slope.imag = 1 - (real * real - imag * imag), real * imag + imag * real
        return grad_output * slope

    def expm1(self, input: Array) -> Array:
        # In single precision the error of np.expm1 shows where the result nears -1.
        if input.dtype != np.float32:
            return np.expm1(input)
        return np.expm1(input, dtype=np.float64).astype(np.float32)

    def signbit(self, input: Array) -> Array:
        return np.signbit(input) if input.dtype.kind not in "iub" else input < 0

    def exp2(self, input: Array) -> Array:
        if input.dtype.kind == "c":
            parts = self.view_as_real(input) * input.real.dtype.type(np.log(2))
            return np.exp(self.view_as_complex(parts))
        return np.exp2(input)

    def frexp(self, input: Array) -> tuple[Array, Array]:
        mantissa, exponent = np.frexp(input)
        return mantissa, exponent.astype(np.int32)

    def reciprocal(self, input: Array) -> Array:
        return np.true_divide(input.dtype.type(1), input)

    def conj(self, input: Array) -> Array:
        return np.conjugate(input) if input.dtype.kind == "c" else input

    def sgn(self, input: Array) -> Array:
        if input.dtype.kind != "c":
            return self.sign(input)
        modulus = np.absolute(input)
        modulus = np.where(modulus == 0, modulus.dtype.type(1), modulus)
        result = np.empty_like(input)
        result.real, result.imag = input.real / modulus, input.imag / modulus
        return np.where(input == 0, input.dtype.type(0), result)

    # Complex numbers ----------------------------------------------------------------------------

    def real(self, input: Array) -> Array:
        return input.real

    def imag(self, input: Array) -> Array:
        return input.imag

    def view_as_real(self: Any, input: Array) -> Array:
        part = self.own(input).real
        strides = (*[2 * step for step in self.strides(input)], 1)
        return self.as_strided(part, (*input.shape, 2), strides, self.storage_offset(part))

    def view_as_complex(self, input: Array) -> Array:
        native = np.dtype(np.complex64 if input.itemsize == 4 else np.complex128)
        return input.view(native)[..., 0] if input.size else np.empty(input.shape[:-1], native)

    def complex(self, real: Array, imag: Array) -> Array:
        native = np.complex64 if real.dtype == np.float32 else np.complex128
        like = real + imag  # for the shape and the layout
        result = np.empty_like(like, native)
        result.real, result.imag = real, imag
        return result

    def angle(self, input: Array) -> Array:
        if input.dtype.kind == "c":
            return np.arctan2(input.imag, input.real, order="C")  # row-major in torch too
        phase = np.where(input < 0, input.dtype.type(np.pi), input.dtype.type(0))
        return np.where(np.isnan(input), input, phase)
