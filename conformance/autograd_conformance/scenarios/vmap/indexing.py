"""Reads and writes by index and mask in batches: values, graphs, warnings, refusals."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.vmap import numbers


@scenario
def indices_of_each_member(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 2).requires_grad_()
    source = torch.ones(2, 2, 2, requires_grad=True)
    places = torch.tensor([[0, 1], [2, 0]])
    number = torch.tensor([7.0, 8.0], requires_grad=True)
    cases: list[Any] = [
        ("add", lambda x, i, s: x.index_add(0, i, s), x, places, source),
        ("add doubled", lambda x, i, s: x.index_add(0, i, s, alpha=2), x, places, source),
        ("copy", lambda x, i, s: x.index_copy(0, i, s), x, places, source),
        ("fill", lambda x, i: x.index_fill(0, i, 3.0), x, places),
        ("fill along the last dim", lambda x, i: x.index_fill(1, i, 3.0), x, places[:, :1] % 2),
        ("fill with a tensor", lambda x, i, v: x.index_fill(0, i, v), x, places, number),
        ("select", lambda x, i: x.index_select(0, i), x, places),
        ("one index", lambda x, i: x[i], x, places),
        ("one index of the last dim", lambda x, i: x[:, i], x, places % 2),
    ]
    for label, f, *args in cases:
        made = torch.vmap(f)(*args)
        record(label, made)
        record.graph(label, made)
        record("gradient", torch.autograd.grad(made.sum(), args[0])[0].clone())


@scenario
def indices_for_all_members(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 2).requires_grad_()
    number = torch.tensor([7.0, 8.0], requires_grad=True)
    places = torch.tensor([2, 0])
    cases: list[Any] = [
        ("add", lambda x: x.index_add(0, places, x[:2]), x),
        ("fill with a tensor of each", lambda x, v: x.index_fill(0, places, v), x, number),
        ("mask", lambda x: x[torch.tensor([True, False, True])], x),
        ("mask of two dims", lambda x: x[torch.tensor([[True, False]] * 3)], x),
        ("mask of the last dim", lambda x: x[:, torch.tensor([False, True])], x),
        ("mask and index", lambda x: x[torch.tensor([True, False, True]), places % 2], x),
        ("from the back", lambda x: x[torch.tensor([-1, 0])], x),
        ("masked_select", lambda x: x.masked_select(torch.tensor([True, False])), x),
        ("by a larger mask", lambda x: x[0].masked_select(torch.ones(2, 2) > 0), x),
        ("block_diag", lambda x: torch.block_diag(x, x[0], torch.ones(1)), x),
    ]
    for label, f, *args in cases:
        made = torch.vmap(f)(*args)
        record(label, made)
        record.graph(label, made)


@scenario
def indices_of_scalars(torch: Any, record: Recorder) -> None:
    x, places = numbers(torch, 2), torch.tensor([[0], [0]])
    for label, f in {
        "add": lambda x, i: x.index_add(0, i, x[None].sum(0)[None]),
        "copy": lambda x, i: x.index_copy(0, i, (x * 2)),
        "fill": lambda x, i: x.index_fill(0, i, 3.0),
        "fill by one place": lambda x, i: x.index_fill(0, i[0], 3.0),
    }.items():
        with record.raises(label):
            record(label, torch.vmap(f)(x, places))


@scenario
def writes_by_index_in_place(torch: Any, record: Recorder) -> None:
    x, places = numbers(torch, 2, 3, 2), torch.tensor([[0, 1], [2, 0]])
    for label, f in {
        "add": lambda x, i: x.clone().index_add_(0, i, torch.ones(2, 2)),
        "copy": lambda x, i: x.clone().index_copy_(0, i, torch.ones(2, 2)),
        "fill": lambda x, i: x.clone().index_fill_(0, i, 3.0),
        "fill along the last dim": lambda x, i: x.clone().index_fill_(1, i % 2, 3.0),
        "put": lambda x, i: x.clone().index_put_((i,), torch.ones(())),
    }.items():
        record(label, torch.vmap(f)(x, places))
    y = torch.zeros(2, 3)
    refused: dict[str, Any] = {
        "index_put_": lambda v: y.index_put_((y > 2,), v),
        "scatter_reduce_": lambda v: y.scatter_reduce_(0, (y > 2).long(), v + y, "sum"),
        "index_fill_": lambda v: y.index_fill_(0, torch.tensor([0]), v),
    }
    for label, f in refused.items():
        with record.raises(label):
            torch.vmap(f)(torch.tensor([1.0, 2.0]))


@scenario
def hidden_indices(torch: Any, record: Recorder) -> None:
    x, places = numbers(torch, 2, 3, 2), torch.tensor([[0, 9], [-1, 0]])
    mask = torch.tensor([[True, False], [True, True]])
    made = torch.vmap(lambda x, i, m: torch._unsafe_masked_index(x[:, 0], m, [i], 0.5))
    record("read", made(x, places, mask))
    write = torch._unsafe_masked_index_put_accumulate
    record("written", torch.vmap(lambda x, i, m: write(x[:, 0], m, [i], i * 1.0))(x, places, mask))
