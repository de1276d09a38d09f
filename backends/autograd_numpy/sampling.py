"""The backend's sampler; numpy.random is imported when it is first used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core.dtypes import DType

if TYPE_CHECKING:
    from autograd_core.generator import Generator

Array = Any


class Sampling:
    """The random function of the contract."""

    def sample(
        self,
        sampler: str,
        generator: Generator,
        shape: Sequence[int],
        dtype: DType,
        parameters: dict[str, Any],
    ) -> Array:
        from . import random

        draw = getattr(random, sampler)
        arrays = {k: np.array(v) if isinstance(v, list) else v for k, v in parameters.items()}
        return draw(generator, math.prod(shape), dtype.name, **arrays).reshape(tuple(shape))
