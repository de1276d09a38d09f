"""Parameters, buffers, and how modules hold, find and change their parts."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from autograd_conformance.scenarios.nn import small_net
from autograd_conformance.scenarios.recording import Recorder, scenario

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
