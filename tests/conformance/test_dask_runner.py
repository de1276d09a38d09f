"""A run on a Dask cluster: no case is lost, and none counted twice, when a worker dies."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")
distributed = pytest.importorskip("distributed")

from autograd_conformance import dask_runner, runner
from autograd_conformance.cases import Result, Status
from autograd_conformance.chunks import Chunk
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
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
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


def test_a_chunk_that_kills_its_workers_is_a_crash() -> None:
    (chunk,) = make_plan(Selection(ops=("exp",), dtypes=("float64",), checks=("values",)))

    class Lost:
        def result(self) -> Any:
            raise distributed.KilledWorker("work", None, 3)

    settings = Settings((SubjectSpec("autograd_core", "numpy"),))
    (result,) = dask_runner._results_of(Lost(), chunk, settings)
    assert result.status is Status.CRASH
    assert str(result.token) == "exp|float64|0|values"
    assert result.outcome.message == "4 workers died while they ran this chunk"


def test_the_kits_own_trouble_ends_only_the_chunk() -> None:
    settings = Settings((SubjectSpec("autograd_core", "numpy"),))
    (result,) = dask_runner.work(Chunk("no_such_entry", "float64", ("values",)), settings)
    assert result.status is Status.FAIL
    assert result.outcome.message.startswith("the kit failed: KeyError")
