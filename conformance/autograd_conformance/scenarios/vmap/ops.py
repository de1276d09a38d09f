"""Values of ops, writes in place, refusals."""

from __future__ import annotations

import functools
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.vmap import numbers

# Values of ops ------------------------------------------------------------------------------------


@scenario
def broadcasting_ranks(torch: Any, record: Recorder) -> None:
    x, y = numbers(torch, 2, 3), numbers(torch, 2, 2, 3)
    add = torch.vmap(lambda x, y: x + y)
    record("one and two", add(x, y))
    record("two and one", add(y, x))
    record("0-d", add(x[:, 0], y))
    record("shared", torch.vmap(lambda x, y: x * y, in_dims=(0, None))(x, y))
    record("number", torch.vmap(lambda x: 2**x - x / 3)(x))
    record("where", torch.vmap(lambda x, y: torch.where(x > 2, x, y))(x, y))


@scenario
def promotion_of_members(torch: Any, record: Recorder) -> None:
    half = torch.ones(2, dtype=torch.float16)
    single = torch.ones(2, 3)
    integers = torch.ones(2, dtype=torch.int64)
    mul = torch.vmap(lambda x, y: x * y)
    record("half 0-d and single", mul(half, single))
    record("double 0-d and single", mul(half.double(), single))
    record("integers", mul(integers, integers.double()))
    record("integers and single", mul(integers, single))
    record("both 0-d", mul(half, half.double()))


@scenario
def reductions(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 4)
    for label, f in {
        "sum": lambda x: x.sum(),
        "sum dim": lambda x: x.sum(0),
        "sum dims": lambda x: x.sum((0, 1), keepdim=True),
        "mean": lambda x: x.mean(-1),
        "prod": lambda x: (x / 5).prod(),
        "max": lambda x: x.max(),
        "max dim": lambda x: tuple(x.max(1)),
        "argmax": lambda x: x.argmax(),
        "argmax dim": lambda x: x.argmax(0),
        "var": lambda x: x.var(),
        "std": lambda x: x.std(1),
        "norm": lambda x: x.norm(),
        "logsumexp": lambda x: x.logsumexp(0),
        "cumsum": lambda x: x.cumsum(1),
        "all": lambda x: (x > 3).all(),
        "any": lambda x: (x > 20).any(0),
        "median": lambda x: x.median(),
        "sort": lambda x: tuple((-x).sort(1)),
        "topk": lambda x: tuple(x.topk(2, 0)),
        "count": lambda x: torch.count_nonzero(x > 4),
    }.items():
        record(label, torch.vmap(f)(x))


@scenario
def views_and_movements(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 4)
    for label, f in {
        "reshape": lambda x: x.reshape(4, 3),
        "view": lambda x: x.view(-1),
        "flatten": lambda x: x.flatten(),
        "transpose": lambda x: x.t(),
        "permute": lambda x: x.permute(1, 0),
        "unsqueeze": lambda x: x.unsqueeze(0),
        "squeeze": lambda x: x[:1].squeeze(),
        "expand": lambda x: x[:, :1].expand(3, 5),
        "expand more": lambda x: x.expand(2, 3, 4),
        "repeat": lambda x: x.repeat(2, 1),
        "select": lambda x: x[1],
        "slice": lambda x: x[1:, ::2],
        "newaxis": lambda x: x[None, ..., None],
        "split": lambda x: x.split(2, 1),
        "chunk": lambda x: x.chunk(2, 0),
        "unbind": lambda x: x.unbind(0),
        "cat": lambda x: torch.cat([x, x[:1]]),
        "stack": lambda x: torch.stack([x, x], 1),
        "flip": lambda x: x.flip(0),
        "roll": lambda x: x.roll(1),
        "diagonal": lambda x: x.diagonal(),
        "triu": lambda x: x.triu(),
        "movedim": lambda x: x.movedim(0, 1),
        "unfold": lambda x: x.unfold(1, 2, 1),
        "tile": lambda x: x.tile(2),
    }.items():
        record(label, torch.vmap(f)(x))


