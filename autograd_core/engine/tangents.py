"""Forward mode: dual levels, and the tangent of an op's outputs from those of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from .. import sizes
from ..tensor import Tensor, see_through, wrap, wrap_sharing
from ..type_promotion import no_gradient_of, promote_types
from ..versions import share_versions
from .memory_overlap import refuse_internal_overlap
from .modes import TangentsByLevel, forward_level, modes
from .node import Node, gradient_edge, like, next_sequence_nr
from .saved import save_tangents
from .views import cut, differentiable_xp, mark_view


def tangent_of(tensor: Any, level: int | None = None) -> Tensor | None:
    """Return the tangent a tensor has at an open level (the innermost); None when it has none."""
    if level is None:
        level = forward_level.current
    if level is None or not modes.forward_enabled or not isinstance(tensor, Tensor):
        return None
    tangents = tensor._tangents
    if tangents is not None and level in tangents:
        return tangents[level]  # type: ignore[no-any-return]
    source = _view_source(tensor)
    if source is None:
        return None
    base, steps = source
    part = tangent_of(base, level)
    if part is None:
        return None
    # The base got its tangent after the view was cut, by a write: the view's is cut from it.
    part = cut(steps, differentiable_xp(), part)
    set_tangent(tensor, level, part)
    return part  # type: ignore[no-any-return]


def _view_source(tensor: Tensor) -> tuple[Tensor, Sequence[Any]] | None:
    """Return what a tensor's tangent is a view of, when it is one, and the steps from there."""
    view = tensor._view
    if view is None:
        return None
    if view.tangent_root is None:
        return view.base, view.replay
    root, before = view.tangent_root
    return None if root is None else (root, view.replay[before:])


def set_tangent(tensor: Tensor, level: int, tangent: Any) -> None:
    """Give a tensor its tangent at an open level, which is copied unless it is laid out alike."""
    if tensor._tangents is None:
        tensor._tangents = TangentsByLevel()
    tensor._tangents[level] = _laid_out(tangent, tensor)
    forward_level.hold(level, tensor._tangents)


def is_dual(tensor: Any) -> bool:
    """Whether a tensor, or one in a list, has a tangent at any open level."""
    if isinstance(tensor, (list, tuple)):
        return any(map(is_dual, tensor))
    return bool(tangents_held(tensor))


def tangents_held(tensor: Any) -> list[Tensor]:
    """Return the tangents a tensor has at the open levels."""
    found = [tangent_of(tensor, level) for level in forward_level.open]
    return [tangent for tangent in found if tangent is not None]


def _laid_out(tangent: Tensor, like: Tensor) -> Tensor:
    """Return the tangent at the place in a storage that its primal has in its own."""
    if _alike(tangent, like) and not tangent._is_zero:
        return tangent
    if like._backend.level is None or isinstance(like._array, Tensor):
        refuse_internal_overlap(like)
    copy = _zeros(tangent, like)
    copy.copy_(tangent)
    return copy


def _alike(tangent: Tensor, primal: Tensor) -> bool:
    """Whether two tensors of one shape lie alike in storages of the same size, lazily or not.

    At a level of transforms a batch dim may be on one of them only: their strides are compared.
    """
    one, other = tangent._backend, primal._backend
    if other.level is not None:
        shape = tangent._array.shape
        fits = bool(shape == primal._array.shape)
        return fits and sizes.same_strides(shape, tangent.stride(), primal.stride())
    shape, stride, offset = one.geometry(tangent._owned())
    _, wanted, place = other.geometry(primal._owned())
    if _bits(tangent) != _bits(primal):
        return False
    if not sizes.same_strides(shape, stride, wanted):
        return False
    if not (one.has_storage and other.has_storage):
        return True
    return offset == place and one.storage_size(tangent._memory) == other.storage_size(
        primal._memory
    )


def _bits(tensor: Tensor) -> tuple[bool, bool]:
    """Whether a tensor is a lazy conjugate, and a lazy negative, of what is in memory."""
    level = tensor._backend.level
    if level is not None and level.transparent and isinstance(tensor._array, Tensor):
        return _bits(tensor._array)
    return tensor._conjugated, tensor._negated


