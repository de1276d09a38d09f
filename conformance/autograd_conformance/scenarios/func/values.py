"""Values of the transforms, and transforms in transforms."""

from __future__ import annotations

import collections
from typing import Any

from autograd_conformance.scenarios.func import unheard
from autograd_conformance.scenarios.recording import Recorder, scenario

# Values -------------------------------------------------------------------------------------------


@scenario
def grad_of_a_polynomial(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0, 3.0])
    record("grad", torch.func.grad(lambda x: (x**3).sum())(x))
    record("twice", torch.func.grad(torch.func.grad(lambda x: x**3))(torch.tensor(2.0)))


@scenario
def grad_of_an_argument_or_several(torch: Any, record: Recorder) -> None:
    def f(x: Any, y: Any, scale: float = 1.0) -> Any:
        return (x * y * y).sum() * scale

    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    record("second", torch.func.grad(f, argnums=1)(x, y))
    record("both", torch.func.grad(f, argnums=(1, 0))(x, y, scale=2.0))
    record("last", torch.func.grad(f, argnums=-1)(x, y))


@scenario
def grad_of_a_tree(torch: Any, record: Recorder) -> None:
    point = collections.namedtuple("point", "a b")

    def f(tree: Any) -> Any:
        return (tree["w"] * tree["p"].a).sum() + tree["l"][0].sum()

    tree = {
        "w": torch.tensor([1.0, 2.0]),
        "p": point(torch.tensor([3.0, 4.0]), torch.tensor(5.0)),
        "l": [torch.tensor([6.0])],
    }
    made = torch.func.grad(f)(tree)
    record("keys", list(made))
    record("w", made["w"])
    record("a", made["p"].a)
    record("unused", made["p"].b)
    record("list", made["l"])


