"""torch's pooling and unpooling: its overloads, checks and messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..composites import pooling as composites
from ..engine.modes import forward_level, modes
from ..engine.tangents import is_dual
from ..engine.views import count_inner_write
from ..ops.pooling_checks import check_not_empty, check_rank_of_1d
from ..ops.pooling_checks import output_size as windows_along
from ..sizes import ntuple
from ..tensor import Tensor
from . import random
from .registration import NAMESPACES, accepts_out, function, require_tensor


def _ints(name: str, argument: str, position: int, given: Any, count: int) -> tuple[int, ...]:
    """Return a number of each dim as the tuple that torch makes of it.

    Raises:
        TypeError: not of integers (torch's texts).
    """
    if isinstance(given, int):
        return (given,) * count
    where = f"{name}(): argument '{argument}'"
    if not isinstance(given, (tuple, list)):
        raise TypeError(
            f"{where} (position {position}) must be tuple of ints, not {type(given).__name__}"
        )
    for at, n in enumerate(given):
        if not hasattr(n, "__index__"):
            kind = type(n).__name__
            if at:
                raise TypeError(
                    f"{where} failed to unpack the object at pos {at + 1} with error "
                    f'"type must be tuple of ints,but got {kind}"'
                )
            raise TypeError(
                f"{where} (position {position}) must be tuple of ints, but found element of type "
                f"{kind} at pos 0"
            )
    return tuple([n.__index__() for n in given])


def _options(
    name: str, count: int, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1
) -> Any:
    """Return kernel size, stride, padding and dilation as tuples; a stride left out is empty."""
    return [
        _ints(name, "kernel_size", 2, kernel_size, count),
        _ints(name, "stride", 3, () if stride is None else stride, count),
        _ints(name, "padding", 4, padding, count),
        _ints(name, "dilation", 5, dilation, count),
    ]


def _one(name: str, argument: str, values: Sequence[int]) -> None:
    if len(values) != 1:
        raise RuntimeError(
            f"{name}() argument '{argument}' should contain one int (got {len(values)})"
        )


# Means --------------------------------------------------------------------------------------------


@function
def avg_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean over windows of the last dim of (N, C, L) or (C, L)."""
    require_tensor("avg_pool1d", input)
    kernel, step, pad, _ = _options("avg_pool1d", 1, kernel_size, stride, padding)
    step = step or kernel
    check_rank_of_1d("avg_pool1d", input)
    for argument, values in (("kernel_size", kernel), ("stride", step), ("padding", pad)):
        _one("avg_pool1d", argument, values)
    return composites.avg_pool1d(input, kernel, step, pad, ceil_mode, count_include_pad)


function(avg_pool1d, under="nn.functional")


def _divisor(name: str, divisor_override: Any) -> int | None:
    if divisor_override is None or isinstance(divisor_override, int):
        return divisor_override
    raise TypeError(
        f"{name}(): argument 'divisor_override' must be int, not {type(divisor_override).__name__}"
    )


@function(under="nn.functional")
@accepts_out
def avg_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean over windows of the last two dims of (N, C, H, W) or (C, H, W)."""
    require_tensor("avg_pool2d", input)
    kernel, step, pad, _ = _options("avg_pool2d", 2, kernel_size, stride, padding)
    divisor = _divisor("avg_pool2d", divisor_override)
    return ops.avg_pool2d(input, kernel, step, pad, ceil_mode, count_include_pad, divisor)


@function(under="nn.functional")
@accepts_out
def avg_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean over windows of the last three dims of (N, C, D, H, W) or (C, D, H, W)."""
    require_tensor("avg_pool3d", input)
    kernel, step, pad, _ = _options("avg_pool3d", 3, kernel_size, stride, padding)
    divisor = _divisor("avg_pool3d", divisor_override)
    return ops.avg_pool3d(input, kernel, step, pad, ceil_mode, count_include_pad, divisor)


@function
def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The mean over each of several windows that share the last dim of (N, C, L) or (C, L)."""
    require_tensor("adaptive_avg_pool1d", input)
    size = _ints("adaptive_avg_pool1d", "output_size", 2, output_size, 1)
    check_rank_of_1d("adaptive_avg_pool1d", input)
    _one("adaptive_avg_pool1d", "output_size", size)
    return composites.adaptive_avg_pool1d(input, size)


function(adaptive_avg_pool1d, under="nn.functional")


def _with_default(output_size: Any, input: Tensor) -> Any:
    """Return a size with the input's lengths in the place of None.

    Raises:
        ValueError: the input has too few dims (torch's text).
    """
    if isinstance(output_size, int):
        return output_size
    shape = tuple(input._array.shape)
    if len(shape) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    lengths = shape[-len(output_size) :] if output_size else ()
    return [d if v is None else v for v, d in zip(output_size, lengths, strict=True)]


@function(under="nn.functional")
def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The mean over (H', W') windows that share the last two dims; None is the input's length."""
    size = _with_default(output_size, input)
    size = _ints("adaptive_avg_pool2d", "output_size", 2, size, 2)
    return composites.adaptive_avg_pool2d(input, size)


@function(under="nn.functional")
def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """The mean over (D', H', W') windows that share the last three dims; None as above."""
    size = _with_default(output_size, input)
    size = _ints("adaptive_avg_pool3d", "output_size", 2, size, 3)
    return composites.adaptive_avg_pool3d(input, size)


# Maxima -------------------------------------------------------------------------------------------


@function
def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of windows of the last dim of (N, C, L) or (C, L)."""
    require_tensor("max_pool1d", input)
    kernel, step, pad, spacing = _options("max_pool1d", 1, kernel_size, stride, padding, dilation)
    shape = tuple(input._array.shape)
    if not ((len(shape) == 2 and 0 not in shape) or (len(shape) == 3 and 0 not in shape[1:])):
        raise RuntimeError(
            "max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{list(shape)}"
        )
    step = step or kernel
    _check_max_pool1d(shape[-1], ceil_mode, kernel, step, pad, spacing)
    if (
        (input.requires_grad and modes.grad_enabled)
        or (forward_level.current is not None and is_dual([input]))
        or input._backend.level is not None
    ):
        pool = composites.max_pool1d_with_indices
        return pool(input, kernel, step, pad, spacing, ceil_mode)[0]
    made: Tensor = ops.max_pool1d(input, kernel, step, pad, spacing, ceil_mode)
    if len(shape) == 2:
        count_inner_write(made)  # torch drops the dim of the batch in place
    return made


def _check_max_pool1d(
    size: int,
    ceil_mode: bool,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
) -> None:
    """Refuse options that do not go together (torch's texts)."""
    for option, values, kinds in (
        ("kernel_size", kernel_size, "an int, list of ints or tuple of ints"),
        ("stride", stride, "None, an int, list of ints, or tuple of ints"),
        ("padding", padding, "an int, list of ints, or tuple of ints"),
        ("dilation", dilation, "an int, list of ints or tuple of ints"),
    ):
        if len(values) != 1:
            raise RuntimeError(
                f"max_pool1d() {option} must be {kinds} of size 1 but got size {len(values)}"
            )
    (kernel,), (step,), (pad,), (spacing,) = kernel_size, stride, padding, dilation
    if kernel <= 0:
        raise RuntimeError(f"max_pool1d() kernel_size must be greater than zero, but got {kernel}")
    if step <= 0:
        raise RuntimeError(f"max_pool1d() stride must be greater than zero, but got {step}")
    if pad < 0:
        raise RuntimeError(f"max_pool1d() padding must be non-negative, but got {pad}")
    if pad > kernel // 2:
        raise RuntimeError(
            "max_pool1d() padding should be at most half of kernel size, but got "
            f"padding={pad} and kernel_size={kernel}"
        )
    if spacing <= 0:
        raise RuntimeError(f"max_pool1d() dilation must be greater than zero, but got {spacing}")
    windows = windows_along(size, kernel, step, pad, spacing, ceil_mode)
    if windows <= 0:
        raise RuntimeError(f"max_pool1d() Invalid computed output size: {windows}")


@function
def max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> tuple[Tensor, Tensor]:
    """``max_pool1d`` and the place of each element in its line."""
    require_tensor("max_pool1d_with_indices", input)
    options = _options("max_pool1d_with_indices", 1, kernel_size, stride, padding, dilation)
    kernel, step, pad, spacing = options
    check_rank_of_1d("max_pool1d", input)
    _one("max_pool1d", "kernel_size", kernel)
    _one("max_pool1d", "stride", step or kernel)
    _one("max_pool1d", "padding", pad)
    _one("max_pool1d", "dilation", spacing)
    pool = composites.max_pool1d_with_indices
    return pool(input, kernel, step, pad, spacing, ceil_mode)


@function
def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of windows of the last two dims of (N, C, H, W) or (C, H, W)."""
    require_tensor("max_pool2d", input)
    options = _options("max_pool2d", 2, kernel_size, stride, padding, dilation)
    return ops.max_pool2d_with_indices(input, *options, ceil_mode)[0]


@function
def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of windows of the last three dims of (N, C, D, H, W) or (C, D, H, W)."""
    require_tensor("max_pool3d", input)
    options = _options("max_pool3d", 3, kernel_size, stride, padding, dilation)
    return ops.max_pool3d_with_indices(input, *options, ceil_mode)[0]


@function(under="nn.functional", name="max_pool1d_with_indices")
def functional_max_pool1d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """``torch.max_pool1d_with_indices``."""
    return max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)


@function(under="nn.functional")
def max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """``max_pool2d`` and the place of each element in its plane."""
    require_tensor("max_pool2d_with_indices", input)
    options = _options("max_pool2d_with_indices", 2, kernel_size, stride, padding, dilation)
    return ops.max_pool2d_with_indices(input, *options, ceil_mode)


@function(under="nn.functional")
def max_pool3d_with_indices(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:
    """``max_pool3d`` and the place of each element in its space."""
    require_tensor("max_pool3d_with_indices", input)
    options = _options("max_pool3d_with_indices", 3, kernel_size, stride, padding, dilation)
    return ops.max_pool3d_with_indices(input, *options, ceil_mode)


def _with_places_on_demand(name: str, pool: Any, pool_with_places: Any) -> None:
    """Publish the function of nn.functional that gives the places where they are asked for."""

    def max_pool(
        input: Tensor,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:
        chosen = pool_with_places if return_indices else pool
        return chosen(input, kernel_size, stride, padding, dilation, ceil_mode)

    max_pool.__name__ = max_pool.__qualname__ = name
    max_pool.__doc__ = f"``torch.{name}``, with the places where they are asked for."
    function(max_pool, under="nn.functional")


_with_places_on_demand("max_pool1d", max_pool1d, max_pool1d_with_indices)
_with_places_on_demand("max_pool2d", max_pool2d, max_pool2d_with_indices)
_with_places_on_demand("max_pool3d", max_pool3d, max_pool3d_with_indices)


@function(under="ops.aten")
def max_pool2d_with_indices_backward(
    grad_output: Tensor,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    indices: Tensor,
) -> Tensor:
    """The gradient of ``max_pool2d_with_indices``."""
    name = "max_pool2d_with_indices_backward"
    options = _options(name, 2, kernel_size, stride, padding, dilation)
    return ops.max_pool2d_with_indices_backward(grad_output, input, *options, ceil_mode, indices)


# Maxima over a number of windows ------------------------------------------------------------------


@function
def adaptive_max_pool1d(input: Tensor, output_size: Any) -> tuple[Tensor, Tensor]:
    """The largest element of windows that share the last dim of (N, C, L), and its place."""
    require_tensor("adaptive_max_pool1d", input)
    size = _ints("adaptive_max_pool1d", "output_size", 2, output_size, 1)
    check_rank_of_1d("adaptive_max_pool1d", input)
    _one("adaptive_max_pool1d", "output_size", size)
    check_not_empty("adaptive_max_pool1d", input._array.shape, 1)
    return composites.adaptive_max_pool1d(input, size)


@function(under="nn.functional")
def adaptive_max_pool1d_with_indices(
    input: Tensor, output_size: Any, return_indices: bool = False
) -> tuple[Tensor, Tensor]:
    """``torch.adaptive_max_pool1d``."""
    return adaptive_max_pool1d(input, output_size)


@function(under="nn.functional")
def adaptive_max_pool2d_with_indices(
    input: Tensor, output_size: Any, return_indices: bool = False
) -> tuple[Tensor, Tensor]:
    """The largest element of (H', W') windows that share the last two dims, and its place."""
    size = _with_default(output_size, input)
    size = _ints("adaptive_max_pool2d", "output_size", 2, size, 2)
    return ops.adaptive_max_pool2d(input, size)


@function(under="nn.functional")
def adaptive_max_pool3d_with_indices(
    input: Tensor, output_size: Any, return_indices: bool = False
) -> tuple[Tensor, Tensor]:
    """The largest element of (D', H', W') windows that share three dims, and its place."""
    size = _with_default(output_size, input)
    size = _ints("adaptive_max_pool3d", "output_size", 2, size, 3)
    return ops.adaptive_max_pool3d(input, size)


def _adaptive_with_places_on_demand(name: str, pool: Any) -> None:
    def adaptive_max_pool(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
        made = pool(input, output_size)
        return made if return_indices else made[0]

    adaptive_max_pool.__name__ = adaptive_max_pool.__qualname__ = name
    adaptive_max_pool.__doc__ = pool.__doc__
    function(adaptive_max_pool, under="nn.functional")


_adaptive_with_places_on_demand("adaptive_max_pool1d", adaptive_max_pool1d_with_indices)
_adaptive_with_places_on_demand("adaptive_max_pool2d", adaptive_max_pool2d_with_indices)
_adaptive_with_places_on_demand("adaptive_max_pool3d", adaptive_max_pool3d_with_indices)


# Maxima over windows at random places -------------------------------------------------------------


def _fractional(
    rank: int,
    input: Tensor,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    random_samples: Tensor | None,
) -> tuple[Tensor, Tensor]:
    name = f"fractional_max_pool{rank}d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    if output_size is None:
        if rank == 2 and len(output_ratio) > 2:
            raise ValueError(
                "fractional_max_pool2d requires output_ratio to either be a single Int or tuple "
                "of Ints."
            )
        ratios = ntuple(output_ratio, rank)
        output_size = [int(input.size(k - rank) * ratios[k]) for k in range(rank)]
    if random_samples is None:
        batch = 1 if input.ndim == rank + 1 else input.size(0)
        channels = input.size(-rank - 1)
        random_samples = random.uniform_(ops.new_zeros(input, (batch, channels, rank)))
    kernel = _ints(name, "kernel_size", 2, kernel_size, rank)
    size = _ints(name, "output_size", 3, output_size, rank)
    pool = ops.fractional_max_pool2d if rank == 2 else ops.fractional_max_pool3d
    return pool(input, kernel, size, random_samples)


@function(under="nn.functional")
def fractional_max_pool2d_with_indices(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The largest element of windows at random places of the last two dims, and its place."""
    return _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)


@function(under="nn.functional")
def fractional_max_pool3d_with_indices(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """The largest element of windows at random places of the last three dims, and its place."""
    return _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)


@function(under="nn.functional")
def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest element of windows at random places of the last two dims."""
    made = _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return made if return_indices else made[0]


@function(under="nn.functional")
def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest element of windows at random places of the last three dims."""
    made = _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return made if return_indices else made[0]


# Roots of sums of powers --------------------------------------------------------------------------


@function(under="nn.functional")
def lp_pool1d(
    input: Tensor, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """The norm of windows of the last dim."""
    return _lp_pool(1, input, norm_type, kernel_size, kernel_size, stride, ceil_mode)


@function(under="nn.functional")
def lp_pool2d(
    input: Tensor, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """The norm of windows of the last two dims."""
    width, height = ntuple(kernel_size, 2)
    return _lp_pool(2, input, norm_type, width * height, kernel_size, stride, ceil_mode)


@function(under="nn.functional")
def lp_pool3d(
    input: Tensor, norm_type: Any, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Tensor:
    """The norm of windows of the last three dims."""
    depth, width, height = ntuple(kernel_size, 3)
    count = depth * width * height
    return _lp_pool(3, input, norm_type, count, kernel_size, stride, ceil_mode)


def _lp_pool(
    rank: int,
    input: Tensor,
    norm_type: Any,
    count: Any,
    kernel_size: Any,
    stride: Any,
    ceil_mode: bool,
) -> Tensor:
    functional = NAMESPACES["nn.functional"]
    if norm_type in (float("inf"), -float("inf")):
        maxima = functional[f"max_pool{rank}d"]
        size: Tensor = ops.abs(input)
        if norm_type > 0:
            return maxima(size, kernel_size, stride, 0, 1, ceil_mode)
        return ops.neg(maxima(ops.neg(size), kernel_size, stride, 0, 1, ceil_mode))
    means = functional[f"avg_pool{rank}d"](
        input.pow(norm_type), kernel_size, () if stride is None else stride, 0, ceil_mode
    )
    return composites.lp_pool(input, norm_type, count, means)


# Unpooling ----------------------------------------------------------------------------------------


def _unpooling(
    rank: int, input: Tensor, kernel_size: Any, stride: Any, padding: Any, given: Any
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the size to unpool to (what is given if the pooled size allows it), stride, padding.

    Raises:
        ValueError: it does not (torch's texts).
    """
    kernel, padding = ntuple(kernel_size, rank), ntuple(padding, rank)
    stride = kernel if stride is None else ntuple(stride, rank)
    shape = input._array.shape
    usual = [(shape[d - rank] - 1) * stride[d] + kernel[d] - 2 * padding[d] for d in range(rank)]
    size = usual
    if given is not None:
        if len(given) == rank + 2:
            given = given[2:]
        if len(given) != rank:
            raise ValueError(
                f"output_size should be a sequence containing {rank} or {rank + 2} elements, but "
                f"it has a length of '{len(given)}'"
            )
        for d in range(rank):
            least, most = usual[d] - stride[d], usual[d] + stride[d]
            if not least < given[d] < most:
                raise ValueError(
                    f'invalid output_size "{given}" (dim {d} must be between {least} and {most})'
                )
        size = given
    for d in range(rank):
        if size[d] < 0:
            raise ValueError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{d}]={size[d]}"
            )
    return tuple(size), stride, padding


@function(under="nn.functional")
def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Zeros with the elements of (N, C, L) at the places that ``max_pool1d`` found them at."""
    size, _, _ = _unpooling(1, input, kernel_size, stride, padding, output_size)
    lifted, places = input.unsqueeze(-1), indices.unsqueeze(-1)
    made: Tensor = ops.max_unpool2d(lifted, places, (*size, 1)).squeeze(-1)
    return made


@function(under="nn.functional")
def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Zeros with the elements of (N, C, H, W) at the places that ``max_pool2d`` found them at."""
    size, _, _ = _unpooling(2, input, kernel_size, stride, padding, output_size)
    return ops.max_unpool2d(input, indices, size)


@function(under="nn.functional")
def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Tensor:
    """Zeros with the elements of (N, C, D, H, W) at the places ``max_pool3d`` found them at."""
    size, stride, padding = _unpooling(3, input, kernel_size, stride, padding, output_size)
    return ops.max_unpool3d(input, indices, size, stride, padding)
