"""What each distribution accepts: dtypes, limits and torch's complaints, shared by all backends."""

from __future__ import annotations

import math
import warnings
from typing import Any, Final, NamedTuple

from .narrow_floats import round_to


class ScalarType(NamedTuple):
    """How torch names a dtype in messages: by scalar type, and by the C++ type behind it."""

    name: str
    cpp: str


SCALAR_TYPES: Final = {
    "bool": ScalarType("Bool", "bool"),
    "uint8": ScalarType("Byte", "unsigned char"),
    "int8": ScalarType("Char", "signed char"),
    "int16": ScalarType("Short", "short int"),
    "int32": ScalarType("Int", "int"),
    "int64": ScalarType("Long", "long int"),
    "uint16": ScalarType("UInt16", "short unsigned int"),
    "uint32": ScalarType("UInt32", "unsigned int"),
    "uint64": ScalarType("UInt64", "long unsigned int"),
    "float16": ScalarType("Half", "c10::Half"),
    "bfloat16": ScalarType("BFloat16", "c10::BFloat16"),
    "float32": ScalarType("Float", "float"),
    "float64": ScalarType("Double", "double"),
    "complex32": ScalarType("ComplexHalf", "c10::complex<c10::Half>"),
    "complex64": ScalarType("ComplexFloat", "c10::complex<float>"),
    "complex128": ScalarType("ComplexDouble", "c10::complex<double>"),
}
COMPONENTS: Final = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}
FLOAT_DIGITS: Final = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
FLOAT_MAXIMA: Final = {
    "float16": 65504.0,
    "bfloat16": (2.0 - 2.0**-7) * 2.0**127,
    "float32": (2.0 - 2.0**-23) * 2.0**127,
    "float64": (2.0 - 2.0**-52) * 2.0**1023,
}
INTEGER_BITS: Final = {
    "uint8": 8, "int8": 8, "int16": 16, "int32": 32, "int64": 64,
    "uint16": 16, "uint32": 32, "uint64": 64,
}  # fmt: skip
_LATER_UNSIGNED: Final = ("uint16", "uint32", "uint64")
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


def integer_limits(dtype_name: str) -> tuple[int, int]:
    """Return the smallest and the largest value of an integer dtype or bool."""
    if dtype_name == "bool":
        return 0, 1
    bits = INTEGER_BITS[dtype_name]
    return (0, 2**bits - 1) if dtype_name[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def not_implemented(kernel: str, dtype_name: str) -> NotImplementedError:
    """Return torch's error for a kernel that does not take the dtype."""
    return NotImplementedError(
        f"\"{kernel}\" not implemented for '{SCALAR_TYPES[dtype_name].name}'"
    )


def require_float(kernel: str, dtype_name: str) -> None:
    """Raise NotImplementedError unless the dtype is a real floating one."""
    if dtype_name not in FLOAT_DIGITS:
        raise not_implemented(kernel, dtype_name)


def _require_in_bounds(name: str, value: float, limits: tuple[float, float], dtype: str) -> None:
    if not limits[0] <= value <= limits[1]:
        raise RuntimeError(f"{name} is out of bounds for {SCALAR_TYPES[dtype].cpp}")


def check_uniform(dtype_name: str, low: float, high: float) -> None:
    """Raise RuntimeError unless [low, high) is a range of the floating dtype."""
    require_float("check_uniform_bounds", dtype_name)
    largest = FLOAT_MAXIMA[dtype_name]
    _require_in_bounds("from", low, (-largest, largest), dtype_name)
    _require_in_bounds("to", high, (-largest, largest), dtype_name)
    if not low <= high:
        raise RuntimeError(
            f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}"
        )
    if not high - low <= largest:
        raise RuntimeError(
            f"uniform_ expects to-from <= std::numeric_limits<{SCALAR_TYPES[dtype_name].name}>"
            f"::max(), but found to={high:g} and from={low:g} "
            "which result in to-from to exceed the limit"
        )


def check_normal(dtype_name: str, count: int, std: float) -> None:
    """Raise for a negative std (RuntimeError) or a dtype without normals."""
    if not std >= 0.0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    if count:
        require_float("normal_kernel_cpu", dtype_name)


def check_normal_deviations(deviations: object) -> None:
    """Raise RuntimeError when the smallest of several standard deviations is negative or nan."""
    if not deviations:
        raise RuntimeError("normal expects all elements of std >= 0.0")


def check_log_normal(dtype_name: str, count: int, std: float) -> None:
    """Raise for a std that is not positive (RuntimeError) or a dtype that is not floating."""
    if not std > 0.0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    if count:
        require_float("log_normal_cpu", dtype_name)


def check_cauchy(dtype_name: str, sigma: float) -> None:
    """Raise RuntimeError for a sigma that is not positive or a dtype that is not floating."""
    if not sigma > 0.0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
    if dtype_name not in FLOAT_DIGITS:
        raise RuntimeError(
            "Cauchy distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {SCALAR_TYPES[dtype_name].cpp}"
        )