@scenario
def grad_and_value_with_aux(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        return (x * x).sum(), {"double": x * 2}

    x = torch.tensor([1.0, 2.0])
    record("aux", torch.func.grad(f, has_aux=True)(x))
    record("value", torch.func.grad_and_value(f, has_aux=True)(x))
    record("plain", torch.func.grad_and_value(lambda x: x.exp().sum())(x))


@scenario
def vjp_of_several_outputs(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    outputs, pull = torch.func.vjp(lambda x: (x.sin(), {"c": x.cos()}), x)
    record("outputs", outputs)
    record("gradients", pull((torch.ones(2), {"c": torch.tensor([1.0, 0.5])})))
    record("again", pull((torch.zeros(2), {"c": torch.ones(2)})))


@scenario
def vjp_of_several_primals_with_aux(torch: Any, record: Recorder) -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    output, pull, aux = torch.func.vjp(lambda x, y: (x * y, x + y), x, y, has_aux=True)
    record("output", output)
    record("aux", aux)
    record("gradients", pull(torch.tensor([1.0, 10.0])))


@scenario
def jvp_of_a_product(torch: Any, record: Recorder) -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    record("jvp", torch.func.jvp(lambda x, y: x * y, (x, y), (torch.ones(2), torch.zeros(2))))
    record("aux", torch.func.jvp(lambda x: (x.sin(), x + 1), (x,), (torch.ones(2),), has_aux=True))
    record("constant", torch.func.jvp(lambda x: torch.ones(2), (x,), (torch.ones(2),)))


@scenario
def jacobians_agree(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        return torch.stack([x[0] * x[1], x[0].sin(), x[1] ** 2])

    x = torch.tensor([1.0, 2.0])
    record("reverse", torch.func.jacrev(f)(x))
    record("forward", torch.func.jacfwd(f)(x))


@scenario
def jacrev_in_chunks(torch: Any, record: Recorder) -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    for chunk_size in (None, 1, 2, 3, 10):
        record(str(chunk_size), torch.func.jacrev(lambda x: x * x, chunk_size=chunk_size)(x))


@scenario
def jacrev_of_trees(torch: Any, record: Recorder) -> None:
    def f(x: Any, y: Any) -> Any:
        return {"p": x * y.sum(), "s": (y * y).sum()}

    x, y = torch.tensor([1.0, 2.0]), torch.tensor([[3.0], [4.0]])
    record("one", torch.func.jacrev(f)(x, y))
    record("both", torch.func.jacrev(f, argnums=(0, 1))(x, y))


@scenario
def jacfwd_of_trees(torch: Any, record: Recorder) -> None:
    def f(x: Any, y: Any) -> Any:
        return {"p": x * y.sum(), "s": (y * y).sum()}

    x, y = torch.tensor([1.0, 2.0]), torch.tensor([[3.0], [4.0]])
    record("one", torch.func.jacfwd(f)(x, y))
    record("both", torch.func.jacfwd(f, argnums=(1, 0))(x, y))


@scenario
def jacobians_with_aux(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    record("reverse", torch.func.jacrev(lambda x: (x * x, x + 1), has_aux=True)(x))
    record("forward", torch.func.jacfwd(lambda x: (x * x, x + 1), has_aux=True)(x))


@scenario
def hessians_of_every_nesting(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        return (x.exp() * x.flip(0)).sum()

    x = torch.tensor([1.0, 2.0, 0.5])
    jacrev, jacfwd = torch.func.jacrev, torch.func.jacfwd
    record("hessian", torch.func.hessian(f)(x))
    record("forward over forward", jacfwd(jacfwd(f))(x))
    record("reverse over reverse", jacrev(jacrev(f))(x))
    record("reverse over forward", jacrev(jacfwd(f))(x))


@scenario
def hessian_of_two_arguments(torch: Any, record: Recorder) -> None:
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0])
    record("hessian", torch.func.hessian(lambda x, y: (x * x * y).sum(), argnums=(0, 1))(x, y))


@scenario
def linearize_at_a_point(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    with unheard():
        output, push = torch.func.linearize(lambda x: x.sin(), x)
    record("output", output)
    record("tangent", push(torch.tensor([1.0, 3.0])))


@scenario
def per_sample_gradients(torch: Any, record: Recorder) -> None:
    def loss(weight: Any, sample: Any, target: Any) -> Any:
        return ((sample @ weight - target) ** 2).mean()

    weight = torch.tensor([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]])
    samples = torch.tensor([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]])
    targets = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    record(
        "gradients",
        torch.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(weight, samples, targets),
    )


# Nesting ------------------------------------------------------------------------------------------


@scenario
def perturbations_are_not_confused(torch: Any, record: Recorder) -> None:
    grad = torch.func.grad
    x = torch.tensor(1.0)
    record("reverse", grad(lambda x: x * grad(lambda y: x + y)(torch.tensor(2.0)))(x))

    def push(f: Any, x: Any) -> Any:
        return torch.func.jvp(f, (x,), (torch.ones(()),))[1]

    record("forward", push(lambda x: x * push(lambda y: x + y, torch.tensor(2.0)), x))
    record("mixed", push(lambda x: x * grad(lambda y: x * y)(torch.tensor(2.0)), x))
    record("mixed the other way", grad(lambda x: x * push(lambda y: x * y, torch.tensor(2.0)))(x))


@scenario
def transforms_of_transforms(torch: Any, record: Recorder) -> None:
    func = torch.func
    x = torch.tensor([1.0, 2.0])
    batch = torch.tensor([[1.0, 2.0], [3.0, 4.0]])

    def f(x: Any) -> Any:
        return (x.sin() * x).sum()

    record("vmap of hessian", func.vmap(func.hessian(f))(batch))
    record("grad of vmap", func.grad(lambda b: func.vmap(f)(b).sum())(batch))
    record("vmap of vmap", func.vmap(func.vmap(lambda a: a * a))(batch))
    record("jvp of grad", func.jvp(func.grad(f), (x,), (torch.ones(2),)))
    record("vjp of jvp", func.vjp(lambda x: func.jvp(f, (x,), (torch.ones(2),)), x)[0])
    record("grad of jvp", func.grad(lambda x: func.jvp(f, (x,), (torch.ones(2),))[1])(x))
    record("jacrev of vmap of grad", func.jacrev(func.vmap(func.grad(f)))(batch))


@scenario
def captured_tensors_keep_their_graph(torch: Any, record: Recorder) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    made = torch.func.grad(lambda x: (x * w).sum())(torch.ones(2))
    record("gradient", made)
    made = torch.func.grad(lambda x: (x * x * w).sum())(torch.ones(2))
    record("of the product", made)
    made.sum().backward()
    record("captured", w.grad)


@scenario
def inputs_that_require_grad_are_differentiated_outside(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    made = torch.func.grad(lambda x: (x**3).sum())(x)
    record("first", made)
    record.graph("graph", made)
    made.sum().backward()
    record("second", x.grad)


@scenario
def outputs_of_vjp_have_the_graph_of_outside(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    output, pull = torch.func.vjp(lambda x: x.sin(), x)
    record("output", output)
    record("gradient", pull(torch.ones(2)))
    with torch.no_grad():
        record("unrecorded", pull(torch.ones(2)))


@scenario
def grad_ignores_no_grad_outside_and_obeys_it_inside(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)

    def partly(x: Any) -> Any:
        with torch.no_grad():
            c = x * x
        return (x * c).sum()

    with torch.no_grad():
        record("outside", torch.func.grad(lambda x: (x * x).sum())(x))
        record("value", torch.func.grad_and_value(lambda x: (x * x).sum())(x))
    record("inside", torch.func.grad(partly)(x))
    record("enabled", torch.func.grad(lambda x: x.sum() * float(torch.is_grad_enabled()))(x))


@scenario
def a_captured_result_has_no_gradient_inside(torch: Any, record: Recorder) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    seen: list[Any] = []

    def f(x: Any) -> Any:
        y = w * 3
        seen.append((y.requires_grad, y.is_leaf, type(y.grad_fn).__name__))
        z = x * 2
        seen.append((z.requires_grad, z.is_leaf, type(z.grad_fn).__name__))
        seen.append((x.requires_grad, x.is_leaf, x.grad_fn is None, x._version))
        return (y * z).sum()

    record("gradient", torch.func.grad(f)(torch.ones(2)))
    record("seen", seen)


@scenario
def hooks_inside_a_transform(torch: Any, record: Recorder) -> None:
    seen: list[str] = []

    def double(gradient: Any) -> Any:
        seen.append("called")
        return gradient * 2

    def f(x: Any) -> Any:
        y = x * x
        y.register_hook(double)
        return y.sum()

    record("gradient", torch.func.grad(f)(torch.tensor([1.0, 2.0])))
    record("seen", seen)


@scenario
def autograd_grad_inside_a_transform(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        y = (x**3).sum()
        (first,) = torch.autograd.grad(y, x, create_graph=True)
        return first.sum()

    record("second order", torch.func.grad(f)(torch.tensor([1.0, 2.0])))

    def g(x: Any) -> Any:
        y = (x**3).sum()
        return torch.autograd.grad(y, x, retain_graph=True)[0].sum() + 0 * y

    record("first order", torch.func.grad(g)(torch.tensor([1.0, 2.0])))


@scenario
def detach_stops_all_levels(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    made, value = torch.func.grad_and_value(lambda x: (x.detach() * x).sum())(x)
    record("gradient", made)
    record("value", value)
