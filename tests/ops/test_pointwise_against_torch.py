"""Pointwise functions, activations and operators held against torch: values, dtypes, gradients,
tangents, node names, in-place forms and error texts.

A row is an expression, evaluated once with torch and once with each backend.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")

BACKENDS = ["numpy", "python"]

UNARY = [
    "abs",
    "neg",
    "sgn",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "rsqrt",
    "square",
    "reciprocal",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "atanh",
    "sinc",
    "sign",
    "ceil",
    "floor",
    "trunc",
    "round",
    "frac",
    "sigmoid",
    "logit",
    "erf",
    "erfc",
    "erfinv",
    "lgamma",
    "digamma",
    "i0",
    "angle",
    "deg2rad",
    "rad2deg",
    "nan_to_num",
]

DIFFERENTIABLE = [
    *(f"torch.{name}(x)" for name in UNARY),
    "torch.acosh(x + 1)",
    "torch.round(x, decimals=1)",
    "torch.logit(x, 0.1)",
    "torch.polygamma(2, x)",
    "torch.mvlgamma(x + 2, 3)",
    "x + y",
    "x + 2",
    "2 + x",
    "x - y",
    "x - 2",
    "2 - x",
    "x * y",
    "2 * x",
    "x / y",
    "x / 2",
    "2 / x",
    "x ** 2",
    "x ** 3",
    "x ** 0.5",
    "x ** -1",
    "x ** 0",
    "x ** y",
    "2 ** x",
    "0 ** x",
    "x % y",
    "x % 0.3",
    "abs(-x)",
    "+x",
    "torch.add(x, y, alpha=3)",
    "torch.sub(x, y, alpha=3)",
    "torch.rsub(x, y, alpha=3)",
    "torch.rsub(x, 2)",
    "torch.div(x, y, rounding_mode='floor')",
    "torch.div(x, y, rounding_mode='trunc')",
    "torch.div(x, y, rounding_mode=None)",
    "torch.fmod(x, y)",
    "torch.fmod(x, 0.3)",
    "torch.pow(x, y)",
    "torch.float_power(x, 3)",
    "torch.atan2(x, y)",
    "torch.hypot(x, y)",
    "torch.copysign(x, -y)",
    "torch.copysign(x, -1)",
    "torch.nextafter(x, y)",
    "torch.ldexp(x, y)",
    "torch.logaddexp(x, y)",
    "torch.logaddexp2(x, y)",
    "torch.xlogy(x, y)",
    "torch.xlogy(x, 2)",
    "torch.xlogy(2, x)",
    "torch.maximum(x, y)",
    "torch.minimum(x, y)",
    "torch.maximum(x, x)",
    "torch.fmax(x, y)",
    "torch.fmin(x, y)",
    "torch.maximum(x, t)",
    "torch.minimum(x, t)",
    "torch.fmax(x, t)",
    "torch.lerp(x, y, 0.3)",
    "torch.lerp(x, y, 0.8)",
    "torch.lerp(x, y, x)",
    "torch.addcmul(x, y, x, value=2)",
    "torch.addcdiv(x, y, x, value=2)",
    "torch.where(x > 0.4, x, y)",
    "torch.where(x > 0.4, x, 0)",
    "torch.where(x > 0.4, torch.log(x - 0.4), x)",
    "torch.clamp(x, 0.3, 0.5)",
    "torch.clamp(x, 0.3)",
    "torch.clamp(x, max=0.5)",
    "torch.clamp(x, t, y)",
    "torch.clamp(x, min=t)",
    "torch.clamp(x, max=t)",
    "torch.clamp_min(x, 0.3)",
    "torch.clamp_max(x, y)",
    "torch.frexp(x)[0]",
    "torch.special.entr(x)",
    "torch.special.erfcx(x)",
    "torch.special.i0e(x)",
    "torch.special.i1(x)",
    "torch.special.i1e(x)",
    "torch.special.ndtr(x)",
    "torch.special.ndtri(x)",
    "torch.special.log_ndtr(x)",
    "torch.special.xlog1py(x, y)",
    "torch.special.zeta(2.5, x)",
    *(
        f"F.{name}(c)"
        for name in [
            "relu",
            "relu6",
            "leaky_relu",
            "elu",
            "selu",
            "celu",
            "gelu",
            "silu",
            "mish",
            "hardtanh",
            "hardswish",
            "hardshrink",
            "softshrink",
            "tanhshrink",
            "softsign",
            "softplus",
            "logsigmoid",
            "rrelu",
        ]
    ),
    "F.gelu(c, approximate='tanh')",
    "F.threshold(c, 0.1, 0.2)",
    "F.prelu(c, y[:1])",
    "F.glu(c)",
    "F.celu(c, 0.7)",
    "F.softplus(c, 2, 1)",
    *(
        f"F.{name}(c * 1, inplace=True)"
        for name in [
            "relu",
            "relu6",
            "leaky_relu",
            "elu",
            "selu",
            "celu",
            "silu",
            "mish",
            "hardtanh",
            "hardswish",
        ]
    ),
    "torch.view_as_real(z)",
    "z.real",
    "z.imag",
    "z * x",
    "z / z",
    "z.abs()",
    "torch.angle(z)",
    "torch.sgn(z)",
    "z ** 2",
    "z ** (1 + 2j)",
    "x ** (1 + 2j)",
    "torch.exp(z)",
    "torch.tanh(z)",
    "torch.conj_physical(z)",
    "torch.complex(x, y)",
    "torch.polar(x, y)",
    "torch.log(z)",
]

VALUES = """
i + 1
i + 1.5
i - True
i * b
i / 2
i // 2
i // f
i % 3
-i % 3
i ** 2
2 ** i
i ** 2.0
i & 1
i | j
i ^ j
i << 1
i >> 1
~i
~b
b & True
b + b
b * b
divmod(i, 1)
i == 2
i < 1.5
f >= i
b != True
i == None
i == 'a'
torch.exp(i)
torch.sin(b)
torch.ceil(i)
torch.clamp(i, 1.5)
torch.clamp(i, 1, 2)
torch.gcd(i, j)
torch.lcm(i, j)
torch.heaviside(f, f)
torch.isfinite(f / 0)
torch.isneginf(f / 0)
torch.signbit(-f)
torch.logical_xor(i, b)
torch.bitwise_and(i, 6)
torch.float_power(i, 2)
torch.isreal(f + 1j)
torch.nan_to_num(f / 0)
torch.div(i, j, rounding_mode='trunc')
torch.div(-i, j, rounding_mode='floor')
f16 + 1
f16 * f
bf16 * 0.5
bf16 + f16
i8 + 100
u8 - 5
i.add_(1.5)
i.mul_(2)
i.div_(2)
f.add_(i)
b.add_(1)
f.mul_(1j)
f - b
True - f
-b
+b
torch.add(i, i, alpha=1.5)
torch.add(b, b, alpha=True)
torch.add(f, f, alpha=1j)
torch.sign(f + 1j)
torch.floor(f + 1j)
torch.maximum(f + 1j, f)
torch.erf(f + 1j)
torch.lt(f + 1j, f)
torch.bitwise_not(f)
torch.frac(i)
torch.atan2(f, 1)
torch.fmod(1, 2)
torch.clamp(f)
torch.where(i, f, f)
torch.lerp(f, f, i)
torch.lerp(f, f, torch.tensor(0.25, dtype=torch.float16))
torch.addcdiv(i, i, i)
torch.complex(f, i)
torch.div(f, f, rounding_mode='up')
torch.imag(f)
F.glu(torch.ones(3))
F.softshrink(f, -1)
F.relu(b)
F.prelu(f, torch.ones(2))
i // 0
i % 0
f.pow_(torch.ones(2, 3))
f.float_power_(2)
torch.polygamma(-1, f)
torch.isclose(f, f + 1e-9)
torch.isclose(f, f + 1e-4)
torch.isclose(f / 0, f / 0)
torch.isclose(f / 0, f / 0, equal_nan=True)
torch.isclose(i, j, 0, 0)
torch.isclose(f, i)
torch.isclose(f, f, -1)
torch.allclose(f, f + 1)
torch.equal(f, f + 0)
torch.equal(f, j)
""".strip().splitlines()


def names_of(torch: Any) -> dict[str, Any]:
    """The operands the expressions speak of, in one module's tensors."""

    def leaf(values: list[Any], dtype: Any) -> Any:
        return torch.tensor(values, dtype=dtype, requires_grad=True)

    return {
        "torch": torch,
        "F": torch.nn.functional,
        "x": leaf([0.125, 0.3, 0.7, 0.9], torch.float64),
        "y": leaf([0.5, 0.2, 0.7, 0.4], torch.float64),
        "t": leaf([0.125, 0.4, 0.2, 0.9], torch.float64),
        "c": leaf([-4.0, -0.5, 0.0, 3.5], torch.float64),
        "z": leaf([1 + 2j, -0.5j, -2 + 0.1j, 0.3], torch.complex128),
        "i": torch.tensor([1, 2, 3]),
        "j": torch.tensor([4, 3, 2]),
        "b": torch.tensor([True, False, True]),
        "f": torch.tensor([-1.5, 0.0, 2.25]),
        "i8": torch.tensor([100, -100, 3], dtype=torch.int8),
        "u8": torch.tensor([1, 250, 3], dtype=torch.uint8),
        "f16": torch.tensor([0.1, -2.0, 3.3], dtype=torch.float16),
        "bf16": torch.tensor([0.1, -2.0, 3.3], dtype=torch.bfloat16),
    }


