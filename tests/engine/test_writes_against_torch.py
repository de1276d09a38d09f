"""Views, and writes through them, held against torch: histories that are made when asked for, and
gradients that are written where nobody else has them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")


def _told(node: Any, first: int) -> Any:
    """A node's name, its number from the first on, what it saves, and the nodes behind it."""
    if node is None:
        return None
    saved = {
        name: getattr(node, name)
        for name in sorted(dir(node))
        if name.startswith("_saved_") and not name.endswith(("_self", "_other", "_result"))
    }
    number = None if node.name().endswith("AccumulateGrad") else node._sequence_nr() - first
    behind = [(_told(edge, first), output) for edge, output in node.next_functions]
    return node.name(), number, saved, behind


def _leaf(torch: Any, *shape: int) -> Any:
    count = 1
    for length in shape:
        count *= length
    values = [0.5 + 0.25 * k * (-1) ** k for k in range(count)]
    return torch.tensor(values, dtype=torch.float64).view(shape).requires_grad_()


def _start(torch: Any) -> tuple[Any, Any, int]:
    x = _leaf(torch, 4, 5)
    y = x * 2
    return x, y, y.grad_fn._sequence_nr()


def _read(subscript: Any) -> Callable[[Any], Any]:
    def run(torch: Any) -> Any:
        x, y, first = _start(torch)
        view = y[subscript]
        after = y * 1  # whose number tells how many were taken
        told = _told(view.grad_fn, first), _told(after.grad_fn, first)
        view.sum().backward()
        return told, view.output_nr, view.is_leaf, view.requires_grad, x.grad.tolist()

    return run


def _of_a_leaf(torch: Any) -> Any:
    x = _leaf(torch, 3, 4)
    row = x[1, 1:]
    node = row.grad_fn.next_functions[0][0].next_functions[0][0]
    row.sum().backward()
    return node.name(), node.variable is x, x.grad.tolist()


def _of_a_view(torch: Any) -> Any:
    _, y, first = _start(torch)
    view = y[1:][:, 2:][0, -1]
    return _told(view.grad_fn, first), view.item(), view._base is y


def _asked_after_the_base_was_detached(torch: Any) -> Any:
    _, y, first = _start(torch)
    view = y[0]
    y.detach_()
    return _told(view.grad_fn, first)


def _asked_after_the_base_was_written(torch: Any) -> Any:
    x, y, first = _start(torch)
    view = y[1, 1:]
    y.mul_(3)
    told = _told(view.grad_fn, first)
    view.sum().backward()
    return told, x.grad.tolist()


def _written_unasked(torch: Any) -> Any:
    x, y, first = _start(torch)
    view = y[1, 1:4]
    view.mul_(3)
    told = _told(y.grad_fn, first), _told(view.grad_fn, first)
    (y.sum() + view.sum()).backward()
    return told, x.grad.tolist()


def _written_twice(torch: Any) -> Any:
    x, y, first = _start(torch)
    view = y[2]
    view.add_(1)
    view.mul_(view.detach().clone())
    other = y[:, 1]
    other.exp_()
    told = _told(y.grad_fn, first), _told(view.grad_fn, first)
    y.sum().backward()
    return told, x.grad.tolist()


def _hooks_and_kept_gradients(torch: Any) -> Any:
    x, y, _ = _start(torch)
    seen: list[Any] = []
    y.register_hook(lambda grad: seen.append(("y", grad.tolist())))
    view = y[1]
    view.register_hook(lambda grad: seen.append(("view", grad.tolist())))
    view.retain_grad()
    view.mul_(2)
    y.retain_grad()
    y[2, :2].add_(1)
    y[3].mul_(5)
    (y * y).sum().backward()
    return seen, view.grad is None, y.grad.tolist(), x.grad.tolist()


def _given_gradient_stays(torch: Any) -> Any:
    x, y, _ = _start(torch)
    y[0].mul_(3)
    y[1].zero_()
    given = torch.ones_like(y)
    y.backward(given, retain_graph=True)
    y.backward(given)
    return given.tolist(), given._version, x.grad.tolist()


