"""Finite differences: Jacobians element by element, and their products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from ...tensor import Tensor
from .subject import Function, as_tuple, is_inexact, requires_grad, zero_jacobians

Difference = Callable[[Any], tuple[Tensor, ...]]
"""From a step to the derivatives of all outputs along it, flat, times the step's length."""


def numerical_jacobians(
    fn: Function,
    inputs: Any,
    outputs: tuple[Any, ...] | None = None,
    target: Any = None,
    eps: float = 1e-3,
    forward: bool = False,
) -> list[tuple[Tensor, ...]]:
    """Return the Jacobians by input and output: a row per element of the input.

    ``target`` are the tensors to perturb, ``inputs`` where it is not given.

    Raises:
        ValueError: an output is complex, outside forward mode (torch's text).
    """
    if outputs is None:
        outputs = as_tuple(fn(*as_tuple(inputs)))
    if not forward and any(output.is_complex() for output in outputs):
        raise ValueError(
            "Expected output to be non-complex. get_numerical_jacobian no longer supports "
            "functions that return complex outputs."
        )
    perturbed = as_tuple(inputs if target is None else target)
    return [
        jacobians_of_input(fn, position, inputs, outputs, eps, input=tensor, is_forward_ad=forward)
        for position, tensor in enumerate(perturbed)
        if requires_grad(tensor)
    ]


def jacobians_of_input(
    fn: Function,
    input_idx: int,
    inputs: Any,
    outputs: Sequence[Any],
    eps: float,
    input: Tensor | None = None,
    is_forward_ad: bool = False,
) -> tuple[Tensor, ...]:
    """Return the Jacobian of each output with respect to one input (or to ``input``, if given).

    The input is perturbed in place, through ``.data``, so that its version and its place in the
    graph stay.

    Raises:
        AssertionError: the input requires no gradient, or the outputs of the perturbed function
            have another shape or dtype (torch's texts).
    """
    if input is None:
        input = inputs[input_idx]
    if not input.requires_grad:
        raise AssertionError("Expected input to have requires_grad=True")
    data = input.data
    is_complex = data.is_complex()
    jacobians = zero_jacobians(outputs, data.numel(), input.dtype if is_complex else None)
    evaluate = _evaluation(fn, inputs)
    for row, index in enumerate(product(*map(range, data.shape))):
        difference = _difference(evaluate, data[index], eps, eps, f"on index {index} ")
        derivatives = _derivatives(difference, eps, eps, is_complex, is_forward_ad)
        for k, jacobian in enumerate(jacobians):
            jacobian[row] = derivatives[k]
    return jacobians


def directional_derivatives(
    fn: Function, position: int, inputs: Sequence[Any], u: Any, eps: float, forward: bool = False
) -> list[Tensor]:
    """Return the derivatives of all outputs along ``u`` of one input, flat.

    ``u`` of a complex input is a pair: a direction of its real part and one of its imaginary part.
    """
    data = inputs[position].data
    directions = u if isinstance(u, tuple) else (u, u)
    real_step, imaginary_step = (eps * d.reshape(data.shape) for d in directions)
    difference = _difference(_evaluation(fn, inputs), data, eps, eps, "")
    return _derivatives(difference, real_step, imaginary_step, data.is_complex(), forward)


def numerical_products(
    fn: Function,
    positions: Sequence[int],
    inputs: Sequence[Any],
    func_out: Any,
    all_u: Sequence[Any],
    all_v: Sequence[Tensor] | None,
    eps: float,
    forward: bool,
) -> list[list[Tensor]]:
    """Return J·u by input and inexact output, multiplied with ``v`` where that is given."""
    returned = as_tuple(func_out)
    products = []
    for position, u in zip(positions, all_u, strict=True):
        derivatives = directional_derivatives(fn, position, inputs, u, eps, forward)
        of_inexact = [
            derivative
            for derivative, output in zip(derivatives, returned, strict=True)
            if is_inexact(output)
        ]
        if all_v is not None:
            # Outputs that require no gradient have no v; the rest is cut off, as in torch.
            pairs = zip(all_v, of_inexact, strict=False)
            of_inexact = [(v * derivative).sum() for v, derivative in pairs]
        products.append(of_inexact)
    return products


def _evaluation(fn: Function, inputs: Any) -> Callable[[], tuple[Tensor, ...]]:
    """Return the function of no arguments that gives copies of what ``fn`` returns now."""
    arguments = as_tuple(inputs)
    return lambda: tuple(output.clone() for output in as_tuple(fn(*arguments)))


def _difference(
    evaluate: Callable[[], tuple[Tensor, ...]], entry: Tensor, eps: float, norm: float, place: str
) -> Difference:
    """Return the central difference of the outputs around ``entry``, which is written in place."""

    def difference(step: Any) -> tuple[Tensor, ...]:
        origin = entry.clone()
        entry.copy_(origin - step)
        below = evaluate()
        entry.copy_(origin + step)
        above = evaluate()
        entry.copy_(origin)
        slopes = []
        for a, b in zip(below, above, strict=False):
            _check_alike(a, b, eps, place)
            slopes.append(((b - a) / (2 * norm)).detach().reshape(-1))
        return tuple(slopes)

    return difference


def _check_alike(below: Tensor, above: Tensor, eps: float, place: str) -> None:
    for what, a, b in (("shape", below.shape, above.shape), ("dtype", below.dtype, above.dtype)):
        if a != b:
            raise AssertionError(
                f"Expected `func` to return outputs with the same {what} when inputs are "
                f"perturbed {place}by {eps}, but got: {what}s {a} and {b}."
            )


def _derivatives(
    difference: Difference, real_step: Any, imaginary_step: Any, is_complex: bool, forward: bool
) -> list[Tensor]:
    """Return the derivatives along a step; of a complex input s_x + i·s_y, conjugate Wirtinger's.

    That is the gradient torch defines for a real function s of x + iy.
    """
    along_real = difference(real_step)
    if not is_complex:
        if not forward and any(derivative.is_complex() for derivative in along_real):
            raise AssertionError("Expected ds_dx to be real-valued, not complex.")
        return list(along_real)
    along_imaginary = difference(imaginary_step * 1j)
    if any(derivative.is_complex() for derivative in along_real):
        raise AssertionError("Expected ds_dx to be real-valued, not complex")
    return [dx + dy * 1j for dx, dy in zip(along_real, along_imaginary, strict=True)]