def graph(node: Any) -> Any:
    """The names of the nodes behind one, nested."""
    if node is None:
        return None
    return (node.name(), [graph(following) for following, _ in node.next_functions])


def numbers(tensor: Any) -> list[Any]:
    """The elements of a tensor in row-major order."""
    return [] if tensor is None else (tensor.detach() + 0).reshape(-1).tolist()


def weights(torch: Any, like: Any) -> Any:
    """Unequal cotangents of the shape and dtype of a tensor."""
    count = like.numel()
    return torch.tensor([0.3 + 0.2 * k for k in range(count)], dtype=like.dtype).reshape(like.shape)


def evaluated(torch: Any, expression: str) -> dict[str, Any]:
    """Everything about an expression that is compared."""
    names = names_of(torch)
    result = eval(expression, names)
    found: dict[str, Any] = {
        "value": numbers(result),
        "dtype": str(result.dtype),
        "shape": tuple(result.shape),
        "graph": graph(result.grad_fn),
    }
    leaves = [name for name in "xytcz" if name in expression]
    if result.requires_grad:
        inputs = [names[name] for name in leaves]
        grads = torch.autograd.grad(
            result, inputs, weights(torch, result), create_graph=True, allow_unused=True
        )
        found["gradients"] = [numbers(grad) for grad in grads]
        total = [grad for grad in grads if grad is not None and grad.requires_grad]
        if total:
            second = torch.autograd.grad(
                total, inputs, [weights(torch, grad) for grad in total], allow_unused=True
            )
            found["second"] = [numbers(grad) for grad in second]
    return found


