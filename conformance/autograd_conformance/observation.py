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

from autograd_conformance.arrays import PARTS, Array, same_or_nan
from autograd_conformance.cases import OracleError, Unsupported
from autograd_conformance.draws import key_seed, signed
from autograd_conformance.facts import Facts, facts_of
from autograd_conformance.samples import Entry, Sample
from autograd_conformance.saved_values import Freed, Saved, read_freed, read_saved
from autograd_conformance.scenarios.recording import plain_warnings
from autograd_conformance.subjects import Subject
from autograd_conformance.transfer import Builder, Rewrite, dtype_name, make, read

T = TypeVar("T")


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
            self.remember(name, lambda: method(self))
        result: T = self.recall(name)
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
        self._warned: dict[str, list[tuple[str, str]]] = {}
        self._rewrite = rewrite
        self._renamed = renamed or {}
        self._computing = computing

    def remember(self, name: str, answer: Callable[[], Any]) -> None:
        """Keeps the answer to a question, or the exception, which is the oracle's refusal."""
        try:
            self.memory[name] = (answer(), None)
        except Exception as error:
            wrap = self.is_oracle and not isinstance(error, OracleError | Unsupported)
            self.memory[name] = (None, OracleError(error) if wrap else error)

    def recall(self, name: str) -> Any:
        """The answer that is kept, or its exception."""
        value, raised = self.memory[name]
        if raised is not None:
            raise raised
        return value

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
    def _hearing(self, quantity: str) -> Iterator[None]:
        """What the block warns of is noted for a quantity, once-only warnings each time."""
        with warnings.catch_warnings(record=True) as caught, self.subject.warning_always():
            warnings.simplefilter("always")
            yield
        self._warned.setdefault(quantity, []).extend(plain_warnings(caught))

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
        with self._hearing("forward"):
            raw = self._run(first, args, kwargs)
        self.remember("next_numbers", self._draw)  # before anything else draws
        outputs: list[Any] = []
        plain: list[Any] = []
        structure = flatten(raw, self.subject, outputs, plain)
        return Forward(
            raw=raw,
            structure=structure,
            outputs=outputs,
            plain=plain,
            facts=[facts_of(o, inputs) for o in outputs],
            inputs=inputs,
            leaves=builder.leaves,
            input_versions=[int(t._version) for t in inputs],
            returned_self=raw is first,
        )

    def _draw(self) -> list[float]:
        """A normal and a uniform number: of normal ones the generator keeps a second back."""
        resolve = self.subject.resolve
        return [resolve(name)((), dtype=resolve("float64")).item() for name in ("randn", "rand")]

    def next_numbers(self) -> list[float]:
        """The random numbers that are drawn next after the call."""
        self.forward()
        found: list[float] = self.recall("next_numbers")
        return found

    def warned(self, quantity: str) -> list[tuple[str, str]]:
        """Category and text of what is warned of in computing a quantity, in order."""
        getattr(self, quantity)()
        return self._warned.get(quantity, [])

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
        found = nodes_behind(forward.outputs)
        order: dict[int, int | None] = {id(node): i for i, node in enumerate(found)}
        order[id(None)] = None
        roots = [(order[id(o.grad_fn)], int(o.output_nr)) for o in forward.outputs]
        nodes: list[Node] = []
        for node in found:
            edges = tuple((order[id(following)], int(nr)) for following, nr in node.next_functions)
            name = node.name()
            variable = getattr(node, "variable", None)
            if variable is not None:
                name = f"{name}(input {leaves.get(id(variable), '?')})"
            nodes.append(Node(name, edges))
        return Graph(roots, nodes)

    @once
    def saved(self) -> Saved:
        """What the nodes behind the outputs have saved."""
        forward = self.forward()
        nodes = nodes_behind(forward.outputs)
        return self._active(lambda: read_saved(nodes, self.subject, forward.inputs))

    def saved_tensors(self) -> list[Array]:
        """The tensors of `saved`, as numbers."""
        return self.saved().tensors

    @once
    def freed(self) -> Freed:
        """What a second graph of the case still gives of what it has saved, once it is freed."""
        again = Observation(
            self.subject,
            self.entry,
            self.sample,
            self.form,
            self.seed,
            is_oracle=self.is_oracle,
        )
        nodes = nodes_behind(again.forward().outputs)
        again._gradients("first", retain_graph=False)
        return self._active(lambda: read_freed(nodes))

    def _gradients(self, kind: str, *, retain_graph: bool = True) -> list[Array | None]:
        def body() -> list[Array | None]:
            outputs = self.differentiable()
            if not outputs:
                return []
            leaves = self.forward().leaves
            cotangents = [self.cotangent(kind, i, o) for i, o in enumerate(outputs)]
            with self._hearing("gradients" if kind == "first" else kind):
                found = self._grad(outputs, leaves, cotangents, retain_graph=retain_graph)
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
        with self._hearing("second_order"):
            first = self._grad(outputs, leaves, cotangents, create_graph=True)
        flags = [None if g is None else bool(g.requires_grad) for g in first]
        again = [g for g in first if g is not None and g.requires_grad]
        if not again:
            return SecondOrder(flags, [])
        outer = [self.cotangent("second", i, g) for i, g in enumerate(again)]
        # Retained: the first gradients may be asked for afterwards.
        with self._hearing("second_order"):
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
            with self._hearing("tangents"):
                raw = self._run(first, args, kwargs)
            flatten(raw, self.subject, outputs, [])
            return self._read_all(forward_ad.unpack_dual(o).tangent for o in outputs)


def nodes_behind(outputs: list[Any]) -> list[Any]:
    """Every node behind the outputs once, breadth first."""
    found = {id(o.grad_fn): o.grad_fn for o in outputs if o.grad_fn is not None}
    nodes = list(found.values())  # holds them, so that no id is used twice
    for node in nodes:  # grows while it is walked
        for following, _ in node.next_functions:
            if following is not None and id(following) not in found:
                found[id(following)] = following
                nodes.append(following)
    return nodes


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
