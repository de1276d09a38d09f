"""Anomaly mode: nodes remember where they were made, and a failing backward says so.

While the mode is on, ``Node`` has an ``__init__`` that remembers; while it is off, it has none, and
making a node costs nothing more.
"""

from __future__ import annotations

import os
import warnings
from typing import Any

from .modes import running
from .node import Node

TRACEBACK, PARENT = "traceback_", "parent_"
FORMULAS = "<formulas of autograd_core>"
"""What stands for the file of code that is compiled from the table."""
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class _Mode:
    """One for the process, as in torch."""

    enabled = False
    check_nan = True


mode = _Mode()


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Switch anomaly mode, and whether gradients that are NaN are an error.

    Raises:
        TypeError: an argument is no bool (torch's text).
    """
    for position, (name, value) in enumerate(
        (("enabled", enabled), ("check_nan", check_nan)), start=1
    ):
        if not isinstance(value, bool):
            raise TypeError(
                f"set_anomaly_enabled(): argument '{name}' (position {position}) must be bool, not "
                f"{type(value).__name__}"
            )
    mode.enabled = enabled
    mode.check_nan = check_nan
    if enabled:
        setattr(Node, "__init__", _remember)  # noqa: B010 - mypy takes assignments for mistakes
    elif "__init__" in vars(Node):
        delattr(Node, "__init__")


def is_anomaly_enabled() -> bool:
    """Return whether anomaly mode is on."""
    return mode.enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Return whether anomaly mode, when it is on, refuses gradients that are NaN."""
    return mode.check_nan


def _remember(node: Node, *_: Any) -> None:
    """Keep the stack that led to the node, and the node whose backward it is part of."""
    import traceback  # which is slow to import

    frames = traceback.extract_stack()
    while frames and frames[-1].filename.startswith((_PACKAGE, FORMULAS)):
        frames.pop()
    node.metadata[TRACEBACK] = traceback.format_list(frames)
    if running.node is not None:
        node.metadata[PARENT] = running.node


def report(node: Node) -> None:
    """Warn with the stacks that led to a node in which the backward failed."""
    stack = node.metadata.get(TRACEBACK)
    if stack is None:
        _warn(
            f"Error detected in {node.name()}. No forward pass information available. Enable "
            "detect anomaly during forward pass for more information."
        )
    else:
        _warn(
            f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n"
            + "".join(stack)
        )
    parent = node.metadata.get(PARENT)
    while parent is not None:
        stack = parent.metadata.get(TRACEBACK)
        if stack is None:
            _warn(
                f"Error detected in {parent.name()}. No forward pass information available. Enable "
                "detect anomaly during forward pass for more information."
            )
        else:
            _warn(
                f"\n\nPrevious calculation was induced by {parent.name()}. Traceback of forward "
                "call that induced the previous calculation:\n" + "".join(stack)
            )
        parent = parent.metadata.get(PARENT)


def _warn(text: str) -> None:
    warnings.warn(text, UserWarning, stacklevel=2)
