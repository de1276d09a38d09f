"""The older functions, and odd calls."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from autograd_conformance.scenarios.gradcheck import double, in_both_modes, scaled
from autograd_conformance.scenarios.recording import Recorder, scenario


def _module(torch: Any) -> Any:
    """The module of gradcheck, whose name in torch.autograd is the function's."""
    name = f"{torch.__name__}.autograd.gradcheck"
    importlib.import_module(name)
    return sys.modules[name]


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
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0)
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
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0)
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
    x, y = double(torch, 0.5, 1.5), double(torch, 2.0)
    record("of two inputs", module.get_analytical_jacobian((x, y), x * y))
    with record.raises("grad_out"):
        module.get_analytical_jacobian((x,), x * 2, grad_out=2.0)
    with record.raises("complex output"):
        module.get_analytical_jacobian((x,), x * 2j)


@scenario
def arguments_by_name(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5)
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
    x = double(torch, 0.5, 1.5)
    for eps in (1e-1, 1e-3, 1e-6):
        record(
            f"cube, eps {eps}",
            torch.autograd.gradcheck(lambda a: a**3, (x,), eps=eps, raise_exception=False),
        )
    planted = scaled(torch, lambda a: a * 2, lambda a, grad: grad * 2.25)
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
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, lambda a: {"a": a * 2}, (x,))
    in_both_modes(torch, record, lambda a: (a * 2, a > 1), (x,))
    in_both_modes(torch, record, lambda a: a, (x,))
    in_both_modes(torch, record, lambda a: (), (x,))


@scenario
def what_inputs_may_be(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    with record.raises("nested"):
        torch.autograd.gradcheck(lambda a: a[0] * 2, ([x, x],))
    with record.raises("a string"):
        torch.autograd.gradcheck(lambda a: a * 2, "x")
    with record.raises("nothing"):
        torch.autograd.gradcheck(lambda: x * 2, ())
    in_both_modes(torch, record, lambda a: a * 2, (x * 2,))
    with record.raises("second order of a computed one"):
        record("passed", torch.autograd.gradgradcheck(lambda a: a * a, (x * 2,)))


@scenario
def functions_that_write(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    in_both_modes(torch, record, lambda a: a.clone().mul_(2), (x,), check_forward_ad=True)
    in_both_modes(torch, record, lambda a: a.mul_(2), (x,))
    record("nothing was written", x)


@scenario
def hooks_change_gradients(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)

    def hooked(a: Any) -> Any:
        made = a * 1
        made.register_hook(lambda grad: grad * 2)
        return made

    in_both_modes(torch, record, hooked, (x,))


@scenario
def without_grad_mode(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    with torch.no_grad():
        in_both_modes(torch, record, lambda a: a * 2, (x,))


@scenario
def points_without_a_derivative(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.0, 1.0)
    in_both_modes(torch, record, lambda a: a.abs(), (x,))
    in_both_modes(torch, record, lambda a: a.relu(), (x,))
    in_both_modes(torch, record, lambda a: a / 0, (x,), raise_exception=False)
    in_both_modes(torch, record, lambda a: a * 2, (x,), eps=0.0)


@scenario
def gradients_do_not_reach_leaves(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    torch.autograd.gradcheck(lambda a: a * 2, (x,))
    torch.autograd.gradgradcheck(lambda a: a * a, (x,))
    record("grad", x.grad)
    record("x", x)


@scenario
def results_of_lower_precision(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    options = {"check_grad_dtypes": True, "eps": 0.125, "atol": 0.1}
    in_both_modes(torch, record, lambda a: a.float() * 2, (x,), **options)
    in_both_modes(torch, record, lambda a: a.float() * 2, (x,), check_forward_ad=True, **options)


@scenario
def second_order_arguments_by_position(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
    with record.raises("eps by position"):
        torch.autograd.gradgradcheck(lambda a: a * a, (x,), None, 1e-6)
    with record.raises("an option of gradcheck"):
        torch.autograd.gradgradcheck(lambda a: a * a, (x,), check_forward_ad=True)


@scenario
def random_functions_fail(torch: Any, record: Recorder) -> None:
    x = double(torch, 0.5, 1.5)
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
