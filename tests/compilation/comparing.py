"""A call compiled and not, compared bit by bit: values, gradients, and what can be seen of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd_core.pytrees import tree_flatten

Function = Callable[..., Any]


def facts(tensor: Any) -> Any:
    """Return all that is compared of a tensor."""
    if not hasattr(tensor, "requires_grad"):
        return tensor
    return (
        tensor.dtype,
        tuple(tensor.shape),
        tensor.stride(),
        tensor.requires_grad,
        tensor.is_leaf,
        repr(tensor.detach().tolist()),
    )


def outcome(torch: Any, function: Function, leaves: Sequence[Any]) -> Any:
    """Return the facts of what a function returns and of its gradients, or its error."""
    torch.manual_seed(7)
    try:
        result = function(*leaves)
        outputs, spec = tree_flatten(result)
        found = [[facts(output) for output in outputs], repr(spec)]
        roots = [o for o in outputs if hasattr(o, "requires_grad") and o.requires_grad]
        if roots:
            slopes = [torch.ones_like(root) + 0.25 for root in roots]
            wanted = [leaf for leaf in leaves if leaf.requires_grad]
            grads = torch.autograd.grad(roots, wanted, slopes, allow_unused=True)
            found.append([facts(grad) for grad in grads])
    except Exception as error:  # noqa: BLE001 - it is compared
        return type(error), str(error)
    return found, torch.get_rng_state().tolist()