def assert_close(got: Any, expected: Any) -> None:
    """Compare nested lists of numbers to 1e-9, the special values exactly."""
    if isinstance(expected, list):
        assert len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            assert_close(a, b)
    else:
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-11, nan_ok=True)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("expression", DIFFERENTIABLE)
def test_gradients_and_graph(expression: str, backend: str) -> None:
    expected = evaluated(real_torch, expression)
    with autograd_core.use_backend(backend):
        got = evaluated(autograd_core, expression)
    for name in ("dtype", "shape", "graph"):
        assert got[name] == expected[name]
    for name in ("value", "gradients", "second"):
        assert (name in got) == (name in expected)
        assert_close(got.get(name, []), expected.get(name, []))


def outcome(torch: Any, expression: str) -> Any:
    """The result of an expression, or the type and text of its error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = eval(expression, names_of(torch))
    except Exception as error:  # noqa: BLE001 - the refusal is the outcome
        return type(error).__name__, str(error)
    if isinstance(result, bool):
        return result
    return str(result.dtype), tuple(result.shape), numbers(result)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("expression", VALUES)
def test_promotion_and_refusals(expression: str, backend: str) -> None:
    expected = outcome(real_torch, expression)
    with autograd_core.use_backend(backend):
        got = outcome(autograd_core, expression)
    if isinstance(expected, tuple) and isinstance(expected[-1], list):
        assert got[:-1] == expected[:-1]
        narrow = expected[0] in ("torch.bfloat16", "torch.float16", "torch.float32")
        for a, b in zip(got[-1], expected[-1], strict=True):
            assert a == pytest.approx(b, rel=1e-6 if narrow else 1e-12, nan_ok=True)
    else:
        assert got == expected


@pytest.mark.parametrize("expression", ["F.gelu(bf16)", "torch.sinc(bf16)", "F.mish(f16)"])
def test_numpy_rounds_16_bit_floats_once(expression: str) -> None:
    expected = outcome(real_torch, expression)
    with autograd_core.use_backend("numpy"):
        assert outcome(autograd_core, expression) == expected


def test_the_gradient_of_hardsigmoid_has_no_gradient() -> None:
    x = autograd_core.tensor([0.5, 4.0], requires_grad=True)
    y = autograd_core.nn.functional.hardsigmoid(x).sum()
    (grad,) = autograd_core.autograd.grad(y, x, create_graph=True)
    assert grad.tolist() == pytest.approx([1 / 6, 0])
    with pytest.raises(RuntimeError, match="derivative for aten::hardsigmoid_backward"):
        grad.sum().backward()


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "expression", ["torch.atan2(x, y)", "x ** y", "torch.clamp(x, t, y)", "F.elu(x)", "x / y"]
)
def test_tangents(expression: str, backend: str) -> None:
    def tangent(torch: Any) -> list[Any]:
        names = names_of(torch)
        with torch.autograd.forward_ad.dual_level():
            for name in "xyt":
                value = names[name].detach()
                names[name] = torch.autograd.forward_ad.make_dual(value, weights(torch, value))
            result = eval(expression, names)
            return numbers(torch.autograd.forward_ad.unpack_dual(result).tangent)

    expected = tangent(real_torch)
    with autograd_core.use_backend(backend):
        assert_close(tangent(autograd_core), expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_the_gradients_of_atan2_share_is_differentiated_once(backend: str) -> None:
    def second_order(torch: Any) -> list[Any]:
        x = torch.tensor([0.01, 0.5], dtype=torch.float16, requires_grad=True)
        y = torch.tensor([0.02, -2.0], dtype=torch.float16, requires_grad=True)
        angles = torch.atan2(x, y)
        first = torch.autograd.grad(angles, (x, y), torch.ones_like(angles), create_graph=True)
        again = torch.autograd.grad(first, (x, y), [torch.ones_like(x), torch.ones_like(x)])
        return [gradient.tolist() for gradient in again]  # the square of what is shared overflows

    with autograd_core.use_backend(backend):
        assert second_order(autograd_core) == second_order(real_torch)
