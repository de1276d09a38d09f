"""Views: bases, shared versions, histories after writes, and what torch refuses and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _matrix(torch: Any, requires_grad: bool = True) -> Any:
    return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=requires_grad)


def _result(torch: Any) -> Any:
    """A non-leaf that views may be cut from and written through."""
    return _matrix(torch) * 1


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
"""Those whose elements do not share memory: torch lets the others be written, in any order."""


@scenario
def every_view_of_a_result(torch: Any, record: Recorder) -> None:
    for name, cut in _VIEWS.items():
        y = _result(torch)
        view = cut(y)
        record(name, [view, view._base is y, view._is_view(), view is y])
        record.graph(f"{name} graph", view.detach() if view.grad_fn is None else view)


@scenario
def every_view_of_a_leaf(torch: Any, record: Recorder) -> None:
    for name, cut in _VIEWS.items():
        x = _matrix(torch)
        view = cut(x)
        record(name, [view, view._base is x])


@scenario
def every_view_of_data(torch: Any, record: Recorder) -> None:
    for name, cut in _VIEWS.items():
        x = _matrix(torch, requires_grad=False)
        view = cut(x)
        record(name, [view, view._base is x, view._is_view()])


@scenario
def writes_through_every_view_reach_the_base(torch: Any, record: Recorder) -> None:
    for name, cut in _WRITABLE.items():
        y = _result(torch)
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
        x = _matrix(torch)
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
        x = _matrix(torch)
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
    x = _matrix(torch, requires_grad=False)
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
    x = _matrix(torch)
    view = x.t()[1:].unsqueeze(0).squeeze(0)
    record("base", [view._base is x, view._base is view, view])
    detached = x.t().detach()
    record("of detached", [detached._base, detached[0]._base is detached])


@scenario
def graph_of_a_write_through_a_view(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
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
    x = _matrix(torch)
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
    y = _result(torch)
    row = y[0]
    y.add_(1)
    first = row.grad_fn
    record("same", row.grad_fn is first)
    y.add_(1)
    record("again", row.grad_fn is first)
    record("name", row.grad_fn.name())


@scenario
def writes_through_two_views(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
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
    x = _matrix(torch)
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
    x = _matrix(torch)
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
    x = _matrix(torch, requires_grad=False)
    row = x[0]
    x.requires_grad_()
    record("row", row)
    (row * 2).sum().backward()
    record("grad", [x.grad, row.grad])
    with record.raises("write"):
        row.add_(1)


@scenario
def requires_grad_of_a_view_of_data(torch: Any, record: Recorder) -> None:
    x = _matrix(torch, requires_grad=False)
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
    x = _matrix(torch)
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
    x = _matrix(torch)
    for name, write in _WRITES.items():
        with record.raises(name):
            write(torch, x)
    record("x", x)


@scenario
def a_view_of_a_leaf_is_not_written(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
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
    x = _matrix(torch)
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
        y = _result(torch)
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
    x = _matrix(torch, requires_grad=False)
    first, second = x.unbind(0)
    with record.raises("plain write"):
        first.add_(1)
    with record.raises("recorded write"):
        second.mul_(torch.ones(3, requires_grad=True))
    record("x", x)
    record("first", first)


@scenario
def views_made_under_no_grad(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    with torch.no_grad():
        row, many = y[0], y.unbind(0)[1]
        of_view = row[1:]
    record("views", [row, many, of_view])
    for name, view in {"row": row, "many": many, "of view": of_view}.items():
        with record.raises(f"{name} written"):
            view.add_(1)
    with torch.no_grad(), record.raises("written under no_grad"):
        row.add_(1)
    for name, view in {"row": row, "many": many, "of view": of_view}.items():
        with record.raises(f"{name} grad_fn"):
            record("node", view.grad_fn)
        with record.raises(f"{name} cut"):
            view[0]


@scenario
def views_with_grad_of_views_without(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    with torch.no_grad():
        row = y[0]
    part = row[1:]
    record("part", part)
    with record.raises("part written"):
        part.add_(1)
    y.add_(1)
    with record.raises("part grad_fn"):
        record("node", part.grad_fn)


@scenario
def views_without_grad_of_views_with(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    row, many = y[0], y.unbind(0)
    with torch.no_grad():
        part, of_many = row[1:], many[0][1:]
    with record.raises("part written"):
        part.add_(1)
    with record.raises("of many written"):
        of_many.add_(1)
    record("sums", [row.requires_grad, part.requires_grad])


@scenario
def no_grad_views_of_leaves(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    with torch.no_grad():
        row = x[0]
    record("row", row)
    with record.raises("written"):
        row.add_(1)
    (row * 2).sum().backward()
    record("grads", [x.grad, row.grad])
    with torch.no_grad():
        row.add_(1)
    with record.raises("node"):
        record("node", row.grad_fn)
    with record.raises("is_leaf"):
        record("leaf", row.is_leaf)
    record("requires_grad", row.requires_grad)


@scenario
def no_grad_views_of_data(torch: Any, record: Recorder) -> None:
    x = _matrix(torch, requires_grad=False)
    with torch.no_grad():
        row = x[0]
    row.add_(1)
    record("plain", [x, row])
    with record.raises("recorded"):
        row.mul_(torch.ones(3, requires_grad=True))
    x.mul_(torch.ones(3, requires_grad=True))
    with record.raises("node"):
        record("node", row.grad_fn)


@scenario
def detach_shares_memory_and_versions(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * 2
    z = (y * y).sum()
    alone = y.detach()
    alone.zero_()
    record("both", [y, alone, alone._base])
    with record.raises("backward"):
        z.backward()


@scenario
def data_writes_are_not_seen(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * x
    x.data.mul_(10)
    record("x", x)
    y.sum().backward()
    record("grad of the new values", x.grad)


@scenario
def detach_in_place_of_views(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    for name, view in {"view": y[0], "of data": torch.ones(2)[0:1], "alias": y.view(6)}.items():
        with record.raises(name):
            view.detach_()
    row = y[0]
    y.detach_()
    record("base", y)
    with record.raises("view after"):
        record("row", row)
    x = _matrix(torch)
    record("leaf", x.detach_())


@scenario
def views_after_their_base_was_detached_and_written(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    row = y[0]
    y.detach_()
    y.add_(1)
    with record.raises("row"):
        record("row", row)
    other = y[0]
    record("other", other)


@scenario
def as_strided_of_a_view(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * 2
    part = y[1, 1:]
    whole = part.as_strided((2, 3), (3, 1), 0)
    moved = part.as_strided((2,), (1,))
    record("both", [whole, moved, whole._base is y])
    moved.mul_(5)
    record("y", y)
    record.graph("whole graph", whole)
    (whole * whole).sum().backward()
    record("grad", x.grad)


@scenario
def overlapping_views_have_gradients(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    windows = (x * 1).unfold(0, 2, 1)
    (windows * torch.tensor([[1.0, 10.0]])).sum().backward()
    record("unfold", x.grad)
    x.grad = None
    strided = (x * 1).as_strided((3, 2), (1, 1))
    (strided * strided).sum().backward()
    record("as_strided", x.grad)


@scenario
def expanded_views_are_not_written(torch: Any, record: Recorder) -> None:
    writes: dict[str, Callable[[Any], Any]] = {
        "add_": lambda t: t.add_(1),
        "mul_": lambda t: t.mul_(t),
        "copy_": lambda t: t.copy_(torch.zeros(2, 3)),
        "setitem": lambda t: t.__setitem__(0, 1.0),
        "fill_": lambda t: t.fill_(1),
        "zero_": lambda t: t.zero_(),
        "masked_fill_": lambda t: t.masked_fill_(torch.ones(2, 3) > 0, 0.0),
        "index_add_": lambda t: t.index_add_(0, torch.tensor([0]), torch.ones(1, 3)),
        "exp_": lambda t: t.exp_(),
        "t_": lambda t: t.t_(),
        "out": lambda t: torch.exp(torch.zeros(2, 3), out=t),
        "normal_": lambda t: t.clone().normal_().mul_(0),
    }
    for name, write in writes.items():
        target = torch.tensor([1.0, 2.0, 3.0]).expand(2, 3)
        with record.raises(name):
            write(target)
        record(f"{name} after", target)


@scenario
def unfolded_views_may_be_written_where_torch_lets_them(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0, 3.0])
    with record.raises("unfold"):
        x.unfold(0, 2, 1).add_(1)
    with record.raises("as_strided"):
        x.as_strided((2, 2), (1, 1)).mul_(2)
    record("shape", x.shape)


@scenario
def a_view_of_itself_is_copied_into_it(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    with record.raises("overlapping"):
        x[1:].copy_(x[:-1])
    with record.raises("itself"):
        x.copy_(x)
    with record.raises("same place"):
        x[:].copy_(x[:])
    with record.raises("disjoint"):
        x[2:].copy_(x[:2])
    with record.raises("add_"):
        x[1:].add_(x[:-1])
    with record.raises("strided"):
        x[::2].add_(x[1::2])
    with record.raises("out"):
        torch.add(x[1:], 1, out=x[:-1])
    with record.raises("out same"):
        torch.add(x, 1, out=x)
    with record.raises("turned"):
        square = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        square.add_(square.t())
        record("square", square)
    with record.raises("setitem"):
        x[:] = x
    record("version", x._version)


@scenario
def indexing_with_tensors_copies(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    for name, part in {
        "list": y[[0, 1]],
        "tensor": y[torch.tensor([1])],
        "mask": y[y > 2],
        "bool": y[True],
        "mixed": y[0, torch.tensor([1, 2])],
    }.items():
        record(name, [part, part._base])


@scenario
def reshape_copies_only_where_it_must(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    record("view", [y.reshape(3, 2), y.reshape(3, 2)._base is y])
    record("copy", [y.t().reshape(6), y.t().reshape(6)._base is y])
    record("contiguous", [y.t().contiguous(), y.t().contiguous()._base])


@scenario
def views_of_saved_values(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * 2
    z = y.t() * y.t()
    y[0].zero_()
    with record.raises("backward"):
        z.sum().backward()


@scenario
def a_view_keeps_its_base_alive(torch: Any, record: Recorder) -> None:
    view = _result(torch)[0]
    view.mul_(2)
    record("base", view._base)
    record.graph("graph", view)


@scenario
def views_under_enable_grad_in_no_grad(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    with torch.no_grad():
        with torch.enable_grad():
            row = y[0]
        row.mul_(2)
        record("inside", y)
    record.graph("y", y)
    row.mul_(3)
    record.graph("after", y)


@scenario
def hooks_on_views_stay_with_their_node(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * 2
    row = y[0]
    row.register_hook(lambda grad: record("before", grad))
    row.mul_(3)
    row.register_hook(lambda grad: record("after", grad))
    y.sum().backward()
    record("grad", x.grad)


@scenario
def retained_gradients_of_written_views(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * 2
    row = y[0]
    row.retain_grad()
    y.retain_grad()
    row.mul_(3)
    (y * y).sum().backward()
    record("grads", [x.grad, y.grad, row.grad])


@scenario
def gradients_with_respect_to_views(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    y = x * 2
    row = y[0]
    z = (row * row).sum()
    record("row", torch.autograd.grad(z, row, retain_graph=True))
    with record.raises("base"):
        record("base", torch.autograd.grad(z, y, retain_graph=True))
    with record.raises("other view"):
        torch.autograd.grad(z, y[0])


@scenario
def output_numbers_of_views(torch: Any, record: Recorder) -> None:
    y = _result(torch)
    parts = y.unbind(0)
    record("numbers", [part.output_nr for part in parts])
    record("same node", parts[0].grad_fn is parts[1].grad_fn)
    row = y[0]
    y.add_(1)
    record("regenerated", [row.output_nr, row.grad_fn.name()])


@scenario
def storage_places(torch: Any, record: Recorder) -> None:
    x = _matrix(torch, requires_grad=False)
    record("offsets", [x[1].storage_offset(), x[:, 2].storage_offset(), x.t().storage_offset()])
    record("same place", [x.data_ptr() == x.t().data_ptr(), x[0].data_ptr() == x.data_ptr()])
    record("distance", x[1].data_ptr() - x.data_ptr())
    record("contiguous", [x.t().is_contiguous(), x[1].is_contiguous(), x[:, 1].is_contiguous()])


@scenario
def views_with_invalid_sizes(torch: Any, record: Recorder) -> None:
    x = _matrix(torch)
    cuts: dict[str, Callable[[], Any]] = {
        "view": lambda: x.view(4),
        "view of a turned one": lambda: x.t().view(6),
        "expand": lambda: x.expand(3, 3),
        "narrow": lambda: x.narrow(0, 1, 2),
        "select": lambda: x.select(0, 2),
        "unfold": lambda: x.unfold(0, 3, 1),
        "as_strided": lambda: x.as_strided((10,), (1,)),
        "permute": lambda: x.permute(0, 0),
        "split": lambda: x.split([1, 2]),
        "unsqueeze": lambda: x.unsqueeze(4),
        "diagonal": lambda: x.diagonal(0, 0, 0),
    }
    for name, cut in cuts.items():
        with record.raises(name):
            cut()
