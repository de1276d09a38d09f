"""Trees of Python containers: what transforms take and return, as flat lists and their structure.

Containers are tuple, list, dict, OrderedDict, defaultdict, deque, named tuples, ``Size`` and the
results of torch's functions, but no subclasses of them; everything else, None too, is a leaf.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from .return_types import ReturnType
from .sizes import Size


class TreeSpec:
    """The structure of a tree: its container with what that needs to be made anew; None is a leaf.

    Attributes:
        type: the container's type, None for a leaf.
        context: keys of a dict, the class of a named tuple, else None.
        children: the structures of the members.
        num_leaves: how many leaves there are.
    """

    __slots__ = ("children", "context", "num_leaves", "type")

    def __init__(self, type: Any, context: Any, children: list[TreeSpec]) -> None:
        self.type = type
        self.context = context
        self.children = children
        self.num_leaves: int = 1 if type is None else sum(child.num_leaves for child in children)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, TreeSpec)
            and self.type is other.type
            and self.context == other.context
            and self.children == other.children
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return self._text(0)

    def _text(self, indent: int) -> str:
        if self.type is None:
            return "*"
        name = "namedtuple" if _is_named_tuple(self.type) else self.type.__name__
        indent += 2
        members = f",\n{' ' * indent}".join(child._text(indent) for child in self.children)
        return f"TreeSpec({name}, {self.context}, [{members}])"


_LEAF = TreeSpec(None, None, [])


def _is_named_tuple(kind: Any) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def _opened(tree: Any) -> tuple[Any, list[Any]] | None:
    """Return the context and the members of a container, None for a leaf."""
    kind = type(tree)
    if kind in (dict, OrderedDict):
        return list(tree), list(tree.values())
    if kind is defaultdict:
        return [tree.default_factory, list(tree)], list(tree.values())
    if kind in (tuple, list, Size) or issubclass(kind, ReturnType):
        return None, list(tree)
    if kind is deque:
        return tree.maxlen, list(tree)
    if _is_named_tuple(kind):
        return kind, list(tree)
    return None


def tree_flatten(tree: Any) -> tuple[list[Any], TreeSpec]:
    """Return the leaves of a tree in order, and its structure."""
    found = _opened(tree)
    if found is None:
        return [tree], _LEAF
    context, members = found
    leaves: list[Any] = []
    children = []
    for member in members:
        below, spec = tree_flatten(member)
        leaves += below
        children.append(spec)
    return leaves, TreeSpec(type(tree), context, children)


def tree_leaves(tree: Any) -> list[Any]:
    """Return the leaves of a tree in order."""
    return tree_flatten(tree)[0]


def tree_unflatten(leaves: Any, spec: TreeSpec) -> Any:
    """Return the tree of a structure with these leaves."""
    remaining = iter(leaves)
    return _filled(spec, lambda: next(remaining))


def _filled(spec: TreeSpec, following: Callable[[], Any]) -> Any:
    kind = spec.type
    if kind is None:
        return following()
    members = [_filled(child, following) for child in spec.children]
    if kind in (dict, OrderedDict):
        return kind(zip(spec.context, members, strict=True))
    if kind is defaultdict:
        factory, keys = spec.context
        return defaultdict(factory, zip(keys, members, strict=True))
    if kind is deque:
        return deque(members, maxlen=spec.context)
    if _is_named_tuple(kind):
        return kind(*members)
    return kind(members)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """Return the tree with a function applied to every leaf."""
    leaves, spec = tree_flatten(tree)
    return tree_unflatten([function(leaf) for leaf in leaves], spec)


def spread_to(prefix: Any, spec: TreeSpec) -> list[Any] | None:
    """Return one leaf of ``prefix`` for each leaf of a structure that it is an upper part of.

    None when it is not: a container of it has no equal there.
    """
    found = _opened(prefix)
    if found is None:
        return [prefix] * spec.num_leaves
    context, members = found
    if type(prefix) is not spec.type or len(members) != len(spec.children):
        return None
    children = spec.children
    if isinstance(prefix, dict):
        keys = list(prefix)
        there = spec.context[1] if spec.type is defaultdict else spec.context
        if set(keys) != set(there):
            return None
        children = [spec.children[there.index(key)] for key in keys]
    elif context != spec.context:
        return None
    leaves: list[Any] = []
    for member, child in zip(members, children, strict=True):
        below = spread_to(member, child)
        if below is None:
            return None
        leaves += below
    return leaves


class _Asterisk:
    def __repr__(self) -> str:
        return "*"


def tree_picture(spec: TreeSpec) -> str:
    """Return the tree's printed form with a star for every leaf."""
    return repr(tree_unflatten([_Asterisk()] * spec.num_leaves, spec))
