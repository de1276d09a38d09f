"""torch's samplers by a grid."""

from __future__ import annotations

from .. import ops
from ..dtypes import LEGACY_NAMES
from ..tensor import Tensor
from .registration import function


def _check_grid(input: Tensor, grid: Tensor, axes: int, mode: int) -> None:
    """Refuse shapes and dtypes that do not go together (torch's texts)."""
    shape, points = list(input._array.shape), list(grid._array.shape)
    if shape[0] != points[0]:
        raise RuntimeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with "
            f"sizes {shape} and grid with sizes {points}"
        )
    if points[-1] != input.ndim - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but "
            f"got grid with sizes {points}"
        )
    for dim, size in enumerate(shape[2:], 2):
        if size <= 0:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input "
                f"has sizes {shape} with dimension {dim} being empty"
            )
    if axes == 3 and mode == 2:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    if input._dtype is not grid._dtype:
        raise RuntimeError(
            f"expected scalar type {LEGACY_NAMES[input._dtype]} but found "
            f"{LEGACY_NAMES[grid._dtype]}"
        )


@function
def grid_sampler_2d(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """The input (N, C, H, W) at the points (x, y) of a grid (N, H', W', 2)."""
    _check_grid(input, grid, 2, interpolation_mode)
    return ops.grid_sampler_2d(input, grid, interpolation_mode, padding_mode, align_corners)


@function
def grid_sampler_3d(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """The input (N, C, D, H, W) at the points (x, y, z) of a grid (N, D', H', W', 3)."""
    _check_grid(input, grid, 3, interpolation_mode)
    return ops.grid_sampler_3d(input, grid, interpolation_mode, padding_mode, align_corners)


@function
def grid_sampler(
    input: Tensor, grid: Tensor, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Tensor:
    """``grid_sampler_2d`` or ``grid_sampler_3d``, by the input's dims."""
    sampler = grid_sampler_2d if input.ndim == 4 else grid_sampler_3d
    return sampler(input, grid, interpolation_mode, padding_mode, align_corners)
