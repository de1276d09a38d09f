"""How tensors are taken apart and put together again: pickle, copy and deepcopy.

The parts and their order are those of torch's own pickles: a storage, the place in it, flags.
"""

from __future__ import annotations

import copy
import warnings
from collections import OrderedDict
from typing import Any

from ..dtypes import DType
from ..engine.modes import is_inference, no_grad
from ..namespaces.registration import publish
from ..tensor import LazyTensor, Tensor, see_through, wrap
from ..versions import bump_version, own_counter
from .storage import UntypedStorage

# Taken apart --------------------------------------------------------------------------------------


def reduce_ex(self: Tensor, protocol: Any) -> Any:
    """Return how to make the tensor again; a non-leaf comes back as a leaf, hooks not at all."""
    _warn_of_hooks(self)
    parts: tuple[Any, ...] = (
        UntypedStorage.of(self),
        self.storage_offset(),
        (*self._array.shape,),  # tuples of its own: no two tensors of a file have one in common
        (*self.stride(),),
        self.requires_grad,
        OrderedDict(),
    )
    lazy = {"conj": self._conjugated, "neg": self._negated}
    if any(lazy.values()):
        parts = (*parts, {name: True for name, is_set in lazy.items() if is_set})
    state = user_state(self)
    if type(self) in (Tensor, LazyTensor) and not state:
        return rebuild_tensor, parts
    return rebuild_subclass, (rebuild_tensor, type(self), parts, state)


def _warn_of_hooks(tensor: Tensor) -> None:
    for hook in (tensor._hooks or {}).values():
        if not hasattr(hook, "__torch_unserializable__"):
            warnings.warn(
                f"backward hook {hook!r} on tensor will not be serialized.  If this is expected, "
                "you can decorate the function with @torch.utils.hooks.unserializable_hook to "
                "suppress this warning",
                stacklevel=4,
            )


def user_state(tensor: Tensor) -> Any:
    """Return the attributes that a user set: a dict, with values of slots a pair, or None.

    What the class Tensor has a default for is the engine's.
    """
    attributes = {
        name: value for name, value in vars(tensor).items() if not hasattr(Tensor, name)
    } or None
    slots = {
        name: getattr(tensor, name)
        for cls in type(tensor).__mro__[: type(tensor).__mro__.index(Tensor)]
        for name in _slot_names(cls)
        if hasattr(tensor, name)
    }
    return (attributes, slots) if slots else attributes


def _slot_names(cls: type) -> tuple[str, ...]:
    names = vars(cls).get("__slots__", ())
    return (names,) if isinstance(names, str) else tuple(names)


def set_user_state(tensor: Tensor, state: Any) -> Tensor:
    """Set what ``user_state`` returned and return the tensor.

    Raises:
        RuntimeError: a tuple is not a pair (torch's text), or a name is not the user's.
    """
    parts = state if isinstance(state, tuple) else (state, None)
    if len(parts) != 2:
        raise RuntimeError(f"Invalid serialized state: {state}")
    for attributes in parts:
        for name, value in (attributes or {}).items():
            if hasattr(Tensor, name):  # no file reaches into the engine
                raise RuntimeError(f"Invalid serialized state: every tensor has {name!r}")
            setattr(tensor, name, value)
    return tensor


# Put together -------------------------------------------------------------------------------------


def tensor_on(
    storage: UntypedStorage,
    storage_offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    dtype: DType,
) -> Tensor:
    """Return a leaf that sees these elements of a storage.

    Raises:
        RuntimeError: some of them are outside (torch's text).
    """
    memory = storage.as_dtype(dtype)
    if any(not isinstance(n, int) for n in (storage_offset, *size, *stride)):
        raise TypeError("set_(): sizes, strides and offset must be ints")
    if any(n < 0 for n in size):
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(size)}: {list(size)}"
        )
    reach = 0
    if 0 not in size:
        reach = 1 + storage_offset + sum((n - 1) * step for n, step in zip(size, stride))
    if len(size) != len(stride) or any(n < 0 for n in (storage_offset, *stride)):
        raise RuntimeError(
            f"mismatch in length of strides and shape, or a negative one: {size}, {stride}"
        )
    if reach > memory.shape[0]:
        raise RuntimeError("Trying to resize storage that is not resizable")
    backend = storage.backend
    tensor = wrap(backend.as_strided(memory, size, stride, storage_offset), dtype, backend)
    if not is_inference(tensor):
        bump_version(tensor)  # torch makes an empty tensor and gives it the storage
    return tensor


