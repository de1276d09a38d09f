"""What a Tensor holds: an array of some backend, its place in the graph, and its plain attributes.

Everything that computes (operators, methods, hooks, views) is attached by the layers above.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from . import sizes
from .dtypes import LEGACY_NAMES, DType
from .sizes import Size
from .versions import (
    UNWRITTEN,
    DetachedCounter,
    InferenceCounter,
    inference,
    inferring,
    own_counter,
)
from .warn_once import warn_once

if TYPE_CHECKING:
    from .backend import Backend


class device:  # noqa: N801 - torch's name
    """Where a tensor lives: on the device of its backend, mostly the CPU."""

    __slots__ = ("index", "type")

    type: str
    index: int | None

    def __init__(self, type: Any, index: int | None = None) -> None:
        name, _, number = str(type).partition(":")
        if name not in ("cpu", "meta", "cuda", "mps", "xpu", "xla"):
            raise RuntimeError(
                "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, "
                "fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone device type at "
                f"start of device string: {name}"
            )
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        suffix = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{suffix})"

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return device, (self.type,) if self.index is None else (self.type, self.index)


class layout:  # noqa: N801 - torch's name
    """How elements are stored; only ``strided`` exists here."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # a name of this module


class memory_format(layout):  # noqa: N801 - torch's name
    """An order of strides that a function is asked for."""


CPU = device("cpu")
strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")


class _AsTensor:
    """Stands for: the dtype that the tensor has."""


AS_TENSOR = _AsTensor()


