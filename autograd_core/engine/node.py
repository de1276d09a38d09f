"""Nodes of the graph: edges, the order they run in, hooks, and the node that fills ``.grad``."""

from __future__ import annotations

import functools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import TYPE_CHECKING, Any, NoReturn

from .. import sizes
from ..dtypes import DType
from ..sizes import Size
from ..tensor import (
    AS_TENSOR,
    LazyTensor,
    Tensor,
    contiguous_format,
    device,
    obeys_layout_contract,
    wrap,
    wrap_sharing,
)
from ..versions import bump_version
from ..warn_once import warn_once
from .hooks import RemovableHandle
from .modes import interposed, modes, no_grad

if TYPE_CHECKING:
    from ..backend import Backend

Edge = tuple["Node", int]


class InputMetadata:
    """What is known of the gradient that a node takes for one of its outputs."""

    __slots__ = ("device", "dtype", "is_cpp_nested_tensor", "is_nested_tensor", "shape")

    def __init__(self, shape: Size, dtype: Any, device: Any) -> None:
        self.shape = shape
        self.dtype = dtype
        self.device = device
        self.is_nested_tensor = self.is_cpp_nested_tensor = False


Outputs = tuple[tuple[tuple[int, ...], Any], ...]
"""(shape, native dtype) per output of a node."""


class Like(Outputs):
    """That of a node with one output; ``like`` makes them."""

    __slots__ = ()


known_outputs: dict[tuple[tuple[int, ...], Any], Like] = {}
MOST_KNOWN = 4096


def like(shape: tuple[int, ...], native: Any) -> Outputs:
    """Return what a node with one output notes of it: the same object for the same facts.

    So a backward sees by identity that a gradient has the shape and dtype of what it is of, which
    costs 10 ns where a comparison costs 130. Of 16 bits it looks each time: formulas may widen.
    """
    found = known_outputs.get((shape, native))
    if found is None:
        if getattr(native, "itemsize", 2) == 2:
            return ((shape, native),)
        if len(known_outputs) >= MOST_KNOWN:
            known_outputs.clear()
        found = known_outputs[shape, native] = Like(((shape, native),))
    return found


def next_sequence_nr() -> int:
    """Return the number of a new node of this thread."""
    return modes.next_sequence_nr()


LEAF_SEQUENCE_NR = 2**64 - 1


