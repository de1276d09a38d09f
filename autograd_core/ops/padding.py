"""Padding: with one value, with the reflection of the input, with its edge."""

from __future__ import annotations

from typing import Any

from ..derivatives import LINEAR, no_kernel, op


def _padding(node: str, name: str) -> Any:
    """Return the ops that pad the last dims, of one, two and three, and those of their gradients.

    A node is torch's name of it up to the number of dims.
    """
    made = []
    for axes in (1, 2, 3):
        kernel, backward = f"{name}{axes}d", f"{name}{axes}d_backward"
        forward = _forward(f"{node}{axes}DBackward0", kernel, backward)
        made += [forward, _backward(f"{node}{axes}DBackwardBackward0", kernel, backward)]
    return made


def _forward(node: str, kernel: str, backward: str) -> Any:
    return op(
        node,
        f"{kernel}(self, padding)",
        refuses={"b": no_kernel(kernel)},
        self=lambda xp, grad, self, padding: getattr(xp, backward)(grad, self, padding),
        tangent=LINEAR,
    )


def _backward(node: str, kernel: str, backward: str) -> Any:
    return op(
        node,
        f"{backward}(grad_output, self, padding)",
        elementwise=False,
        grad_output=lambda xp, grad, padding: getattr(xp, kernel)(grad, padding),
        self=lambda xp, self: xp.zeros_like(self),
        tangent=lambda xp, self, grad_output_t, padding: getattr(xp, backward)(
            grad_output_t, self, padding
        ),
    )


(
    reflection_pad1d,
    reflection_pad1d_backward,
    reflection_pad2d,
    reflection_pad2d_backward,
    reflection_pad3d,
    reflection_pad3d_backward,
) = _padding("ReflectionPad", "reflection_pad")
(
    replication_pad1d,
    replication_pad1d_backward,
    replication_pad2d,
    replication_pad2d_backward,
    replication_pad3d,
    replication_pad3d_backward,
) = _padding("ReplicationPad", "replication_pad")

constant_pad_nd = op(
    "ConstantPadNdBackward0",
    "constant_pad_nd(self, pad, value)",
    self=lambda xp, grad, pad: xp.constant_pad_nd(grad, tuple(-n for n in pad), 0),
    tangent=lambda xp, self_t, pad: xp.constant_pad_nd(self_t, pad, 0),
)
