"""What a compiled function is to its user: results, graph, guards, its cache, threads, reasons."""

from __future__ import annotations

import gc
import queue
import threading
import warnings
import weakref
from typing import Any

import pytest


def _leaf(engine: Any, *numbers: float) -> Any:
    return engine.tensor(list(numbers), dtype=engine.float64, requires_grad=True)


def _expression(a: Any, b: Any) -> Any:
    return ((a * b + 0.1).sin() * a).sum()


def _same(one: Any, other: Any) -> bool:
    return bool(one.tolist() == other.tolist() and one.stride() == other.stride())


# Results and their graph ------------------------------------------------------------


def test_a_loss_has_one_node_behind_it(engine: Any) -> None:
    a, b = _leaf(engine, 0.5, 0.25), _leaf(engine, 2.0, -1.0)
    compiled = engine.compile(_expression)
    loss = compiled(a, b)
    assert type(loss.grad_fn).__name__ == "CompiledFunctionBackward"
    assert [node.name() for node, _ in loss.grad_fn.next_functions] == [
        "torch::autograd::AccumulateGrad"
    ] * 2
    loss.backward()
    found = a.grad, b.grad
    a.grad = b.grad = None
    _expression(a, b).backward()
    assert _same(found[0], a.grad)
    assert _same(found[1], b.grad)
    assert not compiled.reasons


def test_it_is_a_decorator_with_and_without_options(engine: Any) -> None:
    @engine.compile
    def double(x: Any) -> Any:
        """Twice x."""
        return x * 2

    @engine.compile(cache_size=1)
    def treble(x: Any) -> Any:
        return x * 3

    assert double.__name__ == "double"
    assert double.__doc__ == "Twice x."
    assert double(engine.ones(2)).tolist() == [2.0, 2.0]
    assert treble(engine.ones(2)).tolist() == [3.0, 3.0]
    treble(engine.ones(3))
    assert len(treble.specializations) == 1


def test_the_graph_is_freed_and_refuses_what_torch_refuses(engine: Any) -> None:
    a, b = _leaf(engine, 0.5, 0.25), _leaf(engine, 2.0, -1.0)
    compiled = engine.compile(_expression)
    loss = compiled(a, b)
    loss.backward(retain_graph=True)
    loss.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        loss.backward()
    loss = compiled(a, b)
    with engine.no_grad():
        a.add_(1)
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        loss.backward()


def test_there_is_no_double_backward_as_in_torch(engine: Any) -> None:
    a, b = _leaf(engine, 0.5, 0.25), _leaf(engine, 2.0, -1.0)
    loss = engine.compile(_expression)(a, b)
    (grad,) = engine.autograd.grad(loss, a, create_graph=True)
    assert type(grad.grad_fn).__name__ == "CompiledFunctionBackwardBackward"
    text = "torch.compile with aot_autograd does not currently support double backward"
    with pytest.raises(RuntimeError, match=text):
        grad.sum().backward()


def test_second_derivatives_inside_are_compiled(engine: Any) -> None:
    def curvature(x: Any) -> Any:
        (slope,) = engine.autograd.grad((x**3).sum(), x, create_graph=True)
        return engine.autograd.grad(slope.sum(), x)[0]

    x = _leaf(engine, 0.5, -2.0)
    compiled = engine.compile(curvature)
    for _ in range(2):
        assert _same(compiled(x), curvature(x))
    assert not compiled.reasons


def test_a_hessian_is_compiled(engine: Any) -> None:
    def hessian(x: Any) -> Any:
        return engine.autograd.functional.hessian(lambda x: (x[1:] * x[:-1] ** 3).sum(), x)

    x = engine.tensor([0.5, 1.5, -2.0], dtype=engine.float64)
    compiled = engine.compile(hessian)
    for factor in (1.0, 3.0):
        assert _same(compiled(x * factor), hessian(x * factor))
    assert not compiled.reasons


def test_containers_and_constants_are_returned_as_they_are(engine: Any) -> None:
    def function(x: Any, y: Any) -> Any:
        return {"sum": x + y, "parts": [x, (y * 2, None, 3)], "flag": True}

    compiled = engine.compile(function)
    x, y = engine.ones(2), engine.ones(2)
    for _ in range(2):
        found = compiled(x, y=y)
        assert found["parts"][0] is x
        assert found["parts"][1][1:] == (None, 3)
        assert found["flag"] is True
        assert found["sum"].tolist() == [2.0, 2.0]
    assert not compiled.reasons


