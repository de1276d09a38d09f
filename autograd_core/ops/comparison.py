"""Comparison, logic, bits, and the choice of one operand: kernel, gradients, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import (
    NON_DIFFERENTIABLE,
    NUMBER,
    OPERAND,
    POINTWISE,
    Refusal,
    no_kernel,
    op,
)
from ..dtypes import bool_, not_implemented_for
from ..sizes import (
    Shape,
    broadcast_shapes,
    pointwise_strides,
    strides_beside_number,
    strides_of_first,
)
from ..tensor import Tensor
from .pointwise import NOT_IMPLEMENTED
from .pointwise_formulas import (
    clamp_backward,
    clamp_max_backward,
    clamp_min_backward,
    clamp_tangent,
    fmax_keeps_self,
    fmin_keeps_self,
    larger_tangent,
    not_implemented,
    smaller_tangent,
)

# Comparison: no gradient --------------------------------------------------------------------------


def _comparison(name: str, node: str, refuses: dict[str, Refusal]) -> Any:
    """Return the entry of a comparison; its in-place forms make numbers, whose gradient is zero."""

    def compared(xp: Any, self: Any, other: Any) -> Any:
        return getattr(xp, name)(self, other)

    def zeros(xp: Any, grad: Any) -> Any:
        return xp.zeros_like(grad)

    def no_tangent(xp: Any, self: Any) -> Any:
        return xp.zeros_like(self)

    written: dict[str, Any] = {"kernel": compared, "refuses": refuses, "tangent": no_tangent}
    with_number = op(
        f"{node}Backward0",
        f"{name}_number_written(self, other)",
        self=zeros,
        other=OPERAND,
        writes={"self": 1},
        **written,
    )
    with_tensor = op(
        f"{node}Backward1",
        f"{name}_written(self, other)",
        self=zeros,
        other=zeros,
        writes={"self": 1, "other": 1},
        **written,
    )

    def inplace(self: Tensor, other: Any) -> Tensor:
        result: Tensor = (with_tensor if isinstance(other, Tensor) else with_number).inplace(
            self, other
        )
        return result

    compare = op("", f"{name}(self, other)", refuses=refuses, self=OPERAND, other=OPERAND)
    compare.inplace = inplace
    return compare


eq = _comparison("eq", "Eq", {})
ne = _comparison("ne", "Ne", {})
lt = _comparison("lt", "Lt", {"c": no_kernel("lt_cpu")})
le = _comparison("le", "Le", {"c": no_kernel("le_cpu")})
gt = _comparison("gt", "Gt", {"c": no_kernel("gt_cpu")})
ge = _comparison("ge", "Ge", {"c": no_kernel("ge_cpu")})


def _strides_of_bound(shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]) -> Shape:
    """As of the absolute value's comparison with a number."""
    return strides_beside_number(shape, shapes, (pointwise_strides(shape, shapes, strides),))


def _strides_of_bounds(
    shape: Shape, shapes: tuple[Shape, ...], strides: tuple[Shape, ...]
) -> Shape:
    """As of two such comparisons, with itself and with a number, and of their product."""
    of_itself = pointwise_strides(shape, shapes * 2, strides * 2)
    of_bound = _strides_of_bound(shape, shapes, strides)
    return pointwise_strides(shape, shapes * 2, (of_itself, of_bound))


signbit = op(
    "",
    "signbit(self)",
    refuses={"c": Refusal(NotImplementedError, "signbit is not implemented for complex tensors.")},
    self=OPERAND,
)
isnan = op("", "isnan(self)", self=OPERAND)
isinf = op("", "isinf(self)", layout=_strides_of_bound, self=OPERAND)
isfinite = op("", "isfinite(self)", layout=_strides_of_bounds, self=OPERAND)
isposinf = op(
    "",
    "isposinf(self)",
    refuses={"c": Refusal(RuntimeError, "isposinf does not support complex inputs.")},
    self=OPERAND,
)
isneginf = op(
    "",
    "isneginf(self)",
    refuses={"c": Refusal(RuntimeError, "isneginf does not support complex inputs.")},
    self=OPERAND,
)

# Logic and bits: no gradient ----------------------------------------------------------------------

