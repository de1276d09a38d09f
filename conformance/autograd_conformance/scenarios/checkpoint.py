"""torch.utils.checkpoint: both variants, what they refuse, and selective checkpointing."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

VARIANTS = (True, False)


def leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0], requires_grad=True)


def wave(x: Any) -> Any:
    return (x.sin() * x).exp()


class Calls:
    """Counts the calls of a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.count = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return self.function(*args, **kwargs)


def changing(first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that is another one from its second call on."""
    calls: list[None] = []

    def run(x: Any) -> Any:
        calls.append(None)
        return (first if len(calls) == 1 else second)(x)

    return run


@scenario
def a_region_is_run_again_in_the_backward(torch: Any, record: Recorder) -> None:
    for reentrant in VARIANTS:
        x, run = leaf(torch), Calls(wave)
        y = torch.utils.checkpoint.checkpoint(run, x, use_reentrant=reentrant)
        record("output", y)
        record("calls", run.count)
        y.sum().backward()
        record("calls then", run.count)
        record("grad", x.grad, ulps=64)


@scenario
def the_variant_should_be_passed(torch: Any, record: Recorder) -> None:
    record("output", torch.utils.checkpoint.checkpoint(wave, leaf(torch)))
    steps = [torch.sin, torch.cos]
    record("steps", torch.utils.checkpoint.checkpoint_sequential(steps, 2, leaf(torch)))


@scenario
def gradients_of_some_inputs(torch: Any, record: Recorder) -> None:
    for reentrant in VARIANTS:
        x = leaf(torch)
        y = torch.utils.checkpoint.checkpoint(wave, x, use_reentrant=reentrant)
        with record.raises("grad"):
            record("found", torch.autograd.grad(y.sum(), x), ulps=64)
        y = torch.utils.checkpoint.checkpoint(wave, x, use_reentrant=reentrant)
        with record.raises("inputs="):
            y.sum().backward(inputs=[x])


@scenario
def a_graph_that_is_run_twice(torch: Any, record: Recorder) -> None:
    for reentrant in VARIANTS:
        x, run = leaf(torch), Calls(wave)
        y = torch.utils.checkpoint.checkpoint(run, x, use_reentrant=reentrant).sum()
        y.backward(retain_graph=True)
        y.backward()
        record("grad", x.grad, ulps=64)
        record("calls", run.count)
        with record.raises("freed"):
            y.backward()


@scenario
def nothing_requires_a_gradient(torch: Any, record: Recorder) -> None:
    for reentrant in VARIANTS:
        plain = torch.ones(2)
        y = torch.utils.checkpoint.checkpoint(wave, plain, use_reentrant=reentrant)
        record("plain", y)
        with torch.no_grad():
            y = torch.utils.checkpoint.checkpoint(wave, leaf(torch), use_reentrant=reentrant)
        record("no grad", y)


@scenario
def the_outputs_require_nothing(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = torch.utils.checkpoint.checkpoint(lambda x: x.detach(), x, use_reentrant=True)
    with record.raises("backward"):
        y.sum().backward()


@scenario
def other_arguments(torch: Any, record: Recorder) -> None:
    check = torch.utils.checkpoint.checkpoint
    for reentrant in VARIANTS:
        x = leaf(torch)
        y = check(lambda x, n, y=None: x * n, x, 3, None, use_reentrant=reentrant)
        y.sum().backward()
        record("grad", x.grad)
        with record.raises("keyword"):
            record("output", check(lambda x, n=1: x * n, x, n=3, use_reentrant=reentrant))
        with record.raises("unknown"):
            check(lambda x: x, x, missing=1, use_reentrant=reentrant)


@scenario
def several_outputs(torch: Any, record: Recorder) -> None:
    check = torch.utils.checkpoint.checkpoint
    for reentrant in VARIANTS:
        x = leaf(torch)
        first, second, third = check(lambda x: (x * 2, x.sin(), 5), x, use_reentrant=reentrant)
        record("outputs", [first, second, third])
        second.sum().backward()
        record("grad", x.grad)


@scenario
def what_a_closure_holds(torch: Any, record: Recorder) -> None:
    for reentrant in VARIANTS:
        x, w = leaf(torch), leaf(torch)
        y = torch.utils.checkpoint.checkpoint(
            lambda x, w=w: (x * w).sin(), x, use_reentrant=reentrant
        )
        y.sum().backward()
        record("grads", [x.grad, w.grad])


@scenario
def checkpoints_in_checkpoints(torch: Any, record: Recorder) -> None:
    check = torch.utils.checkpoint.checkpoint
    for reentrant in VARIANTS:
        inner, x = Calls(lambda x: x.sin().cos()), leaf(torch)

        def outer(x: Any, reentrant: bool = reentrant, inner: Calls = inner) -> Any:
            return check(inner, x, use_reentrant=reentrant).exp()

        check(outer, x, use_reentrant=reentrant).sum().backward()
        record("grad", x.grad, ulps=64)
        record("calls", inner.count)


@scenario
def second_derivatives(torch: Any, record: Recorder) -> None:
    x = leaf(torch)
    y = torch.utils.checkpoint.checkpoint(wave, x, use_reentrant=False)
    (grad,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    record("first", grad, ulps=64)
    record("second", torch.autograd.grad(grad.sum(), x), ulps=256)


@scenario
def random_numbers_are_the_same_again(torch: Any, record: Recorder) -> None:
    check = torch.utils.checkpoint.checkpoint
    for reentrant in VARIANTS:
        for preserve in (True, False):
            torch.manual_seed(0)
            drawn: list[list[float]] = []

            def run(x: Any, drawn: list[list[float]] = drawn) -> Any:
                noise = torch.rand(2)
                drawn.append(noise.tolist())
                return (x * noise).sin()

            y = check(run, leaf(torch), use_reentrant=reentrant, preserve_rng_state=preserve)
            between = torch.rand(1)
            y.sum().backward()
            record("same", drawn[0] == drawn[1])
            record("outside", [between, torch.rand(1)])


@scenario
def errors_in_the_function(torch: Any, record: Recorder) -> None:
    check = torch.utils.checkpoint.checkpoint
    for reentrant in VARIANTS:
        with record.raises("forward"):
            check(lambda x: 1 // 0, leaf(torch), use_reentrant=reentrant)
        run = changing(lambda x: x.sin(), lambda x: 1 // 0)
        y = check(run, leaf(torch), use_reentrant=reentrant)
        with record.raises("backward"):
            y.sum().backward()


@scenario
def sequences(torch: Any, record: Recorder) -> None:
    steps = [torch.sin, torch.cos, torch.exp, torch.tanh, torch.sin]
    for reentrant in VARIANTS:
        for segments in (1, 2, 3, 5):
            x = leaf(torch)
            run = torch.utils.checkpoint.checkpoint_sequential
            y = run(steps, segments, x, use_reentrant=reentrant)
            record("output", y, ulps=64)
            y.sum().backward()
            record("grad", x.grad, ulps=256)
    with record.raises("unknown"):
        torch.utils.checkpoint.checkpoint_sequential(steps, 2, x, use_reentrant=False, other=1)


@scenario
def sequences_of_modules(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for reentrant in VARIANTS:
        model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2), nn.Tanh())
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.fill_(0.5)
        x = leaf(torch)
        y = torch.utils.checkpoint.checkpoint_sequential(model, 2, x, use_reentrant=reentrant)
        y.sum().backward()
        record("grads", [x.grad, *[p.grad for p in model.parameters()]], ulps=256)


@scenario
def arguments_that_do_not_go_together(torch: Any, record: Recorder) -> None:
    def check(**options: Any) -> None:
        with record.raises(", ".join(options)):
            torch.utils.checkpoint.checkpoint(wave, leaf(torch), **options)

    none = (contextlib.nullcontext(), contextlib.nullcontext())
    check(use_reentrant=True, context_fn=lambda: none)
    check(use_reentrant=True, debug=True)
    check(use_reentrant=False, debug=True, context_fn=lambda: none)
    check(use_reentrant=False, determinism_check="other")


@scenario
def a_recomputation_that_saves_less(torch: Any, record: Recorder) -> None:
    run = changing(lambda x: x.sin().cos(), lambda x: x.sin())
    y = torch.utils.checkpoint.checkpoint(run, leaf(torch), use_reentrant=False)
    with record.raises("backward"):
        y.sum().backward()


@scenario
def a_recomputation_that_saves_more(torch: Any, record: Recorder) -> None:
    for early in (True, False):
        run = changing(lambda x: x.sin(), lambda x: x.sin().cos())
        y = torch.utils.checkpoint.checkpoint(
            run, leaf(torch), use_reentrant=False, early_stop=early
        )
        with record.raises("backward"):
            y.sum().backward()


@scenario
def a_recomputation_that_saves_other_tensors(torch: Any, record: Recorder) -> None:
    check = torch.utils.checkpoint.checkpoint
    seconds: list[Callable[[Any], Any]] = [
        lambda x: x.double().sin().cos(),
        lambda x: x[:1].sin().cos(),
        lambda x: (x * 3).sin().cos(),
    ]
    for second in seconds:
        for determinism in ("default", "none"):
            run = changing(lambda x: x.sin().cos(), second)
            y = check(run, leaf(torch), use_reentrant=False, determinism_check=determinism)
            with record.raises(determinism):
                y.sum().backward()


@scenario
def recomputation_stops_early(torch: Any, record: Recorder) -> None:
    module = torch.utils.checkpoint

    def finished(**options: Any) -> int:
        ends: list[None] = []

        def run(x: Any) -> Any:
            y = x.sin()
            ends.append(None)
            return y

        module.checkpoint(run, leaf(torch), use_reentrant=False, **options).sum().backward()
        return len(ends)

    record("default", finished())
    record("passed", [finished(early_stop=True), finished(early_stop=False)])
    with module.set_checkpoint_early_stop(False):
        record("set", [finished(), finished(early_stop=True)])
    with module.set_checkpoint_early_stop(True):
        record("set", finished(early_stop=False))
    record("after", finished())


@scenario
def contexts_of_forward_and_recomputation(torch: Any, record: Recorder) -> None:
    events: list[str] = []

    @contextlib.contextmanager
    def noted(name: str) -> Iterator[None]:
        events.append(f"enter {name}")
        yield
        events.append(f"exit {name}")

    y = torch.utils.checkpoint.checkpoint(
        wave,
        leaf(torch),
        use_reentrant=False,
        context_fn=lambda: (noted("forward"), noted("recomputation")),
    )
    events.append("between")
    y.sum().backward()
    record("events", events)


@scenario
def a_context_that_swallows_errors(torch: Any, record: Recorder) -> None:
    both = (contextlib.suppress(ZeroDivisionError), contextlib.nullcontext())
    with record.raises("forward"):
        torch.utils.checkpoint.checkpoint(
            lambda x: 1 // 0, leaf(torch), use_reentrant=False, context_fn=lambda: both
        )


@scenario
def reading_saved_tensors_outside_of_a_backward(torch: Any, record: Recorder) -> None:
    x, run = leaf(torch), Calls(wave)
    y = torch.utils.checkpoint.checkpoint(run, x, use_reentrant=False)
    node = y.grad_fn
    record("saved", [node._saved_result, node._saved_result], ulps=64)
    record("calls", run.count)
    record("grad", torch.autograd.grad(y.sum(), x), ulps=64)


@scenario
def reading_saved_tensors_twice(torch: Any, record: Recorder) -> None:
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * 2

    def backward(ctx: Any, grad: Any) -> Any:
        record("first", ctx.saved_tensors)
        print(ctx.saved_tensors)
        return grad

    members = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    custom: Any = type("Custom", (torch.autograd.Function,), members)
    y = torch.utils.checkpoint.checkpoint(
        lambda x: custom.apply(x.sin()), leaf(torch), use_reentrant=False
    )
    with record.raises("second"):
        y.sum().backward()


@scenario
def writing_the_input(torch: Any, record: Recorder) -> None:
    for reentrant in VARIANTS:
        a = leaf(torch) * 1
        y = torch.utils.checkpoint.checkpoint(lambda x: x.sin(), a, use_reentrant=reentrant)
        with torch.no_grad():
            a.add_(1)
        with record.raises("backward"):
            y.sum().backward()


@scenario
def a_backward_in_the_region(torch: Any, record: Recorder) -> None:
    def run(x: Any) -> Any:
        (grad,) = torch.autograd.grad(x.sin().sum(), x)
        return (grad + x).exp()

    x = leaf(torch)
    for early in (True, False):
        y = torch.utils.checkpoint.checkpoint(run, x, use_reentrant=False, early_stop=early)
        record("grad", torch.autograd.grad(y.sum(), x), ulps=64)


@scenario
def groups_of_backwards(torch: Any, record: Recorder) -> None:
    module = torch.utils.checkpoint
    x, run = leaf(torch), Calls(lambda x: (x.sin(), x.cos()))
    y, z = module.checkpoint(run, x, use_reentrant=False)
    with module.GraphExecGroup():
        torch.autograd.grad(y.sum(), x, retain_graph=True)
        torch.autograd.grad(z.sum(), x)
    record("calls", run.count)
    y = module.checkpoint(wave, x, use_reentrant=False)
    with record.raises("overlap"), module.GraphExecGroup():
        torch.autograd.grad(y.sum(), x, retain_graph=True)
        torch.autograd.grad(y.sum(), x)
    with module.GraphExecGroup():
        try:
            module.GraphExecGroup().__enter__()
        except RuntimeError as error:
            record("nested", str(error).partition("Already")[0])


@scenario
def debugging_is_set_or_passed(torch: Any, record: Recorder) -> None:
    module = torch.utils.checkpoint

    def text(**options: Any) -> str:
        run = changing(lambda x: x.sin().cos(), lambda x: x.sin())
        y = module.checkpoint(run, leaf(torch), use_reentrant=False, **options)
        try:
            y.sum().backward()
        except module.CheckpointError as error:
            return str(error)
        return "nothing was raised"

    def parts(found: str) -> Any:
        """The log of what ran, of an error that shows it."""
        _, _, log = found.partition("Operations executed during the original forward:")
        forward, _, rest = log.partition("Operations executed during recomputation:")
        lines = [line for line in forward.splitlines() if " = " in line]
        again = [line for line in rest.splitlines() if " = " in line and "detach" not in line]
        return [lines, [line.partition(" = ")[2].partition("(")[0] for line in again]]

    record("passed", parts(text(debug=True)))
    with module.set_checkpoint_debug_enabled(True):
        record("set", parts(text()))
    with module.set_checkpoint_debug_enabled(False):
        record("unset", text(debug=True))
    with module.set_checkpoint_debug_enabled(None):
        record("as passed", text())
    record("last words", text(debug=True)[-900:])


@scenario
def smaller_functions_of_the_module(torch: Any, record: Recorder) -> None:
    module = torch.utils.checkpoint
    x = leaf(torch)
    record("detached", module.detach_variable((x, x * 1, torch.ones(2), 3)))
    with record.raises("no tuple"):
        module.detach_variable([x])
    module.check_backward_validity([torch.ones(2), 3])
    module.check_backward_validity([x])
    record("contexts", [type(context).__name__ for context in module.noop_context_fn()])
    record("states", module.get_device_states(x, 3))
    record("device", module.DefaultDeviceType.get_device_type())
    record("names", sorted(module.__all__))


# Op by op ---------------------------------------------------------------------------------------


def mixed(torch: Any, weight: Any) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        y = torch.sigmoid(torch.matmul(torch.matmul(x, weight), weight))
        return y * x.sum(-1, keepdim=True).exp().view(1, 1).pow(2) + 1

    return run


def selected(torch: Any, function: Any, choice: Any, **options: Any) -> Any:
    """A checkpointed call under a policy or a list of ops, and its input."""
    module = torch.utils.checkpoint
    x = torch.tensor([[1.0, 2.0]], requires_grad=True)
    y = module.checkpoint(
        function,
        x,
        use_reentrant=False,
        context_fn=lambda: module.create_selective_checkpoint_contexts(choice, **options),
    )
    return x, y


@scenario
def a_policy_is_asked_about_every_op(torch: Any, record: Recorder) -> None:
    policies = torch.utils.checkpoint.CheckpointPolicy
    mm = torch.ops.aten.mm.default
    answers: list[Callable[[Any], Any]] = [
        lambda op: policies.MUST_SAVE,
        lambda op: policies.PREFER_SAVE,
        lambda op: policies.MUST_RECOMPUTE,
        lambda op: policies.PREFER_RECOMPUTE,
        lambda op: op == mm,
    ]
    weight = torch.tensor([[0.1, 0.2], [0.3, 0.4]], requires_grad=True)
    for answer in answers:
        asked: list[Any] = []

        def policy(
            ctx: Any, op: Any, *args: Any, answer: Any = answer, asked: Any = asked, **kwargs: Any
        ) -> Any:
            asked.append([str(op), ctx.is_recompute, len(args), ctx.op_output.tolist()])
            return answer(op)

        x, y = selected(torch, mixed(torch, weight), policy)
        record("output", y, ulps=64)
        y.sum().backward()
        record("grad", x.grad, ulps=256)
        record("asked", [name for name, *_ in asked])
        record("recomputing", [again for _, again, *_ in asked])


@scenario
def ops_in_a_list_are_not_run_again(torch: Any, record: Recorder) -> None:
    weight = torch.tensor([[0.1, 0.2], [0.3, 0.4]], requires_grad=True)
    aten = torch.ops.aten
    for ops in ([], [aten.mm.default], [aten.mm.default, aten.sigmoid.default, aten.exp.default]):
        x, y = selected(torch, mixed(torch, weight), ops)
        y.sum().backward()
        record("grad", x.grad, ulps=256)


@scenario
def what_is_no_policy(torch: Any, record: Recorder) -> None:
    create = torch.utils.checkpoint.create_selective_checkpoint_contexts
    for wrong in (5, (torch.ops.aten.mm.default,), [3], ["mm"]):
        with record.raises("refused"):
            create(wrong)
    with record.raises("packet"):
        try:
            create([torch.ops.aten.mm])
        except ValueError as error:
            record("text", str(error).partition(" of type ")[0])
            record("advice", str(error).partition(". ")[2])
            raise ValueError("refused") from error


@scenario
def names_of_ops(torch: Any, record: Recorder) -> None:
    aten = torch.ops.aten
    record("overload", [str(aten.mm.default), repr(aten.mm.default), aten.mm.default.name()])
    record("packet", [str(aten.mm), repr(aten.mm)])
    record("other", [str(aten.add.Tensor), aten.add.Tensor.name()])
    record("one object", aten.mm.default is aten.mm.default)
    record("its packet", aten.mm.default.overloadpacket is aten.mm)
    record("ignored", aten.detach.default in torch.utils.checkpoint.SAC_IGNORED_OPS)
    policies = torch.utils.checkpoint.CheckpointPolicy
    record("policies", [(policy.name, policy.value) for policy in policies])


@scenario
def other_ops_in_the_recomputation(torch: Any, record: Recorder) -> None:
    sin = torch.ops.aten.sin.default
    seconds: list[Callable[[Any], Any]] = [
        lambda x: x.cos().exp(),
        lambda x: x.sin().sin().exp(),
    ]
    for second in seconds:
        _, y = selected(torch, changing(lambda x: x.sin().exp(), second), [sin])
        with record.raises("backward"):
            y.sum().backward()


@scenario
def selective_regions_are_run_backward_once(torch: Any, record: Recorder) -> None:
    _, y = selected(torch, lambda x: x.sin().exp().cos(), [torch.ops.aten.sin.default])
    y = y.sum()
    y.backward(retain_graph=True)
    with record.raises("second"):
        y.backward()


@scenario
def writing_what_a_policy_kept(torch: Any, record: Recorder) -> None:
    def run(x: Any) -> Any:
        y = x.sin()
        z = y.exp()
        y.add_(1)
        return z.cos() * y

    for allowed in (False, True):
        x, y = selected(
            torch, run, [torch.ops.aten.sin.default], allow_cache_entry_mutation=allowed
        )
        with record.raises("backward"):
            y.sum().backward()
        record("grad", x.grad, ulps=64)


@scenario
def policies_see_writes_and_new_tensors(torch: Any, record: Recorder) -> None:
    utils = torch.utils.checkpoint
    programs: dict[str, Any] = {
        "written": lambda x: (x * 2).add_(1).sin(),
        "turned": lambda x: (x * 2).t_().unsqueeze_(0).squeeze_(0),
        "filled": lambda x: torch.zeros(2, 2).copy_(x) * torch.ones(2).fill_(3.0),
        "made": lambda x: x * torch.ones(2, 2) + torch.full((2,), 3.0) + torch.eye(2),
        "ranges": lambda x: x * torch.arange(2) + torch.empty((2,)).zero_() + x.new_zeros(2),
        "like": lambda x: x * torch.zeros_like(x) + torch.ones_like(x),
        "random": lambda x: x * torch.rand(2, 2) + torch.randn(2, 2),
        "mutated": lambda x: (x @ x).mul_(x).relu_(),
        "through a view": lambda x: x.clone()[0].mul_(2),
    }
    for label, program in programs.items():
        seen: list[Any] = []

        def policy(context: Any, op: Any, *args: Any, **kwargs: Any) -> Any:
            sizes = [list(a) for a in args if isinstance(a, (list, tuple))]
            seen.append([str(op), context.is_recompute, len(args), sizes])  # noqa: B023
            saved = "mm" in str(op)
            policies = utils.CheckpointPolicy
            return policies.PREFER_SAVE if saved else policies.PREFER_RECOMPUTE

        contexts = functools.partial(utils.create_selective_checkpoint_contexts, policy)
        x = torch.ones(2, 2, requires_grad=True)
        torch.manual_seed(0)
        with record.raises(label):
            y = utils.checkpoint(program, x, use_reentrant=False, context_fn=contexts)
            y.sum().backward()
            record("gradient", x.grad.clone())
        record("seen", seen)


def _plain(value: Any) -> Any:
    """An argument that a policy is given, without the numbers of tensors."""
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return tuple(value.shape) if hasattr(value, "grad_fn") else value


@scenario
def what_a_policy_is_told_of_a_call(torch: Any, record: Recorder) -> None:
    """Arguments as torch's dispatcher hands them on: keywords apart, defaults left out."""
    functional = torch.nn.functional
    programs: dict[str, Any] = {
        "factories": lambda x: x + torch.zeros(2) + torch.ones_like(x) + x.new_full((2,), 3.0),
        "with a dtype": lambda x: x + torch.ones(2, dtype=torch.float64),
        "ranges": lambda x: x * torch.arange(2) + torch.arange(0, 4, 2) + torch.linspace(0, 1, 2),
        "random": lambda x: x * torch.rand(2) * torch.randint(1, 3, (2,)) + torch.randperm(2),
        "drawn in place": lambda x: x * torch.empty(2).uniform_() * torch.empty(2).normal_(),
        "data": lambda x: x * torch.tensor([1.0, 2.0]),
        "in place": lambda x: (x * 1).add_(x, alpha=2).mul_(3).clamp_(0, 9),
        "sums": lambda x: x.add(x, alpha=2).sum(dtype=torch.float64) + x.sum(0, keepdim=True),
        "products": lambda x: torch.addmm(x, x.expand(2, 2), x.expand(2, 2), beta=2, alpha=3),
        "casts": lambda x: x.double().to(torch.float16).sort()[0].cumsum(0),
        "joined": lambda x: torch.cat([x, x]).split(2)[0] + torch.stack([x, x], 1).sum(1),
    }
    programs["activations"] = lambda x: functional.elu(functional.gelu(x, approximate="tanh"), 2.0)
    checkpoints = torch.utils.checkpoint
    for label, program in programs.items():
        calls: list[Any] = []

        def policy(context: Any, op: Any, *args: Any, calls: Any = calls, **kwargs: Any) -> Any:
            calls.append((str(op), _plain(args), {k: str(v) for k, v in kwargs.items()}))
            return checkpoints.CheckpointPolicy.PREFER_RECOMPUTE

        x = torch.tensor([1.0, 2.0], requires_grad=True)
        checkpoints.checkpoint(
            program,
            x,
            use_reentrant=False,
            context_fn=lambda policy=policy: checkpoints.create_selective_checkpoint_contexts(
                policy
            ),
        ).sum().backward()
        record(label, calls)


@scenario
def outputs_that_a_node_has_several_of_are_packed(torch: Any, record: Recorder) -> None:
    """An op whose node saves more outputs than it has arguments."""
    packed: list[Any] = []
    x = torch.tensor([[2.0, 1.0], [0.0, 3.0]], requires_grad=True)

    def pack(tensor: Any) -> Any:
        packed.append(tensor.shape)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y = torch.linalg.det(x)
    y.backward()
    record("packed", packed)
    record("gradient", x.grad)
