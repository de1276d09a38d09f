"""gradcheck and gradgradcheck: what passes, what each check says of what is wrong, and when."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _double(torch: Any, *numbers: float) -> Any:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def _complex(torch: Any, *numbers: complex) -> Any:
    return torch.tensor(numbers, dtype=torch.complex128, requires_grad=True)


def _module(torch: Any) -> Any:
    """The module of gradcheck, whose name in torch.autograd is the function's."""
    name = f"{torch.__name__}.autograd.gradcheck"
    importlib.import_module(name)
    return sys.modules[name]


def _in_both_modes(torch: Any, record: Recorder, func: Any, inputs: Any, **options: Any) -> None:
    for mode in ("slow", "fast"):
        with record.raises(mode):
            passed = torch.autograd.gradcheck(func, inputs, fast_mode=mode == "fast", **options)
            record(f"{mode}: passed", passed)


def _scaled(torch: Any, forward: Any, backward: Any, **static: Any) -> Any:
    """A Function of one tensor: y = forward(x), whose gradient is backward(x, gradient)."""

    class Planted(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return backward(x, grad)

    for name, value in static.items():
        setattr(Planted, name, staticmethod(value))
    return Planted.apply


# What passes -------------------------------------------------------------------------------------


@scenario
def real_functions_pass(torch: Any, record: Recorder) -> None:
    x, y = _double(torch, 0.5, 1.5, -2.0), _double(torch, 2.0, 1.0, 0.25)
    _in_both_modes(torch, record, lambda a, b: (a * b.exp(), (a * a).sum()), (x, y))
    record("x is put back", x)
    record("y is put back", y)


@scenario
def one_tensor_need_not_be_in_a_tuple(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, lambda a: a.sin(), x)
    _in_both_modes(torch, record, lambda a: [a.sin(), a * 2], [x])


@scenario
def numbers_of_zero_dimensions(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    _in_both_modes(torch, record, lambda a: a * a, (x,), check_forward_ad=True)
    record("x is put back", x)


@scenario
def nothing_in_a_tensor(torch: Any, record: Recorder) -> None:
    x = torch.zeros(0, 2, dtype=torch.float64, requires_grad=True)
    _in_both_modes(torch, record, lambda a: a * 2, (x,))


@scenario
def complex_functions_pass(torch: Any, record: Recorder) -> None:
    x = _complex(torch, 0.5 + 1j, -1.5 - 0.25j)
    _in_both_modes(torch, record, lambda a: a * a.conj().exp(), (x,), check_forward_ad=True)
    _in_both_modes(torch, record, lambda a: a.abs(), (x,), check_forward_ad=True)
    record("x is put back", x)


@scenario
def complex_of_real_passes(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, lambda a: (a * (1 + 2j), a.sin()), (x,), check_forward_ad=True)


@scenario
def real_and_complex_inputs_together(torch: Any, record: Recorder) -> None:
    x, z = _double(torch, 0.5, 1.5), _complex(torch, 1 + 1j, 2 - 1j)
    _in_both_modes(torch, record, lambda a, b: (a * b, b.real * a), (x, z), check_forward_ad=True)


@scenario
def inputs_that_are_not_differentiated(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    index, factor = torch.tensor([1, 0]), torch.tensor([2.0, 3.0], dtype=torch.float64)
    _in_both_modes(
        torch, record, lambda a, i, f, k, none: a[i] * f * k, (x, index, factor, 3, None)
    )


@scenario
def outputs_that_are_not_differentiated(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, lambda a: (a * 2, a.long()), (x,))
    _in_both_modes(torch, record, lambda a: (a * 2, a.detach()), (x,))
    _in_both_modes(torch, record, lambda a: (a.long(), a * 2), (x,))


@scenario
def inputs_that_are_not_used(torch: Any, record: Recorder) -> None:
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0)
    _in_both_modes(torch, record, lambda a, b: a * 2, (x, y), check_forward_ad=True)


@scenario
def view_of_a_larger_tensor(torch: Any, record: Recorder) -> None:
    whole = torch.arange(6.0, dtype=torch.float64).reshape(2, 3).t()
    x = whole.detach().requires_grad_()
    _in_both_modes(torch, record, lambda a: a.contiguous().view(6) * 2, (x,))
    y = _double(torch, 1.0, 2.0, 3.0, 4.0)
    _in_both_modes(torch, record, lambda a: a * 2, (y[::2],))


@scenario
def function_is_called_so_many_times(torch: Any, record: Recorder) -> None:
    x, z = _double(torch, 0.5, 1.5), _complex(torch, 1 + 1j)
    calls = [0]

    def count(*given: Any) -> Any:
        calls[0] += 1
        return given[0] * 2

    for name, value in (("real", x), ("complex", z)):
        for fast in (False, True):
            for options in ({}, {"check_forward_ad": True}, {"check_undefined_grad": False}):
                calls[0] = 0
                torch.autograd.gradcheck(count, (value,), fast_mode=fast, **options)
                record(f"{name}, {fast}, {options}", calls[0])


@scenario
def random_numbers_of_the_user_stay(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    torch.autograd.gradcheck(lambda a: a * 2, (x,), fast_mode=True)
    record("after fast mode", torch.rand(2))
    torch.autograd.gradgradcheck(lambda a: a * a, (x,))
    record("after gradgradcheck, which draws", torch.rand(2))


# What is refused ---------------------------------------------------------------------------------


@scenario
def no_input_requires_a_gradient(torch: Any, record: Recorder) -> None:
    x = torch.ones(2, dtype=torch.float64)
    with record.raises("tensor"):
        torch.autograd.gradcheck(lambda a: a * 2, (x,))
    with record.raises("number"):
        torch.autograd.gradcheck(lambda a: a * 2, (3,))
    with record.raises("and no exceptions are wanted"):
        torch.autograd.gradcheck(lambda a: a * 2, (x,), raise_exception=False)


@scenario
def single_precision_warns(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.tensor([1.0, 2.0], dtype=torch.complex64, requires_grad=True)
    z = _double(torch, 1.0)
    record("loosely", torch.autograd.gradcheck(lambda a: a * 2, (x,), eps=0.125, atol=0.1))
    record(
        "second of three",
        torch.autograd.gradcheck(lambda c, a, b: a * c, (z, x, z), eps=0.125, atol=0.1),
    )
    record("complex", torch.autograd.gradcheck(lambda a: a * 2, (y,), eps=0.125, atol=0.1))


@scenario
def single_precision_fails(torch: Any, record: Recorder) -> None:
    x = torch.tensor([1.0], requires_grad=True)
    record("passed", torch.autograd.gradcheck(lambda a: a * 3, (x,), raise_exception=False))


@scenario
def expanded_input_is_refused(torch: Any, record: Recorder) -> None:
    x = _double(torch, 1.0)
    with record.raises("expanded"):
        torch.autograd.gradcheck(lambda a: a * 2, (x.expand(3),))
    with record.raises("second"):
        torch.autograd.gradcheck(lambda a, b: b * 2, (x, x.expand(2, 1)))
    record("one element", torch.autograd.gradcheck(lambda a: a * 2, (x.expand(1, 1),)))


@scenario
def options_that_exclude_each_other(torch: Any, record: Recorder) -> None:
    x = _double(torch, 1.0)
    options = (
        {"check_forward_ad": False, "check_backward_ad": False},
        {"check_batched_grad": True, "check_backward_ad": False, "check_forward_ad": True},
        {"check_batched_forward_grad": True},
    )
    for chosen in options:
        with record.raises(f"gradcheck {chosen}"):
            torch.autograd.gradcheck(lambda a: a * 2, (x,), **chosen)
    options = (
        {"check_fwd_over_rev": False, "check_rev_over_rev": False},
        {"check_fwd_over_rev": True, "check_rev_over_rev": False},
        {
            "check_fwd_over_rev": True,
            "check_rev_over_rev": False,
            "check_undefined_grad": False,
            "check_batched_grad": True,
        },
    )
    for chosen in options:
        with record.raises(f"gradgradcheck {chosen}"):
            torch.autograd.gradgradcheck(lambda a: a * 2, (x,), **chosen)


@scenario
def outputs_that_are_no_tensors(torch: Any, record: Recorder) -> None:
    x = _double(torch, 1.0)
    for made in (3, None, "text"):
        with record.raises(f"{made}"):
            torch.autograd.gradcheck(lambda a, made=made: (a * 2, made), (x,))


@scenario
def functions_that_raise(torch: Any, record: Recorder) -> None:
    x = _double(torch, 1.0, 2.0)

    def refuse(a: Any) -> Any:
        raise ValueError(f"not of {a.shape}")

    with record.raises("its own error"):
        torch.autograd.gradcheck(refuse, (x,), raise_exception=False)


@scenario
def nothing_differentiable_returned(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, lambda a: torch.ones_like(a), (x,))
    _in_both_modes(torch, record, lambda a: a.detach() * 2, (x,))
    _in_both_modes(torch, record, lambda a: a.detach() * 2, (x,), raise_exception=False)
    _in_both_modes(torch, record, lambda a: a.detach().sign(), (x,), check_forward_ad=True)


@scenario
def outputs_change_with_the_input(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 0.25)

    def longer(a: Any) -> Any:
        return (a * 2)[: 1 + (a[0] > 0.5)]

    def coarser(a: Any) -> Any:
        made = a * 2
        return made.float() if a[0] > 0.5 else made

    _in_both_modes(torch, record, longer, (x,))
    _in_both_modes(torch, record, coarser, (x.detach().clone().requires_grad_(),))


# What is wrong -----------------------------------------------------------------------------------


@scenario
def wrong_gradient(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 3)
    _in_both_modes(torch, record, planted, (x,))
    _in_both_modes(torch, record, planted, (x,), raise_exception=False)
    _in_both_modes(torch, record, planted, (x,), atol=1.5)


@scenario
def wrong_gradient_of_one_element(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 3)
    _in_both_modes(torch, record, planted, (x,))


@scenario
def wrong_gradient_of_the_second_input(torch: Any, record: Recorder) -> None:
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0, 4.0)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: -grad * 2)
    _in_both_modes(torch, record, lambda a, b: (a + b, a + planted(b)), (x, y))


@scenario
def missing_gradient(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, _scaled(torch, lambda a: a * 2, lambda a, grad: None), (x,))
    _in_both_modes(torch, record, lambda a: a * a.detach(), (x,))


@scenario
def wrong_gradient_of_complex_numbers(torch: Any, record: Recorder) -> None:
    x = _complex(torch, 0.5 + 1j, 2 - 1j)
    planted = _scaled(torch, lambda a: a * 2j, lambda a, grad: grad * 2j)
    for mode in (False, True):
        with record.raises(f"conjugate forgotten, fast {mode}"):
            torch.autograd.gradcheck(planted, (x,), fast_mode=mode)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: grad.conj() * 2)
    for mode in (False, True):
        with record.raises(f"only imaginary parts wrong, fast {mode}"):
            torch.autograd.gradcheck(planted, (x,), fast_mode=mode)


@scenario
def wrong_gradient_of_a_real_result(torch: Any, record: Recorder) -> None:
    x = _complex(torch, 0.5 + 1j, 2 - 1j)
    planted = _scaled(torch, lambda a: a.real * 2, lambda a, grad: torch.complex(grad * 3, grad))
    _in_both_modes(torch, record, planted, (x,))


@scenario
def wrong_in_fast_mode_only(torch: Any, record: Recorder) -> None:
    x = _double(torch, *(0.5 for _ in range(40)))
    matrix = torch.ones(40, 40, dtype=torch.float64)
    planted = _scaled(
        torch, lambda a: matrix @ a, lambda a, grad: matrix @ grad * (1 + 2.0**-9), check=None
    )
    _in_both_modes(torch, record, planted, (x,), atol=0.0078125, rtol=0.0)


@scenario
def not_the_same_twice(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    runs = [0]

    def unsteady(a: Any, grad: Any) -> Any:
        runs[0] += 1
        return grad * (2 + 1e-7 * runs[0])

    planted = _scaled(torch, lambda a: a * 2, unsteady)
    _in_both_modes(torch, record, planted, (x,))
    _in_both_modes(torch, record, planted, (x,), nondet_tol=1e-3)


@scenario
def not_multiplied_by_the_gradient(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: torch.full_like(a, 2.0))
    _in_both_modes(torch, record, planted, (x,))
    _in_both_modes(torch, record, planted, (x,), masked=True)


@scenario
def almost_multiplied_by_the_gradient(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2 + 1e-9)
    options = {"check_undefined_grad": False}
    _in_both_modes(torch, record, planted, (x,), **options)
    _in_both_modes(torch, record, planted, (x,), masked=True, **options)


def _pair(torch: Any, backward: Any) -> Any:
    """A Function x -> (2 x, 3 x) whose backward sees undefined gradients as None."""

    class Pair(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, first: Any, second: Any) -> Any:
            return backward(first, second)

    return Pair.apply


def _sum_of_present(first: Any, second: Any) -> Any:
    parts = [grad * factor for grad, factor in ((first, 2), (second, 3)) if grad is not None]
    return sum(parts[1:], parts[0]) if parts else None


@scenario
def undefined_gradients_handled(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, _pair(torch, _sum_of_present), (x,))


@scenario
def undefined_gradients_not_handled(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)

    def all_undefined(first: Any, second: Any) -> Any:
        if first is None and second is None:
            raise RuntimeError("both are missing")
        return _sum_of_present(first, second)

    def made_up(first: Any, second: Any) -> Any:
        if first is None and second is None:
            return torch.ones(2, dtype=torch.float64)
        return _sum_of_present(first, second)

    _in_both_modes(torch, record, _pair(torch, all_undefined), (x,))
    _in_both_modes(torch, record, _pair(torch, all_undefined), (x,), check_undefined_grad=False)
    _in_both_modes(torch, record, _pair(torch, made_up), (x,))


@scenario
def undefined_gradient_of_one_function(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)

    class Lazy(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            if grad is None:
                raise ValueError("not a RuntimeError")
            return grad * 2

    _in_both_modes(torch, record, Lazy.apply, (x,))


# Forward mode ------------------------------------------------------------------------------------


@scenario
def wrong_tangent(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    planted = _scaled(
        torch, lambda a: a * 2, lambda a, grad: grad * 2, jvp=lambda ctx, tangent: tangent * 3
    )
    _in_both_modes(torch, record, planted, (x,))
    _in_both_modes(torch, record, planted, (x,), check_forward_ad=True)
    _in_both_modes(torch, record, planted, (x,), check_forward_ad=True, check_backward_ad=False)


@scenario
def wrong_tangent_of_complex_numbers(torch: Any, record: Recorder) -> None:
    x = _complex(torch, 0.5 + 1j, 2 - 1j)
    planted = _scaled(
        torch,
        lambda a: a * 2,
        lambda a, grad: grad * 2,
        jvp=lambda ctx, tangent: tangent.conj() * 2,
    )
    _in_both_modes(torch, record, planted, (x,), check_forward_ad=True)


@scenario
def missing_tangent(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2)
    _in_both_modes(torch, record, planted, (x,), check_forward_ad=True)
    options = {"check_forward_ad": True, "check_backward_ad": False}
    _in_both_modes(torch, record, lambda a: a.detach() * 2 + a * 0, (x,), **options)


@scenario
def gradients_are_not_asked_for(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    planted = _scaled(
        torch, lambda a: a * 2, lambda a, grad: grad * 3, jvp=lambda ctx, tangent: tangent * 2
    )
    _in_both_modes(torch, record, planted, (x,), check_forward_ad=True, check_backward_ad=False)


@scenario
def tangents_that_depend_on_being_there(torch: Any, record: Recorder) -> None:
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0, 1.0)
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
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0, 1.0)
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
    x = _complex(torch, 0.5 + 1j, 2 - 1j)
    record("passed", torch.autograd.gradgradcheck(lambda a: a * a.conj().sin(), (x,)))
    record("real result", torch.autograd.gradgradcheck(lambda a: (a * a.conj()).real, (x,)))


@scenario
def gradients_given_to_gradgradcheck(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    seen: list[Any] = []

    def watched(a: Any) -> Any:
        seen.append(a.requires_grad)
        return a * a

    gradient = _double(torch, 1.0, -1.0)
    record("one", torch.autograd.gradgradcheck(watched, (x,), gradient))
    record("in a list", torch.autograd.gradgradcheck(watched, [x], [gradient]))
    record("without", torch.autograd.gradgradcheck(watched, (x,), gradient.detach()))
    with record.raises("of another shape"):
        torch.autograd.gradgradcheck(watched, (x,), _double(torch, 1.0))
    record("what the function saw", sorted(set(seen)))


@scenario
def wrong_second_derivative(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    inner = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 3)
    planted = _scaled(torch, lambda a: a * a, lambda a, grad: grad * inner(a))
    _in_both_modes(torch, record, planted, (x,))
    gradient = _double(torch, 1.0, 2.0)
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
    x = _double(torch, 0.5, 1.5)
    linear = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2)
    record("linear", torch.autograd.gradgradcheck(linear, (x,)))
    cut = _scaled(torch, lambda a: a * a, lambda a, grad: (grad * a * 2).detach())
    gradient = _double(torch, 1.0, 2.0)
    for fast in (False, True):
        with record.raises(f"cut off, fast {fast}"):
            torch.autograd.gradgradcheck(cut, (x,), gradient, fast_mode=fast)
    with record.raises("constant"):
        record("passed", torch.autograd.gradgradcheck(lambda a: a.ceil(), (x,)))


# Batches -----------------------------------------------------------------------------------------


@scenario
def batched_gradients_pass(torch: Any, record: Recorder) -> None:
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0, 1.0)
    _in_both_modes(
        torch, record, lambda a, b: (a.sin() * b, b.sum()), (x, y), check_batched_grad=True
    )
    with record.raises("gradgradcheck"):
        record(
            "second order",
            torch.autograd.gradgradcheck(lambda a: a.sin(), (x,), check_batched_grad=True),
        )


@scenario
def batched_gradients_that_raise(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)

    def looking(a: Any, grad: Any) -> Any:
        return grad * 2 if grad.sum().item() < 1e9 else grad

    planted = _scaled(torch, lambda a: a * 2, looking)
    _in_both_modes(torch, record, planted, (x,))
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
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0, 1.0)
    options = {"check_forward_ad": True, "check_batched_forward_grad": True}
    _in_both_modes(torch, record, lambda a, b: (a.sin() * b, b.sum()), (x, y), **options)


# The older functions -----------------------------------------------------------------------------


@scenario
def names_of_the_module(torch: Any, record: Recorder) -> None:
    module = _module(torch)
    record("all", sorted(module.__all__))
    record("the error is", [base.__name__ for base in module.GradcheckError.__mro__])
    record("functions", [module.gradcheck is torch.autograd.gradcheck])


@scenario
def numerical_jacobians(torch: Any, record: Recorder) -> None:
    module = _module(torch)
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0)
    # The step is a power of two: nothing is rounded.
    one = module.get_numerical_jacobian(lambda given: given[0] * given[1], (x, y), eps=0.125)
    record("of two inputs", one)
    record("of a target", module.get_numerical_jacobian(lambda g: x * g[0], (y,), (x,), eps=0.125))
    with record.raises("grad_out"):
        module.get_numerical_jacobian(lambda given: given[0] * 2, (x,), grad_out=2.0)
    with record.raises("complex output"):
        module.get_numerical_jacobian(lambda given: given[0] * 2j, (x,))


