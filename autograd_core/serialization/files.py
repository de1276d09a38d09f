"""``save`` and ``load`` in torch's own file format, safe by default."""

from __future__ import annotations

import io
import os
import pickle
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..dtypes import DType
from ..tensor import device
from . import old_format
from .archive import ALIGNMENT, BYTE_ORDER, ArchiveReader, ArchiveWriter
from .pickler import FilePickler
from .storage import UntypedStorage, storage_from_bytes
from .unpickler import SafeUnpickler, TrustingUnpickler

DEFAULT_PROTOCOL = 2
_ZIP_START = b"PK\x03\x04"


def save(
    obj: object,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = DEFAULT_PROTOCOL,
    _use_new_zipfile_serialization: bool = True,
    _disable_byteorder_record: bool = False,
) -> None:
    """Write an object to a path or file in the format that torch reads.

    Tensors that share a storage share it again when they are loaded; all of it is written.

    Raises:
        AttributeError, TypeError: ``f`` is neither (torch's texts).
        RuntimeError: the folder does not exist, or one storage has two dtypes (torch's texts).
        NotImplementedError: another ``pickle_module`` than Python's.
    """
    if pickle_module is not pickle:
        raise NotImplementedError("save(): pickle_module is Python's pickle and no other")
    is_path = isinstance(f, (str, os.PathLike))
    if not is_path and not hasattr(f, "write"):
        raise AttributeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute"
        )
    if not is_path and not callable(f.write):
        kind = str(type(f)).strip("<>")
        raise TypeError(f"Buffer of {kind} has no callable attribute 'write'")
    pickled = io.BytesIO()  # before the file is opened: what cannot be pickled empties no file
    pickler = None
    if _use_new_zipfile_serialization:
        pickler = FilePickler(pickled, pickle_protocol)
        pickler.dump(obj)
    else:
        old_format.write(obj, pickled, pickle_protocol)

    def write(file: Any, name: str) -> None:
        if pickler is None:
            file.write(pickled.getvalue())
        else:
            _write_archive(file, name, pickled.getvalue(), pickler, _disable_byteorder_record)

    if not is_path:
        write(f, "archive")
        if hasattr(f, "flush"):
            f.flush()
        return
    path = Path(os.fspath(f))
    if not path.parent.is_dir():
        raise RuntimeError(f"Parent directory {path.parent} does not exist.")
    with path.open("wb") as opened:
        write(opened, path.stem)


def _write_archive(
    file: Any, name: str, pickled: bytes, pickler: FilePickler, no_order: bool
) -> None:
    archive = ArchiveWriter(file, name)
    archive.write("data.pkl", pickled)
    archive.write(".format_version", b"1")
    archive.write(".storage_alignment", str(ALIGNMENT).encode())
    if not no_order:
        archive.write("byteorder", BYTE_ORDER)
    for key, storage in pickler.storages.items():
        archive.write(f"data/{key}", storage.to_bytes())
    archive.close()


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """Read what ``save`` or torch wrote; the tensors are on the current backend.

    With ``weights_only``, the default, nothing in the file is called but what makes tensors and
    containers, and what ``add_safe_globals`` allows. Without it the file may run any code.

    Raises:
        UnpicklingError: the file asks for something else (torch's texts).
        RuntimeError: the file is damaged, or its tensors live on another device (torch's texts).
        NotImplementedError: the tensors are to be without memory (``map_location="meta"``).
    """
    safe = _is_safe(weights_only, pickle_module)
    if pickle_module not in (None, pickle):
        raise NotImplementedError("load(): pickle_module is Python's pickle and no other")
    if pickle_load_args and safe:
        warnings.warn("pickle_load_args only works if `weights_only=False`.", stacklevel=2)
    if mmap and not isinstance(f, (str, os.PathLike)):
        # A mapped file and one read at once differ in memory only, so that a path is just read.
        raise ValueError("f must be a file path in order to use the mmap argument")
    encoding = pickle_load_args.get("encoding", "utf-8")
    if isinstance(f, (str, os.PathLike)):
        with Path(os.fspath(f)).open("rb") as opened:
            return _load(opened, map_location, safe, encoding)
    _check_seekable(f)
    return _load(f, map_location, safe, encoding)


def _is_safe(weights_only: bool | None, pickle_module: Any) -> bool:
    """Return whether to load safely, as the argument or the environment says."""

    def forced(variable: str) -> bool:
        return os.environ.get(variable, "0").lower() in ("1", "y", "yes", "true")

    on = forced("TORCH_FORCE_WEIGHTS_ONLY_LOAD")
    off = forced("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD")
    if on and off:
        raise RuntimeError(
            "Only one of `TORCH_FORCE_WEIGHTS_ONLY_LOAD` or `TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD` "
            "should be set, but both were set."
        )
    if on:
        weights_only = True
    elif weights_only is None:
        weights_only = pickle_module is None
        if off:
            warnings.warn(
                "Environment variable TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD detected, since the"
                "`weights_only` argument was not explicitly passed to `torch.load`, forcing "
                "weights_only=False.",
                UserWarning,
                stacklevel=3,
            )
            weights_only = False
    if weights_only and pickle_module is not None:
        raise RuntimeError("Can not safely load weights when explicit pickle_module is specified")
    return weights_only


