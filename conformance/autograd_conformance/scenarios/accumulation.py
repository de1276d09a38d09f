"""What ``.grad`` becomes, and the attributes of tensors that have to do with gradients."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


# What .grad becomes ------------------------------------------------------------------------------


@scenario
def version_of_grad_tells_how_it_came(torch: Any, record: Recorder) -> None:
    def grad_of(function: Any) -> Any:
        x = _leaf(torch, 0.5, 2.0)
        function(x).backward(torch.ones(2))
        return x.grad

    record("product", grad_of(lambda x: x * 2))
    record("leaf itself", grad_of(lambda x: x))
    record("addition passes it on", grad_of(lambda x: x + 1))
    record("twice", grad_of(lambda x: x * 2 + x * 3))
    record("three times", grad_of(lambda x: x * 2 + x * 3 + x * 4))
    record("square", grad_of(lambda x: x * x))
    record("cube", grad_of(lambda x: x * x * x))
    record("shared, twice", grad_of(lambda x: x + x))
    record("shared, three times", grad_of(lambda x: x + x + x))
    record("shared after a node", grad_of(lambda x: (x + x).sin()))
    record("view", grad_of(lambda x: x.view(2, 1).sin().view(2)))
    record("slices", grad_of(lambda x: torch.cat([x[1:], x[:1]])))
    x = _leaf(torch, 0.5, 2.0)
    x.sum().backward()
    record("expanded", x.grad)


@scenario
def a_gradient_of_two_leaves(torch: Any, record: Recorder) -> None:
    x, z = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0)
    (x + z).sin().sum().backward()
    record("one copies, one takes over", [x.grad, z.grad])
    record("memory", x.grad.data_ptr() == z.grad.data_ptr())
    x.grad = z.grad = None
    torch.cat([x, z]).sin().sum().backward()
    record("slices of one", [x.grad, z.grad, z.grad.storage_offset()])


@scenario
def gradients_of_the_caller(torch: Any, record: Recorder) -> None:
    x, given = _leaf(torch, 1.0, 2.0), torch.ones(2)
    x.backward(given)
    record("leaf itself", x.grad.data_ptr() == given.data_ptr())
    x.grad = None
    (x + 0).backward(given)
    record("through an addition", x.grad.data_ptr() == given.data_ptr())
    x.grad = None
    given = torch.ones(1, 2)
    x.view(1, 2).backward(given)
    record("through a view it is taken over", x.grad.data_ptr() == given.data_ptr())


@scenario
def grad_is_one_object_over_accumulations(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    (x * 4).sum().backward()
    record("same", x.grad is first)
    record("written", x.grad)


@scenario
def accumulation_into_an_assigned_grad(torch: Any, record: Recorder) -> None:
    x, z, shared = _leaf(torch, 1.0, 2.0), _leaf(torch, 3.0, 4.0), torch.ones(2)
    x.grad = z.grad = shared
    record("assigned", x.grad is shared)
    (x * z).sum().backward()
    record("shared", [x.grad, z.grad])
    x.grad = torch.ones(2, requires_grad=True)
    (x * 2).sum().backward()
    record("that requires a gradient", x.grad)
    x.grad = _leaf(torch, 1.0, 1.0) * 2
    (x * 2).sum().backward()
    record("that has a history", x.grad)
    x.grad = torch.ones(1).expand(2)
    with record.raises("expanded"):
        (x * 2).sum().backward()
    base = torch.ones(4)
    x.grad = base[::2]
    (x * 2).sum().backward()
    record("that is a view", [x.grad, base])
    x.grad = torch.ones(2)
    (x * x).sum().backward(create_graph=True)
    record("recorded", x.grad)


@scenario
def layout_of_grad(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, 3).t().detach().requires_grad_()
    (x * torch.ones(3, 2)).sum().backward()
    record("of a transposed leaf", x.grad)
    x = torch.ones(3, 4)[:, ::2].detach().requires_grad_()
    (x * 2).sum().backward()
    record("of a leaf with gaps", x.grad)
    x = torch.ones(3, 1).expand(3, 2).detach().requires_grad_()
    (x * 2).sum().backward()
    record("of an expanded leaf", x.grad)
    x = torch.ones(2, 3, requires_grad=True)
    (x.t() * 2).sum().backward()
    record("through a transposition", x.grad)
    x = torch.ones(2, 3, requires_grad=True)
    x.t().sin().sum().backward(create_graph=True)
    record("recorded", x.grad)


@scenario
def leaves_that_change_between_forward_and_backward(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = (x * 2).sum()
    x.requires_grad_(False)
    y.backward()
    record("requires no gradient any more", x.grad)
    x = _leaf(torch, 1.0, 2.0)
    y = (x * 2).sum()
    x.data = torch.ones(3)
    y.backward()
    record("has another shape", x.grad)
    x = _leaf(torch, 1.0, 2.0)
    y = (x * 2).sum()
    x.data = torch.ones(2, dtype=torch.float64)
    y.backward()
    record("has another dtype", x.grad)
    x = _leaf(torch, 1.0, 2.0)
    x.grad = torch.ones(2)
    x.data = torch.ones(3)
    with record.raises("has a grad of another shape"):
        (x * 2).sum().backward()


@scenario
def assigning_grad(torch: Any, record: Recorder) -> None:
    for label, make in (
        ("number", lambda: 3),
        ("shape", lambda: torch.ones(3)),
        ("one dim more", lambda: torch.ones(1, 2)),
        ("dtype", lambda: torch.ones(2, dtype=torch.float64)),
        ("dtype and shape", lambda: torch.ones(3, dtype=torch.int32)),
    ):
        x = _leaf(torch, 1.0, 2.0)
        with record.raises(label):
            x.grad = make()
    x = _leaf(torch, 1.0)
    with record.raises("itself"):
        x.grad = x
    plain = torch.ones(2, dtype=torch.int64)
    plain.grad = torch.zeros(2, dtype=torch.int64)
    record("of integers", plain.grad)
    del plain.grad
    record("deleted", plain.grad)
    inner = _leaf(torch, 1.0) * 2
    inner.grad = torch.zeros(1)
    record("of an inner tensor", inner.grad)


@scenario
def grad_of_an_inner_tensor_warns(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    y = x * 2
    record("plain", y.grad)
    y.retain_grad()
    record("retained", y.grad)
    record("of a leaf", x.grad)


@scenario
def grad_dtype_of_leaves(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    record("default", [x.grad_dtype, torch.ones(1, dtype=torch.int64).grad_dtype])
    x.grad_dtype = torch.float64
    (x * 2).sum().backward()
    record("wider", x.grad)
    record("grad", torch.autograd.grad((x * 2).sum(), x))
    with record.raises("assigned dtype"):
        x.grad = torch.ones(2)
    with record.raises("there is a gradient"):
        x.grad_dtype = torch.float16
    x.grad = None
    x.grad_dtype = None
    (x * 2).sum().backward()
    record("any", x.grad)
    x.grad = torch.ones(2, dtype=torch.float16)
    (x * 2).sum().backward()
    record("added to another dtype", x.grad)
    with record.raises("no dtype"):
        x.grad_dtype = 3
    with record.raises("inner, read"):
        record("it", (x * 2).grad_dtype)
    with record.raises("inner, set"):
        (x * 2).grad_dtype = torch.float64
    z = _leaf(torch, 1.0, 2.0)
    y = z * 2
    z.grad_dtype = torch.float16
    y.sum().backward()
    record("set after use", z.grad)


# Attributes --------------------------------------------------------------------------------------


@scenario
def setting_requires_grad(torch: Any, record: Recorder) -> None:
    cases: tuple[tuple[str, Any, Any], ...] = (
        ("number", lambda: torch.ones(1), 3),
        ("None", lambda: torch.ones(1), None),
        ("integers", lambda: torch.ones(1, dtype=torch.int64), True),
        ("integers, off", lambda: torch.ones(1, dtype=torch.int64), False),
        ("inner, on", lambda: _leaf(torch, 1.0) * 2, True),
        ("inner, off", lambda: _leaf(torch, 1.0) * 2, False),
        ("leaf, off", lambda: _leaf(torch, 1.0), False),
    )
    for label, make, value in cases:
        x = make()
        with record.raises(f"attribute, {label}"):
            x.requires_grad = value
            record("then", x.requires_grad)
        x = make()
        with record.raises(f"method, {label}"):
            record("result", x.requires_grad_(value))
    record("keyword", torch.ones(1).requires_grad_(requires_grad=False))


@scenario
def requires_grad_of_views(torch: Any, record: Recorder) -> None:
    x = torch.ones(2)
    view = x[:1]
    view.requires_grad_()
    (view * 2).sum().backward()
    record("view", [view, view.grad, x.requires_grad])
    x = torch.ones(2)
    view = x[:1]
    x.requires_grad_()
    record("base", [view.requires_grad, view.grad_fn, view.is_leaf])


@scenario
def detaching(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    detached = y.detach()
    record("detached", detached)
    y.add_(1)
    record("written together", detached)
    record("in place", y.detach_() is y)
    record("then", y)
    record("leaf in place", x.detach_())
    with record.raises("view in place"):
        (_leaf(torch, 1.0, 2.0) * 2)[:1].detach_()
    with record.raises("view of what needs no gradient"):
        torch.ones(2)[:1].detach_()
    z = _leaf(torch, 1.0) * 2
    z.retain_grad()
    z.detach_()
    record("still said to retain", [z.retains_grad, z.grad])


@scenario
def data_of_tensors(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = (x * x).sum()
    x.data.mul_(10)
    y.backward()
    record("written behind the graph", [x, x.grad, x.data])
    for label, value in (
        ("number", 3),
        ("integers", torch.ones(2, dtype=torch.int64)),
        ("shape", torch.ones(3)),
        ("dtype", torch.ones(2, dtype=torch.float64)),
    ):
        x = _leaf(torch, 1.0, 2.0)
        with record.raises(label):
            x.data = value
            record("then", x)
    with record.raises("deleted"):
        del x.data
    inner = _leaf(torch, 1.0, 2.0) * 2
    inner.data = torch.ones(2, dtype=torch.float64)
    record("of an inner tensor", inner)
    new = torch.zeros(2)
    x.data = new
    record("memory", [x.data_ptr() == new.data_ptr(), x._version])


@scenario
def attributes_that_cannot_be_set(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0)
    for name in ("grad_fn", "is_leaf", "retains_grad", "output_nr"):
        with record.raises(name):
            setattr(x, name, None)


@scenario
def retaining_grad(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    x.retain_grad()
    record("leaf", x.retains_grad)
    with record.raises("needs no gradient"):
        torch.ones(1).retain_grad()
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    root = (y * 2 + y * 3).sum()
    root.backward(retain_graph=True)
    first = y.grad
    record("retained", first)
    root.backward()
    record("added to", y.grad)
    record("another object", y.grad is first)
    z = x * 2
    z.retain_grad()
    (z * z).sum().backward(create_graph=True)
    record("recorded", z.grad)


@scenario
def retained_gradients_follow_writes(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 1.0, 2.0)
    y = x * 2
    y.retain_grad()
    y.mul_(5)
    y.sum().backward()
    record("written", [y.grad, x.grad])
    y = x * 2
    y.retain_grad()
    y[:1].mul_(3)
    y.sum().backward()
    record("written through a view", y.grad)
    y = x * 2
    view = y[:1]
    view.retain_grad()
    y.mul_(3)
    view.sum().backward()
    record("view of what was written", view.grad)


@scenario
def legacy_variables(torch: Any, record: Recorder) -> None:
    Variable = torch.autograd.Variable
    x = torch.ones(2).add_(1)
    made = Variable(x)
    record("made", made)
    record("same memory, another object", [made.data_ptr() == x.data_ptr(), made is x])
    record("required", Variable(x, requires_grad=True))
    record("empty", Variable())
    record("of a leaf", Variable(_leaf(torch, 1.0)))
    record("volatile", Variable(x, volatile=True))
    record("instances", [isinstance(x, Variable), isinstance(3, Variable)])
    for label, data in (("number", 3), ("list", [1.0])):
        with record.raises(label):
            Variable(data)
    with record.raises("integers"):
        Variable(torch.ones(1, dtype=torch.int32), requires_grad=True)
    with record.raises("function"):
        torch.autograd.variable(3)
    record("found there, too", torch.autograd.variable.Variable is Variable)


@scenario
def a_gradient_that_a_function_passes_on_stays_the_callers(torch: Any, record: Recorder) -> None:
    class Identity(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    x = torch.ones(3, requires_grad=True)
    given = torch.full((3,), 2.0)
    Identity.apply(x).backward(given)
    record("same memory", x.grad.data_ptr() == given.data_ptr())
    x.grad.mul_(2)
    record("given", given)
    record("grad", x.grad)


@scenario
def a_gradient_of_one_element_has_its_leafs_strides(torch: Any, record: Recorder) -> None:
    for name, x in (
        ("whole", torch.ones(1)),
        ("with gaps", torch.stack([torch.ones(1)] * 2, -1)[..., 0]),
        ("transposed", torch.ones(1, 3).t()),
    ):
        leaf = x.requires_grad_()
        leaf.sum().backward()
        record(name, leaf.grad)
