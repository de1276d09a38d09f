"""torch's functions of complex numbers: parts and views, conjugates, building."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops
from ..batching import member_by_member
from ..dtypes import LEGACY_NAMES, float16, not_implemented_for
from ..tensor import Tensor
from .registration import accepts_out, function, method, publish, require_tensor
from .subscripts import value_tensor


@function
def real(input: Tensor) -> Tensor:
    """The real parts as a view; a real tensor itself."""
    return ops.real(input)


@function
def imag(input: Tensor) -> Tensor:
    """The imaginary parts as a view."""
    if not input._dtype.is_complex:
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return ops.imag(input)


def _set_real(self: Tensor, value: Any) -> None:
    part = ops.real(self)
    part.copy_(value_tensor(part, value))


def _set_imag(self: Tensor, value: Any) -> None:
    part = imag(self)
    part.copy_(value_tensor(part, value))


publish(property(real, _set_real), "real", "Tensor")
publish(property(imag, _set_imag), "imag", "Tensor")


@function
def is_complex(input: Tensor) -> bool:
    """Whether the dtype is complex."""
    return input._dtype.is_complex


@function
def is_floating_point(input: Tensor) -> bool:
    """Whether the dtype is a real floating one."""
    return input._dtype.is_floating_point


@function
@method
def conj(input: Tensor) -> Tensor:
    """The conjugate as a view on the same memory; a real tensor itself."""
    return ops.conj(input)


for _name in ("is_conj", "is_neg", "resolve_conj", "resolve_neg"):
    _published = function(getattr(ops, _name))
    method(_published)


@function
def _neg_view(input: Tensor) -> Tensor:
    """The negative as a view."""
    return ops.neg_view(input)


@function
@accepts_out(elementwise=True)
def conj_physical(input: Tensor) -> Tensor:
    """The conjugate in new memory; a real tensor itself."""
    return ops.conj_physical(input) if input._dtype.is_complex else input


@function
@method
@member_by_member("conj_physical_", inplace=True)
def conj_physical_(input: Tensor) -> Tensor:
    """Conjugate in place."""
    return ops.conj_written.inplace(input)


method(conj_physical)


@function
def view_as_real(input: Tensor) -> Tensor:
    """View of a complex tensor as pairs of real numbers in a new last dim."""
    if not input._dtype.is_complex:
        raise RuntimeError("view_as_real is only supported for complex tensors")
    if ops.is_conj(input):
        raise RuntimeError(
            "view_as_real doesn't work on unresolved conjugated tensors.  To resolve the conjugate "
            "tensor so you can view it as real, use self.resolve_conj(); however, be warned that "
            "the resulting tensor will NOT alias the original."
        )
    return ops.view_as_real(input)


@function
def view_as_complex(input: Tensor) -> Tensor:
    """View of pairs in the last dim as complex numbers.

    Raises:
        RuntimeError: dtype or layout do not allow it (torch's texts).
    """
    if input._dtype not in (dtypes.float32, dtypes.float64):
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a "
            f"tensor of scalar type: {LEGACY_NAMES[input._dtype]}"
        )
    shape, strides = input._array.shape, input.stride()
    if not shape:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    if strides[-1] != 1:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(step % 2 for step in strides[:-1]):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    if input.storage_offset() % 2:
        raise RuntimeError("Tensor must have a storage_offset divisible by 2")
    return ops.view_as_complex(input)


def _check_parts(name: str, arguments: str, first: Tensor, second: Tensor) -> None:
    for position, (argument, part) in enumerate(
        zip(arguments.split(), (first, second), strict=True)
    ):
        require_tensor(name, part, argument, position + 1)
    names = [LEGACY_NAMES[part._dtype] for part in (first, second)]
    if any(name not in ("Half", "Float", "Double") for name in names):
        raise RuntimeError(
            "Expected both inputs to be Half, Float or Double tensors but got "
            f"{names[0]} and {names[1]}"
        )
    if names[0] != names[1]:
        raise RuntimeError(
            f"Expected object of scalar type {names[0]} but got scalar type {names[1]} for second "
            "argument"
        )
    first._dtype.to_complex()  # torch's complex32 does not exist here


@function
def complex(real: Tensor, imag: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The complex tensor of two real ones."""
    _check_parts("complex", "real imag", real, imag)
    if out is not None and out._dtype is not real._dtype.to_complex():
        raise RuntimeError(
            f"Expected object of scalar type {LEGACY_NAMES[real._dtype.to_complex()]} but got "
            f"scalar type {LEGACY_NAMES[out._dtype]} for argument 'out'"
        )
    return _complex(real, imag, out=out)  # type: ignore[call-arg]


@accepts_out(elementwise=True)
def _complex(real: Tensor, imag: Tensor) -> Tensor:
    return ops.complex(real, imag)


@function
@accepts_out(elementwise=True)
def polar(abs: Tensor, angle: Tensor) -> Tensor:
    """The complex tensor with these lengths and phases."""
    _check_parts("polar", "abs angle", abs, angle)
    if abs._dtype is float16:
        raise not_implemented_for("polar_cpu", float16)
    return ops.polar(abs, angle)
