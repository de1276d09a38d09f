"""Forward mode, second order, batches."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.gradcheck import complex_leaf, double, in_both_modes, scaled
from autograd_conformance.scenarios.recording import Recorder, scenario

# Forward mode ------------------------------------------------------------------------------------


@scenario
def wrong_tangent(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    planted = scaled(
        torch, lambda a: a * 2, lambda a, grad: grad * 2, jvp=lambda ctx, tangent: tangent * 3
    )
    in_both_modes(torch, record, planted, (x,))
    in_both_modes(torch, record, planted, (x,), check_forward_ad=True)
    in_both_modes(torch, record, planted, (x,), check_forward_ad=True, check_backward_ad=False)


@scenario
def wrong_tangent_of_complex_numbers(torch: Any, record: Recorder) -> None:
    x = complex_leaf(torch, 0.5 + 1j, 2 - 1j)
    planted = scaled(
        torch,
        lambda a: a * 2,
        lambda a, grad: grad * 2,
        jvp=lambda ctx, tangent: tangent.conj() * 2,
    )
    in_both_modes(torch, record, planted, (x,), check_forward_ad=True)


@scenario
def missing_tangent(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2)
    in_both_modes(torch, record, planted, (x,), check_forward_ad=True)
    options = {"check_forward_ad": True, "check_backward_ad": False}
    in_both_modes(torch, record, lambda a: a.detach() * 2 + a * 0, (x,), **options)


@scenario
def gradients_are_not_asked_for(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    planted = scaled(
        torch, lambda a: a * 2, lambda a, grad: grad * 3, jvp=lambda ctx, tangent: tangent * 2
    )
    in_both_modes(torch, record, planted, (x,), check_forward_ad=True, check_backward_ad=False)


@scenario
def tangents_that_depend_on_being_there(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0, 1.0)
    forward_ad = torch.autograd.forward_ad

    def peeking(a: Any, b: Any) -> Any:
        there = forward_ad.unpack_dual(b).tangent is not None
        return a * b if there else a * b.detach() * 1.5 + a * b * 0

    options = {"check_forward_ad": True, "check_backward_ad": False}
    for fast in (False, True):
        try:
            torch.autograd.gradcheck(peeking, (x, y), fast_mode=fast, **options)
        except Exception as error:
            record(f"type, fast {fast}", type(error))
            record(f"arguments, fast {fast}", error.args)
    without = {**options, "check_undefined_grad": False}
    with record.raises("not asked for"):
        record("passed", torch.autograd.gradcheck(peeking, (x, y), **without))


# Second order ------------------------------------------------------------------------------------


@scenario
def second_derivatives_pass(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0, 1.0)
    for fast in (False, True):
        for options in ({}, {"check_fwd_over_rev": True}, {"gen_non_contig_grad_outputs": True}):
            with record.raises(f"{fast}, {options}"):
                record(
                    f"passed, {fast}, {options}",
                    torch.autograd.gradgradcheck(
                        lambda a, b: (a.sin() * b, a.exp()), (x, y), fast_mode=fast, **options
                    ),
                )


@scenario
def second_derivatives_of_complex_numbers(torch: Any, record: Recorder) -> None:
    x = complex_leaf(torch, 0.5 + 1j, 2 - 1j)
    record("passed", torch.autograd.gradgradcheck(lambda a: a * a.conj().sin(), (x,)))
    record("real result", torch.autograd.gradgradcheck(lambda a: (a * a.conj()).real, (x,)))


@scenario
def gradients_given_to_gradgradcheck(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    seen: list[Any] = []

    def watched(a: Any) -> Any:
        seen.append(a.requires_grad)
        return a * a

    gradient = double(torch, 1.0, -1.0)
    record("one", torch.autograd.gradgradcheck(watched, (x,), gradient))
    record("in a list", torch.autograd.gradgradcheck(watched, [x], [gradient]))
    record("without", torch.autograd.gradgradcheck(watched, (x,), gradient.detach()))
    with record.raises("of another shape"):
        torch.autograd.gradgradcheck(watched, (x,), double(torch, 1.0))
    record("what the function saw", sorted(set(seen)))


@scenario
def wrong_second_derivative(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    inner = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 3)
    planted = scaled(torch, lambda a: a * a, lambda a, grad: grad * inner(a))
    in_both_modes(torch, record, planted, (x,))
    gradient = double(torch, 1.0, 2.0)
    for fast in (False, True):
        with record.raises(f"second order, fast {fast}"):
            torch.autograd.gradgradcheck(planted, (x,), gradient, fast_mode=fast)
        record(
            f"quietly, fast {fast}",
            torch.autograd.gradgradcheck(
                planted, (x,), gradient, fast_mode=fast, raise_exception=False
            ),
        )


@scenario
def no_second_derivative(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    linear = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2)
    record("linear", torch.autograd.gradgradcheck(linear, (x,)))
    cut = scaled(torch, lambda a: a * a, lambda a, grad: (grad * a * 2).detach())
    gradient = double(torch, 1.0, 2.0)
    for fast in (False, True):
        with record.raises(f"cut off, fast {fast}"):
            torch.autograd.gradgradcheck(cut, (x,), gradient, fast_mode=fast)
    with record.raises("constant"):
        record("passed", torch.autograd.gradgradcheck(lambda a: a.ceil(), (x,)))


# Batches -----------------------------------------------------------------------------------------


@scenario
def batched_gradients_pass(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0, 1.0)
    in_both_modes(
        torch, record, lambda a, b: (a.sin() * b, b.sum()), (x, y), check_batched_grad=True
    )
    with record.raises("gradgradcheck"):
        record(
            "second order",
            torch.autograd.gradgradcheck(lambda a: a.sin(), (x,), check_batched_grad=True),
        )


@scenario
def batched_gradients_that_raise(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)

    def looking(a: Any, grad: Any) -> Any:
        return grad * 2 if grad.sum().item() < 1e9 else grad

    planted = scaled(torch, lambda a: a * 2, looking)
    in_both_modes(torch, record, planted, (x,))
    for fast in (False, True):
        try:
            torch.autograd.gradcheck(planted, (x,), fast_mode=fast, check_batched_grad=True)
        except Exception as error:
            record(f"type, fast {fast}", type(error))
            text = str(error)
            record("begins", text[: text.index("got: ")])
            record("ends", text[text.index("gradcheck or gradgradcheck failed") :])


@scenario
def batched_tangents_pass(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0, 1.0)
    options = {"check_forward_ad": True, "check_batched_forward_grad": True}
    in_both_modes(torch, record, lambda a, b: (a.sin() * b, b.sum()), (x, y), **options)