def _zeros(tangent: Tensor, like: Tensor) -> Tensor:
    """Return zeros like a tangent, with the geometry, in a storage of the size, of ``like``."""
    dtype, backend = tangent._dtype, tangent._backend
    array = like._owned()
    if backend.level is not None:
        made: Tensor = tangent.new_empty_strided(like.shape, like._backend.strides(array))
        return made.zero_()  # type: ignore[no-any-return]
    storage = backend.full((like._backend.storage_size(array),), 0, dtype)
    zeros = wrap(backend.as_strided(storage, *like._backend.geometry(array)), dtype, backend)
    if like._conjugated or like._negated:
        see_through(zeros, like._conjugated, like._negated)
    return zeros


def write_tangent(target: Tensor, tangent: Tensor, level: int) -> None:
    """Write the tangent of a tensor that was written in place into the one it has.

    The views of the tensor, and its base, see the write in their own tangents.
    """
    held = tangent_of(target, level)
    source = _view_source(target)
    if held is None and source is not None:
        base = source[0]
        if _alike(tangent, target) and _alike(tangent, base):
            set_tangent(base, level, tangent)
            set_tangent(target, level, tangent)
            return
        set_tangent(base, level, _zeros(tangent, base))
        held = tangent_of(target, level)
    if held is None:
        set_tangent(target, level, tangent)
    else:
        held.copy_(tangent)


class Identity(Node):
    """The step from a tensor to its primal."""

    __slots__ = ()
    __module__ = "builtins"  # as torch's
    qualified_name = "torch::autograd::Identity"

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        return grads

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        return grads


def primal(tensor: Tensor, level: int | None = None) -> Tensor:
    """Return a view of the tensor without its tangents of a level (the innermost) and inside it.

    It keeps its tangents of the levels outside.
    """
    if level is None:
        level = forward_level.current
    array = tensor._owned()
    if isinstance(array, Tensor):
        array = tensor._backend.alias(array)
    plain = wrap_sharing(array, tensor)
    mark_view(plain, tensor, _same)
    apart_from_base(plain)
    edge = gradient_edge(tensor) if modes.grad_enabled else None
    if edge is not None:
        if not tensor._dtype.is_inexact:
            raise no_gradient_of(tensor._dtype)
        plain._grad_fn = node = Identity()
        plain._requires_grad = True
        node._backend = tensor._backend
        node.sequence_nr = next_sequence_nr()
        node.next_edges = (edge,)
        node._outputs = like(plain._array.shape, plain._array.dtype)
    for outer in forward_level.open:
        tangent = tangent_of(tensor, outer) if level is None or outer < level else None
        if tangent is not None:
            set_tangent(plain, outer, tangent)
    return plain


def _same(xp: Any, source: Any) -> Any:
    return source


def apart_from_base(view: Tensor) -> None:
    """Make a view one for gradients only: tangents do not pass between it and its base."""
    if view._view is not None:
        view._view.tangent_root = (None, len(view._view.replay))


def refuse_unsupported(entry: Any, values: list[Any], inplace: bool = False) -> None:
    """Refuse an op that has no tangent formula when an operand has a tangent (torch's texts)."""
    if entry.tangent is not None:
        return
    operands = entry.inputs if entry.falls_back else entry.differentiable
    if any(is_dual(values[i]) for i in operands):
        raise entry.no_forward(inplace)


