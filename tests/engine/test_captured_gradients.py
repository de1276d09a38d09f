"""Gradients of ``inputs``: which are one Tensor, which are views of which, and what runs."""

from __future__ import annotations

import threading
from typing import Any

import pytest


def leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


def test_a_gradient_that_two_inputs_get_is_one_tensor(torch: Any) -> None:
    a, b = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    for_a, for_b = torch.autograd.grad(((a + b) * 2).sum(), (a, b))
    assert for_a is for_b
    assert for_a.tolist() == [2.0, 2.0]


def test_a_gradient_that_is_passed_on_is_the_one_that_was_given(torch: Any) -> None:
    a, b = leaf(torch, 1.0, 2.0), leaf(torch, 3.0, 4.0)
    given = torch.tensor([5.0, 6.0])
    for_a, for_b = torch.autograd.grad(a + b, (a, b), given)
    assert for_a is given
    assert for_b is given


def test_gradients_cut_out_of_one_are_its_views(torch: Any) -> None:
    a, b = leaf(torch, 1.0, 2.0), leaf(torch, 3.0)
    joined = torch.cat([a, b])
    whole, for_a, for_b = torch.autograd.grad((joined * joined).sum(), (joined, a, b))
    assert for_a._base is for_b._base
    for_a.mul_(0.0)
    assert whole.tolist() == [0.0, 0.0, 6.0]
    assert whole._version == for_b._version == 2  # the sum was written in place, too


def test_a_sum_over_leading_dims_is_seen_as_a_view(torch: Any) -> None:
    rows, bias = torch.ones(3, 2, requires_grad=True), leaf(torch, 1.0, 2.0)
    (gradient,) = torch.autograd.grad((rows * bias).sum(), bias)
    assert gradient.tolist() == [3.0, 3.0]
    assert gradient._is_view()
    assert tuple(gradient._base.shape) == (1, 2)


def test_a_sum_is_written_into_the_first_gradient_that_nobody_else_has(torch: Any) -> None:
    x = leaf(torch, 2.0)
    y = x * 1.0
    (gradient,) = torch.autograd.grad((y * 2.0 + y * 3.0 + y * 4.0).sum(), y)
    assert gradient.tolist() == [9.0]
    assert gradient._version == 2


def test_a_sum_that_is_passed_on_says_how_often_it_was_written(torch: Any) -> None:
    x = leaf(torch, 2.0)
    y = x.view_as(x)
    gradient, of_y = torch.autograd.grad((y * 2.0 + y * 3.0 + y * 4.0).sum(), (x, y))
    assert gradient.tolist() == [9.0]
    assert gradient._version == of_y._version == 2
    (gradient,) = torch.autograd.grad((y * 2.0 + y * 3.0 + y * 4.0).sum(), x)
    assert gradient.tolist() == [9.0]
    assert gradient._version == 2


def test_0d_gradients_that_are_views_of_one_share_memory(torch: Any) -> None:
    a, b = leaf(torch, 1.0), leaf(torch, 2.0)
    for_a, for_b = torch.autograd.grad((a.reshape(()) + b.reshape(())) * 2, (a, b))
    for_a.add_(1.0)
    assert for_b.tolist() == [3.0]


@pytest.mark.parametrize("create_graph", [False, True])
def test_what_leads_to_no_input_does_not_run(torch: Any, create_graph: bool) -> None:
    a, b = leaf(torch, 2.0), leaf(torch, 3.0)
    other = b.exp()
    loss = (a * a + other * other).sum()
    torch.autograd.grad(other.sum(), b)  # which frees what other was made of
    (gradient,) = torch.autograd.grad(loss, a, create_graph=create_graph)
    assert gradient.tolist() == [4.0]
    assert gradient.requires_grad is create_graph
    assert b.grad is None


def test_an_input_may_be_the_root_and_a_node_that_runs(torch: Any) -> None:
    x = leaf(torch, 3.0)
    y = (x * x).sum()
    for_y, for_x = torch.autograd.grad(y, (y, x))
    assert for_y.tolist() == 1.0
    assert for_x.tolist() == [6.0]


def test_recorded_gradients_of_an_input_in_between(torch: Any) -> None:
    x = leaf(torch, 2.0)
    y = x * x
    (slope,) = torch.autograd.grad((y**3).sum(), y, create_graph=True)
    (curve,) = torch.autograd.grad(slope.sum(), x)
    assert slope.tolist() == [48.0]  # 3 y ** 2
    assert curve.tolist() == [96.0]  # 6 y * 2 x


def test_a_custom_function_is_numbered_before_the_view_that_it_is_given(torch: Any) -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient * 2

    x = leaf(torch, 1.0, 2.0, 3.0)
    base = x * 1.0
    view = base[1:]
    base.mul_(3.0)  # so the view's node is made anew while the function is recorded
    (gradient,) = torch.autograd.grad(Double.apply(view).sum(), x)
    assert gradient.tolist() == [0.0, 6.0, 6.0]


