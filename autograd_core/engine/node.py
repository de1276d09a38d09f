"""Nodes of the graph: edges, the order they run in, hooks, and the node that fills ``.grad``."""

from __future__ import annotations

import itertools
import sys
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from .. import sizes
from ..tensor import Tensor, bump_version, wrap
from .hooks import RemovableHandle

if TYPE_CHECKING:
    from ..backend import Backend

Edge = tuple["Node", int]

next_sequence_nr: Callable[[], int] = itertools.count().__next__
LEAF_SEQUENCE_NR = 2**64 - 1


class Node:
    """One recorded operation: maps gradients of its outputs to gradients of its inputs.

    ``next_edges`` has one entry per differentiable input: (node, output number) or None.
    ``outputs`` has (shape, native dtype) per output; gradients are summed and cast to it.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "backend",
        "next_edges",
        "outputs",
        "sequence_nr",
    )

    next_edges: tuple[Edge | None, ...]
    outputs: tuple[tuple[tuple[int, ...], Any], ...]
    sequence_nr: int
    backend: Backend

    hooked: bool = False
    """Whether a hook of any kind was ever put on the node: one question on the hot path."""
    tensor_pre_hooks: dict[int, Any] | None = None
    """Per output number: an OrderedDict of hooks on the gradient of that output."""
    retain_grad_hooks: dict[int, Any] | None = None
    pre_hooks: OrderedDict[int, Any] | None = None
    post_hooks: OrderedDict[int, Any] | None = None
    _metadata: dict[Any, Any] | None = None
    qualified_name: str | None = None

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        """Return the gradients of the inputs as raw arrays or None; nothing is recorded."""
        raise NotImplementedError

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        """Return the gradients of the inputs as Tensors or None; recorded when grad mode is on."""
        raise NotImplementedError

    def release(self) -> None:
        """Drop the saved values."""

    # torch's Python surface ------------------------------------------------------------------

    def name(self) -> str:
        """Return torch's name: of the class, with torch's C++ namespace where it is by hand."""
        return self.qualified_name or type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes that produced the inputs, each with the output number there."""
        return tuple((None, 0) if edge is None else edge for edge in self.next_edges)

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dict for the user."""
        if self._metadata is None:
            self._metadata = {}
        return self._metadata

    @property
    def requires_grad(self) -> bool:
        """True: a recorded node is part of a differentiated computation."""
        return True

    def _sequence_nr(self) -> int:
        return self.sequence_nr

    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_inputs, grad_outputs)`` after the node; a result replaces grad_inputs."""
        self.hooked = True
        if self.post_hooks is None:
            self.post_hooks = OrderedDict()
        return RemovableHandle.add(self.post_hooks, fn)

    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_outputs)`` before the node runs; a result replaces grad_outputs."""
        self.hooked = True
        if self.pre_hooks is None:
            self.pre_hooks = OrderedDict()
        return RemovableHandle.add(self.pre_hooks, fn)

    def __call__(self, *grads: Tensor | None) -> Any:
        results = tuple(self.apply_tensors(list(grads)))
        return results[0] if len(results) == 1 else results

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def __dir__(self) -> list[str]:
        return [*dir(object), "__call__", *_SHOWN]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"


_SHOWN = (
    "_sequence_nr",
    "metadata",
    "name",
    "next_functions",
    "register_hook",
    "register_prehook",
    "requires_grad",
)
"""The attributes that torch's nodes have; the others are the engine's."""


class AccumulateGrad(Node):
    """The end of the graph at a leaf: adds the gradient to ``variable.grad``."""

    __slots__ = ("variable",)
    variable: Tensor
    qualified_name = "torch::autograd::AccumulateGrad"

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable
        self.next_edges = ()
        self.sequence_nr = LEAF_SEQUENCE_NR
        self.backend = variable._backend
        array = variable._array
        self.outputs = ((array.shape, array.dtype),)

    def accumulate_raw(self, array: Any) -> None:
        """Add a raw gradient to ``.grad``: in place when there is one, else as a new tensor.

        The array is taken over when nothing else refers to it, and copied otherwise.
        """
        variable = self.variable
        backend = self.backend
        grad = variable._grad
        if grad is None:
            if sys.getrefcount(array) > EXCLUSIVE_REFERENCES or not backend.is_whole(array):
                array = backend.clone(array)
            variable._grad = wrap(self._laid_out(array), variable._dtype, backend)
        elif grad._requires_grad:
            self._accumulate_out_of_place(wrap(array, variable._dtype, backend))
        else:
            backend.copy_(grad._owned(), backend.add(grad._array, array))
            bump_version(grad)

    def _laid_out(self, array: Any) -> Any:
        """Return the array with the variable's strides when those are dense, else row-major."""
        variable = self.variable
        shape = array.shape
        backend = self.backend
        if len(shape) < 2:
            return array
        wanted = backend.strides(variable._array)
        if not sizes.is_dense(shape, wanted):
            wanted = sizes.row_major(shape)
        if all(
            a == b or n == 1 for a, b, n in zip(backend.strides(array), wanted, shape, strict=True)
        ):
            return array
        result = backend.empty_strided(shape, wanted, variable._dtype)
        backend.copy_(result, array)
        return result

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        if grads[0] is not None:
            self.accumulate_raw(grads[0])
        return ()

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        grad = grads[0]
        if grad is not None:
            self._accumulate_out_of_place(grad)
        return ()

    def _accumulate_out_of_place(self, grad: Tensor) -> None:
        variable = self.variable
        if variable._grad is None:
            variable._grad = grad.clone() if grad._requires_grad else grad.detach().clone()
        else:
            variable._grad = variable._grad + grad


EXCLUSIVE_REFERENCES = 3
"""What getrefcount sees of an array that only the engine holds: the engine's local, the parameter
of ``accumulate_raw`` and its own argument."""


def gradient_edge(tensor: Tensor) -> Edge | None:
    """Return where gradients of ``tensor`` flow to; None when it does not require one."""
    node = tensor.grad_fn if tensor._view is not None else tensor._grad_fn
    if node is not None:
        return (node, tensor._output_nr)
    if tensor._requires_grad:
        return (accumulator(tensor), 0)
    return None


def accumulator(leaf: Tensor) -> AccumulateGrad:
    """Return the leaf's AccumulateGrad node, made on first use and held weakly by the leaf."""
    reference = leaf._accumulator
    node = None if reference is None else reference()
    if node is None:
        node = AccumulateGrad(leaf)
        leaf._accumulator = weakref.ref(node)
        if leaf._hooks is not None:
            node.hooked = True
            node.tensor_pre_hooks = {0: leaf._hooks}
        if leaf._post_accumulate_hooks is not None:
            node.hooked = True
    return node
