"""torch's composed statistics: means without NaN, covariances, quantiles, integrals."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..batching import NO_FALLBACK, member_by_member
from ..composites import reduction as composites
from ..composites import sorting as composites_of_sorting
from ..dtypes import LEGACY_NAMES, bool_, float32, float64, uint8
from ..engine.levels import refuse_in_batch
from ..engine.views import count_inner_write
from ..tensor import Tensor, wrap_dim
from .movement import slice_of
from .reduction import reduced_dims
from .registration import accepts_out, function, method


@function
@accepts_out
@method
def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Mean over dims of what is not NaN."""
    if not input._dtype.is_inexact:
        raise RuntimeError(
            "nanmean(): expected input to have floating point or complex dtype but got "
            f"{LEGACY_NAMES[input._dtype]}"
        )
    if input._dtype.is_complex:
        raise RuntimeError("nansum on CPU does not support complex inputs")
    return composites.nanmean(input, reduced_dims(dim, input.ndim), keepdim, dtype)


# Differences and integrals ------------------------------------------------------------------------


@function
@accepts_out
@method
def diff(
    input: Tensor,
    n: int = 1,
    dim: int = -1,
    prepend: Tensor | None = None,
    append: Tensor | None = None,
) -> Tensor:
    """Differences of neighbours along dim, n times, after joining ``prepend`` and ``append``."""
    if input.ndim < 1:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = wrap_dim(dim, input.ndim)
    own = input._array.shape
    for other in (prepend, append):
        if other is None:
            continue
        if other.ndim != len(own):
            raise RuntimeError("diff expects prepend or append to be the same dimension as input")
        for d, length in enumerate(other._array.shape):
            if d != dim and length != own[d]:
                raise RuntimeError(
                    "diff expects the shape of tensor to prepend or append to match that of input "
                    "except along the differencing dimension; input.size("
                    f"{d}) = {own[d]}, but got tensor.size({d}) = {length}"
                )
    return composites.diff(input, n, dim, prepend, append)


def _integral(name: str, rule: Any, y: Tensor, x: Any, dx: Any, dim: int) -> Tensor:
    given, dim = dim, wrap_dim(dim, y.ndim)
    if name == "trapezoid":
        if not y.ndim:
            raise IndexError(
                f"Dimension specified as {given if x is None else 0} but tensor has no dimensions"
            )
        if y._array.shape[dim] == 0:
            zeros = ops.new_zeros(y.detach(), [n for d, n in enumerate(y._array.shape) if d != dim])
            count_inner_write(zeros)
            return zeros
    if y._dtype is bool_ or (isinstance(x, Tensor) and x._dtype is bool_):
        which = "`x` or `y`" if isinstance(x, Tensor) else "`y`"
        raise RuntimeError(f"{name}: received a bool input for {which}, but bool is not supported")
    spacing: Any = 1 if dx is None else dx
    if isinstance(spacing, (bool, complex)):
        raise RuntimeError(f"{name}: Currently, we only support dx as a real number.")
    if not y.ndim:
        if isinstance(x, Tensor) and x.ndim == 1:
            raise IndexError("Dimension specified as 0 but tensor has no dimensions")
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if x is None:
        spacing = float(spacing)
    else:
        dim = int(dim)
        spacing = _steps(name, y, x, dim)
    return rule(y, spacing, dim)


def _steps(name: str, y: Tensor, x: Tensor, dim: int) -> Tensor:
    """Return the distances of the sample points, shaped to go with ``y``."""
    if x.ndim == 1:
        count = y._array.shape[dim]
        if x._array.shape[0] != count:
            raise RuntimeError(f"{name}: There must be one `x` value for each sample point")
        x = x.view([count if d == dim else 1 for d in range(y.ndim)])
    elif x.ndim < y.ndim:
        x = x.view([1] * (y.ndim - x.ndim) + list(x._array.shape))
    left = slice_of(x, dim, 0, -1)
    return slice_of(x, dim, 1) - left


