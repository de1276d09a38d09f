"""Special functions: kernel, gradients, tangent."""

from __future__ import annotations

import math
from typing import Any

from ..derivatives import INT_TO_FLOAT, NUMBER, OPERAND, POINTWISE, no_kernel, op
from ..dtypes import DType, not_implemented_for
from ..engine.modes import modes
from ..sizes import row_major_strides, strides_beside_number
from .pointwise_formulas import no_derivative

Array = Any


def _mvlgamma_backward(xp: Any, grad: Array, self: Array, p: int) -> Array:
    """The sum of digamma(self - i / 2) for i below p."""
    total = xp.digamma(self + (1 - p) / 2)
    for i in range(2 - p, 1):
        total = total + xp.digamma(self + i / 2)
    return grad * total


def _refuse_half(kernel: str, dtype: DType) -> None:
    if dtype.itemsize == 2:
        raise not_implemented_for(kernel, dtype)


def _i1_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """i0 - i1 / x, which is 1/2 at 0."""
    _refuse_half("i1_backward", xp.dtype(self))
    large = xp.abs(self) > _EPSILON[xp.dtype(self).itemsize]
    safe = xp.where(large, self, _EPSILON[xp.dtype(self).itemsize])
    return grad * xp.where(large, xp.i0(safe) - result * xp.reciprocal(safe), 0.5)


def _i1e_backward(xp: Any, grad: Array, self: Array, result: Array) -> Array:
    """i0e - i1e (sgn x + 1 / x), which is 1/2 at 0."""
    _refuse_half("i1e_backward", xp.dtype(self))
    large = xp.abs(self) > _EPSILON[xp.dtype(self).itemsize]
    safe = xp.where(large, self, _EPSILON[xp.dtype(self).itemsize])
    derivative = xp.i0e(safe) - result * (xp.sgn(safe) + xp.reciprocal(safe))
    return grad * xp.where(large, derivative, 0.5)


_EPSILON = {8: 2.0**-52, 4: 2.0**-23, 2: 2.0**-10}
"""The spacing of floats at 1 by their size in bytes."""


def _logit_within(xp: Any, self: Array, eps: float | None) -> Array:
    """logit of x clamped to [eps, 1 - eps], which are of the dtype of x: 1 in bfloat16."""
    if eps is not None:
        least = xp.scalar_like(self, eps)
        self = xp.clamp_tensor(self, least, 1 - least)
    return xp.logit(self)


def _logit_backward(xp: Any, grad: Array, self: Array, eps: float | None) -> Array:
    """1 / (x (1 - x)); outside [0, 1] NaN, outside [eps, 1 - eps] zero."""
    derivative = grad / (self * (1 - self))
    if eps is None:
        inside, rest = xp.logical_and(self >= 0, self <= 1), float("nan")
    else:
        outside = xp.logical_or(self < eps, self > 1 - eps)  # what is no number is not
        inside, rest = xp.logical_not(outside), 0
    if modes.grad_enabled:
        return xp.where(inside, derivative, rest)
    made = xp.masked_fill(derivative, xp.logical_not(inside), rest)
    return xp.laid_out_as(derivative, made)  # by the gradient first


def _xlogy_self_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """log(other), zero where self is 0 and the logarithm is not finite."""
    return xp.masked_fill(xp.xlogy(grad, other), xp.logical_and(self == 0, other <= 0), 0)


def _xlog1py_self_backward(xp: Any, grad: Array, self: Array, other: Array) -> Array:
    """log(1 + other), zero where self is 0 and the logarithm is not finite."""
    return xp.masked_fill(xp.xlog1py(grad, other), xp.logical_and(self == 0, other <= -1), 0)


