"""Arguments that several commands share, and what they mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_conformance.subjects import SubjectSpec, backends_by_default

CORE = "autograd_core"
#: The extra that brings what a command imports of others, some of it only when it is asked for.
_EXTRAS = {
    **dict.fromkeys(("torch", "numpy", "expecttest", "jinja2"), "torch"),
    **dict.fromkeys(("hypothesis", "platformdirs"), "fuzz"),
    "greenlet": "lockstep",
    "distributed": "dask",
}


def words(text: str) -> list[str]:
    """The parts of a list written with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def add_subjects(command: argparse.ArgumentParser) -> None:
    """Which implementations are tested, and what is known of them."""
    command.add_argument("--backend", type=words, action="extend", default=[], metavar="NAMES")
    command.add_argument(
        "--subject",
        type=words,
        action="extend",
        default=[],
        metavar="MODULES",
        help="importable modules with torch's API to test as they stand",
    )
    command.add_argument("--known-differences", type=Path, metavar="FILE")


def add_oracle(command: argparse.ArgumentParser) -> None:
    """Who says what is right."""
    command.add_argument(
        "--oracle",
        default="torch",
        metavar="torch|goldens[:FILE]",
        help="torch itself, or its answers in a file (default: torch)",
    )


def add_case(command: argparse.ArgumentParser) -> None:
    """Which one case is meant, of which subjects, and who says what is right."""
    command.add_argument("token", help="entry|dtype|sample|check")
    add_oracle(command)
    add_seed(command)
    add_subjects(command)


def add_ops(command: argparse.ArgumentParser) -> None:
    """Which entries and scenarios are meant."""
    command.add_argument("--ops", type=words, action="extend", default=[], metavar="GLOBS")


def add_seed(command: argparse.ArgumentParser) -> None:
    """What samples and cotangents are drawn from."""
    command.add_argument("--seed", type=int, default=0)


def chosen_subjects(backends: list[str], modules: list[str]) -> tuple[SubjectSpec, ...]:
    """The subjects named, or every installed backend that is not one of many when none is."""
    if not backends and not modules:
        backends = backends_by_default()
    return (
        *(SubjectSpec(CORE, backend) for backend in backends),
        *(SubjectSpec(module) for module in modules),
    )


def hint(error: ModuleNotFoundError) -> str:
    """What to install for a module that is not there, or nothing if the kit does not ask for it."""
    extra = _EXTRAS.get(error.name or "")
    if extra is None:
        return ""
    text = f"; it is needed here: pip install 'autograd-conformance[{extra}]'"
    if error.name == "torch":
        text += ", or take torch's answers from a file: --oracle goldens"
    return text
