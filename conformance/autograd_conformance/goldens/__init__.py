"""Torch's complete answers in a file, for places where torch cannot be installed."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from autograd_conformance.goldens.archive import Archive
from autograd_conformance.goldens.reading import Goldens

__all__ = ["Goldens", "opened", "packaged"]

_PREFIX = "goldens"


def packaged() -> Path:
    """The file that the package carries."""
    return Path(str(resources.files("autograd_conformance") / "goldens" / "torch-2.13.0.zip"))


def opened(oracle: str) -> Goldens:
    """The goldens that ``goldens`` or ``goldens:FILE`` names; ValueError where it names none."""
    prefix, colon, path = oracle.partition(":")
    if prefix != _PREFIX or (colon and not path):
        raise ValueError(f"no oracle {oracle!r}; there are torch, goldens and goldens:FILE")
    return Goldens(Archive(Path(path) if path else packaged()))
