"""Losses held against torch: values, graph, gradients, warnings and error texts."""

from __future__ import annotations

import runpy
import warnings
from pathlib import Path
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")
EXPRESSIONS = runpy.run_path(str(Path(__file__).with_name("expressions.py")))
outcome = EXPRESSIONS["outcome"]

LOSSES = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"]
ARGUMENTS = """
r(4, 3), r(4, 3)
r(4, 3), r(3)
r(4, 3), r(2, 3)
r(4, 3, d=c), r(4, 3, d=c)
i(4, 3), i(4, 3)
r(4, 3), r(4, 3), reduction='none'
r(4, 3), r(4, 3), reduction='sum'
r(4, 3), r(4, 3), reduction='x'
r(1, 3), r(1, 3, g=False)
""".strip().splitlines()
ROWS = [f"F.{loss}({arguments})" for loss in LOSSES for arguments in ARGUMENTS]
ROWS += """
F.mse_loss(r(4, 3), r(4, 3), weight=r(4, 3))
F.mse_loss(r(4, 3), r(4, 3), weight=r(4, 3), reduction='sum')
F.mse_loss(r(4, 3), r(4, 3), weight=r(4, 3), reduction='x')
F.mse_loss(r(4, 3), r(4, 3), weight=r(3))
F.mse_loss(r(4, 3), r(4, 3), size_average=False)
F.mse_loss(r(4, 3), r(4, 3), reduce=False)
F.mse_loss(r(4, 3), r(4, 3, d=f32))
F.mse_loss(r(4, 3), i(4, 3))
F.l1_loss(r(4, 3), i(4, 3))
F.l1_loss(r(4, 3), r(4, 3), weight=r(4, 3))
F.smooth_l1_loss(r(4, 3), i(4, 3))
F.smooth_l1_loss(r(4, 3), r(4, 3), beta=0.25)
F.smooth_l1_loss(r(4, 3), r(4, 3), beta=0)
F.smooth_l1_loss(r(4, 3), r(4, 3), beta=-1.0)
F.huber_loss(r(4, 3), r(4, 3), delta=0.25)
F.huber_loss(r(4, 3), r(4, 3), delta=0.0)
F.huber_loss(r(4, 3), r(4, 3), weight=r(4, 3))
F.huber_loss(r(4, 3), r(4, 3), weight=r(4, 3), reduction='x')
F.binary_cross_entropy(r(2, 3).sigmoid(), r(2, 3).sigmoid())
F.binary_cross_entropy(r(2, 3).sigmoid(), r(2, 3).sigmoid(), weight=r(3), reduction='none')
F.binary_cross_entropy(r(2, 3).sigmoid(), r(2, 3).sigmoid(), reduction='x')
F.binary_cross_entropy(r(2, 3), r(2, 3).sigmoid())
F.binary_cross_entropy(r(2, 3).sigmoid(), r(2, 3))
F.binary_cross_entropy(r(2, 3).sigmoid(), r(3).sigmoid())
F.binary_cross_entropy(r(2, 3).sigmoid(), i(2, 3))
F.binary_cross_entropy(r(2, 3).sigmoid(), r(2, 3, d=f32).sigmoid())
F.binary_cross_entropy(i(2, 3), i(2, 3))
F.binary_cross_entropy(r(3).sigmoid(), r(3).sigmoid(), weight=r(2, 3))
F.binary_cross_entropy_with_logits(r(2, 3), r(2, 3))
F.binary_cross_entropy_with_logits(r(2, 3), r(2, 3), r(3, g=False), pos_weight=r(1, g=False))
F.binary_cross_entropy_with_logits(r(2, 3), r(2, 3), reduction='none')
F.binary_cross_entropy_with_logits(r(2, 3), r(3))
F.binary_cross_entropy_with_logits(r(2, 3), i(2, 3))
F.kl_div(r(2, 3), r(2, 3).sigmoid(), reduction='batchmean')
F.kl_div(r(2, 3), r(2, 3), reduction='sum', log_target=True)
F.kl_div(r(2, 3), r(2, 3).sigmoid(), reduction='none')
F.kl_div(r(2, 3), r(2, 3).sigmoid(), size_average=False)
F.nll_loss(r(2, 3), i(2))
F.nll_loss(r(3), i())
F.nll_loss(r(2, 3), i(2), weight=r(3, g=False), reduction='sum')
F.nll_loss(r(2, 3), i(2), reduction='none', ignore_index=1)
F.nll_loss(r(2, 3), i(2, d=u8))
F.nll_loss(r(2, 3, 4), i(2, 4))
F.nll_loss(r(2, 3, 4), i(2, 4), reduction='none')
F.nll_loss(r(2, 3, 2, 2), i(2, 2, 2))
F.nll_loss(r(2, 3, 2, 2, 2), i(2, 2, 2, 2), weight=r(3, g=False), reduction='none')
F.nll_loss(r(), i())
F.nll_loss(r(2, 3), i(3))
F.nll_loss(r(2, 3), i(2) + 2)
F.nll_loss(r(2, 3), i(2) - 2)
F.nll_loss(r(2, 3), r(2))
F.nll_loss(r(2, 3), i(2, 2))
F.nll_loss(r(2, 3), i(2), weight=r(2))
F.nll_loss(r(2, 3), i(2), weight=r(3, d=f32))
F.nll_loss(i(2, 3), i(2))
F.nll_loss(r(2, 3), i(2).int())
F.nll_loss(r(2, 3, 4), i(2, 3))
F.nll_loss(r(2, 3, 4, 5), i(2, 4))
F.nll_loss(r(2, 3, 2, 2), i(2, 2, 3))
F.nll_loss(r(3), i(2))
F.nll_loss(r(2, 3), i(2), reduction='x')
F.cross_entropy(r(2, 3), i(2))
F.cross_entropy(r(3), i())
F.cross_entropy(r(2, 3, 4), i(2, 4), reduction='none')
F.cross_entropy(r(2, 3), i(2), weight=r(3, g=False))
F.cross_entropy(r(2, 3), i(2), label_smoothing=0.2)
F.cross_entropy(r(2, 3), i(2), weight=r(3, g=False), label_smoothing=0.2, ignore_index=1)
F.cross_entropy(r(2, 3), i(2), label_smoothing=0.2, reduction='sum')
F.cross_entropy(r(2, 3), i(2), label_smoothing=0.2, reduction='none')
F.cross_entropy(r(2, 3), r(2, 3))
F.cross_entropy(r(2, 3), r(2, 3), weight=r(3, g=False), reduction='none')
F.cross_entropy(r(2, 3), r(2, 3), label_smoothing=0.2, reduction='sum')
F.cross_entropy(r(2, 3), i(2, 3))
F.cross_entropy(r(2, 3), i(2), label_smoothing=2)
F.cross_entropy(r(2, 3), r(2, 3), label_smoothing=2)
F.cross_entropy(r(2, 3), r(2, 3), weight=r(2))
F.cross_entropy(r(2, 3), r(2, 3), ignore_index=1)
F.cross_entropy(r(2, 3), i(1, 2))
F.cross_entropy(r(), i())
""".strip().splitlines()


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("expression", ROWS)
def test_as_torch(expression: str, backend: str) -> None:
    expected, numbers = outcome(real_torch, expression)
    found, made = outcome(autograd_core, expression, backend)
    assert found == expected
    assert made == pytest.approx(numbers, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("arguments", [{}, {"size_average": False}, {"reduce": True}])
def test_warnings(arguments: dict[str, bool]) -> None:
    def warned(torch: Any) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            torch.nn.functional.mse_loss(torch.ones(2, 3), torch.ones(3), **arguments)
        return [str(warning.message) for warning in caught]

    assert warned(autograd_core) == warned(real_torch)
