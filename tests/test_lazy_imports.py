"""Modules and classes whose names are found in modules that are imported on demand."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograd_core.lazy_imports import Families, Names

PACKAGE = "a_package_on_demand"
FILES = {
    "__init__.py": """
from autograd_core.lazy_imports import Families, on_demand
from . import early
__getattr__, __dir__ = on_demand(
    __name__, ("plain",), Families(__name__, {"birds": "lark wren", "early": "early"})
)
own = 1
""",
    "birds.py": """
def lark(self=None): return "lark", self
def wren(self=None): return "wren", self
color = property(lambda self: "brown")
""",
    "early.py": "def early(): return 'early'",
    "plain.py": "",
}
INDEX = {"birds": "lark wren color"}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A package, imported anew for each test."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module(PACKAGE)
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def is_imported(module: str) -> bool:
    return f"{PACKAGE}.{module}" in sys.modules


@pytest.fixture
def bird(package: Any) -> type:
    """A class with stand-ins."""
    made = type("Bird", (), {})
    Families(PACKAGE, INDEX).stand_in(made)
    return made


def test_a_name_of_a_module_brings_its_family(package: Any) -> None:
    assert {"lark", "wren", "own", "plain"} <= set(dir(package))
    assert not is_imported("birds")
    assert package.lark()[0] == "lark"
    assert is_imported("birds")
    assert "wren" in vars(package)
    with pytest.raises(AttributeError, match=f"module '{PACKAGE}' has no attribute 'owl'"):
        _ = package.owl


def test_what_a_user_has_put_into_a_module_stays(package: Any) -> None:
    package.wren = "mine"
    assert package.lark()[0] == "lark"
    assert package.wren == "mine"


def test_a_function_is_not_hidden_by_its_module(package: Any) -> None:
    assert package.early() == "early"
    assert isinstance(package.plain, ModuleType)


def test_import_star_brings_all(package: Any) -> None:
    space: dict[str, Any] = {}
    exec(f"from {PACKAGE} import *", space)
    assert {"lark", "wren", "early", "own", "plain"} <= set(space)


def test_a_class_finds_methods_when_they_are_first_read(bird: Any) -> None:
    assert {"lark", "wren"} <= set(dir(bird))
    assert not is_imported("birds")
    one = bird()
    assert one.lark() == ("lark", one)
    assert bird.wren is sys.modules[f"{PACKAGE}.birds"].wren
    assert vars(bird)["wren"] is bird.wren


def test_super_and_subclasses(bird: Any) -> None:
    class Finch(bird):  # type: ignore[misc]
        def lark(self) -> Any:
            return "finch", super().lark()

    one = Finch()
    assert one.lark() == ("finch", ("lark", one))


def test_what_a_user_has_put_into_a_class_stays(bird: Any) -> None:
    bird.wren = mine = lambda self: "mine"
    assert bird().lark()[0] == "lark"
    assert bird.wren is mine


def test_a_stand_in_that_was_put_back_still_gives_way(bird: Any) -> None:
    stand_in = vars(bird)["lark"]
    bird.lark = None
    bird().wren()
    bird.lark = stand_in
    assert bird().lark()[0] == "lark"
    assert vars(bird)["lark"] is not stand_in


def test_attributes_are_set_as_if_nothing_stood_in(bird: Any) -> None:
    one = bird()
    with pytest.raises(AttributeError, match="no setter"):
        one.color = "red"
    one.lark = "own"
    assert one.lark == "own"
    del one.lark
    assert one.lark() == ("lark", one)
    with pytest.raises(AttributeError):
        del one.wren


def test_names(package: Any) -> None:
    names = Names(Families(PACKAGE, INDEX))
    assert names["lark"]() == ("lark", None)
    assert "lark" in names
    with pytest.raises(KeyError, match="owl"):
        names["owl"]
