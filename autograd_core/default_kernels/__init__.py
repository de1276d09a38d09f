"""The derived functions of the backend contract, each written in the required ones.

A backend overrides one to be faster or more exact; leaving them all alone gives every op. A family
is imported when a function of it is first read (``family_index``).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..family_index import KERNELS
from ..lazy_imports import Families

if TYPE_CHECKING:
    from .activation import ActivationDefaults
    from .arrays import ArrayDefaults
    from .attention import AttentionDefaults
    from .bessel import BesselDefaults
    from .convolution import ConvolutionDefaults
    from .ctc_loss import CtcLossDefaults
    from .embedding_bag import EmbeddingBagDefaults
    from .fft import FftDefaults
    from .indexing import IndexingDefaults
    from .interpolation import InterpolationDefaults
    from .linalg import LinalgDefaults
    from .loss import LossDefaults
    from .margin_loss import MarginLossDefaults
    from .matmul import MatmulDefaults
    from .movement import MovementDefaults
    from .normalization import NormalizationDefaults
    from .padding import PaddingDefaults
    from .pointwise import PointwiseDefaults
    from .pooling import PoolingDefaults
    from .reduction import ReductionDefaults
    from .resampling import ResamplingDefaults
    from .segments import SegmentDefaults
    from .shape import ShapeDefaults
    from .sorting import SortingDefaults
    from .special import SpecialDefaults
    from .spectra import SpectraDefaults

    class DefaultKernels(
        ArrayDefaults,
        PointwiseDefaults,
        SpecialDefaults,
        BesselDefaults,
        FftDefaults,
        ActivationDefaults,
        ReductionDefaults,
        ShapeDefaults,
        MovementDefaults,
        PaddingDefaults,
        SortingDefaults,
        IndexingDefaults,
        MatmulDefaults,
        LinalgDefaults,
        ConvolutionDefaults,
        LossDefaults,
        MarginLossDefaults,
        CtcLossDefaults,
        AttentionDefaults,
        NormalizationDefaults,
        SegmentDefaults,
        EmbeddingBagDefaults,
        InterpolationDefaults,
        ResamplingDefaults,
        SpectraDefaults,
        PoolingDefaults,
    ):
        """All derived functions."""

else:

    class DefaultKernels:
        """All derived functions."""


def functions(family: ModuleType) -> Mapping[str, Any]:
    """Return the functions of the class of a family."""
    for kind in vars(family).values():
        if isinstance(kind, type) and kind.__name__.endswith("Defaults"):
            return vars(kind)
    raise TypeError(f"{family.__name__} has no class of derived functions")


Families(__name__, KERNELS, functions).stand_in(DefaultKernels)
