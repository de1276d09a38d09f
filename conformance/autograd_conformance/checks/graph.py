"""Is the graph torch's: the same node names, edges (None ones too) and output numbers?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograd_conformance.budgets import Oracle
from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.observation import Observation


@dataclass(frozen=True)
class Node:
    """A graph node: its name and its edges as (number of the next node or None, output number)."""

    name: str
    edges: tuple[tuple[int | None, int], ...]


def describe(observation: Observation) -> tuple[list[tuple[int | None, int]], list[Node]]:
    """The roots of the outputs and the nodes in breadth-first order, numbered by that order.

    An AccumulateGrad node is named with the place of its variable among the leaves.
    """
    forward = observation.forward()
    leaves = {id(leaf): i for i, leaf in enumerate(forward.leaves)}
    order: dict[int, int] = {}
    found: list[Any] = []  # holds the nodes, so that no id is used twice

    def number(node: Any) -> int | None:
        if node is None:
            return None
        if id(node) not in order:
            order[id(node)] = len(found)
            found.append(node)
        return order[id(node)]

    roots = [(number(o.grad_fn), int(o.output_nr)) for o in forward.outputs]
    nodes: list[Node] = []
    for node in found:  # grows while it is walked
        edges = tuple((number(following), int(nr)) for following, nr in node.next_functions)
        name = node.name()
        variable = getattr(node, "variable", None)
        if variable is not None:
            name = f"{name}(input {leaves.get(id(variable), '?')})"
        nodes.append(Node(name, edges))
    return roots, nodes


def check(oracle: Oracle, actual: Observation) -> Outcome:
    expected_roots, expected = describe(oracle.expected)
    roots, nodes = describe(actual)
    for i, (e, a) in enumerate(zip(expected, nodes, strict=False)):
        if e.name != a.name:
            raise Mismatch(f"node {e.name} is {a.name}", f"node {i}; " + _both(expected, nodes))
        if e.edges != a.edges:
            raise Mismatch(
                f"edges of {e.name} differ",
                f"node {i}: expected {_edges(e, expected)}, got {_edges(a, nodes)}",
            )
    if len(expected) != len(nodes):
        raise Mismatch("number of nodes differs", _both(expected, nodes))
    if expected_roots != roots:
        raise Mismatch("roots differ", f"expected {expected_roots}, got {roots}")
    return Outcome()


def _edges(node: Node, nodes: list[Node]) -> str:
    names = (f"({'None' if n is None else nodes[n].name}#{n}, {nr})" for n, nr in node.edges)
    return "[" + ", ".join(names) + "]"


def _both(expected: list[Node], nodes: list[Node]) -> str:
    return f"expected {[n.name for n in expected]}, got {[n.name for n in nodes]}"
