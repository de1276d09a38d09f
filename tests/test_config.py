"""Where a setting comes from: the environment, the nearest file, the default; and broken files."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograd_core import config
from autograd_core.config import ConfigError, Setting, backend_setting, file_settings

DEFAULT = "numpy" if importlib.util.find_spec("numpy") else "python"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working directory two levels deep, with nothing set."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    monkeypatch.delenv("AUTOGRAD_BACKEND", raising=False)
    monkeypatch.chdir(inner)
    config.forget_files()
    yield inner
    config.forget_files()


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def test_unset_is_numpy_where_installed_else_python(folder):
    value, origin = backend_setting()
    assert value == DEFAULT
    assert origin.startswith("default (NumPy is ")


def test_default_without_numpy(folder, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert backend_setting() == Setting("python", "default (NumPy is not installed)")


def test_own_file(folder):
    path = write(folder / "autograd_core.toml", '# ours\nbackend = "python"\n')
    assert backend_setting() == Setting("python", f"{path}, line 2")


def test_project_table(folder):
    path = write(
        folder / "pyproject.toml", '[project]\nname = "x"\n\n[tool.autograd_core]\nbackend = "a"\n'
    )
    assert backend_setting() == Setting("a", f"[tool.autograd_core] in {path}, line 5")


def test_environment_beats_the_file(folder, monkeypatch):
    write(folder / "autograd_core.toml", 'backend = "a"')
    monkeypatch.setenv("AUTOGRAD_BACKEND", "b")
    assert backend_setting() == Setting("b", "environment variable AUTOGRAD_BACKEND")


def test_environment_spares_a_broken_file(folder, monkeypatch):
    write(folder / "autograd_core.toml", "backend =")
    monkeypatch.setenv("AUTOGRAD_BACKEND", "b")
    assert backend_setting().value == "b"


def test_empty_variable_counts_as_unset(folder, monkeypatch):
    write(folder / "autograd_core.toml", 'backend = "a"')
    monkeypatch.setenv("AUTOGRAD_BACKEND", "  ")
    assert backend_setting().value == "a"


def test_own_file_beats_the_project_file_beside_it(folder):
    write(folder / "autograd_core.toml", 'backend = "own"')
    write(folder / "pyproject.toml", '[tool.autograd_core]\nbackend = "project"')
    assert backend_setting().value == "own"


def test_nearest_file_wins(folder):
    write(folder.parent / "autograd_core.toml", 'backend = "far"')
    write(folder / "pyproject.toml", '[tool.autograd_core]\nbackend = "near"')
    assert backend_setting().value == "near"


def test_a_project_file_without_the_table_is_passed_over(folder):
    write(folder / "pyproject.toml", '[project]\nname = "x"\n[tool.other]\nbackend = "y"\n')
    write(folder.parent / "pyproject.toml", '[tool.autograd_core]\nbackend = "far"')
    assert backend_setting().value == "far"


def test_an_empty_file_stops_the_search(folder):
    write(folder / "autograd_core.toml", "")
    write(folder.parent / "autograd_core.toml", 'backend = "far"')
    assert file_settings() == {}
    assert backend_setting().value == DEFAULT


def test_a_file_is_read_once_until_forgotten(folder):
    path = write(folder / "autograd_core.toml", 'backend = "a"')
    assert backend_setting().value == "a"
    write(path, 'backend = "b"')
    assert backend_setting().value == "a"
    config.forget_files()
    assert backend_setting().value == "b"


def test_each_working_directory_has_its_own_file(folder, monkeypatch):
    write(folder / "autograd_core.toml", 'backend = "inner"')
    write(folder.parent / "autograd_core.toml", 'backend = "outer"')
    assert backend_setting().value == "inner"
    monkeypatch.chdir(folder.parent)
    assert backend_setting().value == "outer"


BROKEN = {
    "no value": ("backend =", 1, "not valid TOML"),
    "bad TOML below": ('backend = "a"\n\nother = = 1\n', 3, "not valid TOML"),
    "cut off": ('backend = "a"\nother = [1,\n', 2, "not valid TOML"),
    "unknown key": ('# x\nbackend = "a"\nbackand = "b"\n', 3, "unknown key 'backand'"),
    "unknown table": ('backend = "a"\n\n[paths]\nx = 1\n', 3, "unknown key 'paths'"),
    "integer": ("\nbackend = 3\n", 2, "key 'backend' must be a string, got integer 3"),
    "boolean": ("backend = true", 1, "key 'backend' must be a string, got boolean True"),
    "array over lines": ("\nbackend = [\n  1,\n]\n", 2, "must be a string, got array [1]"),
    "table": ("[backend]\nname = 'a'", 1, "key 'backend' must be a string, got table"),
    "date": ("backend = 2020-01-01", 1, "must be a string, got date or time"),
    "empty": ('\n\nbackend = ""', 3, "key 'backend' is empty"),
}


@pytest.mark.parametrize(("text", "line", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_named_with_line_and_key(folder, text, line, words):
    path = write(folder / "autograd_core.toml", text)
    with pytest.raises(ConfigError) as caught:
        backend_setting()
    message = str(caught.value)
    assert message.startswith(f"{path}, line {line}: ")
    assert words in message


BROKEN_PROJECTS = {
    "unknown key": ("[tool.autograd_core]\nback = 1\n", 2, "unknown key 'back'"),
    "dotted": ("tool.x = 1\ntool.autograd_core.backend = 2\n", 2, "key 'backend' must be"),
    "inline": ("[tool]\nautograd_core = {backend = 2}\n", 2, "key 'backend' must be"),
    "not a table": ("[tool]\n\nautograd_core = 1\n", 3, "'tool.autograd_core' must be a table"),
    "same key elsewhere": (
        '[tool.x]\nbackend = 1\n[tool.autograd_core]\nbackend = 2\n[tool.y]\nbackend = "z"\n',
        4,
        "key 'backend' must be a string",
    ),
}


@pytest.mark.parametrize(
    ("text", "line", "words"), BROKEN_PROJECTS.values(), ids=BROKEN_PROJECTS.keys()
)
def test_a_broken_project_table_is_named_with_line_and_key(folder, text, line, words):
    path = write(folder / "pyproject.toml", text)
    with pytest.raises(ConfigError) as caught:
        backend_setting()
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert words in str(caught.value)


def test_windows_line_ends(folder):
    path = write(folder / "autograd_core.toml", "# x\r\nbackend = 1\r\n")
    with pytest.raises(ConfigError) as caught:
        backend_setting()
    assert str(caught.value).startswith(f"{path}, line 2: ")


def test_bytes_that_are_no_text(folder):
    path = folder / "autograd_core.toml"
    path.write_bytes(b'# x\nbackend = "\xff"\n')
    with pytest.raises(ConfigError) as caught:
        backend_setting()
    assert str(caught.value).startswith(f"{path}, line 2: not valid UTF-8")


def test_a_file_that_cannot_be_read(folder, monkeypatch):
    path = write(folder / "autograd_core.toml", 'backend = "a"')

    def refuse(path, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(config, "open", refuse, raising=False)
    with pytest.raises(ConfigError) as caught:
        backend_setting()
    assert str(caught.value) == f"{path}: cannot be read: Permission denied"


def run_module(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """`python -m autograd_core` in a folder."""
    environment = {k: v for k, v in os.environ.items() if k != "AUTOGRAD_BACKEND"} | variables
    return subprocess.run(
        [sys.executable, "-m", "autograd_core"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_shows_values_with_origin_and_backends(folder):
    path = write(folder / "autograd_core.toml", 'backend = "python"')
    done = run_module(folder)
    assert done.returncode == 0, done.stderr
    assert f"backend = python    from {path}, line 1" in done.stdout
    assert "numpy    entry point numpy = autograd_numpy:NumpyBackend, distribution" in done.stdout
    assert "python    entry point python = autograd_python:PythonBackend" in done.stdout


def test_the_command_shows_the_variable(folder):
    done = run_module(folder, AUTOGRAD_BACKEND="else")
    assert "backend = else    from environment variable AUTOGRAD_BACKEND" in done.stdout


def test_the_command_shows_a_broken_file_and_fails(folder):
    path = write(folder / "autograd_core.toml", "backand = 1")
    done = run_module(folder)
    assert done.returncode == 1
    assert f"error: {path}, line 1: unknown key 'backand'" in done.stdout
    assert "backends\n" in done.stdout
