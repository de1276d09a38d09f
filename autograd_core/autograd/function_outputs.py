"""What becomes of the tensors that a custom Function returns: their history, and their tangents."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..engine import views
from ..engine.function_node import FunctionNode
from ..engine.modes import forward_level, modes, no_grad
from ..engine.tangents import set_tangent, tangent_of, write_tangent
from ..tensor import Tensor
from ..versions import bump_version

_SAVED_AS_IS = (
    "An input that has been returned as-is as output is being saved for backward. This is not "
    "supported if you override setup_context. You should return and save a view of the input "
    "instead, e.g. with x.view_as(x) or setup ctx inside the forward function itself."
)


@contextmanager
def _without_tangents() -> Iterator[None]:
    previous, modes.forward_enabled = modes.forward_enabled, False
    try:
        yield
    finally:
        modes.forward_enabled = previous


@contextmanager
def outside_autograd() -> Iterator[None]:
    """Nothing is recorded and no tangent is seen inside."""
    with no_grad(), _without_tangents():
        yield


class _Marks:
    """What the forward has said of tensors, by their identity."""

    def __init__(self, ctx: Any, inputs: Sequence[Tensor], saved_as_is: frozenset[int]) -> None:
        self.inputs = {id(tensor): k for k, tensor in enumerate(inputs)}
        self.dirty = [
            _marked(tensor, "mark_dirty can only accept variables, but argument ")
            for tensor in _tuple(ctx, "dirty_tensors")
        ]
        self.dirty_ids = {id(tensor) for tensor in self.dirty}
        self.non_differentiable = {
            id(_marked(tensor, "mark_non_differentiable only accepts variable arguments, but got "))
            for tensor in _tuple(ctx, "non_differentiable")
        }
        self.saved = saved_as_is
        self.backend: Any = inputs[0]._backend if inputs else None

    def is_differentiable(self, tensor: Tensor) -> bool:
        """Whether a tensor can have a gradient or a tangent."""
        return id(tensor) not in self.non_differentiable and tensor._dtype.is_inexact


def _tuple(ctx: Any, name: str) -> tuple[Any, ...]:
    given = getattr(ctx, name)
    setattr(ctx, name, None)
    if given is None:
        return ()
    if not isinstance(given, tuple):
        raise RuntimeError(
            f"autograd internal error: {name} attribute is expected to be a tuple but is "
        )
    return given


def _marked(tensor: Any, complaint: str) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise RuntimeError(complaint)
    return tensor


def with_history(
    ctx: FunctionNode,
    inputs: Sequence[Tensor],
    outputs: tuple[Any, ...],
    recorded: bool,
    separate: bool,
) -> tuple[Any, ...]:
    """Return the outputs of a forward as the caller gets them, and save what was to be saved.

    Args:
        ctx: the node to be.
        inputs: the tensors among the arguments.
        outputs: what the forward returned.
        recorded: whether the outputs get the node as their history.
        separate: whether ``setup_context`` filled ``ctx``, after the forward.
    """
    early = ctx._tensors_to_save() if separate else ()
    marks = _Marks(ctx, inputs, frozenset(id(tensor) for tensor in early))
    for tensor in marks.dirty:
        bump_version(tensor)
    returned = _recorded_outputs(ctx, marks, outputs, recorded)
    if forward_level.current is not None:
        _set_tangents(ctx, marks, inputs, outputs, returned)
    if recorded:
        ctx._save(early if separate else ctx._tensors_to_save())
    else:
        ctx.to_save = None
    ctx.saved_for_forward = None
    return tuple(returned)


def _recorded_outputs(
    ctx: FunctionNode, marks: _Marks, outputs: tuple[Any, ...], recorded: bool
) -> list[Any]:
    """Return the outputs, each with ``ctx`` as its history where it has one."""
    returned: list[Any] = []
    differentiable = 0
    facts: list[tuple[Any, Any, bool]] = []
    if recorded:
        ctx._backend = marks.backend
        ctx._outputs = tuple(
            [
                (t._array.shape, t._array.dtype) if isinstance(t, Tensor) else ((), None)
                for t in outputs
            ]
        )
    for k, given in enumerate(outputs):
        if not isinstance(given, Tensor):
            returned.append(given)
            facts.append(((), None, False))
            continue
        has_gradient = recorded and marks.is_differentiable(given)
        differentiable += has_gradient
        facts.append((given._array.shape, given._dtype, has_gradient))
        tensor = _output(ctx if has_gradient else None, k, given, marks, len(outputs))
        if tensor._view is not None and not (id(given) in marks.inputs and tensor is given):
            tensor._view.creation = views.DEFAULT if ctx._pure_view else views.IN_CUSTOM_FUNCTION
        returned.append(tensor)
    if differentiable > 1:
        for tensor in returned:
            if isinstance(tensor, Tensor) and tensor._view is not None:
                tensor._view.creation = views.MULTI_OUTPUT_NODE
    if marks.dirty_ids - {id(tensor) for tensor in outputs}:
        raise RuntimeError(
            "Some elements marked as dirty during the forward method were not returned as output. "
            "The inputs that are modified inplace must all be outputs of the Function."
        )
    ctx._output_facts = tuple(facts)
    return returned


def _output(
    ctx: FunctionNode | None, output_nr: int, tensor: Tensor, marks: _Marks, count: int
) -> Tensor:
    """Return one output with ``ctx`` as its history, or without any when that is None."""
    is_input = id(tensor) in marks.inputs
    is_dirty = id(tensor) in marks.dirty_ids
    if is_input and not is_dirty and id(tensor) in marks.saved:
        raise RuntimeError(_SAVED_AS_IS)
    if ctx is None:
        if not views.requires_grad(tensor):
            return _alias(tensor) if is_input and not is_dirty else tensor
        if is_input:
            return tensor.detach()  # type: ignore[no-any-return]
        if tensor._view is None:
            tensor.detach_()
        return tensor
    if is_dirty:
        _rebase(ctx, output_nr, tensor, is_input, count)
        return tensor
    if is_input:
        tensor = _alias(tensor)
    views.set_gradient_edge(tensor, ctx, output_nr)
    return tensor


def _alias(tensor: Tensor) -> Tensor:
    """Return a view of an input that was returned as it is, to have a history of its own."""
    with outside_autograd():
        return tensor.view_as(tensor)  # type: ignore[no-any-return]


def _rebase(ctx: FunctionNode, output_nr: int, tensor: Tensor, is_input: bool, count: int) -> None:
    """Put ``ctx`` on top of the history of a tensor that the forward has written."""
    if tensor._grad_fn is None and views.requires_grad(tensor):
        raise RuntimeError(
            "a leaf Variable that requires grad has been used in an in-place operation."
        )
    if not is_input:
        warnings.warn(
            "ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that "
            "have been mutated should be passed to ctx.mark_dirty().",
            UserWarning,
            stacklevel=6,
        )
    if tensor._view is not None:
        if count > 1:
            raise RuntimeError(_WRITES_VIEW_AMONG_OTHERS)
        views.check_inplace(tensor, True)
    tensor._grad = None
    views.rebase_history(tensor, ctx)
    if tensor._view is None:
        tensor._output_nr = output_nr


_WRITES_VIEW_AMONG_OTHERS = (
    "If your Function modifies inplace an input that is a view of another Tensor, your Function "
    "cannot return more than one Tensor. This is not supported by the current autograd engine. You "
    "should either make sure the input is not a view (using .clone() for example) or make your "
    "Function only return one Tensor (potentially splitting it into two Functions: one doing the "
    "inplace that returns a single Tensor and a second one that does the other operations). You "
    "can ask on the forum https://discuss.pytorch.org/ if you need help to do this change."
)


def _set_tangents(
    ctx: Any,
    marks: _Marks,
    inputs: Sequence[Tensor],
    outputs: tuple[Any, ...],
    returned: list[Any],
) -> None:
    """Give the outputs the tangents that the Function's ``jvp`` computes, when an input has one."""
    tangents = [tangent_of(tensor) for tensor in inputs]
    if all(tangent is None for tangent in tangents):
        return
    versions = [None if t is None else t._version_counter[0] for t in tangents]
    results = _jvp(ctx, inputs, tangents)
    if len(results) != len(outputs):
        raise RuntimeError(
            "Function's jvp returned an invalid number of forward gradients (expected "
            f"{len(outputs)} but got {len(results)})"
        )
    sources = {id(_base(tensor)): k for k, tensor in enumerate(inputs)}
    for k, (given, tangent) in enumerate(zip(outputs, results, strict=True)):
        if not isinstance(given, Tensor):
            continue
        if not marks.is_differentiable(given):
            if tangent is not None:
                raise RuntimeError(
                    f"Function's jvp returned a gradient at position {k}, but  the corresponding "
                    "forward output is not a differentiable Tensor.You should return None at that "
                    "position instead."
                )
            continue
        if id(given) in marks.dirty_ids:
            _set_written(marks, given, tangent, tangents, versions)
            continue
        source = sources.get(id(_base(given))) if given._view is not None else None
        if source is None and id(given) in marks.inputs:
            source = marks.inputs[id(given)]
        if source is not None:
            held = tangents[source]
            if held is None:
                _write(given, tangent)
                return
            _check_view_of(held, tangent)
        _set(returned[k], tangent)


