"""Forward mode: dual levels, and the tangent of an op's outputs from those of its inputs."""

from __future__ import annotations

from typing import Any

from .. import sizes
from ..tensor import Tensor, wrap, wrap_sharing
from .modes import TangentsByLevel, forward_level, modes
from .node import accumulator
from .views import differentiable_xp


def tangent_of(tensor: Any, level: int | None = None) -> Tensor | None:
    """Return the tangent a tensor has at an open level (the innermost); None when it has none."""
    if level is None:
        level = forward_level.current
    if level is None or not modes.forward_enabled or not isinstance(tensor, Tensor):
        return None
    tangents = tensor._tangents
    if tangents is not None and level in tangents:
        return tangents[level]  # type: ignore[no-any-return]
    view = tensor._view
    whole = None if view is None else tangent_of(view.base, level)
    if view is None or whole is None:
        return None
    # The base got its tangent after the view was cut, by a write: the view's is cut from it.
    part: Tensor = view.apply(differentiable_xp(), whole)
    set_tangent(tensor, level, part)
    return part


def set_tangent(tensor: Tensor, level: int, tangent: Tensor) -> None:
    """Give a tensor its tangent at an open level."""
    if tensor._tangents is None:
        tensor._tangents = TangentsByLevel()
    tensor._tangents[level] = tangent
    forward_level.hold(level, tensor._tangents)


def is_dual(tensor: Any) -> bool:
    """Whether a tensor has a tangent at any open level."""
    return any(tangent_of(tensor, level) is not None for level in forward_level.open)


def laid_out(tangent: Tensor, like: Tensor) -> Tensor:
    """Return the tangent at the place in a storage that its primal has in its own."""
    backend = like._backend
    array, owned = tangent._owned(), like._owned()
    shape, stride, offset = backend.geometry(owned)
    held = backend.storage_size(owned)
    if array.shape != shape:
        return tangent
    alike = sizes.same_strides(shape, backend.strides(array), stride)
    if alike and (backend.storage_offset(array), backend.storage_size(array)) == (offset, held):
        return tangent
    xp = differentiable_xp()
    storage = wrap(backend.full((held,), 0, tangent._dtype), tangent._dtype, backend)
    written = xp.as_strided_scatter(storage, tangent, shape, stride, offset)
    placed: Tensor = xp.as_strided(written, shape, stride, offset)
    return placed


def write_tangent(target: Tensor, tangent: Tensor, level: int) -> None:
    """Write the tangent of a tensor that was written in place into the one it has.

    The views of the tensor, and its base, see the write in their own tangents.
    """
    held = tangent_of(target, level)
    view = target._view
    if held is None and view is not None:
        whole = laid_out(differentiable_xp().zeros_like(view.base), view.base)
        set_tangent(view.base, level, whole)
        held = tangent_of(target, level)
    if held is None or (held._requires_grad and held.grad_fn is None):
        set_tangent(target, level, tangent.clone())
    else:
        held.copy_(tangent)


def primal(tensor: Tensor, level: int | None = None) -> Tensor:
    """Return the tensor without its tangents of a level (the innermost) and of those inside it.

    It is at the same place in the graph, and keeps its tangents of the levels outside.
    """
    if level is None:
        level = forward_level.current
    inside = [at for at in forward_level.open if level is not None and at >= level]
    if all(tangent_of(tensor, at) is None for at in inside):
        return tensor
    plain = wrap_sharing(tensor._array, tensor)
    plain._grad_fn = tensor.grad_fn
    plain._output_nr = tensor._output_nr
    plain._requires_grad = tensor._requires_grad
    if plain._requires_grad and plain._grad_fn is None:
        # Gradients of the plain tensor are the leaf's; a closure holds its accumulator strongly.
        node = accumulator(tensor)
        plain._accumulator = lambda: node
    for at in forward_level.open[: -len(inside)]:
        outer = tangent_of(tensor, at)
        if outer is not None:
            set_tangent(plain, at, outer)
    return plain


def propagate(entry: Any, values: list[Any], outputs: list[Any], inplace: bool = False) -> None:
    """Set the outputs' tangents when some input has one, or write them in place.

    Levels go from the outermost: a formula at one level sees the tangents of those outside it.

    Raises:
        NotImplementedError: the op has no tangent formula (torch's text).
    """
    for level in tuple(forward_level.open):
        _propagate_at(level, entry, values, outputs, inplace)


