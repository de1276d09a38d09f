"""Tensors from outside in a trace, and the level at which a traced function runs.

While a function is traced, a Tensor that it did not make is adopted: its class becomes one that
shows this thread, and no other, another state, kept in a shadow. There the array is a traced one,
the graph starts anew, and what the function writes can be seen afterwards. The Tensor itself stays
as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..engine.levels import Level, stack
from ..engine.modes import interposed, tracing
from ..tensor import LazyTensor, Tensor, wrap
from ..versions import UNWRITTEN, InferenceCounter
from .recording import Trace

STATE = frozenset(
    (
        *("_accumulator", "_array", "_backend", "_conjugated", "_dtype", "_grad", "_grad_dtype"),
        *("_grad_fn", "_grad_is_irregular", "_hooks", "_is_zero", "_memory", "_negated"),
        *("_output_nr", "_post_accumulate_hooks", "_requires_grad", "_retains_grad", "_tangents"),
        *("_version_counter", "_view"),
    )
)
"""The attributes that the shadow has."""


class External:
    """A Tensor from outside and its shadow.

    Attributes:
        access: how the compiled code gets the Tensor: an expression.
        number: of its array.
        touched: whether anything of it was asked for or set.
        grad_is_read: whether the ``.grad`` that it had at first was asked for.
    """

    def __init__(self, tensor: Tensor, access: str, trace: Trace) -> None:
        self.tensor = tensor
        self.access = access
        self.kind = type(tensor)
        self.dtype = tensor._dtype
        self.requires_grad = bool(tensor.requires_grad)
        self.is_leaf = tensor._grad_fn is None
        self.is_view = tensor._view is not None
        self.touched = self.grad_is_read = self.grad_is_set = False
        self.shadow = shadow = wrap(
            trace.adopted(tensor._array, tensor._backend),
            tensor._dtype,
            trace.backend(tensor._backend),  # type: ignore[arg-type]
        )
        self.number: int = shadow._array.number
        shadow._requires_grad = self.requires_grad
        shadow._grad = tensor._grad
        shadow._grad_dtype = tensor._grad_dtype
        shadow._grad_is_irregular = tensor._grad_is_irregular
        shadow._output_nr = tensor._output_nr
        self.counter: Any = tensor._version_counter
        self.grad = tensor._grad
        self.array = shadow._array


class _Adopted:
    """Mixed into the class of an adopted Tensor."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in STATE:
            external = _external(self)
            if external is not None:
                external.touched = True
                if name == "_grad" and not external.grad_is_set:
                    external.grad_is_read = True
                return getattr(external.shadow, name)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in STATE:
            external = _external(self)
            if external is not None:
                external.touched = True
                if name == "_grad":
                    external.grad_is_set = True
                setattr(external.shadow, name, value)
                return
        object.__setattr__(self, name, value)


def _external(tensor: Any) -> External | None:
    trace = tracing.trace
    return None if trace is None else trace.externals.get(id(tensor))


_classes: dict[type, type] = {}


def _adopted_class(kind: type) -> type:
    found = _classes.get(kind)
    if found is None:
        members = {
            "__slots__": (),
            "__module__": kind.__module__,
            "__qualname__": kind.__qualname__,
        }
        found = _classes[kind] = type(kind)(kind.__name__, (_Adopted, kind), members)
    return found


class Adopter:
    """Adopts the Tensors of one trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.externals: list[External] = []
        self._counters: dict[int, list[int]] = {}

    def adopt(self, tensor: Tensor, access: str = "") -> External:
        """Return what stands for a Tensor; ``access`` is empty for one that nobody knew of."""
        trace = self.trace
        known = trace.externals.get(id(tensor))
        if known is not None:
            found: External = known
            return found
        self._refuse(tensor)
        external = External(tensor, access, trace)
        counter = external.counter
        alone = counter is UNWRITTEN
        external.shadow._version_counter = (
            [0] if alone else self._counters.setdefault(id(counter), [counter[0]])
        )
        self.externals.append(external)
        trace.externals[id(tensor)] = external
        tensor.__class__ = _adopted_class(external.kind)
        if external.grad is not None:
            self.adopt(external.grad, f"{access}._grad" if access else "")
        return external

    def _refuse(self, tensor: Tensor) -> None:
        refuse = self.trace.refuse
        if type(tensor) is LazyTensor:
            refuse("a lazy conjugate or negative is an argument")
        if isinstance(tensor, _Adopted):
            refuse("a tensor is being traced already")
        if isinstance(tensor._version_counter, InferenceCounter):
            refuse("an inference tensor is an argument")
        if tensor._backend.level is not None:
            refuse("a tensor of a transform is an argument")
        if tensor._tangents:
            refuse("a dual tensor is an argument")
        if tensor._hooks or tensor._post_accumulate_hooks:
            refuse("a hook is registered")

    def release(self) -> None:
        """Give every Tensor its class again."""
        for external in self.externals:
            object.__setattr__(external.tensor, "__class__", external.kind)


class TraceLevel(Level):
    """The level at which a traced function runs: it adopts what comes from outside.

    Its Tensors are ordinary ones on the recording backends: to them there is no level.
    """

    transparent = traces = True
    is_bystander = True

    def __init__(self, adopter: Adopter) -> None:
        super().__init__()
        self.adopter = adopter

    def takes(self, entry: Any, tensors: Sequence[Tensor]) -> bool:
        for tensor in tensors:
            if not self.adopter.trace.owns(tensor):
                self.adopter.adopt(tensor)
        return False

    def placed(self, inner: Any) -> Any:
        self.adopter.trace.makes_tensors = True
        return self.adopter.trace.backend(inner)

    sampling = placed


lock = threading.RLock()
"""One thread traces at a time: another sees adopted Tensors as they are, but may not adopt them."""


@contextmanager
def traced(adopter: Adopter) -> Iterator[None]:
    """Take down what this thread computes."""
    outer = stack.current, tracing.trace
    interposed.add()
    stack.current, tracing.trace = TraceLevel(adopter), adopter.trace
    try:
        yield
    finally:
        stack.current, tracing.trace = outer
        interposed.remove()