def test_outputs_without_a_gradient_count_as_torchs_zeros(engine: Any) -> None:
    def two(x: Any) -> Any:
        return x.sin(), x.exp()

    x = _leaf(engine, 0.5, 1.5)
    first, _ = engine.compile(two)(x)
    (found,) = engine.autograd.grad(first.sum(), x)
    (expected,) = engine.autograd.grad(x.sin().sum(), x)
    assert _same(found, expected)


@pytest.mark.parametrize("layout", ["row-major", "transposed", "expanded"])
def test_gradients_of_any_layout(engine: Any, layout: str) -> None:
    def function(x: Any) -> Any:
        return (x.t() * 3).exp()

    x = (engine.arange(6.0).reshape(2, 3) / 7).requires_grad_()
    slopes = {
        "row-major": lambda: engine.ones(3, 2) * 0.5,
        "transposed": lambda: (engine.ones(2, 3) * 0.5).t(),
        "expanded": lambda: engine.tensor(0.5).expand(3, 2),
    }
    found = engine.autograd.grad(engine.compile(function)(x), x, slopes[layout]())[0]
    assert _same(found, engine.autograd.grad(function(x), x, slopes[layout]())[0])


@pytest.mark.parametrize("shape", [(), (3,)])
def test_long_functions(engine: Any, shape: tuple[int, ...]) -> None:
    def function(x: Any, w: Any) -> Any:
        y, total = x, x * 0
        for k in range(200):
            y = (y * w + x).sin()
            total = total + y * k
        return total.sum()

    compiled = engine.compile(function)
    for number in (0.5, 0.25):
        x, w = (engine.full(shape, n).requires_grad_() for n in (number, -number))
        found = engine.autograd.grad(compiled(x, w), (x, w))
        expected = engine.autograd.grad(function(x, w), (x, w))
        assert all(map(_same, found, expected))
    assert not compiled.reasons


# Whole steps of training ------------------------------------------------------------


def _training(engine: Any, compiled: bool, **options: Any) -> tuple[Any, list[float], Any]:
    nn = engine.nn
    engine.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Dropout(0.25), nn.Linear(5, 3))
    optimizer = engine.optim.SGD(net.parameters(), **options)
    x, target = engine.randn(6, 4), engine.tensor([0, 1, 2, 0, 1, 2])

    def step(x: Any, target: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), target)
        loss.backward()
        optimizer.step()
        return loss.detach()

    run = engine.compile(step) if compiled else step
    losses = [run(x, target).item() for _ in range(5)]
    if compiled:
        assert len(run.specializations) >= 1
    return run, losses, [parameter.tolist() for parameter in net.parameters()]


@pytest.mark.parametrize(
    "options", [{"lr": 0.1}, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}], ids=str
)
def test_a_step_of_training_is_compiled(engine: Any, options: Any) -> None:
    _, losses, parameters = _training(engine, True, **options)
    _, expected, expected_parameters = _training(engine, False, **options)
    assert losses == expected
    assert parameters == expected_parameters


def test_what_a_shown_gradient_is_laid_out_like_is_no_value(engine: Any) -> None:
    """Asked after random numbers were drawn, it keeps nothing from being compiled."""

    def gradient(x: Any) -> Any:
        y = engine.nn.functional.dropout(x, 0.5) * x
        return engine.autograd.grad(y.sum(), x)[0]

    run = engine.compile(gradient)
    run(engine.ones(3, 2, requires_grad=True))
    assert not run.reasons
    assert len(run.specializations) == 1


def test_a_parameter_written_between_calls_is_seen(engine: Any) -> None:
    layer = engine.nn.Linear(2, 1)
    compiled = engine.compile(lambda x: layer(x).sum())
    x = engine.ones(1, 2)
    compiled(x)
    with engine.no_grad():
        layer.weight.fill_(3.0)
        layer.bias.fill_(1.0)
    assert compiled(x).item() == 7.0
    assert len(compiled.specializations) == 1
    layer.weight = engine.nn.Parameter(engine.ones(1, 2))
    assert compiled(x).item() == 3.0


