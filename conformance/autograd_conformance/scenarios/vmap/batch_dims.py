"""Batch dims of arguments and results, and what batched Tensors look like."""

from __future__ import annotations

import collections
import functools
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.vmap import numbers

# Batch dims ---------------------------------------------------------------------------------------


@scenario
def batch_dims_of_inputs(torch: Any, record: Recorder) -> None:
    x, y = numbers(torch, 2, 3), numbers(torch, 3, 2)
    record("front", torch.vmap(lambda x: x * 2)(x))
    record("last", torch.vmap(lambda x: x * 2, in_dims=1)(x))
    record("negative", torch.vmap(lambda x: x.sum(), in_dims=-1)(x))
    record("two", torch.vmap(lambda x, y: x + y, in_dims=(0, 1))(x, y))
    record("one shared", torch.vmap(lambda x, y: x @ y, in_dims=(0, None))(x, y))
    record("a number", torch.vmap(lambda x, k: x * k, in_dims=(0, None))(x, 3))
    record("keywords", torch.vmap(lambda x, k=1: x * k)(x, k=y.t()[0]))


@scenario
def batch_dims_of_trees(torch: Any, record: Recorder) -> None:
    point = collections.namedtuple("point", "a b")
    x, y = numbers(torch, 2, 3), numbers(torch, 3, 2)

    def f(tree: Any, other: Any) -> Any:
        return {"sum": tree["p"].a + tree["p"].b, "l": [other[0] * 2, other[1]]}

    tree = {"p": point(x, y)}
    made = torch.vmap(f, in_dims=({"p": point(0, 1)}, (0, None)))(tree, (x, y))
    record("outputs", made)
    made = torch.vmap(f, in_dims=(0, 0))({"p": point(x, x)}, (x, x))
    record("one for all", made)
    made = torch.vmap(lambda both: both[0] + both[1], in_dims=([0, 1],))([x, y])
    record("list", made)


@scenario
def batch_dims_of_outputs(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 4)
    record("moved", torch.vmap(lambda x: x, out_dims=1)(x))
    record("last", torch.vmap(lambda x: x, out_dims=-1)(x))
    record("two", torch.vmap(lambda x: (x, x.sum()), out_dims=(1, 0))(x))
    record("dict", torch.vmap(lambda x: {"a": x, "b": x}, out_dims={"a": 0, "b": 2})(x))
    record("from another place", torch.vmap(lambda x: x * 1, in_dims=2, out_dims=1)(x))
    record("one of a tuple", torch.vmap(lambda x: x, out_dims=(1,))(x))


@scenario
def outputs_without_a_batch_dim(torch: Any, record: Recorder) -> None:
    x, c = numbers(torch, 2, 3), numbers(torch, 4)
    record("expanded", torch.vmap(lambda x: c)(x))
    with record.raises("expanded elsewhere"):
        torch.vmap(lambda x: c, out_dims=1)(x)
    record("one expanded elsewhere", torch.vmap(lambda x: c[:1], out_dims=1)(x))
    record("made inside", torch.vmap(lambda x: torch.ones(2))(x))
    record("none", torch.vmap(lambda x: (c, x), out_dims=(None, 0))(x))
    record("no tensor", torch.vmap(lambda x: (3, x), out_dims=(None, 0))(x))
    record("all none", torch.vmap(lambda x: c, out_dims=None)(x))


@scenario
def in_dims_are_checked(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)

    def f(*args: Any) -> Any:
        return args[0]

    for label, in_dims, args in [
        ("no int", "x", (x,)),
        ("a list", [0], (x,)),
        ("float", (0.5,), (x,)),
        ("too few", (0,), (x, x)),
        ("structure", ((0, 0),), (x,)),
        ("nested", ({"a": 0},), ({"b": x},)),
        ("too large", 2, (x,)),
        ("too small", -3, (x,)),
        ("number", 0, (x, 2)),
        ("all none", (None,), (x,)),
        ("sizes", (0, 1), (x, x)),
        ("three sizes", (0, 1, 0), (x, x, numbers(torch, 4))),
        ("0-d", 0, (torch.tensor(1.0),)),
        ("no inputs", 0, ()),
    ]:
        with record.raises(label):
            torch.vmap(f, in_dims=in_dims)(*args)


