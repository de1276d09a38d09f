"""What the scenarios of this file ask: copy, deepcopy, pickle, and files in torch's format."""

from __future__ import annotations

import copy
import fractions
import io
import os
import pickle
import zipfile
from collections import Counter, OrderedDict
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def saved(torch: Any, value: Any, **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(value, file, **options)
    file.seek(0)
    return file


def back(torch: Any, value: Any, **options: Any) -> Any:
    return torch.load(saved(torch, value), **options)


def changed(file: io.BytesIO, **records: bytes | None) -> io.BytesIO:
    """The archive with records replaced, or left out for None; __ in a name stands for a slash."""
    replaced = {f"archive/{name.replace('__', '/')}": data for name, data in records.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            data = replaced.get(name.replace(".pkl", "_pkl"), old.read(name))
            if data is not None:
                new.writestr(name, data)
    made.seek(0)
    return made


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


def shares(one: Any, two: Any) -> bool:
    return bool(one.untyped_storage().data_ptr() == two.untyped_storage().data_ptr())


# copy and deepcopy --------------------------------------------------------------------------------


@scenario
def copy_shares_the_storage(torch: Any, record: Recorder) -> None:
    x = torch.arange(6.0).reshape(2, 3).t()
    y = copy.copy(x)
    record("copy", [y, y is x, shares(x, y), y.storage_offset()])
    y.mul_(2)
    record("after a write", [x, y])


@scenario
def copy_of_a_tensor_in_the_graph_is_a_leaf(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    record("copy", copy.copy(x * 2))


@scenario
def copy_keeps_attributes_and_no_gradient(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    x.grad = torch.ones(2)
    x.note = ["n"]
    y = copy.copy(x)
    record("copy", [y, y.grad, y.note, y.note is x.note])


@scenario
def deepcopy_of_a_leaf(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = copy.deepcopy(x)
    record("copy", [y, shares(x, y)])


@scenario
def deepcopy_refuses_what_is_no_leaf(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    with record.raises("a result"):
        copy.deepcopy(x * 2)
    with record.raises("a view"):
        copy.deepcopy(x[:1])


@scenario
def deepcopy_of_views_keeps_one_storage(torch: Any, record: Recorder) -> None:
    x = torch.arange(6.0)
    a, b, c = copy.deepcopy([x, x[2:], x.view(2, 3).t()])
    record("shared", [shares(a, b), shares(a, c), shares(a, x), b._base is None])
    a[3] = 9
    record("after a write", [a, b, c, x])


@scenario
def deepcopy_of_a_view_copies_the_whole_storage(torch: Any, record: Recorder) -> None:
    y = copy.deepcopy(torch.arange(8.0)[2:4])
    record("bytes", [y, y.storage_offset(), y.untyped_storage().nbytes()])


@scenario
def deepcopy_of_the_same_tensor_twice_is_one(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    a, b, d = copy.deepcopy([x, x, {"x": x}])
    record("identity", [a is b, d["x"] is a, a is x])


@scenario
def deepcopy_copies_the_gradient(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    y = copy.deepcopy(x)
    record("gradient", [y.grad, y.grad is x.grad])
    y.grad.zero_()
    record("first one", x.grad)


@scenario
def deepcopy_copies_attributes_deeply(torch: Any, record: Recorder) -> None:
    x = torch.ones(1)
    x.note = [1, 2]
    y = copy.deepcopy(x)
    record("attribute", [y.note, y.note is x.note])


@scenario
def deepcopy_drops_hooks_without_a_word(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    seen: list[Any] = []
    x.register_hook(lambda g: seen.append(1))
    y = copy.deepcopy(x)
    (y * 2).sum().backward()
    record("calls", [seen, y.grad])


@scenario
def deepcopy_keeps_strides(torch: Any, record: Recorder) -> None:
    for x in (
        torch.arange(6.0).reshape(2, 3).t(),
        torch.zeros(3, 1).expand(3, 4),
        torch.arange(12)[::3],
        torch.tensor(5),
        torch.empty(0, 3),
    ):
        y = copy.deepcopy(x)
        record("copy", [y, y.storage_offset(), y.untyped_storage().nbytes()])


@scenario
def deepcopy_of_parameters(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.arange(4.0).reshape(2, 2).t(), requires_grad=False)
    p.grad = torch.ones(2, 2)
    p.note = 1
    q = copy.deepcopy(p)
    record("copy", [q, isinstance(q, torch.nn.Parameter), q.grad, hasattr(q, "note")])
    record("twice", len({id(t) for t in copy.deepcopy([p, p])}))


@scenario
def copies_of_small_objects_are_the_same(torch: Any, record: Recorder) -> None:
    for value in (torch.float32, torch.strided, torch.contiguous_format, torch.channels_last):
        record("identity", [copy.copy(value) is value])
    for value in (torch.Size([1, 2]), torch.device("cpu")):
        record("equal", [copy.deepcopy(value) == value, type(copy.deepcopy(value)).__name__])


# pickle -------------------------------------------------------------------------------------------


@scenario
def pickle_keeps_values_and_flags(torch: Any, record: Recorder) -> None:
    for x in (
        torch.tensor([1.5, -2.0], requires_grad=True),
        torch.arange(6).reshape(2, 3).t(),
        torch.tensor(True),
        torch.zeros(2, 0),
        torch.zeros(2, 1).expand(2, 3),
        torch.tensor([float("nan"), float("inf"), -0.0]),
    ):
        record("tensor", pickle.loads(pickle.dumps(x)))


@scenario
def pickle_of_every_dtype(torch: Any, record: Recorder) -> None:
    for name in DTYPES:
        x = torch.tensor([0, 1, 1]).to(getattr(torch, name))
        record(name, pickle.loads(pickle.dumps(x)))


@scenario
def pickle_of_a_tensor_in_the_graph(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    record("tensor", pickle.loads(pickle.dumps(x * 2)))


@scenario
def pickle_of_views_does_not_share(torch: Any, record: Recorder) -> None:
    x = torch.arange(4.0)
    a, b, c = pickle.loads(pickle.dumps([x, x, x[1:]]))
    record("shared", [a is b, shares(a, c), c.untyped_storage().nbytes(), c])


@scenario
def pickle_warns_of_hooks(torch: Any, record: Recorder) -> None:
    class Hook:
        def __call__(self, gradient: Any) -> None: ...

        def __repr__(self) -> str:
            return "the hook"

    x = torch.ones(2, requires_grad=True)
    x.register_hook(Hook())
    record("leaf", pickle.loads(pickle.dumps(x)))
    y = x * 2
    y.register_hook(Hook())
    record("result", pickle.loads(pickle.dumps(y)))


@scenario
def pickle_is_silent_about_marked_hooks(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    x.register_hook(torch.utils.hooks.unserializable_hook(lambda gradient: None))
    record("leaf", pickle.loads(pickle.dumps(x)))


@scenario
def copies_in_inference_mode(torch: Any, record: Recorder) -> None:
    x = torch.arange(3.0)
    with torch.inference_mode():
        for y in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)), back(torch, x)):
            record("copy", [y, y.is_inference()])


@scenario
def lazy_conjugates_are_kept(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1 + 2j, 3 - 1j])
    made = [copy.copy(x.conj()), copy.deepcopy(x.conj()), pickle.loads(pickle.dumps(x.conj()))]
    for y in (*made, *back(torch, [x, x.conj()]), back(torch, x.conj().imag)):
        record("tensor", [y.is_conj(), y.is_neg(), y.resolve_conj().resolve_neg()])


@scenario
def pickle_keeps_attributes(torch: Any, record: Recorder) -> None:
    x = torch.ones(2)
    x.note = {"a": 1}
    y = pickle.loads(pickle.dumps(x))
    record("attribute", [y, y.note])


@scenario
def pickle_of_parameters(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(2))
    q = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    q.note = "n"
    one, two = pickle.loads(pickle.dumps([p, q]))
    record("parameters", [one, two, two.note])


@scenario
def pickle_of_small_objects(torch: Any, record: Recorder) -> None:
    values = [torch.float64, torch.bool, torch.Size([2, 3]), torch.device("cpu")]
    made = pickle.loads(pickle.dumps(values))
    record("values", made)
    record("same dtype", made[0] is torch.float64)


@scenario
def pickle_of_a_generator_keeps_its_state(torch: Any, record: Recorder) -> None:
    g = torch.Generator().manual_seed(3)
    torch.rand(3, generator=g)
    h = pickle.loads(pickle.dumps(g))
    record("next", [torch.rand(2, generator=g), torch.rand(2, generator=h), h.initial_seed()])


# save and load ------------------------------------------------------------------------------------


@scenario
def a_file_keeps_nested_values(torch: Any, record: Recorder) -> None:
    value = {
        "tensors": [torch.ones(2), (torch.arange(3), {"deep": torch.tensor(1.5)})],
        "plain": (1, -5, 2.5, True, None, "text", 10**30, b"bytes", 1 + 2j, "ü"),
        "containers": [{1, 2}, bytearray(b"q"), OrderedDict(a=1), Counter("aab")],
        "torch": [torch.Size([2]), torch.float32, torch.device("cpu"), torch.strided],
    }
    record("back", back(torch, value))


@scenario
def a_file_keeps_every_dtype(torch: Any, record: Recorder) -> None:
    for name in DTYPES:
        x = torch.tensor([0, 1, 1]).to(getattr(torch, name))
        record(name, back(torch, x))


@scenario
def a_file_keeps_shared_storages(torch: Any, record: Recorder) -> None:
    x = torch.arange(6.0)
    a, b, c = back(torch, [x, x[2:4], x.view(2, 3).t()])
    record("tensors", [a, b, c, b.storage_offset(), b.untyped_storage().nbytes()])
    record("shared", [shares(a, b), shares(b, c)])
    a.zero_()
    record("after a write", [b, c])


@scenario
def a_file_keeps_flags_and_parameters(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(2))
    q = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    x = torch.ones(2, requires_grad=True)
    record("back", back(torch, {"p": p, "q": q, "x": x, "y": x * 2}))


@scenario
def a_file_keeps_a_state_dict(torch: Any, record: Recorder) -> None:
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3))
    state = back(torch, model.state_dict())
    record("state", [state, state._metadata])
    other = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.LayerNorm(3))
    record("loaded", str(other.load_state_dict(state)))
    record("weight", other[0].weight)


@scenario
def a_file_keeps_an_optimizer_state(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.Adam([p], lr=0.1)
    p.sum().backward()
    optimizer.step()
    record("state", back(torch, optimizer.state_dict()))


@scenario
def a_file_keeps_a_whole_module_if_trusted(torch: Any, record: Recorder) -> None:
    torch.manual_seed(2)
    model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.ReLU())
    again = torch.load(saved(torch, model), weights_only=False)
    record("module", [repr(again), again[0].weight, again.training])
    with record.raises("safely"):
        back(torch, model)


@scenario
def a_file_keeps_attributes_of_tensors(torch: Any, record: Recorder) -> None:
    x = torch.ones(1)
    x.note = [1, "two"]
    record("back", back(torch, x).note)


@scenario
def saving_one_storage_as_two_dtypes_is_refused(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, dtype=torch.complex64)
    with record.raises("view_as_real"):
        torch.save([x, torch.view_as_real(x)], io.BytesIO())


@scenario
def save_refuses_what_is_no_file(torch: Any, record: Recorder) -> None:
    class Writer:
        write = 3

    with record.raises("a number"):
        torch.save(torch.ones(1), 3)
    with record.raises("no folder"):
        torch.save(torch.ones(1), "/no/such/folder/x.pt")
    with record.raises("a writer that is none"):
        torch.save(torch.ones(1), Writer())


@scenario
def load_refuses_what_cannot_seek(torch: Any, record: Recorder) -> None:
    class Reader:
        def read(self, count: int = -1) -> bytes:
            return b""

    with record.raises("a number"):
        torch.load(3)
    with record.raises("a reader"):
        torch.load(Reader())
    with record.raises("no file"):
        torch.load("/no/such/file.pt")
    with record.raises("mmap of a buffer"):
        torch.load(saved(torch, torch.ones(1)), mmap=True)


@scenario
def load_refuses_system_calls(torch: Any, record: Recorder) -> None:
    class Attack:
        def __reduce__(self) -> Any:
            return os.system, ("exit 3",)

    with record.raises("os.system"):
        back(torch, {"a": Attack()})


@scenario
def load_refuses_builtins(torch: Any, record: Recorder) -> None:
    class Attack:
        def __init__(self, function: Any, *arguments: Any) -> None:
            self.call = (function, arguments)

        def __reduce__(self) -> Any:
            return self.call

    for function, argument in ((eval, "1 + 1"), (getattr, "x"), (exec, "pass"), (open, "/x")):
        with record.raises(function.__name__):
            back(torch, Attack(function, argument))


@scenario
def load_refuses_other_classes(torch: Any, record: Recorder) -> None:
    for value in (fractions.Fraction(1, 2), frozenset([1]), range(3), ValueError("x")):
        with record.raises(type(value).__name__):
            back(torch, value)


@scenario
def load_trusting_calls_anything(torch: Any, record: Recorder) -> None:
    value = [fractions.Fraction(1, 2), frozenset([1])]
    record("back", [str(v) for v in back(torch, value, weights_only=False)])


@scenario
def safe_globals_allow_a_class(torch: Any, record: Recorder) -> None:
    file = saved(torch, fractions.Fraction(1, 3))
    with torch.serialization.safe_globals([fractions.Fraction]):
        record("inside", [str(torch.load(file))])
        known = fractions.Fraction in torch.serialization.get_safe_globals()
    record("listed", [known, fractions.Fraction in torch.serialization.get_safe_globals()])
    file.seek(0)
    with record.raises("outside"):
        torch.load(file)


@scenario
def added_globals_stay_until_cleared(torch: Any, record: Recorder) -> None:
    before = torch.serialization.get_safe_globals()
    file = saved(torch, fractions.Fraction(1, 3))
    torch.serialization.add_safe_globals([fractions.Fraction])
    record("added", str(torch.load(file)))
    torch.serialization.clear_safe_globals()
    record("cleared", torch.serialization.get_safe_globals())
    torch.serialization.add_safe_globals(before)


@scenario
def safe_globals_by_another_name(torch: Any, record: Recorder) -> None:
    pair = (fractions.Fraction, "fractions.Fraction")
    with torch.serialization.safe_globals([pair]):
        record("pair", str(back(torch, fractions.Fraction(2, 3))))
    file = saved(torch, fractions.Fraction(2, 3))
    with (
        record.raises("a triple"),
        torch.serialization.safe_globals([(fractions.Fraction, "a", "b")]),
    ):
        torch.load(file)
    file.seek(0)
    with record.raises("no name"), torch.serialization.safe_globals([(fractions.Fraction, 3)]):
        torch.load(file)


@scenario
def blocked_modules_stay_blocked(torch: Any, record: Recorder) -> None:
    class Attack:
        def __reduce__(self) -> Any:
            return os.getpid, ()

    with record.raises("os.getpid"), torch.serialization.safe_globals([os.getpid]):
        back(torch, Attack())


@scenario
def newer_protocols_are_read_as_far_as_they_go(torch: Any, record: Recorder) -> None:
    for protocol in (2, 3, 4, 5):
        with record.raises(f"protocol {protocol}"):
            file = saved(torch, {"a": torch.ones(2)}, pickle_protocol=protocol)
            record("back", torch.load(file))
        file.seek(0)
        record("trusting", torch.load(file, weights_only=False))


@scenario
def map_location_on_the_cpu(torch: Any, record: Recorder) -> None:
    x = torch.arange(3.0)
    asked: list[Any] = []

    def by_function(storage: Any, location: str) -> Any:
        asked.append((type(storage).__name__, location))
        return storage

    for place in ("cpu", torch.device("cpu"), {"cpu": "cpu"}, {}, by_function, lambda s, p: None):
        record("back", back(torch, x, map_location=place))
    record("asked", asked)


@scenario
def map_location_elsewhere_is_refused(torch: Any, record: Recorder) -> None:
    x = torch.arange(3.0)
    for place in ("cuda", "cuda:1", torch.device("cuda"), {"cpu": "cuda:0"}, "nowhere", 3):
        with record.raises(str(place)):
            back(torch, x, map_location=place)


@scenario
def files_that_are_none(torch: Any, record: Recorder) -> None:
    for data in (
        b"",
        b"hello world, this is no checkpoint",
        b"PK\x03\x04 and then nothing",
        pickle.dumps([1, 2], protocol=2),
        pickle.dumps([1, 2], protocol=4),
        pickle.dumps("x", protocol=0),
    ):
        with record.raises(repr(data[:8])):
            torch.load(io.BytesIO(data))


@scenario
def files_cut_short(torch: Any, record: Recorder) -> None:
    data = saved(torch, torch.arange(3.0)).getvalue()
    for part in (data[:200], data[:-30]):
        with record.raises("cut"):
            torch.load(io.BytesIO(part))


@scenario
def files_with_missing_records(torch: Any, record: Recorder) -> None:
    data = saved(torch, torch.arange(3.0)).getvalue()
    for name in ("data_pkl", "data__0", "version"):
        with record.raises(name):
            torch.load(changed(io.BytesIO(data), **{name: None}))
    record("no byteorder", torch.load(changed(io.BytesIO(data), byteorder=None)))


@scenario
def files_with_wrong_records(torch: Any, record: Recorder) -> None:
    data = saved(torch, torch.arange(3.0)).getvalue()
    for name, content in (
        ("data__0", b"1234"),
        ("data_pkl", b""),
        ("data_pkl", b"\x80\x02}"),
        ("byteorder", b"middle"),
    ):
        with record.raises(f"{name} {content!r}"):
            torch.load(changed(io.BytesIO(data), **{name: content}))


@scenario
def files_of_the_other_byte_order(torch: Any, record: Recorder) -> None:
    for name in ("int16", "int64", "float32", "float64", "complex64", "uint8"):
        x = torch.arange(4).to(getattr(torch, name))
        data = saved(torch, x)
        with zipfile.ZipFile(data) as archive:
            raw = archive.read("archive/data/0")
        width = x.element_size() // (2 if x.is_complex() else 1)
        parts = [raw[k : k + width][::-1] for k in range(0, len(raw), width)]
        file = changed(data, byteorder=b"big", data__0=b"".join(parts))
        record(name, torch.load(file))


@scenario
def a_geometry_beyond_the_storage_is_refused(torch: Any, record: Recorder) -> None:
    data = saved(torch, torch.arange(3.0))
    with zipfile.ZipFile(data) as archive:
        pickled = archive.read("archive/data.pkl")
    file = changed(data, data_pkl=pickled.replace(b"K\x03\x85", b"K\x09\x85"))
    with record.raises("nine of three"):
        torch.load(file)


@scenario
def instructions_on_wrong_objects_are_refused(torch: Any, record: Recorder) -> None:
    data = saved(torch, 1)
    for name, code in {
        "reduce": b"\x80\x02X\x01\x00\x00\x00a)R.",
        "build": b"\x80\x02}}b.",
        "append": b"\x80\x02)K\x01a.",
        "appends": b"\x80\x02)(K\x01e.",
        "setitem": b"\x80\x02]K\x01K\x02s.",
        "setitems": b"\x80\x02](K\x01K\x02u.",
        "new object": b"\x80\x02}})\x81.",
        "persistent id": b"\x80\x02X\x01\x00\x00\x00aQ.",
        "persistent kind": b"\x80\x02X\x01\x00\x00\x00a\x85Q.",
        "unknown": b"\x80\x02\x97.",
        "float": b"\x80\x02F1.5\n.",
        "inst": b"\x80\x02(ios\nsystem\n.",
        "stack_global": b"\x80\x02X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93.",
        "ends": b"\x80\x02K\x01",
    }.items():
        with record.raises(name):
            torch.load(changed(io.BytesIO(data.getvalue()), data_pkl=code))


@scenario
def archives_have_torch_s_records(torch: Any, record: Recorder) -> None:
    data = saved(torch, {"a": torch.arange(3.0), "b": torch.ones(2, dtype=torch.int64)})
    with zipfile.ZipFile(data) as archive:
        record("names", archive.namelist())
        record("stored", {member.compress_type for member in archive.infolist()})
        for name in archive.namelist():
            if "serialization_id" not in name:
                record(name, archive.read(name))


@scenario
def the_old_format(torch: Any, record: Recorder) -> None:
    x = torch.arange(6.0)
    file = saved(torch, {"x": x, "v": x[2:], "n": 1}, _use_new_zipfile_serialization=False)
    made = torch.load(file)
    record("back", [made, shares(made["x"], made["v"])])
    data = file.getvalue()
    for label, part in (("no storages", data[:-24]), ("nothing", data[:20])):
        with record.raises(label):
            torch.load(io.BytesIO(part))
    with record.raises("unsafe"):
        value = fractions.Fraction(1, 2)
        torch.load(saved(torch, value, _use_new_zipfile_serialization=False))


@scenario
def pickle_module_goes_with_trust_only(torch: Any, record: Recorder) -> None:
    x = torch.ones(2)
    record("trusting", torch.load(saved(torch, x), pickle_module=pickle))
    with record.raises("both"):
        torch.load(saved(torch, x), pickle_module=pickle, weights_only=True)


@scenario
def local_functions_cannot_be_saved(torch: Any, record: Recorder) -> None:
    with record.raises("lambda"):
        torch.save({"f": lambda: 3}, io.BytesIO())


@scenario
def an_untyped_storage(torch: Any, record: Recorder) -> None:
    x = torch.arange(4, dtype=torch.int16)
    s = x[1:].untyped_storage()
    record("facts", [s.nbytes(), s.size(), len(s), s.tolist(), s.device])
    record("same", s.data_ptr() == x.data_ptr())
