"""torch.autograd.function: custom Functions, their ``ctx``, and ``once_differentiable``."""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from ..engine import views
from ..engine.function_node import FunctionNode
from ..engine.levels import innermost_transform
from ..engine.modes import is_grad_enabled, no_grad, refuse_in_trace
from ..engine.node import Node, gradient_edge, next_sequence_nr
from ..lazy_imports import Families, Names
from ..tensor import Tensor
from .function_outputs import outside_autograd, with_history

__all__ = [
    "BackwardCFunction",
    "Function",
    "FunctionCtx",
    "FunctionMeta",
    "InplaceFunction",
    "NestedIOFunction",
    "once_differentiable",
]

AUTOGRAD_FUNCTION_COUNTER = itertools.count()


class FunctionCtx:
    """What ``ctx`` is told by the forward of a custom Function."""

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors (or None) for the backward, which finds them in ``saved_tensors``."""
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors (or None) for ``jvp``, which finds them in ``saved_tensors``.

        Raises:
            AssertionError: there is something else among them (torch's text).
        """
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, Tensor):
                raise AssertionError(
                    "save_for_forward expects all arguments to be tensors; you should save "
                    "non-tensors as attributes on ctx."
                )
        self.saved_for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Say which inputs the forward has written in place; all must be returned."""
        self.dirty_tensors = args

    def mark_shared_storage(self, *pairs: Any) -> None:
        """Do nothing: shared storage is always noticed."""
        warnings.warn(
            "`mark_shared_storage` is deprecated. Tensors with shared storages are automatically "
            "tracked. Note that calls to `set_()` are not tracked",
            FutureWarning,
            stacklevel=2,
        )

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say which outputs have no gradient."""
        self.non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether gradients that nothing gave reach the backward as zeros or as None."""
        self.materialize_grads = value


_ContextMethodMixin = FunctionCtx


class BackwardCFunction(FunctionNode, FunctionCtx):
    """The base of the nodes of custom Functions; ``ctx`` is an instance of a subclass."""

    _forward_cls: type[Function]

    def _get_user_fn(self) -> Callable[..., Any]:
        backward, vjp = self._forward_cls.backward, self._forward_cls.vjp
        if vjp is Function.vjp:
            return backward
        if backward is Function.backward:
            return vjp
        raise RuntimeError(
            "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You "
            "should only implement one of them."
        )

    def apply(self, *args: Any) -> Any:
        """Call the Function's backward."""
        if self._forward_cls.boxed_grads_call:
            args = (list(args),)
        return self.apply_boxed(*args)

    def apply_boxed(self, *args: Any) -> Any:
        """Call the Function's backward with the arguments as they are."""
        return self._get_user_fn()(self, *args)

    def apply_jvp(self, *args: Any) -> Any:
        """Call the Function's ``jvp`` with the tangents of the arguments."""
        return self._forward_cls.jvp(self, *args)

    def _clears_on_access(self) -> bool:
        value: Any = self._forward_cls.clear_saved_tensors_on_access
        if not isinstance(value, bool):
            raise RuntimeError(
                f"clear_saved_tensors_on_access must be a bool, got {type(value).__name__}"
            )
        return value


class FunctionMeta(type):
    """Gives every Function the class of its nodes, named ``<Function>Backward``."""

    _backward_cls: type[BackwardCFunction]

    def __init__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> None:
        members = {
            "_forward_cls": cls,
            "_autograd_function_id": next(AUTOGRAD_FUNCTION_COUNTER),
            "__module__": "torch.autograd.function",  # as their printed form says
        }
        cls._backward_cls = type(f"{name}Backward", (BackwardCFunction,), members)
        super().__init__(name, bases, attrs)


