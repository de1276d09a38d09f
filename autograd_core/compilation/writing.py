"""From a program to the source of three functions: guards and results, forward, backward.

Calls whose results nobody needs are left out, those of constants are made once, and what dies is
let go of where it dies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from operator import is_
from typing import Any

from ..backend_registry import current_backend
from ..dtypes import get_default_dtype
from ..engine.modes import modes
from ..engine.node import gradient_edge, like
from ..pytrees import TreeSpec, tree_unflatten
from ..tensor import Tensor, wrap
from ..versions import own_counter
from .adoption import External
from .backward_node import CompiledFunctionBackward
from .bodies import Body, Scope
from .planning import Planner
from .program import Backward, Output, Program
from .recording import Facts, Trace


class _Missed:
    """What a compiled run returns when it does not hold for a call."""

    def __repr__(self) -> str:
        return "MISSED"


class _Failed(_Missed):
    """Likewise when a kernel raised: the ordinary run raises what there is to raise."""

    def __repr__(self) -> str:
        return "FAILED"


MISSED, FAILED = _Missed(), _Failed()


class Specialisation:
    """A function compiled for calls of one kind.

    Attributes:
        run: ``(args, kwargs)`` -> what the function returns, MISSED or FAILED.
        source: the Python source.
    """

    def __init__(self, program: Program) -> None:
        writer = _Writer(program)
        self.source = writer.source()
        scope = writer.scope
        exec(compile(self.source, "<compiled tape>", "exec"), scope)
        self.run: Callable[[Any, Any], Any] = scope["run"]
        self.calls = len(program.calls)


class _Writer:
    """Writes the source of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.trace: Trace = program.trace
        self.scope: dict[str, Any] = dict(program.state.scope)
        self.scope.update(
            {
                "FAILED": FAILED,
                "MISSED": MISSED,
                "Tensor": Tensor,
                "current_backend": current_backend,
                "default_dtype": get_default_dtype,
                "edge_of": gradient_edge,
                "own_counter": own_counter,
                "is_": is_,
                "modes": modes,
                "new_node": CompiledFunctionBackward,
                "wrap": wrap,
            }
        )
        self.backwards = program.backwards
        self.calls = program.calls
        self.all_calls = [*self.calls, *(call for b in self.backwards for call in b.calls)]
        self.constants = self._constants()
        self.names = Scope(self.scope, self.constants)
        self.live = self._live()

    # What is needed ------------------------------------------------------------------------------

    def _escaping(self) -> list[int]:
        """Return the numbers of the arrays that are given away."""
        program = self.program
        numbers = [output.number for output in program.outputs]
        for effect in program.effects:
            if isinstance(effect.value, Output):
                numbers.append(effect.value.number)
            elif effect.kind == "array":
                numbers.append(effect.value)
        for backward in self.backwards:
            numbers += [number for number in backward.results if number is not None]
        return numbers

    def _constants(self) -> dict[int, Any]:
        """Return the arrays that are the same at every run, by number."""
        facts = self.trace.facts
        escaping = self._escaping()
        constants = dict(self.trace.constants)
        for number in escaping:
            constants.pop(number, None)
        spoiled: set[Any] = {None, *(facts[number].storage for number in escaping)}
        while True:  # until no more is found to be written with what is no constant
            found = self._folded(dict(constants), spoiled)
            more = self._spoiled(found) - spoiled
            if not more:
                return found
            spoiled |= more

    def _folded(self, constants: dict[int, Any], spoiled: set[Any]) -> dict[int, Any]:
        """Return the arrays computed of constants alone, in memory that is not spoiled."""
        foldable = self.trace.foldable
        for call in self.all_calls:
            made = call.results
            if (
                call.kind == "compute"
                and isinstance(made, int)
                and made in foldable
                and self.trace.facts[made].storage not in spoiled
                and all(number in constants for number in call.numbers())
            ):
                constants[made] = foldable[made]
        return constants

    def _spoiled(self, constants: dict[int, Any]) -> set[Any]:
        """Return the memory that is not the same whenever it is read, for what is written to it."""
        facts = self.trace.facts
        spoiled: set[Any] = set()
        read: set[Any] = set()
        for call in self.all_calls:
            if call.kind == "write":
                storage = facts[call.target].storage
                if storage in read or not all(number in constants for number in call.numbers()):
                    spoiled.add(storage)
            if call.kind != "compute" or not all(number in constants for number in call.numbers()):
                read.update(
                    facts[number].storage
                    for number in call.numbers()
                    if call.kind != "write" or number != call.target
                )
        return spoiled

    def _live(self) -> set[int]:
        """Return which calls, by identity, are needed."""
        needed = set(self._escaping())
        live: set[int] = set()
        for call in reversed(self.all_calls):
            made = call.made()
            if call.kind == "compute" and not any(
                number in needed and number not in self.constants for number in made
            ):
                continue
            if call.kind == "write" and call.target in self.constants:
                continue
            live.add(id(call))
            needed.update(call.numbers())
        return live

    # Source --------------------------------------------------------------------------------------

    def source(self) -> str:
        """Return the source of all functions."""
        program, trace = self.program, self.trace
        externals = {external.number: external for external in program.adopter.externals}
        wanted: dict[int, None] = {}
        for backward in self.backwards:
            calls = [call for call in backward.calls if id(call) in self.live]
            made = {number for call in calls for number in call.made()}
            taken = [n for call in calls for n in call.numbers()] + _there(backward.results)
            known = {*backward.given, *self.constants, *made}
            wanted.update(dict.fromkeys(number for number in taken if number not in known))
        saved = list(wanted)
        returned = [
            *(output.number for output in program.outputs),
            *(e.value.number for e in program.effects if isinstance(e.value, Output)),
            *(e.value for e in program.effects if e.kind == "array"),
        ]
        calls = [call for call in self.calls if id(call) in self.live]
        forward = Planner(trace, calls, [*returned, *saved], self.constants, ())
        calls = forward.planned()
        taken = [n for call in calls for n in call.numbers()] + returned + saved
        inputs = [number for number in dict.fromkeys(taken) if number in externals]
        body, saved_names = Body(self.names, trace, forward).written(returned, saved, True)
        lines = [f"def forward({', '.join(f'v{n}' for n in inputs)}):", *body, "", ""]
        for k, backward in enumerate(self.backwards):
            lines += [*self._backward(f"backward_{k}", backward, saved, saved_names), "", ""]
        if self.backwards:
            lines += [*self._choice(), "", ""]
        lines += self._run(inputs, returned, saved, saved_names, externals)
        return "\n".join(lines) + "\n"

    def _backward(
        self, name: str, backward: Backward, saved: Sequence[int], saved_names: Sequence[str]
    ) -> list[str]:
        results = _there(backward.results)
        calls = [call for call in backward.calls if id(call) in self.live]
        borrowed = [*saved, *_there(backward.given)]
        planner = Planner(self.trace, calls, results, self.constants, borrowed)
        planner.planned()
        numbers = [n for n, name in zip(saved, saved_names, strict=True) if name[0] == "x"]
        body = Body(self.names, self.trace, planner, numbers)
        written, _ = body.written(backward.results, (), False)
        lines = [f"def {name}(saved, grads):"]
        if saved:
            lines.append(f"    {''.join(f'{name}, ' for name in saved_names)}= saved")
        names = ["_" if number is None else f"v{number}" for number in backward.given]
        lines.append(f"    {''.join(f'{name}, ' for name in names)}= grads")
        return lines + written

    def _choice(self) -> list[str]:
        """Return the function that chooses the backward for the gradients that are given."""
        first = self.backwards[0]
        if len(self.backwards) == 1:
            return ["backward = backward_0"]
        table = ", ".join(f"{b.key!r}: backward_{k}" for k, b in enumerate(self.backwards))
        recorded = [output for output in self.program.outputs if output.requires_grad]
        strides = self.names.name(recorded[0].backend.strides, "strides")
        usual = self.names.name(recorded[0].backend.contiguous, "contiguous")
        zeros = self.names.name(recorded[0].backend.full, "full")
        facts = [
            f"({self.trace.facts[number].shape!r}, 0, {self.names.name(output.dtype)})"
            for output, number in zip(recorded, _there(first.given), strict=True)
        ]
        return [
            f"backwards = {{{table}}}",
            "",
            "",
            "def backward(saved, grads):",
            f"    key = tuple([None if g is None else {strides}(g) for g in grads])",
            "    found = backwards.get(key)",
            "    if found is None:",
            "        found = backward_0",
            f"        facts = [{', '.join(facts)}]",
            f"        grads = [{zeros}(*f) if g is None else {usual}(g) "
            "for g, f in zip(grads, facts)]",
            "    return found(saved, grads)",
        ]

    # Guards and results --------------------------------------------------------------------------

    def _run(
        self,
        inputs: Sequence[int],
        returned: Sequence[int],
        saved: Sequence[int],
        saved_names: Sequence[str],
        externals: dict[int, External],
    ) -> list[str]:
        program = self.program
        guards = [
            "modes.grad_enabled" if program.records else "modes.grad_enabled is False",
            f"default_dtype() is {self.names.name(program.default_dtype)}",
        ]
        if self.trace.makes_tensors:
            guards.append(f"current_backend() is {self.names.name(current_backend())}")
        guards += program.state.guards
        for external in program.adopter.externals:
            if external.touched:
                guards += self._guards(external)
        guards += self._apart()
        lines = [
            "def run(args, kwargs):",
            "    try:",
            "        if not (",
            *(f"            {'and ' * (k > 0)}{guard}" for k, guard in enumerate(guards)),
            "        ):",
            "            return MISSED",
            "    except Exception:",
            "        return MISSED",
        ]
        backends = list(dict.fromkeys(facts.backend for facts in self.trace.facts))
        arrays = [f"{externals[number].access}._array" for number in inputs]
        given = ", ".join(["forward", *arrays])
        if len(backends) == 1 and len(backends[0].kernel_context) == 0:
            lines.append(f"    made = forward({', '.join(arrays)})")
        else:
            self.scope["quiet"] = _context(backends)
            lines.append(f"    made = quiet.copy().run({given})")
        lines += [
            "    if made is MISSED or made is FAILED:",
            "        return made",
        ]
        body = []
        if returned or saved:
            names = [*(f"v{number}" for number in returned), *saved_names]
            body.append(f"{''.join(f'{name}, ' for name in names)}= made")
        outputs = {id(output): f"o{k}" for k, output in enumerate(program.outputs)}
        for output in program.outputs:
            body += self._wrapping(output, outputs[id(output)])
        for effect in program.effects:
            access = effect.external.access
            if effect.kind == "bump":
                body.append(f"own_counter({access})[0] += {effect.value}")
            elif effect.kind == "array":
                body.append(f"{access}._array = v{effect.value}")
            elif isinstance(effect.value, Output):
                body += self._wrapping(effect.value, "grad")
                body.append(f"{access}._grad = grad")
            elif effect.value is None:
                body.append(f"{access}._grad = None")
            else:
                body.append(f"{access}._grad = {effect.value.access}")
        if self.backwards:
            body += self._node(outputs, saved, saved_names, externals)
        leaves = [self._leaf(leaf, outputs) for leaf in program.leaves]
        body.append(f"return {self._tree(program.spec, leaves)}")
        return lines + [f"    {line}" for line in body]

    def _wrapping(self, output: Output, name: str) -> list[str]:
        lines = [
            f"{name} = wrap(v{output.number}, {self.names.name(output.dtype)}, "
            f"{self.names.name(output.backend)})"
        ]
        if output.version:
            lines.append(f"own_counter({name})[0] = {output.version}")
        return lines

    def _node(
        self,
        outputs: dict[int, str],
        saved: Sequence[int],
        saved_names: Sequence[str],
        externals: dict[int, External],
    ) -> list[str]:
        program = self.program
        recorded = [output for output in program.outputs if output.requires_grad]
        facts = [self.trace.facts[output.number] for output in recorded]
        shown: Any = tuple([(f.shape, f.native) for f in facts])
        if len(shown) == 1:
            shown = like(*shown[0])
        checked = []
        by_number = {output.number: name for output, name in zip(program.outputs, outputs.values())}
        for number in saved:
            name = externals[number].access if number in externals else by_number.get(number)
            if name is not None:
                checked.append(f"({name}, {name}._version_counter[0]), ")
        edges = "".join(f"edge_of({external.access}), " for external in program.inputs)
        lines = [
            "node = new_node()",
            f"node._backend = {self.names.name(recorded[0].backend)}",
            "node.sequence_nr = modes.grad_enabled()",
            f"node._outputs = {self.names.name(shown)}",
            f"node.next_edges = ({edges})",
            "node.compiled = backward",
            f"node.saved = ({''.join(f'{name}, ' for name in saved_names)})",
            f"node.checked = ({''.join(checked)})",
        ]
        for k, output in enumerate(recorded):
            name = outputs[id(output)]
            lines.append(
                f"{name}._requires_grad, {name}._grad_fn, {name}._output_nr = True, node, {k}"
            )
        return lines

    def _leaf(self, leaf: Any, outputs: dict[int, str]) -> str:
        if isinstance(leaf, Output):
            return outputs[id(leaf)]
        if isinstance(leaf, External):
            return leaf.access
        return self.names.literal(leaf)

    def _tree(self, spec: TreeSpec, leaves: list[str]) -> str:
        remaining = iter(leaves)

        def text(part: TreeSpec) -> str:
            if part.type is None:
                return next(remaining)
            if part.type is tuple:
                return f"({''.join(f'{text(child)}, ' for child in part.children)})"
            if part.type is list:
                return f"[{', '.join(map(text, part.children))}]"
            if part.type is dict:
                items = zip(part.context, part.children, strict=True)
                members = [f"{self.names.literal(key)}: {text(child)}" for key, child in items]
                return f"{{{', '.join(members)}}}"
            flat = [next(remaining) for _ in range(part.num_leaves)]
            self.scope["tree_unflatten"] = tree_unflatten
            return f"tree_unflatten([{', '.join(flat)}], {self.names.name(part)})"

        return text(spec)

    def _apart(self) -> list[str]:
        """Return what must be true of the memory of Tensors of which some are written.

        Those known by identity cannot come to share memory; arguments and gradients can.
        """
        facts = self.trace.facts
        written = {facts[c.target].storage for c in self.calls if c.kind == "write"} - {None}
        used = [e for e in self.program.adopter.externals if e.touched]
        targets = [e for e in used if facts[e.number].storage in written]
        others = [e for e in used if e not in targets and e.access not in self.scope]
        involved = [*targets, *others]
        if not targets or len(involved) < 2 or all(e.access in self.scope for e in involved):
            return []
        self.scope["shared"] = _shared
        storages = [facts[e.number].storage for e in involved]
        pattern = tuple([storages.index(storage) for storage in storages])
        identity = self.names.name(facts[targets[0].number].backend.storage_identity, "storage")
        arrays = ", ".join(f"{e.access}._array" for e in involved)
        return [f"shared({identity}, ({arrays})) == {pattern!r}"]

    def _of_strides(self, array: str, facts: Facts, itemsize: int) -> str:
        lines = facts.backend.straight_lines
        if lines is None:
            return (
                f"{self.names.name(facts.backend.strides, 'strides')}({array}) == {facts.strides!r}"
            )
        raw = lines.raw_strides(facts.strides, itemsize)
        return f"{array}.{lines.strides_attribute} == {raw!r}"

    def _guards(self, external: External) -> list[str]:
        """Return what must be true of a Tensor from outside."""
        name = external.access
        facts = self.trace.facts[external.number]
        backend = facts.backend
        guards = []
        if "._grad" in name:
            guards.append(f"{name} is not None")
        guards += [
            f"type({name}) is {self.names.name(external.kind)}",
            f"{name}._backend is {self.names.name(backend)}",
            f"{name}._dtype is {self.names.name(external.dtype)}",
            f"{name}._array.shape == {facts.shape!r}",
        ]
        if len(facts.shape) > 1 or (self.trace.reads_layout and facts.shape):
            guards.append(self._of_strides(f"{name}._array", facts, external.dtype.itemsize))
        if self.trace.reads_layout and facts.shape:
            whole = self.names.name(backend.is_whole, "is_whole")
            guards.append(f"{whole}({name}._array) is {facts.whole}")
        if external.is_view:
            guards.append(
                f"{name}._view is not None and {name}.requires_grad is {external.requires_grad}"
            )
        else:
            guards.append(
                f"{name}._view is None and {name}._requires_grad is {external.requires_grad}"
            )
            guards.append(f"{name}._grad_fn is {'' if external.is_leaf else 'not '}None")
        if external.grad_is_read and external.grad is None:
            guards.append(f"{name}._grad is None")
        if external.grad is not None or any(e.external is external for e in self.program.effects):
            guards.append(f"{name}._hooks is None and {name}._post_accumulate_hooks is None")
        return guards


def _shared(identity: Callable[[Any], Any], arrays: Sequence[Any]) -> tuple[int, ...]:
    """Return for each array which is the first in its memory."""
    memory = [identity(array) for array in arrays]
    return tuple([memory.index(one) for one in memory])


def _there(numbers: Sequence[int | None]) -> list[int]:
    return [number for number in numbers if number is not None]


def _context(backends: Iterable[Any]) -> Context:
    """Return a context in which all backends are quiet."""
    context = Context()
    for backend in backends:
        for variable, value in backend.kernel_context.items():
            context.run(variable.set, value)
    return context
