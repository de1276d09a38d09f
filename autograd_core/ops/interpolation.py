"""Sampling at the points of a grid, and the nodes of the backward kernels."""

from __future__ import annotations

from typing import Any

from ..default_kernels.interpolation import grid_sample_slope_backward
from ..derivatives import AS_GIVEN, JOINT, LINEAR, no_kernel, op
from ..engine.views import differentiable_xp
from .interpolation_formulas import (
    affine_grid_generator_backward,
    grid_sampler_double_backward,
)


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
        joint=grid_sampler_double_backward,
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
    theta=affine_grid_generator_backward,
    tangent=LINEAR,
)
