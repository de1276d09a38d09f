"""Tensors among other objects: NumPy, DLPack, iteration, copying and pickling."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

np = pytest.importorskip("numpy")


@pytest.fixture
def on_numpy() -> Any:
    import autograd_core

    with autograd_core.use_backend("numpy"):
        yield autograd_core


def test_numpy_shares_memory(on_numpy: Any) -> None:
    tensor = on_numpy.zeros(2, 3)
    tensor.numpy()[1, 2] = 5.0
    assert tensor[1, 2].item() == 5.0
    array = np.arange(3.0)
    taken = on_numpy.from_numpy(array)
    taken.mul_(2)
    assert array.tolist() == [0.0, 2.0, 4.0]
    assert on_numpy.as_tensor(array).data_ptr() == taken.data_ptr()
    assert on_numpy.tensor(array).data_ptr() != taken.data_ptr()


def test_numpy_of_a_view_keeps_strides(on_numpy: Any) -> None:
    array = on_numpy.zeros(2, 3).t().numpy()
    assert array.shape == (3, 2)
    assert array.strides == (4, 12)


def test_numpy_refuses_a_gradient(torch: Any) -> None:
    tensor = torch.ones(2, requires_grad=True)
    text = r"Can't call numpy\(\) on Tensor that requires grad. Use tensor.detach\(\).numpy"
    with pytest.raises(RuntimeError, match=text):
        tensor.numpy()


def test_other_backends_have_no_numpy() -> None:
    import autograd_core

    tensor = autograd_core.ones(2, backend="python")
    with pytest.raises(NotImplementedError, match="backend 'python' has no NumPy arrays"):
        tensor.numpy()
    assert autograd_core.from_numpy(np.arange(3), backend="python").tolist() == [0, 1, 2]


def test_numpy_leaves_operators_to_tensors(on_numpy: Any) -> None:
    assert np.asarray(on_numpy.ones(2), dtype=np.int64).tolist() == [1, 1]
    assert isinstance(on_numpy.ones(2) * 2, on_numpy.Tensor)


def test_dlpack_shares_memory(on_numpy: Any) -> None:
    array = np.arange(3.0)
    tensor = on_numpy.from_dlpack(array)
    assert tensor.tolist() == [0.0, 1.0, 2.0]
    back = np.from_dlpack(tensor)
    tensor.add_(1)
    assert back.tolist() == [1.0, 2.0, 3.0]


def test_iteration(torch: Any) -> None:
    assert [row.tolist() for row in torch.arange(4).view(2, 2)] == [[0, 1], [2, 3]]
    assert [row.tolist() for row in reversed(torch.arange(3))] == [2, 1, 0]
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        iter(torch.tensor(1))


def test_deepcopy_of_leaves_only(torch: Any) -> None:
    leaf = torch.arange(6.0).view(2, 3).t().detach().requires_grad_()
    leaf.grad = torch.ones(3, 2)
    pair = copy.deepcopy([leaf, leaf])
    assert pair[0] is pair[1]
    assert pair[0].stride() == (1, 3)
    assert pair[0].requires_grad
    assert pair[0].grad.tolist() == leaf.grad.tolist()
    assert pair[0].data_ptr() != leaf.data_ptr()
    with pytest.raises(RuntimeError, match="created explicitly by the user"):
        copy.deepcopy(leaf * 2)


def test_pickle_keeps_value_layout_and_flags(torch: Any) -> None:
    for dtype in (torch.float64, torch.complex64, torch.bool, torch.bfloat16):
        tensor = torch.tensor([[1, 0, 1], [0, 1, 1]], dtype=dtype).t()
        back = pickle.loads(pickle.dumps(tensor))
        assert back.tolist() == tensor.tolist()
        assert back.dtype is tensor.dtype
        assert back.stride() == tensor.stride()
    assert pickle.loads(pickle.dumps(torch.ones(2, requires_grad=True))).requires_grad


def test_pickle_keeps_the_backend() -> None:
    import autograd_core

    tensor = autograd_core.ones(2, backend="python")
    assert pickle.loads(pickle.dumps(tensor))._backend is tensor._backend