def _propagate_at(
    level: int, entry: Any, values: list[Any], outputs: list[Any], inplace: bool
) -> None:
    tangents = {
        entry.parameters[i]: [tangent_of(member, level) for member in values[i]]
        if isinstance(values[i], (list, tuple))
        else tangent_of(values[i], level)
        for i in entry.differentiable
    }
    if not any(map(_present, tangents.values())):
        return
    if entry.tangent is None:
        raise NotImplementedError(
            f"Trying to use forward AD with {entry.kernel_name} that does not support it because "
            "it has not been implemented yet.\nPlease file an issue to PyTorch at "
            "https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that we "
            "can prioritize its implementation or submit a PR adding the implementation to "
            "derivatives.yaml"
        )
    call = _Call(level, entry, values, outputs, tangents)
    for output, tangent in zip(outputs, call.output_tangents(), strict=True):
        if tangent is not None and output is not None and output._dtype.is_inexact:
            if inplace:
                write_tangent(output, tangent, level)
            else:
                set_tangent(output, level, tangent)


def _present(tangent: Any) -> bool:
    """Whether there is a tangent, or one among those of a list."""
    return any(map(_present, tangent)) if isinstance(tangent, list) else tangent is not None


class _Call:
    """One call of an op seen at one level: what its tangent formula can name."""

    def __init__(
        self,
        level: int,
        entry: Any,
        values: list[Any],
        outputs: list[Any],
        tangents: dict[str, Any],
    ) -> None:
        self.level = level
        self.entry = entry
        self.primals = [self._primal(value) for value in values]
        self.outputs = outputs
        self.tangents = tangents
        self.xp = differentiable_xp()

    def _primal(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return primal(value, self.level)
        if isinstance(value, (list, tuple)):
            return [self._primal(member) for member in value]
        return value

    def output_tangents(self) -> list[Any]:
        """Return one tangent or None per output."""
        entry = self.entry
        if entry.tangent_kind == "linear":
            inputs = list(self.primals)
            for i in entry.differentiable:
                inputs[i] = self._filled(self.primals[i], self.tangents[entry.parameters[i]])
            made = entry.function(*inputs)
            return list(made) if isinstance(made, tuple) else [made]
        if entry.tangent_kind == "pointwise":
            return [self._pointwise()]
        made = entry.tangent(*[self._argument(name) for name in entry.tangent_parameters])
        if not isinstance(made, (tuple, list)):
            made = [made]
        spread: list[Any] = [None] * len(self.outputs)
        slots = [k for k, name in enumerate(entry.outputs) if name not in entry.fixed_outputs]
        if entry.multi_view:
            slots = list(range(len(self.outputs)))
        for k, tangent in zip(slots, made, strict=True):
            spread[k] = self._matching(tangent, self.outputs[k])
        return spread

    def _pointwise(self) -> Any:
        """Return the sum over inputs of the gradient formula fed the conjugated tangent."""
        entry, xp = self.entry, self.xp
        total = None
        for k, i in enumerate(entry.differentiable):
            tangent = self.tangents[entry.parameters[i]]
            if tangent is None:
                continue
            arguments = [
                self._argument(name) if entry.gradient_position(name) is None else xp.conj(tangent)
                for name in entry.gradient_parameters[k]
            ]
            part = xp.conj(entry.formulas[k](*arguments))
            total = part if total is None else total + part
        return self._matching(total, self.outputs[0])

    def _argument(self, name: str) -> Any:
        """Return what a tangent formula means by one of its parameter names."""
        entry = self.entry
        if name == "xp":
            return self.xp
        if name in entry.parameters:
            return self.primals[entry.parameters.index(name)]
        if name in entry.outputs:
            return primal(self.outputs[entry.outputs.index(name)], self.level)
        base = name.removesuffix("_t")
        if base != name and base in self.tangents:
            return self._filled(self.primals[entry.parameters.index(base)], self.tangents[base])
        for suffix in ("_shape", "_dtype"):
            base = name.removesuffix(suffix)
            if base != name:
                return getattr(self.primals[entry.parameters.index(base)], suffix[1:])
        raise TypeError(f"{entry}: the tangent formula names unknown {name!r}")

    def _filled(self, value: Any, tangent: Any) -> Any:
        """Return the tangent, or zeros in its place."""
        if isinstance(value, (list, tuple)):
            return [self._filled(v, t) for v, t in zip(value, tangent, strict=True)]
        if tangent is not None:
            return tangent
        if isinstance(value, Tensor):
            return self.xp.zeros_like(value)
        return value if value is None else 0

    def _matching(self, tangent: Any, output: Tensor) -> Any:
        """Return a tangent with the shape and dtype of its output."""
        if tangent is None:
            return None
        if tangent._dtype is not output._dtype:
            tangent = self.xp.to_dtype(tangent, output._dtype)
        if tangent._array.shape != output._array.shape:
            tangent = self.xp.expand(tangent, output._array.shape)
        return tangent
