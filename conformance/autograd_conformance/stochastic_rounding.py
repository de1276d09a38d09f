"""Runs torch with every rounding made at random: Monte Carlo arithmetic (CESTAC, Verificarlo).

How far the answers of a few such runs lie from each other is how sensitive torch's own way of
computing is to rounding, wherever in it numbers cancel.
"""

from __future__ import annotations

import functools
import math
import zlib
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch._decomp import decomposition_table
from torch.fx.experimental.proxy_tensor import get_proxy_mode
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
    "exponential",
    "geometric",
    "cauchy",
    "log_normal",
    "rrelu_with_noise*",
)
#: Ops that round correctly: a short result, the lower half of its digits being zero, is exact.
CORRECT = ("add", "sub", "rsub", "mul", "div", "reciprocal", "sqrt", "square")
CORRECT_COMPLEX = ("add", "sub", "rsub")
#: Ops on numbers one by one that round inside, besides those named ``*_backward``.
COMPOUND = ("addcdiv", "addcmul", "*lerp", "*_backward")
#: Ops that are run as what torch decomposes them to: between their steps numbers cancel in another
#: way in double than in single precision.
OPENED = ("_log_softmax", "upsample_bicubic2d")
#: Ops whose rounding is that of their arguments (they are backward stable: each number of a matrix
#: is off by a rounding of its largest), and whose results at another precision may be others of
#: several right ones.
LAPACK = (
    "_linalg_*",
    "linalg_cholesky*",
    "linalg_eig*",
    "linalg_householder_product",
    "linalg_inv*",
    "linalg_l*",
    "linalg_qr",
    "linalg_solve_triangular",
    "cholesky*",
    "geqrf",
    "lu_*",
    "ormqr",
    "triangular_solve",
)
SINGLE = {torch.float64: torch.float32, torch.complex128: torch.complex64}
DOUBLE = {
    **dict.fromkeys((torch.float16, torch.bfloat16, torch.float32), torch.float64),
    torch.complex64: torch.complex128,
}
Tensors = list[torch.Tensor]
#: From the real numbers that make values up, and whether those are complex, to their sizes.
Size = Callable[[torch.Tensor, bool], torch.Tensor]
#: LAPACK's iteration for singular values stops within max(10, min(100, eps ** (-1 / 8))) roundings.
ITERATED = ("_linalg_svd", "linalg_lstsq")


class AsItIs(TorchDispatchMode):
    """Changes nothing: torch takes another way under a mode now and then, which shows."""

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return func(*_with_memory(func, args), **(kwargs or {}))


