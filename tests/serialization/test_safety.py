"""Nothing in a file runs code when it is loaded safely, however the file was made or damaged."""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import random
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

RUN: list[str] = []


def canary(*arguments: Any) -> str:
    """What an attack calls: leaves a trace."""
    RUN.append(repr(arguments))
    return "called"


class Attack:
    """An object whose pickle calls a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


class Stateful:
    """A class whose state is set by code."""

    def __setstate__(self, state: Any) -> None:
        RUN.append("state")


@pytest.fixture(autouse=True)
def _no_trace() -> Any:
    RUN.clear()
    yield
    assert not RUN


def archive_of(engine: Any, pickled: bytes, file: io.BytesIO | None = None) -> io.BytesIO:
    """A file of our format with another pickle in it."""
    if file is None:
        file = io.BytesIO()
        engine.save([engine.ones(2)], file)
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, pickled if name.endswith("data.pkl") else old.read(name))
    made.seek(0)
    return made


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The warning of protocols other than 2 is not asked about here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Detected pickle protocol")
        yield


ATTACKS = {
    "function": lambda: Attack(canary, 1),
    "builtin": lambda: Attack(eval, "__import__('sys').exit(3)"),
    "system": lambda: Attack(os.system, "exit 3"),
    "process": lambda: Attack(subprocess.Popen, ["false"]),
    "attribute": lambda: Attack(getattr, "".join, "__class__"),
    "state": Stateful,
    "nested": lambda: {"a": [(Attack(canary),)]},
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_attacks_are_refused(engine: Any, name: str, protocol: int) -> None:
    pickled = pickle.dumps(ATTACKS[name](), protocol=protocol)
    with (
        pytest.raises(pickle.UnpicklingError, match="Weights only load failed"),
        quiet(),
    ):
        engine.load(archive_of(engine, pickled))


@pytest.mark.parametrize(
    "code",
    [
        b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
        b"\x80\x02c__builtin__\neval\nX\x01\x00\x00\x001\x85R.",
        b"\x80\x02cautograd_core.torch_names\ntypename\nK\x01\x85R.",
        b"\x80\x02ctorch.nn.modules.linear\nLinear\n)R.",
        b"\x80\x02ccollections\nOrderedDict\n)R}X\x08\x00\x00\x00__class__K\x01sb.",
        b"\x80\x02ctorch\nTensor\n)\x81}X\x06\x00\x00\x00_array]sb.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n}b.",
        b"\x80\x02(cos\nsystem\nX\x04\x00\x00\x00trueo.",
        b"\x80\x02(X\x04\x00\x00\x00trueios\nsystem\n.",
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x02K\x01.",
        b"\x80\x02.",
        b"\x80\x02(.",
        b"\x80\x02t.",
        b"\x80\x02h\x07.",
    ],
)
def test_written_by_hand(engine: Any, code: bytes) -> None:
    """Each is refused or gives plain data; an error in the machine's stack is an error, too."""
    try:
        made = engine.load(archive_of(engine, code))
    except (pickle.UnpicklingError, AttributeError, IndexError, KeyError, TypeError):
        return
    assert made == 1 or type(made).__name__ == "OrderedDict"


def test_attributes_of_a_file_do_not_reach_the_engine(engine: Any) -> None:
    tensor = engine.ones(2)
    for name in ("_version_counter", "_grad_fn", "backward", "_backend"):
        file = io.BytesIO()
        tensor.note = 1
        engine.save(tensor, file)
        with zipfile.ZipFile(file) as archive:
            pickled = archive.read("archive/data.pkl")
        noted = pickle.dumps({"note": 1}, protocol=2)[2:-1].split(b"X", 1)[1][:8]
        changed = pickled.replace(b"X" + noted, struct.pack("<cI", b"X", len(name)) + name.encode())
        assert changed != pickled
        with pytest.raises(RuntimeError, match="every tensor has"):
            engine.load(archive_of(engine, changed))


def test_damaged_pickles_raise_or_give_data(engine: Any) -> None:
    """Bytes changed at random: whatever is raised is an Exception, and no canary is called."""
    file = io.BytesIO()
    value = {
        "a": engine.arange(4.0),
        "b": [1, (2.5, "x")],
        "p": engine.nn.Parameter(engine.ones(2)),
    }
    engine.save(value, file)
    with zipfile.ZipFile(file) as archive:
        pickled = archive.read("archive/data.pkl")
    draw = random.Random(7)
    outcomes = set()
    for _ in range(400):
        damaged = bytearray(pickled)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        with quiet():
            try:
                engine.load(archive_of(engine, bytes(damaged), file))
                outcomes.add("loaded")
            except Exception as error:  # noqa: BLE001 - any, but no crash
                outcomes.add(type(error).__name__)
    assert {"loaded", "UnpicklingError"} <= outcomes


def test_a_file_loads_in_a_process_that_has_no_array_library(tmp_path: Any) -> None:
    """Plain pickles and files need no NumPy: only the backend that made a tensor may."""
    pytest.importorskip("autograd_python")
    import autograd_core as torch

    with torch.use_backend("python"):
        torch.save({"a": torch.arange(3.0)}, tmp_path / "x.pt")
        (tmp_path / "x.pkl").write_bytes(pickle.dumps(torch.arange(3.0)))
    program = (
        "import sys, pickle; sys.modules['numpy'] = None\n"
        "import autograd_core as torch\n"
        "torch.set_default_backend('python')\n"
        f"print(torch.load({str(tmp_path / 'x.pt')!r})['a'].tolist())\n"
        f"print(pickle.load(open({str(tmp_path / 'x.pkl')!r}, 'rb')).tolist())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["[0.0, 1.0, 2.0]"] * 2, done.stderr


def test_a_pickle_of_a_missing_backend_loads_on_the_current_one() -> None:
    import autograd_core as torch
    from autograd_core.serialization.storage import storage_from_bytes

    storage = storage_from_bytes(b"\x00\x00\x80?", torch.float32, "nowhere")
    assert storage.backend is torch.ones(1)._backend
