"""torch's resizing: ``nn.functional.interpolate``, its older names, and the ops it calls."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import ops
from ..batching import member_by_member
from ..batching.fallbacks import SLOW
from ..dtypes import not_implemented_for, uint8
from ..ops.resampling import FUNCTIONS, SCALES, takes_corners
from ..sizes import numel
from ..tensor import Tensor
from .registration import NAMESPACES, PUBLISHED, accepts_out, function, publish

_AXES = "DHW"


def _check_sizes(input_size: Sequence[int], output_size: Sequence[int], dims: int) -> None:
    """Refuse sizes that are too few or not positive (torch's texts)."""
    for name, sizes, wanted in (
        ("output_size", output_size, dims),
        ("input_size", input_size, dims + 2),
    ):
        if len(sizes) != wanted:
            raise RuntimeError(
                f"It is expected {name} equals to {wanted}, but got size {len(sizes)}"
            )
    if min(*input_size[2:], *output_size) <= 0:
        given, asked = (
            ", ".join(f"{axis}: {size}" for axis, size in zip(_AXES[3 - dims :], sizes))
            for sizes in (input_size[2:], output_size)
        )
        between = " and" if dims == 1 else ""
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({given}){between} "
            f"output ({asked})"
        )


def _check_gradient(
    grad_output: Tensor, output_size: Sequence[int], input_size: Sequence[int], dims: int
) -> None:
    """Refuse a gradient that is not of the resized shape (torch's texts)."""
    _check_sizes(input_size, output_size, dims)
    shape, wanted = tuple(grad_output._array.shape), (*input_size[:2], *output_size)
    if dims == 1:
        for dim, size in enumerate(wanted):
            if len(shape) != 3 or shape[dim] != size:
                found = f" and tensor.size[{dim}] = {shape[dim]}" if dim < len(shape) else ""
                raise RuntimeError(
                    f"Expected a tensor of dimension 3 and tensor.size[{dim}] == {size} but got: "
                    f"dimension {len(shape)}{found}"
                )
        return
    if len(shape) != dims + 2:
        raise RuntimeError(
            f"Expected grad_output to be a tensor of dimension {dims + 2} but got: dimension "
            f"{len(shape)}"
        )
    for dim, size in enumerate(wanted):
        if shape[dim] != size:
            raise RuntimeError(
                "Expected grad_output to have the same shape as output; "
                f"output.size({dim}) = {size} but got grad_output.size({dim}) = {shape[dim]}"
            )


def _kernel(mode: str, dims: int) -> str:
    """Return what torch names when it has no kernel for a dtype."""
    if mode.endswith("antialias"):
        return "compute_index_ranges_weights"
    if dims == 2 and mode != "bicubic":
        name = "bilinear" if mode == "linear" else "nearest"
        return f"upsample_{name}2d_channels_last"
    kind = {"linear": "linear", "bicubic": "cubic"}.get(mode, "nearest")
    return f"compute_indices_weights_{kind}"


def _takes_bytes(mode: str, dims: int) -> bool:
    return dims == 2 or not takes_corners(mode)


def _resizer(mode: str, dims: int) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    """Return the function of a mode, in both of torch's overloads, and that of its gradient."""

    scale_names = SCALES[dims]
    names = ("align_corners", *scale_names) if takes_corners(mode) else scale_names

    def split(rest: Sequence[Any], named: dict[str, Any]) -> tuple[bool, list[Any]]:
        given = {**dict(zip(names, rest)), **named}
        return given.get("align_corners", False), [given.get(name) for name in scale_names]

    def resize(input: Tensor, output_size: Any, *rest: Any, **named: Any) -> Tensor:
        factors = named.pop("scale_factors", None)
        align, scales = split(rest, named)
        if isinstance(scales[0], (list, tuple)):
            factors = scales[0]
        if (output_size is None) is (factors is None):
            raise RuntimeError("Must specify exactly one of output_size and scale_factors")
        if factors is not None:
            scales = [float(factor) for factor in factors]
            output_size = map(operator.mul, input._array.shape[2:], scales)
        output_size = tuple(map(int, output_size))
        shape = input._array.shape
        _check_sizes(shape, output_size, dims)
        if not numel(shape[1:]):
            raise RuntimeError(
                f"Non-empty {dims + 2}D data tensor expected but got a tensor with sizes "
                f"{list(shape)}"
            )
        if not input._dtype.is_floating_point and not (
            input._dtype is uint8 and _takes_bytes(mode, dims)
        ):
            raise not_implemented_for(_kernel(mode, dims), input._dtype)
        return ops.resampled(input, mode, output_size, align, scales)

    def spread(
        grad_output: Tensor, output_size: Any, input_size: Any, *rest: Any, **named: Any
    ) -> Tensor:
        align, scales = split(rest, named)
        _check_gradient(grad_output, output_size, input_size, dims)
        if not grad_output._dtype.is_floating_point:
            suffix = "_backward_cpu" if mode.endswith("antialias") else "_backward"
            raise not_implemented_for(FUNCTIONS[mode, dims][1] + suffix, grad_output._dtype)
        return ops.resampled_backward(
            grad_output, mode, tuple(output_size), tuple(input_size), align, scales
        )

    return resize, spread


