"""Anomaly mode: where a failing backward came from, and gradients that are not numbers."""

from __future__ import annotations

import re
import threading
import warnings
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario

_FRAME = re.compile(r'  File "([^"]*)", line \d+, in (\w+)\n(?:    .*\n)*')


def _leaf(torch: Any, *values: float) -> Any:
    return torch.tensor(list(values), requires_grad=True)


def _ours(text: str) -> str:
    """A message with the frames of this file only: name of the function, without its line."""

    def kept(frame: re.Match[str]) -> str:
        return f"[{frame[2]}]\n" if frame[1] == __file__ and frame[2] != "_report" else ""

    return _FRAME.sub(kept, re.sub(r" \(Triggered internally at .*\)$", "", text))


def _report(torch: Any, record: Recorder, label: str, function: Any, **options: Any) -> None:
    """Record the error and the warnings of a function in anomaly mode."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with torch.autograd.set_detect_anomaly(True, **options), record.raises(label):
            function()
    record(f"{label}: warnings", [(w.category, _ours(str(w.message))) for w in caught])


@scenario
def nan_in_backward(torch: Any, record: Recorder) -> None:
    def negative_root() -> None:
        x = _leaf(torch, -1.0)
        x.sqrt().backward()

    _report(torch, record, "checked", negative_root)

    def not_checked() -> None:
        x = _leaf(torch, -1.0)
        x.sqrt().backward()
        record("grad", x.grad)

    _report(torch, record, "not checked", not_checked, check_nan=False)


@scenario
def forward_without_anomaly_mode(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, -1.0)
    y = x.sqrt()
    _report(torch, record, "no stack", lambda: y.backward())


@scenario
def nan_in_the_second_gradient(torch: Any, record: Recorder) -> None:
    def second_output() -> None:
        x, z = _leaf(torch, 1.0), _leaf(torch, float("nan"))
        (x * z * 0).backward()

    _report(torch, record, "first", second_output)

    def only_the_second() -> None:
        x, z = _leaf(torch, float("inf")), _leaf(torch, 1.0)
        (x * z).backward(torch.zeros(1))

    _report(torch, record, "second", only_the_second)


@scenario
def nan_while_recording(torch: Any, record: Recorder) -> None:
    def product_with_zero() -> None:
        x = _leaf(torch, 0.0)
        torch.autograd.grad(x.sqrt() * 0, x, create_graph=True)

    _report(torch, record, "recorded", product_with_zero)


@scenario
def nan_of_hooks(torch: Any, record: Recorder) -> None:
    def after_a_node() -> None:
        y = _leaf(torch, 1.0) * 2
        y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * float("nan"), None))
        y.backward()

    def of_a_tensor() -> None:
        y = _leaf(torch, 1.0) * 2
        y.register_hook(lambda gradient: gradient * float("nan"))
        y.backward()

    def of_a_leaf() -> None:
        x = _leaf(torch, 1.0)
        x.register_hook(lambda gradient: gradient * float("nan"))
        (x * 2).backward()
        record("a leaf is not checked", x.grad)

    for function in (after_a_node, of_a_tensor, of_a_leaf):
        _report(torch, record, function.__name__, function)


@scenario
def nan_given_as_root(torch: Any, record: Recorder) -> None:
    def root() -> None:
        (_leaf(torch, 1.0) * 2 * 3).backward(torch.tensor([float("nan")]))

    _report(torch, record, "root", root)


@scenario
def errors_in_hooks(torch: Any, record: Recorder) -> None:
    def tensor_hook() -> None:
        y = _leaf(torch, 1.0) * 2
        y.register_hook(lambda gradient: 1 / 0)
        y.backward()

    def leaf_hook() -> None:
        x = _leaf(torch, 1.0, 2.0)
        x.register_hook(lambda gradient: gradient[:1])
        (x * 2).sum().backward()

    def after_accumulation() -> None:
        x = _leaf(torch, 1.0)
        x.register_post_accumulate_grad_hook(lambda leaf: 1 / 0)
        (x * 2).backward()

    def of_a_node() -> None:
        y = _leaf(torch, 1.0).exp()
        y.grad_fn.register_prehook(lambda gradients: 3)
        y.backward()

    for function in (tensor_hook, leaf_hook, after_accumulation, of_a_node):
        _report(torch, record, function.__name__, function)


@scenario
def errors_of_written_tensors(torch: Any, record: Recorder) -> None:
    def written() -> None:
        x = _leaf(torch, 1.0)
        y = x * 2
        square = y * y
        y.add_(1)
        square.backward()

    _report(torch, record, "with the mode", written)
    with record.raises("without"):
        written()


@scenario
def errors_of_freed_graphs(torch: Any, record: Recorder) -> None:
    def freed() -> None:
        y = (_leaf(torch, 1.0) * 2).exp()
        y.backward()
        y.backward()

    _report(torch, record, "freed", freed)


@scenario
def previous_calculations(torch: Any, record: Recorder) -> None:
    def second_order() -> None:
        x = _leaf(torch, 1.0)
        (first,) = torch.autograd.grad(x**1.5, x, create_graph=True)
        first.register_hook(lambda gradient: 1 / 0)
        (first * 2).backward()

    def third_order() -> None:
        x = _leaf(torch, 2.0)
        (first,) = torch.autograd.grad(x.exp(), x, create_graph=True)
        (second,) = torch.autograd.grad(first.sin(), x, create_graph=True)
        second.grad_fn.register_prehook(lambda gradients: 3)
        second.backward()

    _report(torch, record, "second order", second_order)
    _report(torch, record, "third order", third_order)


@scenario
def metadata_of_nodes(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 2.0)
    with torch.autograd.set_detect_anomaly(True):
        y = x.exp()
        stack = y.grad_fn.metadata["traceback_"]
        record("stack", [type(stack), type(stack[0]), _ours(stack[-1])])
        record("keys", list(y.grad_fn.metadata))
        record("of a leaf's node", list(y.grad_fn.next_functions[0][0].metadata))
        (first,) = torch.autograd.grad(y, x, create_graph=True)
        record("induced", sorted(first.grad_fn.metadata))
        record("by", first.grad_fn.metadata["parent_"] is y.grad_fn)
    record("without the mode", (x * 2).grad_fn.metadata)


@scenario
def custom_functions(torch: Any, record: Recorder) -> None:
    class Raising(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            raise RuntimeError("in backward")

    class NotANumber(Raising):
        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient * float("nan")

    def raising() -> None:
        Raising.apply(_leaf(torch, 1.0)).backward()

    def not_a_number() -> None:
        NotANumber.apply(_leaf(torch, 1.0)).backward()

    _report(torch, record, "raising", raising)
    _report(torch, record, "not a number", not_a_number)


@scenario
def switching(torch: Any, record: Recorder) -> None:
    def state() -> tuple[bool, bool]:
        return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()

    found = [state()]
    with torch.autograd.detect_anomaly(check_nan=False):
        found.append(state())
        with torch.autograd.set_detect_anomaly(True):
            found.append(state())
        found.append(state())
    found.append(state())
    torch.autograd.set_detect_anomaly(True, check_nan=False)
    found.append(state())
    torch.autograd.set_detect_anomaly(False)
    found.append(state())
    record("states", found)
    for label, arguments in (("number", (3,)), ("check_nan", (True, 3))):
        with record.raises(label):
            torch.set_anomaly_enabled(*arguments)
    torch.set_anomaly_enabled(False)


@scenario
def entering_warns(torch: Any, record: Recorder) -> None:
    record("made", torch.autograd.detect_anomaly())
    with torch.autograd.detect_anomaly():
        record("entered", torch.is_anomaly_enabled())


@scenario
def one_mode_for_all_threads(torch: Any, record: Recorder) -> None:
    found: list[bool] = []
    with torch.autograd.set_detect_anomaly(True):
        thread = threading.Thread(target=lambda: found.append(torch.is_anomaly_enabled()))
        thread.start()
        thread.join()
    record("found", found)


@scenario
def errors_in_other_threads(torch: Any, record: Recorder) -> None:
    errors: list[Exception] = []

    def work() -> None:
        try:
            _leaf(torch, -1.0).sqrt().backward()
        except RuntimeError as error:
            errors.append(error)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with torch.autograd.set_detect_anomaly(True):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
    record("errors", errors)
    record("warnings", [(w.category, _ours(str(w.message))) for w in caught])


@scenario
def results_are_the_same(torch: Any, record: Recorder) -> None:
    x = _leaf(torch, 0.5, 2.0)
    with torch.autograd.set_detect_anomaly(True):
        y = (x * x + x).sin()
        y.sum().backward()
        record("grad", x.grad)
        record.graph("graph", y)
        record("grad()", torch.autograd.grad(x.exp().sum(), x, create_graph=True))
