"""What ``vmap`` makes of functions: batch dims, randomness, writes in place, refusals."""

from __future__ import annotations

import collections
import functools
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _numbers(torch: Any, *shape: int, start: float = 1.0) -> Any:
    count = 1
    for length in shape:
        count *= length
    return (torch.arange(count, dtype=torch.float32) + start).reshape(shape)


# Batch dims ---------------------------------------------------------------------------------------


@scenario
def batch_dims_of_inputs(torch: Any, record: Recorder) -> None:
    x, y = _numbers(torch, 2, 3), _numbers(torch, 3, 2)
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
    x, y = _numbers(torch, 2, 3), _numbers(torch, 3, 2)

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
    x = _numbers(torch, 2, 3, 4)
    record("moved", torch.vmap(lambda x: x, out_dims=1)(x))
    record("last", torch.vmap(lambda x: x, out_dims=-1)(x))
    record("two", torch.vmap(lambda x: (x, x.sum()), out_dims=(1, 0))(x))
    record("dict", torch.vmap(lambda x: {"a": x, "b": x}, out_dims={"a": 0, "b": 2})(x))
    record("from another place", torch.vmap(lambda x: x * 1, in_dims=2, out_dims=1)(x))
    record("one of a tuple", torch.vmap(lambda x: x, out_dims=(1,))(x))


@scenario
def outputs_without_a_batch_dim(torch: Any, record: Recorder) -> None:
    x, c = _numbers(torch, 2, 3), _numbers(torch, 4)
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
    x = _numbers(torch, 2, 3)

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
        ("three sizes", (0, 1, 0), (x, x, _numbers(torch, 4))),
        ("0-d", 0, (torch.tensor(1.0),)),
        ("no inputs", 0, ()),
    ]:
        with record.raises(label):
            torch.vmap(f, in_dims=in_dims)(*args)


@scenario
def out_dims_are_checked(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 2, 3)
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
    x = _numbers(torch, 2, 3)

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
    x = _numbers(torch, 5, 3)
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

    torch.vmap(f, in_dims=1)(_numbers(torch, 2, 3, 4))
    torch.vmap(f)(_numbers(torch, 2, 3, 4)[:, 1:])
    record("seen", seen)


@scenario
def printed_batches(torch: Any, record: Recorder) -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        seen.extend((repr(x), str(x + 1), f"{x}", repr(torch.ones(2))))
        return x

    torch.vmap(f)(_numbers(torch, 2, 3))
    torch.vmap(torch.vmap(f, in_dims=1))(_numbers(torch, 2, 2, 2))
    torch.vmap(f)(torch.ones(2, 1, requires_grad=True))
    record("printed", seen)


@scenario
def gradients_of_inputs_pass_through(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 2, 3).requires_grad_()
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
    x = _numbers(torch, 2, 3).requires_grad_()
    m = _numbers(torch, 2, 3, 3).requires_grad_()
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

    torch.vmap(keep)(_numbers(torch, 2, 3))
    record("printed", repr(kept[0]))
    record("shape", tuple(kept[0].shape))
    with record.raises("add"):
        kept[0] + 1
    with record.raises("sum"):
        kept[0].sum()


# Values of ops ------------------------------------------------------------------------------------


@scenario
def broadcasting_ranks(torch: Any, record: Recorder) -> None:
    x, y = _numbers(torch, 2, 3), _numbers(torch, 2, 2, 3)
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
    x = _numbers(torch, 2, 3, 4)
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
    x = _numbers(torch, 2, 3, 4)
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
    a, b, v = _numbers(torch, 2, 2, 3), _numbers(torch, 2, 3, 2), _numbers(torch, 2, 3)
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
    x = _numbers(torch, 2, 3, 4)
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
    x = _numbers(torch, 2, 3, 4)
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
    x, y = _numbers(torch, 2, 3), _numbers(torch, 2, 3, start=2.5)
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
    x = _numbers(torch, 2, 3, 4)
    record("put", torch.vmap(lambda x: x.put(torch.tensor([1]), torch.tensor([5.0])))(x))
    record("renorm", torch.vmap(lambda x: x.renorm(2, 0, 5.0))(x))
    record("masked_scatter", torch.vmap(lambda x: x.masked_scatter(x > 3, x * 2))(x))


# Writes in place ----------------------------------------------------------------------------------


@scenario
def writes_in_place(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 2, 3)

    def f(x: Any) -> Any:
        x.mul_(2)
        x[0] = 0.0
        x[1:].add_(x[0] + 1)
        return x.sum()

    record("result", torch.vmap(f)(x))
    record("input", x)
    record("version", x._version)
    y = _numbers(torch, 2, 3)
    torch.vmap(lambda y: y.add_(1), in_dims=1)(y)
    record("other dim", y)


@scenario
def writes_that_do_not_fit(torch: Any, record: Recorder) -> None:
    x, y = _numbers(torch, 2, 3), _numbers(torch, 3)
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
    x = _numbers(torch, 2, 3)

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
    x = _numbers(torch, 2)
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
    x = _numbers(torch, 2, 3)
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
    x = _numbers(torch, 2, 3)

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
    x = _numbers(torch, 2, 3)
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
    x = _numbers(torch, 2, 3)
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
    x = _numbers(torch, 2)
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
    z = _numbers(torch, 2, 3) * (1 + 2j)
    record("product", torch.vmap(lambda z: z.conj() * z)(z))
    record("parts", torch.vmap(lambda z: z.real + z.imag)(z))
    record("modulus", torch.vmap(lambda z: z.abs())(z))
    record("view_as_real", torch.vmap(torch.view_as_real)(z))


@scenario
def iteration_over_members(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 2, 3)
    record("sum", torch.vmap(lambda x: sum(a * k for k, a in enumerate(x)))(x))
    record("unpacked", torch.vmap(lambda x: (lambda a, b, c: a * b + c)(*x))(x))


@scenario
def searches(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 2, 3)
    record("searchsorted", torch.vmap(lambda x: torch.searchsorted(x, x + 0.5))(x))
    record("bucketize", torch.vmap(lambda x: torch.bucketize(torch.tensor([2.0, 5.0]), x))(x))
    record("isin", torch.vmap(lambda x: torch.isin(x, torch.tensor([2.0, 5.0])))(x))
    record("where", torch.vmap(lambda x: torch.where(x > 2, x, 0.0))(x))


@scenario
def vmap_in_vmap(torch: Any, record: Recorder) -> None:
    x, y = _numbers(torch, 2, 3, 4), _numbers(torch, 3, 2)
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
    x = _numbers(torch, 2, 3) / 4

    def f(x: Any) -> Any:
        return (x.softmax(0) * x.cumsum(0)).sum() + x.norm() + x.prod() + x.max()

    record("grad", torch.vmap(func.grad(f))(x))
    record("hessian", torch.vmap(func.hessian(f))(x))
    record("jvp", torch.vmap(lambda x: func.jvp(f, (x,), (x,))[1])(x))
    record("jacrev", torch.vmap(func.jacrev(lambda x: x.sort()[0] * x))(x))
    record("vjp", torch.vmap(lambda x: func.vjp(lambda x: x[[0, 2]] ** 2, x)[1](x[:2])[0])(x))
