"""Resizing in every mode, and the nodes of the backward kernels: one table of modes for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..derivatives import AS_GIVEN, LINEAR, op

SCALES = {1: ("scales",), 2: ("scales_h", "scales_w"), 3: ("scales_d", "scales_h", "scales_w")}
"""The names of the factors of so many dims."""

FUNCTIONS = {
    ("nearest", 1): ("UpsampleNearest1D", "upsample_nearest1d"),
    ("nearest", 2): ("UpsampleNearest2D", "upsample_nearest2d"),
    ("nearest", 3): ("UpsampleNearest3D", "upsample_nearest3d"),
    ("nearest-exact", 1): ("UpsampleNearestExact1D", "upsample_nearest_exact1d"),
    ("nearest-exact", 2): ("UpsampleNearestExact2D", "upsample_nearest_exact2d"),
    ("nearest-exact", 3): ("UpsampleNearestExact3D", "upsample_nearest_exact3d"),
    ("linear", 1): ("UpsampleLinear1D", "upsample_linear1d"),
    ("linear", 2): ("UpsampleBilinear2D", "upsample_bilinear2d"),
    ("linear", 3): ("UpsampleTrilinear3D", "upsample_trilinear3d"),
    ("bicubic", 2): ("UpsampleBicubic2D", "upsample_bicubic2d"),
    ("bilinear-antialias", 2): ("UpsampleBilinear2DAa", "upsample_bilinear2d_aa"),
    ("bicubic-antialias", 2): ("UpsampleBicubic2DAa", "upsample_bicubic2d_aa"),
    ("lanczos-antialias", 2): ("UpsampleLanczos2DAa", "upsample_lanczos2d_aa"),
}
"""The node and the kernel of torch that resize by a mode over so many dims."""

RESIZERS: dict[tuple[str, int], tuple[Any, Any]] = {}
"""The op of each mode and that of its backward kernel."""


def takes_corners(mode: str) -> bool:
    """Whether a mode can align the outermost elements."""
    return not mode.startswith("nearest")


def _named(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """Return a formula that takes these names; they are the table's, one per number of dims."""
    function.formula_parameters = ("xp", *names)  # type: ignore[attr-defined]
    return function


def _resizer(mode: str, dims: int) -> tuple[Any, Any]:
    """Return the op of a mode and the op of its backward kernel."""
    node, name = FUNCTIONS[mode, dims]
    options = ("align_corners",) if takes_corners(mode) else ()
    scales = SCALES[dims]
    defaults = ", ".join([*options, *(f"{scale}=None" for scale in scales)])

    def split(rest: Sequence[Any]) -> tuple[bool, Sequence[Any]]:
        return (rest[0], rest[1:]) if options else (False, rest)

    def resized(xp: Any, input: Any, output_size: Any, *rest: Any) -> Any:
        return xp.resampled(input, mode, output_size, *split(rest))

    def spread(xp: Any, grad: Any, output_size: Any, input_size: Any, *rest: Any) -> Any:
        return xp.resampled_backward(grad, mode, output_size, input_size, *split(rest))

    forward = op(
        f"{node}Backward0",
        f"{name}(self, output_size, {defaults})",
        kernel=resized,
        promote=AS_GIVEN,
        self=_named(
            lambda xp, grad, shape, output_size, *rest: spread(xp, grad, output_size, shape, *rest),
            ("grad", "self_shape", "output_size", *options, *scales),
        ),
        tangent=LINEAR,
    )
    backward = op(
        f"{node}BackwardBackward0",
        f"{name}_backward(grad_output, output_size, input_size, {defaults})",
        kernel=spread,
        promote=AS_GIVEN,
        grad_output=_named(resized, ("grad", "output_size", *options, *scales)),
        tangent=LINEAR,
    )
    return forward, backward


for _key in FUNCTIONS:
    RESIZERS[_key] = _resizer(*_key)
    globals().update({resizer.__name__: resizer for resizer in RESIZERS[_key]})


def resampled(
    input: Any, mode: str, output_size: Sequence[int], align_corners: bool, scales: Sequence[Any]
) -> Any:
    """Resize the last dims of (N, C, ...) by the op of a mode."""
    options = (align_corners,) if takes_corners(mode) else ()
    return RESIZERS[mode, len(output_size)][0](input, output_size, *options, *scales)


def resampled_backward(
    grad_output: Any,
    mode: str,
    output_size: Sequence[int],
    input_size: Sequence[int],
    align_corners: bool,
    scales: Sequence[Any],
) -> Any:
    """Return the gradient of ``resampled`` by the op of its mode."""
    options = (align_corners,) if takes_corners(mode) else ()
    backward = RESIZERS[mode, len(output_size)][1]
    return backward(grad_output, output_size, input_size, *options, *scales)
