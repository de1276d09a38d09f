"""A call of every op of the table with one place per tensor, in a file per family.

Files are found by themselves; each has ``CALLS``: calls by the name of the op.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from autograd_core import ops
from autograd_core.derivatives.entry import Entry

from .arguments import Numbers, x

_OPTIONS: dict[str, Any] = {
    "alpha": 1.5,
    "beta": 0.5,
    "dim": 1,
    "keepdim": False,
    "value": 2.0,
    "scale": 1.25,
    "input_scale": 1.5,
    "dtype": None,
    "stride": None,
    "other": 0.75,
    "exponent": 3,
    "min": 0.25,
    "max": 0.75,
    "negative_slope": 0.1,
    "lambd": 0.3,
    "threshold": 0.4,
    "weight": 0.25,
    "lower": 0.1,
    "upper": 0.3,
    "min_val": 0.2,
    "max_val": 0.7,
    "eps": 0.1,
    "p": 2,
    "nan": 0.0,
    "posinf": 1.0,
    "neginf": -1.0,
    "decimals": 1,
    "approximate": "none",
    "is_result": False,
    "reduction": 1,
    "delta": 0.3,
    "correction": 1,
    "diagonal": 0,
    "n": 1,
    "message": "refused",
    "generator": None,
    "training": True,
    "descending": False,
}
"""Values of options that need no row."""

CALLS: dict[str, list[list[Any]]] = {}
"""Calls that do not follow from the names of the arguments; of the others one is made up."""
for _family in pkgutil.iter_modules(__path__):
    if _family.name != "arguments":
        CALLS.update(import_module(f"{__name__}.{_family.name}").CALLS)

EXCEPTIONS: dict[str, str] = {
    "argwhere": "its result has a size for each member of the batch",
    "masked_select": "its result has a size for each member of the batch",
    "unique": "its result has a size for each member of the batch",
    "unique_consecutive": "its result has a size for each member of the batch",
    "view_dtype": "it has no gradient, and not every backend has bytes to look at",
    "bernoulli": "random: compared with torch in the scenarios",
    "bernoulli_fill": "random: compared with torch in the scenarios",
    "normal_mean": "random: compared with torch in the scenarios",
    "normal_std": "random: compared with torch in the scenarios",
    "normal_mean_std": "random: compared with torch in the scenarios",
    "batch_norm_with_update": "torch refuses it",
    "rrelu": "torch refuses it",
    "multinomial": "random: compared with torch in the scenarios",
}
"""Ops that have no row, with the reason."""

REFUSED_GRADIENTS = {
    "index_fill_tensor": "the gradient of the value asks which indices there are, as in torch",
}
"""Ops whose gradient is refused for a batch of indices, with the reason."""

OF_MEMORY = {
    "as_strided",
    "as_strided_copy",
    "as_strided_inplace",
    "as_strided_scatter",
    "reshape_alias",
    "reshape_copy",
    "view",
    "view_copy",
}
"""Ops that see how a tensor lies in memory, which another batch dim changes."""

FUNCTIONS = {
    name: op
    for name, op in ((name, getattr(ops, name)) for name in dir(ops))
    if isinstance(getattr(op, "entry", None), Entry) and not name.startswith("_")
}


def calls(name: str) -> list[list[Any]]:
    """Return the calls of an op, none when it needs a row that is missing."""
    entry = FUNCTIONS[name].entry
    found = CALLS.get(name, CALLS.get(entry.kernel_name))
    if found is not None or any(
        entry.parameters[k] not in _OPTIONS
        for k in range(len(entry.parameters))
        if k not in entry.inputs
    ):
        return found or []
    made: list[Any] = []
    for position, parameter in enumerate(entry.parameters):
        made.append(x(2, 3) if position in entry.inputs else _OPTIONS[parameter])
    return [made]


def tensors_of(call: list[Any]) -> list[Numbers]:
    """Return the tensor arguments of a call, those in lists too."""
    found = []
    for argument in call:
        members = argument if isinstance(argument, list) else [argument]
        found += [member for member in members if isinstance(member, Numbers)]
    return found


def filled(call: list[Any], tensors: list[Any]) -> list[Any]:
    """Return the call with tensors in the places of its ``Numbers``."""
    remaining = iter(tensors)

    def place(argument: Any) -> Any:
        if isinstance(argument, list):
            return [place(member) for member in argument]
        return next(remaining) if isinstance(argument, Numbers) else argument

    return [place(argument) for argument in call]


def batch_choices(count: int) -> list[tuple[bool, ...]]:
    """Return which tensors have a batch dim: all of them, and each one alone."""
    alone = [tuple(k == j for k in range(count)) for j in range(count)]
    return list(dict.fromkeys([(True,) * count, *alone]))
