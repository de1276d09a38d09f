"""torch's copies, casts and writes: clone, to, copy_, fill_."""

from __future__ import annotations

from typing import Any

from .. import dtypes, ops, sizes
from ..batching import member_by_member
from ..composites import shape as composed
from ..dtypes import LEGACY_NAMES, DType
from ..engine.levels import refuse_in_batch
from ..engine.memory_overlap import (
    overlaps_itself,
    refuse_internal_overlap,
    refuse_partial_overlap,
)
from ..engine.modes import modes
from ..engine.views import check_inplace
from ..sizes import broadcast_shapes
from ..tensor import (
    LazyTensor,
    Tensor,
    channels_last,
    channels_last_3d,
    contiguous_format,
    device,
    memory_format,
    preserve_format,
)
from ..type_promotion import loses_parts, warn_of_lost_parts
from ..versions import bump_version
from .creation import number_for
from .new_tensors import check_device, strides_in
from .registration import function, method

_IN_WORDS = {channels_last: "ChannelsLast", channels_last_3d: "ChannelsLast3d"}


def _refuse_in_batch(input: Tensor, format: memory_format | None, text: str) -> None:
    """Refuse a channels-last format, which is one of a batch's memory, under ``vmap``."""
    if format is channels_last or format is channels_last_3d:
        refuse_in_batch((input,), text)


@function
@method
def clone(input: Tensor, *, memory_format: memory_format | None = None) -> Tensor:
    """Copy, in the same layout or in a memory format."""
    if memory_format is not None:
        _refuse_in_batch(
            input,
            memory_format,
            "NYI: Tensor.clone(memory_format) inside vmap is only supported with memory_format "
            "torch.preserve_format or torch.contiguous_format (got "
            f"{_IN_WORDS.get(memory_format)})",
        )
    return ops.clone(input, strides_in(input, memory_format))


@method
def contiguous(self: Tensor, memory_format: memory_format = contiguous_format) -> Tensor:
    """Return the tensor itself when it is row-major (or in the format), else a copy that is."""
    if memory_format is preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    _refuse_in_batch(
        self,
        memory_format,
        "NYI: querying is_contiguous inside of vmap for memory_format other than "
        "torch.contiguous_format",
    )
    if self.is_contiguous(memory_format):
        return self
    return composed.contiguous(self, strides_in(self, memory_format) or ())


def _suggested_format(input: Tensor) -> memory_format:
    """Return the format that torch takes the strides for: contiguous if not channels-last."""
    if sizes.suggests_channels_last(input._array.shape, input.stride()):
        return channels_last if input.ndim == 4 else channels_last_3d
    return contiguous_format


# Casts --------------------------------------------------------------------------------------------


def cast(
    self: Tensor,
    dtype: DType,
    copy: bool = False,
    memory_format: memory_format | None = None,
) -> Tensor:
    """Return the tensor as another dtype; itself when nothing changes and no copy is asked for."""
    if memory_format is channels_last or memory_format is channels_last_3d:
        rank = 4 if memory_format is channels_last else 5
        text = f"required rank {rank} tensor to use {memory_format.name} format"
        _refuse_in_batch(self, memory_format, text)
    stride = strides_in(self, memory_format)
    if dtype is self._dtype:
        same = stride is None or memory_format is _suggested_format(self)
        return self if same and not copy else ops.to_copy(self, stride)
    if 0 not in self._array.shape:
        warn_of_lost_parts(self._dtype, dtype, 3)
    return ops.to_dtype(self, dtype, stride)


