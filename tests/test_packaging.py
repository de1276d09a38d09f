"""What a wheel installs, what importing the core imports, and what a test environment may hold."""

import functools
import importlib.util
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ("autograd_numpy", "autograd_python")
KIT = ROOT / "conformance"
ADAPTER = ROOT / "backends" / "array_api"
WHEELS = {
    "core": (ROOT, {"autograd_core": ROOT} | dict.fromkeys(BACKENDS, ROOT / "backends")),
    "kit": (KIT, {"autograd_conformance": KIT}),
    "adapter": (ADAPTER, {"autograd_array_api": ADAPTER}),
}
"""By wheel, where it is built, and the folder of each package that it installs."""


class Wheel(NamedTuple):
    """What a wheel built from this tree holds."""

    names: list[str]
    needs: list[str]
    size: int


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Builds a wheel of those above."""

    @functools.cache
    def built(which: str) -> Wheel:
        folder = tmp_path_factory.mktemp(which)
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
            cwd=WHEELS[which][0],
            check=True,
            capture_output=True,
        )
        (path,) = folder.glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
            lines = archive.read(metadata).decode().splitlines()
        needs = [line for line in lines if line.startswith("Requires-Dist:")]
        return Wheel(names, needs, path.stat().st_size)

    return built


@pytest.mark.parametrize("which", WHEELS)
def test_a_wheel_installs_its_packages_and_nothing_else(build, which):
    top = {name.split("/")[0] for name in build(which).names}
    assert {name for name in top if not name.endswith(".dist-info")} == set(WHEELS[which][1])


@pytest.mark.parametrize("which", WHEELS)
def test_a_wheel_holds_every_file_of_its_packages(build, which):
    names = build(which).names
    for package, shelf in WHEELS[which][1].items():
        source = shelf / package
        for path in source.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{package}/{path.relative_to(source).as_posix()}" in names
        assert f"{package}/py.typed" in names


def test_the_core_depends_on_nothing_and_is_small(build):
    core = build("core")
    assert core.needs
    assert [line for line in core.needs if "extra ==" not in line] == []
    assert core.size < 2**20  # bytes


def test_the_kit_asks_for_torch_only_where_it_is_to_be_had(build):
    needs = build("kit").needs
    always = {line.split()[1] for line in needs if "extra ==" not in line}
    assert always == {"autograd-core==0.1.0", "rich>=13"}
    assert any("torch==2.13.0" in line and "extra == 'torch'" in line for line in needs)


def test_the_adapter_asks_for_no_library_but_that_of_the_chosen_backend(build):
    needs = build("adapter").needs
    assert [line.split()[1] for line in needs if "extra ==" not in line] == ["autograd-core==0.1.0"]


def test_the_wheels_have_one_version():
    versions = set()
    for folder, _ in WHEELS.values():
        versions.add(tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"])
    assert versions == {"0.1.0"}


def modules_after(statement: str) -> set[str]:
    """The modules that a statement brings into a fresh interpreter."""
    program = (
        "import sys, importlib, pkgutil\n"
        "before = set(sys.modules)\n"
        f"{statement}\n"
        "print(*sorted(set(sys.modules) - before), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import autograd_core",
        "import autograd_core\n"
        "for found in pkgutil.walk_packages(autograd_core.__path__, 'autograd_core.'):\n"
        "    importlib.import_module(found.name)",
    ],
    ids=["the package", "every module of it"],
)
def test_importing_the_core_imports_the_standard_library_only(statement):
    imported = modules_after(statement)
    assert "autograd_core" in imported
    top = {module.split(".")[0] for module in imported}
    assert top - set(sys.stdlib_module_names) == {"autograd_core"}


def test_importing_the_core_leaves_what_is_seldom_needed_for_later():
    imported = modules_after("import autograd_core")
    core = {"nn", "optim", "utils", "fft", "linalg", "special", "masked", "autograd.functional"}
    core |= {"serialization.files", "batching.families", "func.reverse"}
    slow = {"ast", "dataclasses", "importlib.metadata", "inspect", "pickle", "tomllib", "zipfile"}
    assert imported.isdisjoint({*(f"autograd_core.{name}" for name in core), *slow})


def test_what_is_imported_on_demand_is_there():
    names = ("autograd.functional", "func.hessian", "load", "nn.Linear", "optim.SGD", "save")
    names += ("serialization.safe_globals", "set_printoptions", "utils.checkpoint", "vmap")
    modules = ("fft", "linalg", "masked", "special")
    lines = [f"autograd_core.{name}" for name in (*names, *modules)]
    lines += [f"import autograd_core.{name}" for name in modules]
    modules_after("\n".join(["import autograd_core", *lines]))


def test_a_name_that_is_not_there_is_missed_as_from_any_module():
    program = "import autograd_core\nautograd_core.nowhere"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    message = "AttributeError: module 'autograd_core' has no attribute 'nowhere'"
    assert done.stderr.splitlines()[-1].startswith(message)


def test_scipy_waits_for_a_kernel_that_needs_it():
    pytest.importorskip("scipy")
    use = "import autograd_core as c; x = c.ones(3, backend='numpy', requires_grad=True)"
    assert "scipy" not in modules_after(f"{use}\n(x.sin() @ x).backward()")
    assert "scipy" in modules_after(f"{use}\nc.special.bessel_j0(x.detach()).sum()")


def test_the_pytest_plug_in_imports_neither_torch_nor_numpy():
    imported = modules_after("import autograd_conformance.pytest_plugin")
    assert "autograd_conformance.pytest_plugin" in imported
    assert imported.isdisjoint({"torch", "numpy"})


@pytest.mark.skipif(
    not os.environ.get("TOX_ENV_NAME", "").endswith(("-numpy", "-python")),
    reason="says what the tox rows without torch hold",
)
def test_the_row_holds_its_own_libraries_only():
    row = os.environ["TOX_ENV_NAME"].rpartition("-")[2]
    libraries = {"numpy": {"numpy", "scipy", "ml_dtypes"}, "python": {"mpmath"}}
    present = {
        name
        for name in ("torch", "numpy", "scipy", "ml_dtypes", "mpmath")
        if importlib.util.find_spec(name)
    }
    assert present == libraries[row]
