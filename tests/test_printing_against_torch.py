"""Printing and number limits against torch itself, over thousands of seeded random tensors."""

from __future__ import annotations

import math
import random
import time
import timeit
from collections.abc import Callable, Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="compares with torch's own printing")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch._tensor_str import printoptions as torch_printoptions
from torch.autograd import forward_ad

from autograd_core import number_limits, printing

# Opening a dual level compiles decompositions with a function that torch itself deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
COMPLEXES = {torch.complex64: torch.float32, torch.complex128: torch.float64}
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
DTYPES = (*FLOATS, *COMPLEXES, *INTEGERS, torch.bool)
BITS = {
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
    torch.float32: torch.int32,
    torch.float64: torch.int64,
}


@pytest.fixture(autouse=True, scope="module")
def torch_hooks() -> Iterator[None]:
    hooks = printing.PrintingHooks()
    hooks.default_dtype = torch.get_default_dtype
    hooks.no_grad = torch.no_grad
    hooks.unpack_dual = forward_ad.unpack_dual
    hooks.is_plain = lambda tensor: type(tensor) in (torch.Tensor, torch.nn.Parameter)
    hooks.is_parameter = lambda tensor: isinstance(tensor, torch.nn.Parameter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "hooks", hooks)
        yield


def assert_prints_alike(tensor: Any, **options: Any) -> None:
    with torch_printoptions(**options), printing.printoptions(**options):
        assert printing.tensor_repr(tensor) == repr(tensor)


def gaussian(rng: random.Random) -> float:
    return rng.gauss(0, 1)


def small_integer(rng: random.Random) -> float:
    return float(rng.randint(-30, 30))


def integer_near_a_power_of_ten(rng: random.Random) -> float:
    return float(rng.choice((-1, 1)) * (10 ** rng.randint(0, 9) + rng.randint(-1, 1)))


def rounding_up(rng: random.Random) -> float:
    return float(rng.choice((-1, 1)) * 10 ** rng.randint(-3, 5) * (1 - 10 ** -rng.uniform(2, 8)))


def near_a_limit_of_fixed_notation(rng: random.Random) -> float:
    limit = rng.choice((1.0e-4, 1.0e8, 1.0, 1000.0, 0.1, 100.0))
    for _ in range(rng.randint(0, 2)):
        limit = math.nextafter(limit, rng.choice((0.0, math.inf)))
    return limit * rng.choice((1, 1, 1, 1 + 1e-7, 1 - 1e-3))


def any_magnitude(rng: random.Random) -> float:
    return rng.choice((-1, 1)) * 10 ** rng.uniform(-310, 308)


def close_magnitudes(rng: random.Random) -> float:
    return rng.choice((-1, 1)) * 10 ** rng.uniform(-3.9, -1.5)


def special(rng: random.Random) -> float:
    return rng.choice((0.0, -0.0, math.nan, -math.nan, math.inf, -math.inf))


KINDS = (
    gaussian,
    small_integer,
    integer_near_a_power_of_ten,
    rounding_up,
    near_a_limit_of_fixed_notation,
    any_magnitude,
    close_magnitudes,
    special,
)


def floats(dtype: Any, size: int, kind: Any, mixed: float, rng: random.Random) -> Any:
    """``size`` numbers of one kind, a share ``mixed`` of them special; kind None: any bits."""
    if kind is None:
        bits = BITS[dtype]
        limits = torch.iinfo(bits)
        patterns = [rng.randint(limits.min, limits.max) for _ in range(size)]
        return torch.tensor(patterns, dtype=bits).view(dtype)
    numbers = [special(rng) if rng.random() < mixed else kind(rng) for _ in range(size)]
    return torch.tensor(numbers, dtype=torch.float64).to(dtype)


