"""Sample calls that together reach every differentiable entry of the table, by family.

``ROWS`` maps a name, "matmul: addmm", to a row; tests that need a call per entry read it.
"""

from . import (
    activation,
    comparison,
    complex_numbers,
    indexing,
    interpolation,
    loss,
    matmul,
    movement,
    normalization,
    pointwise,
    random,
    reduction,
    segments,
    shape,
    sorting,
    special,
)
from .rows import NOT_NUMERICAL, Refused, Row

__all__ = ["NOT_NUMERICAL", "ROWS", "Refused", "Row"]

FAMILIES = (
    activation,
    comparison,
    complex_numbers,
    indexing,
    interpolation,
    loss,
    matmul,
    movement,
    normalization,
    pointwise,
    random,
    reduction,
    segments,
    shape,
    sorting,
    special,
)

ROWS: dict[str, Row] = {
    f"{family.__name__.rpartition('.')[2]}: {row.name}": row
    for family in FAMILIES
    for row in family.ROWS
}
