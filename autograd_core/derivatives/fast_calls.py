"""Calls compiled per op: the short way of ops on plain Tensors of one dtype and backend.

The general way costs a loop per step and a lookup per fact. Here the source of a function is
written out for one entry of the table, straight-line, with all that is known of the entry built
in, and compiled when it is first called; whatever is not plain it hands to the general way.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from .call import call, call_inplace, call_inplace_view
from .call_writer import NEW_OUTPUTS, Writer, compiled_later, indented
from .entry import AS_GIVEN, Entry
from .plan import compiled_function, formula_parameters

MOST_DIFFERENTIABLE = 3
"""The code has a branch per set of inputs that want a gradient."""


def specialised(
    entry: Entry, name: str, general: Callable[[Entry, list[Any]], Any] = call
) -> FunctionType:
    """Return the call of an entry, which ``general`` does for operands that are not plain."""

    def compiled() -> FunctionType:
        if _is_simple(entry):
            return Writer(entry, general).compile(name)
        return _handed_on(entry, name, general)

    return compiled_later(entry, name, compiled)


def specialised_inplace(entry: Entry, name: str) -> FunctionType:
    """Return the call that writes its result into the first argument, likewise."""

    def compiled() -> FunctionType:
        if _is_simple(entry) and not entry.view:
            return _InplaceWriter(entry, call_inplace).compile(name)
        return _handed_on(entry, name, call_inplace_view if entry.view else call_inplace)

    return compiled_later(entry, name, compiled)


def _handed_on(entry: Entry, name: str, general: Callable[[Entry, list[Any]], Any]) -> FunctionType:
    """Return the call of an entry that is not simple: all goes the general way."""
    scope = {"general": general, "entry": entry, "bind": entry.bind}
    lines = ["return general(entry, bind(*args, **kwargs))"]
    return compiled_function(f"{name}(*args, **kwargs)", lines, scope)


def _is_simple(entry: Entry) -> bool:
    """Whether the op maps tensors, and options, to one new tensor or a view of the first."""
    return (
        not entry.multi_view
        and entry.kernel_name != "as_strided"
        and not entry.lists
        and entry.outputs == ("result",)
        and entry.joint is None
        and not entry.is_refusal
        and not any("grads" in formula_parameters(formula) for formula in entry.formulas)
        and entry.inputs[:1] == (0,)
        and len(entry.differentiable) <= MOST_DIFFERENTIABLE
        and (entry.promote is AS_GIVEN or entry.promoted[:1] == (0,))
    )


class _InplaceWriter(Writer):
    """Writes the source of an in-place form, in the order of ``call_inplace``."""

    kept_first = "_copy"
    number_facts = "_dtype, _backend, True"  # with an array of memory NumPy is 150 ns faster

    def _lines(self) -> list[str]:
        entry = self.entry
        if any("result" in names for names in entry.gradient_parameters):
            return [self._generally()]  # values are saved before the write here
        first, *others = self.tensors
        wanting = self._wanting()
        wants = [
            f"{name}._requires_grad or {name}._view is not None and requires_grad({name})"
            for name in wanting
        ]
        wants = [
            f"{name} is not None and ({asked})" if self._may_miss(name) else asked
            for name, asked in zip(wanting, wants, strict=True)
        ]
        lines = [
            *self._questions(),
            f"_wanted, _seen = False, {first}._view",
            "if _recording := modes.grad_enabled:",
            f"    if {' or '.join(f'({asked})' for asked in wants) or 'False'}:",
            # What is none of these nothing is wrong with.
            f"        if {first}._grad_fn is None or _seen is not None"
            " and (_seen.creation or _seen.base._grad_fn is None):",
            f"            check_inplace({first}, True)",
            f"        _wanted = {f'{first}._dtype.is_inexact' if entry.casts else 'True'}",
            *indented(8, self._next_nodes()),
        ]
        if not entry.overlapping or entry.selective:
            refusal = f"refuse_internal_overlap({first})"
            lines += [
                f"if _backend.may_repeat({first}._array):",
                f"    {self._generally() if entry.selective else refusal}",
            ]
        for k in entry.streamed:
            name = entry.parameters[k]
            if name in others:
                lines += [
                    f"if {name} is not {first} and {name} is not None:",
                    f"    refuse_partial_overlap({first}, {name})",
                ]
        computation = [
            *self._computation(),
            "_native = _array.dtype",
            f"if _array.shape != {first}._array.shape or _native is not {first}._array.dtype:",
            f"    {self._generally()}",
        ]
        # Only a 0-d array may have to be made storage first.
        owned = f"{first}._array if _seen or {first}._array.shape else {first}._owned()"
        write = [f"_backend.copy_({owned}, _array)"]
        if entry.kernel is None and entry.streamed:
            fits = "".join(f" and {name}._array.shape == _array.shape" for name in others)
            computation = [
                f"_array = {first}._array",
                f"if _into is not None{fits}:",
                "    _native = _array.dtype",
                *([f"    {self._number_made()}"] if self.number else []),
                "else:",
                "    _into = None",
                *indented(4, computation),
            ]
            operands = ", ".join([owned, *self._arrays()[1:]])
            write = [
                "if _into is None:",
                f"    {write[0]}",
                "else:",
                "    try:",
                f"        _into({operands}) if _run is None else _run(_into, {operands})",
                "    except RuntimeError:",  # another thread is in the context
                f"        _backend.kernel_context.copy().run(_into, {operands})",
            ]
        lines += computation
        write += [
            f"if type(_count := {first}._version_counter) is list:",
            "    _count[0] += 1",
            "else:",
            f"    bump_version({first})",
        ]
        if not wanting:
            return [*lines, *write, f"return {first}"]
        tuples = self._edge_tuples(wanting, 1)
        return [
            *lines,
            "if _wanted:",
            "    if _seen is None:",
            "        _node = node_class()",
            f"        {NEW_OUTPUTS}",
            "    else:",
            "        _node = new(CopySlices)",
            "        _node.fn = node_class",
            *indented(4, self._saving(0, 0)),
            "    _node._backend = _backend",
            "    _node.sequence_nr = _recording()",
            *indented(4, write),
            "    if _seen is None:",
            *indented(8, self._edges(wanting)),
            f"        set_history({first}, _node)",
            "    else:",
            f"        rebase_view({first}, _node, {', '.join(tuples)}, _recording)",
            "else:",
            *indented(4, write),
            f"return {first}",
        ]

    def _asked_behind(self, name: str) -> tuple[str, str]:
        if name != self.tensors[0]:
            return super()._asked_behind(name)
        # A view's node is only to be replaced: one that was not asked for is not made then.
        count = f"{name}._version_counter[0]"
        made = f"_seen.attr_version >= 0 or _seen.awaited[0] != {count}"
        leaf = f"_next_{name} is None and {name}._requires_grad"
        return f"({leaf} if _seen is None else {made})", "node_behind"

    def _saving(self, k: int, wanted: int) -> list[str]:
        lines = super()._saving(k, wanted)
        first = self.tensors[0]
        if k == len(self.differentiable) and first in self.entry.plan(wanted).names and lines:
            return [f"{self.kept_first} = {first}.clone()", *lines]
        return lines
