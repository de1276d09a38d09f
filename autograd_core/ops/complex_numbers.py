"""Complex numbers: conjugates, parts as views, building, phase: kernel, gradients, tangent."""

from __future__ import annotations

from ..derivatives import AS_GIVEN, INT_TO_FLOAT, LINEAR, op
from ..sizes import pointwise_strides, strides_of_first
from .pointwise_formulas import (
    angle_backward,
    polar_abs_backward,
    polar_angle_backward,
    polar_tangent,
)

conj_complex = op(
    "ConjBackward0",
    "conj_complex(self)",
    kernel=lambda xp, self: xp.alias(self),
    view=True,
    self=lambda xp, grad: xp.conj(grad),
    tangent=LINEAR,
)
neg_view = op(
    "NegViewBackward0",
    "neg_view(self)",
    kernel=lambda xp, self: xp.alias(self),
    view=True,
    self=lambda xp, grad: xp.neg(grad),
    tangent=LINEAR,
)
conj_physical = op(
    "ConjPhysicalBackward0",
    "conj_physical(self)",
    layout=strides_of_first,
    self=lambda xp, grad: xp.conj_physical(grad),
    tangent=lambda xp, self_t: xp.conj_physical(self_t),
)
conj_written = op(
    "ConjPhysicalBackward1",
    "conj_written(self)",
    kernel=lambda xp, self: xp.conj(self),
    self=lambda xp, grad: xp.conj(grad),
    tangent=lambda xp, self_t: xp.conj(self_t),
)
view_as_real = op(
    "ViewAsRealBackward0",
    "view_as_real(self)",
    promote=AS_GIVEN,
    view=True,
    self=lambda xp, grad: xp.view_as_complex(xp.resolve_neg(xp.contiguous(grad))),
    tangent=LINEAR,
)
view_as_complex = op(
    "ViewAsComplexBackward0",
    "view_as_complex(self)",
    promote=AS_GIVEN,
    view=True,
    self=lambda xp, grad: xp.view_as_real(xp.resolve_conj(xp.contiguous(grad))),
    tangent=LINEAR,
)
conj_complex.entry.conjugates = True
neg_view.entry.negates = True
# Its gradient is a lazy conjugate, which only a Tensor can be; a run that comes to it is counted.
conj_complex.entry.counted = conj_complex.entry.node_class.wants_tensors = True
for _op in (conj_complex, neg_view, view_as_real, view_as_complex):
    _op.entry.reinterprets = True

complex = op(
    "ComplexBackward0",
    "complex(real, imag)",
    real=lambda xp, grad, real: xp.real(grad),  # torch keeps what has a gradient and needs it not
    imag=lambda xp, grad, imag: xp.imag(grad),
    tangent=lambda xp, real_t, imag_t: xp.complex(real_t, imag_t),
)
polar = op(
    "PolarBackward0",
    "polar(abs, angle)",
    kernel=lambda xp, abs, angle: xp.complex(
        xp.mul(abs, xp.cos(angle)), xp.mul(abs, xp.sin(angle))
    ),
    abs=polar_abs_backward,
    angle=polar_angle_backward,
    tangent=polar_tangent,
)
angle = op(
    "AngleBackward0",
    "angle(self)",
    layout=pointwise_strides,
    promote=INT_TO_FLOAT,
    self=angle_backward,
    tangent=lambda xp, self, self_t: xp.conj(angle_backward(xp, xp.conj(self_t), self)),
)
