"""torch.autograd.graph: nodes, places in the graph as values, saved tensors and their versions."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NoReturn

from ..engine import node as engine_node
from ..engine.hooks import RemovableHandle
from ..engine.modes import is_inference
from ..engine.node import gradient_edge
from ..tensor import Tensor
from ..versions import bump_version
from .multi_grad_hook import register_multi_grad_hook
from .saved_tensor_hooks import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "region_activation_memory_budget",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
    "set_override_stale_capture_stream",
    "set_warn_on_accumulate_grad_stream_mismatch",
]


class Node(abc.ABC):
    """What every ``grad_fn`` is an instance of."""

    @abc.abstractmethod
    def name(self) -> str:
        """Return the name: the class's, or torch's C++ one where the node is not of the table."""

    @property
    @abc.abstractmethod
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes that produced the inputs, each with the output number there."""

    @abc.abstractmethod
    def metadata(self) -> dict[Any, Any]:
        """Return a dict for the user; an attribute of actual nodes."""

    @abc.abstractmethod
    def _sequence_nr(self) -> int:
        """Return the number that later nodes exceed."""

    @property
    @abc.abstractmethod
    def _input_metadata(self) -> list[Any]:
        """Shape and dtype of each gradient that the node gets."""

    @abc.abstractmethod
    def _register_hook_dict(self, tensor: Tensor) -> None:
        """Share the hooks of a tensor."""

    @abc.abstractmethod
    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_inputs, grad_outputs)`` after the node; a result replaces grad_inputs."""

    @abc.abstractmethod
    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_outputs)`` before the node runs; a result replaces grad_outputs."""


Node.register(engine_node.Node)


class GradientEdge(NamedTuple):
    """Where the gradient of a tensor flows to: an output of a node.

    Accepted in place of a tensor as a root and as an input of ``autograd.grad`` and ``backward``.
    """

    node: Any
    output_nr: int
    ownership_token: Any = None
    """torch keeps a graph alive with it; here the node does that itself."""


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Return the edge at which the gradient of ``tensor`` is computed.

    Raises:
        RuntimeError: the tensor does not require a gradient (torch's text).
    """
    edge = gradient_edge(tensor) if tensor.requires_grad else None
    if edge is None:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require "
            "gradients"
        )
    return GradientEdge(*edge)


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Count one write of each tensor, so that a backward that saved it notices.

    Inference tensors are left alone.

    Raises:
        RuntimeError: it is neither a tensor nor several (torch's texts).
    """
    if not isinstance(tensor, (Tensor, Iterable)):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    written: Iterable[Tensor] = (tensor,) if isinstance(tensor, Tensor) else tensor
    for one in written:
        if not isinstance(one, Tensor):
            raise RuntimeError(
                "increment_version expects each element of the iterable to be a tensor"
            )
        if not is_inference(one):
            bump_version(one)


def region_activation_memory_budget(budget: float) -> NoReturn:
    """Refuse: a budget means something to a compiler, and nothing is compiled here (torch's texts).

    Raises:
        RuntimeError: always, when ``budget`` is a number from 0 to 1.
    """
    name = "torch.autograd.graph.region_activation_memory_budget"
    if isinstance(budget, bool) or not isinstance(budget, (int, float)):
        raise TypeError(f"{name}: expects a float, got {type(budget).__name__}")
    if not 0.0 <= budget <= 1.0:
        raise ValueError(f"{name}: must be in [0, 1], got {budget}")
    raise RuntimeError(
        f"{name} can only be used inside a torch.compile region; it has no effect in eager mode."
    )


def set_warn_on_accumulate_grad_stream_mismatch(enabled: bool) -> None:
    """Do nothing: no backend has streams."""
    _check_bool(enabled)


def set_override_stale_capture_stream(enabled: bool) -> None:
    """Do nothing: no backend has streams."""
    _check_bool(enabled)


def _check_bool(enabled: Any) -> None:
    if not isinstance(enabled, bool):
        raise RuntimeError(f"enabled must be a bool, but got {type(enabled).__name__}")
