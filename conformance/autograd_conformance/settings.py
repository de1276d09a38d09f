"""What a run can be told, one row each, and where it is told it.

A setting is taken from the command line, else from its variable ``AUTOGRAD_CONFORMANCE_<NAME>``,
else from ``[tool.autograd_conformance]`` of the nearest pyproject.toml, else it is the default.
Lists are not added up: the nearest of these places that names one says it whole.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograd_conformance.cases import CHECKS, suggestion
from autograd_conformance.families import family_names
from autograd_conformance.scenarios import PREFIX, areas

ENVIRONMENT = "AUTOGRAD_CONFORMANCE_"
TABLE = "autograd_conformance"
DEFAULT = "default"
#: Every dtype that torch's database has samples of.
DTYPES = (
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "complex128",
    "complex64",
    "complex32",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
)
TIERS = ("smoke", "core", "full")


def words(text: str) -> tuple[str, ...]:
    """The parts of a list written with commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _families() -> tuple[str, ...]:
    return (*family_names(), *(PREFIX + area for area in areas()))


@dataclass(frozen=True)
class Setting:
    """One row: `read` turns text into the value; `names` are the words that may be said."""

    name: str
    flag: str
    read: Callable[[str], Any]
    default: Any
    help: str
    metavar: str | None = None
    names: Callable[[], tuple[str, ...]] | None = None

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return ENVIRONMENT + self.name.upper()

    @property
    def is_list(self) -> bool:
        return self.read is words

    @property
    def is_switch(self) -> bool:
        return self.read is _switch

    def parsed(self, text: str, origin: str) -> Any:
        """The value that `text` spells; ValueError names the origin."""
        try:
            value = self.read(text)
        except ValueError as error:
            raise ValueError(f"{origin}: {error}") from error
        return self.checked(value, origin)

    def from_toml(self, value: Any, origin: str) -> Any:
        """The value that a TOML value says; a list may be an array or a text with commas."""
        if self.is_list and isinstance(value, list) and all(isinstance(v, str) for v in value):
            return self.checked(tuple(value), origin)
        if self.is_switch and isinstance(value, bool):
            return value
        if isinstance(value, bool | list | dict):
            raise ValueError(f"{origin}: not a value for this: {value!r}")
        return self.parsed(str(value), origin)

    def checked(self, value: Any, origin: str) -> Any:
        """`value`, if every word of it is known."""
        if self.names is not None and value is not None:
            known = self.names()
            for word in value if self.is_list else (value,):
                if word not in known:
                    near = suggestion(word, known)
                    raise ValueError(
                        f"{origin}: unknown {self.name} {word!r}"
                        f"{near or '; there are ' + ', '.join(known)}"
                    )
        return value


def _switch(text: str) -> bool:
    lower = text.strip().lower()
    if lower in ("1", "true", "yes", "on"):
        return True
    if lower in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(f"neither true nor false: {text!r}")


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"not a whole number: {text!r}") from None


def _count(text: str) -> int:
    number = _whole(text)
    if number < 0:
        raise ValueError(f"less than nothing: {text!r}")
    return number


def _jobs(text: str) -> int:
    """Worker processes; ``auto`` is one per core."""
    if text == "auto":
        return os.cpu_count() or 1
    number = _whole(text)
    if number < 1:
        raise ValueError(f"there must be a worker at least, not {text!r}")
    return number


def _oracle(text: str) -> str:
    """Torch itself, or its answers in a file: the package's, or the one named."""
    name, colon, file = text.partition(":")
    if name not in ("torch", "goldens") or (colon and (name == "torch" or not file)):
        raise ValueError(f"no oracle {text!r}; there are torch, goldens and goldens:FILE")
    return text


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"not a number of seconds: {text!r}") from None
    if not number > 0:
        raise ValueError(f"no time at all: {text!r}")
    return number


def _constant(*names: str) -> Callable[[], tuple[str, ...]]:
    return lambda: names


