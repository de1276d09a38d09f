"""Special functions: kernel, gradients, tangent."""

from __future__ import annotations

import math
from typing import Any

from ..derivatives import INT_TO_FLOAT, NUMBER, OPERAND, POINTWISE, no_kernel, op
from ..sizes import row_major_strides, strides_beside_number
from .pointwise_formulas import no_derivative
from .special_formulas import (
    i1_backward,
    i1e_backward,
    logit_backward,
    logit_within,
    mvlgamma_backward,
    xlog1py_self_backward,
    xlogy_self_backward,
)

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
    self=mvlgamma_backward,
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
    self=i1_backward,
    tangent=POINTWISE,
)
i1e = op(
    "SpecialI1EBackward0",
    "i1e(self)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("i1e_cpu")},
    self=i1e_backward,
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
    kernel=logit_within,
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("logit_cpu")},
    self=logit_backward,
    tangent=POINTWISE,
)
xlogy = op(
    "XlogyBackward0",
    "xlogy(self, other)",
    promote=INT_TO_FLOAT,
    refuses={"c": no_kernel("xlogy_cpu")},
    self=xlogy_self_backward,
    other=lambda grad, self, other: grad * self / other,
    tangent=lambda xp, self, other, self_t, other_t: (
        xlogy_self_backward(xp, self_t, self, other) + other_t * self / other
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
    self=xlog1py_self_backward,
    other=lambda grad, self, other: grad * self / (other + 1),
    tangent=lambda xp, self, other, self_t, other_t: (
        xlog1py_self_backward(xp, self_t, self, other) + other_t * self / (other + 1)
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
