"""gradcheck's own test: wrong derivatives are planted into the table, and each must be caught."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from autograd_core import ops
from autograd_core.autograd.gradcheck import GradcheckError

CACHED = ("gradient_parameters", "tangent_parameters")
"""What an entry works out of its formulas when it is first used."""


class Bug(NamedTuple):
    """A wrong derivative: the attributes of an op's entry it changes, a call that it makes wrong.

    ``check`` and ``options`` say how gradcheck is asked, ``text`` what it must answer.
    """

    op: Any
    changes: dict[str, Any]
    call: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    text: str = "Jacobian mismatch for output 0 with respect to input {input}"
    input: int = 0
    dtype: str = "float64"
    check: str = "gradcheck"
    options: Mapping[str, Any] = MappingProxyType({})


def _gradient(*formulas: Any) -> dict[str, Any]:
    return {"formulas": formulas}


def _tangent(formula: Any) -> dict[str, Any]:
    return {"tangent": formula, "tangent_kind": "formula"}


class _Unsteady:
    """The cosine and a little more each time: right within the tolerance, and never the same."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, xp: Any, number: Any) -> Any:
        self.runs += 1
        return xp.cos(number) + 1e-9 * self.runs


_unsteady = _Unsteady()
_FORWARD: dict[str, Any] = {"check_forward_ad": True, "check_backward_ad": False}
_FORWARD_OVER_BACKWARD: dict[str, Any] = {
    "check_fwd_over_rev": True,
    "check_rev_over_rev": False,
    "check_undefined_grad": False,
}
_TANGENT_TEXT = "Jacobian computed with forward mode mismatch for output 0 with respect to input 0"

BUGS = {
    "wrong sign": Bug(
        ops.sin,
        _gradient(lambda xp, grad, self: -grad * xp.conj(xp.cos(self))),
        lambda t, x: t.sin(x),
        ((3,),),
    ),
    "wrong factor": Bug(
        ops.sin,
        _gradient(lambda xp, grad, self: grad * xp.conj(xp.cos(self)) * 1.01),
        lambda t, x: t.sin(x),
        ((3,),),
    ),
    "missing conjugate": Bug(
        ops.sin,
        _gradient(lambda xp, grad, self: grad * xp.cos(self)),
        lambda t, x: t.sin(x),
        ((3,),),
        "While considering the imaginary part of complex outputs only, Jacobian mismatch",
        dtype="complex128",
    ),
    "missing conjugate of a real result": Bug(
        ops.sin,
        _gradient(lambda xp, grad, self: grad * xp.cos(self)),
        lambda t, x: t.sin(x).abs(),
        ((3,),),
        dtype="complex128",
    ),
    "dropped term": Bug(
        ops.tan,
        _gradient(lambda xp, grad, result: grad * xp.conj(xp.pow_scalar(result, 2))),
        lambda t, x: t.tan(x),
        ((3,),),
    ),
    "dropped factor of one input": Bug(
        ops.addcmul,
        _gradient(
            lambda grad: grad,
            lambda xp, grad, tensor2, value: grad * xp.conj(tensor2 * value),
            lambda xp, grad, tensor1, value: grad * xp.conj(tensor1),
        ),
        lambda t, s, x, y: t.addcmul(s, x, y, value=1.5),
        ((2, 2), (2,), (2, 1)),
        input=2,
    ),
    "gradient of zeros": Bug(
        ops.sin,
        _gradient(lambda xp, grad, self: xp.zeros_like(grad)),
        lambda t, x: t.sin(x),
        ((3,),),
    ),
    "no gradient": Bug(ops.sin, _gradient(lambda grad: None), lambda t, x: t.sin(x), ((3,),)),
    "gradients of two inputs exchanged": Bug(
        ops.mul,
        _gradient(lambda grad, self: grad * self, lambda grad, other: grad * other),
        lambda t, x, y: x * y,
        ((3,), (3,)),
    ),
    "running sum not reversed": Bug(
        ops.cumsum,
        _gradient(lambda xp, grad, dim: xp.cumsum(grad, dim)),
        lambda t, x: t.cumsum(x, 0),
        ((3,),),
    ),
    "not the same twice": Bug(
        ops.sin,
        _gradient(lambda xp, grad, self: grad * xp.conj(_unsteady(xp, self))),
        lambda t, x: t.sin(x),
        ((3,),),
        "Backward is not reentrant, i.e., running backward with same input and grad_output",
    ),
    "not multiplied by the gradient": Bug(
        ops.sum_all,
        _gradient(lambda xp, grad, self_shape: xp.ones_like(xp.expand(grad, self_shape))),
        lambda t, x: t.sum(x),
        ((3,),),
        "backward not multiplied by grad_output",
    ),
    "wrong second derivative": Bug(
        ops.sigmoid_backward,
        _gradient(
            lambda xp, grad, output: xp.sigmoid_backward(grad, xp.conj(output)),
            lambda xp, grad, grad_output, output: grad * grad_output * (1 - output),
        ),
        lambda t, x: t.sigmoid(x),
        ((3,),),
        check="gradgradcheck",
    ),
    "no second derivative": Bug(
        ops.sigmoid_backward,
        _gradient(
            lambda xp, grad, output: xp.sigmoid_backward(grad, xp.conj(output)),
            lambda grad: None,
        ),
        lambda t, x: t.sigmoid(x),
        ((3,),),
        check="gradgradcheck",
    ),
    "wrong tangent": Bug(
        ops.mul,
        _tangent(lambda self, other, self_t, other_t: self_t * other - other_t * self),
        lambda t, x: t.exp(x) * x,
        ((3,),),
        _TANGENT_TEXT,
        options=_FORWARD,
    ),
    "no tangent": Bug(
        ops.sin,
        _tangent(lambda xp: None),
        lambda t, x: t.sin(x),
        ((3,),),
        _TANGENT_TEXT,
        options=_FORWARD,
    ),
    "wrong tangent of complex numbers": Bug(
        ops.sin,
        _tangent(lambda xp, self, self_t: xp.conj(xp.cos(self)) * self_t),
        lambda t, x: t.sin(x),
        ((3,),),
        f"While considering the imaginary part of complex inputs only, {_TANGENT_TEXT}",
        dtype="complex128",
        options=_FORWARD,
    ),
    "wrong tangent of a backward": Bug(
        ops.sigmoid_backward,
        _tangent(lambda xp, output, grad_output_t: xp.sigmoid_backward(grad_output_t, output)),
        lambda t, x: t.sigmoid(x),
        ((3,),),
        _TANGENT_TEXT,
        check="gradgradcheck",
        options=_FORWARD_OVER_BACKWARD,
    ),
}


