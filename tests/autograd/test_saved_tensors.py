"""Saved tensors: hooks on very long graphs, what they keep alive, and what they leave alone."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from autograd_core.engine.modes import dispatching, interposed
from autograd_core.engine.saved import default_hooks

LENGTH = 1_000_000


@pytest.mark.slow
def test_a_million_nodes_with_a_hook_each(engine: Any) -> None:
    counts = {"packed": 0, "unpacked": 0}

    def pack(tensor: Any) -> Any:
        counts["packed"] += 1
        return tensor

    def unpack(tensor: Any) -> Any:
        counts["unpacked"] += 1
        return tensor

    x = engine.tensor(0.5, requires_grad=True)
    ones = engine.tensor(1.0)
    y = x
    with engine.autograd.graph.saved_tensors_hooks(pack, unpack):
        for _ in range(LENGTH):
            y = y * ones
    y.backward()
    assert counts == {"packed": LENGTH, "unpacked": LENGTH}
    assert x.grad.item() == 1.0


def test_a_long_chain_of_functions(engine: Any) -> None:
    class Twice(engine.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * ctx.saved_tensors[0]

    x = engine.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(20_000):
        y = Twice.apply(y)
    y.backward()
    assert x.grad.item() == 1.0


def test_contexts_leave_nothing_behind(engine: Any) -> None:
    before = interposed.count
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    graph = engine.autograd.graph
    with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        x.sin()
    with graph.allow_mutation_on_saved_tensors():
        x.sin()
    with pytest.raises(RuntimeError, match="cannot be nested"):  # noqa: SIM117
        with graph.allow_mutation_on_saved_tensors(), graph.allow_mutation_on_saved_tensors():
            x.sin()
    with (
        pytest.raises(ZeroDivisionError),
        graph.saved_tensors_hooks(lambda t: 1 // 0, lambda t: t),
    ):
        x.sin()
    y = engine.utils.checkpoint.checkpoint(
        lambda x: x.sin().exp(),
        x,
        use_reentrant=False,
        context_fn=lambda: engine.utils.checkpoint.create_selective_checkpoint_contexts(
            [engine.ops.aten.sin.default]
        ),
    )
    y.sum().backward()
    assert (interposed.count, default_hooks.stack, dispatching.modes) == (before, [], [])


def test_a_checkpointed_region_keeps_no_intermediates(torch: Any) -> None:
    kept: list[Any] = []

    def region(x: Any) -> Any:
        y = x.sin()
        kept.append(weakref.ref(y))
        return y.exp()

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    z = torch.utils.checkpoint.checkpoint(region, x, use_reentrant=False)
    gc.collect()
    assert kept[0]() is None
    z.sum().backward()
    assert len(kept) == 2


def test_a_kept_op_is_not_computed_again(engine: Any) -> None:
    """Planted: a kernel that counts its calls."""
    x = engine.tensor([1.0, 2.0], requires_grad=True)
    module = engine.utils.checkpoint
    computed: list[str] = []

    class Counting(type(x._backend)):  # type: ignore[misc]
        def sin(self, input: Any) -> Any:
            computed.append("sin")
            return super().sin(input)

        def cos(self, input: Any) -> Any:
            computed.append("cos")
            return super().cos(input)

    x._backend = Counting()
    y = module.checkpoint(
        lambda x: x.sin().cos().sin().exp(),
        x,
        use_reentrant=False,
        early_stop=False,
        context_fn=lambda: module.create_selective_checkpoint_contexts(
            [engine.ops.aten.cos.default]
        ),
    )
    assert computed == ["sin", "cos", "sin"]
    computed.clear()
    module_saved = y.grad_fn._saved_result
    assert module_saved.shape == (2,)
    assert computed == ["sin", "sin"]


def test_saved_tensors_of_a_freed_graph_are_let_go(torch: Any) -> None:
    class Custom(torch.autograd.Function):  # type: ignore[name-defined, misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            middle = x * 3
            alive.append(weakref.ref(middle))
            ctx.save_for_backward(middle)
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 2

    alive: list[Any] = []
    y = Custom.apply(torch.tensor([1.0], requires_grad=True))
    assert alive[0]() is not None
    y.backward()
    assert alive[0]() is None


@pytest.mark.parametrize("name", ["sin", "exp", "sigmoid"])
def test_hooks_do_not_change_gradients(torch: Any, name: str) -> None:
    x = torch.tensor([0.25, 0.5], requires_grad=True)
    plain = torch.autograd.grad(getattr(x, name)().sum(), x)[0]
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), torch.tensor):
        y = getattr(x, name)()
    assert torch.autograd.grad(y.sum(), x)[0].tolist() == plain.tolist()


@pytest.mark.parametrize("name", ["exp", "tanh", "sqrt"])
def test_what_a_node_saves_of_its_result(torch: Any, name: str) -> None:
    x = torch.tensor([0.5, 0.25], requires_grad=True)
    y = getattr(x, name)()
    saved = y.grad_fn._saved_result
    assert saved.grad_fn is y.grad_fn
    assert (saved.output_nr, saved.requires_grad, saved.is_leaf, saved._version) == (
        0,
        True,
        False,
        0,
    )
    assert saved.data_ptr() == y.data_ptr()
    assert saved.dtype is y.dtype
    y.sum().backward(retain_graph=True)
    with torch.no_grad():
        y.add_(1)
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        y.sum().backward()
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0 instead"):
        y.grad_fn._saved_result  # noqa: B018
    y = getattr(x, name)()
    y.sum().backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.grad_fn._saved_result  # noqa: B018
