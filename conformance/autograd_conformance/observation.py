"""Runs one sample on one library and records what can be seen: outputs, facts, graph, gradients.

Torch and the subject are observed by the same code; every quantity is computed once, when first
asked for, and an exception is remembered like a value.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from autograd_conformance.arrays import ITEM_SIZES, PARTS, Array, same_or_nan
from autograd_conformance.cases import OracleError, Unsupported
from autograd_conformance.draws import key_seed, signed
from autograd_conformance.samples import Entry, Sample
from autograd_conformance.subjects import Subject
from autograd_conformance.transfer import Builder, Rewrite, dtype_name, make, read

T = TypeVar("T")


@dataclass(frozen=True)
class Facts:
    """What an output tensor says about itself right after the forward call."""

    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    is_leaf: bool
    requires_grad: bool
    output_nr: int
    version: int
    is_view: bool
    is_contiguous: bool
    storage_offset: int
    grad_fn: str | None
    shares_memory_with: tuple[int, ...]


@dataclass
class Forward:
    """The forward call: live outputs, their facts, and what happened to the inputs."""

    raw: Any
    structure: str
    outputs: list[Any]
    plain: list[Any]
    facts: list[Facts]
    inputs: list[Any]
    leaves: list[Any]
    input_versions: list[int]
    returned_self: bool


@dataclass(frozen=True)
class Node:
    """A graph node: its name and its edges as (number of the next node or None, output number)."""

    name: str
    edges: tuple[tuple[int | None, int], ...]


@dataclass(frozen=True)
class Graph:
    """The graph behind the outputs: an edge per output, and the nodes in breadth-first order.

    An AccumulateGrad node is named with the place of its variable among the leaves.
    """

    roots: list[tuple[int | None, int]]
    nodes: list[Node]


@dataclass
class SecondOrder:
    """Gradients of <cotangent, gradients> by every input and by the first cotangents."""

    first_requires_grad: list[bool | None]
    gradients: list[Any]


def once(method: Callable[[Any], T]) -> Callable[[Any], T]:
    """Computes a quantity once; an Exception is kept and raised again on each later request."""
    name = method.__name__

    @functools.wraps(method)
    def cached(self: Any) -> T:
        if name not in self.memory:
            try:
                self.memory[name] = (method(self), None)
            except Exception as error:
                wrap = self.is_oracle and not isinstance(error, OracleError | Unsupported)
                self.memory[name] = (None, OracleError(error) if wrap else error)
        value, raised = self.memory[name]
        if raised is not None:
            raise raised
        result: T = value
        return result

    return cached


class Observation:
    """One sample in one spelling on one library.

    `rewrite` changes the values of its tensors, `renamed` the dtypes named in its arguments and the
    one that integers are computed in; `computing` makes the context in which the library computes.
    """

    def __init__(
        self,
        subject: Subject,
        entry: Entry,
        sample: Sample,
        form: str,
        seed: int,
        *,
        is_oracle: bool = False,
        rewrite: Rewrite | None = None,
        renamed: Mapping[str, str] | None = None,
        computing: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self.subject = subject
        self.entry = entry
        self.sample = sample
        self.form = form
        self.seed = seed
        self.is_oracle = is_oracle
        self.memory: dict[str, Any] = {}
        self._rewrite = rewrite
        self._renamed = renamed or {}
        self._computing = computing

    @property
    def in_place(self) -> bool:
        return self.form.startswith("inplace")

    def cotangent(self, kind: str, index: int, like: Any) -> Any:
        """A seeded, signed, non-uniform tensor of the shape and dtype of `like`.

        Magnitudes lie in [0.5, 1.5] on the grid of the sample's dtype (float32 where it is wider),
        so that a run at higher precision is fed the same numbers. The kind `other` is four times
        as large: on a coarse grid two draws of a scalar may well agree.
        """
        shape = tuple(int(n) for n in like.shape)
        key = (self.seed, self.entry.name, self.sample.index, kind, index)
        values = cotangent(key, dtype_name(like), shape, self.sample.dtype)
        if kind == "other":
            values = Array(values.dtype, shape, [4 * value for value in values.values])
        return make(
            self.subject,
            self._rewrite(values, True, f"{kind} {index}") if self._rewrite else values,
        )

    def _builder(self, *, requires_grad: bool) -> Builder:
        return Builder(
            self.subject,
            requires_grad=requires_grad,
            rewrite=self._rewrite,
            rename=(lambda path: self._renamed.get(path, path)) if self._renamed else None,
        )

    def _build(self, *, requires_grad: bool) -> tuple[Builder, Any, Any, Any]:
        builder = self._builder(requires_grad=requires_grad)
        built = builder.build(self.sample.call)
        return builder, *built

    def _run(self, first: Any, args: Any, kwargs: Any) -> Any:
        function = self.entry.callable(self.form, self.subject)
        self.subject.seed(self.seed)
        with self._computing_integers(), self._computing():
            return function(first, *args, **kwargs)

    def _active(self, body: Callable[[], T]) -> T:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with self.subject.activate():
                return body()

    @contextmanager
    def _computing_integers(self) -> Iterator[None]:
        """What integers are computed in is renamed, too: torch's default dtype."""
        module = self.subject.module
        if "float32" not in self._renamed:
            yield
            return
        default = module.get_default_dtype()
        module.set_default_dtype(self.subject.resolve(self._renamed["float32"]))
        try:
            yield
        finally:
            module.set_default_dtype(default)

    @once
    def forward(self) -> Forward:
        return self._active(self._forward)

    def _forward(self) -> Forward:
        grad = not self.in_place or self.entry.supports_inplace_autograd
        builder, first, args, kwargs = self._build(requires_grad=grad)
        if self.in_place:
            first = first.clone()  # a leaf that requires grad may not be written to
        inputs = [first, *builder.tensors] if self.in_place else builder.tensors
        raw = self._run(first, args, kwargs)
        outputs: list[Any] = []
        plain: list[Any] = []
        structure = flatten(raw, self.subject, outputs, plain)
        return Forward(
            raw=raw,
            structure=structure,
            outputs=outputs,
            plain=plain,
            facts=[_facts(o, inputs) for o in outputs],
            inputs=inputs,
            leaves=builder.leaves,
            input_versions=[int(t._version) for t in inputs],
            returned_self=raw is first,
        )

    @once
    def values(self) -> list[Array]:
        """Every output tensor, as numbers."""
        forward = self.forward()
        return self._active(lambda: [read(o, self.subject) for o in forward.outputs])

    @once
    def inputs_after(self) -> list[Array]:
        """Every input tensor as the call left it, as numbers."""
        forward = self.forward()
        return self._active(lambda: [read(t, self.subject) for t in forward.inputs])

    def differentiable(self) -> list[Any]:
        """The outputs a gradient is asked of: OpInfo may reduce gauge-free parts of them."""
        forward = self.forward()
        outputs = forward.outputs
        process = self.sample.process_output
        if process is not None:
            with self._computing():
                reduced = process.on(self.subject)(forward.raw)
            outputs = []
            flatten(reduced, self.subject, outputs, [])
        return [o for o in outputs if o.requires_grad]

    @once
    def graph(self) -> Graph:
        """The nodes and edges behind the outputs."""
        forward = self.forward()
        leaves = {id(leaf): i for i, leaf in enumerate(forward.leaves)}
        order: dict[int, int] = {}
        found: list[Any] = []  # holds the nodes, so that no id is used twice

        def number(node: Any) -> int | None:
            if node is None:
                return None
            if id(node) not in order:
                order[id(node)] = len(found)
                found.append(node)
            return order[id(node)]

        roots = [(number(o.grad_fn), int(o.output_nr)) for o in forward.outputs]
        nodes: list[Node] = []
        for node in found:  # grows while it is walked
            edges = tuple((number(following), int(nr)) for following, nr in node.next_functions)
            name = node.name()
            variable = getattr(node, "variable", None)
            if variable is not None:
                name = f"{name}(input {leaves.get(id(variable), '?')})"
            nodes.append(Node(name, edges))
        return Graph(roots, nodes)

    def _gradients(self, kind: str) -> list[Array | None]:
        def body() -> list[Array | None]:
            outputs = self.differentiable()
            if not outputs:
                return []
            leaves = self.forward().leaves
            cotangents = [self.cotangent(kind, i, o) for i, o in enumerate(outputs)]
            found = self._grad(outputs, leaves, cotangents, retain_graph=True)
            return self._read_all(found)

        return self._active(body)

    def _grad(self, outputs: Any, inputs: Any, cotangents: Any, **how: bool) -> Any:
        with self._computing():
            grad = self.subject.module.autograd.grad
            return grad(outputs, inputs, cotangents, allow_unused=True, **how)

    def _read_all(self, tensors: Any) -> list[Array | None]:
        return [None if t is None else read(t, self.subject) for t in tensors]

    @once
    def gradients(self) -> list[Array | None]:
        """One gradient (or None) per input that requires grad; empty if no output does."""
        return self._gradients("first")

    @once
    def has_constant_gradients(self) -> bool:
        """Whether the gradients are the same under another cotangent: they carry no information."""
        pairs = zip(self.gradients(), self._gradients("other"), strict=True)
        return all(same_or_nan(a, b) for a, b in pairs if a is not None and b is not None)

    @once
    def second_order(self) -> SecondOrder:
        return self._active(self._second_order)

    def _second_order(self) -> SecondOrder:
        outputs = self.differentiable()
        if not outputs:
            return SecondOrder([], [])
        leaves = self.forward().leaves
        cotangents = [self.cotangent("first", i, o) for i, o in enumerate(outputs)]
        for cotangent in cotangents:
            cotangent.requires_grad_()
        first = self._grad(outputs, leaves, cotangents, create_graph=True)
        flags = [None if g is None else bool(g.requires_grad) for g in first]
        again = [g for g in first if g is not None and g.requires_grad]
        if not again:
            return SecondOrder(flags, [])
        outer = [self.cotangent("second", i, g) for i, g in enumerate(again)]
        # Retained: the first gradients may be asked for afterwards.
        second = self._grad(again, [*leaves, *cotangents], outer, retain_graph=True)
        return SecondOrder(flags, self._read_all(second))

    def second_gradients(self) -> list[Array | None]:
        """The gradients of `second_order`."""
        return self.second_order().gradients

    @once
    def tangents(self) -> list[Array | None]:
        """The tangent (or None) of every output, every differentiable input carrying one."""
        return self._active(self._tangents)

    def _tangents(self) -> list[Array | None]:
        forward_ad = self.subject.resolve("autograd.forward_ad")
        marker = self._builder(requires_grad=True)
        built = marker.build(self.sample.call)
        wanted = {id(t): i for i, t in enumerate(marker.leaves)}
        with forward_ad.dual_level():

            def dual(value: Any) -> Any:
                if id(value) in wanted:
                    primal = value.detach()
                    tangent = self.cotangent("tangent", wanted[id(value)], primal)
                    return forward_ad.make_dual(primal, tangent)
                if isinstance(value, list | tuple) and type(value) in (list, tuple):
                    return type(value)(dual(v) for v in value)
                if isinstance(value, dict):
                    return {k: dual(v) for k, v in value.items()}
                return value

            first, args, kwargs = dual(built)
            outputs: list[Any] = []
            flatten(self._run(first, args, kwargs), self.subject, outputs, [])
            return self._read_all(forward_ad.unpack_dual(o).tangent for o in outputs)


