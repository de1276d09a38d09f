"""Custom Functions under transforms: one call per level, each with the user's backward or rule."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from ..autograd.function import Function, apply_at_one_level
from ..batching import VmapLevel
from ..batching.arrays import is_batched
from ..engine.levels import Level, alive, innermost_transform, opened, stack
from ..engine.modes import enable_grad, modes
from ..pytrees import spread_to, tree_flatten, tree_leaves, tree_map, tree_unflatten
from ..tensor import Tensor
from ..vectorization import vmap

MORE = "For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"


class VmapInfo(NamedTuple):
    """What the ``vmap`` staticmethod of a Function is told."""

    batch_size: int
    randomness: str


def custom_function_call(function: type[Function], *operands: Any, **kwargs: Any) -> Any:
    """Run a Function at the current level, which runs it at the level below."""
    level = innermost_transform()
    if level is None:
        return apply_at_one_level(function, *operands, **kwargs)
    if isinstance(level, VmapLevel):
        return _at_vmap(level, function, operands, kwargs)
    return _at_grad(level, function, operands)


def _at_grad(level: Any, function: type[Function], operands: tuple[Any, ...]) -> Any:
    """Give the outputs a node of this level, whose backward is the Function's."""
    operands = tuple(
        level.lifted(alive(t)) if isinstance(t, Tensor) and not level.owns(t) else t
        for t in operands
    )

    def forward(*inputs: Any) -> Any:
        lowered = tree_map(lambda t: level.unwrapped(t) if isinstance(t, Tensor) else t, inputs)
        with enable_grad(), _forward_enabled(), level.below():
            output = custom_function_call(function, *lowered)
        return _same_or_wrapped(output, lowered, inputs, lambda t, _: level.lifted(t))

    made = type(
        f"{function.__name__}Generated",
        (Function,),
        {
            "forward": staticmethod(forward),
            "setup_context": staticmethod(function.setup_context),
            "backward": staticmethod(function.backward),
            "jvp": staticmethod(function.jvp),
        },
    )
    return apply_at_one_level(made, *operands)


@contextlib.contextmanager
def _forward_enabled() -> Iterator[None]:
    before, modes.forward_enabled = modes.forward_enabled, True
    try:
        yield
    finally:
        modes.forward_enabled = before


def _same_or_wrapped(
    output: Any,
    lowered: Any,
    inputs: Any,
    wrap: Callable[[Tensor, Any], Tensor],
    out_dims: Any = None,
) -> Any:
    """Return outputs of the level below at this level; an input that came out is that input."""
    pairs = zip(tree_leaves(list(lowered)), tree_leaves(list(inputs)), strict=True)
    originals = {id(below): above for below, above in pairs}
    leaves, spec = tree_flatten(output)
    dims = [None] * len(leaves) if out_dims is None else spread_to(out_dims, spec)
    if dims is None:
        raise RuntimeError(
            "The autograd.Function's vmap staticmethod returned an incompatible (output, out_dims) "
            f"tuple. Expected out_dims={out_dims} to be compatible with the structure of `output`. "
            f"out_dims has structure {tree_flatten(out_dims)[1]} but output has structure {spec}. "
            f"{MORE}"
        )
    found = [
        originals[id(leaf)]
        if id(leaf) in originals
        else wrap(leaf, dim)
        if isinstance(leaf, Tensor)
        else leaf
        for leaf, dim in zip(leaves, dims, strict=True)
    ]
    return tree_unflatten(found, spec)


# Under vmap ---------------------------------------------------------------------------------------


