"""The files that are made of a report besides JSON, and what is added to it to make them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograd_conformance.cases import ANY_DTYPE, Result, Status
from autograd_conformance.report import Report
from autograd_conformance.reports.badge import badge
from autograd_conformance.reports.causes import causes
from autograd_conformance.reports.junit import junit
from autograd_conformance.subjects import Subject, SubjectSpec

#: Causes whose first failure gets a script, and how long a script may be.
_SCRIPTS = 100
_LONGEST_SCRIPT = 20_000
#: Likewise for drawings of graphs.
_GRAPHS = 30
_LONGEST_DRAWING = 100_000


def _page(report: Report) -> str:
    from autograd_conformance.reports.page import page  # Jinja2 is needed for this alone

    return page(report)


WRITERS: dict[str, Callable[[Report], str]] = {"html": _page, "junit": junit, "badge": badge}


def write(report: Report, path_of: Callable[[str], Any]) -> list[Path]:
    """Writes the files that `path_of` (html, junit, badge) names a path for; returns the paths."""
    written = []
    for name, text in WRITERS.items():
        path = path_of(name)
        if path is not None:
            # A message may hold what UTF-8 cannot carry.
            Path(path).write_text(text(report), encoding="utf-8", errors="replace")
            written.append(Path(path))
    return written


def complete(report: Report, seed: int, oracle: str) -> None:
    """Adds what only the oracle can tell: nodes of failing ops; scripts and graphs of causes."""
    from autograd_conformance.execution import TORCH
    from autograd_conformance.explain import script
    from autograd_conformance.reports.torch_nodes import nodes_of

    for result in report.failures():
        token = result.token
        if token.entry not in report.nodes and token.dtype != ANY_DTYPE:
            report.nodes[token.entry] = nodes_of(token, seed, oracle)
    for number, cause in enumerate(causes(report)[:_SCRIPTS]):
        first = cause.first
        spec = report.specs.get(first.subject)
        if spec is not None:
            with contextlib.suppress(Exception):  # no literal form: the page shows the replay alone
                text = script(first.token, spec, seed, oracle)
                first.outcome.script = text if len(text) <= _LONGEST_SCRIPT else ""
            if first.status is Status.FAIL and oracle == TORCH and number < _GRAPHS:
                with contextlib.suppress(Exception):  # a case that fails may fail here, too
                    _add_graph(first, spec, seed)


def _add_graph(result: Result, spec: SubjectSpec, seed: int) -> None:
    """Says where a failing case's graph first parts from torch's, and draws it."""
    from autograd_conformance.divergence import as_svg, divergence_of

    found = divergence_of(result.token, Subject(spec), seed)
    if found is not None:
        result.outcome.divergence = str(found)
        drawing = as_svg(found, result.subject) or ""
        result.outcome.graph = drawing if len(drawing) <= _LONGEST_DRAWING else ""
