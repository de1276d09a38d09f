"""Forward mode together with reverse mode, custom functions, and the formulas of single ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


@scenario
def reverse_over_forward(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    t = torch.tensor([3.0, 4.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        primal, tangent = forward.unpack_dual((dual.exp() * dual).sum())
        record("primal", primal)
        record("tangent", tangent)
        record("gradient of the primal", torch.autograd.grad(primal, x, retain_graph=True))
        record("gradients of the tangent", torch.autograd.grad(tangent, (x, t)))


@scenario
def reverse_over_forward_after_the_level(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        tangent = forward.unpack_dual(forward.make_dual(x, torch.ones(2)) ** 3).tangent
    tangent.sum().backward()
    record("grad", x.grad)


@scenario
def reverse_over_forward_of_writes(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    with forward.dual_level():
        y = forward.make_dual(x, torch.tensor([1.0, 10.0, 100.0])) * 2
        y.mul_(x)
        y[1] = x[0]
        y.add_(x)
        tangent = forward.unpack_dual(y).tangent
        record("tangent", tangent.detach())
        record("gradient", torch.autograd.grad(tangent.sum(), x))


@scenario
def graphs_of_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([5.0, 6.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.ones(2))
        for name, result in {
            "exp": dual.exp(),
            "sin": dual.sin(),
            "product": dual * w,
            "product the other way": w * dual,
            "square": dual * dual,
            "double": dual * 2,
            "sum": dual + w,
            "quotient": dual / w,
            "divided by": w / dual,
            "negative": -(dual * w),
            "total": (dual * w).sum(),
            "mean": (dual * w).mean(),
            "log": dual.log(),
            "view": (dual * w).view(2, 1),
            "clone": (dual * w).clone(),
        }.items():
            tangent = forward.unpack_dual(result).tangent
            record(name, tangent)
            record.graph(f"graph of {name}", tangent)


@scenario
def forward_over_reverse(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.tensor([3.0, 4.0]))
        (grad,) = torch.autograd.grad((dual**3).sum(), dual)
        record("gradient at the dual", forward.unpack_dual(grad))
        (grad,) = torch.autograd.grad((dual**3).sum(), x)
        record("gradient at x", forward.unpack_dual(grad))
        (grad,) = torch.autograd.grad((dual**3).sum(), x, create_graph=True)
        record("gradient at x with create_graph", forward.unpack_dual(grad))
        (grad,) = torch.autograd.grad(dual.exp().sum(), x)
        record("of exp, which saves its result", forward.unpack_dual(grad))
        (grad,) = torch.autograd.grad((dual * 2).sum(), x)
        record("linear", forward.unpack_dual(grad))
        record("x has no tangent", forward.unpack_dual(x).tangent)


@scenario
def forward_over_reverse_by_backward(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.tensor([3.0, 4.0]))
        (dual**3).sum().backward()
        record("first", forward.unpack_dual(x.grad))
        (dual**3).sum().backward()
        record("accumulated", forward.unpack_dual(x.grad))
    record("afterwards", x.grad)


@scenario
def forward_over_reverse_with_dual_cotangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        y = x * x
        cotangent = forward.make_dual(torch.ones(2), torch.tensor([5.0, 6.0]))
        (grad,) = torch.autograd.grad(y, x, cotangent)
        record("gradient", forward.unpack_dual(grad))
        y = x.exp()
        (grad,) = torch.autograd.grad(y, x, cotangent, create_graph=True)
        record("with create_graph", forward.unpack_dual(grad))


@scenario
def forward_over_reverse_through_saved_values(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
    t = torch.tensor([[1.0, 0.0], [2.0, 1.0]])
    with forward.dual_level():
        functions: dict[str, Callable[[Any], Any]] = {
            "tanh": lambda d: d.tanh().sum(),
            "sigmoid": lambda d: d.sigmoid().sum(),
            "softmax": lambda d: (d.softmax(1) * d).sum(),
            "matrix product": lambda d: (d @ d).sum(),
            "norm": lambda d: d.norm(),
            "log_softmax": lambda d: d.log_softmax(0)[0].sum(),
            "quotient": lambda d: (d / (d * d + 1)).sum(),
            "views": lambda d: (d.t()[0] * d[0]).sum(),
            "maximum": lambda d: (d.max(1).values * d[0]).sum(),
        }
        for name, function in functions.items():
            dual = forward.make_dual(x, t)
            (grad,) = torch.autograd.grad(function(dual), x)
            record(name, forward.unpack_dual(grad), ulps=32)


@scenario
def hooks_see_dual_gradients(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    seen: list[Any] = []
    with forward.dual_level():
        dual = forward.make_dual(x, torch.tensor([3.0, 4.0]))
        y = dual * dual
        y.register_hook(lambda g: seen.append(forward.unpack_dual(g)))
        dual.register_hook(lambda g: seen.append(forward.unpack_dual(g)))
        x.register_hook(lambda g: seen.append(forward.unpack_dual(g)))
        (y * y).sum().backward()
    record("seen", seen)


@scenario
def a_dual_made_inside_backward(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    tangents: list[Any] = []

    def hook(grad: Any) -> Any:
        dual = forward.make_dual(grad, torch.ones(2))
        tangents.append(forward.unpack_dual(dual * dual).tangent)
        return dual

    with forward.dual_level():
        y = x * x
        y.register_hook(hook)
        (grad,) = torch.autograd.grad((y * 3).sum(), x)
        record("gradient", forward.unpack_dual(grad))
    record("tangents", tangents)


@scenario
def gradients_with_respect_to_a_primal(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.ones(2))
        primal = forward.unpack_dual(dual).primal
        record("primal", primal)
        record("of the primal", torch.autograd.grad((primal * primal).sum(), (primal, x, dual)))
        with record.raises("of another path"):
            torch.autograd.grad((dual * dual).sum(), primal)


@scenario
def retained_and_accumulated_gradients(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.ones(2))
        dual.retain_grad()
        (dual * dual).sum().backward()
        record("dual", dual.grad)
        record("its tangent", forward.unpack_dual(dual.grad).tangent)
        record("x", x.grad)


@scenario
def zero_derivatives(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.5, -2.5]), torch.ones(2))
        for name, result in {
            "floor": dual.floor(),
            "round": dual.round(),
            "sign": dual.sign(),
            "trunc": dual.trunc(),
            "zeros_like": torch.zeros_like(dual),
            "ones_like": torch.ones_like(dual),
            "full_like": torch.full_like(dual, 3.0),
            "new_zeros": dual.new_zeros(2),
            "comparison": dual > 0,
            "argmax": dual.argmax(),
            "long": dual.long(),
            "isnan": dual.isnan(),
        }.items():
            record(name, forward.unpack_dual(result).tangent)
        record("item", dual.sum().item())
        record("tolist", dual.tolist())
        record("bool", bool(dual[0] > 0))


@scenario
def operands_without_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        plain = torch.tensor([5.0, 6.0])
        for name, result in {
            "product": dual * plain,
            "sum": plain + dual,
            "difference": plain - dual,
            "quotient": plain / dual,
            "power": plain**dual,
            "power of a dual": dual**plain,
            "cat": torch.cat([plain, dual]),
            "stack": torch.stack([dual, plain]),
            "where": torch.where(plain > 5, dual, plain),
            "dot": dual @ plain,
            "atan2": torch.atan2(dual, plain),
            "maximum": torch.maximum(dual, plain),
            "lerp": torch.lerp(dual, plain, 0.25),
            "addcmul": torch.addcmul(plain, dual, plain, value=2),
            "addcdiv": torch.addcdiv(plain, plain, dual),
            "number": 3 - dual,
            "other dtype": dual * plain.double(),
            "integers": dual * torch.tensor([2, 3]),
            "broadcast": dual * torch.ones(3, 1),
            "number tensor": dual * torch.tensor(2.0, dtype=torch.float64),
            "complex number": dual * 2j,
        }.items():
            record(name, forward.unpack_dual(result))
        infinite = torch.tensor([float("inf"), float("nan")])
        record("times inf and nan", forward.unpack_dual(infinite * dual))
        record(
            "inf with a tangent times a plain number",
            forward.unpack_dual(forward.make_dual(infinite, torch.ones(2)) * plain),
        )


@scenario
def results_do_not_share_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        t = torch.tensor([3.0, 4.0])
        dual = forward.make_dual(torch.tensor([1.0, 2.0]), t)
        for name, make in {
            "sum with a number": lambda: dual + 1,
            "sum with a plain tensor": lambda: dual + torch.ones(2),
            "positive": lambda: +dual,
            "clone": dual.clone,
            "difference": lambda: dual - 1,
            "clamp": lambda: dual.clamp(0, 10),
            "relu": dual.relu,
            "contiguous": dual.contiguous,
            "dropout off": lambda: torch.nn.functional.dropout(dual, 0.5, False),
            "float": dual.float,
        }.items():
            result = make()
            tangent = forward.unpack_dual(result).tangent
            record(f"{name}: the same object", tangent is t)
            record(f"{name}: the same memory", tangent.data_ptr() == t.data_ptr())


@scenario
def complex_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    z = torch.tensor([1.0 + 2.0j, -0.5 + 0.25j])
    t = torch.tensor([0.5 - 1.0j, 2.0 + 1.0j])
    with forward.dual_level():
        dual = forward.make_dual(z, t)
        for name, result in {
            "square": dual * dual,
            "exp": dual.exp(),
            "abs": dual.abs(),
            "real": dual.real,
            "imag": dual.imag,
            "angle": dual.angle(),
            "conj": dual.conj(),
            "conj product": dual * dual.conj(),
            "resolved": dual.conj().resolve_conj(),
            "as real": torch.view_as_real(dual),
            "sum": dual.sum(),
            "quotient": dual / (dual + 1),
            "real times complex": dual.real * dual,
            "power": dual**2,
            "sgn": dual.sgn() * 2,
        }.items():
            record(name, forward.unpack_dual(result), ulps=16)
        real = forward.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        record("complex", forward.unpack_dual(torch.complex(real, real * 2)))
        record("polar", forward.unpack_dual(torch.polar(real, real)), ulps=16)
        record("real to complex", forward.unpack_dual(real.to(torch.complex64)))


@scenario
def several_outputs(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([[1.0, 3.0, 2.0], [0.5, -1.0, 4.0]])
    t = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    with forward.dual_level():
        dual = forward.make_dual(x, t)
        for name, results in {
            "max": dual.max(1),
            "sort": dual.sort(1),
            "topk": dual.topk(2, 1),
            "median": dual.median(1),
            "cummax": dual.cummax(1),
            "var_mean": torch.var_mean(dual, 1),
        }.items():
            record(name, [forward.unpack_dual(result).tangent for result in results], ulps=16)


@scenario
def ops_without_forward_formula(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        x = torch.tensor([[1.0, 3.0], [0.5, -1.0]])
        dual = forward.make_dual(x, torch.ones(2, 2))
        for name, call in {
            "heaviside": lambda: torch.heaviside(dual, x),
            "heaviside of values": lambda: torch.heaviside(x, dual),
            "floor division": lambda: dual // 1.0,
            "floor division of a number": lambda: 2 // dual,
            "floor_divide_": lambda: (dual * 1).floor_divide_(x),
            "remainder of a number": lambda: torch.remainder(2.0, dual),
            "scatter_ of a number with multiply": lambda: (dual * 1).scatter_(
                0, torch.tensor([[0, 1]]), 2.0, reduce="multiply"
            ),
            "unique": dual.unique,
            "unique_consecutive": dual.unique_consecutive,
            "zeta": lambda: torch.special.zeta(x + 3, dual + 3),
            "zeta of a number": lambda: torch.special.zeta(3.0, dual + 3),
            "bincount": lambda: torch.bincount(torch.tensor([0, 1]), weights=dual[0]),
            "resize_": lambda: (dual * 1).resize_(3),
            "cdist": lambda: torch.cdist(dual, dual + 1),
            "pdist": lambda: torch.nn.functional.pdist(dual),
        }.items():
            with record.raises(name):
                record(f"{name}: tangent", forward.unpack_dual(call()).tangent)


def _square(torch: Any) -> Any:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_forward(x)
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x * grad

        @staticmethod
        def jvp(ctx: Any, x_t: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 2 * x * x_t

    return Square


@scenario
def custom_functions_have_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    square = _square(torch)
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with forward.dual_level():
        dual = forward.make_dual(x, torch.tensor([3.0, 4.0]))
        result = square.apply(dual)
        record("result", forward.unpack_dual(result))
        record("used on", forward.unpack_dual(result.exp()).tangent)
        record("plain input", forward.unpack_dual(square.apply(x)).tangent)
        record("gradient", torch.autograd.grad(result.sum(), x))


@scenario
def custom_functions_without_jvp(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    with forward.dual_level():
        dual = forward.make_dual(torch.ones(2), torch.ones(2))
        with record.raises("dual input"):
            Double.apply(dual)
        record("plain input", forward.unpack_dual(Double.apply(torch.ones(2))))


@scenario
def jvp_as_in_functional(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([0.5, 1.0, 2.0])
    v = torch.tensor([1.0, -1.0, 0.5])

    def function(a: Any) -> Any:
        b = a.sin() * a
        return (b / b.sum()).cumsum(0).pow(2)

    with forward.dual_level():
        by_forward = forward.unpack_dual(function(forward.make_dual(x, v))).tangent
    by_reverse = torch.autograd.functional.jvp(function, x, v)[1]
    record("forward", by_forward, ulps=32)
    record("close", bool(((by_forward - by_reverse).abs() < 1e-5).all()))


@scenario
def a_network_with_dual_weights(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    weight = torch.tensor([[0.5, -1.0, 2.0], [1.0, 0.25, -0.5]])
    bias = torch.tensor([0.1, -0.2])
    x = torch.tensor([[1.0, 2.0, 3.0], [0.5, 0.0, -1.0]])
    target = torch.tensor([1, 0])
    functional = torch.nn.functional
    with forward.dual_level():
        dual_weight = forward.make_dual(weight, torch.ones(2, 3))
        dual_bias = forward.make_dual(bias, torch.tensor([1.0, 2.0]))
        logits = functional.linear(x, dual_weight, dual_bias)
        record("logits", forward.unpack_dual(logits), ulps=16)
        loss = -functional.log_softmax(logits, 1).gather(1, target.unsqueeze(1)).mean()
        record("loss", forward.unpack_dual(loss), ulps=16)
        hidden = functional.layer_norm(functional.gelu(logits), (2, 2)).pow(2).sum(1)
        record("hidden", forward.unpack_dual(hidden).tangent, ulps=512)


@scenario
def batches_of_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([0.5, 1.0, 2.0])
    directions = torch.eye(3)

    def along(t: Any) -> Any:
        y = forward.make_dual(x, t)
        return forward.unpack_dual(y.sin() * y.sum()).tangent

    with forward.dual_level():
        with record.raises("vmap over tangents"):
            torch.func.vmap(along)(directions)
        points = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]])
        with record.raises("vmap over primals"):
            torch.func.vmap(lambda p: forward.make_dual(p, x))(points)
        dual = forward.make_dual(points, torch.ones(2, 3))
        batch = torch.func.vmap(lambda row: row.exp().sum())(dual)
        record("a dual mapped over", forward.unpack_dual(batch))


@scenario
def transforms_and_levels(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    x = torch.tensor([0.5, 1.0])
    with forward.dual_level():
        with record.raises("jvp inside a level"):
            record("it", torch.func.jvp(torch.sin, (x,), (torch.ones(2),)))
        dual = forward.make_dual(x, torch.tensor([1.0, 2.0]))
        with record.raises("grad of a dual"):
            grad = torch.func.grad(lambda a: (a**3).sum())(dual)
            record("it", forward.unpack_dual(grad))
        with record.raises("vjp of a dual"):
            out, pull = torch.func.vjp(torch.exp, dual)
            record("out", forward.unpack_dual(out))
            record("pulled", forward.unpack_dual(pull(torch.ones(2))[0]))
    with record.raises("a level inside jvp"):

        def function(a: Any) -> Any:
            with forward.dual_level():
                return a

        torch.func.jvp(function, (x,), (torch.ones(2),))
    with record.raises("duals inside jvp"):

        def unpacks(a: Any) -> Any:
            record("level is open", forward.unpack_dual(a).tangent is None)
            return a

        torch.func.jvp(unpacks, (x,), (torch.ones(2),))


@scenario
def random_ops_keep_tangents(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.ones(6), torch.arange(6.0))
        torch.manual_seed(3)
        record("dropout", forward.unpack_dual(torch.nn.functional.dropout(dual, 0.5)))
        torch.manual_seed(3)
        record("bernoulli", forward.unpack_dual(torch.bernoulli(dual * 0.5)))
        torch.manual_seed(3)
        filled = dual.clone().normal_()
        record("normal_", forward.unpack_dual(filled).tangent)
        record("rand_like", forward.unpack_dual(torch.rand_like(dual)).tangent)


@scenario
def out_variants_refuse_duals(torch: Any, record: Recorder) -> None:
    forward = torch.autograd.forward_ad
    with forward.dual_level():
        dual = forward.make_dual(torch.ones(2), torch.ones(2))
        out = torch.zeros(2)
        with record.raises("dual operand"):
            torch.exp(dual, out=out)
            record("out", forward.unpack_dual(out))
        with record.raises("dual out"):
            torch.exp(torch.ones(2), out=dual)
            record("out", forward.unpack_dual(dual))