def _at_vmap(
    level: VmapLevel, function: type[Function], operands: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Run the Function's rule, or one made of its own parts."""
    if any(isinstance(value, Tensor) for value in tree_leaves(kwargs)):
        raise NotImplementedError(
            "Run vmap on autograd.Function with kwarg-only Tensor args. Please do not pass "
            f"kwarg-only Tensors to autograd.Function. Got: {kwargs}"
        )
    overridden = function.vmap is not Function.vmap
    about = f"You tried to vmap over {function.__name__}, but it "
    if function.generate_vmap_rule:
        if overridden:
            raise RuntimeError(
                f"{about}has both generate_vmap_rule=True and an overridden vmap staticmethod. "
                "Please set generate_vmap_rule=False or delete the overridden vmap staticmethod to "
                f"avoid ambiguity. {MORE}"
            )
        return _generated(level, function, operands)
    if not overridden:
        raise RuntimeError(
            f"{about}does not have vmap support. Please override and implement the vmap "
            f"staticmethod or set generate_vmap_rule=True. {MORE}"
        )
    lowered, in_dims = held(operands, level)
    if all(dim is None for dim in tree_leaves(in_dims)):
        with level.below():
            return custom_function_call(function, *operands)
    info = VmapInfo(level.size, level.randomness)
    with level.below():
        result = function.vmap(info, in_dims, *lowered)
    expected = (
        "Expected the vmap staticmethod to have two returns, an output and out_dims with pytree "
        "structure compatible with the output. "
    )
    if not isinstance(result, tuple):
        raise RuntimeError(f"{expected}Got a {type(result)} instead")
    if len(result) != 2:
        raise RuntimeError(f"{expected}Got {len(result)} returns instead")
    output, out_dims = result

    def wrap(tensor: Tensor, dim: Any) -> Tensor:
        return tensor if dim is None else level.batched(tensor, dim)

    if out_dims is None:
        out_dims = tree_map(lambda leaf: None, output)
    return _same_or_wrapped(output, lowered, operands, wrap, out_dims)


def held(tree: Any, level: Level) -> tuple[Any, Any]:
    """Return a tree with what a vmap level's Tensors hold, and the tree of their batch dims."""
    leaves, spec = tree_flatten(tree)
    values, dims = [], []
    for leaf in leaves:
        owned = isinstance(leaf, Tensor) and level.owns(leaf)
        values.append(leaf._array.value if owned else leaf)
        dims.append(leaf._array.bdim if owned and is_batched(leaf) else None)
    return tree_unflatten(values, spec), tree_unflatten(dims, spec)


def batched(tree: Any, dims: Any, level: VmapLevel) -> Any:
    """Return a tree with its Tensors at a vmap level, by the tree of their batch dims."""
    leaves, spec = tree_flatten(tree)
    spread = spread_to(dims, spec)
    if spread is None:
        raise AssertionError("flat_bdims must not be None")
    made = [
        leaf if dim is None else level.batched(leaf, dim)
        for leaf, dim in zip(leaves, spread, strict=True)
    ]
    return tree_unflatten(made, spec)


def _over(info: VmapInfo, function: Callable[..., Any], in_dims: Any, *args: Any) -> Any:
    """Run a function at a new vmap level; return what its outputs hold, and their batch dims."""
    with opened(VmapLevel(*info)) as level:
        return held(function(*batched(args, in_dims, level)), level)


def _generated(level: VmapLevel, function: type[Function], operands: tuple[Any, ...]) -> Any:
    """Run the Function made of the parts of another, each over a batch, at the level below."""
    lowered, in_dims = held(operands, level)
    over_batch = batched_function(function, in_dims, VmapInfo(level.size, level.randomness))
    with level.below():
        outputs = custom_function_call(over_batch, *lowered)
    outputs, out_dims = _split(outputs)
    return batched(outputs, out_dims, level)


def _split(outputs: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return the outputs and their batch dims, which come last."""
    dims = outputs[-1]
    return (outputs[:-1], dims) if isinstance(dims, tuple) else (outputs[0], dims)


def batched_function(
    function: type[Function], in_dims: tuple[Any, ...], info: VmapInfo
) -> type[Function]:
    """Return the Function whose forward, backward and jvp are another's over a batch."""

    def forward(*operands: Any) -> Any:
        outputs, out_dims = _over(info, function.forward, in_dims, *operands)
        if isinstance(outputs, Tensor):
            return outputs, out_dims
        return (*outputs, out_dims)

    def setup_context(ctx: Any, inputs: Any, outputs: Any) -> None:
        outputs, out_dims = _split(outputs)
        dims = ctx._pt_dims = _Dims(out_dims)

        def inner(inputs: Any, outputs: Any) -> None:
            function.setup_context(_SavingCtx(ctx, stack.current, dims), inputs, outputs)
            dims.input_shapes = tuple(
                value.shape if isinstance(value, Tensor) else None for value in inputs
            )

        _over(info, inner, (in_dims, out_dims), inputs, outputs)

    def jvp(ctx: Any, *tangents: Any) -> Any:
        dims = ctx._pt_dims

        def inner(saved: Any, tangents: Any) -> Any:
            return function.jvp(_SavedCtx(ctx, saved), *tangents)

        tangent_dims = tuple(
            None if t is None else dim for t, dim in zip(tangents, in_dims, strict=True)
        )
        found, found_dims = _over(
            info, inner, (dims.saved, tangent_dims), ctx.saved_tensors, tangents
        )
        made = _reduced(found, found_dims, dims.outputs, info.batch_size, None)
        return (made[0], None) if isinstance(found, Tensor) else (*made, None)

    def backward(ctx: Any, *gradients: Any) -> Any:
        dims = ctx._pt_dims
        given = gradients[:-1]
        out_dims = dims.outputs if isinstance(dims.outputs, tuple) else (dims.outputs,)
        given_dims = tuple(
            None if g is None else dim for g, dim in zip(given, out_dims, strict=True)
        )

        def inner(saved: Any, gradients: Any) -> Any:
            return function.backward(_SavedCtx(ctx, saved), *gradients)

        found, found_dims = _over(info, inner, (dims.saved, given_dims), ctx.saved_tensors, given)
        return _reduced(found, found_dims, in_dims, info.batch_size, dims.input_shapes)

    return type(
        f"Vmapped{function.__name__}",
        (Function,),
        {
            "forward": staticmethod(forward),
            "setup_context": staticmethod(setup_context),
            "backward": staticmethod(backward),
            "jvp": staticmethod(jvp),
            "generate_vmap_rule": True,
        },
    )


class _Dims:
    """What the backward over a batch must know of the forward over it.

    Attributes:
        outputs: the batch dims of the outputs.
        saved: those of the saved tensors.
        input_shapes: the shapes of the inputs without the batch dim.
    """

    def __init__(self, outputs: Any) -> None:
        self.outputs = outputs
        self.saved: Any = ()
        self.input_shapes: tuple[Any, ...] = ()


class _InnerCtx:
    """Another ctx, seen from one level further in."""

    def __init__(self, ctx: Any) -> None:
        self.__dict__["_pt_inner_ctx"] = ctx

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pt_inner_ctx, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._pt_inner_ctx, name, value)


class _SavedCtx(_InnerCtx):
    """A ctx whose saved tensors have been brought to the level."""

    def __init__(self, ctx: Any, saved_tensors: Sequence[Any]) -> None:
        super().__init__(ctx)
        self.__dict__["saved_tensors"] = saved_tensors


class _SavingCtx(_InnerCtx):
    """A ctx that saves what batched tensors hold, and notes their batch dims."""

    def __init__(self, ctx: Any, level: Any, dims: _Dims) -> None:
        super().__init__(ctx)
        self.__dict__.update(level=level, dims=dims)

    def save_for_backward(self, *tensors: Any) -> None:
        values, self.__dict__["dims"].saved = held(tensors, self.__dict__["level"])
        self._pt_inner_ctx.save_for_backward(*values)

    def save_for_forward(self, *tensors: Any) -> None:
        values, self.__dict__["dims"].saved = held(tensors, self.__dict__["level"])
        self._pt_inner_ctx.save_for_forward(*values)


def _reduced(found: Any, found_dims: Any, wanted: Any, size: int, shapes: Any) -> tuple[Any, ...]:
    """Return gradients with the batch dims of what they are of, summed where that has none."""
    found, found_dims, wanted = (
        part if isinstance(part, tuple) else (part,) for part in (found, found_dims, wanted)
    )
    shapes = shapes or (None,) * len(found)
    return tuple(
        _reduced_one(value, dim, to, size, shape)
        for value, dim, to, shape in zip(found, found_dims, wanted, shapes)
    )


def _reduced_one(value: Any, dim: Any, to: Any, size: int, shape: Any) -> Any:
    if value is None or (dim is None and to is None):
        return value
    if to is None:
        return value.sum(dim)
    if dim is None:
        value = value.unsqueeze(to)
        lengths = list(value.shape)
        lengths[to] = size
        value, dim = value.expand(lengths), to
    if shape is not None:
        return vmap(lambda t, size: t.sum_to_size(size), in_dims=(dim, None), out_dims=to)(
            value, shape
        )
    return value if dim == to else value.movedim(dim, to)
