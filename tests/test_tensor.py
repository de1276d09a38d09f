"""What a Tensor says about itself, and what it refuses."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest


def test_attributes_of_a_leaf(torch: Any) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    assert (tuple(x.shape), x.ndim, x.numel(), x.dtype) == ((2, 3), 2, 6, torch.float32)
    assert (x.stride(), x.storage_offset(), x.is_contiguous()) == ((3, 1), 0, True)
    assert (x.is_leaf, x.requires_grad, x.grad_fn, x.grad) == (True, True, None, None)
    assert (x.output_nr, x._version, x._base, x._is_view()) == (0, 0, None, False)
    assert (str(x.device), str(x.layout), x.retains_grad) == ("cpu", "torch.strided", False)
    assert x.T.tolist() == x.mT.tolist() == x.H.tolist() == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
    assert repr(x.shape) == "torch.Size([2, 3])"


def test_views_share_the_first_element(torch: Any) -> None:
    x = torch.zeros(2, 3)
    assert x.data_ptr() == x.view(6).data_ptr() == x.detach().data_ptr()
    assert x[1].data_ptr() != x.data_ptr()


def test_iteration_length_and_truth(torch: Any) -> None:
    x = torch.tensor([[1, 2], [3, 4]])
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert (len(x), bool(torch.tensor(1)), 3 in x, 7 in x) == (2, True, True, False)


@pytest.mark.parametrize(
    ("act", "error", "text"),
    [
        (lambda t: bool(t.ones(2)), RuntimeError, "more than one value is ambiguous"),
        (lambda t: bool(t.ones(0)), RuntimeError, "no values is ambiguous"),
        (lambda t: t.ones(2).item(), RuntimeError, "cannot be converted to Scalar"),
        (lambda t: len(t.tensor(1)), TypeError, "len() of a 0-d tensor"),
        (lambda t: list(t.tensor(1)), TypeError, "iteration over a 0-d tensor"),
        (lambda t: t.ones(2, 3).view(4), RuntimeError, "shape '[4]' is invalid for input of size"),
        (lambda t: t.ones(2, 3).sum(5), IndexError, "Dimension out of range"),
        (lambda t: t.tensor([[1, 2], [3]]), ValueError, "expected sequence of length 2 at dim 1"),
    ],
)
def test_refusals(torch: Any, act: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        act(torch)
    assert text in str(caught.value)


def test_grad_assignment_is_checked(torch: Any) -> None:
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="attempting to assign a gradient of size"):
        x.grad = torch.ones(2)
    with pytest.raises(RuntimeError, match="attempting to assign a gradient with dtype 'double'"):
        x.grad = torch.ones(3, dtype=torch.float64)
    with pytest.raises(TypeError, match="expected to be a Tensor or None"):
        x.grad = 3
    assert x.grad is None
    x.grad = torch.ones(3)
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


def test_requires_grad_rules(torch: Any) -> None:
    with pytest.raises(RuntimeError, match="only Tensors of floating point dtype can require"):
        torch.ones(1, dtype=torch.int64).requires_grad_()
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf"):
        (torch.ones(1, requires_grad=True) * 2).requires_grad = False


def test_non_leaf_grad_warns(torch: Any) -> None:
    y = torch.ones(1, requires_grad=True) * 2
    with pytest.warns(UserWarning, match="not a leaf Tensor is being accessed"):
        assert y.grad is None


def test_deepcopy_and_pickle(torch: Any) -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    for made in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert made is not x
        assert (made.tolist(), made.requires_grad, made.stride()) == (x.tolist(), True, (2, 1))
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(x * 2)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_results_are_rounded_to_their_dtype(torch: Any, name: str) -> None:
    third = torch.tensor([1.0], dtype=getattr(torch, name)) / 3
    expected = {"float16": 0.333251953125, "bfloat16": 0.333984375, "float32": 0.3333333432674408}
    assert third.tolist() == [expected[name]]


def test_integers_wrap(torch: Any) -> None:
    x = torch.tensor([127], dtype=torch.int8)
    assert (x + 1).tolist() == [-128]
    assert (torch.tensor([0], dtype=torch.uint8) - 1).tolist() == [255]


def test_mixed_backends_are_refused() -> None:
    autograd_core = pytest.importorskip("autograd_core")
    pytest.importorskip("numpy")
    a = autograd_core.tensor([1.0], backend="numpy")
    b = autograd_core.tensor([1.0], backend="python")
    with pytest.raises(RuntimeError, match=r"'numpy' and 'python'"):
        a + b


def test_a_node_is_shown_by_its_class_whatever_else_is_called_name(torch: Any) -> None:
    class Twice(torch.autograd.Function):  # type: ignore[misc, name-defined]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.name = "a user's own attribute"
            return x * 2

    x = torch.ones(1, requires_grad=True)
    assert repr(Twice.apply(x)) == "tensor([2.], grad_fn=<TwiceBackward>)"
    emptied = x.clone().set_(torch.ones(1))
    assert repr(emptied) == "tensor([1.], grad_fn=<NotImplemented>)"
    assert repr(type(emptied.grad_fn)) == "<class 'NotImplemented'>"
