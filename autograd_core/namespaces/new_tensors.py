"""What users say of a new tensor: its sizes, its device, its memory format."""

from __future__ import annotations

from typing import Any

from .. import sizes
from ..backend_registry import current_backend
from ..sizes import Size
from ..tensor import (
    Tensor,
    channels_last,
    contiguous_format,
    device,
    memory_format,
    preserve_format,
)


def size_of(
    args: tuple[Any, ...],
    named: Any = None,
    name: str = "",
    argument: str = "size",
    position: int = 1,
) -> tuple[int, ...]:
    """Return sizes given one by one, as one sequence, or by name.

    Raises:
        TypeError: one is not an int (torch's texts, for function ``name``).
    """
    if named is not None:
        args = (named,)
    given = args
    if len(args) == 1 and isinstance(args[0], (tuple, list, Size)):
        args = tuple(args[0])
    for n in args:
        if type(n) is not int:
            break
    else:
        return args
    for k, n in enumerate(args):
        if not hasattr(n, "__index__") or (k == 0 and isinstance(n, bool)):
            kind = type(n).__name__
            raise TypeError(_not_a_size(name, argument, position, given, k, kind))
    return tuple([n.__index__() for n in args])


def _not_a_size(
    name: str, argument: str, position: int, given: tuple[Any, ...], at: int, kind: str
) -> str:
    where = f"{name}(): argument '{argument}'"
    if at:
        return (
            f"{where} failed to unpack the object at pos {at + 1} with error "
            f'"type must be tuple of ints,but got {kind}"'
        )
    if len(given) > 1:
        return f"{name}() takes 1 positional argument but {len(given)} were given"
    if isinstance(given[0], (tuple, list)):
        return (
            f"{where} (position {position}) must be tuple of ints, but found element of type "
            f"{kind} at pos 0"
        )
    return f"{where} (position {position}) must be tuple of ints, not {kind}"


def strides_in(input: Tensor, format: memory_format | None) -> tuple[int, ...] | None:
    """Return the strides a copy has in a memory format; None to keep the tensor's layout.

    Raises:
        RuntimeError: the rank does not fit a channels-last format (torch's text).
    """
    if format is None or format is preserve_format:
        return None
    shape = input._array.shape
    if format is contiguous_format:
        return sizes.row_major(shape)
    rank = 4 if format is channels_last else 5
    if len(shape) != rank:
        raise RuntimeError(f"required rank {rank} tensor to use {format.name} format")
    return sizes.channels_last(shape)


def check_device(wanted: Any) -> None:
    """Refuse a device other than the current backend's.

    Raises:
        RuntimeError: it is unknown, or not there.
    """
    found = wanted if isinstance(wanted, device) else None
    if isinstance(wanted, int):
        raise RuntimeError("Cannot access accelerator device when none is available.")
    if isinstance(wanted, str):
        found = device(wanted)
    here = current_backend()
    if found is None or found.type != device(here.device_name).type:
        error = RuntimeError(f"device {wanted!s} is not available")
        error.add_note(f"Backend {here.name!r} computes on {here.device_name}.")
        raise error