def refuse_in_fallback(name: str) -> NoReturn:
    """Refuse a function of dual tensors as torch's fallback does.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError(
        f"Trying to use forward AD with aten::{name} that does not support it."
    )


def propagate(entry: Any, values: list[Any], outputs: list[Any], inplace: bool = False) -> None:
    """Set the outputs' tangents when some input has one, or write them in place.

    Levels go from the outermost: a formula at one level sees the tangents of those outside it.
    """
    _keep_zero(entry, values, outputs)
    for level in tuple(forward_level.open):
        _propagate_at(level, entry, values, outputs, inplace)
    for output in outputs:
        if output is not None and output._tangents and output._grad_fn is not None:
            save_tangents(output._grad_fn, output)


def _keep_zero(entry: Any, values: list[Any], outputs: list[Any]) -> None:
    """Have what is computed from absent tangents stay zero, products with inf and nan, too.

    And a sum with one is the other term, down to the sign of its zeros.
    """
    absent = [getattr(values[i], "_is_zero", False) for i in entry.differentiable]
    if not any(absent):
        return
    name = entry.kernel_name
    if name in ("mul", "mul_scalar", "dot", "vdot") or (name == "div" and absent[0]):
        for output in outputs:
            backend = output._backend
            if not isinstance(output._array, Tensor):  # which has seen to it at its own level
                output._array = backend.full(output._array.shape, 0, output._dtype)
            output._is_zero = True
    elif all(absent) and (name in ("add", "sub") or entry.tangent_kind == "linear"):
        for output in outputs:
            output._is_zero = True
    elif name in ("add", "sub"):
        (output,) = outputs
        if not isinstance(output._array, Tensor):
            output._array = _only_term(values[absent[0]], output, absent[0] and name == "sub")


def _only_term(term: Tensor, like: Tensor, negative: bool) -> Any:
    """Return the array of a sum of which one term counts."""
    backend = like._backend
    array = backend.cast(term._array, like._dtype)
    array = backend.expand(array, like._array.shape)
    return backend.neg(array) if negative else backend.clone(array)


def _propagate_at(
    level: int, entry: Any, values: list[Any], outputs: list[Any], inplace: bool
) -> None:
    tangents = {
        entry.parameters[i]: [tangent_of(member, level) for member in values[i]]
        if isinstance(values[i], (list, tuple))
        else tangent_of(values[i], level)
        for i in entry.differentiable
    }
    if not any(_present(tangents[name]) for name in entry.tangent_inputs):
        return
    call = _Call(level, entry, values, outputs, tangents)
    previous, modes.in_formula = modes.in_formula, True
    try:
        made = call.output_tangents()
    finally:
        modes.in_formula = previous
    for output, tangent in zip(outputs, made, strict=True):
        if tangent is not None and output is not None and output._dtype.is_inexact:
            if not entry.view and call.is_given(tangent):
                tangent = tangent.clone()
            if inplace:
                write_tangent(output, tangent, level)
            else:
                set_tangent(output, level, tangent)


def _present(tangent: Any) -> bool:
    """Whether there is a tangent, or one among those of a list."""
    return any(map(_present, tangent)) if isinstance(tangent, list) else tangent is not None


def _of_one_dtype(primal: Any, tangent: Any) -> bool:
    """Whether a tangent, if there is one, has its primal's dtype."""
    if isinstance(tangent, list):
        return all(map(_of_one_dtype, primal, tangent))
    return tangent is None or tangent._dtype is primal._dtype


def _primals(value: Any, level: int) -> Any:
    """Return an argument as a formula sees it; only views that can be told apart are made."""
    if isinstance(value, (list, tuple)) and any(isinstance(member, Tensor) for member in value):
        return [_primals(member, level) for member in value]
    if isinstance(value, Tensor) and (value.requires_grad or is_dual(value)):
        return primal(value, level)
    return value


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
        self.primals = [_primals(value, level) for value in values]
        for i in entry.differentiable:
            if isinstance(values[i], (int, float, complex)):  # an operand of the op like any other
                backend, dtype = outputs[0]._backend, outputs[0]._dtype
                self.primals[i] = wrap(backend.scalar(values[i], dtype), dtype, backend)
        self.outputs = outputs
        self.tangents = tangents
        self.alike = all(
            _of_one_dtype(values[i], tangents[entry.parameters[i]]) for i in entry.differentiable
        )
        self.xp = differentiable_xp()

    def is_given(self, tangent: Tensor) -> bool:
        """Whether a formula gave back the memory of an input's tangent, as that of a sum may."""
        return any(
            held is not None and share_versions(held, tangent)
            for found in self.tangents.values()
            for held in (found if isinstance(found, list) else [found])
        )

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
        made = entry.tangent(*map(self._argument, entry.tangent_parameters))
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
            output = self.outputs[entry.outputs.index(name)]
            return output if tangent_of(output, self.level) is None else primal(output, self.level)
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
        if tangent is not None or value is None:
            return tangent
        if isinstance(value, Tensor):
            zero = self.xp.zeros_like(value)
        else:
            output = self.outputs[0]
            backend, dtype = output._backend, output._dtype
            zero = wrap(backend.scalar(0, dtype), dtype, backend)
        part = zero
        while isinstance(part, Tensor):  # at every level
            part._is_zero = True
            part = part._array
        return zero

    def _matching(self, tangent: Any, output: Tensor) -> Any:
        """Return a tangent with the shape of its output, and no dtype less wide."""
        if tangent is None:
            return None
        dtype, wanted = tangent._dtype, output._dtype
        if self.alike and dtype.is_complex and not wanted.is_complex:
            tangent, dtype = self.xp.real(tangent), dtype.to_real()
        if self.alike and dtype is not wanted and promote_types(dtype, wanted) is not dtype:
            tangent = self.xp.to_dtype(tangent, wanted)
        if tangent._array.shape != output._array.shape:
            tangent = self.xp.expand(tangent, output._array.shape)
        return tangent
