"""From an entry's formulas to the two functions a recorded node runs, per set of wanted inputs.

The parameter names of the formulas say what is saved. For each set of inputs that need a gradient
one ``Plan`` is made, on first use: what to save, and code that calls just the formulas needed with
just what they name. The code is compiled when it is first run.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..engine.anomaly import FORMULAS
from ..engine.saved import FREED
from ..tensor import through, wrap
from .straight_lines import Reals, Rows, Text, conjugates, expression

if TYPE_CHECKING:
    from .entry import Entry

TENSOR, LIST, OUTPUT, VALUE, SHAPE, SIZES_OPT, DTYPE, STRIDE, GEOMETRY, NUMEL, NDIM = range(11)
SINGLE_SIZES = {11: -1, 12: -2, 13: -3, 14: 0, 15: 1, 16: 2}
"""Kinds of saved things: input tensor, list of tensors, own output, option, input's metadata;
of the last ones, a single size, which dim that is of."""
TENSORS = (TENSOR, LIST, OUTPUT)
"""Those whose versions are checked."""


Calls = Sequence[tuple[Callable[..., Any] | None, tuple[str, ...] | None]]
"""One (formula, the names it takes) per differentiable input; (None, None) where not wanted."""


class Plan:
    """What one node saves and how it computes its gradients, for one set of wanted inputs.

    Attributes:
        raw: ``(node, grad, keep) -> gradients`` as raw arrays. ``grad`` is the gradient of the one
            output, or the list of all when not ``single``; saved values go unless ``keep``.
        shown: likewise, in the strides that torch's gradients have. Where an operand is not
            row-major, an array library lays results out its own way, and ops on Tensors torch's.
        into: ``raw`` that may write the first gradient into ``grad``.
        resolved: ``(xp, grads, values) -> gradients`` for saved values that have been unpacked.
        in_rows: returns what takes a row-major array of the gradients of several runs, and gives
            such arrays, or None where a formula must have them one by one.
        restricted: of a set of inputs, the same for their gradients alone.
        writes: how often torch writes each gradient in place; empty where it writes none.
        lone: what is saved is one tensor.
        sole: only the first input's gradient is wanted.
        hooked: the user's code may run with the node; the nodes of others are given ``watched``.
        plain: ``raw`` is all there is to run: ``single``, nothing is written and nobody looks on.
        alike: each gradient has the shape and dtype of ``grad`` where what it is of has them, too,
            which needs no check.
    """

    __slots__ = (
        "_watched",
        "alike",
        "checked",
        "hooked",
        "in_rows",
        "indirect",
        "into",
        "kinds",
        "lone",
        "names",
        "operands",
        "options",
        "plain",
        "raw",
        "real",
        "resolved",
        "restricted",
        "shown",
        "single",
        "sole",
        "sources",
        "writes",
    )

    def __init__(self, entry: Entry, wanted: int) -> None:
        calls = _wanted_calls(entry, wanted)
        self.names = names = _saved_names(entry, calls)
        found = [entry.source_of(name) for name in names]
        self.kinds = tuple(kind for kind, _ in found if kind is not None)  # type: ignore[misc]
        self.sources = tuple(position for _, position in found)  # type: ignore[misc]
        self.lone = self.kinds in ((TENSOR,), (OUTPUT,))
        self.checked = tuple(k for k, kind in enumerate(self.kinds) if kind in TENSORS)
        self.options = tuple(k for k in range(len(names)) if k not in self.checked)
        # Which arguments besides the first are saved as they are.
        self.operands = tuple(
            position
            for kind, position in zip(self.kinds, self.sources, strict=True)
            if kind == TENSOR and position
        )
        named = [name for _, parameters in calls for name in parameters or ()]
        self.single = "grads" not in named and len(entry.numbered) == 1
        self.sole = wanted == 1
        self.writes = _writes(entry, wanted)
        self.hooked = entry.counted
        self._watched: Plan | None = None
        self.plain = self.single and not self.writes and not self.hooked
        self.alike = entry.alike and not self.writes
        self.resolved: Callable[..., Any] = self._compiled_later(
            "resolved", lambda: _compile_resolved(entry, calls, self, wanted)
        )
        self.raw: Callable[..., Any] = self._compiled_later(
            "raw", lambda: _compile_raw(entry, calls, self, wanted)
        )
        self.into: Callable[..., Any] = self._compiled_later(
            "into",
            lambda: _compile_raw(entry, calls, self, wanted, into=not entry.overlapping),
        )
        self.restricted: Callable[[int], Callable[..., Any]] = functools.lru_cache(None)(
            lambda inputs: _compile_resolved(entry, _wanted_calls(entry, inputs), self, inputs)
        )
        self.shown: Callable[..., Any] = self._compiled_later(
            "shown", lambda: _compile_raw(entry, calls, self, wanted, shown=True)
        )
        self.in_rows: Callable[[], Callable[..., Any] | None] = functools.lru_cache(None)(
            lambda: _compile_rows(entry, calls, self, wanted)
        )
        self.indirect: Plan = self
        """The plan of nodes whose saved tensors must be cast or unpacked first."""
        self.real: Plan = self
        """The plan of nodes that have to do with real numbers only, of which none is conjugated."""
        self.indirect = self._varied()
        self.indirect.raw = _run_indirectly
        self.indirect.shown = _run_on_tensors
        self.indirect.alike = False
        self.indirect.in_rows = lambda: None
        self.indirect.indirect = self.indirect
        if any(formula is not None and conjugates(formula) for formula, _ in calls):
            self.real = self._varied()
            self.real.raw = self.real._compiled_later(
                "raw", lambda: _compile_raw(entry, calls, self, wanted, Reals)
            )
            self.real.shown = self.real._compiled_later(
                "shown", lambda: _compile_raw(entry, calls, self, wanted, Reals, shown=True)
            )
            self.real.into = self.real._compiled_later(
                "into",
                lambda: _compile_raw(entry, calls, self, wanted, Reals, into=not entry.overlapping),
            )

    def watched(self) -> Plan:
        """Return the plan of nodes that the user's code may run with, too."""
        if self.hooked:
            return self
        if self._watched is None:
            watched = self._varied()
            watched.hooked, watched.plain = True, False
            self._watched = watched
        return self._watched

    def _varied(self) -> Plan:
        """Return a copy that leaves to this plan what is compiled later."""
        varied = copy.copy(self)
        varied.raw = lambda *args: self.raw(*args)
        varied.into = lambda *args: self.into(*args)
        varied.shown = lambda *args: self.shown(*args)
        varied.resolved = lambda *args: self.resolved(*args)
        varied._watched = None
        return varied

    def _compiled_later(self, name: str, make: Callable[[], Callable[..., Any]]) -> Any:
        def first(*args: Any) -> Any:
            compiled = make()
            setattr(self, name, compiled)
            return compiled(*args)

        return first


