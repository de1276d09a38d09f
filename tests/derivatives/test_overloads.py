"""Every op has the name and overload of an op of torch."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_core import ops
from autograd_core.derivatives.overloads import aten, overload_of

torch = pytest.importorskip("torch")

NOT_OF_TORCH = {"delayed_error", "fill_sampled"}
"""Kernels of nodes that torch makes without an op, or for several."""

ENTRIES = [entry for entries in ops.table().values() for entry in entries]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kernel_name)
def test_overload_exists_in_torch(entry: Any) -> None:
    if entry.kernel_name in NOT_OF_TORCH:
        return
    overload = overload_of(entry, [None] * len(entry.parameters))
    packet = getattr(torch.ops.aten, overload.overloadpacket.__name__)
    assert str(getattr(packet, overload._overloadname)) == str(overload)


def test_an_overload_is_one_object() -> None:
    assert aten.mm.default is aten.mm.default
    assert repr(aten.mm.default) == repr(torch.ops.aten.mm.default)
    assert repr(aten.mm) == repr(torch.ops.aten.mm)
    assert aten.add.Tensor.name() == torch.ops.aten.add.Tensor.name()
