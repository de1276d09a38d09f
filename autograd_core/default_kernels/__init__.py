"""The derived functions of the backend contract, each written in the required ones.

A backend overrides one to be faster or more exact; leaving them all alone gives every op.
"""

from .activation import ActivationDefaults
from .arrays import ArrayDefaults
from .indexing import IndexingDefaults
from .interpolation import InterpolationDefaults
from .loss import LossDefaults
from .matmul import MatmulDefaults
from .movement import MovementDefaults
from .normalization import NormalizationDefaults
from .pointwise import PointwiseDefaults
from .random import RandomDefaults
from .reduction import ReductionDefaults
from .resampling import ResamplingDefaults
from .segments import SegmentDefaults
from .shape import ShapeDefaults
from .sorting import SortingDefaults
from .special import SpecialDefaults
from .storage import StorageDefaults


class DefaultKernels(
    ArrayDefaults,
    PointwiseDefaults,
    SpecialDefaults,
    ActivationDefaults,
    ReductionDefaults,
    ShapeDefaults,
    MovementDefaults,
    SortingDefaults,
    IndexingDefaults,
    MatmulDefaults,
    LossDefaults,
    NormalizationDefaults,
    RandomDefaults,
    SegmentDefaults,
    InterpolationDefaults,
    ResamplingDefaults,
    StorageDefaults,
):
    """All derived functions."""