@st.composite
def tensors(draw: Any, dtype: Any) -> Any:
    largest_size = draw(st.sampled_from((3, 3, 9, 40)))
    most_axes = {3: 5, 9: 3, 40: 2}[largest_size]
    shape = draw(st.lists(st.integers(0, largest_size), max_size=most_axes))
    rng = random.Random(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from((None, *KINDS)))
    mixed = draw(st.sampled_from((0, 0, 0.1, 0.5)))
    size = math.prod(shape)
    if dtype in COMPLEXES:
        part = COMPLEXES[dtype]
        other_kind = draw(st.sampled_from((None, *KINDS)))
        flat = torch.complex(
            floats(part, size, kind, mixed, rng), floats(part, size, other_kind, mixed, rng)
        )
    elif dtype in FLOATS:
        flat = floats(dtype, size, kind, mixed, rng)
    elif dtype is torch.bool:
        flat = torch.tensor([rng.random() < mixed for _ in range(size)], dtype=dtype)
    else:
        limits = torch.iinfo(dtype)
        bound = min(limits.max, 10 ** rng.randint(0, 19))
        numbers = [rng.randint(max(-bound, limits.min), bound) for _ in range(size)]
        flat = torch.tensor(numbers, dtype=dtype)
    tensor = flat.reshape(shape)
    if draw(st.booleans()):
        tensor = tensor.transpose(0, -1) if shape else tensor
    if dtype.is_floating_point and draw(st.booleans()):
        tensor.requires_grad_()
    return tensor


options = st.fixed_dictionaries(
    {},
    optional={
        "precision": st.integers(0, 12),
        "threshold": st.sampled_from((0, 5, 100, 1000, math.inf)),
        "edgeitems": st.integers(0, 5),
        "linewidth": st.integers(0, 200),
        "profile": st.sampled_from(("default", "short", "full")),
        "sci_mode": st.booleans(),
    },
)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_random_tensors(dtype: Any) -> None:
    @settings(
        max_examples=500,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(tensor=tensors(dtype), options=options)
    def prints_alike(tensor: Any, options: dict[str, Any]) -> None:
        assert_prints_alike(tensor, **options)

    prints_alike()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_every_number_of_a_short_dtype(dtype: Any) -> None:
    patterns = torch.arange(-(2**15), 2**15, dtype=torch.int16).view(dtype)
    for numbers in patterns.reshape(-1, 16):
        assert printing.tensor_repr(numbers) == repr(numbers)
    for number in patterns[::7]:
        assert printing.tensor_repr(number) == repr(number)


class Weights(torch.Tensor):
    pass


class Tied(torch.nn.Parameter):
    pass


class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, number: Any) -> Any:
        ctx.name = "not the name of the node"
        return number * 2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Any) -> Any:
        return grad * 2


def leaf() -> Any:
    return torch.ones(3, requires_grad=True)


def ambiguous_view() -> Any:
    base = leaf().clone()
    with torch.no_grad():
        view = base[:2]
    base.add_(1)
    return view


def changed_view() -> Any:
    view = leaf().clone()[:2]
    return view.mul_(2)


def changed_base() -> Any:
    base = leaf().clone()
    base[:2].mul_(2)
    return base


def gradient_of_a_function_differentiable_once() -> Any:
    number = leaf()
    return torch.autograd.grad(Twice.apply(number), number, leaf(), create_graph=True)[0]


