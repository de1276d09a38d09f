"""State dicts."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

from autograd_conformance.scenarios.nn import small_net
from autograd_conformance.scenarios.recording import Recorder, scenario

# State --------------------------------------------------------------------------------------------


@scenario
def state_dict_has_detached_tensors(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    state = m.state_dict()
    record("state", state)
    record("metadata", state._metadata)
    record("prefixed", list(m.state_dict(prefix="net.")))
    record("shared", state["0.weight"].data_ptr() == m[0].weight.data_ptr())
    record("kept", m.state_dict(keep_vars=True)["0.weight"] is m[0].weight)


@scenario
def state_dict_takes_positions_with_a_warning(torch: Any, record: Recorder) -> None:
    target: OrderedDict[str, Any] = OrderedDict()
    torch.nn.Linear(1, 1).state_dict(target, "p.", True)
    record("keys", list(target))
    record("kept", [v.requires_grad for v in target.values()])


@scenario
def load_state_dict_copies(torch: Any, record: Recorder) -> None:
    m, n = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    w = n.weight
    record("result", str(n.load_state_dict(m.state_dict())))
    record("copied", [n.weight is w, torch.equal(n.weight, m.weight), w.requires_grad])


@scenario
def load_state_dict_assigns(torch: Any, record: Recorder) -> None:
    m, n = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    state = m.double().state_dict()
    n.weight.requires_grad_(False)
    n.load_state_dict(state, assign=True)
    record("assigned", [n.weight.dtype, n.weight.requires_grad, type(n.weight).__name__])
    record("shared", n.bias.data_ptr() == state["bias"].data_ptr())


@scenario
def load_state_dict_tells_what_does_not_fit(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    for state in (
        {},
        {"0.weight": torch.ones(1), "zz": 3, "2.7.weight": 4},
        {**m.state_dict(), "0.bias": 3},
        {**m.state_dict(), "extra.deep": torch.ones(1)},
    ):
        with record.raises(str(sorted(state))):
            m.load_state_dict(state)
    result = m.load_state_dict({"0.bias": torch.ones(4), "zz": torch.ones(1)}, strict=False)
    record("not strict", [result, str(result)])
    with record.raises("no mapping"):
        m.load_state_dict([1])


@scenario
def load_state_dict_of_scalars(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    m.register_buffer("n", torch.tensor(0.0))
    m.load_state_dict({"n": torch.tensor([5.0])})
    record("from one element", m.n)


@scenario
def state_dict_hooks(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(1, 1)
    order: list[Any] = []
    m.register_state_dict_pre_hook(lambda mod, prefix, keep: order.append(("pre", prefix, keep)))
    m.register_state_dict_post_hook(
        lambda mod, state, prefix, meta: order.append(("post", list(state), prefix, meta))
    )
    m.state_dict(prefix="p.")
    m.register_load_state_dict_pre_hook(
        lambda mod, state, *rest: order.append(("load", type(mod).__name__, rest[0]))
    )
    m.register_load_state_dict_post_hook(lambda mod, keys: keys.missing_keys.clear())
    record("result", m.load_state_dict({"weight": torch.ones(1, 1)}))
    record("order", order)
    m.register_load_state_dict_post_hook(lambda mod, keys: 3)
    with record.raises("a result"):
        m.load_state_dict({})
    m.register_state_dict_post_hook(lambda mod, state, prefix, meta: 3)
    with record.raises("a state"):
        m.state_dict()


@scenario
def extra_state(torch: Any, record: Recorder) -> None:
    class Counts(torch.nn.Module):
        count = 3

        def get_extra_state(self) -> Any:
            return {"count": self.count}

        def set_extra_state(self, state: Any) -> None:
            self.count = state["count"] + 1

    m = torch.nn.Sequential(Counts())
    state = m.state_dict()
    record("state", state)
    m.load_state_dict(state)
    record("count", m[0].count)
    with record.raises("missing"):
        m.load_state_dict({})
    with record.raises("unexpected"):
        torch.nn.Sequential(torch.nn.Identity()).load_state_dict(state)
    with record.raises("not defined"):
        torch.nn.Identity().get_extra_state()


@scenario
def deepcopy_of_a_module(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    m[2][0].weight = torch.nn.Parameter(m[2][0].weight.data)
    m.tied = m[0].weight
    n = copy.deepcopy(m)
    record("apart", [n[0].weight is m[0].weight, n.tied is n[0].weight])
    record("state", n.state_dict())


@scenario
def pickle_of_a_module(torch: Any, record: Recorder) -> None:
    m = small_net(torch).eval()
    n = pickle.loads(pickle.dumps(m))
    record("module", [repr(n), n.training, n.state_dict()])
    x = torch.ones(1, 3)
    record("output", [m(x), n(x)])
