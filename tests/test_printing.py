"""Printing and number limits against recordings of torch, with no torch and no backend at hand."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autograd_core import number_limits, printing

RECORDED = json.loads((Path(__file__).parent / "data" / "printing.json").read_text())


@dataclass(frozen=True)
class DType:
    name: str

    @property
    def is_floating_point(self) -> bool:
        return "float" in self.name

    @property
    def is_complex(self) -> bool:
        return "complex" in self.name

    def __str__(self) -> str:
        return self.name

    def parse(self, text: str) -> Any:
        if self.name == "torch.bool":
            return {"True": True, "False": False}[text]
        if self.is_complex:
            return complex(text)
        return float(text) if self.is_floating_point else int(text)


class Tensor:
    """Nested lists with a tensor's attributes; counts the elements that are converted."""

    converted = 0

    def __init__(self, nested: Any, shape: tuple[int, ...], dtype: str, **facts: Any) -> None:
        self.nested, self.shape, self.dtype = nested, shape, DType(dtype)
        self.device = facts.get("device", "cpu")
        self.requires_grad = facts.get("requires_grad", False)
        self.tangent = facts.get("tangent")
        self.facts = facts

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def grad_fn(self) -> Any:
        if "grad_fn_error" in self.facts:
            raise RuntimeError("the view is ambiguous")
        name = self.facts.get("grad_fn")
        return type(name, (), {"name": lambda node: name})() if name else None

    def numel(self) -> int:
        return math.prod(self.shape)

    def detach(self) -> Tensor:
        return self

    def item(self) -> Any:
        return self.tolist()

    def tolist(self) -> Any:
        Tensor.converted += self.numel()
        return self.nested

    def __getitem__(self, where: tuple[slice, ...]) -> Tensor:
        shape = tuple(
            len(range(*part.indices(size))) for part, size in zip(where, self.shape, strict=True)
        )
        return Tensor(pick(self.nested, where), shape, self.dtype.name)

    def __repr__(self) -> str:
        return printing.tensor_repr(self)

    def __format__(self, spec: str) -> str:
        return printing.tensor_format(self, spec)


class Parameter(Tensor):
    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class Weights(Tensor):
    pass


class Tied(Parameter):
    pass


CLASSES = {cls.__name__: cls for cls in (Tensor, Parameter, Weights, Tied)}


def pick(nested: Any, where: tuple[slice, ...]) -> Any:
    if not where:
        return nested
    return [pick(inner, where[1:]) for inner in nested[where[0]]]


