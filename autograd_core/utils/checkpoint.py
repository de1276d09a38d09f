"""torch.utils.checkpoint: recompute in the backward what the forward does not save."""

from __future__ import annotations

import contextlib
import itertools
import warnings
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from ..autograd import Function, backward
from ..autograd.graph import saved_tensors_hooks
from ..engine.modes import enable_grad, is_grad_enabled, no_grad, running
from ..engine.saved import KeptTensor
from ..namespaces.random import get_rng_state, set_rng_state
from ..nn.modules import Sequential
from ..tensor import Tensor
from .operator_log import OperatorLog
from .selective_checkpoint import (
    SAC_IGNORED_OPS,
    CheckpointPolicy,
    SelectiveCheckpointContext,
    create_selective_checkpoint_contexts,
)

__all__ = [
    "SAC_IGNORED_OPS",
    "CheckpointError",
    "CheckpointFunction",
    "CheckpointPolicy",
    "DefaultDeviceType",
    "GraphExecGroup",
    "SelectiveCheckpointContext",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "create_selective_checkpoint_contexts",
    "detach_variable",
    "get_device_states",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
    "set_device_states",
]

Contexts = tuple[AbstractContextManager[Any], AbstractContextManager[Any]]


class _Settings:
    """What the contexts of this module set for the process; None leaves it to each call."""

    debug: bool | None = None
    early_stop: bool | None = None
    group: GraphExecGroup | None = None


_settings = _Settings()


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Set for all checkpoints inside whether errors tell which operators ran; None: as passed."""
    previous = _settings.debug
    try:
        _settings.debug = enabled
        yield
    finally:
        _settings.debug = previous


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Set for all checkpoints inside whether recomputation stops at the last tensor needed."""
    previous = _settings.early_stop
    try:
        _settings.early_stop = enable
        yield
    finally:
        _settings.early_stop = previous


class CheckpointError(RuntimeError):
    """What was recomputed is not what the forward computed."""


class GraphExecGroup:
    """Backwards inside recompute each checkpointed region at most once, all together."""

    def __enter__(self) -> GraphExecGroup:
        if _settings.group is not None:
            raise RuntimeError(
                f"GraphExecGroup contexts cannot be nested. Already inside group {_settings.group}"
            )
        _settings.group = self
        return self

    def __exit__(self, *_: object) -> None:
        _settings.group = None


# Devices: every tensor is on the CPU, so the CPU generator's is the only random state ----------


class DefaultDeviceType:
    """The device whose random state is kept beside the CPU's: kept as a name only."""

    _default_device_type: str | None = None

    @staticmethod
    def set_device_type(device: str = "cuda") -> None:
        """Set the name."""
        DefaultDeviceType._default_device_type = device

    @staticmethod
    def get_device_type() -> str:
        """Return the name; ``"cpu"`` when it was not set."""
        if not DefaultDeviceType._default_device_type:
            DefaultDeviceType._default_device_type = "cpu"
        return DefaultDeviceType._default_device_type


def get_device_states(*args: Any) -> tuple[list[int], list[Tensor]]:
    """Return the devices other than the CPU that the arguments are on, and their random states."""
    return [], []


def set_device_states(
    devices: Sequence[int], states: Sequence[Tensor], *, device_type: str | None = None
) -> None:
    """Restore the random states of devices other than the CPU: there are none."""


@contextlib.contextmanager
def _random_state(state: Tensor | None) -> Iterator[None]:
    """The CPU generator is in ``state`` inside, and as before outside; None leaves it alone."""
    if state is None:
        yield
        return
    outside = get_rng_state()
    try:
        set_rng_state(state)
        yield
    finally:
        set_rng_state(outside)


# With a backward inside the backward ------------------------------------------------------------


