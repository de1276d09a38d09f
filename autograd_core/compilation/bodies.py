"""The lines of a compiled function's forward and backward."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from .planning import Planner, alike, can_be_written_into
from .recording import SYMBOLS, Call, Ref, Trace

LARGE = 256
"""Elements from which on an array is let go of as soon as it is not needed."""
OPERATORS = {"truediv": "div"}


_LOCAL = re.compile(r"\b[vx]\d+\b")
MANY = 256
"""Names of a function from which on they are used again: reading others takes longer, and what a
name holds lives as long as the name does."""


def with_fewer_names(lines: list[str]) -> list[str]:
    """Return a long function whose lines name no more arrays at once than are needed at once."""
    last: dict[str, int] = {}
    for k, line in enumerate(lines):
        last.update(dict.fromkeys(_LOCAL.findall(line), k))
    if len(last) <= MANY:
        return lines
    names: dict[str, str] = {}
    free: dict[str, list[str]] = {"v": [], "x": []}
    made = {"v": 0, "x": 0}
    written = []
    for k, line in enumerate(lines):
        used = dict.fromkeys(_LOCAL.findall(line))
        fresh = [name for name in used if name not in names]
        kept = {name: names[name] for name in used if name in names}
        ending = [name for name in kept if last[name] == k]
        # What is read here for the last time may give its name to the result.
        in_time = len(fresh) == 1 and line.lstrip().startswith(f"{fresh[0]} = ")
        if in_time:
            _release(free, ending, names)
        for name in fresh:
            kind = name[0]
            if not free[kind]:
                free[kind].append(f"{kind}{made[kind]}")
                made[kind] += 1
            names[name] = kept[name] = free[kind].pop()
        written.append(_renamed(line, kept))
        if not in_time:
            _release(free, ending, names)
    return written


def _release(free: dict[str, list[str]], ending: list[str], names: dict[str, str]) -> None:
    for name in ending:
        free[name[0]].append(names[name])


def _renamed(line: str, names: dict[str, str]) -> str:
    return _LOCAL.sub(lambda match: names[match[0]], line)


class Scope:
    """The names that a source may use, and the objects they stand for."""

    def __init__(self, objects: dict[str, Any], constants: dict[int, Any]) -> None:
        self.objects = objects
        self.constants = constants
        self._names: dict[Any, str] = {}

    def name(self, value: Any, wanted: str = "k") -> str:
        """Return the name of an object; that of a function is what is wanted, if it is free."""
        key: Any = id(value)
        if wanted != "k":  # a method is a new object each time
            key = (id(getattr(value, "__func__", value)), id(getattr(value, "__self__", None)))
        name = self._names.get(key)
        if name is None:
            name = f"xp_{wanted}" if wanted != "k" else f"k_{len(self.objects)}"
            while name in self.objects:
                name += "_"
            self._names[key] = name
            self.objects[name] = value
        return name

    def operand(self, number: Any, native: Any, made: Any) -> str:
        """Return the name of a number as an operand of a dtype."""
        key = ("operand", repr(number), native)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"n{len(self.objects)}"
            self.objects[name] = made
        return name

    def literal(self, value: Any) -> str:
        """Return an argument as it is written."""
        if value is None or isinstance(value, (bool, str)):
            return repr(value)
        if isinstance(value, int):
            return repr(int(value))
        if type(value) is float and math.isfinite(value):
            return repr(value)
        if isinstance(value, list):
            return f"[{', '.join(map(self.literal, value))}]"
        if isinstance(value, tuple):
            return f"({''.join(f'{self.literal(member)}, ' for member in value)})"
        return self.name(value)

    def constant(self, number: int) -> str:
        """Return the name of an array that is the same at every run."""
        name = f"c{number}"
        self.objects[name] = self.constants[number]
        return name


class Body:
    """The lines of one function.

    Args:
        scope: names.
        trace: where the calls are from.
        planner: has planned them.
        numbers: the arrays that come in as Python numbers (``unboxed``).
    """

    def __init__(
        self, scope: Scope, trace: Trace, planner: Planner, numbers: Iterable[int] = ()
    ) -> None:
        self.scope = scope
        self.trace = trace
        self.facts = trace.facts
        self.planner = planner
        self.calls = planner.calls
        self.unboxed = set(numbers)
        self.boxed: set[int] = set()
        self.lines: list[str] = []
        self.rounds = False
        self._large: dict[Any, list[int]] = {}
        self._named, self._written = planner.uses()

    def written(
        self, returned: Sequence[int | None], saved: Sequence[int], guarded: bool
    ) -> tuple[list[str], list[str]]:
        """Return the lines, and the names of what is saved.

        Args:
            returned: the numbers of the arrays that are returned.
            saved: of those returned after them, which may be Python numbers.
            guarded: whether the function must not happen by half.
        """
        clean: list[str] = []
        started = False
        for k, call in enumerate(self.calls):
            if guarded and not started and self._is_effect(call):
                started = True
                clean, self.lines = self.lines, []
            self._line(k, call)
            self._let_go(k, call)
        names = [
            f"x{number}" if number in self.unboxed - self.boxed else self.array(number)
            for number in saved
        ]
        end = ["None" if number is None else self.array(number) for number in returned]
        end += names
        self.lines.append(f"return ({''.join(f'{name}, ' for name in end)})")
        prologue = [lines.prologue for lines in self._straight() if self.rounds]
        lines = [f"    {line}" for line in prologue]
        if guarded:
            if not started:
                clean, self.lines = self.lines, []
            lines += ["    try:", *(f"        {line}" for line in clean or ["pass"])]
            lines += ["    except Exception:", "        return FAILED"]
        return [*lines, *(f"    {line}" for line in self.lines)], names

    def _straight(self) -> list[Any]:
        found = {call.backend.straight_lines for call in self.calls}
        return [lines for lines in found if hasattr(lines, "prologue")]

    def _is_effect(self, call: Call) -> bool:
        """Whether a call changes something outside."""
        if call.kind == "draw":
            return True
        if call.kind != "write":
            return False
        storage = self.facts[call.target].storage
        return storage is None or storage in self.trace.external_tokens

    def _let_go(self, k: int, call: Call) -> None:
        """Forget large arrays that are not needed any more."""
        planner = self.planner
        dying = []
        for number in dict.fromkeys((*call.numbers(), *call.made())):
            storage = planner.storage(number)
            if number in self.scope.constants or math.prod(self.facts[number].shape) <= LARGE:
                continue
            self._large.setdefault(storage, []).append(number)
            if not self._is_needed_after(k, storage):
                dying += self._large.pop(storage)
        if dying:
            names = " = ".join(f"v{number}" for number in dict.fromkeys(dying))
            self.lines.append(f"{names} = None")

    def _is_needed_after(self, k: int, storage: Any) -> bool:
        """Whether somebody reads a storage after the call with this number."""
        planner = self.planner
        return (
            storage in planner.ends or storage in planner.borrowed or self._named[storage][-1] != k
        )

    # Names ---------------------------------------------------------------------------------------

    def array(self, number: int) -> str:
        """Return the name of an array, which is made if there is its number only."""
        number = self.planner.resolved(number)
        if number in self.scope.constants:
            return self.scope.constant(number)
        if number in self.unboxed and number not in self.boxed:
            facts = self.facts[number]
            lines = facts.backend.straight_lines
            made = lines.boxed(f"x{number}", self.scope.name(facts.native))
            self.lines.append(f"v{number} = {made}")
            self.boxed.add(number)
        return f"v{number}"

    def number(self, number: int) -> str:
        """Return the name of a 0-d array's number."""
        if number not in self.unboxed:
            lines = self.facts[number].backend.straight_lines
            self.lines.append(f"x{number} = {lines.unboxed(self.array(number))}")
            self.unboxed.add(number)
            self.boxed.add(number)
        return f"x{number}"

    def _argument(self, value: Any) -> str:
        if type(value) is Ref:
            return self.array(value.number)
        if isinstance(value, list):
            return f"[{', '.join(map(self._argument, value))}]"
        if isinstance(value, tuple):
            return f"({''.join(f'{self._argument(member)}, ' for member in value)})"
        return self.scope.literal(value)

    # Calls ---------------------------------------------------------------------------------------

    def _line(self, k: int, call: Call) -> None:
        if call.kind == "check":
            answer = self.scope.literal(call.results)
            text = self._expression(call)
            self.lines += [f"if {text} != {answer}:", "    return MISSED"]
        elif call.into is not None:
            self.lines.append(self._into(call, call.into))
        elif call.kind == "write":
            self.lines.append(self._write(call))
        elif self._on_numbers(call):
            pass
        elif isinstance(call.results, int):
            memory = self._dying_operand(k, call)
            text = self._expression(call) if memory is None else self._into(call, memory)
            self.lines.append(f"v{call.results} = {text}")
        else:
            text = self._expression(call)
            self.lines.append(f"{self._targets(call.results)} = {text}")

    def _targets(self, results: Any) -> str:
        if results is None:
            return "_"
        if isinstance(results, int):
            return f"v{results}"
        return f"({''.join(f'{self._targets(member)}, ' for member in results)})"

    def _expression(self, call: Call) -> str:
        args = [self._argument(value) for value in call.args]
        lines = call.backend.straight_lines
        if lines is not None and not call.kwargs and isinstance(call.results, int):
            first = call.args[0] if call.args else None
            of_first = self.facts[first.number] if type(first) is Ref else None
            text: str | None = lines.text(
                call.name, args, call.args, self.facts[call.results], of_first
            )
            if text is not None:
                self.scope.objects.update(lines.scope)
                return text
            args = self._operands(call, args)
        symbol = SYMBOLS.get(call.function)
        if symbol is not None and not call.kwargs:
            return f"{symbol}{args[0]}" if len(args) == 1 else f"{args[0]} {symbol} {args[1]}"
        args += [f"{key}={self._argument(value)}" for key, value in call.kwargs.items()]
        return f"{self.scope.name(call.function, call.name)}({', '.join(args)})"

    def _write(self, call: Call) -> str:
        target, source = call.args
        lines = call.backend.straight_lines
        if lines is not None and type(source) is Ref:
            facts = (self.facts[target.number], self.facts[source.number])
            text: str | None = lines.write(self._argument(target), self._argument(source), facts)
            if text is not None:
                return text
        return self._expression(call)

    def _into(self, call: Call, number: int) -> str:
        """Return the call that computes a result in the memory of an array."""
        function = call.backend.straight_lines.into(call.name)
        name = self.scope.name(function, function.__name__)
        args = self._operands(call, [self._argument(value) for value in call.args])
        return f"{name}({', '.join([*args, self.array(number)])})"

    def _operands(self, call: Call, args: list[str]) -> list[str]:
        """Return the arguments of an elementwise call with numbers as the library likes them."""
        lines = call.backend.straight_lines
        result = self.facts[call.results]
        if not result.shape or not lines.takes_memory(call.name):
            return args
        operands = list(args)
        for k, value in enumerate(call.args):
            number = value
            if type(value) is Ref:
                number = self.scope.constants.get(value.number)
            made = lines.operand(number, result.native)
            if made is not None:
                operands[k] = self.scope.operand(number, result.native, made)
        return operands

    def _dying_operand(self, k: int, call: Call) -> int | None:
        """Return an operand that nobody needs after a call and whose memory fits the result."""
        result = self.facts[call.results]
        if math.prod(result.shape) < 2 or not result.whole or not can_be_written_into(call):
            return None  # of one element NumPy makes copies before it writes over an operand
        planner = self.planner
        for value in call.args:
            if type(value) is not Ref or value.number in self.scope.constants:
                continue
            storage = planner.storage(value.number)
            if (
                storage is not None
                and not self._is_needed_after(k, storage)
                and self.facts[value.number].whole
                and alike(self.facts[value.number], result)
            ):
                mine_before = planner.storage(call.results)
                planner.join(call.results, value.number)
                mine = self._named.pop(mine_before)
                self._named[storage] = sorted({*self._named[storage], *mine})
                self._large.setdefault(storage, []).extend(self._large.pop(mine_before, ()))
                return value.number
        return None

    def _on_numbers(self, call: Call) -> bool:
        """Write a call on 0-d arrays as one on numbers, if it comes to that."""
        lines = call.backend.straight_lines
        if not hasattr(lines, "computed") or call.kwargs or not isinstance(call.results, int):
            return False
        result = self.facts[call.results]
        operands = [value for value in call.args if type(value) is Ref]
        involved = [call.results, *(operand.number for operand in operands)]
        if not operands or not all(self._may_be_number(number) for number in involved):
            return False
        if len({self.facts[number].native for number in involved}) > 1:
            return False
        args = []
        for value in call.args:
            if type(value) is Ref and value.number not in self.scope.constants:
                args.append(self.number(value.number))
                continue
            literal = self.scope.constants[value.number].storage[0] if type(value) is Ref else value
            if not isinstance(literal, (int, float)):
                return False
            exact = lines.literal(literal, result.native)
            if exact is None:
                return False
            args.append(f"({exact!r})" if exact < 0 else repr(exact))
        text = lines.computed(call.name, args)
        if text is None:
            return False
        self.scope.objects.update(lines.scope)
        number = call.results
        if lines.is_exact(call.name, result.native):
            self.lines.append(f"x{number} = {text}")
        else:
            self.rounds = True
            self.lines += [f"r[0] = {text}", f"x{number} = r[0]"]
        self.unboxed.add(number)
        return True

    def _may_be_number(self, number: int) -> bool:
        facts = self.facts[number]
        lines = facts.backend.straight_lines
        storage = self.planner.storage(number)
        return bool(
            not facts.shape
            and hasattr(lines, "is_number")
            and lines.is_number(facts.native)
            and storage not in self._written
        )
