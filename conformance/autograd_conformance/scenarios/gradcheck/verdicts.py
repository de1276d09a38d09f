"""What passes, what is refused, what is found wrong."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.gradcheck import complex_leaf, double, in_both_modes, scaled
from autograd_conformance.scenarios.recording import Recorder, scenario

# What passes -------------------------------------------------------------------------------------


@scenario
def real_functions_pass(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5, -2.0), double(torch, 2.0, 1.0, 0.25)
    in_both_modes(torch, record, lambda a, b: (a * b.exp(), (a * a).sum()), (x, y))
    record("x is put back", x)
    record("y is put back", y)


@scenario
def one_tensor_need_not_be_in_a_tuple(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, lambda a: a.sin(), x)
    in_both_modes(torch, record, lambda a: [a.sin(), a * 2], [x])


@scenario
def numbers_of_zero_dimensions(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    in_both_modes(torch, record, lambda a: a * a, (x,), check_forward_ad=True)
    record("x is put back", x)


@scenario
def nothing_in_a_tensor(torch: Any, record: Recorder) -> None:
    x = torch.zeros(0, 2, dtype=torch.float64, requires_grad=True)
    in_both_modes(torch, record, lambda a: a * 2, (x,))


@scenario
def complex_functions_pass(torch: Any, record: Recorder) -> None:
    x = complex_leaf(torch, 0.5 + 1j, -1.5 - 0.25j)
    in_both_modes(torch, record, lambda a: a * a.conj().exp(), (x,), check_forward_ad=True)
    in_both_modes(torch, record, lambda a: a.abs(), (x,), check_forward_ad=True)
    record("x is put back", x)


@scenario
def complex_of_real_passes(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, lambda a: (a * (1 + 2j), a.sin()), (x,), check_forward_ad=True)


@scenario
def real_and_complex_inputs_together(torch: Any, record: Recorder) -> None:
    x, z = double(torch, 0.5, 1.5), complex_leaf(torch, 1 + 1j, 2 - 1j)
    in_both_modes(torch, record, lambda a, b: (a * b, b.real * a), (x, z), check_forward_ad=True)


@scenario
def inputs_that_are_not_differentiated(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    index, factor = torch.tensor([1, 0]), torch.tensor([2.0, 3.0], dtype=torch.float64)
    in_both_modes(torch, record, lambda a, i, f, k, none: a[i] * f * k, (x, index, factor, 3, None))


@scenario
def outputs_that_are_not_differentiated(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, lambda a: (a * 2, a.long()), (x,))
    in_both_modes(torch, record, lambda a: (a * 2, a.detach()), (x,))
    in_both_modes(torch, record, lambda a: (a.long(), a * 2), (x,))


@scenario
def inputs_that_are_not_used(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0)
    in_both_modes(torch, record, lambda a, b: a * 2, (x, y), check_forward_ad=True)


@scenario
def view_of_a_larger_tensor(torch: Any, record: Recorder) -> None:
    whole = torch.arange(6.0, dtype=torch.float64).reshape(2, 3).t()
    x = whole.detach().requires_grad_()
    in_both_modes(torch, record, lambda a: a.contiguous().view(6) * 2, (x,))
    y = double(torch, 1.0, 2.0, 3.0, 4.0)
    in_both_modes(torch, record, lambda a: a * 2, (y[::2],))


@scenario
def function_is_called_so_many_times(torch: Any, record: Recorder) -> None:
    x, z = double(torch, 0.5, 1.5), complex_leaf(torch, 1 + 1j)
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
    x = double(torch, 0.5, 1.5)
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
    z = double(torch, 1.0)
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
    x = double(torch, 1.0)
    with record.raises("expanded"):
        torch.autograd.gradcheck(lambda a: a * 2, (x.expand(3),))
    with record.raises("second"):
        torch.autograd.gradcheck(lambda a, b: b * 2, (x, x.expand(2, 1)))
    record("one element", torch.autograd.gradcheck(lambda a: a * 2, (x.expand(1, 1),)))


@scenario
def options_that_exclude_each_other(torch: Any, record: Recorder) -> None:
    x = double(torch, 1.0)
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
    x = double(torch, 1.0)
    for made in (3, None, "text"):
        with record.raises(f"{made}"):
            torch.autograd.gradcheck(lambda a, made=made: (a * 2, made), (x,))


@scenario
def functions_that_raise(torch: Any, record: Recorder) -> None:
    x = double(torch, 1.0, 2.0)

    def refuse(a: Any) -> Any:
        raise ValueError(f"not of {a.shape}")

    with record.raises("its own error"):
        torch.autograd.gradcheck(refuse, (x,), raise_exception=False)


@scenario
def nothing_differentiable_returned(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, lambda a: torch.ones_like(a), (x,))
    in_both_modes(torch, record, lambda a: a.detach() * 2, (x,))
    in_both_modes(torch, record, lambda a: a.detach() * 2, (x,), raise_exception=False)
    in_both_modes(torch, record, lambda a: a.detach().sign(), (x,), check_forward_ad=True)


@scenario
def outputs_change_with_the_input(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 0.25)

    def longer(a: Any) -> Any:
        return (a * 2)[: 1 + (a[0] > 0.5)]

    def coarser(a: Any) -> Any:
        made = a * 2
        return made.float() if a[0] > 0.5 else made

    in_both_modes(torch, record, longer, (x,))
    in_both_modes(torch, record, coarser, (x.detach().clone().requires_grad_(),))


# What is wrong -----------------------------------------------------------------------------------


@scenario
def wrong_gradient(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 3)
    in_both_modes(torch, record, planted, (x,))
    in_both_modes(torch, record, planted, (x,), raise_exception=False)
    in_both_modes(torch, record, planted, (x,), atol=1.5)


@scenario
def wrong_gradient_of_one_element(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 3)
    in_both_modes(torch, record, planted, (x,))


@scenario
def wrong_gradient_of_the_second_input(torch: Any, record: Recorder) -> None:
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0, 4.0)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: -grad * 2)
    in_both_modes(torch, record, lambda a, b: (a + b, a + planted(b)), (x, y))


@scenario
def missing_gradient(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, scaled(torch, lambda a: a * 2, lambda a, grad: None), (x,))
    in_both_modes(torch, record, lambda a: a * a.detach(), (x,))


@scenario
def wrong_gradient_of_complex_numbers(torch: Any, record: Recorder) -> None:
    x = complex_leaf(torch, 0.5 + 1j, 2 - 1j)
    planted = scaled(torch, lambda a: a * 2j, lambda a, grad: grad * 2j)
    for mode in (False, True):
        with record.raises(f"conjugate forgotten, fast {mode}"):
            torch.autograd.gradcheck(planted, (x,), fast_mode=mode)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: grad.conj() * 2)
    for mode in (False, True):
        with record.raises(f"only imaginary parts wrong, fast {mode}"):
            torch.autograd.gradcheck(planted, (x,), fast_mode=mode)


@scenario
def wrong_gradient_of_a_real_result(torch: Any, record: Recorder) -> None:
    x = complex_leaf(torch, 0.5 + 1j, 2 - 1j)
    planted = scaled(torch, lambda a: a.real * 2, lambda a, grad: torch.complex(grad * 3, grad))
    in_both_modes(torch, record, planted, (x,))


@scenario
def wrong_in_fast_mode_only(torch: Any, record: Recorder) -> None:
    x = double(torch, *(0.5 for _ in range(40)))
    matrix = torch.ones(40, 40, dtype=torch.float64)
    planted = scaled(
        torch, lambda a: matrix @ a, lambda a, grad: matrix @ grad * (1 + 2.0**-9), check=None
    )
    in_both_modes(torch, record, planted, (x,), atol=0.0078125, rtol=0.0)


@scenario
def not_the_same_twice(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    runs = [0]

    def unsteady(a: Any, grad: Any) -> Any:
        runs[0] += 1
        return grad * (2 + 1e-7 * runs[0])

    planted = scaled(torch, lambda a: a * 2, unsteady)
    in_both_modes(torch, record, planted, (x,))
    in_both_modes(torch, record, planted, (x,), nondet_tol=1e-3)


@scenario
def not_multiplied_by_the_gradient(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: torch.full_like(a, 2.0))
    in_both_modes(torch, record, planted, (x,))
    in_both_modes(torch, record, planted, (x,), masked=True)


@scenario
def almost_multiplied_by_the_gradient(torch: Any, record: Recorder) -> None:
    x = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2 + 1e-9)
    options = {"check_undefined_grad": False}
    in_both_modes(torch, record, planted, (x,), **options)
    in_both_modes(torch, record, planted, (x,), masked=True, **options)


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
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, _pair(torch, _sum_of_present), (x,))


@scenario
def undefined_gradients_not_handled(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)

    def all_undefined(first: Any, second: Any) -> Any:
        if first is None and second is None:
            raise RuntimeError("both are missing")
        return _sum_of_present(first, second)

    def made_up(first: Any, second: Any) -> Any:
        if first is None and second is None:
            return torch.ones(2, dtype=torch.float64)
        return _sum_of_present(first, second)

    in_both_modes(torch, record, _pair(torch, all_undefined), (x,))
    in_both_modes(torch, record, _pair(torch, all_undefined), (x,), check_undefined_grad=False)
    in_both_modes(torch, record, _pair(torch, made_up), (x,))


@scenario
def undefined_gradient_of_one_function(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)

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

    in_both_modes(torch, record, Lazy.apply, (x,))
