"""The least that a tape on NumPy can be, a peer of the benchmark: what Python's objects cost.

Per op it makes a Tensor and a node, numbers the node, and notes the version of what it saves; a
backward goes by the numbers, checks versions, hooks, shapes and dtypes, and adds to ``.grad``. It
knows float32, four ops and nothing else: no modes of a thread, subclasses, views, layouts, second
derivatives or a second backward. A tape that keeps all of torch's semantics cannot be faster.
"""

from __future__ import annotations

import contextvars
import itertools
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import numpy as np

Array = Any
Formula = Callable[["Node", Array], tuple[Array, ...]]


class Tensor:
    """An array and where it stands in the graph."""

    __slots__ = (
        *("__dict__", "__weakref__", "array", "grad", "node", "output_nr", "requires_grad"),
        *("version", "view"),
    )
    array: Array
    grad: Tensor | None
    node: Node | None
    output_nr: int
    requires_grad: bool
    version: list[int]
    view: Any

    def sin(self) -> Tensor:
        """Sine."""
        if type(self) is not Tensor or modes.interposed:
            raise TypeError
        array = run(np.sin, self.array)
        result = _new(Tensor)
        result.array = array
        result.output_nr = 0
        result.version = UNWRITTEN
        result.view = None
        behind = self.node
        if behind is None and self.requires_grad:
            behind = leaf_of(self)
        if behind is None or not modes.recording:
            result.requires_grad = False
            result.node = None
            return result
        result.requires_grad = True
        result.node = node = Node()
        node.formula = _sin
        node.saved = self
        node.versions = self.version[0]
        node.number = modes.recording()
        node.next = (behind,)
        node.shape = array.shape
        node.hooks = None
        return result

    def sum(self) -> Tensor:
        """Sum of all elements, of what has a history."""
        result = _recorded(run(np.add.reduce, self.array), _sum, (self.node,))
        assert result.node is not None
        result.node.saved = self.array.shape
        return result

    def __add__(self, other: Tensor) -> Tensor:
        if type(self) is not Tensor or type(other) is not Tensor or modes.interposed:
            raise TypeError
        nodes = self.node or leaf_of(self), other.node or leaf_of(other)
        return _recorded(run(np.add, self.array, other.array), _add, nodes)

    def __mul__(self, other: Tensor) -> Tensor:
        if type(self) is not Tensor or type(other) is not Tensor or modes.interposed:
            raise TypeError
        nodes = self.node or leaf_of(self), other.node or leaf_of(other)
        result = _recorded(run(np.multiply, self.array, other.array), _mul, nodes)
        assert result.node is not None
        result.node.saved = self, other
        result.node.versions = self.version[0], other.version[0]
        return result

    def backward(self) -> None:
        """Add the gradient of the sum of all elements to the ``.grad`` of leaves."""
        context.copy().run(_run, self.node, np.ones(self.array.shape, np.float32))


class Node:
    """One recorded op, or a leaf, which has no formula."""

    __slots__ = ("formula", "hooks", "next", "number", "saved", "shape", "versions")
    formula: Formula | None
    hooks: Any
    next: tuple[Node | None, ...]
    number: int
    saved: Any
    shape: tuple[int, ...]
    versions: Any


class _Modes:
    __slots__ = ("interposed", "recording")
    interposed: int
    recording: Callable[[], int]


modes = _Modes()
modes.interposed = 0
modes.recording = itertools.count().__next__
context = contextvars.copy_context()
context.run(np.seterr, all="ignore")
run = context.run
UNWRITTEN = [0]
_new = object.__new__


def tensor(numbers: Any, requires_grad: bool) -> Tensor:
    """Return a leaf."""
    result = _new(Tensor)
    result.array = np.asarray(numbers, np.float32)
    result.grad = result.node = result.view = None
    result.output_nr = 0
    result.requires_grad = requires_grad
    result.version = UNWRITTEN
    return result


def full(size: tuple[int, ...], number: float, requires_grad: bool) -> Tensor:
    """Return a leaf of one number."""
    return tensor(np.full(size, number), requires_grad)


def leaf_of(tensor: Tensor) -> Node | None:
    """Return the node at which gradients of a leaf arrive."""
    if not tensor.requires_grad:
        return None
    node = Node()
    node.formula = node.hooks = None
    node.saved = tensor
    node.shape = tensor.array.shape
    return node


def _recorded(array: Array, formula: Formula, behind: tuple[Node | None, ...]) -> Tensor:
    result = _new(Tensor)
    result.array = array
    result.output_nr = 0
    result.requires_grad = True
    result.version = UNWRITTEN
    result.view = None
    result.node = node = Node()
    node.formula = formula
    node.number = modes.recording()
    node.next = behind
    node.shape = array.shape
    node.hooks = None
    return result


def _sin(node: Node, grad: Array) -> tuple[Array, ...]:
    saved = node.saved
    if saved.version[0] != node.versions:
        raise RuntimeError
    node.saved = None
    return (grad * np.cos(saved.array),)


def _sum(node: Node, grad: Array) -> tuple[Array, ...]:
    shape = node.saved
    return (np.ndarray(shape, np.float32, grad, 0, (0,) * len(shape)),)


def _add(node: Node, grad: Array) -> tuple[Array, ...]:
    return grad, grad


def _mul(node: Node, grad: Array) -> tuple[Array, ...]:
    one, other = node.saved
    if one.version[0] != node.versions[0] or other.version[0] != node.versions[1]:
        raise RuntimeError
    node.saved = None
    return grad * other.array, grad * one.array


def _run(node: Any, grad: Array) -> None:
    heap: list[int] = []
    waiting: dict[int, tuple[Node, Array]] = {}
    number = node.number
    while True:
        if node.hooks:
            raise RuntimeError
        results = node.formula(node, grad)
        place = -1
        newest: Any = None
        number = -1
        for value in results:
            place += 1
            target = node.next[place]
            if target is None:
                continue
            if value.shape != target.shape or value.dtype is not _FLOAT32:
                raise RuntimeError
            if target.formula is None:
                leaf = target.saved
                if leaf.grad is None:
                    leaf.grad = tensor(value, False)
                else:
                    leaf.grad.array = leaf.grad.array + value
            elif target is newest:
                grad = grad + value
            elif target.number in waiting:
                waiting[target.number] = target, waiting[target.number][1] + value
            elif newest is None:
                newest, number, grad = target, target.number, value
            else:
                heappush(heap, -target.number)
                waiting[target.number] = target, value
        if heap and -heap[0] > number:
            if newest is not None:
                heappush(heap, -number)
                waiting[number] = newest, grad
            newest, grad = waiting.pop(-heappop(heap))
        if newest is None:
            return
        node = newest


_FLOAT32 = np.dtype(np.float32)
