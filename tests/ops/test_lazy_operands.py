"""Every op of the table on conjugate and negative views, against the same numbers in memory."""

from __future__ import annotations

import random
from typing import Any

import batched_calls as samples
import pytest

from autograd_core.derivatives.entry import Entry


def _calls(name: str) -> list[list[Any]]:
    """Return the calls of an op; that one has none is reported where all are counted."""
    try:
        return list(samples.calls(name))
    except KeyError:
        return []


pytestmark = pytest.mark.filterwarnings("ignore:index_reduce")  # once, in whichever test is first
CASES = [
    (name, number)
    for name, op in sorted(samples.FUNCTIONS.items())
    if isinstance(op.entry, Entry) and not samples.EXCEPTIONS.get(name, "").startswith("random")
    for number in range(len(_calls(name)))
]
OF_MEMORY = {
    "view_as_real": "the namespace refuses conjugate views",
    "view_dtype": "the namespace refuses both",
}
"""Ops that see the memory of a lazy tensor, with what keeps them from it."""


def _drawn(torch: Any, name: str, call: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return the tensors of a call, and the call's options for this engine."""
    source = random.Random(name)
    dtypes = {
        "float": torch.float64,
        "complex": torch.complex128,
        "int": torch.int64,
        "bool": torch.bool,
    }
    tensors = [
        torch.tensor(t.drawn(source, t.shape), dtype=dtypes[t.kind])
        for t in samples.tensors_of(call)
    ]
    options = [getattr(torch, a) if a in ("float32", "int64") else a for a in call]
    return tensors, options


def _lazy(torch: Any, tensor: Any) -> Any:
    """Return a tensor of the same elements whose memory holds others."""
    if tensor.is_complex():
        return torch.conj_physical(tensor).conj()
    return torch._neg_view(-tensor) if tensor.is_floating_point() else tensor


def _flat(made: Any) -> list[Any]:
    return [t for t in (made if isinstance(made, (tuple, list)) else (made,)) if t is not None]


def _same(torch: Any, found: list[Any], expected: list[Any]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        assert torch.allclose(one, other, equal_nan=True), (one, other)


@pytest.mark.parametrize("name, number", CASES)
def test_an_op_reads_the_elements(engine: Any, name: str, number: int) -> None:
    torch = engine
    if name in OF_MEMORY:
        pytest.skip(OF_MEMORY[name])
    tensors, options = _drawn(torch, name, samples.calls(name)[number])
    op = samples.FUNCTIONS[name]
    found, expected = (
        _results(torch, op, samples.filled(options, operands), operands)
        for operands in ([_lazy(torch, t) for t in tensors], tensors)
    )
    assert isinstance(found[-1], str) == isinstance(expected[-1], str)
    _same(torch, *([t for t in made if not isinstance(t, str)] for made in (found, expected)))


def _results(torch: Any, op: Any, call: list[Any], operands: list[Any]) -> list[Any]:
    """Return what an op gives and its gradients, or why it has none."""
    needing = [t.requires_grad_() for t in operands if t.is_floating_point() or t.is_complex()]
    try:
        made = _flat(op(*call))
    except RuntimeError as error:  # of complex results that would be recorded
        return [str(error)]
    results = [t.detach() for t in made]
    roots = [t.abs().sum() for t in made if t.requires_grad]
    if roots:
        try:
            grads = torch.autograd.grad(sum(roots), needing, allow_unused=True)
        except (NotImplementedError, RuntimeError) as error:
            return [*results, str(error)]
        results += [g for g in grads if g is not None]
    return results


@pytest.mark.parametrize("name, number", CASES)
def test_an_op_writes_the_elements(engine: Any, name: str, number: int) -> None:
    torch = engine
    tensors, options = _drawn(torch, name, samples.calls(name)[number])
    op = samples.FUNCTIONS[name]
    has_target = bool(samples.tensors_of(samples.calls(name)[number][:1]))
    if op.entry.view or not has_target or not hasattr(torch.Tensor, f"{name}_"):
        pytest.skip("it has no in-place form that writes elements")
    written = []
    for target in (tensors[0].clone(), _lazy(torch, tensors[0])):
        try:
            op.inplace(*samples.filled(options, [target, *tensors[1:]]))
        except (RuntimeError, TypeError, NotImplementedError, ValueError, IndexError) as error:
            written.append(str(error))
        else:
            written.append(target)
    if isinstance(written[0], str):
        assert written[1] == written[0]
        return
    _same(torch, [written[1]], [written[0]])
    assert (written[1].is_conj(), written[1].is_neg()) == (
        tensors[0].is_complex(),
        tensors[0].is_floating_point(),
    )


def test_the_only_tangent_of_a_sum_is_read_as_its_elements(engine: Any) -> None:
    torch = engine
    z = torch.tensor([0.5 + 1j, -1.25, 2j], dtype=torch.complex128)
    forward_ad = torch.autograd.forward_ad
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(z, z * 2).conj()
        tangents = [forward_ad.unpack_dual(made).tangent for made in (z + dual, dual - z, z - dual)]
    expected = (z * 2).conj().clone()
    _same(torch, tangents, [expected, expected, -expected])