class Tensor:
    """A multi-dimensional array with a place in the autograd graph.

    The slots are what every tensor has; the class attributes below are the defaults of state that
    few tensors have, so that making a tensor costs eight stores.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_array",
        "_backend",
        "_dtype",
        "_grad_fn",
        "_output_nr",
        "_requires_grad",
        "_version_counter",
        "_view",
    )

    _array: Any
    """The elements, as an array of the backend."""
    _memory: Any
    """The array that shares memory with others: the same, but for conjugate and negative views."""
    _backend: Backend
    _dtype: DType
    _grad_fn: Any
    _output_nr: int
    _requires_grad: bool
    _version_counter: tuple[int] | list[int] | DetachedCounter | InferenceCounter

    _view: Any
    """engine.views.View of a differentiable view, else None."""

    _grad: Tensor | None = None
    _accumulator: Any = None
    """Weak reference to the AccumulateGrad node of a leaf."""
    _tangents: Any = None
    """engine.modes.TangentsByLevel of a dual tensor."""
    _is_zero: bool = False
    """Whether this stands for a tangent that is not there, in the formula of an op's tangent."""
    _written: Any = None
    """Of a base that was written through a view: its array, and what it and its strides are."""
    _hooks: Any = None
    """OrderedDict of the hooks put on this tensor since it has its ``grad_fn``."""
    _post_accumulate_hooks: Any = None
    _retains_grad: bool = False
    _conjugated: bool = False
    _negated: bool = False
    """Whether the elements are those in memory conjugated, negated; see ``LazyTensor``."""
    _grad_dtype: Any = AS_TENSOR
    """The dtype that ``.grad`` of a leaf must have; None allows any."""
    _grad_is_irregular: bool = False
    """Whether a ``.grad`` was assigned that is not laid out as the engine would."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Methods and operators are attached by the namespaces."""

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

    # Shape and storage --------------------------------------------------------------------------

    @property
    def shape(self) -> Size:
        """The length of each dim."""
        return Size(self._memory.shape)

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """The number of dims."""
        return len(self._memory.shape)

    @property
    def device(self) -> device:
        """Where the elements live."""
        name = self._backend.device_name
        return CPU if name == "cpu" else device(name)

    @property
    def layout(self) -> layout:
        """Always ``torch.strided``."""
        return strided

    @property
    def is_cpu(self) -> bool:
        """Whether the elements live in the memory of the CPU."""
        return self._backend.device_name == "cpu"

    @property
    def is_cuda(self) -> bool:
        """Whether the elements live in the memory of a CUDA device."""
        return self._backend.device_name.startswith("cuda")

    @property
    def is_sparse(self) -> bool:
        """False."""
        return False

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self._dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.numel() * self._dtype.itemsize

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of ``dim``."""
        shape = self._memory.shape
        return Size(shape) if dim is None else shape[wrap_dim(dim, len(shape))]

    def dim(self) -> int:
        """Return the number of dims."""
        return len(self._memory.shape)

    ndimension = dim

    def numel(self) -> int:
        """Return the number of elements."""
        return sizes.numel(self._memory.shape)

    nelement = numel

    def element_size(self) -> int:
        """Return the bytes of one element."""
        return self._dtype.itemsize

    def stride(self, dim: int | None = None) -> Any:
        """Return the strides in elements, or the one of ``dim``."""
        strides = self._backend.strides(self._memory)
        return strides if dim is None else strides[wrap_dim(dim, len(strides))]

    def storage_offset(self) -> int:
        """Return the number of storage elements before the first one."""
        return self._backend.storage_offset(self._memory)

    def is_contiguous(self, memory_format: memory_format = contiguous_format) -> bool:
        """Whether the elements lie in row-major (or the given) order without gaps."""
        shape, strides = self._memory.shape, self._backend.strides(self._memory)
        if memory_format in (channels_last, channels_last_3d):
            rank = 4 if memory_format is channels_last else 5
            if len(shape) != rank:
                return False
            order = (0, *range(2, rank), 1)
            return sizes.is_contiguous([shape[d] for d in order], [strides[d] for d in order])
        return sizes.is_contiguous(shape, strides)

    def data_ptr(self) -> int:
        """Return a number that tensors with the same first element share.

        Raises:
            RuntimeError: in a function being transformed (torch's text).
        """
        if self._backend.level is not None:
            raise RuntimeError("Cannot access data pointer of Tensor that doesn't have storage")
        return self._backend.data_ptr(self._owned())

    def is_floating_point(self) -> bool:
        """Whether the dtype is a real floating one."""
        return self._dtype.is_floating_point

    def is_complex(self) -> bool:
        """Whether the dtype is complex."""
        return self._dtype.is_complex

    def is_signed(self) -> bool:
        """Whether the dtype has negative numbers."""
        return self._dtype.is_signed

    def _owned(self) -> Any:
        """Return the memory, made writable storage first if it was an immutable scalar."""
        array = self._backend.own(self._memory)
        if array is not self._memory:
            self._memory = array
        return array

    def _write(self, array: Any) -> None:
        """Write elements into the memory."""
        self._backend.copy_(self._owned(), array)

    # Autograd state -----------------------------------------------------------------------------

    @property
    def output_nr(self) -> int:
        """Which output of its node this tensor is."""
        return self._output_nr

    @property
    def _version(self) -> int:
        """How often the shared storage was written in place.

        Raises:
            RuntimeError: an inference tensor, which does not count (torch's text).
        """
        counter = self._version_counter
        return counter[0] if isinstance(counter, (list, tuple)) else counter.version()

    @property
    def is_leaf(self) -> bool:
        """Whether no operation that is differentiated made this tensor."""
        return self.grad_fn is None

    @property
    def retains_grad(self) -> bool:
        """Whether a non-leaf keeps its gradient."""
        return self._retains_grad

    @property
    def _base(self) -> Tensor | None:
        """The tensor this one is a view of."""
        return self._view.base if self._is_view() else None

    def _is_view(self) -> bool:
        """Whether this is a differentiable view of another tensor, and shows it."""
        level = self._backend.level
        return self._view is not None and (level is None or level.shows_views)

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient, or None."""
        if (
            self._grad is None
            and self._requires_grad
            and not self._retains_grad
            and self.grad_fn is not None
        ):
            warnings.warn(NON_LEAF_GRAD, UserWarning, stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is None:
            self._grad = None
            return
        if not isinstance(value, Tensor):
            raise TypeError(
                f"assigned grad expected to be a Tensor or None but got grad of type "
                f"{type(value).__name__}"
            )
        if value is self:
            raise RuntimeError("can't assign Variable as its own grad")
        wanted = self._dtype if self._grad_dtype is AS_TENSOR else self._grad_dtype
        if wanted is not None and value._dtype is not wanted:
            raise RuntimeError(
                f"attempting to assign a gradient with dtype '{C_NAMES[value._dtype.name]}' to a "
                f"tensor with grad_dtype '{LEGACY_NAMES[wanted]}'. The gradient must "
                "match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the "
                "tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. "
                "Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient "
                "may break downstream systems that assume they match."
            )
        if value._array.shape != self._array.shape:
            raise RuntimeError(
                f"attempting to assign a gradient of size '{list(value._array.shape)}' to a "
                f"tensor of size '{list(self._array.shape)}'. Please ensure that the gradient "
                "and the tensor are the same size"
            )
        self._grad_is_irregular = not obeys_layout_contract(value._backend, value._array, self)
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    # Values -------------------------------------------------------------------------------------

    def tolist(self) -> Any:
        """Return the elements as (nested lists of) Python numbers."""
        flat = self._backend.to_flat(self._array)
        shape = self._array.shape
        if not shape:
            return flat[0]
        return _nest(iter(flat), shape)

    def item(self) -> Any:
        """Return the only element as a Python number.

        Raises:
            RuntimeError: there is not exactly one element.
        """
        if self.numel() != 1:
            raise RuntimeError(
                f"a Tensor with {self.numel()} elements cannot be converted to Scalar"
            )
        return self._backend.item(self._array)

    def __len__(self) -> int:
        shape = self._array.shape
        if not shape:
            raise TypeError("len() of a 0-d tensor")
        return int(shape[0])

    def __bool__(self) -> bool:
        count = self.numel()
        if count != 1:
            what = "no values" if count == 0 else "more than one value"
            raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
        return self._backend.is_nonzero(self._array)

    def __int__(self) -> int:
        return int(self.item())

    def __float__(self) -> float:
        self._warn_of_conversion()
        return float(self.item())

    def __complex__(self) -> complex:
        self._warn_of_conversion()
        return complex(self.item())

    def _warn_of_conversion(self) -> None:
        if self.requires_grad:
            warn_once(
                "Converting a tensor with requires_grad=True to a scalar may lead to unexpected "
                "behavior.\nConsider using tensor.detach() first.",
                stacklevel=3,
            )

    def __index__(self) -> int:
        if self._dtype.is_inexact or self.numel() != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __contains__(self, element: Any) -> bool:
        if isinstance(element, (Tensor, bool, int, float, complex)):
            return bool(self.eq(element).any().item())
        raise RuntimeError(
            f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a "
            f"{type(element)}."
        )

    __hash__ = object.__hash__


def obeys_layout_contract(backend: Backend, grad: Any, variable: Tensor) -> bool:
    """Whether an array has the strides that torch gives to a ``.grad`` of ``variable``.

    They are the variable's when its elements lie densely, and row-major otherwise.
    """
    array = variable._array
    return is_laid_out_as(grad.shape, backend.strides(grad), array.shape, backend.strides(array))


@functools.lru_cache(4096)
def is_laid_out_as(
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    wanted_shape: tuple[int, ...],
    wanted: tuple[int, ...],
) -> bool:
    """Whether strides are those wanted where these are dense, and row-major where not."""
    if wanted_shape != shape or not sizes.is_dense(shape, wanted):
        return sizes.is_contiguous(shape, strides)
    return all(
        step != 0 if length == 1 else step == other
        for length, step, other in zip(shape, strides, wanted, strict=True)
    )


Tensor._memory = Tensor.__dict__["_array"]  # another name of the slot


NON_LEAF_GRAD = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
    "attribute won't be populated during autograd.backward(). If you indeed want the .grad field "
    "to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you "
    "access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead. See "
    "github.com/pytorch/pytorch/pull/30531 for more information."
)

C_NAMES = {
    "bool": "bool",
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short int",
    "int32": "int",
    "int64": "long int",
    "float16": "c10::Half",
    "bfloat16": "c10::BFloat16",
    "float32": "float",
    "float64": "double",
    "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
}
"""torch's C++ names of the element types, used in a few messages."""


def _nest(flat: Iterator[Any], shape: tuple[int, ...]) -> list[Any]:
    if len(shape) == 1:
        return [next(flat) for _ in range(shape[0])]
    return [_nest(flat, shape[1:]) for _ in range(shape[0])]


class Given(int):
    """A number that was worked out from what the user gave, which nodes show: a dim, an index."""

    given: int | None

    def __new__(cls, value: int, given: int | None) -> Given:
        number = super().__new__(cls, value)
        number.given = given
        return number


class GivenDims(tuple[int, ...]):
    """Dims that were worked out from what the user gave, which nodes show."""

    given: Any

    def __new__(cls, dims: Iterable[int], given: Any) -> GivenDims:
        made = super().__new__(cls, dims)
        made.given = given
        return made

    @property
    def is_unnamed(self) -> bool:
        """Whether no dims were given, which means all."""
        return self.count_given == 0

    @property
    def count_given(self) -> int:
        """How many dims were given."""
        if self.given is None:
            return 0
        return len(self.given) if isinstance(self.given, (tuple, list)) else 1


def wrap_dim(dim: int, ndim: int) -> int:
    """Return ``dim`` counted from the front; a 0-d tensor is taken to have one dim.

    Raises:
        IndexError: out of range (torch's text).
    """
    limit = ndim or 1
    if not -limit <= dim < limit:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-limit}, {limit - 1}], "
            f"but got {dim})"
        )
    return Given(dim + limit, dim) if dim < 0 else dim


