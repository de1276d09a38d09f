"""Failures by what they come of, root ops first.

Of one sample a later check is set down to an earlier one that its question rests on, or that
failed with the same words. An exception, a crash or a timeout is its own cause, whichever ops meet
it. Of other differences an op is set down to a root op that fails the same check when torch's
graph of the op holds all nodes of the root's: `softmin` to `softmax`, say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograd_conformance.cases import CHECKS, FORMS, Result, Status, without_numbers
from autograd_conformance.report import Report

#: Checks whose failure explains that of a check on the same sample.
_RESTS_ON = {
    "gradients": ("values",),
    "tangents": ("values",),
    "second_order": ("values", "gradients"),
    **dict.fromkeys(FORMS, ("values", "attributes", "graph", "gradients")),
}
_RAISED = re.compile(r"[\w.]*(Error|Exception|Exit|Interrupt|Iteration|Warning|Unsupported): ")


@dataclass
class Cause:
    """Failures that come of one thing: `root` is the op to look at first.

    `ops` are all ops with their number of cases, the root first; `following` are failures of later
    checks of the same samples.
    """

    root: str
    check: str
    message: str
    kind: Status
    results: list[Result] = field(default_factory=list)
    following: list[Result] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """How many failures the cause explains."""
        return len(self.results) + len(self.following)

    @property
    def then(self) -> dict[str, int]:
        """How many cases of each later check fail on the same samples."""
        return dict(Counter(result.token.check for result in self.following))

    @property
    def ops(self) -> dict[str, int]:
        counts = Counter(result.token.entry for result in self.results)
        order = sorted(counts, key=lambda op: (op != self.root, -counts[op], op))
        return {op: counts[op] for op in order}

    @property
    def subjects(self) -> list[str]:
        return sorted({result.subject for result in self.results})

    @property
    def first(self) -> Result:
        """The failure to show: of the root op, at the widest dtype, the first sample."""
        return min(self.results, key=lambda r: (r.token.entry != self.root, _place(r)))


def _place(result: Result) -> tuple[bool, str, int, str]:
    token = result.token
    return token.dtype != "float64", token.dtype, token.sample, result.subject


def causes(report: Report) -> list[Cause]:
    """The causes of all failures, the widest first."""
    roots, following = _roots(report.failures())
    failing: dict[tuple[str, str], set[str]] = defaultdict(set)
    for result in roots:
        failing[result.subject, result.token.check].add(result.token.entry)
    found: dict[tuple[str, ...], Cause] = {}
    place_of: dict[int, Cause] = {}
    for result in roots:
        check, entry = result.token.check, result.token.entry
        message = result.outcome.message
        kind = result.status
        key: tuple[str, ...]
        if kind in (Status.CRASH, Status.TIMEOUT):
            key, root = (str(kind), entry, without_numbers(message)), entry
        elif kind is Status.UNEXPECTED_PASS:
            key, root = (str(kind), result.outcome.reason), entry
        elif _RAISED.match(message):
            key, root = (str(kind), without_numbers(message)), entry
        else:
            root = _root_op(entry, failing[result.subject, check], report.nodes)
            key = (str(kind), check, root)
        cause = found.setdefault(key, Cause(root, check, message, kind))
        cause.results.append(result)
        place_of[id(result)] = cause
    for result, root_result in following:
        place_of[id(root_result)].following.append(result)
    for cause in found.values():
        if cause.root not in cause.ops or _RAISED.match(cause.message):
            cause.root = _plainest(cause.ops)
        cause.message = cause.first.outcome.message
    return sorted(found.values(), key=lambda c: (-c.cases, c.root))


def _roots(failures: Iterable[Result]) -> tuple[list[Result], list[tuple[Result, Result]]]:
    """The failures that no other on the same sample explains, and the others with theirs."""
    by_sample: dict[tuple[str, str, str, int], list[Result]] = defaultdict(list)
    for result in failures:
        token = result.token
        by_sample[result.subject, token.entry, token.dtype, token.sample].append(result)
    roots: list[Result] = []
    following: list[tuple[Result, Result]] = []
    for results in by_sample.values():
        results.sort(key=lambda r: CHECKS.index(r.token.check))
        own: list[Result] = []
        for result in results:
            earlier = next((r for r in own if _explains(r, result)), None)
            if earlier is None:
                own.append(result)
            else:
                following.append((result, earlier))
        roots += own
    return roots, following


def _explains(earlier: Result, later: Result) -> bool:
    if Status.UNEXPECTED_PASS in (earlier.status, later.status):
        return earlier.status is later.status
    if later.token.check == "graph" and earlier.outcome.message.endswith("grad_fn differs"):
        return True  # an output's node has another name in both
    same_words = without_numbers(earlier.outcome.message) == without_numbers(later.outcome.message)
    return same_words or earlier.token.check in _RESTS_ON.get(later.token.check, ())


def _root_op(entry: str, failing: set[str], nodes: dict[str, list[str]]) -> str:
    """The failing op of the fewest nodes whose nodes are all in the entry's graph."""
    own = set(nodes.get(entry, ()))
    inside = [op for op in failing if nodes.get(op) and set(nodes[op]) <= own]
    return min(inside, key=lambda op: (len(set(nodes[op])), len(op), op), default=entry)


def _plainest(ops: dict[str, int]) -> str:
    """The op to look at first when no graph tells: of most cases, then of the shortest name."""
    return min(ops, key=lambda op: (-ops[op], len(op), op))
