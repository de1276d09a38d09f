"""Writes by every op, operands, shapes and dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.inplace import leaf
from autograd_conformance.scenarios.recording import Recorder, scenario

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
        x = leaf(torch)
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
        x = leaf(torch)
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
        x, y = leaf(torch), torch.tensor([4.0, 5.0, 6.0])
        write(y, x)
        record(name, y, ulps=16)
        record.graph(f"{name} graph", y)
        (y * y).sum().backward()
        record(f"{name} grad", x.grad + 0, ulps=64)


@scenario
def operators_that_assign(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
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
    x, y = leaf(torch), torch.ones(3)
    record("before", [y.is_leaf, y.requires_grad, y._version])
    y.mul_(x)
    record("after", y)
    y.sum().backward()
    record("grads", [x.grad, y.is_leaf])


@scenario
def in_place_of_a_result_in_no_grad(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2
    with torch.no_grad():
        y.mul_(5)
        y.copy_(x)
    record("y", y)
    y.sum().backward()
    record("grad", x.grad)


@scenario
def an_operand_in_no_grad_leaves_data_alone(torch: Any, record: Recorder) -> None:
    x, y = leaf(torch), torch.ones(3)
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
