"""The node of a table entry: its saved values, and its gradients raw or as Tensors."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..dtypes import DType
from ..engine.modes import interposed, modes
from ..engine.node import Node, OfFew, ReadOnly
from ..engine.saved import (
    ABSENT,
    FREED,
    FREED_VALUE,
    PackedTensor,
    SavedList,
    SavedNumber,
    SavedTensor,
    default_hooks,
    refuse_detached,
    refuse_modified,
)
from ..engine.views import differentiable_xp, writes_are_seen
from ..tensor import Given, GivenDims, Tensor
from ..versions import bump_version, was_written
from .entry import HIDDEN, Entry
from .plan import LIST, OUTPUT, SHAPE, STRIDE, TENSOR, TENSORS, VALUE, Plan


class OpNode(Node):
    """Base of the node classes; one subclass per entry carries torch's name."""

    __slots__ = ("kept", "options", "plan", "versions")

    entry: ClassVar[Entry]
    plan: Plan
    kept: Any
    """What the plan names, in its order, or where that is one tensor, this alone: a tuple less for
    the collector to look at. None when the graph was freed."""
    versions: tuple[int, ...]
    options: tuple[Any, ...]
    """The saved values that are no tensors, kept when the graph is freed."""
    compute_dtype: Any = OfFew(None)
    """The dtype that some saved input must be cast to, None when none must."""

    @property
    def saved(self) -> tuple[Any, ...] | None:
        """What the plan names, in its order; None when the graph was freed."""
        return (self.kept,) if self.plan.lone and self.kept is not None else self.kept

    @saved.setter
    def saved(self, values: tuple[Any, ...] | None) -> None:
        self.kept = values[0] if self.plan.lone and values is not None else values

    @property
    def hooked(self) -> bool:
        """Whether the user's code may run with the node, which its plan knows: a run asks that."""
        return self.plan.hooked

    @hooked.setter
    def hooked(self, value: bool) -> None:
        self.plan = self.plan.watched()

    @property
    def writes(self) -> tuple[int, ...]:  # type: ignore[override]
        return () if interposed.count and writes_are_seen() else self.plan.writes

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        return self._run(self.plan.raw, grads)

    def apply_shown(self, grads: list[Any]) -> Sequence[Any]:
        return self._run(self.plan.shown, grads)

    def _run(self, run: Callable[..., Sequence[Any]], grads: list[Any]) -> Sequence[Any]:
        plan = self.plan
        if grads[0] is None and all(grad is None for grad in grads):
            if plan.checked and self.saved is None:
                raise RuntimeError(FREED)
            return (None,) * len(self.next_nodes)
        return run(self, grads[0] if plan.single else grads, True)

    def apply_resolved(self, grads: list[Any]) -> Sequence[Any]:
        """Return the gradients as raw arrays where saved tensors must be cast or unpacked first."""
        plan, saved = self.plan, self.saved
        if saved is None:
            raise RuntimeError(FREED)
        resolved = [
            _arrays(value) if kind in TENSORS else value
            for kind, value in zip(plan.kinds, self._unpacked(saved), strict=True)
        ]
        if self.compute_dtype is not None:
            resolved = self._cast(saved, resolved, self.compute_dtype)
        return plan.resolved(self._backend, grads, resolved)  # type: ignore[no-any-return]

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        return self._recorded(grads, self.plan.resolved)

    def apply_towards(
        self, grads: list[Tensor | None], targets: Sequence[Node | None]
    ) -> Sequence[Tensor | None]:
        if targets is self.next_nodes or self.entry.list_slots:
            return self.apply_tensors(grads)
        inputs = sum(1 << k for k, target in enumerate(targets) if target is not None)
        return self._recorded(grads, self.plan.restricted(inputs))

    def _recorded(
        self, grads: list[Tensor | None], compute: Callable[..., Sequence[Tensor | None]]
    ) -> Sequence[Tensor | None]:
        saved = self.saved
        if saved is None:
            raise RuntimeError(FREED)
        if grads[0] is None and all(grad is None for grad in grads):
            return (None,) * len(self.next_nodes)
        xp = differentiable_xp()
        resolved = self._unpacked(saved)
        previous, modes.in_formula = modes.in_formula, True
        try:
            results = compute(xp, grads, resolved)
        finally:
            modes.in_formula = previous
        for result, writes in zip(results, self.writes):
            if writes and result is not None and not was_written(result):
                bump_version(result, writes)
                if result._view is not None:  # which was made of what had been written
                    result._view.attr_version = result._version_counter[0]
        return results

    def apply_called(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        """Take the real parts of gradients of real inputs, as torch does in its formulas."""
        results = list(self.apply_tensors(grads))
        if not self.gives_real_parts:
            return results
        for k, (target, number) in enumerate(zip(self.next_nodes, self.next_numbers)):
            result = results[k]
            if target is None or result is None or not result._dtype.is_complex:
                continue
            native = target._outputs[number][1]
            if native is not None and not target._backend.dtype_of_native(native).is_complex:
                results[k] = differentiable_xp().real(result)
        return results

    def unpack(self) -> None:
        if self.saved is None:
            raise RuntimeError(FREED)
        self._unpacked(self.saved)

    def _unpacked(self, saved: tuple[Any, ...]) -> list[Any]:
        """Return the saved values, what stands for a tensor unpacked, each once and in order."""
        self._check_versions(saved)
        return [
            self._as_tensor(value) if kind in TENSORS else value
            for kind, value in zip(self.plan.kinds, saved, strict=True)
        ]

    def _as_tensor(self, value: Any) -> Any:
        """Return a saved value of the current version as a Tensor, or as the tuple it is."""
        if value is None or value is ABSENT:
            return None
        if isinstance(value, SavedList):
            return tuple([self._as_tensor(member) for member in value])
        return value if isinstance(value, Tensor) else value.restored(self)

    def _cast(self, saved: tuple[Any, ...], resolved: list[Any], dtype: DType) -> list[Any]:
        """Return arrays with the inputs that were promoted cast to the dtype computed in.

        Tensors promote one another in each op of a formula.
        """
        cast, plan = self._backend.cast, self.plan
        return [
            cast(value, dtype)
            if plan.kinds[k] == TENSOR
            and plan.sources[k] in self.entry.promoted
            and value is not None
            and saved[k]._dtype is not dtype
            else value
            for k, value in enumerate(resolved)
        ]

    def _check_versions(self, saved: tuple[Any, ...]) -> None:
        """Refuse a saved tensor that was written since, or an operand that was detached in place.

        Raises:
            RuntimeError: there is one (torch's texts).
        """
        for version, k in zip(self.versions, self.plan.checked, strict=True):
            if saved[k]._version_counter[0] == version:
                continue
            refuse_detached(saved[k], version)
            refuse_modified(self, saved[k], version)

    def release(self) -> None:
        plan = self.plan
        if plan.checked:
            if plan.options:
                saved: Any = self.saved
                self.options = tuple([saved[k] for k in plan.options])
            self.saved = None

    # Hooks of users ----------------------------------------------------------------------------

    def pack(self, packed: Sequence[PackedSlot], outputs: Sequence[Any]) -> None:
        """Keep the operands that hooks have packed, and put the outputs in their keeping, too.

        Args:
            packed: what ``packed_operands`` returned before the op was computed.
            outputs: the outputs, with their history.
        """
        for slot, value in packed:
            self._keep(slot, value)
        plan = self.plan
        for k in plan.checked:
            if plan.kinds[k] == OUTPUT:
                hooks = default_hooks.stack[-1]
                value = PackedTensor(outputs[plan.sources[k]], True, hooks, detach=False)
                self._keep((k, None), value)

    def _keep(self, slot: tuple[int, int | None], packed: PackedTensor) -> None:
        """Put a packed tensor in the place of what is saved there: (number, number in a list)."""
        self.hooked = True  # to unpack it is the user's code
        k, member = slot
        saved: list[Any] = list(self.saved or ())
        versions = list(self.versions)
        if member is None:
            saved[k] = packed
        else:
            saved[k] = SavedList([*saved[k][:member], packed, *saved[k][member + 1 :]])
        versions[self.plan.checked.index(k)] = saved[k]._version_counter[0]
        self.saved, self.versions = tuple(saved), tuple(versions)
        self.plan = self.plan.indirect
        self.hooked = True

    def _kept(self, slot: tuple[int | None, int | None]) -> Any:
        k, member = slot
        if k is None:
            return ABSENT
        if self.saved is None:
            return FREED_VALUE
        value = self.saved[k] if member is None else self.saved[k][member]
        return ABSENT if value is None else value

    # torch's names -----------------------------------------------------------------------------

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_saved_properties(self.entry)]

    def _read(self, name: str) -> Any:
        plan = self.plan
        source: Any = self.entry.source_of(name)
        if name not in plan.names:
            return () if source[0] in (SHAPE, STRIDE) else None
        k = plan.names.index(name)
        if k in plan.options:
            value: Any = (
                self.options[plan.options.index(k)] if self.saved is None else self.saved[k]
            )
            return _shown(value, source[1] in self.entry.promoted or name in _SCALARS)
        version = self.versions[plan.checked.index(k)]
        if self.saved is None:
            if version == ABSENT._version_counter[0]:
                return None
            raise RuntimeError(FREED)
        value = self.saved[k]
        refuse_modified(self, value, version)
        if isinstance(value, SavedNumber):
            return value.shown(self)
        shown = self._as_tensor(value)
        return getattr(shown, "_given", shown)  # an index, which kernels take prepared

    def _handles(self, name: str, kind: int) -> Any:
        plan = self.plan
        k = plan.names.index(name) if name in plan.names else None
        if kind == LIST:
            if self.saved is None:
                raise RuntimeError(FREED)
            members = () if k is None else self.saved[k]
            return tuple([SavedTensor.of(self, (k, i)) for i in range(len(members))])
        return SavedTensor.of(self, (k, None))


