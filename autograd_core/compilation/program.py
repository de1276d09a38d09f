"""A program: what one trace of a function came to, ready to be written out.

It is found at the end of the run, while the Tensors from outside still show what the run made of
them: which arrays are returned, what was written, which gradients were left.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

from ..dtypes import DType, get_default_dtype
from ..engine.backward import run_backward
from ..engine.modes import Untraceable, modes
from ..engine.node import gradient_edge
from ..pytrees import TreeSpec, tree_flatten
from ..sizes import row_major
from ..tensor import LazyTensor, Tensor, wrap
from ..versions import UNWRITTEN
from .adoption import Adopter, External, lock, traced
from .python_state import EQUAL, SAME, PythonState
from .recording import Call, Trace


class Output(NamedTuple):
    """A Tensor that the function makes and returns."""

    number: int
    dtype: DType
    backend: Any
    version: int
    requires_grad: bool


class Effect(NamedTuple):
    """Something that the function does to a Tensor from outside.

    ``kind`` is "bump" (its version, by ``value``), "grad" (None, an External, or an ``Output``) or
    "array" (its memory is replaced by the array with that number).
    """

    kind: str
    external: External
    value: Any


class Backward(NamedTuple):
    """What gradients of the outputs become: the gradients of ``Program.inputs``."""

    key: tuple[tuple[int, ...] | None, ...]
    """The strides that the outputs' gradients have; None where there is none."""
    calls: list[Call]
    given: list[int | None]
    """The numbers of the outputs' gradients."""
    results: list[int | None]
    """The numbers of the inputs' gradients."""


class Program:
    """What one trace came to.

    Attributes:
        leaves: of what is returned: an ``Output``, an ``External`` or a constant.
        spec: how the leaves are put together.
    """

    def __init__(self, trace: Trace, adopter: Adopter, state: PythonState) -> None:
        self.trace = trace
        self.adopter = adopter
        self.state = state
        self.calls: list[Call] = []
        self.leaves: list[Any] = []
        self.spec: TreeSpec
        self.effects: list[Effect] = []
        self.inputs: list[External] = []
        self.backwards: list[Backward] = []
        self.records = bool(modes.grad_enabled)
        self.default_dtype = get_default_dtype()

    def finish(self, result: Any) -> None:
        """Look at what is returned and at what was changed, and go backward from the outputs."""
        trace = self.trace
        leaves, self.spec = tree_flatten(result)
        self._find_effects()
        made: dict[int, Any] = {}
        differentiable: list[Tensor] = []
        for leaf in leaves:
            known = made.get(id(leaf))
            if known is None:
                known = made[id(leaf)] = self._leaf(leaf)
                if isinstance(known, Output) and known.requires_grad:
                    differentiable.append(leaf)
            self.leaves.append(known)
        self._refuse_shared_memory()
        self.calls = list(trace.calls)
        if differentiable:
            try:
                self._go_backward(differentiable)
            except Exception as error:  # noqa: BLE001 - the ordinary backward will raise it
                trace.refuse(f"its backward raises {type(error).__name__}")

    @property
    def outputs(self) -> list[Output]:
        """The Tensors that are made, each once."""
        return list({id(leaf): leaf for leaf in self.leaves if isinstance(leaf, Output)}.values())

    def _leaf(self, leaf: Any) -> Any:
        trace = self.trace
        if not isinstance(leaf, Tensor):
            if isinstance(leaf, (*EQUAL, *SAME)):
                return leaf
            trace.refuse(f"an object of type {type(leaf).__name__} is returned")
        external = trace.externals.get(id(leaf))
        if external is None and not trace.owns(leaf):
            external = self.adopter.adopt(leaf)
        if external is not None:
            return external
        if isinstance(leaf, LazyTensor):
            trace.refuse("a lazy conjugate or negative is returned")
        if leaf._tangents or leaf._hooks:
            trace.refuse("a tensor with a hook or a tangent is returned")
        number = leaf._array.number
        return Output(
            number,
            leaf._dtype,
            trace.facts[number].backend,
            leaf._version,
            bool(leaf.requires_grad),
        )

    def _refuse_shared_memory(self) -> None:
        """Refuse outputs in memory that others have, too: their versions would not be counted."""
        facts = self.trace.facts
        storages = [facts[output.number].storage for output in self.outputs]
        known = [storage for storage in storages if storage is not None]
        if len(set(known)) < len(known):
            self.trace.refuse("two outputs share memory")
        if not self.trace.external_tokens.isdisjoint(known):
            self.trace.refuse("a view of an argument is returned")
        numbers = [output.number for output in self.outputs]
        if len(set(numbers)) < len(numbers):
            self.trace.refuse("two outputs share memory")

    def _find_effects(self) -> None:
        trace = self.trace
        bumped: set[int] = set()
        for external in list(self.adopter.externals):
            shadow = external.shadow
            if (
                shadow._grad_fn is not None
                or shadow._view is not None
                or shadow._requires_grad is not external.requires_grad
                or shadow._dtype is not external.dtype
            ):
                trace.refuse("the graph of an argument is changed")
            if shadow._conjugated or shadow._negated or shadow._tangents:
                trace.refuse("an argument is made lazy or dual")
            writes = shadow._version_counter[0] - external.counter[0]
            counted = external if external.counter is UNWRITTEN else external.counter
            if writes and id(counted) not in bumped:
                bumped.add(id(counted))
                if external.is_view:
                    trace.refuse("an argument that is a view is written")
                self.effects.append(Effect("bump", external, writes))
            if shadow._array is not external.array:
                self.effects.append(Effect("array", external, shadow._array.number))
            if shadow._grad is not external.grad:
                self.effects.append(Effect("grad", external, self._left(external, shadow._grad)))

    def _left(self, external: External, grad: Tensor | None) -> Any:
        """Return what stands for a new ``.grad``."""
        trace = self.trace
        if grad is None:
            return None
        known = trace.externals.get(id(grad))
        if known is not None:
            return known
        if not external.is_leaf:
            trace.refuse("a gradient flows on behind an argument")
        if external.shadow._grad_is_irregular or grad._requires_grad or grad._view is not None:
            trace.refuse("a gradient with a graph is left")
        found = self._leaf(grad)
        if trace.facts[found.number].storage in trace.external_tokens:
            trace.refuse("a gradient shares memory with an argument")
        return found

    def _go_backward(self, outputs: list[Tensor]) -> None:
        """Go backward for the layouts that the outputs' gradients are likely to have."""
        inputs = [e for e in self.adopter.externals if e.requires_grad and e.touched]
        edges: Any = [gradient_edge(external.tensor) for external in inputs]
        found = [self._backward(outputs, edges, key) for key in _likely_gradients(outputs)]
        reached = [k for k in range(len(inputs)) if any(b.results[k] is not None for b in found)]
        self.inputs = [inputs[k] for k in reached]
        self.backwards = [b._replace(results=[b.results[k] for k in reached]) for b in found]

    def _backward(self, outputs: list[Tensor], edges: Any, key: Any) -> Backward:
        trace = self.trace
        start = len(trace.calls)
        roots: Any = []
        gradients = []
        given: list[int | None] = []
        for output, strides in zip(outputs, key, strict=True):
            if strides is None:
                given.append(None)
                continue
            recording: Any = output._backend
            array = trace.traced(_ones(recording._inner, output, strides), recording._inner)
            given.append(array.number)
            roots.append(gradient_edge(output))
            gradients.append(wrap(array, output._dtype, recording))
        found = run_backward(roots, gradients, True, False, edges, accumulate=False)
        results = [None if gradient is None else gradient._array.number for gradient in found]
        return Backward(key, trace.calls[start:], given, results)