def test_gradients_accumulate_and_are_new_tensors(engine: Any) -> None:
    x = _leaf(engine, 0.5, 1.5)

    def step() -> None:
        (x * x).sum().backward()

    compiled = engine.compile(step)
    compiled()
    first = x.grad
    assert first.tolist() == [1.0, 3.0]
    compiled()
    assert x.grad is first
    assert first.tolist() == [2.0, 6.0]
    x.grad = None
    compiled()
    assert x.grad is not first
    assert first.tolist() == [2.0, 6.0]
    assert not compiled.reasons


def test_writes_to_arguments_are_done_and_counted(engine: Any) -> None:
    def function(x: Any, y: Any) -> Any:
        x.mul_(2).add_(y)
        return x.sum()

    x, y = engine.ones(2), engine.ones(2)
    compiled = engine.compile(function)
    assert [compiled(x, y).item() for _ in range(3)] == [6.0, 14.0, 30.0]
    assert x._version == 6
    assert y._version == 0
    assert not compiled.reasons


def test_random_numbers_are_drawn_as_usual(engine: Any) -> None:
    def function(x: Any) -> Any:
        return engine.nn.functional.dropout(x, 0.5) + engine.rand(4)

    compiled = engine.compile(function)
    x = engine.ones(4)
    for seed in (0, 1):
        engine.manual_seed(seed)
        found = [compiled(x).tolist() for _ in range(3)]
        engine.manual_seed(seed)
        assert found == [function(x).tolist() for _ in range(3)]
    assert not compiled.reasons


# Guards ------------------------------------------------------------


def test_other_shapes_dtypes_layouts_and_requirements_are_traced_anew(engine: Any) -> None:
    compiled = engine.compile(lambda x: (x * 2).sum(0))
    wide = engine.ones(2, 3)
    calls = [
        wide,
        engine.ones(3, 2),
        engine.ones(2, 3, dtype=engine.float64),
        engine.ones(3, 2).t(),
        engine.ones(2, 3).requires_grad_(),
    ]
    for k, x in enumerate(calls):
        assert compiled(x).dtype == x.dtype
        assert len(compiled.specializations) == k + 1
    compiled(wide)
    with engine.no_grad():
        assert not compiled(calls[-1]).requires_grad
    assert len(compiled.specializations) == len(calls) + 1
    assert not compiled.reasons


def test_python_arguments_closures_and_globals_are_guarded(engine: Any) -> None:
    factor = 2
    options = {"offset": [1.0]}

    def function(x: Any, sign: int) -> Any:
        return x * factor * sign + options["offset"][0]

    compiled = engine.compile(function)
    x = engine.ones(1)
    assert compiled(x, 1).item() == 3.0
    assert compiled(x, -1).item() == -1.0
    factor = 5
    assert compiled(x, 1).item() == 6.0
    options["offset"][0] = 2.0
    assert compiled(x, 1).item() == 7.0
    assert len(compiled.specializations) == 4


def test_modules_are_guarded_by_their_mode(engine: Any) -> None:
    net = engine.nn.Dropout(0.5)
    compiled = engine.compile(net)
    assert set(compiled(engine.ones(64)).tolist()) == {0.0, 2.0}
    net.eval()
    assert set(compiled(engine.ones(64)).tolist()) == {1.0}


def test_branches_on_values_are_guarded(engine: Any) -> None:
    def function(x: Any) -> Any:
        return x * 2 if x.sum() > 0 else x - 1

    compiled = engine.compile(function)
    for numbers in ([1.0, 2.0], [-1.0, -2.0], [3.0, 2.0], [-3.0, 0.5]):
        x = engine.tensor(numbers)
        assert _same(compiled(x), function(x))
    assert len(compiled.specializations) == 2
    assert not compiled.reasons


def test_the_cache_keeps_what_was_used_last(engine: Any) -> None:
    compiled = engine.compile(lambda x: x + 1, cache_size=2)
    for size in (1, 2, 1, 3):
        compiled(engine.ones(size))
    sources = [made.source for made in compiled.specializations]
    assert len(sources) == 2
    assert "(3,)" in sources[0]
    assert "(1,)" in sources[1]


def test_what_changes_at_each_call_is_given_up(engine: Any) -> None:
    compiled = engine.compile(lambda x, k: x * k)
    x = engine.ones(1)
    assert [compiled(x, 1 + 0.5 * k).item() for k in range(20)] == [1 + 0.5 * k for k in range(20)]
    assert dict(compiled.reasons) == {"no trace was used again": 4}


