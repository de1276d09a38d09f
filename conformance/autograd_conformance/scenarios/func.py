"""What the transforms of ``torch.func`` give, how they nest, and what they refuse."""

from __future__ import annotations

import collections
import contextlib
import functools
import warnings
from collections.abc import Iterator
from typing import Any

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


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Without the warnings of torch's tracer, whose graph nobody sees."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@scenario
def linearize_at_a_point(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    with _unheard():
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


# In place -----------------------------------------------------------------------------------------


@scenario
def writes_to_what_was_made_inside(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        y = torch.zeros(2)
        y.add_(x)
        y.mul_(x)
        z = x.clone()
        z[0] = 5.0
        z[1] *= y[0]
        return (y * z).sum()

    record("gradient", torch.func.grad(f)(torch.tensor([1.0, 2.0])))


@scenario
def writes_to_captured_tensors_are_refused(torch: Any, record: Recorder) -> None:
    captured = torch.zeros(2)
    x = torch.ones(2)

    def add(x: Any) -> Any:
        captured.add_(x)
        return captured.sum()

    def add_number(x: Any) -> Any:
        captured.add_(1)
        return x.sum()

    def exponential(x: Any) -> Any:
        captured.exp_()
        return x.sum()

    for f in (add, add_number, exponential):
        with record.raises(f.__name__):
            torch.func.grad(f)(x)
    record("captured", captured)


@scenario
def writes_to_an_input_reach_it(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])

    def f(x: Any) -> Any:
        y = x * 1
        y.mul_(2)
        return y.sum()

    record("gradient", torch.func.grad(f)(x))
    record("input", x)
    with record.raises("leaf"):
        torch.func.grad(lambda x: x.mul_(2).sum())(x)


@scenario
def writes_through_views(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        y = x * 1
        y[0].mul_(3)
        y.view(4)[1:3].add_(x.view(4)[0])
        return (y * y).sum()

    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    record("grad", torch.func.grad(f)(x))
    record("jacfwd", torch.func.jacfwd(f)(x))


# What a level's tensors look like -----------------------------------------------------------------


@scenario
def printed_tensors(torch: Any, record: Recorder) -> None:
    seen: list[str] = []

    def f(x: Any) -> Any:
        seen.extend((repr(x), repr(x * 2), str(torch.ones(2))))
        return x.sum()

    torch.func.grad(f)(torch.tensor([1.0, 2.0]))
    torch.func.grad(torch.func.grad(f))(torch.tensor(1.0))
    torch.func.jvp(f, (torch.ones(2),), (torch.ones(2),))
    record("printed", seen)


@scenario
def tensors_that_escape(torch: Any, record: Recorder) -> None:
    kept: list[Any] = []

    def f(x: Any) -> Any:
        kept.extend((x, x * 2))
        return x.sum()

    torch.func.grad(f)(torch.tensor([1.0, 2.0]))
    record("printed", [repr(t) for t in kept])
    record("sum", kept[0] + kept[1])
    record("product", kept[1] * 3)


@scenario
def numbers_of_a_level(torch: Any, record: Recorder) -> None:
    def f(x: Any) -> Any:
        if x.sum() > 0:
            return x.sum() * x[0].item() + float(x[1]) * x.prod()
        return x.sum()

    record("gradient", torch.func.grad(f)(torch.tensor([1.0, 2.0])))
    record("list", torch.func.grad(lambda x: x.sum() * x.tolist()[1])(torch.tensor([1.0, 2.0])))


@scenario
def functions_keep_their_names(torch: Any, record: Recorder) -> None:
    def loss(x: Any) -> Any:
        """Say something."""
        return x.sum()

    for transform in ("grad", "grad_and_value", "jacrev", "jacfwd", "hessian", "vmap"):
        made = getattr(torch.func, transform)(loss)
        record(transform, [made.__name__, made.__doc__])


# Refusals -----------------------------------------------------------------------------------------


@scenario
def grad_refuses_outputs(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    for label, f in {
        "vector": lambda x: x * 2,
        "number": lambda x: 2.0,
        "tuple": lambda x: (x.sum(), x),
    }.items():
        with record.raises(label):
            torch.func.grad(f)(x)
        with record.raises(f"{label} with aux"):
            torch.func.grad(f, has_aux=True)(x)
    with record.raises("aux that is no tensor"):
        torch.func.grad(lambda x: (x.sum(), "text"), has_aux=True)(x)


@scenario
def grad_refuses_inputs(torch: Any, record: Recorder) -> None:
    with record.raises("integers"):
        torch.func.grad(lambda x: x.sum())(torch.tensor([1, 2]))
    with record.raises("number"):
        torch.func.grad(lambda x: x)(2.0)
    with record.raises("tree of a number"):
        torch.func.grad(lambda x: x[0].sum())([torch.ones(2), 2.0])


@scenario
def argnums_are_checked(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])

    def f(x: Any, y: Any) -> Any:
        return (x * y).sum()

    for argnums in (2, -3, (0, 0), (), "x", (0, 5), (0, "y"), (0, -2), 1.5):
        with record.raises(f"grad {argnums}"):
            torch.func.grad(f, argnums=argnums)(x, x)
        with record.raises(f"jacrev {argnums}"):
            torch.func.jacrev(f, argnums=argnums)(x, x)


@scenario
def vjp_refuses(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    for label, f in {
        "number": lambda x: 2.0,
        "none": lambda x: None,
        "empty": lambda x: (),
        "partly": lambda x: (x, 2.0),
        "integers": lambda x: torch.tensor([1]),
    }.items():
        with record.raises(label):
            torch.func.vjp(f, x)
    with record.raises("aux"):
        torch.func.vjp(lambda x: x, x, has_aux=True)
    _, pull = torch.func.vjp(lambda x: (x, {"a": x}), x)
    with record.raises("structure"):
        pull(x)
    with record.raises("nested structure"):
        pull((x, {"b": x}))
    _, pull = torch.func.vjp(lambda x: x, x)
    with record.raises("shape"):
        pull(torch.ones(3))


@scenario
def jvp_refuses(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    jvp = torch.func.jvp
    with record.raises("primals"):
        jvp(lambda x: x, x, (x,))
    with record.raises("structure"):
        jvp(lambda x: x, (x,), (x, x))
    with record.raises("no primals"):
        jvp(lambda: x, (), ())
    with record.raises("numbers"):
        jvp(lambda x: x, (2.0,), (1.0,))
    with record.raises("shape"):
        jvp(lambda x: x, (x,), (torch.ones(3),))
    with record.raises("output"):
        jvp(lambda x: 2.0, (x,), (x,))
    with record.raises("no output"):
        jvp(lambda x: None, (x,), (x,))
    with record.raises("aux"):
        jvp(lambda x: x, (x,), (x,), has_aux=True)
    with record.raises("strict"):
        jvp(lambda x: torch.ones(2), (x,), (x,), strict=True)
    with record.raises("integers"):
        jvp(lambda x: x, (torch.tensor([1, 2]),), (torch.tensor([1, 2]),))


@scenario
def jacobians_refuse(torch: Any, record: Recorder) -> None:
    z = torch.tensor([1j, 2.0])
    x = torch.tensor([1.0, 2.0])
    for name in ("jacrev", "jacfwd"):
        transform = getattr(torch.func, name)
        with record.raises(f"{name} input"):
            transform(lambda z: z.abs())(z)
        with record.raises(f"{name} output"):
            transform(lambda x: torch.complex(x, x))(x)
        with record.raises(f"{name} number"):
            transform(lambda x: 2.0)(x)
    for chunk_size in (0, -1):
        with record.raises(f"chunk size {chunk_size}"):
            torch.func.jacrev(lambda x: x, chunk_size=chunk_size)


@scenario
def linearize_refuses(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    with _unheard():
        _, push = torch.func.linearize(lambda x: x.sin(), x)
    with record.raises("shape"):
        push(torch.ones(3))
    with record.raises("dtype"):
        push(torch.ones(2, dtype=torch.float64))
    with record.raises("structure"):
        push(x, x)


@scenario
def what_is_refused_inside(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    func = torch.func
    with record.raises("requires_grad_"):
        func.grad(lambda x: x.requires_grad_().sum())(x)
    with record.raises("retain_grad"):
        func.grad(lambda x: (x * 2).retain_grad())(x)
    with record.raises("backward"):
        func.grad(lambda x: x.sum().backward())(x)
    with record.raises("numpy of a leaf"):
        func.grad(lambda x: x.numpy())(x)


@scenario
def transforms_inside_a_partial(torch: Any, record: Recorder) -> None:
    def f(scale: float, x: Any) -> Any:
        return (x * scale).sum()

    record("grad", torch.func.grad(functools.partial(f, 3.0))(torch.ones(2)))
    record("vmap", torch.vmap(functools.partial(f, 3.0))(torch.ones(2, 2)))


# Modules ------------------------------------------------------------------------------------------


@scenario
def functional_call_of_a_layer(torch: Any, record: Recorder) -> None:
    layer = torch.nn.Linear(2, 1)
    own = dict(layer.named_parameters())
    given = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([0.5])}
    x = torch.tensor([[3.0, 4.0]])
    record("called", torch.func.functional_call(layer, given, (x,)))
    record("one argument", torch.func.functional_call(layer, [given], x))
    record("restored", all(layer.get_parameter(name) is own[name] for name in own))

    def loss(parameters: Any) -> Any:
        return torch.func.functional_call(layer, parameters, (x,)).sum()

    record("gradient", torch.func.grad(loss)(given))


@scenario
def functional_call_refuses(torch: Any, record: Recorder) -> None:
    layer = torch.nn.Linear(2, 1)
    x = torch.tensor([[3.0, 4.0]])
    weight = torch.tensor([[1.0, 2.0]])
    call = torch.func.functional_call
    with record.raises("repeated"):
        call(layer, ({"weight": weight}, {"weight": weight}), (x,))
    with record.raises("no dicts"):
        call(layer, [weight], (x,))
    with record.raises("no dict"):
        call(layer, 3, (x,))
    with record.raises("missing"):
        call(layer, {"weight": weight}, (x,), strict=True)
    with record.raises("unexpected"):
        call(layer, {"weight": weight, "other": x}, (x,), strict=True)
    with record.raises("no tensor"):
        call(layer, {"weight": 3}, (x,))
    with record.raises("no submodule"):
        call(layer, {"inner.weight": weight}, (x,))


@scenario
def tied_weights(torch: Any, record: Recorder) -> None:
    class Tied(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = torch.nn.Parameter(torch.tensor([1.0]))
            self.second = self.first

        def forward(self, x: Any) -> Any:
            return x * self.first + self.second

    module, x = Tied(), torch.tensor([2.0])
    call = torch.func.functional_call
    record("tied", call(module, {"first": torch.tensor([5.0])}, x))
    record("untied", call(module, {"first": torch.tensor([5.0])}, x, tie_weights=False))
    with record.raises("ambiguous"):
        call(module, {"first": torch.tensor([5.0]), "second": torch.tensor([6.0])}, x)


@scenario
def ensembles_of_modules(torch: Any, record: Recorder) -> None:
    layers = []
    for k in range(3):
        layer = torch.nn.Linear(2, 1)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor([[1.0 * k, 2.0]]))
            layer.bias.fill_(0.5 * k)
        layers.append(layer)
    parameters, buffers = torch.func.stack_module_state(layers)
    record("names", [sorted(parameters), sorted(buffers)])
    record("weight", parameters["weight"])

    def call(parameters: Any, x: Any) -> Any:
        return torch.func.functional_call(layers[0], parameters, (x,))

    record("outputs", torch.vmap(call, (0, None))(parameters, torch.tensor([[3.0, 4.0]])))
    with record.raises("empty"):
        torch.func.stack_module_state([])
    layers[0].eval()
    with record.raises("modes"):
        torch.func.stack_module_state(layers)
    with record.raises("classes"):
        torch.func.stack_module_state([layers[1], torch.nn.Sequential()])


# Custom functions ---------------------------------------------------------------------------------


def _cube(torch: Any, **members: Any) -> Any:
    class Cube(torch.autograd.Function):
        generate_vmap_rule = members.get("generate_vmap_rule", False)

        @staticmethod
        def forward(x: Any) -> Any:
            return x**3

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            (x,) = ctx.saved_tensors
            return gradient * 3 * x * x

        @staticmethod
        def jvp(ctx: Any, tangent: Any) -> Any:
            (x,) = ctx.saved_tensors
            return tangent * 3 * x * x

    if "vmap" in members:
        Cube.vmap = staticmethod(members["vmap"])
    return Cube


@scenario
def custom_functions_under_grad(torch: Any, record: Recorder) -> None:
    cube = _cube(torch)
    x = torch.tensor([1.0, 2.0])
    record("grad", torch.func.grad(lambda x: cube.apply(x).sum())(x))
    record(
        "second",
        torch.func.grad(lambda x: torch.func.grad(lambda y: cube.apply(y).sum())(x).sum())(x),
    )
    record("jvp", torch.func.jvp(cube.apply, (x,), (torch.ones(2),)))


@scenario
def custom_functions_with_a_generated_rule(torch: Any, record: Recorder) -> None:
    cube = _cube(torch, generate_vmap_rule=True)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    record("vmap", torch.vmap(cube.apply)(x))
    record("vmap of grad", torch.vmap(torch.func.grad(lambda x: cube.apply(x).sum()))(x))
    record("grad of vmap", torch.func.grad(lambda x: torch.vmap(cube.apply)(x).sum())(x))
    record("jacrev", torch.func.jacrev(cube.apply)(x[0]))
    record("jacfwd", torch.func.jacfwd(cube.apply)(x[0]))


@scenario
def custom_functions_with_a_rule(torch: Any, record: Recorder) -> None:
    seen: list[Any] = []

    def rule(info: Any, in_dims: Any, x: Any) -> Any:
        seen.append((info.batch_size, info.randomness, in_dims, tuple(x.shape)))
        return x**3, in_dims[0]

    cube = _cube(torch, vmap=rule)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    record("vmap", torch.vmap(cube.apply, in_dims=1, out_dims=1)(x))
    record("seen", seen)


@scenario
def custom_functions_that_cannot_be_transformed(torch: Any, record: Recorder) -> None:
    class Old(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient * 2

    x = torch.tensor([1.0, 2.0])
    with record.raises("no setup_context"):
        torch.func.grad(lambda x: Old.apply(x).sum())(x)
    with record.raises("no rule"):
        torch.vmap(_cube(torch).apply)(x)
    both = _cube(torch, generate_vmap_rule=True, vmap=lambda info, dims, x: (x, dims[0]))
    with record.raises("two rules"):
        torch.vmap(both.apply)(x)
    for label, made in {"one": 3, "three": (1, 2, 3)}.items():
        wrong = _cube(torch, vmap=lambda info, dims, x, made=made: made)
        with record.raises(label):
            torch.vmap(wrong.apply)(x)


# Gradients in batches -----------------------------------------------------------------------------


@scenario
def batches_of_gradients(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x.sin() * x
    basis = torch.eye(3)
    (made,) = torch.autograd.grad(y, x, basis, is_grads_batched=True, create_graph=True)
    record("jacobian", made)
    record("second", torch.autograd.grad(made.sum(), x))


@scenario
def batches_of_gradients_of_two_inputs(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    unused = torch.ones(1, requires_grad=True)
    y = x @ w
    made = torch.autograd.grad(
        y, (x, w, unused), torch.eye(2), is_grads_batched=True, allow_unused=True
    )
    record("gradients", made)
    y = x @ w
    with record.raises("unused"):
        torch.autograd.grad(y, unused, torch.eye(2), is_grads_batched=True)
    y = x @ w
    with record.raises("shape"):
        torch.autograd.grad(y, x, torch.ones(3), is_grads_batched=True)


# Modes --------------------------------------------------------------------------------------------


@scenario
def inference_mode_outside(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    made = {}
    with torch.inference_mode():
        made["grad"] = torch.func.grad(lambda x: x.sin().sum())(x)
        made["vjp"], pull = torch.func.vjp(lambda x: x.sin(), x)
        (made["pulled"],) = pull(torch.ones(2))
        made["jvp"] = torch.func.jvp(lambda x: x.sin(), (x,), (x,))[1]
        made["jacrev"] = torch.func.jacrev(lambda x: x * x)(x)
    for label, tensor in made.items():
        record(label, tensor + 0)


@scenario
def hooks_on_saved_tensors_are_refused(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    hooks = torch.autograd.graph.saved_tensors_hooks

    def inside(x: Any) -> Any:
        with hooks(lambda t: t, lambda t: t):
            return x.sin().sum()

    with record.raises("grad"):
        torch.func.grad(inside)(x)
    with record.raises("vjp"):
        torch.func.vjp(inside, x)
    record("jvp", torch.func.jvp(inside, (x,), (x,)))
    with record.raises("outside"), hooks(lambda t: t, lambda t: t):
        torch.func.grad(lambda x: x.sin().sum())(x)


@scenario
def gradients_of_members_of_a_batch(torch: Any, record: Recorder) -> None:
    functional = torch.nn.functional
    logits = torch.tensor([[[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]], [[2.0, 1.0, 0.0], [1.0, 1.0, 1.0]]])
    targets = torch.tensor([[0, 1], [2, 1]])
    loss = functional.cross_entropy
    record("loss", torch.vmap(loss)(logits, targets))
    record("gradient", torch.vmap(torch.func.grad(loss))(logits, targets))
    record("hessian", torch.vmap(torch.func.hessian(loss))(logits, targets))


@scenario
def transforms_see_iteration_and_containers(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    record("iteration", torch.func.grad(lambda x: sum(a * a for a in x))(x))
    record("data", torch.func.grad(lambda x: (x.data * x).sum())(x))
    record("as_tensor", torch.func.grad(lambda x: torch.as_tensor(x).sum())(x))
    record("complex", torch.func.grad(lambda z: (z.conj() * z).real.sum())(x * (1 + 1j)))


@scenario
def a_captured_input_of_two_levels(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0])
    y = torch.tensor([3.0, 4.0], requires_grad=True)

    def outer(x: Any) -> Any:
        inner = torch.func.grad(lambda z: (z * x * y).sum())(x)
        return (x * inner).sum()

    made = torch.func.grad(outer)(x)
    record("gradient", made)
    made.sum().backward()
    record("captured", y.grad)
