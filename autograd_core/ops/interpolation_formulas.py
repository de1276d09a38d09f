"""The gradient of making a grid, the second derivatives of sampling by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..default_kernels.interpolation import affine_base, plus

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
    """The gradients of grad_output, input and grid of the backward kernel."""
    options = (interpolation_mode, padding_mode, align_corners)
    of_grad = of_input = of_grid = None
    if grad_grad_input is not None:  # the gradient of the input does not depend on it
        flat = len(input.shape) == 4
        sampler = xp.grid_sampler_2d if flat else xp.grid_sampler_3d
        backward = xp.grid_sampler_2d_backward if flat else xp.grid_sampler_3d_backward
        if needs[0]:
            of_grad = sampler(grad_grad_input, grid, *options)
        if needs[2]:
            mask = (False, True)
            _, of_grid = backward(grad_output, grad_grad_input, grid, *options, mask)
    if grad_grad_grid is not None:
        more_grad, of_input, more_grid = xp.grid_sampler_slope_backward(
            grad_grad_grid, grad_output, input, grid, *options, needs
        )
        of_grad, of_grid = plus(of_grad, more_grad), plus(of_grid, more_grid)
    return of_grad, of_input, of_grid
