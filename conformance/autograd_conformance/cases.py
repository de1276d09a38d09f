"""The words of the kit: checks, statuses, tokens that name one case, and its result.

Nothing here imports torch, so the command line and the pytest plug-in stay light.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

#: Every check, in the order in which a sample runs them.
CHECKS = (
    "values",
    "attributes",
    "graph",
    "gradients",
    "second_order",
    "tangents",
    "saved",
    "warnings",
    "generator",
    "method",
    "inplace",
    "operator",
    "inplace_operator",
    "metamorphic",
    "errors",
    "scenario",
)
#: Those of the smoke tier when none is named: all but what runs every case once more per mode.
SMOKE_CHECKS = tuple(check for check in CHECKS if check != "metamorphic")
#: Checks that run the op under another spelling.
FORMS = ("method", "inplace", "operator", "inplace_operator")
#: The dtype part of a token whose case is not tied to one dtype (error inputs choose their own).
ANY_DTYPE = "any"


def chosen(patterns: list[str], *names: str) -> bool:
    """Whether glob patterns choose what bears these names; one with ``!`` before it excludes.

    Patterns that only exclude choose everything else; no patterns choose everything.
    """
    excluding = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    including = [pattern for pattern in patterns if not pattern.startswith("!")]
    if any(fnmatchcase(name, pattern) for pattern in excluding for name in names):
        return False
    return not including or any(fnmatchcase(n, p) for p in including for n in names)


def suggestion(name: str, known: Iterable[str]) -> str:
    """``; did you mean x or y?``, or nothing when no name is near.

    A name that lacks no more than its namespace is nearest.
    """
    names = dict.fromkeys(known)
    near = [other for other in names if other.endswith(f".{name}")]
    near = near or difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


class Status(StrEnum):
    """What became of one case."""

    PASS = "pass"
    FAIL = "fail"
    KNOWN_DIFFERENCE = "known_difference"
    UNEXPECTED_PASS = "unexpected_pass"
    SKIP = "skip"
    BLIND = "blind"
    MISSING = "missing"
    ORACLE_ERROR = "oracle_error"
    NOT_RUN = "not_run"
    CRASH = "crash"
    TIMEOUT = "timeout"


#: Statuses that make a run fail.
FAILING = frozenset({Status.FAIL, Status.UNEXPECTED_PASS, Status.CRASH, Status.TIMEOUT})


#: Statuses of cases in which nothing of the subject's was compared.
UNTRIED = frozenset({Status.NOT_RUN, Status.MISSING, Status.SKIP, Status.ORACLE_ERROR})


def without_numbers(text: str) -> str:
    """`text` with every number blotted out, so that what differs only in them is equal."""
    return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?", "N", text)


class Token(NamedTuple):
    """Names one case: ``entry|dtype|sample|check``, e.g. ``softmax|float64|3|gradients``."""

    entry: str
    dtype: str
    sample: int
    check: str

    def __str__(self) -> str:
        return f"{self.entry}|{self.dtype}|{self.sample}|{self.check}"

    @classmethod
    def parse(cls, text: str) -> Token:
        """The token that `text` spells; ValueError says what was received."""
        parts = text.split("|")
        if len(parts) != 4 or not parts[2].isdecimal():
            raise ValueError(f"not a case token (entry|dtype|sample|check): {text!r}")
        entry, dtype, sample, check = parts
        if check not in CHECKS:
            near = suggestion(check, CHECKS) or f"; checks: {', '.join(CHECKS)}"
            raise ValueError(f"unknown check {check!r} in {text!r}{near}")
        return cls(entry, dtype, int(sample), check)


@dataclass
class Outcome:
    """A check's verdict on one case: `message` names the cause, `detail` carries the numbers.

    `reason` says why a case that does not pass is no failure, `category` of what kind that is and
    `fingerprint`, a hash, what differs; `script` shows the case without the kit, `divergence`
    says where its graph first parts from torch's, and `graph` draws that (the text of an SVG).
    """

    status: Status = Status.PASS
    message: str = ""
    detail: str = ""
    reason: str = ""
    max_ulp: float = 0.0
    undetermined: int = 0
    type_match: bool | None = None
    text_match: bool | None = None
    category: str = ""
    fingerprint: str = ""
    script: str = ""
    divergence: str = ""
    graph: str = ""


@dataclass
class Result:
    """The outcome of one case on one subject; picklable."""

    token: Token
    subject: str
    outcome: Outcome
    seconds: float = 0.0

    @property
    def status(self) -> Status:
        return self.outcome.status

    @property
    def cause(self) -> tuple[str, str]:
        """Check and message with numbers blotted out: failures of one cause share it."""
        return self.token.check, without_numbers(self.outcome.message)


class Mismatch(Exception):
    """A subject's answer differs from torch's: `message` is the cause, `detail` both answers."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class OracleError(Exception):
    """Torch itself raised on the case: an exception of the type named `kind`, with this text."""

    def __init__(self, error: Exception, kind: str = "") -> None:
        self.error = error
        self.kind: str = kind or getattr(error, "kind", type(error).__name__)
        self.text: str = getattr(error, "text", str(error))
        super().__init__(f"{self.kind}: {self.text}")


class Unsupported(Exception):
    """The case needs something the kit does not carry over (a sparse layout, say)."""
