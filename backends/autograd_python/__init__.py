"""The pure-Python backend: strided arrays over lists, nothing compiled beside Python itself."""

from __future__ import annotations

from typing import ClassVar

from autograd_core.backend import Backend

from .array import Array
from .complex_numbers import ComplexNumbers
from .creation import Creation
from .ctc_loss import CtcLoss
from .fft import Fft
from .indexing import Indexing
from .interpolation import Interpolation
from .linalg import Linalg
from .matmul import Matmul
from .normalization import Normalization
from .pointwise import Pointwise
from .pooling import Pooling
from .reduction import Reduction
from .shape import Shape
from .special import Special
from .spectra import Spectra
from .straight_lines import StraightLines

__all__ = ["Array", "PythonBackend"]


class PythonBackend(
    Creation,
    Shape,
    Pointwise,
    Pooling,
    Reduction,
    Indexing,
    Interpolation,
    Matmul,
    Linalg,
    Normalization,
    ComplexNumbers,
    CtcLoss,
    Special,
    Fft,
    Spectra,
    Backend,
):
    """Every required function of the contract, and some derived ones, in Python's own numbers."""

    name: ClassVar[str] = "python"
    capabilities: ClassVar[frozenset[str]] = frozenset({"complex", "fft", "linalg", "special"})
    straight_lines: ClassVar[StraightLines] = StraightLines()
