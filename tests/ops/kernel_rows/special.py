"""Derived kernels of special in literals."""

from __future__ import annotations

import math
from typing import Any

from .values import INF, LN2, NAN, PHI1, E

ROWS: list[tuple[str, list[Any], Any]] = [
    ("mvlgamma", [[2.0], 1], [0.0]),
    ("mvlgamma", [[1.5], 2], [math.log(math.pi / 2)]),
    ("entr", [[0.0, 1.0, -1.0, E, NAN]], [0.0, 0.0, -INF, -E, NAN]),
    ("logit", [[0.5, 0.0, 0.75]], [0.0, -INF, math.log(3)]),
    ("logit", [[0.0], 0.25], [-math.log(3)]),
    ("xlogy", [[0.0, 2.0, 0.0], [0.0, E, NAN]], [0.0, 2.0, NAN]),
    ("xlogy_scalar", [[0.0, 2.0], 1.0], [0.0, 0.0]),
    ("xlog1py", [[0.0, 2.0, 0.0], [-1.0, 1.0, NAN]], [0.0, 2 * LN2, NAN]),
    ("xlog1py_scalar", [[0.0, 2.0], 1.0], [0.0, 2 * LN2]),
    ("zeta", [[2.0, 4.0], [1.0, 1.0]], [math.pi**2 / 6, math.pi**4 / 90]),
    ("zeta", [[1.0, 0.5, 2.0], [1.0, 1.0, 0.0]], [INF, NAN, INF]),
    ("zeta_of_number", [2.0, [1.0, 2.0]], [math.pi**2 / 6, math.pi**2 / 6 - 1]),
    ("i1", [[0.0, 1.0, -1.0]], [0.0, 0.565159103992485, -0.565159103992485]),
    ("i1", [[INF, NAN]], [INF, NAN]),
    ("i0e", [[0.0, 1.0, INF]], [1.0, 0.46575960759364043, 0.0]),
    ("i0e", [[30.0]], [0.0731459464822373]),
    ("i1e", [[0.0, 1.0, -1.0]], [0.0, 0.2079104153497085, -0.2079104153497085]),
    ("erfcx", [[0.0, -INF, INF]], [1.0, INF, 0.0]),
    ("erfcx", [[1.0, 100.0]], [0.427583576155807, 0.005641613782989433]),
    ("ndtri", [[0.5, PHI1]], [0.0, 1.0]),
    ("log_ndtr", [[0.0, 1.0, -INF]], [-LN2, math.log(PHI1), -INF]),
    ("log_ndtr", [[-40.0]], [-804.608442013754]),
]
