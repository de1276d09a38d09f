"""What the nodes of a graph have saved, under torch's names: ``_saved_self``, ``_raw_saved_self``.

Of tensors the numbers are put aside, to be compared within their error budgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograd_conformance.arrays import Array
from autograd_conformance.facts import Facts, facts_of
from autograd_conformance.subjects import Subject
from autograd_conformance.transfer import read

_PREFIXES = ("_saved_", "_raw_saved_")
#: The outputs, by node, that are determined up to a choice (see decompositions.toml). Saved by any
#: node they, and all that their own node saves, are compared in their facts alone.
_FREE = {
    "LinalgEigBackward0": (0, 1),
    "LinalgEighBackward0": (1,),
    "LinalgSvdBackward0": (0, 2),
}
#: Plain values by attribute, node by node.
Attributes = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class SavedTensor:
    """A saved tensor: its place among the numbers, and what it says of itself."""

    number: int
    facts: Facts


@dataclass
class Saved:
    """Names and values of what each node has saved; of tensors the numbers stand beside."""

    nodes: Attributes = field(default_factory=list)
    tensors: list[Array] = field(default_factory=list)


#: What reading an attribute of each node gives after the graph was freed.
Freed = Attributes


def read_saved(nodes: list[Any], subject: Subject, inputs: list[Any]) -> Saved:
    """What the nodes have saved; shared memory is looked for among the inputs."""
    saved = Saved()

    def plain(node: Any, name: str, value: Any) -> Any:
        if subject.is_tensor(value):
            if not (node.name() in _FREE or _is_free(value)):
                array = read(value, subject)
                written = _WRITTEN.get((node.name(), name))
                saved.tensors.append(array if written is None else written(node, array))
            return SavedTensor(len(saved.tensors) - 1, facts_of(value, inputs))
        return _plain(value, lambda member: plain(node, name, member))

    saved.nodes = _attributes(nodes, plain)
    return saved


#: Nodes whose outputs hold the numbers of their operand, laid out otherwise.
_LAID_OUT = (
    "ExpandBackward0",
    "ReshapeAliasBackward0",
    "TransposeBackward0",
    "UnsafeViewBackward0",
    "ViewBackward0",
)


def _is_free(tensor: Any) -> bool:
    """Whether a tensor is a free output, or one in another shape or order of dims."""
    node, number = tensor.grad_fn, tensor.output_nr
    while node is not None and node.name() in _LAID_OUT:
        node, number = node.next_functions[0]
    return node is not None and number in _FREE.get(node.name(), ())


def _reached(node: Any, log_alpha: Array) -> Array:
    """The numbers up to each member's last step and last label; 0 for the others."""
    _, steps, width = log_alpha.shape
    values = [
        value if step == 0 or (step < used and label <= 2 * length) else 0.0
        for member, (used, length) in enumerate(
            zip(node._saved_input_lengths, node._saved_target_lengths, strict=True)
        )
        for step in range(steps)
        for at in [(member * steps + step) * width]
        for label, value in enumerate(log_alpha.values[at : at + width])
    ]
    return Array(log_alpha.dtype, log_alpha.shape, values)


def _drawn(node: Any, noise: Array) -> Array:
    """The slopes of rrelu, which draws none but in training; 0 for the others."""
    return noise if node._saved_training else Array(noise.dtype, noise.shape, [0.0] * noise.numel())


#: What is left to compare of saved tensors that torch writes in part: the rest is memory as found.
_WRITTEN: dict[tuple[str, str], Callable[[Any, Array], Array]] = {
    ("CtcLossBackward0", "_saved_result1"): _reached,
    ("RreluWithNoiseBackward0", "_saved_noise"): _drawn,
    ("RreluWithNoiseBackward1", "_saved_noise"): _drawn,
}


def read_freed(nodes: list[Any]) -> Freed:
    """What is left of it in a graph that was freed: of tensors only that they are there."""
    return _attributes(nodes, lambda node, name, value: _left(value))


def _left(value: Any) -> Any:
    return "a tensor" if hasattr(value, "grad_fn") else _plain(value, _left)


def _attributes(nodes: list[Any], plain: Callable[[Any, str, Any], Any]) -> Attributes:
    return [
        (node.name(), {name: _answer(node, name, plain) for name in sorted(_names(node))})
        for node in nodes
    ]


def _names(node: Any) -> list[str]:
    return [name for name in dir(node) if name.startswith(_PREFIXES)]


def _answer(node: Any, name: str, plain: Callable[[Any, str, Any], Any]) -> Any:
    try:
        value = getattr(node, name)
    except Exception as error:  # such as that of a value that was freed
        return f"raises {type(error).__name__}: {error}"
    return plain(node, name, value)


def _plain(value: Any, plain: Callable[[Any], Any]) -> Any:
    """A value that is no tensor, with its type: True is not 1, nor is 1.0."""
    if isinstance(value, list | tuple):
        return type(value).__name__, [plain(member) for member in value]
    if value is None or isinstance(value, bool | int | float | complex | str):
        return type(value).__name__, repr(value)
    if str(value).startswith("torch."):  # a dtype, a layout, a memory format
        return str(value)
    return f"a {type(value).__name__}"
