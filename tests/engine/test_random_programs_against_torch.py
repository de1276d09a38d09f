"""Random programs of views, writes and modes: everything they show is what torch shows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

pytorch = pytest.importorskip("torch")

PROGRAMS = 200
Step = Callable[[Any, Any, Any], Any]

VIEWS: list[Step] = [
    lambda torch, a, b: a.select(0, 0),
    lambda torch, a, b: a[..., 1:],
    lambda torch, a, b: a.transpose(0, -1),
    lambda torch, a, b: a.unsqueeze(0),
    lambda torch, a, b: a.squeeze(),
    lambda torch, a, b: a.view(-1),
    lambda torch, a, b: a[0:1].expand(2, *a.shape[1:]),
    lambda torch, a, b: a.diagonal(),
    lambda torch, a, b: a.unbind(0)[0],
    lambda torch, a, b: a.chunk(2, -1)[-1],
    lambda torch, a, b: a.narrow(-1, 0, 1),
    lambda torch, a, b: a.as_strided((2,), (1,), 0),
    lambda torch, a, b: a.movedim(0, -1),
    lambda torch, a, b: a.conj(),
    lambda torch, a, b: a.real,
    lambda torch, a, b: a.imag,
    lambda torch, a, b: a.mH,
    lambda torch, a, b: torch.view_as_real(a),
    lambda torch, a, b: torch._neg_view(a),
    lambda torch, a, b: a.resolve_conj(),
]
WRITES: list[Step] = [
    lambda torch, a, b: a.add_(b),
    lambda torch, a, b: a.mul_(b),
    lambda torch, a, b: a.mul_(2),
    lambda torch, a, b: a.copy_(b),
    lambda torch, a, b: a.zero_(),
    lambda torch, a, b: a.neg_(),
    lambda torch, a, b: a.__setitem__(0, 1),
    lambda torch, a, b: a.__setitem__(0, b),
    lambda torch, a, b: a.masked_fill_(a.abs() > 1, 2),
    lambda torch, a, b: a.sigmoid_(),
    lambda torch, a, b: a.requires_grad_(),
]
RESULTS: list[Step] = [
    lambda torch, a, b: a + b,
    lambda torch, a, b: a * b,
    lambda torch, a, b: a * a,
    lambda torch, a, b: a - 1,
    lambda torch, a, b: (a * b).sum(0),
]


def _run(torch: Any, seed: int, is_complex: bool) -> list[Any]:
    """Run the program of a seed; return what it showed, step by step, and its gradients."""
    source = random.Random(seed)
    dtype = torch.complex128 if is_complex else torch.float64

    def drawn(**options: Any) -> Any:
        rows = [
            [complex(source.randint(-3, 3), source.randint(-3, 3)) for _ in range(4)]
            for _ in range(3)
        ]
        numbers = rows if is_complex else [[n.real for n in row] for row in rows]
        return torch.tensor(numbers, dtype=dtype, **options)

    leaves = [drawn(requires_grad=True), drawn(requires_grad=True)]
    pool = [*leaves, drawn(), leaves[0] * 2, leaves[1] * drawn()]
    seen: list[Any] = []
    for _ in range(source.randint(3, 9)):
        step = source.choice(source.choice((VIEWS, WRITES, RESULTS)))
        target = source.choice(pool)
        memory = _memory(target)
        operand = source.choice([t for t in pool if t is target or _memory(t) is not memory])
        mode = source.choice([torch.enable_grad] * 8 + [torch.no_grad, torch.inference_mode])
        try:
            with mode():
                made = step(torch, target, operand)
        except (RuntimeError, IndexError) as error:
            seen.append(f"{type(error).__name__}: {error}")
        else:
            if made is not None and not any(made is t for t in pool):
                pool.append(made)
    seen += [_shown(tensor) for tensor in pool]
    return seen + _gradients(torch, leaves, pool)


def _memory(tensor: Any) -> Any:
    return tensor if tensor._base is None else tensor._base


def _answer(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except RuntimeError as error:
        return str(error)


def _shown(tensor: Any) -> list[Any]:
    node = _answer(lambda: tensor.grad_fn)
    return [
        [complex(n) for n in tensor.detach().reshape(-1).tolist()],
        tuple(tensor.shape),
        tuple(tensor.stride()),
        tensor.requires_grad,
        tensor._is_view(),
        _answer(lambda: tensor._version),
        (tensor.is_conj(), tensor.is_neg()),
        node if node is None or isinstance(node, str) else _graph(node),
    ]


def _graph(node: Any) -> list[Any]:
    return [
        node.name(),
        *(None if follower is None else _graph(follower) for follower, _ in node.next_functions),
    ]


def _gradients(torch: Any, leaves: list[Any], pool: list[Any]) -> list[Any]:
    """Return first and second derivatives of the squares of all results, or why there are none."""

    def squares(tensors: list[Any]) -> Any:
        return sum((t * t.conj()).real.sum() for t in tensors)

    try:
        roots = [t for t in pool if t.requires_grad and t.grad_fn is not None]
        first = torch.autograd.grad(squares(roots), leaves, create_graph=True, allow_unused=True)
        used = [g for g in first if g is not None]
        second = torch.autograd.grad(squares(used), leaves, allow_unused=True)
    except RuntimeError as error:
        return [str(error)]
    return [
        None if g is None else [complex(n) for n in g.detach().reshape(-1).tolist()]
        for g in (*first, *second)
    ]


def _agree(found: Any, expected: Any) -> bool:
    if isinstance(expected, complex):
        parts = ((found.real, expected.real), (found.imag, expected.imag))
        scale = abs(expected)
        if not math.isfinite(scale) or scale > 1e30:
            return True
        return all(math.isclose(f, e, rel_tol=1e-9, abs_tol=1e-9 * scale + 1e-12) for f, e in parts)
    if isinstance(expected, (list, tuple)):
        return len(found) == len(expected) and all(map(_agree, found, expected))
    return bool(found == expected)


@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("start", range(0, PROGRAMS, 20))
def test_programs(engine: Any, is_complex: bool, start: int) -> None:
    for seed in range(start, start + 20):
        found = _run(engine, seed, is_complex)
        expected = _run(pytorch, seed, is_complex)
        assert len(found) == len(expected), (seed, found, expected)
        for one, other in zip(found, expected, strict=True):
            assert _agree(one, other), (seed, one, other)
