"""Forward-mode transforms: ``jvp``, ``jacfwd``, ``hessian``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .. import ops
from ..autograd import forward_ad
from ..engine.levels import GradLevel, alive, opened
from ..engine.modes import forward_level, modes
from ..engine.tangents import set_tangent
from ..namespaces import NAMESPACES
from ..pytrees import tree_flatten, tree_map, tree_unflatten
from ..tensor import Tensor
from ..vectorization import vmap
from .reverse import (
    check_outputs,
    chosen,
    jacrev,
    refuse_complex,
    replaced,
    standard_basis,
    unwrapped,
    wrapped,
)

torch = NAMESPACES[""]
ABOUT = "jvp(f, primals, tangents)"


def jvp(
    func: Callable[..., Any],
    primals: Any,
    tangents: Any,
    *,
    strict: bool = False,
    has_aux: bool = False,
) -> Any:
    """Return the outputs of ``func`` at ``primals`` and their tangents.

    Args:
        func: takes and returns (trees of) Tensors; with ``has_aux`` it returns (output, aux).
        primals: the tuple of its arguments, (trees of) Tensors.
        tangents: the direction, a tree like the primals'.
        strict: whether an output that does not depend on the primals is an error.
        has_aux: whether to return (outputs, tangents, aux).

    Raises:
        RuntimeError: the primals or tangents do not fit, or what ``func`` returns (torch's texts).
    """
    return jvp_with_argnums(func, primals, tangents, None, strict, has_aux)


def jvp_with_argnums(
    func: Callable[..., Any],
    primals: Any,
    tangents: Any,
    argnums: Any,
    strict: bool,
    has_aux: bool,
) -> Any:
    """``jvp`` with respect to some of the primals."""
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"{ABOUT}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    differentiated = primals if argnums is None else chosen(primals, argnums)
    flat_primals, spec = tree_flatten(differentiated)
    flat_tangents, tangents_spec = tree_flatten(tangents)
    if spec != tangents_spec:
        raise RuntimeError(
            f"{ABOUT}: Expected primals and tangents to have the same python structure. For "
            "example, if primals is a tuple of 3 tensors, tangents also must be. Got primals with "
            f"structure {spec} and tangents with structure {tangents_spec}"
        )
    _check_tensors(flat_primals, "primals")
    _check_tensors(flat_tangents, "tangents")
    level = GradLevel()
    with opened(level), _tangent_level():
        with level.below():
            views = [ops.alias(alive(primal)) for primal in flat_primals]
        lifted = [
            _dual(level.lifted(primal), level.lifted(alive(tangent)))
            for primal, tangent in zip(views, flat_tangents, strict=True)
        ]
        duals = tree_unflatten(lifted, spec)
        if argnums is not None:
            duals = replaced(wrapped(primals, level), duals, argnums)
        output = func(*duals)
        aux = None
        if has_aux:
            if not (isinstance(output, tuple) and len(output) == 2):
                raise RuntimeError(
                    f"{ABOUT}: output of function f should be a tuple: (output, aux) if has_aux is "
                    "True"
                )
            output, aux = output
            aux = unwrapped(aux, level)
        outputs, out_spec = tree_flatten(output)
        check_outputs(outputs, ABOUT)
        pairs = [_unpacked(dual, strict) for dual in outputs]
        slopes = tree_unflatten([level.unwrapped(slope) for _, slope in pairs], out_spec)
        with level.below():
            values = tree_unflatten(
                [ops.alias(level.unwrapped(value)) for value, _ in pairs], out_spec
            )
    return (values, slopes, aux) if has_aux else (values, slopes)


@contextmanager
def _tangent_level() -> Iterator[None]:
    """Have tangents of one transform; those that are open outside are seen below."""
    enabled, modes.forward_enabled = modes.forward_enabled, True
    try:
        forward_level.enter(transform=True)
        try:
            yield
        finally:
            forward_level.exit()
    finally:
        modes.forward_enabled = enabled


def _dual(primal: Tensor, tangent: Tensor) -> Tensor:
    """Give a Tensor of the level its tangent."""
    forward_ad.check_dual(primal, tangent, 0)
    set_tangent(primal, forward_level.open[-1], tangent)
    return primal


def _check_tensors(leaves: list[Any], name: str) -> None:
    if not leaves:
        raise RuntimeError(f"{ABOUT}: Expected {name} to contain at least one Tensor.")
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(
                f"{ABOUT}: Expected {name} to only contain Tensors, got {type(leaf)}"
            )


def _unpacked(dual: Any, strict: bool) -> tuple[Tensor, Tensor]:
    """Return the primal and the tangent, zeros when there is none."""
    primal, tangent = forward_ad.unpack_dual(dual)
    if tangent is None:
        if strict:
            raise RuntimeError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the "
                "inputs. This is not allowed with strict=True."
            )
        tangent = torch["zeros_like"](primal)
    return primal, tangent


def jacfwd(
    func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """Return the function that gives the Jacobian of ``func``, one jvp per element of the inputs.

    Args:
        func: takes and returns (trees of) real Tensors.
        argnums: which positional arguments to differentiate: an int or a tuple.
        has_aux: whether ``func`` returns (output, aux), and the Jacobian comes with aux.
        randomness: of the ``vmap`` over the directions.
    """

    @functools.wraps(func)
    def wrapper(*args: Any) -> Any:
        refuse_complex("jacfwd", args, is_input=True)
        inputs, spec = tree_flatten(args if argnums is None else chosen(args, argnums))
        counts = [input.numel() for input in inputs]
        (basis,) = standard_basis(inputs, counts)

        def push(directions: Any) -> Any:
            found = jvp_with_argnums(func, args, directions, argnums, False, has_aux)
            refuse_complex("jacfwd", found[0], is_input=False)
            return found[1:] if has_aux else found[1]

        results = vmap(push, randomness=randomness)(tree_unflatten(basis, spec))
        aux = None
        if has_aux:
            results, aux = results
            aux = tree_map(lambda value: value[0], aux)
        outputs, out_spec = tree_flatten(results)
        jacobians = []
        for output in outputs:
            columns = torch["split"](output.movedim(0, -1), counts, dim=-1)
            by_input = tree_unflatten(
                [_unflattened(c, input) for c, input in zip(columns, inputs, strict=True)], spec
            )
            jacobians.append(by_input[0] if isinstance(argnums, int) else by_input)
        jacobian = tree_unflatten(jacobians, out_spec)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def _unflattened(columns: Tensor, like: Tensor) -> Tensor:
    """Return the last dim as the dims of a tensor."""
    if not like.ndim:
        return columns.squeeze(-1)  # type: ignore[no-any-return]
    return columns.unflatten(-1, like.shape)  # type: ignore[no-any-return]


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Callable[..., Any]:
    """Return the function that gives the Hessian of ``func``: ``jacfwd(jacrev(func))``."""
    return jacfwd(jacrev(func, argnums), argnums)