MAKERS: dict[str, Callable[[], Any]] = {
    "leaf": leaf,
    "sum": lambda: leaf().sum(),
    "long": lambda: torch.arange(20.0, requires_grad=True) / 3,
    "custom function": lambda: Twice.apply(leaf()),
    "error node": gradient_of_a_function_differentiable_once,
    "not implemented": lambda: torch.nextafter(leaf(), leaf()),
    "ambiguous view": ambiguous_view,
    "changed view": changed_view,
    "changed base": changed_base,
    "output of a multiple-output view": lambda: leaf().clone().unbind()[0],
    "conjugate": lambda: torch.tensor([1 + 2j, 3 - 1j]).conj(),
    "negated imaginary part": lambda: torch.tensor([1 + 2j, 3 - 1j]).conj().imag,
    "expanded": lambda: torch.ones(3).expand(4, 3),
    "meta": lambda: torch.zeros(2, 3, device="meta"),
    "meta, 0-d": lambda: torch.zeros((), device="meta", dtype=torch.int64, requires_grad=False),
    "meta leaf": lambda: torch.zeros(2, device="meta", requires_grad=True),
    "subclass": lambda: Weights([[1.0, 2.5]]),
    "subclass, summarised": lambda: Weights(torch.arange(1001.0)),
    "subclass result": lambda: Weights([1.0]).requires_grad_() * 2,
    "subclass flagged as parameter": lambda: torch.nn.Parameter(Weights([1.0])),
    "dual": lambda: forward_ad.make_dual(torch.ones(3), torch.rand(3)),
    "dual, 0-d": lambda: forward_ad.make_dual(torch.tensor(1.5), torch.tensor(-2.0)),
    "dual, nested": lambda: forward_ad.make_dual(torch.ones(2, 2), torch.ones(2, 2)),
    "dual result": lambda: forward_ad.make_dual(leaf(), leaf() * 3).sin(),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("linewidth", [80, 40, 20])
@pytest.mark.parametrize("in_dual_level", [False, True])
def test_autograd_and_class_suffixes(
    make: Callable[[], Any], linewidth: int, in_dual_level: bool
) -> None:
    with forward_ad.dual_level():
        tensor = make()
        if in_dual_level:
            assert_prints_alike(tensor, linewidth=linewidth)
    if not in_dual_level:
        assert_prints_alike(tensor, linewidth=linewidth)


@pytest.mark.parametrize("make", [lambda: torch.nn.Parameter(leaf()), lambda: Tied(leaf())])
def test_parameters(make: Callable[[], Any]) -> None:
    parameter = make()
    assert "Parameter containing:\n" + printing.tensor_repr(parameter) == repr(parameter)


@pytest.mark.parametrize("default", FLOATS, ids=str)
def test_dtype_is_named_unless_it_is_the_default(default: Any) -> None:
    before = torch.get_default_dtype()
    torch.set_default_dtype(default)
    try:
        for dtype in DTYPES:
            for tensor in (torch.ones(2, dtype=dtype), torch.ones(0, 2, dtype=dtype)):
                assert printing.tensor_repr(tensor) == repr(tensor)
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize("contents", ["", "hidden", "two\n       lines"])
def test_given_contents(contents: str) -> None:
    for tensor in (leaf().double() * 2, torch.zeros(0, 3), torch.zeros(2, device="meta")):
        expected = torch.Tensor.__repr__(tensor, tensor_contents=contents)
        assert printing.tensor_repr(tensor, tensor_contents=contents) == expected


def test_transformed_tensors() -> None:
    seen = []

    def look(tensor: Any) -> Any:
        seen.append(repr(tensor))
        return tensor.sum()

    torch.vmap(look)(torch.ones(2, 3))
    torch.func.grad(look)(torch.ones(3))
    assert seen == [
        printing.wrapper_repr("BatchedTensor", torch.ones(2, 3), lvl=1, bdim=0),
        printing.wrapper_repr("GradTrackingTensor", torch.ones(3), lvl=1),
    ]


def test_printing_a_tensor_records_nothing() -> None:
    # Sequence numbers count the nodes made so far, so two neighbours leave room for none between.
    tensor = torch.rand(2000, requires_grad=True)
    before = (tensor * 2).grad_fn._sequence_nr()
    printing.tensor_repr(tensor)
    assert (tensor * 2).grad_fn._sequence_nr() == before + 1


@pytest.mark.parametrize("name", ["finfo", "iinfo"])
@pytest.mark.parametrize(
    "dtype",
    [*DTYPES, float, complex, int, bool, "float32", None, 1, [torch.int8], torch.ones(1)],
    ids=str,
)
def test_limits(name: str, dtype: Any) -> None:
    facts = ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution", "dtype")

    def outcome(module: Any) -> Any:
        try:
            limits = getattr(module, name)(dtype)
        except TypeError as error:
            return str(error)
        return repr(limits), str(limits), [getattr(limits, fact, None) for fact in facts]

    assert outcome(number_limits) == outcome(torch)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda module: setattr(module.finfo(torch.float32), "eps", 1.0),
        lambda module: setattr(module.finfo(torch.float32), "epsilon", 1.0),
        lambda module: module.iinfo(torch.int8).eps,
        lambda module: hash(module.finfo(torch.float32)),
        lambda module: module.finfo(torch.float32).__reduce_ex__(2),
        lambda module: module.iinfo(),
    ],
)
def test_misused_limits(misuse: Callable[[Any], Any]) -> None:
    def error(module: Any) -> tuple[str, str]:
        with pytest.raises((TypeError, AttributeError)) as raised:
            misuse(module)
        return raised.type.__name__, str(raised.value)

    assert error(number_limits) == error(torch)


@pytest.mark.parametrize(
    "tensor",
    [torch.arange(1000.0).reshape(25, 40).sin(), torch.arange(1000).reshape(25, 40)],
    ids=["floats", "integers"],
)
def test_a_thousand_elements_print_faster_than_in_torch(tensor: Any) -> None:
    def quickest(printed: Callable[[Any], str]) -> float:
        runs = timeit.repeat(lambda: printed(tensor), timer=time.thread_time, number=1, repeat=20)
        return min(runs)

    assert quickest(printing.tensor_repr) < quickest(repr)
