"""Calls specialised by arity: the short way of unary and binary ops on plain Tensors.

The general way costs a loop per step; these do the same straight-line for operands of one dtype
and backend outside forward mode, and hand everything else to it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from operator import attrgetter
from types import NoneType
from typing import Any

from ..dtypes import BY_NAME, DType
from ..engine.modes import interposed, modes
from ..engine.node import accumulator, next_sequence_nr
from ..engine.views import requires_grad
from ..tensor import InferenceCounter, Tensor, plain_subclasses
from .call import call
from .entry import ANY_BOOL, INT_TO_FLOAT, Entry
from .plan import formula_parameters

_new = object.__new__


def specialised(entry: Entry, general: Callable[[Entry, list[Any]], Any] = call) -> Any:
    """Return the short call for an entry of one or two tensor arguments, None for others.

    ``general`` is the way taken by operands that are not plain.
    """
    tensors = len(entry.inputs)
    simple = (
        not entry.view
        and not entry.lists
        and entry.outputs == ("result",)
        and entry.joint is None
        and not entry.is_refusal
        and not any("grads" in formula_parameters(formula) for formula in entry.formulas)
        and entry.inputs == tuple(range(tensors)) == entry.differentiable
    )
    if ANY_BOOL in entry.refuses and len(entry.parameters) > tensors:
        return None  # the numbers must be looked at
    if simple and tensors == 1:
        return _unary(entry, general)
    if simple and tensors == 2 and len(entry.parameters) == 2 and entry.promoted == entry.inputs:
        return _binary(entry, general)
    return None


def _kernel_of(entry: Entry) -> Callable[[Any], Callable[..., Any]]:
    """Return what gives a backend's kernel for the entry."""
    kernel = entry.kernel
    if kernel is None:
        return attrgetter(entry.kernel_name)
    return functools.partial(functools.partial, kernel)


def _plain_dtypes(entry: Entry) -> frozenset[DType]:
    """Return the dtypes that the op computes in as they are and does not refuse."""
    return frozenset(
        dtype
        for dtype in BY_NAME.values()
        if (dtype.is_inexact or entry.promote is not INT_TO_FLOAT) and entry.refusal(dtype) is None
    )


def _unary(entry: Entry, general: Callable[[Entry, list[Any]], Any]) -> Any:
    kernel_of = _kernel_of(entry)
    plain = _plain_dtypes(entry)
    node_class = entry.node_class
    plans = entry.plans  # filled by entry.plan on first use: compiling all takes 0.1 s
    plan_of = entry.plan
    bind = entry.bind

    def wrapped(values: Any, input: Tensor, array: Any) -> Tensor:
        """Return the result as a Tensor with its history."""
        backend = input._backend
        native = array.dtype
        out = _new(Tensor)
        out._array = array
        out._backend = backend
        same = native is input._array.dtype
        out._dtype = dtype = input._dtype if same else backend.dtype(array)
        out._output_nr = 0
        out._version_counter = [0]
        recording = modes.grad_enabled
        if recording and (input._requires_grad or input._view is not None) and dtype.is_inexact:
            edge = _edge(input)
            if edge is not None:
                out._grad_fn = node = node_class()
                node.plan = plan = plans.get(1) or plan_of(1)
                node._backend = backend
                node.sequence_nr = next_sequence_nr()
                node._outputs = ((array.shape, native),)
                node.next_edges = (edge or None,)
                node.saved, node.versions = plan.save(values, out)
                out._requires_grad = True
                return out
        out._grad_fn = None
        out._requires_grad = False
        if recording is None:
            out._version_counter = InferenceCounter()
        return out

    def unary(input: Any) -> Any:
        if (
            (type(input) is not Tensor and type(input) not in plain_subclasses)
            or interposed.count
            or input._dtype not in plain
        ):
            return general(entry, [input])
        backend = input._backend
        array = backend.kernel_context.copy().run(kernel_of(backend), input._array)
        return wrapped((input,), input, array)

    if len(entry.parameters) == 1:
        return unary
    numbers = entry.promoted[1:]
    count = len(entry.parameters)

    def unary_with_options(*args: Any, **kwargs: Any) -> Any:
        values = bind(*args, **kwargs) if kwargs or len(args) != count else list(args)
        input = values[0]
        if (
            (type(input) is not Tensor and type(input) not in plain_subclasses)
            or interposed.count
            or input._dtype not in plain
            # A real number does not change the dtype of floats; others may.
            or (
                numbers
                and not (
                    input._dtype.is_inexact
                    and all(isinstance(values[i], (int, float, NoneType)) for i in numbers)
                )
            )
        ):
            return general(entry, values)
        backend = input._backend
        array = backend.kernel_context.copy().run(kernel_of(backend), input._array, *values[1:])
        return wrapped(values, input, array)

    return unary_with_options


def _binary(entry: Entry, general: Callable[[Entry, list[Any]], Any]) -> Any:
    kernel_of = _kernel_of(entry)
    plain = _plain_dtypes(entry)
    node_class = entry.node_class
    plans = entry.plans
    plan_of = entry.plan
    follows = entry.follows

    def binary(input: Any, other: Any) -> Any:
        if (
            (type(input) is not Tensor and type(input) not in plain_subclasses)
            or (type(other) is not Tensor and type(other) not in plain_subclasses)
            or input._dtype is not other._dtype
            or input._backend is not other._backend
            or interposed.count
            or input._dtype not in plain
        ):
            return general(entry, [input, other])
        backend = input._backend
        operand = input._array
        try:
            array = backend.kernel_context.copy().run(kernel_of(backend), operand, other._array)
        except ValueError:
            return general(entry, [input, other])  # which finds torch's words for it
        if follows and len(array.shape) > 1:
            array = backend.following(array, operand, other._array)
        dtype = input._dtype
        native = array.dtype
        out = _new(Tensor)
        out._array = array
        out._backend = backend
        out._dtype = dtype if native is operand.dtype else backend.dtype(array)
        out._output_nr = 0
        out._version_counter = [0]
        recording = modes.grad_enabled
        if recording and dtype.is_inexact:
            # Written out: asking a function costs as much as all the rest of it.
            if (node := input._grad_fn) is not None and input._view is None:
                first: Any = (node, input._output_nr)
            else:
                first = _edge(input) if input._requires_grad or input._view is not None else None
            if (node := other._grad_fn) is not None and other._view is None:
                second: Any = (node, other._output_nr)
            else:
                second = _edge(other) if other._requires_grad or other._view is not None else None
            wanted = (first is not None) + 2 * (second is not None)
            if wanted:
                out._grad_fn = node = node_class()
                node.plan = plan = plans.get(wanted) or plan_of(wanted)
                node._backend = backend
                node.sequence_nr = next_sequence_nr()
                node._outputs = ((array.shape, native),)
                node.next_edges = (first or None, second or None)
                node.saved, node.versions = plan.save((input, other), out)
                out._requires_grad = True
                return out
        out._grad_fn = None
        out._requires_grad = False
        if recording is None:
            out._version_counter = InferenceCounter()
        return out

    return binary


def _edge(tensor: Tensor) -> Any:
    """Return where gradients of a tensor flow to, as ``gradient_edge`` with the fast case first.

    It is () when they get lost: a view that was not recorded requires a gradient if its base does.
    """
    node = tensor._grad_fn if tensor._view is None else tensor.grad_fn
    if node is not None:
        return (node, tensor._output_nr)
    if tensor._requires_grad:
        return (accumulator(tensor), 0)
    return () if requires_grad(tensor) else None
