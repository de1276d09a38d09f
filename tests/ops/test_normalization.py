"""Softmax and layer norm: values, joint gradients, the nodes of double backward, refusals."""

from __future__ import annotations

import math
from typing import Any

import pytest


def test_softmax_of_large_numbers(torch: Any) -> None:
    x = torch.tensor([1000.0, 1000.0 + math.log(3.0)], dtype=torch.float64)
    assert torch.softmax(x, 0).tolist() == pytest.approx([0.25, 0.75])
    assert torch.log_softmax(x, 0).exp().tolist() == pytest.approx([0.25, 0.75])


def test_softmax_casts_first(torch: Any) -> None:
    x = torch.zeros(2, requires_grad=True)
    result = torch.softmax(x, 0, dtype=torch.float64)
    assert result.dtype is torch.float64
    assert result.grad_fn.name() == "SoftmaxBackward0"
    assert result.grad_fn.next_functions[0][0].name() == "ToCopyBackward0"


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("softmax", "SoftmaxBackwardDataBackward0"),
        ("log_softmax", "LogSoftmaxBackwardDataBackward0"),
    ],
)
def test_double_backward_of_softmax(torch: Any, name: str, node: str) -> None:
    x = torch.tensor([0.3, -0.2, 0.5], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    loss = (getattr(torch, name)(x, 0) * weights).sum()
    (first,) = torch.autograd.grad(loss, x, create_graph=True)
    assert first.grad_fn.name() == node
    (second,) = torch.autograd.grad(first[0], x)
    step = 1e-6
    for k in range(3):
        moved = x.detach().clone()
        moved[k] = moved[k] + step
        moved.requires_grad_()
        loss = (getattr(torch, name)(moved, 0) * weights).sum()
        (other,) = torch.autograd.grad(loss, moved)
        slope = (other[0].item() - first[0].item()) / step
        assert second[k].item() == pytest.approx(slope, abs=1e-4)


def _layer_norm_case(torch: Any) -> tuple[Any, Any, Any]:
    x = torch.tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 2.0]], dtype=torch.float64, requires_grad=True)
    weight = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
    return x, weight, bias


def test_layer_norm_has_one_node_for_three_gradients(torch: Any) -> None:
    x, weight, bias = _layer_norm_case(torch)
    result = torch.nn.functional.layer_norm(x, (3,), weight, bias)
    node = result.grad_fn
    assert node.name() == "NativeLayerNormBackward0"
    assert len(node.next_functions) == 3
    (result * result).sum().backward()
    assert x.grad.sum(1).tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    assert bias.grad.tolist() == pytest.approx((2 * result).sum(0).tolist())


def test_layer_norm_needs_no_parameters(torch: Any) -> None:
    x, _, _ = _layer_norm_case(torch)
    result = torch.nn.functional.layer_norm(x, (3,))
    assert result.mean(1).tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    assert [edge is None for edge, _ in result.grad_fn.next_functions] == [False, True, True]


def test_double_backward_of_layer_norm_is_torch_s(engine: Any) -> None:
    real = pytest.importorskip("torch")
    found = []
    for torch in (real, engine):
        inputs = _layer_norm_case(torch)
        result = torch.nn.functional.layer_norm(inputs[0], (3,), inputs[1], inputs[2])
        first = torch.autograd.grad((result**3).sum(), inputs, create_graph=True)
        total = sum((g**2).sum() for g in first)
        assert first[0].grad_fn.name() == "NativeLayerNormBackwardBackward0"
        found.append([g.flatten().tolist() for g in torch.autograd.grad(total, inputs)])
    for expected, actual in zip(*found, strict=True):
        assert actual == pytest.approx(expected, rel=1e-7)


def test_mean_and_rstd_are_not_differentiable(torch: Any) -> None:
    x, weight, bias = _layer_norm_case(torch)
    _, mean, rstd = torch.native_layer_norm(x, (3,), weight, bias, 1e-5)
    assert not mean.requires_grad
    assert not rstd.requires_grad
    assert tuple(mean.shape) == (2, 1)


def test_normalize(torch: Any) -> None:
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    expected = torch.tensor([[0.6, 0.8], [0.0, 0.0]]).tolist()
    assert torch.nn.functional.normalize(x).tolist() == expected


REFUSALS = [
    (
        lambda t, x: t.softmax(t.tensor([1, 2]), 0),
        NotImplementedError,
        "not implemented for 'Long'",
    ),
    (
        lambda t, x: t.nn.functional.layer_norm(x, (2,)),
        RuntimeError,
        r"Given normalized_shape=\[2\], expected input with shape \[\*, 2\]",
    ),
    (
        lambda t, x: t.nn.functional.layer_norm(x, (3,), t.ones(2)),
        RuntimeError,
        "Expected weight to be of same shape as normalized_shape",
    ),
]


@pytest.mark.parametrize(("call", "error", "text"), REFUSALS)
def test_refusal(torch: Any, call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call(torch, torch.zeros(2, 3))
