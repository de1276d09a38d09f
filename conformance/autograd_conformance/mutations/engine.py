"""Bugs of the engine: the tape, hooks, views, versions, modes, transforms, modules, files."""

from __future__ import annotations

from typing import Any

from autograd_conformance.mutations.changes import always, argument, left_out, method, result
from autograd_conformance.mutations.mutation import Mutation
from autograd_conformance.mutations.planting import Attribute, Kernel, Together, resolved

_ENGINE = "autograd_core.engine."
_TENSOR = "autograd_core.tensor:Tensor."


def _overwrite(right: Any, self: Any, array: Any, writes: int = 0, others: int = 0) -> None:
    self.variable._grad = None
    right(self, array, writes, others)


def _forgiving(right: Any, self: Any, name: str) -> Any:
    try:
        return right(self, name)
    except RuntimeError:
        return None


def _assignable(right: Any) -> Any:
    def assign(self: Any, value: Any) -> None:
        self._grad = value

    return property(lambda self: self._grad, assign)


def _newest_first(right: Any) -> Any:
    def backwards(node: Any, grads: list[Any]) -> None:
        for registered, _ in node.tensor_pre_hooks or ():
            items = list(registered.items())
            registered.clear()
            registered.update(reversed(items))
        right(node, grads)

    return backwards


def _per_edge(right: Any) -> Any:
    """The hooks of a tensor see each gradient that arrives, and no sum."""

    def add(self: Any, node: Any, number: int, value: Any) -> None:
        for hooks, of in node.tensor_pre_hooks or ():
            if of == number and node in self.waiting and value is not None:
                for hook in list(hooks.values()):
                    hook(resolved(_ENGINE + "hook_calls:as_tensor")(node, value))
        right(self, node, number, value)

    return add


def _last_leaf(right: Any, self: Any) -> Any:
    newest = max(node.sequence_nr for node in self.items)
    places = [k for k, node in enumerate(self.items) if node.sequence_nr == newest]
    return self.items.pop(places[-1])


def _oldest(right: Any, self: Any) -> Any:
    oldest = min(range(len(self.items)), key=lambda k: self.items[k].sequence_nr)
    return self.items.pop(oldest)


def _own_version(right: Any, self: Any) -> Any:
    made = right(self)
    made._version_counter = [0]
    return made


def _leak(right: Any, self: Any, kind: Any, *rest: Any) -> None:
    if kind is None:
        right(self, kind, *rest)


def _lax(right: Any) -> Any:
    def jacobian(*args: Any, strict: bool = False, **kwargs: Any) -> Any:
        return right(*args, **kwargs)

    return jacobian


def _short_when_unrecorded(right: Any) -> Any:
    backend, modes = right.__self__, resolved(_ENGINE + "modes:modes")
    short = resolved("autograd_core:float32")

    def tanh(input: Any, *args: Any) -> Any:
        made = right(input, *args)
        if modes.grad_enabled:
            return made
        return backend.cast(backend.cast(made, short), backend.dtype(made))

    return tanh


def _first_dim(right: Any, self: Any, value: Any, dim: Any, level: Any) -> Any:
    return right(self, value, 0, level)


def _without_aux(right: Any) -> Any:
    def lossy(function: Any, argnums: Any = 0, has_aux: bool = False) -> Any:
        made = right(function, argnums, has_aux)
        return (lambda *args: made(*args)[0]) if has_aux else made

    return lossy


def _train(right: Any) -> Any:
    def train(self: Any, mode: bool = True) -> Any:
        self.training = mode
        return self

    return train


def _damped(right: Any, self: Any, param: Any, grad: Any, group: dict[str, Any]) -> None:
    right(self, param, grad, {**group, "dampening": 0.125})


def _close(
    right: Any, self: Any, input: Any, weight: Any, lengths: Any, stride: Any, *options: Any
) -> Any:
    return right(self, input, weight, lengths, (1,) * len(stride), *options)


def _padding_counts(
    right: Any, self: Any, sums: Any, axes: Any, with_padding: bool, divisor: Any
) -> Any:
    return right(self, sums, axes, True, divisor)


def _half_way(right: Any, self: Any, *arguments: Any) -> Any:
    *before, momentum, eps = arguments
    return right(self, *before, momentum / 2, eps)


class _Shared:
    """Modes that are the same for all threads."""

    grad_enabled = True
    forward_enabled = True
    asked_in_inference = False
    multithreading_enabled = True
    grad_layout_enforced = True


