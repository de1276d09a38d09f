"""Is the graph torch's: the same node names, edges (None ones too) and output numbers?"""

from __future__ import annotations

from autograd_conformance.cases import Mismatch, Outcome
from autograd_conformance.observation import Node, Observation
from autograd_conformance.oracles import Oracle


def check(oracle: Oracle, actual: Observation) -> Outcome:
    ours, theirs = oracle.expected.graph(), actual.graph()
    expected, nodes = ours.nodes, theirs.nodes
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
    if ours.roots != theirs.roots:
        raise Mismatch("roots differ", f"expected {ours.roots}, got {theirs.roots}")
    return Outcome()


def _edges(node: Node, nodes: list[Node]) -> str:
    names = (f"({'None' if n is None else nodes[n].name}#{n}, {nr})" for n, nr in node.edges)
    return "[" + ", ".join(names) + "]"


def _both(expected: list[Node], nodes: list[Node]) -> str:
    return f"expected {[n.name for n in expected]}, got {[n.name for n in nodes]}"