#: Every setting of a run.
SETTINGS = (
    Setting("backends", "--backend", words, (), "backends to test (default: all)", "NAMES"),
    Setting("subjects", "--subject", words, (), "modules with torch's API to test", "MODULES"),
    Setting("ops", "--ops", words, (), "globs over entries and scenarios; ! excludes", "GLOBS"),
    Setting("families", "--family", words, (), "families of entries", "NAMES", _families),
    Setting("dtypes", "--dtype", words, (), "dtypes", "NAMES", _constant(*DTYPES)),
    Setting("checks", "--check", words, (), "checks", "NAMES", _constant(*CHECKS)),
    Setting("tier", "--tier", str, "smoke", "smoke, core or full", "TIER", _constant(*TIERS)),
    Setting("samples", "--samples", _count, None, "at most so many samples of an entry", "N"),
    Setting("seed", "--seed", _whole, 0, "what samples and cotangents are drawn from", "N"),
    Setting("oracle", "--oracle", _oracle, "torch", "torch, or goldens[:FILE]", "NAME"),
    Setting("jobs", "--jobs", _jobs, os.cpu_count() or 1, "worker processes, or auto", "N"),
    Setting("scheduler", "--scheduler", str, None, "run on a Dask cluster, tcp://...", "ADDRESS"),
    Setting("timeout", "--timeout", _seconds, 60.0, "seconds allowed to one case", "S"),
    Setting(
        "known_differences",
        "--known-differences",
        Path,
        None,
        "the file of differences that are meant (default: the backend's)",
        "FILE",
    ),
    Setting(
        "json",
        "--json",
        Path,
        Path("autograd-conformance-report.json"),
        "where the report goes",
        "FILE",
    ),
    Setting("html", "--html", Path, None, "where a page of the report goes", "FILE"),
    Setting("junit", "--junit", Path, None, "where JUnit's XML goes", "FILE"),
    Setting("badge", "--badge", Path, None, "where a badge (SVG) goes", "FILE"),
    Setting("causes", "--causes", _count, 20, "failure causes to spell out", "N"),
    Setting("slowest", "--slowest", _count, 0, "list that many slow entries", "N"),
    Setting("list_missing", "--list-missing", _switch, False, "list every missing entry"),
    Setting("fail_missing", "--fail-missing", _switch, False, "a missing op fails the run"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def add_arguments(command: argparse.ArgumentParser, names: Iterable[str] | None = None) -> None:
    """The options of these settings (by default, of all); one not given leaves no attribute."""
    for name in names if names is not None else _BY_NAME:
        setting = _BY_NAME[name]
        if setting.is_switch:
            command.add_argument(
                setting.flag,
                dest=name,
                action=argparse.BooleanOptionalAction,
                default=argparse.SUPPRESS,
                help=setting.help,
            )
        else:
            command.add_argument(
                setting.flag,
                dest=name,
                action="append" if setting.is_list else "store",
                nargs="+" if setting.is_list else None,
                default=argparse.SUPPRESS,
                metavar=setting.metavar,
                help=setting.help,
            )


@dataclass(frozen=True)
class Origin:
    """A value and who said it: an option, a variable, a file, or nobody."""

    value: Any
    origin: str


class Resolved(dict[str, Origin]):
    """The settings in effect, by name; `resolved.value("tier")` is one's value."""

    def value(self, name: str) -> Any:
        return self[name].value

    def as_json(self) -> dict[str, Any]:
        """Values as JSON has them, with their origins."""
        return {
            name: {"value": _plain(found.value), "origin": found.origin}
            for name, found in self.items()
        }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def resolve(
    given: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
    recorded: tuple[Mapping[str, Any], str] | None = None,
) -> Resolved:
    """The settings in effect.

    `given` is what `add_arguments` left; `recorded` are values of a report's, with its name, which
    come before all but the command line. ValueError names whoever said something unknown.
    """
    variables = os.environ if environment is None else environment
    file, table = _pyproject(directory or Path.cwd())
    for variable in variables:
        name = variable.removeprefix(ENVIRONMENT).lower()
        near = suggestion(name, _BY_NAME)
        if variable.startswith(ENVIRONMENT) and name not in _BY_NAME and near:
            raise ValueError(f"{variable}: there is no such setting{near}")
    for name in table:
        if name.replace("-", "_") not in _BY_NAME:
            raise ValueError(f"{file}: unknown setting {name!r}{suggestion(name, _BY_NAME)}")
    said = {name.replace("-", "_"): value for name, value in table.items()}
    found = Resolved()
    for setting in SETTINGS:
        name = setting.name
        if name in given:
            found[name] = Origin(_from_options(setting, given[name]), setting.flag)
        elif recorded is not None and name in recorded[0]:
            value = setting.from_toml(recorded[0][name], recorded[1])
            found[name] = Origin(value, recorded[1])
        elif setting.variable in variables:
            value = setting.parsed(variables[setting.variable], setting.variable)
            found[name] = Origin(value, setting.variable)
        elif name in said:
            value = setting.from_toml(said[name], f"{file}: {name}")
            found[name] = Origin(_beside(value, file), str(file))
        else:
            found[name] = Origin(setting.default, DEFAULT)
    return found


def _from_options(setting: Setting, value: Any) -> Any:
    if setting.is_switch:
        return value
    if setting.is_list:
        flat = tuple(word for group in value for text in group for word in words(text))
        return setting.checked(flat, setting.flag)
    return setting.parsed(value, setting.flag)


def _beside(value: Any, file: Path | None) -> Any:
    """A path of a file is meant from where the file is."""
    return file.parent / value if isinstance(value, Path) and file is not None else value


def _pyproject(directory: Path) -> tuple[Path | None, dict[str, Any]]:
    """The nearest pyproject.toml at or above `directory`, and the kit's table in it."""
    for folder in (directory, *directory.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                table = tomllib.loads(file.read_text(encoding="utf-8"))
            except ValueError as error:
                raise ValueError(f"{file}: {error}") from error
            for name, shown in (("tool", "tool"), (TABLE, f"tool.{TABLE}")):
                table = table.get(name, {})
                if not isinstance(table, dict):
                    raise ValueError(f"{file}: [{shown}] is not a table")
            return file, table
    return None, {}
