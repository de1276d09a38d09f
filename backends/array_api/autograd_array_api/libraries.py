"""What array libraries do that the standard has no word for.

A ``Library`` is what a backend is made over: a namespace of the standard and these functions. Each
has a default in the standard's words, or answers that there is none; the backend of a library
overrides what that library does its own way.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

Native = Any


def numbered(device: str, *kinds: str) -> int:
    """The number of a device of some kinds, spelled as torch spells them: ``cuda:1``.

    Raises ValueError for a device of another kind.
    """
    kind, _, number = device.partition(":")
    if kind not in kinds or (number and not number.isdecimal()):
        raise ValueError(f"no device {device!r}; there are: {', '.join(kinds)}")
    return int(number or 0)


class Library:
    """A namespace of the Array API standard, and what is outside of it."""

    def __init__(self, namespace: Any, device: Any = None) -> None:
        self.namespace = namespace
        self.device = device

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.namespace, name)
        setattr(self, name, found)  # the next time it is found at once
        return found

    def device_name(self) -> str:
        """Where arrays live, in torch's words."""
        return "cpu"

    def cut(self, value: Native, key: tuple[slice, ...]) -> Native:
        """A basic slice of every dim."""
        return operator.getitem(value, key)

    def written(self, value: Native, key: tuple[slice, ...], part: Native) -> Native:
        """A copy of ``value`` with ``part`` in a slice of it."""
        made = self.namespace.asarray(value, copy=True)
        made[key] = part
        return made

    def added(self, flat: Native, places: Native, values: Native) -> Native | None:
        """A copy of a 1-d array with values added at places, in their order every time.

        None where the library has no such function.
        """
        return None

    def fmod(self, x: Native, y: Native) -> Native:
        """C's fmod of floats: the rest of magnitudes, which is exact, with the sign of x."""
        return self.copysign(self.remainder(self.abs(x), self.abs(y)), x)

    def fourier(self, value: Native, axes: tuple[int, ...], norm: str, forward: bool) -> Native:
        """The Fourier transform over axes, or its inverse, by the extension of the standard."""
        transform = self.namespace.fft.fftn if forward else self.namespace.fft.ifftn
        return transform(value, axes=axes, norm=norm)

    def is_own(self, value: Any) -> bool:
        """Whether an object is an array of this library."""
        return type(value) is type(self.namespace.empty(0))

    def kept(self, value: Native) -> Native:
        """A user's array as one that nobody writes to."""
        return self.namespace.asarray(value, copy=True)

    def ndarray(self, value: Native) -> Any:
        """A new NumPy array with the elements."""
        import numpy as np

        return np.array(np.from_dlpack(value))

    def elements(self, value: Native) -> list[Any]:
        """The elements of a 1-d array as Python numbers."""
        return self.ndarray(value).tolist()  # type: ignore[no-any-return]

    def from_elements(self, values: Sequence[Any], dtype: Any) -> Native:
        """A new 1-d array of Python numbers."""
        return self.namespace.asarray(list(values), dtype=dtype, device=self.device)

    def complex(self, real: Native, imag: Native, dtype: Any) -> Native | None:
        """A complex array of two real ones of one shape; None if there is no function for it."""
        return None

    @property
    def decompositions(self) -> Any:
        """What holds the library's decompositions, the functions that ``linalg`` names."""
        raise NotImplementedError("the library has no decompositions like LAPACK's")

    def known(self, value: Native) -> Native:
        """The array with a shape that is known, where it depends on elements."""
        return value

    def special(self, kernel: str) -> Callable[..., Native] | None:
        """The function of the capability "special" of a name, of arrays; None for none.

        That of ``polygamma`` takes the array first.
        """
        return None