def _two_ways(torch: Any) -> Any:
    x, y, _ = _start(torch)
    before = y * 1
    y[0].mul_(3)
    between = y.t()
    y[:, 0].mul_(2)
    (before.sum() + (between * 2).sum() + y.sum() + y.view(20).sum()).backward(retain_graph=True)
    first = x.grad.tolist()
    y.sum().backward()
    return first, x.grad.tolist()


def _sources_get_theirs(torch: Any) -> Any:
    x, y, _ = _start(torch)
    source, factor = _leaf(torch, 5), _leaf(torch)
    y[1] = source
    y[2, 1:].mul_(source[1:])
    y[3] = factor
    y[0].add_(source)
    y.sum().backward()
    return x.grad.tolist(), source.grad.tolist(), factor.grad.tolist()


def _recorded(torch: Any) -> Any:
    x, y, _ = _start(torch)
    y[1, 1:].mul_(y.detach().clone()[0, 1:])
    y[2].pow_(2)
    y[2].exp_()
    (grad,) = torch.autograd.grad((y * y).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(grad.sum(), x)
    return grad.tolist(), second.tolist()


def _numbers_written(torch: Any) -> Any:
    _, y, first = _start(torch)
    y[0] = 1.5
    y[1, 2] = -0.0
    y[2, :2] = True
    y[3] = 7
    y[3] = 7.0
    y[:, 4] = torch.tensor(2)
    y[:] = y.detach() * 2
    y[1:3].fill_(3)
    text = str(y.tolist())
    y.sum().backward()
    return text, y._version, y.grad_fn.name(), y.grad_fn._sequence_nr() - first


def _numbers_refused(torch: Any) -> Any:
    x = torch.zeros(3, dtype=torch.float32)
    texts = []
    for value in (1e39, -1e39, 1j, "a", None):
        try:
            x[0] = value
        except (RuntimeError, TypeError) as error:
            texts.append(str(error))
    return texts, x.tolist(), x._version


def _integers(torch: Any) -> Any:
    x = torch.zeros(3, 2, dtype=torch.int64)
    x[0] = 3
    x[1, 0] = True
    x[2, 1:] = 2
    x[:, 1].add_(1)
    return x.tolist(), x._version, x[0].requires_grad


def _expanded(torch: Any) -> Any:
    x = _leaf(torch, 1, 3)
    y = x * 1
    wide = y.expand(2, 3)
    wide.fill_(2)
    try:
        y.sum().backward()
    except RuntimeError as error:
        return str(error), x.grad
    return y.tolist(), x.grad.tolist()


def _refused(torch: Any) -> Any:
    texts = []
    x = _leaf(torch, 2, 3)
    with torch.no_grad():
        made = x[0]
    for write in (
        lambda: x[0].mul_(2),
        lambda: x.mul_(2),
        lambda: made.mul_(2),
        lambda: (x * 1).unbind()[0][1:].mul_(2),
        lambda: (x * 1).expand(4, 2, 3)[0].mul_(2),
        lambda: (x * 1)[0].expand(2, 3).mul_(2),
        lambda: (x * 1)[0].add_(torch.ones(2, 3)),
    ):
        try:
            write()
            texts.append("written")
        except RuntimeError as error:
            texts.append(str(error))
    return texts


def _without_recording(torch: Any) -> Any:
    x = _leaf(torch, 2, 3)
    with torch.no_grad():
        x[0, 1:].mul_(2)
        x[1] = 3.0
        view = x[1, 1:]
    with torch.inference_mode():
        other = x[0]
    return x.tolist(), x._version, view.requires_grad, view.is_leaf, other.is_inference()


def _turned_in_place(torch: Any) -> Any:
    x, y, first = _start(torch)
    view = y[1:3]
    view.t_()
    told = _told(view.grad_fn, first)
    view.mul_(2)
    y.sum().backward()
    return told, tuple(view.shape), x.grad.tolist()


def _saved_and_written(torch: Any) -> Any:
    x, y, _ = _start(torch)
    view = y[1]
    used = view * view
    y[1].mul_(2)
    try:
        used.sum().backward()
    except RuntimeError as error:
        return str(error).split("Hint")[0]
    return x.grad.tolist()


def _complex(torch: Any) -> Any:
    x = torch.complex(_leaf(torch, 2, 3).detach(), _leaf(torch, 2, 3).detach()).requires_grad_()
    y = x * 2
    y[0, 1:].mul_(1 + 2j)
    y.conj()[1].mul_(2j)
    y[1, :2].imag.mul_(3)
    y.abs().sum().backward()
    return y.tolist(), x.grad.tolist()


PROGRAMS = {
    **{
        f"read {subscript}": _read(subscript)
        for subscript in (
            0,
            -1,
            slice(1, 3),
            slice(None),
            slice(-3, -1),
            (1, 2),
            (-1, -2),
            (1, slice(2, None)),
            (slice(None), 3),
            (slice(0, 4), slice(None, None, 2)),
            (slice(-10, 10), 1),
            (slice(1, 1), 1),
            (slice(None, -1, 1), slice(1, 100, 3)),
            (slice(None), slice(None)),
        )
    },
    **{
        run.__name__.strip("_"): run
        for run in (
            _of_a_leaf,
            _of_a_view,
            _asked_after_the_base_was_detached,
            _asked_after_the_base_was_written,
            _written_unasked,
            _written_twice,
            _hooks_and_kept_gradients,
            _given_gradient_stays,
            _two_ways,
            _sources_get_theirs,
            _recorded,
            _numbers_written,
            _numbers_refused,
            _integers,
            _expanded,
            _refused,
            _without_recording,
            _turned_in_place,
            _saved_and_written,
            _complex,
        )
    },
}


def _close(got: Any, expected: Any) -> bool:
    if isinstance(expected, (list, tuple)):
        same = type(got) is type(expected) and len(got) == len(expected)
        return same and all(map(_close, got, expected))
    if isinstance(expected, (float, complex)):
        return bool(abs(got - expected) <= 1e-12 * max(1, abs(expected)))
    return bool(got == expected)


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, backend: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = PROGRAMS[name](real_torch)
        with autograd_core.use_backend(backend):
            got = PROGRAMS[name](autograd_core)
    assert _close(got, expected), f"got      {got}\nexpected {expected}"


def test_the_nodes_of_a_view_that_is_only_written_are_not_made(engine: Any) -> None:
    y = engine.ones(3, 4, requires_grad=True) * 2
    view = y[1, 1:]
    view.mul_(2.0)
    assert view._grad_fn is not y.grad_fn  # what came before, until it is asked for
    assert type(view._grad_fn).__name__ == "MulBackward0"
    assert view.grad_fn.name() == "AsStridedBackward0"
    assert view.grad_fn is view.grad_fn


def test_a_gradient_that_nobody_has_is_written_and_not_copied() -> None:
    with autograd_core.use_backend("numpy"):
        y = autograd_core.ones(3, 4, requires_grad=True) * 2
        y[0].mul_(2.0)
        node, backend, dtype = y.grad_fn, y._backend, y.dtype
    grads = [backend.full((3, 4), 1, dtype)]
    written, _ = node.apply_raw(grads)
    assert written is grads[0]
    users = (backend.full((3, 4), 1, dtype),) * 3
    written, _ = node.apply_raw([users[0]])
    assert written is not users[0]
    assert (written.tolist(), users[0].min()) == ([[2.0] * 4] + [[1.0] * 4] * 2, 1)


def test_a_hook_is_put_on_a_view_whose_base_was_written(engine: Any) -> None:
    y = engine.ones(2, 3, requires_grad=True) * 2
    view, seen = y[0], []
    y.mul_(2)
    view.register_hook(lambda grad: seen.append(grad.tolist()))  # torch breaks down
    view.sum().backward()
    assert seen == [[1.0] * 3]
