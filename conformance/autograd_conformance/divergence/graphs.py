"""Draws two aligned tapes: as text, as Graphviz DOT, and as SVG where `dot` is there."""

from __future__ import annotations

import html
import shutil
import subprocess
from typing import Any

from autograd_conformance.divergence.alignment import Divergence
from autograd_conformance.divergence.tape import TapeNode
from autograd_conformance.scenarios.recording import TensorFacts

_SECONDS = 20.0


def as_text(divergence: Divergence) -> str:
    """Both graphs side by side, a node a line in creation order, the diverging one marked."""
    pairs = max(len(divergence.torch), len(divergence.subject))
    lines = [str(divergence), "", f"     {'torch':<46} subject"]
    for number in range(pairs):
        mark = "==>" if number == divergence.number else "   "
        sides = (_line(side, number) for side in (divergence.torch, divergence.subject))
        lines.append("{} {:<46} {}".format(mark, *sides).rstrip())
    return "\n".join(lines)


def _line(nodes: list[TapeNode], number: int) -> str:
    if number >= len(nodes):
        return "(none)"
    node = nodes[number]
    following = ", ".join("None" if n is None else f"#{n}" for n, _ in node.edges)
    name = node.name.removeprefix("torch::autograd::")
    return f"#{number} {name}" + (f" -> {following}" if following else "")


def as_dot(divergence: Divergence, subject: str = "subject") -> str:
    """Both graphs as one DOT digraph, torch's on the left, the diverging node filled red."""
    lines = ["digraph divergence {", "  rankdir=BT;", '  node [shape=box, fontname="monospace"];']
    for prefix, label, nodes in (
        ("t", "torch", divergence.torch),
        ("s", subject, divergence.subject),
    ):
        lines += [f"  subgraph cluster_{prefix} {{", f"    label={_quoted(label)};"]
        for number, node in enumerate(nodes):
            style = ""
            if number == divergence.number:
                style = ', style=filled, fillcolor="#f4b6b6", color="#b00020", penwidth=2'
            tip = _quoted(_tip(node))
            text = _quoted(_caption(number, node))
            lines.append(f"    {prefix}{number} [label={text}, tooltip={tip}{style}];")
        for number, node in enumerate(nodes):
            lines += [
                f"    {prefix}{number} -> {prefix}{n};" for n, _ in node.edges if n is not None
            ]
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def as_svg(divergence: Divergence, subject: str = "subject") -> str | None:
    """The DOT text drawn as an `<svg>`; None where the program `dot` is missing or fails."""
    program = shutil.which("dot")
    if program is None:
        return None
    try:
        drawn = subprocess.run(
            [program, "-Tsvg"],
            input=as_dot(divergence, subject),
            capture_output=True,
            text=True,
            check=True,
            timeout=_SECONDS,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return drawn[drawn.index("<svg") :]  # a page holds no XML declaration


def as_html(divergence: Divergence, subject: str = "subject") -> str:
    """What a page shows: the drawing, or the text where nothing draws it."""
    drawn = as_svg(divergence, subject)
    return drawn or f"<pre>{html.escape(as_text(divergence))}</pre>"


def _caption(number: int, node: TapeNode) -> str:
    name = node.name.removeprefix("torch::autograd::")
    value = next(iter(node.values.values()), None)
    shown = f"\n{_short(value)}" if isinstance(value, TensorFacts) else ""
    return f"#{number} {name}{shown}"


def _tip(node: TapeNode) -> str:
    runs = (f"in {_short(given)}, out {_short(made)}" for given, made in node.runs)
    return "\n".join([node.name, *runs])


def _short(value: Any) -> str:
    if isinstance(value, TensorFacts):
        numbers = ", ".join(
            f"{v:.4g}" if isinstance(v, float) else str(v) for v in value.values[:4]
        )
        more = ", ..." if len(value.values) > 4 else ""
        return f"{list(value.shape)} {numbers}{more}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(map(_short, value)) + ")"
    return str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
