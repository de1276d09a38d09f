"""torch.autograd.graph: places in the graph as values."""

from __future__ import annotations

from typing import NamedTuple

from ..engine.node import Node, gradient_edge
from ..tensor import Tensor
from .multi_grad_hook import register_multi_grad_hook

__all__ = ["GradientEdge", "Node", "get_gradient_edge", "register_multi_grad_hook"]


class GradientEdge(NamedTuple):
    """Where the gradient of a tensor flows to: an output of a node.

    Accepted in place of a tensor as a root and as an input of ``autograd.grad`` and ``backward``.
    """

    node: Node
    output_nr: int
    ownership_token: Node | None = None
    """torch keeps a graph alive with it; here the node does that itself."""


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Return the edge at which the gradient of ``tensor`` is computed.

    Raises:
        RuntimeError: the tensor does not require a gradient (torch's text).
    """
    edge = gradient_edge(tensor)
    if edge is None:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require "
            "gradients"
        )
    return GradientEdge(*edge)
