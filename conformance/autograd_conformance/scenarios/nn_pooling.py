"""What the scenarios of this file ask: modules of pooling, unpooling and dropout; layouts."""

from __future__ import annotations

from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def signal(torch: Any, *shape: int) -> Any:
    torch.manual_seed(0)
    return torch.randn(shape, dtype=torch.float64).requires_grad_()


def both_ways(torch: Any, module: Any, x: Any) -> list[Any]:
    """The module as it prints, what it makes of x, and the gradient of the squares' sum."""
    made = module(x)
    first = made[0] if isinstance(made, tuple) else made
    return [repr(module), made, torch.autograd.grad((first * first).sum(), x)[0].clone()]


@scenario
def pooling_modules(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for rank in (1, 2, 3):
        x = signal(torch, 2, 3, *(6, 7, 5)[:rank])
        for module in (
            getattr(nn, f"MaxPool{rank}d")(3, 2, 1, return_indices=True),
            getattr(nn, f"MaxPool{rank}d")(2, ceil_mode=True),
            getattr(nn, f"AvgPool{rank}d")(2, 1, 1, count_include_pad=False),
            getattr(nn, f"LPPool{rank}d")(4, 2),
            getattr(nn, f"AdaptiveMaxPool{rank}d")(2, return_indices=True),
            getattr(nn, f"AdaptiveAvgPool{rank}d")(3),
        ):
            record(f"of {rank} dims", both_ways(torch, module, x))


@scenario
def unpooling_puts_back_what_pooling_found(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for rank in (1, 2, 3):
        x = signal(torch, 1, 2, *(5, 4, 6)[:rank])
        made, places = getattr(nn, f"MaxPool{rank}d")(2, return_indices=True)(x)
        unpool = getattr(nn, f"MaxUnpool{rank}d")(2)
        record(f"of {rank} dims", [repr(unpool), unpool(made, places, x.shape)])
        with record.raises("a size out of reach"):
            unpool(made, places, [9] * rank)


@scenario
def fractional_pooling_draws_its_windows(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for rank in (2, 3):
        x = signal(torch, 2, 2, *(6, 7, 5)[:rank])
        kind = getattr(nn, f"FractionalMaxPool{rank}d")
        ratio = (0.5, 0.6, 0.7)[:rank]
        for module in (kind(2, output_size=3, return_indices=True), kind(2, output_ratio=ratio)):
            made = module(x)
            record(f"of {rank} dims", [made, list(module.state_dict()), torch.rand(2)])
        with record.raises("neither size nor ratio"):
            kind(2)
        with record.raises("size and ratio"):
            kind(2, output_size=2, output_ratio=ratio)


@scenario
def pooling_keeps_channels_innermost(torch: Any, record: Recorder) -> None:
    functional = torch.nn.functional
    x = signal(torch, 2, 3, 4, 6).detach().to(memory_format=torch.channels_last).requires_grad_()
    for name, size in (
        ("max_pool2d", 2),
        ("avg_pool2d", 2),
        ("adaptive_max_pool2d", 3),
        ("adaptive_avg_pool2d", 3),
        ("adaptive_avg_pool2d", 1),
    ):
        made = getattr(functional, name)(x, size)
        weights = torch.ones_like(made).requires_grad_()
        (gradient,) = torch.autograd.grad(made, x, weights, create_graph=True)
        record(name, [made, gradient])
        (back,) = torch.autograd.grad(gradient, weights, torch.ones(x.shape, dtype=x.dtype))
        record(f"{name} twice", back)


@scenario
def max_pool1d_without_gradient_is_no_view(torch: Any, record: Recorder) -> None:
    x = signal(torch, 2, 3, 6)
    record("recorded", torch.max_pool1d(x, 2))
    with torch.no_grad():
        record("not recorded", torch.max_pool1d(x, 2))
        with record.raises("integers"):
            torch.max_pool1d(torch.ones(1, 4, dtype=torch.int64), 2)


@scenario
def dropout_modules_draw_from_one_stream(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    for module, shape in (
        (nn.Dropout1d(0.3), (3, 2)),
        (nn.Dropout2d(0.3), (2, 3, 2, 2)),
        (nn.Dropout3d(0.3), (2, 3, 2, 1, 2)),
        (nn.AlphaDropout(0.3), (2, 5)),
        (nn.FeatureAlphaDropout(0.3), (2, 3, 2)),
    ):
        x = signal(torch, *shape)
        record("training", [*both_ways(torch, module, x), torch.rand(2)])
        record("evaluating", module.eval()(x) is x)
    with record.raises("probability"):
        nn.Dropout2d(1.5)
