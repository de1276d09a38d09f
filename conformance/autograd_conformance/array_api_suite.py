"""The public test suite of the Array API standard, data-apis/array-api-tests, on a namespace.

The suite is no package: it is run in a checkout of its repository, by a pytest of its own, with the
namespace named in the environment. What a namespace does otherwise on purpose, or what the suite
gets wrong, are rows of ``known_differences.toml`` in the namespace's package: ``[[difference]]``
with `test` (a pytest id, or how one begins) and a `reason`; ``skip = true`` for a test that is not
to be run at all, since its verdict changes from run to run. A row whose test passes fails.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from autograd_conformance import toml_rows

FILE_NAME = "known_differences.toml"
PACKAGE = "array_api_tests"
_SPEC = Path("array-api") / "src"
_KEYS = {"test", "reason", "skip"}


@dataclass(frozen=True)
class Difference:
    """One test of the suite that a namespace is not to pass."""

    test: str
    reason: str
    skip: bool = False


@dataclass
class Verdict:
    """What came out: how many tests passed, differ as known or were skipped, and which failed."""

    passed: int
    known: int
    skipped: int
    failed: dict[str, str]

    @property
    def ran(self) -> int:
        return self.passed + self.known + len(self.failed)


def require_checkout(path: Path) -> None:
    """Raises ValueError, which says what is missing, unless the suite can be run there."""
    if not (path / PACKAGE).is_dir() or not (path / "conftest.py").is_file():
        raise ValueError(
            f"{path} is no checkout of array-api-tests: it has no {PACKAGE}/ and conftest.py; "
            "git clone --recurse-submodules https://github.com/data-apis/array-api-tests"
        )
    if not (path / _SPEC).is_dir():
        raise ValueError(f"{path} lacks its submodule {_SPEC.parent}: git submodule update --init")


def differences(module: str) -> list[Difference]:
    """The known differences of a namespace; none if its package has no such file."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise ValueError(f"there is no module {module!r} to test")
    path = Path(spec.origin).parent / FILE_NAME
    return parse(path.read_text(encoding="utf-8"), str(path)) if path.is_file() else []


def parse(text: str, origin: str) -> list[Difference]:
    """The rows of a file's text; ValueError names the file and the row that is wrong."""
    found = []
    for where, row in toml_rows.rows(text, origin, "difference", _KEYS):
        if not str(row.get("test", "")).strip() or not str(row.get("reason", "")).strip():
            raise ValueError(f"{where}: `test` and a `reason` are required")
        found.append(Difference(row["test"], row["reason"], bool(row.get("skip"))))
    return found


def run(
    path: Path, module: str, version: str, examples: int | None, arguments: list[str]
) -> Verdict:
    """Runs the suite of a checkout on a namespace; further arguments are pytest's."""
    require_checkout(path)
    known = differences(module)
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        options = ["--rootdir=.", "-o", "xfail_strict=true", f"--junitxml={results}"]
        for option, skip in (("--skips-file", True), ("--xfails-file", False)):
            listed = Path(folder) / option.strip("-")
            ids = [row.test for row in known if row.skip is skip]
            listed.write_text("".join(f"{test}\n" for test in ids), encoding="utf-8")
            options.append(f"{option}={listed}")
        if examples is not None:
            options.append(f"--max-examples={examples}")
        if not any(argument.startswith(PACKAGE) for argument in arguments):
            options.append(PACKAGE)
        named = {"ARRAY_API_TESTS_MODULE": module, "ARRAY_API_TESTS_VERSION": version}
        finished = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *arguments],
            cwd=path,
            env=os.environ | named,
            check=False,
        )
        if not results.is_file():
            raise ValueError(f"pytest ended with code {finished.returncode} and without results")
        return verdict(results.read_text(encoding="utf-8"))


def verdict(xml: str) -> Verdict:
    """What a file of results in JUnit's format says."""
    outcome = Verdict(0, 0, 0, {})
    for case in ElementTree.fromstring(xml).iter("testcase"):
        # A folder, a file: that is how pytest's names of modules are read.
        name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        wrong = next((part for part in case if part.tag in ("failure", "error")), None)
        skipped = case.find("skipped")
        if wrong is not None:
            outcome.failed[name] = (wrong.get("message") or "").partition("\n")[0]
        elif skipped is None:
            outcome.passed += 1
        elif skipped.get("type") == "pytest.xfail":
            outcome.known += 1
        else:
            outcome.skipped += 1
    return outcome
