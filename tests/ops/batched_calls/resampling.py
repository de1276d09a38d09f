"""Calls of ops of resizing with a place for every tensor that may have a batch dim."""

from __future__ import annotations

from typing import Any

from autograd_core.ops.resampling import FUNCTIONS, takes_corners

from .arguments import x

_SMALL, _LARGE = (2, 4, 3), (3, 2, 5)


def _calls(mode: str, dims: int) -> dict[str, list[list[Any]]]:
    options = [False] if takes_corners(mode) else []
    sizes, resized = (2, 2, *_SMALL[:dims]), _LARGE[:dims]
    name = FUNCTIONS[mode, dims][1]
    return {
        name: [[x(*sizes), resized, *options, *[None] * dims]],
        f"{name}_backward": [[x(2, 2, *resized), resized, sizes, *options, *[None] * dims]],
    }


CALLS: dict[str, list[list[Any]]] = {
    name: calls for key in FUNCTIONS for name, calls in _calls(*key).items()
}
