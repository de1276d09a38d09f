"""The way of one call: unwrap and promote, run the kernel, wrap, record; and its in-place form."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..backend import Backend
from ..dtypes import DType, bfloat16, bool_, float16, float32, get_default_dtype
from ..engine import views
from ..engine.levels import settle
from ..engine.memory_overlap import (
    refuse_internal_overlap,
    refuse_partial_overlap,
    write_changes,
)
from ..engine.modes import (
    dispatching,
    forward_level,
    interposed,
    is_inference,
    modes,
    no_grad,
    through_innermost,
)
from ..engine.node import (
    LEAF_SEQUENCE_NR,
    Outputs,
    gradient_edge,
    like,
    next_sequence_nr,
    set_history,
)
from ..engine.saved import ABSENT, SavedList, SavedNumber, SavedOutput, default_hooks
from ..engine.tangents import is_dual, propagate, refuse_unsupported, tangents_held
from ..sizes import broadcast_shapes
from ..tensor import LazyTensor, Tensor, see_through, wrap, wrap_sharing
from ..type_promotion import check_can_cast, no_gradient_of, result_dtype
from ..versions import bump_version, share_versions
from .entry import ANY_BOOL, AS_GIVEN, INT_TO_FLOAT, Entry
from .op_node import OpNode, PackedSlot, packed_operands
from .overloads import seen_call
from .plan import (
    DTYPE,
    GEOMETRY,
    LIST,
    NDIM,
    NUMEL,
    OUTPUT,
    SHAPE,
    SINGLE_SIZES,
    SIZES_OPT,
    STRIDE,
    TENSOR,
)


class MixedBackendError(RuntimeError):
    """Tensors of different backends met in one operation."""


SHORT_FLOATS = frozenset((bfloat16, float16))


def call(entry: Entry, values: list[Any]) -> Any:
    """Run an op on bound argument values; return its output, or the tuple of its outputs."""
    backend = backend_of(entry, values)
    packed = _packed(entry, values) if interposed.count else None
    if forward_level.current is not None:
        refuse_unsupported(entry, values)
    level = backend.level
    if interposed.count and dispatching.modes:
        results, compute = _dispatched(entry, values, backend)
    else:
        try:
            arrays, compute = computed(entry, values, backend)
        except RuntimeError:
            if modes.grad_enabled:
                edges(entry, values)  # what histories complain of comes first
            raise
        results = _wrapped(arrays, backend)
    outputs: list[Any] = list(results) if isinstance(results, tuple) else [results]
    recording = bool(modes.grad_enabled and entry.differentiable)
    if entry.view:
        recording = recording and not is_inference(values[0])
        source = values[0]
        lazy = entry.conjugates or entry.negates or source._conjugated or source._negated
        for k, output in enumerate(outputs):
            if lazy and level is None:
                see_through(
                    output,
                    source._conjugated is not entry.conjugates,
                    source._negated is not entry.negates,
                )
            views.mark_view(
                output,
                source,
                replay_of(entry, values, k),
                views.MULTI_OUTPUT_NODE if entry.multi_view else views.DEFAULT,
                entry.reinterprets,
            )
    if recording:
        wanted = wanted_inputs(entry, values)
        if wanted and any(o is not None and o._dtype.is_inexact for o in outputs):
            record(entry, wanted, values, compute, backend, outputs, packed)
        elif wanted and not entry.casts:
            raise no_gradient_of(outputs[0]._dtype)
    if forward_level.current is not None:
        propagate(entry, values, outputs)
    return tuple(outputs) if isinstance(results, tuple) else outputs[0]


def _packed(entry: Entry, values: list[Any]) -> list[PackedSlot] | None:
    """Return the operands that hooks have packed for the node to be; None without hooks or node."""
    if not (modes.grad_enabled and entry.differentiable and default_hooks.stack):
        return None
    wanted = wanted_inputs(entry, values)
    return packed_operands(entry.plan(wanted), values) if wanted else None


def call_inplace(entry: Entry, values: list[Any]) -> Tensor:
    """Run an op and write its result into its first argument, as torch's ``name_`` forms do."""
    backend = backend_of(entry, values, inplace=True)
    target: Tensor = values[0]
    wanted = wanted_inputs(entry, values) if modes.grad_enabled and entry.differentiable else 0
    views.check_inplace(target, bool(wanted))
    node_edges = edges(entry, values) if wanted else ()
    streams = not entry.overlapping or type(target) is LazyTensor  # which is copied into
    if streams and not backend.is_whole(target._memory):
        refuse_internal_overlap(target)
    for i in entry.streamed:
        operand = values[i]
        if operand is not target and isinstance(operand, Tensor):
            refuse_partial_overlap(target, operand)
    if forward_level.current is not None:
        refuse_unsupported(entry, values, inplace=True)
    saved_values = values
    if wanted and "self" in entry.plan(wanted).names:
        saved_values = [target.clone(), *values[1:]]
    tangents_before = values
    if forward_level.current is not None and is_dual(values):
        tangents_before = [target.clone(), *values[1:]]
    packed = _packed(entry, saved_values) if interposed.count else None
    write, compute = prepared_write(entry, values, backend)
    if packed is not None:
        views.announce_write(target)  # which has just been saved
    if wanted:
        _refuse_inference_operands(entry, wanted, values)
    if interposed.count and dispatching.modes:
        _dispatched_write(entry, values, write)
    else:
        write()
    bump_version(target)
    if wanted and (target._dtype.is_inexact or not entry.casts):
        node = make_node(entry, wanted, saved_values, compute, backend, [target])
        _date_back(node, target)
        node.next_edges = node_edges
        views.rebase_history(target, node)
        if packed is not None:
            node.pack(packed, [target])
    if forward_level.current is not None:
        propagate(entry, tangents_before, [target], inplace=True)
    return target


