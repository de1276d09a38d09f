"""Views of every kind, writes through them, and their graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.views import matrix, result

_VIEWS: dict[str, Callable[[Any], Any]] = {
    "view": lambda x: x.view(3, 2),
    "view_as": lambda x: x.view_as(x),
    "reshape": lambda x: x.reshape(6),
    "reshape_as": lambda x: x.reshape_as(x),
    "flatten": lambda x: x.flatten(),
    "ravel": lambda x: x.ravel(),
    "unflatten": lambda x: x.unflatten(1, (3, 1)),
    "expand": lambda x: x.expand(2, 2, 3),
    "expand_as": lambda x: x[0:1].expand_as(x),
    "permute": lambda x: x.permute(1, 0),
    "transpose": lambda x: x.transpose(0, 1),
    "t": lambda x: x.t(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "H": lambda x: x.H,
    "mH": lambda x: x.mH,
    "adjoint": lambda x: x.adjoint(),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "swapdims": lambda x: x.swapdims(0, 1),
    "movedim": lambda x: x.movedim(0, 1),
    "moveaxis": lambda x: x.moveaxis(0, 1),
    "squeeze": lambda x: x[0:1].squeeze(),
    "squeeze dim": lambda x: x[0:1].squeeze(0),
    "squeeze dims": lambda x: x[0:1].squeeze((0,)),
    "squeeze nothing": lambda x: x.squeeze(0),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "select": lambda x: x.select(0, 1),
    "narrow": lambda x: x.narrow(1, 0, 2),
    "index": lambda x: x[1],
    "slice": lambda x: x[:, 1:],
    "steps": lambda x: x[..., ::2],
    "ellipsis": lambda x: x[...],
    "newaxis": lambda x: x[None],
    "diagonal": lambda x: x.diagonal(),
    "unfold": lambda x: x.unfold(1, 2, 1),
    "as_strided": lambda x: x.as_strided((2, 2), (1, 2), 1),
    "unbind": lambda x: x.unbind(0)[1],
    "split": lambda x: x.split(1)[0],
    "split sizes": lambda x: x.split([1, 2], 1)[1],
    "chunk": lambda x: x.chunk(2, 1)[1],
    "tensor_split": lambda x: x.tensor_split(2, 1)[0],
    "hsplit": lambda x: x.hsplit(3)[0],
    "vsplit": lambda x: x.vsplit(2)[0],
    "iteration": lambda x: next(iter(x)),
    "real": lambda x: x.real,
    "detach": lambda x: x.detach(),
    "data": lambda x: x.data,
    "alias": lambda x: x.view(x.shape),
    "contiguous": lambda x: x.contiguous(),
    "positive": lambda x: +x,
    "to": lambda x: x.to(x.dtype),
    "view dtype": lambda x: x.detach().view(x.dtype),
}


_WRITABLE = {name: cut for name, cut in _VIEWS.items() if name != "unfold"}


@scenario
def every_view_of_a_result(torch: Any, record: Recorder) -> None:
    for name, cut in _VIEWS.items():
        y = result(torch)
        view = cut(y)
        record(name, [view, view._base is y, view._is_view(), view is y])
        record.graph(f"{name} graph", view.detach() if view.grad_fn is None else view)


@scenario
def every_view_of_a_leaf(torch: Any, record: Recorder) -> None:
    for name, cut in _VIEWS.items():
        x = matrix(torch)
        view = cut(x)
        record(name, [view, view._base is x])


@scenario
def every_view_of_data(torch: Any, record: Recorder) -> None:
    for name, cut in _VIEWS.items():
        x = matrix(torch, requires_grad=False)
        view = cut(x)
        record(name, [view, view._base is x, view._is_view()])


@scenario
def writes_through_every_view_reach_the_base(torch: Any, record: Recorder) -> None:
    for name, cut in _WRITABLE.items():
        y = result(torch)
        view = cut(y)
        with record.raises(name):
            view.mul_(2)
        record(f"{name} after", [y, view._version])
        with record.raises(f"{name} grad_fn"):
            record(f"{name} view", view)
        (y * y).sum().backward()


@scenario
def gradients_of_writes_through_every_view(torch: Any, record: Recorder) -> None:
    for name, cut in _WRITABLE.items():
        x = matrix(torch)
        y = x * 2
        view = cut(y)
        try:
            view.mul_(3)
        except RuntimeError:
            continue
        (y * y).sum().backward()
        record(name, x.grad)


@scenario
def second_derivatives_through_views(torch: Any, record: Recorder) -> None:
    for name, cut in _WRITABLE.items():
        x = matrix(torch)
        y = x * x
        view = cut(y)
        try:
            view.mul_(view.detach().clone())
        except RuntimeError:
            continue
        with record.raises(name):
            (first,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
            (second,) = torch.autograd.grad((first * first).sum(), x)
            record(f"{name} values", [first, second.tolist()], ulps=64)


@scenario
def views_share_versions(torch: Any, record: Recorder) -> None:
    x = matrix(torch, requires_grad=False)
    row, part = x[0], x[0][1:]
    detached, data = x.detach(), x.data
    part.add_(1)
    record("after the part", [t._version for t in (x, row, part, detached, data)])
    x.zero_()
    record("after the whole", [t._version for t in (x, row, part, detached, data)])
    data.add_(1)
    record("after data", [t._version for t in (x, row, part, detached, data)])
    detached.add_(1)
    record("after detached", [t._version for t in (x, row, part, detached, data)])


@scenario
def views_of_views_have_the_first_base(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    view = x.t()[1:].unsqueeze(0).squeeze(0)
    record("base", [view._base is x, view._base is view, view])
    detached = x.t().detach()
    record("of detached", [detached._base, detached[0]._base is detached])


@scenario
def graph_of_a_write_through_a_view(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * 2
    row = y[0]
    row.mul_(3)
    record("base", y)
    record("view", row)
    record.graph("base graph", y)
    record.graph("view graph", row)
    record("copy slices", [y.grad_fn.name(), type(y.grad_fn).__name__])
    (y.sum() + row.sum()).backward()
    record("grad", x.grad)


@scenario
def graph_of_a_write_to_the_base(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * 2
    row = y[0]
    old = row.grad_fn
    y.mul_(3)
    record("same node", row.grad_fn is old)
    record.graph("view graph", row)
    row.sum().backward()
    record("grad", x.grad)


@scenario
def the_regenerated_node_is_kept(torch: Any, record: Recorder) -> None:
    y = result(torch)
    row = y[0]
    y.add_(1)
    first = row.grad_fn
    record("same", row.grad_fn is first)
    y.add_(1)
    record("again", row.grad_fn is first)
    record("name", row.grad_fn.name())


@scenario
def writes_through_two_views(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * 2
    row, column = y[0], y[:, 0]
    row.mul_(3)
    column.mul_(5)
    record("y", y)
    record.graph("base graph", y)
    record.graph("row graph", row)
    (row.sum() * 1 + column.sum() * 7).backward()
    record("grad", x.grad)


@scenario
def writes_through_a_view_of_a_view(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * 2
    turned = y.t()
    part = turned[1:]
    corner = part[:, 0]
    corner.mul_(10)
    record("all", [y, turned, part, corner])
    for name, tensor in {"y": y, "turned": turned, "part": part, "corner": corner}.items():
        record.graph(name, tensor)
    (turned.sum() + corner.sum()).backward()
    record("grad", x.grad)


@scenario
def a_write_of_something_that_requires_grad_into_data(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    buffer = torch.zeros(3, 3)
    kept = buffer[1:]
    buffer[:2].copy_(x)
    record("buffer", buffer)
    record("kept", kept)
    record.graph("buffer graph", buffer)
    record.graph("kept graph", kept)
    (kept * 2).sum().backward()
    record("grad", x.grad)


@scenario
def views_taken_before_the_base_required_grad(torch: Any, record: Recorder) -> None:
    x = matrix(torch, requires_grad=False)
    row = x[0]
    x.requires_grad_()
    record("row", row)
    (row * 2).sum().backward()
    record("grad", [x.grad, row.grad])
    with record.raises("write"):
        row.add_(1)


@scenario
def requires_grad_of_a_view_of_data(torch: Any, record: Recorder) -> None:
    x = matrix(torch, requires_grad=False)
    row = x[0]
    row.requires_grad_()
    record("row", [row, x])
    (row * 3).sum().backward()
    record("grad", [row.grad, x.grad])
    with record.raises("write"):
        row.mul_(2)
    with record.raises("write of the base"):
        x.mul_(2)
    record("after", [x, row])


@scenario
def requires_grad_off_on_views(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    row = x[0]
    with record.raises("result"):
        row.requires_grad_(False)
    with record.raises("attribute"):
        row.requires_grad = False
    with torch.no_grad():
        quiet = x[0]
    record("quiet", quiet)
    with record.raises("quiet"):
        quiet.requires_grad_(False)
    record("quiet", quiet)


@scenario
def a_leaf_is_not_written(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    for name, write in _WRITES.items():
        with record.raises(name):
            write(torch, x)
    record("x", x)


@scenario
def a_view_of_a_leaf_is_not_written(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    for name, write in _WRITES.items():
        with record.raises(name):
            write(torch, x[:])
    for name, cut in _VIEWS.items():
        with record.raises(name):
            cut(x).mul_(2)
    record("x", x)


_WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "add_": lambda torch, x: x.add_(1),
    "mul_": lambda torch, x: x.mul_(x),
    "zero_": lambda torch, x: x.zero_(),
    "fill_": lambda torch, x: x.fill_(1),
    "copy_": lambda torch, x: x.copy_(torch.zeros(2, 3)),
    "setitem": lambda torch, x: x.__setitem__(0, 1.0),
    "setitem index": lambda torch, x: x.__setitem__(torch.tensor([0]), 1.0),
    "setitem mask": lambda torch, x: x.__setitem__(x > 1, 1.0),
    "masked_fill_": lambda torch, x: x.masked_fill_(x > 1, 0),
    "index_add_": lambda torch, x: x.index_add_(0, torch.tensor([0]), torch.ones(1, 3)),
    "index_copy_": lambda torch, x: x.index_copy_(0, torch.tensor([0]), torch.ones(1, 3)),
    "index_fill_": lambda torch, x: x.index_fill_(0, torch.tensor([0]), 1),
    "scatter_": lambda torch, x: x.scatter_(0, torch.tensor([[0]]), 1.0),
    "uniform_": lambda torch, x: x.uniform_(),
    "normal_": lambda torch, x: x.normal_(),
    "bernoulli_": lambda torch, x: x.bernoulli_(),
    "clamp_": lambda torch, x: x.clamp_(0, 1),
    "relu_": lambda torch, x: x.relu_(),
    "t_": lambda torch, x: x.t_(),
    "unsqueeze_": lambda torch, x: x.unsqueeze_(0),
    "squeeze_": lambda torch, x: x.squeeze_(),
    "transpose_": lambda torch, x: x.transpose_(0, 1),
    "resize_": lambda torch, x: x.resize_(6),
    "resize_as_": lambda torch, x: x.resize_as_(torch.ones(6)),
    "as_strided_": lambda torch, x: x.as_strided_((2,), (1,)),
    "set_": lambda torch, x: x.set_(torch.ones(2)),
    "requires_grad_": lambda torch, x: x.requires_grad_(),
    "eq_": lambda torch, x: x.eq_(1),
    "random_": lambda torch, x: x.random_(),
    "lerp_": lambda torch, x: x.lerp_(torch.zeros(2, 3), 0.5),
    "out": lambda torch, x: torch.add(torch.ones(2, 3), 1, out=x),
}


@scenario
def writes_to_leaves_under_no_grad(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    row = x[0]
    with torch.no_grad():
        x.mul_(2)
        x[0].add_(1)
        row.add_(1)
    record("x", x)
    record("row", row)
    record.graph("row graph", row)
    row.sum().backward()
    record("grad", x.grad.tolist())


@scenario
def outputs_of_several_views_are_not_written(torch: Any, record: Recorder) -> None:
    cuts: dict[str, Callable[[Any], Any]] = {
        "unbind": lambda y: y.unbind(0),
        "split": lambda y: y.split(1),
        "split sizes": lambda y: y.split([1, 1]),
        "split_with_sizes": lambda y: y.split_with_sizes([1, 2], 1),
        "chunk": lambda y: y.chunk(2),
        "tensor_split": lambda y: y.tensor_split(2),
        "tensor_split indices": lambda y: y.tensor_split((1,), 1),
        "hsplit": lambda y: y.hsplit(3),
        "vsplit": lambda y: y.vsplit(2),
        "iteration": lambda y: tuple(y),
    }
    for name, cut in cuts.items():
        y = result(torch)
        parts = cut(y)
        with record.raises(f"{name} written"):
            parts[1].mul_(2)
        with record.raises(f"{name} view written"):
            parts[1][0:1].mul_(2)
        y.add_(1)
        with record.raises(f"{name} grad_fn"):
            record("node", parts[0].grad_fn)
        with record.raises(f"{name} used"):
            parts[0] * 2
        with torch.no_grad(), record.raises(f"{name} under no_grad"):
            parts[1].add_(1)
        record(f"{name} base", y)


@scenario
def outputs_of_several_views_of_data(torch: Any, record: Recorder) -> None:
    x = matrix(torch, requires_grad=False)
    first, second = x.unbind(0)
    with record.raises("plain write"):
        first.add_(1)
    with record.raises("recorded write"):
        second.mul_(torch.ones(3, requires_grad=True))
    record("x", x)
    record("first", first)
