"""Kernels run with the context variables of their backend, or are simply called without any."""

from __future__ import annotations

from contextvars import Context, ContextVar
from typing import Any, ClassVar

import pytest

import autograd_core as engine
from autograd_core.backend_registry import unregister_backend

python = pytest.importorskip("autograd_python")
VARIABLE: ContextVar[str] = ContextVar("VARIABLE", default="default")
calls: list[str] = []


class Loud(python.PythonBackend):
    """A backend that has nothing to silence."""

    name: ClassVar[str] = "loud"

    def sin(self, input: Any) -> Any:
        calls.append(VARIABLE.get())
        return super().sin(input)


class Quiet(Loud):
    """A backend whose library asks a variable."""

    name: ClassVar[str] = "quiet"
    kernel_context: ClassVar[Context] = Context()


Quiet.kernel_context.run(VARIABLE.set, "silenced")


@pytest.mark.parametrize(("kind", "seen"), [(Loud, "caller"), (Quiet, "silenced")])
@pytest.mark.parametrize("records", [True, False])
def test_what_kernels_see(kind: type[Loud], seen: str, records: bool) -> None:
    engine.register_backend(kind.name, kind)
    token = VARIABLE.set("caller")
    try:
        for x in (0.5, 0.25):
            calls.clear()
            tensor = engine.tensor(x, backend=kind.name, requires_grad=records)
            assert tensor.sin().item() == engine.tensor(x, backend="python").sin().item()
            assert calls == [seen]
            assert VARIABLE.get() == "caller"
    finally:
        VARIABLE.reset(token)
        unregister_backend(kind.name)
