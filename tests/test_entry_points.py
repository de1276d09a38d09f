"""Entry points are found as importlib.metadata finds them, in folders and elsewhere."""

import sys
import zipfile
from importlib import metadata

import pytest

from autograd_core import entry_points as module
from autograd_core.entry_points import entry_points

POINTS = "# a comment\n[other]\nx = y\n\n[some.group]\nfirst = json:loads\nsecond=os.path : join\n"


def install(folder, name, version, points=POINTS, suffix="dist-info"):
    """A distribution's metadata in a folder."""
    place = folder / f"{name}-{version}.{suffix}"
    place.mkdir(parents=True)
    file = "METADATA" if suffix == "dist-info" else "PKG-INFO"
    (place / file).write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nWords\n")
    (place / "entry_points.txt").write_text(points)


def found(group):
    return sorted((point.name, point.value, point.distribution()) for point in entry_points(group))


def by_importlib(group):
    points = metadata.entry_points(group=group)
    return sorted((p.name, p.value, f"{p.dist.name} {p.dist.version}") for p in points)


@pytest.mark.parametrize("group", ["autograd_core.backends", "pytest11", "console_scripts"])
def test_what_is_installed_here(group):
    assert found(group) == by_importlib(group)
    assert found(group)


@pytest.mark.parametrize("suffix", ["dist-info", "egg-info"])
def test_a_folder_of_the_path(tmp_path, monkeypatch, suffix):
    install(tmp_path, "one_thing", "1.5", suffix=suffix)
    monkeypatch.syspath_prepend(tmp_path)
    expected = [("first", "json:loads"), ("second", "os.path : join")]
    assert found("some.group") == [(*pair, "one_thing 1.5") for pair in expected]
    assert {point.load().__name__ for point in entry_points("some.group")} == {"loads", "join"}


def test_of_two_distributions_of_a_name_the_first_counts(tmp_path, monkeypatch):
    install(tmp_path / "later", "One.Thing", "1", "[some.group]\nold = json\n")
    install(tmp_path / "first", "one_thing", "2", "[some.group]\nnew = json\n")
    for folder in ("later", "first"):
        monkeypatch.syspath_prepend(tmp_path / folder)
    assert found("some.group") == by_importlib("some.group") == [("new", "json", "one_thing 2")]


def test_an_archive_on_the_path_is_left_to_importlib(tmp_path, monkeypatch):
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("packed-3.dist-info/METADATA", "Name: packed\nVersion: 3\n")
        file.writestr("packed-3.dist-info/entry_points.txt", POINTS)
    monkeypatch.setattr(sys, "path", [*sys.path, str(archive)])
    assert found("some.group") == by_importlib("some.group")
    assert {point[2] for point in found("some.group")} == {"packed 3"}


def test_folders_are_read_without_importlib(monkeypatch):
    def refuse(group):
        raise AssertionError(group)

    monkeypatch.setattr(module, "_of_importlib", refuse)
    monkeypatch.setattr(module, "_are_plain", lambda folders: True)  # other tests add finders
    assert found("autograd_core.backends")


def test_a_folder_that_cannot_be_listed_offers_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    def refuse(path):
        raise PermissionError(path)

    monkeypatch.setattr(module.os, "listdir", refuse)
    assert found("some.group") == []
