"""What gradients and tangents must satisfy besides being right: zeros, undefined ones, batches."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from ... import autograd
from ...batching.level import over_batch
from ...engine.node import Node, gradient_edge, like, next_sequence_nr
from ...namespaces.creation_like import zeros_like
from ...namespaces.joining import stack
from ...namespaces.pointwise import allclose
from ...namespaces.random import randn_like
from ...tensor import Tensor, wrap_sharing
from .. import forward_ad
from .analytical import dual_inputs
from .comparison import random_vectors
from .errors import BATCHED_GRADIENTS, BATCHED_TANGENTS, GradcheckError, batched_mismatch
from .subject import (
    Function,
    as_tuple,
    differentiable_inputs,
    differentiable_outputs,
    is_inexact,
    requires_grad,
)

_NOTES = (
    'Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'
)


class UndefinedGradBackward(Node):
    """Passes its input on, and no gradient back."""

    __slots__ = ()

    def __init__(self, tensor: Tensor) -> None:
        self._backend = tensor._backend
        self.sequence_nr = next_sequence_nr()
        self.next_edges = (gradient_edge(tensor),)
        self._outputs = like(tensor._array.shape, tensor._array.dtype)

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        return (None,)

    apply_tensors = apply_raw


def without_gradient(tensor: Tensor) -> Tensor:
    """Return the tensor behind a node that hands its input an undefined gradient."""
    made = wrap_sharing(tensor._owned(), tensor)
    made._grad_fn = UndefinedGradBackward(tensor)
    made._requires_grad = True
    return made


def check_multiplied_by_gradient(outputs: Sequence[Tensor], inputs: Any, masked: Any) -> None:
    """Check that a gradient of zeros comes back as zeros, in the inputs' dtype and shape.

    Raises:
        GradcheckError: it does not.
    """
    targets = differentiable_inputs(inputs)
    if not targets:
        raise GradcheckError("no Tensors requiring grad found in input")
    zeros = [output.new_zeros(output.shape) for output in outputs]
    gradients = autograd.grad(outputs, targets, zeros, allow_unused=True)
    for gradient, target in zip(gradients, targets, strict=True):
        if gradient is None:
            continue
        vanishes = allclose(gradient, zeros_like(gradient)) if masked else gradient.eq(0).all()
        if not vanishes:
            raise GradcheckError("backward not multiplied by grad_output")
        if gradient.dtype != target.dtype:
            raise GradcheckError("grad is incorrect type")
        if gradient.size() != target.size():
            raise GradcheckError("grad is incorrect size")


def check_undefined_gradients(func: Function, outputs: Sequence[Tensor], inputs: Any) -> None:
    """Check backward with all output gradients undefined, and with one at a time.

    Raises:
        GradcheckError: backward raises, or gives something other than zeros or nothing.
    """
    targets = differentiable_inputs(inputs)
    if not targets:
        raise GradcheckError("no Tensors requiring grad found in input")
    cases = [[without_gradient(output) for output in differentiable_outputs(func(*inputs))]]
    if len(cases[0]) > 1:
        for undefined in range(len(outputs)):
            made = list(differentiable_outputs(func(*inputs)))
            made[undefined] = without_gradient(made[undefined])
            cases.append(made)
    for case in cases:
        _check_vanishing(case, targets)


def _check_vanishing(outputs: list[Tensor], targets: list[Tensor]) -> None:
    zeros = [output.new_zeros(output.shape) for output in outputs]
    try:
        gradients = autograd.grad(outputs, targets, zeros, allow_unused=True)
    except RuntimeError as error:
        _warn_of_undefined()
        raise GradcheckError(
            f"Expected backward function to handle undefined output grads. {_NOTES}"
        ) from error
    for gradient in gradients:
        if gradient is not None and not gradient.eq(0).all():
            _warn_of_undefined()
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are "
                f"undefined or zero. {_NOTES}"
            )


def _warn_of_undefined() -> None:
    warnings.warn(
        "Backwards compatibility: New undefined gradient support checking feature is enabled by "
        "default, but it may break existing callers of this function. If this is true for you, "
        'you can call this function with "check_undefined_grad=False" to disable the feature',
        stacklevel=3,
    )


def check_undefined_tangents(func: Function, inputs: Sequence[Any]) -> None:
    """Check that an input without a tangent does what one with a tangent of zeros does.

    Raises:
        GradcheckError: it does not.
    """
    positions = [k for k, value in enumerate(inputs) if requires_grad(value)]
    all_u = random_vectors([inputs[k] for k in positions], None)[0]
    with forward_ad.dual_level():
        duals, tangents = dual_inputs(inputs)
        for tangent, u in zip(tangents, all_u, strict=True):
            tangent.copy_(u.view_as(tangent))
        for position in positions:
            given, plain = inputs[position], duals.copy()
            plain[position] = forward_ad.make_dual(given.detach(), zeros_like(given))
            of_zeros = [value for value in as_tuple(func(*plain)) if is_inexact(value)]
            plain[position] = given.detach()
            of_none = [value for value in as_tuple(func(*plain)) if is_inexact(value)]
            for k, (a, b) in enumerate(zip(of_zeros, of_none, strict=False)):
                first, second = forward_ad.unpack_dual(a)[1], forward_ad.unpack_dual(b)[1]
                if first is None or second is None or allclose(first, second):
                    continue
                raise GradcheckError(
                    "Mismatch in tangent values for output with index: ",
                    k,
                    " when input: ",
                    given,
                    " has an undefined tangent value. ",
                    " Got: ",
                    first,
                    " but expected: ",
                    second,
                )


def check_batched_gradients(inputs: Any, output: Tensor, position: int) -> None:
    """Check that a batch of two output gradients gives what each gives alone.

    Raises:
        GradcheckError: it does not, or the batch raises.
    """
    targets = differentiable_inputs(inputs)
    gradients = [randn_like(output) for _ in range(2)]
    single = [
        autograd.grad(output, targets, gradient, retain_graph=True, allow_unused=True)
        for gradient in gradients
    ]
    try:
        batched = autograd.grad(
            output,
            targets,
            stack(gradients),
            retain_graph=True,
            allow_unused=True,
            is_grads_batched=True,
        )
    except RuntimeError as error:
        raise GradcheckError(
            f"While computing batched gradients, got: {error}\n\n{BATCHED_GRADIENTS}"
        ) from error
    for k, (target, result) in enumerate(zip(targets, batched, strict=True)):
        shards = [target.new_zeros(target.shape) if s[k] is None else s[k] for s in single]
        expected = stack(shards)
        found = expected.new_zeros(expected.shape) if result is None else result
        if not allclose(found, expected):
            raise batched_mismatch(position, k, found, expected)


def check_batched_tangents(func: Function, inputs: Sequence[Any]) -> None:
    """Check that a batch of two tangents of each inexact input gives what each gives alone.

    Raises:
        GradcheckError: it does not, or the batch raises.
    """
    for position, value in enumerate(inputs):
        if not (requires_grad(value) and is_inexact(value)):
            continue

        def pushed(tangents: Sequence[Tensor], position: int = position) -> list[Tensor]:
            return _pushed_forward(func, inputs, position, tangents[0])

        tangents = [randn_like(value) for _ in range(2)]
        single = [pushed([tangent]) for tangent in tangents]
        try:
            batched = over_batch(pushed, [stack(tangents)])
        except RuntimeError as error:
            raise GradcheckError(
                f"While computing batched gradients, got: {error}\n\n{BATCHED_TANGENTS}"
            ) from error
        for k, (result, *shards) in enumerate(zip(batched, *single, strict=True)):
            expected = stack(shards)
            if not allclose(result, expected):
                raise batched_mismatch(k, k, result, expected, forward=True)


def _pushed_forward(
    func: Function, inputs: Sequence[Any], position: int, tangent: Tensor
) -> list[Tensor]:
    """Return the outputs' tangents for one tangent of one input; zeros where there are none."""
    plain = [value.detach() if isinstance(value, Tensor) else value for value in inputs]
    with forward_ad.dual_level():
        plain[position] = forward_ad.make_dual(plain[position], tangent)
        found = []
        for output in as_tuple(func(*plain)):
            if output is not None:
                primal, tangent_out = forward_ad.unpack_dual(output)
                found.append(zeros_like(primal) if tangent_out is None else tangent_out)
        return found
