"""The printed form of tensors: ``repr``, ``format`` and the print options.

A tensor is printed in three steps: read the elements that are shown, choose one number format for
all of them, and fill a single ``%`` template of the whole text, so each element is visited once.
"""

from __future__ import annotations

import contextlib
import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple


class PrintOptions(NamedTuple):
    """How numbers and long tensors are printed; the defaults are torch's."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}

_options = PrintOptions()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed, for the whole process.

    An option left out keeps its value, except ``sci_mode``, which goes back to automatic (None) on
    every call. ``profile`` (``"default"``, ``"short"`` or ``"full"``; any other name is ignored) is
    applied before the single options.
    """
    global _options
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    changes = _PROFILES.get(profile, {}) if profile is not None else {}
    changes = changes | {name: value for name, value in given.items() if value is not None}
    _options = _options._replace(**changes, sci_mode=sci_mode)


def get_printoptions() -> dict[str, Any]:
    """Return the options in force, as keyword arguments of `set_printoptions`."""
    return _options._asdict()


@contextlib.contextmanager
def printoptions(**kwargs: Any) -> Iterator[None]:
    """Set print options (those of `set_printoptions`) for the length of a ``with`` block."""
    global _options
    before = _options
    set_printoptions(**kwargs)
    try:
        yield
    finally:
        _options = before


class PrintingHooks:
    """What printing asks of the engine around a tensor; the engine puts its own functions here.

    ``default_dtype`` returns the default dtype. ``no_grad`` returns a context in which slicing a
    tensor records nothing; ``unpack_dual`` gives a tensor's primal and its tangent or None.
    ``is_plain`` says whether the class is the tensor class itself or the parameter class itself,
    ``is_parameter`` whether the tensor counts as a parameter. The defaults go by class names and
    know neither modes nor tangents.
    """

    def __init__(self) -> None:
        self.default_dtype: Callable[[], Any] = lambda: "torch.float32"
        self.no_grad: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext
        self.unpack_dual: Callable[[Any], tuple[Any, Any]] = lambda tensor: (tensor, None)
        self.is_plain: Callable[[Any], bool] = lambda tensor: (
            type(tensor).__name__ in ("Tensor", "Parameter")
        )
        self.is_parameter: Callable[[Any], bool] = lambda tensor: any(
            base.__name__ == "Parameter" for base in type(tensor).__mro__
        )


hooks = PrintingHooks()


def tensor_repr(tensor: Any, *, tensor_contents: str | None = None) -> str:
    """Return the ``repr`` of a strided or meta tensor of any shape and dtype, as torch prints it.

    ``tensor_contents`` replaces the bracketed numbers. Of a tensor with more than ``threshold``
    elements only the edge items are read.
    """
    with hooks.no_grad():
        primal, tangent = hooks.unpack_dual(tensor)
        plain = hooks.is_plain(tensor)
        prefix = "tensor(" if plain else f"{type(tensor).__name__}("
        contents = tensor_contents
        if contents is None:
            contents = _contents(primal, len(prefix))
        suffixes = _metadata_suffixes(primal) + _autograd_suffixes(tensor)
        if tangent is not None:
            suffixes.append(f"tangent={tangent}")
        text = _append_suffixes(prefix + contents, suffixes, len(prefix)) + ")"
        # The primal: unpacking, while a dual level is open, leaves no parameter, as in torch.
        if hooks.is_parameter(primal) and not plain:
            return f"Parameter({text})"
        return text


def tensor_format(tensor: Any, spec: str) -> str:
    """Return ``format(tensor, spec)``: a 0-d tensor is formatted as its Python number.

    Raises:
        TypeError: ``spec`` is not empty and the tensor is not 0-d, has no data (meta), or is of a
            subclass; parameters count as one.
        ValueError: ``spec`` does not suit the Python number.
    """
    number_like = tensor.ndim == 0 and hooks.is_plain(tensor) and not hooks.is_parameter(tensor)
    if number_like and not _is_meta(tensor):
        return format(tensor.detach().item(), spec)
    return object.__format__(tensor, spec)


def wrapper_repr(name: str, value: Any, **fields: int) -> str:
    """Return the ``repr`` of a tensor that a function transform wraps around ``value``.

    ``wrapper_repr("BatchedTensor", value, lvl=1, bdim=0)`` is what ``vmap`` shows of its argument.
    """
    stated = "".join(f"{field}={number}, " for field, number in fields.items())
    return f"{name}({stated}value=\n{textwrap.indent(repr(value), ' ' * 4)}\n)"


def _is_meta(tensor: Any) -> bool:
    return str(tensor.device).partition(":")[0] == "meta"


def _metadata_suffixes(tensor: Any) -> list[str]:
    """The device, size and dtype, each where the numbers alone do not tell it."""
    suffixes = []
    device = str(tensor.device)
    if device.partition(":")[0] != "cpu":
        suffixes.append(f"device='{device}'")
    default, dtype = str(hooks.default_dtype()), str(tensor.dtype)
    told_by_numbers = {default}
    if _is_meta(tensor):
        size_is_told = False
    elif tensor.numel() == 0:
        size_is_told = tensor.ndim == 1
    else:
        size_is_told = bool(_options.edgeitems)
        default_complex = "complex128" if default == "torch.float64" else "complex64"
        told_by_numbers |= {f"torch.{default_complex}", "torch.int64", "torch.bool"}
    if not size_is_told:
        suffixes.append(f"size={tuple(tensor.shape)}")
    if dtype not in told_by_numbers:
        suffixes.append(f"dtype={dtype}")
    return suffixes


