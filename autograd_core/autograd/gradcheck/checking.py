"""The public calls of gradcheck, and the order of its checks."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ... import autograd
from ...dtypes import complex128, float64
from ...namespaces.complex_numbers import imag, real, view_as_real
from ...tensor import Tensor
from .analytical import backward_twice
from .comparison import compare_elements, compare_products
from .errors import GradcheckError
from .numerical import jacobians_of_input, numerical_jacobians
from .properties import (
    check_batched_gradients,
    check_batched_tangents,
    check_multiplied_by_gradient,
    check_undefined_gradients,
    check_undefined_tangents,
)
from .subject import (
    Function,
    Precision,
    Subject,
    as_tuple,
    differentiable_outputs,
    requires_grad,
)

get_numerical_jacobian_wrt_specific_input = jacobians_of_input
_DEPRECATED = (
    "`{name}` was part of PyTorch's private API and not meant to be exposed. We are deprecating "
    "it and it will be removed in a future version of PyTorch. If you have a specific use for "
    "this or feature request for this to be a stable API, please file us an issue at "
    "https://github.com/pytorch/pytorch/issues/new"
)


def get_numerical_jacobian(
    fn: Function, inputs: Any, target: Any = None, eps: float = 1e-3, grad_out: float = 1.0
) -> tuple[Tensor, ...]:
    """Return the numerical Jacobian of the first output per input (or ``target``); deprecated.

    ``fn`` takes the inputs as one tuple.

    Raises:
        ValueError: an output is complex, or ``grad_out`` is not 1.
    """
    _warn_deprecated("get_numerical_jacobian")
    _refuse_grad_out("get_numerical_jacobian", grad_out)
    jacobians = numerical_jacobians(lambda *given: fn(given), inputs, None, target, eps)
    return tuple(of_input[0] for of_input in jacobians)


def get_analytical_jacobian(
    inputs: Any, output: Tensor, nondet_tol: float = 0.0, grad_out: float = 1.0
) -> tuple[tuple[Tensor, ...], bool, bool, bool]:
    """Return (Jacobian per input, reentrant, sizes fit, dtypes fit) of one output; deprecated.

    Raises:
        ValueError: the output is complex, or ``grad_out`` is not 1.
    """
    _warn_deprecated("get_analytical_jacobian")
    _refuse_grad_out("get_analytical_jacobian", grad_out)
    if output.is_complex():
        raise ValueError(
            "Expected output to be non-complex. get_analytical_jacobian no longer supports "
            "functions that return complex outputs."
        )
    return tuple(backward_twice(inputs, output, nondet_tol))  # type: ignore[return-value]


def _warn_deprecated(name: str) -> None:
    warnings.warn(_DEPRECATED.format(name=name), FutureWarning, stacklevel=3)


def _refuse_grad_out(name: str, grad_out: float) -> None:
    if grad_out != 1.0:
        raise ValueError(
            f"Expected grad_out to be 1.0. {name} no longer supports values of grad_out != 1.0."
        )


def gradcheck(
    func: Function,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Return True when the gradients of ``func`` are those that finite differences give.

    Args:
        func: takes ``inputs``, returns a tensor or a tuple of tensors.
        inputs: a tensor or a tuple; those that require a gradient are perturbed, in place, and
            put back.
        eps: the step of the central differences.
        atol, rtol: what the two may differ by, as in ``allclose``.
        raise_exception: False returns False of a failed check.
        nondet_tol: what two backwards of the same may differ by.
        check_undefined_grad: also check what happens to undefined gradients (tangents).
        check_grad_dtypes: also check that gradients have their inputs' dtypes.
        check_batched_grad, check_batched_forward_grad: also check batches of gradients, tangents.
        check_forward_ad, check_backward_ad: which modes to check.
        fast_mode: compare products with random vectors instead of whole Jacobians.
        masked: zeros need only be close to zero.

    Complex inputs are perturbed along both parts; complex outputs are checked by their parts, the
    imaginary first.

    Raises:
        GradcheckError: something is not as it must be; the text says what (torch's texts).
        ValueError: no input requires a gradient.
        RuntimeError: an input's elements share memory.
        AssertionError: options that exclude each other.
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError(
            "Expected at least one of check_forward_ad or check_backward_ad to be True"
        )
    if check_batched_grad and not check_backward_ad:
        raise AssertionError(
            "Setting check_batched_grad=True requires check_backward_ad to be True"
        )
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError(
            "Setting check_batched_forward_grad=True requires check_forward_ad to be True"
        )
    precision = Precision(eps, rtol, atol, nondet_tol, check_grad_dtypes)
    compare = compare_products if fast_mode else compare_elements

    def check() -> None:
        given = as_tuple(inputs)
        _check_inputs(given)
        func_out = func(*given)
        outputs = differentiable_outputs(func_out)
        subject = Subject(func, func_out, given, outputs, precision)
        if check_backward_ad:
            for part in _parts_of_outputs(subject):
                compare(part)
        if check_forward_ad:
            parts = []
            for part in _parts_of_inputs(subject):
                compare(part)
                parts.append(part)
            if check_undefined_grad:
                for part in parts:
                    check_undefined_tangents(part.func, part.inputs)
        if check_batched_forward_grad:
            check_batched_tangents(func, given)
        if not check_backward_ad:
            return
        if check_batched_grad:
            for k, output in enumerate(outputs):
                check_batched_gradients(given, output, k)
        check_multiplied_by_gradient(outputs, given, masked)
        if check_undefined_grad:
            check_undefined_gradients(func, outputs, given)

    try:
        check()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_inputs(inputs: Sequence[Any]) -> None:
    if not any(requires_grad(value) for value in inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True."
        )
    for k, value in enumerate(inputs):
        if not requires_grad(value):
            continue
        if value.dtype not in (float64, complex128):
            warnings.warn(
                f"Input #{k} requires gradient and is not a double precision floating point or "
                "complex. This check will likely fail if all the inputs are not of double "
                "precision floating point or complex. ",
                stacklevel=4,
            )
        if any(
            stride <= 0 and size > 1
            for stride, size in zip(value.stride(), value.shape, strict=True)
        ):
            raise RuntimeError(
                f"The {k}th input has a dimension with stride 0. gradcheck only supports inputs "
                "that are non-overlapping to be able to compute the numerical gradients "
                "correctly. You should call .contiguous on the input before passing it to "
                "gradcheck."
            )


def _parts_of_outputs(subject: Subject) -> Iterator[Subject]:
    """Give the subject, or its imaginary and real part where an output is complex."""
    func = subject.func
    if not any(output.is_complex() for output in as_tuple(subject.func_out)):
        yield subject
        return
    complex_indices = [k for k, output in enumerate(subject.outputs) if output.is_complex()]

    def part_of(part: Callable[[Tensor], Tensor], *inputs: Any) -> tuple[Tensor, ...]:
        outputs = as_tuple(func(*inputs))
        return tuple(part(output) if output.is_complex() else output for output in outputs)

    for part in (imag, real):
        yield _evaluated(
            subject._replace(
                func=functools.partial(part_of, part),
                complex_indices=complex_indices,
                imaginary=part is imag,
            )
        )


def _parts_of_inputs(subject: Subject) -> Iterator[Subject]:
    """Give the subject for forward mode, or as functions of imaginary and of real inputs.

    The other part of each complex input stays what it is.
    """
    func, inputs = subject.func, subject.inputs
    subject = subject._replace(forward=True)
    is_complex = [isinstance(value, Tensor) and value.is_complex() for value in inputs]
    complex_indices = [k for k, value in enumerate(is_complex) if value]
    if not complex_indices:
        yield subject
        return

    def of_imaginary(*parts: Any) -> tuple[Any, ...]:
        given = list(parts)
        for k in complex_indices:
            given[k] = inputs[k].real + parts[k] * 1j
        return as_tuple(func(*given))

    def of_real(*parts: Any) -> tuple[Any, ...]:
        given = list(parts)
        for k in complex_indices:
            given[k] = parts[k] + inputs[k].imag * 1j
        return as_tuple(func(*given))

    for of_part, part in ((of_imaginary, imag), (of_real, real)):
        parts = [part(v) if c else v for v, c in zip(inputs, is_complex, strict=True)]
        yield _evaluated(
            subject._replace(
                func=of_part, inputs=parts, complex_indices=complex_indices, imaginary=part is imag
            )
        )


def _evaluated(subject: Subject) -> Subject:
    func_out = subject.func(*subject.inputs)
    return subject._replace(func_out=func_out, outputs=differentiable_outputs(func_out))


def gradgradcheck(
    func: Function,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Return True when the gradients of the gradients of ``func`` are right, as ``gradcheck``.

    The function checked maps ``inputs`` and ``grad_outputs`` to the gradients of the inputs.

    Args:
        grad_outputs: one per differentiable output; uniform in [-1, 1) where not given, every
            other element of a larger tensor with ``gen_non_contig_grad_outputs``.
        check_fwd_over_rev, check_rev_over_rev: which modes to differentiate the backward in.

    The others are those of ``gradcheck``, and so are the errors.
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError(
            "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True"
        )
    if check_undefined_grad and not check_rev_over_rev:
        raise AssertionError(
            "Setting check_undefined_grad=True requires check_rev_over_rev to be True"
        )
    if check_batched_grad and not check_rev_over_rev:
        raise AssertionError(
            "Setting check_batched_grad=True requires check_rev_over_rev to be True"
        )
    given = as_tuple(inputs)
    if grad_outputs is None:
        gradients: tuple[Any, ...] = tuple(
            _random_gradient(output, gen_non_contig_grad_outputs)
            for output in differentiable_outputs(func(*given))
        )
    else:
        gradients = as_tuple(grad_outputs)
    # Forward mode detaches its inputs; what required a gradient is remembered here.
    wanted = [requires_grad(value) for value in given]
    of_gradients = [gradient.requires_grad for gradient in gradients]

    def gradients_of(*values: Any) -> tuple[Tensor, ...]:
        arguments = _requiring(values[: -len(gradients)], wanted)
        outputs = differentiable_outputs(func(*arguments))
        grads = autograd.grad(
            outputs,
            tuple(value for value, want in zip(arguments, wanted, strict=True) if want),
            _requiring(values[-len(gradients) :], of_gradients),
            create_graph=True,
            allow_unused=True,
        )
        return tuple(grad for grad in grads if grad is not None)

    return gradcheck(
        gradients_of,
        given + gradients,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        masked=masked,
    )


def _requiring(values: Sequence[Any], wanted: Sequence[bool]) -> tuple[Any, ...]:
    return tuple(
        value.requires_grad_() if want else value
        for value, want in zip(values, wanted, strict=True)
    )


def _random_gradient(output: Tensor, scattered: bool) -> Tensor:
    shape = tuple(output.shape)
    scattered = scattered and output.numel() > 1
    if scattered:
        shape = (*shape[:-1], 2 * shape[-1])
    made: Tensor = output.new_empty(shape)
    (view_as_real(made) if made.is_complex() else made).uniform_(-1, 1)
    if scattered:
        made = made[..., 1::2]
    made.requires_grad_()
    return made
