"""``torch.return_types``: the named tuples that functions with several results return."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, ClassVar


class ReturnType(tuple[Any, ...]):
    """A tuple whose places also have names; printed one ``name=value`` a line.

    Raises:
        TypeError: it is made from a sequence of another length.
    """

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]] = ()
    n_fields: ClassVar[int] = 0
    n_sequence_fields: ClassVar[int] = 0
    n_unnamed_fields: ClassVar[int] = 0
    out_type: ClassVar[type[ReturnType]]
    """The type of the result of a call with ``out=``."""

    def __new__(cls, sequence: Sequence[Any]) -> ReturnType:
        values = tuple(sequence)
        if len(values) != cls.n_fields:
            raise TypeError(
                f"{_path(cls)}() takes a {cls.n_fields}-sequence ({len(values)}-sequence given)"
            )
        return tuple.__new__(cls, values)

    def __repr__(self) -> str:
        fields = zip(self.__match_args__, self, strict=True)
        return f"{_path(type(self))}(\n" + ",\n".join(f"{k}={v!r}" for k, v in fields) + ")"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_remade, (type(self).__name__, tuple(self)))


def _path(cls: type[ReturnType]) -> str:
    return f"torch.return_types.{cls.__name__}"


TYPES: dict[str, type[ReturnType]] = {}
"""All return types by name."""


def _defined(name: str, fields: tuple[str, ...]) -> type[ReturnType]:
    members: dict[str, Any] = {
        "__slots__": (),
        "__match_args__": fields,
        "__module__": __name__,
        "n_fields": len(fields),
        "n_sequence_fields": len(fields),
    }
    for position, field in enumerate(fields):
        members[field] = property(itemgetter(position))
    TYPES[name] = type(name, (ReturnType,), members)
    return TYPES[name]


def return_type(name: str, fields: str) -> type[ReturnType]:
    """Define ``torch.return_types.<name>`` and its ``<name>_out``, and return the former.

    ``fields`` are the names of the places, separated by spaces.
    """
    made = _defined(name, tuple(fields.split()))
    made.out_type = _defined(f"{name}_out", tuple(fields.split()))
    made.out_type.out_type = made.out_type
    return made


def _remade(name: str, values: tuple[Any, ...]) -> ReturnType:
    return TYPES[name](values)


def __getattr__(name: str) -> Any:
    """Find the types as attributes: ``torch.return_types.max``."""
    if name in TYPES:
        return TYPES[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


Maker = Callable[[Sequence[Any]], ReturnType]
VALUES_INDICES = "values indices"
