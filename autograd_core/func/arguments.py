"""The arguments that a transform differentiates: ``argnums`` and its checks."""

from __future__ import annotations

from typing import Any


def chosen(args: tuple[Any, ...], argnums: Any, as_tuple: bool = True) -> Any:
    """Return the arguments that ``argnums`` names: one (in a tuple or not), or several.

    Raises:
        RuntimeError: it is no int or tuple of different ints in range (torch's texts).
    """
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    places = positions(argnums, len(args))
    if isinstance(places, int):
        return (args[places],) if as_tuple else args[places]
    if not places:
        raise RuntimeError("argnums must be non-empty")
    if len(set(places)) != len(places):
        raise RuntimeError(f"argnums elements must be unique, got {places}")
    return tuple(args[place] for place in places)


def positions(argnums: Any, count: int) -> Any:
    """Return argnums counted from the front."""
    if isinstance(argnums, int):
        return _position(argnums, count)
    return tuple(_position(argnum, count) for argnum in argnums)


def _position(argnum: Any, count: int) -> int:
    if not isinstance(argnum, int):
        raise RuntimeError(f"argnum must be int, got: {type(argnum)}")
    if not -count <= argnum < count:
        raise RuntimeError(f"Got argnum={argnum}, but only {count} positional inputs")
    return argnum % count


def replaced(args: tuple[Any, ...], new: tuple[Any, ...], argnums: Any) -> tuple[Any, ...]:
    """Return the arguments with those that ``argnums`` names replaced."""
    places = positions(argnums, len(args))
    places = (places,) if isinstance(places, int) else places
    changed = list(args)
    for place, value in zip(places, new, strict=True):
        changed[place] = value
    return tuple(changed)
