"""One entry of the derivative table: an op's checked description, its node class, its plans."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ..dtypes import LEGACY_NAMES, DType
from ..sizes import Layout, pointwise_strides
from .plan import (
    DTYPE,
    GEOMETRY,
    LIST,
    NDIM,
    NUMEL,
    OUTPUT,
    SHAPE,
    SINGLE_SIZES,
    SIZES_OPT,
    STRIDE,
    TENSOR,
    VALUE,
    Plan,
    formula_parameters,
)


class Marker:
    """A word of the table's language."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


NON_DIFFERENTIABLE: Final = Marker("NON_DIFFERENTIABLE")
"""A tensor that has no gradient and takes no part in promotion: an index, a mask."""
OPERAND: Final = Marker("OPERAND")
"""A tensor that has no gradient but takes part in promotion: a compared operand."""
NUMBER: Final = Marker("NUMBER")
"""A Python number (or None) that takes part in promotion and stays one: an exponent, a bound."""
HIDDEN: Final = Marker("HIDDEN")
"""In ``shown``: something that a formula names and torch's node does not show."""
JOINT: Final = Marker("JOINT")
"""An input whose gradient is computed together with others', by the formula ``joint=``."""

PROMOTE: Final = Marker("PROMOTE")
"""Operands are cast to their common dtype."""
INT_TO_FLOAT: Final = Marker("INT_TO_FLOAT")
"""Likewise, and integers and bool to the default dtype."""
AS_GIVEN: Final = Marker("AS_GIVEN")
"""Operands keep their dtypes; they have been checked or may differ."""

LINEAR: Final = Marker("LINEAR")
"""The tangent is the op itself applied to the tangents."""
POINTWISE: Final = Marker("POINTWISE")
"""The tangent is the gradient formulas fed the tangent, elementwise, summed over inputs."""

Formula = Callable[..., Any]


ANY_BOOL: Final = "any b"


class Refusal(NamedTuple):
    """How torch refuses a kind of dtype; ``{}`` in the text stands for the dtype's quoted name."""

    error: type[Exception]
    text: str
    of_kernel: bool = False
    """Whether it is the kernel that refuses: shapes have been looked at by then."""

    def of(self, dtype: DType) -> Exception:
        """Return the error for a dtype."""
        return self.error(self.text.format(f"'{LEGACY_NAMES[dtype]}'"))


def no_kernel(name: str) -> Refusal:
    """Return the refusal of dtypes that torch has no kernel for."""
    return Refusal(NotImplementedError, f'"{name}" not implemented for {{}}', of_kernel=True)


METADATA: Final = {
    "_shape": SHAPE,
    "_sizes_opt": SIZES_OPT,
    "_dtype": DTYPE,
    "_stride": STRIDE,
    "_geometry": GEOMETRY,
    "_numel": NUMEL,
    "_dim": NDIM,
    **{f"_argsize_{dim}".replace("-", "minus_"): kind for kind, dim in SINGLE_SIZES.items()},
}
"""What a formula may name of an input without saving it, by the suffix of the name."""


_SHOWN_SUFFIXES: Final = {
    SHAPE: "_sym_sizes",
    SIZES_OPT: "_sym_sizes_opt",
    STRIDE: "_sym_strides",
    NUMEL: "_sym_numel",
    NDIM: "_dim",
    **{kind: f"_sym_argsize_{dim}".replace("-", "minus_") for kind, dim in SINGLE_SIZES.items()},
}
"""Metadata that torch shows of a node, by what its name ends in there."""


class TableError(TypeError):
    """An entry of the derivative table is not well formed."""


