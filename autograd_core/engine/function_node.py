"""The node of a custom Function: what its ``ctx`` keeps, and the call of the user's backward."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from ..tensor import Tensor, wrap
from .gradient_checks import REAL_AND_COMPLEX
from .node import Node, ReadOnly, next_sequence_nr
from .saved import (
    ABSENT,
    FREED,
    FREED_VALUE,
    PackedTensor,
    SavedOutput,
    SavedTensor,
    default_hooks,
    unpack,
)


class _WriteOnlyBool:
    """A flag that users of torch can set and not read; ``setter`` is its name in the complaint."""

    def __init__(self, slot: str, setter: str) -> None:
        self.slot = slot
        self.setter = setter

    def __set_name__(self, owner: type, name: str) -> None:
        self.attribute = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        raise AttributeError(
            f"attribute '{self.attribute}' of 'torch._C._FunctionBase' objects is not readable"
        )

    def __set__(self, instance: Any, value: Any) -> None:
        if not isinstance(value, bool):
            raise TypeError(
                f"{self.setter} received an invalid combination of arguments - got (), but "
                "expected (bool)"
            )
        setattr(instance, self.slot, value)


_READ_ONCE = (
    "saved_tensors can only be accessed once when clear_saved_tensors_on_access=True is set on the "
    "autograd.Function. Either access saved_tensors only once, or set "
    "clear_saved_tensors_on_access=False."
)


_SHOWN = (
    "_autograd_function_id",
    "_forward_cls",
    "_get_user_fn",
    "_input_metadata",
    "_is_pure_view",
    "_materialize_non_diff_grads",
    "_raw_saved_tensors",
    "apply",
    "apply_boxed",
    "apply_jvp",
    "dirty_tensors",
    "mark_dirty",
    "mark_non_differentiable",
    "mark_shared_storage",
    "materialize_grads",
    "maybe_clear_saved_tensors",
    "needs_input_grad",
    "non_differentiable",
    "save_for_backward",
    "save_for_forward",
    "saved_for_forward",
    "saved_tensors",
    "saved_variables",
    "set_materialize_grads",
    "to_save",
)
"""The attributes that torch's contexts have besides those of every node."""


