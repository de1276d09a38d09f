"""Special functions where they are hard: near zeros, in tails, for large arguments; in literals."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("gammaln", (1.0000000000009095,), -5.249745890076018e-13),
        ("gammaln", (1.9999999999990905,), -3.845201127643794e-13),
        ("gammaln", (0.75,), 0.20328095143129538),
        ("erfc", (13.5,), 2.949433113257988e-81),
        ("erfc", (26.0,), 5.663192408856143e-296),
        ("ndtri", (0.01,), -2.326347874040841),
        ("zeta", (58.0, 33.25), 6.652492458158605e-89),
        ("zeta", (21.0, 33.25), 2.4417273466166698e-32),
        ("gammainc", (30.0, 28.5), 0.4139479954482845),
        ("gammaincc", (1e-10, 1e-05), 1.0935719794146443e-09),
        ("bessel_j0", (30.0,), -0.08636798358104021),
        ("bessel_y1", (5.0,), 0.14786314339122683),
        ("airy_ai", (-7.0,), 0.18428083525050565),
        ("scaled_modified_bessel_k0", (3.0,), 0.6977615980438517),
        ("ndtri", (1e-300,), -37.0470962993612),
    ],
)
def test_last_places(engine: Any, name: str, arguments: tuple[float, ...], wanted: float) -> None:
    tensors = [engine.tensor(x, dtype=engine.float64) for x in arguments]
    made = getattr(engine.special, name)(*tensors).item()
    assert made == pytest.approx(wanted, rel=5e-14, abs=0)


def test_lgamma_near_a_negative_zero() -> None:
    special = pytest.importorskip("autograd_python.special")
    assert special.lgamma(-2.45702) == pytest.approx(7.181372855972734e-06, rel=1e-14, abs=0)