def _refuse_inference_operands(entry: Entry, wanted: int, values: list[Any]) -> None:
    """Refuse to save an inference tensor before anything is written."""
    for position in entry.plan(wanted).operands:
        if isinstance(values[position], Tensor):
            values[position]._version_counter[0]  # which an inference tensor refuses to give


def prepared_write(
    entry: Entry, values: list[Any], backend: Backend
) -> tuple[Callable[[], Any], DType | None]:
    """Return what writes an op's result into its first argument, and the dtype it is computed in.

    Raises:
        RuntimeError: the result does not fit (torch's texts); nothing has been written.
    """
    if backend.level is not None:
        compute = common_dtype(entry, values)
        return lambda: backend.level.interpret(call_inplace, entry, values), compute
    target: Tensor = values[0]
    arrays, compute = unwrap(entry, values, backend, inplace=True)
    result = run_kernel(entry, backend, arrays)
    refuse_other_shape(target, result.shape)
    dtype = backend.dtype(result)
    if dtype is not target._dtype:
        check_can_cast(dtype, target._dtype)
    if entry.selective:
        return lambda: write_changes(target, backend.cast(result, target._dtype)), compute
    return lambda: target._write(result), compute


def _date_back(node: OpNode, target: Tensor) -> None:
    """Give saved operands that share memory with the target the version before the write."""
    saved: tuple[Any, ...] = node.saved or ()
    shared = [
        isinstance(saved[k], Tensor) and share_versions(saved[k], target) for k in node.plan.checked
    ]
    if any(shared):
        node.versions = tuple(
            version - before for version, before in zip(node.versions, shared, strict=True)
        )


