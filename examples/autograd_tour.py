"""Run the autograd tour without Jupyter: execute the notebook's cells and print what they show.

    python examples/autograd_tour.py                  # on autograd_core
    python examples/autograd_tour.py --module torch   # the same cells on torch
    python examples/autograd_tour.py --check          # compare with the outputs in the notebook

Cells tagged "random" in the notebook depend on the seed; ``--check`` leaves them out.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import importlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

NOTEBOOK = Path(__file__).with_suffix(".ipynb")


class Cell(NamedTuple):
    """One code cell: its source, what the notebook shows below it, whether that is random."""

    source: str
    expected: str
    is_random: bool


def cells(notebook: Path = NOTEBOOK) -> list[Cell]:
    """Return the notebook's code cells in order."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    return [
        Cell(
            "".join(cell["source"]),
            "".join(_text(output) for output in cell["outputs"]).rstrip("\n"),
            "random" in cell["metadata"].get("tags", ()),
        )
        for cell in document["cells"]
        if cell["cell_type"] == "code"
    ]


def _text(output: dict[str, Any]) -> str:
    lines = output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"]
    return "".join(lines)


def run(module: Any, seed: int) -> Iterator[tuple[Cell, str]]:
    """Yield each cell with what it shows when ``torch`` means ``module``."""
    module.manual_seed(seed)
    names: dict[str, Any] = {}
    for cell in cells():
        if cell.source.startswith("import "):
            names["torch"] = module
            yield cell, ""
            continue
        yield cell, _shown(cell.source, names)


def _shown(source: str, names: dict[str, Any]) -> str:
    """Execute a cell as a notebook does: what it prints, then the value of a last expression."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
            if value is not None:
                print(repr(value))
    return printed.getvalue().rstrip("\n")


def main() -> int:
    """Print the tour; with ``--check``, return 1 when a cell shows something else."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", default="autograd_core", help="what to import as torch")
    parser.add_argument("--backend", help="backend of autograd_core")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    module = importlib.import_module(options.module)
    if options.backend:
        module.set_default_backend(options.backend)
    differing = checked = 0
    for number, (cell, shown) in enumerate(run(module, options.seed), 1):
        print(f"In [{number}]:\n{cell.source}\n")
        if shown:
            print(f"{shown}\n")
        if options.check and not cell.is_random:
            checked += 1
            if shown != cell.expected:
                differing += 1
                lines = difflib.ndiff(cell.expected.splitlines(), shown.splitlines())
                print("\n".join(lines), file=sys.stderr)
    if options.check:
        print(f"{checked - differing} of {checked} cells show what the notebook shows")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
