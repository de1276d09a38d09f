"""Bugs of the two backends' kernels: values, dtypes, layouts, aliasing, ties, NaN."""

from __future__ import annotations

import math
from typing import Any

from autograd_conformance.mutations.changes import argument, result, swapped
from autograd_conformance.mutations.mutation import Mutation
from autograd_conformance.mutations.planting import Change, Kernel, Together, backend_named


def _numpy(name: str, what: str, kernel: str, change: Change, *cases: str) -> Mutation:
    return Mutation(f"numpy-{name}", what, Kernel("numpy", kernel, change), cases)


def _python(name: str, what: str, kernel: str, change: Change, *cases: str) -> Mutation:
    return Mutation(f"python-{name}", what, Kernel("python", kernel, change), cases)


def _values(entry: str, dtype: str = "float64") -> str:
    return f"{entry}|{dtype}|values"


def _copied(right: Any) -> Any:
    """A view of one's own is a copy that is laid out like it."""
    backend = right.__self__

    def view(input: Any, *args: Any) -> Any:
        made = right(input, *args)
        copy = backend.empty_strided(made.shape, backend.strides(made), backend.dtype(made))
        backend.copy_(copy, made)
        return copy

    return view


def _row_major(right: Any) -> Any:
    backend = right.__self__
    return lambda *args: backend.contiguous(right(*args))


def _shifted(right: Any) -> Any:
    """Every index is one too small; the first wraps around."""

    def wrong(input: Any, dim: int, index: Any) -> Any:
        return right(input, dim, (index - 1) % input.shape[dim] if input.shape else index)

    return wrong


def _nan_to_0(right: Any) -> Any:
    backend = backend_named("python")

    def wrong(*args: Any) -> Any:
        made = right(*args)
        return backend.where(backend.isnan(made), backend.scalar(0.0, backend.dtype(made)), made)

    return wrong


def _last_first(values: Any) -> Any:
    """(values, indices) with indices counted from the end."""
    numbers, indices = values
    return numbers, -1 - indices


def _keeping(right: Any) -> Any:
    """Always keeps the reduced dims."""
    return lambda input, dim, keepdim=False: right(input, dim, True)


def _population(right: Any) -> Any:
    """The variance divides by n, not by n - correction."""
    return lambda input, dim, correction, *rest: right(input, dim, 0, *rest)


def _rounded(array: Any) -> Any:
    """A NumPy array computed in single precision."""
    return array.astype("float32").astype(array.dtype)


def _zero_for_nan(array: Any) -> Any:
    import numpy

    return numpy.nan_to_num(array, nan=0.0, posinf=math.inf, neginf=-math.inf)


def _plus(amount: float) -> Change:
    return result(lambda y: y + amount)


def _times(factor: float) -> Change:
    return result(lambda y: y * factor)


negated = result(lambda y: -y)

