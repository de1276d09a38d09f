"""Grad mode and inference mode: contexts, decorators, threads, what inference tensors refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _leaf(torch: Any) -> Any:
    return torch.tensor([1.0, 2.0], requires_grad=True)


def _made_in_inference_mode(torch: Any, **options: Any) -> Any:
    with torch.inference_mode():
        return torch.tensor([1.0, 2.0], **options)


# Grad mode ----------------------------------------------------------------------------------------


@scenario
def contexts_nest_and_restore(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    seen = []
    with torch.no_grad():
        seen.append((x * 2).requires_grad)
        with torch.enable_grad():
            seen.append((x * 2).requires_grad)
            with torch.set_grad_enabled(False):
                seen.append((x * 2).requires_grad)
            seen.append(torch.is_grad_enabled())
        seen.append(torch.is_grad_enabled())
    record("seen", [*seen, torch.is_grad_enabled()])


@scenario
def an_error_restores_the_mode(torch: Any, record: Recorder) -> None:
    for context in (torch.no_grad, torch.inference_mode, lambda: torch.set_grad_enabled(False)):
        with record.raises("error"), context():
            raise KeyError("inside")
        record("after", [torch.is_grad_enabled(), torch.is_inference_mode_enabled()])


@scenario
def one_context_object_may_be_entered_again(torch: Any, record: Recorder) -> None:
    context = torch.no_grad()
    record("before", context.prev)
    for _ in range(2):
        with context:
            record("inside", [torch.is_grad_enabled(), context.prev])
    with torch.no_grad(), context:
        record("nested", context.prev)
    record("after", torch.is_grad_enabled())


@scenario
def a_context_entered_twice_at_once_forgets_the_first(torch: Any, record: Recorder) -> None:
    context = torch.no_grad()
    with context, context:
        record("inside", torch.is_grad_enabled())
    record("after", torch.is_grad_enabled())
    torch.set_grad_enabled(True)


@scenario
def contexts_give_nothing_to_as(torch: Any, record: Recorder) -> None:
    for context in (torch.no_grad(), torch.enable_grad(), torch.inference_mode()):
        with context as given:
            record("given", given)


@scenario
def no_grad_leaves_creation_alone(torch: Any, record: Recorder) -> None:
    with torch.no_grad():
        made = torch.ones(2, requires_grad=True)
        record("made", made)
        record("asked", torch.zeros(2).requires_grad_())


@scenario
def results_under_no_grad_are_leaves(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    with torch.no_grad():
        y = x * 2
    record("y", y)
    record("later", (y * x).sum())


@scenario
def set_grad_enabled_is_a_function_too(torch: Any, record: Recorder) -> None:
    setting = torch.set_grad_enabled(False)
    record("off", torch.is_grad_enabled())
    record("state", [setting.prev, setting.mode])
    torch.set_grad_enabled(True)
    record("on", torch.is_grad_enabled())


@scenario
def set_grad_enabled_prints_its_mode(torch: Any, record: Recorder) -> None:
    with torch.set_grad_enabled(True) as given:
        record("given", given)
    record("texts", [str(torch.set_grad_enabled(True)), repr(torch.set_grad_enabled(True))])


@scenario
def set_grad_enabled_wants_a_bool(torch: Any, record: Recorder) -> None:
    for mode in (1, None, "yes"):
        with record.raises(f"{mode!r}"):
            torch.set_grad_enabled(mode)
    with record.raises("nothing"):
        torch.set_grad_enabled()
    record("mode", torch.is_grad_enabled())


@scenario
def set_grad_enabled_acts_before_it_is_entered(torch: Any, record: Recorder) -> None:
    context = torch.set_grad_enabled(False)
    record("made", torch.is_grad_enabled())
    torch.set_grad_enabled(True)
    with context:
        record("inside", torch.is_grad_enabled())
    record("after", torch.is_grad_enabled())


@scenario
def threads_have_their_own_modes(torch: Any, record: Recorder) -> None:
    seen = []

    def look() -> None:
        seen.append([torch.is_grad_enabled(), torch.is_inference_mode_enabled()])
        seen.append([(_leaf(torch) * 2).requires_grad, torch.ones(1).is_inference()])

    for context in (torch.no_grad(), torch.inference_mode()):
        with context:
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
    record("seen", seen)


@scenario
def a_thread_in_inference_mode_leaves_others_alone(torch: Any, record: Recorder) -> None:
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with torch.inference_mode():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=stay)
    thread.start()
    entered.wait()
    x = _leaf(torch)
    record("here", [torch.is_inference_mode_enabled(), x.is_inference(), x * 2, torch.exp(x)])
    leave.set()
    thread.join()


# Decorators ---------------------------------------------------------------------------------------


def _decorators(torch: Any) -> dict[str, Callable[..., Any]]:
    return {
        "no_grad()": torch.no_grad(),
        "no_grad": torch.no_grad,
        "enable_grad()": torch.enable_grad(),
        "enable_grad": torch.enable_grad,
        "inference_mode()": torch.inference_mode(),
        "inference_mode": torch.inference_mode,
        "inference_mode(False)": torch.inference_mode(False),
    }


@scenario
def decorated_functions_run_in_the_mode(torch: Any, record: Recorder) -> None:
    for name, decorator in _decorators(torch).items():

        @decorator
        def inside(first: int, *, second: int = 2) -> list[Any]:
            """Words."""
            return [first, second, torch.is_grad_enabled(), torch.is_inference_mode_enabled()]

        record(name, inside(1, second=3))
        record(f"{name} identity", [inside.__name__, inside.__doc__])
        with torch.no_grad():
            record(f"{name} in no_grad", inside(1))
    record("after", [torch.is_grad_enabled(), torch.is_inference_mode_enabled()])


@scenario
def set_grad_enabled_as_a_decorator_undoes_its_own_making(torch: Any, record: Recorder) -> None:
    @torch.set_grad_enabled(False)
    def off() -> bool:
        return bool(torch.is_grad_enabled())

    record("after decoration", torch.is_grad_enabled())
    record("inside", off())
    record("after", torch.is_grad_enabled())


@scenario
def decorated_generators_run_in_the_mode_only_inside(torch: Any, record: Recorder) -> None:
    for name, decorator in _decorators(torch).items():

        @decorator
        def count() -> Any:
            got = yield [0, torch.is_grad_enabled(), torch.is_inference_mode_enabled()]
            yield [got, torch.is_grad_enabled(), torch.is_inference_mode_enabled()]
            return "done"

        generator = count()
        seen = [next(generator), [torch.is_grad_enabled(), torch.is_inference_mode_enabled()]]
        seen.append(generator.send("sent"))
        try:
            next(generator)
        except StopIteration as stop:
            seen.append(stop.value)
        record(name, seen)


@scenario
def errors_thrown_into_a_decorated_generator_reach_it(torch: Any, record: Recorder) -> None:
    @torch.no_grad()
    def careful() -> Any:
        try:
            yield 1
        except KeyError:
            yield ["caught", torch.is_grad_enabled()]
        raise ValueError("at the end")

    generator = careful()
    record("first", next(generator))
    record("thrown", generator.throw(KeyError("in")))
    with record.raises("end"):
        next(generator)


@scenario
def closing_a_decorated_generator_closes_it_in_the_mode(torch: Any, record: Recorder) -> None:
    closed = []

    @torch.no_grad()
    def endless() -> Any:
        try:
            while True:
                yield 1
        finally:
            closed.append(torch.is_grad_enabled())

    generator = endless()
    next(generator)
    generator.close()
    record("closed", closed)


@scenario
def a_decorated_coroutine_starts_in_the_mode_and_runs_outside(torch: Any, record: Recorder) -> None:
    @torch.no_grad()
    async def asked() -> bool:
        return bool(torch.is_grad_enabled())

    coroutine = asked()
    try:
        coroutine.send(None)
    except StopIteration as stop:
        record("inside", stop.value)


@scenario
def decorating_a_class_warns_and_makes_a_function(torch: Any, record: Recorder) -> None:
    class Model:
        def __init__(self, size: int) -> None:
            self.size = size
            self.mode = [torch.is_grad_enabled(), torch.is_inference_mode_enabled()]

        def call(self) -> bool:
            return bool(torch.is_grad_enabled())

    for name, decorator in _decorators(torch).items():
        made = decorator(Model)
        record(name, [isinstance(made, type), made.__name__, made(3).mode, made(size=4).call()])
    made = torch.set_grad_enabled(False)(Model)
    record("set_grad_enabled", [isinstance(made, type), made(3).mode, torch.is_grad_enabled()])


@scenario
def contexts_clone(torch: Any, record: Recorder) -> None:
    context = torch.no_grad()
    record("no_grad", [type(context.clone()) is torch.no_grad, context.clone() is context])
    record("inference_mode", torch.inference_mode(False).clone().mode)
    setting = torch.set_grad_enabled(True).clone()
    record("set_grad_enabled", setting.mode)


@scenario
def a_decorated_function_may_call_itself(torch: Any, record: Recorder) -> None:
    @torch.no_grad()
    def down(n: int) -> list[bool]:
        with torch.enable_grad():
            below = down(n - 1) if n else []
            return [*below, torch.is_grad_enabled()]

    record("modes", down(2))
    record("after", torch.is_grad_enabled())


@scenario
def autograd_has_the_contexts_too(torch: Any, record: Recorder) -> None:
    names = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode")
    record("same", [getattr(torch.autograd, name) is getattr(torch, name) for name in names])
    with torch.autograd.set_multithreading_enabled(False):
        x = _leaf(torch)
        (x * 2).sum().backward()
        record("grad", x.grad)


# Inference mode -----------------------------------------------------------------------------------


@scenario
def inference_mode_turns_grad_mode_off(torch: Any, record: Recorder) -> None:
    with torch.inference_mode():
        record("inside", [torch.is_inference_mode_enabled(), torch.is_grad_enabled()])
        with torch.inference_mode(False):
            record("left", [torch.is_inference_mode_enabled(), torch.is_grad_enabled()])
            record("recorded", _leaf(torch) * 2)
        record("again", [torch.is_inference_mode_enabled(), torch.is_grad_enabled()])
    with torch.no_grad(), torch.inference_mode(False):
        record("of no_grad", [torch.is_inference_mode_enabled(), torch.is_grad_enabled()])


@scenario
def enable_grad_in_inference_mode_records_nothing(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    with torch.inference_mode():
        with torch.enable_grad():
            y = x * 2
            record("mode", [torch.is_grad_enabled(), torch.is_inference_mode_enabled()])
            record("y", y)
            with record.raises("backward"):
                y.sum().backward()
        record("after", torch.is_grad_enabled())


@scenario
def tensors_made_inside_are_inference_tensors(torch: Any, record: Recorder) -> None:
    x, normal = _leaf(torch), torch.tensor([1.0, 2.0])
    with torch.inference_mode():
        made = [x * 2, normal + normal, torch.exp(x), torch.ones(2), normal.clone(), x.sum()]
        made += [torch.zeros_like(x), x.max(0)[1], normal[normal > 0], torch.tensor(1)]
        shared = [x[0], normal.view(2, 1), normal.detach(), x.data, normal.unbind(0)[1]]
    record("made", [tensor.is_inference() for tensor in made])
    record("shared", [tensor.is_inference() for tensor in shared])
    record("function", [torch.is_inference(made[0]), torch.is_inference(x)])


@scenario
def inference_tensors_have_no_version(torch: Any, record: Recorder) -> None:
    made = _made_in_inference_mode(torch)
    with record.raises("outside"):
        record("version", made._version)
    with torch.inference_mode(), record.raises("inside"):
        record("version", made._version)
    record("tensor", made)
    record("text", str(made))


@scenario
def inference_tensors_are_written_freely_inside(torch: Any, record: Recorder) -> None:
    with torch.inference_mode():
        made = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        made.add_(1).mul_(2)
        made[0] = 7.0
        made.t_()
        torch.add(made, made, out=made)
        record("made", made)
        made.zero_()
        made.unsqueeze_(0).fill_(3)
        record("filled", made)


@scenario
def inference_tensors_are_not_written_outside(torch: Any, record: Recorder) -> None:
    writes: dict[str, Callable[[Any], Any]] = {
        "add_": lambda t: t.add_(1),
        "mul_ of a leaf": lambda t: t.mul_(_leaf(torch)),
        "copy_": lambda t: t.copy_(torch.tensor([8.0, 9.0])),
        "zero_": lambda t: t.zero_(),
        "fill_": lambda t: t.fill_(3),
        "setitem": lambda t: t.__setitem__(0, 5.0),
        "unsqueeze_": lambda t: t.unsqueeze_(0),
        "out": lambda t: torch.add(torch.ones(2), torch.ones(2), out=t),
        "resize_": lambda t: t.resize_(1),
        "through a view": lambda t: t[0:1].add_(1),
    }
    for name, write in writes.items():
        made = _made_in_inference_mode(torch)
        with record.raises(name):
            write(made)
        record(f"{name} has written", made)


@scenario
def normal_tensors_count_writes_in_inference_mode(torch: Any, record: Recorder) -> None:
    x, normal = _leaf(torch), torch.tensor([1.0, 2.0])
    with torch.inference_mode():
        normal.add_(1)
        normal[0:1].mul_(3)
        x.add_(1)
        x[1:].zero_()
    record("normal", normal)
    record("leaf", x)


@scenario
def saved_tensors_notice_writes_in_inference_mode(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = (x * x).sum()
    with torch.inference_mode():
        x.add_(1)
    with record.raises("backward"):
        y.backward()


@scenario
def inference_tensors_are_not_saved_for_backward(torch: Any, record: Recorder) -> None:
    x, made = _leaf(torch), _made_in_inference_mode(torch)
    with record.raises("first"):
        made * x
    with record.raises("second"):
        x * made
    with record.raises("matmul"):
        torch.dot(x, made)
    with record.raises("where nothing is saved"):
        record("sum", x + made)
    with record.raises("in place"):
        (x * 1).mul_(made)
    with torch.no_grad(), record.raises("no_grad"):
        record("product", x * made)
    with record.raises("clone"):
        record("product", x * made.clone())


@scenario
def gradients_pass_an_inference_tensor_that_is_not_saved(torch: Any, record: Recorder) -> None:
    x, made = _leaf(torch), _made_in_inference_mode(torch)
    y = (x * 2 + made).sum()
    record.graph("graph", y)
    y.backward()
    record("grad", x.grad)


@scenario
def an_inference_leaf_takes_part_beside_a_normal_one(torch: Any, record: Recorder) -> None:
    x, made = _leaf(torch), _made_in_inference_mode(torch, requires_grad=True)
    record("made", made)
    y = (x * 2 + made).sum()
    record.graph("graph", y)
    y.backward()
    record("values", [x.grad.tolist(), made.grad.tolist(), made.grad.is_inference()])


@scenario
def views_of_an_inference_leaf_are_not_recorded(torch: Any, record: Recorder) -> None:
    made = _made_in_inference_mode(torch, requires_grad=True)
    record("views", [made[0], made.view(1, 2), made.unbind(0)[0]])


@scenario
def requires_grad_of_inference_tensors(torch: Any, record: Recorder) -> None:
    made = _made_in_inference_mode(torch)
    with record.raises("method"):
        made.requires_grad_()
    with record.raises("attribute"):
        made.requires_grad = True
    with record.raises("off"):
        made.requires_grad = False
    with torch.inference_mode(), record.raises("inside"):
        made.requires_grad_()
    record("made", made)


@scenario
def detached_inference_tensors_count_again(torch: Any, record: Recorder) -> None:
    made = _made_in_inference_mode(torch)
    for name in ("detach", "data"):
        alone = made.detach() if name == "detach" else made.data
        record(f"{name} before", [alone, alone.is_inference()])
        alone.add_(1)
        record(f"{name} written", [alone, made])
        with record.raises(f"{name} saved"):
            alone * _leaf(torch)
        with torch.inference_mode():
            inside = made.detach()
        with record.raises(f"{name} inside"):
            inside.add_(1)


@scenario
def data_carries_inference_over(torch: Any, record: Recorder) -> None:
    normal = torch.ones(2)
    normal.add_(1)
    normal.data = _made_in_inference_mode(torch)
    record("normal", [normal, normal.is_inference()])


@scenario
def views_of_normal_tensors_are_normal(torch: Any, record: Recorder) -> None:
    x, normal = torch.ones(2, 3, requires_grad=True), torch.ones(2, 3)
    with torch.inference_mode():
        views = [normal[0], normal.t(), normal.unbind(0)[1], normal.reshape(3, 2), x[0], x[0][1:]]
    record("views", views)
    record("bases", [v._base is normal or v._base is x for v in views])


@scenario
def views_of_inference_tensors_are_nobodys_views(torch: Any, record: Recorder) -> None:
    made = _made_in_inference_mode(torch)
    with torch.inference_mode():
        inside = made[0:1]
    outside = made.view(2, 1)
    record("views", [inside, outside, inside.is_inference(), outside.is_inference()])
    record("bases", [inside._base, outside._base, inside._is_view(), outside._is_view()])


@scenario
def views_made_inside_are_not_written_outside(torch: Any, record: Recorder) -> None:
    x, normal = torch.ones(2, 3, requires_grad=True), torch.ones(2, 3)
    with torch.inference_mode():
        of_leaf, of_normal, many = x[0], normal[0], x.unbind(0)
        of_view = of_leaf[1:]
    for name, view in {"leaf": of_leaf, "many": many[0], "view": of_view}.items():
        with record.raises(name):
            view.add_(1)
    with record.raises("unrecorded"):
        record("written", of_normal.add_(1))
    with record.raises("recorded"):
        of_normal.mul_(torch.ones(3, requires_grad=True))
    with torch.no_grad(), record.raises("no_grad"):
        record("written", of_leaf.add_(1))
    with torch.inference_mode(), record.raises("inside"):
        record("written", of_leaf.add_(1))


@scenario
def views_made_inside_have_no_history_once_the_base_was_written(
    torch: Any, record: Recorder
) -> None:
    y = torch.ones(2, 3, requires_grad=True) * 2
    with torch.inference_mode():
        view = y[0]
        of_view = view[1:]
    record("before", [view.grad_fn, view.requires_grad])
    y.add_(1)
    for name, stale in {"view": view, "of view": of_view}.items():
        with record.raises(name):
            record("node", stale.grad_fn)
        with record.raises(f"{name} used"):
            stale * 2
        with record.raises(f"{name} written"):
            stale.add_(1)


@scenario
def geometry_changes_in_inference_mode(torch: Any, record: Recorder) -> None:
    normal = torch.ones(2, 3)
    with torch.inference_mode():
        normal.t_()
        normal.unsqueeze_(0)
    record("normal", normal)


@scenario
def detach_in_place_in_inference_mode(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = x * 2
    with torch.inference_mode():
        record("leaf", x.detach_())
        record("result", y.detach_())
        record("made", torch.ones(2).detach_())


@scenario
def backward_inside_makes_inference_gradients(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    first, second = (x * 2).sum(), (x * 3).sum()
    with torch.inference_mode():
        first.backward()
        record("grad", [x.grad, x.grad.is_inference()])
    with record.raises("accumulated outside"):
        second.backward()
    record("grad", x.grad)


@scenario
def grad_inside_makes_inference_tensors(torch: Any, record: Recorder) -> None:
    x = _leaf(torch)
    y = (x * x).sum()
    with torch.inference_mode():
        (plain,) = torch.autograd.grad(y, x, retain_graph=True)
        record("plain", [plain, plain.is_inference()])
        (recorded,) = torch.autograd.grad(y, x, create_graph=True)
        record("create_graph", [recorded, recorded.is_inference()])


@scenario
def identities_inside(torch: Any, record: Recorder) -> None:
    normal, made = torch.ones(2, 3), _made_in_inference_mode(torch)
    with torch.inference_mode():
        record("same", [normal.contiguous() is normal, normal.to(torch.float32) is normal])
    record("outside", [made.contiguous() is made, made.float() is made])
    record("results", [(made * 2).is_inference(), made.double().is_inference(), made.tolist()])


@scenario
def inference_mode_takes_a_bool_or_a_function(torch: Any, record: Recorder) -> None:
    with record.raises("int"):
        torch.inference_mode(1)
    record("function", torch.inference_mode(torch.is_inference_mode_enabled)())
    context = torch.inference_mode(mode=True)
    record("mode", context.mode)


@scenario
def inference_mode_turns_forward_mode_off(torch: Any, record: Recorder) -> None:
    forward_ad = torch.autograd.forward_ad
    x, direction = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.0])
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, direction)
        with torch.inference_mode():
            record("seen inside", forward_ad.unpack_dual(dual).tangent)
            product = dual * 2
            record("made inside", forward_ad.unpack_dual(forward_ad.make_dual(x, x)).tangent)
            with torch.inference_mode(False):
                record("left", forward_ad.unpack_dual(dual * 3).tangent)
        record("product", forward_ad.unpack_dual(product).tangent)
        record("outside", forward_ad.unpack_dual(dual * 2).tangent)