def test_what_two_threads_recorded_leads_to_the_inputs(torch: Any) -> None:
    x = leaf(torch, 1.0, 2.0)
    y = x * 3.0
    for _ in range(20):
        y = y * 1.0
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append((y * y).sum() * 1.0))
    thread.start()
    thread.join()
    (gradient,) = torch.autograd.grad(made[0], x)
    assert gradient.tolist() == [18.0, 36.0]


@pytest.mark.parametrize("compute", [lambda x: x * 0.3, lambda x: x / 3.0])
def test_16_bits_beside_a_number_have_gradients_of_16_bits(torch: Any, compute: Any) -> None:
    x = torch.tensor([1.0, 2.0], dtype=torch.float16, requires_grad=True)
    y = compute(x)
    (gradient,) = torch.autograd.grad(y.sum(), x, retain_graph=True)
    y.sum().backward()
    assert gradient.dtype == x.grad.dtype == torch.float16
    assert gradient.tolist() == x.grad.tolist() == y.tolist()[:1] * 2  # rounded


def test_inputs_that_are_not_reached_have_none(torch: Any) -> None:
    x, unused = leaf(torch, 2.0), leaf(torch, 1.0)
    found = torch.autograd.grad((x * x).sum(), (unused, x), allow_unused=True)
    assert found[0] is None
    assert found[1].tolist() == [4.0]
    with pytest.raises(RuntimeError, match="at index 0 appears to not have been used"):
        torch.autograd.grad((x * x).sum(), (unused, x))


WRITTEN = {
    "max": (lambda torch, y: y.max(0).values, 2),
    "sort": (lambda torch, y: y.sort(0).values, 2),
    "gather": (lambda torch, y: y.gather(0, torch.tensor([1])), 1),
    "index": (lambda torch, y: y[[0, 0]], 1),
    "maximum": (lambda torch, y: torch.maximum(y, torch.zeros(2)), 1),
    "exp": (lambda torch, y: y.exp(), 0),
}


@pytest.mark.parametrize(("compute", "writes"), WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("create_graph", [False, True])
def test_what_a_formula_writes_counts(
    torch: Any, compute: Any, writes: int, create_graph: bool
) -> None:
    y, seen = leaf(torch, 2.0, 3.0), []
    (gradient,) = torch.autograd.grad(compute(torch, y).sum(), y, create_graph=create_graph)
    compute(torch, y).sum().backward()
    assert gradient._version == y.grad._version == writes
    y.register_hook(lambda grad: seen.append(grad._version))
    compute(torch, y).sum().backward()
    assert seen == [writes]


def test_a_write_through_a_view_writes_the_gradient_of_its_base_twice(torch: Any) -> None:
    x = leaf(torch, 2.0, 3.0)
    y = x * 1.0
    z = y.clone()
    z[0] = 5.0
    (gradient,) = torch.autograd.grad(z.sum(), y)
    assert gradient.tolist() == [0.0, 1.0]
    assert gradient._version == 2


def test_where_a_mode_sees_each_op_gradients_are_not_written(torch: Any) -> None:
    x = leaf(torch, 2.0, 3.0)
    with torch.autograd.graph.allow_mutation_on_saved_tensors():
        (gradient,) = torch.autograd.grad((x * x).sum() + x.max(0).values, x)
    assert gradient.tolist() == [4.0, 7.0]
    assert gradient._version == 0


ROWS, COLUMNS = (3, 1), (1, 2)
LAID_OUT = {  # of a (2, 3) tensor in rows with gradients in columns, and the other way round
    "the gradient first": (lambda torch, x: x.exp(), COLUMNS, ROWS),
    "the operand first": (lambda torch, x: x.relu(), ROWS, COLUMNS),
    "a slope first": (lambda torch, x: torch.nn.functional.leaky_relu(x), ROWS, COLUMNS),
    "a mask first": (lambda torch, x: x.clamp(min=0.5), ROWS, COLUMNS),
    "a mask of two": (lambda torch, x: torch.maximum(x, x * 2), ROWS, COLUMNS),
    "filled in rows": (lambda torch, x: torch.fmax(x, x * 2), ROWS, ROWS),
    "filled as it lies": (lambda torch, x: x.logit(), COLUMNS, ROWS),
    "zeros in rows": (lambda torch, x: x.sgn(), ROWS, ROWS),
    "zeros like the gradient": (lambda torch, x: x.sign(), COLUMNS, ROWS),
    "a product of both": (lambda torch, x: x * x.detach(), COLUMNS, ROWS),
}


@pytest.mark.parametrize(("compute", "in_rows", "in_columns"), LAID_OUT.values(), ids=LAID_OUT)
@pytest.mark.parametrize("hooked", [False, True])
def test_a_gradient_is_laid_out_as_torch_does(
    torch: Any, compute: Any, in_rows: Any, in_columns: Any, hooked: bool
) -> None:
    rows = torch.full((2, 3), 0.25)
    columns = torch.full((3, 2), 0.25).t()
    for operand, grad, expected in ((rows, columns, in_rows), (columns, rows, in_columns)):
        x = operand.detach().requires_grad_()
        seen = []
        if hooked:
            x.register_hook(lambda found, seen=seen: seen.append(found.stride()))
        (found,) = torch.autograd.grad(compute(torch, x), x, grad)
        assert found.stride() == expected
        assert seen == [expected] * hooked