class Function(FunctionCtx, metaclass=FunctionMeta):
    """An operation with a backward (and ``jvp``) of its own: subclass it, and call ``apply``.

    ``forward(ctx, *args)``, or ``forward(*args)`` with ``setup_context(ctx, inputs, output)``,
    computes; ``backward(ctx, *grad_outputs)`` returns one gradient or None per argument;
    ``jvp(ctx, *grad_inputs)`` returns one tangent or None per output. All are static methods.
    """

    generate_vmap_rule = False
    """Whether ``func.vmap`` batches the methods as they are, instead of calling ``vmap``."""
    clear_saved_tensors_on_access = False
    """Whether ``saved_tensors`` lets go of the tensors and can be read once only."""
    boxed_grads_call = False
    """Whether the backward gets one list of gradients, which it may empty, instead of arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all "
            "static, so you should invoke them on the class itself. Instantiating an autograd "
            "function will raise an error in a future version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use "
            "new-style autograd function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; to be overridden."""
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Fill ``ctx`` after a forward that does not take it; to be overridden."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return the gradients of the arguments; to be overridden."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD."
        )

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Return the tangents of the outputs; to be overridden."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with "
            "forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """Return (outputs, their batch dims) for batched arguments; to be overridden."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or "
            "set generate_vmap_rule=True."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run the forward and give its outputs the backward as their history."""
        refuse_in_trace("a custom Function is called")
        separate = _has_setup_context(cls)
        if separate:
            bound = _signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        if innermost_transform() is None:
            return apply_at_one_level(cls, *args, **kwargs)
        if not separate:
            raise RuntimeError(
                "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, "
                "jacrev, ...), it must override the setup_context staticmethod. For more details, "
                "please see https://pytorch.org/docs/main/notes/extending.func.html"
            )
        return _UNDER_TRANSFORMS["custom_function_call"](cls, *args, **kwargs)


_UNDER_TRANSFORMS = Names(
    Families("autograd_core.func", {"custom_functions": "custom_function_call"})
)
"""What the transforms of ``func`` do to custom Functions: a layer above."""


def _has_setup_context(function: type[Function]) -> bool:
    return function.setup_context is not Function.setup_context


def apply_at_one_level(function: type[Function], *args: Any, **kwargs: Any) -> Any:
    """Run a custom Function on tensors as they are, whatever transforms are running."""
    separate = _has_setup_context(function)
    if kwargs:
        args = _positional(function, separate, args, kwargs)
    tensors = [arg for arg in args if isinstance(arg, Tensor)]
    recorded = is_grad_enabled() and any(views.requires_grad(t) for t in tensors)
    ctx = function._backward_cls()
    if recorded:
        ctx.next_edges = tuple([gradient_edge(tensor) for tensor in tensors])
    ctx.needs_input_grad = tuple(
        [isinstance(arg, Tensor) and views.requires_grad(arg) for arg in args]
    )
    ctx._is_tensor_input = tuple([isinstance(arg, Tensor) for arg in args])
    with outside_autograd():
        if separate:
            output = function.forward(*args)
            function.setup_context(ctx, args, output)
        else:
            output = function.forward(ctx, *args)
    outputs = output if isinstance(output, tuple) else (output,)
    outputs = with_history(ctx, tensors, outputs, recorded, separate)
    return outputs if isinstance(output, tuple) else outputs[0]


def _positional(
    function: type[Function], separate: bool, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, ...]:
    """Return the arguments in the order of the forward's signature.

    Raises:
        TypeError: they do not fit it (torch's texts).
    """
    parameters = list(_signature(function.forward).parameters.values())
    if not separate:
        del parameters[0]  # ctx
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    for name in kwargs:
        if name not in names:
            raise TypeError(f"forward() got an unexpected keyword argument '{name}'")
        if names.index(name) < len(args):
            raise TypeError(f"forward() got multiple values for argument '{name}'")
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    last = max(names.index(name) for name in kwargs)
    rest = []
    for k, name in enumerate(names[len(args) : last + 1], len(args)):
        if name not in kwargs and name not in defaults:
            raise TypeError(f"forward() missing required argument: '{name}' (position {k})")
        rest.append(kwargs[name] if name in kwargs else defaults[name])
    return (*args, *rest)


class Error(Node):
    """The history of what must not be differentiated: it raises its message."""

    __slots__ = ("message",)
    __module__ = "builtins"  # as torch's
    qualified_name = "torch::autograd::Error"
    always_runs = True

    def __init__(self, message: str, tensors: Sequence[Tensor | None]) -> None:
        super().__init__()
        given = [tensor for tensor in tensors if tensor is not None]
        self.message = message
        self._backend = given[0]._backend
        self.next_edges = tuple([gradient_edge(tensor) for tensor in given])
        self.sequence_nr = next_sequence_nr()
        self._outputs = tuple(
            [((), None) if t is None else (t._array.shape, t._array.dtype) for t in tensors]
        )

    def apply_raw(self, grads: list[Any]) -> NoReturn:
        raise RuntimeError(self.message)

    def apply_tensors(self, grads: list[Tensor | None]) -> NoReturn:
        raise RuntimeError(self.message)


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Run a backward unrecorded; a gradient of what it returns raises (torch's text)."""

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        with no_grad():
            outputs = fn(ctx, *args, **kwargs)
        if not is_grad_enabled():
            return outputs
        if not any(isinstance(arg, Tensor) and arg.requires_grad for arg in args):
            return outputs
        several = outputs if isinstance(outputs, tuple) else (outputs,)
        leaves = [None if t is None else t.detach().requires_grad_() for t in several]
        node = Error(
            "trying to differentiate twice a function that was marked with @once_differentiable",
            leaves,
        )
        results = tuple(_with_error(leaf, node, k) for k, leaf in enumerate(leaves))
        return results if isinstance(outputs, tuple) else results[0]

    return wrapper


def _with_error(leaf: Tensor | None, node: Error, output_nr: int) -> Tensor | None:
    """Return what the leaf holds with ``node`` as its history."""
    if leaf is None:
        return None
    result: Tensor = leaf.detach()
    result._grad_fn = node
    result._output_nr = output_nr
    result._requires_grad = True
    return result


class InplaceFunction(Function):
    """An old base of Functions that can write in place; it keeps the flag."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


def _tensors_in(nest: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested lists, tuples and dicts."""
    if isinstance(nest, Tensor):
        yield nest
    elif isinstance(nest, (list, tuple)):
        for member in nest:
            yield from _tensors_in(member)
    elif isinstance(nest, dict):
        for member in nest.values():
            yield from _tensors_in(member)
    elif nest is not None:
        raise ValueError(
            "Auto nesting doesn't know how to process an input object of type "
            f"{type(nest).__name__}. Accepted types: Tensors, or lists/tuples of them"
        )


class NestedIOFunction(Function):
    """An old base of Functions with nested arguments; what marks tensors works, as in torch."""

    def save_for_backward(self, *args: Any) -> None:
        """Keep the tensors in nested arguments for the backward."""
        self.to_save = tuple(_tensors_in(args))
        self._to_save_nested = args

    def mark_dirty(self, *args: Any, **kwargs: Any) -> None:
        """Say which tensors in nested arguments the forward has written in place."""
        self.dirty_tensors = tuple(_tensors_in((args, kwargs)))

    def mark_non_differentiable(self, *args: Any, **kwargs: Any) -> None:
        """Say which tensors in nested arguments have no gradient."""
        self.non_differentiable = tuple(_tensors_in((args, kwargs)))

    def forward_extended(self, *input: Any) -> None:
        """Compute the outputs; to be overridden."""
        raise NotImplementedError

    def backward_extended(self, *grad_output: Any) -> None:
        """Return the gradients; to be overridden."""
        raise NotImplementedError


def _signature(function: Any) -> Any:
    from inspect import signature  # which is slow to import

    return signature(function)