def call_inplace_view(entry: Entry, values: list[Any]) -> Tensor:
    """Give the first argument itself the view's geometry, as torch's ``t_`` and the like do."""
    backend = backend_of(entry, values, inplace=True)
    target: Tensor = values[0]
    wanted = wanted_inputs(entry, values) if modes.grad_enabled else 0
    views.check_inplace(target, bool(wanted))
    below = call_inplace_view if backend.level is not None and backend.level.turns_views else call
    array, compute = computed(entry, values, backend, below)
    node = None
    if wanted:
        node = make_node(
            entry, wanted, values, compute, backend, [wrap(array, target._dtype, backend)]
        )
        node.next_edges = edges(entry, values)
    step = replay_of(entry, values, 0)

    def turn() -> None:
        target._array = array

    if interposed.count and dispatching.modes:
        _dispatched_write(entry, values, turn)
    else:
        turn()
    bump_version(target)
    if target._view is not None:
        views.move_view(target, step, node is not None)
    if node is not None:
        if not target._dtype.is_inexact:
            raise no_gradient_of(target._dtype)
        set_history(target, node, is_turned=True)
    if forward_level.current is not None:
        for tangent in tangents_held(target):
            call_inplace_view(entry, [tangent, *values[1:]])
    return target


def computed(
    entry: Entry,
    values: list[Any],
    backend: Backend,
    below: Callable[[Entry, list[Any]], Any] = call,
) -> tuple[Any, DType | None]:
    """Return the array or arrays that an op gives, and the dtype they were computed in.

    ``below`` is how a level of transforms runs the op on what its arrays hold.
    """
    if backend.level is not None:
        compute = common_dtype(entry, values)
        return backend.level.interpret(below, entry, values), compute
    arrays, compute = unwrap(entry, values, backend)
    made = run_kernel(entry, backend, arrays)
    if entry.exact_number and compute in SHORT_FLOATS:
        made = backend.cast(made, compute)
    return made, compute


def _wrapped(arrays: Any, backend: Backend) -> Any:
    """Return arrays as Tensors, None for an output that was not asked for."""
    if isinstance(arrays, (tuple, list)):
        return tuple([None if array is None else _wrapped(array, backend) for array in arrays])
    level = backend.level
    return wrap(arrays, backend.dtype(arrays), backend if level is None else level.over(arrays))


def _dispatched(entry: Entry, values: list[Any], backend: Backend) -> tuple[Any, DType | None]:
    """Return the Tensors that the innermost dispatch mode gives for an op, and likewise the dtype.

    What the mode was given or keeps shares its versions with them.
    """

    def run() -> Any:
        if dispatching.modes:
            return _dispatched(entry, values, backend)[0]
        return _wrapped(computed(entry, values, backend)[0], backend)

    compute = common_dtype(entry, values)
    with no_grad():
        op, args, kwargs = seen_call(entry, values)
        given = through_innermost(op, run, args, kwargs)
    if isinstance(given, tuple):
        return tuple([None if t is None else wrap_sharing(t._memory, t) for t in given]), compute
    return wrap_sharing(given._memory, given), compute


def _dispatched_write(entry: Entry, values: list[Any], write: Callable[[], Any]) -> None:
    """Show a write in place to the dispatch modes, which do it."""
    op, args, kwargs = seen_call(entry, values, inplace=True)

    def run() -> Tensor:
        if dispatching.modes:
            through_innermost(op, run, args, kwargs)
        else:
            write()
        target: Tensor = values[0]
        return target

    with no_grad():
        run()


def _told_apart(*backends: Backend) -> list[str]:
    """The names of two backends, with their devices where the names are the same."""
    names = [repr(backend.name) for backend in backends]
    if names[0] != names[1]:
        return names
    return [f"{name} on {found.device_name}" for name, found in zip(names, backends)]


