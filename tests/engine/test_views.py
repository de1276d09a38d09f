"""Views and in-place writes: what shares memory, versions and history, and what is refused."""

from __future__ import annotations

import threading
from typing import Any

import pytest


def test_write_through_a_view_rewrites_base_and_siblings(torch: Any) -> None:
    weight = torch.ones(2, requires_grad=True)
    base = torch.tensor([1.0, 2.0, 3.0, 4.0])
    written, sibling = base[0:2], base[1:3]
    written.mul_(weight * 5)
    assert base.tolist() == [5.0, 10.0, 3.0, 4.0]
    assert type(base.grad_fn).__name__ == "CopySlices"
    assert sibling.requires_grad
    assert type(sibling.grad_fn).__name__ == "AsStridedBackward0"
    assert (base._version, written._version, sibling._version) == (1, 1, 1)
    (sibling.sum() + base.sum()).backward()
    assert weight.grad.tolist() == [5.0, 20.0]


def test_write_to_base_reaches_the_view(torch: Any) -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    base = x * 2
    view = base[1:]
    base.mul_(x)
    assert view.tolist() == [8.0, 18.0]
    view.sum().backward()
    assert x.grad.tolist() == [0.0, 8.0, 12.0]


def test_view_of_a_view_has_the_first_base(torch: Any) -> None:
    base = torch.ones(2, 3)
    view = base.view(6)[1:5]
    assert view._is_view()
    assert view._base is base
    assert (view.storage_offset(), view.stride()) == (1, (1,))


def test_detach_shares_storage_and_versions_but_is_no_view(torch: Any) -> None:
    x = torch.ones(3, requires_grad=True)
    detached = x.detach()
    assert not detached._is_view()
    detached.mul_(2)
    assert (x.tolist(), x._version) == ([2.0, 2.0, 2.0], 1)


def test_data_shares_storage_but_not_versions(torch: Any) -> None:
    x = torch.ones(3, requires_grad=True)
    x.data.mul_(2)
    assert (x.tolist(), x._version) == ([2.0, 2.0, 2.0], 0)


def test_zero_dim_results_can_be_written_and_shared(torch: Any) -> None:
    total = torch.ones(3).sum()
    alias = total.detach()
    alias.add_(1)
    assert total.item() == 4.0
    assert total.data_ptr() == alias.data_ptr()


def test_inplace_chain(torch: Any) -> None:
    x = torch.tensor([0.5, 1.0], requires_grad=True)
    y = x * 2
    y.add_(1).mul_(y.detach().clone()).neg_()
    y.sum().backward()
    assert y.tolist() == [-4.0, -9.0]
    assert x.grad.tolist() == [-4.0, -6.0]


def test_output_of_several_views_is_not_written(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True) * 1
    first, _ = x.split(2)
    with pytest.raises(RuntimeError) as caught:
        first.mul_(2)
    assert str(caught.value) == (
        "Output 0 of Split is a view and is being modified inplace. This view is the output of a "
        "function that returns multiple views. Such functions do not allow the output views to be "
        "modified inplace. You should replace the inplace operation by an out-of-place one."
    )


def test_view_made_without_grad_is_not_written_with_grad(torch: Any) -> None:
    x = torch.ones(4, requires_grad=True) * 1
    with torch.no_grad():
        view = x[0:2]
    assert view.requires_grad
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and is being"):
        view.mul_(2)


def test_a_write_through_a_view_of_a_number_has_its_gradient(torch: Any) -> None:
    x = torch.tensor([0.5, -1.25], requires_grad=True)
    z = torch.tensor(2.0, requires_grad=True)
    number = z * 1
    number.view(1).mul_(3)
    (x + number).sum().backward()  # sums over x what comes to the number
    assert z.grad.item() == 6


def test_threads_run_one_graph_of_writes(torch: Any) -> None:
    x = torch.ones(4, 5, requires_grad=True)
    y = x * 2
    for i in range(4):
        for j in range(5):
            y[i, j:].mul_(1.5)
    seed = torch.ones(4, 5)
    (expected,) = torch.autograd.grad(y, x, seed, retain_graph=True)
    found: list[Any] = []

    def run() -> None:
        for _ in range(20):
            found.extend(torch.autograd.grad(y, x, seed, retain_graph=True))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    assert all(grad.tolist() == expected.tolist() for grad in found)
    assert seed.tolist() == [[1.0] * 5] * 4