def own_dim(dim: int, ndim: int) -> int:
    """Return ``dim`` counted from the front, of a tensor that has dims.

    Raises:
        IndexError: it has none, or not that one (torch's texts).
    """
    if not ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return wrap_dim(dim, ndim)


def range_bounds(length: int, start: Any, end: Any) -> tuple[int, int]:
    """Return where a range of a dim of this length begins and ends, as slices have it.

    Both are counted from the front, with 0 <= start <= end <= length.
    """
    first, last, _ = slice(start, end).indices(length)
    last = max(first, last)
    return (
        first if first == start else Given(first, start),
        last if last == end else Given(last, end),
    )


_new: Callable[[type[Tensor]], Tensor] = object.__new__


def wrap(array: Any, dtype: DType, backend: Backend) -> Tensor:
    """Return a new leaf around a backend's array, which is not copied."""
    tensor = _new(Tensor)
    tensor._array = array
    tensor._backend = backend
    tensor._dtype = dtype
    tensor._grad_fn = None
    tensor._output_nr = 0
    tensor._requires_grad = False
    tensor._version_counter = (
        InferenceCounter() if inferring.count and inference.enabled else UNWRITTEN
    )
    tensor._view = None
    return tensor


def wrap_sharing(array: Any, source: Tensor) -> Tensor:
    """Return a leaf around an array that shares storage, and so versions, with ``source``."""
    tensor = _new(Tensor)
    tensor._array = array
    tensor._backend = source._backend
    tensor._dtype = source._dtype
    tensor._grad_fn = None
    tensor._output_nr = 0
    tensor._requires_grad = False
    tensor._version_counter = own_counter(source)
    tensor._view = None
    if source._conjugated or source._negated:
        see_through(tensor, source._conjugated, source._negated)
    return tensor


