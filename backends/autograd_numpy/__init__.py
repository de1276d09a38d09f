"""The NumPy and SciPy backend: arrays are ``numpy.ndarray``, 0-d results NumPy scalars.

One file per family of kernels, each holding a mixin; ``NumpyBackend`` joins them.
"""

from typing import ClassVar

from autograd_core.backend import Backend

from .activation import Activation
from .allocation import keep_freed_memory
from .arrays import Arrays
from .attention import Attention
from .convolution import Convolution
from .fft import Fft
from .indexing import Indexing
from .linalg import Linalg
from .loss import Loss
from .matmul import Matmul
from .normalization import Normalization
from .pointwise import Pointwise
from .pooling import Pooling
from .reduction import Reduction
from .softmax import Softmax
from .special import Special
from .spectra import Spectra
from .straight_lines import StraightLines
from .widening import Widening

__all__ = ["NumpyBackend"]

keep_freed_memory()


class NumpyBackend(
    Arrays,
    Activation,
    Pointwise,
    Pooling,
    Reduction,
    Indexing,
    Convolution,
    Matmul,
    Linalg,
    Loss,
    Normalization,
    Softmax,
    Special,
    Spectra,
    Fft,
    Attention,
    Widening,
    Backend,
):
    """The required functions of the contract on NumPy arrays, and faster derived ones."""

    name: ClassVar[str] = "numpy"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "linalg", "special"})
    straight_lines: ClassVar[StraightLines] = StraightLines()
