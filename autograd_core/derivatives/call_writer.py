"""Writes the source of a call of one entry of the table, straight-line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from types import FunctionType, NoneType
from typing import Any

from ..backend import FEW, OF_FEW, Backend
from ..dtypes import DType
from ..engine.memory_overlap import refuse_internal_overlap, refuse_partial_overlap
from ..engine.modes import interposed, modes
from ..engine.node import Like, accumulator, known_outputs, like, set_history
from ..engine.saved import ABSENT, SavedNumber, SavedResult
from ..engine.views import CopySlices, check_inplace, mark_view, rebase_view, requires_grad
from ..sizes import pointwise_strides
from ..tensor import Tensor, plain_subclasses
from ..type_promotion import no_gradient_of
from ..versions import UNWRITTEN, InferenceCounter, bump_version
from .call import SHORT_FLOATS, replay_of, step_of
from .entry import AS_GIVEN, INT_TO_FLOAT, Entry
from .plan import (
    DTYPE,
    GEOMETRY,
    NDIM,
    NUMEL,
    OUTPUT,
    SHAPE,
    SINGLE_SIZES,
    SIZES_OPT,
    STRIDE,
    TENSOR,
    TENSORS,
    VALUE,
    Plan,
    compiled_function,
)


def compiled_later(entry: Entry, name: str, compiled: Callable[[], FunctionType]) -> FunctionType:
    """Return a function that compiles itself when it is first called.

    Its globals are the names its code uses, so that the code, and with it the interpreter's inline
    caches, belongs to the one op: caches that 400 ops share never fit.
    """
    scope: dict[str, Any] = {"__name__": __name__}
    function = FunctionType(_first.__code__, scope, name)

    def compile_call() -> None:
        made = compiled()
        entry.plans.forgotten.append(forget)
        scope.update(made.__globals__)
        function.__defaults__, function.__kwdefaults__ = made.__defaults__, made.__kwdefaults__
        function.__code__ = made.__code__

    def forget() -> None:
        function.__code__ = _first.__code__
        function.__defaults__ = function.__kwdefaults__ = None

    scope["_compile"], scope["_function"] = compile_call, function
    return function


def _first(*args: Any, **kwargs: Any) -> Any:
    _compile()  # type: ignore[name-defined]  # noqa: F821 - globals of the function it becomes
    return _function(*args, **kwargs)  # type: ignore[name-defined]  # noqa: F821


_COMPLAINTS = "(ValueError, RuntimeError)"


class Writer:
    """Writes the source of a call.

    For ``mul``, shortened:

    def mul(self, other):
        if not (type(self) is Tensor and type(other) is Tensor and not interposed.count ...):
            if type(other) is float or type(other) is int:
                return of_number(self, other)
            return general(entry, [self, other])
        _backend, _dtype = self._backend, self._dtype
        <_of, _run, _kernel, _of_few and more, known of the backend and dtype>
        try:
            _array = <_kernel(...), or _run(_kernel, ...) where it needs silence>
        except (ValueError, RuntimeError):
            return general(entry, [self, other])
        _out = new(Tensor)
        ...
        _recording = modes.grad_enabled
        if _recording:
            <_next_self and _next_other, the nodes that made self and other>
            if _next_self is not None or _next_other is not None:
                _out._grad_fn = _node = node_class()
                if _next_self is not None:
                    if _next_other is not None:
                        _node.plan = plan3
                        _node.kept = (other, self,)
                        _node.versions = (other._version_counter[0], self._version_counter[0],)
                ...
                _node.next_nodes = (_next_self or None, _next_other or None,)
                _node.next_numbers = zeros if not (self._output_nr or other._output_nr) else ...
                return _out
        ...

    Args:
        entry: what is called.
        general: where everything goes that is not plain.
        number: whether the second operand is a Python number, to be computed with as a 0-d tensor.
    """

    kept_first = ""
    """What is saved in the place of the first operand, if not that itself."""

    number_facts = "_dtype, _backend"
    """What a number is kept with."""

    def __init__(
        self, entry: Entry, general: Callable[[Entry, list[Any]], Any], number: bool = False
    ) -> None:
        self.entry = entry
        self.general = general
        self.number = entry.parameters[1] if number else None
        self.tensors = [
            entry.parameters[i] for i in entry.inputs if entry.parameters[i] != self.number
        ]
        self.differentiable = [entry.parameters[i] for i in entry.differentiable]
        self.scope: dict[str, Any] = {}

    def compile(self, name: str) -> FunctionType:
        """Return the function."""
        entry, general = self.entry, self.general
        known: dict[DType, Known] = {}
        self.scope.update(
            {
                "Tensor": Tensor,
                "ABSENT": ABSENT,
                "InferenceCounter": InferenceCounter,
                "Like": Like,
                "UNWRITTEN": UNWRITTEN,
                "bump_version": bump_version,
                "check_inplace": check_inplace,
                "CopySlices": CopySlices,
                "rebase_view": rebase_view,
                "set_history": set_history,
                "refuse_internal_overlap": refuse_internal_overlap,
                "refuse_partial_overlap": refuse_partial_overlap,
                "requires_grad": requires_grad,
                "SavedResult": SavedResult,
                "node_behind": node_behind,
                "entry": entry,
                "general": general,
                "interposed": interposed,
                "known": known,
                "known_of": lambda backend, dtype: self._known_of(backend, dtype, known),
                "known_outputs": known_outputs,
                "like": like,
                "mark_view": mark_view,
                "modes": modes,
                "new": object.__new__,
                "no_gradient_of": no_gradient_of,
                "node_class": entry.node_class,
                "of_number": None,
                "few": FEW,
                "plain_subclasses": plain_subclasses,
                "real_numbers": (float, int, NoneType),
                "partial": functools.partial,
                "replay_of": replay_of,
                "step_of": step_of,
                "kept_number": kept_number,
                "SavedNumber": SavedNumber,
            }
        )
        if entry.conjugates or entry.negates:  # marks that an entry is given after it is made
            return compiled_function(f"{name}({entry.arguments})", [self._generally()], self.scope)
        return compiled_function(f"{name}({entry.arguments})", self._lines(), self.scope)

    def _known_of(self, backend: Backend, dtype: DType, known: dict[DType, Known]) -> Known | None:
        """Return what is known of the op on a backend in a dtype; None sends it the general way."""
        beside_number = self.number or len(self.tensors) < len(self.entry.promoted)
        if self.entry.exact_number and beside_number and dtype in SHORT_FLOATS:
            return None
        return _known_of(self.entry, backend, dtype, known)

    def _lines(self) -> list[str]:
        lines = [
            *self._questions(),
            *self._computation(),
            *self._result(),
            *self._history(),
            "_out._grad_fn = None",
            "_out._requires_grad = False",
        ]
        if not self.entry.view:
            lines += [
                "if _recording is None:",
                "    _out._version_counter = InferenceCounter()",
            ]
        return [*lines, "return _out"]

    def _questions(self) -> list[str]:
        """Ask whether the operands are plain, and send them the general way if not."""
        entry = self.entry
        first, *others = self.tensors
        asked = [
            f"((_type := type({first})) is Tensor or _type in plain_subclasses)",
            "not interposed.count",
        ]
        promoted = [entry.parameters[i] for i in entry.promoted]
        for name in others:
            question = f"((_type := type({name})) is Tensor or _type in plain_subclasses)"
            question += f" and {name}._backend is {first}._backend"
            if entry.promote is not AS_GIVEN and name in promoted:
                question += f" and {name}._dtype is {first}._dtype"
            asked.append(f"({name} is None or {question})" if self._may_miss(name) else question)
        numbers = [name for name in promoted if name not in self.tensors]
        if numbers:  # a real number does not change the dtype of floats; others may
            asked.append(f"{first}._dtype.is_inexact")
            asked += [f"type({name}) in real_numbers" for name in numbers]
        lines = [f"if not ({' and '.join(asked)}):"]
        of_number = self._of_number()
        if of_number is not None:
            self.scope["of_number"] = of_number
            lines.append(f"    if type({others[0]}) is float or type({others[0]}) is int:")
            if entry.of_number_in_formulas is not None and not self.kept_first:
                self.scope["of_number_in_formulas"] = entry.of_number_in_formulas
                lines += [
                    "        if modes.in_formula:",
                    f"            return of_number_in_formulas({first}, {others[0]})",
                ]
            lines.append(f"        return of_number({first}, {others[0]})")
        return [
            *lines,
            f"    {self._generally()}",
            f"_backend, _dtype = {first}._backend, {first}._dtype",
            "try:",
            f"    {_KNOWN} = known[_dtype]",
            "except KeyError:",
            "    _of = None",
            "if _of is not _backend:",
            "    _known = known_of(_backend, _dtype)",
            "    if _known is None:",
            f"        {self._generally()}",
            f"    {_KNOWN} = _known",
        ]

    def _generally(self) -> str:
        return f"return general(entry, [{', '.join(self.entry.parameters)}])"

    def _may_miss(self, name: str) -> bool:
        """Whether a tensor may be left out."""
        return f"{name}=None" in self.entry.arguments.replace(" ", "")

    def _of_number(self) -> Any:
        """Return the call with a Python number for the second of two operands."""
        entry = self.entry
        if self.number or len(entry.parameters) != 2 or len(entry.inputs) != 2:
            return None
        if entry.promote is AS_GIVEN or entry.promoted != entry.inputs:
            return None
        if self._is_measured(entry.parameters[1]):
            return None
        writer = type(self)(entry, self.general, number=True)
        name = entry.kernel_name
        return compiled_later(entry, name, lambda: writer.compile(name))

    def _is_measured(self, name: str) -> bool:
        """Whether some formula asks for metadata of an operand that a number does not have."""
        named = [name for names in self.entry.gradient_parameters for name in names]
        sources = [self.entry.source_of(name) for name in named]
        position = self.entry.parameters.index(name)
        known = (TENSOR, SHAPE, DTYPE)
        return any(
            s is not None and s[1] == position and s[0] not in (*known, OUTPUT) for s in sources
        )

    def _computation(self) -> list[str]:
        """Run the kernel in silence; what it complains of the general way finds torch's words."""
        entry = self.entry
        first = self.tensors[0]
        lines = []
        if self.number:
            lines.append(self._number_made())
        if entry.view:
            lines += [  # as Tensor._owned does
                f"_whole = _backend.own({first}._array)",
                f"if _whole is not {first}._array:",
                f"    {first}._array = _whole",
            ]
        arrays = self._arrays()
        given = ", ".join([*(["_backend"] if entry.kernel else []), *arrays])
        # To cut out a view is nothing to be silent about.
        called = f"_kernel({given})"
        if not entry.view:
            called += f" if _run is None else _run(_kernel, {given})"
        if entry.kernel is None and len(self.entry.parameters) == 1 and not entry.view:
            lines += [
                f"if _of_few is not None and {first}._array.size < few:",
                "    _kernel = _of_few",
            ]
        lines += [
            "try:",
            f"    _array = {called}",
            # What draws random numbers is not run again.
            f"except {'ValueError' if 'generator' in entry.parameters else _COMPLAINTS}:",
            f"    {self._generally()}",
        ]
        if entry.layout is not None:
            operands = ", ".join(
                f"*(() if {name} is None else ({name}._array,))" if self._may_miss(name) else array
                for k, (name, array) in enumerate(zip(entry.parameters, arrays))
                if k in entry.inputs and array.endswith("._array")
            )
            if entry.layout is not pointwise_strides:
                self.scope["layout"] = entry.layout
                asked, operands = "if _array.shape:", f"{operands}, layout=layout"
            elif len(self.tensors) + bool(self.number) > 1:
                asked = "if len(_array.shape) > 1:"
            else:  # a kernel lies as its operand does, but where one may lie in several ways
                asked = "if len(_array.shape) > 1 and (1 in _array.shape or 0 in _array.shape):"
            lines += [asked, f"    _array = _backend.following(_array, {operands})"]
        return lines

    def _arrays(self) -> list[str]:
        """Return what the kernel is called with."""
        arrays = []
        for k, name in enumerate(self.entry.parameters):
            if name == self.number:
                arrays.append("_number._array")
            elif name not in self.tensors:
                arrays.append(name)
            elif k == 0 and self.entry.view:
                arrays.append("_whole")
            elif self._may_miss(name):
                arrays.append(f"{name} if {name} is None else {name}._array")
            else:
                arrays.append(f"{name}._array")
        return arrays

    def _number_made(self) -> str:
        made = f"({self.number}, {self.number_facts})"
        return f"_number = kept_number{made} if {self.number} else SavedNumber{made}"

    def _result(self) -> list[str]:
        """Wrap the array."""
        return [
            "_native = _array.dtype",
            "_out = new(Tensor)",
            "_out._array = _array",
            "_out._backend = _backend",
            "if _native is not _same:",
            "    _dtype = _backend.dtype(_array)",
            "_out._dtype = _dtype",
            "_out._output_nr = 0",
            "_out._view = None",
            *self._version(),
        ]

    def _version(self) -> list[str]:
        """Have writes counted, and find out what numbers nodes: false where none is recorded."""
        if not self.entry.view:
            saves_result = any("result" in names for names in self.entry.gradient_parameters)
            counter = "[0]" if saves_result else "UNWRITTEN"
            return [f"_out._version_counter = {counter}", "_recording = modes.grad_enabled"]
        source, *options = (f"{name}, " for name in self.entry.parameters)
        step = f"replay_of(entry, ({source}{''.join(options)}), 0)"
        if self.entry.kernel_name != "as_strided":
            step = f"partial(step_of, entry, ({''.join(options)}), 0)"
        return [f"_recording = mark_view(_out, self, {step}, 0, {self.entry.reinterprets})"]

    def _history(self) -> list[str]:
        """Make the node if the result is to be recorded, and return."""
        entry = self.entry
        wanting = self._wanting()
        if not wanting:
            return []
        lines = self._next_nodes()
        lines += [
            f"if {' or '.join(f'_next_{name} is not None' for name in wanting)}:",
            "    if not _dtype.is_inexact:",
            "        raise no_gradient_of(_dtype)",
            "    _out._requires_grad = True",
            "    _out._grad_fn = _node = node_class()",
            *indented(4, self._saving(0, 0)),
            "    _node._backend = _backend",
            "    _node.sequence_nr = _recording()",
            *indented(4, self._metadata(wanting)),
            *indented(4, self._edges(wanting)),
            "    return _out",
        ]
        recorded = "_recording and _dtype.is_inexact" if entry.casts else "_recording"
        return [f"if {recorded}:", *indented(4, lines)]

    def _wanting(self) -> list[str]:
        """Return the tensors that a gradient may flow to."""
        return [name for name in self.differentiable if name != self.number]

    def _next_nodes(self) -> list[str]:
        """Find the node that the gradient of each of those flows to; None for nowhere."""
        lines = []
        for name in self._wanting():
            question, found = self._asked_behind(name)
            asked = [
                f"_next_{name} = {name}._grad_fn",
                f"if {question}:",
                f"    _next_{name} = {found}({name})",
            ]
            if self._may_miss(name):
                lines += [f"if {name} is None:", f"    _next_{name} = None", "else:"]
                asked = list(indented(4, asked))
            lines += asked
        return lines

    def _asked_behind(self, name: str) -> tuple[str, str]:
        """Return what to ask whether more than a tensor's own node is to be found, and by what."""
        leaf = f"_next_{name} is None and {name}._requires_grad"
        return f"{name}._view is not None or {leaf}", "node_behind"

    def _edges(self, wanting: Sequence[str]) -> list[str]:
        """Give the node its edges."""
        nodes, numbers = self._edge_tuples(wanting)
        return [f"_node.next_nodes = {nodes}", f"_node.next_numbers = {numbers}"]

    def _edge_tuples(self, wanting: Sequence[str], start: int = 0) -> tuple[str, str]:
        """Return the nodes that the edges go to, from one on, and which outputs of them."""
        nodes, numbers, present = "", "", []
        for name in self.differentiable[start:]:
            if name not in wanting:
                nodes += "None, "
                numbers += "0, "
                continue
            number = f"{name}._output_nr"
            if self._may_miss(name):
                number = f"(0 if {name} is None else {number})"
            nodes += f"_next_{name} or None, "
            numbers += f"{number}, "
            present.append(number)
        # Most are first outputs: one tuple of zeros serves all.
        if present:
            numbers = f"{numbers}) if {' or '.join(present)} else ({'0, ' * numbers.count(',')}"
        return f"({nodes})", f"({numbers})"

    def _saving(self, k: int, wanted: int) -> list[str]:
        """Give the node its plan and what that saves, by which edges there are."""
        if k < len(self.differentiable):
            name = self.differentiable[k]
            missing = self._saving(k + 1, wanted)
            if name == self.number:
                return missing
            there = self._saving(k + 1, wanted | 1 << k)
            if not missing:  # no edge at all was asked for before
                return there
            return [
                f"if _next_{name} is not None:",
                *indented(4, there),
                "else:",
                *indented(4, missing),
            ]
        if not wanted:
            return []
        entry = self.entry
        plan = entry.plan(wanted)
        self.scope[f"plan{wanted}"] = plan
        chosen = f"plan{wanted}"
        # All operands are of one dtype, or there is one.
        if plan.real is not plan and (entry.promote is not AS_GIVEN or len(entry.inputs) == 1):
            self.scope[f"real{wanted}"] = plan.real
            complex_somewhere = "_dtype.is_complex"
            if not self.kept_first:  # in place it is one dtype
                complex_somewhere += f" or {self.tensors[0]}._dtype.is_complex"
            chosen = f"plan{wanted} if {complex_somewhere} else real{wanted}"
        saved, versions = self._saved(plan)
        if not plan.checked:
            return [f"_node.plan = {chosen}", f"_node.kept = ({saved})", "_node.versions = ()"]
        # Most tensors were never written: one tuple of zeros serves all, and the collector has an
        # object less to look at.
        counts = "".join(f"{version}, " for version in versions)
        written = " or ".join(version for version in versions if version != "0")
        zeros = f"({'0, ' * len(versions)})"
        return [
            *(_SAVED_RESULT if OUTPUT in plan.kinds else ()),
            f"_node.plan = {chosen}",
            f"_node.kept = {saved.removesuffix(', ')}" if plan.lone else f"_node.kept = ({saved})",
            f"_node.versions = {f'({counts}) if {written} else ' if written else ''}{zeros}",
        ]

    def _saved(self, plan: Plan) -> tuple[str, list[str]]:
        """Return the expressions of what a plan saves, and of the versions of the tensors there."""
        pieces = []
        versions = []
        for kind, position in zip(plan.kinds, plan.sources, strict=True):
            name = self.entry.parameters[position]
            if kind == TENSOR and position == 0 and self.kept_first:
                name = self.kept_first
            if kind == OUTPUT:
                piece = "_result"
            elif name == self.number:
                piece = {TENSOR: "_number", SHAPE: "()", DTYPE: "_dtype"}[kind]
                name = "_number"
            elif kind == TENSOR:
                piece = f"(ABSENT if {name} is None else {name})" if self._may_miss(name) else name
            else:
                piece = _READ[kind].format(name)
            pieces.append(piece)
            if kind in TENSORS:
                absent = self._may_miss(name)
                is_new = kind == OUTPUT or name == "_number"
                count = "0" if is_new else f"{name}._version_counter[0]"
                versions.append(f"(-1 if {name} is None else {count})" if absent else count)
        return "".join(f"{piece}, " for piece in pieces), versions

    def _metadata(self, wanting: Sequence[str]) -> list[str]:
        """Say of what shape and dtype the node's gradient is.

        A pointwise op on operands of one shape takes it over from the nodes behind it.
        """
        if not self.entry.alike or not (self.number or len(wanting) == len(self.tensors)):
            return [NEW_OUTPUTS]
        first, *others = wanting
        same = "".join(
            f" and _next_{name} and _next_{name}._outputs is _outputs" for name in others
        )
        return [
            f"_outputs = _next_{first}._outputs if _next_{first} else None",
            f"if type(_outputs) is Like{same} and _outputs[0][1] is _native:",
            "    _node._outputs = _outputs",
            "else:",
            f"    {NEW_OUTPUTS}",
        ]


