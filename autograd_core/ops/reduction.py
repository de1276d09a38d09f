"""Reductions: kernel, gradient, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, INT_TO_FLOAT, LINEAR, OPERAND, op
from ..sizes import row_major_strides
from .reduction_formulas import (
    all_dims,
    aminmax_backward,
    aminmax_tangent,
    cumprod_backward,
    cumprod_tangent,
    dist_backward,
    dist_other_backward,
    dist_tangent,
    evenly_distribute_backward,
    evenly_read_tangent,
    logcumsumexp_backward,
    logcumsumexp_tangent,
    logsumexp_backward,
    logsumexp_tangent,
    mean_backward,
    nansum_backward,
    norm_backward,
    norm_tangent,
    prod_all_backward,
    prod_all_tangent,
    prod_backward,
    prod_tangent,
    renorm_backward,
    renorm_tangent,
    reverse_cumsum,
    running_extreme_backward,
    spread_evenly,
    spread_tangent,
    std_backward,
    std_mean_backward,
    std_mean_tangent,
    std_tangent,
    sum_backward,
    value_selecting_backward,
    value_selecting_tangent,
    var_backward,
    var_mean_backward,
    var_mean_tangent,
    var_tangent,
)


def _as(xp: Any, self: Any, dtype: Any) -> Any:
    """Return the array in the dtype that ``dtype=`` asks for."""
    return self if dtype is None else xp.cast(self, dtype)


# Sums and products --------------------------------------------------------------------------------

sum: Any = op(
    "SumBackward1",
    "sum(self, dim, keepdim=False, dtype=None)",
    kernel=lambda xp, self, dim, keepdim, dtype: xp.sum(_as(xp, self, dtype), dim, keepdim),
    self=sum_backward,
    tangent=LINEAR,
)
sum_all = op(
    "SumBackward0",
    "sum_all(self, dtype=None)",
    kernel=lambda xp, self, dtype: xp.sum_all(self if dtype is None else xp.cast(self, dtype)),
    self=lambda xp, grad, self_shape: xp.expand(grad, self_shape),
    tangent=LINEAR,
)
mean = op(
    "MeanBackward1",
    "mean(self, dim, keepdim=False, dtype=None)",
    kernel=lambda xp, self, dim, keepdim, dtype: xp.mean(_as(xp, self, dtype), dim, keepdim),
    self=mean_backward,
    tangent=LINEAR,
)
mean_all = op(
    "MeanBackward0",
    "mean_all(self, dtype=None)",
    kernel=lambda xp, self, dtype: xp.mean(_as(xp, self, dtype), all_dims(self)),
    self=lambda xp, grad, self_shape, self_numel: xp.div_scalar(
        xp.expand(grad, self_shape), max(self_numel, 1)
    ),
    tangent=LINEAR,
)
nansum = op(
    "NansumBackward0",
    "nansum(self, dim, keepdim=False, dtype=None)",
    kernel=lambda xp, self, dim, keepdim, dtype: xp.nansum(_as(xp, self, dtype), dim, keepdim),
    self=nansum_backward,
    tangent=lambda xp, self, self_t, dim, keepdim, dtype: xp.sum(
        xp.where(xp.isnan(self), 0, self_t), dim, keepdim, dtype
    ),
)
prod = op(
    "ProdBackward1",
    "prod(self, dim, keepdim=False, dtype=None)",
    kernel=lambda xp, self, dim, keepdim, dtype: xp.prod(_as(xp, self, dtype), dim, keepdim),
    self=prod_backward,
    tangent=prod_tangent,
)
prod_all = op(
    "ProdBackward0",
    "prod_all(self, dtype=None)",
    kernel=lambda xp, self, dtype: xp.prod(_as(xp, self, dtype), all_dims(self)),
    self=prod_all_backward,
    tangent=prod_all_tangent,
)

# Variances ----------------------------------------------------------------------------------------

var = op(
    "VarBackward0",
    "var(self, dim, correction, keepdim=False)",
    self=var_backward,
    tangent=var_tangent,
)
std = op(
    "StdBackward0",
    "std(self, dim, correction, keepdim=False)",
    self=std_backward,
    tangent=std_tangent,
)
var_mean = op(
    "VarMeanBackward0",
    "var_mean(self, dim, correction, keepdim=False)",
    outputs="var mean",
    self=var_mean_backward,
    tangent=var_mean_tangent,
)
std_mean = op(
    "StdMeanBackward0",
    "std_mean(self, dim, correction, keepdim=False)",
    outputs="result0 result1",
    self=std_mean_backward,
    tangent=std_mean_tangent,
)

# Extremes -----------------------------------------------------------------------------------------

amax = op(
    "AmaxBackward0",
    "amax(self, dim, keepdim=False)",
    complex_gradient=False,
    self=spread_evenly,
    tangent=spread_tangent,
)
amin = op(
    "AminBackward0",
    "amin(self, dim, keepdim=False)",
    complex_gradient=False,
    self=spread_evenly,
    tangent=spread_tangent,
)
aminmax = op(
    "AminmaxBackward0",
    "aminmax(self, dim, keepdim=False)",
    outputs="min max",
    self=aminmax_backward,
    tangent=aminmax_tangent,
)
max_all = op(
    "MaxBackward1",
    "max_all(self)",
    kernel=lambda xp, self: xp.amax(self, all_dims(self)),
    self=evenly_distribute_backward,
    writes={"self": 1},
    tangent=evenly_read_tangent,
)
min_all = op(
    "MinBackward1",
    "min_all(self)",
    kernel=lambda xp, self: xp.amin(self, all_dims(self)),
    self=evenly_distribute_backward,
    writes={"self": 1},
    tangent=evenly_read_tangent,
)
max_dim = op(
    "MaxBackward0",
    "max_dim(self, dim, keepdim=False)",
    outputs="values indices",
    fixed_outputs="indices",
    self=value_selecting_backward,
    writes={"self": 2},
    tangent=value_selecting_tangent,
)
min_dim = op(
    "MinBackward0",
    "min_dim(self, dim, keepdim=False)",
    outputs="values indices",
    fixed_outputs="indices",
    self=value_selecting_backward,
    writes={"self": 2},
    tangent=value_selecting_tangent,
)

# Running reductions -------------------------------------------------------------------------------

cumsum = op(
    "CumsumBackward0",
    "cumsum(self, dim, dtype=None)",
    kernel=lambda xp, self, dim, dtype: (
        xp.cumsum(_as(xp, self, dtype), dim) if self.shape else xp.clone(_as(xp, self, dtype))
    ),
    self=lambda xp, grad, dim: reverse_cumsum(xp, grad, dim),
    tangent=LINEAR,
)
cumprod = op(
    "CumprodBackward0",
    "cumprod(self, dim, dtype=None)",
    kernel=lambda xp, self, dim, dtype: (
        xp.cumprod(_as(xp, self, dtype), dim) if self.shape else xp.clone(_as(xp, self, dtype))
    ),
    self=cumprod_backward,
    tangent=cumprod_tangent,
)
cummax = op(
    "CummaxBackward0",
    "cummax(self, dim)",
    complex_gradient=False,
    kernel=lambda xp, self, dim: xp.cummax(self, dim) if self.shape else xp.only_element(self),
    outputs="values indices",
    fixed_outputs="indices",
    self=running_extreme_backward,
    writes={"self": 2},
    tangent=lambda xp, self_t, dim, indices: xp.gather(self_t, dim, indices),
)
cummin = op(
    "CumminBackward0",
    "cummin(self, dim)",
    complex_gradient=False,
    kernel=lambda xp, self, dim: xp.cummin(self, dim) if self.shape else xp.only_element(self),
    outputs="values indices",
    fixed_outputs="indices",
    self=running_extreme_backward,
    writes={"self": 2},
    tangent=lambda xp, self_t, dim, indices: xp.gather(self_t, dim, indices),
)
logcumsumexp = op(
    "LogcumsumexpBackward0",
    "logcumsumexp(self, dim)",
    self=logcumsumexp_backward,
    tangent=logcumsumexp_tangent,
)

# Norms --------------------------------------------------------------------------------------------

logsumexp = op(
    "LogsumexpBackward0",
    "logsumexp(self, dim, keepdim=False)",
    promote=INT_TO_FLOAT,
    self=logsumexp_backward,
    tangent=logsumexp_tangent,
)
vector_norm = op(
    "LinalgVectorNormBackward0",
    "vector_norm(self, ord, dim, keepdim=False, dtype=None)",
    kernel=lambda xp, self, ord, dim, keepdim, dtype: xp.vector_norm(
        _as(xp, self, dtype), float(ord), dim, keepdim
    ),
    self=norm_backward,
    tangent=norm_tangent,
)
norm_dim = op(
    "NormBackward1",
    "norm_dim(self, p, dim, keepdim)",
    kernel=lambda xp, self, p, dim, keepdim: xp.vector_norm(self, p, dim, keepdim),
    aten="norm",
    self=lambda xp, grad, self, p, dim, keepdim, result: norm_backward(
        xp, grad, self, p, dim, keepdim, result
    ),
    tangent=lambda xp, self, self_t, p, dim, keepdim, result: norm_tangent(
        xp, self, self_t, p, dim, keepdim, result
    ),
)
dist = op(
    "DistBackward0",
    "dist(self, other, p)",
    elementwise=False,
    self=dist_backward,
    other=dist_other_backward,
    tangent=dist_tangent,
    gives_real_parts=False,
)
renorm = op(
    "RenormBackward0",
    "renorm(self, p, dim, maxnorm)",
    layout=row_major_strides,
    self=renorm_backward,
    tangent=renorm_tangent,
)

# Tests and counts: no gradient --------------------------------------------------------------------

any = op("", "any(self, dim, keepdim=False)", promote=AS_GIVEN, self=OPERAND)
all = op("", "all(self, dim, keepdim=False)", promote=AS_GIVEN, self=OPERAND)
argmax = op(
    "",
    "argmax(self, dim, keepdim=False)",
    kernel=lambda xp, self, dim, keepdim: (
        xp.argmax(self, dim, keepdim) if self.shape else xp.only_element(self)[1]
    ),
    promote=AS_GIVEN,
    self=OPERAND,
)
argmin = op(
    "",
    "argmin(self, dim, keepdim=False)",
    kernel=lambda xp, self, dim, keepdim: (
        xp.argmin(self, dim, keepdim) if self.shape else xp.only_element(self)[1]
    ),
    promote=AS_GIVEN,
    self=OPERAND,
)
count_nonzero = op("", "count_nonzero(self, dim)", promote=AS_GIVEN, self=OPERAND)
