"""New tensors in the image of others: the ``_like`` functions and ``new_`` methods."""

from __future__ import annotations

from typing import Any

from .. import sizes
from ..dtypes import DType
from ..tensor import Tensor, layout, memory_format, preserve_format
from .creation import check_options, filled, leaf, nonnegative, number_for, strided
from .data import tensor
from .new_tensors import size_of, strides_in
from .registration import function, method, seen_as


def like(
    input: Any,
    name: str,
    value: Any,
    dtype: DType | None,
    device: Any,
    requires_grad: bool,
    format: memory_format | None,
) -> Tensor:
    """Return a leaf of one value with the shape, backend and (by default) dtype and layout."""
    if not isinstance(input, Tensor):
        raise TypeError(
            f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    check_options(name, dtype, device)
    kind = dtype or input._dtype
    backend = input._backend
    shape = tuple(input._array.shape)
    stride = strides_in(input, format)
    if stride is None:
        stride = layout_of(input)
    made = leaf(backend.full(shape, number_for(value, kind), kind), kind, backend, requires_grad)
    if sizes.row_major(shape) != stride:
        made._array = backend.clone_strided(made._array, stride)
    return made


def layout_of(input: Tensor) -> tuple[int, ...]:
    """Return the strides of a copy in the tensor's layout."""
    return sizes.dense_strides_like(input._array.shape, input.stride())


def _constant_like(name: str, value: int) -> Any:
    def make(
        input: Tensor,
        *,
        dtype: DType | None = None,
        layout: layout | None = None,
        device: Any = None,
        pin_memory: bool = False,
        requires_grad: bool = False,
        memory_format: memory_format | None = preserve_format,
    ) -> Tensor:
        return like(input, name, value, dtype, device, requires_grad, memory_format)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"Return {name.partition('_')[0]} in the image of a tensor."
    return function(seen_as(f"{name}.default")(make))


zeros_like = _constant_like("zeros_like", 0)
ones_like = _constant_like("ones_like", 1)
empty_like = _constant_like("empty_like", 0)


@function
@seen_as("full_like.default")
def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    memory_format: memory_format | None = preserve_format,
) -> Tensor:
    """Return one value in the image of a tensor."""
    return like(input, "full_like", fill_value, dtype, device, requires_grad, memory_format)


def _new_constant(name: str, value: int) -> Any:
    def make(
        self: Tensor,
        *size: Any,
        dtype: DType | None = None,
        layout: layout | None = None,
        device: Any = None,
        pin_memory: bool = False,
        requires_grad: bool = False,
        **given: Any,
    ) -> Tensor:
        check_options(name, dtype, device)
        if set(given) - {"size"}:
            unknown = next(iter(set(given) - {"size"}))
            raise TypeError(f"{name}() got an unexpected keyword argument '{unknown}'")
        shape = nonnegative(size_of(size, given.get("size"), name))
        return filled(shape, value, dtype or self._dtype, self._backend, requires_grad)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"Return {name.removeprefix('new_')} of a shape on the tensor's backend."
    return method(seen_as(f"{name}.default")(make))


for _name, _value in (("new_zeros", 0), ("new_ones", 1), ("new_empty", 0)):
    _new_constant(_name, _value)


@method
@seen_as("new_full.default")
def new_full(
    self: Tensor,
    size: Any,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """Return one value in a shape on the tensor's backend."""
    check_options("new_full", dtype, device)
    if not isinstance(size, (tuple, list)):
        raise TypeError(
            "new_full(): argument 'size' (position 1) must be tuple of ints, not "
            f"{type(size).__name__}"
        )
    kind = dtype or self._dtype
    shape = nonnegative(size_of((size,), None, "new_full"))
    return filled(shape, number_for(fill_value, kind), kind, self._backend, requires_grad)


@method
def new_empty_strided(
    self: Tensor,
    size: Any,
    stride: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:
    """Return any content with given strides on the tensor's backend."""
    check_options("new_empty_strided", dtype, device)
    return strided(size, stride, dtype or self._dtype, self._backend, requires_grad)


@method
def new_tensor(
    self: Tensor,
    data: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
    layout: layout | None = None,
    pin_memory: bool = False,
) -> Tensor:
    """Return data as a leaf with the dtype and backend of the tensor."""
    check_options("new_tensor", dtype, device)
    return tensor(
        data, dtype=dtype or self._dtype, requires_grad=requires_grad, backend=self._backend
    )