logical_not = op("", "logical_not(self)", self=OPERAND)
logical_and = op("", "logical_and(self, other)", self=OPERAND, other=OPERAND)
logical_or = op("", "logical_or(self, other)", self=OPERAND, other=OPERAND)
logical_xor = op("", "logical_xor(self, other)", self=OPERAND, other=OPERAND)


def _bits(name: str, refused: str, kernel: str, **operands: Any) -> Any:
    """Return the function of integers, which torch has nothing for the autograd of."""
    signature = f"{name}({', '.join(operands)})"
    function = op("", signature, refuses={refused: no_kernel(kernel)}, **operands)
    function.entry.falls_back = True
    return function


_TWO = {"self": OPERAND, "other": OPERAND}
bitwise_not = _bits("bitwise_not", "fc", "bitwise_not_cpu", self=OPERAND)
bitwise_and = _bits("bitwise_and", "fc", "bitwise_and_cpu", **_TWO)
bitwise_or = _bits("bitwise_or", "fc", "bitwise_or_cpu", **_TWO)
bitwise_xor = _bits("bitwise_xor", "fc", "bitwise_xor_cpu", **_TWO)
bitwise_left_shift = _bits("bitwise_left_shift", "bfc", "lshift_cpu", **_TWO)
bitwise_right_shift = _bits("bitwise_right_shift", "bfc", "rshift_cpu", **_TWO)
gcd = _bits("gcd", "bfc", "gcd_cpu", **_TWO)
lcm = _bits("lcm", "bfc", "lcm_cpu", **_TWO)

# The larger and the smaller -----------------------------------------------------------------------

maximum = op(
    "MaximumBackward0",
    "maximum(self, other)",
    refuses={"c": Refusal(RuntimeError, "maximum not implemented for complex tensors.")},
    self=lambda xp, grad, self, other: xp.filled(
        xp.where(self == other, grad / 2, grad), self < other, 0
    ),
    other=lambda xp, grad, self, other: xp.filled(
        xp.where(self == other, grad / 2, grad), self > other, 0
    ),
    writes={"self": 1, "other": 1},
    tangent=larger_tangent,
)
minimum = op(
    "MinimumBackward0",
    "minimum(self, other)",
    refuses={"c": Refusal(RuntimeError, "minimum not implemented for complex tensors.")},
    self=lambda xp, grad, self, other: xp.filled(
        xp.where(self == other, grad / 2, grad), self > other, 0
    ),
    other=lambda xp, grad, self, other: xp.filled(
        xp.where(self == other, grad / 2, grad), self < other, 0
    ),
    writes={"self": 1, "other": 1},
    tangent=smaller_tangent,
)
fmax = op(
    "FmaxBackward0",
    "fmax(self, other)",
    refuses={"c": Refusal(RuntimeError, "fmax not implemented for complex tensors.")},
    self=lambda xp, grad, self, other: xp.masked_fill(
        grad, xp.logical_not(fmax_keeps_self(xp, self, other)), 0
    ),
    other=lambda xp, grad, self, other: xp.masked_fill(grad, fmax_keeps_self(xp, self, other), 0),
    tangent=lambda xp, self, other, self_t, other_t: (
        other_t + xp.where(xp.logical_or(self > other, xp.isnan(other)), self_t - other_t, 0)
    ),
)
fmin = op(
    "FminBackward0",
    "fmin(self, other)",
    refuses={"c": Refusal(RuntimeError, "fmin not implemented for complex tensors.")},
    self=lambda xp, grad, self, other: xp.masked_fill(
        grad, xp.logical_not(fmin_keeps_self(xp, self, other)), 0
    ),
    other=lambda xp, grad, self, other: xp.masked_fill(grad, fmin_keeps_self(xp, self, other), 0),
    tangent=lambda xp, self, other, self_t, other_t: (
        other_t + xp.where(fmin_keeps_self(xp, self, other), self_t - other_t, 0)
    ),
)

CLAMP_COMPLEX: Refusal = Refusal(NotImplementedError, "clamp is not supported for complex types")


