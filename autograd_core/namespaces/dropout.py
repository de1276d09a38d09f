"""torch's dropouts: of elements or whole channels, to zero or to where SELU saturates."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

from .. import ops
from ..tensor import Tensor
from .creation_like import empty_like
from .random import bernoulli_
from .registration import NAMESPACES, function

_SATURATION = 1.7580993408473766  # minus what SELU nears at minus infinity


def _channels(input: Tensor) -> Tensor:
    """Return one number for each channel of each sample, to be drawn."""
    if input.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    shape = (*input._array.shape[:2], *(1,) * (input.ndim - 2))
    return ops.new_zeros(input, shape)


def _dropping(
    name: str, noise_of: Callable[[Tensor], Tensor], saturates: bool
) -> Callable[[Tensor, float, bool], Tensor]:
    """Publish a dropout and its in-place form; return the former.

    Args:
        name: its name.
        noise_of: makes the tensor that the numbers of an input are drawn in.
        saturates: elements go to where SELU saturates, and mean and variance are kept.
    """

    def run(input: Tensor, p: float, train: bool, inplace: bool) -> Tensor:
        if not 0 <= p <= 1:
            raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p:g}")
        if p == 0 or not train or input.numel() == 0:
            return input
        multiply = ops.mul.inplace if inplace else ops.mul
        if p == 1:
            return multiply(input, ops.new_zeros(input, ()).zero_())  # torch fills it, too
        noise = bernoulli_(noise_of(input), 1 - p)
        if not saturates:
            return multiply(input, noise.div_(1 - p))
        scale = 1 / math.sqrt((_SATURATION * _SATURATION * p + 1) * (1 - p))
        shift = noise.add(-1).mul_(_SATURATION * scale).add_(_SATURATION * scale * p)
        return multiply(input, noise.mul_(scale)).add_(shift)

    def dropped(input: Tensor, p: float, train: bool) -> Tensor:
        return run(input, p, train, False)

    def dropped_(input: Tensor, p: float, train: bool) -> Tensor:
        return run(input, p, train, True)

    for suffix, form in (("", dropped), ("_", dropped_)):
        form.__name__ = form.__qualname__ = name + suffix
        form.__doc__ = f"{name} with probability ``p`` while training."
        function(form)
    return dropped


dropped_out = _dropping("dropout", empty_like, False)
_dropping("alpha_dropout", empty_like, True)
_dropping("feature_dropout", _channels, False)
_dropping("feature_alpha_dropout", _channels, True)


def _dropped(name: str, input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    form: Callable[..., Tensor] = NAMESPACES[""][f"{name}_" if inplace else name]
    return form(input, p, training)


def _check_probability(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


@function(under="nn.functional")
def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Zero elements with probability ``p`` and scale the others by 1 / (1 - p) while training."""
    _check_probability(p)
    return _dropped("dropout", input, p, training, inplace)


@function(under="nn.functional")
def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Send elements to where SELU saturates with probability ``p``; keeps mean and variance."""
    _check_probability(p)
    return _dropped("alpha_dropout", input, p, training, inplace)


@function(under="nn.functional")
def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """``alpha_dropout`` of whole channels of (N, C, ...)."""
    _check_probability(p)
    return _dropped("feature_alpha_dropout", input, p, training, inplace)


def _channels_dropped(input: Tensor, p: float, training: bool, inplace: bool, rank: int) -> Tensor:
    """Drop channels; an input of ``rank`` dims is one sample of a batch."""
    if input.ndim == rank:
        batch: Tensor = input.unsqueeze_(0) if inplace else input.unsqueeze(0)
        made = _dropped("feature_dropout", batch, p, training, inplace)
        sample: Tensor = made.squeeze_(0) if inplace else made.squeeze(0)
        return sample
    return _dropped("feature_dropout", input, p, training, inplace)


@function(under="nn.functional")
def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero whole channels of (N, C, L) or (C, L)."""
    _check_probability(p)
    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.ndim}D input. Note that "
            "dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, "
            "a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
        )
    return _channels_dropped(input, p, training, inplace, 2)


def _warn_of_rank(name: str, input: Tensor, spatial: int) -> None:
    if input.ndim in (spatial + 1, spatial + 2):
        return
    warnings.warn(
        f"{name}: Received a {input.ndim}-D input to {name}, which is deprecated and will result "
        "in an error in a future release. To retain the behavior and silence this warning, please "
        f"use dropout instead. Note that {name} exists to provide channel-wise dropout on inputs "
        f"with {spatial} spatial dimensions, a channel dimension, and an optional batch dimension "
        f"(i.e. {spatial + 1}D or {spatial + 2}D inputs).",
        stacklevel=3,
    )


@function(under="nn.functional")
def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero whole channels of (N, C, H, W); three dims are read as (N, C, L)."""
    _check_probability(p)
    _warn_of_rank("dropout2d", input, 2)
    if input.ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D "
            "dropout behavior is desired - input is interpreted as shape (N, C, L), where C is "
            "the channel dim. This behavior will change in a future release to interpret the "
            "input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D "
            "channel-wise dropout behavior, please switch to using dropout1d instead.",
            stacklevel=2,
        )
    return _dropped("feature_dropout", input, p, training, inplace)


@function(under="nn.functional")
def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """Zero whole channels of (N, C, D, H, W); an input of other ranks is one sample."""
    _check_probability(p)
    _warn_of_rank("dropout3d", input, 3)
    return _channels_dropped(input, p, training, inplace, input.ndim if input.ndim != 5 else 0)
