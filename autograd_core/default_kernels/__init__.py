"""The derived functions of the backend contract, each written in the required ones.

A backend overrides one to be faster or more exact; leaving them all alone gives every op.
"""

from .activation import ActivationDefaults
from .arrays import ArrayDefaults
from .indexing import IndexingDefaults
from .matmul import MatmulDefaults
from .normalization import NormalizationDefaults
from .pointwise import PointwiseDefaults
from .reduction import ReductionDefaults
from .shape import ShapeDefaults
from .special import SpecialDefaults


class DefaultKernels(
    ArrayDefaults,
    PointwiseDefaults,
    SpecialDefaults,
    ActivationDefaults,
    ReductionDefaults,
    ShapeDefaults,
    IndexingDefaults,
    MatmulDefaults,
    NormalizationDefaults,
):
    """All derived functions."""
