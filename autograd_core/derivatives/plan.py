"""From an entry's formulas to the two functions a recorded node runs, per set of wanted inputs.

The parameter names of the formulas say what is saved. For each set of inputs that need a gradient
one ``Plan`` is made, on first use: what to save, and a compiled expression that calls just the
formulas needed with just what they name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..engine.anomaly import FORMULAS
from ..engine.saved import SavedOutput
from ..tensor import Tensor

if TYPE_CHECKING:
    from .entry import Entry

TENSOR, LIST, OUTPUT, VALUE, SHAPE, SIZES_OPT, DTYPE, STRIDE, GEOMETRY, NUMEL = range(10)
SINGLE_SIZES = {10: -1, 11: -2, 12: -3, 13: 0}
"""Kinds of saved things: input tensor, list of tensors, own output, option, input's metadata;
of the last ones, a single size, which dim that is of."""
TENSORS = (TENSOR, LIST, OUTPUT)
"""Those whose versions are checked."""


class Plan:
    """What one node saves and how it computes its gradients, for one set of wanted inputs."""

    __slots__ = (
        "checked",
        "kinds",
        "names",
        "operands",
        "options",
        "raw",
        "resolved",
        "save",
        "sources",
    )

    def __init__(self, entry: Entry, wanted: int) -> None:
        calls = _wanted_calls(entry, wanted)
        self.names = names = _saved_names(entry, calls)
        found = [entry.source_of(name) for name in names]
        self.kinds = tuple(kind for kind, _ in found if kind is not None)  # type: ignore[misc]
        self.sources = tuple(position for _, position in found)  # type: ignore[misc]
        self.checked = tuple(k for k, kind in enumerate(self.kinds) if kind in TENSORS)
        self.options = tuple(k for k in range(len(names)) if k not in self.checked)
        # Which arguments besides the first are saved as they are.
        self.operands = tuple(
            position
            for kind, position in zip(self.kinds, self.sources, strict=True)
            if kind == TENSOR and position
        )
        self.resolved = _compile(entry, calls, self, wanted, inline=False)
        self.raw = _compile(entry, calls, self, wanted, inline=True)
        self.save: Any = None if LIST in self.kinds else _saver(self)


_METADATA = {
    SHAPE: "{0}._array.shape",
    SIZES_OPT: "(0,) if {0} is None else {0}._array.shape",
    DTYPE: "{0}._dtype",
    STRIDE: "{0}._backend.strides({0}._memory)",
    GEOMETRY: "{0}._backend.geometry({0}._memory)",
    NUMEL: "{0}.numel()",
    **{kind: f"{{0}}._array.shape[{dim}]" for kind, dim in SINGLE_SIZES.items()},
    VALUE: "{0}",
}
"""How a saver reads an option, or metadata of an operand."""


def _saver(plan: Plan) -> Callable[[Any, Tensor], tuple[tuple[Any, ...], tuple[int, ...]]]:
    """Compile (argument values, output) -> (what the plan saves, versions of the tensors)."""
    pieces = []
    versions = []
    for kind, position in zip(plan.kinds, plan.sources, strict=True):
        value = f"v[{position}]"
        if kind == OUTPUT:
            pieces.append("SavedOutput(out, 0, True)")
            versions.append("out._version_counter[0]")
        elif kind == TENSOR:
            pieces.append(value)
            versions.append(f"{value}._version_counter[0]")
        else:
            pieces.append(_METADATA[kind].format(value))
    saved = "".join(f"{piece}, " for piece in pieces)
    counts = "".join(f"{version}, " for version in versions)
    return eval(  # type: ignore[no-any-return]
        compile(f"lambda v, out: (({saved}), ({counts}))", FORMULAS, "eval"),
        {"SavedOutput": SavedOutput},
    )


def _saved_names(
    entry: Entry,
    calls: Sequence[tuple[Callable[..., Any] | None, tuple[str, ...] | None]],
) -> tuple[str, ...]:
    """Return what is saved, in torch's order: by name, outputs of the node last.

    As in torch, that is all that the wanted formulas name, all options, outputs and shapes, and
    an input that several formulas name, whichever of them are wanted.
    """
    named = [name for _, parameters in calls for name in parameters or ()]
    if entry.joint is None:
        everywhere = [name for formula in entry.formulas for name in formula_parameters(formula)]
        for name in everywhere:
            source = entry.source_of(name)
            if source is not None and (
                source[0] in (VALUE, OUTPUT, SHAPE)
                or (source[0] in TENSORS and everywhere.count(name) > 1)
            ):
                named.append(name)
    kinds = {name: entry.source_of(name) for name in named}
    saved = [(kind[0] == OUTPUT, name) for name, kind in kinds.items() if kind is not None]
    return tuple(name for _, name in sorted(saved))


def _wanted_calls(
    entry: Entry, wanted: int
) -> list[tuple[Callable[..., Any] | None, tuple[str, ...] | None]]:
    """One (formula, parameter names) per differentiable input; (None, None) where not wanted."""
    if entry.joint is not None:
        return [(entry.joint, formula_parameters(entry.joint))]
    return [
        (formula, formula_parameters(formula)) if wanted >> i & 1 else (None, None)
        for i, formula in enumerate(entry.formulas)
    ]


def formula_parameters(formula: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names a formula takes, ``xp`` first."""
    code = getattr(formula, "__code__", None)
    if code is None or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
        return tuple(inspect.signature(formula).parameters)
    # Ten times faster than a signature; the table asks 2,000 times while it is imported.
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]  # type: ignore[no-any-return]


def _compile(
    entry: Entry,
    calls: Sequence[tuple[Callable[..., Any] | None, tuple[str, ...] | None]],
    plan: Plan,
    wanted: int,
    inline: bool,
) -> Callable[..., Any]:
    """Compile ``(xp, grads, saved) -> gradients``, one expression without a loop.

    With ``inline`` the saved tensors are read as arrays in place (``s[0]._array``), the versions
    they were saved at are a fourth argument, and the result is None when one has changed; without,
    ``saved`` has been resolved to arrays or Tensors already.
    """
    needs = tuple(bool(wanted >> i & 1) for i in range(len(entry.differentiable)))
    scope: dict[str, Any] = {"needs": needs}
    pieces: list[str] = []
    for i, (formula, parameters) in enumerate(calls):
        if formula is None or parameters is None:
            pieces.append("None")
            continue
        scope[f"f{i}"] = formula
        arguments = [_argument(entry, plan, name, inline) for name in parameters]
        star = "*" if entry.joint is not None or i in entry.list_slots else ""
        pieces.append(f"{star}f{i}({', '.join(arguments)})")
    gradients = f"({', '.join(pieces)},)"
    if not inline:
        gradients = _in_order_of_names(entry, pieces)
        code = compile(f"lambda xp, g, s: {gradients}", FORMULAS, "eval")
        return eval(code, scope)  # type: ignore[no-any-return]
    unchanged = " and ".join(
        f"s[{k}]._version_counter[0] == v[{i}]" for i, k in enumerate(plan.checked)
    )
    condition = f" if {unchanged} else None" if unchanged else ""
    code = compile(f"lambda xp, g, s, v: {gradients}{condition}", FORMULAS, "eval")
    return eval(code, scope)  # type: ignore[no-any-return]


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
        return f"g[{output}]"
    k = plan.names.index(name)
    if inline and plan.kinds[k] in (TENSOR, OUTPUT):
        return f"s[{k}]._array"
    if inline and plan.kinds[k] == LIST:
        return f"[t if t is None else t._array for t in s[{k}]]"
    return f"s[{k}]"
