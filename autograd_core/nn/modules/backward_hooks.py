"""Full backward hooks: two identity nodes around ``forward`` that see the gradients on the way."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ...autograd.function import Function
from ...engine.modes import is_grad_enabled
from ...tensor import Tensor

Hook = Callable[..., Any]


class BackwardHookFunction(Function):
    """The identity of several tensors, as one node."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """Return the tensors as they are."""
        ctx.mark_non_differentiable(*[arg for arg in args if not arg.requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *args: Any) -> Any:
        """Return the gradients as they are."""
        return args


class BackwardHook:
    """The backward hooks of one call of a module.

    The node on the outputs notes their gradients; the node on the inputs, which runs when all of
    ``forward`` is through, calls the user's hooks with both.
    """

    def __init__(self, module: Any, user_hooks: list[Hook], user_pre_hooks: list[Hook]) -> None:
        self.module = module
        self.user_hooks = user_hooks
        self.user_pre_hooks = user_pre_hooks
        self.grad_outputs: tuple[Any, ...] | None = None
        self.n_inputs = self.n_outputs = 0
        self.input_places: list[int] | None = None
        self.output_places: list[int] | None = None

    def setup_input_hook(self, args: Any) -> Any:
        """Return the arguments behind a node that ends the module's backward."""
        made, self.input_places = self._behind_a_node(args, self._ended)
        self.n_inputs = len(args)
        return made

    def setup_output_hook(self, result: Any) -> Any:
        """Return the result behind a node that begins the module's backward."""
        results = result if isinstance(result, tuple) else (result,)
        made, self.output_places = self._behind_a_node(results, self._begun)
        self.n_outputs = len(results)
        return made if isinstance(result, tuple) else made[0]

    def _behind_a_node(self, values: Any, hook: Hook) -> tuple[Any, list[int] | None]:
        """Return the values with their tensors behind a hooked node, and where the tensors are."""
        places = [k for k, value in enumerate(values) if isinstance(value, Tensor)]
        tensors = [values[k] for k in places]
        if not (is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)):
            return values, None
        passed = BackwardHookFunction.apply(*tensors)
        node = next(tensor.grad_fn for tensor in passed if tensor.requires_grad)
        node.register_hook(hook)
        replaced = list(values)
        for place, tensor in zip(places, passed, strict=True):
            replaced[place] = tensor
        return (tuple(replaced) if type(values) is tuple else type(values)(*replaced)), places

    def _begun(self, _: Any, grad_output: Any) -> Any:
        """Note the gradients of the outputs, as the user's pre-hooks change them."""
        places = self.output_places or []
        self.grad_outputs = _spread(places, grad_output, self.n_outputs)
        for hook in self.user_pre_hooks:
            changed = hook(self.module, self.grad_outputs)
            if changed is None:
                continue
            if len(changed) != self.n_outputs:
                raise RuntimeError(
                    "Backward pre hook returned an invalid number of grad_output, got "
                    f"{len(changed)}, but expected {self.n_outputs}"
                )
            self.grad_outputs = changed
        noted = self.grad_outputs
        if self.input_places is None:  # no other node of this call will run
            self._ended_without_inputs()
        return None if noted is None else tuple(noted[place] for place in places)

    def _ended_without_inputs(self) -> None:
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module "
            "outputs since no inputs require gradients. See "
            "https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html"
            "#torch.nn.Module.register_full_backward_hook for more details.",
            stacklevel=5,
        )
        for hook in self.user_hooks:
            changed = hook(self.module, (None,) * self.n_inputs, self.grad_outputs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and all(item is None for item in changed)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always "
                    "return None or None for all gradients."
                )
        self.grad_outputs = None

    def _ended(self, grad_input: Any, _: Any) -> Any:
        """Call the user's hooks; return the gradients of the inputs as they change them."""
        if self.grad_outputs is None:  # the gradient came past the outputs, as in double backward
            return None
        places = self.input_places or []
        result: Any = _spread(places, grad_input, self.n_inputs)
        for hook in self.user_hooks:
            changed = hook(self.module, result, self.grad_outputs)
            if changed is None:
                continue
            if len(changed) != len(result):
                raise RuntimeError(
                    f"Backward hook returned an invalid number of grad_input, got {len(changed)}, "
                    f"but expected {len(result)}"
                )
            result = changed
        self.grad_outputs = None
        return tuple(result[place] for place in places)


def _spread(places: list[int], values: Any, count: int) -> tuple[Any, ...]:
    """Return a tuple with the values at their places and None elsewhere."""
    spread: list[Any] = [None] * count
    for place, value in zip(places, values, strict=True):
        spread[place] = value
    return tuple(spread)


def warn_of_missing_gradients(inputs: Any, result: Any, node: Any) -> None:
    """Warn of what a backward hook of the older kind does not see (torch's texts)."""
    missing = _missing(inputs, result, node)
    if missing is not None:
        case, what, advice = missing
        warnings.warn(
            f"Using {case} is deprecated and will be removed in future versions. This hook will be "
            f"missing some {what}.{advice}",
            FutureWarning,
            stacklevel=6,
        )


_ADVICE = " Please use register_full_backward_hook to get the documented behavior."


def _missing(inputs: Any, result: Any, node: Any) -> tuple[str, str, str] | None:
    """Return the case in which gradients are missing, which ones, and what to do."""
    on_module = "non-full backward hooks on a Module that does not"
    results = (result,) if isinstance(result, Tensor) else result
    if not (isinstance(results, tuple) and all(isinstance(r, Tensor) for r in results)):
        case = f"{on_module} return a single Tensor or a tuple of Tensors"
        return case, "of the grad_output", _ADVICE
    given = (inputs,) if isinstance(inputs, Tensor) else inputs
    if not (isinstance(given, tuple) and all(isinstance(i, Tensor) for i in given)):
        case = f"{on_module} take as input a single Tensor or a tuple of Tensors"
        return case, "of the grad_input", _ADVICE
    nodes = {r.grad_fn for r in results if r.grad_fn is not None}
    if not nodes or (len(nodes) == 1 and node not in nodes):
        case = "a non-full backward hook when outputs are nested in python data structure"
        return case, "grad_output", ""
    if len(nodes) > 1:
        case = "a non-full backward hook when outputs are generated by different autograd Nodes"
        return case, "grad_output", _ADVICE
    before = {i.grad_fn for i in given if i.grad_fn is not None}
    if before != {edge[0] for edge in node.next_functions}:
        case = "a non-full backward hook when the forward contains multiple autograd Nodes"
        return case, "grad_input", _ADVICE
    return None