@scenario
def out_dims_are_checked(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    for label, out_dims, f in [
        ("no int", "x", lambda x: x),
        ("float", (0.5,), lambda x: x),
        ("too many", (0, 0), lambda x: x),
        ("too few", (0,), lambda x: (x, x)),
        ("structure", {"a": 0}, lambda x: (x, x)),
        ("too large", 3, lambda x: x),
        ("too small", -4, lambda x: x),
        ("none", None, lambda x: x),
        ("partly none", (None, 0), lambda x: (x, x)),
        ("number", 0, lambda x: 2),
        ("partly a number", 0, lambda x: (x, "text")),
        ("nothing", 0, lambda x: None),
    ]:
        with record.raises(label):
            torch.vmap(f, out_dims=out_dims)(x)


@scenario
def names_in_messages(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)

    class Callable:
        def __call__(self, x: Any) -> Any:
            return 1

        def __repr__(self) -> str:
            return "a callable"

    def named(x: Any, y: Any = 0) -> Any:
        return 1

    for label, f in {
        "function": named,
        "partial": functools.partial(named, y=3),
        "object": Callable(),
        "nested": functools.partial(functools.partial(named)),
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)


@scenario
def chunks(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 5, 3)
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(tuple(x.shape))
        return x * 2, x.sum()

    for size in (1, 2, 5, 7):
        record(str(size), torch.vmap(f, chunk_size=size)(x))
    record("calls", seen)
    record("out_dims", torch.vmap(lambda x: x, out_dims=1, chunk_size=2)(x))
    record("in_dims", torch.vmap(lambda x, y: x + y, in_dims=(1, None), chunk_size=2)(x, x[:, 0]))
    for size in (0, -1):
        with record.raises(str(size)):
            torch.vmap(f, chunk_size=size)


# What batched tensors look like -------------------------------------------------------------------


@scenario
def shapes_inside(torch: Any, record: Recorder) -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append([tuple(x.shape), x.ndim, x.dim(), x.numel(), len(x), x.size(0), x.dtype])
        seen.append([x.stride(), x.is_contiguous(), x.storage_offset(), x.requires_grad])
        return x

    torch.vmap(f, in_dims=1)(numbers(torch, 2, 3, 4))
    torch.vmap(f)(numbers(torch, 2, 3, 4)[:, 1:])
    record("seen", seen)


@scenario
def printed_batches(torch: Any, record: Recorder) -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        seen.extend((repr(x), str(x + 1), f"{x}", repr(torch.ones(2))))
        return x

    torch.vmap(f)(numbers(torch, 2, 3))
    torch.vmap(torch.vmap(f, in_dims=1))(numbers(torch, 2, 2, 2))
    torch.vmap(f)(torch.ones(2, 1, requires_grad=True))
    record("printed", seen)


@scenario
def gradients_of_inputs_pass_through(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3).requires_grad_()
    y = torch.vmap(lambda x: x.sin())(x)
    record("output", y)
    record.graph("graph", y)
    y.sum().backward()
    record("gradient", x.grad)
    seen: list[Any] = []

    def f(x: Any) -> Any:
        y = x * 2
        seen.append((x.requires_grad, y.requires_grad, y.grad_fn is None, x.is_leaf, y.is_leaf))
        return y

    torch.vmap(f)(x)
    record("inside", seen)


@scenario
def graphs_of_batched_ops(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3).requires_grad_()
    m = numbers(torch, 2, 3, 3).requires_grad_()
    for label, f in {
        "mul": lambda x: x * x,
        "mul number": lambda x: x * 2,
        "sum": lambda x: x.sum(),
        "mean": lambda x: x.mean(),
        "softmax": lambda x: x.softmax(0),
        "reshape": lambda x: x.reshape(3, 1),
        "select": lambda x: x[1],
        "exp": lambda x: x.exp(),
        "dot": lambda x: x @ x,
    }.items():
        record.graph(label, torch.vmap(f)(x))
    record.graph("mm", torch.vmap(lambda m: m @ m)(m))
    record.graph("mv", torch.vmap(lambda m, x: m @ x)(m, x))
    record.graph("transpose", torch.vmap(lambda m: m.t())(m))
    record.graph("in and out", torch.vmap(lambda x: x.exp(), in_dims=1, out_dims=1)(x))


@scenario
def tensors_that_escape(torch: Any, record: Recorder) -> None:
    kept: list[Any] = []

    def keep(x: Any) -> Any:
        kept.append(x * 2)
        return x

    torch.vmap(keep)(numbers(torch, 2, 3))
    record("printed", repr(kept[0]))
    record("shape", tuple(kept[0].shape))
    with record.raises("add"):
        kept[0] + 1
    with record.raises("sum"):
        kept[0].sum()
