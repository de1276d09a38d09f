"""The gradient of making a grid, the second derivatives of sampling by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..default_kernels.interpolation import affine_base, joined_axes, read, sample_points, write

Array = Any


def affine_grid_generator_backward(
    xp: Any, grad: Array, size: Sequence[int], align_corners: bool
) -> Array:
    """What the points of the base grid and the gradients of the moved ones add up to."""
    base = xp.transpose(affine_base(xp, grad, size, align_corners), 1, 2)
    flat = xp.reshape(grad, (size[0], math.prod(size[2:]), len(size) - 2))
    return xp.transpose(xp.bmm(base, flat), 1, 2)


def grid_sampler_double_backward(
    xp: Any,
    grad_grad_input: Array | None,
    grad_grad_grid: Array | None,
    grad_output: Array,
    input: Array,
    grid: Array,
    interpolation_mode: int,
    padding_mode: int,
    align_corners: bool,
    needs: tuple[bool, bool, bool],
) -> tuple[Array | None, ...]:
    """The gradients of grad_output, input and grid of the backward kernel.

    Per point, with what it reads v, weights w and grad_output g, that computes w g for each element
    read and the sum of v g dw for each coordinate.
    """
    count, channels = input.shape[:2]
    axes = len(input.shape) - 2
    grad = xp.reshape(grad_output, (count, channels, math.prod(grid.shape[1:-1])))
    sums = _Sums(axes)
    along: list[Any] = [None] * axes
    if grad_grad_grid is not None:
        last = len(grid.shape) - 1
        along = [
            xp.reshape(xp.select(grad_grad_grid, last, axes - 1 - k), (count, 1, grad.shape[2]))
            for k in range(axes)
        ]
    written: list[tuple[Array, Array]] = []
    for neighbour in sample_points(
        xp, input, grid, interpolation_mode, padding_mode, align_corners
    ):
        weights = neighbour.weight()
        slopes = [neighbour.slope(k) for k in range(axes)]
        tilt = _weighted(along, slopes)  # how the weight moves along grad_grad_grid
        if grad_grad_input is not None:
            given = read(xp, grad_grad_input, neighbour)
            sums.of_grad = _plus(sums.of_grad, given * weights)
            inner = xp.sum(given * grad, (1,), True)
            for k in range(axes):
                if slopes[k] is not None:
                    sums.of_axes[k] = _plus(sums.of_axes[k], inner * slopes[k])
        if tilt is None:
            continue
        value = read(xp, input, neighbour)
        sums.of_grad = _plus(sums.of_grad, value * tilt)
        if needs[1]:
            written.append((neighbour.index, grad * tilt))
        inner = xp.sum(value * grad, (1,), True)
        for k in range(axes):
            bend = _weighted(along, [neighbour.bend(k, m) for m in range(axes)])
            if bend is not None:
                sums.of_axes[k] = _plus(sums.of_axes[k], inner * bend)
    moved = grad_grad_input is not None or any(part is not None for part in sums.of_axes)
    return (
        None if sums.of_grad is None else xp.reshape(sums.of_grad, grad_output.shape),
        write(xp, input, written) if written else None,
        joined_axes(xp, sums.of_axes, grid) if needs[2] and moved else None,
    )


class _Sums:
    """The gradients of grad_output and of the coordinates, as far as they are summed up."""

    def __init__(self, axes: int) -> None:
        self.of_grad: Any = None
        self.of_axes: list[Any] = [None] * axes


def _plus(total: Any, part: Any) -> Any:
    return part if total is None else total + part


def _weighted(directions: list[Any], derivatives: list[Any]) -> Any:
    """Return the sum of products, of those that are there."""
    total = None
    for direction, derivative in zip(directions, derivatives, strict=True):
        if direction is not None and derivative is not None:
            total = _plus(total, direction * derivative)
    return total
