"""torch's reductions: sums, variances, extremes, tests, norms."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES, DType, bool_, float32, int64, not_implemented_for, uint8
from ..engine.memory_overlap import refuse_overlap
from ..return_types import return_type
from ..sizes import numel
from ..tensor import C_NAMES, Given, GivenDims, Tensor, wrap_dim
from ..type_promotion import warn_of_lost_parts
from .facts import result_type
from .registration import accepts_out, function, method

_MAX = return_type("max", "values indices")
_MIN = return_type("min", "values indices")
_AMINMAX = return_type("aminmax", "min max")


def reduced_dims(dim: Any, ndim: int) -> tuple[int, ...]:
    """Return the dims to reduce, counted from the front; None or () means all.

    Raises:
        IndexError: one is out of range (torch's text).
        RuntimeError: one is named twice (torch's text).
    """
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return GivenDims(range(ndim), dim)
    if ndim > 64:
        raise RuntimeError("only tensors with up to 64 dims are supported")
    dims = [wrap_dim(d, ndim) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    for d in dims:
        if dims.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return tuple(dims) if ndim else GivenDims((), dims)


def check_tensor(name: str, input: Any) -> None:
    """Refuse what is not a Tensor with torch's text."""
    if not isinstance(input, Tensor):
        raise TypeError(
            f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )


def check_not_empty(name: str, input: Tensor, dim: int, written: int | None = None) -> None:
    """Refuse to look for an element along a dim that has none (torch's text).

    ``written`` is what the text calls the dim, by default its number.

    Raises:
        IndexError: the dim has size 0.
    """
    if input._array.shape and input._array.shape[dim] == 0:
        written = dim if written is None else written
        raise IndexError(f"{name}(): Expected reduction dim {written} to have non-zero size.")


# Sums and products --------------------------------------------------------------------------------


def _sum_dtype(input: Tensor, dtype: DType | None) -> DType | None:
    """Return the dtype a sum is taken in: None for the input's own."""
    if dtype is None:
        return None if input._dtype.is_inexact else int64
    if input.numel():
        warn_of_lost_parts(input._dtype, dtype, 3)
    return None if dtype is input._dtype else dtype


@function
@accepts_out
@method
def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Sum over dims (all by default); integers and bool give int64."""
    check_tensor("sum", input)
    if dtype is not None or not input._dtype.is_inexact:
        dtype = _sum_dtype(input, dtype)
    if dim is None and not keepdim:
        return ops.sum_all(input, dtype)
    return ops.sum(input, reduced_dims(dim, input.ndim), keepdim, dtype)


@function
@accepts_out
@method
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Sum over dims of what is not NaN; integers and bool are summed as ``sum`` does."""
    if input._dtype.is_complex:
        raise RuntimeError("nansum on CPU does not support complex inputs")
    dims = reduced_dims(dim, input.ndim)
    if not input._dtype.is_inexact:
        return sum(input, dims, keepdim, dtype=dtype)
    return ops.nansum(input, dims, keepdim, _sum_dtype(input, dtype))


@function
@accepts_out
@method
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Product of all elements or along one dim; integers and bool give int64."""
    dtype = _sum_dtype(input, dtype)
    if dim is None:
        return ops.prod_all(input, dtype)
    dims = GivenDims(reduced_dims((dim,), input.ndim), dim)
    return ops.prod(input, dims, keepdim, dtype)


def check_mean_dtype(dtype: DType, which: str = "Input") -> None:
    """Refuse to take a mean in a dtype without fractions (torch's text)."""
    if not dtype.is_inexact:
        raise RuntimeError(
            f"mean(): could not infer output dtype. {which} dtype must be either a floating point "
            f"or complex dtype. Got: {LEGACY_NAMES[dtype]}"
        )


@function
@accepts_out
@method
def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Mean over dims (all by default) of floating or complex elements."""
    wanted = input._dtype if dtype is None else dtype
    check_mean_dtype(wanted, "Input" if dtype is None else "Optional")
    dtype = _sum_dtype(input, wanted)
    if dim is None and not keepdim:
        return ops.mean_all(input, dtype)
    return ops.mean(input, reduced_dims(dim, input.ndim), keepdim, dtype)


# Variances ----------------------------------------------------------------------------------------

#: No dim given, of which torch has an overload of its own, apart from None.
_ALL = GivenDims((), None)
#: What is subtracted from the count by default, which nodes show as None.
_BESSEL = Given(1, None)


def _spread(
    name: str, input: Tensor, dim: Any, unbiased: Any, keepdim: bool, correction: Any
) -> Any:
    """Call var, std or their pair with the arguments of any of torch's overloads."""
    by_default = dim is _ALL
    if by_default:
        dim = None
    elif isinstance(dim, bool):  # var(input, unbiased)
        dim, unbiased = None, dim
    if not input._dtype.is_inexact:
        prefix = name if name.endswith("_mean") else "std and var"
        raise RuntimeError(f"{prefix} only support floating point and complex dtypes")
    if unbiased is not None:
        correction = int(unbiased)
    elif correction is None:
        correction = _BESSEL
    elif correction is _BESSEL and not by_default:  # var(input, dim), which has unbiased=True
        correction = 1
    dims = reduced_dims(dim, input.ndim)
    shape = input._array.shape
    kept = numel(n for d, n in enumerate(shape) if d not in dims)
    made = getattr(ops, name)(input, dims, correction, keepdim)
    too_few = numel(shape) // (kept or 1) - correction <= 0
    for _ in range(too_few + (too_few and input._dtype.is_complex)):  # once for each part
        warnings.warn(
            f"{name}(): degrees of freedom is <= 0. Correction should be strictly less than the "
            "reduction factor (input numel divided by output numel).",
            UserWarning,
            stacklevel=4,
        )
    return made


@function
@accepts_out
@method
def var(
    input: Tensor,
    dim: Any = _ALL,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: Any = _BESSEL,
) -> Tensor:
    """Variance over dims: squared deviations over the count less ``correction`` (1)."""
    return _spread("var", input, dim, unbiased, keepdim, correction)


@function
@accepts_out
@method
def std(
    input: Tensor,
    dim: Any = _ALL,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: Any = _BESSEL,
) -> Tensor:
    """Standard deviation over dims: the root of ``var``."""
    return _spread("std", input, dim, unbiased, keepdim, correction)


@function
def var_mean(
    input: Tensor,
    dim: Any = _ALL,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: Any = _BESSEL,
) -> tuple[Tensor, Tensor]:
    """Variance and mean over dims."""
    return _spread("var_mean", input, dim, unbiased, keepdim, correction)


@function
def std_mean(
    input: Tensor,
    dim: Any = _ALL,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: Any = _BESSEL,
) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean over dims."""
    return _spread("std_mean", input, dim, unbiased, keepdim, correction)


# Extremes -----------------------------------------------------------------------------------------


def _check_each_not_empty(name: str, input: Tensor, dim: Any) -> tuple[int, ...]:
    if input.numel() == 0 and isinstance(dim, (list, tuple)):
        for d in dim:
            check_not_empty(name, input, wrap_dim(d, input.ndim), d)
    dims = reduced_dims(dim, input.ndim)
    if input.numel() == 0 and (dim is None or dim == () or dim == []):
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
            "reduction dim with the 'dim' argument."
        )
    written = (dim,) if isinstance(dim, int) else dim or dims
    for d, as_given in zip(dims, written, strict=False):  # a 0-d tensor has none
        check_not_empty(name, input, d, as_given)
    return dims


def _out_of_own_dtype(fn: Any) -> Any:
    """Refuse an ``out=`` whose dtype is not the input's (torch's text)."""

    @functools.wraps(fn)
    def wrapper(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        if isinstance(out, Tensor) and out._dtype is not input._dtype:
            raise RuntimeError(
                "Expected the dtype for input and out to match, but got "
                f"{LEGACY_NAMES[input._dtype]} for input's dtype and {LEGACY_NAMES[out._dtype]} "
                "for out's dtype."
            )
        for target in out if isinstance(out, (tuple, list)) else ():
            if target._dtype is not input._dtype:
                raise RuntimeError(
                    f"Expected out tensor to have dtype {C_NAMES[input._dtype.name]}, but got "
                    f"{C_NAMES[target._dtype.name]} instead"
                )
        return fn(input, *args, out=out, **kwargs)

    return wrapper


def out_apart(fn: Any) -> Any:
    """Refuse an ``out=`` that shares memory with the input, which torch reads while it writes."""

    @functools.wraps(fn)
    def wrapper(input: Tensor, *args: Any, out: Any = None, **kwargs: Any) -> Any:
        for target in () if out is None else out:
            refuse_overlap(target, input)
        return fn(input, *args, out=out, **kwargs)

    return wrapper


@function
@_out_of_own_dtype
@accepts_out
@method
def amax(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """Maximum over dims; equal maxima share the gradient evenly."""
    dims = _check_each_not_empty("amax", input, dim)
    if input._dtype.is_complex and input.numel():
        raise not_implemented_for("max_values_cpu", input._dtype)
    return ops.amax(input, dims, keepdim)


@function
@_out_of_own_dtype
@accepts_out
@method
def amin(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """Minimum over dims; equal minima share the gradient evenly."""
    dims = _check_each_not_empty("amin", input, dim)
    if input._dtype.is_complex and input.numel():
        raise not_implemented_for("min_values_cpu", input._dtype)
    return ops.amin(input, dims, keepdim)


@function
@_out_of_own_dtype
@out_apart
@accepts_out
@method
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> Any:
    """Minimum and maximum, of all elements or along one dim."""
    dims = reduced_dims(None if dim is None else (dim,), input.ndim)
    if input.numel() == 0:
        if dim is None:
            raise RuntimeError(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has "
                "no identity."
            )
        if dims and input._array.shape[dims[0]] == 0:
            raise IndexError(f"aminmax: Expected reduction dim {dims[0]} to have non-zero size.")
    if input._dtype.is_complex:
        if dim is not None and not input.ndim:
            raise RuntimeError(f"aminmax not implemented for {LEGACY_NAMES[input._dtype]}")
        raise not_implemented_for("aminmax_cpu", input._dtype)
    return _AMINMAX(ops.aminmax(input, GivenDims(dims, dim), keepdim))


def _extreme(name: str, kind: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    """Return max or min over all, along a dim with indices, or of two tensors.

    Raises:
        TypeError: the arguments fit none of the three (torch's text).
    """
    if not isinstance(input, Tensor) or not (dim is None or isinstance(dim, (int, Tensor))):
        given = ", ".join(type(v).__name__ for v in (input, dim) if v is not None)
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({given}), but expected "
            "one of:\n * (Tensor input, *, Tensor out = None)\n * (Tensor input, Tensor other, *, "
            "Tensor out = None)\n * (Tensor input, int dim, bool keepdim = False, *, tuple of "
            "Tensors out = None)\n"
        )
    if isinstance(dim, Tensor):
        return getattr(ops, f"{name}imum")(input, dim)
    if dim is None:
        if input.numel() == 0:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify "
                "the reduction dim with the 'dim' argument."
            )
        if input._dtype.is_complex:
            raise not_implemented_for(f"{name}_all", input._dtype)
        return getattr(ops, f"{name}_all")(input)
    dim = wrap_dim(dim, input.ndim)
    check_not_empty(name, input, dim)
    if input._dtype.is_complex:
        raise RuntimeError(f"{name}(): does not support complex input")
    return kind(getattr(ops, f"{name}_dim")(input, dim, keepdim))


@function
@accepts_out
@method
def max(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """Maximum of all elements; along a dim with indices; or of two tensors, element by element."""
    return _extreme("max", _MAX, input, dim if other is None else other, keepdim)


@function
@accepts_out
@method
def min(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Any = None) -> Any:
    """Minimum of all elements; along a dim with indices; or of two tensors, element by element."""
    return _extreme("min", _MIN, input, dim if other is None else other, keepdim)


def _arg_extreme(name: str, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    if input._dtype.is_complex:
        raise RuntimeError(f"{name}(): does not support complex input")
    if input._dtype is bool_:
        raise RuntimeError(f"{name}(): does not support bool input")
    if dim is None:
        if input.numel() == 0:
            raise IndexError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
            )
        found = getattr(ops, name)(ops.reshape(input.detach(), (input.numel(),)), 0, False)
        return ops.reshape(found, (1,) * input.ndim) if keepdim else found
    dim = wrap_dim(dim, input.ndim)
    check_not_empty(name, input, dim)
    return getattr(ops, name)(input, dim, keepdim)


@function
@accepts_out
@method
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the first maximum along dim, or in the flattened tensor."""
    return _arg_extreme("argmax", input, dim, keepdim)


@function
@accepts_out
@method
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the first minimum along dim, or in the flattened tensor."""
    return _arg_extreme("argmin", input, dim, keepdim)


# Tests and counts ---------------------------------------------------------------------------------


def _test(name: str, input: Tensor, dim: Any, keepdim: bool) -> Tensor:
    if isinstance(dim, (tuple, list)) and not dim:
        tested = ops.ne(input, 0)
    else:
        tested = getattr(ops, name)(input, reduced_dims(dim, input.ndim), keepdim)
    if input._dtype is uint8:
        tested = ops.to_dtype(tested, uint8)
    return tested


@function
@accepts_out
@method
def any(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether some element over dims is not zero; uint8 for uint8."""
    return _test("any", input, dim, keepdim)


@function
@accepts_out
@method
def all(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether no element over dims is zero; uint8 for uint8."""
    return _test("all", input, dim, keepdim)


@function
@method
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """Number of non-zero elements over dims, as int64."""
    return ops.count_nonzero(input, reduced_dims(dim, input.ndim))


# Norms --------------------------------------------------------------------------------------------


@function
@accepts_out
@method
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log of the sum of exp over dims."""
    return ops.logsumexp(input, reduced_dims(dim, input.ndim), keepdim)


def refuse_norm_of_integers(input: Tensor) -> None:
    """Refuse dtypes that have no norm (torch's text)."""
    if not input._dtype.is_inexact:
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. Got "
            f"{LEGACY_NAMES[input._dtype]}"
        )


@function(under="linalg")
@accepts_out
def vector_norm(
    x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """The ``ord`` norm of the elements over dims (all by default); real."""
    refuse_norm_of_integers(x)
    if dtype is not None:
        check_norm_dtype("linalg.vector_norm", x._dtype, dtype)
        if dtype is x._dtype:
            dtype = None
    if isinstance(ord, complex):
        raise RuntimeError(
            "linalg.vector_norm: Expected a non-complex scalar as the order of norm."
        )
    order = float(ord)
    dims = reduced_dims(dim, x.ndim)
    over_all = dim is None or dim == () or dim == []
    if x.numel() == 0 and (order < 0 or order == float("inf")):
        shown = f"{ord:g}" if isinstance(ord, float) else ord
        message = f"linalg.vector_norm cannot compute the {shown} norm on "
        if over_all:
            raise RuntimeError(
                f"{message}an empty tensor because the operation does not have an identity"
            )
        written = (dim,) if isinstance(dim, int) else dim
        for d, as_given in zip(dims, written, strict=False):
            if x._array.shape[d] == 0:
                raise RuntimeError(
                    f"{message}the dimension {as_given}because this dimension is empty and the "
                    "operation does not have an identity"
                )
    one_each = {x._array.shape[d] for d in dims} <= {1} if x.ndim else over_all
    if order == 0 and one_each:  # torch casts "not zero" itself
        warn_of_lost_parts(x._dtype, float32, 2)
    return ops.vector_norm(x, ord if isinstance(ord, int) else order, dims, keepdim, dtype)


def check_norm_dtype(name: str, own: DType, dtype: DType) -> None:
    """Refuse a ``dtype=`` that is not inexact, of the other kind, or narrower (torch's texts)."""
    if not dtype.is_inexact:
        raise RuntimeError(
            f"{name}: dtype should be floating point or complex, but got {LEGACY_NAMES[dtype]}"
        )
    if own.is_complex != dtype.is_complex:
        kind = "complex" if own.is_complex else "real"
        raise RuntimeError(
            f"{name}: dtype should be {kind} for {kind} inputs, but got {LEGACY_NAMES[dtype]}"
        )
    if dtype.itemsize < own.itemsize:
        raise RuntimeError(
            f"{name}: the dtype of the input ({LEGACY_NAMES[own]}) should be "
            "convertible without narrowing to the specified dtype "
            f"({LEGACY_NAMES[dtype]})"
        )


@function
@method
def dist(input: Tensor, other: Tensor, p: Any = 2) -> Tensor:
    """The ``p`` norm of ``input - other``."""
    bools = [input._dtype, other._dtype].count(bool_)
    if bools:
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
            "`logical_xor()` operator instead."
            if bools == 2
            else "Subtraction, the `-` operator, with a bool tensor is not supported. If you are "
            "trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    dtype = result_type(input, other)
    if not dtype.is_inexact:
        raise RuntimeError(
            "norm(): input dtype should be either floating point or complex. Got "
            f"{LEGACY_NAMES[dtype]} instead."
        )
    if p == 0 and input.numel() == 1 == other.numel():  # torch casts "not zero" itself
        warn_of_lost_parts(dtype, float32, 2)
    return ops.dist(input, other, p)


@function
@accepts_out
@method
def renorm(input: Tensor, p: Any, dim: int, maxnorm: Any) -> Tensor:
    """Scale each index of dim whose ``p`` norm is above ``maxnorm`` down to it."""
    return ops.renorm(input, *_renorm_arguments(input, p, dim, maxnorm))


@method
def renorm_(input: Tensor, p: Any, dim: int, maxnorm: Any) -> Tensor:
    """``renorm`` in place."""
    return ops.renorm.inplace(input, *_renorm_arguments(input, p, dim, maxnorm))


def _renorm_arguments(input: Tensor, p: Any, dim: int, maxnorm: Any) -> Sequence[Any]:
    if isinstance(p, complex):
        raise RuntimeError("renorm: p must be real-valued")
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if isinstance(maxnorm, complex):
        raise RuntimeError("renorm: maxnorm must be real-valued")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if input.ndim < 2:
        raise RuntimeError(
            f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions"
        )
    dim = wrap_dim(dim, input.ndim)
    refuse_norm_of_integers(input)
    return p, dim, maxnorm
