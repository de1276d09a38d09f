"""Jacobians and their products with vectors as backward and as forward mode give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

from ... import autograd
from ...namespaces.complex_numbers import view_as_real
from ...namespaces.creation_like import zeros_like
from ...tensor import Tensor
from .. import forward_ad
from .errors import GradcheckError, not_reentrant
from .subject import (
    Function,
    as_tuple,
    differentiable_inputs,
    is_inexact,
    requires_grad,
    zero_jacobians,
)

Vjp = Callable[[Tensor], tuple[Tensor | None, ...]]


class Backward(NamedTuple):
    """What backward gave for one output: a Jacobian per input with a column per product taken."""

    jacobians: tuple[Tensor, ...]
    reentrant: bool
    sizes_ok: bool
    dtypes_ok: bool


def backward_twice(
    inputs: Any, output: Tensor, nondet_tol: float, v: Tensor | None = None
) -> Backward:
    """Run backward of one output twice, for each element or for ``v`` only."""
    targets = differentiable_inputs(inputs)

    def vjp(grad_output: Tensor) -> tuple[Tensor | None, ...]:
        gradients: tuple[Tensor | None, ...] = autograd.grad(
            output, targets, grad_output, retain_graph=True, allow_unused=True
        )
        return gradients

    first, second = (
        _rows(vjp, output.clone()) if v is None else [vjp(v.reshape(output.shape))]
        for _ in range(2)
    )
    columns = output.numel() if v is None else 1
    jacobians, sizes_ok, dtypes_ok = _stacked(first, targets, columns)
    again = _stacked(second, targets, columns)[0]
    reentrant = not any(
        a.numel() and (a - b).abs().max() > nondet_tol
        for a, b in zip(jacobians, again, strict=True)
    )
    return Backward(jacobians, reentrant, sizes_ok, dtypes_ok)


def checked_backward(
    inputs: Any, output: Tensor, nondet_tol: float, check_grad_dtypes: bool, v: Tensor | None = None
) -> tuple[Tensor, ...]:
    """Return the Jacobians of one output, or their products with ``v`` as single columns.

    Raises:
        GradcheckError: a gradient has another dtype or shape than its input, or is another one the
            second time.
    """
    made = backward_twice(inputs, output, nondet_tol, v)
    if not made.dtypes_ok and check_grad_dtypes:
        raise GradcheckError("Gradient has dtype mismatch")
    if not made.sizes_ok:
        raise GradcheckError("Analytical gradient has incorrect size")
    if not made.reentrant:
        raise not_reentrant(nondet_tol)
    return made.jacobians


def _rows(vjp: Vjp, sample: Tensor) -> list[tuple[Tensor | None, ...]]:
    """Return the gradients for each element of the output, as a gradient of one there."""
    basis = sample.new_zeros(sample.shape)
    flat = basis.view(-1)
    rows = []
    for k in range(flat.numel()):
        flat.zero_()
        flat[k] = 1.0
        gradients = vjp(basis)
        rows.append(tuple(g if g is None else g.clone() for g in gradients))
    return rows


def _stacked(
    rows: Sequence[tuple[Tensor | None, ...]], targets: Sequence[Tensor], columns: int
) -> tuple[tuple[Tensor, ...], bool, bool]:
    """Return (a matrix per input whose columns are its gradients, sizes fit, dtypes fit)."""
    jacobians = tuple(target.new_zeros((target.numel(), columns)) for target in targets)
    sizes_ok = dtypes_ok = True
    for column, gradients in enumerate(rows):
        for target, jacobian, gradient in zip(targets, jacobians, gradients, strict=True):
            if gradient is None:
                continue
            if gradient.shape != target.shape:
                sizes_ok = False
            elif gradient.dtype != target.dtype:
                dtypes_ok = False
            if jacobian.shape[0] != gradient.numel():
                raise AssertionError(
                    f"Expected out_jacobian column to have {gradient.numel()} elements, "
                    f"but got {jacobian.shape[0]}"
                )
            jacobian[:, column] = gradient.reshape(-1)
    return jacobians, sizes_ok, dtypes_ok


def backward_products(
    inputs: Any,
    outputs: Sequence[Tensor],
    nondet_tol: float,
    check_grad_dtypes: bool,
    all_v: Sequence[Tensor],
    all_u: Sequence[Any],
) -> list[list[Tensor]]:
    """Return v·J·u by output and input; ``u`` of a complex input is a pair (see ``numerical``)."""
    products = []
    for output, v in zip(outputs, all_v, strict=True):
        columns = checked_backward(inputs, output, nondet_tol, check_grad_dtypes, v)
        products.append([_along(column[:, 0], u) for column, u in zip(columns, all_u, strict=True)])
    return products


def _along(gradient: Tensor, u: Any) -> Any:
    if not gradient.is_complex():
        return (gradient * u).sum()
    parts = view_as_real(gradient.resolve_conj())
    return (parts.select(-1, 0) * u[0]).sum() + 1j * (parts.select(-1, 1) * u[1]).sum()


def forward_jacobians(
    fn: Function,
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    check_grad_dtypes: bool = False,
    all_u: Sequence[Tensor] | None = None,
) -> tuple[tuple[Tensor, ...], ...]:
    """Return the Jacobians by input and inexact output, one run of ``fn`` per element.

    With ``all_u`` their products with a direction of each input: flat, one run per input.

    Raises:
        ValueError: an input is complex.
        GradcheckError: a tangent is complex and its primal is not, or the reverse.
    """
    tensors = [value for value in inputs if requires_grad(value)]
    if any(tensor.is_complex() for tensor in tensors):
        raise ValueError(
            "Expected inputs to be non-complex for _get_analytical_jacobian_forward_ad."
        )
    jacobians = tuple(zero_jacobians(outputs, 1 if all_u else t.numel()) for t in tensors)
    with forward_ad.dual_level():
        duals, tangents = dual_inputs(inputs)
        for k, tangent in enumerate(tangents):
            if all_u:
                tangent.copy_(all_u[k].view_as(tangent))
                rows = [jacobian.squeeze_(0) for jacobian in jacobians[k]]
                _write_tangents(fn, duals, rows, check_grad_dtypes)
                tangent.zero_()
                continue
            for row, index in enumerate(product(*map(range, tangent.shape))):
                tangent[index] = 1.0
                rows = [jacobian[row] for jacobian in jacobians[k]]
                _write_tangents(fn, duals, rows, check_grad_dtypes)
                tangent[index] = 0.0
    return jacobians


def dual_inputs(inputs: Sequence[Any]) -> tuple[list[Any], list[Tensor]]:
    """Return the inputs, those that require a gradient as duals, and the duals' tangents: zeros.

    The tangents are written in place from direction to direction.
    """
    duals = list(inputs)
    tangents: list[Any] = []
    for k, value in enumerate(inputs):
        if requires_grad(value):
            duals[k] = forward_ad.make_dual(value.detach(), zeros_like(value))
            tangents.append(forward_ad.unpack_dual(duals[k]).tangent)
    return duals, tangents


def _write_tangents(
    fn: Function, duals: list[Any], rows: Sequence[Tensor], check_grad_dtypes: bool
) -> None:
    """Write the tangent of each inexact output into its row; of one that has none, zeros."""
    returned = [output for output in as_tuple(fn(*duals)) if is_inexact(output)]
    for k, output in enumerate(returned):
        primal, tangent = forward_ad.unpack_dual(output)
        if tangent is None:
            rows[k].zero_()
            continue
        if check_grad_dtypes and primal.is_complex() != tangent.is_complex():
            raise GradcheckError("Forward AD gradient has dtype mismatch.")
        rows[k].copy_(tangent.reshape(-1))
