"""What is known of one planted bug."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_conformance.mutations.planting import Plant


@dataclass(frozen=True)
class Mutation:
    """A bug that the kit must see.

    Attributes:
        name: words that name it, unique.
        what: one sentence of what the library does wrong.
        plant: where it is put.
        cases: which cases should see it: ``scenario.<area>.<glob>`` or ``entry|dtype|check``.
        causes: the messages one of which it must be seen by; empty where any will do.
    """

    name: str
    what: str
    plant: Plant
    cases: tuple[str, ...]
    causes: tuple[str, ...] = ()
