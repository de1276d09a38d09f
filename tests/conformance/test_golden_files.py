"""Files of goldens hold what was put in; damaged or foreign ones are refused. Without torch."""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd_conformance.arrays import Array, ulps
from autograd_conformance.cases import OracleError, Unsupported
from autograd_conformance.goldens import archive, opened
from autograd_conformance.goldens.archive import Archive, BrokenGoldens
from autograd_conformance.goldens.encoding import (
    SMALLEST,
    Decoder,
    Encoder,
    Store,
    get_array,
    in_units,
    out_of_units,
    pack_levels,
    pack_signed,
    unpack_levels,
    unpack_signed,
)
from autograd_conformance.goldens.reading import GoldenAnswers, GoldenOracle
from autograd_conformance.oracles import NotHeld
from autograd_conformance.scenarios.recording import Observation, Raised, TensorFacts
from autograd_conformance.transfer import (
    FrozenName,
    FrozenObject,
    FrozenSize,
    FrozenStorage,
    FrozenTensor,
)

NAN, INF = float("nan"), math.inf
HALF = [1.5, -0.0, 65504.0, 2.0**-24, NAN, -INF]
NUMBERS: dict[str, list[Any]] = {
    "bool": [True, False],
    "uint8": [0, 255],
    "int8": [-128, 127],
    "uint16": [0, 2**16 - 1],
    "int16": [-(2**15), 2**15 - 1],
    "uint32": [0, 2**32 - 1],
    "int32": [-(2**31), 2**31 - 1],
    "uint64": [0, 2**64 - 1],
    "int64": [-(2**63), 2**63 - 1],
    "float16": HALF,
    "bfloat16": [1.0078125, -0.0, 2.0**-133, 2.0**127, NAN, INF],
    "float32": [1 + 2.0**-23, -0.0, 2.0**-149, NAN, -INF],
    "float64": [0.1, -0.0, 5e-324, 1.7976931348623157e308, NAN, INF],
    "complex32": [complex(1.5, -0.0), complex(NAN, INF)],
    "complex64": [complex(1 + 2.0**-23, -0.0), complex(NAN, INF)],
    "complex128": [complex(0.1, -0.0), complex(-INF, NAN)],
}


@pytest.mark.parametrize("dtype", NUMBERS)
def test_numbers_come_back_bit_for_bit(dtype: str) -> None:
    numbers = NUMBERS[dtype]
    store = Store()
    store.put(b"what is before")
    reference = store.array(Array(dtype, (len(numbers),), numbers))
    found = get_array(bytes(store.data), json.loads(json.dumps(reference)))
    assert found is not None
    assert (found.dtype, found.shape) == (dtype, (len(numbers),))
    assert [repr(v) for v in found.values] == [repr(v) for v in numbers]
    assert [type(v) for v in found.values] == [type(v) for v in numbers]


def test_equal_numbers_are_kept_once() -> None:
    store = Store()
    first, again = (store.array(Array("float64", (2,), [1.0, 2.0])) for _ in range(2))
    assert first == again
    assert len(store.data) == 16


@pytest.mark.parametrize("amount", [1e-4, 0.3, 4.0, 4.0001, 5000.0])
def test_amounts_are_held_from_above(amount: float) -> None:
    packed = pack_levels([0.0, amount])
    assert packed is not None
    zero, held = unpack_levels(packed)
    assert zero == 0.0
    assert amount <= held <= amount * 2**0.125 * (1 + 1e-12)


@pytest.mark.parametrize("amount", [1e-9, 1e9, INF])
def test_amounts_out_of_range_are_told(amount: float) -> None:
    assert pack_levels([amount]) is None


def test_signed_amounts_are_held_to_an_eighth_of_an_octave() -> None:
    amounts = [0.0, 0.3, -0.3, -4.0001, 5000.0, 1e-9, -1.0, 0.25, -2.0]
    packed = pack_signed(amounts)
    assert packed is not None
    assert [len(part) for part in packed] == [9, 2]
    held = unpack_signed(*packed)
    assert held[0] == held[5] == 0.0
    for amount, found in zip(amounts, held, strict=True):
        assert abs(found - amount) <= max(abs(amount) * (2**0.125 - 1) * (1 + 1e-12), SMALLEST)
    assert pack_signed([1e9]) is None


@pytest.mark.parametrize("numbers", [[1.5, -2.0], [1.5 - 3j, -2.0 + 0.5j]])
def test_units_are_taken_off_and_put_back(numbers: list[Any]) -> None:
    is_complex = isinstance(numbers[0], complex)
    amounts = in_units(numbers, [0.5, 0.25], is_complex)
    assert len(amounts) == 2 * (1 + is_complex)
    assert out_of_units(amounts, [0.5, 0.25], is_complex) == numbers


