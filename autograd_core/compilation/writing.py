"""From a program to the source of three functions: guards and results, forward, backward.

Calls whose results nobody needs are left out, those of constants are made once, and what dies is
let go of where it dies.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from operator import is_
from typing import Any

from ..backend_registry import current_backend
from ..dtypes import get_default_dtype
from ..engine.modes import modes
from ..engine.node import gradient_edge, like
from ..engine.tracing import Untraceable
from ..pytrees import TreeSpec, tree_unflatten
from ..tensor import Tensor, wrap
from ..versions import own_counter
from .adoption import External
from .backward_node import CompiledFunctionBackward
from .program import Output, Program
from .recording import SYMBOLS, Call, Ref, Trace


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
        self.names: dict[Any, str] = {}
        self.backward = program.backward
        self.calls = program.calls
        self.backward_calls = self.backward.calls if self.backward else []
        self.constants = self._constants()
        self.live = self._live()
        self.lines: list[str] = []

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
        if self.backward:
            numbers += self.backward.results
        return numbers

    def _constants(self) -> dict[int, Any]:
        """Return the arrays that are the same at every run, by number."""
        facts = self.trace.facts
        spoiled = {facts[number].storage for number in self._escaping()}
        for call in (*self.calls, *self.backward_calls):
            if call.kind == "write":
                spoiled.add(facts[call.args[0].number].storage)
        spoiled.add(None)
        constants = dict(self.trace.constants)
        for number in self._escaping():
            constants.pop(number, None)
        folded = self.trace.foldable.items()
        constants.update({n: value for n, value in folded if facts[n].storage not in spoiled})
        return constants

    def _live(self) -> set[int]:
        """Return which calls, by identity, are needed."""
        needed = set(self._escaping())
        live: set[int] = set()
        for call in reversed([*self.calls, *self.backward_calls]):
            made = call.made()
            if call.kind == "compute" and not any(
                number in needed and number not in self.constants for number in made
            ):
                continue
            live.add(id(call))
            needed.update(call.numbers())
        return live

    # Source --------------------------------------------------------------------------------------

    def source(self) -> str:
        """Return the source of all functions."""
        program = self.program
        forward = [call for call in self.calls if id(call) in self.live]
        backward = [call for call in self.backward_calls if id(call) in self.live]
        externals = {external.number: external for external in program.adopter.externals}
        given = self.backward.given if self.backward else []
        made_backward = {number for call in backward for number in call.made()}
        saved: list[int] = []
        if self.backward:
            wanted = [n for call in backward for n in call.numbers()] + self.backward.results
            known = {*given, *self.constants, *made_backward}
            saved = [number for number in dict.fromkeys(wanted) if number not in known]
        returned = [
            *(output.number for output in program.outputs),
            *(e.value.number for e in program.effects if isinstance(e.value, Output)),
            *(e.value for e in program.effects if e.kind == "array"),
            *saved,
        ]
        taken = [n for call in forward for n in call.numbers()] + returned
        inputs = [number for number in dict.fromkeys(taken) if number in externals]
        lines = [f"def forward({', '.join(map(self._local, inputs))}):"]
        lines += self._body(forward, returned)
        lines += ["", ""]
        if self.backward:
            lines.append("def backward(saved, grads):")
            if saved:
                lines.append(f"    {''.join(f'{self._local(n)}, ' for n in saved)}= saved")
            lines.append(f"    {''.join(f'{self._local(n)}, ' for n in given)}= grads")
            for output, number in zip(
                [o for o in program.outputs if o.requires_grad], given, strict=True
            ):
                if len(given) > 1:
                    lines.append(f"    if {self._local(number)} is None:")
                    zeros = self._constant(output.backend.full, "full")
                    facts = self.trace.facts[number]
                    lines.append(
                        f"        {self._local(number)} = "
                        f"{zeros}({facts.shape!r}, 0, {self._constant(output.dtype)})"
                    )
            lines += self._body(backward, self.backward.results, pure=None)
            lines += ["", ""]
        lines += self._run(inputs, returned, saved, externals)
        return "\n".join(lines) + "\n"

    def _body(
        self, calls: Sequence[Call], returned: Sequence[int], pure: bool | None = True
    ) -> list[str]:
        """Return the lines of a function; ``pure`` is None where raising is all right."""
        facts = self.trace.facts
        last: dict[int, int] = {}
        for k, call in enumerate(calls):
            for number in (*call.numbers(), *call.made()):
                last[number] = k
        for number in returned:
            last.pop(number, None)
        dying: dict[int, list[int]] = {}
        for number, k in last.items():
            if number not in self.constants and math.prod(facts[number].shape) > 256:
                dying.setdefault(k, []).append(number)
        clean: list[str] = []
        lines: list[str] = []
        started = False
        for k, call in enumerate(calls):
            if not started and pure and self._is_effect(call):
                started = True
                clean, lines = lines, []
            written = self._line(call, started)
            lines += written
            if k in dying:
                names = [self._local(number) for number in dying[k]]
                lines.append(f"{' = '.join(names)} = None")
        result = f"return ({''.join(f'{self._name(n)}, ' for n in returned)})"
        if not pure:
            return [f"    {line}" for line in (*lines, result)]
        if not started:
            clean, lines = [*lines, result], []
            result = ""
        wrapped = ["    try:", *(f"        {line}" for line in clean or ["pass"])]
        wrapped += ["    except Exception:", "        return FAILED"]
        return [*wrapped, *(f"    {line}" for line in (*lines, result) if line)]

    def _is_effect(self, call: Call) -> bool:
        """Whether a call changes something outside."""
        if call.kind == "draw":
            return True
        if call.kind != "write":
            return False
        storage = self.trace.facts[call.args[0].number].storage
        return storage is None or storage in self.trace.external_storages

    def _line(self, call: Call, started: bool) -> list[str]:
        text = self._expression(call)
        if call.kind == "check":
            if started:
                raise Untraceable("a value is read after something outside was written")
            answer = self._argument(call.results)
            return [f"if {text} != {answer}:", "    return MISSED"]
        if call.kind == "write":
            return [text]
        if isinstance(call.results, int):
            return [f"{self._local(call.results)} = {text}"]
        return [f"{self._targets(call.results)} = {text}"]

    def _targets(self, results: Any) -> str:
        if results is None:
            return "_"
        if isinstance(results, int):
            return self._local(results)
        return f"({''.join(f'{self._targets(member)}, ' for member in results)})"

    def _expression(self, call: Call) -> str:
        args = [self._argument(value) for value in call.args]
        symbol = SYMBOLS.get(call.function)
        if symbol is not None and not call.kwargs:
            if len(args) == 1:
                return f"{symbol}{args[0]}"
            return f"{args[0]} {symbol} {args[1]}"
        args += [f"{key}={self._argument(value)}" for key, value in call.kwargs.items()]
        return f"{self._constant(call.function, call.name)}({', '.join(args)})"

    def _argument(self, value: Any) -> str:
        if type(value) is Ref:
            return self._name(value.number)
        if value is None or isinstance(value, (bool, str)):
            return repr(value)
        if isinstance(value, int):
            return repr(int(value))
        if type(value) is float and math.isfinite(value):
            return repr(value)
        if isinstance(value, list):
            return f"[{', '.join(map(self._argument, value))}]"
        if isinstance(value, tuple):
            return f"({''.join(f'{self._argument(member)}, ' for member in value)})"
        return self._constant(value)

    def _constant(self, value: Any, wanted: str = "k") -> str:
        """Return the name of an object in the scope; calls of a function are named after it."""
        key = (
            ("function", id(getattr(value, "__self__", None)), wanted)
            if wanted != "k"
            else id(value)
        )
        name = self.names.get(key)
        if name is None:
            name = f"xp_{wanted}" if wanted != "k" else f"k_{len(self.scope)}"
            while name in self.scope:
                name += "_"
            self.names[key] = name
            self.scope[name] = value
        return name

    def _local(self, number: int) -> str:
        return f"v{number}"

    def _name(self, number: int) -> str:
        if number not in self.constants:
            return self._local(number)
        name = f"c{number}"
        self.scope[name] = self.constants[number]
        return name

    # Guards and results --------------------------------------------------------------------------

    def _run(
        self,
        inputs: Sequence[int],
        returned: Sequence[int],
        saved: Sequence[int],
        externals: dict[int, External],
    ) -> list[str]:
        program = self.program
        guards = [
            "modes.grad_enabled" if program.records else "modes.grad_enabled is False",
            f"default_dtype() is {self._constant(program.default_dtype)}",
        ]
        if self.trace.makes_tensors:
            guards.append(f"current_backend() is {self._constant(current_backend())}")
        guards += program.state.guards
        for external in program.adopter.externals:
            if external.touched:
                guards += self._guards(external)
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
        if returned:
            body.append(f"{''.join(f'v{n}, ' for n in returned)}= made")
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
        if self.backward:
            body += self._node(outputs, saved, externals)
        leaves = [self._leaf(leaf, outputs) for leaf in program.leaves]
        body.append(f"return {self._tree(program.spec, leaves)}")
        return lines + [f"    {line}" for line in body]

    def _wrapping(self, output: Output, name: str) -> list[str]:
        lines = [
            f"{name} = wrap(v{output.number}, {self._constant(output.dtype)}, "
            f"{self._constant(output.backend)})"
        ]
        if output.version:
            lines.append(f"own_counter({name})[0] = {output.version}")
        return lines

    def _node(
        self, outputs: dict[int, str], saved: Sequence[int], externals: dict[int, External]
    ) -> list[str]:
        program, backward = self.program, self.backward
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
        edges = "".join(f"edge_of({external.access}), " for external in backward.inputs)  # type: ignore[union-attr]
        lines = [
            "node = new_node()",
            f"node._backend = {self._constant(recorded[0].backend)}",
            "node.sequence_nr = modes.grad_enabled()",
            f"node._outputs = {self._constant(shown)}",
            f"node.next_edges = ({edges})",
            "node.compiled = backward",
            f"node.saved = ({''.join(f'v{number}, ' for number in saved)})",
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
        return self._argument(leaf)

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
                return "{" + ", ".join(f"{self._argument(k)}: {text(c)}" for k, c in items) + "}"
            flat = [next(remaining) for _ in range(part.num_leaves)]
            self.scope["tree_unflatten"] = tree_unflatten
            return f"tree_unflatten([{', '.join(flat)}], {self._constant(part)})"

        return text(spec)

    def _guards(self, external: External) -> list[str]:
        """Return what must be true of a Tensor from outside."""
        name = external.access
        facts = self.trace.facts[external.number]
        backend = facts.backend
        guards = []
        if "._grad" in name:
            guards.append(f"{name} is not None")
        guards += [
            f"type({name}) is {self._constant(external.kind)}",
            f"{name}._backend is {self._constant(backend)}",
            f"{name}._dtype is {self._constant(external.dtype)}",
            f"{name}._array.shape == {facts.shape!r}",
        ]
        if len(facts.shape) > 1 or (self.trace.reads_layout and facts.shape):
            strides = self._constant(backend.strides, "strides")
            guards.append(f"{strides}({name}._array) == {facts.strides!r}")
        if self.trace.reads_layout and facts.shape:
            whole = self._constant(backend.is_whole, "is_whole")
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


def _context(backends: Iterable[Any]) -> Context:
    """Return a context in which all backends are quiet."""
    context = Context()
    for backend in backends:
        for variable, value in backend.kernel_context.items():
            context.run(variable.set, value)
    return context
