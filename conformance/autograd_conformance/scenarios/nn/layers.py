"""Layers, init, and what works on parameters."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.nn import numbers, small_net
from autograd_conformance.scenarios.recording import Recorder, scenario

# Layers -------------------------------------------------------------------------------------------


@scenario
def linear_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Linear(3, 2)
    record("parameters", dict(m.named_parameters()))
    torch.manual_seed(1)
    record("no bias", dict(torch.nn.Linear(4, 4, bias=False).named_parameters()))
    record("double", torch.nn.Linear(2, 1, dtype=torch.float64).weight)
    record("no inputs", dict(torch.nn.Linear(0, 2).named_parameters()))
    x = torch.tensor([[1.0, 2.0, 3.0]])
    y = m(x)
    record("output", y)
    record.graph("graph", y)
    with record.raises("shape"):
        m(torch.ones(1, 4))


@scenario
def bilinear_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Bilinear(2, 3, 2)
    record("parameters", dict(m.named_parameters()))
    record("output", m(torch.ones(1, 2), torch.ones(1, 3)))
    with record.raises("no features"):
        torch.nn.Bilinear(0, 1, 1)


@scenario
def embedding_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Embedding(4, 2, padding_idx=-1)
    record("weight", m.weight)
    y = m(torch.tensor([[0, 3], [2, 0]]))
    record("rows", y)
    y.sum().backward()
    record("gradient", m.weight.grad)
    record("printed", [repr(m), repr(torch.nn.Embedding(2, 2, max_norm=1.0, norm_type=1.0))])
    record("given", torch.nn.Embedding.from_pretrained(torch.ones(2, 2)).weight)
    with record.raises("padding"):
        torch.nn.Embedding(2, 2, padding_idx=2)


@scenario
def layer_norm_as_a_module(torch: Any, record: Recorder) -> None:
    m = torch.nn.LayerNorm([2, 3])
    record("parameters", dict(m.named_parameters()))
    record("output", m(torch.arange(6.0).reshape(1, 2, 3)))
    for n in (
        torch.nn.LayerNorm(3, bias=False),
        torch.nn.LayerNorm(3, elementwise_affine=False, eps=1e-3),
    ):
        record("other", [repr(n), list(n.state_dict()), n.weight is None, n.bias is None])


@scenario
def dropout_has_torch_s_stream(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    m = torch.nn.Dropout(0.4)
    x = torch.ones(8, requires_grad=True)
    record("training", m(x))
    record("evaluating", m.eval()(x) is x)
    with record.raises("probability"):
        torch.nn.Dropout(1.5)


@scenario
def activations_and_how_they_print(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    x = torch.tensor([[-2.0, -0.5, 0.5, 2.0]], requires_grad=True)
    for m in (
        nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(), nn.CELU(0.5),
        nn.SELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Mish(), nn.Sigmoid(), nn.Tanh(),
        nn.Hardtanh(), nn.Hardtanh(-2, 3, True), nn.Hardsigmoid(), nn.Hardswish(), nn.Softplus(),
        nn.Softplus(2, 1), nn.Softsign(), nn.Softshrink(), nn.Hardshrink(0.7), nn.Tanhshrink(),
        nn.LogSigmoid(), nn.Softmax(1), nn.Softmin(dim=1), nn.LogSoftmax(dim=-1), nn.GLU(),
        nn.Threshold(0.1, 20), nn.PReLU(), nn.PReLU(4, 0.1), nn.RReLU(), nn.Identity(3, x=1),
        nn.Flatten(0), nn.Unflatten(1, (2, 2)),
    ):  # fmt: skip
        record("printed", repr(m))
        record("value", m(x.clone()), ulps=8)


@scenario
def activations_warn_and_refuse(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    record("no dim", nn.Softmax()(torch.ones(2, 2)))
    record("old names", repr(nn.Hardtanh(min_value=-3, max_value=4)))
    with record.raises("bounds"):
        nn.Hardtanh(1, 0)
    with record.raises("2d"):
        nn.Softmax2d()(torch.ones(2, 2))
    for size in (3, (2, "a")):
        with record.raises(f"unflatten {size}"):
            nn.Unflatten(1, size)


@scenario
def losses_as_modules(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    x = torch.tensor([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2]], requires_grad=True)
    t = torch.tensor([[0.0, 1.0, 0.5], [1.0, 0.0, 0.2]])
    for m in (
        nn.MSELoss(), nn.L1Loss(reduction="sum"), nn.SmoothL1Loss(beta=0.3), nn.HuberLoss(),
        nn.BCELoss(), nn.BCELoss(weight=torch.tensor([1.0, 2.0, 3.0])), nn.BCEWithLogitsLoss(),
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 2.0, 3.0])), nn.KLDivLoss(),
        nn.KLDivLoss(reduction="batchmean", log_target=True), nn.KLDivLoss(reduction="sum"),
    ):  # fmt: skip
        y = m(x, t)
        record(repr(m), [y, list(m.state_dict())])
        record.graph("graph", y)
        record("gradient", numbers(torch.autograd.grad(y, x)))


@scenario
def losses_of_classes(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    x = torch.tensor([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2], [1.0, 2.0, 3.0]], requires_grad=True)
    t = torch.tensor([1, 0, 2])
    w = torch.tensor([1.0, 2.0, 0.5])
    for m in (
        nn.NLLLoss(), nn.NLLLoss(weight=w, reduction="sum"), nn.NLLLoss(ignore_index=1),
        nn.NLLLoss(reduction="none"), nn.CrossEntropyLoss(), nn.CrossEntropyLoss(weight=w),
        nn.CrossEntropyLoss(ignore_index=2), nn.CrossEntropyLoss(reduction="none"),
        nn.CrossEntropyLoss(label_smoothing=0.1), nn.CrossEntropyLoss(w, label_smoothing=0.2),
    ):  # fmt: skip
        y = m(x, t)
        record(repr(m), y)
        record.graph("graph", y)
        record("gradient", numbers(torch.autograd.grad(y.sum(), x)))


@scenario
def losses_with_old_arguments(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for options in (
        {"size_average": False},
        {"reduce": False},
        {"size_average": True, "reduce": True},
        {"reduction": "sum"},
    ):
        record(str(options), nn.MSELoss(**options).reduction)
    with record.raises("delta"):
        nn.HuberLoss(delta="x")
    with record.raises("reduction"):
        nn.MSELoss(reduction="most")(torch.ones(1), torch.ones(1))


# init and utils -----------------------------------------------------------------------------------


@scenario
def init_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    init = torch.nn.init
    torch.manual_seed(0)
    for fill in (
        init.uniform_, init.normal_, init.trunc_normal_, init.ones_, init.zeros_, init.eye_,
        init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_, init.kaiming_normal_,
    ):  # fmt: skip
        p = torch.nn.Parameter(torch.empty(3, 4))
        record(fill.__name__, [fill(p) is p, p])
    record("constant", init.constant_(torch.empty(2), 0.3))
    record("bounds", init.uniform_(torch.empty(3), -2.0, 5.0))
    record("deviation", init.normal_(torch.empty(3), 1.0, 3.0))
    record("tail", init.trunc_normal_(torch.empty(4), 0.0, 1.0, 1.0, 3.0))
    record("gain", init.xavier_uniform_(torch.empty(2, 2), gain=2.0))
    record("fan_out", init.kaiming_normal_(torch.empty(2, 3), mode="fan_out", nonlinearity="relu"))
    record("kernel", init.kaiming_uniform_(torch.empty(2, 1, 2, 2), a=1))
    record("dirac", init.dirac_(torch.empty(4, 2, 3), groups=2))
    record("sparse", init.sparse_(torch.empty(4, 2), 0.5))
    for shape in ((3, 2), (2, 3), (2, 3, 2)):
        made = init.orthogonal_(torch.empty(*shape), gain=2)
        record(f"orthogonal {shape}", made, ulps=16)


@scenario
def init_is_not_recorded(torch: Any, record: Recorder) -> None:
    x = torch.zeros(2, 2, requires_grad=True)
    torch.nn.init.ones_(x)
    record("leaf", x)
    g = torch.Generator().manual_seed(4)
    record("generator", torch.nn.init.uniform_(torch.empty(3), generator=g))


@scenario
def init_refuses_and_warns(torch: Any, record: Recorder) -> None:
    init = torch.nn.init
    with record.raises("fan"):
        init.xavier_uniform_(torch.empty(3))
    with record.raises("mode"):
        init.kaiming_uniform_(torch.empty(3, 3), mode="fan_side")
    with record.raises("nonlinearity"):
        init.calculate_gain("wave")
    with record.raises("slope"):
        init.calculate_gain("leaky_relu", "steep")
    with record.raises("eye"):
        init.eye_(torch.empty(3))
    with record.raises("dirac"):
        init.dirac_(torch.empty(3))
    record("empty", init.kaiming_uniform_(torch.empty(0, 3)))
    record("far", init.trunc_normal_(torch.empty(2), 9.0, 1.0, -2.0, 2.0).shape)
    record("old name", init.ones_(torch.empty(1)))
    init.constant(torch.empty(1), 1.0)
    names = ("linear", "tanh", "relu", "leaky_relu", "selu", "sigmoid", "conv2d")
    record("gains", [init.calculate_gain(name) for name in names])
    record("leaky", [init.calculate_gain("leaky_relu", slope) for slope in (0, 1, 0.2)])


@scenario
def clipping_by_norm(torch: Any, record: Recorder) -> None:
    clip = torch.nn.utils.clip_grad_norm_
    for norm in (2.0, 1, float("inf")):
        p = [torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(1))]
        p[0].grad, p[1].grad = torch.tensor([3.0, -4.0]), torch.tensor([12.0])
        record(f"norm {norm}", [clip(p, 1.0, norm), p[0].grad, p[1].grad])
    record("below", [clip(p, 100.0), p[0].grad])
    record("one tensor", [clip(p[0], 0.1), p[0].grad])
    record("nothing", [clip([], 1.0), clip(iter([]), 1.0)])
    p[0].grad = torch.tensor([float("nan"), 1.0])
    with record.raises("not finite"):
        clip(p, 1.0, error_if_nonfinite=True)


@scenario
def clipping_by_value(torch: Any, record: Recorder) -> None:
    p = torch.nn.Parameter(torch.ones(3))
    p.grad = torch.tensor([3.0, -4.0, 0.5])
    record("result", torch.nn.utils.clip_grad_value_([p], 1.0))
    record("gradient", p.grad)


@scenario
def parameters_as_a_vector(torch: Any, record: Recorder) -> None:
    m = small_net(torch)
    v = torch.nn.utils.parameters_to_vector(m.parameters())
    record("vector", v)
    torch.nn.utils.vector_to_parameters(torch.arange(26.0), m.parameters())
    record("parameters", dict(m.named_parameters()))
    with record.raises("no tensor"):
        torch.nn.utils.vector_to_parameters([1.0], m.parameters())