@scenario
def numerical_jacobian_of_one_input(torch: Any, record: Recorder) -> None:
    module = _module(torch)
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0)
    wanted = module.get_numerical_jacobian_wrt_specific_input

    def func(a: Any, b: Any) -> Any:
        return (a * b, a + b)

    record("of the first", wanted(func, 0, (x, y), func(x, y), 0.125))
    record("of the second", wanted(func, 1, (x, y), func(x, y), 0.125))
    with record.raises("one that requires no gradient"):
        wanted(func, 1, (x, y.detach()), func(x, y), 0.125)


@scenario
def analytical_jacobians(torch: Any, record: Recorder) -> None:
    module = _module(torch)
    x, y = _double(torch, 0.5, 1.5), _double(torch, 2.0)
    record("of two inputs", module.get_analytical_jacobian((x, y), x * y))
    with record.raises("grad_out"):
        module.get_analytical_jacobian((x,), x * 2, grad_out=2.0)
    with record.raises("complex output"):
        module.get_analytical_jacobian((x,), x * 2j)


@scenario
def arguments_by_name(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5)
    with record.raises("eps by position"):
        torch.autograd.gradcheck(lambda a: a * 2, (x,), 1e-6)
    with record.raises("unknown"):
        torch.autograd.gradcheck(lambda a: a * 2, (x,), check_everything=True)
    record(
        "all of them",
        torch.autograd.gradcheck(
            func=lambda a: a * 2,
            inputs=(x,),
            eps=1e-5,
            atol=1e-4,
            rtol=1e-2,
            raise_exception=False,
            nondet_tol=1e-9,
            check_undefined_grad=True,
            check_grad_dtypes=True,
            check_forward_ad=True,
            check_backward_ad=True,
            fast_mode=False,
            masked=None,
        ),
    )


