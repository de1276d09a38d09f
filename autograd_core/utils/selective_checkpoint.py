"""Selective checkpointing: a policy says op by op what is kept and what is recomputed."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ..derivatives.overloads import OpOverload, OpOverloadPacket, aten
from ..engine.modes import DispatchMode
from ..pytrees import tree_map
from ..tensor import Tensor


class SelectiveCheckpointContext:
    """What a policy is told beside the op and its arguments."""

    def __init__(self, *, is_recompute: bool, op_output: Any = None) -> None:
        self.is_recompute = is_recompute
        self.op_output = op_output


class CheckpointPolicy(enum.Enum):
    """What becomes of an op's output: it is saved, or recomputed; MUST and PREFER do the same."""

    MUST_SAVE = 0
    PREFER_SAVE = 1
    MUST_RECOMPUTE = 2
    PREFER_RECOMPUTE = 3
    MUST_CPU_OFFLOAD = 4
    PREFER_CPU_OFFLOAD = 5


SAC_IGNORED_OPS = {aten.detach.default}
"""Ops that no policy is asked about."""

_SAVING = (CheckpointPolicy.MUST_SAVE, CheckpointPolicy.PREFER_SAVE)
_RECOMPUTE = object()
_CONSUMED = object()


class _Kept:
    """A saved output, and the version it had."""

    def __init__(self, value: Any) -> None:
        self.value = value.detach() if isinstance(value, Tensor) else value
        self.version = value._version if isinstance(value, Tensor) else None

    def get(self, may_be_written: bool) -> Any:
        """Return the output; refuse one that was written since (torch's text)."""
        if self.version not in (None, getattr(self.value, "_version", None)) and not may_be_written:
            raise RuntimeError(
                "Tensor cached during selective activation checkpoint has been mutated"
            )
        return self.value


_Storage = dict[OpOverload, dict[int, Any]]
"""By op, and how many calls of it came before: what is kept of a call."""


class _Counting(DispatchMode):
    """A mode that counts the calls of each op."""

    def __init__(self, storage: _Storage) -> None:
        self.storage = storage
        self.counts: dict[OpOverload, int] = defaultdict(int)

    def dispatch(
        self, op: OpOverload, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        if op in SAC_IGNORED_OPS:
            return run()
        index = self.counts[op]
        self.counts[op] += 1
        return self.numbered(op, index, run, args, kwargs)

    def numbered(
        self,
        op: OpOverload,
        index: int,
        run: Callable[[], Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Return the output of the call of an op that has ``index`` others before it."""
        raise NotImplementedError


class _Caching(_Counting):
    """The mode of the forward: keeps the outputs that the policy says to save."""

    def __init__(self, policy_fn: Callable[..., Any], storage: _Storage) -> None:
        super().__init__(storage)
        self.policy_fn = policy_fn

    def numbered(
        self,
        op: OpOverload,
        index: int,
        run: Callable[[], Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        output = run()
        context = SelectiveCheckpointContext(is_recompute=False, op_output=output)
        policy = self.policy_fn(context, op, *args, **kwargs)
        if isinstance(policy, bool):
            policy = CheckpointPolicy.MUST_SAVE if policy else CheckpointPolicy.PREFER_RECOMPUTE
        self.storage[op][index] = tree_map(_Kept, output) if policy in _SAVING else _RECOMPUTE
        return output


class _Cached(_Counting):
    """The mode of the recomputation: gives the outputs that were kept."""

    def __init__(self, storage: _Storage, allow_cache_entry_mutation: bool) -> None:
        super().__init__(storage)
        self.may_be_written = allow_cache_entry_mutation

    def __enter__(self) -> DispatchMode:
        self.counts.clear()
        return super().__enter__()

    def numbered(
        self,
        op: OpOverload,
        index: int,
        run: Callable[[], Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        kept = self.storage.get(op)
        if kept is None:
            raise RuntimeError(
                f"{op} encountered during backward but not found in storage. {_MISMATCH}"
            )
        entry = kept.get(index)
        if entry is None:
            raise RuntimeError(
                f"{op} invocation index {index} encountered during backward but not found in "
                f"storage. {_MISMATCH}"
            )
        if entry is _CONSUMED:
            raise RuntimeError(
                "Trying to backward an extra time. You are only allowed to backward once on any "
                "region computed under selective activation checkpoint."
            )
        if entry is _RECOMPUTE:
            return run()
        kept[index] = _CONSUMED
        return tree_map(lambda value: value.get(self.may_be_written), entry)


_MISMATCH = (
    "This can happen if the operations in the checkpointed region are nondeterministic or depend "
    "on global state that changed between forward and backward."
)


def create_selective_checkpoint_contexts(
    policy_fn_or_list: Any, allow_cache_entry_mutation: bool = False
) -> tuple[DispatchMode, DispatchMode]:
    """Return the contexts of the forward and of the recomputation, for ``context_fn``.

    Args:
        policy_fn_or_list: ``policy(context, op, *args, **kwargs)`` returns a CheckpointPolicy (or
            whether to save); or the list of the ops to save.
        allow_cache_entry_mutation: whether outputs that are kept may be written.

    Raises:
        ValueError: something else than overloads in the list (torch's text).
        TypeError: neither a function nor a list (torch's text).
    """
    if isinstance(policy_fn_or_list, list):
        for op in policy_fn_or_list:
            if not isinstance(op, OpOverload):
                hint = _PACKET if isinstance(op, OpOverloadPacket) else ""
                raise ValueError(
                    f"Expected op in `op_list` to be an OpOverload but got: {op} of type "
                    f"{type(op)}. {hint}"
                )

        def policy_fn(
            context: SelectiveCheckpointContext, op: OpOverload, *_: Any, **__: Any
        ) -> bool:
            return op in policy_fn_or_list

    elif callable(policy_fn_or_list):
        policy_fn = policy_fn_or_list
    else:
        raise TypeError("policy_fn_or_list must be either a function or a list of ops.")
    storage: _Storage = defaultdict(dict)
    return _Caching(policy_fn, storage), _Cached(storage, allow_cache_entry_mutation)


_PACKET = (
    "Please update the OpOverloadPacket to a specific OpOverload.For example, if you have "
    "`torch.ops.aten.mm`, change it to `torch.ops.aten.mm.default`."
)
