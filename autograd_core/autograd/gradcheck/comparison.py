"""Analytical against numerical: element by element (slow), or along random vectors (fast)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...namespaces.pointwise import allclose
from ...namespaces.random import Generator, rand
from ...tensor import Tensor
from ...type_promotion import promote_types
from .analytical import backward_products, checked_backward, forward_jacobians
from .errors import FAST_MODE, SLOW_MODE_PASSES, GradcheckError, mismatch_text
from .numerical import directional_derivatives, numerical_jacobians, numerical_products
from .subject import Subject, as_tuple, requires_grad


def compare_elements(subject: Subject) -> None:
    """Compare the whole Jacobians.

    Raises:
        GradcheckError: an element differs, or a property of backward fails on the way.
    """
    func, inputs, precision = subject.func, subject.inputs, subject.precision
    func_out = as_tuple(subject.func_out)
    by_input = numerical_jacobians(
        func, inputs, func_out, eps=precision.eps, forward=subject.forward
    )
    if not subject.outputs:
        for jacobians in by_input:
            for jacobian in jacobians:
                if jacobian.ne(0).sum() > 0:
                    raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    # Outputs that are not inexact have no Jacobian; those that require no gradient are dropped.
    by_output = [
        jacobians
        for output, jacobians in zip(func_out, zip(*by_input, strict=True), strict=False)
        if output.requires_grad
    ]
    if subject.forward:
        columns = forward_jacobians(func, inputs, func_out, precision.check_grad_dtypes)
        for i, numerical in enumerate(by_output):
            _compare(subject, i, [of_input[i] for of_input in columns], numerical)
        return
    for i, output in enumerate(subject.outputs):
        jacobians = checked_backward(
            inputs, output, precision.nondet_tol, precision.check_grad_dtypes
        )
        _compare(subject, i, jacobians, by_output[i])


def _compare(
    subject: Subject, output: int, analytical: Sequence[Tensor], numerical: Sequence[Tensor]
) -> None:
    rtol, atol = subject.precision.rtol, subject.precision.atol
    for j, (a, n) in enumerate(zip(analytical, numerical, strict=True)):
        if not _close(a, n, rtol, atol):
            raise GradcheckError(_text(subject, a, n, output, j))


def compare_products(subject: Subject) -> None:
    """Compare v·J·u (under forward mode J·u) for random vectors of length one.

    Raises:
        GradcheckError: a product differs, or a property of backward fails on the way.
    """
    func, inputs, precision = subject.func, subject.inputs, subject.precision
    positions = [k for k, value in enumerate(inputs) if requires_grad(value)]
    all_u, all_v = random_vectors(
        [inputs[k] for k in positions], None if subject.forward else subject.outputs
    )
    numerical = numerical_products(
        func, positions, inputs, subject.func_out, all_u, all_v, precision.eps, subject.forward
    )
    if all_v is None:
        # By input and output already, as the numerical ones are.
        analytical: Any = forward_jacobians(
            func, inputs, as_tuple(subject.func_out), precision.check_grad_dtypes, all_u
        )
    else:
        if not subject.outputs:
            _check_no_derivative(subject, positions, all_u)
        by_output = backward_products(
            inputs,
            subject.outputs,
            precision.nondet_tol,
            precision.check_grad_dtypes,
            all_v,
            all_u,
        )
        analytical = list(zip(*by_output, strict=True))
    for i, of_input in enumerate(numerical):
        for j, n in enumerate(of_input):
            a = analytical[i][j]
            atol = _scaled(precision.atol, all_u[i], None if all_v is None else all_v[j])
            if not _close(a, n, precision.rtol, atol):
                raise GradcheckError(_text(subject, a, n, j, i) + _slow_mode_text(subject, i, j))


def random_vectors(
    inputs: Sequence[Tensor], outputs: Sequence[Tensor] | None
) -> tuple[list[Any], list[Tensor] | None]:
    """Return a direction per input, a pair for a complex one, and a vector per output.

    They come from a generator of their own: the user's random numbers stay what they are.
    """
    generator = Generator()

    def unit(tensor: Tensor, dtype: Any) -> Tensor:
        vector: Tensor = rand(tensor.numel(), generator=generator).to(dtype)
        vector /= vector.norm()
        return vector

    all_u: list[Any] = []
    for tensor in inputs:
        real = tensor.dtype.to_real()
        vectors = tuple(unit(tensor, real) for _ in range(2 if tensor.is_complex() else 1))
        all_u.append(vectors if tensor.is_complex() else vectors[0])
    if outputs is None:
        return all_u, None
    return all_u, [unit(output, output.dtype) for output in outputs]


def _check_no_derivative(subject: Subject, positions: Sequence[int], all_u: Sequence[Any]) -> None:
    precision = subject.precision
    for position, u in zip(positions, all_u, strict=True):
        for derivative in directional_derivatives(
            subject.func, position, subject.inputs, u, precision.eps
        ):
            if derivative.numel() and derivative.abs().max() > precision.nondet_tol:
                raise GradcheckError("Numerical gradient for function expected to be zero")


def _close(a: Tensor, b: Tensor, rtol: float, atol: float) -> bool:
    dtype = promote_types(a.dtype, b.dtype)
    return allclose(a.to(dtype), b.to(dtype), rtol, atol)


def _scaled(atol: float, u: Any, v: Tensor | None) -> float:
    """Return the tolerance of v·E·u where each element of E may be ``atol``.

    u and v have no negative elements, so that is atol times the sums of both.
    """
    sum_u = sum(float(part.sum()) for part in (u if isinstance(u, tuple) else (u,)))
    return atol * sum_u * (1.0 if v is None else float(v.sum()))


def _text(subject: Subject, analytical: Any, numerical: Any, output: int, input: int) -> str:
    return mismatch_text(
        analytical,
        numerical,
        output,
        input,
        complex_indices=subject.complex_indices,
        imaginary=subject.imaginary,
        forward=subject.forward,
    )


def _slow_mode_text(subject: Subject, input: int, output: int) -> str:
    """Return what the comparison by elements has to say of one input and output."""
    func, inputs, outputs, precision = (
        subject.func,
        subject.inputs,
        subject.outputs,
        subject.precision,
    )
    numerical = numerical_jacobians(
        func, inputs, outputs, eps=precision.eps, forward=subject.forward
    )[input][output]
    if subject.forward:

        def of_one(value: Tensor) -> Any:
            arguments = list(inputs)
            arguments[input] = value
            return as_tuple(func(*arguments))[output]

        analytical = forward_jacobians(of_one, (inputs[input],), (outputs[output],))[0][0]
    else:
        analytical = checked_backward(inputs, outputs[output], float("inf"), False)[input]
    text = FAST_MODE.format(
        numerical=numerical,
        analytical=analytical,
        difference=(numerical - analytical).abs().max(),
    )
    if allclose(analytical, numerical, precision.rtol, precision.atol):
        text += SLOW_MODE_PASSES
    return text