@method
def to(self: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """Return the tensor as another dtype, or as that of another tensor; the device is the CPU."""
    dtype, copy, memory_format = conversion(*args, **kwargs)
    return cast(self, dtype or self._dtype, copy, memory_format)


def conversion(
    *args: Any,
    dtype: DType | None = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: memory_format | None = None,
    other: Tensor | None = None,
    tensor: Tensor | None = None,
) -> tuple[DType | None, bool, memory_format | None]:
    """Return what the arguments of ``to`` ask for: a dtype, a copy, a memory format.

    Raises:
        TypeError: they fit no overload (torch's text).
        RuntimeError: the device is not the CPU.
    """
    flags: list[bool] = []
    target = other if other is not None else tensor
    for k, value in enumerate(args):
        if isinstance(value, Tensor) and k == 0:
            target = value
        elif isinstance(value, DType) and dtype is None:
            dtype = value
        elif isinstance(value, bool):
            flags.append(value)
        elif k == 0 and (value is None or isinstance(value, (str, int, _device))):
            device = value
        elif value is not None:
            raise TypeError(
                "to() received an invalid combination of arguments - got "
                f"({', '.join(_spelled(v) for v in args)}), but expected one of:\n{_OVERLOADS}"
            )
    if len(flags) == 2:
        copy = flags[1]
    if device is not None:
        check_device(device)
    if target is not None:
        dtype = target._dtype
    return dtype, copy, memory_format


_device = device
_OVERLOADS = (
    " * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool "
    "copy = False, *, torch.memory_format memory_format = None)\n"
    " * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, torch.memory_format "
    "memory_format = None)\n"
    " * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format "
    "memory_format = None)\n"
)


def _spelled(value: Any) -> str:
    return "torch.dtype" if isinstance(value, DType) else type(value).__name__


def _casting(name: str, dtype: DType) -> Any:
    def convert(self: Tensor, memory_format: memory_format | None = None) -> Tensor:
        return cast(self, dtype, False, memory_format)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"Return the tensor as {dtype}."
    return convert


for _name, _dtype in {
    "double": dtypes.float64,
    "float": dtypes.float32,
    "half": dtypes.float16,
    "bfloat16": dtypes.bfloat16,
    "long": dtypes.int64,
    "int": dtypes.int32,
    "short": dtypes.int16,
    "char": dtypes.int8,
    "byte": dtypes.uint8,
    "bool": dtypes.bool_,
    "cfloat": dtypes.complex64,
    "cdouble": dtypes.complex128,
}.items():
    method(_casting(_name, _dtype))


@method(name="type")
def type_of(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Return the name of torch's legacy class of the dtype, or the tensor as another dtype."""
    if dtype is None:
        return f"torch.{LEGACY_NAMES[self._dtype]}Tensor"
    return cast(self, _named(dtype))


def _named(dtype: Any) -> DType:
    if isinstance(dtype, DType):
        return dtype
    for known, legacy in LEGACY_NAMES.items():
        if dtype == f"torch.{legacy}Tensor":
            return known
    if isinstance(dtype, str):
        raise ValueError(f"invalid type: '{dtype}'")
    raise TypeError("dtype must be a type, str, or dtype object")


@method
def type_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the tensor as the dtype of another."""
    return cast(self, other._dtype)


# Writes -------------------------------------------------------------------------------------------


@method
def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Write another tensor's values, cast and broadcast, into this one."""
    if not isinstance(src, Tensor):
        raise TypeError(
            "copy_(): argument 'other' (position 1) must be Tensor, not " + type(src).__name__
        )
    shape = tuple(self._memory.shape)
    if src.shape != shape or LazyTensor in (type(self), type(src)):
        check_inplace(self, bool(src.requires_grad))
        refuse_internal_overlap(self)
        refuse_partial_overlap(self, src, lazy=True)
        common = broadcast_shapes(shape, src.shape)
        if common != shape:
            raise RuntimeError(
                f"output with shape {list(shape)} doesn't match the broadcast shape {list(common)}"
            )
    if loses_parts(src._dtype, self._dtype) and 0 not in shape:
        check_inplace(self, bool(src.requires_grad))
        warn_of_lost_parts(src._dtype, self._dtype, 2)
    recorded = modes.grad_enabled and self.requires_grad
    if src is self and not recorded and overlaps_itself(self):  # what is there already
        check_inplace(self, False)
        bump_version(self)
        return self
    return ops.copy.inplace(self, src)


def _number(value: Any) -> Any:
    if isinstance(value, Tensor) and value.ndim:
        raise RuntimeError(
            "fill_ only supports 0-dimension value tensor but got tensor with "
            f"{value.ndim} dimensions."
        )
    return value


@function
@member_by_member(lambda _, value: f"fill.{'Tensor' if isinstance(value, Tensor) else 'Scalar'}")
def fill(input: Tensor, value: Any) -> Tensor:
    """Return a tensor of one value in the shape, layout and dtype of another."""
    if isinstance(_number(value), Tensor):
        return ops.fill_tensor(input, value)
    return ops.fill(input, value)


@function
@method
def fill_(self: Tensor, value: Any) -> Tensor:
    """Write one value everywhere."""
    if isinstance(_number(value), Tensor):
        if loses_parts(value._dtype, self._dtype) and self.numel():
            check_inplace(self, bool(value.requires_grad))
            warn_of_lost_parts(value._dtype, self._dtype, 2)
        return ops.fill_tensor_inplace.inplace(self, value)
    return ops.fill_inplace.inplace(self, number_for(value, self._dtype))


@function
@method
def zero_(self: Tensor) -> Tensor:
    """Write zero everywhere."""
    return ops.zero_inplace.inplace(self)