_RESIZERS: dict[tuple[str, int], Callable[..., Tensor]] = {}
for (_mode, _dims), (_, _name) in FUNCTIONS.items():
    _public = f"_{_name}" if "exact" in _name or "_aa" in _name else _name
    _resize, _spread = _resizer(_mode, _dims)
    for _call, _published in ((_resize, _public), (_spread, f"{_public}_backward")):
        _call.__name__ = _call.__qualname__ = _published
        if _name in SLOW:
            _call = member_by_member(f"{_published}.vec" if _call is _resize else _published)(_call)
        publish(accepts_out(_call), _published, "ops.aten")
    _RESIZERS[_mode, _dims] = PUBLISHED["ops.aten"][_public]

_NEEDS = {"linear": 3, "bilinear": 4, "trilinear": 5}
_ANTIALIASED = ("bilinear", "bicubic", "lanczos")


def _asked_size(input: Tensor, size: Any, scale_factor: Any) -> tuple[Any, Any]:
    """Return size and factors, one of them None and the other a list of one for each dim."""
    dims = input.ndim - 2
    spatial = list(input._array.shape[2:])
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        if not isinstance(size, (list, tuple)):
            return [size] * dims, None
        if len(size) != dims:
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input "
                f"with spatial dimensions of {spatial} and output size of {size}. Please provide "
                "input tensor in (N, C, d1, d2, ...,dK) format and output size in "
                "(o1, o2, ...,oK) format."
            )
        if not all(_is_integer(value) for value in size):
            raise TypeError(
                "expected size to be one of int or Tuple[int] or Tuple[int, int] or "
                f"Tuple[int, int, int], but got size with types {[type(x) for x in size]}"
            )
        return size, None
    if scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if not isinstance(scale_factor, (list, tuple)):
        return None, [scale_factor] * dims
    if len(scale_factor) != dims:
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input "
            f"with spatial dimensions of {spatial} and scale_factor of shape {scale_factor}. "
            "Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in "
            "(s1, s2, ...,sK) format."
        )
    return None, scale_factor


def _is_integer(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not value._dtype.is_inexact
    return isinstance(value, int)


@function(under="nn.functional")
def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """Resize the dims behind the first two, to a size or by factors.

    Args:
        input: (N, C, ...) with 1, 2 or 3 dims more.
        size: the new lengths, or one for all dims.
        scale_factor: likewise factors; the lengths are rounded down.
        mode: "nearest", "nearest-exact", "area", and by the number of dims "linear" (1),
            "bilinear", "bicubic", "lanczos" (2), "trilinear" (3).
        align_corners: the centers of the outermost elements fall together, not their edges.
        recompute_scale_factor: weights follow from the lengths instead of the factors.
        antialias: weigh all elements that fall onto one when the result is smaller.
    """
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: linear | "
                "bilinear | bicubic | trilinear"
            )
    elif align_corners is None:
        align_corners = False
    output_size, factors = _asked_size(input, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if factors is not None and (recompute_scale_factor or mode == "area"):
        sizes = input._array.shape[2:]
        output_size = [int(length * factor) for length, factor in zip(sizes, factors)]
        factors = None
    if antialias and not (mode in _ANTIALIASED and input.ndim == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires "
            "a 4-D tensor as input"
        )
    return _resized(input, mode, output_size, align_corners, factors, antialias)


def _resized(
    input: Tensor,
    mode: str,
    output_size: Any,
    align_corners: bool | None,
    factors: Any,
    antialias: bool,
) -> Tensor:
    """Call the op of a mode."""
    rank = input.ndim
    if mode == "area" and rank in (3, 4, 5):
        pooled: Tensor = NAMESPACES["nn.functional"][f"adaptive_avg_pool{rank - 2}d"](
            input, output_size
        )
        return pooled
    if mode == "lanczos" and rank == 4:
        if align_corners:
            raise ValueError("Lanczos mode does not support align_corners=True")
        if not antialias:
            raise ValueError("Lanczos mode requires antialias=True")
    kind = "linear" if mode in _NEEDS else mode
    resize = _RESIZERS.get((f"{mode}-antialias" if antialias else kind, rank - 2))
    if resize is None or (mode in _NEEDS and _NEEDS[mode] != rank):
        if mode in _NEEDS and rank in (3, 4, 5):
            raise NotImplementedError(
                f"Got {rank}D input, but {mode} mode needs {_NEEDS[mode]}D input"
            )
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) for the modes: "
            "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact "
            f"(got {mode})"
        )
    options = (align_corners,) if takes_corners(mode) else ()
    return resize(input, output_size, *options, factors)


def _deprecated(name: str) -> None:
    warnings.warn(
        f"`nn.functional.{name}` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=3,
    )


@function(under="nn.functional")
def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """``interpolate`` under its older name."""
    _deprecated("upsample")
    return interpolate(input, size, scale_factor, mode, align_corners)


@function(under="nn.functional")
def upsample_nearest(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """``interpolate`` by the nearest elements."""
    _deprecated("upsample_nearest")
    return interpolate(input, size, scale_factor, mode="nearest")


@function(under="nn.functional")
def upsample_bilinear(input: Tensor, size: Any = None, scale_factor: Any = None) -> Tensor:
    """Bilinear ``interpolate`` with the corners aligned."""
    _deprecated("upsample_bilinear")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
