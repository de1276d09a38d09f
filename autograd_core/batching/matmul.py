"""Batching of matrix products: as products of stacks of matrices."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..derivatives.call import common_dtype
from ..tensor import Tensor
from .arrays import Batch, Batched, front, is_batched, permuted
from .rules import along, composed, give, promoted, rule, stretched


@rule("mm")
def _mm(batch: Batch, values: list[Any]) -> Any:
    return ops.matmul(front(values[0]), front(values[1]))


@rule("bmm")
def _bmm(batch: Batch, values: list[Any]) -> Any:
    return ops.matmul(front(values[0]), front(values[1]))


@rule("mv")
def _mv(batch: Batch, values: list[Any]) -> Any:
    matrix, vector = front(values[0]), front(values[1])
    if not is_batched(values[1]):
        return ops.matmul(matrix, vector)
    if not is_batched(values[0]):
        if batch.randomness == "unsupported":  # gradients in batches: torch's older vmap
            return ops.mm(vector, ops.t(matrix))
        return Batched(ops.mm(matrix, ops.permute(vector, (1, 0))), 1)
    return ops.squeeze_dim(ops.matmul(permuted(values[0]), ops.unsqueeze(vector, 2)), 2)


@rule("dot")
def _dot(batch: Batch, values: list[Any]) -> Any:
    left, right = (front(value) for value in values)
    if left.ndim != right.ndim:
        return ops.matmul(left, ops.t(right))
    row, column = ops.unsqueeze(left, 1), ops.unsqueeze(right, 2)
    return ops.squeeze_dim(ops.squeeze_dim(ops.matmul(row, column), 2), 1)


def _added(product: Any) -> Any:
    """Return the rule of a product that is added to a tensor."""

    def added(input: Tensor, left: Tensor, right: Tensor, beta: Any, alpha: Any) -> Tensor:
        start = ops.mul_scalar(input, beta)
        return ops.add_scaled(start, product(left, right), alpha)

    return composed(added)


give(_added(ops.mm), "addmm")
give(_added(ops.mv), "addmv")
give(_added(ops.bmm), "baddbmm")
give(_added(lambda left, right: ops.sum(ops.bmm(left, right), (0,))), "addbmm")


def _addr(input: Tensor, left: Tensor, right: Tensor, beta: Any, alpha: Any) -> Tensor:
    product = ops.mul(ops.unsqueeze(left, 1), right)
    if product._dtype.category == 0:  # or and and, whatever the numbers are
        beta, alpha = bool(beta), bool(alpha)
    product = ops.mul_scalar(product, alpha)
    return product if beta == 0 else ops.add(ops.mul_scalar(input, beta), product)


@rule("addr")
def _promoted_addr(batch: Batch, values: list[Any]) -> Any:
    values = promoted(batch, values, common_dtype(batch.entry, values))
    return composed(_addr)(batch, values)


give(composed(lambda left, right: ops.dot(ops.conj(left), right)), "vdot")
give(along("expand1", "expand2", "expand3", "sumdim"), "trilinear")


give(stretched, "cdist", "cdist_backward", "euclidean_dist")


@rule("linalg_cross")
def _cross(batch: Batch, values: list[Any]) -> Any:
    return stretched(batch, [*values[:-1], values[-1] + 1])
