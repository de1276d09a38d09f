"""The NumPy and SciPy backend: arrays are ``numpy.ndarray``, 0-d results NumPy scalars.

One file per family of kernels, each holding a mixin; ``NumpyBackend`` joins them.
"""

from typing import ClassVar

from autograd_core.backend import Backend

from .arrays import Arrays
from .convolution import Convolution
from .indexing import Indexing
from .matmul import Matmul
from .normalization import Normalization
from .pointwise import Pointwise
from .reduction import Reduction
from .sampling import Sampling
from .shape import Shape
from .special import Special
from .widening import Widening

__all__ = ["NumpyBackend"]


class NumpyBackend(
    Arrays,
    Shape,
    Pointwise,
    Reduction,
    Indexing,
    Convolution,
    Matmul,
    Normalization,
    Special,
    Sampling,
    Widening,
    Backend,
):
    """The required functions of the contract on NumPy arrays, and faster derived ones."""

    name: ClassVar[str] = "numpy"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "special"})