def backend_of(entry: Entry, values: list[Any], inplace: bool = False) -> Backend:
    """Return the backend that all tensor arguments have, brought to one level before.

    Raises:
        MixedBackendError: they have two.
        TypeError: there is no tensor among them.
    """
    if interposed.count:
        settle(entry, values, inplace)
    backend: Backend | None = None
    for i in entry.inputs:
        value = values[i]
        members = value if isinstance(value, (list, tuple)) else (value,)
        for member in members:
            if isinstance(member, Tensor):
                if backend is None:
                    backend = member._backend
                elif member._backend is not backend and (
                    backend.level is None or member._backend.level is not backend.level
                ):
                    one, other = _told_apart(backend, member._backend)
                    raise MixedBackendError(
                        f"{entry.kernel_name}: expected all tensors to be on the same backend, "
                        f"but found at least two backends, {one} and {other}"
                    )
    if backend is None:
        raise TypeError(f"{entry.kernel_name}(): expected a Tensor among the arguments")
    return backend


def refuse_other_shape(target: Tensor, shape: Sequence[int]) -> None:
    """Refuse to write a result of another shape (torch's text)."""
    if shape != target._array.shape:
        raise RuntimeError(
            f"output with shape {list(target._array.shape)} doesn't match the broadcast shape "
            f"{list(shape)}"
        )


def unwrap(
    entry: Entry, values: list[Any], backend: Backend, inplace: bool = False
) -> tuple[list[Any], DType | None]:
    """Return the kernel's arguments, operands cast to their common dtype, and that dtype.

    Of an entry with an ``exact_number`` they may be wider, and the result is to be cast.
    """
    arrays = list(values)
    compute = common_dtype(entry, values)
    if entry.refuses:
        _refuse_dtypes(entry, values, compute, inplace)
    kept = compute
    if entry.exact_number and compute in SHORT_FLOATS and _is_other_number(values[1], compute):
        kept = float32
    for i in entry.inputs:
        value = values[i]
        if isinstance(value, Tensor):
            if entry.view:
                arrays[i] = value._owned()
            else:
                arrays[i] = value._array
            if kept is not None and value._dtype is not kept and i in entry.promoted:
                arrays[i] = backend.cast(value._array, kept)
        elif isinstance(value, (list, tuple)):
            arrays[i] = [
                _unwrapped_member(member, compute if i in entry.promoted else None, backend)
                for member in value
            ]
        elif value is not None and kept is not None:
            arrays[i] = backend.scalar(value, kept)
    return arrays, compute


def _is_other_number(operand: Any, compute: DType | None) -> bool:
    """Whether an operand is a Python number, or a tensor of one number of another dtype."""
    if isinstance(operand, Tensor):
        return operand.numel() == 1 and operand._dtype is not compute
    return True


def _refuse_dtypes(entry: Entry, values: list[Any], compute: DType | None, inplace: bool) -> None:
    """Refuse the dtypes that torch refuses; shapes come first where it is its kernel that does."""
    dtype = values[entry.inputs[0]]._dtype if compute is None else compute
    refusal = entry.refusal(dtype)
    if (
        refusal is None
        and ANY_BOOL in entry.refuses
        and any(_is_bool(values[i]) for i in entry.promoted)
    ):
        refusal, dtype = entry.refuses[ANY_BOOL], bool_
    if refusal is None:
        return
    if entry.follows and refusal.of_kernel:
        operands = [values[i] for i in entry.promoted]
        shape = broadcast_shapes(*(v._array.shape for v in operands if isinstance(v, Tensor)))
        if inplace:
            refuse_other_shape(values[0], shape)
    raise refusal.of(dtype)


def _is_bool(value: Any) -> bool:
    return value._dtype is bool_ if isinstance(value, Tensor) else isinstance(value, bool)


def _unwrapped_member(member: Tensor | None, compute: DType | None, backend: Backend) -> Any:
    if member is None:
        return None
    if compute is None or member._dtype is compute:
        return member._array
    return backend.cast(member._array, compute)


def common_dtype(entry: Entry, values: list[Any]) -> DType | None:
    """Return the dtype that promoted operands are computed in; None where they stay as given."""
    if entry.promote is AS_GIVEN:
        return None
    dimensioned: list[DType] = []
    zero_dim: list[DType] = []
    numbers: list[Any] = []
    for i in entry.promoted:
        value = values[i]
        for member in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(member, Tensor):
                (dimensioned if member._array.shape else zero_dim).append(member._dtype)
            elif member is not None:
                numbers.append(member)
    if not (dimensioned or zero_dim or numbers):
        return None
    compute = result_dtype(dimensioned, zero_dim, numbers)
    if entry.promote is INT_TO_FLOAT and not compute.is_inexact:
        return get_default_dtype()
    return compute


