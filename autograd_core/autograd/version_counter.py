"""Version counters by hand: count a write that was done elsewhere, or hide one."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.modes import is_inference
from ..tensor import Tensor, bump_version


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Count one write of each tensor, so that a backward that saved it notices.

    Inference tensors are left alone.

    Raises:
        RuntimeError: it is neither a tensor nor several (torch's texts).
    """
    if not isinstance(tensor, (Tensor, Iterable)):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    written: Iterable[Tensor] = (tensor,) if isinstance(tensor, Tensor) else tensor
    for one in written:
        if not isinstance(one, Tensor):
            raise RuntimeError(
                "increment_version expects each element of the iterable to be a tensor"
            )
        if not is_inference(one):
            bump_version(one)
