"""Sampling at the points of a grid, and the nodes of the backward kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..default_kernels.interpolation import affine_base, grid_sample_slope_backward, plus
from ..derivatives import AS_GIVEN, JOINT, LINEAR, no_kernel, op
from ..engine.views import differentiable_xp

Array = Any


def _affine_grid_generator_backward(
    xp: Any, grad: Array, size: Sequence[int], align_corners: bool
) -> Array:
    """What the points of the base grid and the gradients of the moved ones add up to."""
    base = xp.transpose(affine_base(xp, grad, size, align_corners), 1, 2)
    flat = xp.reshape(grad, (size[0], math.prod(size[2:]), len(size) - 2))
    return xp.transpose(xp.bmm(base, flat), 1, 2)


def _grid_sampler_double_backward(
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


def _grid_sampler(axes: int) -> tuple[Any, Any]:
    """Return the sampler of that many axes and the op of its backward kernel."""
    name = f"grid_sampler_{axes}d"
    options = "interpolation_mode, padding_mode, align_corners"

    def backward_of(
        xp: Any,
        grad: Any,
        input: Any,
        grid: Any,
        interpolation_mode: int,
        padding_mode: int,
        align_corners: bool,
        needs: tuple[bool, bool],
    ) -> Any:
        kernel = xp.grid_sampler_2d_backward if axes == 2 else xp.grid_sampler_3d_backward
        return kernel(grad, input, grid, interpolation_mode, padding_mode, align_corners, needs)

    sampler = op(
        f"GridSampler{axes}DBackward0",
        f"{name}(input, grid, {options})",
        elementwise=False,
        refuses={"bic": no_kernel(f"grid_sampler_{axes}d_cpu_kernel_impl")},
        joint=backward_of,
        input=JOINT,
        grid=JOINT,
    )
    backward = op(
        f"GridSampler{axes}DBackwardBackward0",
        f"{name}_backward(grad_output, input, grid, {options}, output_mask)",
        promote=AS_GIVEN,
        outputs="grad_input grad_grid",
        joint=_grid_sampler_double_backward,
        grad_output=JOINT,
        input=JOINT,
        grid=JOINT,
    )
    return sampler, backward


grid_sampler_2d, grid_sampler_2d_backward = _grid_sampler(2)
grid_sampler_3d, grid_sampler_3d_backward = _grid_sampler(3)


def grid_sampler_slope_backward(*arguments: Any) -> tuple[Any, ...]:
    """Return the gradients of <direction, gradient of a grid>, as the contract's function does."""
    return grid_sample_slope_backward(differentiable_xp(), *arguments)


affine_grid_generator = op(
    "AffineGridGeneratorBackward0",
    "affine_grid_generator(theta, size, align_corners)",
    promote=AS_GIVEN,
    theta=_affine_grid_generator_backward,
    tangent=LINEAR,
)
