"""Modules of normalization, resizing and bags of rows: numbers, states, printed forms, texts."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _numbers(torch: Any, *shape: int) -> Any:
    count = 1
    for size in shape:
        count *= size
    return torch.arange(count, dtype=torch.float64).reshape(shape).sin()


@scenario
def batch_norm_moves_its_statistics(torch: Any, record: Recorder) -> None:
    for momentum in (0.25, None):
        m = torch.nn.BatchNorm1d(3, momentum=momentum, dtype=torch.float64)
        record("printed", repr(m))
        x = _numbers(torch, 4, 3).requires_grad_()
        for batch in (x, x * 2):
            record("output", m(batch))
        record("state", m.state_dict())
        record("versions", [m.running_mean._version, m.num_batches_tracked._version])
        m.eval()
        y = m(x)
        record("evaluated", y)
        record.graph("graph", y)
        y.square().sum().backward()
        record("gradients", [x.grad, m.weight.grad, m.bias.grad])


@scenario
def batch_norm_without_statistics_or_parameters(torch: Any, record: Recorder) -> None:
    m = torch.nn.BatchNorm2d(2, affine=False, track_running_stats=False)
    x = _numbers(torch, 2, 2, 3, 2)
    record("output", [m(x), m.eval()(x), list(m.state_dict())])
    record("printed", [repr(m), repr(torch.nn.BatchNorm3d(2, bias=False))])
    with record.raises("dims"):
        torch.nn.BatchNorm1d(2)(x)
    with record.raises("dims of a volume"):
        torch.nn.BatchNorm3d(2)(x)
    with record.raises("one value"):
        torch.nn.BatchNorm1d(2)(torch.ones(1, 2))


@scenario
def an_older_state_counts_no_batches(torch: Any, record: Recorder) -> None:
    m = torch.nn.BatchNorm1d(2)
    state = {k: v + 1 for k, v in m.state_dict().items() if k != "num_batches_tracked"}
    record("loaded", str(m.load_state_dict(state)))
    record("state", m.state_dict())
    n = torch.nn.InstanceNorm1d(2)
    with record.raises("statistics that are not kept"):
        n.load_state_dict(state)


@scenario
def instance_norm_with_and_without_a_batch(torch: Any, record: Recorder) -> None:
    m = torch.nn.InstanceNorm1d(3, affine=True, track_running_stats=True).double()
    x = _numbers(torch, 2, 3, 4).requires_grad_()
    y = m(x)
    record("output", y)
    record.graph("graph", y)
    record("state", m.state_dict())
    record("one sample", m(x[0]))
    record("evaluated", m.eval()(x))
    record("printed", [repr(m), repr(torch.nn.InstanceNorm3d(2))])
    with record.raises("channels"):
        m(x[:, :2])
    with record.raises("dims"):
        torch.nn.InstanceNorm2d(3)(x[0, 0])
    record("other channels", torch.nn.InstanceNorm1d(5)(x))


@scenario
def other_norms(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 2, 4, 3).requires_grad_()
    for m in (
        torch.nn.GroupNorm(2, 4),
        torch.nn.GroupNorm(1, 4, eps=1e-3, bias=False),
        torch.nn.GroupNorm(4, 4, affine=False),
        torch.nn.RMSNorm(3),
        torch.nn.RMSNorm([4, 3], eps=0.5, elementwise_affine=False),
        torch.nn.LocalResponseNorm(2, alpha=0.5),
    ):
        y = m.double()(x)
        record("output", y)
        record.graph("graph", y)
        record("described", [repr(m), list(m.state_dict())])
    with record.raises("groups"):
        torch.nn.GroupNorm(3, 4)


@scenario
def upsampling_modules(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 1, 2, 2, 3).requires_grad_()
    for m in (
        torch.nn.Upsample(scale_factor=2),
        torch.nn.Upsample((3, 4), mode="bicubic", align_corners=True),
        torch.nn.Upsample(scale_factor=(1.5, 2.0), mode="bilinear"),
        torch.nn.UpsamplingNearest2d(size=3),
        torch.nn.UpsamplingBilinear2d(scale_factor=2),
    ):
        y = m(x)
        record("output", y)
        record("printed", repr(m))
        (g,) = torch.autograd.grad(y.square().sum(), x)
        record("gradient", g, ulps=16)
    with record.raises("mode"):
        torch.nn.Upsample(2, mode="trilinear")(x)


@scenario
def embedding_bag_has_torch_s_numbers(torch: Any, record: Recorder) -> None:
    torch.manual_seed(0)
    for mode in ("sum", "mean", "max"):
        m = torch.nn.EmbeddingBag(5, 2, mode=mode, padding_idx=1)
        y = m(torch.tensor([1, 2, 4, 4]), torch.tensor([0, 2, 2]))
        record("bags", y)
        record.graph("graph", y)
        y.square().sum().backward()
        record("gradient", m.weight.grad)
        record("printed", repr(m))
    given = torch.nn.EmbeddingBag.from_pretrained(torch.ones(3, 2), max_norm=1.0, mode="sum")
    record("limited", [given(torch.tensor([[0, 1], [1, 1]])), given.weight])
    with record.raises("padding"):
        torch.nn.EmbeddingBag(2, 2, padding_idx=2)


@scenario
def batches_of_norms(torch: Any, record: Recorder) -> None:
    x = _numbers(torch, 3, 2, 4, 3)
    w = _numbers(torch, 3, 4)
    f = torch.nn.functional
    record("batch norm", torch.vmap(lambda v: f.batch_norm(v, None, None, training=True))(x))
    record("group norm", torch.vmap(lambda v, u: f.group_norm(v, 2, u))(x, w))
    mean = torch.zeros(3, 4, dtype=torch.float64)
    var = torch.ones_like(mean)
    torch.vmap(lambda v, m, s: f.batch_norm(v, m, s, training=True))(x, mean, var)
    record("statistics", [mean, var])
    with record.raises("one mean for all"):
        torch.vmap(lambda v: f.batch_norm(v, mean[0], var[0], training=True))(x)
    record("resized", torch.vmap(lambda v: f.interpolate(v, 2, mode="linear"))(x))
    gradient = torch.func.grad(lambda v, u: f.layer_norm(v, (3,), u).sin().sum(), (0, 1))
    record("layer norm", torch.vmap(gradient)(x, _numbers(torch, 3, 3)))
