"""Saved values: outputs saved by their own node, the version check, and the return as Tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dtypes import LEGACY_NAMES, DType
from ..tensor import Tensor, wrap
from . import anomaly

if TYPE_CHECKING:
    from .node import Node

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


class SavedOutput:
    """An output saved by its own node: the array without the graph, so that there is no cycle.

    The attributes are named as a Tensor's, whose place it takes in a node's saved values.
    """

    __slots__ = ("_array", "_dtype", "_version_counter", "differentiable", "output_nr")

    def __init__(self, tensor: Tensor, output_nr: int, differentiable: bool) -> None:
        self._array = tensor._array
        self._dtype: DType = tensor._dtype
        self._version_counter = tensor._version_counter
        self.output_nr = output_nr
        self.differentiable = differentiable


_HINTS = {
    False: (
        "enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    ),
    True: (
        "the backtrace further above shows the operation that failed to compute its gradient. The "
        "variable in question was changed in there or anywhere later. Good luck!"
    ),
}
"""By whether anomaly mode is on."""


def modified_error(node: Node, saved: Tensor | SavedOutput, version: int) -> RuntimeError:
    """Return torch's error for a saved tensor that was written in place."""
    what = f"[torch.{LEGACY_NAMES[saved._dtype]}Tensor {list(saved._array.shape)}]"
    if isinstance(saved, SavedOutput):
        what += f", which is output {saved.output_nr} of {short_name(node)},"
    elif saved.grad_fn is not None:
        what += f", which is output {saved.output_nr} of {short_name(saved.grad_fn)},"
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: {what} is at version {saved._version_counter[0]}; expected version {version} "
        f"instead. Hint: {_HINTS[anomaly.mode.enabled]}"
    )


def short_name(node: Node) -> str:
    """Return a node's name as torch's messages have it: without number and "Backward"."""
    name = node.name()
    return name.rstrip("0123456789").removesuffix("Backward") or name


def unpack(node: Node, saved: Tensor | SavedOutput, version: int) -> Tensor:
    """Return a saved value as a Tensor with its place in the graph.

    Raises:
        RuntimeError: it was written in place since (torch's text).
    """
    if saved._version_counter[0] != version:
        raise modified_error(node, saved, version)
    if isinstance(saved, Tensor):
        return saved
    tensor = wrap(saved._array, saved._dtype, node.backend)
    tensor._version_counter = saved._version_counter
    if saved.differentiable:
        tensor._grad_fn = node
        tensor._output_nr = saved.output_nr
        tensor._requires_grad = True
    return tensor
