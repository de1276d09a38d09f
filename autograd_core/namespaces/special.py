"""torch.special."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..composites import pointwise as composites
from ..tensor import Tensor
from .pointwise import polygamma
from .registration import PUBLISHED, accepts_out, binary, function, unary

for _name in [
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expm1",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "log1p",
    "log_ndtr",
    "ndtri",
    "sinc",
    "digamma",
]:
    unary(_name, getattr(ops, _name), under="special")
for _name, _op in {"expit": ops.sigmoid, "psi": ops.digamma, "gammaln": ops.lgamma}.items():
    unary(_name, _op, under="special")
for _name in ("logit", "round", "xlogy"):
    function(PUBLISHED[""][_name], under="special", name=_name)
function(polygamma, under="special")
function(PUBLISHED[""]["mvlgamma"], under="special", name="multigammaln")
binary(
    "xlog1py",
    ops.xlog1py,
    number=ops.xlog1py_scalar,
    of_number=ops.xlog1py_of_number,
    under="special",
)
for _name in ("igamma", "igammac"):
    binary(_name, getattr(ops, _name))
function(PUBLISHED[""]["igamma"], under="special", name="gammainc")
function(PUBLISHED[""]["igammac"], under="special", name="gammaincc")
for _name in [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "spherical_bessel_j0",
]:
    unary(_name, getattr(ops, _name), under="special")
binary("zeta", ops.zeta, number=ops.zeta_scalar, of_number=ops.zeta_of_number, under="special")


@function(under="special")
@accepts_out
def ndtr(input: Any) -> Tensor:
    """The normal distribution function."""
    return composites.ndtr(input)