def _check_seekable(file: Any) -> None:
    try:
        file.seek(file.tell())
    except (io.UnsupportedOperation, AttributeError) as error:
        raise type(error)(
            f"{error}. You can only torch.load from a file that is seekable. Please pre-load the "
            "data into a buffer like io.BytesIO and try to load from it instead."
        ) from None


def _load(file: Any, map_location: Any, safe: bool, encoding: str) -> Any:
    start = file.tell()
    begins = file.read(len(_ZIP_START))
    file.seek(start)
    try:
        if begins == _ZIP_START:
            return _load_archive(ArchiveReader(file), map_location, safe, encoding)
        unpickler = SafeUnpickler if safe else TrustingUnpickler
        return old_format.read(file, unpickler, _restoring(map_location), encoding)
    except pickle.UnpicklingError as error:
        if not safe:
            raise
        raise pickle.UnpicklingError(_explained(str(error))) from None


def _load_archive(archive: ArchiveReader, map_location: Any, safe: bool, encoding: str) -> Any:
    restore = _restoring(map_location)
    loaded: dict[str, UntypedStorage] = {}

    def storage(saved_id: Any) -> UntypedStorage:
        if not isinstance(saved_id, tuple) or len(saved_id) != 5:
            raise pickle.UnpicklingError(f"saved_id must be a tuple of 5, got {saved_id!r}")
        _, storage_type, key, location, count = saved_id
        dtype = getattr(storage_type, "dtype", None)
        if not isinstance(dtype, DType):
            raise pickle.UnpicklingError(f"{storage_type!r} is no type of storage")
        if key not in loaded:
            made = storage_from_bytes(archive.storage(key, count, dtype), dtype)
            loaded[key] = restore(made, location)
        return loaded[key]

    unpickler = SafeUnpickler if safe else TrustingUnpickler
    return unpickler(io.BytesIO(archive.read("data.pkl")), storage, encoding).load()


def _restoring(map_location: Any) -> Callable[[UntypedStorage, str], UntypedStorage]:
    """Return what brings a storage to where ``map_location`` says."""
    if map_location is None:
        return _restored
    if isinstance(map_location, dict):
        return lambda storage, location: _restored(storage, map_location.get(location, location))
    if isinstance(map_location, (str, bytes, device)):
        place = map_location.decode() if isinstance(map_location, bytes) else str(map_location)
        return lambda storage, location: _restored(storage, place)

    def restored(storage: UntypedStorage, location: str) -> UntypedStorage:
        result: UntypedStorage | None = map_location(storage, location)
        return _restored(storage, location) if result is None else result

    return restored


def _restored(storage: UntypedStorage, location: str) -> UntypedStorage:
    kind = location.partition(":")[0]
    if kind == "cpu":
        return storage
    if kind == "cuda":
        raise RuntimeError(
            "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is "
            "False. If you are running on a CPU-only machine, please use torch.load with "
            "map_location=torch.device('cpu') to map your storages to the CPU."
        )
    if kind == "meta":
        raise NotImplementedError("load(): there are no tensors without memory here")
    raise RuntimeError(
        "don't know how to restore data location of torch.storage.UntypedStorage (tagged with "
        f"{location})"
    )


# Words --------------------------------------------------------------------------------------------

_UNSAFE = (
    "In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` "
    "from `False` to `True`. Re-running `torch.load` with `weights_only` set to `False` will "
    "likely succeed, but it can result in arbitrary code execution. Do it only if you got the file "
    "from a trusted source."
)
_DOCUMENTATION = (
    "\n\nCheck the documentation of torch.load to learn more about types accepted by default with "
    "weights_only https://pytorch.org/docs/stable/generated/torch.load.html."
)


def _explained(message: str) -> str:
    """Return torch's words around the reason why a file was not loaded safely."""
    if re.search(r"GLOBAL (\S+) was not an allowed global by default\.", message):
        return (
            "Weights only load failed. This file can still be loaded, to do so you have two "
            "options, \033[1mdo those steps only if you trust the source of the checkpoint\033[0m. "
            f"\n\t(1) {_UNSAFE}\n\t(2) Alternatively, to load with `weights_only=True` please "
            "check the recommended steps in the following error message.\n\tWeightsUnpickler "
            f"error: {message}{_DOCUMENTATION}"
        )
    text = f"Weights only load failed. {_UNSAFE}\n"
    if not re.search(r"whose module (\S+) is blocked", message):
        text += (
            "Please file an issue with the following so that we can make `weights_only=True` "
            "compatible with your use case: WeightsUnpickler error: "
        )
    return f"{text}\n\n{message}{_DOCUMENTATION}"
