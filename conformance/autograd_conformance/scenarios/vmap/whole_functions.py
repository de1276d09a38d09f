"""Functions that run whole for each member, those that are refused, and what a batch has not."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.vmap import numbers


@scenario
def functions_that_run_member_by_member(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    for label, f in {
        "bincount": lambda x: torch.bincount(x.long(), minlength=7),
        "bincount of weights": lambda x: torch.bincount(x.long(), x, minlength=7),
        "quantile": lambda x: x.quantile(0.25),
        "quantiles": lambda x: x.quantile(torch.tensor([0.25, 0.5]), dim=0, keepdim=True),
        "nanquantile": lambda x: x.nanquantile(0.25, dim=0),
        "segment_reduce": lambda x: torch.segment_reduce(x, "sum", lengths=torch.tensor([1, 2])),
        "nonzero_static": lambda x: torch.nonzero_static(x, size=2),
        "fill": lambda x: torch.fill(x, 3),
        "fill with a tensor": lambda x: torch.fill(torch.ones(2), x[0]),
        "square_": lambda x: x.clone().square_(),
        "float_power_": lambda x: x.double().float_power_(2),
        "float_power_ of tensors": lambda x: x.double().float_power_(x),
        "conj_physical_": lambda x: x.clone().conj_physical_(),
        "as_strided_": lambda x: x.clone().as_strided_((2,), (1,)),
        "set_": lambda x: x.clone().set_(torch.ones(4)),
        "resize_as_": lambda x: x.clone().resize_as_(torch.ones(2)),
        "index_reduce": lambda x: x.index_reduce(0, torch.tensor([0]), x[:1], "mean"),
    }.items():
        record(label, torch.vmap(f)(x))
    record("resize_", torch.vmap(lambda x: (x * 1).resize_(2))(x))
    q = torch.tensor([0.25, 0.5])
    record("quantile of one", torch.vmap(lambda q: x[0].quantile(q))(q))


@scenario
def functions_that_are_refused(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    functional = torch.nn.functional
    for label, f in {
        "nonzero as a tuple": lambda x: x.nonzero(as_tuple=True),
        "where": lambda x: torch.where(x > 2),
        "lengths": lambda x: torch.repeat_interleave(x.long()),
        "tensor_split": lambda x: torch.tensor_split(x, torch.tensor([1]))[0],
        "chain_matmul": lambda x: torch.chain_matmul(x[:, None], x[None]),
        "narrow": lambda x: x.narrow(0, torch.tensor(1), 1),
        "as_strided_scatter": lambda x: x.as_strided_scatter(x[:2], (2,), (1,)),
        "rrelu": lambda x: functional.rrelu(x),
        "rrelu_": lambda x: functional.rrelu(x, training=True, inplace=True),
        "one_hot": lambda x: functional.one_hot(x.long()),
        "is_nonzero": lambda x: torch.is_nonzero(x),
        "data": lambda x: x.data,
        "storage": lambda x: x.untyped_storage(),
        "detach_": lambda x: x.detach_(),
        "format": lambda x: f"{x[0]}",
        "retain_grad": lambda x: x.retain_grad(),
        "unbatched target": lambda x: torch.ones(3).double().float_power_(x),
        "dtype": lambda x: x.clone().float_power_(2),
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)

    def assign(x: Any) -> Any:
        x.data = x
        return x

    with record.raises("assigned data"):
        torch.vmap(assign)(x)


@scenario
def one_hot_of_batches(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3).long()
    one_hot = torch.nn.functional.one_hot
    record("classes", torch.vmap(lambda x: one_hot(x, 7))(x))
    record("too few", torch.vmap(lambda x: one_hot(x, 2))(x))
    record("negative", torch.vmap(lambda x: one_hot(x - 9, 7))(x))


@scenario
def cross_products_without_a_dim(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    record("alone", torch.cross(x, x + 1))
    record("in a batch", torch.vmap(torch.cross)(x, x + 1))
