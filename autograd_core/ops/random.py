"""Sampling in place and by parameters: every gradient is zero, as torch has it.

``sampler`` and ``parameters`` are of ``autograd_core.random_streams``; ``order`` is how the dims
of the target lie in memory, outermost first: torch fills memory, not rows.
"""

from __future__ import annotations

from typing import Any

from .. import random_streams
from ..derivatives import AS_GIVEN, OPERAND, op
from ..dtypes import int64
from ..sizes import numel, row_major


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


def _bernoulli(xp: Any, self: Any, p: Any, order: Any, generator: Any) -> Any:
    aligned = xp.permute(xp.expand(xp.own(p), self.shape), order)
    parameters = {"p": xp.to_flat(aligned), "p_dtype": xp.dtype(p).name}
    return _drawn(xp, self, "bernoulli_elementwise", parameters, order, generator)


bernoulli_fill = op(
    "BernoulliBackward1",
    "bernoulli_fill(self, p, order, generator)",
    kernel=_bernoulli,
    promote=AS_GIVEN,
    self=lambda xp, grad: xp.zeros_like(grad),
    p=lambda xp, p: xp.zeros_like(p),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)
bernoulli = op(
    "BernoulliBackward0",
    "bernoulli(self, order, generator)",
    kernel=lambda xp, self, order, generator: _bernoulli(xp, self, self, order, generator),
    self=lambda xp, grad: xp.zeros_like(grad),
    tangent=lambda xp, self_t: xp.zeros_like(self_t),
)


def _normal(xp: Any, generator: Any, like: Any, shape: Any, mean: Any, std: Any) -> Any:
    """Draw with means and deviations that are numbers, or arrays with one for each element."""
    parameters = {"mean": mean, "std": std}
    for name, value in parameters.items():
        if hasattr(value, "shape"):
            parameters[name] = xp.to_flat(xp.expand(xp.own(value), shape))
    return xp.sample("normal_elementwise", generator, shape, xp.dtype(like), parameters)


def _zeros(xp: Any, grad: Any, shape: tuple[int, ...]) -> Any:
    """Zeros that a batch of gradients shares."""
    return xp.clone_strided(xp.expand(xp.scalar_like(grad, 0), shape), row_major(shape))


normal_mean = op(
    "NormalBackward1",
    "normal_mean(mean, std, generator)",
    aten="normal",
    complex_gradient=False,
    kernel=lambda xp, mean, std, generator: _normal(xp, generator, mean, mean.shape, mean, std),
    mean=lambda xp, grad, mean_shape: _zeros(xp, grad, mean_shape),
    writes={"mean": 1},
    tangent=lambda xp, mean_t: xp.zeros_like(mean_t),
)
normal_std = op(
    "NormalBackward2",
    "normal_std(std, mean, generator)",
    aten="normal",
    complex_gradient=False,
    kernel=lambda xp, std, mean, generator: _normal(xp, generator, std, std.shape, mean, std),
    std=lambda xp, grad, std_shape: _zeros(xp, grad, std_shape),
    tangent=lambda xp, std_t: xp.zeros_like(std_t),
)
normal_mean_std = op(
    "NormalBackward3",
    "normal_mean_std(mean, std, size, generator)",
    aten="normal",
    complex_gradient=False,
    kernel=lambda xp, mean, std, size, generator: _normal(xp, generator, mean, size, mean, std),
    promote=AS_GIVEN,
    mean=lambda xp, grad, mean_shape: _zeros(xp, grad, mean_shape),
    std=lambda xp, grad, std_shape: _zeros(xp, grad, std_shape),
    writes={"mean": 1, "std": 1},
    tangent=lambda xp, result: xp.zeros_like(result),
)


def _multinomial(xp: Any, self: Any, num_samples: int, replacement: bool, generator: Any) -> Any:
    shape = self.shape
    width = shape[-1]
    weights = xp.to_flat(self)
    dtype = xp.dtype(self).name
    races = None
    if not (replacement and num_samples > 1):  # torch looks at all rows before it draws
        random_streams.check_rows(
            [weights[k : k + width] for k in range(0, numel(shape), width or 1)]
        )
    if len(shape) == 2 and not (replacement and num_samples > 1):
        rows, strides = shape[0], xp.strides(self)
        if rows > 1 and width > 1 and strides[0] < strides[1]:  # torch draws in memory's order
            drawn_races = random_streams.exponential(generator, rows * width, dtype)
            races = [drawn_races[k * rows + row] for row in range(rows) for k in range(width)]
    drawn: list[int] = []
    for start in range(0, numel(shape), width or 1):
        drawn += random_streams.multinomial(
            generator,
            num_samples,
            dtype,
            weights=weights[start : start + width],
            replacement=replacement,
            races=races and races[start : start + width],
        )
    return xp.from_flat(drawn, (*shape[:-1], num_samples), int64)


multinomial = op(
    "",
    "multinomial(self, num_samples, replacement, generator)",
    kernel=_multinomial,
    promote=AS_GIVEN,
    self=OPERAND,
)

__all__ = [
    "FILLING",
    "bernoulli",
    "bernoulli_fill",
    "multinomial",
    "normal_mean",
    "normal_mean_std",
    "normal_std",
]