def test_arguments_that_come_to_share_memory_are_told_from_others(engine: Any) -> None:
    def function(x: Any, y: Any) -> Any:
        kept = y.clone()
        x.mul_(2)
        return kept + y

    compiled = engine.compile(function)
    x, y = engine.ones(2), engine.ones(2)
    assert compiled(x, y).tolist() == [2.0, 2.0]
    assert compiled(x, y).tolist() == [2.0, 2.0]
    z = engine.ones(2)
    assert compiled(z, z.detach()).tolist() == [3.0, 3.0]
    assert compiled(z, z).tolist() == [6.0, 6.0]


# Safety ------------------------------------------------------------


def test_threads_do_not_meet(engine: Any) -> None:
    def function(x: Any, scale: Any) -> Any:
        y = x
        for _ in range(20):
            y = (y * scale).tanh() + x
        return y.sum()

    compiled = engine.compile(function)
    inputs = [engine.full((50,), 0.01 * k) for k in range(8)]
    scale = _leaf(engine, 0.5)
    expected = [function(x, scale).item() for x in inputs]
    failures: list[Any] = []

    def work(k: int) -> None:
        for _ in range(10):
            found = compiled(inputs[k], scale).item()
            if found != expected[k]:
                failures.append((k, found))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_other_threads_see_tensors_as_they_are_while_one_traces(engine: Any) -> None:
    w = _leaf(engine, 0.5, 1.5)
    seen: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look() -> None:
        seen.put((w * 2).tolist())
        seen.put(w.grad)

    def function() -> Any:
        loss = (w * w).sum()
        loss.backward()
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return loss.detach()

    engine.compile(function)()
    assert seen.get() == [1.0, 3.0]
    assert seen.get() is None


def test_compiled_functions_nest(engine: Any) -> None:
    inner = engine.compile(lambda x: x * 3)
    outer = engine.compile(lambda x: inner(x) + inner(x))
    assert outer(engine.ones(1)).item() == 6.0
    assert outer(engine.ones(1)).item() == 6.0
    assert not outer.reasons
    assert not inner.reasons


def test_an_exception_leaves_everything_as_it_was(engine: Any) -> None:
    state = engine.zeros(2)
    seen: list[int] = []

    def function(x: Any) -> Any:
        state.add_(x)
        seen.append(1)
        if len(x) == 2:
            raise ValueError("two")
        return state

    compiled = engine.compile(function)
    with pytest.raises(ValueError, match="two"):
        compiled(engine.ones(2))
    assert state.tolist() == [1.0, 1.0]  # once, as the function itself does it
    assert seen == [1]
    assert dict(compiled.reasons) == {"it raises ValueError": 1}


def test_tensors_of_a_call_are_freed(engine: Any) -> None:
    compiled = engine.compile(lambda x: (x * 2).exp())
    x = engine.ones(3)
    gone = weakref.ref(compiled(x))
    assert gone() is None
    argument = weakref.ref(x)
    del x
    gc.collect()
    assert argument() is None


def test_the_source_can_be_read(engine: Any) -> None:
    compiled = engine.compile(_expression)
    assert compiled.source == ""
    compiled(_leaf(engine, 0.5), _leaf(engine, 2.0))
    assert compile(compiled.source, "tape", "exec")
    assert "def forward(v0, v1):" in compiled.source
    assert "def backward_0(saved, grads):" in compiled.source


# Reasons ------------------------------------------------------------


def _hooked(engine: Any, x: Any) -> Any:
    y = x * 2
    y.register_hook(lambda grad: grad)
    return y