def nest(flat: Iterator[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return next(flat)
    return [nest(flat, shape[1:]) for _ in range(shape[0])]


def rebuild(case: dict[str, Any]) -> Tensor:
    facts = dict(case)
    dtype, shape = facts["dtype"], tuple(facts["shape"])
    nested = None
    if "values" in facts:
        nested = nest(map(DType(dtype).parse, facts["values"].split()), shape)
    if "tangent" in facts:
        facts["tangent"] = rebuild(facts["tangent"])
    return CLASSES[facts.get("class", "Tensor")](
        nested,
        shape,
        dtype,
        **{name: fact for name, fact in facts.items() if name not in ("dtype", "shape")},
    )


@pytest.fixture(autouse=True)
def stand_in_hooks(monkeypatch: pytest.MonkeyPatch) -> printing.PrintingHooks:
    hooks = printing.PrintingHooks()
    hooks.unpack_dual = lambda tensor: (tensor, tensor.tangent)
    hooks.is_plain = lambda tensor: type(tensor) in (Tensor, Parameter)
    hooks.is_parameter = lambda tensor: "parameter" in tensor.facts
    monkeypatch.setattr(printing, "hooks", hooks)
    monkeypatch.setattr(Tensor, "converted", 0)
    return hooks


@pytest.mark.parametrize("case", RECORDED["prints"], ids=lambda case: case["repr"][:40])
def test_prints_what_torch_printed(
    case: dict[str, Any], stand_in_hooks: printing.PrintingHooks
) -> None:
    stand_in_hooks.default_dtype = lambda: case.get("default_dtype", "torch.float32")
    with printing.printoptions(**case.get("options", {})):
        assert printing.tensor_repr(rebuild(case)) == case["repr"]


@pytest.mark.parametrize("case", RECORDED["formats"])
def test_formats_as_torch_formatted(case: dict[str, Any]) -> None:
    tensor = rebuild(case["tensor"])
    if "text" in case:
        assert printing.tensor_format(tensor, case["spec"]) == case["text"]
    else:
        name, message = case["error"]
        with pytest.raises((TypeError, ValueError)) as raised:
            printing.tensor_format(tensor, case["spec"])
        assert (raised.type.__name__, str(raised.value)) == (name, message)


@pytest.mark.parametrize(
    "case", RECORDED["limits"], ids=lambda case: f"{case['function']}-{case['dtype']}"
)
def test_limits_are_torchs(case: dict[str, Any]) -> None:
    make = getattr(number_limits, case["function"])
    if "error" in case:
        with pytest.raises(TypeError) as raised:
            make(DType(case["dtype"]))
        assert str(raised.value) == case["error"]
    else:
        limits = make(DType(case["dtype"]))
        assert repr(limits) == case["repr"]
        assert {name: getattr(limits, name) for name in case["facts"]} == case["facts"]
        assert {name: type(getattr(limits, name)) for name in case["facts"]} == {
            name: type(fact) for name, fact in case["facts"].items()
        }


def test_finfo_of_the_default_dtype(monkeypatch: pytest.MonkeyPatch) -> None:
    assert number_limits.finfo().dtype == "float32"
    monkeypatch.setattr(number_limits, "default_dtype", lambda: DType("torch.float64"))
    assert number_limits.finfo().dtype == "float64"


def test_limits_of_python_types() -> None:
    assert number_limits.finfo(float).dtype == number_limits.finfo(complex).dtype == "float64"
    assert number_limits.iinfo(int).dtype == "int64"


def test_limits_are_read_only_and_equal_by_dtype() -> None:
    limits = number_limits.finfo(DType("torch.float32"))
    assert limits == number_limits.finfo(DType("torch.complex64"))
    assert limits != number_limits.finfo(DType("torch.float64"))
    assert limits != number_limits.iinfo(DType("torch.int32"))
    with pytest.raises(AttributeError, match=r"attribute 'eps' of 'torch\.finfo' objects is not"):
        limits.eps = 1.0
    with pytest.raises(AttributeError, match=r"'torch\.finfo' object has no attribute 'epsilon'"):
        limits.epsilon  # noqa: B018
    with pytest.raises(TypeError, match=r"unhashable type: 'torch\.finfo'"):
        hash(limits)


@pytest.mark.parametrize("shape", [(5000,), (100, 100), (20, 30, 40), (2, 1000)])
def test_a_summarised_tensor_is_not_converted_whole(shape: tuple[int, ...]) -> None:
    numbers = iter(range(math.prod(shape)))
    text = repr(Tensor(nest(numbers, shape), shape, "torch.int64"))
    assert "..." in text
    assert Tensor.converted == math.prod(min(size, 6) for size in shape)


def test_parameter_class_announces_itself() -> None:
    parameter = Parameter([1.0], (1,), "torch.float32", requires_grad=True, parameter=True)
    assert repr(parameter) == "Parameter containing:\ntensor([1.], requires_grad=True)"


def test_contents_given_by_a_subclass_replace_the_numbers() -> None:
    weights = Weights([1.0], (1,), "torch.float64")
    text = printing.tensor_repr(weights, tensor_contents="hidden")
    assert text == "Weights(hidden, dtype=torch.float64)"
    assert Tensor.converted == 0


def test_wrapped_tensors_are_indented() -> None:
    value = Tensor([1.0], (1,), "torch.float32")
    inner = printing.wrapper_repr("GradTrackingTensor", value, lvl=1)
    assert inner == "GradTrackingTensor(lvl=1, value=\n    tensor([1.])\n)"
    outer = printing.wrapper_repr("BatchedTensor", SimpleNamespace(), lvl=2, bdim=0)
    assert outer == "BatchedTensor(lvl=2, bdim=0, value=\n    namespace()\n)"


def test_default_hooks_go_by_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "hooks", printing.PrintingHooks())
    assert repr(Tensor([1.0], (1,), "torch.float32")) == "tensor([1.])"
    assert repr(Weights([1.0], (1,), "torch.float32")) == "Weights([1.])"
    tied = printing.tensor_repr(Tied([1.0], (1,), "torch.float32"))
    assert tied == "Parameter(Tied([1.]))"


DEFAULTS = {
    "precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None,
}  # fmt: skip


def test_options_last_as_long_as_their_block() -> None:
    assert printing.get_printoptions() == DEFAULTS
    with printing.printoptions(precision=2, sci_mode=True):
        assert printing.get_printoptions() == DEFAULTS | {"precision": 2, "sci_mode": True}
        with printing.printoptions(profile="full", edgeitems=1):
            full = {"threshold": math.inf, "edgeitems": 1, "sci_mode": None}
            assert printing.get_printoptions() == DEFAULTS | full
        assert printing.get_printoptions() == DEFAULTS | {"precision": 2, "sci_mode": True}
    assert printing.get_printoptions() == DEFAULTS


def test_options_are_put_back_after_an_error() -> None:
    def fail() -> None:
        with printing.printoptions(precision=2):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert printing.get_printoptions() == DEFAULTS


def test_setting_an_option_makes_scientific_mode_automatic_again() -> None:
    with printing.printoptions():
        printing.set_printoptions(sci_mode=True)
        printing.set_printoptions(precision=3)
        assert printing.get_printoptions() == DEFAULTS | {"precision": 3}


def test_unknown_options() -> None:
    with printing.printoptions(profile="unheard-of"):
        assert printing.get_printoptions() == DEFAULTS
    with pytest.raises(TypeError, match="unexpected keyword argument 'digits'"):
        printing.printoptions(digits=3).__enter__()
