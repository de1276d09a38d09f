"""Modules and custom functions under transforms; batches of gradients; modes."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

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