def _autograd_suffixes(tensor: Any) -> list[str]:
    try:
        node = tensor.grad_fn
    except RuntimeError:
        # A view whose history an in-place change made ambiguous refuses to give its node.
        return ["grad_fn=<Invalid>"]
    if node is not None:
        return [f"grad_fn=<{type(node).__name__}>"]
    return ["requires_grad=True"] if tensor.requires_grad else []


def _append_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    # The first line end is counted two columns late; every later one exactly.
    column = len(text) - (text.rfind("\n") + 1) + 2
    for suffix in suffixes:
        column += len(", ") + len(suffix)
        if column > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
    return text


def _contents(tensor: Any, indent: int) -> str:
    """The bracketed numbers of ``tensor``, whose first line starts at column ``indent``."""
    if _is_meta(tensor):
        return "..."
    if tensor.numel() == 0:
        return "[]"
    edge = _options.edgeitems
    shape = tuple(tensor.shape)
    cut = [False] * len(shape)
    if tensor.numel() > _options.threshold:
        if not edge and shape:
            return "[...]"
        cut = [size > 2 * edge for size in shape]
    values = _shown_values(tensor, cut, edge)
    element = _element_format(values, tensor.dtype)
    if tensor.dtype.is_complex:
        values = [part for value in values for part in (value.real, value.imag)]
    return _template(shape, cut, edge, indent, element) % tuple(values)


def _shown_values(tensor: Any, cut: Sequence[bool], edge: int) -> list[Any]:
    """The shown elements in row-major order; the rest of the tensor is never converted."""
    values = _read_edges(tensor, cut, edge, ()) if any(cut) else tensor.tolist()
    if not cut:
        return [values]
    for _ in cut[1:]:
        values = list(chain.from_iterable(values))
    return list(values)


def _read_edges(tensor: Any, cut: Sequence[bool], edge: int, where: tuple[slice, ...]) -> list[Any]:
    """``tensor[where].tolist()`` with the middle of every further cut axis left out."""
    axis = len(where)
    if axis == len(cut):
        return list(tensor[where].tolist())
    if not cut[axis]:
        return _read_edges(tensor, cut, edge, (*where, slice(None)))
    size = tensor.shape[axis]
    head = _read_edges(tensor, cut, edge, (*where, slice(0, edge)))
    tail = _read_edges(tensor, cut, edge, (*where, slice(size - edge, size)))
    return _concatenate(head, tail, axis)


def _concatenate(head: list[Any], tail: list[Any], axis: int) -> list[Any]:
    if axis == 0:
        return head + tail
    return [_concatenate(*pair, axis - 1) for pair in zip(head, tail, strict=True)]


class _Format(NamedTuple):
    """A ``%`` format and the number of columns that it is counted as when lines are filled."""

    template: str
    width: int


class _NumberFormat(NamedTuple):
    """A ``%`` format in its parts: a flag, the width to pad to, and the conversion."""

    flag: str
    width: int
    conversion: str


def _element_format(values: list[Any], dtype: Any) -> _Format:
    if dtype.is_complex:
        real = _float_format([value.real for value in values])
        imaginary = _float_format([value.imag for value in values])
        return _Format(
            f"%{real.flag}{real.width}{real.conversion}%+{imaginary.flag}{imaginary.conversion}j",
            real.width + imaginary.width + len("j"),
        )
    if dtype.is_floating_point:
        number = _float_format(values)
    else:
        number = _NumberFormat("", max(len(str(min(values))), len(str(max(values)))), "s")
    return _Format(f"%{number.flag}{number.width}{number.conversion}", number.width)


def _float_format(values: list[float]) -> _NumberFormat:
    """One format for all ``values``: scientific, integral with a trailing point, or fixed."""
    finite = [value for value in values if value and math.isfinite(value)]
    if not finite:
        return _NumberFormat("#", 1, ".0f")
    positive = [value for value in finite if value > 0]
    negative = [value for value in finite if value < 0]
    # Text grows towards the ends of each sign's range, so these at most four are the widest.
    extremes = [bound(side) for side in (positive, negative) if side for bound in (min, max)]
    magnitudes = [abs(value) for value in extremes]
    smallest, largest = min(magnitudes), max(magnitudes)
    scientific = _options.sci_mode
    if scientific is None:
        scientific = largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4
    if scientific:
        flag, conversion = "", f".{_options.precision}e"
    elif all(map(float.is_integer, finite)):
        flag, conversion = "#", ".0f"
    else:
        flag, conversion = "", f".{_options.precision}f"
    width = max(len(format(value, flag + conversion)) for value in extremes)
    return _NumberFormat(flag, width, conversion)


def _template(
    shape: Sequence[int], cut: Sequence[bool], edge: int, indent: int, element: _Format
) -> str:
    """A ``%`` template of the whole contents, with one place for each shown element."""
    if not shape:
        return element.template
    last = len(shape) - 1
    items = _repeated(element.template, shape[last], cut[last], edge, " ...")
    per_line = max(1, math.floor((_options.linewidth - indent - last) / (element.width + 2)))
    lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
    text = "[" + (",\n" + " " * (indent + last + 1)).join(lines) + "]"
    for axis in reversed(range(last)):
        separator = "," + "\n" * (last - axis) + " " * (indent + axis + 1)
        blocks = _repeated(text, shape[axis], cut[axis], edge, "...")
        text = "[" + separator.join(blocks) + "]"
    return text


def _repeated(text: str, size: int, cut: bool, edge: int, ellipsis: str) -> list[str]:
    if cut:
        return [text] * edge + [ellipsis] + [text] * edge
    return [text] * size