def rebuild_tensor(
    storage: UntypedStorage,
    storage_offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    requires_grad: bool,
    backward_hooks: Any,
    metadata: Any = None,
) -> Tensor:
    """Return the tensor that ``reduce_ex`` took apart; hooks are not brought back."""
    return _flagged(
        tensor_on(storage, storage_offset, size, stride, storage.dtype), requires_grad, metadata
    )


def rebuild_tensor_of_dtype(
    storage: UntypedStorage,
    storage_offset: int,
    size: tuple[int, ...],
    stride: tuple[int, ...],
    requires_grad: bool,
    backward_hooks: Any,
    dtype: DType,
    metadata: Any = None,
) -> Tensor:
    """Return a tensor whose dtype is said apart from its storage."""
    return _flagged(
        tensor_on(storage, storage_offset, size, stride, dtype), requires_grad, metadata
    )


def _flagged(tensor: Tensor, requires_grad: bool, metadata: Any) -> Tensor:
    if metadata:
        see_through(tensor, metadata.get("conj", False), metadata.get("neg", False))
    return tensor.requires_grad_() if requires_grad else tensor


def rebuild_subclass(function: Any, new_type: type[Tensor], parts: Any, state: Any) -> Tensor:
    """Return the tensor that ``function`` makes as one of a subclass, with its attributes."""
    tensor: Tensor = function(*parts)
    if type(tensor) is not new_type:
        tensor = as_subclass(tensor, new_type)
    if hasattr(new_type, "__setstate__"):
        tensor.__setstate__(state)
        return tensor
    return set_user_state(tensor, state)


def as_subclass(self: Tensor, cls: type[Tensor]) -> Tensor:
    """Return the same elements, outside the graph, as a tensor of a subclass."""
    if not issubclass(cls, Tensor):
        raise TypeError(f"as_subclass(): {cls!r} is no subclass of Tensor")
    made: Tensor = object.__new__(cls)
    for name in ("_array", "_backend", "_dtype", "_grad_fn", "_output_nr", "_view"):
        setattr(made, name, getattr(self, name))
    made._requires_grad = self._requires_grad
    made._version_counter = own_counter(self)
    return made


def deepcopy(self: Tensor, memo: dict[Any, Any]) -> Tensor:
    """Return a copy of a leaf; tensors on one storage have copies on one storage.

    Raises:
        RuntimeError: this is no leaf (torch's text).
    """
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
            "protocol at the moment.  If you were attempting to deepcopy a module, this may be "
            "because of a torch.nn.utils.weight_norm usage, see "
            "https://github.com/pytorch/pytorch/pull/103001"
        )
    if id(self) in memo:
        known: Tensor = memo[id(self)]
        return known
    with no_grad():
        if type(self) is LazyTensor:
            made: Tensor = self.clone()
        else:
            storage = UntypedStorage.of(self).__deepcopy__(memo)
            made = tensor_on(
                storage,
                self.storage_offset(),
                tuple(self._array.shape),
                self.stride(),
                self._dtype,
            )
            if type(self) is not Tensor:
                made = as_subclass(made, type(self))
        if self.requires_grad:
            made.requires_grad_()
        if self._grad is not None:
            made.grad = deepcopy(self._grad, memo)
        set_user_state(made, copy.deepcopy(user_state(self), memo))
    memo[id(self)] = made
    return made


for _name, _function in {
    "__reduce_ex__": reduce_ex,
    "__deepcopy__": deepcopy,
    "as_subclass": as_subclass,
}.items():
    publish(_function, _name, "Tensor")
