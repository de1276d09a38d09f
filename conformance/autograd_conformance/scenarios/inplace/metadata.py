"""data, detach_, set_, sizes; assignment to parts, out=, hooks around writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.inplace import leaf
from autograd_conformance.scenarios.recording import Recorder, scenario

# data, detach, set_, sizes ------------------------------------------------------------------------


@scenario
def data_is_another_tensor_on_the_same_memory(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    data = x.data
    record("data", [data, data is x.data, data._base])
    data.add_(1)
    x.data[0] = 9
    record("x", x)
    with record.raises("delete"):
        del x.data
    with record.raises("no tensor"):
        x.data = 3
    with record.raises("integers"):
        x.data = torch.tensor([1, 2])


@scenario
def data_is_replaced(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = (x * x).sum()
    x.data = torch.tensor([5.0, 6.0, 7.0])
    record("x", x)
    y.backward()
    record("grad", x.grad.tolist())
    x.data = torch.zeros(2, 2, dtype=torch.float64)
    record("other kind", [x, x.grad.tolist()])
    z = leaf(torch) * 2
    z.data = torch.ones(1)
    record("result", z)
    with record.raises("backward"):
        z.sum().backward()


@scenario
def data_of_a_view_is_replaced(torch: Any, record: Recorder) -> None:
    base = torch.ones(4)
    part = base[:2]
    base.data = torch.zeros(3)
    part.add_(1)
    record("base", [base, part, part._base is base])
    part.data = torch.zeros(1)
    part.add_(1)
    record("part", [base, part])


@scenario
def detach_in_place(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2
    z = y * 3
    y.detach_()
    record("y", y)
    z.sum().backward()
    record("grad", x.grad)
    y.mul_(x)
    record("again", y)
    record("same", y.detach_() is y)


@scenario
def set_takes_another_storage(torch: Any, record: Recorder) -> None:
    source = torch.tensor([1.0, 2.0, 3.0])
    target = torch.ones(2, 2)
    part = target[0]
    record("same", target.set_(source) is target)
    target.add_(1)
    record("both", [target, source, part])
    record("is_set_to", [target.is_set_to(source), part.is_set_to(source)])
    record("geometry", torch.ones(6).set_(source, 1, (2,), (1,)))
    record("repeated", torch.ones(6).set_(source, 0, (2, 2), (0, 1)))
    record("empty", torch.ones(3).set_())
    with record.raises("dtype"):
        target.set_(torch.tensor([1, 2]))
    with record.raises("number"):
        target.set_(3)


@scenario
def set_of_a_result_has_no_derivative(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y, plain = x * 2, torch.ones(2)
    y.set_(torch.ones(2))
    record("y", y)
    record.graph("graph", y)
    with record.raises("backward"):
        y.sum().backward()
    plain.set_(x)
    record("plain", plain)
    with record.raises("leaf"):
        x.set_(torch.ones(2))
    with torch.no_grad():
        x.set_(torch.ones(2))
    record("x", x)


@scenario
def resize_of_plain_tensors(torch: Any, record: Recorder) -> None:
    y = torch.arange(6.0)
    record("smaller", y.resize_(2, 2))
    record("same", y.resize_(2, 2))
    record("like", y.resize_as_(torch.ones(3)))
    part = torch.arange(4.0)[1:3]
    record("view", part.resize_(3))
    record("turned", torch.arange(6.0).view(2, 3).t().resize_(3, 2))
    record("channels", torch.arange(8.0).resize_(1, 2, 2, 2, memory_format=torch.channels_last))
    with record.raises("negative"):
        y.resize_(-1)


@scenario
def resize_of_what_requires_grad(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2
    for name, tensor in {"leaf": x, "result": y, "view": y[:2]}.items():
        with record.raises(name):
            tensor.resize_(2)
        with record.raises(f"{name} as"):
            tensor.resize_as_(torch.ones(2))
        with torch.no_grad(), record.raises(f"{name} in no_grad"):
            tensor.resize_(2)


@scenario
def a_resized_operand_is_noticed(torch: Any, record: Recorder) -> None:
    x, w = leaf(torch), torch.ones(3)
    y = (x * w).sum()
    w.resize_(3)
    y.backward()
    record("same size", x.grad.tolist())
    y = (x * w).sum()
    w.resize_(2)
    with record.raises("smaller"):
        y.backward()


@scenario
def geometry_in_place(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    writes: dict[str, Callable[[Any], Any]] = {
        "t_": lambda y: y.t_(),
        "transpose_": lambda y: y.transpose_(0, 1),
        "swapaxes_": lambda y: y.swapaxes_(0, 1),
        "swapdims_": lambda y: y.swapdims_(0, 1),
        "unsqueeze_": lambda y: y.unsqueeze_(1),
        "squeeze_": lambda y: y.unsqueeze_(1).squeeze_(1),
        "as_strided_": lambda y: y.as_strided_((2, 2), (1, 2), 1),
    }
    for name, write in writes.items():
        y = x * 2
        row = y[0]
        write(y)
        record(name, y)
        record(f"{name} view before", row)
        y.mul_(3)
        record.graph(f"{name} graph", y)
        (y * y).sum().backward()
        record(f"{name} grad", x.grad.tolist())
        x.grad = None


@scenario
def geometry_in_place_of_views(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    y = x * 2
    part = y[:, :2]
    part.t_()
    record("part", part)
    record.graph("graph", part)
    part.mul_(3)
    record.graph("base graph", y)
    record.graph("part graph", part)
    part[0].add_(1)
    (y * y).sum().backward()
    record("grad", x.grad.tolist())


@scenario
def geometry_in_place_in_no_grad(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, 3, requires_grad=True)
    with torch.no_grad():
        x.t_()
    record("leaf", x)
    (x * 2).sum().backward()
    record("grad", x.grad.tolist())
    y = torch.ones(2, 3, requires_grad=True) * 2
    with torch.no_grad():
        y.unsqueeze_(0)
    record("result", y)


@scenario
def assignment_to_parts(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    places: dict[str, Any] = {
        "number": 0,
        "slice": slice(0, 1),
        "none": None,
        "ellipsis": ...,
        "tuple": (slice(None), 1),
        "list": [1, 0],
        "index": torch.tensor([1]),
        "two indices": (torch.tensor([0, 1]), torch.tensor([1, 0])),
        "mask": torch.tensor([[True, False], [False, True]]),
        "mixed": (0, torch.tensor([1])),
        "true": True,
        "false": False,
    }
    for name, place in places.items():
        y = x * 2
        y[place] = 5.0
        record(name, y)
        record.graph(f"{name} graph", y)
        z = x * 2
        z[place] = x[0, 0]
        record.graph(f"{name} tensor graph", z)
        (z * z).sum().backward()
        record(f"{name} grad", x.grad.tolist())
        x.grad = None


@scenario
def repeated_indices_add_up_only_when_asked(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    index = torch.tensor([0, 0, 1])
    y = torch.zeros(2)
    y.index_put_((index,), x, accumulate=True)
    record("sum", y)
    (y * y).sum().backward()
    record("grad", x.grad.tolist())
    y = torch.zeros(2)
    y.index_add_(0, index, leaf(torch), alpha=2)
    record("added", y)


@scenario
def out_refuses_gradients(torch: Any, record: Recorder) -> None:
    x, target = leaf(torch), torch.zeros(3)
    with record.raises("argument"):
        torch.add(x, 1, out=target)
    with record.raises("target"):
        torch.add(torch.ones(3), 1, out=x)
    with torch.no_grad(), record.raises("in no_grad"):
        record("written", torch.add(x, 1, out=target))
    base = torch.zeros(2, 3)
    torch.exp(torch.zeros(3), out=base[1])
    record("view", base)
    with record.raises("other dtype"):
        torch.add(torch.ones(3), 1, out=torch.zeros(3, dtype=torch.int64))
    with record.raises("resized"):
        record("resized", torch.add(torch.ones(3), 1, out=torch.zeros(2)))
    with record.raises("from empty"):
        record("filled", torch.add(torch.ones(3), 1, out=torch.empty(0)))


@scenario
def out_on_a_saved_tensor_is_noticed(torch: Any, record: Recorder) -> None:
    x, w = leaf(torch), torch.ones(3)
    y = x * w
    torch.neg(torch.ones(3), out=w)
    with record.raises("backward"):
        y.sum().backward()


@scenario
def hooks_and_retained_gradients_around_a_write(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2
    y.register_hook(lambda grad: record("old value", grad.tolist()))
    y.retain_grad()
    y.mul_(3)
    y.register_hook(lambda grad: record("new value", grad.tolist()))
    (y * y).sum().backward()
    record("retained", y.grad.tolist())
    record("grad", x.grad.tolist())


@scenario
def a_chain_of_writes(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2
    for k in range(4):
        y.mul_(x.detach()).add_(k)
        y[k % 3] = x[(k + 1) % 3]
        y[1:].neg_()
    record("y", y)
    record.graph("graph", y)
    y.sum().backward()
    record("grad", x.grad + 0, ulps=16)


@scenario
def a_write_after_the_backward(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * x
    z = y * 1
    z.sum().backward()
    y.add_(1)
    with record.raises("second backward"):
        z.sum().backward()


@scenario
def gradients_are_written_in_place(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    (x * 2).sum().backward()
    grad = x.grad
    (x * 3).sum().backward()
    record("same object", x.grad is grad)
    record("values", grad.tolist())
    x.grad.zero_()
    (x * 1).sum().backward()
    record("after zero_", grad.tolist())
