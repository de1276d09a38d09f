"""no_grad, enable_grad, set_grad_enabled: contexts, decorators, threads."""

from __future__ import annotations

import threading
from typing import Any


def test_contexts_nest(torch: Any) -> None:
    x = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        assert not (x * 2).requires_grad
        with torch.enable_grad():
            assert (x * 2).requires_grad
        with torch.set_grad_enabled(True):
            assert (x * 2).requires_grad
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_mode_is_restored_after_an_error(torch: Any) -> None:
    try:
        with torch.no_grad():
            raise KeyError
    except KeyError:
        assert torch.is_grad_enabled()


def test_decorators(torch: Any) -> None:
    @torch.no_grad()
    def quiet() -> bool:
        return torch.is_grad_enabled()

    @torch.no_grad
    def bare() -> bool:
        return torch.is_grad_enabled()

    @torch.set_grad_enabled(False)
    def off() -> bool:
        return torch.is_grad_enabled()

    assert (quiet(), bare(), off(), torch.is_grad_enabled()) == (False, False, False, True)


def test_decorated_generator_sets_the_mode_only_while_it_runs(torch: Any) -> None:
    @torch.no_grad()
    def numbers() -> Any:
        yield torch.is_grad_enabled()
        yield torch.is_grad_enabled()

    seen = [(inside, torch.is_grad_enabled()) for inside in numbers()]
    assert seen == [(False, True), (False, True)]


def test_set_grad_enabled_as_a_function(torch: Any) -> None:
    torch.set_grad_enabled(False)
    try:
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


def test_mode_belongs_to_the_thread(torch: Any) -> None:
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]