@scenario
def products(torch: Any, record: Recorder) -> None:
    a, b, v = numbers(torch, 2, 2, 3), numbers(torch, 2, 3, 2), numbers(torch, 2, 3)
    vmap = torch.vmap
    record("mm", vmap(torch.mm)(a, b))
    record("mm left", vmap(torch.mm, in_dims=(0, None))(a, b[0]))
    record("mm right", vmap(torch.mm, in_dims=(None, 0))(a[0], b))
    record("mv", vmap(torch.mv)(a, v))
    record("dot", vmap(torch.dot)(v, v))
    record("dot shared", vmap(torch.dot, in_dims=(0, None))(v, v[0]))
    record("outer", vmap(torch.outer)(v, v))
    record("bmm", vmap(torch.bmm)(a[:, None], b[:, None]))
    record("addmm", vmap(torch.addmm)(v[:, :2], a, b))
    record("matmul", vmap(lambda a, b: a @ b)(a, b))
    record("einsum", vmap(lambda a, b: torch.einsum("ij,jk->k", a, b))(a, b))
    record("linear", vmap(torch.nn.functional.linear)(v, a, v[:, :2]))


@scenario
def reads_by_index(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 4)
    index = torch.tensor([[0, 2], [1, 0]])
    vmap = torch.vmap
    record("shared", vmap(lambda x: x[index[0]])(x))
    record("batched", vmap(lambda x, i: x[i])(x, index))
    record("second dim", vmap(lambda x, i: x[:, i])(x, index))
    record("two", vmap(lambda x, i: x[i, i])(x, index))
    record("apart", vmap(lambda x, i: x[:, None][i, :, i])(x, index))
    record("only the index", vmap(lambda i: x[0][i])(index))
    record("0-d", vmap(lambda x, i: x[i])(x, index[:, 0]))
    record("gather", vmap(lambda x, i: x.gather(1, i.expand(3, 2)))(x, index))
    record("index_select", vmap(lambda x, i: x.index_select(0, i))(x, index))
    record("take", vmap(lambda x, i: x.take(i))(x, index))
    record("embedding", vmap(lambda i: torch.nn.functional.embedding(i, x[0]))(index))


@scenario
def writes_by_index(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 4)
    index = torch.tensor([[0, 2], [1, 0]])
    vmap = torch.vmap

    def assign(x: Any, i: Any, value: Any) -> Any:
        y = x.clone()
        y[i] = value
        return y

    record("number", vmap(lambda x, i: assign(x, i, 9.0))(x, index))
    record("rows", vmap(lambda x, i: assign(x, i, x[:2] * 10))(x, index))
    record("shared index", vmap(lambda x: assign(x, index[0], x[:2] * 10))(x))
    record("scatter", vmap(lambda x, i: x.scatter(0, i[None].expand(1, 2), 7.0))(x, index))
    record("index_add", vmap(lambda x, i: x.index_add(0, i, x[:2]))(x, index))
    record("index_put", vmap(lambda x, i: x.index_put((i, i), x[0, :2], accumulate=True))(x, index))
    record("masked_fill", vmap(lambda x: x.masked_fill(x > 5, 0.0))(x))
    record("masked in place", vmap(lambda x: x.clone().masked_fill_(x > 5, 0.0))(x))


@scenario
def losses(torch: Any, record: Recorder) -> None:
    functional = torch.nn.functional
    x, y = numbers(torch, 2, 3), numbers(torch, 2, 3, start=2.5)
    for reduction in ("none", "mean", "sum"):
        for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
            loss = functools.partial(getattr(functional, name), reduction=reduction)
            record(f"{name} {reduction}", torch.vmap(loss)(x, y))
    record("softmax", torch.vmap(lambda x: functional.softmax(x, dim=0))(x))
    record("log_softmax", torch.vmap(lambda x: functional.log_softmax(x, dim=-1))(x))
    record("layer_norm", torch.vmap(lambda x: functional.layer_norm(x, (3,)))(x))
    record("gelu", torch.vmap(functional.gelu)(x))
    record("prelu", torch.vmap(lambda x: functional.prelu(x - 3, torch.tensor(0.5)))(x))


@scenario
def ops_without_a_rule_warn(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3, 4)
    record("put", torch.vmap(lambda x: x.put(torch.tensor([1]), torch.tensor([5.0])))(x))
    record("renorm", torch.vmap(lambda x: x.renorm(2, 0, 5.0))(x))
    record("masked_scatter", torch.vmap(lambda x: x.masked_scatter(x > 3, x * 2))(x))


# Writes in place ----------------------------------------------------------------------------------


@scenario
def writes_in_place(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)

    def f(x: Any) -> Any:
        x.mul_(2)
        x[0] = 0.0
        x[1:].add_(x[0] + 1)
        return x.sum()

    record("result", torch.vmap(f)(x))
    record("input", x)
    record("version", x._version)
    y = numbers(torch, 2, 3)
    torch.vmap(lambda y: y.add_(1), in_dims=1)(y)
    record("other dim", y)


