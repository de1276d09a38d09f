"""Containers of modules."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.nn import small_net
from autograd_conformance.scenarios.recording import Recorder, scenario

# Containers ---------------------------------------------------------------------------------------


@scenario
def sequential_as_a_list(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    m = nn.Sequential(nn.ReLU(), nn.Tanh(), nn.Sigmoid(), nn.Identity())
    record("items", [repr(m[1]), repr(m[-1]), repr(m[1:3]), len(m)])
    m[0] = nn.ELU()
    del m[1]
    record("deleted", repr(m))
    del m[1:]
    record("slice", repr(m))
    m.append(nn.Tanh()).extend([nn.GELU()]).insert(0, nn.Identity())
    record("grown", repr(m))
    record("popped", [repr(m.pop(-1)), repr(m)])
    m += nn.Sequential(nn.ReLU())
    record("added", [repr(m), repr(m + nn.Sequential(nn.Tanh())), len(m * 2), len(2 * m)])
    m *= 2
    record("multiplied", [len(m), m[0] is m[4]])


@scenario
def sequential_refuses(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    m = nn.Sequential(nn.ReLU())
    with record.raises("index"):
        m[3]
    with record.raises("negative index"):
        m[-2]
    with record.raises("insert nothing"):
        m.insert(0, 3)
    with record.raises("insert far"):
        m.insert(5, nn.ReLU())
    with record.raises("add"):
        m + 3
    with record.raises("times none"):
        m * 0
    with record.raises("no module"):
        nn.Sequential(3)
    with record.raises("a class"):
        nn.Sequential(nn.ReLU)


@scenario
def sequential_runs_in_order(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    x = torch.tensor([[1.0, -1.0, 0.5]])
    y = m(x)
    record("value", y)
    record.graph("graph", y)


@scenario
def module_list_as_a_list(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    m = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1), nn.ReLU(), nn.ReLU(), nn.Linear(1, 1)])
    record("printed", [repr(m), repr(nn.ModuleList())])
    m.insert(0, nn.Tanh())
    m.append(nn.Tanh())
    del m[1]
    record("changed", [repr(m), repr(m[1:3]), len(m + nn.ModuleList([nn.ReLU()]))])
    m[0] = nn.Identity()
    m += [nn.ELU()]
    record("popped", [repr(m.pop(1)), len(m), "0" in dir(m)])
    with record.raises("index"):
        m[9]
    with record.raises("extend"):
        m.extend(3)
    with record.raises("call"):
        m(1)


@scenario
def module_dict_as_a_dict(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    m = nn.ModuleDict({"a": nn.ReLU(), "b": nn.Tanh()})
    m.update([("c", nn.ELU())])
    m["d"] = nn.GELU()
    record("keys", [list(m.keys()), list(m), "a" in m, len(m), repr(m.pop("a"))])
    record("printed", repr(m))
    for value in (3, [3], [("a",)], {"x": 3}):
        with record.raises(repr(value)):
            m.update(value)
    with record.raises("missing"):
        m["zz"]
    m.clear()
    record("cleared", repr(m))


@scenario
def parameter_list_as_a_list(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    m = nn.ParameterList([nn.Parameter(torch.ones(2)), torch.zeros(1, 3), "text"])
    record("items", [m[0], m[1], m[2], len(m), list(m.state_dict())])
    record("printed", repr(m))
    m.append(torch.ones(1))
    m[0] = torch.zeros(4)
    record("changed", [repr(m), repr(m[1:3])])
    with record.raises("extend"):
        m.extend(3)
    with record.raises("a tensor"):
        m.extend(torch.ones(2))
    with record.raises("index"):
        m[7]
    with record.raises("call"):
        m(1)


@scenario
def parameter_dict_as_a_dict(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    m = nn.ParameterDict({"b": torch.ones(1), "a": nn.Parameter(torch.zeros(2)), "n": 3})
    record("keys", [list(m), list(reversed(m)), "a" in m, len(m), m.get("zz", 5)])
    record("printed", repr(m))
    m["c"] = torch.ones(2, 2)
    m.setdefault("d", torch.ones(1))
    record("popped", [m.pop("b"), m.popitem()])
    other = m | nn.ParameterDict({"z": torch.ones(1)})
    record("joined", [list(other), list(m.copy()), list(m.fromkeys(["k"], 1).items())])
    for value in (3, [3], [("a",)]):
        with record.raises(repr(value)):
            m.update(value)
    with record.raises("key"):
        m[3]
    with record.raises("call"):
        m(1)
