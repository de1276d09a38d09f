"""What is done to a list of calls before it is written, none of which changes a bit of a result.

Equal calls are made once, copies that nobody needs are left out, and a result that is only copied
somewhere is computed there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .recording import Call, Facts, Ref, Trace


class Planner:
    """Plans the calls of one function: forward, or backward.

    Args:
        trace: where the calls are from.
        calls: those that are needed, in order.
        kept: numbers that are needed after the last of them.
        constants: numbers of arrays that are the same at every run.
        borrowed: numbers of arrays that others have, too, who must not see them written.
    """

    def __init__(
        self,
        trace: Trace,
        calls: Sequence[Call],
        kept: Iterable[int],
        constants: Iterable[int],
        borrowed: Iterable[int],
    ) -> None:
        self.trace = trace
        self.calls = list(calls)
        self.kept = set(kept)
        self.constants = set(constants)
        self.facts = trace.facts
        self.stands_for: dict[int, int] = {}
        """Numbers that another array takes the place of."""
        self.ends: set[Any] = set()
        """The storages, once all is planned, that are needed after the last call."""
        self._tokens: dict[Any, Any] = {}
        self.borrowed = {self.storage(number) for number in borrowed}
        self.borrowed |= trace.external_tokens | {self.storage(n) for n in self.constants}

    def planned(self) -> list[Call]:
        """Return the calls to be written."""
        self._drop_ones()
        self._merge_equal()
        self._elide_copies()
        self._compute_in_place()
        self.ends = self._kept_storages()
        return self.calls

    def storage(self, number: int) -> Any:
        """Return what is the same for arrays that share memory, None if that is not known."""
        token = self.facts[number].storage
        while token in self._tokens:
            token = self._tokens[token]
        return token

    def join(self, number: int, other: int) -> None:
        """Note that an array is computed in the memory of another."""
        old, new = self.storage(number), self.storage(other)
        self._tokens[old] = new
        if old in self.ends:
            self.ends.add(new)

    def resolved(self, number: int) -> int:
        """Return the number of the array that takes the place of one."""
        while number in self.stands_for:
            number = self.stands_for[number]
        return number

    def uses(self) -> tuple[dict[Any, list[int]], dict[Any, list[int]]]:
        """Return by storage at which calls it is named, and at which it is written."""
        named: dict[Any, list[int]] = {}
        written: dict[Any, list[int]] = {}
        for k, call in enumerate(self.calls):
            for number in {*call.numbers(), *call.made()}:
                named.setdefault(self.storage(number), []).append(k)
            if call.kind == "write":
                written.setdefault(self.storage(call.target), []).append(k)
        return named, written

    def _kept_storages(self) -> set[Any]:
        return {self.storage(number) for number in self.kept}

    def _substitute(self) -> None:
        self.calls = [self._substituted(call) for call in self.calls]
        self.kept = {self.resolved(number) for number in self.kept}

    def _substituted(self, call: Call) -> Call:
        if not any(number in self.stands_for for number in call.numbers()):
            return call
        args = tuple([self._replaced(value) for value in call.args])
        kwargs = {name: self._replaced(value) for name, value in call.kwargs.items()}
        return Call(call.backend, call.name, call.function, args, kwargs, call.results, call.kind)

    def _replaced(self, value: Any) -> Any:
        if type(value) is Ref:
            return Ref(self.resolved(value.number))
        if isinstance(value, (list, tuple)) and any(
            isinstance(member, (Ref, list, tuple)) for member in value
        ):
            return type(value)([self._replaced(member) for member in value])
        return value

    # Products with ones ------------------------------------------------------------------

    def _drop_ones(self) -> None:
        """Write a real product with ones as the copy that it is."""
        ones = self._ones()
        calls = []
        for call in self.calls:
            operands = [value for value in call.args if type(value) is Ref]
            others = [value for value in operands if value.number not in ones]
            if call.name == "mul" and len(operands) == 2 and len(others) == 1:
                result, other = self.facts[call.results], self.facts[others[0].number]
                real = call.backend.dtype_of_native(result.native).is_floating_point
                if real and alike(other, result):
                    call = _copying(call.backend, others[0], call.results)
            calls.append(call)
        self.calls = calls

    def _ones(self) -> set[int]:
        """Return the numbers of constants whose elements are all 1."""
        found: set[int] = set()
        for call in self.trace.calls:
            if not isinstance(call.results, int) or call.results not in self.constants:
                continue
            if call.name in ("full", "scalar"):
                if call.args[call.name == "full"] == 1:
                    found.add(call.results)
            elif call.name in ("clone", "expand", "view") and call.args[0].number in found:
                found.add(call.results)
        return found

    # Equal calls ---------------------------------------------------------------------------------

    def _merge_equal(self) -> None:
        """Make a call once whose arguments and results nobody writes or gives away."""
        _, written = self.uses()
        given_away = self._kept_storages()
        changing = {*written, None}
        seen: dict[Any, Call] = {}
        calls = []
        for given in self.calls:
            call = self._substituted(given)
            calls.append(call)
            if call.kind != "compute" or not isinstance(call.results, int):
                continue
            storages = {self.storage(number) for number in call.numbers()}
            if self.storage(call.results) in changing | given_away or storages & changing:
                continue
            function = getattr(call.function, "__func__", call.function)
            key = (function, call.backend, repr(call.args), repr(sorted(call.kwargs.items())))
            first = seen.setdefault(key, call)
            if first is not call:
                self.stands_for[call.results] = first.results
                calls.pop()
        self.calls = calls
        self._substitute()

    # Copies --------------------------------------------------------------------------------------

    def _elide_copies(self) -> None:
        """Let an array take the place of its copy where neither is written while both are used."""
        self._name_copies()
        ends = self._kept_storages()
        named, written = self.uses()
        calls: list[Call | None] = list(self.calls)
        for k, call in enumerate(self.calls):
            if call.name != "clone" or not isinstance(call.results, int) or call.kwargs:
                continue
            source, copy = self.resolved(call.args[0].number), call.results
            if len(call.args) > 1 or not alike(self.facts[source], self.facts[copy]):
                continue
            old, new = self.storage(source), self.storage(copy)
            if old is None or new is None or new in ends or old == new:
                continue
            last_of_copy = max(named[new])
            written_later = [w for w in written.get(old, ()) if w > k]
            read_only = new not in written and not any(w < last_of_copy for w in written_later)
            last_of_source = max(named[old])
            taken_over = (
                last_of_source == k
                and old not in ends
                and old not in self.borrowed
                and self.facts[source].whole
            )
            if read_only or taken_over:
                self.stands_for[copy] = source
                self.join(copy, source)
                named[old] = sorted({*named[old], *named[new]} - {k})
                written[old] = sorted({*written.get(old, ()), *written.get(new, ())})
                calls[k] = None
        self.calls = [call for call in calls if call is not None]
        self._substitute()

    def _name_copies(self) -> None:
        """Write a new array that is filled by a copy at once as that copy."""
        calls: list[Call] = []
        empty: dict[int, int] = {}
        for call in self.calls:
            if call.name in ("empty", "empty_strided") and isinstance(call.results, int):
                empty[call.results] = len(calls)
            elif call.kind == "write" and type(call.args[1]) is Ref:
                target, source = call.args[0].number, call.args[1].number
                place = empty.pop(target, None)
                if place is not None and alike(self.facts[target], self.facts[source]):
                    del calls[place]
                    empty = {n: p - (p > place) for n, p in empty.items()}
                    call = _copying(call.backend, call.args[1], target)
            else:
                for number in call.numbers():
                    empty.pop(number, None)
            calls.append(call)
        self.calls = calls

    # Results that are copied somewhere ----------------------------------------------------------

    def _compute_in_place(self) -> None:
        """Compute a result that is only written somewhere where it is written."""
        uses: dict[int, int] = {}
        for call in self.calls:
            for number in call.numbers():
                uses[number] = uses.get(number, 0) + 1
        calls: list[Call] = []
        for call in self.calls:
            before = calls[-1] if calls else None
            if (
                before is not None
                and call.kind == "write"
                and type(call.args[1]) is Ref
                and before.results == call.args[1].number
                and before.kind == "compute"
                and before.into is None
                and uses[before.results] == 1
                and before.results not in self.kept
                and can_be_written_into(before)
                and self._same_kind(before.results, call.args[0].number)
            ):
                calls[-1] = before.written_into(call.args[0].number)
                continue
            calls.append(call)
        self.calls = calls

    def _same_kind(self, number: int, other: int) -> bool:
        one, two = self.facts[number], self.facts[other]
        return bool(one.shape == two.shape and one.native == two.native)


def _copying(backend: Any, source: Ref, result: int) -> Call:
    """Return the call that makes an array as a copy of another."""
    return Call(backend, "clone", backend.clone, (source,), {}, result, "compute")


def can_be_written_into(call: Call) -> bool:
    """Whether the backend can compute a call's result in memory that is there."""
    lines = call.backend.straight_lines
    return lines is not None and lines.takes_memory(call.name) and not call.kwargs


def alike(one: Facts, two: Facts) -> bool:
    """Whether two arrays are of one shape, dtype, layout and kind."""
    return bool(
        one.shape == two.shape
        and one.native == two.native
        and one.strides == two.strides
        and one.kind is two.kind
    )
