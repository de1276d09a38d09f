"""The node of a table entry: its saved values, and its gradients raw or as Tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ..dtypes import DType
from ..engine.node import Node
from ..engine.saved import ABSENT, FREED, SavedOutput, modified_error, unpack
from ..engine.views import differentiable_xp
from ..tensor import Tensor, wrap
from .entry import Entry
from .plan import DTYPE, GEOMETRY, LIST, OUTPUT, SHAPE, STRIDE, TENSOR, Plan


class OpNode(Node):
    """Base of the node classes; one subclass per entry carries torch's name."""

    __slots__ = ("plan", "saved", "versions")

    entry: ClassVar[Entry]
    plan: Plan
    saved: tuple[Any, ...] | None
    versions: tuple[int, ...]
    compute_dtype: DType | None = None
    """The dtype that some saved input must be cast to, None when none must."""

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        plan, saved = self.plan, self.saved
        if saved is None:
            raise RuntimeError(FREED)
        if grads[0] is None and all(grad is None for grad in grads):
            return (None,) * len(self.next_edges)
        if self.compute_dtype is not None:
            self._check_versions(saved)
            return plan.resolved(self.backend, grads, self._resolved_raw(saved))  # type: ignore[no-any-return]
        results = plan.raw(self.backend, grads, saved, self.versions)
        if results is None:
            self._check_versions(saved)
        return results  # type: ignore[no-any-return]

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        if self.saved is None:
            raise RuntimeError(FREED)
        if all(grad is None for grad in grads):
            return (None,) * len(self.next_edges)
        xp = differentiable_xp()
        resolved = []
        for k, kind in enumerate(self.plan.kinds):
            value = self.saved[k]
            if kind in (TENSOR, OUTPUT):
                value = None if value is ABSENT else self._unpacked(k)
                if kind == TENSOR and self._must_cast(k, value):
                    value = xp.to_dtype(value, self.compute_dtype)
            resolved.append(value)
        return self.plan.resolved(xp, grads, resolved)  # type: ignore[no-any-return]

    def _resolved_raw(self, saved: tuple[Any, ...]) -> list[Any]:
        resolved = []
        for k, kind in enumerate(self.plan.kinds):
            value = saved[k]
            if kind in (TENSOR, OUTPUT):
                cast = kind == TENSOR and self._must_cast(k, value)
                value = value._array
                if cast and self.compute_dtype is not None:
                    value = self.backend.cast(value, self.compute_dtype)
            elif kind == LIST:
                value = [t if t is None else t._array for t in value]
            resolved.append(value)
        return resolved

    def _must_cast(self, k: int, value: Any) -> bool:
        return (
            self.compute_dtype is not None
            and self.plan.sources[k] in self.entry.promoted
            and value is not None
            and value is not ABSENT
            and value._dtype is not self.compute_dtype
        )

    def _check_versions(self, saved: tuple[Any, ...]) -> None:
        for version, k in zip(self.versions, self.plan.checked, strict=True):
            if saved[k]._version_counter[0] != version:
                raise modified_error(self, saved[k], version)

    def release(self) -> None:
        if self.plan.checked:
            self.saved = None

    def _unpacked(self, k: int) -> Tensor:
        saved: tuple[Any, ...] = self.saved  # type: ignore[assignment]
        return unpack(self, saved[k], self.versions[self.plan.checked.index(k)])

    def __getattr__(self, name: str) -> Any:
        """The saved values as torch names them: ``_saved_self``, ``_saved_dim`` ..."""
        if name.startswith("_saved_"):
            wanted = name.removeprefix("_saved_")
            source = self.entry.source_of(wanted)
            if source is not None and source[0] not in (SHAPE, DTYPE, STRIDE, GEOMETRY):
                return self._saved_value(wanted)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _saved_value(self, name: str) -> Any:
        if name not in self.plan.names:
            return None
        if self.saved is None:
            raise RuntimeError(FREED)
        k = self.plan.names.index(name)
        value = self.saved[k]
        if value is ABSENT:
            return None
        if self.plan.kinds[k] == OUTPUT or isinstance(value, (Tensor, SavedOutput)):
            return self._unpacked(k)
        return value


def scalar_operand(value: Any, dtype: DType, backend: Any) -> Tensor:
    """Return a Python number as the 0-d tensor that a node saves."""
    return wrap(backend.scalar(value, dtype), dtype, backend)
