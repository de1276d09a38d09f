"""torch.autograd.gradcheck: gradients and tangents compared with finite differences.

``numerical`` and ``analytical`` compute, ``comparison`` compares, ``properties`` holds what is
checked besides, ``checking`` the public calls and the order of the checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy_imports import Families, on_demand

if TYPE_CHECKING:
    from .checking import (
        get_analytical_jacobian,
        get_numerical_jacobian,
        get_numerical_jacobian_wrt_specific_input,
        gradcheck,
        gradgradcheck,
    )
    from .errors import GradcheckError
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        (),
        Families(
            __name__,
            {
                "checking": """
                    get_analytical_jacobian get_numerical_jacobian
                    get_numerical_jacobian_wrt_specific_input gradcheck gradgradcheck
                """,
                "errors": "GradcheckError",
            },
        ),
    )

__all__ = [
    "GradcheckError",
    "get_analytical_jacobian",
    "get_numerical_jacobian",
    "get_numerical_jacobian_wrt_specific_input",
    "gradcheck",
    "gradgradcheck",
]
