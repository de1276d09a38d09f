"""The kit's test of itself: bugs that are planted one at a time, each of which must be seen.

Four lists: ``libraries`` (a whole library that is not ours: torch under another name),
``engine``, ``derivatives`` (formulas of the table) and ``kernels`` (of both backends).
"""

from __future__ import annotations

import functools

from autograd_conformance.cases import chosen
from autograd_conformance.mutations.mutation import Mutation

__all__ = ["Mutation", "groups", "matching", "mutations"]


@functools.cache
def groups() -> dict[str, tuple[Mutation, ...]]:
    """The mutations by the part of a library that they are in."""
    from autograd_conformance.mutations import derivatives, engine, kernels, libraries

    return {
        "A whole library": libraries.MUTATIONS,
        "The engine": engine.MUTATIONS,
        "Derivatives": derivatives.MUTATIONS,
        "Kernels": kernels.MUTATIONS,
    }


@functools.cache
def mutations() -> dict[str, Mutation]:
    """Every mutation by its name."""
    found: dict[str, Mutation] = {}
    for mutation in (member for group in groups().values() for member in group):
        if mutation.name in found:
            raise ValueError(f"there are two mutations {mutation.name}")
        found[mutation.name] = mutation
    return found


def matching(patterns: list[str]) -> list[Mutation]:
    """The mutations whose name the glob patterns choose."""
    return [mutation for name, mutation in mutations().items() if chosen(patterns, name)]
