"""Every bug planted into the engine is caught by the scenarios of the area that it belongs to."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import autograd_core
from autograd_conformance import scenarios
from autograd_conformance.cases import Status
from autograd_conformance.execution import run_scenario
from autograd_conformance.scenarios.recording import observe
from autograd_conformance.subjects import Subject, SubjectSpec
from autograd_core import Tensor, optim
from autograd_core.autograd import forward_ad
from autograd_core.default_kernels import DefaultKernels
from autograd_core.derivatives import call
from autograd_core.derivatives.op_node import OpNode
from autograd_core.engine import graph_task, hook_calls, modes, views
from autograd_core.engine.anomaly import mode as anomaly_mode
from autograd_core.engine.function_node import FunctionNode
from autograd_core.engine.hooks import RemovableHandle
from autograd_core.engine.node import AccumulateGrad
from autograd_core.engine.ready_queue import ReadyQueue
from autograd_core.namespaces import deprecations
from autograd_core.nn import Module
from autograd_core.serialization.unpickler import SafeUnpickler
from autograd_core.utils import checkpoint
from autograd_core.vectorization import _Call

Patch = pytest.MonkeyPatch
BUGS: list[Any] = []


def bug(area: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Register a function that plants a bug which scenarios of ``area`` must catch."""

    def register(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        BUGS.append(pytest.param(area, plant, id=plant.__name__))
        return plant

    return register


def nothing(*args: Any, **kwargs: Any) -> None:
    """Stand in for a step that is left out."""


@bug("accumulation")
def gradients_replace_instead_of_adding_up(patch: Patch) -> None:
    accumulate = AccumulateGrad.accumulate_raw

    def replace(self: Any, array: Any, writes: int = 0, others: int = 0) -> None:
        self.variable._grad = None
        accumulate(self, array, writes, others)

    patch.setattr(AccumulateGrad, "accumulate_raw", replace)


@bug("roots")
def the_graph_is_never_freed(patch: Patch) -> None:
    patch.setattr(OpNode, "release", nothing)


@bug("roots")
def a_gradient_of_another_shape_may_be_assigned(patch: Patch) -> None:
    def assign(self: Tensor, value: Any) -> None:
        self._grad = value

    patch.setattr(Tensor, "grad", property(lambda self: self._grad, assign))


@bug("hooks")
def tensor_hooks_run_newest_first(patch: Patch) -> None:
    hooks = hook_calls.tensor_hooks

    def backwards(node: Any, grads: list[Any]) -> None:
        for registered, _ in node.tensor_pre_hooks or ():
            items = list(registered.items())
            registered.clear()
            registered.update(reversed(items))
        hooks(node, grads)

    patch.setattr(hook_calls, "tensor_hooks", backwards)


@bug("hooks")
def a_removed_hook_stays(patch: Patch) -> None:
    patch.setattr(RemovableHandle, "remove", nothing)


@bug("hooks")
def replacements_by_hooks_are_not_checked(patch: Patch) -> None:
    patch.setattr(hook_calls, "_check_one", nothing)


@bug("hooks")
def post_accumulate_hooks_are_forgotten(patch: Patch) -> None:
    patch.setattr(hook_calls, "after_accumulation", nothing)


@bug("order")
def leaves_of_one_age_run_in_another_order(patch: Patch) -> None:
    def other(self: Any) -> Any:
        newest = max(node.sequence_nr for node in self.items)
        places = [k for k, node in enumerate(self.items) if node.sequence_nr == newest]
        return self.items.pop(places[-1])

    patch.setattr(ReadyQueue, "pop", other)


@bug("inplace")
def writes_are_not_counted(patch: Patch) -> None:
    patch.setattr(call, "bump_version", nothing)


@bug("inplace")
def leaves_may_be_written(patch: Patch) -> None:
    patch.setattr(views, "check_inplace", nothing)


@bug("views")
def a_view_keeps_its_node_when_the_base_is_written(patch: Patch) -> None:
    patch.setattr(Tensor, "grad_fn", property(lambda self: self._grad_fn))


@bug("views")
def detached_tensors_count_their_own_versions(patch: Patch) -> None:
    detach = Tensor.detach

    def alone(self: Tensor) -> Tensor:
        made: Tensor = detach(self)
        made._version_counter = [0]
        return made

    patch.setattr(Tensor, "detach", alone)


@bug("modes")
def no_grad_leaks_out_of_an_exception(patch: Patch) -> None:
    leave = modes.no_grad.__exit__

    def leak(self: Any, kind: Any, *rest: Any) -> None:
        if kind is None:
            leave(self, kind, *rest)

    patch.setattr(modes.no_grad, "__exit__", leak)


@bug("modes")
def inference_tensors_are_like_others(patch: Patch) -> None:
    patch.setattr(Tensor, "is_inference", lambda self: False)


@bug("functions")
def undefined_gradients_are_not_materialized(patch: Patch) -> None:
    patch.setattr(FunctionNode, "_defined", lambda self, k, grad: grad)


@bug("functions")
def saved_tensors_of_functions_are_not_freed(patch: Patch) -> None:
    patch.setattr(FunctionNode, "release", nothing)


@bug("graph_api")
def nodes_have_no_metadata(patch: Patch) -> None:
    from autograd_core.engine.node import Node

    patch.setattr(Node, "metadata", property(lambda self: {}))


@bug("checkpoint")
def recomputation_is_not_compared(patch: Patch) -> None:
    patch.setattr(checkpoint._Frame, "_check", nothing)


@bug("forward_mode")
def a_level_that_is_closed_stays_open(patch: Patch) -> None:
    patch.setattr(forward_ad, "exit_dual_level", nothing)


@bug("forward_mode")
def tangents_need_not_fit(patch: Patch) -> None:
    patch.setattr(forward_ad, "check_dual", lambda *_: modes.forward_level.current)


@bug("functional")
def strict_is_not_looked_at(patch: Patch) -> None:
    from autograd_core.autograd import functional

    jacobian = functional.jacobian

    def lax(*args: Any, strict: bool = False, **kwargs: Any) -> Any:
        return jacobian(*args, **kwargs)

    patch.setattr(functional, "jacobian", lax)


@bug("vmap")
def the_batch_dim_is_never_moved(patch: Patch) -> None:
    output = _Call._output

    def first(self: Any, value: Any, dim: Any, level: Any) -> Any:
        return output(self, value, 0, level)

    patch.setattr(_Call, "_output", first)


@bug("func")
def auxiliary_output_is_lost(patch: Patch) -> None:
    from autograd_core import func

    grad = func.grad

    def lossy(function: Any, argnums: Any = 0, has_aux: bool = False) -> Any:
        made = grad(function, argnums, has_aux)
        return (lambda *args: made(*args)[0]) if has_aux else made

    patch.setattr(func, "grad", lossy)


@bug("anomaly")
def nan_is_not_refused(patch: Patch) -> None:
    patch.setattr(graph_task, "_refuse_nan", nothing)


@bug("anomaly")
def anomaly_mode_does_not_remember(patch: Patch) -> None:
    patch.setattr(type(anomaly_mode), "enabled", property(lambda self: False, nothing))


@bug("gradcheck")
def a_wrong_jacobian_passes(patch: Patch) -> None:
    module = sys.modules["autograd_core.autograd.gradcheck"]
    patch.setattr(module, "compare_elements", nothing)


@bug("complex")
def conjugates_are_left_out_of_gradients(patch: Patch) -> None:
    patch.setattr(autograd_core.ops, "conj", lambda input: input)
    for name in ("numpy", "python"):
        backend = autograd_core.get_backend(name)
        patch.setattr(backend, "conj", lambda input: input, raising=False)


@bug("threads")
def grad_mode_is_shared_by_threads(patch: Patch) -> None:
    class Shared:
        grad_enabled = True
        forward_enabled = True
        asked_in_inference = False
        multithreading_enabled = True
        grad_layout_enforced = True

    shared = Shared()
    for module in (modes, call):
        patch.setattr(module, "modes", shared)


@bug("nn")
def modes_do_not_reach_children(patch: Patch) -> None:
    def train(self: Any, mode: bool = True) -> Any:
        self.training = mode
        return self

    patch.setattr(Module, "train", train)


@bug("optim")
def momentum_is_damped(patch: Patch) -> None:
    update = optim.SGD._update

    def damped(self: Any, param: Any, grad: Any, group: dict[str, Any]) -> None:
        update(self, param, grad, {**group, "dampening": 0.125})

    patch.setattr(optim.SGD, "_update", damped)


@bug("serialization")
def every_name_is_safe(patch: Patch) -> None:
    patch.setattr(SafeUnpickler, "_is_safe", lambda self, value: True)


@bug("printing")
def nodes_are_not_printed(patch: Patch) -> None:
    printed = Tensor.__repr__
    patch.setattr(Tensor, "__repr__", lambda self, **_: printed(self.detach()))


@bug("convolution")
def windows_are_read_where_there_is_no_stride(patch: Patch) -> None:
    correlate = DefaultKernels.correlate

    def close(self: Any, input: Any, weight: Any, lengths: Any, stride: Any, *options: Any) -> Any:
        return correlate(self, input, weight, lengths, (1,) * len(stride), *options)

    patch.setattr(DefaultKernels, "correlate", close)


@bug("nn_pooling")
def means_always_count_the_padding(patch: Patch) -> None:
    shared = DefaultKernels._shared

    def counting(self: Any, sums: Any, axes: Any, with_padding: bool, divisor: Any) -> Any:
        return shared(self, sums, axes, True, divisor)

    patch.setattr(DefaultKernels, "_shared", counting)


@bug("nn_normalization")
def running_statistics_move_half_way(patch: Patch) -> None:
    native = DefaultKernels.native_batch_norm

    def slow(self: Any, *arguments: Any) -> Any:
        *before, momentum, eps = arguments
        return native(self, *before, momentum / 2, eps)

    patch.setattr(DefaultKernels, "native_batch_norm", slow)


@bug("spectra")
def transforms_go_backward(patch: Patch) -> None:
    backend = autograd_core.get_backend("python")
    dft = backend.dft

    def backward(input: Any, rank: int, normalization: int, forward: bool) -> Any:
        return dft(input, rank, normalization, not forward)

    patch.setattr(backend, "dft", backward, raising=False)


@bug("deprecations")
def old_names_are_as_good_as_new_ones(patch: Patch) -> None:
    patch.setattr(deprecations, "warn_once", nothing)


SUBJECT = SubjectSpec("autograd_core", "python")


@functools.cache
def answer(program: scenarios.Program) -> Any:
    """Torch's answer to a program that the engine runs as torch does; None of another."""
    expected = observe(program, torch)
    passes = run_scenario(program, expected, Subject(SUBJECT)).status is Status.PASS
    return expected if passes else None


def is_caught(program: scenarios.Program, plant: Callable[[Patch], None]) -> bool:
    """Whether a program fails with a bug that passes without."""
    expected = answer(program)
    if expected is None:
        return False
    with pytest.MonkeyPatch.context() as patch:
        plant(patch)
        try:
            return run_scenario(program, expected, Subject(SUBJECT)).status is Status.FAIL
        finally:
            while modes.forward_level.open:  # a bug may have left some
                modes.forward_level.exit()


@pytest.mark.parametrize(("area", "plant"), BUGS)
def test_a_planted_bug_is_caught(area: str, plant: Callable[[Patch], None]) -> None:
    assert any(is_caught(p, plant) for p in scenarios.matching([f"scenario.{area}.*"]))


def test_every_area_has_a_bug() -> None:
    assert {param.values[0] for param in BUGS} == set(scenarios.areas()) - {"forward_derivatives"}
