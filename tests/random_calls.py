"""Every way to draw CPU samples: the sampler here, its parameters, and torch's own call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

FLOATS = ("float16", "bfloat16", "float32", "float64")
COMPLEX = ("complex32", "complex64", "complex128")
SIGNED = ("int8", "int16", "int32", "int64")
LATER_UNSIGNED = ("uint16", "uint32", "uint64")
NUMBERS = ("uint8", *SIGNED, *FLOATS)
WIDE = ("int64", "bfloat16", "float32", "float64")

Parameters = dict[str, Any]


class Call(NamedTuple):
    """One row: `draw(torch, count, dtype, generator, parameters)` is torch's side of it."""

    name: str
    sampler: str
    dtypes: tuple[str, ...]
    draw: Callable[..., Any]
    parameters: Callable[[int, str], Parameters] = lambda count, dtype_name: {}
    largest_count: int = 1 << 62
    smallest_count: int = 0

    def counts(self, *counts: int) -> list[int]:
        """Those of the counts that can be drawn."""
        return [count for count in counts if self.smallest_count <= count <= self.largest_count]


def _eighths(count: int) -> list[float]:
    return [index % 9 / 8 for index in range(count)]


def _weights(categories: int) -> list[float]:
    return [0.0 if index == 3 else (index % 8 + 1) / 8 for index in range(categories)]


def _fixed(**parameters: Any) -> Callable[[int, str], Parameters]:
    return lambda count, dtype_name: parameters


def _like(torch: Any, values: list[float], dtype: Any) -> Any:
    return torch.tensor(values, dtype=dtype)


def _in_place(method: str) -> Callable[..., Any]:
    """Call the in-place method of an empty tensor with the parameters by position."""

    def draw(torch: Any, count: int, dtype: Any, generator: Any, parameters: Parameters) -> Any:
        target = torch.empty(count, dtype=dtype)
        return getattr(target, method)(*parameters.values(), generator=generator)

    return draw


def _strided_normal(t: Any, count: int, dtype: Any, generator: Any, p: Parameters) -> Any:
    column = t.empty(count, 2, dtype=dtype)[:, 0]
    return column.normal_(p["mean"], p["std"], generator=generator)


def _rrelu(t: Any, count: int, dtype: Any, generator: Any, p: Parameters) -> Any:
    inputs = -t.ones(count, dtype=dtype)
    return -t.rrelu(inputs, p["lower"], p["upper"], training=True, generator=generator)


def _bernoulli_of(p_dtype: str) -> Call:
    return Call(
        f"bernoulli_ of {p_dtype}",
        "bernoulli_elementwise",
        ("bool", *NUMBERS),
        lambda t, n, dtype, g, p: t.empty(n, dtype=dtype).bernoulli_(
            _like(t, p["p"], getattr(t, p_dtype)), generator=g
        ),
        lambda n, dtype_name: {"p": _eighths(n), "p_dtype": p_dtype},
    )


def _multinomial(name: str, replacement: bool, categories: Callable[[int], int]) -> Call:
    return Call(
        name,
        "multinomial",
        FLOATS,
        lambda t, n, dtype, g, p: t.multinomial(
            _like(t, p["weights"], dtype), n, replacement, generator=g
        ),
        lambda n, dtype_name: {"weights": _weights(categories(n)), "replacement": replacement},
        smallest_count=1,
    )


def _normal_of(name: str, parameters: Callable[[int], Parameters]) -> Call:
    def operand(t: Any, value: Any, dtype: Any) -> Any:
        return _like(t, value, dtype) if isinstance(value, list) else value

    return Call(
        name,
        "normal_elementwise",
        FLOATS,
        lambda t, n, dtype, g, p: t.normal(
            operand(t, p["mean"], dtype), operand(t, p["std"], dtype), generator=g
        ),
        lambda n, dtype_name: parameters(n),
    )


