"""JAX's polygamma beyond the numbers that it is right of: those above zero."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax.scipy import special

Native = Any


def polygamma(value: Native, n: int) -> Native:
    """The n-th derivative of digamma; below 1/2 it is reflected at that place."""
    if n == 0:
        return digamma(value)
    reflected = value < 0.5
    above = special.polygamma(n, jnp.where(reflected, 1 - value, value))
    made = (-1) ** n * above - _cotangent(value, n)
    pole = jnp.logical_and(reflected, value == jnp.floor(value))
    made = jnp.where(pole, jnp.inf if n % 2 else -jnp.inf, made)
    return jnp.where(reflected, made, above)


def digamma(value: Native) -> Native:
    """The same of digamma itself, which has poles of two signs at zero and none below."""
    reflected = value < 0.5
    above = special.digamma(jnp.where(reflected, 1 - value, value))
    made = jnp.where(reflected, above - _cotangent(value, 0), above)
    pole = jnp.where(value == 0, -jnp.copysign(jnp.inf, value), jnp.nan)
    return jnp.where(jnp.logical_and(reflected, value == jnp.floor(value)), pole, made)


def _cotangent(value: Native, n: int) -> Native:
    """The n-th derivative of pi cot(pi x): a polynomial in the cotangent."""
    factors = [0, 1]
    for _ in range(n):  # d cot = -(1 + cot^2)
        slopes = [-k * factor for k, factor in enumerate(factors)][1:]
        factors = [a + b for a, b in zip([*slopes, 0, 0], [0, 0, *slopes], strict=True)]
    angle = math.pi * (value - jnp.round(value))
    cotangent = jnp.cos(angle) / jnp.sin(angle)
    total = jnp.zeros_like(value)
    for factor in reversed(factors):
        total = total * cotangent + factor
    return math.pi ** (n + 1) * total
