"""In-place writes: graphs, versions, saved values written since, ``data``, ``set_`` and sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add_": lambda torch, y: y.add_(1),
    "add_ alpha": lambda torch, y: y.add_(torch.ones(3), alpha=2),
    "sub_": lambda torch, y: y.sub_(torch.ones(3)),
    "mul_": lambda torch, y: y.mul_(2),
    "mul_ tensor": lambda torch, y: y.mul_(torch.tensor([2.0, 3.0, 4.0])),
    "div_": lambda torch, y: y.div_(2),
    "pow_": lambda torch, y: y.pow_(2),
    "neg_": lambda torch, y: y.neg_(),
    "exp_": lambda torch, y: y.exp_(),
    "log_": lambda torch, y: y.log_(),
    "sqrt_": lambda torch, y: y.sqrt_(),
    "sin_": lambda torch, y: y.sin_(),
    "tanh_": lambda torch, y: y.tanh_(),
    "sigmoid_": lambda torch, y: y.sigmoid_(),
    "relu_": lambda torch, y: y.relu_(),
    "abs_": lambda torch, y: y.abs_(),
    "clamp_": lambda torch, y: y.clamp_(1.5, 2.5),
    "round_": lambda torch, y: y.round_(),
    "zero_": lambda torch, y: y.zero_(),
    "fill_": lambda torch, y: y.fill_(3),
    "fill_ tensor": lambda torch, y: y.fill_(torch.tensor(3.0)),
    "copy_": lambda torch, y: y.copy_(torch.zeros(3)),
    "lerp_": lambda torch, y: y.lerp_(torch.zeros(3), 0.25),
    "addcmul_": lambda torch, y: y.addcmul_(torch.ones(3), torch.ones(3), value=2),
    "addcdiv_": lambda torch, y: y.addcdiv_(torch.ones(3), torch.ones(3)),
    "masked_fill_": lambda torch, y: y.masked_fill_(torch.tensor([True, False, True]), 5.0),
    "index_fill_": lambda torch, y: y.index_fill_(0, torch.tensor([1]), 5.0),
    "index_add_": lambda torch, y: y.index_add_(0, torch.tensor([1]), torch.ones(1)),
    "index_copy_": lambda torch, y: y.index_copy_(0, torch.tensor([1]), torch.ones(1)),
    "index_put_": lambda torch, y: y.index_put_((torch.tensor([1]),), torch.ones(1)),
    "scatter_": lambda torch, y: y.scatter_(0, torch.tensor([1]), torch.ones(1)),
    "scatter_add_": lambda torch, y: y.scatter_add_(0, torch.tensor([1]), torch.ones(1)),
    "masked_scatter_": lambda torch, y: y.masked_scatter_(y > 3, torch.ones(3)),
    "cumsum_": lambda torch, y: y.cumsum_(0),
    "unsqueeze_": lambda torch, y: y.unsqueeze_(0),
    "squeeze_": lambda torch, y: y.squeeze_(),
    "transpose_": lambda torch, y: y.transpose_(0, 0),
    "t_": lambda torch, y: y.t_(),
    "swapaxes_": lambda torch, y: y.swapaxes_(0, 0),
    "swapdims_": lambda torch, y: y.swapdims_(0, 0),
    "as_strided_": lambda torch, y: y.as_strided_((2,), (1,), 1),
    "setitem number": lambda torch, y: y.__setitem__(0, 5.0),
    "setitem tensor": lambda torch, y: y.__setitem__(slice(1, 3), torch.ones(2)),
    "setitem index": lambda torch, y: y.__setitem__(torch.tensor([0, 2]), 7.0),
    "setitem mask": lambda torch, y: y.__setitem__(torch.tensor([True, False, True]), 7.0),
    "uniform_": lambda torch, y: y.uniform_(),
    "eq_": lambda torch, y: y.eq_(2),
    "renorm_": lambda torch, y: y.unsqueeze(0).renorm_(2, 0, 1.0),
}


@scenario
def every_operation_on_a_result(torch: Any, record: Recorder) -> None:
    for name, write in _OPERATIONS.items():
        x = _leaf(torch)
        y = x * 2
        with record.raises(name):
            write(torch, y)
        record(f"{name} result", y.detach() if name == "uniform_" else y, ulps=16)
        record.graph(f"{name} graph", y)
        if name != "uniform_":
            (y * y * y).sum().backward()
            record(f"{name} grad", x.grad + 0, ulps=64)


@scenario
def every_operation_through_a_view(torch: Any, record: Recorder) -> None:
    for name, write in _OPERATIONS.items():
        x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
        y = x * 2
        row = y[1]
        with record.raises(name):
            write(torch, row)
        record.graph(f"{name} base graph", y)
        record.graph(f"{name} view graph", row)
        if name != "uniform_":
            (y * y * y).sum().backward()
            record(f"{name} grad", x.grad + 0, ulps=64)


@scenario
def second_derivatives_of_operations(torch: Any, record: Recorder) -> None:
    for name in ("mul_ tensor", "pow_", "exp_", "sin_", "tanh_", "div_", "setitem tensor", "relu_"):
        x = _leaf(torch)
        y = x * x
        _OPERATIONS[name](torch, y)
        (first,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
        (second,) = torch.autograd.grad((first * first).sum(), x)
        record(name, [first, second + 0], ulps=256)


@scenario
def operands_that_require_grad(torch: Any, record: Recorder) -> None:
    operations: dict[str, Callable[[Any, Any], Any]] = {
        "add_": lambda y, x: y.add_(x),
        "mul_": lambda y, x: y.mul_(x),
        "copy_": lambda y, x: y.copy_(x),
        "div_": lambda y, x: y.div_(x),
        "lerp_": lambda y, x: y.lerp_(x, 0.5),
        "fill_": lambda y, x: y.fill_(x.sum()),
        "setitem": lambda y, x: y.__setitem__(0, x[1]),
        "setitem index": lambda y, x: y.__setitem__(torch.tensor([0, 1]), x[1:]),
        "index_add_": lambda y, x: y.index_add_(0, torch.tensor([0]), x[:1]),
        "index_copy_": lambda y, x: y.index_copy_(0, torch.tensor([0]), x[:1]),
        "masked_fill_": lambda y, x: y.masked_fill_(torch.tensor([True, False, True]), x[0]),
        "masked_scatter_": lambda y, x: y.masked_scatter_(torch.tensor([True, False, True]), x),
        "scatter_": lambda y, x: y.scatter_(0, torch.tensor([2]), x[:1]),
        "addcmul_": lambda y, x: y.addcmul_(x, x),
    }
    for name, write in operations.items():
        x, y = _leaf(torch), torch.tensor([4.0, 5.0, 6.0])
        write(y, x)
        record(name, y, ulps=16)
        record.graph(f"{name} graph", y)
        (y * y).sum().backward()
        record(f"{name} grad", x.grad + 0, ulps=64)


@scenario
def operators_that_assign(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * 2
    same = y
    y += 1
    y -= torch.ones(3)
    y *= x
    y /= 2
    y **= 2
    record("same object", y is same)
    record("y", y)
    record.graph("graph", y)
    y.sum().backward()
    record("grad", x.grad + 0, ulps=16)
    with record.raises("leaf"):
        x += 1
    plain = torch.ones(3)
    plain += x
    record("plain", plain)
    whole = torch.tensor([1, 2, 3])
    with record.raises("integer"):
        whole += 0.5
    with record.raises("integer division"):
        whole /= 2
    whole //= 2
    whole <<= 1
    record("whole", whole)


@scenario
def a_leaf_becomes_a_result(torch: Any, record: Recorder) -> None:
    x, y = _leaf(torch), torch.ones(3)
    record("before", [y.is_leaf, y.requires_grad, y._version])
    y.mul_(x)
    record("after", y)
    y.sum().backward()
    record("grads", [x.grad, y.is_leaf])


@scenario
def in_place_of_a_result_in_no_grad(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * 2
    with torch.no_grad():
        y.mul_(5)
        y.copy_(x)
    record("y", y)
    y.sum().backward()
    record("grad", x.grad)


@scenario
def an_operand_in_no_grad_leaves_data_alone(torch: Any, record: Recorder) -> None:
    x, y = _leaf(torch), torch.ones(3)
    with torch.no_grad():
        y.mul_(x)
        y[0] = x[1]
    record("y", y)


@scenario
def shapes_that_do_not_fit(torch: Any, record: Recorder) -> None:
    y = torch.ones(3)
    with record.raises("broadcast of the target"):
        y.add_(torch.ones(2, 3))
    with record.raises("mismatch"):
        y.add_(torch.ones(4))
    with record.raises("copy"):
        y.copy_(torch.ones(2, 3))
    with record.raises("copy mismatch"):
        y.copy_(torch.ones(2))
    with record.raises("setitem"):
        y[:2] = torch.ones(3)
    with record.raises("setitem index"):
        y[torch.tensor([0, 1])] = torch.ones(3)
    with record.raises("one element"):
        torch.ones(()).add_(torch.ones(1))
    with record.raises("broadcast operand"):
        record("sum", y.add_(torch.ones(1)))
    record("y", y)


@scenario
def dtypes_that_do_not_fit(torch: Any, record: Recorder) -> None:
    whole, flags, real = torch.tensor([1, 2]), torch.tensor([True, False]), torch.ones(2)
    cases: dict[str, Callable[[], Any]] = {
        "float into int": lambda: whole.add_(torch.ones(2)),
        "number into int": lambda: whole.mul_(0.5),
        "int into bool": lambda: flags.add_(1),
        "complex into float": lambda: real.add_(1j),
        "complex tensor into float": lambda: real.mul_(torch.tensor([1j, 2j])),
        "division": lambda: whole.div_(2),
        "double into float": lambda: real.add_(torch.ones(2, dtype=torch.float64)),
        "int into float": lambda: real.add_(torch.tensor([1, 2])),
        "sqrt of int": lambda: whole.sqrt_(),
        "comparison": lambda: real.gt_(0.5),
        "copy into int": lambda: whole.copy_(torch.tensor([1.7, -2.7])),
        "copy into bool": lambda: flags.copy_(torch.tensor([0.0, 2.0])),
        "setitem into int": lambda: whole.__setitem__(0, 2.9),
        "fill int": lambda: whole.fill_(3.7),
    }
    for name, case in cases.items():
        with record.raises(name):
            record(f"{name} result", case())
    record("targets", [whole, flags, real])


@scenario
def gradients_through_casts_into_the_target(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = torch.ones(2)
    y.mul_(x)
    z = torch.zeros(2)
    z.copy_(x)
    record.graph("graph", y)
    (y.sum() + z.sum() * 3).backward()
    record("grad", [x.grad.tolist(), x.grad.dtype])


@scenario
def gradients_through_broadcast_operands(torch: Any, record: Recorder) -> None:
    x = torch.tensor([2.0], requires_grad=True)
    w = torch.tensor(3.0, requires_grad=True)
    y = torch.ones(2, 3) * w
    y.mul_(x)
    y[0] = x
    y[:, 1].copy_(w)
    (y * y).sum().backward()
    record("grads", [x.grad.tolist(), w.grad.tolist()])


# Saved values -------------------------------------------------------------------------------------


@scenario
def a_saved_input_was_written(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * 2
    z = y * y
    y.add_(1)
    with record.raises("backward"):
        z.sum().backward()
    with record.raises("once more"):
        z.sum().backward()


@scenario
def a_saved_leaf_was_written(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * x
    with torch.no_grad():
        x.add_(1)
    with record.raises("backward"):
        y.sum().backward()


@scenario
def a_saved_operand_without_grad_was_written(torch: Any, record: Recorder) -> None:
    x, w = _leaf(torch), torch.ones(3)
    y = x * w
    w.zero_()
    with record.raises("backward"):
        y.sum().backward()


@scenario
def a_saved_output_was_written(torch: Any, record: Recorder) -> None:
    for name in ("exp", "tanh", "sigmoid", "sqrt", "softmax", "relu"):
        x = _leaf(torch)
        y = torch.softmax(x, 0) if name == "softmax" else getattr(torch, name)(x)
        y.mul_(2)
        with record.raises(name):
            y.sum().backward()


@scenario
def what_is_not_saved_may_be_written(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x + 1
    z = y.sum()
    y.zero_()
    z.backward()
    record("grad", x.grad)


@scenario
def saved_values_written_through_views_and_detached(torch: Any, record: Recorder) -> None:
    writes: dict[str, Callable[[Any], Any]] = {
        "view": lambda y: y[0:1].zero_(),
        "detached": lambda y: y.detach().zero_(),
        "detached view": lambda y: y.detach()[0].zero_(),
        "data": lambda y: y.data.zero_(),
        "numpy-like alias": lambda y: y.view(3).detach().zero_(),
    }
    for name, write in writes.items():
        x = _leaf(torch)
        y = x * 2
        z = (y * y).sum()
        write(y)
        with record.raises(name):
            z.backward()
        record(f"{name} grad", None if x.grad is None else x.grad.tolist())


@scenario
def saved_views_whose_base_was_written(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, 2, requires_grad=True)
    y = x * 2
    row = y[0]
    z = row * row
    y[1].zero_()
    with record.raises("other row"):
        z.sum().backward()


@scenario
def versions_named_in_the_error(torch: Any, record: Recorder) -> None:
    x, w = _leaf(torch), torch.ones(3)
    w.add_(1)
    w.add_(1)
    y = x * w
    w.add_(1)
    with record.raises("float"):
        y.sum().backward()
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    w = torch.ones(2, 3, dtype=torch.float64)
    y = x * w
    w.zero_()
    with record.raises("double"):
        y.sum().backward()
    x = torch.tensor([1.0 + 1j], requires_grad=True)
    w = torch.tensor([1.0 + 1j])
    y = x * w
    w.zero_()
    with record.raises("complex"):
        y.abs().sum().backward()
    x = _leaf(torch)
    index = torch.tensor([0, 1])
    y = x.index_select(0, index)
    index.zero_()
    with record.raises("index"):
        y.sum().backward()


@scenario
def an_index_written_after_use(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    index, mask = torch.tensor([0, 1]), torch.tensor([True, False, True])
    y, z = x[index], x[mask]
    index.zero_()
    mask.zero_()
    with record.raises("index"):
        y.sum().backward()
    with record.raises("mask"):
        z.sum().backward()


@scenario
def a_write_of_the_own_operand(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * 1
    y.mul_(y)
    record("square", y)
    with record.raises("itself"):
        y.sum().backward()
    y = x * 1
    y.mul_(y.detach())
    with record.raises("detached"):
        y.sum().backward()
    y = x * 1
    y.mul_(y[:])
    with record.raises("view"):
        y.sum().backward()


@scenario
def version_counting(torch: Any, record: Recorder) -> None:
    y = torch.ones(3)
    seen = [y._version]
    y.add_(1)
    seen.append(y._version)
    y[0] = 1
    seen.append(y._version)
    y[torch.tensor([0])] = 1
    seen.append(y._version)
    torch.add(y, 1, out=y)
    seen.append(y._version)
    y.requires_grad_()
    seen.append(y._version)
    with torch.no_grad():
        y.zero_()
    seen.append(y._version)
    record("versions", seen)
    record("clone", (y.detach() + 0)._version)


@scenario
def versions_kept_and_moved_by_hand(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * x
    torch.autograd.graph.increment_version(x)
    record("version", x._version)
    with record.raises("backward"):
        y.sum().backward()
    y = x * x
    with torch.no_grad(), torch.autograd._unsafe_preserve_version_counter(x):
        x.mul_(10)
    record("kept", x._version)
    y.sum().backward()
    record("grad", x.grad.tolist())
    a, b = torch.ones(1), torch.ones(1)
    torch.autograd.graph.increment_version([a, b])
    record("both", [a._version, b._version])


# data, detach, set_, sizes ------------------------------------------------------------------------


@scenario
def data_is_another_tensor_on_the_same_memory(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
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
    x = _leaf(torch)
    y = (x * x).sum()
    x.data = torch.tensor([5.0, 6.0, 7.0])
    record("x", x)
    y.backward()
    record("grad", x.grad.tolist())
    x.data = torch.zeros(2, 2, dtype=torch.float64)
    record("other kind", [x, x.grad.tolist()])
    z = _leaf(torch) * 2
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
    x = _leaf(torch)
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
    x = _leaf(torch)
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
    x = _leaf(torch)
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
    x, w = _leaf(torch), torch.ones(3)
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
    x = _leaf(torch)
    index = torch.tensor([0, 0, 1])
    y = torch.zeros(2)
    y.index_put_((index,), x, accumulate=True)
    record("sum", y)
    (y * y).sum().backward()
    record("grad", x.grad.tolist())
    y = torch.zeros(2)
    y.index_add_(0, index, _leaf(torch), alpha=2)
    record("added", y)


@scenario
def out_refuses_gradients(torch: Any, record: Recorder) -> None:
    x, target = _leaf(torch), torch.zeros(3)
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
    x, w = _leaf(torch), torch.ones(3)
    y = x * w
    torch.neg(torch.ones(3), out=w)
    with record.raises("backward"):
        y.sum().backward()


@scenario
def hooks_and_retained_gradients_around_a_write(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
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
    x = _leaf(torch)
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
    x = _leaf(torch)
    y = x * x
    z = y * 1
    z.sum().backward()
    y.add_(1)
    with record.raises("second backward"):
        z.sum().backward()


@scenario
def gradients_are_written_in_place(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    (x * 2).sum().backward()
    grad = x.grad
    (x * 3).sum().backward()
    record("same object", x.grad is grad)
    record("values", grad.tolist())
    x.grad.zero_()
    (x * 1).sum().backward()
    record("after zero_", grad.tolist())