def cotangent(key: tuple[object, ...], dtype: str, shape: tuple[int, ...], grid: str) -> Array:
    """The numbers of a cotangent (or tangent) that `key` names, on the grid of a dtype."""
    drawn = signed(key_seed(*key), math.prod(shape), grid, complex_parts=dtype in PARTS)
    return Array(dtype, shape, list(drawn))


def flatten(value: Any, subject: Subject, tensors: list[Any], plain: list[Any]) -> str:
    """Collects the tensors and the other leaves of a nested result; returns its structure."""
    if subject.is_tensor(value):
        tensors.append(value)
        return "tensor"
    if isinstance(value, list | tuple):
        inner = ", ".join(flatten(v, subject, tensors, plain) for v in value)
        return f"{type(value).__name__}({inner})"
    if isinstance(value, dict):
        inner = ", ".join(f"{k}: {flatten(v, subject, tensors, plain)}" for k, v in value.items())
        return f"dict({inner})"
    plain.append(value)
    return type(value).__name__


def _storage_start(tensor: Any) -> int:
    size = ITEM_SIZES[dtype_name(tensor)]
    return int(tensor.data_ptr()) - int(tensor.storage_offset()) * size


def _facts(tensor: Any, inputs: list[Any]) -> Facts:
    shape = tuple(int(n) for n in tensor.shape)
    strided = getattr(tensor, "layout", None) is None or "strided" in str(tensor.layout)
    strides = tuple(int(n) for n in tensor.stride()) if strided else ()
    shared: tuple[int, ...] = ()
    if strided and 0 not in shape:
        start = _storage_start(tensor)
        shared = tuple(
            i
            for i, t in enumerate(inputs)
            if 0 not in tuple(t.shape) and _storage_start(t) == start
        )
    return Facts(
        dtype=dtype_name(tensor),
        shape=shape,
        strides=strides,
        is_leaf=bool(tensor.is_leaf),
        requires_grad=bool(tensor.requires_grad),
        output_nr=int(tensor.output_nr),
        version=int(tensor._version),
        is_view=bool(tensor._is_view()),
        is_contiguous=bool(tensor.is_contiguous()) if strided else True,
        storage_offset=int(tensor.storage_offset()) if strided else 0,
        grad_fn=None if tensor.grad_fn is None else tensor.grad_fn.name(),
        shares_memory_with=shared,
    )
