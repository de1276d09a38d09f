"""What `pytest --pyargs autograd_conformance` collects: one test per subject, entry and dtype."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the kit compares with torch")

from autograd_conformance.cases import ANY_DTYPE, FAILING, Status
from autograd_conformance.commands.arguments import chosen_subjects
from autograd_conformance.execution import Bench, Chunk, Settings
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
    return tuple(Settings((spec,), seed, Path(known) if known else None) for spec in subjects)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test per subject and chunk of the plan, with ids such as `numpy-softmax-float64`."""
    config = metafunc.config
    if not hasattr(config.option, "conformance_tier"):
        raise pytest.UsageError("run the kit as `pytest --pyargs autograd_conformance`")
    selection = Selection(
        config.getoption("conformance_tier"),
        tuple(_words(config, "ops")),
        tuple(_words(config, "dtype")),
        tuple(_words(config, "check")),
        config.getoption("conformance_samples"),
    )
    rows = [(settings, chunk) for settings in _settings(config) for chunk in make_plan(selection)]
    ids = [f"{s.subjects[0].label}-{c.entry}-{c.dtype}" for s, c in rows]
    metafunc.parametrize(("settings", "chunk"), rows, ids=ids)


@functools.cache
def _bench(settings: Settings) -> Bench:
    return Bench(settings)


def test_entry(settings: Settings, chunk: Chunk) -> None:
    """Every case of the chunk; the failing ones are listed with their tokens."""
    results = list(_bench(settings).run(chunk, lambda token, subject: None))
    counts = Counter(result.status for result in results)
    failed = [result for result in results if result.status in FAILING]
    if failed:
        lines = [f"{r.token}: {r.outcome.message}\n    {r.outcome.detail}" for r in failed[:20]]
        more = f"\n... and {len(failed) - 20} more" if len(failed) > 20 else ""
        pytest.fail("\n".join(lines) + more, pytrace=False)
    if not results and chunk.dtype == ANY_DTYPE:
        pytest.skip("OpInfo has no error input for this entry")
    if not results:
        pytest.fail("no case was run", pytrace=False)
    if counts[Status.MISSING]:
        missing = next(r for r in results if r.status is Status.MISSING)
        pytest.skip(f"missing: {missing.outcome.message}")
    if not counts[Status.PASS] + counts[Status.KNOWN_DIFFERENCE]:
        pytest.skip(f"nothing could be told: {dict(counts)}")
