"""Batching of softmaxes, gated units, and of layer, batch and group norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..tensor import Tensor
from .arrays import Batch, Batched, front, is_batched
from .rules import Rule, along, composed, give, rule

give(along("dim", scalars=True), "softmax log_softmax safe_softmax softmax_backward_data")
give(along("dim", scalars=True), "log_softmax_backward_data")
give(along("dim"), "glu", "glu_backward")


@rule("native_layer_norm")
def _layer_norm(batch: Batch, values: list[Any]) -> Any:
    input, shape, weight, bias, eps = values
    if any(given is not None and is_batched(given) for given in (weight, bias)):
        return composed(_affine)(batch, values)
    plain = [None if given is None else given._array.value for given in (weight, bias)]
    return batch.run([front(input), shape, *plain, eps])


def _affine(input: Tensor, shape: Any, weight: Any, bias: Any, eps: float) -> tuple[Tensor, ...]:
    made, mean, rstd = ops.native_layer_norm(input, shape, None, None, eps)
    if weight is not None:
        made = ops.mul(made, weight)
    if bias is not None:
        made = ops.add(made, bias)
    return made, mean, rstd


@rule("native_layer_norm_backward")
def _layer_norm_backward(batch: Batch, values: list[Any]) -> Any:
    """The gradient of the input keeps leading dims; those of the parameters add up without them."""
    weight, bias = values[5:7]
    if weight is None and bias is None:
        return batch.run(batch.mapped(batch.stretched, values))
    return composed(_affine_backward)(batch, values)


def _affine_backward(
    grad_out: Tensor,
    input: Tensor,
    shape: Any,
    mean: Tensor,
    rstd: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mask: Any,
) -> tuple[Tensor | None, ...]:
    outer = tuple(range(input.ndim - len(shape)))
    scaled = grad_out if weight is None else ops.mul(grad_out, weight)
    made = ops.native_layer_norm_backward(
        scaled, input, shape, mean, rstd, None, None, (mask[0], False, False)
    )
    of_weight = of_bias = None
    if mask[1] and weight is not None:
        normal = ops.mul(ops.sub(input, mean), rstd)
        of_weight = ops.sum(ops.mul(grad_out, normal), outer)
    if mask[2] and bias is not None:
        of_bias = ops.sum(grad_out, outer)
    return made[0], of_weight, of_bias


# Batch norm: the channels of all members are channels ---------------------------------------------


def _among_channels(batch: Batch, tensor: Tensor) -> Tensor:
    """Return the Tensor below, which has channels as its dim 1 (or only dim), with those of all."""
    value = batch.stretched(tensor)
    shape = value._array.shape
    if len(shape) == 2:  # a value per channel
        return ops.reshape(value, (shape[0] * shape[1],))
    dims = (1, 0, *range(2, len(shape)))
    joined = (shape[1], shape[0] * shape[2], *shape[3:])
    return ops.reshape(ops.permute(value, dims), joined)


def _by_member(batch: Batch, made: Tensor | None) -> Any:
    """Return a result whose channels are those of all members, with them parted."""
    if made is None:
        return None
    shape = made._array.shape
    if len(shape) == 1:
        return Batched(ops.reshape(made, (batch.size, shape[0] // batch.size)), 0)
    parted = (shape[0], batch.size, shape[1] // batch.size, *shape[2:])
    return Batched(ops.reshape(made, parted), 1)


def _batch_norm(running: int | None, updates: Callable[[Batch, list[Any]], bool]) -> Rule:
    """Return the rule of a batch norm whose running statistics stand at this place and the next.

    ``updates`` says whether a call moves them.
    """

    def rule(batch: Batch, values: list[Any]) -> Any:
        statistics = [] if running is None else values[running : running + 2]
        moved = [s for s in statistics if s is not None] if updates(batch, values) else []
        if is_batched(values[0]) and not all(map(is_batched, moved)):
            raise RuntimeError(_NOT_MOVED)
        joined = batch.mapped(lambda t: _among_channels(batch, t), values)
        made = batch.run(joined)
        for k, value in enumerate(values):
            if any(value is s for s in moved) and value._array.bdim:
                ops.copy.inplace(front(value), ops.clone(ops.reshape(joined[k], (batch.size, -1))))
        return tuple(_by_member(batch, part) for part in made)

    return rule


_NOT_MOVED = (
    "Batch norm got a batched tensor as input while the running_mean or running_var, which will be "
    "updated in place, were not batched.\nIf you are using a module and do not need eval mode, "
    "please set `track_running_stats` to be False.If you are using a prebuilt module and do not "
    "need eval mode, please see the functorch website for resources on how to patch your module to "
    "work with vmap"
)


@rule("batch_norm_with_update")
def _refused(batch: Batch, values: list[Any]) -> Any:
    raise RuntimeError(
        "Batching rule not implemented for aten::_batch_norm_with_update; the fallback path "
        "doesn't work on out= or view ops."
    )


def _training(batch: Batch, values: list[Any]) -> bool:
    return bool(batch.argument(values, "training"))


give(_batch_norm(3, _training), "native_batch_norm", "native_batch_norm_legit")
give(_batch_norm(None, _training), "native_batch_norm_of_batch")
give(_batch_norm(3, lambda batch, values: False), "native_batch_norm_backward")


# Group norm: the samples of all members are samples -----------------------------------------------


@rule("native_group_norm")
def _group_norm(batch: Batch, values: list[Any]) -> Any:
    input, weight, bias, count, *sizes = values
    if any(given is not None and is_batched(given) for given in (weight, bias)):
        return composed(_affine_groups)(batch, values)
    plain = [None if given is None else given._array.value for given in (weight, bias)]
    value = front(input)
    shape = value._array.shape
    joined = ops.reshape(value, (batch.size * count, *shape[2:]))
    made = batch.run([joined, *plain, batch.size * count, *sizes])
    return tuple(ops.reshape(part, (batch.size, count, *part._array.shape[1:])) for part in made)


def _affine_groups(
    input: Tensor, weight: Tensor | None, bias: Tensor | None, *sizes: Any
) -> tuple[Tensor, ...]:
    made, mean, rstd = ops.native_group_norm(input, None, None, *sizes)
    channels = (-1, *(1,) * (input.ndim - 2))
    if weight is not None:
        made = ops.mul(made, ops.reshape(weight, channels))
    if bias is not None:
        made = ops.add(made, ops.reshape(bias, channels))
    return made, mean, rstd
