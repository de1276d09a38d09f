"""Files go both ways: what we write, torch loads safely, and what torch writes, we do."""

from __future__ import annotations

import io
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

DTYPES = (
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)
Make = Callable[[Any], Any]


def model(t: Any) -> Any:
    t.manual_seed(3)
    nn = t.nn
    return nn.Sequential(
        nn.Linear(3, 4), nn.LayerNorm(4), nn.GELU(), nn.Sequential(nn.Linear(4, 2, bias=False))
    )


def stepped(t: Any) -> Any:
    """States of optimizers after one step, whose numbers take no rounding."""
    p = t.nn.Parameter(t.tensor([1.0, 2.0]))
    sgd = t.optim.SGD([p], lr=0.5, momentum=0.5)
    p.grad = t.tensor([1.0, -2.0])
    sgd.step()
    adam = t.optim.AdamW([p], amsgrad=True)
    p.grad = t.zeros(2)
    adam.step()
    return {"sgd": sgd.state_dict(), "adam": adam.state_dict()}


def views(t: Any) -> Any:
    base = t.arange(24.0).reshape(4, 6)
    return [base, base[1:, 2:], base.t(), base.reshape(-1)[5:], base[0].expand(3, 6), base[::2]]


VALUES: dict[str, Make] = {
    "one tensor": lambda t: t.tensor([1.5, -2.0, float("nan"), float("inf"), -0.0]),
    "zero dims": lambda t: t.tensor(3),
    "nothing in it": lambda t: t.zeros(2, 0, 3),
    "requires grad": lambda t: t.tensor([1.0], requires_grad=True),
    "parameter": lambda t: t.nn.Parameter(t.ones(2, 2).t()),
    "frozen parameter": lambda t: t.nn.Parameter(t.ones(2), requires_grad=False),
    "views": views,
    "transposed": lambda t: t.arange(6).reshape(2, 3).t(),
    "nested": lambda t: {
        "a": [t.ones(2), (t.zeros(1), {"b": t.tensor(2, dtype=t.int16)})],
        3: {1, 2},
        "c": OrderedDict(x=1.5, y=None),
        "d": (True, "text", b"bytes", 2 + 3j, 10**20, t.Size([2, 3]), t.float16),
    },
    "device": lambda t: [t.device("cpu"), t.device("cuda:1")],
    "state dict": lambda t: model(t).state_dict(),
    "optimizer": stepped,
    **{
        name: lambda t, name=name: t.tensor([[0, 1], [1, 1]]).to(getattr(t, name))  # type: ignore[misc]
        for name in DTYPES
    },
}


def plain(t: Any, value: Any) -> Any:
    """A value with its tensors as dtype, numbers, geometry and flags."""
    if isinstance(value, t.Tensor):
        return (
            type(value).__name__,
            str(value.dtype),
            repr(value.detach().tolist()),
            tuple(value.shape),
            value.stride(),
            value.storage_offset(),
            value.requires_grad,
        )
    if isinstance(value, dict):
        pairs = [(plain(t, k), plain(t, v)) for k, v in value.items()]
        return type(value).__name__, pairs, getattr(value, "_metadata", None)
    if isinstance(value, (list, tuple, set)):
        return type(value).__name__, [plain(t, member) for member in value]
    return repr(value)


@pytest.mark.parametrize("name", VALUES)
def test_torch_loads_what_we_save(engine: Any, name: str) -> None:
    file = io.BytesIO()
    engine.save(VALUES[name](engine), file)
    file.seek(0)
    assert plain(torch, torch.load(file, weights_only=True)) == plain(torch, VALUES[name](torch))


@pytest.mark.parametrize("name", VALUES)
def test_we_load_what_torch_saves(engine: Any, name: str) -> None:
    file = io.BytesIO()
    torch.save(VALUES[name](torch), file)
    file.seek(0)
    assert plain(engine, engine.load(file)) == plain(engine, VALUES[name](engine))


@pytest.mark.parametrize("name", VALUES)
def test_the_pickles_are_byte_for_byte_torch_s(engine: Any, name: str) -> None:
    def pickled(t: Any) -> bytes:
        file = io.BytesIO()
        t.save(VALUES[name](t), file)
        with zipfile.ZipFile(file) as archive:
            return archive.read("archive/data.pkl")

    assert pickled(engine) == pickled(torch)


def test_shared_storages_stay_shared_on_the_way(engine: Any) -> None:
    for writer, reader in ((engine, torch), (torch, engine)):
        file = io.BytesIO()
        writer.save(views(writer), file)
        file.seek(0)
        made = reader.load(file)
        pointers = {t.data_ptr() - t.storage_offset() * t.element_size() for t in made}
        assert len(pointers) == 1
        made[0].zero_()
        assert made[2].sum() == 0


def test_a_path_names_the_archive(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    engine.save({"a": engine.ones(2)}, path)
    with zipfile.ZipFile(path) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"weights"}
    assert torch.load(path)["a"].tolist() == [1.0, 1.0]
    assert torch.load(str(path), mmap=True)["a"].tolist() == [1.0, 1.0]
    assert engine.load(str(path), mmap=True)["a"].tolist() == [1.0, 1.0]


def test_storages_begin_at_multiples_of_64_bytes(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    engine.save([engine.ones(k) for k in (1, 5, 3)], path)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if "/data/" in member.filename and ".data" not in member.filename:
                start = member.header_offset
                name, extra = (
                    int.from_bytes(data[start + k : start + k + 2], "little") for k in (26, 28)
                )
                assert (start + 30 + name + extra) % 64 == 0


def test_whole_modules_go_both_ways_if_trusted(engine: Any) -> None:
    x = [[1.0, -1.0, 0.5]]
    for writer, reader in ((engine, torch), (torch, engine)):
        net = model(writer).eval()
        file = io.BytesIO()
        writer.save(net, file)
        file.seek(0)
        made = reader.load(file, weights_only=False)
        assert repr(made) == repr(net)
        assert not made.training
        expected = net(writer.tensor(x)).tolist()
        assert made(reader.tensor(x)).tolist()[0] == pytest.approx(expected[0], rel=1e-5)


def test_state_dicts_train_on(engine: Any) -> None:
    file = io.BytesIO()
    torch.save(model(torch).state_dict(), file)
    file.seek(0)
    net = model(engine)
    engine.nn.init.zeros_(net[0].weight)
    assert str(net.load_state_dict(engine.load(file))) == "<All keys matched successfully>"
    assert net[0].weight.tolist() == model(torch)[0].weight.tolist()


@pytest.mark.parametrize("name", VALUES)
def test_the_old_format_goes_both_ways(engine: Any, name: str) -> None:
    for writer, reader in ((engine, torch), (torch, engine)):
        file = io.BytesIO()
        writer.save(VALUES[name](writer), file, _use_new_zipfile_serialization=False)
        file.seek(0)
        assert plain(reader, reader.load(file)) == plain(reader, VALUES[name](reader))