def _clamp_between(xp: Any, self: Any, min: Any, max: Any) -> Any:
    """Bound by tensors; one bound of bools is a maximum or minimum, which torch has for them."""
    dtype, both = xp.dtype(self), min is not None and max is not None
    if dtype.is_complex or (dtype is bool_ and both):
        broadcast_shapes(self.shape, *(bound.shape for bound in (min, max) if bound is not None))
        kernel = "clamp_cpu" if both else "maximum_cpu" if max is None else "minimum_cpu"
        raise not_implemented_for(kernel, dtype)
    return xp.clamp_tensor(self, min, max)


clamp = op(
    "ClampBackward1",
    "clamp(self, min=None, max=None)",
    min=NUMBER,
    max=NUMBER,
    refuses={"c": CLAMP_COMPLEX},
    self=clamp_backward,
    tangent=POINTWISE,
)
clamp_tensor = op(
    "ClampBackward0",
    "clamp_tensor(self, min=None, max=None)",
    kernel=_clamp_between,
    self=clamp_backward,
    min=clamp_min_backward,
    max=clamp_max_backward,
    tangent=clamp_tangent,
)
clamp_min = op(
    "ClampMinBackward0",
    "clamp_min(self, min)",
    kernel=lambda xp, self, min: xp.maximum(self, xp.scalar_like(self, min)),
    min=NUMBER,
    refuses={"c": CLAMP_COMPLEX},
    self=lambda xp, grad, self, min: xp.where(self >= min, grad, 0),
    tangent=POINTWISE,
)
clamp_min_tensor = op(
    "ClampMinBackward1",
    "clamp_min_tensor(self, min)",
    kernel=lambda xp, self, min: xp.maximum(self, min),
    refuses={"c": no_kernel("maximum_cpu")},
    self=lambda xp, grad, self, min: xp.where(self >= min, grad, 0),
    min=lambda xp, grad, self, min: xp.where(self < min, grad, 0),
    tangent=lambda xp, self, min, self_t, min_t: xp.where(self >= min, self_t, min_t),
)
clamp_max = op(
    "ClampMaxBackward0",
    "clamp_max(self, max)",
    kernel=lambda xp, self, max: xp.minimum(self, xp.scalar_like(self, max)),
    max=NUMBER,
    refuses={"c": CLAMP_COMPLEX},
    self=lambda xp, grad, self, max: xp.where(self <= max, grad, 0),
    tangent=POINTWISE,
)
clamp_max_tensor = op(
    "ClampMaxBackward1",
    "clamp_max_tensor(self, max)",
    kernel=lambda xp, self, max: xp.minimum(self, max),
    refuses={"c": no_kernel("minimum_cpu")},
    self=lambda xp, grad, self, max: xp.where(self <= max, grad, 0),
    max=lambda xp, grad, self, max: xp.where(self > max, grad, 0),
    tangent=lambda xp, self, max, self_t, max_t: xp.where(self <= max, self_t, max_t),
)

# Choice -------------------------------------------------------------------------------------------

where = op(
    "WhereBackward0",
    "where(condition, self, other)",
    condition=NON_DIFFERENTIABLE,
    self=lambda xp, grad, condition: xp.where(condition, grad, 0),
    other=lambda xp, grad, condition: xp.where(condition, 0, grad),
    tangent=lambda xp, condition, self_t, other_t: xp.where(condition, self_t, other_t),
)


def _check_step(self: Tensor, values: Tensor) -> None:
    """Refuse what has no steps, and operands of two dtypes (torch's texts)."""
    if self._dtype.is_complex or values._dtype.is_complex:
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if self._dtype is not values._dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")


def _heaviside(name: str) -> Any:
    return op(
        NOT_IMPLEMENTED,
        f"{name}(self, values)",
        check=_check_step,
        kernel=lambda xp, self, values: xp.heaviside(self, values),
        self=not_implemented(name),
        values=not_implemented(name),
    )


heaviside = _heaviside("heaviside")
heaviside.inplace = _heaviside("heaviside_").inplace
nan_to_num = op(
    "NanToNumBackward0",
    "nan_to_num(self, nan=None, posinf=None, neginf=None)",
    layout=strides_of_first,
    complex_gradient=False,
    self=lambda xp, grad, self: grad * xp.as_dtype_of(xp.isfinite(self), grad),
    tangent=POINTWISE,
)
