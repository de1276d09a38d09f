"""Calls compiled per op: the short way of ops on plain Tensors of one dtype and backend.

The general way costs a loop per step and a lookup per fact. Here the source of a function is
written out for one entry of the table, straight-line, with all that is known of the entry built
in, and compiled when it is first called; whatever is not plain it hands to the general way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import FunctionType, NoneType
from typing import Any

from ..backend import Backend
from ..dtypes import BY_NAME, DType
from ..engine.modes import interposed, modes
from ..engine.node import accumulator, next_sequence_nr
from ..engine.saved import SavedOutput
from ..engine.views import requires_grad
from ..tensor import InferenceCounter, Tensor, plain_subclasses
from .call import call
from .entry import ANY_BOOL, AS_GIVEN, INT_TO_FLOAT, Entry
from .plan import (
    DTYPE,
    GEOMETRY,
    NUMEL,
    OUTPUT,
    SHAPE,
    SINGLE_SIZES,
    SIZES_OPT,
    STRIDE,
    TENSOR,
    VALUE,
    Plan,
    compiled_function,
    formula_parameters,
)

MOST_INPUTS = 3
"""The code has a branch per set of inputs that want a gradient."""


def specialised(entry: Entry, general: Callable[[Entry, list[Any]], Any] = call) -> Any:
    """Return the short call for an entry, None where all calls must go the general way.

    ``general`` is the way taken by operands that are not plain.
    """
    return _call_of(entry, general) if _is_simple(entry) else None


def _is_simple(entry: Entry) -> bool:
    """Whether the op maps up to three tensors, and options after them, to a new one."""
    tensors = len(entry.inputs)
    return (
        not entry.view
        and not entry.lists
        and entry.outputs == ("result",)
        and entry.joint is None
        and not entry.is_refusal
        and not any("grads" in formula_parameters(formula) for formula in entry.formulas)
        and 0 < tensors <= MOST_INPUTS
        and entry.inputs == tuple(range(tensors)) == entry.differentiable
        and (entry.promote is AS_GIVEN or entry.promoted[:tensors] == entry.inputs)
        # The numbers must be looked at.
        and not (ANY_BOOL in entry.refuses and len(entry.parameters) > tensors)
    )


def _call_of(entry: Entry, general: Callable[[Entry, list[Any]], Any]) -> Any:
    """Return a function that compiles itself when it is first called.

    Its globals are the names its code uses, so that the code, and with it the interpreter's inline
    caches, belongs to the one op: caches that 400 ops share never fit.
    """
    scope: dict[str, Any] = {}
    function = FunctionType(_first.__code__, scope, entry.kernel_name)

    def compile_call() -> None:
        compiled = _compiled(entry, general)
        scope.update(compiled.__globals__)
        function.__defaults__, function.__kwdefaults__ = (
            compiled.__defaults__,
            compiled.__kwdefaults__,
        )
        function.__code__ = compiled.__code__

    def forget() -> None:
        function.__code__ = _first.__code__
        function.__defaults__ = function.__kwdefaults__ = None

    scope["_compile"], scope["_function"] = compile_call, function
    entry.plans.forgotten.append(forget)
    return function


def _first(*args: Any, **kwargs: Any) -> Any:
    _compile()  # type: ignore[name-defined]  # noqa: F821 - globals of the function it becomes
    return _function(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


def _compiled(entry: Entry, general: Callable[[Entry, list[Any]], Any]) -> FunctionType:
    """Compile the call; for ``mul``, shortened:

    def mul(self, other):
        if not (type(self) is Tensor and type(other) is Tensor and <plain> and not interposed.count):
            return general(entry, [self, other])
        _run, _kernel = kernels.get(_backend) or kernel_of(_backend)
        try:
            _array = _run(_kernel, self._array, other._array)
        except (ValueError, RuntimeError):
            return general(entry, [self, other])
        _out = new(Tensor)
        ...
        if _recording and _out._dtype.is_inexact:
            <edge0 of self, edge1 of other>
            if _edge0 is not None:
                _out._grad_fn = _node = node_class()
                if _edge1 is not None:
                    _node.plan = plan3
                    _node.saved = (other, self,)
                    _node.versions = (other._version_counter[0], self._version_counter[0],)
                ...
                _node.next_edges = (_edge0 or None, _edge1 or None)
                return _out
        ...
    """
    inputs = entry.parameters[: len(entry.inputs)]
    options = entry.parameters[len(inputs) :]
    arguments = ", ".join(entry.parameters)
    scope: dict[str, Any] = {
        "Tensor": Tensor,
        "InferenceCounter": InferenceCounter,
        "SavedOutput": SavedOutput,
        "edge_of": edge_of,
        "entry": entry,
        "general": general,
        "interposed": interposed,
        "modes": modes,
        "new": object.__new__,
        "next_sequence_nr": next_sequence_nr,
        "node_class": entry.node_class,
        "plain": _plain_dtypes(entry),
        "plain_subclasses": plain_subclasses,
        "number_types": (int, float, NoneType),
        "kernels": (kernels := {}),
        "kernel_of": lambda backend: _quiet_kernel(entry, backend, kernels),
    }
    conditions = []
    for name in inputs:
        conditions.append(f"((_type := type({name})) is Tensor or _type in plain_subclasses)")
    first, *others = inputs
    conditions.append(f"(_dtype := {first}._dtype) in plain")
    conditions.append("not interposed.count")
    for name in others:
        if entry.promote is not AS_GIVEN:
            conditions.append(f"{name}._dtype is _dtype")
        conditions.append(f"{name}._backend is {first}._backend")
    numbers = [entry.parameters[i] for i in entry.promoted[len(inputs) :]]
    if numbers:  # a real number does not change the dtype of floats; others may
        conditions.append("_dtype.is_inexact")
        conditions += [f"isinstance({name}, number_types)" for name in numbers]
    arrays = ", ".join([*(f"{name}._array" for name in inputs), *options])
    called = f"_kernel, {arrays}" if entry.kernel is None else f"_kernel, _backend, {arrays}"
    lines = [
        f"if not ({' and '.join(conditions)}):",
        f"    return general(entry, [{arguments}])",
        f"_backend = {first}._backend",
        "_run, _kernel = kernels.get(_backend) or kernel_of(_backend)",
        "try:",
        f"    _array = _run({called})",
        "except (ValueError, RuntimeError):",  # which finds torch's words for it
        f"    return general(entry, [{arguments}])",
    ]
    if entry.follows and others:
        operands = ", ".join(f"{name}._array" for name in inputs)
        lines += [
            "if len(_array.shape) > 1:",
            f"    _array = _backend.following(_array, {operands})",
        ]
    lines += [
        "_native = _array.dtype",
        "_out = new(Tensor)",
        "_out._array = _array",
        "_out._backend = _backend",
        f"if _native is not {first}._array.dtype:",
        "    _dtype = _backend.dtype(_array)",
        "_out._dtype = _dtype",
        "_out._output_nr = 0",
        "_out._version_counter = [0]",
        "_recording = modes.grad_enabled",
        "if _recording and _dtype.is_inexact:",
    ]
    for k, name in enumerate(inputs):
        lines += [
            f"    if (_node{k} := {name}._grad_fn) is not None and {name}._view is None:",
            f"        _edge{k} = (_node{k}, {name}._output_nr)",
            f"    elif {name}._requires_grad or {name}._view is not None:",
            f"        _edge{k} = edge_of({name})",
            "    else:",
            f"        _edge{k} = None",
        ]
    edges = [f"_edge{k}" for k in range(len(inputs))]
    lines += [
        f"    if {' or '.join(f'{edge} is not None' for edge in edges)}:",
        "        _out._grad_fn = _node = node_class()",
        *_indented(8, _saving(entry, scope, edges, 0, 0)),
        "        _node._backend = _backend",
        "        _node.sequence_nr = next_sequence_nr()",
        *_indented(8, _metadata(entry, edges)),
        f"        _node.next_edges = ({''.join(f'{edge} or None, ' for edge in edges)})",
        "        _out._requires_grad = True",
        "        return _out",
        "_out._grad_fn = None",
        "_out._requires_grad = False",
        "if _recording is None:",
        "    _out._version_counter = InferenceCounter()",
        "return _out",
    ]
    return compiled_function(f"{entry.kernel_name}({entry.arguments})", lines, scope)


def _indented(width: int, lines: Sequence[str]) -> Iterator[str]:
    return (" " * width + line for line in lines)


def _saving(
    entry: Entry, scope: dict[str, Any], edges: Sequence[str], k: int, wanted: int
) -> list[str]:
    """Return the lines that give a node its plan and what that saves, by which edges there are."""
    if k < len(edges):
        there = _saving(entry, scope, edges, k + 1, wanted | 1 << k)
        missing = _saving(entry, scope, edges, k + 1, wanted)
        if not missing:  # no edge at all was asked for before
            return there
        return [
            f"if {edges[k]} is not None:",
            *_indented(4, there),
            "else:",
            *_indented(4, missing),
        ]
    if not wanted:
        return []
    plan = entry.plan(wanted)
    scope[f"plan{wanted}"] = plan
    saved, versions = _saved(entry, plan)
    return [
        f"_node.plan = plan{wanted}",
        f"_node.saved = ({saved})",
        f"_node.versions = ({versions})",
    ]


_READ = {
    SHAPE: "{0}._array.shape",
    SIZES_OPT: "(0,) if {0} is None else {0}._array.shape",
    DTYPE: "{0}._dtype",
    STRIDE: "_backend.strides({0}._memory)",
    GEOMETRY: "_backend.geometry({0}._memory)",
    NUMEL: "{0}.numel()",
    **{kind: f"{{0}}._array.shape[{dim}]" for kind, dim in SINGLE_SIZES.items()},
    VALUE: "{0}",
}
"""How an option, or metadata of an operand, is read."""


def _saved(entry: Entry, plan: Plan) -> tuple[str, str]:
    """Return the expressions of what a plan saves, and of the versions of the tensors there."""
    pieces = []
    versions = []
    for kind, position in zip(plan.kinds, plan.sources, strict=True):
        if kind == OUTPUT:
            pieces.append("SavedOutput(_out, 0, True)")
            versions.append("_out._version_counter[0]")
            continue
        name = entry.parameters[position]
        if kind == TENSOR:
            pieces.append(name)
            versions.append(f"{name}._version_counter[0]")
        else:
            pieces.append(_READ[kind].format(name))
    return "".join(f"{p}, " for p in pieces), "".join(f"{v}, " for v in versions)


def _metadata(entry: Entry, edges: Sequence[str]) -> list[str]:
    """Return the lines that say of what shape and dtype the node's gradient is.

    A pointwise op on operands of one shape shares that with the nodes behind it, so that a chain
    has one such tuple and ``backward`` sees by identity that there is nothing to check.
    """
    new = "((_array.shape, _native),)"
    if not entry.alike:
        return [f"_node._outputs = {new}"]
    first, *others = edges
    same = "".join(f" and {edge} and {edge}[0]._outputs is _outputs" for edge in others)
    return [
        f"_outputs = {first}[0]._outputs if {first} else ()",
        f"_node._outputs = _outputs if len(_outputs) == 1{same} and _outputs[0][1] is _native "
        f"else {new}",
    ]


def _quiet_kernel(entry: Entry, backend: Backend, kernels: dict[Backend, Any]) -> Any:
    """Return what runs kernels in silence, and the kernel; remembered for next time.

    A context is entered in 30 ns and copied in 20 (adding one element: np.add 290 ns). All threads
    share this one: whoever finds it entered gets a RuntimeError, and goes the general way.
    """
    kernel = entry.kernel or getattr(backend, entry.kernel_name)
    found = (backend.kernel_context.copy().run, kernel)
    if backend.level is None:
        kernels[backend] = found
    return found


def _plain_dtypes(entry: Entry) -> frozenset[DType]:
    """Return the dtypes that the op computes in as they are and does not refuse."""
    return frozenset(
        dtype
        for dtype in BY_NAME.values()
        if (dtype.is_inexact or entry.promote is not INT_TO_FLOAT) and entry.refusal(dtype) is None
    )


def edge_of(tensor: Tensor) -> Any:
    """Return where gradients of a tensor flow to, as ``gradient_edge`` with the fast case first.

    It is () when they get lost: a view that was not recorded requires a gradient if its base does.
    """
    node = tensor._grad_fn if tensor._view is None else tensor.grad_fn
    if node is not None:
        return (node, tensor._output_nr)
    if tensor._requires_grad:
        return (accumulator(tensor), 0)
    return () if requires_grad(tensor) else None
