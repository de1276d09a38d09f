"""Parameters and buffers: tensors that a module finds by their class."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from .. import printing
from ..autograd.tensor_state import mark_leaf
from ..namespaces.creation import empty
from ..serialization import SAFE_GLOBALS
from ..serialization.rebuilding import as_subclass, set_user_state, user_state
from ..tensor import LazyTensor, Tensor, plain_subclasses, preserve_format


def _leaf_on(cls: type[Tensor], data: Tensor, requires_grad: bool) -> Tensor:
    """Return a leaf of a subclass of Tensor on the storage, and the versions, of ``data``.

    Of a lazy conjugate or negative it is the elements, copied.
    """
    if requires_grad and not data.dtype.is_inexact:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    made = as_subclass(data.detach().resolve_conj().resolve_neg(), cls)
    return mark_leaf(made, True) if requires_grad else made


class _ParameterMeta(type):
    """Lets a tensor of a user's subclass be a Parameter by its flag ``_is_param``."""

    def __instancecheck__(cls, instance: object) -> bool:
        if cls is Parameter and isinstance(instance, Tensor):
            return type.__instancecheck__(cls, instance) or getattr(instance, "_is_param", False)
        return type.__instancecheck__(cls, instance)


class Parameter(Tensor, metaclass=_ParameterMeta):
    """A leaf that requires a gradient, also when made under ``no_grad``, on the storage of data.

    A module registers it when it is assigned as an attribute.
    """

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is None:
            data = empty(0)
        if type(data) in (Tensor, LazyTensor, Parameter):
            return _leaf_on(cls, data, requires_grad)
        made = data.detach().requires_grad_(requires_grad)
        if type(made) is not type(data):
            raise RuntimeError(
                f"Creating a Parameter from an instance of type {type(data).__name__} requires "
                "that detach() returns an instance of the same type, but return type "
                f"{type(made).__name__} was found instead. To use the type as a Parameter, please "
                "correct the detach() semantics defined by its __torch_dispatch__() implementation."
            )
        made._is_param = True
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = memo.get(id(self))
        if copied is None:
            data = self.data.clone(memory_format=preserve_format)
            copied = memo[id(self)] = type(self)(data, self.requires_grad)
        return copied

    def __repr__(self) -> str:
        return f"Parameter containing:\n{Tensor.__repr__(self)}"

    def __reduce_ex__(self, protocol: Any) -> Any:
        contents: tuple[Any, ...] = (
            self.data,
            self.requires_grad,
            OrderedDict(),
        )  # hooks are not pickled
        state = user_state(self)
        if state:
            return _rebuild_parameter_with_state, (*contents, state)
        return _rebuild_parameter, contents


def _rebuild_parameter(data: Tensor, requires_grad: bool, backward_hooks: Any) -> Any:
    return Parameter(data, requires_grad)


def _rebuild_parameter_with_state(
    data: Tensor, requires_grad: bool, backward_hooks: Any, state: Any
) -> Tensor:
    return set_user_state(Parameter(data, requires_grad), state)


SAFE_GLOBALS.update(
    {
        "torch.nn.parameter.Parameter": Parameter,
        "torch._utils._rebuild_parameter": _rebuild_parameter,
        "torch._utils._rebuild_parameter_with_state": _rebuild_parameter_with_state,
    }
)


class _BufferMeta(type):
    """Lets any tensor that carries ``_is_buffer`` be a Buffer."""

    def __instancecheck__(cls, instance: object) -> bool:
        if cls is Buffer:
            return isinstance(instance, Tensor) and getattr(instance, "_is_buffer", False)
        return type.__instancecheck__(cls, instance)


class Buffer(Tensor, metaclass=_BufferMeta):
    """A tensor on the storage of ``data`` that a module registers as a buffer."""

    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = empty(0)
        made = data.detach().requires_grad_(data.requires_grad)
        made.persistent = persistent
        made._is_buffer = True
        return made


class UninitializedTensorMixin:
    """The first base of tensors that have no shape yet."""

    cls_to_become: type[Tensor]

    def materialize(self: Any, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Become a tensor of a shape, with any content, on the same place in a module."""
        self.data = empty(shape, dtype=self.dtype if dtype is None else dtype)
        self.__class__ = self.cls_to_become

    @property
    def shape(self) -> Any:
        """Refuse to tell the shape, which there is none of.

        Raises:
            RuntimeError: always (torch's text).
        """
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually "
            "happens in `load_state_dict` when trying to load an uninitialized parameter into an "
            "initialized one. Call `forward` to initialize the parameters before accessing their "
            "attributes."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        return type(self), (self.requires_grad,)


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter that has no shape yet: lazy layers have them."""

    cls_to_become = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return _leaf_on(cls, empty(0, device=device, dtype=dtype), requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        copied = memo.get(id(self))
        if copied is None:
            copied = memo[id(self)] = type(self)(self.requires_grad, dtype=self.dtype)
        return copied


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer that has no shape yet."""

    cls_to_become = Tensor
    persistent: bool

    def __new__(
        cls,
        requires_grad: bool = False,
        device: Any = None,
        dtype: Any = None,
        persistent: bool = True,
    ) -> Any:
        made: Any = _leaf_on(cls, empty(0, device=device, dtype=dtype), requires_grad)
        made.persistent = persistent
        made._is_buffer = True
        return made


def is_lazy(param: object) -> bool:
    """Return whether a parameter or buffer has no shape yet."""
    return isinstance(param, UninitializedTensorMixin)


printing.hooks.is_plain = lambda tensor: type(tensor) in (Tensor, LazyTensor, Parameter)
printing.hooks.is_parameter = lambda tensor: isinstance(tensor, Parameter)
plain_subclasses.add(Parameter)
