"""THE TABLE: one entry per graph node of torch, one file per family.

The module is also the differentiable interpreter: it has the backend's functions over Tensors,
so that a formula written in ``xp`` runs on either.
"""

from __future__ import annotations

import sys

from ..engine.views import set_differentiable_xp
from .activation import *
from .attention import *
from .comparison import *
from .complex_numbers import *
from .convolution import *
from .ctc_loss import *
from .embedding_bag import *
from .fft import *
from .indexing import *
from .interpolation import *
from .linalg import *
from .loss import *
from .margin_loss import *
from .matmul import *
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

set_differentiable_xp(sys.modules[__name__])
