"""How a Tensor prints: connects the printing rules with modes, default dtype and dual tensors."""

from __future__ import annotations

from typing import Any

from .. import printing
from ..dtypes import get_default_dtype
from ..engine.modes import no_grad
from ..namespaces.registration import publish
from ..tensor import Tensor
from .forward_ad import unpack_dual

printing.hooks.default_dtype = get_default_dtype
printing.hooks.no_grad = no_grad
printing.hooks.unpack_dual = unpack_dual


def __repr__(self: Tensor, *, tensor_contents: Any = None) -> str:
    """Return torch's printed form."""
    if self._backend.level is not None:
        return self._backend.picture(self._array)  # type: ignore[attr-defined, no-any-return]
    return printing.tensor_repr(self, tensor_contents=tensor_contents)


def __format__(self: Tensor, format_spec: str) -> str:
    """Format a 0-d tensor as its number, another as its printed form."""
    return printing.tensor_format(self, format_spec)


for _function in (__repr__, __format__):
    publish(_function, _function.__name__, "Tensor")
