"""Convolutions and padding: nodes, layouts, refusals, transforms, and their modules."""

from __future__ import annotations

import warnings
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _wave(torch: Any, *shape: int, step: float = 0.7) -> Any:
    count = 1
    for length in shape:
        count *= length
    return (torch.arange(count, dtype=torch.float64) * step).sin().reshape(shape)


def _numbers(gradients: Any) -> list[Any]:
    """Gradients as new tensors: how their sums were made is not asked here."""
    return [gradient.clone() for gradient in gradients]


# Nodes and what they save -------------------------------------------------------------------------


@scenario
def nodes_of_convolutions(torch: Any, record: Recorder) -> None:
    x, w, b = _wave(torch, 2, 4, 6), _wave(torch, 6, 2, 3), _wave(torch, 6)
    for tensor in (x, w, b):
        tensor.requires_grad_()
    y = torch.conv1d(x, w, b, groups=2, padding=1)
    node = y.grad_fn
    record("saved", [node._saved_bias_sym_sizes_opt, node._saved_padding, node._saved_transposed])
    record("saved tensors", [node._saved_input is x, node._saved_weight is w])
    record("no bias", torch.conv1d(x, w, groups=2).grad_fn._saved_bias_sym_sizes_opt)
    record.graph("graph", y)
    record.graph("without batch", torch.conv1d(x[0], w, groups=2))
    record.graph("transposed", torch.conv_transpose1d(x, w[:4], stride=2))
    flags = (False, False, False, False)
    again = torch._convolution(x, w, b, [1], [1], [1], False, [0], 2, *flags)
    record("with flags", again)
    record.graph("graph with flags", again)


@scenario
def gradients_of_gradients_of_convolutions(torch: Any, record: Recorder) -> None:
    for transposed in (False, True):
        x = _wave(torch, 1, 4, 6, 5).requires_grad_()
        w = _wave(torch, 4, 2, 2, 3, step=0.3).requires_grad_()
        b = _wave(torch, 4).requires_grad_()
        convolve = torch.conv_transpose2d if transposed else torch.conv2d
        y = convolve(x, w, b, stride=(2, 1), padding=(0, 1), groups=2)
        grads = torch.autograd.grad(y.pow(2).sum(), (x, w, b), create_graph=True)
        record.graph(f"graph {transposed}", grads[0])
        again = torch.autograd.grad(sum(g.pow(2).sum() for g in grads), (x, w, b))
        record(f"second {transposed}", _numbers(again))
        record(f"strides {transposed}", [g.stride() for g in (*grads, *again)])


@scenario
def a_complex_convolution_is_three_real_ones(torch: Any, record: Recorder) -> None:
    x = torch.complex(_wave(torch, 1, 2, 5), _wave(torch, 1, 2, 5, step=0.2)).requires_grad_()
    w = torch.complex(_wave(torch, 2, 2, 3), _wave(torch, 2, 2, 3, step=0.4)).requires_grad_()
    y = torch.conv1d(x, w)
    record("output", y)
    record.graph("graph", y)
    record("gradients", _numbers(torch.autograd.grad(y.abs().sum(), (x, w))))


@scenario
def nodes_of_padding(torch: Any, record: Recorder) -> None:
    x = _wave(torch, 1, 2, 4, 3).requires_grad_()
    for mode in ("reflect", "replicate", "circular"):
        y = torch.nn.functional.pad(x, (1, 2, -1, 1), mode)
        record(mode, y)
        record.graph(f"graph of {mode}", y)
        (grad,) = torch.autograd.grad(y.pow(2).sum(), x, create_graph=True)
        record(f"gradient of {mode}", grad)
        record(f"second of {mode}", _numbers(torch.autograd.grad(grad.pow(2).sum(), x)))


@scenario
def nodes_of_columns(torch: Any, record: Recorder) -> None:
    x = _wave(torch, 1, 2, 4, 5).requires_grad_()
    columns = torch.nn.functional.unfold(x, (2, 3), padding=(0, 1))
    node = columns.grad_fn
    record("saved", [node._saved_self_sym_argsize_minus_1, node._saved_self_sym_argsize_minus_2])
    record.graph("graph", columns)
    summed = torch.nn.functional.fold(columns, (4, 5), (2, 3), padding=(0, 1))
    record("summed", summed)
    record("gradient", torch.autograd.grad(summed.pow(2).sum(), x)[0])