CALLS = (
    Call("rrelu", "rrelu_slopes", ("bfloat16", "float32", "float64"), _rrelu,
         _fixed(lower=0.125, upper=0.3333)),
    Call("rand", "uniform", (*FLOATS, *COMPLEX),
         lambda t, n, dtype, g, p: t.rand(n, dtype=dtype, generator=g)),
    Call("uniform_", "uniform", (*FLOATS, *COMPLEX), _in_place("uniform_"),
         _fixed(low=-1.3, high=2.1)),
    Call("uniform_ of one value", "uniform", FLOATS, _in_place("uniform_"),
         _fixed(low=0.3, high=0.3)),
    Call("randn", "normal", (*FLOATS, *COMPLEX),
         lambda t, n, dtype, g, p: t.randn(n, dtype=dtype, generator=g)),
    Call("normal_", "normal", (*FLOATS, *COMPLEX), _in_place("normal_"),
         _fixed(mean=1.3, std=2.7)),
    Call("normal_ of mean 0", "normal", (*FLOATS, *COMPLEX), _in_place("normal_"),
         _fixed(mean=0.0, std=0.02)),
    Call("normal_ of std 0", "normal", FLOATS, _in_place("normal_"), _fixed(mean=0.1, std=0.0)),
    Call("normal_ of a column", "normal", (*FLOATS, *COMPLEX), _strided_normal,
         _fixed(mean=1.3, std=2.7, contiguous=False), smallest_count=2),
    _normal_of("normal of two tensors", lambda n: {"mean": _eighths(n), "std": _eighths(n)}),
    _normal_of("normal of a mean tensor", lambda n: {"mean": _eighths(n), "std": 1.7}),
    _normal_of("normal of a std tensor", lambda n: {"mean": 1.7, "std": _eighths(n)}),
    Call("log_normal_", "log_normal", FLOATS, _in_place("log_normal_"), _fixed(mean=0.3, std=0.8)),
    Call("log_normal_ that overflows", "log_normal", FLOATS, _in_place("log_normal_"),
         _fixed(mean=600.0, std=200.0)),
    Call("cauchy_", "cauchy", FLOATS, _in_place("cauchy_"), _fixed(median=0.3, sigma=0.8)),
    Call("exponential_", "exponential", FLOATS, _in_place("exponential_"), _fixed(lambd=0.7)),
    Call("geometric_", "geometric", NUMBERS, _in_place("geometric_"), _fixed(p=0.1)),
    Call("geometric_ of rare successes", "geometric", NUMBERS, _in_place("geometric_"),
         _fixed(p=1e-9)),
    Call("bernoulli_", "bernoulli", ("bool", *NUMBERS), _in_place("bernoulli_"), _fixed(p=0.3)),
    *(_bernoulli_of(p_dtype) for p_dtype in FLOATS),
    Call("bernoulli", "bernoulli_elementwise", FLOATS,
         lambda t, n, dtype, g, p: t.bernoulli(_like(t, p["p"], dtype), generator=g),
         lambda n, dtype_name: {"p": _eighths(n), "p_dtype": dtype_name}),
    Call("random_", "random", ("bool", *NUMBERS), _in_place("random_")),
    Call("random_ from", "random", ("bool", *NUMBERS, "uint16", "uint32"), _in_place("random_"),
         _fixed(low=1, high=None)),
    Call("random_ of 64 bits", "random", WIDE, _in_place("random_"),
         _fixed(low=-(2**63), high=None)),
    Call("random_ of nearly 64 bits", "random", WIDE, _in_place("random_"),
         _fixed(low=-(2**62) + 7, high=2**62 - 9)),
    Call("randint", "random", ("bool", *NUMBERS, *LATER_UNSIGNED),
         lambda t, n, dtype, g, p: t.randint(0, 2, (n,), dtype=dtype, generator=g),
         _fixed(low=0, high=2)),
    Call("randint below zero", "random", (*SIGNED, *FLOATS),
         lambda t, n, dtype, g, p: t.randint(-100, 28, (n,), dtype=dtype, generator=g),
         _fixed(low=-100, high=28)),
    Call("randint of 28 bits less one", "random", ("int32", "int64", "uint64", "float64"),
         lambda t, n, dtype, g, p: t.randint(1, 2**28, (n,), dtype=dtype, generator=g),
         _fixed(low=1, high=2**28)),
    Call("randint of 28 bits", "random", ("int32", "int64", "uint64", "float64"),
         lambda t, n, dtype, g, p: t.randint(0, 2**28, (n,), dtype=dtype, generator=g),
         _fixed(low=0, high=2**28)),
    Call("randint up to the largest half", "random", FLOATS, _in_place("random_"),
         _fixed(low=-5, high=65504)),
    Call("randperm", "randperm", ("uint8", *SIGNED, *FLOATS),
         lambda t, n, dtype, g, p: t.randperm(n, dtype=dtype, generator=g), largest_count=127),
    Call("randperm of many", "randperm", ("int16", "int32", "int64", *FLOATS),
         lambda t, n, dtype, g, p: t.randperm(n, dtype=dtype, generator=g), largest_count=2049,
         smallest_count=128),
    _multinomial("multinomial with replacement", True, lambda n: n // 2 + 5),
    _multinomial("multinomial", False, lambda n: 2 * n),
    _multinomial("multinomial of few", False, lambda n: 70 * n if n < 18 else 2 * n),
    _multinomial("multinomial of all", False, lambda n: n),
)  # fmt: skip