def node_class(entry: Entry) -> type[OpNode]:
    """Return the class of an entry's nodes, with properties for what they save.

    They are properties of each class since a ``__getattr__`` would make every other attribute of a
    node twice as slow to read.
    """
    scope, _, name = entry.name.rpartition("::")
    members = {
        "__slots__": (),
        "__module__": "builtins",  # as the classes of torch's nodes
        "entry": entry,
        "qualified_name": entry.name if scope else None,
        "always_runs": entry.is_refusal,
        "gives_real_parts": entry.gives_real_parts,
        **_saved_properties(entry),
    }
    return type(name or "Node", (OpNode,), members)


def _saved_properties(entry: Entry) -> dict[str, ReadOnly]:
    """Return the saved values as torch names them: ``_saved_self``, ``_raw_saved_self`` ..."""
    found = {}
    for name, shown in entry.shown.items():
        if shown is not HIDDEN:
            found[f"_saved_{name}"] = ReadOnly(functools.partial(_given, shown))
    for name, ours in entry.saved_names.items():
        found[f"_saved_{name}"] = ReadOnly(operator.methodcaller("_read", ours))
        kind, _ = entry.source_of(ours) or (VALUE, 0)
        if kind in TENSORS:
            found[f"_raw_saved_{name}"] = ReadOnly(operator.methodcaller("_handles", ours, kind))
    return found


