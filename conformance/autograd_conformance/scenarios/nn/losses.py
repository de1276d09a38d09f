"""Losses of margins, distances, likelihoods and sequences as modules."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.nn import numbers
from autograd_conformance.scenarios.recording import Recorder, scenario

ROUNDINGS = 64.0
"""Units in the last place that sums over classes and steps may differ by."""


def _compared(torch: Any, record: Recorder, module: Any, leaf: Any, *others: Any) -> None:
    loss = module(leaf, *others)
    record(repr(module), [loss, list(module.state_dict())], ulps=ROUNDINGS)
    record.graph("graph", loss)
    record("gradient", numbers(torch.autograd.grad(loss.sum(), leaf)), ulps=ROUNDINGS)


@scenario
def losses_of_margins(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    x = torch.randn(3, 4, requires_grad=True)
    y, z = torch.randn(3, 4), torch.randn(3, 4)
    signs = torch.tensor([1, -1, 1])
    classes = torch.tensor([0, 3, 1])
    several = torch.tensor([[0, 2, -1, 1], [3, -1, 0, 0], [-1, 0, 1, 2]])
    of_classes = torch.tensor([0.5, 1.0, 2.0, 1.5])
    for reduction in ("none", "mean", "sum"):
        option = {"reduction": reduction}
        for module, others in (
            (nn.CosineEmbeddingLoss(0.2, **option), (y, signs)),
            (nn.HingeEmbeddingLoss(0.5, **option), (y.sign(),)),
            (nn.MarginRankingLoss(0.1, **option), (y, z.sign())),
            (nn.SoftMarginLoss(**option), (y.sign(),)),
            (nn.MultiMarginLoss(2, 0.7, of_classes, **option), (classes,)),
            (nn.MultiLabelMarginLoss(**option), (several,)),
            (nn.MultiLabelSoftMarginLoss(of_classes, **option), (y.sigmoid(),)),
            (nn.TripletMarginLoss(swap=True, **option), (y, z)),
            (nn.TripletMarginWithDistanceLoss(margin=0.5, **option), (y, z)),
        ):
            _compared(torch, record, module, x, *others)
    for module in (nn.CosineSimilarity(), nn.PairwiseDistance(3.0, keepdim=True)):
        _compared(torch, record, module, x, y)
    first = torch.autograd.grad(nn.MultiMarginLoss()(x, classes), x, create_graph=True)[0]
    record.graph("graph of the gradient", first)
    with record.raises("second order"):
        first.sum().backward()
    with record.raises("power"):
        nn.MultiMarginLoss(3)
    with record.raises("margin"):
        nn.TripletMarginLoss(-1.0)
    with record.raises("class"):
        nn.MultiMarginLoss()(x, classes + 1)
    with record.raises("classes"):
        nn.MultiLabelMarginLoss()(x, several - 1)
    with record.raises("sizes"):
        nn.MarginRankingLoss()(x, y, signs)


@scenario
def losses_of_likelihoods(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    x = torch.randn(3, 4, requires_grad=True)
    y, variances = torch.randn(3, 4), torch.rand(3, 4)
    for reduction in ("none", "mean", "sum"):
        gaussian = nn.GaussianNLLLoss(full=True, eps=0.1, reduction=reduction)
        _compared(torch, record, gaussian, x, y, variances)
        _compared(torch, record, gaussian, x, y, variances[:, 0])
        poisson = nn.PoissonNLLLoss(full=True, reduction=reduction)
        _compared(torch, record, poisson, x, y.abs() * 3)
    with record.raises("variances"):
        nn.GaussianNLLLoss()(x, y, variances - 1)
    with record.raises("size of variances"):
        nn.GaussianNLLLoss()(x, y, variances[:, :2])


@scenario
def losses_of_sequences(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    x = torch.randn(5, 2, 4).log_softmax(-1).requires_grad_()
    targets = torch.tensor([[1, 1, 2], [3, 2, 0]])
    lengths = torch.tensor([5, 4]), torch.tensor([3, 2])
    for reduction in ("none", "mean", "sum"):
        module = nn.CTCLoss(reduction=reduction)
        _compared(torch, record, module, x, targets, *lengths)
        flat = torch.tensor([1, 1, 2, 3, 2])
        _compared(torch, record, module, x, flat, (5, 4), (3, 2))
        _compared(torch, record, nn.CTCLoss(3, reduction, True), x, targets[:, :1], (5, 0), (1, 1))
    _compared(
        torch, record, nn.CTCLoss(), x[:, 0].detach().requires_grad_(), targets[0], (5,), (3,)
    )
    first = torch.autograd.grad(nn.CTCLoss()(x, targets, *lengths), x, create_graph=True)[0]
    record.graph("graph of the gradient", first)
    with record.raises("second order"):
        first.sum().backward()
    for label, arguments in (
        ("steps", (targets, (6, 5), (3, 2))),
        ("targets", (targets, (5, 5), (4, 2))),
        ("members", (targets, (5,), (3, 2))),
        ("sum of lengths", (targets[0], (5, 5), (3, 2))),
        ("rank", (targets[None], (5, 5), (3, 2))),
    ):
        with record.raises(label):
            nn.CTCLoss()(x, *arguments)
    with record.raises("blank"):
        nn.CTCLoss(4)(x, targets, (5, 5), (3, 2))