plain_subclasses: set[type] = set()
"""Classes of Tensors that ops take like any Tensor, on the short way: parameters, buffers."""


class LazyTensor(Tensor):
    """A Tensor whose memory holds other numbers than its elements, as ``conj()`` makes it.

    What reads its array is given the elements, in a new array that lies as a copy would; what
    shares or writes memory asks for ``_memory``. It is a class of its own so that the short calls
    hand it to the general one.
    """

    __slots__ = ()

    @property
    def _array(self) -> Any:
        backend, memory = self._backend, self._memory
        elements = through(backend, memory, self._conjugated, self._negated)
        return backend.following(elements, memory, layout=sizes.strides_of_first)

    @_array.setter
    def _array(self, value: Any) -> None:
        self._memory = value

    def _write(self, array: Any) -> None:
        backend = self._backend
        array = backend.cast(array, self._dtype)  # negatives are not for bools
        backend.copy_(self._owned(), through(backend, array, self._conjugated, self._negated))


LazyTensor.__name__ = LazyTensor.__qualname__ = "Tensor"


def through(backend: Any, array: Any, conjugated: bool, negated: bool) -> Any:
    """Return the elements for what is in memory, and likewise what is in memory for elements."""
    if conjugated:
        array = backend.conj_physical(array)
    return backend.neg(array) if negated else array


def see_through(tensor: Tensor, conjugated: bool, negated: bool) -> None:
    """Make the elements of a tensor what is in its memory conjugated, negated, or as it is."""
    tensor._conjugated, tensor._negated = conjugated, negated
    tensor.__class__ = LazyTensor if conjugated or negated else Tensor
