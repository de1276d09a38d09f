"""Ordering elements and picking by rank: kernel, gradient, tangent."""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, NON_DIFFERENTIABLE, no_kernel, op
from ..dtypes import float32, float64, int64
from .pointwise_formulas import not_implemented
from .reduction_formulas import (
    evenly_distribute_backward,
    evenly_read_tangent,
    value_selecting_backward,
    value_selecting_tangent,
)


def _sort(name: str, function: str, kernel: str) -> Any:
    def ordered(xp: Any, self: Any, dim: int, descending: bool) -> tuple[Any, ...]:
        if not self.shape:
            return tuple(xp.only_element(self))
        made = getattr(xp, kernel)(self, dim, descending)
        return tuple([xp.laid_out_as(self, part) for part in made])

    return op(
        name,
        f"{function}(self, dim, descending=False)",
        kernel=ordered,
        outputs="values indices",
        fixed_outputs="indices",
        self=lambda xp, grad, self_shape, dim, indices: value_selecting_backward(
            xp, grad, self_shape, dim, indices, True
        ),
        writes={"self": 2},
        tangent=lambda xp, self_t, dim, indices: xp.gather(self_t, dim, indices),
    )


sort = _sort("SortBackward0", "sort", "sort_unstable")
sort_stable = _sort("SortBackward1", "sort_stable", "sort")
sort_with_stable = _sort("SortBackward1", "sort_with_stable", "sort_unstable")
"""What ``stable=False`` calls: the node of the stable sort, the order of the other."""
topk = op(
    "TopkBackward0",
    "topk(self, k, dim, largest=True, sorted=True)",
    outputs="values indices",
    fixed_outputs="indices",
    self=lambda xp, grad, self_shape, dim, indices: value_selecting_backward(
        xp, grad, self_shape, dim, indices, True
    ),
    writes={"self": 2},
    tangent=lambda xp, self_t, dim, indices: xp.gather(self_t, dim, indices),
)
kthvalue = op(
    "KthvalueBackward0",
    "kthvalue(self, k, dim, keepdim=False)",
    complex_gradient=False,
    outputs="values indices",
    fixed_outputs="indices",
    self=value_selecting_backward,
    writes={"self": 2},
    tangent=value_selecting_tangent,
)
mode = op(
    "ModeBackward0",
    "mode(self, dim, keepdim=False)",
    complex_gradient=False,
    outputs="values indices",
    fixed_outputs="indices",
    self=value_selecting_backward,
    writes={"self": 2},
    tangent=value_selecting_tangent,
)
median = op(
    "MedianBackward0",
    "median(self)",
    complex_gradient=False,
    self=evenly_distribute_backward,
    writes={"self": 1},
    tangent=evenly_read_tangent,
)
nanmedian = op(
    "NanmedianBackward0",
    "nanmedian(self)",
    complex_gradient=False,
    self=evenly_distribute_backward,
    writes={"self": 1},
    tangent=evenly_read_tangent,
)
median_dim = op(
    "MedianBackward1",
    "median_dim(self, dim, keepdim=False)",
    outputs="values indices",
    fixed_outputs="indices",
    self=value_selecting_backward,
    writes={"self": 2},
    tangent=value_selecting_tangent,
)
nanmedian_dim = op(
    "NanmedianBackward1",
    "nanmedian_dim(self, dim, keepdim=False)",
    outputs="values indices",
    fixed_outputs="indices",
    self=value_selecting_backward,
    writes={"self": 2},
    tangent=value_selecting_tangent,
)


def _unique(name: str, function: str, aten: str) -> Any:
    def refused() -> Any:
        raise NotImplementedError(f"the derivative for '{aten}' is not implemented.")

    return op(
        name,
        f"{function}(self)",
        aten=aten,
        refuses={"c": no_kernel("unique")},
        outputs="result inverse counts",
        fixed_outputs="inverse counts",
        self=refused,
    )


unique = _unique("Unique2Backward0", "unique", "_unique2")
unique_consecutive = _unique(
    "UniqueConsecutiveBackward0", "unique_consecutive", "unique_consecutive"
)


def _bincount(xp: Any, self: Any, weights: Any, minlength: int) -> Any:
    if weights is None:
        weights = xp.full(self.shape, 1, int64)
    elif xp.dtype(weights) is not float32:
        weights = xp.cast(weights, float64)
    zeros = xp.full((minlength,), 0, xp.dtype(weights))
    return xp.scatter_add(zeros, 0, xp.cast(self, int64), weights)


bincount = op(
    "torch::autograd::NotImplemented",
    "bincount(self, weights=None, minlength=0)",
    kernel=_bincount,
    promote=AS_GIVEN,
    self=NON_DIFFERENTIABLE,
    weights=not_implemented("bincount"),
)
histc = op(
    "",
    "histc(self, bins, low, high)",
    promote=AS_GIVEN,
    self=NON_DIFFERENTIABLE,
)
