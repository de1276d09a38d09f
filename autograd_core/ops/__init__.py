"""THE TABLE: one entry per graph node of torch, one file per family.

The module is also the differentiable interpreter: it has the backend's functions over Tensors,
so that a formula written in ``xp`` runs on either. A family is imported when an op of it is first
read (``family_index``); none is named as one of its ops.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..derivatives.entry import Entry
from ..derivatives.table import TABLE
from ..engine.views import set_differentiable_xp
from ..family_index import OPS
from ..lazy_imports import Families, on_demand

if TYPE_CHECKING:
    from .activation import *
    from .attention import *
    from .comparison import *
    from .complex_numbers import *
    from .convolutions import *
    from .ctc_losses import *
    from .elementary import *
    from .embedding_bags import *
    from .fft import *
    from .indexing import *
    from .interpolation import *
    from .linalg import *
    from .loss import *
    from .margin_loss import *
    from .matmuls import *
    from .movement import *
    from .normalization import *
    from .packing import *
    from .padding import *
    from .pointwise import *
    from .pooling import *
    from .products import *
    from .random import *
    from .reduction import *
    from .resampling import *
    from .segments import *
    from .shape import *
    from .solvers import *
    from .sorting import *
    from .special import *
    from .spectra import *
    from .tensors import *
else:
    __getattr__, __dir__ = on_demand(__name__, (), Families(__name__, OPS))


def table() -> dict[str, list[Entry]]:
    """Import every family, and return all entries by node name."""
    interpreter = sys.modules[__name__]
    for name in dir(interpreter):
        getattr(interpreter, name)
    return TABLE


set_differentiable_xp(sys.modules[__name__])
