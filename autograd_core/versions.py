"""How writes to storage are counted, and inference mode, whose tensors do not count them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tensor import Tensor

LIFE = 2**48
"""More than any count of writes: a version counts writes in the low bits, and lives above."""


UNWRITTEN = (0,)
"""The counter of all tensors that were never written and share their memory with none: most tensors
never get one of their own, which is an object less to make and for the collector to look at."""

_making = threading.Lock()


def own_counter(tensor: Tensor) -> Any:
    """Return the tensor's counter, its own from now on: it is about to be shared or written."""
    counter = tensor._version_counter
    if counter is UNWRITTEN:
        with _making:
            if tensor._version_counter is UNWRITTEN:
                tensor._version_counter = [0]
        counter = tensor._version_counter
    return counter


def share_versions(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors count the writes to one memory."""
    counter = one._version_counter
    return one is other or (counter is other._version_counter and counter is not UNWRITTEN)


def was_written(tensor: Tensor) -> bool:
    """Whether a write to the tensor's memory has been counted."""
    counter: Any = tensor._version_counter
    return type(counter) is not InferenceCounter and bool(counter[0])


class DetachedCounter:
    """The version counter, shared with views, of a tensor that was detached in place.

    Its versions are of another life than those that nodes saved the tensor at before, so that they
    notice.
    """

    __slots__ = ("shared",)

    def __init__(self, shared: Any) -> None:
        self.shared = shared

    def __getitem__(self, index: int) -> int:
        version: int = self.shared[index] + LIFE
        return version

    def __setitem__(self, index: int, version: int) -> None:
        self.shared[index] = version - LIFE

    def version(self) -> int:
        """Return how often the storage was written."""
        return self[0] % LIFE


class InferenceCounter:
    """What an inference tensor has for a version counter: whoever saves its version is refused.

    ``detach()`` outside inference mode counts again, so there may be a count.
    """

    __slots__ = ("count",)

    def __init__(self, count: int | None = None) -> None:
        self.count = count

    def __getitem__(self, index: int) -> int:
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created in "
            "inference mode in computation tracked by autograd. To work around this, you can make "
            "a clone to get a normal tensor and use it in autograd, or use `torch.no_grad()` "
            "instead of `torch.inference_mode()`."
        )

    def version(self) -> int:
        """Return the count.

        Raises:
            RuntimeError: there is none (torch's text).
        """
        if self.count is None:
            raise RuntimeError("Inference tensors do not track version counter.")
        return self.count

    def bump(self) -> None:
        """Count a write.

        Raises:
            RuntimeError: outside inference mode, where only what is counted may be written.
        """
        if self.count is not None:
            self.count += 1
        elif not inference.enabled:
            raise RuntimeError(
                "Inplace update to inference tensor outside InferenceMode is not allowed.You can "
                "make a clone to get a normal tensor before doing inplace update.See "
                "https://github.com/pytorch/rfcs/pull/17 for more details."
            )


class _Inferring:
    """How many threads are in inference mode.

    While there are none, nobody need ask for the thread's own mode: that costs 80 ns, this 5. A
    thread that ends in inference mode stays counted.
    """

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def changed(self, before: bool, after: bool) -> None:
        """Note that the mode of a thread was set."""
        with self._lock:
            self.count += after - before


inferring = _Inferring()


class _Inference(threading.local):
    """Whether this thread is in inference mode: new tensors do not count versions."""

    _enabled: bool = False

    @property
    def enabled(self) -> bool:
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        inferring.changed(self._enabled, value)
        self._enabled = value


inference = _Inference()


def bump_version(tensor: Tensor, writes: int = 1) -> None:
    """Count a write in place, or several.

    Raises:
        RuntimeError: an inference tensor outside inference mode (torch's text).
    """
    counter: Any = tensor._version_counter
    if counter is UNWRITTEN:
        counter = own_counter(tensor)
    if isinstance(counter, InferenceCounter):
        counter.bump()
    else:
        counter[0] += writes
