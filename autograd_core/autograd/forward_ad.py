"""torch.autograd.forward_ad: dual levels and dual tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..engine.modes import forward_level
from ..engine.tangents import laid_out, primal, set_tangent, tangent_of
from ..tensor import Tensor


class UnpackedDualTensor(NamedTuple):
    """The two parts of a dual tensor."""

    primal: Tensor
    tangent: Tensor | None


def enter_dual_level() -> int:
    """Open the dual level; only one can be open."""
    if forward_level.current is not None:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    forward_level.enter()
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the dual level; tangents made in it are gone."""
    if forward_level.current is None:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This "
            "is not supported."
        )
    forward_level.exit()


class dual_level:  # noqa: N801 - torch's name
    """The context in which dual tensors exist."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *_: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """Return a view of ``tensor`` that carries ``tangent``.

    Raises:
        RuntimeError: no level is open, or the tangent does not fit (torch's texts).
    """
    if forward_level.current is None:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
    if not (tensor._dtype.is_floating_point or tensor._dtype.is_complex):
        raise ValueError(
            f"Expected primal to be floating point or complex, but got: {tensor.dtype}"
        )
    if not (tangent._dtype.is_floating_point or tangent._dtype.is_complex):
        raise ValueError(
            f"Expected tangent to be floating point or complex, but got: {tangent.dtype}"
        )
    dual: Tensor = tensor.view_as(tensor)
    set_tangent(dual, forward_level.current, laid_out(tangent, dual))
    return dual


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """Return the primal and the tangent (None outside a level, or when there is none)."""
    if forward_level.current is None:
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(primal(tensor), tangent_of(tensor))