class FunctionNode(Node):
    """A custom Function's ``ctx``, which is the node of its outputs; subclassed per Function."""

    __slots__ = ("__dict__", "_is_tensor_input", "_output_facts", "_saved", "_versions")

    _saved: tuple[Any, ...] | None
    _versions: tuple[int, ...]
    _is_tensor_input: tuple[bool, ...]
    _output_facts: tuple[tuple[Any, Any, bool], ...]
    """Per output: shape, dtype (None when it is no tensor), whether it is differentiable."""

    hooked = True
    wants_tensors = always_runs = True
    class_in_messages = "torch._C._FunctionBase"
    to_save: Any = None
    non_differentiable: Any = None
    dirty_tensors: Any = None
    saved_for_forward: Any = None
    needs_input_grad: Any = None
    _undefined_as_zeros: bool = True
    _non_differentiable_as_zeros: bool = True
    _pure_view: bool = False
    _accessed: bool = False
    """Whether ``saved_tensors`` was read that can be read once only."""

    materialize_grads = _WriteOnlyBool("_undefined_as_zeros", "set_materialize_grads")
    _is_pure_view = _WriteOnlyBool("_pure_view", "set_pure_view")

    def __init__(self) -> None:
        super().__init__()
        self.sequence_nr = next_sequence_nr()
        self.next_edges = ()
        self._outputs = ()
        self._saved = ()
        self._versions = ()
        self._is_tensor_input = ()
        self._output_facts = ()

    # What users see ---------------------------------------------------------------------------

    @property
    def _materialize_non_diff_grads(self) -> bool:
        return self._non_differentiable_as_zeros

    @_materialize_non_diff_grads.setter
    def _materialize_non_diff_grads(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise TypeError(
                "set_materialize_non_diff_grads received an invalid combination of arguments - "
                "got (), but expected (bool)"
            )
        self._non_differentiable_as_zeros = value

    def _saved_tensors(self) -> tuple[Any, ...]:
        """Return what was saved, as Tensors; in ``jvp``, what was saved for forward.

        Raises:
            RuntimeError: the graph was freed, or a tensor was written since (torch's texts).
        """
        if self.saved_for_forward is not None:
            return self.saved_for_forward  # type: ignore[no-any-return]
        clears = self._clears_on_access()
        if clears and self._accessed:
            raise RuntimeError(_READ_ONCE)
        tensors = tuple(
            [
                None if value is ABSENT else unpack(self, value, version)
                for value, version in zip(self._not_freed(), self._versions, strict=True)
            ]
        )
        if clears:
            self._accessed = True
            self._saved = self._versions = ()
        return tensors

    @ReadOnly
    def saved_tensors(self) -> tuple[Any, ...]:
        """What ``save_for_backward`` was given."""
        return self._saved_tensors()

    @ReadOnly
    def saved_variables(self) -> tuple[Any, ...]:
        """An old name of ``saved_tensors``."""
        warnings.warn(
            "'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2
        )
        return self._saved_tensors()

    @ReadOnly
    def _raw_saved_tensors(self) -> tuple[SavedTensor, ...]:
        return tuple(SavedTensor.of(self, slot) for slot in range(len(self._not_freed())))

    def maybe_clear_saved_tensors(self) -> None:
        """Let go of what was saved, as when the graph is freed."""
        self._saved = None

    def __dir__(self) -> list[str]:
        own = [name for name in vars(self) if not hasattr(type(self), name)]
        return [*super().__dir__(), *_SHOWN, *own]

    def __call__(self, *grads: Tensor | None) -> NoReturn:
        raise TypeError(f"'{type(self).__name__}' object is not callable")

    __repr__ = object.__repr__

    # Saving -----------------------------------------------------------------------------------

    def _not_freed(self) -> tuple[Any, ...]:
        if self._saved is None:
            raise RuntimeError(_READ_ONCE if self._accessed else FREED)
        return self._saved

    def _tensors_to_save(self) -> tuple[Tensor | None, ...]:
        """Return what ``save_for_backward`` was given, and take it off.

        Raises:
            TypeError: something else than Tensors and None (torch's text).
        """
        given, self.to_save = self.to_save, None
        if given is None:
            return ()
        if not isinstance(given, tuple):
            raise RuntimeError(
                "autograd internal error: to_save attribute is expected to be a tuple but is "
            )
        for k, tensor in enumerate(given):
            if tensor is not None and not isinstance(tensor, Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {k} is of type "
                    f"{type(tensor).__name__}"
                )
        return given

    def _save(self, tensors: Sequence[Tensor | None]) -> None:
        """Save tensors, outputs of this node among them, for the backward."""
        self._saved = tuple([self._as_saved(tensor) for tensor in tensors])
        self._versions = tuple([value._version_counter[0] for value in self._saved])

    def _as_saved(self, tensor: Tensor | None) -> Any:
        if tensor is None:
            return ABSENT
        is_output = tensor._grad_fn is self
        if default_hooks.stack:
            return PackedTensor(tensor, is_output, default_hooks.stack[-1], detach=False)
        return SavedOutput(tensor, tensor._output_nr, True) if is_output else tensor

    def _kept(self, slot: int) -> Any:
        return self._saved[slot] if self._saved else FREED_VALUE

    def _keep(self, slot: int, value: PackedTensor) -> None:
        """Put another value in the place of a saved one."""
        saved, versions = list(self._not_freed()), list(self._versions)
        saved[slot] = value
        versions[slot] = value._version_counter[0]
        self._saved, self._versions = tuple(saved), tuple(versions)

    def release(self) -> None:
        self._saved = None

    # Running ----------------------------------------------------------------------------------

    def _clears_on_access(self) -> bool:
        """Whether ``saved_tensors`` can be read once only."""
        raise NotImplementedError

    def apply(self, *grads: Any) -> Any:
        """Call the user's backward with the gradients of the outputs."""
        raise NotImplementedError

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        backend = self._backend
        tensors = [
            None if grad is None else wrap(grad, backend.dtype(grad), backend) for grad in grads
        ]
        level = backend.level
        return [
            # A result of a level further out is an array to this one.
            result if result is None or result._backend.level is not level else result._array
            for result in self.apply_tensors(tensors)
        ]

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        results = self.apply(*[self._defined(k, grad) for k, grad in enumerate(grads)])
        if not isinstance(results, tuple):
            results = (results,)
        expected = len(self._is_tensor_input)
        if all(result is None for result in results[expected:]):
            results = results[:expected]
        if len(results) != expected:
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients (expected "
                f"{expected}, got {len(results)})"
            )
        kept: list[Tensor | None] = []
        for k, (result, is_tensor) in enumerate(zip(results, self._is_tensor_input, strict=True)):
            if is_tensor:
                kept.append(self._checked(result, len(kept)))
            elif result is not None:
                raise RuntimeError(
                    f"function {self.name()} returned a gradient different than None at position "
                    f"{k + 1}, but the corresponding forward input was not a Variable"
                )
        return kept

    def _defined(self, k: int, grad: Tensor | None) -> Tensor | None:
        """Return the gradient of an output, zeros in the place of one that nothing gave."""
        if grad is not None or not self._undefined_as_zeros:
            return grad
        shape, dtype, is_differentiable = self._output_facts[k]
        if dtype is None or not (is_differentiable or self._non_differentiable_as_zeros):
            return None
        zeros = wrap(self._backend.full(shape, 0, dtype), dtype, self._backend)
        zeros._version_counter = [1]  # torch fills them in place
        return zeros

    def _checked(self, result: Any, slot: int) -> Tensor | None:
        """Return the gradient of a tensor argument; refuse what cannot be one."""
        if result is None:
            return None
        if not isinstance(result, Tensor):
            raise RuntimeError(f"expected Variable or None (got {type(result).__name__})")
        edge = self.next_edges[slot]
        if edge is not None and not result._dtype.is_floating_point:
            target, number = edge
            wanted = target._backend.dtype_of_native(target._outputs[number][1])
            if wanted.is_complex is not result._dtype.is_complex:
                raise RuntimeError(REAL_AND_COMPLEX)
        return result