def run_kernel(entry: Entry, backend: Backend, arrays: list[Any]) -> Any:
    """Run the kernel; an array library's complaint about shapes becomes torch's."""
    try:
        run = backend.kernel_context.copy().run
        if entry.kernel is not None:
            result = run(entry.kernel, backend, *arrays)
        else:
            result = run(getattr(backend, entry.kernel_name), *arrays)
    except ValueError as error:
        operands = [
            arrays[i].shape for i in entry.inputs if getattr(arrays[i], "shape", None) is not None
        ]
        if len(operands) > 1:
            try:
                broadcast_shapes(*operands)
            except RuntimeError as mismatch:
                raise mismatch from error
        raise
    if entry.layout is not None and result.shape:
        operands = [arrays[i] for i in entry.inputs]
        operands = [o for o in operands if hasattr(o, "shape")]
        return backend.following(result, *operands, layout=entry.layout)
    return result


def wanted_inputs(entry: Entry, values: list[Any]) -> int:
    """Return the bits of the differentiable inputs that require a gradient."""
    wanted = 0
    for k, i in enumerate(entry.differentiable):
        value = values[i]
        if isinstance(value, Tensor):
            if value._requires_grad or (value._view is not None and views.requires_grad(value)):
                wanted |= 1 << k
        elif isinstance(value, (list, tuple)) and any(
            isinstance(member, Tensor) and views.requires_grad(member) for member in value
        ):
            wanted |= 1 << k
    return wanted


def edges(entry: Entry, values: list[Any]) -> tuple[Any, ...]:
    """Return the edges of a node: one per differentiable input, list inputs spread out."""
    found: list[Any] = []
    for i in entry.differentiable:
        value = values[i]
        if isinstance(value, Tensor):
            found.append(gradient_edge(value))
        elif isinstance(value, (list, tuple)):
            found.extend(gradient_edge(member) for member in value)
        else:
            found.append(None)
    if entry.is_refusal:
        return tuple(edge for edge in found if edge is not None)
    return tuple(found)


def record(
    entry: Entry,
    wanted: int,
    values: list[Any],
    compute: DType | None,
    backend: Backend,
    outputs: list[Any],
    packed: list[PackedSlot] | None,
) -> None:
    """Give the outputs a node as their history."""
    edges_of_node = edges(entry, values)
    for position, output in enumerate(outputs):
        if output is not None and _differentiable(entry, position, output):
            output._requires_grad = True
    node = make_node(entry, wanted, values, compute, backend, outputs)
    node.next_edges = edges_of_node
    for position, output in enumerate(outputs):
        if output is not None and output._requires_grad:
            output._grad_fn = node
            output._output_nr = entry.output_number(position)
    if packed is not None:
        node.pack(packed, outputs)


def history(entry: Entry, values: list[Any], output: Tensor, number: int | None = None) -> OpNode:
    """Return the node that gives an output, which is there, its history as that of one tensor.

    ``number`` is its sequence number, where that was taken before.
    """
    source: Tensor = values[0]
    node = make_node(entry, 1, values, source._dtype, source._backend, [output], number)
    node.next_edges = edges(entry, values)
    return node


def _differentiable(entry: Entry, position: int, output: Tensor) -> bool:
    return output._dtype.is_inexact and entry.output_number(position) is not None