erf = op(
    "ErfBackward0",
    "erf(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("erf_vml_cpu")},
    self=lambda xp, grad, self: 2 / math.sqrt(math.pi) * xp.exp(-xp.pow_scalar(self, 2)) * grad,
    tangent=POINTWISE,
)
erfc = op(
    "ErfcBackward0",
    "erfc(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("erfc_vml_cpu")},
    self=lambda xp, grad, self: -2 / math.sqrt(math.pi) * xp.exp(-xp.pow_scalar(self, 2)) * grad,
    tangent=POINTWISE,
)
erfcx = op(
    "SpecialErfcxBackward0",
    "erfcx(self)",
    promote=INT_TO_FLOAT,
    refuses={"ch": no_kernel("erfcx_cpu")},
    self=lambda grad, self, result: (2 * self * result - 2 / math.sqrt(math.pi)) * grad,
    tangent=POINTWISE,
)
erfinv = op(
    "ErfinvBackward0",
    "erfinv(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("erfinv_vml_cpu")},
    self=lambda xp, grad, self: (
        0.5 * math.sqrt(math.pi) * xp.exp(xp.pow_scalar(xp.erfinv(self), 2)) * grad
    ),
    tangent=POINTWISE,
)
lgamma = op(
    "LgammaBackward0",
    "lgamma(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("lgamma_vml_cpu")},
    self=lambda xp, grad, self: grad * xp.digamma(self),
    tangent=POINTWISE,
)
digamma = op(
    "DigammaBackward0",
    "digamma(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("digamma")},
    self=lambda xp, grad, self: grad * xp.polygamma(1, self),
    tangent=POINTWISE,
)
polygamma = op(
    "PolygammaBackward0",
    "polygamma(n, self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("polygamma")},
    self=lambda xp, grad, n, self: grad * xp.polygamma(n + 1, self),
    tangent=POINTWISE,
)
polygamma_written = op(
    "PolygammaBackward1",
    "polygamma_written(self, n)",
    kernel=lambda xp, self, n: xp.polygamma(n, self),
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("polygamma")},
    self=lambda xp, grad, n, self: grad * xp.polygamma(n + 1, self),
    tangent=POINTWISE,
)
mvlgamma = op(
    "MvlgammaBackward0",
    "mvlgamma(self, p)",
    layout=row_major_strides,
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("arange_cpu")},
    self=_mvlgamma_backward,
    tangent=POINTWISE,
)
i0 = op(
    "I0Backward0",
    "i0(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("i0_vml_cpu")},
    self=lambda xp, grad, self: grad * xp.i1(self),
    tangent=POINTWISE,
)
i0e = op(
    "SpecialI0EBackward0",
    "i0e(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("i0e_cpu")},
    self=lambda xp, grad, self, result: grad * (xp.i1e(self) - xp.sgn(self) * result),
    tangent=POINTWISE,
)
i1 = op(
    "SpecialI1Backward0",
    "i1(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("i1_cpu")},
    self=_i1_backward,
    tangent=POINTWISE,
)
i1e = op(
    "SpecialI1EBackward0",
    "i1e(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("i1e_cpu")},
    self=_i1e_backward,
    tangent=POINTWISE,
)
entr = op(
    "SpecialEntrBackward0",
    "entr(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("entr_cpu")},
    self=lambda xp, grad, self: grad * (-(1 + xp.log(self))),
    tangent=POINTWISE,
)
ndtri = op(
    "SpecialNdtriBackward0",
    "ndtri(self)",
    promote=INT_TO_FLOAT,
    refuses={"ch": no_kernel("ndtri_cpu")},
    self=lambda xp, grad, result: grad * math.sqrt(2 * math.pi) * xp.exp(xp.square(result) / 2),
    tangent=POINTWISE,
)
log_ndtr = op(
    "SpecialLogNdtrBackward0",
    "log_ndtr(self)",
    promote=INT_TO_FLOAT,
    refuses={"ch": no_kernel("log_ndtr_cpu")},
    self=lambda xp, grad, self, result: (
        grad / math.sqrt(2 * math.pi) * xp.exp(-(result + xp.pow_scalar(self, 2) / 2))
    ),
    tangent=POINTWISE,
)
logit = op(
    "LogitBackward0",
    "logit(self, eps=None)",
    kernel=_logit_within,
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("logit_cpu")},
    self=_logit_backward,
    tangent=POINTWISE,
)
xlogy = op(
    "XlogyBackward0",
    "xlogy(self, other)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlogy_cpu")},
    self=_xlogy_self_backward,
    other=lambda grad, self, other: grad * self / other,
    tangent=lambda xp, self, other, self_t, other_t: (
        _xlogy_self_backward(xp, self_t, self, other) + other_t * self / other
    ),
)
xlogy_of_number = op(
    "XlogyBackward1",
    "xlogy_of_number(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.xlogy(xp.scalar_like(other, self), other),
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlogy_cpu")},
    self=NUMBER,
    other=lambda grad, self, other: grad * self / other,
    tangent=POINTWISE,
)
xlogy_scalar = op(
    "XlogyBackward2",
    "xlogy_scalar(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.xlogy(self, xp.scalar_like(self, other)),
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlogy_cpu")},
    self=lambda xp, grad, self, other: (
        xp.xlogy_scalar(grad, other)
        if other > 0
        else xp.where(self == 0, 0, xp.xlogy_scalar(grad, other))
    ),
    other=NUMBER,
    tangent=POINTWISE,
)
xlog1py = op(
    "SpecialXlog1PyBackward0",
    "xlog1py(self, other)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlog1py_cpu")},
    self=_xlog1py_self_backward,
    other=lambda grad, self, other: grad * self / (other + 1),
    tangent=lambda xp, self, other, self_t, other_t: (
        _xlog1py_self_backward(xp, self_t, self, other) + other_t * self / (other + 1)
    ),
)
xlog1py_of_number = op(
    "SpecialXlog1PyBackward1",
    "xlog1py_of_number(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.xlog1py(xp.scalar_like(other, self), other),
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlog1py_cpu")},
    self=NUMBER,
    other=lambda grad, self, other: grad * self / (other + 1),
    tangent=POINTWISE,
)
xlog1py_scalar = op(
    "SpecialXlog1PyBackward2",
    "xlog1py_scalar(self, other)",
    layout=strides_beside_number,
    kernel=lambda xp, self, other: xp.xlog1py(self, xp.scalar_like(self, other)),
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlog1py_cpu")},
    self=lambda xp, grad, self, other: (
        xp.xlog1py_scalar(grad, other)
        if other > -1
        else xp.where(self == 0, 0, xp.xlog1py_scalar(grad, other))
    ),
    other=NUMBER,
    tangent=POINTWISE,
)
zeta = op(
    "SpecialZetaBackward0",
    "zeta(self, other)",
    aten="special_zeta",
    promote=INT_TO_FLOAT,
    refuses={"hc": no_kernel("zeta_cpu")},
    self=no_derivative("zeta"),
    other=lambda xp, grad, self, other: grad * -self * xp.zeta(self + 1, other),
)
zeta_of_number = op(
    "SpecialZetaBackward1",
    "zeta_of_number(self, other)",
    layout=strides_beside_number,
    aten="special_zeta",
    kernel=lambda xp, self, other: xp.zeta(xp.scalar_like(other, self), other),
    promote=INT_TO_FLOAT,
    refuses={"hc": no_kernel("zeta_cpu")},
    self=NUMBER,
    other=lambda xp, grad, self, other: grad * -self * xp.zeta_of_number(self + 1.0, other),
)
zeta_scalar = op(
    "SpecialZetaBackward2",
    "zeta_scalar(self, other)",
    layout=strides_beside_number,
    aten="special_zeta",
    kernel=lambda xp, self, other: xp.zeta(self, xp.scalar_like(self, other)),
    promote=INT_TO_FLOAT,
    refuses={"hc": no_kernel("zeta_cpu")},
    self=no_derivative("zeta"),
    other=NUMBER,
)


