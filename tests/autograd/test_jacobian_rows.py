"""What can be seen of the backwards for the rows of a Jacobian, also where they are one run."""

from __future__ import annotations

from typing import Any

import pytest


def point(torch: Any, *shape: int) -> Any:
    count = 1
    for length in shape:
        count *= length
    return (torch.arange(1.0, count + 1) / 4).reshape(shape)


@pytest.mark.parametrize(
    "function, taken",
    [
        (lambda x: x.exp(), 1 + 2 * 6),
        (lambda x: x.exp().t(), 2 + 3 * 6),
        (lambda x: x.exp()[0, 0], 3 + 1 * 2),
        (lambda x: x.sum(), 1 + 1 * 2),
    ],
)
def test_each_row_starts_from_an_element(torch: Any, function: Any, taken: int) -> None:
    x = torch.ones(1, requires_grad=True)
    before = (x * 2).grad_fn._sequence_nr()
    torch.autograd.functional.jacobian(function, point(torch, 2, 3))
    assert (x * 2).grad_fn._sequence_nr() - before - 1 == taken


def test_the_result_is_whole_and_without_history(torch: Any) -> None:
    x, y = point(torch, 2, 3), point(torch, 3)
    blocks = torch.autograd.functional.jacobian(lambda a, b: (a * 2, a.sum(1)), (x, y))
    shapes = [[tuple(block.shape) for block in row] for row in blocks]
    assert shapes == [[(2, 3, 2, 3), (2, 3, 3)], [(2, 2, 3), (2, 3)]]
    for block in (*blocks[0], *blocks[1]):
        assert block.is_contiguous()
        assert not block.requires_grad
    assert blocks[1][1].tolist() == [[0.0] * 3] * 2


def test_gradients_that_are_one_are_two_in_the_result(torch: Any) -> None:
    x, y = point(torch, 3), point(torch, 3)
    of_x, of_y = torch.autograd.functional.jacobian(lambda a, b: a + b, (x, y))
    of_x.zero_()
    assert of_y.diagonal().tolist() == [1.0, 1.0, 1.0]


def test_hooks_run_for_each_row(torch: Any) -> None:
    seen: list[Any] = []

    def function(x: Any) -> Any:
        inner = x * 2
        inner.register_hook(lambda grad: seen.append(grad.tolist()))
        return inner.exp()[:2] * 0 + inner[:2]

    torch.autograd.functional.jacobian(function, point(torch, 3))
    assert seen == [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_hooks_of_nodes_and_inputs_run_for_each_row(torch: Any) -> None:
    seen: list[str] = []

    def function(x: Any) -> Any:
        x.register_hook(lambda grad: seen.append("input"))
        made = x.sin()
        made.grad_fn.register_hook(lambda *grads: seen.append("node"))
        return made

    torch.autograd.functional.jacobian(function, point(torch, 2))
    assert seen == ["node", "input"] * 2


def test_saved_tensors_are_unpacked_row_by_row(torch: Any) -> None:
    seen: list[int] = []

    def function(x: Any) -> Any:
        with torch.autograd.graph.saved_tensors_hooks(
            lambda tensor: (tensor, len(tensor)),
            lambda packed: (seen.append(packed[1]), packed[0])[1],
        ):
            return x.sin()[:2].sin()

    torch.autograd.functional.jacobian(function, point(torch, 3))
    assert seen == [2, 3, 2, 3]


def test_custom_functions_run_for_each_row(torch: Any) -> None:
    rows: list[Any] = []

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            rows.append(grad.tolist())
            return grad * 2

    torch.autograd.functional.jacobian(Double.apply, point(torch, 2))
    assert rows == [[1.0, 0.0], [0.0, 1.0]]


def test_a_graph_that_was_freed_is_refused(torch: Any) -> None:
    def function(x: Any) -> Any:
        made = x.sin()
        made.sum().backward()
        return made * 1

    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        torch.autograd.functional.jacobian(function, point(torch, 3))


def test_saved_values_that_were_written_are_refused(torch: Any) -> None:
    def function(x: Any) -> Any:
        made = x.exp()
        made.add_(1.0)
        return made * 2

    with pytest.raises(RuntimeError, match="output 0 of Exp, is at version 1; expected version 0"):
        torch.autograd.functional.jacobian(function, point(torch, 3))


def test_complex_outputs_are_refused(torch: Any) -> None:
    with pytest.raises(RuntimeError, match="only for real scalar outputs but got"):
        torch.autograd.functional.jacobian(lambda x: torch.complex(x, x), point(torch, 3))


def test_outputs_without_elements_are_refused(torch: Any) -> None:
    with pytest.raises(RuntimeError, match="non-empty"):
        torch.autograd.functional.jacobian(lambda x: x[:0], point(torch, 3))


def test_an_unused_input_is_refused_where_strict(torch: Any) -> None:
    inputs = point(torch, 2), point(torch, 2)
    with pytest.raises(RuntimeError, match="is independent of input 1"):
        torch.autograd.functional.jacobian(lambda x, y: x.sin(), inputs, strict=True)


def test_in_anomaly_mode_the_node_is_named(torch: Any) -> None:
    x = torch.zeros(3)
    with (
        torch.autograd.set_detect_anomaly(True),
        pytest.warns(UserWarning, match="Error detected"),
        pytest.raises(RuntimeError, match="'MulBackward0' returned nan values"),
    ):
        torch.autograd.functional.jacobian(lambda x: x * (x / x), x)


def test_gradients_are_those_of_rows_beside_forward_mode(torch: Any) -> None:
    x = point(torch, 3)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, torch.ones(3))
        jacobian = torch.autograd.functional.jacobian(lambda x: x**2, dual)
    assert jacobian.diagonal().tolist() == [0.5, 1.0, 1.5]