@pytest.mark.parametrize("own", [[1.0, -3.0, 7e9], [1.0 + 2j, -3.0 - 1j, 5j]])
def test_high_precision_is_held_by_its_distance(own: list[Any]) -> None:
    dtype = "complex64" if isinstance(own[0], complex) else "float32"
    values = Array(dtype, (3,), own)
    unit = ulps(values)
    low = [0.3 * u * (1 - 0.5j if dtype == "complex64" else -1) for u in unit]
    packed = pack_signed(in_units(low, unit, values.is_complex))
    assert packed is not None
    store = Store()
    put = [store.put(part) for part in packed]
    limits = {"allowed": store.put(bytes(3)), "spread": store.put(bytes(3)), "low": put}
    record = {"values": {"is": [store.array(values)]}, "budgets": {"values": [limits]}}
    oracle = GoldenOracle("exp", GoldenAnswers(record, bytes(store.data)))
    (budget,) = oracle.budgets("values", 0)
    for number, reference, off, size in zip(own, budget.reference, low, unit, strict=True):
        assert abs(reference - (number + off)) <= 0.1 * abs(off) + SMALLEST * size


def test_the_amounts_of_a_zero_may_be_any_number() -> None:
    store = Store()
    values = Array("float64", (2,), [0.0, 1.0])  # 1e-14 is more units of zero than a number holds
    numbers = {"numbers": store.array(Array("float64", (2,), [1e-14, 2.0**-50]))}
    limits = {"allowed": numbers, "spread": numbers}
    record = {"values": {"is": [store.array(values)]}, "budgets": {"values": [limits]}}
    oracle = GoldenOracle("exp", GoldenAnswers(record, bytes(store.data)))
    assert next(oracle.budgets("values", 0)).allowed == [1e-14, 2.0**-50]
    assert oracle.spread("values", 0) == [1e-14, 2.0**-50]


def test_what_may_not_be_off_at_all_has_no_amounts() -> None:
    store = Store()
    record = {"values": {"is": [store.array(Array("float64", (2,), [1.0, 2.0]))]}}
    record["budgets"] = {"values": [{}]}
    oracle = GoldenOracle("exp", GoldenAnswers(record, bytes(store.data)))
    (budget,) = oracle.budgets("values", 0)
    assert (budget.reference, budget.allowed) == ([1.0, 2.0], [0.0, 0.0])
    assert oracle.spread("values", 0) == [0.0, 0.0]
    assert oracle.switches("values", 0) == [False, False]


FORWARD = {"forward": {"is": {}}}


def test_what_is_held_as_nothing_is_not_what_is_not_held() -> None:
    warned = {"forward": {"is": []}, "gradients": {"raised": ["RuntimeError", "no"]}}
    answers = GoldenAnswers({**FORWARD, "warned": {"is": warned}}, b"")
    assert answers.warned("forward") == []
    with pytest.raises(OracleError, match="no"):
        answers.warned("gradients")
    with pytest.raises(NotHeld, match="hold no tangents"):
        answers.warned("tangents")
    with pytest.raises(NotHeld, match="hold no warned"):
        GoldenAnswers(FORWARD, b"").warned("forward")
    nothing = {"saved": {"is": []}, "saved_tensors": {"is": []}}
    assert GoldenAnswers({**FORWARD, **nothing}, b"").saved().nodes == []
    for quantity in ("saved", "freed", "next_numbers"):
        with pytest.raises(NotHeld, match="hold no"):
            getattr(GoldenAnswers(FORWARD, b""), quantity)()


def test_an_answer_that_was_left_out_says_its_size() -> None:
    answers = GoldenAnswers({**FORWARD, "saved": {"too_large": 71_500}}, b"")
    with pytest.raises(NotHeld, match="it takes 72 kB"):
        answers.saved()


def _tensor(storage: FrozenStorage, **changes: Any) -> FrozenTensor:
    parts = {"shape": (2,), "strides": (1,), "offset": 0, "requires_grad": True, "conj": False}
    return FrozenTensor(storage, **{**parts, **changes})


def test_values_come_back_as_they_were() -> None:
    facts = TensorFacts(
        "Tensor", "torch.float32", (2,), (1,), (1.0, NAN), True, False, "MulBackward0", 0, False
    )
    values = [
        None, True, 3, -1.5, NAN, -INF, 2 - 3j, complex(NAN, 1), "text", b"\0\xff", (1, (2.0,)),
        [1, [2]], {"a": (1,), 2: None}, slice(1, None, 2), ..., FrozenName("float64"),
        FrozenSize((2, 3)), FrozenObject("nn.PairwiseDistance", {"p": 1.0}, {"eps": 0.5}),
        Raised("ValueError", "no"), facts, Observation("label", ("x", 1), 8.0),
    ]  # fmt: skip
    encoder = Encoder(Store())
    text = archive.compact(encoder.encode(values))
    found = Decoder().decode(json.loads(text))
    assert [repr(v) for v in found[:17]] == [repr(v) for v in values[:17]]
    assert (found[17].path, found[17].arguments) == ("nn.PairwiseDistance", {"p": 1.0})
    assert [repr(v) for v in found[18:]] == [repr(v) for v in values[18:]]


