"""Randomness, and corners."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.vmap import numbers

# Randomness ---------------------------------------------------------------------------------------


@scenario
def randomness_is_refused_by_default(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, 3)
    for label, f in {
        "rand": lambda x: torch.rand(3) + x,
        "randn": lambda x: torch.randn(3),
        "rand_like": lambda x: torch.rand_like(x),
        "randint": lambda x: torch.randint(5, (2,)),
        "randperm": lambda x: torch.randperm(3),
        "bernoulli": lambda x: torch.bernoulli(x / 2),
        "normal": lambda x: torch.normal(x, 1.0),
        "uniform_": lambda x: x.clone().uniform_(),
        "normal_": lambda x: x.clone().normal_(),
        "dropout": lambda x: torch.nn.functional.dropout(x),
        "multinomial": lambda x: torch.multinomial(x, 1),
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)
    with record.raises("unknown"):
        torch.vmap(lambda x: x, randomness="any")
    record("no dropout", torch.vmap(lambda x: torch.nn.functional.dropout(x, training=False))(x))


@scenario
def different_randomness(torch: Any, record: Recorder) -> None:
    x = torch.full((2, 3), 0.5)
    for label, f in {
        "rand": lambda x: torch.rand(3) + x,
        "randn": lambda x: torch.randn(3),
        "rand_like": lambda x: torch.rand_like(x),
        "randn_like": lambda x: torch.randn_like(x),
        "randint": lambda x: torch.randint(5, (2,)),
        "randperm": lambda x: torch.randperm(4),
        "bernoulli": lambda x: torch.bernoulli(x),
        "bernoulli p": lambda x: torch.bernoulli(x, 0.3),
        "normal": lambda x: torch.normal(x, 1.0),
        "uniform_": lambda x: x.clone().uniform_(),
        "normal_": lambda x: x.clone().normal_(),
        "exponential_": lambda x: x.clone().exponential_(),
        "bernoulli_": lambda x: x.clone().bernoulli_(0.3),
        "dropout": lambda x: torch.nn.functional.dropout(x, 0.5),
        "multinomial": lambda x: torch.multinomial(x, 2),
    }.items():
        torch.manual_seed(3)
        record(label, torch.vmap(f, randomness="different")(x))
        record(f"after {label}", torch.rand(1))


@scenario
def the_same_randomness(torch: Any, record: Recorder) -> None:
    x = torch.full((2, 3), 0.5)
    for label, f in {
        "rand": lambda x: torch.rand(3) + x,
        "randn": lambda x: torch.randn(3),
        "rand_like": lambda x: torch.rand_like(x),
        "randint": lambda x: torch.randint(5, (2,)),
        "randperm": lambda x: torch.randperm(4),
        "uniform_": lambda x: x.clone().uniform_(),
        "bernoulli_": lambda x: x.clone().bernoulli_(0.3),
        "dropout": lambda x: torch.nn.functional.dropout(x, 0.5),
    }.items():
        torch.manual_seed(3)
        record(label, torch.vmap(f, randomness="same")(x))
        record(f"after {label}", torch.rand(1))


@scenario
def randomness_of_shared_tensors(torch: Any, record: Recorder) -> None:
    x, y = torch.ones(2, 3), torch.ones(3)
    vmap = torch.vmap
    for randomness in ("same", "different"):
        torch.manual_seed(3)
        with record.raises(f"in place {randomness}"):
            made = vmap(lambda x, y: y.uniform_() + x, in_dims=(0, None), randomness=randomness)(
                x, y.clone()
            )
            record(f"made {randomness}", made)
        torch.manual_seed(3)
        made = vmap(lambda x, y: torch.rand_like(y), in_dims=(0, None), randomness=randomness)(x, y)
        record(f"like {randomness}", made)


@scenario
def randomness_in_chunks(torch: Any, record: Recorder) -> None:
    x = torch.ones(4, 2)
    for randomness in ("same", "different"):
        torch.manual_seed(3)
        f = torch.vmap(lambda x: x + torch.rand(2), randomness=randomness, chunk_size=2)
        record(randomness, f(x))


# Corners ------------------------------------------------------------------------------------------


@scenario
def questions_about_values(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    for label, f in {
        "allclose": lambda x: x * torch.allclose(x, x),
        "equal": lambda x: x * torch.equal(x, x),
        "contains": lambda x: 1.0 in x,
        "is_nonzero": lambda x: x[0].is_nonzero(),
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)


@scenario
def results_written_to_out(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    for label, f in {
        "a shared result": lambda x: torch.add(x, x, out=torch.zeros(3)),
        "a result of its own": lambda x: torch.sin(x, out=torch.zeros_like(x)),
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)
    record("unbatched", torch.vmap(lambda x: x + torch.sin(x[0] * 0 + 1, out=None))(x))


@scenario
def empty_batches(torch: Any, record: Recorder) -> None:
    x = torch.ones(0, 3)
    record("sum", torch.vmap(lambda x: x.sum())(x))
    record("matrix", torch.vmap(lambda x: x[:, None] * x)(x))
    with record.raises("no rule"):
        torch.vmap(lambda x: x.put(torch.tensor([0]), torch.tensor([1.0])))(x)


@scenario
def tensors_made_inside(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2)
    for label, f in {
        "tensor": lambda x: torch.tensor([1.0, 2.0]) * x,
        "arange": lambda x: torch.arange(3) * x,
        "new_tensor": lambda x: x.new_tensor([1.0, 2.0]),
        "new_ones": lambda x: x.new_ones(2) * x,
        "full_like": lambda x: torch.full_like(x, 3.0),
        "stack": lambda x: torch.stack([x, torch.tensor(1.0)]),
        "eye": lambda x: torch.eye(2) * x,
        "to": lambda x: x.to(torch.float64),
        "zeros of its size": lambda x: torch.zeros(x.shape) + x,
    }.items():
        record(label, torch.vmap(f)(x))
    with record.raises("number of a member"):
        torch.vmap(lambda x: torch.full((2,), x))(x)


@scenario
def complex_members(torch: Any, record: Recorder) -> None:
    z = numbers(torch, 2, 3) * (1 + 2j)
    record("product", torch.vmap(lambda z: z.conj() * z)(z))
    record("parts", torch.vmap(lambda z: z.real + z.imag)(z))
    record("modulus", torch.vmap(lambda z: z.abs())(z))
    record("view_as_real", torch.vmap(torch.view_as_real)(z))


@scenario
def iteration_over_members(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    record("sum", torch.vmap(lambda x: sum(a * k for k, a in enumerate(x)))(x))
    record("unpacked", torch.vmap(lambda x: (lambda a, b, c: a * b + c)(*x))(x))


@scenario
def searches(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    record("searchsorted", torch.vmap(lambda x: torch.searchsorted(x, x + 0.5))(x))
    record("bucketize", torch.vmap(lambda x: torch.bucketize(torch.tensor([2.0, 5.0]), x))(x))
    record("isin", torch.vmap(lambda x: torch.isin(x, torch.tensor([2.0, 5.0])))(x))
    record("where", torch.vmap(lambda x: torch.where(x > 2, x, 0.0))(x))


@scenario
def vmap_in_vmap(torch: Any, record: Recorder) -> None:
    x, y = numbers(torch, 2, 3, 4), numbers(torch, 3, 2)
    vmap = torch.vmap
    record("both", vmap(vmap(lambda x, y: x * y))(x, y.t()))
    record("crossed", vmap(vmap(lambda x, y: x + y, in_dims=(0, None)), in_dims=(None, 0))(y, y))
    record("inner only", vmap(lambda x: vmap(lambda a: a.sum())(y) + x)(x[:, :, 0]))
    record("captured", vmap(lambda x: vmap(lambda a: a * x)(y))(x[:, :2, 0]))
    record("out_dims", vmap(vmap(lambda x: x, out_dims=1), in_dims=2, out_dims=-1)(x))
    record("in place", vmap(vmap(lambda x: x.clone().add_(1)))(x))
    record("index", vmap(vmap(lambda x, i: x[i]))(x, torch.tensor([[0, 1, 2], [3, 2, 1]])))


@scenario
def vmap_of_derivatives(torch: Any, record: Recorder) -> None:
    func = torch.func
    x = numbers(torch, 2, 3) / 4

    def f(x: Any) -> Any:
        return (x.softmax(0) * x.cumsum(0)).sum() + x.norm() + x.prod() + x.max()

    record("grad", torch.vmap(func.grad(f))(x))
    record("hessian", torch.vmap(func.hessian(f))(x))
    record("jvp", torch.vmap(lambda x: func.jvp(f, (x,), (x,))[1])(x))
    record("jacrev", torch.vmap(func.jacrev(lambda x: x.sort()[0] * x))(x))
    record("vjp", torch.vmap(lambda x: func.vjp(lambda x: x[[0, 2]] ** 2, x)[1](x[:2])[0])(x))
