"""Saved values: what nodes keep of tensors, users' hooks, the version check, the way back.

A node's saved value of a tensor is the Tensor itself (an input), a ``SavedOutput`` (an output of
the node), a ``SavedNumber`` (in the place of a tensor) or a ``PackedTensor`` (what users' hooks
made of one of these); all have a dtype and a version.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..dtypes import BY_NAME, DType, type_text
from ..tensor import Tensor, wrap, wrap_sharing
from ..versions import LIFE, own_counter
from . import anomaly
from .modes import interposed, no_grad, refuse_in_trace
from .node import Node, gradient_edge

if TYPE_CHECKING:
    from ..backend import Backend

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after "
    "they have already been freed). Saved intermediate values of the graph are freed when you call "
    ".backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the "
    "graph a second time or if you need to access saved tensors after calling backward."
)


class SavedOutput:
    """An output saved by its own node: the array without the graph, so that there is no cycle.

    The attributes are named as a Tensor's, whose place it takes in a node's saved values.
    """

    __slots__ = ("_array", "_dtype", "_version_counter", "differentiable", "output_nr")

    def __init__(self, tensor: Tensor, output_nr: int | None, differentiable: bool) -> None:
        self._array = tensor._array
        self._dtype: DType = tensor._dtype
        self._version_counter = own_counter(tensor)
        self.output_nr = output_nr
        self.differentiable = differentiable

    def restored(self, node: Node) -> Tensor:
        """Return the output as a Tensor with its place in the graph; ``node`` is its node."""
        tensor = wrap(self._array, self._dtype, node._backend)
        tensor._version_counter = self._version_counter
        if self.differentiable:
            tensor._grad_fn = node
            tensor._output_nr = self.output_nr or 0
            tensor._requires_grad = True
        return tensor


class SavedResult(SavedOutput):
    """That of a node with one output, made without a call."""

    __slots__ = ()
    __init__ = object.__init__
    output_nr = 0
    differentiable = True


class SavedNumber:
    """A Python number saved as an operand: formulas get it in the dtype that was computed in."""

    __slots__ = ("_array", "_dtype", "number")

    _version_counter = (0,)

    def __init__(self, number: Any, dtype: DType, backend: Backend, own: bool = False) -> None:
        array = backend.scalar(number, dtype)
        self._array = backend.own(array) if own else array
        self._dtype = dtype
        self.number = number

    def restored(self, node: Node) -> Tensor:
        """Return the number as the 0-d tensor that was computed with."""
        return wrap(self._array, self._dtype, node._backend)

    def shown(self, node: Node) -> Tensor:
        """Return the number as the 0-d tensor that users see, of its own kind."""
        backend = node._backend
        dtype = _DTYPES_OF_NUMBERS[type(self.number)]
        return wrap(backend.scalar(self.number, dtype), dtype, backend)


_DTYPES_OF_NUMBERS: dict[type, DType] = {
    bool: BY_NAME["bool"],
    int: BY_NAME["int64"],
    float: BY_NAME["float64"],
    complex: BY_NAME["complex128"],
}


class SavedDualOutput(SavedOutput):
    """A saved output that has tangents: they are unpacked with it while their level is open."""

    __slots__ = ("tangents",)

    def __init__(self, saved: SavedOutput, output: Tensor) -> None:
        super().__init__(output, saved.output_nr, saved.differentiable)
        self.tangents = output._tangents

    def restored(self, node: Node) -> Tensor:
        """Return the output as a Tensor with its place in the graph and its tangents."""
        tensor = super().restored(node)
        tensor._tangents = self.tangents
        return tensor


def save_tangents(node: Node, output: Tensor) -> None:
    """Add its tangents to an output that its own node has saved."""
    saved = getattr(node, "saved", None)
    if saved is not None:
        node.saved = tuple(  # type: ignore[attr-defined]
            SavedDualOutput(value, output)
            if isinstance(value, SavedOutput) and value.output_nr == output._output_nr
            else value
            for value in saved
        )


class Absent:
    """Stands for an optional tensor that was not given."""

    _array = None
    _version_counter = (-1,)
    """A version that no tensor has: of a freed node it tells what was never there."""


ABSENT = Absent()
FREED_VALUE = object()
"""Stands for a saved value of a node that was freed."""


class Hooks(NamedTuple):
    """A pair of saved-tensor hooks."""

    pack: Callable[[Tensor], Any]
    unpack: Callable[[Any], Tensor]


class SavedList(tuple[Any, ...]):
    """Tensors that are saved as one argument, a list; None and packed ones may be among them."""

    @property
    def _version_counter(self) -> tuple[tuple[int, ...]]:
        """The versions of all."""
        return (tuple([0 if t is None else t._version_counter[0] for t in self]),)


class _DefaultHooks(threading.local):
    """The hooks that one thread has put on all tensors it saves, and why it may not, if so."""

    disabled: str | None = None

    def __init__(self) -> None:
        self.stack: list[Hooks] = []

    def push(self, hooks: Hooks) -> None:
        """Put hooks on what is saved from now on; those pushed last alone are called.

        Raises:
            RuntimeError: they are disabled (with the text that was given for it).
        """
        check_hooks(
            "_push_saved_tensors_default_hooks",
            "arg0: collections.abc.Callable, arg1: collections.abc.Callable",
            hooks,
        )
        if self.disabled is not None:
            raise RuntimeError(self.disabled)
        refuse_in_trace("saved-tensor hooks are set")
        self.stack.append(hooks)
        interposed.add()

    def disable(self, reason: str) -> None:
        """Refuse hooks from now on, with ``reason``; also when there are some already."""
        self.disabled = reason
        if self.stack:
            raise RuntimeError(reason)

    def pop(self) -> None:
        """Take off the hooks pushed last."""
        self.stack.pop()
        interposed.remove()


default_hooks = _DefaultHooks()


class PackedTensor:
    """A saved tensor in the keeping of hooks: what they made of it, and its place in the graph.

    Its version is the one it was saved at, always: what hooks return cannot be followed.
    """

    __slots__ = (
        "_dtype",
        "_version_counter",
        "accumulator",
        "grad_fn",
        "is_leaf",
        "output_nr",
        "packed",
        "requires_grad",
        "unpack_hook",
    )

    def __init__(self, tensor: Tensor, is_output: bool, hooks: Hooks, detach: bool) -> None:
        """Pack a tensor.

        Args:
            tensor: what is saved.
            is_output: whether it is an output of the node that saves it; a node refers to itself
                only when it unpacks, so that there is no cycle.
            hooks: the first makes of the tensor what is kept.
            detach: whether the hook is shown the tensor without its graph.
        """
        self._dtype = tensor._dtype
        self.is_leaf = tensor.is_leaf
        self.requires_grad = tensor.requires_grad
        self.output_nr = tensor._output_nr
        self.grad_fn = None if is_output else tensor.grad_fn
        self.accumulator = leaf_edge(tensor)
        self.unpack_hook = hooks.unpack
        self.pack(tensor.detach() if detach else tensor, hooks.pack)

    def pack(self, tensor: Tensor, pack_hook: Callable[[Tensor], Any]) -> None:
        """Keep what the hook makes of a tensor.

        Raises:
            RuntimeError: the hook has written the tensor (torch's text).
        """
        version = tensor._version_counter[0]
        with no_grad():
            self.packed = pack_hook(tensor)
        if tensor._version_counter[0] != version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as "
                "input to pack hook cannot be modified by in-place operations as this can lead to "
                "unexpected side-effects. Please open an issue if you need to perform in-place "
                "operations on the input to a pack hook."
            )
        self._version_counter = (version,)

    def restored(self, node: Node) -> Tensor:
        """Return what the hook unpacks, with the place in the graph of what was saved.

        Raises:
            TypeError: that is not a Tensor (torch's text).
        """
        data = self.unpack_hook(self.packed)
        if not isinstance(data, Tensor):
            raise TypeError(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(data).__name__}"
            )
        grad_fn = self.grad_fn
        if grad_fn is None and not self.is_leaf:
            grad_fn = node
        if grad_fn is None and not self.requires_grad and not data.requires_grad:
            return data
        tensor = wrap_sharing(data._memory, data)
        tensor._grad_fn = grad_fn
        tensor._requires_grad = self.requires_grad
        if grad_fn is not None:
            tensor._output_nr = self.output_nr
        elif self.accumulator is not None:
            # Gradients of it are the leaf's; a closure holds the accumulator strongly.
            node_of_leaf = self.accumulator
            tensor._accumulator = lambda: node_of_leaf
        return tensor


def check_hooks(function: str, parameters: str, hooks: tuple[Any, ...], *given: Any) -> None:
    """Refuse anything but two functions (torch's text)."""
    if len(hooks) != 2 or not all(callable(hook) for hook in hooks):
        raise TypeError(
            f"{function}(): incompatible function arguments. The following argument types are "
            f"supported:\n    1. ({parameters}) -> None\n\nInvoked with: "
            + ", ".join(repr(argument) for argument in (*given, *hooks))
        )


class SavedTensor:
    """A saved tensor as users see it (``_raw_saved_self``): hooks can be put on it."""

    __slots__ = ("_node", "_slot")

    _node: Any
    _slot: Any

    def __init__(self, *_: object) -> None:
        raise RuntimeError("Trying to create a SavedTensor object from Python is forbidden.")

    @classmethod
    def of(cls, node: Node, slot: Any) -> SavedTensor:
        """Return the one at a place in a node's saved values."""
        made = object.__new__(cls)
        made._node = node
        made._slot = slot
        return made

    def __repr__(self) -> str:
        return f"<torch._C._autograd.SavedTensor object at {id(self):#x}>"

    def register_hooks(self, *hooks: Any) -> None:
        """Keep ``pack_hook(tensor)`` from now on; ``unpack_hook`` makes a Tensor of it when needed.

        Raises:
            RuntimeError: hooks are there already, or there is no tensor (any more) (torch's texts).
            TypeError: something else than two functions is given.
        """
        check_hooks(
            "register_hooks",
            "self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, "
            "arg1: collections.abc.Callable",
            hooks,
            self,
        )
        node = self._node
        value = node._kept(self._slot)
        if value is FREED_VALUE:
            raise RuntimeError(_REGISTERED_LATE)
        if isinstance(value, PackedTensor):
            raise RuntimeError(
                "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: "
                "only one pair of hooks is allowed at a time."
            )
        if value is ABSENT:
            raise RuntimeError(
                "Calling register_hooks on a saved tensor with value None is forbidden"
            )
        if isinstance(value, SavedNumber):
            value = value.shown(node)
        is_output = isinstance(value, SavedOutput)
        tensor = value.restored(node) if is_output else value
        node._keep(self._slot, PackedTensor(tensor, is_output, Hooks(*hooks), detach=True))


_REGISTERED_LATE = (
    "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values "
    "of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to "
    "access saved variables after calling backward."
)


def leaf_edge(tensor: Tensor) -> Node | None:
    """Return the accumulator of a leaf that requires a gradient."""
    edge = gradient_edge(tensor) if tensor.is_leaf else None
    return None if edge is None else edge[0]


def refuse_detached(saved: Any, version: Any) -> None:
    """Refuse a saved result that was detached in place since (torch's text)."""
    if isinstance(saved, SavedList):
        for member, of_member in zip(saved, version, strict=True):
            refuse_detached(member, of_member)
    elif (
        isinstance(saved, Tensor)
        and saved._version_counter[0] // LIFE != version // LIFE
        and saved.is_leaf
    ):
        raise RuntimeError(
            "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_()."
            "This is not supported, please use out-of-place `.detach()` instead"
        )


def refuse_modified(node: Node, saved: Any, version: Any) -> None:
    """Refuse a saved value that was written in place since (torch's text)."""
    if isinstance(saved, SavedList):
        for member, of_member in zip(saved, version, strict=True):
            refuse_modified(node, member, of_member)
    elif saved is not None and (saved._version_counter[0] - version) % LIFE:
        raise modified_error(node, saved, version)


_HINTS = {
    False: (
        "enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    ),
    True: (
        "the backtrace further above shows the operation that failed to compute its gradient. The "
        "variable in question was changed in there or anywhere later. Good luck!"
    ),
}
"""By whether anomaly mode is on."""


def modified_error(node: Node, saved: Tensor | SavedOutput, version: int) -> RuntimeError:
    """Return torch's error for a saved tensor that was written in place."""
    what = f"[{type_text(saved._dtype)} {list(saved._array.shape)}]"
    if isinstance(saved, SavedOutput):
        if saved.differentiable:
            what += f", which is output {saved.output_nr} of {short_name(node)},"
    elif saved.grad_fn is not None:
        what += f", which is output {saved.output_nr} of {short_name(saved.grad_fn)},"
    return RuntimeError(
        "one of the variables needed for gradient computation has been modified by an inplace "
        f"operation: {what} is at version {saved._version_counter[0] % LIFE}; expected version "
        f"{version % LIFE} instead. Hint: {_HINTS[anomaly.mode.enabled]}"
    )


def short_name(node: Node) -> str:
    """Return a node's name as torch's messages have it: ``Squeeze3`` for ``SqueezeBackward3``."""
    name = node.name()
    stem, word, number = name.rpartition("Backward")
    if not word or not (number.isdigit() or not number):
        return name
    return stem + ("" if number == "0" else number)


def unpack(node: Node, saved: Tensor | SavedOutput | PackedTensor, version: int) -> Tensor:
    """Return a saved value as a Tensor with its place in the graph.

    Raises:
        RuntimeError: it was written in place since (torch's text).
    """
    refuse_modified(node, saved, version)
    return saved if isinstance(saved, Tensor) else saved.restored(node)


class KeptTensor:
    """A tensor saved by no node: checked, and in the keeping of hooks, as if one had saved it."""

    __slots__ = ("_saved", "_version")

    def __init__(self, tensor: Tensor) -> None:
        hooks = default_hooks.stack
        self._saved: Any = PackedTensor(tensor, False, hooks[-1], detach=False) if hooks else tensor
        self._version: int = self._saved._version_counter[0]

    def unpack(self) -> Tensor:
        """Return the tensor.

        Raises:
            RuntimeError: it was written since (torch's text).
        """
        node: Any = None  # only an output's place in the graph needs its node
        return unpack(node, self._saved, self._version)