# Incomplete gamma functions -----------------------------------------------------------------------


def _incomplete(node: str, name: str, sign: int) -> Any:
    """Return a regularized incomplete gamma function; they add up to 1."""
    return op(
        node,
        f"{name}(self, other)",
        refuses={"c": no_kernel(f"{name}_cpu"), "bi": no_kernel(f"{name}_cpu")},
        self=no_derivative(f"{name}: input"),
        other=lambda xp, grad, self, other: (
            grad * sign * xp.exp((self - 1) * xp.log(other) - other - xp.lgamma(self))
        ),
    )


igamma = _incomplete("IgammaBackward0", "igamma", 1)
igammac = _incomplete("IgammacBackward0", "igammac", -1)

# Without a gradient -------------------------------------------------------------------------------


def _plain(name: str) -> Any:
    """Return a function of one operand that torch does not differentiate."""
    return op(
        "",
        f"{name}(self)",
        aten=f"special_{name}",
        promote=INT_TO_FLOAT,
        refuses={"c": no_kernel(f"{name}_cpu")},
        self=OPERAND,
    )


airy_ai = _plain("airy_ai")
bessel_j0 = _plain("bessel_j0")
bessel_j1 = _plain("bessel_j1")
bessel_y0 = _plain("bessel_y0")
bessel_y1 = _plain("bessel_y1")
modified_bessel_i0 = _plain("modified_bessel_i0")
modified_bessel_i1 = _plain("modified_bessel_i1")
modified_bessel_k0 = _plain("modified_bessel_k0")
modified_bessel_k1 = _plain("modified_bessel_k1")
scaled_modified_bessel_k0 = _plain("scaled_modified_bessel_k0")
scaled_modified_bessel_k1 = _plain("scaled_modified_bessel_k1")
spherical_bessel_j0 = _plain("spherical_bessel_j0")