def _custom(engine: Any, x: Any) -> Any:
    class Double(engine.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    return Double.apply(x)


def _packed(engine: Any, x: Any) -> Any:
    with engine.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        return x.exp()


def _forward_mode(engine: Any, x: Any) -> Any:
    return engine.func.jvp(lambda x: x * 3, (x,), (engine.ones_like(x),))[1]


def _seeded(engine: Any, x: Any) -> Any:
    engine.manual_seed(0)
    return x + engine.rand(2)


def _generated(engine: Any, x: Any) -> Any:
    return x + engine.rand(2, generator=engine.Generator().manual_seed(1))


class _Counter:
    calls = 0


COUNTER = _Counter()


def _counting(engine: Any, x: Any) -> Any:
    COUNTER.calls += 1
    return x * COUNTER.calls


def _object(engine: Any, x: Any) -> Any:
    return x * 2, _Counter


def _two_of_one(engine: Any, x: Any) -> Any:
    y = x * 2
    return y, y[0]


REFUSED = {
    "a hook is registered": _hooked,
    "a custom Function is called": _custom,
    "saved-tensor hooks are set": _packed,
    "forward-mode AD is used": _forward_mode,
    "a generator is seeded": _seeded,
    "a generator is made inside": _generated,
    "a value is read (item)": lambda engine, x: x * x.sum().item(),
    "a view of an argument is returned": lambda engine, x: x[0],
    "two outputs share memory": _two_of_one,
    "an object of type object is returned": lambda engine, x: (x * 2, object()),
    "a lazy conjugate or negative is returned": lambda engine, x: (x * 1j).conj(),
    "memory of another library is used": lambda engine, x: engine.from_numpy(
        (x * 2).detach().numpy()
    ),
}
"""By reason, a function that is run the usual way for it."""


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_not_traced_runs_as_usual(engine: Any, reason: str) -> None:
    function = REFUSED[reason]
    if "another library" in reason and engine.tensor(1.0)._backend.name == "python":
        pytest.skip("shares memory with no library")
    compiled = engine.compile(function)
    engine.manual_seed(3)
    found = compiled(engine, _leaf(engine, 0.5, 1.5))
    engine.manual_seed(3)
    expected = function(engine, _leaf(engine, 0.5, 1.5))
    assert dict(compiled.reasons) == {reason: 1}
    if not isinstance(found, tuple):
        assert found.tolist() == expected.tolist()


def test_changes_of_python_objects_run_as_usual(engine: Any) -> None:
    COUNTER.calls = 0
    compiled = engine.compile(_counting)
    x = engine.ones(1)
    assert [compiled(engine, x).item() for _ in range(5)] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert dict(compiled.reasons) == {
        "Python objects are changed": 3,
        "tracing failed too often": 2,
    }


def test_tensors_that_live_on_outside_run_as_usual(engine: Any) -> None:
    class Hidden:
        __slots__ = ("kept",)

    hidden = Hidden()

    def function(x: Any) -> Any:
        hidden.kept = x * 2
        return x * 3

    compiled = engine.compile(function)
    compiled(engine.ones(1))
    assert dict(compiled.reasons) == {"a tensor made inside lives on outside": 1}
    assert hidden.kept.tolist() == [2.0]


@pytest.mark.parametrize("reason", ["anomaly mode is on", "a transform calls it", "inference"])
def test_what_looks_on_runs_as_usual(engine: Any, reason: str) -> None:
    compiled = engine.compile(lambda x: (x * 2).sum())
    x = engine.ones(2)
    compiled(x)
    if reason == "anomaly mode is on":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with engine.autograd.detect_anomaly():
                compiled(x)
    elif reason == "a transform calls it":
        assert engine.func.grad(compiled)(x).tolist() == [2.0, 2.0]
    else:
        reason = "inference mode is on"
        with engine.inference_mode():
            compiled(x)
    assert dict(compiled.reasons) == {reason: 1}


def test_views_are_told_from_copies_by_their_memory(engine: Any) -> None:
    x = engine.ones(2, 3)
    identity = x._backend.storage_identity
    assert identity(x.t()._array) == identity(x._array) == identity(x[0]._array)
    assert identity(x.clone()._array) != identity(x._array)


def test_no_backend_need_know_of_it() -> None:
    """A backend that says nothing of how calls are written is compiled to its calls."""
    import autograd_core
    from autograd_core.backend_registry import get_backend, register_backend, unregister_backend
    from autograd_core.default_kernels import DefaultKernels

    plain = type(get_backend("python"))
    unknown = DefaultKernels.storage_identity
    members = {"name": "bare", "straight_lines": None, "storage_identity": unknown}
    bare = type("Bare", (plain,), members)
    register_backend("bare", bare)
    try:
        with autograd_core.use_backend("bare"):
            x = autograd_core.tensor([0.5, 1.5], requires_grad=True)
            compiled = autograd_core.compile(_expression)
            for _ in range(2):
                loss = compiled(x, x)
                (found,) = autograd_core.autograd.grad(loss, x)
                (expected,) = autograd_core.autograd.grad(_expression(x, x), x)
                assert found.tolist() == expected.tolist()
            assert not compiled.reasons
    finally:
        unregister_backend("bare")
