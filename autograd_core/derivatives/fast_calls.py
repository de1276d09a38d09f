"""Calls specialised by arity: the short way of unary and binary ops on plain Tensors.

The general way costs a loop per step; these do the same straight-line for operands of one dtype
and backend outside forward mode, and hand everything else to it.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from ..engine.modes import forward_level, modes
from ..engine.node import accumulator, next_sequence_nr
from ..engine.saved import SavedOutput
from ..tensor import Tensor
from .call import call
from .entry import INT_TO_FLOAT, Entry
from .plan import GEOMETRY, OUTPUT, SHAPE, TENSOR, Plan

_new = object.__new__


def specialised(entry: Entry, general: Callable[[Entry, list[Any]], Any] = call) -> Any:
    """Return the short call for an entry of one or two tensor arguments, None for others.

    ``general`` is the way taken by operands that are not plain.
    """
    simple = (
        entry.kernel is None
        and not entry.view
        and not entry.lists
        and entry.outputs == ("result",)
        and entry.joint is None
        and entry.inputs == tuple(range(len(entry.parameters)))
        and entry.differentiable == entry.inputs == entry.promoted
        and all(
            entry.source_of(name)[0] in (TENSOR, OUTPUT, SHAPE, GEOMETRY)  # type: ignore[index]
            for name in entry.plan((1 << len(entry.inputs)) - 1).names
        )
    )
    if not simple:
        return None
    if len(entry.inputs) == 1 and not _saves_metadata(entry.plan(1)):
        return _unary(entry, general)
    if len(entry.inputs) == 2:
        return _binary(entry, general)
    return None


def _unary(entry: Entry, general: Callable[[Entry, list[Any]], Any]) -> Any:
    kernel_of = attrgetter(entry.kernel_name)
    needs_float = entry.promote is INT_TO_FLOAT
    node_class = entry.node_class
    plan = entry.plan(1)
    saves_input = "self" in plan.names or TENSOR in plan.kinds
    saves_output = OUTPUT in plan.kinds

    def unary(input: Any) -> Any:
        if (
            type(input) is not Tensor
            or forward_level.current is not None
            or (needs_float and not input._dtype.is_inexact)
        ):
            return general(entry, [input])
        backend = input._backend
        array = backend.quietly(kernel_of(backend), input._array)
        out = _new(Tensor)
        out._array = array
        out._backend = backend
        dtype = input._dtype
        out._dtype = dtype if array.dtype == input._array.dtype else backend.dtype(array)
        out._output_nr = 0
        out._version_counter = [0]
        if modes.grad_enabled and (input._requires_grad or input._view is not None):
            edge = _edge(input)
            if edge is not None:
                node = node_class()
                node.plan = plan
                node.backend = backend
                node.sequence_nr = next_sequence_nr()
                node.outputs = ((array.shape, array.dtype),)
                node.compute_dtype = None
                node.next_edges = (edge,)
                if saves_output:
                    if saves_input:
                        saved: tuple[Any, ...] = tuple(
                            SavedOutput(out, 0, True) if kind == OUTPUT else input
                            for kind in plan.kinds
                        )
                    else:
                        saved = (SavedOutput(out, 0, True),)
                elif saves_input:
                    saved = (input,)
                else:
                    saved = ()
                node.saved = saved
                node.versions = tuple([s._version_counter[0] for s in saved])
                out._grad_fn = node
                out._requires_grad = True
                return out
        out._grad_fn = None
        out._requires_grad = False
        return out

    return unary


def _binary(entry: Entry, general: Callable[[Entry, list[Any]], Any]) -> Any:
    kernel_of = attrgetter(entry.kernel_name)
    needs_float = entry.promote is INT_TO_FLOAT
    node_class = entry.node_class
    plans = [entry.plan(wanted) for wanted in range(4)]
    saves_metadata = _saves_metadata(plans[3])

    def binary(input: Any, other: Any) -> Any:
        if (
            type(input) is not Tensor
            or type(other) is not Tensor
            or input._dtype is not other._dtype
            or input._backend is not other._backend
            or forward_level.current is not None
            or (needs_float and not input._dtype.is_inexact)
        ):
            return general(entry, [input, other])
        backend = input._backend
        try:
            array = backend.quietly(kernel_of(backend), input._array, other._array)
        except ValueError:
            return general(entry, [input, other])
        out = _new(Tensor)
        out._array = array
        out._backend = backend
        dtype = input._dtype
        out._dtype = dtype if array.dtype == input._array.dtype else backend.dtype(array)
        out._output_nr = 0
        out._version_counter = [0]
        if modes.grad_enabled:
            first = _edge(input) if input._requires_grad or input._view is not None else None
            second = _edge(other) if other._requires_grad or other._view is not None else None
            if (first is not None or second is not None) and dtype.is_inexact:
                node = node_class()
                plan = plans[(first is not None) + 2 * (second is not None)]
                node.plan = plan
                node.backend = backend
                node.sequence_nr = next_sequence_nr()
                node.outputs = ((array.shape, array.dtype),)
                node.compute_dtype = None
                node.next_edges = (first, second)
                operands = (input, other)
                node.saved = saved = tuple(
                    [
                        SavedOutput(out, 0, True) if kind == OUTPUT else operands[position]
                        for kind, position in zip(plan.kinds, plan.sources, strict=True)
                    ]
                )
                node.versions = tuple([saved[k]._version_counter[0] for k in plan.checked])
                if saves_metadata:
                    node.saved = _with_metadata(plan, saved, backend)
                out._grad_fn = node
                out._requires_grad = True
                return out
        out._grad_fn = None
        out._requires_grad = False
        return out

    return binary


def _saves_metadata(plan: Plan) -> bool:
    return any(kind in (SHAPE, GEOMETRY) for kind in plan.kinds)


def _with_metadata(plan: Plan, saved: tuple[Any, ...], backend: Any) -> tuple[Any, ...]:
    """Put shapes and geometries in the place of the tensors they are of."""
    return tuple(
        value
        if kind == OUTPUT or kind == TENSOR
        else value._array.shape
        if kind == SHAPE
        else (
            value._array.shape,
            backend.strides(value._array),
            backend.storage_offset(value._array),
        )
        for kind, value in zip(plan.kinds, saved, strict=True)
    )


def _edge(tensor: Tensor) -> Any:
    """Return where gradients of a tensor flow to, as ``gradient_edge`` with the fast case first."""
    node = tensor._grad_fn if tensor._view is None else tensor.grad_fn
    if node is not None:
        return (node, tensor._output_nr)
    return (accumulator(tensor), 0) if tensor._requires_grad else None
