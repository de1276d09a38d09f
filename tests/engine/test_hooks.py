"""Hooks on tensors and nodes, retain_grad, and the order they run in."""

from __future__ import annotations

from typing import Any

import pytest


def test_tensor_hook_sees_the_summed_gradient_once(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    middle = a * 2
    seen = []
    middle.register_hook(lambda gradient: seen.append(gradient.tolist()))
    (middle * 3 + middle * 4).backward()
    assert seen == [[7.0]]


def test_hook_result_replaces_the_gradient(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    middle = a * 2
    middle.register_hook(lambda gradient: gradient * 10)
    middle.register_hook(lambda gradient: gradient + 1)
    middle.sum().backward()
    assert a.grad.tolist() == [22.0]


def test_removed_hook_does_not_run(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    handle = a.register_hook(lambda gradient: gradient * 10)
    handle.remove()
    handle.remove()
    a.sum().backward()
    assert a.grad.tolist() == [1.0]
    with a.register_hook(lambda gradient: gradient * 10):
        a.sum().backward()
    assert a.grad.tolist() == [11.0]


def test_retain_grad_keeps_what_the_hooks_left(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    middle = a * 2
    middle.retain_grad()
    middle.register_hook(lambda gradient: gradient * 3)
    assert middle.retains_grad
    middle.sum().backward()
    assert middle.grad.tolist() == [3.0]
    assert a.grad.tolist() == [6.0]


def test_leaf_hook_and_post_accumulate_hook(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    order = []
    a.register_hook(lambda gradient: order.append(("hook", gradient.item(), a.grad)))
    a.register_post_accumulate_grad_hook(lambda leaf: order.append(("after", leaf.grad.item())))
    (a * 2 + a * 3).backward()
    assert order == [("hook", 5.0, None), ("after", 5.0)]


def test_node_hooks(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    y = a * 2
    calls = []
    y.grad_fn.register_prehook(lambda outputs: (outputs[0] * 5,))

    def after(inputs: Any, outputs: Any) -> Any:
        calls.append((inputs[0].item(), inputs[1], outputs[0].item()))
        return (inputs[0] + 1, None)

    y.grad_fn.register_hook(after)
    y.sum().backward()
    assert calls == [(10.0, None, 5.0)]
    assert a.grad.tolist() == [11.0]


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda t: t.ones(3).register_hook(print),
            "cannot register a hook on a tensor that doesn't require gradient",
        ),
        (
            lambda t: t.ones(3).retain_grad(),
            "can't retain_grad on Tensor that has requires_grad=False",
        ),
        (
            lambda t: (
                t.ones(1, requires_grad=True).mul(1).register_post_accumulate_grad_hook(print)
            ),
            "post accumulate grad hooks cannot be registered on non-leaf tensors",
        ),
    ],
)
def test_hook_errors(torch: Any, act: Any, text: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        act(torch)
    assert str(caught.value) == text


def test_hooks_run_newest_node_first(torch: Any) -> None:
    a = torch.tensor([1.0], requires_grad=True)
    order = []
    tensors = [a]
    for k in range(4):
        tensors.append(tensors[-1] * 2)
        tensors[-1].register_hook(lambda gradient, k=k: order.append(k))
    a.register_hook(lambda gradient: order.append("leaf"))
    (tensors[-1] + tensors[1]).sum().backward()
    assert order == [3, 2, 1, 0, "leaf"]
