"""backward and grad: roots, results, freeing, accumulation, order, errors."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


def names(node: Any, depth: int = 10) -> Any:
    """A graph as nested (name, inputs)."""
    if node is None or depth == 0:
        return None
    return (node.name(), [names(edge, depth - 1) for edge, _ in node.next_functions])


def test_gradients_of_a_small_graph(torch: Any) -> None:
    a, b = leaf(torch, 5.0), leaf(torch, 6.0)
    (a**3 - b**2).backward()
    assert a.grad.tolist() == [75.0]
    assert b.grad.tolist() == [-12.0]


def test_graph_has_torch_names_and_edges(torch: Any) -> None:
    a = leaf(torch, 1.0)
    y = (1 - a * 2).exp() / a
    accumulate = ("torch::autograd::AccumulateGrad", [])
    assert names(y.grad_fn) == (
        "DivBackward0",
        [
            (
                "ExpBackward0",
                [("RsubBackward1", [("MulBackward0", [accumulate, None])])],
            ),
            accumulate,
        ],
    )


def test_nodes_refuse_attributes(torch: Any) -> None:
    node = torch.ones(2, requires_grad=True).sin().grad_fn
    for each in (node, node.next_functions[0][0]):
        text = f"'{type(each).__name__}' object has no attribute 'note'"
        with pytest.raises(AttributeError, match=text):
            each.note = 1


def test_second_backward_needs_retain_graph(torch: Any) -> None:
    a = leaf(torch, 2.0)
    y = (a * a).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert a.grad.tolist() == [8.0]
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    assert a.grad.tolist() == [8.0]


def test_nodes_without_saved_values_run_again(torch: Any) -> None:
    a = leaf(torch, 2.0)
    y = (a + a).sum()
    y.backward()
    y.backward()
    assert a.grad.tolist() == [4.0]


def test_saved_value_is_refused_after_release(torch: Any) -> None:
    a = leaf(torch, 2.0)
    y = a.sin()
    assert y.grad_fn._saved_self is a
    y.sum().backward()
    with pytest.raises(RuntimeError, match="directly access saved tensors"):
        _ = y.grad_fn._saved_self


def test_gradient_is_accumulated_in_place(torch: Any) -> None:
    a = leaf(torch, 2.0)
    (a * 3).sum().backward()
    first = a.grad
    (a * 3).sum().backward()
    assert a.grad is first
    assert first.tolist() == [6.0]
    assert first._version == 1


def test_gradients_share_no_memory(torch: Any) -> None:
    a, b = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    given = torch.ones(2)
    (a + b).backward(given)
    a.grad.mul_(5)
    assert b.grad.tolist() == [1.0, 1.0]
    assert given.tolist() == [1.0, 1.0]


def test_shared_gradient_of_one_sum(torch: Any) -> None:
    a, b = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    (a + b).sin().sum().backward()
    assert a.grad.data_ptr() != b.grad.data_ptr()


def test_create_graph_gives_third_order(torch: Any) -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = x**4
    for expected in (32.0, 48.0, 48.0):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        assert y.item() == expected
    assert y.requires_grad


def test_backward_with_create_graph_warns_and_keeps_the_graph(torch: Any) -> None:
    x = torch.tensor(3.0, requires_grad=True)
    torch.set_warn_always(True)  # it is issued once per process otherwise
    try:
        with pytest.warns(UserWarning, match="will create a reference cycle"):
            (x**3).backward(create_graph=True)
    finally:
        torch.set_warn_always(False)
    assert x.grad.grad_fn is not None
    assert x.grad.item() == 27.0
    x.grad = None


def test_inputs_limit_what_is_filled(torch: Any) -> None:
    a, b = leaf(torch, 2.0), leaf(torch, 3.0)
    middle = a * b
    (middle * middle).sum().backward(inputs=[a])
    assert a.grad.tolist() == [36.0]
    assert b.grad is None


def test_grad_of_an_inner_tensor(torch: Any) -> None:
    a = leaf(torch, 2.0)
    middle = a * 3
    root = (middle * middle).sum()
    got_a, got_middle = torch.autograd.grad(root, [a, middle])
    assert (got_a.tolist(), got_middle.tolist()) == ([36.0], [12.0])
    assert a.grad is None


def test_grad_with_several_roots_and_cotangents(torch: Any) -> None:
    a = leaf(torch, 2.0)
    first, second = a * 3, a * a
    (got,) = torch.autograd.grad([first, second], a, [torch.tensor([10.0]), torch.tensor([1.0])])
    assert got.tolist() == [34.0]


def test_unused_input(torch: Any) -> None:
    a, b = leaf(torch, 2.0), leaf(torch, 3.0)
    with pytest.raises(RuntimeError, match="index 1 appears to not have been used in the graph"):
        torch.autograd.grad(a.sum(), [a, b])
    _, unused = torch.autograd.grad(a.sum(), [a, b], allow_unused=True)
    assert unused is None
    _, zeros = torch.autograd.grad(a.sum(), [a, b], materialize_grads=True)
    assert zeros.tolist() == [0.0]


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (
            lambda t: leaf(t, 1.0, 2.0).mul(2).backward(),
            RuntimeError,
            "grad can be implicitly created only for scalar outputs",
        ),
        (
            lambda t: t.ones(3).sum().backward(),
            RuntimeError,
            "element 0 of tensors does not require grad and does not have a grad_fn",
        ),
        (
            lambda t: t.ones(3).backward(),
            RuntimeError,
            "element 0 of tensors does not require grad and does not have a grad_fn",
        ),
        (
            lambda t: leaf(t, 1.0, 2.0, 3.0).mul(2).backward(t.ones(2)),
            RuntimeError,
            "Mismatch in shape: grad_output[0] has a shape of torch.Size([2]) and output[0] has a "
            "shape of torch.Size([3]).",
        ),
        (
            lambda t: t.tensor([1], requires_grad=True),
            RuntimeError,
            "Only Tensors of floating point and complex dtype can require gradients",
        ),
        (
            lambda t: leaf(t, 1.0).add_(1),
            RuntimeError,
            "a leaf Variable that requires grad is being used in an in-place operation.",
        ),
        (
            lambda t: leaf(t, 1.0, 2.0).view(2).add_(1),
            RuntimeError,
            "a view of a leaf Variable that requires grad is being used in an in-place operation.",
        ),
        (
            lambda t: t.ones(3) + t.ones(4),
            RuntimeError,
            "The size of tensor a (3) must match the size of tensor b (4) at non-singleton "
            "dimension 0",
        ),
        (
            lambda t: t.ones(3, dtype=t.int32).add_(1.5),
            RuntimeError,
            "result type Float can't be cast to the desired output type Int",
        ),
        (
            lambda t: t.autograd.grad(leaf(t, 1.0).sum(), t.ones(1)),
            RuntimeError,
            "One of the differentiated Tensors does not require grad",
        ),
    ],
)
def test_errors_have_torch_words(torch: Any, act: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        act(torch)
    assert str(caught.value) == text


def test_refused_write_changes_nothing(torch: Any) -> None:
    target = torch.tensor([1.0, 2.0, 3.0])
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        target.add_(torch.ones(3, 3))
    assert (target.tolist(), target._version) == ([1.0, 2.0, 3.0], 0)


def test_tensor_written_after_it_was_saved(torch: Any) -> None:
    a = leaf(torch, 1.0, 2.0, 3.0)
    middle = a * 2
    root = (middle * middle).sum()
    middle.add_(1)
    with pytest.raises(RuntimeError) as caught:
        root.backward()
    assert str(caught.value) == (
        "one of the variables needed for gradient computation has been modified by an inplace "
        "operation: [torch.FloatTensor [3]], which is output 0 of Add, is at version 1; expected "
        "version 0 instead. Hint: enable anomaly detection to find the operation that failed to "
        "compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def test_million_nodes(engine: Any) -> None:
    """No recursion anywhere: built, differentiated and freed."""
    x = engine.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(1_000_000):
        y = y.neg()
    alive = weakref.ref(y.grad_fn)
    y.backward()
    assert x.grad.item() == 1.0
    del y
    gc.collect()
    assert alive() is None


def test_wide_fan_out(torch: Any) -> None:
    a = leaf(torch, 1.0)
    total = a * 0
    for k in range(500):
        total = total + a * k
    total.backward()
    assert a.grad.tolist() == [124750.0]


def test_dtype_and_broadcast_of_gradients(torch: Any) -> None:
    small = torch.ones(3, 1, dtype=torch.float32, requires_grad=True)
    large = torch.ones(2, 3, 4, dtype=torch.float64, requires_grad=True)
    (small * large).sum().backward()
    assert (small.grad.dtype, tuple(small.grad.shape)) == (torch.float32, (3, 1))
    assert small.grad.tolist() == [[8.0]] * 3
    assert (large.grad.dtype, tuple(large.grad.shape)) == (torch.float64, (2, 3, 4))


def test_real_input_of_a_complex_result_gets_a_real_gradient(torch: Any) -> None:
    x = leaf(torch, 2.0)
    z = x * torch.tensor([1.0 + 2.0j])
    (got,) = torch.autograd.grad(z, x, torch.tensor([1.0 + 1.0j]))
    assert got.dtype is torch.float32
    assert got.tolist() == [3.0]