MOST_PATTERNS = 3
"""Outputs of which each may have a gradient or not; of more all have one, of zeros if need be."""


def _likely_gradients(outputs: list[Tensor]) -> list[tuple[tuple[int, ...] | None, ...]]:
    """Return the layouts of gradients that a backward is written for, the usual one first.

    They are row-major, laid out as the outputs, or expanded from one number; any may be missing.
    """
    shapes = [tuple(output._array.shape) for output in outputs]
    usual: tuple[tuple[int, ...] | None, ...] = tuple(map(row_major, shapes))
    keys = [usual]
    keys.append(tuple([output._backend.strides(output._array) for output in outputs]))
    keys.append(tuple([(0,) * len(shape) for shape in shapes]))
    if len(outputs) <= MOST_PATTERNS:
        keys += [
            tuple([key if there else None for key, there in zip(usual, pattern)])
            for pattern in product((True, False), repeat=len(outputs))
            if any(pattern)
        ]
    return list(dict.fromkeys(keys))


def _ones(backend: Any, output: Tensor, strides: tuple[int, ...]) -> Any:
    shape, dtype = tuple(output._array.shape), output._dtype
    if strides == row_major(shape):
        return backend.full(shape, 1, dtype)
    made = backend.empty_strided(shape, strides, dtype)
    backend.copy_(made, backend.scalar(1, dtype))
    return made


def traced_program(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Program:
    """Run a function and return what that came to; afterwards everything is as it was.

    Raises:
        Untraceable: it cannot be compiled.
    """
    with lock:
        state = PythonState()
        state.walk(function, args, kwargs)
        trace = Trace()
        for generator in state.generators:
            trace.watch(generator)
        adopter = Adopter(trace)
        reason = ""
        program = Program(trace, adopter, state)
        try:
            with traced(adopter):
                for tensor, access in state.tensors:
                    adopter.adopt(tensor, access)
                program.finish(function(*args, **kwargs))
        except Untraceable as untraceable:
            reason = untraceable.reason
        except Exception as error:  # noqa: BLE001 - the ordinary run will raise it
            reason = f"it raises {type(error).__name__}"
        finally:
            adopter.release()
            trace.undo()
        reason = reason or trace.reason
        if not reason and state.changed():
            reason = "Python objects are changed"
        reason = reason or _escaped(adopter)
        if reason:
            state.restore()
            raise Untraceable(reason)
        for external in adopter.externals:
            if not external.access:
                external.access = state.named(external.tensor, "t_")
        return program


def _escaped(adopter: Adopter) -> str:
    """Return why a program cannot be used again if a Tensor that the run made lives on."""
    for external in adopter.externals:
        del external.shadow, external.array
    adopter.trace.forget()
    alive = adopter.trace.alive
    if alive:
        gc.collect()
    return "a tensor made inside lives on outside" if alive else ""