def _given(shown: Any, node: OpNode) -> Any:
    """Return what nodes show besides what is saved: a value, or what a function tells of them."""
    return shown(node) if callable(shown) else shown


PackedSlot = tuple[tuple[int, int | None], PackedTensor]
"""(Number of the saved value, number in a list), and what is put there."""


def packed_operands(plan: Plan, values: Sequence[Any]) -> list[PackedSlot]:
    """Put the operands that a plan saves in the keeping of the hooks that this thread has set.

    torch does so before it computes; numbers among the operands are left alone.
    """
    hooks = default_hooks.stack[-1]
    packed: list[PackedSlot] = []
    for k in plan.checked:
        if plan.kinds[k] == OUTPUT:
            continue
        value = values[plan.sources[k]]
        if plan.kinds[k] == TENSOR and isinstance(value, Tensor):
            packed.append(((k, None), PackedTensor(value, False, hooks, detach=False)))
        elif plan.kinds[k] == LIST:
            packed += [
                ((k, i), PackedTensor(member, False, hooks, detach=False))
                for i, member in enumerate(value)
                if member is not None
            ]
    return packed


_SCALARS = frozenset(("alpha", "beta", "correction", "maxnorm", "ord", "p", "value"))
"""Options that are numbers of any kind in torch, and keep their sign."""


def _shown(value: Any, signed: bool = False) -> Any:
    """Return an option as torch shows it: integers but scalars are those of C, without a sign."""
    if isinstance(value, (Given, GivenDims)):
        value = value.given
    if isinstance(value, (list, tuple)):
        return tuple([_shown(member) for member in value])
    return value if signed or not isinstance(value, int) or value >= 0 else value % 2**64


def _arrays(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value._array
    return value if value is None else [_arrays(member) for member in value]
