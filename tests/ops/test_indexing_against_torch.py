"""Indexing functions held against torch: values, layout, graph, gradients and error texts.

A row is a call, evaluated once with torch's functions and once with those of each backend. What
requires a gradient in it: x (3, 4), s (3, 4), p (2, 4) and v (0-d).
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest

import autograd_core

real_torch = pytest.importorskip("torch")

CALLS = """
torch.gather(x, 0, i)
torch.gather(x, -1, i.int())
torch.gather(x, 0, i.float())
torch.gather(x, 0, i.to(torch.int16))
torch.gather(x, 0, i * 3)
torch.gather(x, 0, -i)
torch.gather(x, 0, l)
torch.gather(x, 1, torch.tensor([[0], [0], [0], [0]]))
torch.gather(x, 2, i)
torch.gather(x, 0, l[:0])
torch.gather(v, 0, l * 0)
torch.gather(x, 0, i, out=xd[:1])
torch.gather(xd, 0, i, out=xd[:1])
torch.gather(xd, 0, i, out=torch.zeros(1, 4))
torch.gather(xd, 0, i, out=torch.zeros(1, dtype=torch.float64).expand(1, 4))
torch.scatter(x, 0, i, xd)
torch.scatter(x, 1, ii, s)
torch.scatter(x, 0, i, s)
torch.scatter(x, 0, i, 2.5)
torch.scatter(x, 0, i.float(), s)
torch.scatter(x, 0, i, s.float())
torch.scatter(x, 0, i * 3, s)
torch.scatter(x, 0, l, s)
torch.scatter(x, 1, ii, p)
torch.scatter(x, 0, i, 2j)
torch.scatter(x, 0, i, s, reduce='foo')
torch.scatter(xd, 0, i, xd, reduce='add')
torch.scatter(xd, 0, i, 1.5, reduce='multiply')
torch.scatter(x, 0, i, xd, reduce='add')
torch.scatter_add(x, 1, ii, s)
torch.scatter_add(x, 0, i, s.float())
torch.scatter_reduce(x, 1, ii, s, 'sum')
torch.scatter_reduce(x, 1, ii, s, 'mean')
torch.scatter_reduce(x, 1, ii, s, 'mean', include_self=False)
torch.scatter_reduce(x, 1, ii, s, 'prod')
torch.scatter_reduce(x, 1, ii, s, 'prod', include_self=False)
torch.scatter_reduce(x, 1, ii, s, 'amax')
torch.scatter_reduce(x, 1, ii, s, 'amin', include_self=False)
torch.scatter_reduce(x * 0, 1, ii, s * 0, 'amax')
torch.scatter_reduce(x * 0, 1, ii, s * 0, 'prod')
torch.scatter_reduce(x, 1, ii, s, 'foo')
torch.scatter_reduce(xd > 0, 1, ii, xd > 0, 'mean')
torch.index_select(x, 1, l)
torch.index_select(x.t(), 0, l)
torch.index_select(x, 0, torch.tensor(1))
torch.index_select(v, 0, l[:1])
torch.index_select(v, 0, l)
torch.index_select(x, 0, i)
torch.index_select(x, 0, l.float())
torch.index_select(x, 0, l * 3)
torch.index_select(x, 0, -l)
torch.index_select(xd, 0, l, out=torch.zeros(2, 4))
torch.index_add(x, 0, l, p)
torch.index_add(x, 0, l, p, alpha=2)
torch.index_add(x, 0, l * 0, p, alpha=-1)
torch.index_add(x, 0, l, s)
torch.index_add(x, 0, l, p.float())
torch.index_add(x, 0, l.float(), p)
torch.index_add(x, 0, l * 3, p)
torch.index_add(x, 0, i, p)
torch.index_add(x, 0, l, p[:, :2])
torch.index_add(x, 0, l, v)
torch.index_add(x[0], 0, l[:1], v)
torch.index_copy(x, 0, l, p)
torch.index_copy(x[0], 0, l[:1], v)
torch.index_copy(x, 0, l, s)
torch.index_copy(x, 0, l, p.float())
torch.index_copy(x, 0, l.int(), p)
torch.index_copy(x, 0, l * 3, p)
torch.index_copy(x, 0, i, p)
torch.index_copy(x, 0, l, p[:, :2])
torch.index_copy(x, 0, l, v)
torch.index_fill(x, 0, l, 2.5)
torch.index_fill(x.t(), 0, l, 2.5)
torch.index_fill(x, 0, -l, 1)
torch.index_fill(x, 0, l * 0, v)
torch.index_fill(x, 0, l.int(), 1)
torch.index_fill(x, 0, l * 3, 1)
torch.index_fill(x, 0, i, 1)
torch.index_fill(x, 0, l, p)
torch.index_fill(x, 0, l, 1j)
torch.index_put(x, (l,), p)
torch.index_put(x, (l * 0,), p, accumulate=True)
torch.index_put(x, (l, -l), v)
torch.index_put(x.t(), (l,), v)
torch.index_put(x, (m,), v)
torch.index_put(x, (l,), p.float())
torch.index_put(x, (l,), s)
torch.index_put(x, (l, l, l), s)
torch.index_select(x, 1, l + 9)
torch.nn.functional.embedding(l, x[:1, :0])
torch.index_put_(x.detach().t(), (l,), x.detach()[:1])
torch.index_put(x, l, v)
torch.index_put(x, (l,), 1.0)
torch.index_reduce(x, 0, l, p, 'prod')
torch.index_reduce(x, 0, l * 0, p, 'prod', include_self=False)
torch.index_reduce(x, 0, l * 0, p, 'mean')
torch.index_reduce(x, 0, l * 0, p, 'amax')
torch.index_reduce(x, 0, l * 0, p, 'amin', include_self=False)
torch.index_reduce(x, 0, l, p, 'sum')
torch.index_reduce(x, 0, l * 3, p, 'prod')
torch.put(x, l, p[0, :2])
x.put(-l, p[0, :2], accumulate=True)
x.t().put(l, p[0, :2])
x.put(l * 10, p[0, :2])
x.put(l, p)
x.put(l.int(), p[0, :2])
torch.take(x, i)
torch.take(x, -l)
torch.take(x, l * 10)
torch.take(x, l.int())
torch.take(x[:0], l)
torch.take(xd, l, out=torch.zeros(2))
torch.take_along_dim(x, i, 0)
torch.take_along_dim(x, ii[:, :1], 1)
torch.take_along_dim(x, l)
torch.take_along_dim(x, l.int())
torch.take_along_dim(x, l, 0)
torch.masked_fill(x, m, 2.5)
torch.masked_fill(x, m, v)
torch.masked_fill(x[0], m, v)
torch.masked_fill(x.t(), m.t(), 1)
torch.masked_fill(x, m.float(), 1)
torch.masked_fill(x, m, p)
torch.masked_fill(x, m[:2], 1)
torch.masked_fill(x, m, 1j)
torch.masked_scatter(x, m, s)
torch.masked_scatter(x[0], m, s)
torch.masked_scatter(x, m, s.float())
torch.masked_scatter(x, m, s[0, :1])
torch.masked_scatter(x, m.float(), s)
torch.masked_select(x, m)
torch.masked_select(x[0], m)
torch.masked_select(x, m.float())
torch.masked_select(x, m[:2])
torch.where(m, x, s)
torch.where(m, x, 2)
torch.where(m.float(), x, s)
torch.where(m, 1, 2)
torch.where(m, 1.0, 2)
torch.where(m)
torch.where(torch.tensor(True))
x.where(m, v)
torch.nonzero(x)
torch.nonzero(x, as_tuple=True)
torch.nonzero(v)
torch.nonzero(torch.tensor(0.0))
torch.nonzero(xd, out=torch.zeros(5))
torch.argwhere(m)
torch.nonzero_static(m, size=2)
torch.nonzero_static(m, size=20, fill_value=7)
torch.searchsorted(q, x)
torch.searchsorted(q, x, right=True, out_int32=True)
torch.searchsorted(q, 2.0)
torch.searchsorted(q.expand(3, 4), x, side='right')
torch.searchsorted(q, x, sorter=torch.tensor([3, 2, 1, 0]))
torch.searchsorted(q, x, side='foo')
torch.searchsorted(q, x, side='left', right=True)
torch.searchsorted(x, q)
torch.searchsorted(x, 2.0)
torch.searchsorted(q, x, sorter=l)
torch.searchsorted(q, x, sorter=torch.tensor([0, 1, 2, 9]))
torch.searchsorted(q, x, out=torch.zeros(1))
torch.bucketize(x, q)
torch.bucketize(2.0, q)
torch.bucketize(x, p)
torch.isin(x, q)
torch.isin(x, q, invert=True)
torch.isin(2, q)
torch.isin(x, 1.0)
torch.isin(1, 2)
torch.isin(m, m)
torch.nn.functional.embedding(i, x)
torch.nn.functional.embedding(l, x, padding_idx=-1)
torch.nn.functional.embedding(l * 0, x, scale_grad_by_freq=True)
torch.nn.functional.embedding(l.float(), x)
torch.nn.functional.embedding(l * 3, x)
torch.nn.functional.embedding(l, x[0])
torch.nn.functional.embedding(l, x, padding_idx=5)
torch.nn.functional.one_hot(l)
torch.nn.functional.one_hot(i, 5)
torch.nn.functional.one_hot(l[:0])
torch.nn.functional.one_hot(-l)
torch.nn.functional.one_hot(l, 2)
torch.nn.functional.one_hot(l.int())
torch.nn.functional.embedding(l, x * 1, max_norm=2.0)
torch.nn.functional.embedding(l * 0, x * 1, max_norm=1.5, norm_type=1.0)
torch._unsafe_index(x, [l])
torch._unsafe_index_put(x, [l], p)
torch._unsafe_index_put(x, [l], p, True)
torch._index_put_impl_(x.clone(), [l], p)
torch.index_put_(x.clone(), [l], p)
torch.ops.aten.index(x, [None, l])
torch.ops.aten.index(x, [l, l, l])
torch.ops.aten.index(x, [])
x.clone().scatter_(1, ii, s)
x.clone().scatter_(1, ii, 2.0)
x.clone().scatter_add_(1, ii, s)
x.clone().scatter_reduce_(1, ii, s, 'amax')
x.clone().scatter_reduce_(1, ii, s, 'prod')
x.clone().index_add_(0, l, p)
x.clone().index_copy_(0, l, p)
x.clone().index_fill_(0, l, 2.0)
x.clone().index_fill_(0, l, v)
x.clone().index_put_((l,), p)
x.clone().index_reduce_(0, l, p, 'mean')
x.clone().put_(l, p[0, :2])
x.clone().masked_fill_(m, v)
x.clone()[0].masked_fill_(m, v)
x.clone().masked_scatter_(m, s)
x.clone()[0].masked_fill_(m[0], 3.0)
x.clone().masked_fill_(m[:2], 1)
torch.masked_scatter(x, m[:2], s)
torch.take_along_dim(x.t(), l)
torch.take_along_dim(x, l.to(torch.int16))
torch.nonzero(x * 0)
x.scatter_(1, ii, s)
x.masked_fill_(m, 0.0)
xd.scatter_(0, i, xd)
xd.index_add_(0, l, xd[:2])
xd[:1].expand(3, 4).scatter_(0, i, 1.0)
xd[:1].expand(3, 4).masked_scatter_(m, xd)
""".strip().split("\n")


def tensors(torch: Any) -> dict[str, Any]:
    def leaf(rows: Any) -> Any:
        return torch.tensor(rows, dtype=torch.float64, requires_grad=True)

    x = [[1.0, -2.0, 0.5, 3.0], [0.0, 4.0, -1.5, 2.0], [2.5, -3.0, 6.0, 0.0]]
    s = [[0.0, 2.0, 0.0, -4.0], [1.5, 0.0, 5.0, 5.0], [3.0, 0.25, 0.0, 1.0]]
    return {
        "torch": torch,
        "x": leaf(x),
        "xd": torch.tensor(x, dtype=torch.float64),
        "s": leaf(s),
        "p": leaf([[2.0, 0.0, 1.5, -1.0], [0.5, 3.0, 0.0, 2.0]]),
        "v": leaf(1.25),
        "q": torch.tensor([-2.0, 0.5, 2.0, 3.0], dtype=torch.float64),
        "i": torch.tensor([[0, 1, 2, 1]]),
        "ii": torch.tensor([[0, 0, 1, 3], [2, 2, 2, 2], [3, 0, 1, 1]]),
        "l": torch.tensor([0, 2]),
        "m": torch.tensor([[v > 1 for v in row] for row in x]),
    }


def graph(node: Any) -> Any:
    """The node's name and those it leads to."""
    if node is None:
        return None
    return (node.name(), [graph(edge) for edge, _ in node.next_functions])


