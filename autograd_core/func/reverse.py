"""Reverse-mode transforms: ``grad``, ``grad_and_value``, ``vjp``, ``jacrev``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..autograd import grad as backward_gradients
from ..autograd.saved_tensor_hooks import disable_saved_tensors_hooks
from ..engine.levels import GradLevel, alive, opened
from ..engine.modes import modes
from ..namespaces import NAMESPACES
from ..pytrees import (
    tree_flatten,
    tree_leaves,
    tree_map,
    tree_picture,
    tree_unflatten,
)
from ..tensor import Tensor
from ..vectorization import vmap

torch = NAMESPACES[""]
NO_HOOKS = (
    "torch.func.{grad, vjp, jacrev, hessian} don't yet support saved tensor hooks. "
    "Please open an issue with your use case."
)


def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the function that gives the gradients of ``func``, which returns a 0-d Tensor.

    Args:
        func: takes any arguments; with ``has_aux`` it returns (output, anything else).
        argnums: which positional arguments (trees of Tensors) to differentiate: an int or a tuple.
        has_aux: whether to return (gradients, what else ``func`` returned).
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradients, value = _grad_and_value(func, argnums, has_aux, args, kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def grad_and_value(
    func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """Return the function that gives (gradients, output of ``func``), otherwise as ``grad``."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return _grad_and_value(func, argnums, has_aux, args, kwargs)

    return wrapper