def make_node(
    entry: Entry,
    wanted: int,
    values: list[Any],
    compute: DType | None,
    backend: Backend,
    outputs: list[Any],
    number: int | None = None,
) -> OpNode:
    """Return a node with its saved values; its edges are still to be set."""
    plan = entry.plan(wanted)
    node: OpNode = entry.node_class()
    node.plan = plan
    node._backend = backend
    if number is None:
        number = LEAF_SEQUENCE_NR if entry.is_refusal else next_sequence_nr()
    node.sequence_nr = number
    node._outputs = (
        like(outputs[0]._array.shape, outputs[0]._array.dtype)
        if len(outputs) == 1
        else _outputs_of(entry, outputs)
    )
    saved: list[Any] = []
    for kind, position in zip(plan.kinds, plan.sources, strict=True):
        if kind == OUTPUT:
            output = outputs[position]
            number = entry.output_number(position)
            saved.append(SavedOutput(output, number, _differentiable(entry, position, output)))
            continue
        value = values[position]
        if kind == TENSOR:
            if isinstance(value, Tensor):
                if value._dtype is not compute and position in entry.promoted and compute:
                    node.compute_dtype = compute
                    node.plan = plan.indirect
            elif value is None:
                value = ABSENT
            else:
                exact = entry.exact_number and compute in SHORT_FLOATS
                value = SavedNumber(value, float32 if exact else compute, backend)  # type: ignore[arg-type]
        elif kind == SHAPE:
            value = _of_members(value, lambda t: tuple(t._array.shape), ())
        elif kind == SIZES_OPT:
            value = (0,) if value is None else tuple(value._array.shape)
        elif kind == DTYPE:
            value = _of_members(value, lambda t: t._dtype, compute)
        elif kind == STRIDE:
            value = backend.strides(value._memory)
        elif kind == GEOMETRY:
            array = value._array
            value = (array.shape, backend.strides(array), backend.storage_offset(array))
        elif kind == NUMEL:
            value = value.numel()
        elif kind == NDIM:
            value = len(value._array.shape)
        elif kind in SINGLE_SIZES:
            value = value._array.shape[SINGLE_SIZES[kind]]
        elif kind == LIST:
            value = SavedList(value)
        saved.append(value)
    node.saved = tuple(saved)
    node.versions = tuple([saved[k]._version_counter[0] for k in plan.checked])
    return node


def _outputs_of(entry: Entry, outputs: list[Any]) -> Outputs:
    return tuple(
        ((), None) if o is None else (o._array.shape, o._array.dtype)
        for position, o in enumerate(outputs)
        if entry.output_number(position) is not None
    )


def _of_members(value: Any, read: Any, of_number: Any) -> Any:
    """Read metadata of a tensor, or of each in a list; a number has ``of_number``."""
    if isinstance(value, (list, tuple)):
        return [read(member) for member in value]
    return read(value) if isinstance(value, Tensor) else of_number


def replay_of(entry: Entry, values: Sequence[Any], output_nr: int) -> views.Replay:
    """Return the step that cuts this view out of an array or Tensor laid out as its source."""
    if entry.kernel_name == "as_strided":
        return _as_strided_replay(entry, values)
    return functools.partial(step_of, entry, values[1:], output_nr)


def step_of(entry: Entry, options: Sequence[Any], output_nr: int, xp: Any, source: Any) -> Any:
    """Cut a view out of what is laid out as its source."""
    if isinstance(source, Tensor):
        made = call(entry, [source, *options])
    elif entry.kernel is not None:
        made = entry.kernel(xp, source, *options)
    else:
        made = getattr(xp, entry.kernel_name)(source, *options)
    return made[output_nr] if entry.multi_view else made


def _as_strided_replay(entry: Entry, values: Sequence[Any]) -> views.Replay:
    """The step of a view with a place in the storage, which moves with its source."""
    origin, size, stride, storage_offset = values
    distance = storage_offset - origin.storage_offset()

    def step(xp: Any, source: Any) -> Any:
        if isinstance(source, Tensor):
            return call(entry, [source, size, stride, source.storage_offset() + distance])
        return run_kernel(entry, xp, [source, size, stride, xp.storage_offset(source) + distance])

    return step
