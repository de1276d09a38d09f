"""Arrays as data, from which any namespace makes its own, and results as data again."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from hypothesis import strategies as st

BOOL = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
INTEGER = (*SIGNED, "uint8", "uint16", "uint32", "uint64")
REAL_FLOATING = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
FLOATING = REAL_FLOATING + COMPLEX
REAL = INTEGER + REAL_FLOATING
NUMERIC = REAL + COMPLEX
ALL = BOOL + NUMERIC

_FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, 2.5, -1.5, 7.25]
_SPECIAL = [math.inf, -math.inf, math.nan]


class Spec(NamedTuple):
    """An array."""

    dtype: str
    shape: tuple[int, ...]
    values: list[Any]

    def make(self, xp: Any) -> Any:
        """The array of a namespace."""
        flat = xp.asarray(self.values, dtype=getattr(xp, self.dtype))
        return xp.reshape(flat, self.shape)


def elements(dtype: str, special: bool = False, small: bool = False) -> st.SearchStrategy[Any]:
    """Numbers of a dtype; NaN and infinities only if they are asked for."""
    if dtype == "bool":
        return st.booleans()
    if "int" in dtype:
        bits = int(dtype.lstrip("uint"))
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1)
        if dtype[0] == "u":
            low, high = (0, (1 << bits) - 1)
        few = st.integers(max(low, -5), 5)
        return few if small else st.one_of(few, st.sampled_from([low, high]))
    floats = st.sampled_from(_FLOATS + (_SPECIAL if special else []))
    return floats if dtype[0] == "f" else st.builds(complex, floats, floats)


shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
full_shapes = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


@st.composite
def arrays(
    draw: Any,
    dtypes: Any = NUMERIC,
    shape: Any = shapes,
    special: bool = False,
    small: bool = False,
) -> Spec:
    """Arrays of one of the dtypes."""
    dtype = dtypes if isinstance(dtypes, str) else draw(st.sampled_from(dtypes))
    sizes = shape if isinstance(shape, tuple) else draw(shape)
    count = math.prod(sizes)
    values = draw(st.lists(elements(dtype, special, small), min_size=count, max_size=count))
    return Spec(dtype, sizes, values)


def made(xp: Any, value: Any) -> Any:
    """Specs, also in tuples and lists, as arrays."""
    if isinstance(value, Spec):
        return value.make(xp)
    if isinstance(value, list | tuple):
        return type(value)([made(xp, one) for one in value])
    return value


def plain(xp: Any, value: Any) -> Any:
    """A result as data: dtype, shape and numbers of arrays."""
    if type(value).__name__ == "Array":
        flat = xp.reshape(value, (-1,))
        kind = complex if "complex" in str(value.dtype) else float
        kind = bool if "bool" in str(value.dtype) else int if "int" in str(value.dtype) else kind
        name = str(value.dtype).split(".")[-1].rstrip("'>)")
        return (name, tuple(value.shape), [kind(flat[k]) for k in range(flat.size)])
    if isinstance(value, list | tuple):
        return [plain(xp, one) for one in value]
    return value


def agree(one: Any, two: Any, tolerance: float = 0.0) -> bool:
    """Whether two results are one, numbers within a relative tolerance (of the largest)."""
    if isinstance(one, complex) or isinstance(two, complex):
        return agree(complex(one).real, complex(two).real, tolerance) and agree(
            complex(one).imag, complex(two).imag, tolerance
        )
    if isinstance(one, float) and isinstance(two, float):
        if math.isnan(one) or math.isnan(two):
            return math.isnan(one) and math.isnan(two)
        return math.isclose(one, two, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(agree(a, b, tolerance) for a, b in zip(one, two))
    return type(one) is type(two) and one == two