@scenario
def writes_that_do_not_fit(torch: Any, record: Recorder) -> None:
    x, y = numbers(torch, 2, 3), numbers(torch, 3)
    for label, f in {
        "add_": lambda y, x: y.add_(x),
        "mul_": lambda y, x: y.mul_(x),
        "copy_": lambda y, x: y.copy_(x),
        "sub_": lambda y, x: y.sub_(x),
        "div_": lambda y, x: y.div_(x),
        "pow_": lambda y, x: y.pow_(x),
        "masked_fill_": lambda y, x: y.masked_fill_(x > 1, 0.0),
        "fill_": lambda y, x: y.fill_(x[0]),
        "index_put_": lambda y, x: y.index_put_((torch.tensor([0]),), x[:1]),
        "index_add_": lambda y, x: y.index_add_(0, torch.tensor([0]), x[:1]),
        "scatter_": lambda y, x: y.scatter_(0, torch.tensor([0]), x[:1]),
        "clamp_": lambda y, x: y.clamp_(x, x + 1),
        "lerp_": lambda y, x: y.lerp_(x, 0.5),
        "addcmul_": lambda y, x: y.addcmul_(x, x),
        "setitem": lambda y, x: y.__setitem__(0, x[0]),
        "atan2_": lambda y, x: y.atan2_(x),
    }.items():
        with record.raises(label):
            torch.vmap(f, in_dims=(None, 0))(y.clone(), x)


@scenario
def writes_to_what_is_made_inside(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)

    def like(x: Any) -> Any:
        y = torch.zeros_like(x)
        y.add_(x)
        return y

    def new(x: Any) -> Any:
        y = x.new_zeros(3)
        y.copy_(x)
        return y

    def empty(x: Any) -> Any:
        y = torch.empty_like(x).fill_(1)
        y[0] = x[1]
        return y

    for f in (like, new, empty):
        record(f.__name__, torch.vmap(f)(x))
    with record.raises("plain"):
        torch.vmap(lambda x: torch.zeros(3).add_(x))(x)


# Refusals -----------------------------------------------------------------------------------------


@scenario
def numbers_are_refused(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2)
    for label, f in {
        "item": lambda x: x.item(),
        "float": lambda x: float(x),
        "int": lambda x: int(x),
        "bool": lambda x: bool(x),
        "if": lambda x: x if x > 0 else -x,
        "tolist": lambda x: x.tolist(),
        "numpy": lambda x: x.numpy(),
        "data_ptr": lambda x: x.data_ptr(),
        "index": lambda x: [1, 2][x.long()],
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)
    record("shared", torch.vmap(lambda x, y: x * y.item(), in_dims=(0, None))(x, x[1]))


@scenario
def sizes_that_depend_on_values(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)
    for label, f in {
        "nonzero": lambda x: x.nonzero(),
        "mask": lambda x: x[x > 2],
        "masked_select": lambda x: torch.masked_select(x, x > 2),
        "unique": lambda x: torch.unique(x),
        "argwhere": lambda x: torch.argwhere(x),
        "bincount": lambda x: torch.bincount(x.long()),
    }.items():
        with record.raises(label):
            torch.vmap(f)(x)
    record("shared mask", torch.vmap(lambda x: x[torch.tensor([True, False, True])])(x))


@scenario
def assigning_by_mask(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 3)

    def assign(x: Any) -> Any:
        y = x.clone()
        y[x > 2] = 0.0
        return y

    with record.raises("batched mask"):
        record("assigned", torch.vmap(assign)(x))


@scenario
def autograd_inside(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, 3, requires_grad=True)
    with record.raises("backward"):
        torch.vmap(lambda x: x.sum().backward())(x)
    with record.raises("grad"):
        torch.vmap(lambda x: torch.autograd.grad(x.sum(), x)[0])(x)
    with record.raises("requires_grad_"):
        torch.vmap(lambda x: x.requires_grad_())(x)

    def require(x: Any) -> Any:
        x.requires_grad = True
        return x

    with record.raises("requires_grad"):
        torch.vmap(require)(x)
    record("detach", torch.vmap(lambda x: x.detach())(x))
    record("detached product", torch.vmap(lambda x: x.detach() * x)(x))
    record("no_grad", torch.no_grad()(torch.vmap(lambda x: x * 2))(x))
