"""In-place writes and views on libraries whose arrays do not change: as on plain Python lists."""

from __future__ import annotations

import random
from typing import Any

import pytest

import autograd_core

pytest.importorskip("autograd_array_api")


def _cut(tensor: Any, generator: random.Random) -> Any:
    """A view of a tensor of two dims or more, of any kind there is."""
    kind = generator.randrange(9)
    rows, columns = tensor.shape[0], tensor.shape[1]
    if kind == 0:
        return tensor[generator.randrange(rows)].unsqueeze(0)
    if kind == 1:
        return tensor[:, generator.randrange(columns) :: 2]
    if kind == 2:
        return tensor.transpose(0, 1)
    if kind == 3 and tensor.is_contiguous():
        return tensor.view(1, -1)
    if kind == 4:
        return tensor.diagonal().unsqueeze(1)
    if kind == 5:
        return tensor.unfold(1, 1, 1).select(2, 0)
    if kind == 6:
        return tensor.as_strided((rows, 1), tensor.stride(), tensor.storage_offset())
    if kind == 7:
        return tensor.narrow(0, 0, 1)
    return tensor.detach()


def program(torch: Any, seed: int, dtype: Any) -> list[Any]:
    """Writes through views of views of one storage, and what is seen by all of them."""
    generator = random.Random(seed)
    base = torch.arange(24).to(dtype).view(4, 6).clone()
    tensors = [base]
    for step in range(8):
        view = _cut(generator.choice(tensors), generator)
        tensors.append(view)
        writing = generator.randrange(4)
        if writing == 0:
            view.add_(step + 1)
        elif writing == 1:
            view.fill_(step)
        elif writing == 2:
            view.copy_(view.clone().flip(0))
        elif view.is_complex():
            view.imag.sub_(2)
        else:
            view.mul_(view.sum())
    facts = [(t.stride(), t.storage_offset(), t._version) for t in tensors]
    return [[t.tolist() for t in tensors], facts]


@pytest.mark.parametrize("dtype", ["float64", "complex128", "int64"])
@pytest.mark.parametrize("seed", range(6))
def test_programs_of_views_and_writes(engine, seed, dtype):
    with autograd_core.use_backend("python"):
        expected = program(autograd_core, seed, getattr(autograd_core, dtype))
    assert program(engine, seed, getattr(engine, dtype)) == expected


def test_a_view_by_places_is_written_through(engine):
    base = engine.zeros(10)
    odd = base.as_strided((3, 2), (3, 2), 1)  # 1 3, 4 6, 7 9: no chain of cuts
    odd.copy_(engine.arange(6.0).view(3, 2))
    assert base.tolist() == [0, 0, 0, 1, 2, 0, 3, 4, 0, 5]


def test_a_clone_shares_nothing(engine):
    base = engine.ones(3)
    other = base.clone()
    other.mul_(5)
    assert (base.tolist(), other.tolist()) == ([1, 1, 1], [5, 5, 5])
    assert base.data_ptr() != other.data_ptr()


def test_views_see_writes_and_only_new_ones_read_again(engine, backend):
    base = engine.arange(4.0)
    view = base[1:3]
    assert view.tolist() == [1, 2]
    seen = view._array.value
    assert view._array.value is seen  # nothing was written in between
    base.add_(1)
    assert view.tolist() == [2, 3]
    view.zero_()
    assert base.tolist() == [1, 0, 0, 4]


def test_complex_numbers_and_their_parts_share_memory(engine):
    numbers = engine.tensor([1 + 2j, 3 - 0j])
    numbers.real.copy_(engine.tensor([float("inf"), -0.0]))
    assert numbers.tolist()[0] == complex(float("inf"), 2)
    assert str(numbers.tolist()[1].real) == "-0.0"
    pairs = engine.zeros(2, 2)
    engine.view_as_complex(pairs).add_(1 + 2j)
    assert pairs.tolist() == [[1, 2], [1, 2]]


def test_gradients_flow_through_writes(engine):
    x = engine.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    y[1:].mul_(y[:1].detach().clone())
    y[0] = 7
    (y * y).sum().backward()
    assert x.grad.tolist() == [0.0, 64.0, 96.0]


def test_a_saved_value_that_was_written_is_noticed(engine):
    x = engine.ones(2, requires_grad=True)
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
