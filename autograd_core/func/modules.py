"""Modules as functions of their parameters: ``functional_call``, ``stack_module_state``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..namespaces import NAMESPACES
from ..nn import Module
from ..tensor import Tensor

_MISSING: Any = object()
"""Stands for a tensor that a module does not have."""


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other parameters and buffers in the place of its own.

    Args:
        module: the module, which has its own tensors again afterwards.
        parameter_and_buffer_dicts: tensors by their names in the module: a dict, or several. What
            the module writes to them in place is seen in the dicts.
        args: the arguments of the call, one or a tuple.
        kwargs: its keyword arguments.
        tie_weights: whether a tensor that the module has under several names is replaced under all.
        strict: whether the names must be those of all tensors of the module.

    Raises:
        ValueError: a name is in two dicts, or tied tensors are given different values.
        RuntimeError: names are missing or unexpected, and ``strict`` is set (torch's texts).
    """
    given = _one_dict(parameter_and_buffer_dicts)
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with _replaced(module, given, tie_weights, strict):
        return module(*args, **(kwargs or {}))


def _one_dict(dicts: Any) -> dict[str, Any]:
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, Sequence):
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(dicts)}"
        )
    if not all(isinstance(found, dict) for found in dicts):
        raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    names = [name for found in dicts for name in found]
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise ValueError(
            f"{repeated} appeared in multiple dictionaries; behavior of functional call is "
            "ambiguous"
        )
    return {name: tensor for found in dicts for name, tensor in found.items()}


@contextmanager
def _replaced(
    module: Module, given: dict[str, Any], tie_weights: bool, strict: bool
) -> Iterator[None]:
    """Have other tensors in a module."""
    tensors = _with_tied(module, given) if tie_weights else given
    if strict:
        _check_names(module, set(tensors))
    own: dict[str, Any] = {}
    try:
        for name, tensor in tensors.items():
            own[name] = _swap(module, name, tensor)
        yield
    finally:
        for name, tensor in own.items():
            after = _swap(module, name, tensor)
            if name in given:
                given[name] = after


def _named_tensors(module: Module) -> dict[str, Tensor]:
    return {
        **dict(module.named_parameters(remove_duplicate=False)),
        **dict(module.named_buffers(remove_duplicate=False)),
    }


def _with_tied(module: Module, given: dict[str, Any]) -> dict[str, Any]:
    """Return the given tensors, also under the other names their places have in the module."""
    names_of: dict[int, list[str]] = {}
    for name, tensor in _named_tensors(module).items():
        names_of.setdefault(id(tensor), []).append(name)
    full = dict(given)
    for names in names_of.values():
        found = [name for name in names if name in given]
        if len(names) < 2 or not found:
            continue
        if len(found) > 1 and len({id(given.get(name)) for name in names}) != 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(names)}, which are tied. "
                "Consider using tie_weights=False"
            )
        for name in names:
            full[name] = given[found[0]]
    return full


def _check_names(module: Module, names: set[str]) -> None:
    known = set(_named_tensors(module))
    problems = []
    for what, wrong in (("Unexpected", names - known), ("Missing", known - names)):
        if wrong:
            problems.append(f"{what} key(s): {', '.join(map(repr, sorted(wrong)))}.")
    if problems:
        listed = "\n\t".join(problems)
        raise RuntimeError(f"Error(s) in reparametrizing for {module._get_name()}:\n\t{listed}")


def _swap(module: Module, path: str, tensor: Any) -> Any:
    """Put a tensor in a module, or take one out, and return what was there."""
    prefix, _, name = path.rpartition(".")
    owner: Any = module
    for part in prefix.split(".") if prefix else ():
        try:
            owner = getattr(owner, part)
        except AttributeError as error:
            raise AttributeError(f"{owner._get_name()} has no attribute `{part}`") from error
    if tensor is not _MISSING and not isinstance(tensor, Tensor) and tensor is not None:
        raise TypeError(f"{tensor} is not an instance of torch.Tensor")
    for held in (owner._parameters, owner._buffers):
        if name in held:
            before = held[name]
            if tensor is _MISSING:
                del held[name]
            else:
                held[name] = tensor
            return before
    before = getattr(owner, name, _MISSING)
    if before is not _MISSING and not isinstance(before, Tensor) and before is not None:
        raise TypeError(f"attribute `{name}`: {before} is not an instance of torch.Tensor")
    if tensor is not _MISSING:
        setattr(owner, name, tensor)
    elif before is not _MISSING:
        delattr(owner, name)
    return before


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters and the buffers of models of one class, stacked under their names.

    Stacked parameters are new leaves.

    Raises:
        RuntimeError: there is no model, or they differ in class, mode or what requires a gradient.
    """
    if len(models) == 0:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError(
            "stack_module_state: Expected all models to have the same training/eval mode."
        )
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    return (
        _stacked([dict(model.named_parameters()) for model in models]),
        _stacked([dict(model.named_buffers()) for model in models]),
    )


def _stacked(states: list[dict[str, Tensor]]) -> dict[str, Any]:
    stacked = {}
    for name in states[0]:
        tensors = [state[name] for state in states]
        if len({tensor.requires_grad for tensor in tensors}) > 1:
            raise RuntimeError(f"Expected {name} from each model to have the same .requires_grad")
        made = NAMESPACES[""]["stack"](tensors)
        stacked[name] = made.detach().requires_grad_() if tensors[0].requires_grad else made
    return stacked