@scenario
def tolerances_and_step(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    for eps in (1e-1, 1e-3, 1e-6):
        record(
            f"cube, eps {eps}",
            torch.autograd.gradcheck(lambda a: a**3, (x,), eps=eps, raise_exception=False),
        )
    planted = _scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2.25)
    for options in ({"rtol": 0.2, "atol": 0.0}, {"rtol": 0.0, "atol": 0.3}, {"rtol": 0.1}):
        for fast in (False, True):
            record(
                f"{options}, fast {fast}",
                torch.autograd.gradcheck(
                    planted, (x,), fast_mode=fast, raise_exception=False, **options
                ),
            )


# Odd calls ---------------------------------------------------------------------------------------


@scenario
def what_a_function_may_return(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, lambda a: {"a": a * 2}, (x,))
    _in_both_modes(torch, record, lambda a: (a * 2, a > 1), (x,))
    _in_both_modes(torch, record, lambda a: a, (x,))
    _in_both_modes(torch, record, lambda a: (), (x,))


@scenario
def what_inputs_may_be(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    with record.raises("nested"):
        torch.autograd.gradcheck(lambda a: a[0] * 2, ([x, x],))
    with record.raises("a string"):
        torch.autograd.gradcheck(lambda a: a * 2, "x")
    with record.raises("nothing"):
        torch.autograd.gradcheck(lambda: x * 2, ())
    _in_both_modes(torch, record, lambda a: a * 2, (x * 2,))
    with record.raises("second order of a computed one"):
        record("passed", torch.autograd.gradgradcheck(lambda a: a * a, (x * 2,)))


@scenario
def functions_that_write(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    _in_both_modes(torch, record, lambda a: a.clone().mul_(2), (x,), check_forward_ad=True)
    _in_both_modes(torch, record, lambda a: a.mul_(2), (x,))
    record("nothing was written", x)


@scenario
def hooks_change_gradients(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)

    def hooked(a: Any) -> Any:
        made = a * 1
        made.register_hook(lambda grad: grad * 2)
        return made

    _in_both_modes(torch, record, hooked, (x,))


@scenario
def without_grad_mode(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    with torch.no_grad():
        _in_both_modes(torch, record, lambda a: a * 2, (x,))


@scenario
def points_without_a_derivative(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.0, 1.0)
    _in_both_modes(torch, record, lambda a: a.abs(), (x,))
    _in_both_modes(torch, record, lambda a: a.relu(), (x,))
    _in_both_modes(torch, record, lambda a: a / 0, (x,), raise_exception=False)
    _in_both_modes(torch, record, lambda a: a * 2, (x,), eps=0.0)


@scenario
def gradients_do_not_reach_leaves(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    torch.autograd.gradcheck(lambda a: a * 2, (x,))
    torch.autograd.gradgradcheck(lambda a: a * a, (x,))
    record("grad", x.grad)
    record("x", x)


@scenario
def results_of_lower_precision(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    options = {"check_grad_dtypes": True, "eps": 0.125, "atol": 0.1}
    _in_both_modes(torch, record, lambda a: a.float() * 2, (x,), **options)
    _in_both_modes(torch, record, lambda a: a.float() * 2, (x,), check_forward_ad=True, **options)


@scenario
def second_order_arguments_by_position(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    with record.raises("eps by position"):
        torch.autograd.gradgradcheck(lambda a: a * a, (x,), None, 1e-6)
    with record.raises("an option of gradcheck"):
        torch.autograd.gradgradcheck(lambda a: a * a, (x,), check_forward_ad=True)


@scenario
def random_functions_fail(torch: Any, record: Recorder) -> None:
    x = _double(torch, 0.5, 1.5)
    record(
        "a random factor",
        torch.autograd.gradcheck(lambda a: a * torch.rand(2), (x,), raise_exception=False),
    )
    with record.raises("in a batch"):
        torch.autograd.gradcheck(
            lambda a: torch.nn.functional.dropout(a) * 0 + a,
            (x,),
            check_forward_ad=True,
            check_batched_forward_grad=True,
        )