@function
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The integral of samples along dim by the trapezoidal rule."""
    return _integral("trapezoid", composites.trapezoid, y, x, dx, dim)


@function
def trapz(y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """``trapezoid`` under its older name."""
    return _integral("trapezoid", composites.trapezoid, y, x, dx, dim)


@function
def cumulative_trapezoid(
    y: Tensor, x: Tensor | None = None, *, dx: Any = None, dim: int = -1
) -> Tensor:
    """The running integral of samples along dim by the trapezoidal rule."""
    return _integral("cumulative_trapezoid", composites.cumulative_trapezoid, y, x, dx, dim)


@function
def gradient(
    input: Tensor, *, spacing: Any = None, dim: Any = None, edge_order: int = 1
) -> tuple[Tensor, ...]:
    """The slope along each dim, by central differences and one-sided ones at the ends.

    ``spacing`` is one distance for all dims, one for each, or the coordinates for each.
    """
    ndim = input.ndim
    dims = [int(d) for d in reduced_dims(dim, ndim)]
    given = spacing if isinstance(spacing, (list, tuple)) else None
    if given is not None and len(given) != len(dims):
        if dim is None:
            raise RuntimeError(
                "torch.gradient expected spacing to be unspecified, a scalar, or a list of length "
                f"equal to 'self.dim() = {ndim}', since dim argument was not given, but got a list "
                f"of length {len(given)}"
            )
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim "
            "arguments to have the same length, but got a spacing argument of length "
            f"{len(given)} and a dim argument of length {len(dims)}."
        )
    if input._dtype is uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    for d in dims:
        if input._array.shape[d] < edge_order + 1:
            raise RuntimeError(
                "torch.gradient expected each dimension size to be at least edge_order+1"
            )
    steps = given if given is not None else [1.0 if spacing is None else spacing] * len(dims)
    for step in steps:
        if given is not None and isinstance(step, Tensor) and step.ndim != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an "
                f"element with {step.ndim} dimensions!"
            )
    return tuple(
        composites.gradient_at(input, d, step, edge_order)
        if given is not None and isinstance(step, Tensor)
        else composites.gradient_evenly(input, d, step, edge_order)
        for d, step in zip(dims, steps, strict=True)
    )


# Covariances --------------------------------------------------------------------------------------


@function
@method
def cov(
    input: Tensor,
    *,
    correction: int = 1,
    fweights: Tensor | None = None,
    aweights: Tensor | None = None,
) -> Tensor:
    """The covariance matrix of variables in rows, observations in columns."""
    if input.ndim > 2:
        raise RuntimeError(
            "cov(): expected input to have two or fewer dimensions but got an input with "
            f"{input.ndim} dimensions"
        )
    if input._dtype is bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    count = 1 if input.ndim == 0 else input._array.shape[-1]
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if weights is not None:
            _check_weights(name, weights, count)
    return composites.cov(input, correction, fweights, aweights)


def _check_weights(name: str, weights: Tensor, count: int) -> None:
    if weights.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with "
            f"{weights.ndim} dimensions"
        )
    integral = name == "fweights"
    if integral and weights._dtype.category != 1:
        raise RuntimeError(
            f"cov(): expected fweights to have integral dtype but got fweights with "
            f"{LEGACY_NAMES[weights._dtype]} dtype"
        )
    if not integral and not weights._dtype.is_floating_point:
        raise RuntimeError(
            f"cov(): expected aweights to have floating point dtype but got aweights with "
            f"{LEGACY_NAMES[weights._dtype]} dtype"
        )
    if weights.numel() != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input "
            f"but got {weights.numel()} != {count}"
        )
    refuse_in_batch((weights,), NO_FALLBACK.format("equal"))
    if count and min(weights.flatten().tolist()) < 0:
        raise RuntimeError(f"cov(): {name} cannot be negative")


@function
@method
def corrcoef(input: Tensor) -> Tensor:
    """The correlation matrix of variables in rows, observations in columns."""
    if input.ndim > 2:
        raise RuntimeError(
            "corrcoef(): expected input to have two or fewer dimensions but got an input with "
            f"{input.ndim} dimensions"
        )
    if input._dtype is bool_:
        raise RuntimeError("cov(): bool dtype is not supported for input")
    return composites.corrcoef(input)


# Quantiles ----------------------------------------------------------------------------------------

_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile(
    input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, skip_nan: bool
) -> Tensor:
    if not isinstance(q, Tensor) and not 0 <= q <= 1:
        raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
    if interpolation not in _INTERPOLATIONS:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {interpolation}"
        )
    if input.numel() == 0:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if isinstance(q, Tensor) and q.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    if input._dtype not in (float32, float64):
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if not isinstance(q, Tensor):
        q = ops.scalar_like(input, q)
    elif q._dtype is not input._dtype:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    elif any(not 0 <= value <= 1 for value in q.detach().flatten().tolist()):
        raise RuntimeError("quantile() q values must be in the range [0, 1]")
    if dim is not None:
        dim = wrap_dim(dim, input.ndim)
    return composites_of_sorting.quantile(input, q, dim, keepdim, interpolation, skip_nan)


def _quantile_name(name: str, q: Any) -> str:
    return name if isinstance(q, Tensor) else f"{name}.scalar"


@function
@accepts_out
@method
@member_by_member(lambda input, q, *_, **__: _quantile_name("quantile", q))
def quantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """Quantiles of all elements or along dim; NaN where one is NaN."""
    return _quantile(input, q, dim, keepdim, interpolation, False)


@function
@accepts_out
@method
@member_by_member(lambda input, q, *_, **__: _quantile_name("nanquantile", q))
def nanquantile(
    input: Tensor,
    q: Any,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    interpolation: str = "linear",
) -> Tensor:
    """Quantiles of what is not NaN."""
    return _quantile(input, q, dim, keepdim, interpolation, True)
