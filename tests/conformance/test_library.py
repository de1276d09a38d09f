"""One's own functions compared with torch: as data, as text, in a notebook, in a test."""

from __future__ import annotations

import html
from typing import Any

import pytest

pytest.importorskip("torch")

from autograd_conformance import assert_conforms, compare
from autograd_conformance.mutations import mutations


def loss(torch: Any) -> Any:
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    value = (w.exp() * torch.tensor([[0.5], [2.0]])).sum()
    value.backward()
    return {"loss": value, "grad": w.grad, "node": value.grad_fn}


def test_a_function_conforms_on_every_backend() -> None:
    found = compare(loss)
    assert found
    assert {one.subject for one in found} >= {"numpy", "python"}
    assert all(one.differences == () for one in found)
    assert str(found["numpy"]) == "numpy: 2 observations, as on torch"
    assert_conforms(loss, "numpy")


def test_a_function_may_record() -> None:
    def program(torch: Any, record: Any) -> None:
        x = torch.tensor([1.0], requires_grad=True)
        x.register_hook(lambda grad: record("hook", grad))
        (x * 3).sum().backward()
        with record.raises("refused"):
            torch.ones(2) @ torch.ones(3)

    found = compare(program, "python")[0]
    assert found.conforms
    assert [o.label for o in found.expected] == ["hook", "refused", "warnings"]


def test_every_difference_is_data() -> None:
    with mutations()["numpy-sum-off"].plant.planted():
        found = compare(loss, "numpy", "python")
    assert not found
    assert found["python"].conforms
    value, grad = found["numpy"].differences
    assert (value.where, value.what) == ("result", "values differ")
    assert (grad.where, grad.what) == ("result", "values differ")
    assert value.got[0] == pytest.approx(value.expected[0] + 1)
    text = str(found)
    assert "numpy: 2 observations, 2 different from torch" in text
    assert f"got      {value.got!r}" in text


def test_what_both_refuse_conforms_and_what_one_refuses_does_not() -> None:
    assert compare(lambda torch: torch.ones(2) + torch.ones(3), "numpy")

    def only_here(torch: Any) -> Any:
        if torch.__name__ != "torch":
            raise KeyError("lost")
        return torch.ones(1)

    found = compare(only_here, "numpy")[0]
    assert "what is observed differs" in str(found)
    assert isinstance(found.error, KeyError)
    with pytest.raises(AssertionError, match="what is observed differs") as raised:
        assert_conforms(only_here, "numpy")
    assert isinstance(raised.value.__cause__, KeyError)


def test_warnings_and_random_numbers_are_compared() -> None:
    def program(torch: Any) -> Any:
        x = torch.randn(3, requires_grad=True)
        return (x * 2).grad, torch.rand(2)

    found = compare(program, "numpy", "python")
    assert found
    assert "is not a leaf Tensor" in str(found[0].expected[-1].value)


def test_a_notebook_gets_a_table() -> None:
    good = compare(loss, "numpy")._repr_html_()
    assert good.startswith("<table>")
    assert "2 observations, as on torch" in good
    bad = compare(lambda torch: "<a>" if torch.__name__ == "torch" else "<b>", "numpy")
    assert html.escape("'<b>'") in bad._repr_html_()
    assert "<b>" not in bad._repr_html_()


def test_a_backend_must_be_there() -> None:
    with pytest.raises(ValueError, match="unknown backend 'no_such_backend'"):
        compare(loss, "no_such_backend")