_SHARED = _Shared()


def _every_second(right: Any) -> Any:
    """Sequence numbers are off by one: two nodes share each."""
    return lambda: right() // 2


def _forgetful(right: Any, self: Any, param: Any, grad: Any, group: Any, state: Any) -> None:
    """The running averages are zero before each step."""
    self._begin(param, group, state)
    right(self, param, grad, group, state)


def _first_only(xp: Any, value: Any, shape: tuple[int, ...]) -> Any:
    """The first of the broadcast copies instead of their sum."""
    leading = len(value.shape) - len(shape)
    for _ in range(leading):
        value = xp.select(value, 0, 0)
    for dim, length in enumerate(shape):
        if length == 1 and value.shape[dim] != 1:
            value = xp.slice(value, dim, 0, 1, 1)
    return value


def _worded(right: Any) -> Any:
    def broadcast_shapes(*shapes: Any) -> Any:
        try:
            return right(*shapes)
        except RuntimeError as error:
            raise RuntimeError("shapes do not fit") from error

    return broadcast_shapes


def _in_a_batch(right: Any, self: Any, name: str) -> Any:
    found = right(self, name)
    return found.unsqueeze(0) if hasattr(found, "unsqueeze") else found


def _one_word_more(right: Any) -> Any:
    def dropped(*args: Any) -> Any:
        found = right(*args)
        resolved("autograd_core:default_generator").words(1)
        return found

    return dropped


def _engine(
    name: str, what: str, path: str, change: Any, *cases: str, backend: str = "python"
) -> Mutation:
    return Mutation(name, what, Attribute(path, change, backend), cases)