# Layout -------------------------------------------------------------------------------------------


@scenario
def channels_stay_innermost(torch: Any, record: Recorder) -> None:
    x, w = _wave(torch, 2, 4, 5, 6), _wave(torch, 6, 4, 3, 3)
    last = torch.channels_last
    inner = x.contiguous(memory_format=last)
    record("input", torch.conv2d(inner, w).stride())
    record("weight", torch.conv2d(x, w.contiguous(memory_format=last)).stride())
    record("neither", torch.conv2d(x, w).stride())
    record("transposed", torch.conv_transpose2d(inner, w[:4]).stride())
    functional = torch.nn.functional
    for mode in ("constant", "reflect", "replicate", "circular"):
        record(mode, functional.pad(inner, (1, 1, 1, 1), mode).stride())
    record("shuffle", torch.pixel_shuffle(inner, 2).stride())
    record("channels", torch.channel_shuffle(inner, 2).stride())
    leaf = inner.clone().requires_grad_()
    kernel = w.clone().requires_grad_()
    y = torch.conv2d(leaf, kernel)
    grads = torch.autograd.grad(y, (leaf, kernel), torch.ones(y.shape, dtype=torch.float64))
    record("gradients", [g.stride() for g in grads])


# Refusals -----------------------------------------------------------------------------------------


@scenario
def convolutions_refuse(torch: Any, record: Recorder) -> None:
    x, w = _wave(torch, 2, 4, 6, 6), _wave(torch, 6, 2, 3, 3)
    for what, arguments in {
        "channels": (x, w),
        "groups": (x, w, None, 1, 0, 1, 4),
        "no groups": (x, w, None, 1, 0, 1, 0),
        "bias": (x, w, x[0, 0, 0, :5], 1, 0, 1, 2),
        "kernel": (x, _wave(torch, 6, 2, 7, 8), None, 1, 0, 1, 2),
        "padding": (x, w, None, 1, -1, 1, 2),
        "stride": (x, w, None, 0, 0, 1, 2),
        "strides": (x, w, None, (1, 1, 1), 0, 1, 2),
        "word": (x, w, None, 1, "around", 1, 2),
        "strided same": (x, w, None, 2, "same", 1, 2),
        "rank": (x[0, 0], w),
        "dtype": (x, w.float(), None, 1, 0, 1, 2),
        "bias dtype": (x, w, x[0, 0, 0].float(), 1, 0, 1, 2),
        "bool": (x.bool(), w.bool(), None, 1, 0, 1, 2),
    }.items():
        with record.raises(what):
            torch.conv2d(*arguments)
    with record.raises("output padding"):
        torch.conv_transpose2d(x, _wave(torch, 4, 2, 3, 3), output_padding=1)
    with record.raises("too small"):
        torch.conv_transpose2d(x[:, :, :1, :1], _wave(torch, 4, 2, 1, 1), padding=1)


@scenario
def padding_refuses(torch: Any, record: Recorder) -> None:
    pad = torch.nn.functional.pad
    x = _wave(torch, 2, 3, 4)
    for what, arguments in {
        "reflected too far": (x, (4, 1), "reflect"),
        "around twice": (x, (5, 0), "circular"),
        "cut away": (x, (-2, -2), "replicate"),
        "odd": (x, (1,), "reflect"),
        "dims": (x, (1, 1, 1, 1, 1, 1), "reflect"),
        "mode": (x, (1, 1), "mirror"),
        "value": (x, (1, 1), "reflect", 1.0),
        "bool": (x.bool(), (1, 1), "reflect"),
    }.items():
        with record.raises(what):
            pad(*arguments)


# Transforms ---------------------------------------------------------------------------------------


@scenario
def convolutions_over_a_batch(torch: Any, record: Recorder) -> None:
    x, w, b = _wave(torch, 3, 2, 4, 5), _wave(torch, 3, 4, 2, 3), _wave(torch, 3, 4)

    def convolve(x: Any, w: Any, b: Any) -> Any:
        return torch.conv1d(x, w, b, stride=2, padding=1, groups=2)

    for what, dims in {
        "inputs": (0, None, None),
        "weights": (None, 0, None),
        "biases": (None, None, 0),
        "all": (0, 0, 0),
    }.items():
        given = [t if d is not None else t[0] for t, d in zip((x, w, b), dims)]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            record(what, torch.vmap(convolve, in_dims=dims)(*given))
        record(f"warnings for {what}", [str(warning.message) for warning in caught])


