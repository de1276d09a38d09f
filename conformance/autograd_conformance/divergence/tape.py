"""A tape: the nodes of a run in creation order, with the values and gradients that passed them.

It is written by watching tensors as they are made, through public names only: values are those of
the tensors, saved values the nodes' `_saved_*`, gradients what hooks on the nodes see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograd_conformance.scenarios.recording import Recorder

ACCUMULATE = "AccumulateGrad"
#: What a node has saved of its own result.
_RESULTS = ("_saved_result", "_saved_output", "_saved_self_result")


@dataclass
class TapeNode:
    """One node; tensors are plain facts. A run's gradients are those that came in and went out."""

    name: str
    edges: list[tuple[int | None, int]] = field(default_factory=list)
    values: dict[int, Any] = field(default_factory=dict)
    saved: dict[str, Any] = field(default_factory=dict)
    runs: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        return self.name.endswith(ACCUMULATE)

    def own(self) -> dict[str, Any]:
        """Everything known of the node's results."""
        saved = {k: v for k, v in self.saved.items() if k.startswith(_RESULTS)}
        return {**{f"output {nr}": value for nr, value in self.values.items()}, **saved}

    def operands(self) -> dict[str, Any]:
        """What the node has saved of others' results."""
        return {k: v for k, v in self.saved.items() if not k.startswith(_RESULTS)}


class Tape:
    """The nodes behind all tensors that were watched."""

    def __init__(self, torch: Any) -> None:
        self._plain = Recorder(torch).plain
        self._torch = torch
        self._numbers: dict[int, int] = {}
        self._live: list[Any] = []  # holds the nodes, so that no id is used twice
        self._found: list[TapeNode] = []

    def watch(self, tensor: Any) -> None:
        """Take down a tensor, the nodes behind it that are new, and later their gradients."""
        node = tensor.grad_fn
        if node is None:
            return
        known = self._found[self._number(node)]
        known.values.setdefault(int(tensor.output_nr), self._plain(tensor))

    def nodes(self) -> list[TapeNode]:
        """The nodes in creation order, leaves first, with edges as numbers in that order."""
        count = len(self._live)
        order = sorted(range(count), key=lambda k: (not self._found[k].is_leaf, self._age(k)))
        place = {found: k for k, found in enumerate(order)}
        made = []
        for found in order:
            node = self._found[found]
            edges = [(None if n is None else place[n], nr) for n, nr in node.edges]
            made.append(TapeNode(node.name, edges, node.values, node.saved, node.runs))
        return made

    def _age(self, number: int) -> int:
        return 0 if self._found[number].is_leaf else int(self._live[number]._sequence_nr())

    def _number(self, node: Any) -> int:
        if id(node) in self._numbers:
            return self._numbers[id(node)]
        waiting = len(self._live)
        self._meet(node)
        while waiting < len(self._live):  # no recursion: chains may be long
            self._expand(self._live[waiting])
            waiting += 1
        return self._numbers[id(node)]

    def _meet(self, node: Any) -> int:
        if id(node) not in self._numbers:
            self._numbers[id(node)] = len(self._live)
            self._live.append(node)
            self._found.append(TapeNode(node.name()))
        return self._numbers[id(node)]

    def _expand(self, node: Any) -> None:
        known = self._found[self._numbers[id(node)]]
        known.edges = [
            (None if following is None else self._meet(following), int(nr))
            for following, nr in node.next_functions
        ]
        if known.is_leaf:
            known.values[0] = self._plain(node.variable)
        for name in dir(node):
            if name.startswith("_saved_"):
                known.saved[name] = self._saved(node, name)
        runs, plain = known.runs, self._plain

        def ran(outgoing: Any, incoming: Any) -> None:
            runs.append((plain(incoming), plain(outgoing)))

        node.register_hook(ran)

    def _saved(self, node: Any, name: str) -> Any:
        try:
            return self._plain(getattr(node, name))
        except Exception as error:  # freed, or written since: an answer as well
            return self._plain(error)