MUTATIONS = (
    # NumPy ---------------------------------------------------------------------------------------
    _numpy(
        "exp-off", "exp is wrong in the twelfth digit.", "exp", _times(1 + 1e-12), _values("exp")
    ),
    _numpy("sin-shifted", "sin is shifted.", "sin", argument(0, lambda x: x + 1), _values("sin")),
    _numpy(
        "log-in-single-precision",
        "log is computed in single precision.",
        "log",
        result(_rounded),
        _values("log"),
    ),
    _numpy("tanh-off", "tanh is off by a tiny number.", "tanh", _plus(1e-13), _values("tanh")),
    _numpy("sub-swapped", "The operands of sub change places.", "sub", swapped, _values("sub")),
    _numpy(
        "div-swapped", "Division is upside down.", "div", swapped, _values("true_divide", "float64")
    ),
    _numpy(
        "remainder-is-fmod",
        "The remainder has the sign of the dividend.",
        "remainder",
        lambda right: right.__self__.fmod,
        _values("remainder"),
    ),
    _numpy(
        "maximum-ignores-nan",
        "maximum turns NaN to 0.",
        "maximum",
        result(_zero_for_nan),
        "scenario.edges.infinities_and_nan",
    ),
    _numpy(
        "where-reversed",
        "where takes the other operand.",
        "where",
        lambda right: lambda condition, input, other: right(condition, other, input),
        _values("where"),
    ),
    Mutation(
        "numpy-sum-off",
        "A sum is off by 1.",
        Together(Kernel("numpy", "sum", _plus(1)), Kernel("numpy", "sum_all", _plus(1))),
        (_values("sum"),),
    ),
    _numpy("prod-negated", "A product has the wrong sign.", "prod", negated, _values("prod")),
    _numpy("amax-is-amin", "amax is amin.", "amax", lambda r: r.__self__.amin, _values("amax")),
    _numpy("amax-keeps-dims", "amax keeps its dims.", "amax", _keeping, _values("amax")),
    _numpy(
        "argmax-off-by-one",
        "argmax is off by one.",
        "argmax",
        _plus(1),
        _values("max.reduction_with_dim"),
    ),
    _numpy(
        "cumsum-starts-late",
        "cumsum leaves its first element out.",
        "cumsum",
        lambda right: lambda input, dim: right(input, dim) - input,
        _values("cumsum"),
    ),
    _numpy(
        "sort-backwards",
        "sort sorts the other way.",
        "sort",
        lambda right: lambda input, dim, descending=False: right(input, dim, not descending),
        _values("sort"),
    ),
    _numpy("gather-off-by-one", "gather is off by one.", "gather", _shifted, _values("gather")),
    _numpy(
        "index-select-off-by-one",
        "index_select is off by one.",
        "index_select",
        _shifted,
        _values("index_select"),
    ),
    _numpy(
        "scatter-add-overwrites",
        "scatter_add overwrites.",
        "scatter_add",
        lambda right: right.__self__.scatter,
        _values("scatter_add"),
    ),
    _numpy("mm-negated", "The matrix product has the wrong sign.", "mm", negated, _values("mm")),
    _numpy(
        "mm-in-single-precision",
        "The matrix product is computed in single precision.",
        "mm",
        result(_rounded),
        _values("mm"),
    ),
    _numpy(
        "permute-copies",
        "permute returns a copy.",
        "permute",
        _copied,
        _values("permute"),
    ),
    _numpy(
        "slice-copies",
        "A slice is a copy: a write through it is lost.",
        "slice",
        _copied,
        _values("narrow"),
    ),
    _numpy(
        "pointwise-row-major",
        "A pointwise result forgets the order of the dims.",
        "following",
        lambda right: lambda made, *operands: right.__self__.contiguous(made),
        "scenario.convolution.gradients_of_gradients*",
    ),
    _numpy(
        "permute-swapped",
        "permute swaps the first two dims once more.",
        "permute",
        argument(1, lambda dims: (*reversed(tuple(dims)[:2]), *tuple(dims)[2:])),
        _values("permute"),
    ),
    _numpy(
        "conj-forgotten",
        "conj does nothing.",
        "conj",
        lambda right: lambda input: input,
        "mul|complex128|gradients",
    ),
    _numpy(
        "angle-negated",
        "The angle has the wrong sign.",
        "angle",
        negated,
        _values("angle", "complex128"),
    ),
    _numpy("erf-off", "erf is off by a tiny number.", "erf", _plus(1e-13), _values("erf")),
    _numpy("lgamma-negated", "lgamma has the wrong sign.", "lgamma", negated, _values("lgamma")),
    _numpy(
        "max-pool-strides-off",
        "Max pooling reports each maximum one place off.",
        "window_maxima",
        result(lambda made: (made[0], made[1] + 1)),
        "nn.functional.max_pool2d|float64|gradients",
    ),
    _numpy(
        "flip-forgotten",
        "flip does nothing.",
        "flip",
        lambda r: lambda x, dims: x + 0,
        _values("flip"),
    ),
    # Pure Python --------------------------------------------------------------------------------
    _python(
        "exp-off", "exp is wrong in the twelfth digit.", "exp", _times(1 + 1e-12), _values("exp")
    ),
    _python("sqrt-negated", "sqrt is the other root.", "sqrt", negated, _values("sqrt")),
    _python("add-off", "A sum of two is off by 1e-9.", "add", _plus(1e-9), _values("add")),
    _python("mul-nan-to-0", "A product turns NaN to 0.", "mul", _nan_to_0, "scenario.anomaly.*"),
    _python("pow-swapped", "Base and exponent change places.", "pow", swapped, _values("pow")),
    _python(
        "floor-is-ceil",
        "floor is ceil.",
        "floor",
        lambda right: backend_named("python").ceil,
        _values("floor"),
    ),
    _python(
        "round-half-up",
        "round rounds halves up, not to even.",
        "round",
        lambda right: lambda input: backend_named("python").floor(input + 0.5),
        "scenario.edges.halves*",
    ),
    _python("sum-doubled", "A sum is twice too large.", "sum", _times(2), _values("sum")),
    _python("sum-keeps-dims", "A sum keeps its dims.", "sum", _keeping, _values("sum")),
    _python("amin-is-amax", "amin is amax.", "amin", lambda r: r.__self__.amax, _values("amin")),
    _python(
        "cumprod-is-cumsum",
        "cumprod is cumsum.",
        "cumprod",
        lambda right: right.__self__.cumsum,
        _values("cumprod"),
    ),
    _python(
        "sort-indices-reversed",
        "The indices of sort count from the end.",
        "sort",
        result(_last_first),
        "sort|float64|gradients",
    ),
    _python("gather-off-by-one", "gather is off by one.", "gather", _shifted, _values("gather")),
    _python(
        "scatter-add-overwrites",
        "scatter_add overwrites.",
        "scatter_add",
        lambda right: right.__self__.scatter,
        _values("scatter_add"),
    ),
    _python("mm-doubled", "The matrix product is twice too large.", "mm", _times(2), _values("mm")),
    _python(
        "dims-forgotten",
        "softmax works along the first dim.",
        "softmax",
        argument(1, lambda dim: 0),
        _values("softmax"),
    ),
    _python(
        "expand-copies",
        "expand returns a copy.",
        "expand",
        _copied,
        _values("expand"),
    ),
    _python(
        "select-copies",
        "An indexed row is a copy: a write through it is lost.",
        "select",
        _copied,
        _values("select"),
    ),
    _python(
        "clone-row-major",
        "clone forgets the strides.",
        "clone",
        _row_major,
        "scenario.convolution.gradients_of_gradients*",
    ),
    _python(
        "offset-off-by-one",
        "The storage offset is off by one.",
        "storage_offset",
        _plus(1),
        "narrow|float64|attributes",
    ),
    _python("erf-off", "erf is off by a tiny number.", "erf", _plus(1e-13), _values("erf")),
    _python(
        "variance-of-the-population",
        "The variance divides by n.",
        "var",
        _population,
        _values("var"),
    ),
    _python(
        "cast-truncates",
        "A cast rounds to three digits.",
        "cast",
        lambda right: lambda input, dtype: right(input, dtype) + (1e-3 if dtype.is_inexact else 0),
        _values("float"),
    ),
    _python(
        "infinity-is-large",
        "exp overflows to the largest number.",
        "exp",
        lambda right: (
            lambda input: backend_named("python").minimum(
                right(input), backend_named("python").scalar(1e300, input.dtype)
            )
        ),
        "scenario.edges.infinities_and_nan",
    ),
)
