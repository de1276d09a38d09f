"""What is checked: a function with its inputs and outputs, and how exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ...tensor import Tensor

Function = Callable[..., Any]


class Precision(NamedTuple):
    """The step of the finite differences, and what may differ."""

    eps: float
    rtol: float
    atol: float
    nondet_tol: float
    check_grad_dtypes: bool


class Subject(NamedTuple):
    """One function under check. With ``forward`` its tangents are checked, else its gradients.

    ``func_out`` is all it returned, ``outputs`` what of that requires a gradient. Where complex
    outputs (inputs under forward mode) are checked by their parts, ``complex_indices`` says which
    they are and ``imaginary`` which part ``func`` stands for.
    """

    func: Function
    func_out: Any
    inputs: Sequence[Any]
    outputs: tuple[Any, ...]
    precision: Precision
    forward: bool = False
    complex_indices: Sequence[int] | None = None
    imaginary: bool = False


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Return what a function took or returned as a tuple."""
    if isinstance(value, tuple):
        return value
    return tuple(value) if isinstance(value, list) else (value,)


def differentiable_outputs(value: Any) -> tuple[Any, ...]:
    """Return the outputs that require a gradient."""
    return tuple(output for output in as_tuple(value) if output.requires_grad)


def is_inexact(value: Any) -> bool:
    """Whether this is a tensor of floating point or complex numbers."""
    return isinstance(value, Tensor) and value._dtype.is_inexact


def requires_grad(value: Any) -> bool:
    """Whether this is a tensor that a gradient is asked for."""
    return isinstance(value, Tensor) and value.requires_grad


def differentiable_inputs(inputs: Any) -> list[Tensor]:
    """Return the tensors that require a gradient, those inside of lists and tuples, too."""
    return list(_tensors(inputs))


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        if value.requires_grad:
            yield value
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for member in value:
            yield from _tensors(member)


def zero_jacobians(outputs: Iterable[Any], rows: int, dtype: Any = None) -> tuple[Tensor, ...]:
    """Return one matrix of zeros per inexact output: ``rows`` by its number of elements."""
    return tuple(
        output.new_zeros((rows, output.numel()), dtype=dtype)
        for output in outputs
        if is_inexact(output)
    )