def detach_variable(inputs: Any) -> tuple[Any, ...]:
    """Return the tensors of a tuple outside the graph, as leaves that require what they required.

    Raises:
        RuntimeError: it is not a tuple (torch's text).
    """
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            f"Only tuple of tensors is supported. Got Unsupported input type: "
            f"{type(inputs).__name__}"
        )
    return tuple(
        x.detach().requires_grad_(x.requires_grad) if isinstance(x, Tensor) else x for x in inputs
    )


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warn when no tensor among the arguments requires a gradient."""
    if not any(x.requires_grad for x in inputs if isinstance(x, Tensor)):
        warnings.warn(
            "None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2
        )


class CheckpointFunction(Function):
    """Runs a function unrecorded, and again, recorded, in the backward, which it runs backward."""

    @staticmethod
    def forward(ctx: Any, run_function: Any, preserve_rng_state: bool, *args: Any) -> Any:
        """Run the function."""
        check_backward_validity(args)
        ctx.run_function = run_function
        ctx.preserve_rng_state = preserve_rng_state
        if preserve_rng_state:
            ctx.fwd_cpu_state = get_rng_state()
        ctx.inputs = [None if isinstance(arg, Tensor) else arg for arg in args]
        ctx.tensor_indices = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx.save_for_backward(*(args[i] for i in ctx.tensor_indices))
        with no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *args: Any) -> Any:
        """Run the function again and its graph backward."""
        if not running.checkpoint_valid:
            raise RuntimeError(
                "When use_reentrant=True, torch.utils.checkpoint is incompatible with .grad() or "
                "passing an `inputs` parameter to .backward(). To resolve this error, you can "
                "either set use_reentrant=False, or call .backward() without passing the `inputs` "
                "argument."
            )
        inputs = list(ctx.inputs)
        for i, tensor in zip(ctx.tensor_indices, ctx.saved_tensors, strict=True):
            inputs[i] = tensor
        with _random_state(ctx.fwd_cpu_state if ctx.preserve_rng_state else None):
            detached = detach_variable(tuple(inputs))
            with enable_grad():
                outputs = ctx.run_function(*detached)
        if isinstance(outputs, Tensor):
            outputs = (outputs,)
        pairs = [
            (output, grad)
            for output, grad in zip(outputs, args, strict=False)
            if isinstance(output, Tensor) and output.requires_grad
        ]
        if not pairs:
            raise RuntimeError(
                "none of output has requires_grad=True, this checkpoint() is not necessary"
            )
        backward([output for output, _ in pairs], [grad for _, grad in pairs])
        grads = tuple(x.grad if isinstance(x, Tensor) else None for x in detached)
        return (None, None, *grads)


# Without: saved tensors are recomputed when they are unpacked ----------------------------------


class _Handle:
    """Stands for one recomputed tensor."""


class _Holder:
    """What is saved in the place of a tensor: by run, the handle of the recomputed one."""

    def __init__(self) -> None:
        self.handles: dict[Any, _Handle | None] = {}


class _StopRecomputation(Exception):
    """All tensors that are needed have been recomputed."""


def _metadata(x: Tensor) -> dict[str, Any]:
    return {"shape": x.shape, "dtype": x.dtype, "device": x.device}


_DETERMINISM_CHECKS: dict[str, Callable[[Tensor], Any]] = {
    "default": _metadata,
    "none": lambda x: None,
}

_temporary_run = itertools.count(-1, -1)


class _Frame:
    """One checkpointed call: what was saved in it, and what a recomputation found."""

    def __init__(
        self, early_stop: bool, metadata: Callable[[Tensor], Any], log: _Log | None
    ) -> None:
        self.recompute: Callable[..., None] = lambda *args: None
        self.arguments: list[Any] = []
        self.early_stop = early_stop
        self.metadata_of = metadata
        self.log = log
        self.holders: list[weakref.ref[_Holder]] = []
        self.metadata: list[Any] = []
        self.recomputed: dict[Any, weakref.WeakKeyDictionary[_Handle, Tensor]] = defaultdict(
            weakref.WeakKeyDictionary
        )
        self.counts: dict[Any, int] = defaultdict(int)
        self.done: set[Any] = set()
        self.forward_completed = False
        self.ignores_mismatch = False

    def pack(self, x: Tensor) -> _Holder:
        """Keep a holder and what the tensor looked like, not the tensor."""
        holder = _Holder()
        self.holders.append(weakref.ref(holder))
        with no_grad():
            self.metadata.append(self.metadata_of(x))
        return holder

    def unpack(self, holder: _Holder) -> Tensor:
        """Return the recomputed tensor; the first call of a run recomputes all."""
        if self.log is None:
            return self._unpacked(holder)
        try:
            return self._unpacked(holder)
        except CheckpointError as error:
            self.log.explain(error)

    def _unpacked(self, holder: _Holder) -> Tensor:
        run: Any = _settings.group
        if run is None:
            task = running.task
            run = next(_temporary_run) if task is None else task.id
        if run not in self.done:
            arguments = [a.unpack() if isinstance(a, KeptTensor) else a for a in self.arguments]
            hooks = saved_tensors_hooks(lambda x: self._repack(x, run), lambda x: x)
            with contextlib.suppress(_StopRecomputation), hooks, enable_grad():
                self.recompute(*arguments)
            self.done.add(run)
            self._check(run)
        handle = holder.handles[run]
        if handle is None:
            overlap = "" if _settings.group is None else _OVERLAP
            raise CheckpointError(
                "torch.utils.checkpoint: Unpack is being triggered for a tensor that was already "
                f"unpacked once. {overlap}If you are calling ctx.saved_tensors in backward, make "
                "sure to do so only once. Otherwise please open an issue with details on your use "
                "case."
            )
        holder.handles[run] = None
        return self.recomputed[run][handle]

    def _repack(self, x: Tensor, run: Any) -> Tensor:
        """Take what is saved in a recomputation as what was saved in the forward."""
        x = x.detach() if x.requires_grad else x
        k = self.counts[run]
        self.counts[run] += 1
        if k >= len(self.holders):
            if not self.forward_completed:
                # A backward in the middle of the forward: what comes after it is not needed yet.
                self.ignores_mismatch = True
                return x
            raise CheckpointError(
                "torch.utils.checkpoint: trying to save more tensors during recomputation than "
                f"during the original forward pass.\n{_TIP}"
            )
        holder = self.holders[k]()
        if holder is not None:
            holder.handles[run] = handle = _Handle()
            self.recomputed[run][handle] = x
        if self.early_stop and self.counts[run] == len(self.holders):
            raise _StopRecomputation
        return x

    def _check(self, run: Any) -> None:
        """Refuse a recomputation that saved other tensors than the forward did."""
        if self.ignores_mismatch:
            return
        if len(self.holders) != self.counts[run]:
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the "
                f"original forward and recomputation.\nNumber of tensors saved during forward: "
                f"{len(self.holders)}\nNumber of tensors saved during recomputation: "
                f"{self.counts[run]}.\n{_TIP}"
            )
        different = ""
        for k, reference in enumerate(self.holders):
            holder = reference()
            handle = None if holder is None else holder.handles[run]
            if handle is None:
                continue
            found = self.metadata_of(self.recomputed[run][handle])
            if found != self.metadata[k]:
                different += (
                    f"tensor at position {k}:\nsaved metadata: {self.metadata[k]}\n"
                    f"recomputed metadata: {found}\n"
                )
        if different:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have "
                f"different metadata than during the forward pass.\n{different}.\n{_TIP}"
            )


_OVERLAP = (
    "Performing two backward calls that overlap (i.e. require the same saved activation in order "
    "to compute gradients) is not allowed while under the torch.utils.checkpoint.GraphExecGroup "
    "context. "
)

_TIP = """
Tip: To see a more detailed error message, either pass `debug=True` to
`torch.utils.checkpoint.checkpoint(...)` or wrap the code block
with `with torch.utils.checkpoint.set_checkpoint_debug_enabled(True):` to
enable checkpoint\N{NON-BREAKING HYPHEN}debug mode globally.