def _jvp(ctx: Any, inputs: Sequence[Tensor], tangents: Sequence[Tensor | None]) -> tuple[Any, ...]:
    """Call the Function's ``jvp`` with one tangent or None per argument; return its results."""
    filled = iter(
        [
            tangent
            if tangent is not None or not ctx._undefined_as_zeros or not tensor._dtype.is_inexact
            else tensor.detach().new_zeros(tensor.shape)
            for tensor, tangent in zip(inputs, tangents, strict=True)
        ]
    )
    with _without_tangents():
        given: Any = ctx.apply_jvp(
            *[next(filled) if is_tensor else None for is_tensor in ctx._is_tensor_input]
        )
    results: tuple[Any, ...] = given if isinstance(given, tuple) else (given,)
    for k, result in enumerate(results):
        if result is not None and not isinstance(result, Tensor):
            raise RuntimeError(
                f"expected Variable or None (got {type(result).__name__}) for grad output {k}."
            )
    return results


def _base(tensor: Tensor) -> Tensor:
    return tensor if tensor._view is None else tensor._view.base


def _set_written(
    marks: _Marks,
    tensor: Tensor,
    tangent: Tensor | None,
    tangents: Sequence[Tensor | None],
    versions: Sequence[int | None],
) -> None:
    """Check that the tangent of a written input was written, too; give it one if it had none."""
    position = marks.inputs.get(id(tensor))
    if position is None:
        raise RuntimeError(
            "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, "
            "there is no need to pass it to mark_dirty()."
        )
    held = tangents[position]
    if held is None:
        _write(tensor, tangent)
        return
    if tangent is None or tangent._version_counter[0] == versions[position]:
        raise RuntimeError(
            "An inplace custom Function is not modifying the forward mode gradients inplace. If "
            "the forward is modifying an input inplace, then the jvp function must modify the "
            "corresponding gradient inplace."
        )
    if tangent is not held:
        raise RuntimeError(
            "An inplace custom Function is not returning the forward mode gradients as-is. If the "
            "forward is modifying an input inplace, then the jvp function must modify the gradient "
            "inplace and return it as-is."
        )


