"""How ``linear_cross_entropy`` goes over its rows in chunks."""

from __future__ import annotations

import dataclasses
from typing import Any

from .. import dtypes

_POLICIES = ("auto", "accurate", "balanced", "compact")
_NARROW = (dtypes.float16, dtypes.bfloat16)
_ACCUMULATORS = (*_NARROW, dtypes.float32, dtypes.float64)


@dataclasses.dataclass(slots=True, frozen=True)
class LinearCrossEntropyOptions:
    """Options of the chunked ``linear_cross_entropy``, which never holds the scores of all rows.

    Attributes:
        allow_retain_graph: keep the gradients of "mean" and "sum" for another backward.
        batch_chunk_size: rows of a chunk.
        chunking_method: "auto", "aspect_ratio" or "aspect_ratio:N", or None: how to choose that.
        acc_policy: "accurate", or "balanced" or "compact", which leave float16 scores float16, or
            "auto": "accurate" for 16-bit floats, else "compact".
        acc_dtype: the dtype to compute in; None means the input's, or float32 for 16-bit floats
            under the policy "auto".

    Raises:
        ValueError: an option has a value that it cannot have (torch's texts).
    """

    allow_retain_graph: bool = False
    batch_chunk_size: int | None = None
    chunking_method: str | None = "auto"
    acc_policy: str = "auto"
    acc_dtype: Any = None

    def __post_init__(self) -> None:
        if self.acc_policy not in _POLICIES:
            raise ValueError(f"invalid acc_policy: {self.acc_policy!r}")
        if self.chunking_method not in (None, "auto"):
            name, mark, factor = self.chunking_method.partition(":")
            factor = factor if mark else "1"
            if name != "aspect_ratio" or not factor.isdigit() or int(factor) < 1:
                raise ValueError(f"invalid chunking_method: {self.chunking_method!r}")
        size = self.batch_chunk_size
        if size is not None and (type(size) is not int or size <= 0):
            raise ValueError(f"batch_chunk_size must be positive int or None, got {size!r}")
        if self.acc_dtype is not None and self.acc_dtype not in _ACCUMULATORS:
            raise ValueError(
                "acc_dtype must be one of {None, torch.float16, torch.bfloat16, torch.float32, "
                f"torch.float64}}, got {self.acc_dtype!r}. Pass acc_dtype=None to let the op pick "
                "automatically."
            )

    def resolved(self, count: int, features: int, classes: int, dtype: Any) -> tuple[Any, ...]:
        """Return the rows of a chunk of ``count`` rows, the policy, the dtype to accumulate in.

        Raises:
            ValueError: the size and the method disagree (torch's text).
        """
        size, method = self.batch_chunk_size, self.chunking_method
        policy, chosen, narrow = self.acc_policy, self.acc_dtype, dtype in _NARROW
        if chosen is None:
            chosen = dtypes.float32 if narrow and policy == "auto" else dtype
        if policy == "auto":
            policy = "accurate" if narrow else "compact"
        if method == "auto":
            method = "aspect_ratio" if narrow else "aspect_ratio:2"
            method = method if size is None else None
        rows = count if size is None else min(size, count)
        if method is not None:
            factor = int(method.partition(":")[2] or 1)
            target = -(-count // -(-classes // features))
            rows = min((1 << (target - 1).bit_length()) // factor, count)
            if size is not None and size != rows:
                raise ValueError(
                    f"batch_chunk_size (={size}) and chunking_method ('{method}') give different "
                    f"chunk sizes ({size} vs {rows}); pass only one."
                )
        return max(1, rows), policy, chosen
