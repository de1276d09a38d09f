"""Runs a script in which ``import torch`` means the lockstep module; the file stays as it is."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

_LOCKSTEP = "autograd_conformance.lockstep"


class _Imports(ast.NodeTransformer):
    """Turns imports of torch, and of modules below it, into imports of the lockstep module."""

    def visit_Import(self, node: ast.Import) -> Any:
        made = []
        for alias in node.names:
            name, asname = alias.name, alias.asname
            if _is_torch(name):
                # Without a name of its own, ``import torch.nn`` binds ``torch``.
                name, asname = (_moved(name), asname) if asname else (_LOCKSTEP, "torch")
            made.append(ast.alias(name, asname))
        return ast.copy_location(ast.Import(made), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.level or not _is_torch(node.module or ""):
            return node
        return ast.copy_location(ast.ImportFrom(_moved(node.module or ""), node.names, 0), node)


def _is_torch(name: str) -> bool:
    return name == "torch" or name.startswith("torch.")


def _moved(name: str) -> str:
    return _LOCKSTEP + name.removeprefix("torch")


def compiled(source: str, path: str) -> Any:
    """The code of a program in which torch is the lockstep module; lines stay where they are."""
    tree = ast.fix_missing_locations(_Imports().visit(ast.parse(source, path)))
    return compile(tree, path, "exec")


def run(path: Path, arguments: list[str]) -> None:
    """Run a script as ``python script.py arguments`` would."""
    code = compiled(path.read_text(encoding="utf-8"), str(path))
    argv, search = sys.argv, sys.path[:]
    sys.argv = [str(path), *arguments]
    sys.path.insert(0, str(path.parent))
    try:
        exec(code, {"__name__": "__main__", "__file__": str(path), "__builtins__": __builtins__})
    finally:
        sys.argv, sys.path[:] = argv, search
