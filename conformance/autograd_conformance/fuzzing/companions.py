"""What programs use beside ``torch``: custom functions and hooks that take down what they see.

Scripts that stand alone carry this source, so it imports nothing of the kit.
"""

import functools
from collections.abc import Callable
from typing import Any


@functools.cache
def functions(torch: Any) -> dict[str, Any]:
    """The custom functions, as classes of the module."""
    function: Any = torch.autograd.Function

    class Square(function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * 2 * x

        @staticmethod
        def jvp(ctx: Any, tangent: Any) -> Any:
            return tangent * 2

    class Mix(function):
        """Two inputs, one option, a gradient for what needs one only."""

        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, factor: float) -> Any:
            ctx.save_for_backward(x, y)
            ctx.factor = factor
            return x * y * factor

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            x, y = ctx.saved_tensors
            left = grad * y * ctx.factor if ctx.needs_input_grad[0] else None
            right = grad * x * ctx.factor if ctx.needs_input_grad[1] else None
            return left, right, None

    class AddInPlace(function):
        """Writes into its input and says so."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.add_(1)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad * 3

    class Pair(function):
        """Two outputs, of which the second is not differentiable; gradients stay undefined."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            second = x.detach().sign()
            ctx.mark_non_differentiable(second)
            return x * 2, second

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            return None if first is None else first * 2

    class Twin(function):
        """Two differentiable outputs, gradients of zeros where nothing came."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            return first * 2 + second * 3

    class Identity(function):
        """Returns its input as it is."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    class View(function):
        """Returns a view of its input."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.view(-1)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad

    class Raises(function):
        """Its backward raises."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            raise ValueError("raised in backward")

    class TooMany(function):
        """Its backward returns one gradient too many."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return grad, grad

    class Setup(function):
        """The form with ``setup_context``, saving its output."""

        @staticmethod
        def forward(x: Any) -> Any:
            return x.exp()

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (output,) = ctx.saved_tensors
            return grad * output

    made = (Square, Mix, AddInPlace, Pair, Twin, Identity, View, Raises, TooMany, Setup)
    return {kind.__name__: kind for kind in made}


class Companions:
    """The names ``its.<name>`` of a program; ``record`` takes down what hooks see."""

    def __init__(self, torch: Any, record: Callable[[str, Any], None]) -> None:
        self.torch = torch
        self.record = record
        self.handles: list[Any] = []
        self.__dict__.update(functions(torch))

    def pack(self, tensor: Any) -> Any:
        self.record("pack", tensor)
        return tensor.detach()

    def unpack(self, packed: Any) -> Any:
        self.record("unpack", packed)
        return packed

    def pack_number(self, tensor: Any) -> Any:
        return tensor.detach() * 2

    def unpack_number(self, packed: Any) -> Any:
        return packed / 2

    def hook(self, tensor: Any, what: str) -> None:
        """Register a tensor hook that records and does ``what``."""

        def run(grad: Any) -> Any:
            self.record(f"hook {what}", grad)
            if what == "doubles":
                return grad * 2
            if what == "writes":
                grad.mul_(2)
            if what == "reshapes":
                return grad.reshape(-1)[:1]
            if what == "raises":
                raise ValueError("raised in a hook")
            return None

        self.handles.append(tensor.register_hook(run))

    def post_hook(self, tensor: Any, what: str) -> None:
        """Register a hook that runs after the gradient of a leaf has been accumulated."""

        def run(leaf: Any) -> None:
            self.record(f"accumulated {what}", leaf.grad)
            if what == "clears":
                leaf.grad = None
            if what == "steps":
                with self.torch.no_grad():
                    leaf.sub_(leaf.grad)

        self.handles.append(tensor.register_post_accumulate_grad_hook(run))

    def node_hook(self, tensor: Any, what: str) -> None:
        """Register a hook after the node of a tensor."""

        def run(inputs: Any, outputs: Any) -> Any:
            self.record(f"node {what}", (inputs, outputs))
            if what == "doubles":
                return tuple(None if grad is None else grad * 2 for grad in inputs)
            return None

        self.handles.append(tensor.grad_fn.register_hook(run))

    def node_prehook(self, tensor: Any, what: str) -> None:
        """Register a hook before the node of a tensor."""

        def run(outputs: Any) -> Any:
            self.record(f"before node {what}", outputs)
            if what == "doubles":
                return tuple(None if grad is None else grad * 2 for grad in outputs)
            return None

        self.handles.append(tensor.grad_fn.register_prehook(run))

    def multi_hook(self, tensors: Any, mode: str) -> None:
        """Register a hook on the gradients of several tensors."""

        def run(grads: Any) -> None:
            self.record(f"multi {mode}", grads)

        register = self.torch.autograd.graph.register_multi_grad_hook
        self.handles.append(register(tensors, run, mode=mode))

    def unhook(self) -> None:
        """Remove the newest hook."""
        self.handles.pop().remove()

    def saved(self, tensor: Any) -> Any:
        """What the node of a tensor has saved, by name."""
        node = tensor.grad_fn
        names = sorted(n for n in dir(node) if n.startswith("_saved_"))
        return [(name, getattr(node, name)) for name in names]

    def queue(self, tensor: Any) -> None:
        """A hook that starts a backward of its own."""
        inner = tensor.detach().clone().requires_grad_()

        def run(grad: Any) -> None:
            with self.torch.enable_grad():
                (inner * inner).sum().backward()
            self.record("nested", inner.grad)

        self.handles.append(tensor.register_hook(run))
