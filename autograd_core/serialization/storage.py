"""The memory behind tensors: what several of them share, copied and written to files as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..backend_registry import BackendError, chosen_backend, spelling_of
from ..dtypes import DType
from ..engine.levels import mapped_over
from ..namespaces.registration import publish
from ..tensor import CPU, Tensor, device

if TYPE_CHECKING:
    from ..backend import Backend


class UntypedStorage:
    """All elements of one piece of memory, as a 1-d array of the dtype they are used with."""

    __slots__ = ("array", "backend", "dtype")

    def __init__(self, array: Any, dtype: DType, backend: Backend) -> None:
        self.array = array
        self.dtype = dtype
        self.backend = backend

    @classmethod
    def of(cls, tensor: Tensor) -> UntypedStorage:
        """Return the storage of a tensor."""
        if mapped_over(tensor):
            raise NotImplementedError("Cannot access storage of BatchedTensorImpl")
        if isinstance(tensor._array, Tensor):
            raise NotImplementedError("Cannot access storage of TensorWrapper")
        backend = tensor._backend
        array = tensor._owned()
        whole = backend.as_strided(array, (backend.storage_size(array),), (1,), 0)
        return cls(whole, tensor._dtype, backend)

    @property
    def device(self) -> device:
        """Where the memory is."""
        return CPU

    def size(self) -> int:
        """Return the number of bytes."""
        return int(self.array.shape[0]) * self.dtype.itemsize

    __len__ = nbytes = size

    def data_ptr(self) -> int:
        """Return a number that two storages share exactly when they are the same memory."""
        return self.backend.data_ptr(self.array)

    def tolist(self) -> list[int]:
        """Return the bytes as ints."""
        return list(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the elements as little-endian bytes."""
        data: bytes = self.backend.to_bytes(self.array)
        return data

    def as_dtype(self, dtype: DType) -> Any:
        """Return the 1-d array of the same bytes as another dtype."""
        if dtype is self.dtype:
            return self.array
        return self.backend.view_dtype(self.array, dtype)

    def clone(self) -> UntypedStorage:
        """Return a copy."""
        return UntypedStorage(self.backend.clone(self.array), self.dtype, self.backend)

    def __deepcopy__(self, memo: dict[Any, Any]) -> UntypedStorage:
        """Return a copy, which is the same one for every storage of this memory in one deepcopy."""
        pointer = self.data_ptr()
        if not pointer:  # memory of no elements is nobody's
            return self.clone()
        # The original is kept: as long as it lives, no other memory has its pointer.
        copies = memo.setdefault("storages", {})
        if pointer not in copies:
            copies[pointer] = (self, self.clone())
        copied: UntypedStorage = copies[pointer][1]
        return copied

    def __reduce__(self) -> Any:
        return storage_from_bytes, (self.to_bytes(), self.dtype, spelling_of(self.backend))

    def __repr__(self) -> str:
        lines = "".join(f" {byte}\n" for byte in self.to_bytes())
        device = self.backend.device_name
        return f"{lines}[torch.storage.UntypedStorage(device={device}) of size {self.nbytes()}]"


def storage_from_bytes(data: bytes, dtype: DType, backend: str | None = None) -> UntypedStorage:
    """Return a new storage on the backend of that name, on the current one where it is missing."""
    chosen = chosen_backend(None)
    if backend is not None:
        try:
            chosen = chosen_backend(backend)
        except BackendError:
            chosen = chosen_backend(None)
    return UntypedStorage(chosen.from_bytes(data, dtype), dtype, chosen)


def untyped_storage(self: Tensor) -> UntypedStorage:
    """Return the memory that this tensor is, or is a view of."""
    return UntypedStorage.of(self)


publish(untyped_storage, "untyped_storage", "Tensor")
