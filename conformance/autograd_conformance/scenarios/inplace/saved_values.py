"""Writes of what was saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.inplace import leaf
from autograd_conformance.scenarios.recording import Recorder, scenario

# Saved values -------------------------------------------------------------------------------------


@scenario
def a_saved_input_was_written(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * 2
    z = y * y
    y.add_(1)
    with record.raises("backward"):
        z.sum().backward()
    with record.raises("once more"):
        z.sum().backward()


@scenario
def a_saved_leaf_was_written(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = x * x
    with torch.no_grad():
        x.add_(1)
    with record.raises("backward"):
        y.sum().backward()


@scenario
def a_saved_operand_without_grad_was_written(torch: Any, record: Recorder) -> None:
    x, w = leaf(torch), torch.ones(3)
    y = x * w
    w.zero_()
    with record.raises("backward"):
        y.sum().backward()


@scenario
def a_saved_output_was_written(torch: Any, record: Recorder) -> None:
    for name in ("exp", "tanh", "sigmoid", "sqrt", "softmax", "relu"):
        x = leaf(torch)
        y = torch.softmax(x, 0) if name == "softmax" else getattr(torch, name)(x)
        y.mul_(2)
        with record.raises(name):
            y.sum().backward()


@scenario
def what_is_not_saved_may_be_written(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
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
        x = leaf(torch)
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
    x, w = leaf(torch), torch.ones(3)
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
    x = leaf(torch)
    index = torch.tensor([0, 1])
    y = x.index_select(0, index)
    index.zero_()
    with record.raises("index"):
        y.sum().backward()


@scenario
def an_index_written_after_use(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
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
    x = leaf(torch)
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
    x = leaf(torch)
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


@scenario
def a_saved_result_was_detached_in_place(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, requires_grad=True)
    programs: dict[str, Any] = {"operand": lambda y: y * y, "input": lambda y: y.sin()}
    for label, program in programs.items():
        y = x * 2
        z = program(y)
        y.detach_().add_(1)
        with record.raises(f"{label}, written"):
            z.sum().backward()
        y = x * 2
        z = program(y)
        y.detach_()
        with record.raises(f"{label}, create_graph"):
            torch.autograd.grad(z.sum(), x, create_graph=True)
    y = x.exp()
    node = y.grad_fn
    y.detach_().add_(1)
    with record.raises("result"):
        node(torch.ones(2))
    y = x * 2
    z = y * y
    y.detach_()
    record("still there", [z.grad_fn._saved_self, z.grad_fn._saved_self.grad_fn])


@scenario
def a_saved_result_was_detached_in_place_and_not_written(torch: Any, record: Recorder) -> None:
    """The versions are as they were: only the lost history tells, and only of others' results."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    programs: dict[str, Any] = {
        "operand": lambda y: y * y,
        "input": lambda y: y.sin(),
        "in a list": lambda y: torch.linalg.multi_dot([y.view(1, 2), y.view(2, 1)]),
        "its own": lambda y: y + 1,
    }
    for label, program in programs.items():
        y = x.exp()
        z = program(y)
        y.detach_()
        with record.raises(label):
            z.sum().backward()
        record(f"{label}, gradient", x.grad)
        x.grad = None
    y = x * 2
    before = y * y
    y.detach_().requires_grad_()
    after = y * y
    record("version", y._version)
    with record.raises("before it was a leaf"):
        before.sum().backward()
    after.sum().backward()
    record("since", [x.grad, y.grad])