def described(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [described(member) for member in value]
    kept = (str(value.dtype), tuple(value.shape), value.stride(), value._is_view(), value._version)
    return value.tolist(), kept, graph(value.grad_fn)


def observed(torch: Any, text: str) -> Any:
    """What a call gives, its gradients and theirs; or the type and text of what it raises."""
    names = tensors(torch)
    leaves = [names[name] for name in ("x", "s", "p", "v")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = eval(text, names)
            found = [described(result)]
            if getattr(result, "requires_grad", False):
                (result * result).sum().backward(create_graph=True)
                grads = [leaf.grad for leaf in leaves]
                found.append([None if g is None else g.tolist() for g in grads])
                second = sum((g * g).sum() for g in grads if g is not None)
                if second.requires_grad:
                    again = torch.autograd.grad(second, leaves, allow_unused=True)
                    found.append([None if g is None else g.tolist() for g in again])
        except (RuntimeError, LookupError, TypeError, ValueError, AssertionError) as error:
            return type(error).__name__, str(error).split("\nException raised")[0]
    return found


def same(ours: Any, theirs: Any) -> bool:
    """Whether two observations agree, numbers up to a few roundings."""
    if isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-14) or (ours != ours and theirs != theirs)
    return type(ours) is type(theirs) and ours == theirs


@pytest.mark.parametrize("backend", ["numpy", "python"])
@pytest.mark.parametrize("text", CALLS)
def test_call(text: str, backend: str) -> None:
    with autograd_core.use_backend(backend):
        ours = observed(autograd_core, text)
    theirs = observed(real_torch, text)
    assert same(ours, theirs), f"{ours}\n{theirs}"