If this error occurs under torch.compile with automatic_dynamic_shapes enabled,
it may be because the recomputation selected a different compiled graph than the
forward pass (e.g., a dynamic graph instead of the original static graph).
To fix this, either:
  - Use torch._dynamo.mark_dynamic() to explicitly mark varying dimensions as
    dynamic upfront, avoiding the static-to-dynamic transition.
  - Call torch._C._dynamo.eval_frame._set_lru_cache(False) to disable LRU cache
    reordering, which can change which graph is checked first between forward
    and recompute.
See https://github.com/pytorch/pytorch/issues/166926 for more details and
workaround examples.
"""


class _Log:
    """Which operators ran in the forward and in the recomputation, for an error to tell."""

    def __init__(self) -> None:
        self.forward = OperatorLog()
        self.recomputation = OperatorLog()

    def contexts(self) -> Contexts:
        """Return the two contexts that fill the logs."""
        return self.forward, self.recomputation

    def explain(self, error: CheckpointError) -> NoReturn:
        """Raise an error that shows the logs, from one that does not."""
        raise CheckpointError(
            _DEBUG_TEMPLATE.format(
                forward_traces=self.forward.traces("original"),
                recompute_traces=self.recomputation.traces("recompute"),
                forward_ops="\n".join(self.forward.lines),
                recompute_ops="\n".join(self.recomputation.lines),
            )
        ) from error


def noop_context_fn() -> Contexts:
    """Return two contexts that do nothing."""
    return contextlib.nullcontext(), contextlib.nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], Contexts] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """Run ``function`` so that its saved tensors are recomputed when the backward needs them.

    Args:
        function: what is run now, and again in the backward.
        args: its arguments; ``kwargs`` are its keyword arguments without reentrancy.
        use_reentrant: whether the backward runs another backward, as the old variant does; it must
            be passed.
        context_fn: returns the contexts of the forward and of the recomputation.
        determinism_check: ``"default"`` compares shapes, dtypes and devices; ``"none"`` nothing.
        debug: whether errors tell which operators ran.
        early_stop: whether recomputation stops at the last tensor that is needed.
        kwargs: also ``preserve_rng_state``: whether it sees the forward's random numbers; True.

    Raises:
        ValueError: arguments that do not go together (torch's texts).
        CheckpointError: in the backward, when the recomputation differs (torch's texts).
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. "
            "Starting in PyTorch 2.9, calling checkpoint without use_reentrant will raise an "
            "exception. use_reentrant=False is recommended, but if you need to preserve the "
            "current default behavior, you can pass use_reentrant=True. Refer to docs for more "
            "details on the differences between the two variants.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if not use_reentrant:
        frame, context = _new_frame(
            function, preserve, context_fn, determinism_check, debug, early_stop, args, kwargs
        )
        return _run_in_frame(frame, context, function, args, kwargs)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if context_fn is not noop_context_fn or debug is not False:
        raise ValueError(
            "Passing `context_fn` or `debug` is only supported when use_reentrant=False."
        )
    return CheckpointFunction.apply(function, preserve, *args)


def _new_frame(
    function: Callable[..., Any],
    preserve_rng_state: bool,
    context_fn: Callable[[], Contexts],
    determinism_check: str,
    debug: bool,
    early_stop: bool,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[_Frame, AbstractContextManager[Any]]:
    """Return a frame that can recompute a call, and the context of the forward."""
    log = None
    if debug if _settings.debug is None else _settings.debug:
        if context_fn is not noop_context_fn:
            raise ValueError("debug=True is incompatible with non-default context_fn")
        log = _Log()
        context_fn = log.contexts
    metadata = _DETERMINISM_CHECKS.get(determinism_check)
    if metadata is None:
        raise ValueError(
            f"determinism_check should be one of {list(_DETERMINISM_CHECKS)}, but got "
            f"{determinism_check}"
        )
    forward_context, recompute_context = context_fn()
    state = get_rng_state() if preserve_rng_state else None

    def recompute(*arguments: Any) -> None:
        with _random_state(state), recompute_context:
            function(*arguments, **kwargs)

    frame = _Frame(
        early_stop if _settings.early_stop is None else _settings.early_stop, metadata, log
    )
    frame.recompute = recompute
    if is_grad_enabled():
        frame.arguments = [KeptTensor(arg) if isinstance(arg, Tensor) else arg for arg in args]
    return frame, forward_context


def _run_in_frame(
    frame: _Frame,
    context: AbstractContextManager[Any],
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Run the forward, with what it saves kept by the frame."""
    if not is_grad_enabled():
        return function(*args, **kwargs)
    with saved_tensors_hooks(frame.pack, frame.unpack), context:
        result = function(*args, **kwargs)
        frame.forward_completed = True
    if not frame.forward_completed:
        raise RuntimeError(
            "torch.utils.checkpoint: the forward context provided by context_fn suppressed an "
            "exception raised during the checkpointed forward. This is not supported because "
            "checkpoint cannot return a value for a failed forward."
        )
    return result


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """Run functions (or a ``Sequential``) one after another, all but the last segment checkpointed.

    Raises:
        ValueError: unknown keyword arguments (torch's text).
    """
    if use_reentrant is None:
        warnings.warn(
            "torch.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should be "
            "passed explicitly. In version 2.9 we will raise an exception if use_reentrant is not "
            "passed. use_reentrant=False is recommended, but if you need to preserve the current "
            "default behavior, you can pass use_reentrant=True. Refer to docs for more details on "
            "the differences between the two variants.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    steps = list(functions.children()) if isinstance(functions, Sequential) else functions

    def segment(start: int, stop: int) -> Callable[[Any], Any]:
        def run(value: Any) -> Any:
            for k in range(start, stop):
                value = steps[k](value)
            return value

        return run

    length = len(steps) // segments
    stop = 0
    for start in range(0, length * (segments - 1), length):
        stop = start + length
        input = checkpoint(
            segment(start, stop), input, use_reentrant=use_reentrant, preserve_rng_state=preserve
        )
    return segment(stop, len(steps))(input)


_DEBUG_TEMPLATE = """\
 An error happened while unpacking tensors; dumping logs of latest computation
because you passed `debug=True` to `torch.utils.checkpoint.checkpoint()`.
Scroll all the way down for guidance on how to navigate these logs.

+~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~+
|        1. Stack traces of the operators that ran in the original forward     |
+------------------------------------------------------------------------------+

{forward_traces}
+~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~+
|        2. Stack traces of the operators that ran during recomputation        |
+------------------------------------------------------------------------------+

{recompute_traces}
+~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~+
|       3. Log of operators in the original forward and recomputation          |
+------------------------------------------------------------------------------+
(Scroll up to correlate stack traces with each operation listed below. This
 helps identify their source in the code.)

IMPORTANT: Differences in "detach" calls between the original forward and the
           recomputation are expected. They are introduced by the checkpointing
           mechanism and can be ignored.

Operations executed during the original forward:

{forward_ops}

Operations executed during recomputation:

{recompute_ops}

+------------------------------------------------------------------------------+
 ERROR: Detected non-determinism while running activation checkpointing

 You are seeing this error because you passed `debug=True` to checkpoint and
 tensors to be saved during the original forward and differ between those saved
 during recomputation. This can happen if different operators were ran in the
 original forward and in the recomputation.

 To identify where the mismatch may be coming from, you can do the following:

 1) Compare the operators ran during original forward and recomputation to
    see where they differ. These operators are printed above in the order they
    were executed.

 2) Review the stack trace for each operator to locate its invocation source.
    Each operator's stack trace is printed in their execution order.

 Note that the logs can be quite long. Here's how they are structured:
 (Tip: you can Ctrl-f for these headers)

 1. Stack traces of the operators that ran in the original forward
 2. Stack traces of the operators that ran during recomputation
 3. Log of operators in the original forward and recomputation
 4. Error message                                             <--- You are here
--------------------------------------------------------------------------------
"""
