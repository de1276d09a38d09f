"""What stands for arrays in rows: a list, ``arrays(...)`` for several, ``zero_d(...)``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

NAN, INF = math.nan, math.inf


class Arrays(NamedTuple):
    """A list of arrays."""

    members: tuple[Any, ...]


class ZeroD(NamedTuple):
    """An array without dims."""

    value: Any


class Int32(NamedTuple):
    """An array of int32, where integers alone stand for int64."""

    value: Any


def arrays(*members: Any) -> Arrays:
    return Arrays(members)


def zero_d(value: Any) -> ZeroD:
    return ZeroD(value)


def filled(*shape: int) -> list[Any]:
    """1.0, 2.0 ... in a shape."""
    return nested([float(k + 1) for k in range(math.prod(shape))], shape)


def nested(flat: Sequence[Any], shape: Sequence[int]) -> Any:
    if not shape:
        return flat[0]
    size = math.prod(shape[1:])
    return [nested(flat[row * size : (row + 1) * size], shape[1:]) for row in range(shape[0])]


E = math.e
LN2 = math.log(2)
SIG1 = 1 / (1 + math.exp(-1))
SIG2 = 1 / (1 + math.exp(-2))
PHI1 = math.erf(math.sqrt(0.5)) / 2 + 0.5
DENSITY1 = math.exp(-0.5) / math.sqrt(2 * math.pi)
GRID = [[1.0, 2.0], [3.0, 4.0]]