MUTATIONS = (
    # Accumulation -------------------------------------------------------------------------------
    _engine(
        "gradients-replace-instead-of-adding-up",
        "A second backward overwrites `.grad`.",
        _ENGINE + "node:AccumulateGrad.accumulate_raw",
        method(_overwrite),
        "scenario.accumulation.*",
    ),
    _engine(
        "accumulation-is-not-counted",
        "Adding to a `.grad` that is there does not move its version.",
        _ENGINE + "node:bump_version",
        left_out,
        "scenario.accumulation.*",
    ),
    _engine(
        "create-graph-accumulates-in-place",
        "With `create_graph` the sum at a leaf loses its history.",
        _ENGINE + "node:AccumulateGrad.accumulate_recorded",
        method(lambda right, self, value: self.accumulate_tensor(value)),
        "scenario.accumulation.*",
        "scenario.roots.*",
    ),
    _engine(
        "a-gradient-of-another-shape-may-be-assigned",
        "`x.grad = y` takes any tensor.",
        _TENSOR + "grad",
        _assignable,
        "scenario.roots.*",
    ),
    # The run ------------------------------------------------------------------------------------
    _engine(
        "the-graph-is-never-freed",
        "A second backward through a freed graph goes through.",
        "autograd_core.derivatives.op_node:OpNode.release",
        left_out,
        "scenario.graph_api.*",
        "scenario.hooks.*",
    ),
    _engine(
        "leaves-of-one-age-run-in-another-order",
        "Leaves take their gradients in the order in which they became ready.",
        _ENGINE + "graph_task:ReadyQueue.pop",
        method(_last_leaf),
        "scenario.order.*",
    ),
    _engine(
        "oldest-node-first",
        "The scheduler runs the oldest node that is ready.",
        _ENGINE + "graph_task:ReadyQueue.pop",
        method(_oldest),
        "scenario.order.*",
    ),
    _engine(
        "captured-sums-are-not-counted",
        "A gradient that `grad` sums in place does not tell how often it was written.",
        _ENGINE + "captures:bump_version",
        left_out,
        "scenario.roots.*",
    ),
    Mutation(
        "sequence-numbers-off-by-one",
        "Two nodes in a row have one sequence number.",
        Together(
            Attribute(_ENGINE + "modes:modes.next_sequence_nr", _every_second),
            Attribute(_ENGINE + "modes:modes.grad_enabled", _every_second),
        ),
        ("scenario.graph_api.*", "scenario.order.*"),
    ),
    _engine(
        "gradients-stay-wider-than-they-say",
        "`.grad` of 16 bits holds numbers in single precision.",
        _ENGINE + "backward:validate_raw",
        lambda right: lambda value, shape, dtype, *rest: right(value, shape, None, *rest),
        "exp2|bfloat16|metamorphic",
        backend="numpy",
    ),
    _engine(
        "broadcast-reduction-takes-the-first",
        "The gradient of a broadcast operand is the first of the copies, not their sum.",
        _ENGINE + "gradient_checks:sum_to",
        lambda right: _first_only,
        "mul|float64|gradients",
        backend="numpy",
    ),
    _engine(
        "real-part-is-the-modulus",
        "The real part of a complex tensor is its modulus.",
        "autograd_core.ops:real",
        lambda right: lambda input: input.abs(),
        "scenario.complex.conj_of_real*",
    ),
    _engine(
        "nan-is-not-refused",
        "Anomaly mode lets NaN gradients pass.",
        _ENGINE + "graph_task:_refuse_nan",
        left_out,
        "scenario.anomaly.*",
    ),
    _engine(
        "anomaly-mode-does-not-remember",
        "Anomaly mode does not keep where a node was made.",
        _ENGINE + "anomaly:mode.__class__.enabled",
        lambda right: property(lambda self: False, lambda self, value: None),
        "scenario.anomaly.*",
    ),
    # Hooks --------------------------------------------------------------------------------------
    _engine(
        "tensor-hooks-run-newest-first",
        "The hooks of one tensor run in the wrong order.",
        _ENGINE + "hook_calls:tensor_hooks",
        _newest_first,
        "scenario.hooks.*",
    ),
    _engine(
        "a-hook-runs-per-edge",
        "A tensor's hook runs for each gradient that arrives, not once for the sum.",
        _ENGINE + "graph_task:GraphTask._add",
        _per_edge,
        "scenario.hooks.*",
    ),
    _engine(
        "a-removed-hook-stays",
        "`handle.remove()` does nothing.",
        _ENGINE + "hooks:RemovableHandle.remove",
        left_out,
        "scenario.hooks.*",
    ),
    _engine(
        "replacements-by-hooks-are-not-checked",
        "A hook may return a gradient of another shape or dtype.",
        _ENGINE + "hook_calls:_check_one",
        left_out,
        "scenario.hooks.*",
    ),
    _engine(
        "post-accumulate-hooks-are-forgotten",
        "The hooks after accumulation do not run.",
        _ENGINE + "hook_calls:after_accumulation",
        left_out,
        "scenario.hooks.*",
    ),
    _engine(
        "post-hooks-cannot-replace",
        "What a node's hook returns is dropped.",
        _ENGINE + "hook_calls:_replaced",
        lambda right: lambda hooks, given, *others: [h(given, *others) for h in hooks] and given,
        "scenario.hooks.*",
    ),
    # Versions, in-place writes, views -----------------------------------------------------------
    Mutation(
        "writes-are-not-counted",
        "A write in place does not move the version.",
        Together(
            Attribute("autograd_core.derivatives.call:bump_version", left_out),
            Attribute("autograd_core.derivatives.call_writer:bump_version", left_out),
            Attribute("autograd_core.namespaces.subscripts:bump_version", left_out),
        ),
        ("scenario.inplace.*",),
    ),
    _engine(
        "leaves-may-be-written",
        "A leaf that requires a gradient may be written in place.",
        _ENGINE + "views:check_inplace",
        left_out,
        "scenario.inplace.*",
    ),
    _engine(
        "a-view-keeps-its-node-when-the-base-is-written",
        "A view's `grad_fn` is not made anew after a write through its base.",
        _TENSOR + "grad_fn",
        lambda right: property(lambda self: self._grad_fn),
        "scenario.views.*",
    ),
    _engine(
        "detached-tensors-count-their-own-versions",
        "A write through `detach()` is not seen by the version check.",
        _TENSOR + "detach",
        method(_own_version),
        "scenario.views.*",
    ),
    _engine(
        "output-numbers-are-0",
        "The second output of a node calls itself the first.",
        _TENSOR + "output_nr",
        lambda right: property(lambda self: 0),
        "unbind|float64|attributes",
        "scenario.views.*",
    ),
    _engine(
        "everything-is-a-leaf",
        "`is_leaf` is true of every tensor.",
        _TENSOR + "is_leaf",
        lambda right: property(lambda self: True),
        "exp|float64|attributes",
    ),
    # Modes --------------------------------------------------------------------------------------
    _engine(
        "no-grad-leaks-out-of-an-exception",
        "An exception that leaves `no_grad` leaves grad mode off.",
        _ENGINE + "modes:no_grad.__exit__",
        method(_leak),
        "scenario.modes.*",
    ),
    _engine(
        "inference-tensors-are-like-others",
        "Tensors made in inference mode do not say so.",
        _TENSOR + "is_inference",
        always(False),
        "scenario.modes.*",
    ),
    Mutation(
        "grad-mode-is-shared-by-threads",
        "`no_grad` in one thread turns grad mode off in all.",
        Together(
            Attribute(_ENGINE + "modes:modes", lambda right: _SHARED),
            Attribute("autograd_core.derivatives.call:modes", lambda right: _SHARED),
        ),
        ("scenario.threads.*",),
    ),
    # Custom functions, graph, checkpoint --------------------------------------------------------
    _engine(
        "undefined-gradients-are-not-materialized",
        "A custom backward is given None where torch gives zeros.",
        _ENGINE + "function_node:FunctionNode._defined",
        lambda right: lambda self, k, grad: grad,
        "scenario.functions.*",
    ),
    _engine(
        "saved-tensors-of-functions-are-not-freed",
        "What a custom function saved may be read after the graph was freed.",
        _ENGINE + "function_node:FunctionNode.release",
        left_out,
        "scenario.functions.*",
    ),
    _engine(
        "nodes-have-no-metadata",
        "What is put into a node's `metadata` is lost.",
        _ENGINE + "node:Node.metadata",
        lambda right: property(lambda self: {}),
        "scenario.graph_api.*",
    ),
    _engine(
        "recomputation-is-not-compared",
        "A checkpoint takes a recomputation that saved something else.",
        "autograd_core.utils.checkpoint:_Frame._check",
        left_out,
        "scenario.checkpoint.*",
    ),
    Mutation(
        "unrecorded-calls-are-rounded",
        "A call that is not recorded takes a shorter way, in single precision.",
        Kernel("numpy", "tanh", _short_when_unrecorded),
        ("tanh|float64|metamorphic",),
        ("no_grad: output 0: values differ",),
    ),
    # Forward mode, transforms -------------------------------------------------------------------
    _engine(
        "a-level-that-is-closed-stays-open",
        "Leaving a dual level does not end it.",
        "autograd_core.autograd.forward_ad:exit_dual_level",
        left_out,
        "scenario.forward_mode.*",
    ),
    _engine(
        "tangents-need-not-fit",
        "A tangent of another shape or dtype is taken.",
        "autograd_core.autograd.forward_ad:check_dual",
        lambda right: lambda *_: resolved(_ENGINE + "modes:forward_level").current,
        "scenario.forward_mode.*",
    ),
    _engine(
        "strict-is-not-looked-at",
        "`jacobian(strict=True)` accepts an output that does not depend on the input.",
        "autograd_core.autograd.functional:jacobian",
        _lax,
        "scenario.functional.*",
    ),
    _engine(
        "the-batch-dim-is-never-moved",
        "`vmap(out_dims=1)` puts the batch first.",
        "autograd_core.vectorization:_Call._output",
        method(_first_dim),
        "scenario.vmap.*",
    ),
    _engine(
        "auxiliary-output-is-lost",
        "`grad(has_aux=True)` returns the gradient alone.",
        "autograd_core.func:grad",
        _without_aux,
        "scenario.func.*",
    ),
    _engine(
        "a-wrong-jacobian-passes",
        "`gradcheck` compares nothing.",
        "autograd_core.autograd.gradcheck.checking:compare_elements",
        left_out,
        "scenario.gradcheck.*",
    ),
    # Modules, optimizers, files, printing -------------------------------------------------------
    _engine(
        "modes-do-not-reach-children",
        "`module.eval()` leaves its children in training mode.",
        "autograd_core.nn:Module.train",
        _train,
        "scenario.nn.*",
    ),
    _engine(
        "momentum-is-damped",
        "SGD damps its momentum by an eighth.",
        "autograd_core.optim:SGD._step_of",
        method(_damped),
        "scenario.optim.*",
    ),
    _engine(
        "squares-are-not-averaged",
        "RMSprop starts its averages anew at each step.",
        "autograd_core.optim:RMSprop._update",
        method(_forgetful),
        "scenario.optimizers.*",
    ),
    _engine(
        "cycles-are-too-high",
        "CyclicLR climbs a tenth too high.",
        "autograd_core.optim.lr_scheduler:CyclicLR.scale_fn",
        method(lambda right, self, x: 1.1 * right(self, x)),
        "scenario.schedulers.*",
    ),
    _engine(
        "every-name-is-safe",
        "`load(weights_only=True)` runs what a file names.",
        "autograd_core.serialization.unpickler:SafeUnpickler._is_safe",
        lambda right: lambda self, value: True,
        "scenario.serialization.*",
    ),
    _engine(
        "nodes-are-not-printed",
        "A tensor is printed without its `grad_fn`.",
        _TENSOR + "__repr__",
        lambda right: lambda self, **_: right(self.detach()),
        "scenario.printing.*",
    ),
    _engine(
        "old-names-are-as-good-as-new-ones",
        "A deprecated name does not warn.",
        "autograd_core.namespaces.deprecations:warn_once",
        left_out,
        "scenario.deprecations.*",
    ),
    # What several kernels share -----------------------------------------------------------------
    Mutation(
        "conjugates-are-left-out-of-gradients",
        "Derivative formulas do not conjugate.",
        Together(
            Kernel("python", "conj", lambda right: lambda input: input),
            Attribute("autograd_core.ops:conj", lambda right: lambda input: input),
        ),
        ("scenario.complex.*",),
    ),
    _engine(
        "windows-are-read-where-there-is-no-stride",
        "A convolution ignores its stride.",
        "autograd_core.default_kernels:DefaultKernels.correlate",
        method(_close),
        "scenario.convolution.*",
    ),
    _engine(
        "means-always-count-the-padding",
        "Average pooling divides by the whole window at the border.",
        "autograd_core.default_kernels:DefaultKernels._shared",
        method(_padding_counts),
        "scenario.nn_pooling.*",
    ),
    _engine(
        "running-statistics-move-half-way",
        "Batch norm's running statistics move half as far.",
        "autograd_core.default_kernels:DefaultKernels.native_batch_norm",
        method(_half_way),
        "scenario.nn_normalization.*",
    ),
    Mutation(
        "transforms-go-backward",
        "The Fourier transform is its inverse.",
        Kernel("python", "dft", argument(3, lambda forward: not forward)),
        ("scenario.spectra.*",),
    ),
    Mutation(
        "saved-dims-keep-their-sign",
        "A node shows a dim as it was given, not as the unsigned number that torch shows.",
        Attribute("autograd_core.derivatives.op_node:_shown", lambda right: lambda value: value),
        ("softmax|float64|saved",),
        ("_saved_dim of SoftmaxBackward0 differs",),
    ),
    Mutation(
        "what-was-freed-reads-as-none",
        "A saved tensor of a freed graph reads as None instead of being refused.",
        Attribute("autograd_core.derivatives.op_node:OpNode._read", method(_forgiving)),
        ("exp|float64|saved",),
        ("once freed, _saved_result of ExpBackward0 differs",),
    ),
    Mutation(
        "a-saved-tensor-has-a-dim-too-many",
        "A saved tensor reads as a batch of one.",
        Attribute("autograd_core.derivatives.op_node:OpNode._read", method(_in_a_batch)),
        ("exp|float64|saved",),
        ("_saved_result of ExpBackward0: shape differs",),
    ),
    Mutation(
        "a-warning-is-not-given",
        "`index_reduce` does not warn that it is in beta.",
        Attribute("autograd_core.ops.indexing:warn_once", left_out),
        ("index_reduce.mean|float64|warnings",),
        ("forward: number of warnings differs",),
    ),
    Mutation(
        "a-random-number-too-many-is-drawn",
        "`dropout` leaves the generator a word further than torch does.",
        Attribute("autograd_core.namespaces.dropout:_dropped", _one_word_more),
        ("nn.functional.dropout|float64|generator",),
        ("the next random numbers differ",),
    ),
    # Error texts --------------------------------------------------------------------------------
    _engine(
        "shapes-are-refused-in-other-words",
        "Operands that do not broadcast are refused with another text.",
        "autograd_core.derivatives.call:broadcast_shapes",
        _worded,
        "scenario.accumulation.leaves_that_change*",
    ),
    _engine(
        "version-check-in-other-words",
        "A saved tensor that was written is refused with another text.",
        _ENGINE + "saved:modified_error",
        result(lambda error: RuntimeError("modified")),
        "scenario.inplace.*",
    ),
)
