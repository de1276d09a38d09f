"""Programs that `test_lockstep` runs on torch and a backend at once: ordinary torch code."""

from __future__ import annotations

from typing import Any

import pytest


def operators_and_methods(torch: Any) -> None:
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    y = (2 * x + 1) ** 2 / (x - 0.5) - x.exp().log1p()
    z = -y @ y.t() + abs(y).mean()
    assert bool((z == z).all())
    assert z.shape == (2, 2)
    assert z.dtype is torch.float32
    assert isinstance(z, torch.Tensor)
    assert float(z.sum().detach()) == z.sum().item()
    assert len(y) == 2
    assert [row.shape[0] for row in y] == [3, 3]
    _, indices = torch.max(x, dim=1)
    assert torch.max(x, dim=1).indices.tolist() == indices.tolist() == [2, 2]
    z.sum().backward()
    assert f"{x.grad}".startswith("tensor(")


def writes_and_indexing(torch: Any) -> None:
    x = torch.arange(12, dtype=torch.float64).reshape(3, 4).requires_grad_()
    y = x * 2
    y[0] = 7
    y[1, 1:3] += 1
    y[:, -1].mul_(3)
    y[y > 10] = 0.5
    y[torch.tensor([0, 2])] *= 2
    view = y.view(4, 3)
    y.add_(1)
    assert view._version == y._version
    y.sum().backward()
    with torch.no_grad():
        x -= 0.1 * x.grad
        x.grad.zero_()
    x.grad = None
    x.data.fill_(2.0)


def hooks(torch: Any) -> None:
    seen: list[Any] = []
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    handle = y.register_hook(lambda grad: grad * 2)
    y.register_hook(seen.append)
    y.retain_grad()
    x.register_post_accumulate_grad_hook(lambda leaf: seen.append(leaf.grad.clone()))
    y.grad_fn.register_prehook(lambda grads: seen.append(grads[0]))
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append(inputs[0]))
    (y * y).sum().backward(retain_graph=True)
    handle.remove()
    (y * y).sum().backward()
    assert [tensor.tolist() for tensor in seen[:2]] == [[12.0, 24.0], [12.0, 24.0]]
    assert len(seen) == 8


def hooks_that_compute(torch: Any) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([3.0], requires_grad=True)

    def inner(grad: Any) -> Any:
        with torch.enable_grad():
            (extra,) = torch.autograd.grad((w * w).sum(), w)
        return grad + extra

    y = x.sin()
    y.register_hook(inner)
    y.sum().backward()


def gradients_of_gradients(torch: Any) -> None:
    x = torch.tensor([0.5, 1.5], requires_grad=True)
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert second.tolist() == [3.0, 9.0]
    unused = torch.ones(1, requires_grad=True)
    assert torch.autograd.grad(x.sum(), [x, unused], allow_unused=True)[1] is None
    torch.autograd.backward([x.sum(), (x * 2).sum()], [torch.tensor(1.0), torch.tensor(2.0)])
    jacobian = torch.autograd.functional.jacobian(lambda t: t.exp() * t, x)
    assert jacobian.shape == (2, 2)


def custom_functions(torch: Any) -> None:
    class Exp(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, factor: float) -> Any:
            result = x.exp()
            ctx.factor = factor
            ctx.save_for_backward(result)
            return result * factor

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (result,) = ctx.saved_tensors
            assert ctx.needs_input_grad == (True, False)
            return grad * result * ctx.factor, None

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = Exp.apply(x, 3.0)
    assert y.grad_fn.name() == "ExpBackward"
    y.sum().backward(retain_graph=True)
    torch.autograd.grad(y.sum(), x)


def modules_and_optimizers(torch: Any) -> None:
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self, size: int) -> None:
            super().__init__()
            self.linear = nn.Linear(size, size)
            self.scale = nn.Parameter(torch.ones(size))
            self.register_buffer("count", torch.zeros(1))
            self.calls: list[int] = []

        def forward(self, x: Any) -> Any:
            self.count += 1
            self.calls.append(len(self.calls))
            return torch.relu(self.linear(x)) * self.scale

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.Sequential(Block(3), nn.Dropout(0.25), Block(3))
            self.out = nn.Linear(3, 1)

        def forward(self, x: Any) -> Any:
            return self.out(self.blocks(x)).squeeze(-1)

    torch.manual_seed(0)
    net = Net()
    assert next(iter(net.state_dict())) == "blocks.0.scale"
    assert isinstance(net.blocks[0], Block)
    assert isinstance(net.out, nn.Linear)
    assert "Dropout(p=0.25" in repr(net)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    loss_of = nn.MSELoss()
    x, target = torch.randn(4, 3), torch.randn(4)
    for _ in range(3):
        optimizer.zero_grad()
        loss = loss_of(net(x), target)
        loss.backward()
        optimizer.step()

    def closure() -> Any:
        sgd.zero_grad()
        loss = loss_of(net(x), target)
        loss.backward()
        return loss

    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    sgd.step(closure)
    net.eval()
    assert not net.blocks[0].training
    assert net.blocks[0].count.item() == 4.0
    assert net.blocks[0].calls == [0, 1, 2, 3]
    other = Net()
    other.load_state_dict(net.state_dict())
    assert torch.equal(other.out.weight, net.out.weight)


def modes(torch: Any) -> None:
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad

    @torch.no_grad()
    def quiet(t: Any) -> Any:
        return t * 2

    assert not quiet(x).requires_grad
    with torch.inference_mode():
        assert (x * 2).is_inference()
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t * 1, lambda t: t):
        y = x * x
    y.sum().backward()
    with torch.autograd.detect_anomaly():
        (x * 3).sum().backward()


def transforms(torch: Any) -> None:
    x = torch.tensor([0.5, 1.0])
    assert torch.func.grad(lambda t: (t * t).sum())(x).tolist() == [1.0, 2.0]
    doubled = torch.func.vmap(lambda t: t.sin() * 2)(torch.ones(3, 2))
    assert doubled.shape == (3, 2)
    hessian = torch.func.hessian(lambda t: (t**3).sum())(x)
    assert hessian.diagonal().tolist() == [3.0, 6.0]


def checkpoints(torch: Any) -> None:
    checkpoint = torch.utils.checkpoint.checkpoint

    x = torch.tensor([0.5, 1.0], requires_grad=True)
    y = checkpoint(lambda t: t.sin().exp(), x, use_reentrant=False)
    y.sum().backward()


def refusals(torch: Any) -> None:
    for attempt in (
        lambda: torch.ones(2) @ torch.ones(3),
        lambda: torch.ones(2).backward(),
        lambda: torch.ones(2, requires_grad=True).add_(1),
    ):
        with pytest.raises(RuntimeError):
            attempt()


PROGRAMS = [
    operators_and_methods,
    writes_and_indexing,
    hooks,
    hooks_that_compute,
    gradients_of_gradients,
    custom_functions,
    modules_and_optimizers,
    modes,
    transforms,
    checkpoints,
    refusals,
]
