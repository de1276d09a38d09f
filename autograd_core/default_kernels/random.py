"""The derived sampler: torch's CPU stream by the core's own definition of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import random_streams
from ..dtypes import DType
from ..generator import Generator
from ..sizes import numel

Array = Any


class RandomDefaults:
    """The random function of the backend contract."""

    def sample(
        self: Any,
        sampler: str,
        generator: Generator,
        shape: Sequence[int],
        dtype: DType,
        parameters: dict[str, Any],
    ) -> Array:
        """A new contiguous array of random numbers.

        ``sampler`` names a function of ``autograd_core.random_streams``, which defines the numbers
        to the bit; a backend may compute them faster.
        """
        draw = getattr(random_streams, sampler)
        return self.from_flat(
            draw(generator, numel(shape), dtype.name, **parameters), tuple(shape), dtype
        )