class RandomRounding(TorchDispatchMode):
    """While active, each number that an op rounds is off by half to one and a half roundings more.

    An op that rounds inside is off by what it is off at a lower precision, too (its error in single
    precision, scaled, from about the same numbers), and its arguments are moved likewise in single
    and double precision (what is shorter, torch adds up in single precision). A number of the
    result that is zero or, up to its sign, one of those put in was not rounded and is left alone:
    so are views, copies, selections, comparisons. Where the arguments were moved it must be one of
    the moved ones: what a sum of small integers comes to may stand among them by chance.

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
        if get_proxy_mode() is not None:  # what is traced is rounded where it runs
            return func(*args, **kwargs)
        schema = func._schema
        aliases = [r.alias_info for r in schema.returns]
        if any(a is not None and not a.is_write for a in aliases):
            return func(*args, **kwargs)  # a view
        args = _with_memory(func, args)
        before = args, kwargs
        if schema.is_mutable:
            before = tree_map(_copied, before)
        result = func(*args, **kwargs)
        name = schema.name.removeprefix("aten::").rstrip("_")
        results = [t for t in tree_flatten(result)[0] if _rounds(t)]
        made = not any(map(_holds_numbers, tree_flatten(before)[0]))
        if not results or made or _listed(name, EXACT):
            return result
        rounded = [_unlike(_magnitudes_in(before), t) for t in results]
        correct = name in (CORRECT_COMPLEX if results[0].is_complex() else CORRECT)
        if correct:
            rounded = [r & ~_is_short(t) for r, t in zip(rounded, results, strict=True)]
        varied = results
        if not correct:
            varied, rounded = self._inside(func, name, before, results, rounded)
        if not any(bool(r.any()) for r in rounded):
            return result
        steps = _roundings(name, results[0].dtype) * _coarser(schema, before, results[0].dtype)
        for place, (t, v, was) in enumerate(zip(results, varied, rounded, strict=True)):
            parts, new = _parts(t), _parts(self._moved(v, f"{name}: result {place}", steps))
            same_kind = torch.isfinite(parts) & torch.isfinite(new)
            parts.copy_(torch.where(was & same_kind, new, parts))
        return result

    def _inside(
        self, func: Any, name: str, before: Any, results: Tensors, rounded: Tensors
    ) -> tuple[Tensors, Tensors]:
        """The results off by what the op rounds inside, and which of their numbers are rounded."""
        varied, moved = results, None
        short = any(t.dtype in (torch.float16, torch.bfloat16) for t in results)
        once = torch.Tag.pointwise in func.tags and not _listed(name, COMPOUND)
        if name in OPENED:
            with self:
                varied = _called(decomposition_table[func], tree_map(_copied, before)) or results
        elif not short and (not once or results[0].is_complex()):
            moved = self._moved_arguments(name, before, _roundings(name, results[0].dtype))
            given = _magnitudes_in(moved)  # before an op writes into them
            varied = _called(func, moved) or results
            if [t.shape for t in varied] == [t.shape for t in results]:
                rounded = [_unlike(given, t) for t in varied]
        if _listed(name, LAPACK):
            return varied, rounded
        coarse = self._moved_arguments(name, tree_map(_coarse, before), 1.0)
        fine = tree_map(_fine, coarse)
        pair = _called(func, tree_map(_copied, coarse)), _called(func, fine)
        if any([t.shape for t in run] != [t.shape for t in results] for run in pair):
            return varied, rounded
        varied = [_and_error(*these) for these in zip(results, varied, *pair, strict=True)]
        if moved is None:  # what is zero in one precision and not in another has cancelled
            zero = [(_magnitudes(t) == 0) & (_parts(v) != 0) for t, v in zip(results, varied)]
            rounded = [r | z for r, z in zip(rounded, zero, strict=True)]
        return varied, rounded

    def _moved_arguments(self, name: str, arguments: Any, steps: float) -> Any:
        leaves, spec = tree_flatten(arguments)
        size = _of_largest if _listed(name, LAPACK) else _of_number
        moved = [
            self._moved(v, f"{name}: argument {i}", steps, size) if _rounds(v) else _copied(v)
            for i, v in enumerate(leaves)
        ]
        return tree_unflatten(moved, spec)

    def _moved(
        self, values: torch.Tensor, where: str, steps: float, size: Size | None = None
    ) -> torch.Tensor:
        """Values off by about `steps` units in their last places, or those of `size`.

        Which way is drawn.
        """
        moved = values.detach().resolve_conj().resolve_neg().clone()
        parts = _parts(moved)
        wide = parts.double()
        if self._generator is None:
            bits = _hashed(wide, zlib.crc32(f"{where}|{self._draw}".encode()))
        else:
            bits = torch.randint(2**62, wide.shape, generator=self._generator)
        magnitude = 0.5 + (bits & 0xFFFFFF).double() / 2**24
        sign = ((bits >> 25) & 1) * 2 - 1
        sizes = wide if size is None else size(wide, values.is_complex())
        parts.copy_(wide + sizes * (sign * magnitude * torch.finfo(parts.dtype).eps * steps))
        return moved


def _of_number(parts: torch.Tensor, is_complex: bool) -> torch.Tensor:
    """The size of each number, for both parts of a complex one: sums of products mix them."""
    return parts.square().sum(-1, keepdim=True).sqrt() if is_complex else parts


def _of_largest(parts: torch.Tensor, is_complex: bool) -> torch.Tensor:
    """The size of the largest number of each matrix."""
    sizes = _of_number(parts, is_complex).abs()
    last = sizes.dim() - is_complex
    return sizes.amax(list(range(last))[-2:], keepdim=True) if sizes.numel() and last else sizes


def _called(func: Any, arguments: Any) -> Tensors:
    """The rounded results of an op; none where it refuses the arguments."""
    args, kwargs = arguments
    try:
        return [t for t in tree_flatten(func(*args, **kwargs))[0] if _rounds(t)]
    except RuntimeError:  # not every kernel exists at every precision
        return []


def _coarse(value: Any) -> Any:
    """Doubles in single precision; dtypes that name them likewise."""
    return _cast(value, SINGLE)


def _fine(value: Any) -> Any:
    return _cast(value, DOUBLE)


def _cast(value: Any, table: dict[torch.dtype, torch.dtype]) -> Any:
    if isinstance(value, torch.dtype):
        return table.get(value, value)
    if _rounds(value):
        return value.detach().to(table.get(value.dtype, value.dtype), copy=True)
    return _copied(value)


def _and_error(
    result: torch.Tensor, varied: torch.Tensor, coarse: torch.Tensor, fine: torch.Tensor
) -> torch.Tensor:
    """A varied result with torch's own error at a lower precision, scaled, on top."""
    scale = torch.finfo(result.dtype).eps / torch.finfo(coarse.dtype).eps
    error = coarse.to(fine.dtype) - fine
    error = torch.where(torch.isfinite(error), error, torch.zeros_like(error))
    return (varied.to(fine.dtype) + error * scale).to(result.dtype)


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


