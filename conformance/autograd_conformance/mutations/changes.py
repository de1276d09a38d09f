"""Ways to be wrong that fit many places: what a planted bug makes of the right function."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograd_conformance.mutations.planting import Change, Derivative

# Of functions and kernels -------------------------------------------------------------------------


def left_out(right: Any) -> Any:
    """The step is not taken."""

    def nothing(*args: Any, **kwargs: Any) -> None:
        return None

    return nothing


def always(value: Any) -> Change:
    """The answer is a constant."""
    return lambda right: lambda *args, **kwargs: value


def result(change: Callable[[Any], Any]) -> Change:
    """The result is changed."""

    def wrong(right: Any) -> Any:
        return functools.wraps(right)(lambda *args, **kwargs: change(right(*args, **kwargs)))

    return wrong


def argument(place: int, change: Callable[[Any], Any]) -> Change:
    """One positional argument is changed."""

    def wrong(right: Any) -> Any:
        def function(*args: Any, **kwargs: Any) -> Any:
            changed = list(args)
            if place < len(changed):
                changed[place] = change(changed[place])
            return right(*changed, **kwargs)

        return functools.wraps(right)(function)

    return wrong


def swapped(right: Any) -> Any:
    """The first two operands change places."""
    return functools.wraps(right)(lambda a, b, *rest, **kw: right(b, a, *rest, **kw))


def instead(wrong: Any) -> Change:
    """Something else stands there: ``wrong`` is given the right function first."""
    return lambda right: functools.partial(wrong, right)


def method(wrong: Any) -> Change:
    """A method of a class, ``wrong(right, self, ...)``."""

    def change(right: Any) -> Any:
        return lambda self, *args, **kwargs: wrong(right, self, *args, **kwargs)

    return change


# Of derivatives -----------------------------------------------------------------------------------


def gradient(change: Callable[[Any], Any]) -> Derivative:
    """The gradient is changed."""
    return lambda formula, at: change(formula(**at))


negated = gradient(lambda g: -g)
doubled = gradient(lambda g: g + g)


def without(name: str) -> Derivative:
    """The gradient of the result is passed on as it is: the factor is forgotten."""
    return lambda formula, at: at[name]


def exchanged(name: str, other: str) -> Derivative:
    """Two things that are saved are taken for each other."""
    return lambda formula, at: formula(**{**at, name: at[other], other: at[name]})


def given(name: str, change: Callable[[Any], Any]) -> Derivative:
    """One thing that is saved is changed before the formula sees it."""
    return lambda formula, at: formula(**{**at, name: change(at[name])})


def detached(name: str) -> Derivative:
    """A saved value is a constant to the second derivative."""
    return given(name, lambda t: t.detach() if hasattr(t, "detach") else t)


cut_off = gradient(lambda g: g.detach() if hasattr(g, "detach") else g)
"""The gradient has no graph of its own."""