@scenario
def gradients_per_sample(torch: Any, record: Recorder) -> None:
    x, w = _wave(torch, 3, 2, 4, 4), _wave(torch, 2, 2, 2, 2)

    def loss(w: Any, x: Any) -> Any:
        return torch.conv2d(x, w).pow(2).sum()

    record("gradients", torch.vmap(torch.func.grad(loss), in_dims=(None, 0))(w, x))
    record("of the input", torch.vmap(torch.func.grad(loss, argnums=1), (None, 0))(w, x))
    record("hessian", torch.func.hessian(loss)(w, x[0]))


@scenario
def tangents_of_convolutions(torch: Any, record: Recorder) -> None:
    x, w, b = _wave(torch, 1, 2, 5), _wave(torch, 3, 2, 2), _wave(torch, 3)
    primals = (x, w, b)
    tangents = tuple(t.cos() for t in primals)
    record("convolution", list(torch.func.jvp(torch.conv1d, primals, tangents)))

    def gradient(x: Any) -> Any:
        return torch.func.grad(lambda w: torch.conv1d(x, w).pow(2).sum())(w)

    record("gradient", list(torch.func.jvp(gradient, (x,), (x.cos(),))))


# Modules ------------------------------------------------------------------------------------------


@scenario
def convolutions_as_modules(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    torch.manual_seed(0)
    m = nn.Conv2d(4, 6, (3, 2), padding=(1, 2), groups=2)
    record("parameters", dict(m.named_parameters()))
    record("state", list(m.state_dict()))
    record("output", m(torch.ones(4, 3, 3)))
    modules = [
        m,
        nn.Conv1d(1, 2, 3, stride=2, dilation=2, bias=False),
        nn.Conv3d(1, 1, 2, padding="same", padding_mode="circular"),
        nn.ConvTranspose2d(2, 4, 3, stride=2, output_padding=1, groups=2),
        nn.ConvTranspose3d(1, 1, 2, dtype=torch.float64),
        nn.Fold((4, 5), 2),
        nn.Unfold(3, stride=(1, 2)),
        nn.PixelShuffle(2),
        nn.PixelUnshuffle(2),
        nn.ChannelShuffle(2),
    ]
    record("printed", [repr(module) for module in modules])
    for mode in ("reflect", "replicate", "circular"):
        padded = nn.Conv2d(1, 1, (3, 2), padding=(1, 0), padding_mode=mode)
        record(mode, padded(torch.arange(9.0).reshape(1, 1, 3, 3)))
    spread = nn.ConvTranspose1d(1, 1, 3, stride=2)
    record("size", spread(torch.ones(1, 1, 3), output_size=[8]).shape)
    with record.raises("no such size"):
        spread(torch.ones(1, 1, 3), output_size=[9])
    for what, arguments in {
        "groups": (3, 4, 1, 1, 0, 1, 2),
        "stride": (1, 1, 1, 2, "same"),
    }.items():
        with record.raises(what):
            nn.Conv2d(*arguments)


@scenario
def padding_as_modules(torch: Any, record: Recorder) -> None:
    nn = torch.nn
    x = torch.arange(12.0).reshape(1, 3, 4)
    modules = [
        nn.ReflectionPad1d(2),
        nn.ReplicationPad1d((0, 1)),
        nn.CircularPad1d((1, -1)),
        nn.ConstantPad1d(1, 4.5),
        nn.ZeroPad1d((2, 0)),
        nn.ReflectionPad2d((1, 0, 2, 0)),
        nn.ReplicationPad2d(1),
        nn.ZeroPad2d((-1, 0, 1, 0)),
    ]
    record("printed", [repr(module) for module in modules])
    record("padded", [module(x) for module in modules])
    record("kinds", [isinstance(modules[4], nn.ConstantPad1d), nn.CircularPad3d(1).padding])
    with record.raises("dims"):
        nn.CircularPad2d(1)(torch.ones(3))