def check_exponential(dtype_name: str, count: int, lambd: float) -> None:
    """Raise RuntimeError for a rate that is not positive or a dtype that is not floating."""
    if not lambd > 0.0:
        raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
    if count and dtype_name not in FLOAT_DIGITS:
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a "
            f"floating point but you specified {SCALAR_TYPES[dtype_name].name}"
        )


def check_geometric(dtype_name: str, count: int, p: float) -> None:
    """Raise for p outside (0, 1) (RuntimeError) or a dtype without geometric deviates."""
    if not 0.0 < p < 1.0:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    if count and (dtype_name in ("bool", *_LATER_UNSIGNED) or dtype_name in COMPONENTS):
        raise not_implemented("geometric_cpu", dtype_name)


def check_bernoulli(dtype_name: str, count: int, p: float) -> None:
    """Raise for p outside [0, 1] (RuntimeError) or a dtype without coin flips."""
    if not 0.0 <= p <= 1.0:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    if count and (dtype_name in _LATER_UNSIGNED or dtype_name in COMPONENTS):
        raise not_implemented("bernoulli_scalar_cpu_", dtype_name)


def check_bernoulli_tensor(dtype_name: str, p_dtype: str) -> None:
    """Raise NotImplementedError for a dtype of the flips or of their probabilities."""
    if dtype_name in _LATER_UNSIGNED or dtype_name in COMPONENTS:
        raise not_implemented("bernoulli_tensor_cpu_self_", dtype_name)
    require_float("bernoulli_tensor_cpu_p_", p_dtype)


def check_filling(sampler: str, dtype_name: str, count: int, given: dict[str, Any]) -> None:
    """Refuse what torch refuses before it looks at the memory to fill.

    Most of its kernels refuse a dtype later, for which a count of 0 stands.
    """
    component = COMPONENTS.get(dtype_name, dtype_name)
    if sampler == "normal":
        check_normal(component, count, given["std"])
    elif sampler == "uniform":
        check_uniform(component, given["low"], given["high"])
    elif sampler == "cauchy":
        check_cauchy(dtype_name, given["sigma"])
    elif sampler == "exponential":
        check_exponential(dtype_name, 0, given["lambd"])
    elif sampler == "log_normal":
        check_log_normal(dtype_name, 0, given["std"])
    elif sampler == "geometric":
        check_geometric(dtype_name, 0, given["p"])
    elif sampler == "bernoulli":
        check_bernoulli(dtype_name, 0, given["p"])


PROBABILITY_OUT_OF_RANGE: Final = (
    "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  "
    "(Could this error message be improved?  "
    "If so, please report an enhancement request to PyTorch.)"
)


class IntegerDraw(NamedTuple):
    """How `random_` makes a value: `word % modulus + base`, wrapped to int64, cast to the dtype."""

    wide: bool  # from a 64-bit word
    modulus: int
    base: int


def integer_draw(dtype_name: str, low: int | None, high: int | None) -> IntegerDraw:
    """Return the draw behind `random_()`, `random_(low, None)` or `random_(low, high)`.

    Raises RuntimeError or NotImplementedError as torch does, and warns where torch warns of a
    range that the floating dtype cannot resolve.
    """
    if low is None:
        return _widest_draw(dtype_name)
    if high is not None:
        last = _last_before(dtype_name, low, high)
        low = _floor_of(dtype_name, low)
        if not low <= last:
            raise RuntimeError(
                "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, "
                f"but got from={low} >= to={last + 1}"
            )
    elif low == INT64_MIN:
        return _full_draw(dtype_name)
    elif dtype_name in FLOAT_DIGITS:
        last, low = 1 << FLOAT_DIGITS[dtype_name], _floor_of(dtype_name, low)
        if not low < last:
            raise RuntimeError(
                "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' "
                f"casted to dtype, but got from={low} > to_inc={last}"
            )
    elif dtype_name in COMPONENTS:
        raise RuntimeError(
            "random_from_to_impl handles only integral, floating-point and boolean types"
        )
    else:  # an unsigned 64-bit limit does not fit torch's int64 and is refused below
        last = -1 if dtype_name == "uint64" else integer_limits(dtype_name)[1]
    _check_integer_range(dtype_name, low, last)
    span = last - low + 1
    return IntegerDraw(span >= 1 << 28, span, low)


def _widest_draw(dtype_name: str) -> IntegerDraw:
    if dtype_name in COMPONENTS or dtype_name in _LATER_UNSIGNED:
        raise not_implemented("random_kernel_cpu", dtype_name)
    if dtype_name in FLOAT_DIGITS:
        span = (1 << FLOAT_DIGITS[dtype_name]) + 1
    else:
        span = integer_limits(dtype_name)[1] + 1
    return IntegerDraw(dtype_name in ("int64", "float64"), span, 0)


