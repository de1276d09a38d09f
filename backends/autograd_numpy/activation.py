"""Activations and selections of large arrays: all steps on a block while it is in the cache."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .blocks import BLOCK, MANY_ELEMENTS, over_blocks, pointwise, scratch, spans
from .element_types import REAL
from .special import single_erf

Array = Any

_ROOT_HALF = math.sqrt(0.5)
_FREE = 4
"""The number of scratch memory that ``single_erf`` leaves alone."""
_BOOL = np.dtype(np.bool_)
_ZEROS = np.zeros(BLOCK, np.int8)
_NUMBERS = frozenset((bool, int, float, complex))
_BITS: dict[int, Any] = {
    1: np.dtype(np.int8),
    2: np.dtype(np.int16),
    4: np.dtype(np.int32),
    8: np.dtype(np.int64),
}


class Activation:
    """What torch computes in one pass; small and other arrays go the derived way."""

    def where(self: Any, condition: Array, input: Array, other: Array) -> Array:
        # A number takes the array's dtype: beside a float NumPy makes float64 of bfloat16.
        if type(other) in _NUMBERS:
            other = input.dtype.type(other)
        elif type(input) in _NUMBERS:
            input = other.dtype.type(input)
        if condition.size < MANY_ELEMENTS or not _can_blend(condition, input, other):
            return np.where(condition, input, other)
        return _blended(condition, input, other)

    def relu(self: Any, input: Array) -> Array:
        if not _is_large(input):
            return np.maximum(input, input.dtype.type(0))

        def work(x: Array, out: Array) -> None:
            zeros = _ZEROS.view(x.dtype)[: x.size]  # twice as fast as a single 0
            np.maximum(x, zeros, out=out)

        return pointwise(work, input)

    def threshold_backward(self: Any, grad_output: Array, input: Array, threshold: Any) -> Array:
        if not _is_large(grad_output, input):
            return super().threshold_backward(grad_output, input, threshold)  # type: ignore[misc]
        bits = _BITS[input.itemsize]

        def work(grad: Array, x: Array, out: Array) -> None:
            zeroed = np.less_equal(x, x.dtype.type(threshold), out=scratch(x.shape, _BOOL, _FREE))
            mask = scratch(x.shape, bits)
            ones = zeroed.view(np.int8)
            ones -= 1  # no bit of what is zeroed, every one of what is not
            np.copyto(mask, ones)
            np.bitwise_and(grad.view(bits), mask, out=out.view(bits))

        return pointwise(work, grad_output, input)

    def sigmoid(self: Any, input: Array) -> Array:
        if input.dtype not in REAL:
            return super().sigmoid(input)  # type: ignore[misc]
        if not _is_large(input):
            return 1 / (np.exp(-input) + 1)

        def work(x: Array, out: Array) -> None:
            np.negative(x, out=out)
            np.exp(out, out=out)
            out += 1
            np.divide(1, out, out=out)

        return pointwise(work, input)

    def sigmoid_backward(self: Any, grad_output: Array, output: Array) -> Array:
        if not _is_large(grad_output, output):
            return super().sigmoid_backward(grad_output, output)  # type: ignore[misc]

        def work(grad: Array, output: Array, out: Array) -> None:
            np.subtract(1, output, out=out)
            out *= output
            out *= grad

        return pointwise(work, grad_output, output)

    def tanh_backward(self: Any, grad_output: Array, output: Array) -> Array:
        if not _is_large(grad_output, output):
            return super().tanh_backward(grad_output, output)  # type: ignore[misc]

        def work(grad: Array, output: Array, out: Array) -> None:
            np.multiply(output, output, out=out)
            np.subtract(1, out, out=out)
            out *= grad

        return pointwise(work, grad_output, output)

    def silu(self: Any, input: Array) -> Array:
        if not _is_large(input):
            return super().silu(input)  # type: ignore[misc]

        def work(x: Array, out: Array) -> None:
            np.negative(x, out=out)
            np.exp(out, out=out)
            out += 1
            np.divide(x, out, out=out)

        return pointwise(work, input)

    def gelu(self: Any, input: Array, approximate: str) -> Array:
        if approximate != "none" or not _is_large(input) or input.dtype != np.float32:
            return super().gelu(input, approximate)  # type: ignore[misc]

        def work(x: Array, out: Array) -> None:
            argument = np.multiply(x, _ROOT_HALF, out=scratch(x.shape, x.dtype, _FREE))
            single_erf(argument, out, np.float32)  # as far off as torch's
            out += 1
            np.multiply(x, 0.5, out=argument)
            out *= argument

        return pointwise(work, input)

    def gelu_backward(self: Any, grad_output: Array, input: Array, approximate: str) -> Array:
        large = _is_large(grad_output, input) and input.dtype == np.float32
        if approximate != "none" or not large:
            return super().gelu_backward(grad_output, input, approximate)  # type: ignore[misc]

        def work(grad: Array, x: Array, out: Array) -> None:
            argument = np.multiply(x, _ROOT_HALF, out=scratch(x.shape, x.dtype, _FREE))
            single_erf(argument, out, np.float32)  # as far off as torch's
            out += 1
            out *= 0.5
            density = np.multiply(x, x, out=argument)
            density *= -0.5
            np.exp(density, out=density)
            density *= 1 / math.sqrt(2 * math.pi)
            density *= x
            out += density
            out *= grad

        return pointwise(work, grad_output, input)


def _is_large(*arrays: Array) -> bool:
    """Whether there are many real numbers, row-major in arrays of one shape and dtype."""
    first = arrays[0]
    return (
        first.size >= MANY_ELEMENTS
        and first.dtype in REAL
        and all(
            array.flags.c_contiguous and array.shape == first.shape and array.dtype == first.dtype
            for array in arrays
        )
    )


def _can_blend(condition: Array, input: Array, other: Array) -> bool:
    """Whether the operands are row-major, of the condition's shape or 0-d, and have whole words."""
    return (
        condition.dtype == np.bool_
        and condition.flags.c_contiguous
        and 1 not in condition.shape
        and input.dtype == other.dtype
        and input.dtype.itemsize in _BITS
        and all(
            not array.shape or (array.shape == condition.shape and array.flags.c_contiguous)
            for array in (input, other)
        )
    )


def _blended(condition: Array, input: Array, other: Array) -> Array:
    """``other ^ ((input ^ other) & mask)`` on bits, which no branch slows down.

    Where nobody foresees the condition np.where takes 7 ns for an element, this 0.5.
    """
    bits = _BITS[input.dtype.itemsize]
    result = np.empty(condition.shape, input.dtype)
    chosen, out = condition.reshape(-1).view(np.int8), result.reshape(-1).view(bits)
    first, second = (np.asarray(array).reshape(-1).view(bits) for array in (input, other))

    def work(block: slice) -> None:
        place, mask = out[block], scratch((block.stop - block.start,), bits)
        np.copyto(mask, chosen[block])
        np.negative(mask, out=mask)
        one = first[block] if input.shape else first
        two = second[block] if other.shape else second
        np.bitwise_xor(one, two, out=place)
        place &= mask
        place ^= two

    over_blocks(work, spans(out.size, out.itemsize), out.nbytes)
    return result
