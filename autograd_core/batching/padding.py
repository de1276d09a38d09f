"""Batching of padding: the batch goes into the first dim."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..tensor import Tensor
from .arrays import Batch
from .rules import along, give

give(along(), "constant_pad_nd")


def into_first(batch: Batch, values: list[Any]) -> Any:
    """Run the op on Tensors whose batch dim and first dim are one."""

    def merged(tensor: Tensor) -> Tensor:
        value = batch.stretched(tensor)
        shape = value._array.shape
        return ops.reshape(value, (shape[0] * shape[1], *shape[2:]))

    made = batch.run(batch.mapped(merged, values))
    return ops.reshape(made, (batch.size, -1, *made._array.shape[1:]))


for _kind in ("reflection", "replication"):
    for _axes in (1, 2, 3):
        give(into_first, f"{_kind}_pad{_axes}d", f"{_kind}_pad{_axes}d_backward")