def _run_indirectly(node: Any, grad: Any, keep: bool) -> Any:
    results = node.apply_resolved([grad] if node.plan.single else grad)
    if not keep:
        node.release()
    return results


def _run_on_tensors(node: Any, grad: Any, keep: bool) -> Any:
    backend = node._backend
    grads = [grad] if node.plan.single else grad
    given = [g if g is None else wrap(g, backend.dtype(g), backend) for g in grads]
    results = [
        r if r is None else through(backend, r._owned(), r._conjugated, r._negated)
        for r in node.apply_tensors(given)
    ]
    if not keep:
        node.release()
    return results


def _saved_names(entry: Entry, calls: Calls) -> tuple[str, ...]:
    """Return what is saved, in torch's order: by name, outputs of the node last.

    As in torch, that is all that the wanted formulas name, all options, outputs and shapes, an
    input that several formulas name, whichever of them are wanted, and all of a backward kernel.
    """
    named = [name for _, parameters in calls for name in parameters or ()]
    if entry.joint is None:
        of_backward = "backward" in entry.aten
        everywhere = [name for formula in entry.formulas for name in formula_parameters(formula)]
        for name in everywhere:
            source = entry.source_of(name)
            if source is not None and (
                source[0] in (VALUE, OUTPUT, SHAPE, NDIM)
                or (source[0] in TENSORS and (everywhere.count(name) > 1 or of_backward))
            ):
                named.append(name)
    kinds = {name: entry.source_of(name) for name in named}
    saved = [(kind[0] == OUTPUT, name) for name, kind in kinds.items() if kind is not None]
    return tuple(name for _, name in sorted(saved))


