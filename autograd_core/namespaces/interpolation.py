"""torch's samplers by a grid, and grids made by affine maps."""

from __future__ import annotations

import warnings
from typing import Any

from .. import ops
from ..dtypes import LEGACY_NAMES
from ..tensor import Tensor
from .registration import accepts_out, function


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
    if (len(shape), len(points)) != (axes + 2, axes + 2):
        raise RuntimeError(
            f"grid_sampler(): expected {axes + 2}D input and grid with same number of dimensions, "
            f"but got input with sizes {shape} and grid with sizes {points}"
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
    sampler = grid_sampler_3d if input.ndim == 5 else grid_sampler_2d
    return sampler(input, grid, interpolation_mode, padding_mode, align_corners)


_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
_PADDINGS = {"zeros": 0, "border": 1, "reflection": 2}


def _corners(align_corners: bool | None) -> bool:
    """Return whether the corners are aligned; not to say so is warned of."""
    if align_corners is not None:
        return align_corners
    warnings.warn(
        "Default grid_sample and affine_grid behavior has changed to align_corners=False since "
        "1.3.0. Please specify align_corners=True if the old behavior is desired. See the "
        "documentation of grid_sample for details.",
        stacklevel=3,
    )
    return False


@function(under="nn.functional")
def grid_sample(
    input: Tensor,
    grid: Tensor,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Tensor:
    """The input (N, C, ...) at the points of a grid (N, ..., axes), last axis first.

    Args:
        input: with 2 or 3 axes behind the channels.
        grid: places of which -1 and 1 are the ends of an axis.
        mode: "bilinear", "nearest" or (of 2 axes) "bicubic".
        padding_mode: what is read outside: "zeros", the "border", or the "reflection" of the input.
        align_corners: the ends of an axis are the middles of its outermost elements, not the edges.
    """
    if mode not in _MODES:
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in _PADDINGS:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or "
            f"'reflection', but got: '{padding_mode}'"
        )
    align = _corners(align_corners)
    return grid_sampler(input, grid, _MODES[mode], _PADDINGS[padding_mode], align)


@function
@accepts_out
def affine_grid_generator(theta: Tensor, size: Any, align_corners: bool) -> Tensor:
    """The points of a grid over (N, C, ...) moved by the maps ``theta`` (N, axes, axes + 1)."""
    size = tuple(map(int, size))
    if len(size) not in (4, 5):
        raise RuntimeError("AffineGridGenerator needs 4d (spatial) or 5d (volumetric) inputs.")
    shape = theta._array.shape
    if (shape[0], shape[2]) != (size[0], len(size) - 1):
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{size[0]}, {len(size) - 1}] but got: [{shape[0]}, {shape[2]}]."
        )
    return ops.affine_grid_generator(theta, size, align_corners)


@function(under="nn.functional")
def affine_grid(theta: Tensor, size: Any, align_corners: bool | None = None) -> Tensor:
    """``affine_grid_generator`` for one of the sizes that ``grid_sample`` takes."""
    align_corners = _corners(align_corners)
    if not theta._dtype.is_floating_point:
        raise ValueError(f"Expected theta to have floating point type, but got {theta._dtype}")
    axes = len(size) - 2
    if axes not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
            f"respectively. Got size {size}."
        )
    if theta.ndim != 3 or tuple(theta._array.shape[1:]) != (axes, axes + 1):
        raise ValueError(
            f"Expected a batch of {axes}D affine matrices of shape Nx{axes}x{axes + 1} for size "
            f"{size}. Got {theta.shape}."
        )
    if align_corners and min(size[2:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when "
            "align_corners=True. This is not an intended use case of affine_grid. See the "
            "documentation of affine_grid for details.",
            stacklevel=2,
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return affine_grid_generator(theta, size, align_corners)
