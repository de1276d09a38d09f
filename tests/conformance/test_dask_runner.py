"""A run on a Dask cluster: no case is lost, and none counted twice, whatever dies or hangs."""

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
from autograd_conformance.chunks import Chunk
from autograd_conformance.command_line import main
from autograd_conformance.execution import Bench, Settings
from autograd_conformance.plan import Selection, make_plan
from autograd_conformance.subjects import SubjectSpec

pytestmark = pytest.mark.filterwarnings("ignore")  # a dying worker's last words
SELECTION = Selection(
    ops=("exp", "sin", "mul", "softmax", "cumsum", "sort"),
    dtypes=("float64", "float32"),
    checks=("values", "gradients"),
    samples=2,
)
#: Torch's answers come from a file, so that no process has to import torch.
NUMPY = Settings((SubjectSpec("autograd_core", "numpy"),), oracle="goldens")
#: The engine, but for three ops: they end their process or another, or take their time.
TROUBLED = """
import os, sys, time
import autograd_core
sys.modules[__name__].__dict__.update(
    {n: getattr(autograd_core, n) for n in dir(autograd_core) if not n.startswith("__")}
)
exp = lambda x: os.abort()
mul = lambda x, y: time.sleep(3600)
tan = lambda x: (os.kill(os.getppid(), 9), time.sleep(3600))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a troubled subject, which this process and the cluster's workers import."""
    made = tmp_path_factory.mktemp("dask")
    (made / "troubled.py").write_text(TROUBLED)
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))
    sys.modules.pop("troubled", None)


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Iterator[Any]:
    """Two worker processes of one thread each, which find this checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        with (
            distributed_settings({"distributed.scheduler.allowed-failures": 1}),
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                dashboard_address=None,
                local_directory=str(folder / "scratch"),
            ) as made,
        ):
            yield made


def distributed_settings(values: dict[str, Any]) -> Any:
    import dask

    return dask.config.set(values)


def cases_of(events: Any) -> Counter[tuple[str, str, str]]:
    results = [event for event in events if isinstance(event, Result)]
    return Counter((str(r.token), r.subject, str(r.status)) for r in results)


def test_no_case_is_lost_when_a_worker_dies(cluster: Any) -> None:
    chunks = make_plan(SELECTION, NUMPY.oracle)
    bench = Bench(NUMPY)
    expected = cases_of(r for c in chunks for r in bench.run(c, lambda token, subject: None))
    victim = next(iter(cluster.workers.values())).process.pid
    events: list[Any] = []
    finished: list[Chunk] = []
    for event in dask_runner.run(chunks, NUMPY, cluster.scheduler_address):
        events.append(event)
        if isinstance(event, runner.Finished):
            finished.append(event.chunk)
            if len(finished) == 3:
                os.kill(victim, signal.SIGKILL)
    assert cases_of(events) == expected
    assert set(expected.values()) == {1}
    assert Counter(finished) == Counter(chunks)


def run(
    cluster: Any, *options: str, oracle: str = "goldens"
) -> tuple[int, dict[str, Counter[str]]]:
    """The exit code of a run on the cluster, and by status the tokens it ends with."""
    where = ("--scheduler", cluster.scheduler_address, "--oracle", oracle, "--json", "report.json")
    code = main(["run", *where, "--check", "values", "--dtype", "float64", *options])
    report = json.loads(Path("report.json").read_text())
    found: dict[str, Counter[str]] = {}
    for row in report["notable"]:
        found.setdefault(row["status"], Counter())[row["token"]] += 1
    (subject,) = report["subjects"].values()
    found["passed"] = Counter(cases=subject["counts"].get("pass", 0))
    return code, found


def test_the_command_line_runs_on_a_cluster(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = ("--backend", "numpy", "--ops", "exp,mul,tan", "--samples", "2")
    code, found = run(cluster, *chosen, oracle="torch")
    assert (code, found) == (0, {"passed": Counter(cases=5)})


def test_what_crashes_and_hangs_is_told_case_by_case(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--subject", "troubled", "--ops", "exp,mul,sub", "--samples", "2")
    code, found = run(cluster, *options, "--timeout", "6")
    assert code == 1
    assert found == {
        "crash": Counter({"exp|float64|0|values": 1, "exp|float64|1|values": 1}),
        "timeout": Counter({"mul|float64|0|values": 1, "mul|float64|1|values": 1}),
        "passed": Counter(cases=2),  # of sub
    }


def test_a_chunk_that_kills_its_workers_is_a_crash(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, found = run(cluster, "--subject", "troubled", "--ops", "tan,sub", "--samples", "2")
    assert code == 1
    assert found == {"crash": Counter({"tan|float64|0|values": 1}), "passed": Counter(cases=2)}
    assert "2 workers died while they ran this chunk" in Path("report.json").read_text()


def test_a_fresh_run_imports_the_subject_anew(
    cluster: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--subject", "mended", "--ops", "exp", "--samples", "1")
    (folder / "mended.py").write_text(TROUBLED)
    assert run(cluster, *options)[0] == 1
    (folder / "mended.py").write_text(TROUBLED.replace("os.abort()", "autograd_core.exp(x)"))
    assert run(cluster, *options)[0] == 0


def test_a_run_on_a_cluster_stops_when_it_is_told(cluster: Any) -> None:
    chunks = make_plan(SELECTION, NUMPY.oracle)
    events = list(dask_runner.run(chunks, NUMPY, cluster.scheduler_address, lambda: True))
    assert events == []


def test_the_kits_own_trouble_ends_only_the_chunk(cluster: Any) -> None:
    wrong = Chunk("no_such_entry", "float64", ("values",))
    right = Chunk("exp", "float64", ("values",), 0, 1)
    events = dask_runner.run([wrong, right], NUMPY, cluster.scheduler_address)
    found = {e.token.entry: e for e in events if isinstance(e, Result)}
    assert found["no_such_entry"].status is Status.FAIL
    assert found["no_such_entry"].outcome.message.startswith("the kit failed: KeyError")
    assert found["exp"].status is Status.PASS


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere at all"])
def test_a_cluster_that_is_not_there(
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dask_runner, "PATIENCE", 1)
    code = main(["run", "--backend", "numpy", "--ops", "exp", "--scheduler", address])
    assert code == 2
    assert f"no scheduler of Dask answers at '{address}'" in capsys.readouterr().err


def test_a_cluster_without_workers(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dask_runner, "FIRST_WORKER", 0.1)
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty:
        where = ("--scheduler", empty.scheduler_address)
        assert main(["run", "--backend", "numpy", "--ops", "exp", *where]) == 2
    assert "has no worker" in capsys.readouterr().err
