"""What `pytest --pyargs autograd_conformance` collects: a test per subject, entry, dtype and check.

A sample's checks share what is observed of it, so the tests of one subject, entry and dtype (a
chunk) are run together, when the first of them is. They are neighbours, which pytest-xdist hands to
one worker but where its batches end.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograd_conformance.cases import ANY_DTYPE, FAILING, Result, Status
from autograd_conformance.chunks import Chunk
from autograd_conformance.commands.arguments import chosen_subjects, hint
from autograd_conformance.execution import TORCH, Bench, Settings
from autograd_conformance.families import family_of
from autograd_conformance.plan import Selection, make_plan


def _words(config: pytest.Config, name: str) -> list[str]:
    text: str = config.getoption(f"conformance_{name}", "")
    return [word.strip() for word in text.split(",") if word.strip()]


def _settings(config: pytest.Config) -> tuple[Settings, ...]:
    """One settings record per subject, so that each subject's tests stand alone."""
    known = config.getoption("conformance_known_differences", "")
    subjects = chosen_subjects(_words(config, "backend"), _words(config, "subject"))
    if not subjects:
        raise pytest.UsageError("no backend is installed and none was named (--backend, --subject)")
    seed: int = config.getoption("conformance_seed", 0)
    oracle: str = config.getoption("conformance_oracle", TORCH)
    file = Path(known) if known else None
    return tuple(Settings((spec,), seed, file, oracle=oracle) for spec in subjects)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test per check of each chunk of the plan, with ids such as `numpy-softmax-float64-graph`.

    They are marked with their family and check: ``-m "family_linalg and check_gradients"``.
    """
    config = metafunc.config
    if not hasattr(config.option, "conformance_tier"):
        raise pytest.UsageError("run the kit as `pytest --pyargs autograd_conformance`")
    selection = Selection(
        config.getoption("conformance_tier"),
        tuple(_words(config, "ops")),
        tuple(_words(config, "dtype")),
        tuple(_words(config, "check")),
        config.getoption("conformance_samples"),
        tuple(_words(config, "family")),
    )
    try:
        chunks = make_plan(selection, config.getoption("conformance_oracle"))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    except ModuleNotFoundError as error:
        raise pytest.UsageError(f"{error}{hint(error)}") from error
    rows = [
        _row(config, settings, chunk, check)
        for settings in _settings(config)
        for chunk in chunks
        for check in chunk.checks
    ]
    if not rows:
        raise pytest.UsageError("no case is selected")
    metafunc.parametrize(("settings", "chunk", "check"), rows)


def _row(config: pytest.Config, settings: Settings, chunk: Chunk, check: str) -> Any:
    label = settings.subjects[0].label
    dtype = () if chunk.dtype == ANY_DTYPE else (chunk.dtype,)
    place = "-".join((label, chunk.entry, *dtype))
    marks = [
        _mark(config, f"family_{family_of(chunk.entry)}"),
        _mark(config, f"check_{check}"),
    ]
    named = place if check == "scenario" else f"{place}-{check}"
    return pytest.param(settings, chunk, check, marks=marks, id=named)


def _mark(config: pytest.Config, text: str) -> pytest.MarkDecorator:
    """A mark of a name that -m can spell; --strict-markers knows it."""
    name = re.sub(r"\W", "_", text)
    config.addinivalue_line("markers", f"{name}: given by autograd_conformance")
    mark: pytest.MarkDecorator = getattr(pytest.mark, name)
    return mark


@functools.cache
def _bench(settings: Settings) -> Bench:
    return Bench(settings)


@functools.lru_cache(maxsize=1)
def _results(settings: Settings, chunk: Chunk, checks: tuple[str, ...]) -> list[Result]:
    """Every case of the chunk's tests that are run."""
    chunk = replace(chunk, checks=checks)
    return list(_bench(settings).run(chunk, lambda token, subject: None))


def _selected(session: pytest.Session, settings: Settings, chunk: Chunk) -> tuple[str, ...]:
    """The chunk's checks that were not deselected."""
    wanted: dict[tuple[Settings, Chunk], set[str]] | None = session.config.stash.get(_WANTED, None)
    if wanted is None:
        wanted = session.config.stash[_WANTED] = {}
        for item in session.items:
            if isinstance(item, pytest.Function) and item.originalname == test_case.__name__:
                given: dict[str, Any] = dict(item.callspec.params)
                key = given["settings"], given["chunk"]
                wanted.setdefault(key, set()).add(given["check"])
    asked = wanted.get((settings, chunk), set(chunk.checks))
    return tuple(check for check in chunk.checks if check in asked)


_WANTED = pytest.StashKey[dict[tuple[Settings, Chunk], set[str]]]()


def test_case(
    settings: Settings,
    chunk: Chunk,
    check: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    """Every sample of an entry at a dtype in one check; the failing ones are listed by token."""
    checks = _selected(request.session, settings, chunk)
    results = [r for r in _results(settings, chunk, checks) if r.token.check == check]
    counts = Counter(result.status for result in results)
    for status, count in counts.items():
        record_property(str(status), count)
    failed = [result for result in results if result.status in FAILING]
    if failed:
        lines = [f"{r.token}: {r.outcome.message}\n    {r.outcome.detail}" for r in failed[:20]]
        more = f"\n... and {len(failed) - 20} more" if len(failed) > 20 else ""
        pytest.fail("\n".join(lines) + more, pytrace=False)
    if not results:
        # A spelling may apply to no sample, and the database may know no error input after all.
        pytest.skip("no sample of this entry can be asked so")
    if counts[Status.MISSING]:
        missing = next(r for r in results if r.status is Status.MISSING)
        pytest.skip(f"missing: {missing.outcome.message}")
    if counts[Status.NOT_RUN]:
        absent = next(r for r in results if r.status is Status.NOT_RUN)
        pytest.skip(f"{counts[Status.NOT_RUN]} of {len(results)} not run: {absent.outcome.message}")
    if not counts[Status.PASS] + counts[Status.KNOWN_DIFFERENCE]:
        pytest.skip(f"nothing could be told: {dict(counts)}")