def _grad_and_value(
    func: Callable[..., Any],
    argnums: Any,
    has_aux: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[Any, Any]:
    level = GradLevel()
    with disable_saved_tensors_hooks(NO_HOOKS), opened(level), level.recording():
        args, kwargs = wrapped(args, level), wrapped(kwargs, level)
        inputs, spec = tree_flatten(chosen(args, argnums, as_tuple=False))
        require_gradients(inputs)
        output = func(*args, **kwargs)
        aux = None
        if has_aux:
            output, aux = _with_aux("grad_and_value(f)(*args)", output)
        if not isinstance(output, Tensor):
            raise RuntimeError(
                f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got "
                f"{type(output)}"
            )
        if output.ndim:
            raise RuntimeError(
                "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got "
                f"tensor with {output.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs "
                "instead?"
            )
        gradients = _gradients(level, [output], inputs, None, retain_graph=False)
        gradients = tree_unflatten(gradients, spec)
        value = unwrapped(output, level)
        if has_aux:
            return gradients, (value, unwrapped(aux, level))
        return gradients, value


def wrapped(tree: Any, level: GradLevel) -> Any:
    """Return a tree with its Tensors lifted to a level."""
    return tree_map(lambda t: level.lifted(alive(t)) if isinstance(t, Tensor) else t, tree)


def unwrapped(tree: Any, level: GradLevel) -> Any:
    """Return a tree of a level's Tensors as those below.

    Raises:
        RuntimeError: there is something else in it (torch's text).
    """

    def lowered(leaf: Any) -> Tensor:
        if isinstance(leaf, Tensor):
            return level.unwrapped(leaf)
        raise RuntimeError(f"Expected tensors, got unsupported type {type(leaf)}")

    return tree_map(lowered, tree)


def require_gradients(inputs: Sequence[Any]) -> None:
    """Make a level's Tensors leaves that require a gradient."""
    for leaf in inputs:
        if not isinstance(leaf, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(leaf)}")
        if not leaf._dtype.is_inexact:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        leaf._requires_grad = True


def _with_aux(about: str, output: Any) -> tuple[Any, Any]:
    if not (isinstance(output, tuple) and len(output) == 2):
        raise RuntimeError(
            f"{about}: output of function f should be a tuple: (output, aux) if has_aux is True"
        )
    return output


def _gradients(
    level: GradLevel,
    outputs: Sequence[Tensor],
    inputs: Sequence[Tensor],
    cotangents: Sequence[Tensor] | None,
    retain_graph: bool,
) -> list[Tensor]:
    """Return the gradients of a level's Tensors as Tensors of the level below, zeros for none.

    The formulas run on raw arrays, which here are Tensors of the level below: that level records
    them, and the gradients have whatever graph they should have there.
    """
    places = [k for k, output in enumerate(outputs) if output.requires_grad]
    if not places:
        return [level.unwrapped(torch["zeros_like"](input)) for input in inputs]
    given = None
    if cotangents is not None:
        given = [_lifted_cotangent(level, cotangents[k], outputs[k]) for k in places]
    found = backward_gradients(
        [outputs[k] for k in places],
        inputs,
        given,
        retain_graph=retain_graph,
        create_graph=False,
        allow_unused=True,
    )
    return [
        level.unwrapped(torch["zeros_like"](input) if gradient is None else gradient)
        for gradient, input in zip(found, inputs, strict=True)
    ]


def _lifted_cotangent(level: GradLevel, cotangent: Tensor, output: Tensor) -> Tensor:
    cotangent = alive(cotangent)
    if cotangent._dtype is not output._dtype and (
        cotangent._dtype.is_complex == output._dtype.is_complex
    ):
        cotangent = cotangent.to(output._dtype)
    return level.lifted(cotangent)


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Return the outputs of ``func`` at ``primals`` and the function from cotangents to gradients.

    Args:
        func: takes and returns (trees of) Tensors; with ``has_aux`` it returns (output, aux).
        primals: its arguments, (trees of) Tensors.
        has_aux: whether to return (outputs, function, aux).

    Raises:
        RuntimeError: an output is no floating or complex Tensor, or there is none; the function,
            of cotangents whose tree is not that of the outputs (torch's texts).
    """
    return vjp_with_argnums(func, primals, None, has_aux)


def vjp_with_argnums(
    func: Callable[..., Any], primals: tuple[Any, ...], argnums: Any, has_aux: bool
) -> Any:
    """``vjp`` with respect to some of the primals."""
    about = "vjp(f, *primals)"
    level = GradLevel()
    with disable_saved_tensors_hooks(NO_HOOKS), opened(level), level.recording():
        primals = wrapped(primals, level)
        differentiated = primals if argnums is None else chosen(primals, argnums, as_tuple=False)
        inputs, spec = tree_flatten(differentiated)
        require_gradients(inputs)
        output = func(*primals)
        aux = None
        if has_aux:
            output, aux = _with_aux(about, output)
            aux = unwrapped(aux, level)
        outputs, out_spec = tree_flatten(output)
        check_outputs(outputs, about)
        results = unwrapped(output, level)
        for found in outputs:
            if not found._dtype.is_inexact:
                raise RuntimeError(
                    "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got "
                    f"Tensor with dtype {found.dtype}"
                )

    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        leaves, found_spec = tree_flatten(cotangents)
        if found_spec != out_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of "
                f"outputs to the function. cotangents: {tree_picture(found_spec)}, primal output: "
                f"{tree_picture(out_spec)}"
            )
        level.resume()
        if create_graph is not None:
            level.grad_mode = create_graph and modes.grad_enabled
        gradients = _gradients(level, outputs, inputs, leaves, retain_graph)
        return tree_unflatten(gradients, spec)

    return (results, vjp_fn, aux) if has_aux else (results, vjp_fn)


def check_outputs(outputs: list[Any], about: str) -> None:
    """Refuse what a function returned unless it is Tensors, at least one (torch's texts)."""
    if not outputs or (len(outputs) == 1 and outputs[0] is None):
        raise RuntimeError(
            f"{about}: Expected f to be a function that has non-empty output (got output = "
            f"{outputs})"
        )
    for output in outputs:
        if not isinstance(output, Tensor):
            raise RuntimeError(
                f"{about}: expected f(*primals) to return only tensors, got unsupported type "
                f"{type(output)}"
            )


def refuse_complex(name: str, tree: Any, is_input: bool) -> None:
    """Refuse complex Tensors, which Jacobians are not defined for (torch's text)."""
    for k, leaf in enumerate(tree_leaves(tree)):
        if isinstance(leaf, Tensor) and leaf._dtype.is_complex:
            raise RuntimeError(
                f"{name}: Expected all {'inputs' if is_input else 'outputs'} to be real but "
                f"received complex tensor at flattened input idx: {k}"
            )


def jacrev(
    func: Callable[..., Any],
    argnums: Any = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """Return the function that gives the Jacobian of ``func``, one vjp per element of the output.

    The Jacobian is a tree of the outputs, whose leaves are trees of the inputs, whose leaves have
    the shape of the output followed by that of the input.

    Args:
        func: takes and returns (trees of) real Tensors.
        argnums: which positional arguments to differentiate: an int or a tuple.
        has_aux: whether ``func`` returns (output, aux), and the Jacobian comes with aux.
        chunk_size: how many rows are computed at once; all by default, with 1 without ``vmap``.

    Raises:
        ValueError: the chunk size is not positive.
        RuntimeError: an input or output is complex (torch's texts).
    """
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args: Any) -> Any:
        refuse_complex("jacrev", args, is_input=True)
        output, vjp_fn, *rest = vjp_with_argnums(func, args, argnums, has_aux)
        outputs, out_spec = tree_flatten(output)
        refuse_complex("jacrev", outputs, is_input=False)
        counts = [out.numel() for out in outputs]
        inputs, in_spec = tree_flatten(chosen(args, argnums))
        chunks: list[list[Tensor]] = []
        for basis in standard_basis(outputs, counts, chunk_size):
            if chunk_size == 1:
                rows = vjp_fn(tree_unflatten([torch["squeeze"](b, 0) for b in basis], out_spec))
                chunks.append([torch["unsqueeze"](row, 0) for row in tree_leaves(rows)])
            else:
                chunks.append(tree_leaves(vmap(vjp_fn)(tree_unflatten(basis, out_spec))))
        stacked = chunks[0]
        if len(chunks) > 1:
            stacked = [torch["cat"](parts, 0) for parts in zip(*chunks)]
        by_input = [
            [
                rows.view(out.shape + input.shape)
                for rows, out in zip(torch["split"](rows, counts, dim=0), outputs, strict=True)
            ]
            for rows, input in zip(stacked, inputs, strict=True)
        ]
        by_output = [tree_unflatten(found, in_spec) for found in zip(*by_input)]
        if isinstance(argnums, int):
            by_output = [found[0] for found in by_output]
        jacobian = tree_unflatten(by_output, out_spec)
        return (jacobian, rest[0]) if has_aux else jacobian

    return wrapper


def standard_basis(
    tensors: Sequence[Tensor], counts: Sequence[int], chunk_size: int | None = None
) -> Iterator[list[Tensor]]:
    """Yield the unit vectors of several tensors' elements taken as one, in chunks of rows."""
    total = sum(counts)
    step = total if not chunk_size or chunk_size >= total else chunk_size
    starts = [sum(counts[:k]) for k in range(len(counts))]
    for first in range(0, max(total, 1), max(step, 1)):
        rows = min(step, total - first)
        chunk = []
        for tensor, count, start in zip(tensors, counts, starts, strict=True):
            made = tensor.new_zeros(rows, count)
            made.diagonal(first - start).fill_(1)
            chunk.append(made.view(rows, *tensor.shape))
        yield chunk


# The arguments that a transform differentiates ------------------------------------------------


def chosen(args: tuple[Any, ...], argnums: Any, as_tuple: bool = True) -> Any:
    """Return the arguments that ``argnums`` names: one (in a tuple or not), or several.

    Raises:
        RuntimeError: it is no int or tuple of different ints in range (torch's texts).
    """
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    places = positions(argnums, len(args))
    if isinstance(places, int):
        return (args[places],) if as_tuple else args[places]
    if not places:
        raise RuntimeError("argnums must be non-empty")
    if len(set(places)) != len(places):
        raise RuntimeError(f"argnums elements must be unique, got {places}")
    return tuple(args[place] for place in places)


def positions(argnums: Any, count: int) -> Any:
    """Return argnums counted from the front."""
    if isinstance(argnums, int):
        return _position(argnums, count)
    return tuple(_position(argnum, count) for argnum in argnums)


def _position(argnum: Any, count: int) -> int:
    if not isinstance(argnum, int):
        raise RuntimeError(f"argnum must be int, got: {type(argnum)}")
    if not -count <= argnum < count:
        raise RuntimeError(f"Got argnum={argnum}, but only {count} positional inputs")
    return argnum % count


def replaced(args: tuple[Any, ...], new: tuple[Any, ...], argnums: Any) -> tuple[Any, ...]:
    """Return the arguments with those that ``argnums`` names replaced."""
    places = positions(argnums, len(args))
    places = (places,) if isinstance(places, int) else places
    changed = list(args)
    for place, value in zip(places, new, strict=True):
        changed[place] = value
    return tuple(changed)