def test_tensors_share_what_they_shared() -> None:
    storage = FrozenStorage(Array("float64", (4,), [1.0, 2.0, 3.0, 4.0]))
    whole, part = _tensor(storage, shape=(4,)), _tensor(storage, offset=1, conj=True)
    store = Store()
    encoder = Encoder(store)
    text = json.loads(archive.compact(encoder.encode((whole, [part, whole]))))
    tables = json.loads(archive.compact([encoder.storages, encoder.tensors]))
    first, (second, third) = Decoder(bytes(store.data), *tables).decode(text)
    assert third is first
    assert second.storage is first.storage
    assert (second.shape, second.strides, second.offset, second.conj) == ((2,), (1,), 1, True)
    assert first.storage.values.values == [1.0, 2.0, 3.0, 4.0]


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(Unsupported, match="cannot hold a object"):
        Encoder(Store()).encode([object()])


def test_only_known_tags_are_decoded() -> None:
    with pytest.raises(KeyError):
        Decoder().decode({"__init__": []})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "goldens.zip"
    archive.write(path, {"torch": "2.13.0", "seed": 0}, {"a.json": b"[1,2]", "b.bin": b"\0" * 500})
    return path


def test_what_was_written_is_read(file: Path) -> None:
    found = Archive(file)
    assert found.header["torch"] == "2.13.0"
    assert found.members() == ["a.json", "b.bin"]
    assert found.read_json("a.json") == [1, 2]
    assert found.read("b.bin") == b"\0" * 500


def test_the_same_content_gives_the_same_bytes(file: Path) -> None:
    before = file.read_bytes()
    archive.write(file, {"torch": "2.13.0", "seed": 0}, {"b.bin": b"\0" * 500, "a.json": b"[1,2]"})
    assert file.read_bytes() == before


def _rewritten(path: Path, change: Callable[[dict[str, bytes]], bytes | None]) -> None:
    """Writes the archive again with members changed; what `change` returns is the comment."""
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
        comment = old.comment
    comment = change(members) or comment
    with zipfile.ZipFile(path, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
        new.comment = comment


def _header(members: dict[str, bytes], **changes: Any) -> bytes:
    members["header.json"] = archive.compact({**json.loads(members["header.json"]), **changes})
    return hashlib.sha256(members["header.json"]).hexdigest().encode()


def read_all(path: Path) -> None:
    found = Archive(path)
    for name in found.members():
        found.read(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update({"b.bin": b"\1" * 500}), "b.bin is not what was written"),
        (lambda m: m.update({"b.bin": b"\0" * 499}), "b.bin has a wrong size"),
        (lambda m: m.pop("b.bin") and None, "not as listed"),
        (lambda m: m.update({"c.bin": b""}), "not as listed"),
        (lambda m: m.pop("header.json") and None, "no file of goldens"),
        (lambda m: m.update({"header.json": b"{}"}), "header.json is not what was written"),
        (lambda m: _header(m, format="another"), "names another format"),
        (lambda m: _header(m, version=2), "has version 2 of the format.*record the file again"),
        (lambda m: _header(m, version=99), "has version 99 of the format"),
    ],
)
def test_a_changed_file_is_refused(file: Path, change: Any, message: str) -> None:
    _rewritten(file, change)
    with pytest.raises(BrokenGoldens, match=message):
        read_all(file)


def test_a_cut_or_foreign_file_is_refused(file: Path, tmp_path: Path) -> None:
    data = file.read_bytes()
    for length in (0, 10, len(data) // 2, len(data) - 1):
        file.write_bytes(data[:length])
        with pytest.raises(BrokenGoldens, match=r"cut off|not what was written"):
            read_all(file)
    with pytest.raises(BrokenGoldens, match="there is no file"):
        Archive(tmp_path / "nothing.zip")


def test_a_flipped_bit_is_seen_or_changes_nothing(file: Path) -> None:
    data = file.read_bytes()
    refused = 0
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x10
        file.write_bytes(bytes(changed))
        try:
            found = Archive(file)
            assert found.read_json("a.json") == [1, 2]
            assert found.read("b.bin") == b"\0" * 500
        except BrokenGoldens:
            refused += 1
    assert refused > len(data) / 2


@pytest.mark.parametrize("name", ["golden", "goldens:", "torch:x", ""])
def test_oracles_that_are_none(name: str) -> None:
    with pytest.raises(ValueError, match="no oracle"):
        opened(name)
