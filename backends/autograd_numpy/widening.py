"""Derived kernels on 16-bit floats: computed in float32 and rounded once, as torch does.

NumPy's own float16 would round after each step, and ml_dtypes' bfloat16 becomes float32 beside a
Python number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from autograd_core import default_kernels
from autograd_core.default_kernels import functions
from autograd_core.dtypes import float32
from autograd_core.family_index import KERNELS
from autograd_core.lazy_imports import Families

from .arrays import SCALARS
from .element_types import DTYPE, WIDE

_Kernel = Callable[..., Any]


def _widened(kernel: _Kernel) -> _Kernel:
    """Return the kernel that widens 16-bit operands and narrows its results."""

    @functools.wraps(kernel)
    def widened(self: Any, *args: Any) -> Any:
        for argument in args:
            narrow = getattr(argument, "dtype", None)
            if narrow in WIDE:
                break
        else:
            return kernel(self, *args)
        wide = WIDE[narrow]
        made = kernel(
            self,
            *[self.cast(a, float32) if getattr(a, "dtype", None) == narrow else a for a in args],
        )
        if isinstance(made, tuple):
            return tuple(_narrowed(array, wide, narrow) for array in made)
        return _narrowed(made, wide, narrow)

    return widened


def _narrowed(array: Any, wide: np.dtype[Any], narrow: np.dtype[Any]) -> Any:
    return array.astype(narrow) if array.dtype == wide else array


def _of_number(kernel: _Kernel) -> _Kernel:
    """Return ``mul_scalar`` or ``pow_scalar``, shorter for what is wider than 16 bits."""
    widened = _widened(kernel)
    is_power = kernel.__name__ == "pow_scalar"

    @functools.wraps(kernel)
    def of_number(self: Any, input: Any, number: Any) -> Any:
        native = input.dtype
        if native.itemsize < 4:
            return widened(self, input, number)
        if not is_power:
            return input * SCALARS[DTYPE[native]](number)
        if number == 2:
            return input * input
        if number in (0, 1):
            shape = input.shape
            if shape and min(shape) > 1 and input.flags.c_contiguous:  # else: any strides
                made = input.copy()
                if not number:
                    made.fill(1)
                return made
        return kernel(self, input, number)

    return of_number


#: Kernels that torch runs in 16 bits throughout: the bounds of numbers, and each step's rounding,
#: are theirs.
_NARROW = (
    *("add_scaled", "conj", "frexp", "isneginf", "isposinf", "logit", "nan_to_num", "rsub"),
    *("sub_scaled", "xlog1py", "xlog1py_scalar", "xlogy", "xlogy_scalar"),
)


class Widening:
    """The derived pointwise, special and activation functions, widened."""


def _functions(family: ModuleType) -> dict[str, _Kernel]:
    """Return the functions of a family, widened."""
    return {
        name: (_of_number if name in ("mul_scalar", "pow_scalar") else _widened)(kernel)
        for name, kernel in functions(family).items()
        if not name.startswith("_")
    }


Families(
    default_kernels.__name__,
    {
        family: " ".join(
            name
            for name in KERNELS[family].split()
            if not name.startswith("_") and name not in _NARROW
        )
        for family in ("pointwise", "special", "activation")
    },
    _functions,
).stand_in(Widening)