def _with_memory(func: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments without zero tangents that have no memory where a kernel would read them.

    Under a mode torch hands `mul` by a number and the like what it handles before otherwise.
    """
    if not func.name().endswith(".Scalar"):
        return args
    return tuple(
        torch.zeros(v.shape, dtype=v.dtype)
        if isinstance(v, torch.Tensor) and v._is_zerotensor()
        else v
        for v in args
    )


def _copied(value: Any) -> Any:
    return value.detach().clone() if _holds_numbers(value) else value


def _magnitudes_in(arguments: Any) -> torch.Tensor:
    """Zero, and the magnitudes of the finite numbers among the arguments of an op."""
    found = [torch.zeros(1, dtype=torch.float64)]
    for value in tree_flatten(arguments)[0]:
        if isinstance(value, torch.Tensor):
            if value.numel() and _holds_numbers(value):
                found.append(_magnitudes(value).flatten())
        elif isinstance(value, int | float) and math.isfinite(value):
            found.append(torch.tensor([abs(float(value))], dtype=torch.float64))
    return torch.cat(found)


def _unlike(given: torch.Tensor, result: torch.Tensor) -> torch.Tensor:
    """Which numbers of a result are, up to the sign, none of those given."""
    return ~torch.isin(_magnitudes(result), given)


def _magnitudes(values: torch.Tensor) -> torch.Tensor:
    return _parts(values.detach()).double().abs()


def _is_short(values: torch.Tensor) -> torch.Tensor:
    """Whether the lower half of the digits of each number is zero."""
    parts = _parts(values.detach())
    digits = 1 - math.frexp(torch.finfo(parts.dtype).eps)[1]
    unused = 52 - digits + digits // 2
    return parts.double().view(torch.int64) & ((1 << unused) - 1) == 0


@functools.cache
def _listed(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _roundings(name: str, dtype: torch.dtype) -> float:
    """How many roundings an op stops within: one, unless it iterates."""
    if name not in ITERATED:
        return 1.0
    limit: float = torch.finfo(dtype).eps ** (-1 / 8)
    return max(10.0, min(100.0, limit))


def _coarser(schema: Any, arguments: Any, dtype: torch.dtype) -> float:
    """How much larger the roundings of what an op computes are than those of its ``out=``."""
    if not any(argument.is_out for argument in schema.arguments):
        return 1.0
    given = [t for t in tree_flatten(arguments[0])[0] if isinstance(t, torch.Tensor)]
    computed = functools.reduce(torch.promote_types, [t.dtype for t in given], torch.bool)
    if not (computed.is_floating_point or computed.is_complex):
        computed = torch.get_default_dtype()
    coarser: float = torch.finfo(computed).eps / torch.finfo(dtype).eps
    return max(1.0, coarser)
