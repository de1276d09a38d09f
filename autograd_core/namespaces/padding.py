"""torch's padding: with one value, with the input's reflection, with its edge, around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ops
from ..composites import padding as composed
from ..tensor import Tensor
from .creation import number_for
from .new_tensors import size_of
from .registration import function, require_tensor


@function
def constant_pad_nd(input: Tensor, pad: Any, value: Any = 0) -> Tensor:
    """Pad with one value; negative amounts cut."""
    pad = size_of((pad,))
    if len(pad) % 2:
        raise RuntimeError(f"Length of pad must be even but instead it equals {len(pad)}")
    if len(pad) // 2 > input.ndim:
        raise RuntimeError(
            f"Length of pad should be no more than twice the number of dimensions of the input. "
            f"Pad length is {len(pad)} while the input has {input.ndim} dimensions."
        )
    shape = input._array.shape
    for k in range(len(pad) // 2):
        dim = input.ndim - 1 - k
        cut = shape[dim] + min(pad[2 * k], 0) + min(pad[2 * k + 1], 0)
        if cut < 0:
            raise RuntimeError("narrow(): length must be non-negative.")
    return ops.constant_pad_nd(input, pad, number_for(value, input._dtype))


def _published(kind: str, axes: int) -> Any:
    """Publish the function that pads the last dims of a batch or of one of its members."""
    name = f"{kind}_pad{axes}d"
    op = getattr(ops, name)

    def pad(input: Tensor, padding: Any) -> Tensor:
        padding = (padding,) * (2 * axes) if isinstance(padding, int) else size_of((padding,))
        if len(padding) != 2 * axes:
            raise RuntimeError(
                f"padding size is expected to be {2 * axes}, but got: {len(padding)}"
            )
        _check_padded(input, padding, axes, kind == "reflection")
        return op(input, padding)

    pad.__name__ = pad.__qualname__ = name
    pad.__doc__ = f"Pad the last {axes} of {axes + 1} or {axes + 2} dims; negative amounts cut."
    return function(pad, under="ops.aten")


def _check_padded(input: Tensor, padding: Sequence[int], axes: int, reflects: bool) -> None:
    """Refuse shapes and amounts that do not go together (torch's texts)."""
    shape = list(input._array.shape)
    if not axes < len(shape) < axes + 3 or 0 in shape[len(shape) - axes - 1 :]:
        raise RuntimeError(
            f"Expected {axes + 1}D or {axes + 2}D (batch mode) tensor with possibly 0 batch size "
            f"and other non-zero dimensions for input, but got: {shape}"
        )
    sizes: list[int] = []
    for k in range(axes):
        dim = len(shape) - 1 - k
        before, after = padding[2 * k : 2 * k + 2]
        if reflects and max(before, after) >= shape[dim]:
            raise RuntimeError(
                f"Argument #{2 * k + 4}: Padding size should be less than the corresponding input "
                f"dimension, but got: padding ({before}, {after}) at dimension {dim} of input "
                f"{shape}"
            )
        sizes.insert(0, shape[dim] + before + after)
    if max(sizes) < 1:
        raise RuntimeError(_too_small(shape[-axes:], sizes, reflects))
    if min(sizes) < 0:
        if reflects and axes == 2:
            raise RuntimeError("numel: integer multiplication overflow")
        padded = [*shape[:-axes], *sizes]
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(sizes)}: {padded}"
        )


def _too_small(given: Sequence[int], made: Sequence[int], reflects: bool) -> str:
    """Return torch's text for an input that is cut to nothing."""
    names = "DHW"[-len(given) :]
    before = [f"{name}: {size}" for name, size in zip(names, given, strict=True)]
    after = " ".join(f"{name}: {size}" for name, size in zip(names, made, strict=True))
    inner = ", ".join(before[-2:])
    if len(given) == 3:
        inner = f"{before[0]} {inner}"
    elif len(given) == 2 and not reflects:
        inner += " "
    return f"input ({inner}) is too small. Calculated output {after}"


_PADDERS = {
    (mode, axes): _published(kind, axes)
    for mode, kind in (("reflect", "reflection"), ("replicate", "replication"))
    for axes in (1, 2, 3)
}


def pad_circular(input: Tensor, padding: Sequence[int]) -> Tensor:
    """Pad with what lies at the other end; at most once around."""
    shape = input._array.shape
    for k in range(len(padding) // 2):
        before, after = padding[2 * k : 2 * k + 2]
        length = shape[len(shape) - 1 - k]
        if max(before, after) > length:
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if length + before + after < 0:
            raise RuntimeError("Negative padding value is resulting in an empty dimension")
    return composed.pad_circular(input, padding)


_MODES = ("constant", "reflect", "replicate", "circular")


@function(under="nn.functional")
def pad(input: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """Pad the last dims, by (before, after) of the last one, of the one before, ...

    Modes are "constant", with ``value``; and of the last one to three dims of two to five
    "reflect", "replicate" and "circular".

    Raises:
        RuntimeError, NotImplementedError: dims and amounts do not go together (torch's texts).
    """
    require_tensor("pad", input)
    if not isinstance(pad, (tuple, list)):
        raise TypeError(
            f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(pad).__name__}"
        )
    pad = size_of((pad,), name="pad", argument="pad", position=2)
    if not isinstance(mode, str):
        raise TypeError(
            f"pad(): argument 'mode' (position 3) must be str, not {type(mode).__name__}"
        )
    if mode not in _MODES:
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    if isinstance(value, complex):
        raise TypeError("pad(): argument 'value' (position 4) must be float, not complex")
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pad) // 2 > input.ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(pad)} and input of dimension {input.ndim}"
        )
    if mode == "constant":
        return constant_pad_nd(input, pad, 0.0 if value is None else value)
    if value:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    axes = len(pad) // 2
    if axes not in (1, 2, 3) or input.ndim not in (axes + 1, axes + 2):
        raise NotImplementedError(
            f"Padding size {len(pad)} is not supported for {input.ndim}D input tensor.\n"
            "Supported combinations for non-constant padding:\n"
            "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
            "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
            "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)"
        )
    if mode == "circular":
        return pad_circular(input, pad)
    padded: Tensor = _PADDERS[mode, axes](input, pad)
    return padded
