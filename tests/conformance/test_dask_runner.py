"""A run on a Dask cluster: no case is lost, and none counted twice, when a worker dies."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
distributed = pytest.importorskip("distributed")

from autograd_conformance import dask_runner, runner
from autograd_conformance.cases import Result, Status
from autograd_conformance.command_line import main
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.plan import Selection, make_plan
from autograd_conformance.subjects import SubjectSpec

pytestmark = pytest.mark.filterwarnings("ignore")  # a dying worker's last words
SELECTION = Selection(
    ops=("exp", "sin", "mul", "softmax", "cumsum", "sort", "where", "tanh"),
    dtypes=("float64", "float32"),
    checks=("values", "gradients"),
    samples=3,
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two worker processes of one thread each, which find this checkout."""
    folder = tmp_path_factory.mktemp("dask")
    (folder / "deadly.py").write_text(
        "import os, sys, torch\n"
        "sys.modules[__name__].__dict__.update(\n"
        "    {n: getattr(torch, n) for n in dir(torch) if not n.startswith('__')}\n"
        ")\n"
        "exp = lambda x: os._exit(3)\n"
    )
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *filter(None, sys.path)])
    try:
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(folder)
        ) as made:
            yield made
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def cases_of(events: Any) -> Counter[tuple[str, str, str]]:
    results = [event for event in events if isinstance(event, Result)]
    return Counter((str(r.token), r.subject, str(r.status)) for r in results)


def test_no_case_is_lost_when_a_worker_dies(cluster: Any) -> None:
    settings = Settings((SubjectSpec("autograd_core", "numpy"),))
    chunks = make_plan(SELECTION)
    bench = Bench(settings)
    expected = cases_of(r for c in chunks for r in bench.run(c, lambda token, subject: None))
    victim = next(iter(cluster.workers.values()))
    events = []
    for event in dask_runner.run(chunks, settings, cluster.scheduler_address):
        events.append(event)
        if len([e for e in events if isinstance(e, runner.Finished)]) == 3:
            process = victim.process
            if process is not None and process.pid is not None:
                os.kill(process.pid, signal.SIGKILL)
                victim = cluster.workers[1]  # of the first three alone
                events.append(None)
    found = cases_of(events)
    assert None in events
    assert found == expected
    assert set(found.values()) == {1}
    finished = [event.chunk for event in events if isinstance(event, runner.Finished)]
    assert Counter(finished) == Counter(chunks)


def test_a_chunk_that_kills_its_workers_is_a_crash(cluster: Any) -> None:
    chunks = make_plan(Selection(ops=("exp", "sin"), dtypes=("float64",), checks=("values",)))
    settings = Settings((SubjectSpec("deadly"),))
    events = list(dask_runner.run(chunks, settings, cluster.scheduler_address))
    results = [event for event in events if isinstance(event, Result)]
    crashed = [r for r in results if r.status is Status.CRASH]
    assert [str(r.token) for r in crashed] == ["exp|float64|0|values"]
    assert "workers died" in crashed[0].outcome.message
    assert {r.token.entry for r in results if r.status is Status.PASS} == {"sin"}


def test_the_command_runs_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--ops", "exp", "sin", "--dtype", "float64", "--check", "values"]
    where = ["--scheduler", cluster.scheduler_address, "--json", str(report)]
    assert main(["run", "--backend", "numpy", *options, *where]) == 0
    assert json.loads(report.read_text())["subjects"]["numpy"]["counts"]["pass"] == 6
