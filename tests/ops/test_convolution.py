"""Convolutions, windows as columns and shuffles, on every backend and on torch."""

from __future__ import annotations

import itertools
import random
import warnings
from typing import Any

import pytest


def _drawn(torch: Any, seed: int, *shape: int) -> Any:
    source = random.Random(seed)
    count = 1
    for length in shape:
        count *= length
    numbers = [source.uniform(-1, 1) for _ in range(count)]
    return torch.tensor(numbers, dtype=torch.float64).reshape(shape)


def _by_definition(torch: Any, x: Any, w: Any, stride: int, dilation: int, groups: int) -> Any:
    """The sum over channels and places, element by element, of one length without padding."""
    values, weights = x.tolist(), w.tolist()
    per_group = len(weights) // groups
    reach = dilation * (len(weights[0][0]) - 1)
    return torch.tensor(
        [
            [
                [
                    sum(
                        kernel[c][k] * member[o // per_group * len(kernel) + c][at + k * dilation]
                        for c in range(len(kernel))
                        for k in range(len(kernel[c]))
                    )
                    for at in range(0, len(member[0]) - reach, stride)
                ]
                for o, kernel in enumerate(weights)
            ]
            for member in values
        ],
        dtype=torch.float64,
    )


@pytest.mark.parametrize(
    "stride, dilation, groups", list(itertools.product((1, 2), (1, 3), (1, 2)))
)
def test_a_convolution_is_its_definition(
    torch: Any, stride: int, dilation: int, groups: int
) -> None:
    x, w = _drawn(torch, 1, 2, 4, 9), _drawn(torch, 2, 6, 4 // groups, 3)
    made = torch.conv1d(x, w, stride=stride, dilation=dilation, groups=groups)
    assert torch.allclose(made, _by_definition(torch, x, w, stride, dilation, groups))


@pytest.mark.parametrize(
    "stride, padding, dilation", list(itertools.product((1, 2), (0, 1), (1, 2)))
)
def test_a_transposed_convolution_is_the_adjoint(
    torch: Any, stride: int, padding: int, dilation: int
) -> None:
    x, w = _drawn(torch, 1, 1, 2, 7, 6), _drawn(torch, 2, 4, 1, 3, 2)
    options: dict[str, Any] = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": 2,
    }
    y = torch.conv2d(x, w, **options)
    g = _drawn(torch, 3, *y.shape)
    spare = [
        n - ((m - 1) * stride - 2 * padding + dilation * (k - 1) + 1)
        for n, m, k in zip(x.shape[2:], y.shape[2:], w.shape[2:], strict=True)
    ]
    back = torch.conv_transpose2d(g, w, output_padding=spare, **options)
    assert back.shape == x.shape
    assert (back * x).sum().item() == pytest.approx((g * y).sum().item())


@pytest.mark.parametrize("kernel, dilation", list(itertools.product((1, 2, 3, 4), (1, 2))))
def test_same_keeps_lengths(torch: Any, kernel: int, dilation: int) -> None:
    x, w = _drawn(torch, 1, 1, 6), _drawn(torch, 2, 1, 1, kernel)
    total = dilation * (kernel - 1)
    padded = torch.nn.functional.pad(x, (total // 2, total - total // 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.conv1d(x, w, padding="same", dilation=dilation)
    assert made.shape == x.shape
    assert torch.allclose(made, torch.conv1d(padded, w, padding="valid", dilation=dilation))


def test_fold_counts_how_often_windows_cover(torch: Any) -> None:
    ones = torch.ones(1, 1, 3, 3, dtype=torch.float64)
    columns = torch.nn.functional.unfold(ones, 2)
    assert columns.shape == (1, 4, 4)
    covered = torch.nn.functional.fold(columns, (3, 3), 2)
    assert covered.tolist() == [[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]]


def test_shuffles_have_inverses(torch: Any) -> None:
    x = torch.arange(48, dtype=torch.float64).reshape(2, 4, 2, 3)
    assert torch.pixel_unshuffle(torch.pixel_shuffle(x, 2), 2).equal(x)
    assert torch.channel_shuffle(torch.channel_shuffle(x, 2), 2).equal(x)
    assert torch.pixel_shuffle(x, 2)[0, 0, :2, :2].tolist() == [[0.0, 6.0], [12.0, 18.0]]


def test_pads_of_a_line(torch: Any) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0]])
    pad = torch.nn.functional.pad
    assert pad(x, (2, 1), "reflect").tolist() == [[3.0, 2.0, 1.0, 2.0, 3.0, 2.0]]
    assert pad(x, (2, 1), "replicate").tolist() == [[1.0, 1.0, 1.0, 2.0, 3.0, 3.0]]
    assert pad(x, (2, 1), "circular").tolist() == [[2.0, 3.0, 1.0, 2.0, 3.0, 1.0]]
    assert pad(x, (-1, 2), "circular").tolist() == [[2.0, 3.0, 2.0, 3.0]]
