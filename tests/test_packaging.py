"""What a wheel installs, what importing the core imports, and what a test environment may hold."""

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ("autograd_array_api", "autograd_numpy", "autograd_python")
PACKAGES = {"autograd_core", *BACKENDS, "autograd_conformance"}
SHELVES = dict.fromkeys(BACKENDS, "backends") | {"autograd_conformance": "conformance"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel built from this tree, and its metadata text."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        return names, archive.read(metadata).decode()


def test_the_wheel_installs_the_five_packages_and_nothing_else(wheel):
    top = {name.split("/")[0] for name in wheel[0]}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES


def test_the_wheel_holds_every_file_of_the_packages(wheel):
    for package in PACKAGES:
        source = ROOT / SHELVES.get(package, "") / package
        for path in source.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{package}/{path.relative_to(source).as_posix()}" in wheel[0]
        assert f"{package}/py.typed" in wheel[0]


def test_the_core_depends_on_nothing(wheel):
    needs = [line for line in wheel[1].splitlines() if line.startswith("Requires-Dist:")]
    assert needs
    assert [line for line in needs if "extra ==" not in line] == []
    assert any("torch==2.13.0" in line and "extra == 'conformance'" in line for line in needs)


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