@pytest.fixture
def plant() -> Iterator[Callable[[Bug], None]]:
    """A function that puts a bug into the table until the test is over."""
    planted: list[tuple[Any, dict[str, Any]]] = []

    def change(entry: Any, changes: dict[str, Any]) -> None:
        vars(entry).update(changes)
        entry.plans.clear()
        for name in CACHED:
            vars(entry).pop(name, None)

    def put(bug: Bug) -> None:
        entry = bug.op.entry
        planted.append((entry, {name: getattr(entry, name) for name in bug.changes}))
        change(entry, bug.changes)

    yield put
    for entry, before in planted:
        change(entry, before)


def _run(engine: Any, bug: Bug, fast: bool) -> None:
    dtype = getattr(engine, bug.dtype)
    inputs = []
    for k, shape in enumerate(bug.shapes):
        numbers = [0.3 + 0.1 * k + 0.2 * i for i in range(math.prod(shape))]
        made = engine.tensor(numbers, dtype=dtype) * (1 + 0.5j if dtype.is_complex else 1)
        inputs.append(made.reshape(shape).clone().requires_grad_())
    check = getattr(engine.autograd, bug.check)
    check(lambda *given: bug.call(engine, *given), tuple(inputs), fast_mode=fast, **bug.options)


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("name", BUGS)
def test_bug_is_caught(engine: Any, plant: Callable[[Bug], None], name: str, fast: bool) -> None:
    bug = BUGS[name]
    _run(engine, bug, fast)  # nothing is wrong yet
    plant(bug)
    with pytest.raises(GradcheckError) as caught:
        _run(engine, bug, fast)
    assert str(caught.value).startswith(bug.text.format(input=bug.input))
    assert ("recompute numerical and analytical jacobians in slow mode" in str(caught.value)) == (
        fast and "acobian" in bug.text
    )
