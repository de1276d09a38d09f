"""Version counters by hand: count a write that was done elsewhere, or hide one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..engine.modes import is_inference
from ..tensor import InferenceCounter, Tensor, bump_version


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Count one write of each tensor, so that a backward that saved it notices.

    Inference tensors are left alone.

    Raises:
        RuntimeError: it is neither a tensor nor several (torch's texts).
    """
    written = (tensor,) if isinstance(tensor, Tensor) else tensor
    if not isinstance(written, Iterable):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    for one in written:
        if not isinstance(one, Tensor):
            raise RuntimeError(
                "increment_version expects each element of the iterable to be a tensor"
            )
        if not is_inference(one):
            bump_version(one)


class _unsafe_preserve_version_counter:  # noqa: N801 - torch's name
    """Writes inside are not counted in the end: a backward that saved a tensor sees none of them.

    Raises:
        RuntimeError: an inference tensor, which has no count (torch's text).
    """

    def __init__(self, tensors: Tensor | Sequence[Tensor]) -> None:
        self.tensors = (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)
        self.prev_versions = tuple(tensor._version for tensor in self.tensors)

    def __enter__(self) -> None:
        """Nothing: the versions were noted when the context was made."""

    def __exit__(self, *_: object) -> None:
        for tensor, version in zip(self.tensors, self.prev_versions, strict=True):
            counter = tensor._version_counter
            if isinstance(counter, InferenceCounter):
                counter.count = version
            else:
                counter[0] = version
