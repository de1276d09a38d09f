"""What a Tensor does in autograd: backward, detach, hooks, and the attributes that are settable."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from ..batching import member_by_member
from ..dtypes import LEGACY_NAMES, DType
from ..engine import views
from ..engine.hooks import RemovableHandle
from ..engine.levels import mapped_over, refuse_inside
from ..engine.modes import is_inference
from ..engine.node import AccumulateGrad, accumulator, gradient_edge, put_hook_on_leaf
from ..namespaces.registration import publish
from ..tensor import (
    AS_TENSOR,
    C_NAMES,
    LazyTensor,
    Tensor,
    contiguous_format,
    see_through,
    wrap_sharing,
)
from ..versions import DetachedCounter, InferenceCounter, inference, own_counter
from . import differentiation


def backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add this tensor's gradients to the ``.grad`` of leaves; see ``autograd.backward``."""
    differentiation.backward(self, gradient, retain_graph, create_graph, inputs=inputs)


def detach(self: Tensor) -> Tensor:
    """Return the same storage outside the graph; versions are shared.

    An inference tensor's copy counts versions of its own outside inference mode.
    """
    made = wrap_sharing(self._backend.detached(self._owned()), self)
    if is_inference(self) and not inference.enabled:
        made._version_counter = InferenceCounter(0)
    return made


@member_by_member("detach_", inplace=True)
def detach_(self: Tensor) -> Tensor:
    """Take this tensor out of the graph; a view is refused (torch's text)."""
    if inference.enabled:
        return self
    if self._view is not None:
        raise RuntimeError(
            "Can't detach views in-place. Use detach() instead. If you are using "
            "DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as "
            "True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
            "these gradients. To fix this error, please refer to the Optimizer.zero_grad() "
            "function in torch/optim/optimizer.py as the solution."
        )
    if self._grad_fn is not None:
        self._version_counter = DetachedCounter(own_counter(self))
    self._grad_fn = None
    self._output_nr = 0
    self._requires_grad = False
    self._tangents = None
    return self


_NOT_A_LEAF = "you can only change requires_grad flags of leaf variables."
_DETACH_INSTEAD = (
    "If you want to use a computed variable in a subgraph that doesn't require differentiation use "
    "var_no_grad = var.detach()."
)


