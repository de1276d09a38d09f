"""What the scenarios of this file ask: parameters, modules, their hooks and state, layers, init."""

from __future__ import annotations

import copy
import pickle
from collections import OrderedDict
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def small_net(torch: Any) -> Any:
    nn = torch.nn
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(4, 2), nn.Tanh()))


def numbers(gradients: Any) -> Any:
    """Gradients as new tensors: how the engine made them is not asked here."""
    return [None if g is None else g.clone() for g in gradients]


# Parameter and Buffer -----------------------------------------------------------------------------


@scenario
def parameter_is_a_leaf_that_requires_grad(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    record("parameter", [p, isinstance(p, torch.nn.Parameter), isinstance(p, torch.Tensor)])
    record("printed", [repr(p), repr(torch.nn.Parameter(torch.ones(1), requires_grad=False))])
    record("operation", p * 2)


@scenario
def parameter_shares_storage_and_version(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    p = torch.nn.Parameter(x)
    x.add_(1)
    record("after a write", [p, x._version, p._version])
    with torch.no_grad():
        p.mul_(3)
    record("written back", [x, x._version])


@scenario
def parameter_without_data(torch: Any, record: Recorder) -> None:
    record("empty", torch.nn.Parameter())


@scenario
def parameter_under_no_grad(torch: Any, record: Recorder) -> None:
    with torch.no_grad():
        p = torch.nn.Parameter(torch.ones(2))
    record("parameter", p)


@scenario
def parameter_of_a_result_is_cut_off(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    p = torch.nn.Parameter(x * 2)
    record("parameter", p)


@scenario
def parameter_of_something_else_is_refused(torch: Any, record: Recorder) -> None:
    for data in (3, [1.0, 2.0], "text", torch.tensor([1, 2])):
        with record.raises(type(data).__name__):
            torch.nn.Parameter(data)
    record("integers", torch.nn.Parameter(torch.tensor([1, 2]), requires_grad=False))


@scenario
def parameter_as_isinstance_by_flag(torch: Any, record: Recorder) -> None:
    x = torch.ones(1)
    record("before", isinstance(x, torch.nn.Parameter))
    x._is_param = True
    record("after", isinstance(x, torch.nn.Parameter))


@scenario
def buffer_is_a_tensor_with_a_flag(torch: Any, record: Recorder) -> None:
    b = torch.nn.Buffer(torch.ones(2), persistent=False)
    record("buffer", [b, isinstance(b, torch.nn.Buffer), b.persistent])
    record("plain", isinstance(torch.ones(1), torch.nn.Buffer))


# Registration -------------------------------------------------------------------------------------


@scenario
def attributes_are_registered_by_kind(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    m.weight = torch.nn.Parameter(torch.ones(1))
    m.child = torch.nn.Identity()
    m.plain = torch.ones(2)
    m.count = 3
    m.mean = torch.nn.Buffer(torch.zeros(1))
    m.register_buffer("var", torch.ones(1), persistent=False)
    record("parameters", dict(m.named_parameters()))
    record("buffers", dict(m.named_buffers()))
    record("modules", [name for name, _ in m.named_modules()])
    record("state", m.state_dict())
    record("plain", sorted(k for k in vars(m) if k in ("plain", "count", "weight", "mean")))


@scenario
def assigning_another_kind_is_refused(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    m.weight = torch.nn.Parameter(torch.ones(1))
    m.child = torch.nn.Identity()
    m.register_buffer("mean", torch.zeros(1))
    with record.raises("tensor to parameter"):
        m.weight = torch.ones(1)
    with record.raises("number to parameter"):
        m.weight = 3
    with record.raises("module to parameter"):
        m.weight = torch.nn.Identity()
    with record.raises("number to module"):
        m.child = 3
    with record.raises("number to buffer"):
        m.mean = 3
    m.weight, m.child, m.mean = None, None, None
    record("none", [m.weight, m.child, m.mean, list(m.state_dict())])


@scenario
def one_name_changes_its_kind(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    m.x = 3
    m.x = torch.nn.Parameter(torch.ones(1))
    record("number to parameter", [list(dict(m.named_parameters())), "x" in vars(m)])
    del m.x
    m.register_buffer("x", torch.ones(1))
    m.x = torch.nn.Parameter(torch.ones(1))
    record("buffer to parameter", [list(dict(m.named_parameters())), list(m.buffers())])
    m.y = torch.nn.Identity()
    m.y = torch.nn.Parameter(torch.ones(1))
    record("module to parameter", [list(dict(m.named_parameters())), list(m.children())])


@scenario
def register_parameter_refuses(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    p = torch.nn.Parameter(torch.ones(1))
    m.taken = 1
    for name in (3, "a.b", "", "taken", "forward"):
        with record.raises(f"name {name!r}"):
            m.register_parameter(name, p)
    for value in (torch.ones(1), 3, "x", torch.nn.Identity()):
        with record.raises(f"value {type(value).__name__}"):
            m.register_parameter("p", value)
    m.register_parameter("absent", None)
    record("none", [m.absent, list(m.parameters())])


@scenario
def register_buffer_refuses(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    m.taken = 1
    for name in (3, "a.b", "", "taken"):
        with record.raises(f"name {name!r}"):
            m.register_buffer(name, torch.ones(1))
    for value in (3, "x", [1.0]):
        with record.raises(f"value {type(value).__name__}"):
            m.register_buffer("b", value)
    m.register_buffer("absent", None)
    record("none", [m.absent, list(m.buffers()), m.state_dict()])


@scenario
def add_module_refuses(torch: Any, record: Recorder) -> None:
    m = torch.nn.Module()
    m.taken = 1
    for name in (3, "a.b", "", "taken"):
        with record.raises(f"name {name!r}"):
            m.add_module(name, torch.nn.Identity())
    for value in (3, "x", torch.ones(1), torch.nn.Identity):
        with record.raises(f"value {type(value).__name__}"):
            m.add_module("c", value)
    m.add_module("absent", None)
    record("none", [m.absent, list(m.children()), list(m._modules)])


@scenario
def assigning_before_init_is_refused(torch: Any, record: Recorder) -> None:
    nn = torch.nn

    class Early(torch.nn.Module):
        def __init__(self, value: Any) -> None:
            self.x = value

    for value in (nn.Parameter(torch.ones(1)), nn.Identity()):
        with record.raises(type(value).__name__):
            Early(value)

    class Registers(torch.nn.Module):
        def __init__(self, method: str) -> None:
            getattr(self, method)("x", None)

    for method in ("register_parameter", "register_buffer"):
        with record.raises(method):
            Registers(method)


@scenario
def init_takes_no_arguments(torch: Any, record: Recorder) -> None:
    with record.raises("positional"):
        torch.nn.Module(1, 2)
    with record.raises("keyword"):
        torch.nn.Module(size=1)
    with record.raises("of a layer"):
        torch.nn.ReLU(size=1)


@scenario
def a_missing_attribute(torch: Any, record: Recorder) -> None:
    with record.raises("module"):
        _ = torch.nn.Linear(1, 1).nothing
    m = torch.nn.Module()
    m.x = torch.nn.Parameter(torch.ones(1))
    del m.x
    with record.raises("deleted"):
        _ = m.x
    with record.raises("delete again"):
        del m.x


@scenario
def a_missing_forward(torch: Any, record: Recorder) -> None:
    class Empty(torch.nn.Module):
        pass

    with record.raises("call"):
        Empty()(1)


@scenario
def dir_has_registered_names(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    m.scale = torch.nn.Parameter(torch.ones(1))
    names = dir(m)
    record("names", [name in names for name in ("0", "scale", "forward", "training")])
    record("sorted", names == sorted(names))


@scenario
def registration_hooks_replace(torch: Any, record: Recorder) -> None:
    seen: list[Any] = []
    modules = torch.nn.modules.module

    def hook(module: Any, name: str, value: Any) -> Any:
        seen.append((type(module).__name__, name, type(value).__name__))

    handles = [
        modules.register_module_parameter_registration_hook(hook),
        modules.register_module_buffer_registration_hook(hook),
        modules.register_module_module_registration_hook(hook),
    ]
    m = torch.nn.Sequential(torch.nn.Linear(1, 1))
    m.register_buffer("b", torch.ones(1))
    for handle in handles:
        handle.remove()
    m.register_buffer("c", torch.ones(1))
    record("seen", seen)


# Finding and going through ------------------------------------------------------------------------


@scenario
def names_of_a_tree(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    record("modules", [(n, type(c).__name__) for n, c in m.named_modules()])
    record("prefixed", [n for n, _ in m.named_modules(prefix="net")])
    record("children", [n for n, _ in m.named_children()])
    record("parameters", [(n, p.shape) for n, p in m.named_parameters()])
    record("own", [n for n, _ in m[0].named_parameters(prefix="a", recurse=False)])
    record("counts", [len(list(m.parameters())), len(list(m.modules())), len(list(m.buffers()))])


@scenario
def shared_members_are_found_once(torch: Any, record: Recorder) -> None:
    layer = torch.nn.Linear(2, 2)
    m = torch.nn.Sequential(layer, layer, torch.nn.Linear(2, 2))
    m[2].weight = layer.weight
    record("parameters", [n for n, _ in m.named_parameters()])
    record("repeated", [n for n, _ in m.named_parameters(remove_duplicate=False)])
    record("modules", [n for n, _ in m.named_modules()])
    record("modules repeated", [n for n, _ in m.named_modules(remove_duplicate=False)])
    record("children", [n for n, _ in m.named_children()])
    record("state", list(m.state_dict()))


@scenario
def members_by_path(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    m.register_buffer("b", torch.ones(1))
    m.number = 3
    record("module", [type(m.get_submodule("2.0")).__name__, m.get_submodule("") is m])
    record("parameter", m.get_parameter("2.0.bias"))
    record("buffer", m.get_buffer("b"))
    for path in ("2.5", "number", "0.weight", "9.9"):
        with record.raises(f"module {path}"):
            m.get_submodule(path)
    for path in ("0.nothing", "number", "7.weight", "b"):
        with record.raises(f"parameter {path}"):
            m.get_parameter(path)
    for path in ("c", "number", "0.weight"):
        with record.raises(f"buffer {path}"):
            m.get_buffer(path)


@scenario
def set_submodule_by_path(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    m.number = 3
    m.set_submodule("2.1", torch.nn.Sigmoid())
    m.set_submodule("2.extra", torch.nn.Identity())
    record("tree", repr(m))
    for path, module, strict in (
        ("", torch.nn.Identity(), False),
        ("0", 3, False),
        ("2.none", torch.nn.Identity(), True),
        ("number", torch.nn.Identity(), False),
    ):
        with record.raises(repr(path)):
            m.set_submodule(path, module, strict)


# Changing -----------------------------------------------------------------------------------------


@scenario
def apply_goes_up_the_tree(torch: Any, record: Recorder) -> None:
    seen: list[str] = []
    m = small_net(torch)
    record("returned", m.apply(lambda c: seen.append(type(c).__name__)) is m)
    record("order", seen)


@scenario
def train_and_eval(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    record("at first", [c.training for c in m.modules()])
    record("returned", m.eval() is m)
    record("eval", [c.training for c in m.modules()])
    m[2].train()
    record("part", [c.training for c in m.modules()])
    with record.raises("no bool"):
        m.train(1)


@scenario
def casts_change_data_and_gradients_in_place(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    m.register_buffer("n", torch.tensor(3))
    m.register_buffer("f", torch.tensor(3.0))
    w = m.weight
    m(torch.ones(1, 2)).sum().backward()
    record("returned", m.double() is m)
    record("dtypes", [m.weight is w, w.dtype, w.grad.dtype, m.n.dtype, m.f.dtype, w.is_leaf])
    for cast in ("half", "bfloat16", "float"):
        getattr(m, cast)()
        record(cast, [w.dtype, w.grad.dtype, m.f.dtype])


@scenario
def to_takes_what_tensors_take(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    m.register_buffer("n", torch.tensor(3))
    for arguments in (
        (torch.float64,),
        ("cpu",),
        (torch.device("cpu"), torch.float32),
        (torch.ones(1, dtype=torch.float64),),
    ):
        m.to(*arguments)
        record("dtype", [m.weight.dtype, m.bias.dtype, m.n.dtype])
    m.to(device="cpu", dtype=torch.float32)
    record("keywords", m.weight.dtype)
    with record.raises("integers"):
        m.to(torch.int64)
    m.to(torch.complex64)
    record("complex", m.weight.dtype)


@scenario
def requires_grad_and_zero_grad(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    m(torch.ones(1, 2)).sum().backward()
    m.zero_grad(set_to_none=False)
    record("zeros", [m.weight.grad, m.bias.grad])
    m.zero_grad()
    record("none", [m.weight.grad, m.bias.grad])
    record("returned", m.requires_grad_(False) is m)
    record("flags", [p.requires_grad for p in m.parameters()])


@scenario
def printed_trees(torch: Any, record: Recorder) -> None:
    nn = torch.nn

    class Named(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Sequential(OrderedDict(a=nn.Linear(1, 2), b=nn.Dropout(0.1)))
            self.absent = None
            self.register_module("hole", None)

        def extra_repr(self) -> str:
            return "first\nsecond"

    for module in (small_net(torch), Named(), nn.Sequential(), nn.Module(), nn.ModuleDict()):
        record("printed", repr(module))


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


# Hooks on calls -----------------------------------------------------------------------------------


@scenario
def forward_hooks_run_in_order(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    order: list[Any] = []
    m.register_forward_pre_hook(lambda mod, args: order.append(("pre", args)))
    m.register_forward_pre_hook(lambda mod, args: order.append("pre first"), prepend=True)
    m.register_forward_hook(lambda mod, args, out: order.append(("post", args, out)))
    m.register_forward_hook(lambda mod, args, out: order.append("post first"), prepend=True)
    record("result", m(3))
    record("order", order)


@scenario
def forward_hooks_replace(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    handle = m.register_forward_pre_hook(lambda mod, args: args[0] + 1)
    m.register_forward_pre_hook(lambda mod, args: (args[0] * 10,))
    m.register_forward_hook(lambda mod, args, out: (args, out))
    record("result", m(1))
    handle.remove()
    record("removed", m(1))


@scenario
def forward_hooks_with_kwargs(torch: Any, record: Recorder) -> None:
    class Sum(torch.nn.Module):
        def forward(self, a: Any, b: Any = 0) -> Any:
            return a + b

    m = Sum()
    m.register_forward_pre_hook(lambda mod, args, kw: (args, {"b": kw["b"] * 10}), with_kwargs=True)
    m.register_forward_hook(lambda mod, args, kw, out: (args, kw, out), with_kwargs=True)
    record("result", m(1, b=2))
    n = Sum()
    n.register_forward_pre_hook(lambda mod, args, kw: 3, with_kwargs=True)
    with record.raises("no pair"):
        n(1, b=2)


@scenario
def forward_hooks_always_called(torch: Any, record: Recorder) -> None:
    class Broken(torch.nn.Module):
        def forward(self, a: Any) -> Any:
            raise ValueError("broken")

    m = Broken()
    order: list[Any] = []
    m.register_forward_hook(lambda mod, args, out: order.append("usual"))
    m.register_forward_hook(lambda mod, args, out: order.append(("always", out)), always_call=True)

    def fails(mod: Any, args: Any, out: Any) -> None:
        raise RuntimeError("hook broken, too")

    m.register_forward_hook(fails, always_call=True)
    with record.raises("call"):
        m(1)
    record("order", order)


@scenario
def global_forward_hooks(torch: Any, record: Recorder) -> None:
    modules = torch.nn.modules.module
    order: list[Any] = []
    handles = [
        modules.register_module_forward_pre_hook(
            lambda m, a: order.append(("pre", type(m).__name__))
        ),
        modules.register_module_forward_hook(
            lambda m, a, o: order.append(("post", type(m).__name__))
        ),
    ]
    m = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Identity())
    m.register_forward_hook(lambda mod, args, out: order.append("own"))
    m(1)
    for handle in handles:
        handle.remove()
    m(1)
    record("order", order)


@scenario
def full_backward_hooks_see_gradients(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    with torch.no_grad():
        m.weight.fill_(2.0)
    order: list[Any] = []
    m.register_full_backward_pre_hook(lambda mod, go: order.append(("pre", numbers(go))))
    m.register_full_backward_hook(
        lambda mod, gi, go: order.append(("hook", numbers(gi), numbers(go)))
    )
    m.register_full_backward_hook(lambda mod, gi, go: order.append("first"), prepend=True)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = m(x)
    record("output", y)
    record.graph("graph", y)
    y.sum().backward()
    record("order", order)
    record("gradient", x.grad)


@scenario
def full_backward_hooks_replace_gradients(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    m.register_full_backward_pre_hook(lambda mod, go: (go[0] * 10,))
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] + go[0],))
    x = torch.ones(2, requires_grad=True)
    m(x).sum().backward()
    record("gradient", x.grad)


@scenario
def full_backward_hooks_without_inputs_that_require_grad(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(2, 1)
    seen: list[Any] = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((numbers(gi), numbers(go))))
    m(torch.ones(2, 2)).sum().backward()
    record("seen", seen)
    n = torch.nn.Linear(2, 1)
    n.register_full_backward_hook(lambda mod, gi, go: (torch.ones(1),))
    with record.raises("a result"):
        n(torch.ones(2, 2)).sum().backward()


@scenario
def full_backward_hooks_of_wrong_length(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    m = torch.nn.Identity()
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0], gi[0]))
    with record.raises("grad_input"):
        m(x).sum().backward()
    n = torch.nn.Identity()
    n.register_full_backward_pre_hook(lambda mod, go: ())
    with record.raises("grad_output"):
        n(x).sum().backward()


@scenario
def full_backward_hooks_with_several_values(torch: Any, record: Recorder) -> None:
    class Two(torch.nn.Module):
        def forward(self, a: Any, text: str, b: Any, c: Any) -> Any:
            return a * b, text, c * 2

    m = Two()
    seen: list[Any] = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((numbers(gi), numbers(go))))
    a, b = (torch.tensor([k, k + 1], requires_grad=True) for k in (2.0, 3.0))
    p, _, q = m(a, "text", b, torch.ones(2))
    record("outputs", [p, q])
    p.sum().backward()
    record("seen", seen)
    record("gradients", [a.grad, b.grad])


@scenario
def full_backward_hooks_of_strange_outputs(torch: Any, record: Recorder) -> None:
    class Dict(torch.nn.Module):
        def forward(self, a: Any) -> Any:
            return {"a": a * 2}

    m = Dict()
    seen: list[Any] = []
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(1))
    x = torch.ones(1, requires_grad=True)
    m(x)["a"].sum().backward()
    record("seen", [seen, x.grad])


@scenario
def full_backward_hooks_under_no_grad(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    m.register_full_backward_hook(lambda mod, gi, go: None)
    x = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        record("same object", m(x) is x)
    record("recorded", m(x))


@scenario
def backward_hooks_of_the_older_kind(torch: Any, record: Recorder) -> None:
    m = torch.nn.ReLU()
    seen: list[Any] = []
    m.register_backward_hook(
        lambda mod, gi, go: seen.append((type(mod).__name__, numbers(gi), numbers(go)))
    )
    x = torch.tensor([1.0, -1.0], requires_grad=True)
    m(x).sum().backward()
    record("seen", seen)
    n = torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Tanh())
    n.register_backward_hook(lambda mod, gi, go: seen.append("two nodes"))
    n(x).sum().backward()
    record("warned", len(seen))


@scenario
def backward_hooks_of_both_kinds_are_refused(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    m.register_backward_hook(lambda mod, gi, go: None)
    with record.raises("full after old"):
        m.register_full_backward_hook(lambda mod, gi, go: None)
    n = torch.nn.Identity()
    n.register_full_backward_hook(lambda mod, gi, go: None)
    with record.raises("old after full"):
        n.register_backward_hook(lambda mod, gi, go: None)


@scenario
def global_backward_hooks(torch: Any, record: Recorder) -> None:
    modules = torch.nn.modules.module
    order: list[Any] = []
    handles = [
        modules.register_module_full_backward_pre_hook(
            lambda m, go: order.append(("pre", type(m).__name__, numbers(go)))
        ),
        modules.register_module_full_backward_hook(
            lambda m, gi, go: order.append(("hook", type(m).__name__, numbers(gi)))
        ),
    ]
    m = torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Identity())
    m[0].register_full_backward_hook(lambda mod, gi, go: order.append("own"))
    x = torch.zeros(2, requires_grad=True)
    m(x).sum().backward()
    with record.raises("the older kind"):
        modules.register_module_backward_hook(lambda m, gi, go: None)
    for handle in handles:
        handle.remove()
    record("order", order)
    record("gradient", x.grad)


@scenario
def full_backward_hooks_in_double_backward(torch: Any, record: Recorder) -> None:
    m = torch.nn.Tanh()
    calls: list[int] = []
    m.register_full_backward_hook(lambda mod, gi, go: calls.append(len(gi)))
    x = torch.tensor([0.5, -0.5], requires_grad=True)
    (first,) = torch.autograd.grad(m(x).sum(), x, create_graph=True)
    record("first", [calls, first])
    record.graph("graph", first)
    (second,) = torch.autograd.grad(first.sum(), x)
    record("second", [calls, second.clone()])


@scenario
def hooks_are_removed_by_their_handles(torch: Any, record: Recorder) -> None:
    m = torch.nn.Identity()
    calls: list[str] = []
    with m.register_forward_hook(lambda mod, a, o: calls.append("in"), with_kwargs=False):
        m(1)
    m(1)
    handle = m.register_forward_hook(lambda mod, a, k, o: calls.append("kw"), with_kwargs=True)
    record("extra", len(m._forward_hooks_with_kwargs))
    handle.remove()
    record("removed", [calls, len(m._forward_hooks_with_kwargs), len(m._forward_hooks)])


@scenario
def deepcopy_of_a_hooked_module(torch: Any, record: Recorder) -> None:
    m = torch.nn.Linear(1, 1)
    seen: list[Any] = []
    m.register_forward_hook(lambda mod, args, out: seen.append(mod))
    m.register_load_state_dict_pre_hook(lambda mod, *rest: seen.append(mod))
    n = copy.deepcopy(m)
    n(torch.ones(1, 1))
    n.load_state_dict(m.state_dict())
    record("whose", [mod is n for mod in seen])


@scenario
def a_subclass_with_its_own_register_buffer(torch: Any, record: Recorder) -> None:
    class Counting(torch.nn.Module):
        def register_buffer(self, name: str, tensor: Any) -> None:
            super().register_buffer(name, tensor)

    m = Counting()
    m.register_buffer("a", torch.ones(1))
    m.a = torch.zeros(1)
    m.b = torch.nn.Buffer(torch.ones(1))
    record("buffers", dict(m.named_buffers()))
    with record.raises("not persistent"):
        m.c = torch.nn.Buffer(torch.ones(1), persistent=False)


@scenario
def setting_the_data_of_parameters(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(2))
    p.data = torch.zeros(3, dtype=torch.float64)
    record("parameter", [p, isinstance(p, torch.nn.Parameter)])
    (p * 2).sum().backward()
    record("gradient", p.grad)
    with record.raises("in place"):
        p.add_(1)
    with record.raises("integers"):
        p.data = torch.ones(2, dtype=torch.int64)


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


# Layers -------------------------------------------------------------------------------------------


@scenario
def linear_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Linear(3, 2)
    record("parameters", dict(m.named_parameters()))
    torch.manual_seed(1)
    record("no bias", dict(torch.nn.Linear(4, 4, bias=False).named_parameters()))
    record("double", torch.nn.Linear(2, 1, dtype=torch.float64).weight)
    record("no inputs", dict(torch.nn.Linear(0, 2).named_parameters()))
    x = torch.tensor([[1.0, 2.0, 3.0]])
    y = m(x)
    record("output", y)
    record.graph("graph", y)
    with record.raises("shape"):
        m(torch.ones(1, 4))


@scenario
def bilinear_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Bilinear(2, 3, 2)
    record("parameters", dict(m.named_parameters()))
    record("output", m(torch.ones(1, 2), torch.ones(1, 3)))
    with record.raises("no features"):
        torch.nn.Bilinear(0, 1, 1)


@scenario
def embedding_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Embedding(4, 2, padding_idx=-1)
    record("weight", m.weight)
    y = m(torch.tensor([[0, 3], [2, 0]]))
    record("rows", y)
    y.sum().backward()
    record("gradient", m.weight.grad)
    record("printed", [repr(m), repr(torch.nn.Embedding(2, 2, max_norm=1.0, norm_type=1.0))])
    record("given", torch.nn.Embedding.from_pretrained(torch.ones(2, 2)).weight)
    with record.raises("padding"):
        torch.nn.Embedding(2, 2, padding_idx=2)


@scenario
def layer_norm_as_a_module(torch: Any, record: Recorder) -> None:
    m = torch.nn.LayerNorm([2, 3])
    record("parameters", dict(m.named_parameters()))
    record("output", m(torch.arange(6.0).reshape(1, 2, 3)))
    for n in (
        torch.nn.LayerNorm(3, bias=False),
        torch.nn.LayerNorm(3, elementwise_affine=False, eps=1e-3),
    ):
        record("other", [repr(n), list(n.state_dict()), n.weight is None, n.bias is None])


@scenario
def dropout_has_torch_s_stream(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Dropout(0.4)
    x = torch.ones(8, requires_grad=True)
    record("training", m(x))
    record("evaluating", m.eval()(x) is x)
    with record.raises("probability"):
        torch.nn.Dropout(1.5)


@scenario
def activations_and_how_they_print(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    x = torch.tensor([[-2.0, -0.5, 0.5, 2.0]], requires_grad=True)
    for m in (
        nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(), nn.CELU(0.5),
        nn.SELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish(), nn.Sigmoid(), nn.Tanh(),
        nn.Hardtanh(), nn.Hardtanh(-2, 3, True), nn.Hardsigmoid(), nn.Hardswish(), nn.Softplus(),
        nn.Softplus(2, 1), nn.Softsign(), nn.Softshrink(), nn.Hardshrink(0.7), nn.Tanhshrink(),
        nn.LogSigmoid(), nn.Softmax(1), nn.Softmin(dim=1), nn.LogSoftmax(dim=-1), nn.GLU(),
        nn.Threshold(0.1, 20), nn.PReLU(), nn.PReLU(4, 0.1), nn.RReLU(), nn.Identity(3, x=1),
        nn.Flatten(0), nn.Unflatten(1, (2, 2)),
    ):  # fmt: skip
        record("printed", repr(m))
        record("value", m(x.clone()), ulps=8)


@scenario
def activations_warn_and_refuse(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    record("no dim", nn.Softmax()(torch.ones(2, 2)))
    record("old names", repr(nn.Hardtanh(min_value=-3, max_value=4)))
    with record.raises("bounds"):
        nn.Hardtanh(1, 0)
    with record.raises("2d"):
        nn.Softmax2d()(torch.ones(2, 2))
    for size in (3, (2, "a")):
        with record.raises(f"unflatten {size}"):
            nn.Unflatten(1, size)


@scenario
def losses_as_modules(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    x = torch.tensor([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2]], requires_grad=True)
    t = torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.2]])
    for m in (
        nn.MSELoss(), nn.L1Loss(reduction="sum"), nn.SmoothL1Loss(beta=0.3), nn.HuberLoss(),
        nn.BCELoss(), nn.BCELoss(weight=torch.tensor([1.0, 2.0, 3.0])), nn.BCEWithLogitsLoss(),
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 2.0, 3.0])), nn.KLDivLoss(),
        nn.KLDivLoss(reduction="batchmean", log_target=True), nn.KLDivLoss(reduction="sum"),
    ):  # fmt: skip
        y = m(x, t)
        record(repr(m), [y, list(m.state_dict())])
        record.graph("graph", y)
        record("gradient", numbers(torch.autograd.grad(y, x)))


@scenario
def losses_of_classes(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    x = torch.tensor([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2], [1.0, 2.0, 3.0]], requires_grad=True)
    t = torch.tensor([1, 0, 2])
    w = torch.tensor([1.0, 2.0, 0.5])
    for m in (
        nn.NLLLoss(), nn.NLLLoss(weight=w, reduction="sum"), nn.NLLLoss(ignore_index=1),
        nn.NLLLoss(reduction="none"), nn.CrossEntropyLoss(), nn.CrossEntropyLoss(weight=w),
        nn.CrossEntropyLoss(ignore_index=2), nn.CrossEntropyLoss(reduction="none"),
        nn.CrossEntropyLoss(label_smoothing=0.1), nn.CrossEntropyLoss(w, label_smoothing=0.2),
    ):  # fmt: skip
        y = m(x, t)
        record(repr(m), y)
        record.graph("graph", y)
        record("gradient", numbers(torch.autograd.grad(y.sum(), x)))


@scenario
def losses_with_old_arguments(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for options in (
        {"size_average": False},
        {"reduce": False},
        {"size_average": True, "reduce": True},
        {"reduction": "sum"},
    ):
        record(str(options), nn.MSELoss(**options).reduction)
    with record.raises("delta"):
        nn.HuberLoss(delta="x")
    with record.raises("reduction"):
        nn.MSELoss(reduction="most")(torch.ones(1), torch.ones(1))


# init and utils -----------------------------------------------------------------------------------


@scenario
def init_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    init = torch.nn.init
    torch.manual_seed(0)
    for fill in (
        init.uniform_, init.normal_, init.trunc_normal_, init.ones_, init.zeros_, init.eye_,
        init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_, init.kaiming_normal_,
    ):  # fmt: skip
        p = torch.nn.Parameter(torch.empty(3, 4))
        record(fill.__name__, [fill(p) is p, p])
    record("constant", init.constant_(torch.empty(2), 0.3))
    record("bounds", init.uniform_(torch.empty(3), -2.0, 5.0))
    record("deviation", init.normal_(torch.empty(3), 1.0, 3.0))
    record("tail", init.trunc_normal_(torch.empty(4), 0.0, 1.0, 1.0, 3.0))
    record("gain", init.xavier_uniform_(torch.empty(2, 2), gain=2.0))
    record("fan_out", init.kaiming_normal_(torch.empty(2, 3), mode="fan_out", nonlinearity="relu"))
    record("kernel", init.kaiming_uniform_(torch.empty(2, 1, 2, 2), a=1))
    record("dirac", init.dirac_(torch.empty(4, 2, 3), groups=2))
    record("sparse", init.sparse_(torch.empty(4, 2), 0.5))


@scenario
def init_is_not_recorded(torch: Any, record: Recorder) -> None:
    x = torch.zeros(2, 2, requires_grad=True)
    torch.nn.init.ones_(x)
    record("leaf", x)
    g = torch.Generator().manual_seed(4)
    record("generator", torch.nn.init.uniform_(torch.empty(3), generator=g))


@scenario
def init_refuses_and_warns(torch: Any, record: Recorder) -> None:
    init = torch.nn.init
    with record.raises("fan"):
        init.xavier_uniform_(torch.empty(3))
    with record.raises("mode"):
        init.kaiming_uniform_(torch.empty(3, 3), mode="fan_side")
    with record.raises("nonlinearity"):
        init.calculate_gain("wave")
    with record.raises("slope"):
        init.calculate_gain("leaky_relu", "steep")
    with record.raises("eye"):
        init.eye_(torch.empty(3))
    with record.raises("dirac"):
        init.dirac_(torch.empty(3))
    record("empty", init.kaiming_uniform_(torch.empty(0, 3)))
    record("far", init.trunc_normal_(torch.empty(2), 9.0, 1.0, -2.0, 2.0).shape)
    record("old name", init.ones_(torch.empty(1)))
    init.constant(torch.empty(1), 1.0)
    names = ("linear", "tanh", "relu", "leaky_relu", "selu", "sigmoid", "conv2d")
    record("gains", [init.calculate_gain(name) for name in names])
    record("leaky", [init.calculate_gain("leaky_relu", slope) for slope in (0, 1, 0.2)])


@scenario
def clipping_by_norm(torch: Any, record: Recorder) -> None:
    clip = torch.nn.utils.clip_grad_norm_
    for norm in (2.0, 1, float("inf")):
        p = [torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(1))]
        p[0].grad, p[1].grad = torch.tensor([3.0, -4.0]), torch.tensor([12.0])
        record(f"norm {norm}", [clip(p, 1.0, norm), p[0].grad, p[1].grad])
    record("below", [clip(p, 100.0), p[0].grad])
    record("one tensor", [clip(p[0], 0.1), p[0].grad])
    record("nothing", [clip([], 1.0), clip(iter([]), 1.0)])
    p[0].grad = torch.tensor([float("nan"), 1.0])
    with record.raises("not finite"):
        clip(p, 1.0, error_if_nonfinite=True)


@scenario
def clipping_by_value(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(3))
    p.grad = torch.tensor([3.0, -4.0, 0.5])
    record("result", torch.nn.utils.clip_grad_value_([p], 1.0))
    record("gradient", p.grad)


@scenario
def parameters_as_a_vector(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    v = torch.nn.utils.parameters_to_vector(m.parameters())
    record("vector", v)
    torch.nn.utils.vector_to_parameters(torch.arange(26.0), m.parameters())
    record("parameters", dict(m.named_parameters()))
    with record.raises("no tensor"):
        torch.nn.utils.vector_to_parameters([1.0], m.parameters())
