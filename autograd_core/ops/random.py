"""Sampling in place and by parameters: every gradient is zero, as torch has it.

``sampler`` and ``parameters`` are of ``autograd_core.random_streams``; ``order`` is how the dims
of the target lie in memory, outermost first: torch fills memory, not rows.
"""

from __future__ import annotations

from typing import Any

from ..derivatives import AS_GIVEN, NON_DIFFERENTIABLE, op


def _drawn(xp: Any, self: Any, sampler: str, parameters: Any, order: Any, generator: Any) -> Any:
    shape = self.shape
    dtype = xp.dtype(self)
    drawn = xp.sample(sampler, generator, [shape[d] for d in order], dtype, parameters)
    return xp.permute(drawn, sorted(range(len(order)), key=order.__getitem__))


def _filling(node: str) -> Any:
    return op(
        node,
        "fill_sampled(self, sampler, parameters, order, generator)",
        kernel=_drawn,
        promote=AS_GIVEN,
        self=lambda xp, grad: xp.zeros_like(grad),
        tangent=lambda xp, self_t: xp.zeros_like(self_t),
    )


FILLING = {
    "normal": _filling("NormalBackward0"),
    "uniform": _filling("UniformBackward0"),
    "exponential": _filling("ExponentialBackward0"),
    "cauchy": _filling("CauchyBackward0"),
    "log_normal": _filling("LogNormalBackward0"),
    "geometric": _filling("GeometricBackward0"),
    "bernoulli": _filling("BernoulliBackward2"),
    "random_from": _filling("RandomBackward0"),
    "random_to": _filling("RandomBackward1"),
    "random": _filling("RandomBackward2"),
}
"""The in-place samplers by torch's name."""

bernoulli_fill = op(
    "BernoulliBackward1",
    "bernoulli_fill(self, p, parameters, order, generator)",
    kernel=lambda xp, self, p, parameters, order, generator: _drawn(
        xp, self, "bernoulli_elementwise", parameters, order, generator
    ),
    promote=AS_GIVEN,
    self=lambda xp, grad: xp.zeros_like(grad),
    p=lambda xp, p: xp.zeros_like(p),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)
bernoulli = op(
    "BernoulliBackward0",
    "bernoulli(self, parameters, order, generator)",
    kernel=lambda xp, self, parameters, order, generator: _drawn(
        xp, self, "bernoulli_elementwise", parameters, order, generator
    ),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)


def _normal_of(xp: Any, template: Any, parameters: Any, generator: Any) -> Any:
    return xp.sample(
        "normal_elementwise", generator, template.shape, xp.dtype(template), parameters
    )


normal_mean = op(
    "NormalBackward1",
    "normal_mean(mean, parameters, generator)",
    aten="normal",
    complex_gradient=False,
    kernel=_normal_of,
    mean=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, mean_t: xp.zeros_like(mean_t),
)
normal_std = op(
    "NormalBackward2",
    "normal_std(std, parameters, generator)",
    aten="normal",
    complex_gradient=False,
    kernel=_normal_of,
    std=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, std_t: xp.zeros_like(std_t),
)
normal_mean_std = op(
    "NormalBackward3",
    "normal_mean_std(mean, std, template, parameters, generator)",
    kernel=lambda xp, mean, std, template, parameters, generator: _normal_of(
        xp, template, parameters, generator
    ),
    promote=AS_GIVEN,
    template=NON_DIFFERENTIABLE,
    mean=lambda xp, grad: xp.zeros_like(grad),
    std=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, template: xp.zeros_like(template),
)

__all__ = [
    "FILLING",
    "bernoulli",
    "bernoulli_fill",
    "normal_mean",
    "normal_mean_std",
    "normal_std",
]
