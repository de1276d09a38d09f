"""torch's losses."""

from __future__ import annotations

import warnings

from ..composites import loss as composites
from ..tensor import Tensor
from .registration import function


def warn_of_sizes(input: Tensor, target: Tensor) -> None:
    """Warn of a target that is broadcast, with torch's text."""
    if target.size() != input.size():
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size "
            f"({input.size()}). This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=3,
        )


def chosen_reduction(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """Return the reduction that the two deprecated arguments mean, with torch's warning."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        reduction = "none"
    else:
        reduction = "sum" if size_average is False else "mean"
    warnings.warn(
        "size_average and reduce args will be deprecated, please use "
        f"reduction='{reduction}' instead.",
        stacklevel=3,
    )
    return reduction


@function(under="nn.functional")
def mse_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Squared error; a weight of the input's size makes the mean a weighted one."""
    warn_of_sizes(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    return composites.mse_loss(input, target, reduction, weight)


@function(under="nn.functional")
def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """Absolute error; a weight of the input's size makes the mean a weighted one."""
    warn_of_sizes(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    return composites.l1_loss(input, target, reduction, weight)


@function(under="nn.functional")
def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Tensor:
    """Absolute error less beta / 2, and squared error over 2 * beta below ``beta``."""
    warn_of_sizes(input, target)
    reduction = chosen_reduction(size_average, reduce, reduction)
    return composites.smooth_l1_loss(input, target, reduction, beta)


@function(under="nn.functional")
def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Half the squared error up to ``delta``, linear above."""
    warn_of_sizes(input, target)
    return composites.huber_loss(input, target, reduction, delta, weight)
