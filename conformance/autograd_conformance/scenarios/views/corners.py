"""Views and modes, detached and overlapping views, and what views keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.views import matrix, result


@scenario
def views_made_under_no_grad(torch: Any, record: Recorder) -> None:
    y = result(torch)
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
    y = result(torch)
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
    y = result(torch)
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
    x = matrix(torch)
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
    x = matrix(torch, requires_grad=False)
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
    x = matrix(torch)
    y = x * 2
    z = (y * y).sum()
    alone = y.detach()
    alone.zero_()
    record("both", [y, alone, alone._base])
    with record.raises("backward"):
        z.backward()


@scenario
def data_writes_are_not_seen(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * x
    x.data.mul_(10)
    record("x", x)
    y.sum().backward()
    record("grad of the new values", x.grad)


@scenario
def detach_in_place_of_views(torch: Any, record: Recorder) -> None:
    y = result(torch)
    for name, view in {"view": y[0], "of data": torch.ones(2)[0:1], "alias": y.view(6)}.items():
        with record.raises(name):
            view.detach_()
    row = y[0]
    y.detach_()
    record("base", y)
    with record.raises("view after"):
        record("row", row)
    x = matrix(torch)
    record("leaf", x.detach_())


@scenario
def views_after_their_base_was_detached_and_written(torch: Any, record: Recorder) -> None:
    y = result(torch)
    row = y[0]
    y.detach_()
    y.add_(1)
    with record.raises("row"):
        record("row", row)
    other = y[0]
    record("other", other)


@scenario
def as_strided_of_a_view(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
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
    y = result(torch)
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
    y = result(torch)
    record("view", [y.reshape(3, 2), y.reshape(3, 2)._base is y])
    record("copy", [y.t().reshape(6), y.t().reshape(6)._base is y])
    record("contiguous", [y.t().contiguous(), y.t().contiguous()._base])


@scenario
def views_of_saved_values(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * 2
    z = y.t() * y.t()
    y[0].zero_()
    with record.raises("backward"):
        z.sum().backward()


@scenario
def a_view_keeps_its_base_alive(torch: Any, record: Recorder) -> None:
    view = result(torch)[0]
    view.mul_(2)
    record("base", view._base)
    record.graph("graph", view)


@scenario
def views_under_enable_grad_in_no_grad(torch: Any, record: Recorder) -> None:
    y = result(torch)
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
    x = matrix(torch)
    y = x * 2
    row = y[0]
    row.register_hook(lambda grad: record("before", grad))
    row.mul_(3)
    row.register_hook(lambda grad: record("after", grad))
    y.sum().backward()
    record("grad", x.grad)


@scenario
def retained_gradients_of_written_views(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
    y = x * 2
    row = y[0]
    row.retain_grad()
    y.retain_grad()
    row.mul_(3)
    (y * y).sum().backward()
    record("grads", [x.grad, y.grad, row.grad])


@scenario
def gradients_with_respect_to_views(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
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
    y = result(torch)
    parts = y.unbind(0)
    record("numbers", [part.output_nr for part in parts])
    record("same node", parts[0].grad_fn is parts[1].grad_fn)
    row = y[0]
    y.add_(1)
    record("regenerated", [row.output_nr, row.grad_fn.name()])


@scenario
def storage_places(torch: Any, record: Recorder) -> None:
    x = matrix(torch, requires_grad=False)
    record("offsets", [x[1].storage_offset(), x[:, 2].storage_offset(), x.t().storage_offset()])
    record("same place", [x.data_ptr() == x.t().data_ptr(), x[0].data_ptr() == x.data_ptr()])
    record("distance", x[1].data_ptr() - x.data_ptr())
    record("contiguous", [x.t().is_contiguous(), x[1].is_contiguous(), x[:, 1].is_contiguous()])


@scenario
def views_with_invalid_sizes(torch: Any, record: Recorder) -> None:
    x = matrix(torch)
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