def indented(width: int, lines: Sequence[str]) -> Iterator[str]:
    return (" " * width + line for line in lines)


_SAVED_RESULT = (
    "_result = SavedResult()",
    "_result._array = _array",
    "_result._dtype = _dtype",
    "_result._version_counter = _out._version_counter",
)
_KNOWN = "_of, _run, _kernel, _of_few, _same, _into"

NEW_OUTPUTS = (
    "_node._outputs = known_outputs.get((_array.shape, _native)) or like(_array.shape, _native)"
)

_READ = {
    SHAPE: "{0}._array.shape",
    SIZES_OPT: "(0,) if {0} is None else {0}._array.shape",
    DTYPE: "{0}._dtype",
    STRIDE: "_backend.strides({0}._memory)",
    GEOMETRY: "_backend.geometry({0}._memory)",
    NUMEL: "{0}.numel()",
    NDIM: "len({0}._array.shape)",
    **{kind: f"{{0}}._array.shape[{dim}]" for kind, dim in SINGLE_SIZES.items()},
    VALUE: "{0}",
}
"""How an option, or metadata of an operand, is read."""


_Kernel = Callable[..., Any]
Known = tuple[Backend, _Kernel | None, _Kernel, _Kernel | None, Any, _Kernel | None]
"""What an op has found out about a dtype: of which backend, what runs kernels in silence (None
where a call does), the kernel, the one for few elements, the backend's own dtype, and what computes
in place."""


