"""How ``.grad`` comes to be: taken over when nothing else refers to the array, else copied."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def on_numpy() -> Any:
    pytest.importorskip("numpy")
    import autograd_core

    with autograd_core.use_backend("numpy"):
        yield autograd_core


def test_fresh_gradient_is_taken_over_without_a_copy(
    on_numpy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = type(on_numpy.get_backend("numpy"))
    copies = []
    clone = backend.clone
    monkeypatch.setattr(backend, "clone", lambda self, a: copies.append(1) or clone(self, a))
    x = on_numpy.ones(3, requires_grad=True)
    x.exp().backward(on_numpy.ones(3))
    assert copies == []


def test_cotangent_of_the_caller_is_copied(on_numpy: Any) -> None:
    x = on_numpy.ones(3, requires_grad=True)
    given = on_numpy.ones(3)
    (x + 1).backward(given)
    assert x.grad.data_ptr() != given.data_ptr()
    x.grad.mul_(7)
    assert given.tolist() == [1.0, 1.0, 1.0]


def test_gradient_kept_by_a_hook_is_copied(on_numpy: Any) -> None:
    x = on_numpy.ones(3, requires_grad=True)
    kept = []
    x.register_hook(lambda gradient: kept.append(gradient))
    (x * 2).backward(on_numpy.ones(3))
    x.grad.mul_(7)
    assert kept[0].tolist() == [2.0, 2.0, 2.0]


def test_gradient_has_the_layout_of_its_leaf(torch: Any) -> None:
    x = torch.ones(2, 3).t().detach().requires_grad_()
    assert x.stride() == (1, 3)
    (x * torch.ones(3, 2)).sum().backward()
    assert x.grad.stride() == (1, 3)
    gapped = torch.ones(3, 4)[:, ::2].detach().requires_grad_()
    (gapped * 2).sum().backward()
    assert gapped.grad.stride() == (2, 1)


def test_same_gradient_for_two_leaves(torch: Any) -> None:
    a, b = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
    (a + b).backward(torch.ones(3))
    a.grad.mul_(5)
    assert b.grad.tolist() == [1.0, 1.0, 1.0]


def test_backends_tell_whole_arrays_from_cut_ones(engine: Any) -> None:
    backend = engine.zeros(1)._backend
    fresh = backend.full((2, 3), 1, engine.float32)
    rows = backend.permute(fresh, (1, 0))
    assert (backend.is_whole(fresh), backend.is_cut(fresh)) == (backend.name == "numpy", False)
    assert (backend.is_whole(rows), backend.is_cut(rows)) == (False, True)
    whole = backend.exp(rows)
    assert (backend.is_whole(whole), backend.is_cut(whole)) == (True, False)


def test_what_a_backend_does_not_know_costs_a_copy_and_shows_no_view() -> None:
    from autograd_core.default_kernels import DefaultKernels

    assert not DefaultKernels.is_whole(None, None)
    assert not DefaultKernels.is_cut(None, None)


def test_zeros_for_one_element_keep_the_stride_of_what_came(torch: Any) -> None:
    x = torch.ones(1, requires_grad=True)
    (gradient,) = torch.autograd.grad(x.floor().sum(), x)
    assert gradient.stride() == (0,)
    x.floor().sum().backward()
    assert x.grad.stride() == (1,)