class Plans(dict[int, Plan]):
    """What was compiled from the formulas of an entry: its plans by the bits of wanted inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: list[Callable[[], None]] = []
        """Called by ``clear``: what was compiled from the plans goes with them."""

    def clear(self) -> None:
        """Have everything compiled anew: formulas have been replaced."""
        super().clear()
        forgotten, self.forgotten = self.forgotten, []
        for forget in forgotten:
            forget()


class Entry:
    """What is known of one op; ``op()`` makes it of what the table states.

    Attributes:
        name: torch's node name; empty for ops without gradient.
        aten: what torch's messages call the function.
        parameters: the names of the arguments, in order.
        numbered: names of the outputs that have a gradient, by their numbers at the node.
        inputs: positions of the tensor arguments.
        promoted: positions of those that are cast to a common dtype.
        differentiable: positions of those with a gradient; a node has its edges in this order.
        refuses: by kind of dtype ("b", "i", "f", "c", "h" of 16 bits, or "float16") how torch
            refuses to compute in it; "any b" is how it refuses a bool operand beside others.
        shown: what nodes show besides what is saved: options that the op does not take, with their
            values, and what a function tells of a node.
        formulas: one per differentiable input (None under a joint formula).
        is_refusal: torch records a node that has edges to what requires a gradient only, and
            refuses to run.
    """

    overlapping = False
    """Whether the in-place form writes tensors whose elements share memory, too."""
    selective = False
    """Whether the in-place form leaves elements alone that it does not change."""
    exact_number = False
    """Whether numbers of 16 bits, and a second operand of another dtype without dims as it is, are
    computed with in single precision, and the result is rounded: products and quotients."""
    falls_back = False
    """Whether torch has nothing for its autograd: what stands in for it refuses tangents."""
    conjugates = False
    negates = False
    """Whether the view sees the conjugates, the negatives, of what is in memory."""
    casts = False
    """Whether a result of a dtype that has no gradient is meant: it is not recorded."""
    counted = False
    """Whether a run that comes to a node of the op is a counted one."""
    reinterprets = False
    """Whether the elements of the view are other numbers than those of its source."""
    streamed: tuple[int, ...]
    """Positions of the operands that the in-place form reads element by element while it writes."""
    follows: bool
    """Whether the op is pointwise, of several operands."""
    layout: Layout | None
    """The strides of the result of operands that broadcast; None where the kernel decides."""
    of_number_in_formulas: Callable[..., Any] | None = None
    """What the operator means where a formula has a Python number for the second operand."""
    alike: bool
    """Whether the gradients of operands of the result's shape have that shape, too, by the formulas
    alone: the op is pointwise."""

    def __init__(
        self,
        name: str,
        signature: str,
        roles: dict[str, Formula | Marker],
        *,
        kernel: Callable[..., Any] | None,
        promote: Marker,
        outputs: str,
        fixed_outputs: str,
        lists: str,
        joint: Formula | None,
        tangent: Formula | Marker | None,
        view: bool,
        multi_view: bool,
        elementwise: bool,
        layout: Layout | None,
        refuses: dict[str, Refusal],
        aten: str,
        shown: dict[str, Any],
        writes: dict[str, int],
        gives_real_parts: bool,
    ) -> None:
        self.name = name
        self.kernel_name, self.arguments, self.parameters = parse_signature(signature)
        self.aten = aten or self.kernel_name
        self.kernel = kernel
        self.shown = shown
        self.writes = writes
        self.gives_real_parts = gives_real_parts
        self.promote = promote
        self.outputs = tuple(outputs.split())
        self.fixed_outputs = frozenset(fixed_outputs.split())
        self.numbered = tuple(o for o in self.outputs if o not in self.fixed_outputs)
        self.lists = frozenset(lists.split())
        self.joint = joint
        self.tangent = tangent
        self.tangent_kind = tangent.name.lower() if isinstance(tangent, Marker) else "formula"
        self.view = view or multi_view
        self.multi_view = multi_view
        self.refuses = {
            kind: why
            for kinds, why in refuses.items()
            for kind in ([kinds] if kinds in (ANY_BOOL, "float16") else kinds)
        }
        unknown = [role for role in (*roles, *writes) if role not in self.parameters]
        if unknown:
            raise TableError(f"{self}: no argument named {unknown[0]!r} in {signature!r}")
        role = [roles.get(parameter) for parameter in self.parameters]
        self.inputs = tuple(i for i, r in enumerate(role) if r not in (None, NUMBER))
        self.promoted = tuple(i for i, r in enumerate(role) if r not in (None, NON_DIFFERENTIABLE))
        elementwise = elementwise and promote is not AS_GIVEN
        self.streamed = self.promoted[1:] if elementwise else ()
        single = len(self.outputs) == 1 and not self.lists and not self.view
        self.follows = bool(self.streamed) and single
        if layout is None and single and (self.follows or self._maps_elements(role, tangent)):
            layout = pointwise_strides
        self.layout = layout
        self.differentiable = tuple(
            i for i in self.inputs if role[i] not in (NON_DIFFERENTIABLE, OPERAND)
        )
        self.formulas: tuple[Any, ...] = tuple(
            roles[self.parameters[i]] for i in self.differentiable
        )
        self.list_slots = frozenset(
            k for k, i in enumerate(self.differentiable) if self.parameters[i] in self.lists
        )
        self.is_refusal = name.endswith("::NotImplemented")
        # Its node has the number of a leaf: a run that does not count would come to it early.
        self.counted = self.is_refusal
        self.alike = self.follows or (tangent is POINTWISE and len(self.inputs) == 1)
        if "reduction" in self.parameters:  # of losses: element by element, and then their sum
            self.alike = False
        self.plans = Plans()
        self.function: Any = None
        self._check()

    def _maps_elements(self, role: list[Any], tangent: Formula | Marker | None) -> bool:
        """Whether the op of one tensor is pointwise, as far as the table tells."""
        return len(self.inputs) == 1 and (tangent is POINTWISE or role == [OPERAND])

    def __repr__(self) -> str:
        return f"entry {self.name or self.kernel_name}"

    def _check(self) -> None:
        """Refuse unknown names in formulas."""
        formulas = [f for f in self.formulas if not isinstance(f, Marker)]
        if self.joint is not None:
            formulas.append(self.joint)
        for formula in formulas:
            for name in formula_parameters(formula):
                known = name in ("xp", "needs", "grads") or self.gradient_position(name) is not None
                if not known and self.source_of(name) is None:
                    raise TableError(f"{self}: formula {formula.__name__} names unknown {name!r}")
        if callable(self.tangent):
            for name in formula_parameters(self.tangent):
                if name != "xp" and self.source_of(name.removesuffix("_t")) is None:
                    raise TableError(f"{self}: the tangent formula names unknown {name!r}")

    @functools.cached_property
    def bind(self) -> Callable[..., list[Any]]:
        """The function that binds a call to the list of its arguments."""
        bind: Callable[..., list[Any]]
        bind = eval(f"lambda {self.arguments}: [{', '.join(self.parameters)}]")
        return bind

    @functools.cached_property
    def node_class(self) -> Any:
        """The class of the op's nodes."""
        from .op_node import node_class  # whose base knows of entries

        return node_class(self)

    def refusal(self, dtype: DType) -> Refusal | None:
        """How torch refuses to compute in a dtype, if it does."""
        if dtype.name in self.refuses:
            return self.refuses[dtype.name]
        kind = "bifc"[dtype.category]
        if kind == "f" and dtype.itemsize == 2 and "h" in self.refuses:
            kind = "h"
        return self.refuses.get(kind)

    def check_dtype(self, dtype: DType) -> None:
        """Refuse a dtype to compute in that torch refuses, with its text."""
        refusal = self.refusal(dtype)
        if refusal is not None:
            raise refusal.of(dtype)

    @functools.cached_property
    def tangent_parameters(self) -> tuple[str, ...]:
        """The names that the tangent formula takes."""
        return formula_parameters(self.tangent)  # type: ignore[arg-type]

    @functools.cached_property
    def tangent_inputs(self) -> tuple[str, ...]:
        """The inputs one of which must have a tangent for the outputs to have one."""
        inputs = tuple(self.parameters[i] for i in self.differentiable)
        if not callable(self.tangent):
            return inputs
        return tuple(n for n in inputs if f"{n}_t" in self.tangent_parameters) or inputs

    @functools.cached_property
    def gradient_parameters(self) -> tuple[tuple[str, ...], ...]:
        """The names that each gradient formula takes."""
        return tuple(formula_parameters(formula) for formula in self.formulas)

    @functools.cached_property
    def saved_names(self) -> dict[str, str]:
        """What some formula saves: torch's names of them, without ``_saved_``, and the table's."""
        formulas = self.formulas if self.joint is None else (self.joint,)
        names = {name for formula in formulas for name in formula_parameters(formula)}
        found = {}
        for name in names:
            source = self.source_of(name)
            if source is not None:
                stem = self.parameters[source[1]] if source[0] in _SHOWN_SUFFIXES else name
                shown = _SHOWN_SUFFIXES.get(source[0])
                if shown is not None:
                    found[stem + shown] = name
                elif source[0] not in METADATA.values():
                    found[name] = name
        return {name: ours for name, ours in found.items() if name not in self.shown}

    def inplace_name(self, values: list[Any]) -> str:
        """Return torch's name of the in-place form that these arguments choose, with overload."""
        from .overloads import overload_of  # which names all entries

        return overload_of(self, values, inplace=True).name().removeprefix("aten::")

    def no_forward(self, inplace: bool) -> NotImplementedError:
        """Return torch's error for a tangent of an op that has no formula for it."""
        name = f"{self.aten.removesuffix('_')}_" if inplace else self.aten
        if self.is_refusal or self.falls_back:
            return NotImplementedError(
                f"Trying to use forward AD with aten::{name} that does not support it."
            )
        more = "." if inplace else " or submit a PR adding the implementation to derivatives.yaml"
        return NotImplementedError(
            f"Trying to use forward AD with {name} that does not support it because it has not "
            "been implemented yet.\nPlease file an issue to PyTorch at "
            "https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that "
            f"we can prioritize its implementation{more}"
        )

    def plan(self, wanted: int) -> Plan:
        """Return the plan for the differentiable inputs whose bits are set."""
        plan = self.plans.get(wanted)
        if plan is None:
            plan = self.plans[wanted] = Plan(self, wanted)
        return plan

    def gradient_position(self, name: str) -> int | None:
        """Return which output's gradient ``name`` is: ``grad``, or ``grad_<output>``."""
        if name == "grad":
            return 0
        if name.startswith("grad_") and name[5:] in self.numbered:
            return self.numbered.index(name[5:])
        return None

    def output_number(self, position: int) -> int | None:
        """Return the number that an output has at the node; None where it has no gradient."""
        if not self.fixed_outputs:
            return position
        name = self.outputs[position]
        return None if name in self.fixed_outputs else self.numbered.index(name)

    def source_of(self, name: str) -> tuple[int, int] | None:
        """Return (kind, position) of a name in a formula; None when it is not something saved."""
        if name in self.parameters:
            position = self.parameters.index(name)
            if position not in self.inputs:
                return (VALUE, position)
            return (LIST if name in self.lists else TENSOR, position)
        if name in self.outputs:
            return (OUTPUT, self.outputs.index(name))
        for suffix, kind in METADATA.items():
            base = name.removesuffix(suffix)
            if base != name and base in self.parameters:
                return (kind, self.parameters.index(base))
        return None


