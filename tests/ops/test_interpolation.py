"""Sampling by a grid, resizing, segments and slopes, on every backend and on torch."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def image(torch: Any) -> Any:
    return torch.arange(12, dtype=torch.float64).reshape(1, 1, 3, 4)


def _identity(torch: Any, height: int, width: int) -> Any:
    """Return the grid of an image's own elements."""
    rows = torch.linspace(-1, 1, height, dtype=torch.float64).reshape(height, 1)
    columns = torch.linspace(-1, 1, width, dtype=torch.float64)
    x, y = columns.expand(height, width), rows.expand(height, width)
    return torch.stack([x, y], 2).unsqueeze(0)


@pytest.mark.parametrize("mode", [0, 1, 2])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_the_grid_of_the_elements_gives_the_image(
    torch: Any, image: Any, mode: int, padding: int
) -> None:
    sampled = torch.grid_sampler_2d(image, _identity(torch, 3, 4), mode, padding, True)
    assert torch.allclose(sampled, image)


def test_padding(torch: Any, image: Any) -> None:
    outside = torch.tensor([[[[-3.0, -1.0], [1.5, 1.0]]]], dtype=torch.float64)
    found = [
        torch.grid_sampler_2d(image, outside, 0, padding, True).flatten().tolist()
        for padding in (0, 1, 2)
    ]
    assert found[0] == pytest.approx([0.0, 11 / 4])
    assert found[1] == pytest.approx([0.0, 11.0])
    assert found[2] == pytest.approx([3.0, 10.25])


def test_what_no_point_reads_does_not_matter(torch: Any, image: Any) -> None:
    image.view(-1)[0] = float("inf")
    grid = torch.tensor([[[[1.2, 1.0], [0.0, 0.0]]]], dtype=torch.float64, requires_grad=True)
    sampled = torch.grid_sampler_2d(image, grid, 0, 0, True)
    assert sampled.flatten().tolist() == pytest.approx([11 * 0.7, 5.5])
    assert torch.autograd.grad(sampled.sum(), grid)[0].isfinite().all()


def test_third_derivatives_under_transforms_are_those_of_the_tape(torch: Any, image: Any) -> None:
    grid = torch.tensor([[[[0.3, -0.2], [-0.6, 0.1]]]], dtype=torch.float64)

    def sampled(grid: Any) -> Any:
        return torch.grid_sampler_2d(image * image, grid, 2, 0, True).sum()

    def along(function: Any) -> Any:
        return lambda grid: (torch.func.grad(function)(grid) * grid).sum()

    third = torch.func.grad(along(along(sampled)))(grid)
    value = grid.clone().requires_grad_()
    total = sampled(value)
    for _ in range(2):
        (gradient,) = torch.autograd.grad(total, value, create_graph=True)
        total = (gradient * value).sum()
    assert torch.allclose(third, torch.autograd.grad(total, value)[0])


def test_resizing_covers_what_is_left_out(torch: Any, image: Any) -> None:
    image.requires_grad_()
    small = torch.ops.aten._upsample_bilinear2d_aa(image, [3, 2], False, None)
    left, right = 5 / 7, 16 / 7  # the means of 0 1 2 and of 1 2 3 under triangles of 3 3 1, 1 3 3
    rows = [[row + left, row + right] for row in (0.0, 4.0, 8.0)]
    assert small.flatten().tolist() == pytest.approx([value for row in rows for value in row])
    small.sum().backward()
    assert image.grad[0, 0, 0].tolist() == pytest.approx([3 / 7, 4 / 7, 4 / 7, 3 / 7])


def test_equal_extremes_of_a_segment_share_positive_gradients_only(torch: Any) -> None:
    x = torch.tensor([2.0, 2.0, 1.0, 3.0, 3.0], requires_grad=True)
    largest = torch.segment_reduce(x, "max", lengths=torch.tensor([3, 2]))
    largest.backward(torch.tensor([-1.0, 1.0]))
    assert x.grad.tolist() == [-1.0, -1.0, 0.0, 0.5, 0.5]


def test_segments_that_do_not_cover_the_axis_are_refused(torch: Any) -> None:
    with pytest.raises(RuntimeError, match="Expected all rows of lengths along axis to sum to"):
        torch.segment_reduce(torch.ones(4), "sum", lengths=torch.tensor([1, 2]))
    kept = torch.segment_reduce(torch.ones(4), "sum", lengths=torch.tensor([1, 2]), unsafe=True)
    assert kept.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("edge_order", [1, 2])
def test_the_slope_of_a_line_is_constant(torch: Any, edge_order: int) -> None:
    x = torch.tensor([0.0, 1.0, 3.0, 7.0], dtype=torch.float64)
    (uneven,) = torch.gradient(2 * x, spacing=(x,), edge_order=edge_order)
    assert torch.allclose(uneven, torch.full((4,), 2.0, dtype=torch.float64))
    line = 3 * torch.arange(5, dtype=torch.float64)
    (even,) = torch.gradient(line, spacing=0.5, edge_order=edge_order)
    assert torch.allclose(even, torch.full((5,), 6.0, dtype=torch.float64))


def test_training_moves_the_running_statistics_unseen(torch: Any) -> None:
    x = torch.tensor([[1.0], [3.0]])
    mean, var = torch.zeros(1), torch.ones(1)
    torch.native_batch_norm(x, None, None, mean, var, True, 0.5, 0.0)
    assert mean.tolist() == [1.0]
    assert var.tolist() == [1.5]
    assert mean._version == var._version == 0