class ReadOnly(property):
    """A property that refuses to be set as the attributes of torch's C classes do."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.attribute = name

    def __set__(self, instance: Any, value: Any) -> NoReturn:
        owner = instance.class_in_messages or type(instance).__name__
        raise AttributeError(f"attribute '{self.attribute}' of '{owner}' objects is not writable")


class OfFew:
    """An attribute that few nodes have, beside the node.

    A dict that each may have, though it has none, Python 3.11 allocates with each and its collector
    looks for: with many nodes alive a third of the time that it takes to make one.
    """

    def __init__(self, default: Any) -> None:
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, node: Node | None, owner: type) -> Any:
        try:
            return node.few[self.name]  # type: ignore[union-attr]
        except (AttributeError, KeyError):
            return self.default

    def __set__(self, node: Node, value: Any) -> None:
        try:
            node.few[self.name] = value
        except AttributeError:
            node.few = {self.name: value}


class Node:
    """One recorded operation: maps gradients of its outputs to gradients of its inputs.

    Per differentiable input, ``next_nodes`` has the node that made it, or None, and
    ``next_numbers`` which output of that it is; ``next_edges`` has both in pairs.
    ``_outputs`` has (shape, native dtype) per output; gradients are summed and cast to it.
    """

    __slots__ = (
        "__weakref__",
        "_backend",
        "_outputs",
        "few",
        "next_nodes",
        "next_numbers",
        "sequence_nr",
    )

    next_nodes: tuple[Node | None, ...]
    next_numbers: tuple[int, ...]
    _outputs: Outputs
    sequence_nr: int
    _backend: Backend
    few: dict[str, Any]

    hooked: Any = OfFew(False)
    """Whether the user's code may run with the node (a hook was put on it, or the node itself is
    the user's), so that the order of everything can be seen; once so, it stays."""
    plan: Any = None
    """The ``derivatives.plan.Plan`` of a node of the table."""
    writes: tuple[int, ...] = ()
    """How often torch writes the gradient of each input in place; empty where it writes none."""
    gives_real_parts: bool = True
    """Whether torch's node gives real inputs the real part of a complex gradient."""
    wants_tensors: bool = False
    """Whether the node takes Tensors also when nothing is recorded."""
    always_runs: bool = False
    """Whether the node also runs where none of its gradients is wanted: it may raise."""
    tensor_pre_hooks: Any = OfFew(None)
    """The hooks of each tensor that has some, with the number of the output it is."""
    retain_grad_hooks: Any = OfFew(None)
    """Per output number: what keeps its gradient."""
    pre_hooks: Any = OfFew(None)
    post_hooks: Any = OfFew(None)
    _metadata: Any = OfFew(None)
    qualified_name: str | None = None
    class_in_messages: str | None = None
    """What torch's messages call the class, where that is not its name."""

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        """Return the gradients of the inputs as raw arrays or None; nothing is recorded."""
        raise NotImplementedError

    def apply_shown(self, grads: list[Any]) -> Sequence[Any]:
        """Return what ``apply_raw`` does, in the strides that torch's gradients have.

        They can be seen where a gradient is handed out, or comes by the user's code; a leaf's
        ``.grad`` lies as the leaf does.
        """
        return self.apply_raw(grads)

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        """Return the gradients of the inputs as Tensors or None; recorded when grad mode is on."""
        raise NotImplementedError

    def apply_called(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        """Return likewise what the node gives when the user calls it."""
        return self.apply_tensors(grads)

    def apply_towards(
        self, grads: list[Tensor | None], targets: Sequence[Node | None]
    ) -> Sequence[Tensor | None]:
        """Return those gradients, of which only the ones with a target must be computed."""
        return self.apply_tensors(grads)

    def release(self) -> None:
        """Drop the saved values."""

    def unpack(self) -> None:
        """Unpack the saved values, as a run does that nothing is wanted of."""

    @property
    def next_edges(self) -> tuple[Edge | None, ...]:
        """Where each gradient that the node computes flows to."""
        return tuple(
            None if node is None else (node, number)
            for node, number in zip(self.next_nodes, self.next_numbers, strict=True)
        )

    @next_edges.setter
    def next_edges(self, edges: tuple[Edge | None, ...]) -> None:
        self.next_nodes = tuple([None if edge is None else edge[0] for edge in edges])
        self.next_numbers = tuple([0 if edge is None else edge[1] for edge in edges])

    # torch's Python surface ------------------------------------------------------------------

    def name(self) -> str:
        """Return torch's name: of the class, with torch's C++ namespace where it is by hand."""
        return self.qualified_name or type(self).__name__

    @ReadOnly
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes that produced the inputs, each with the output number there."""
        return tuple(
            (None, 0) if node is None else (node, number)
            for node, number in zip(self.next_nodes, self.next_numbers, strict=True)
        )

    @ReadOnly
    def metadata(self) -> dict[Any, Any]:
        """A dict for the user."""
        if self._metadata is None:
            self._metadata = {}
        return self._metadata  # type: ignore[no-any-return]

    @property
    def _input_metadata(self) -> tuple[InputMetadata, ...]:
        """Shape, dtype and device of the gradients that the node takes."""
        backend = self._backend
        place = device(backend.device_name)
        return tuple(
            InputMetadata(
                Size(shape), None if native is None else backend.dtype_of_native(native), place
            )
            for shape, native in self._outputs
        )

    @ReadOnly
    def requires_grad(self) -> bool:
        """True: a recorded node is part of a differentiated computation."""
        return True

    def _sequence_nr(self) -> int:
        return self.sequence_nr

    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_inputs, grad_outputs)`` after the node; a result replaces grad_inputs."""
        self.hooked = True
        if self.post_hooks is None:
            self.post_hooks = OrderedDict()
        return RemovableHandle.add(self.post_hooks, fn)

    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        """Call ``fn(grad_outputs)`` before the node runs; a result replaces grad_outputs."""
        self.hooked = True
        if self.pre_hooks is None:
            self.pre_hooks = OrderedDict()
        return RemovableHandle.add(self.pre_hooks, fn)

    def __call__(self, *grads: Tensor | None) -> Any:
        if len(grads) != len(self._outputs):
            raise TypeError(f"expected {len(self._outputs)} arguments, got {len(grads)} instead")
        for k, grad in enumerate(grads):
            if grad is not None and not isinstance(grad, Tensor):
                raise TypeError(f"argument {k} is not a Variable")
        results = tuple(self.apply_called(list(grads)))
        return results[0] if len(results) == 1 else results

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    def __dir__(self) -> list[str]:
        return [*dir(object), "__call__", *_SHOWN]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"


leaf_hooks: dict[int, weakref.ref[Any]] = {}
"""What lives of the leaves that a hook was put on, by identity: such hooks show the order that
leaves run in."""


def put_hook_on_leaf(owner: Tensor | AccumulateGrad) -> None:
    """Have the order of leaves be kept for as long as the owner of a hook lives."""
    key = id(owner)
    forget = leaf_hooks.pop
    leaf_hooks[key] = weakref.ref(owner, lambda gone: forget(key, None))


_SHOWN = (
    "_sequence_nr",
    "metadata",
    "name",
    "next_functions",
    "register_hook",
    "register_prehook",
    "requires_grad",
)
"""The attributes that torch's nodes have; the others are the engine's."""


class AccumulateGrad(Node):
    """The end of the graph at a leaf: adds the gradient to ``variable.grad``."""

    __slots__ = ("grad_dtype", "hooked", "lock", "variable")
    variable: Tensor
    grad_dtype: DType | None
    """What gradients are cast to; None leaves them as they are."""
    hooked: bool
    lock: Any
    """Held while ``.grad`` is read and written."""
    __module__ = "builtins"  # as torch's
    qualified_name = "torch::autograd::AccumulateGrad"
    next_nodes = ()
    next_numbers = ()
    sequence_nr = LEAF_SEQUENCE_NR

    def expect(self, shape: tuple[int, ...], dtype: DType | None) -> None:
        """Have gradients brought to a shape and a dtype."""
        self.grad_dtype = dtype
        self._outputs = like(shape, None if dtype is None else self._backend.native_dtype(dtype))

    def register_hook(self, fn: Callable[..., Any]) -> RemovableHandle:
        put_hook_on_leaf(self)
        return super().register_hook(fn)

    def register_prehook(self, fn: Callable[..., Any]) -> RemovableHandle:
        put_hook_on_leaf(self)
        return super().register_prehook(fn)

    def accumulate_raw(self, array: Any, writes: int = 0, others: int = 0) -> None:
        """Add a raw gradient to ``.grad``: in place when there is one, else as a new tensor.

        The array is taken over when nothing else refers to it and it is laid out as the variable
        asks, and copied otherwise.

        Args:
            array: the gradient.
            writes: how often it was written in place while it was summed.
            others: how many references to it do not count.
        """
        variable = self.variable
        if (variable._grad_fn is not None or not variable._requires_grad) and not self._is_wanted():
            return
        lock = self.lock
        lock.acquire()  # "with" takes 60 ns more
        try:
            grad = variable._grad
            if grad is not None:
                self._add_in_place(grad, array)
                return
            backend = self._backend
            # The caller's local, the parameter and the argument: the engine alone has it. A new
            # array of one dim is laid out as it should be, unless it has no element, or one that
            # nothing steps over.
            shape = array.shape
            if getrefcount(array) <= 3 + others and (
                (
                    len(shape) < 2
                    and shape != (0,)
                    and backend.is_whole(array)
                    and not (shape == (1,) and backend.may_repeat(array))
                )
                or self._is_laid_out(array)
            ):
                grad = wrap(array, self.grad_dtype or backend.dtype(array), backend)
                if writes:
                    bump_version(grad, writes)
                variable._grad = grad
            else:
                variable._grad = self._copied(array)
        finally:
            lock.release()

    def _is_wanted(self) -> bool:
        """Whether the leaf still requires a gradient.

        Raises:
            RuntimeError: it was written since, and is no leaf any more (torch's text).
        """
        if self.variable._grad_fn is not None:
            raise RuntimeError("leaf variable has been moved into the graph interior")
        return self.variable._requires_grad

    def accumulate_tensor(self, value: Tensor, others: int = 0) -> None:
        """Add a gradient that was a Tensor on its way; see ``accumulate_raw``."""
        variable = self.variable
        if not self._is_wanted():
            return
        with self.lock:
            grad = variable._grad
            if grad is not None and interposed.count:
                grad.add_(value)  # with its tangent
            elif grad is not None:
                self._add_in_place(grad, value._array)
            elif (
                getrefcount(value) <= 3 + others
                and getrefcount(value._memory) <= 2  # no other Tensor has it: a user's, say
                and self._is_laid_out(value._memory)
            ):
                variable._grad = wrap_sharing(value._memory, value)
            else:
                variable._grad = self._copied(value._array)

    def accumulate_recorded(self, value: Tensor) -> None:
        """Add a gradient out of place, with its history."""
        variable = self.variable
        if not self._is_wanted():
            return
        with self.lock:
            grad = variable._grad
            if grad is not None:
                variable._grad = grad = grad + value
                self._check_layout(grad)
                return
            strides = self._backend.strides(variable._array)
            if sizes.is_dense(variable._array.shape, strides):
                variable._grad = value.new_empty_strided(variable.shape, strides).copy_(value)
            else:
                variable._grad = value.clone(memory_format=contiguous_format)

    def _add_in_place(self, grad: Tensor, array: Any) -> None:
        present = grad._array
        irregular = self.variable._grad_is_irregular
        if irregular or present.shape != array.shape or present.dtype != array.dtype:
            backend = self._backend
            with no_grad():
                grad.add_(wrap(array, backend.dtype(array), backend))
            if irregular:
                self._check_layout(grad)
            return
        add = self._backend.inplace.get("add")
        if add is None or type(grad) is LazyTensor:
            grad._write(self._backend.add(present, array))
        else:
            add(grad._owned(), array)
        bump_version(grad)

    def _check_layout(self, grad: Tensor) -> None:
        """Warn of a sum that does not lie as its leaf asks."""
        variable = self.variable
        regular = obeys_layout_contract(self._backend, grad._array, variable)
        variable._grad_is_irregular = not regular
        if modes.grad_layout_enforced and not regular:
            warn_once(IRREGULAR.format(*_geometry(grad), *_geometry(variable)))

    def _is_laid_out(self, array: Any) -> bool:
        """Whether a gradient has the strides that ``.grad`` shall have."""
        if modes.grad_layout_enforced:
            return obeys_layout_contract(self._backend, array, self.variable)
        self.variable._grad_is_irregular = True  # perhaps: a sum will tell
        return True

    def _copied(self, array: Any) -> Tensor:
        """Return a copy with the variable's strides when those are dense, else row-major.

        A copy into the variable's layout counts as one write, as in torch.
        """
        backend = self._backend
        variable = self.variable._array
        shape, strides = array.shape, backend.strides(array)
        wanted, is_dense = _strides_of_copy(shape, variable.shape, backend.strides(variable))
        if strides == wanted:
            copy = backend.clone(array)
        else:
            copy = backend.contiguous(array)
        if copy is array or backend.strides(copy) != wanted:
            copy = backend.empty_strided(shape, wanted, backend.dtype(array))
            backend.copy_(copy, array)
        grad = wrap(copy, self.grad_dtype or backend.dtype(array), backend)
        if is_dense:
            bump_version(grad)
        return grad

    def apply_raw(self, grads: list[Any]) -> Sequence[Any]:
        if grads[0] is not None:
            self.accumulate_raw(grads[0])
        return ()

    def apply_tensors(self, grads: list[Tensor | None]) -> Sequence[Tensor | None]:
        grad = grads[0]
        if grad is not None:
            if modes.grad_enabled:
                self.accumulate_recorded(grad)
            else:
                self.accumulate_tensor(grad)
        return ()


IRREGULAR = (
    "grad and param do not obey the gradient layout contract. This is not an error, but may impair "
    "performance.\ngrad.sizes() = {}, strides() = {}\nparam.sizes() = {}, strides() = {}"
)


def _geometry(tensor: Tensor) -> tuple[list[int], list[int]]:
    return list(tensor._array.shape), list(tensor.stride())


def is_tensor(node: Node, value: Any) -> bool:
    """Whether a gradient on its way to or from a node is a Tensor, and no array of its backend.

    The arrays of a level of transforms are Tensors of the level below.
    """
    if not isinstance(value, Tensor):
        return False
    number = node._backend.level_number
    return not number or value._backend.level_number >= number


def gradient_edge(tensor: Tensor) -> Edge | None:
    """Return where gradients of ``tensor`` flow to; None when it does not require one."""
    node = tensor.grad_fn if tensor._view is not None else tensor._grad_fn
    if node is not None:
        return (node, tensor._output_nr)
    if tensor._requires_grad:
        return (accumulator(tensor), 0)
    return None


def accumulator(leaf: Tensor) -> AccumulateGrad:
    """Return the leaf's AccumulateGrad node, made on first use and held weakly by the leaf."""
    reference = leaf._accumulator
    node: AccumulateGrad | None = None if reference is None else reference()
    if node is not None:
        return node
    making.acquire()
    try:
        reference = leaf._accumulator
        if reference is not None:
            node = reference()
            if node is not None:
                return node
        node = AccumulateGrad()
        node.variable = leaf
        node.lock = _new_lock()
        node.hooked = False
        node._backend = leaf._backend
        array = leaf._array
        if leaf._grad_dtype is AS_TENSOR:
            node.grad_dtype = leaf._dtype
            shape, native = array.shape, array.dtype
            node._outputs = known_outputs.get((shape, native)) or like(shape, native)
        else:
            node.expect(array.shape, leaf._grad_dtype)
        if leaf_hooks:
            if leaf._hooks is not None:
                node.hooked = True
                node.tensor_pre_hooks = [(leaf._hooks, 0)]
            if leaf._post_accumulate_hooks is not None:
                node.hooked = True
        leaf._accumulator = weakref.ref(node)
        return node
    finally:
        making.release()


@functools.lru_cache(4096)
def _strides_of_copy(
    shape: tuple[int, ...], wanted_shape: tuple[int, ...], wanted: tuple[int, ...]
) -> tuple[tuple[int, ...], bool]:
    """Return the strides that a gradient is copied to, and whether its leaf's are dense."""
    is_dense = sizes.is_dense(wanted_shape, wanted)
    return (wanted if is_dense and shape == wanted_shape else sizes.row_major(shape)), is_dense


_new_lock = threading.Lock
making = threading.RLock()
"""Held while an accumulator is made, so that a leaf has one for all threads. The collector may come
in between and have another one made."""


def set_history(tensor: Tensor, node: Node, is_turned: bool = False) -> None:
    """Make a tensor that was written the only output of ``node``.

    Hooks stay with the value they were put on, and later ones go to the new node; a retained
    gradient is from now on that of the new value, but where the tensor was only turned into a view
    of itself.
    """
    if tensor._hooks is not None or tensor._retains_grad:
        old, output_nr = tensor._grad_fn, tensor._output_nr
        tensor._hooks = None
        retained = None if old is None or is_turned else old.retain_grad_hooks
        if retained and output_nr in retained:
            node.hooked = True
            node.retain_grad_hooks = {0: retained.pop(output_nr)}
    tensor._grad_fn = node
    tensor._output_nr = 0
    tensor._requires_grad = True