class Unread(Entry):
    """An entry as the table states it: it is read when something is asked of it.

    To read all of them takes 20 ms, and a program uses few. What it has been given in the meantime,
    marks of the table among it, it keeps.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._stated = args, options

    def __getattr__(self, name: str) -> Any:
        with _reading:
            if type(self) is Unread:
                args, options = self._stated
                given = {k: value for k, value in vars(self).items() if k != "_stated"}
                vars(self).update(vars(Entry(*args, **options)) | given)
                self.__class__ = Entry  # type: ignore[assignment]
        return getattr(self, name)


_reading = threading.RLock()


def parse_signature(signature: str) -> tuple[str, str, tuple[str, ...]]:
    """Return the name, the text of the arguments, and the names of those.

    Python's own parser would take 40 ms for the table while it is imported.
    """
    name, _, rest = signature.partition("(")
    arguments, end = rest[:-1], rest[-1:]
    names = []
    depth = start = 0
    for k, letter in enumerate(f"{arguments},"):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            names.append(arguments[start:k].partition("=")[0].strip())
            start = k + 1
    names = [found for found in names if found not in ("*", "/")]
    if end != ")" or depth or not all(found.isidentifier() for found in (name, *names)):
        raise TableError(f"not a signature: {signature!r}")
    return name, arguments, tuple(names)