def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Set whether operations on this leaf are recorded.

    Raises:
        RuntimeError: it is no leaf, has no gradient by its dtype, or is an inference tensor outside
            inference mode (torch's texts).
    """
    if not isinstance(requires_grad, bool):
        raise TypeError(
            "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
            f"{type(requires_grad).__name__}"
        )
    refuse_inside("requires_grad_", "(or perhaps using torch.autograd.functional.* APIs) ")
    return mark_leaf(self, requires_grad)


def mark_leaf(self: Tensor, requires_grad: bool) -> Tensor:
    """``requires_grad_`` that transforms do not refuse."""
    if requires_grad and is_inference(self) and not inference.enabled:
        raise RuntimeError(
            "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."
        )
    if not requires_grad and self._grad_fn is not None:
        raise RuntimeError(f"{_NOT_A_LEAF} {_DETACH_INSTEAD}")
    if requires_grad and not self._dtype.is_inexact:
        raise RuntimeError("only Tensors of floating point dtype can require gradients")
    self._requires_grad = requires_grad
    return self


def _set_requires_grad(self: Tensor, value: Any) -> None:
    if not isinstance(value, bool):
        raise RuntimeError("requires_grad must be a bool")
    if value and self.grad_fn is not None:
        raise RuntimeError(_NOT_A_LEAF)
    if value and not self._dtype.is_inexact:
        raise RuntimeError("only Tensors of floating point and complex dtype can require gradients")
    mark_leaf(self, value)


def _delete_requires_grad(self: Tensor) -> None:
    raise RuntimeError("requires_grad must be a bool")


def _get_data(self: Tensor) -> Tensor:
    """The same storage outside the graph, with a version count of its own."""
    if mapped_over(self):
        raise RuntimeError("accessing `data` under vmap transform is not allowed")
    made = wrap_sharing(self._owned(), self)
    if not is_inference(self):
        made._version_counter = [0]
    elif not inference.enabled:
        made._version_counter = InferenceCounter(0)
    return made


def _set_data(self: Tensor, value: Tensor) -> None:
    if mapped_over(self):
        raise RuntimeError("mutating directly with `.data` under vmap transform is not allowed.")
    if isinstance(self._array, Tensor):
        raise RuntimeError(
            "mutating directly with `.data` inside functorch transform is not allowed."
        )
    if not isinstance(value, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(value).__name__}")
    if self._requires_grad and not value._dtype.is_inexact:
        raise RuntimeError(
            "data set to a tensor that requires gradients must be floating point or complex dtype"
        )
    plain = type(self) in (Tensor, LazyTensor)  # others hold their elements themselves
    memory = value._owned() if plain or type(value) is not LazyTensor else value._array
    if value._dtype is not self._dtype or value._backend is not self._backend:
        self._accumulator = None
    self._memory = memory
    if plain:
        see_through(self, value._conjugated, value._negated)
    self._dtype = value._dtype
    self._backend = value._backend
    if is_inference(value) and not is_inference(self):
        self._version_counter = InferenceCounter(self._version)
    elif is_inference(self) and not is_inference(value):
        self._version_counter = [0]


def _delete_data(self: Tensor) -> None:
    raise RuntimeError("Deleting tensor data is not allowed. Delete tensor instead!")


def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this non-leaf in ``.grad``; nothing for a leaf.

    A view counts as one whose base has come to require a gradient and that nobody has used since.
    """
    if not self.requires_grad:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    refuse_inside("retain_grad")
    if self._grad_fn is None or self._retains_grad:
        return
    node = self.grad_fn
    self._retains_grad = True
    reference = weakref.ref(self)

    def keep(gradient: Tensor) -> None:
        tensor = reference()
        if tensor is None:
            return
        if tensor._grad is None:
            tensor._grad = gradient.clone(memory_format=contiguous_format)
        else:
            tensor._grad = tensor._grad + gradient

    node.hooked = True
    if node.retain_grad_hooks is None:
        node.retain_grad_hooks = {}
    node.retain_grad_hooks[self._output_nr] = keep


def register_hook(self: Tensor, hook: Callable[[Tensor], Any]) -> RemovableHandle:
    """Call ``hook(gradient)`` when this tensor's gradient is computed; a result replaces it."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self._hooks is None:
        edge = gradient_edge(self)
        self._hooks = OrderedDict()
        if edge is not None:  # a view made in no_grad mode has none, and its hooks never run
            node, number = edge
            if isinstance(node, AccumulateGrad):
                put_hook_on_leaf(self)
            node.hooked = True
            node.tensor_pre_hooks = [*(node.tensor_pre_hooks or ()), (self._hooks, number)]
    return RemovableHandle.add(self._hooks, hook)


def register_post_accumulate_grad_hook(
    self: Tensor, hook: Callable[[Tensor], None]
) -> RemovableHandle:
    """Call ``hook(self)`` after this leaf's ``.grad`` was filled."""
    if not self.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if self.grad_fn is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")
    put_hook_on_leaf(self)
    if self._post_accumulate_hooks is None:
        self._post_accumulate_hooks = OrderedDict()
        accumulator(self).hooked = True
    return RemovableHandle.add(self._post_accumulate_hooks, hook)


def _get_grad_dtype(self: Tensor) -> Any:
    """The dtype that ``.grad`` of this leaf must have; None allows any."""
    if not self.is_leaf:
        raise RuntimeError("grad_dtype can only be accessed on leaf tensors.")
    return self._dtype if self._grad_dtype is AS_TENSOR else self._grad_dtype


def _set_grad_dtype(self: Tensor, value: Any) -> None:
    if value is not None and not isinstance(value, DType):
        raise RuntimeError(
            f"grad_dtype must be a torch.dtype or None, but got {type(value).__name__}"
        )
    grad = self.grad
    if not self.is_leaf:
        raise RuntimeError("grad_dtype can only be set on leaf tensors.")
    if value is not None and grad is not None and grad._dtype is not value:
        raise RuntimeError(
            f"Cannot set grad_dtype to '{LEGACY_NAMES[value]}' because there is already a gradient "
            f"with dtype '{C_NAMES[grad._dtype.name]}'. Please clear the gradient (.grad = None) "
            "before changing grad_dtype, or ensure the new grad_dtype matches the existing "
            "gradient's dtype."
        )
    self._grad_dtype = value
    if self._requires_grad:
        accumulator(self).expect(self._array.shape, value)


for _function in (
    backward,
    detach,
    detach_,
    requires_grad_,
    retain_grad,
    register_hook,
    register_post_accumulate_grad_hook,
    is_inference,
):
    publish(_function, _function.__name__, "Tensor")


def _read_only(name: str, getter: Callable[[Tensor], Any]) -> property:
    def refuse(self: Tensor, value: Any) -> None:
        raise AttributeError(f"attribute '{name}' of 'torch._C.TensorBase' objects is not writable")

    return property(getter, refuse)


for _name, _property in {
    "requires_grad": property(views.requires_grad, _set_requires_grad, _delete_requires_grad),
    "grad_fn": _read_only("grad_fn", views.grad_fn),
    "is_leaf": _read_only("is_leaf", lambda tensor: tensor.grad_fn is None),
    "output_nr": _read_only("output_nr", attrgetter("_output_nr")),
    "retains_grad": _read_only("retains_grad", attrgetter("_retains_grad")),
    "data": property(_get_data, _set_data, _delete_data),
    "grad_dtype": property(_get_grad_dtype, _set_grad_dtype),
    "_backward_hooks": property(attrgetter("_hooks")),
    "_post_accumulate_grad_hooks": property(attrgetter("_post_accumulate_hooks")),
}.items():
    publish(_property, _name, "Tensor")