def _check_view_of(held: Tensor, tangent: Tensor | None) -> None:
    """Refuse the tangent of a view that is not cut from the tangent of what the view is of."""
    if tangent is None or tangent._view is None:
        raise RuntimeError(
            "A custom Function's forward is returning a view (or an input as-is) but the jvp is "
            "not returning a view."
        )
    base = tangent._view.base
    if held._view is not None:
        if base is not held._view.base:
            raise RuntimeError(
                "A custom Function is returning a view but the jvp is not returning a view of the "
                "same base as the given grad input."
            )
    elif base is not held:
        raise RuntimeError(
            "A custom Function is returning a view but the jvp is not returning a view of the "
            "given grad input."
        )


def _checked(tensor: Tensor, tangent: Tensor | None) -> Tensor:
    """Return the tangent; refuse one that does not fit (torch's texts)."""
    if tangent is None:
        raise RuntimeError(
            "(new_grad_base.is_floating_point() || new_grad_base.is_complex()) && "
            "(self_base.is_floating_point() || self_base.is_complex()) INTERNAL ASSERT FAILED at "
            '"/__w/pytorch/pytorch/torch/csrc/autograd/autograd_meta.cpp":159, please report a bug '
            "to PyTorch. Expected both tensor and its forward grad to be floating point or complex"
        )
    if tangent._array.shape != tensor._array.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original "
            f"Tensor, this is not supported. Tensor is of size {list(tensor._array.shape)} while "
            f"the given forward gradient is of size {list(tangent._array.shape)}."
        )
    return tangent


def _set(tensor: Tensor, tangent: Tensor | None) -> None:
    level: Any = forward_level.current
    set_tangent(tensor, level, _checked(tensor, tangent))


def _write(tensor: Tensor, tangent: Tensor | None) -> None:
    level: Any = forward_level.current
    write_tangent(tensor, _checked(tensor, tangent), level)
