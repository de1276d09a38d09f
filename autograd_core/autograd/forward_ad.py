"""torch.autograd.forward_ad: dual levels and dual tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..engine.levels import mapped_over
from ..engine.modes import _DecoratorContext, forward_level, modes
from ..engine.tangents import apart_from_base, primal, set_tangent, tangent_of
from ..tensor import Tensor
from ..versions import inference

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]


class UnpackedDualTensor(NamedTuple):
    """The two parts of a dual tensor."""

    primal: Tensor
    tangent: Tensor | None


def _current_level() -> int:
    """Return the number users know the open level by: 0, or -1 when there is none."""
    return -1 if forward_level.current is None else 0


def enter_dual_level() -> int:
    """Open the dual level and return its number, 0.

    Raises:
        RuntimeError: one is open already.
    """
    forward_level.enter()
    return _current_level()


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the dual level; tangents made in it are gone.

    Raises:
        RuntimeError: no level is open, or another one than ``level`` is.
    """
    if level is not None and level != _current_level():
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This "
            "is not supported."
        )
    if forward_level.current is None:
        raise RuntimeError("Dual level must be a positive number.")
    forward_level.exit()


class dual_level(_DecoratorContext):  # noqa: N801 - torch's name
    """The context in which dual tensors exist; also a decorator."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *_: object) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """Return a view of ``tensor`` that carries ``tangent``.

    The tangent is kept as it is when it lies in memory as the tensor does, and copied otherwise.
    Its dtype may differ, as in torch; tangents computed from it follow its dtype.

    Raises:
        RuntimeError: no level is open, the sizes differ, one of the two is a dual tensor, or is
            mapped over by ``func.vmap``.
        ValueError: one of the two is neither floating-point nor complex.
    """
    number = check_dual(tensor, tangent, _current_level() if level is None else level)
    dual: Tensor = tensor.view_as(tensor)
    apart_from_base(dual)
    if number is not None:
        set_tangent(dual, number, tangent)
    return dual


def check_dual(tensor: Tensor, tangent: Tensor, level: int) -> int | None:
    """Return the engine's number of a level; refuse a tangent that a tensor cannot carry there.

    In inference mode there is no level, and little that is refused.
    """
    if level < 0:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
    if not (tensor.is_floating_point() or tensor.is_complex()):
        raise ValueError(
            f"Expected primal to be floating point or complex, but got: {tensor.dtype}"
        )
    if not (tangent.is_floating_point() or tangent.is_complex()):
        raise ValueError(
            f"Expected tangent to be floating point or complex, but got: {tangent.dtype}"
        )
    if inference.enabled:
        return None
    if level != 0:
        raise RuntimeError("Invalid level given to _make_dual")
    number = forward_level.current
    if number is None:
        raise RuntimeError(
            "Trying to access a forward AD level with an invalid index. This index was either not "
            "created or is already deleted."
        )
    if mapped_over(tensor) or mapped_over(tangent):
        raise RuntimeError(
            "Batching rule not implemented for aten::_make_dual; the fallback path doesn't work on "
            "out= or view ops."
        )
    if tangent_of(tensor) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the "
            f"same level {level} is not supported."
        )
    if tangent_of(tangent) is not None:
        raise RuntimeError(
            "Setting a forward grad that itself has a forward gradient at the same level"
            f"{level} is not supported."
        )
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original "
            f"Tensor, this is not supported. Tensor is of size {list(tensor.shape)} while the "
            f"given forward gradient is of size {list(tangent.shape)}."
        )
    return number


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """Return the primal, a view of the tensor, and the tangent, None when there is none.

    Outside a level the tensor itself is its primal.

    Raises:
        TypeError: inside a level, ``tensor`` is none.
    """
    if level is None:
        level = _current_level()
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        raise TypeError(
            "_unpack_dual(): argument 'dual' (position 1) must be Tensor, not "
            f"{type(tensor).__name__}"
        )
    if level != 0 and tangent_of(tensor) is not None:
        raise RuntimeError("Invalid level given to _fw_primal")
    return UnpackedDualTensor(primal(tensor), tangent_of(tensor))


def _is_fwd_grad_enabled() -> bool:
    """Return whether tangents are seen in this thread."""
    return modes.forward_enabled


class _set_fwd_grad_enabled(_DecoratorContext):  # noqa: N801 - torch's name
    """Sets at once whether tangents are seen, and restores it on exit."""

    def __init__(self, mode: bool) -> None:
        self.prev = modes.forward_enabled
        modes.forward_enabled = mode

    def __enter__(self) -> None:
        """Nothing: the mode was set when the context was made."""

    def __exit__(self, *_: object) -> None:
        modes.forward_enabled = self.prev
