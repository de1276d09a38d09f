"""Forward mode: dual levels, and the tangent of an op's outputs from those of its inputs."""

from __future__ import annotations

import inspect
from typing import Any

from .. import sizes
from ..tensor import Tensor, wrap, wrap_sharing
from .modes import forward_level
from .node import accumulator
from .views import differentiable_xp


def tangent_of(tensor: Any) -> Tensor | None:
    """Return the tangent a tensor has at the open level; None outside, or when it has none."""
    if not isinstance(tensor, Tensor):
        return None
    if tensor._tangent is not None and tensor._tangent[0] == forward_level.current:
        tangent: Tensor = tensor._tangent[1]
        return tangent
    view = tensor._view
    if view is None or forward_level.current is None:
        return None
    whole = tangent_of(view.base)
    if whole is None:
        return None
    # The base got its tangent after the view was cut, by a write: the view's is cut from it.
    part: Tensor = view.apply(differentiable_xp(), whole)
    tensor._tangent = (forward_level.current, part)
    return part


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


def _write(target: Tensor, tangent: Tensor) -> None:
    """Write the tangent of a tensor that was written in place into the one it has.

    The views of the tensor, and its base, see the write in their own tangents.
    """
    level = forward_level.current
    held = tangent_of(target)
    view = target._view
    if held is None and view is not None:
        whole = laid_out(differentiable_xp().zeros_like(view.base), view.base)
        view.base._tangent = (level, whole)
        held = tangent_of(target)
    if held is None or (held._requires_grad and held.grad_fn is None):
        target._tangent = (level, tangent.clone())
    else:
        held.copy_(tangent)


def primal(tensor: Tensor) -> Tensor:
    """Return the tensor without its tangent, at the same place in the graph."""
    if tangent_of(tensor) is None:
        return tensor
    plain = wrap_sharing(tensor._array, tensor)
    plain._grad_fn = tensor.grad_fn
    plain._output_nr = tensor._output_nr
    plain._requires_grad = tensor._requires_grad
    if plain._requires_grad and plain._grad_fn is None:
        # Gradients of the plain tensor are the leaf's; a closure holds its accumulator strongly.
        node = accumulator(tensor)
        plain._accumulator = lambda: node
    return plain


def propagate(entry: Any, values: list[Any], outputs: list[Any], inplace: bool = False) -> None:
    """Set the outputs' tangents when some input has one, or write them in place.

    Raises:
        NotImplementedError: the op has no tangent formula (torch's text).
    """
    tangents: dict[str, Any] = {}
    present = False
    for i in entry.differentiable:
        value = values[i]
        if isinstance(value, (list, tuple)):
            found: Any = [tangent_of(member) for member in value]
            present = present or any(t is not None for t in found)
        else:
            found = tangent_of(value)
            present = present or found is not None
        tangents[entry.parameters[i]] = found
    if not present:
        return
    if entry.tangent is None:
        raise NotImplementedError(
            f"Trying to use forward AD with {entry.kernel_name} that does not support it because "
            "it has not been implemented yet.\nPlease file an issue to PyTorch at "
            "https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that we "
            "can prioritize its implementation or submit a PR adding the implementation to "
            "derivatives.yaml"
        )
    results = _tangents(entry, values, outputs, tangents)
    level = forward_level.current
    for output, tangent in zip(outputs, results, strict=True):
        if tangent is not None and output is not None and output._dtype.is_inexact:
            if inplace:
                _write(output, tangent)
            else:
                output._tangent = (level, tangent)


def _tangents(
    entry: Any, values: list[Any], outputs: list[Tensor], tangents: dict[str, Any]
) -> list[Any]:
    """Return one tangent or None per output."""
    xp = differentiable_xp()
    primals = [
        [primal(m) if isinstance(m, Tensor) else m for m in v]
        if isinstance(v, (list, tuple))
        else primal(v)
        if isinstance(v, Tensor)
        else v
        for v in values
    ]
    if entry.tangent_kind == "linear":
        inputs = list(primals)
        for i in entry.differentiable:
            inputs[i] = _filled(xp, primals[i], tangents[entry.parameters[i]])
        made = entry.function(*inputs)
        return list(made) if isinstance(made, tuple) else [made]
    if entry.tangent_kind == "pointwise":
        return [_pointwise(xp, entry, primals, outputs, tangents)]
    arguments = [
        _argument(xp, entry, name, primals, outputs, tangents)
        for name in inspect.signature(entry.tangent).parameters
    ]
    made = entry.tangent(*arguments)
    if not isinstance(made, (tuple, list)):
        made = [made]
    spread: list[Any] = [None] * len(outputs)
    slots = [k for k, name in enumerate(entry.outputs) if name not in entry.fixed_outputs]
    if entry.multi_view:
        slots = list(range(len(outputs)))
    for k, tangent in zip(slots, made, strict=True):
        spread[k] = _matching(xp, tangent, outputs[k])
    return spread


def _matching(xp: Any, tangent: Any, output: Tensor) -> Any:
    """Return a tangent with the shape and dtype of its output."""
    if tangent is None:
        return None
    if tangent._dtype is not output._dtype:
        tangent = xp.to_dtype(tangent, output._dtype)
    if tangent._array.shape != output._array.shape:
        tangent = xp.expand(tangent, output._array.shape)
    return tangent


def _filled(xp: Any, value: Any, tangent: Any) -> Any:
    """Return the tangent, or zeros in its place."""
    if isinstance(value, (list, tuple)):
        return [_filled(xp, v, t) for v, t in zip(value, tangent, strict=True)]
    if tangent is not None:
        return tangent
    if isinstance(value, Tensor):
        return xp.zeros_like(value)
    return value if value is None else 0


def _argument(
    xp: Any,
    entry: Any,
    name: str,
    primals: list[Any],
    outputs: list[Tensor],
    tangents: dict[str, Any],
) -> Any:
    """Return what a tangent formula means by one of its parameter names."""
    if name == "xp":
        return xp
    if name in entry.parameters:
        return primals[entry.parameters.index(name)]
    if name in entry.outputs:
        return primal(outputs[entry.outputs.index(name)])
    base = name.removesuffix("_t")
    if base != name and base in tangents:
        return _filled(xp, primals[entry.parameters.index(base)], tangents[base])
    for suffix in ("_shape", "_dtype"):
        base = name.removesuffix(suffix)
        if base != name:
            return getattr(primals[entry.parameters.index(base)], suffix[1:])
    raise TypeError(f"{entry}: the tangent formula names unknown {name!r}")


def _pointwise(
    xp: Any, entry: Any, primals: list[Any], outputs: list[Tensor], tangents: dict[str, Any]
) -> Any:
    """Return the sum over inputs of the gradient formula fed the conjugated tangent."""
    total = None
    for i, formula in zip(entry.differentiable, entry.formulas, strict=True):
        tangent = tangents[entry.parameters[i]]
        if tangent is None:
            continue
        arguments = []
        for name in inspect.signature(formula).parameters:
            if entry.gradient_position(name) is not None:
                arguments.append(xp.conj(tangent))
            else:
                arguments.append(_argument(xp, entry, name, primals, outputs, tangents))
        part = xp.conj(formula(*arguments))
        total = part if total is None else total + part
    return _matching(xp, total, outputs[0])