def _known_of(
    entry: Entry, backend: Backend, dtype: DType, known: dict[DType, Known]
) -> Known | None:
    """Return what is to be known of operands of a dtype; None if they go the general way.

    It is remembered for the backend that was seen last. A context is entered in 30 ns and copied in
    20 (adding one element: np.add 290 ns). All threads share this one: whoever finds it entered
    gets a RuntimeError, and goes the general way.
    """
    inexact = dtype.is_inexact or entry.promote is not INT_TO_FLOAT
    if backend.level is not None or not inexact or entry.refusal(dtype) is not None:
        return None
    name = entry.kernel_name
    kernel = entry.kernel or getattr(backend, name)
    context = backend.kernel_context
    run = context.copy().run if len(context) else None
    few, native = OF_FEW.get(kernel), backend.native_dtype(dtype)
    known[dtype] = found = (backend, run, kernel, few, native, backend.inplace.get(name))
    return found


@functools.lru_cache(maxsize=512, typed=True)
def kept_number(number: float, *facts: Any) -> SavedNumber:
    """Return a number as an operand; most come again and again (fresh 680 ns, kept 80).

    Zeros are not asked for here: they are equal whatever their sign.
    """
    return SavedNumber(number, *facts)


def node_behind(tensor: Tensor) -> Any:
    """Return the node that gradients of a view or a leaf flow to, of output ``_output_nr`` there.

    It is () when they get lost: a view that was not recorded requires a gradient if its base does.
    """
    view = tensor._view
    if view is None:
        reference = tensor._accumulator
        return (reference and reference()) or accumulator(tensor)
    node = tensor._grad_fn
    if node is None and not tensor._requires_grad and not view.base._requires_grad:
        return None
    if view.attr_version != tensor._version_counter[0]:
        node = tensor.grad_fn
    if node is not None:
        return node
    if tensor._requires_grad:
        return accumulator(tensor)
    return () if requires_grad(tensor) else None