def _full_draw(dtype_name: str) -> IntegerDraw:
    if dtype_name in ("float16", "bool", *_LATER_UNSIGNED) or dtype_name in COMPONENTS:
        raise not_implemented("random_full_64_bits_range_kernel_cpu", dtype_name)
    if dtype_name not in ("int64", "float64", "float32", "bfloat16"):
        raise RuntimeError(
            "random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16"
        )
    return IntegerDraw(True, 1 << 64, 0)


def _cast_to_float_and_back(dtype_name: str, value: int) -> int:
    held = round_to(dtype_name, [float(value)])[0]
    return int(held) if math.isfinite(held) and abs(held) < 2.0**63 else INT64_MIN


def _spacing(dtype_name: str, value: int) -> int:
    shift = abs(value).bit_length() - FLOAT_DIGITS[dtype_name]
    return 1 << shift


def _floor_of(dtype_name: str, low: int) -> int:
    """Move `low` up to a value whose successors stay at or above it once cast to a float."""
    if dtype_name in FLOAT_DIGITS:
        successor = _cast_to_float_and_back(dtype_name, low + 1)
        if successor < low:
            return successor + _spacing(dtype_name, low + 1)
    return low


def _last_before(dtype_name: str, low: int, high: int) -> int:
    """Return the largest value to draw so that its cast to the dtype stays below `high`."""
    if not low < high:
        raise RuntimeError(
            f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        )
    if dtype_name in FLOAT_DIGITS:
        last = _cast_to_float_and_back(dtype_name, high - 1)
        if last >= high:
            return last - _spacing(dtype_name, high - 1) - 1
    return high - 1


def _check_integer_range(dtype_name: str, low: int, last: int) -> None:
    limits: tuple[float, float]
    if dtype_name in COMPONENTS:
        raise RuntimeError(
            "check_random_bounds handles only integral, floating-point and boolean types"
        )
    if dtype_name in FLOAT_DIGITS:
        limits = -FLOAT_MAXIMA[dtype_name], FLOAT_MAXIMA[dtype_name]
    elif dtype_name == "uint64":
        limits = 0, INT64_MAX
    else:
        limits = integer_limits(dtype_name)
    ends = (("from", low), ("to - 1", last))
    for name, value in ends:
        _require_in_bounds(name, value, limits, dtype_name)
    if dtype_name in FLOAT_DIGITS:
        digits = FLOAT_DIGITS[dtype_name]
        for name, value in ends:
            if abs(value) > 1 << digits:
                warnings.warn(
                    f"{name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision "
                    f"limitations {SCALAR_TYPES[dtype_name].cpp} can support discrete uniform "
                    "distribution only within this range. This warning will become an error in "
                    "version 1.7 release, please fix the code in advance",
                    UserWarning,
                    stacklevel=5,
                )


def check_randperm(dtype_name: str, count: int) -> None:
    """Raise when `count` is negative or too large for the dtype to hold (RuntimeError)."""
    if count < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {count}: [{count}]")
    if dtype_name in INTEGER_BITS:
        if count > integer_limits(dtype_name)[1]:
            raise RuntimeError(f"value cannot be converted to type {dtype_name}_t without overflow")
    elif dtype_name in ("float16", "float32", "float64"):
        digits, name = FLOAT_DIGITS[dtype_name], SCALAR_TYPES[dtype_name].name
        if count > 2**digits + 1:
            limit = 2**digits + 1 if dtype_name == "float16" else f"2^{digits}+1"
            raise RuntimeError(f"n cannot be greater than {limit} for {name} type.")
    if dtype_name in ("bool", *_LATER_UNSIGNED) or dtype_name in COMPONENTS:
        raise not_implemented("randperm", dtype_name)


def check_multinomial(dtype_name: str, categories: int, count: int, replacement: bool) -> None:
    """Raise RuntimeError for a dtype or a number of samples that cannot be drawn."""
    if dtype_name not in FLOAT_DIGITS:
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, "
            f"got: {SCALAR_TYPES[dtype_name].name}"
        )
    if count <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and count > categories:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )


def check_weights(smallest: float, largest: float, total: float) -> None:
    """Raise RuntimeError for weights that are negative, nan, infinite or all zero."""
    if not (largest < math.inf and smallest >= 0.0):
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if total == 0.0:
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")


def check_weights_in_order(weights: list[float]) -> None:
    """Raise RuntimeError for the first bad weight, as sampling with replacement words it."""
    for weight in weights:
        if not weight >= 0.0:
            raise RuntimeError(
                "invalid multinomial distribution (encountering probability entry < 0)"
            )
        if weight == math.inf:
            raise RuntimeError(
                "invalid multinomial distribution "
                "(encountering probability entry = infinity or NaN)"
            )
    if not sum(weights) > 0.0:
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
