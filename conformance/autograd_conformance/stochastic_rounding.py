"""Runs torch with every rounding made at random: Monte Carlo arithmetic (CESTAC, Verificarlo).

How far the answers of a few such runs lie from each other is how sensitive torch's own way of
computing is to rounding, wherever in it numbers cancel.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

#: Ops whose results are exact though they are none of the numbers put in, and random draws.
EXACT = (
    "ceil",
    "floor",
    "fmod",
    "frac",
    "frexp",
    "heaviside",
    "ldexp",
    "nextafter",
    "remainder",
    "round",
    "sgn",
    "sign",
    "trunc",
    "bernoulli",
    "multinomial",
    "poisson",
    "normal*",
    "rand*",
    "uniform*",
)
#: Ops that round correctly: a short result, the lower half of its digits being zero, is exact.
CORRECT = ("add", "sub", "rsub", "mul", "div", "reciprocal", "sqrt", "square")
#: Ops on numbers one by one that round inside, besides those named ``*_backward``.
COMPOUND = ("addcdiv", "addcmul", "*lerp", "*_backward")
#: LAPACK's iteration for singular values stops within max(10, min(100, eps ** (-1 / 8))) roundings.
ITERATED = ("_linalg_svd", "linalg_lstsq")


class RandomRounding(TorchDispatchMode):
    """While active, each number that an op rounds is off by half to one and a half roundings more.

    The arguments of an op that rounds inside are moved likewise, in single and double precision
    only (what is shorter, torch adds up in single precision). A number of the result that is zero
    or, up to its sign, one of those put in was not rounded and is left alone: so are views, copies,
    selections, comparisons.

    Which way a number is off is drawn anew each time, or, if `steady`, a hash of the number and the
    op says it: torch rounds the same number in the same way each time, and what it computes twice
    and finds equal stays equal.
    """

    def __init__(self, draw: int, *, steady: bool = False) -> None:
        super().__init__()
        self._draw = draw
        self._generator = None if steady else torch.Generator().manual_seed(draw)

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        schema = func._schema
        aliases = [r.alias_info for r in schema.returns]
        if any(a is not None and not a.is_write for a in aliases):
            return func(*args, **kwargs)  # a view
        before = args, kwargs
        if schema.is_mutable:
            before = tree_map(_copied, before)
        result = func(*args, **kwargs)
        name = schema.name.removeprefix("aten::").rstrip("_")
        results = [t for t in tree_flatten(result)[0] if _rounds(t)]
        if not results or _listed(name, EXACT):
            return result
        given = list(_numbers(before))
        rounded = [_was_rounded(t, given) for t in results]
        if name in CORRECT:
            rounded = [r & ~_is_short(t) for r, t in zip(rounded, results, strict=True)]
        if not any(bool(r.any()) for r in rounded):
            return result
        varied = self._inside(func, name, before, results) if given else None
        steps = _roundings(name, results[0].dtype)
        for place, (t, was) in enumerate(zip(results, rounded, strict=True)):
            moved = t if varied is None else varied[place]
            moved = self._moved(moved, f"{name}: result {place}", steps)
            parts, new = _parts(t), _parts(moved)
            same_kind = torch.isfinite(parts) & torch.isfinite(new)
            parts.copy_(torch.where(was & same_kind, new, parts))
        return result

    def _inside(self, func: Any, name: str, before: Any, results: list[Any]) -> list[Any] | None:
        """The results from moved arguments; None where the op rounds but once."""
        if any(t.dtype in (torch.float16, torch.bfloat16) for t in results):
            return None
        once = torch.Tag.pointwise in func.tags and not _listed(name, COMPOUND)
        if once and (not any(t.is_complex() for t in results) or name in ("add", "sub", "rsub")):
            return None
        leaves, spec = tree_flatten(before)
        steps = _roundings(name, results[0].dtype)
        moved = [
            self._moved(v, f"{name}: argument {i}", steps) if _rounds(v) else v
            for i, v in enumerate(leaves)
        ]
        moved_args, moved_kwargs = tree_unflatten(moved, spec)
        again = [t for t in tree_flatten(func(*moved_args, **moved_kwargs))[0] if _rounds(t)]
        return again if [t.shape for t in again] == [t.shape for t in results] else None

    def _moved(self, values: torch.Tensor, where: str, steps: float) -> torch.Tensor:
        """Values off by about `steps` units in the last place, this way or that."""
        moved = values.detach().clone()
        parts = _parts(moved)
        wide = parts.double()
        if self._generator is None:
            bits = _hashed(wide, zlib.crc32(f"{where}|{self._draw}".encode()))
        else:
            bits = torch.randint(2**62, wide.shape, generator=self._generator)
        magnitude = 0.5 + (bits & 0xFFFFFF).double() / 2**24
        sign = ((bits >> 25) & 1) * 2 - 1
        parts.copy_(wide + wide * (sign * magnitude * torch.finfo(parts.dtype).eps * steps))
        return moved


def _hashed(values: torch.Tensor, seed: int) -> torch.Tensor:
    """An integer per number that shows no trace of it."""
    bits = values.view(torch.int64) ^ (seed * 0x9E3779B97F4A7C15 % 2**63)
    for factor in (0x2545F4914F6CDD1D, 0x1B03738712FAD5C9):
        bits = (bits ^ (bits >> 32)) * factor
    return bits ^ (bits >> 32)


def _parts(values: torch.Tensor) -> torch.Tensor:
    """A view of the real numbers that make a tensor up."""
    return torch.view_as_real(values.resolve_conj()) if values.is_complex() else values


def _rounds(value: Any) -> bool:
    return _holds_numbers(value) and (value.is_floating_point() or value.is_complex())


def _holds_numbers(value: Any) -> bool:
    """Whether it is a tensor with memory: shapes are inferred and zero tangents kept without."""
    return isinstance(value, torch.Tensor) and not (value.is_meta or value._is_zerotensor())


def _copied(value: Any) -> Any:
    return value.detach().clone() if _holds_numbers(value) else value


def _numbers(values: Any) -> Iterator[torch.Tensor]:
    """The magnitudes of the numbers among the arguments of an op."""
    for value in tree_flatten(values)[0]:
        if isinstance(value, torch.Tensor):
            if value.numel() and _holds_numbers(value):
                yield _parts(value.detach()).double().abs().flatten()
        elif isinstance(value, int | float) and math.isfinite(value):
            yield torch.tensor([abs(float(value))], dtype=torch.float64)


def _was_rounded(values: torch.Tensor, given: list[torch.Tensor]) -> torch.Tensor:
    """Which numbers of a result are neither zero nor, up to their signs, among those given."""
    magnitudes = _parts(values.detach()).double().abs()
    if not given:
        return torch.zeros_like(magnitudes, dtype=torch.bool)
    return (magnitudes != 0) & ~torch.isin(magnitudes, torch.cat(given))


def _is_short(values: torch.Tensor) -> torch.Tensor:
    """Whether the lower half of the digits of each number is zero."""
    parts = _parts(values.detach())
    digits = 1 - math.frexp(torch.finfo(parts.dtype).eps)[1]
    unused = 52 - digits + digits // 2
    return parts.double().view(torch.int64) & ((1 << unused) - 1) == 0


@cache
def _listed(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _roundings(name: str, dtype: torch.dtype) -> float:
    """How many roundings an op stops within: one, unless it iterates."""
    if name not in ITERATED:
        return 1.0
    limit: float = torch.finfo(dtype).eps ** (-1 / 8)
    return max(10.0, min(100.0, limit))