def _wanted_calls(entry: Entry, wanted: int) -> Calls:
    if entry.joint is not None:
        return [(entry.joint, formula_parameters(entry.joint))]
    return [
        (formula, formula_parameters(formula)) if wanted >> i & 1 else (None, None)
        for i, formula in enumerate(entry.formulas)
    ]


def _writes(entry: Entry, wanted: int) -> tuple[int, ...]:
    names = [entry.parameters[i] for i in entry.differentiable]
    counts = [entry.writes.get(name, 0) * (wanted >> i & 1) for i, name in enumerate(names)]
    return tuple(counts) if any(counts) else ()


def formula_parameters(formula: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names a formula takes, ``xp`` first; it may say so itself, being made for many."""
    given: tuple[str, ...] | None = getattr(formula, "formula_parameters", None)
    if given is not None:
        return given
    code = getattr(formula, "__code__", None)
    if code is None or code.co_flags & _STARRED:
        from inspect import signature  # which is slow to import

        return tuple(signature(formula).parameters)
    # Ten times faster than a signature; the table asks 2,000 times while it is imported.
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]  # type: ignore[no-any-return]


_STARRED = 0x0C
"""The flags of code that takes ``*args`` or ``**kwargs``."""


def _pieces(
    entry: Entry, calls: Calls, plan: Plan, wanted: int, namespace: type[Text] | None = None
) -> tuple[list[str], dict[str, Any]]:
    """Return an expression per differentiable input, and the formulas they name."""
    needs = tuple(bool(wanted >> i & 1) for i in range(len(entry.differentiable)))
    scope: dict[str, Any] = {"needs": needs}
    pieces: list[str] = []
    for i, (formula, parameters) in enumerate(calls):
        if formula is None or parameters is None:
            pieces.append("None")
            continue
        arguments = [_argument(entry, plan, name, bool(namespace)) for name in parameters]
        star = "*" if entry.joint is not None or i in entry.list_slots else ""
        written = expression(formula, arguments, namespace) if namespace and not star else None
        if written is None:
            scope[f"f{i}"] = formula
            written = f"{star}f{i}({', '.join(arguments)})"
        pieces.append(written)
    return pieces, scope


def _compile_resolved(entry: Entry, calls: Calls, plan: Plan, wanted: int) -> Callable[..., Any]:
    """Compile ``(xp, grads, values) -> gradients``, one expression without a loop."""
    pieces, scope = _pieces(entry, calls, plan, wanted)
    gradients = _in_order_of_names(entry, pieces)
    return eval(compile(f"lambda xp, g, s: {gradients}", FORMULAS, "eval"), scope)  # type: ignore[no-any-return]


def _compile_raw(
    entry: Entry,
    calls: Calls,
    plan: Plan,
    wanted: int,
    namespace: type[Text] = Text,
    shown: bool = False,
    into: bool = False,
) -> Callable[..., Any]:
    """Compile ``(node, grad, keep) -> gradients``, which are ``shown`` or not.

    For ``mul`` of real numbers with both inputs wanted:

    def raw(node, g, keep):
        s = node.kept
        if s is None:
            raise RuntimeError(FREED)
        s0, s1, = s
        v0, v1, = node.versions
        if s0._version_counter[0] != v0 or s1._version_counter[0] != v1:
            node._check_versions(node.saved)
        xp = node._backend  # where shown, or where a formula asks for it
        a0 = s0._array
        a1 = s1._array
        if len(g.shape) > 1 and not xp.are_row_major(a0, a1, g):  # where they are shown
            return run_on_tensors(node, g, keep)
        r = ((g * a0), (g * a1),)
        if not keep:
            node.kept = None
        return r
    """
    pieces, scope = _pieces(entry, calls, plan, wanted, namespace)
    lines = []
    if plan.checked:
        saved = "s0" if plan.lone else "s"
        lines += [f"{saved} = node.kept", f"if {saved} is None:", "    raise RuntimeError(FREED)"]
        if not plan.lone:
            lines.append(f"{_listed('s', range(len(plan.names)))} = s")
        lines.append(f"{_listed('v', plan.checked)} = node.versions")
        changed = " or ".join(f"s{k}._version_counter[0] != v{k}" for k in plan.checked)
        lines += [f"if {changed}:", "    node._check_versions(node.saved)"]
    elif plan.names:
        lines.append(f"{_listed('s', range(len(plan.names)))} = node.kept")
    if shown or any("xp" in piece for piece in pieces):
        lines.append("xp = node._backend")
    for k, kind in enumerate(plan.kinds):
        if kind in (TENSOR, OUTPUT):
            lines.append(f"a{k} = s{k}._array")
    if shown:
        several = "len(g.shape) > 1 and " if plan.alike else ""  # one dim lies in one way only
        arrays = ", ".join([*_saved_arrays(plan), "g" if plan.single else "*g"])
        lines.append(f"if {several}not xp.are_row_major({arrays}):")
        lines.append("    return run_on_tensors(node, g, keep)")
        scope["run_on_tensors"] = _run_on_tensors
    if into and (found := re.fullmatch(r"\(g ([*/]) (\w+)\)", pieces[0])):
        lines.append(f"g {found[1]}= {found[2]}")
        pieces[0] = "g"
    lines.append(f"r = ({', '.join(pieces)},)")
    if plan.checked:
        lines.append("if not keep:")
        if plan.options:
            lines.append(f"    node.options = ({_listed('s', plan.options)})")
        lines.append("    node.kept = None")
    lines.append("return r")
    scope["FREED"] = FREED
    return compiled_function("raw(node, g, keep)", lines, scope)


def _compile_rows(entry: Entry, calls: Calls, plan: Plan, wanted: int) -> Any:
    """Return the same for several gradients in one array, where the formulas can take that."""
    raw = _compile_raw(entry, calls, plan, wanted, Rows)
    called = any(name.startswith("f") for name in raw.__globals__)
    return None if called or plan.checked or not plan.single else raw


def compiled_function(head: str, lines: Sequence[str], scope: dict[str, Any]) -> FunctionType:
    """Return the function with this head and these lines, whose globals are ``scope``."""
    body = "".join(f"    {line}\n" for line in lines)
    found: dict[str, Any] = {}
    exec(compile(f"def {head}:\n{body}", FORMULAS, "exec"), scope, found)
    return found[head.partition("(")[0]]  # type: ignore[no-any-return]


def _saved_arrays(plan: Plan) -> list[str]:
    """Return expressions of the arrays of all tensors that are saved."""
    return [
        f"*[t if t is None else t._array for t in s{k}]" if plan.kinds[k] == LIST else f"a{k}"
        for k in plan.checked
    ]


def _listed(letter: str, numbers: Sequence[int]) -> str:
    """``"s0, s1, "``."""
    return "".join(f"{letter}{k}, " for k in numbers)


def _in_order_of_names(entry: Entry, pieces: Sequence[str]) -> str:
    """Return a tuple expression whose parts are computed in the order of the inputs' names.

    That is torch's order, which the sequence numbers of recorded formulas show.
    """
    if entry.joint is not None:
        return f"({', '.join(pieces)},)"
    names = [entry.parameters[i] for i in entry.differentiable]
    wanted = [i for i, piece in enumerate(pieces) if piece != "None"]
    computed = []
    results = list(pieces)
    for i in sorted(wanted, key=names.__getitem__):
        star = "*" * pieces[i].startswith("*")
        computed.append(f"(r{i} := {pieces[i].removeprefix('*')})")
        results[i] = f"{star}r{i}"
    return f"({', '.join(computed)}, ({', '.join(results)},))[-1]"


def _argument(entry: Entry, plan: Plan, name: str, inline: bool) -> str:
    if name in ("xp", "needs"):
        return name
    if name == "grads":
        return "g"
    output = entry.gradient_position(name)
    if output is not None:
        return "g" if inline and plan.single else f"g[{output}]"
    k = plan.names.index(name)
    if not inline:
        return f"s[{k}]"
    if plan.kinds[k] in (TENSOR, OUTPUT):
        return f"a{k}"
    if plan.kinds[k] == LIST:
        return f"[t if t is None else t._array for t in s{k}]"
    return f"s{k}"
