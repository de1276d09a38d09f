"""Choosing, registering and loading backends; plug-ins that are broken; threads and tasks."""

import asyncio
import contextvars
import sys
import threading
import time
import timeit

import pytest

from autograd_core import backend_registry as registry
from autograd_core import config
from autograd_core.backend import REQUIRED, Backend
from autograd_core.backend_registry import (
    BackendError,
    ExtraNotInstalled,
    available_backends,
    backend_in_force,
    backend_reports,
    check_contract,
    chosen_backend,
    current_backend,
    get_backend,
    loaded_backends,
    register_backend,
    reload_config,
    set_default_backend,
    unregister_backend,
    use_backend,
)
from autograd_core.entry_points import EntryPoint


def kind_of_backend(name: str, *, without: tuple[str, ...] = ()) -> type[Backend]:
    """A backend class that has all required functions, none of which does anything."""
    functions = {function: lambda self, *args: None for function in REQUIRED}
    for function in without:
        del functions[function]
    return type(f"Backend_{name}", (Backend,), {"name": name, **functions})


@pytest.fixture(autouse=True)
def clean_registry(tmp_path, monkeypatch):
    """Nothing registered, loaded, chosen or configured; no plug-in but those of `plug_ins`."""
    monkeypatch.setattr(registry, "_by_hand", {})
    monkeypatch.setattr(registry, "_instances", {})
    monkeypatch.setattr(registry, "entry_points", lambda group: [])
    monkeypatch.delenv("AUTOGRAD_BACKEND", raising=False)
    monkeypatch.chdir(tmp_path)
    set_default_backend(None)
    reload_config()
    yield
    set_default_backend(None)
    reload_config()


@pytest.fixture
def plug_ins(monkeypatch, tmp_path):
    """Offers entry points: a function from `name="module:object"` pairs and module sources."""
    monkeypatch.syspath_prepend(tmp_path)

    def offer(*points: tuple[str, str], **sources: str) -> None:
        for module, source in sources.items():
            (tmp_path / f"{module}.py").write_text(source)
            monkeypatch.delitem(sys.modules, module, raising=False)
        offered = [EntryPoint(name, value, "unknown") for name, value in points]

        def entry_points(group):
            assert group == "autograd_core.backends"
            return offered

        monkeypatch.setattr(registry, "entry_points", entry_points)

    return offer


@pytest.fixture
def two():
    """Two registered backends, `first` and `second`."""
    for name in ("first", "second"):
        register_backend(name, kind_of_backend(name))
    return get_backend("first"), get_backend("second")


# --- choosing -------------------------------------------------------------------------------------


def test_each_way_of_choosing_beats_the_next(two, monkeypatch, tmp_path):
    names = ["file", "variable", "default", "block", "argument"]
    for name in names:
        register_backend(name, kind_of_backend(name))
    path = tmp_path / "autograd_core.toml"
    path.write_text('backend = "file"')
    reload_config()
    assert current_backend() is get_backend("file")
    assert backend_in_force() == ("file", f"{path}, line 1")

    monkeypatch.setenv("AUTOGRAD_BACKEND", "variable")
    reload_config()
    assert current_backend() is get_backend("variable")
    assert backend_in_force() == ("variable", "environment variable AUTOGRAD_BACKEND")

    set_default_backend("default")
    assert current_backend() is get_backend("default")
    assert backend_in_force() == ("default", "set_default_backend()")

    with use_backend("block"):
        assert current_backend() is get_backend("block")
        assert backend_in_force() == ("block", "use_backend block")
        assert chosen_backend(None) is get_backend("block")
        assert chosen_backend("argument") is get_backend("argument")

    set_default_backend(None)
    assert current_backend() is get_backend("variable")


def test_the_environment_is_read_once_until_reload(two, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_BACKEND", "first")
    assert current_backend().name == "first"
    monkeypatch.setenv("AUTOGRAD_BACKEND", "second")
    assert current_backend().name == "first"
    assert backend_in_force().value == "first"
    reload_config()
    assert current_backend().name == "second"


def test_reload_keeps_the_default_set_in_code(two):
    set_default_backend("second")
    reload_config()
    assert current_backend().name == "second"
    unregistered = kind_of_backend("object")()
    set_default_backend(unregistered)
    reload_config()
    assert current_backend() is unregistered


def test_a_default_that_cannot_be_had_changes_nothing(two):
    set_default_backend("first")
    with pytest.raises(BackendError):
        set_default_backend("nowhere")
    assert current_backend().name == "first"


def test_an_unknown_name_tells_what_is_installed_and_how_to_install(two):
    with pytest.raises(BackendError) as caught:
        get_backend("cupid")
    assert str(caught.value) == (
        "unknown backend 'cupid'; installed: 'first', 'second'. To install one: "
        'pip install "autograd-core[numpy]" or pip install "autograd-core[python]"'
    )


def test_an_unknown_name_from_the_config_tells_where_it_was_set(two, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_BACKEND", "cupid")
    with pytest.raises(BackendError) as caught:
        current_backend()
    assert caught.value.__notes__ == [
        "'cupid' was chosen by: environment variable AUTOGRAD_BACKEND"
    ]


def test_a_broken_file_is_told_when_a_backend_is_needed(tmp_path):
    (tmp_path / "autograd_core.toml").write_text("backend = 1")
    with pytest.raises(config.ConfigError, match="line 1"):
        current_backend()


def test_blocks_nest_and_end_with_an_error(two):
    first, second = two
    set_default_backend("first")
    with use_backend("second") as bound:
        assert bound is second is current_backend()
        with use_backend(first):
            assert current_backend() is first
        with pytest.raises(ZeroDivisionError), use_backend("first"):
            raise ZeroDivisionError
        assert current_backend() is second
    assert current_backend() is first


def test_one_block_object_can_be_entered_again(two):
    first, second = two
    set_default_backend("first")
    block = use_backend("second")
    for _ in range(2):
        with block, use_backend("first"), block:
            assert current_backend() is second
        assert current_backend() is first


def test_a_block_with_an_unknown_name_changes_nothing(two):
    set_default_backend("first")
    with pytest.raises(BackendError, match="unknown backend 'nowhere'"), use_backend("nowhere"):
        pytest.fail("entered")
    assert current_backend().name == "first"
    with pytest.raises(TypeError, match="got None"):
        use_backend(None)


def test_decorator(two):
    set_default_backend("first")

    @use_backend("second")
    def factorial(number):
        """Its own words."""
        assert current_backend().name == "second"
        return 1 if number == 0 else number * factorial(number - 1)

    assert factorial(4) == 24
    assert current_backend().name == "first"
    assert (factorial.__name__, factorial.__doc__) == ("factorial", "Its own words.")


def test_decorated_coroutine_function(two):
    set_default_backend("first")

    @use_backend("second")
    async def name():
        await asyncio.sleep(0)
        return current_backend().name

    async def main():
        running = name()
        assert current_backend().name == "first"
        return await running, current_backend().name

    assert asyncio.run(main()) == ("second", "first")


def test_a_generator_function_cannot_be_decorated():
    def numbers():
        yield 1

    async def more():
        yield 1

    for function in (numbers, more):
        with pytest.raises(TypeError, match="cannot decorate the generator function"):
            use_backend("python")(function)


def test_threads_do_not_see_each_other(two):
    set_default_backend("first")
    together = threading.Barrier(8)
    seen = []

    def work(name):
        before = current_backend().name
        with use_backend(name):
            together.wait(10)
            inside = current_backend().name
            together.wait(10)
        seen.append((name, before, inside, current_backend().name))

    with use_backend("second"):
        threads = [threading.Thread(target=work, args=(name,)) for name in ["first", "second"] * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 8
    for name, before, inside, after in seen:
        assert (before, inside, after) == ("first", name, "first")


def test_one_block_object_serves_many_threads(two):
    set_default_backend("first")
    block = use_backend("second")
    together = threading.Barrier(4)
    seen = []

    def work():
        with block:
            together.wait(10)
            seen.append(current_backend().name)
        together.wait(10)
        seen.append(current_backend().name)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["second"] * 4 + ["first"] * 4


def test_tasks_do_not_see_each_other_but_inherit(two):
    set_default_backend("first")

    async def task(name):
        inherited = current_backend().name
        with use_backend(name):
            for _ in range(5):
                await asyncio.sleep(0)
                assert current_backend().name == name
        return inherited

    async def main():
        with use_backend("second"):
            tasks = [asyncio.create_task(task(name)) for name in ["first", "second"] * 4]
        assert current_backend().name == "first"
        return await asyncio.gather(*tasks)

    assert asyncio.run(main()) == ["second"] * 8


def test_a_copied_context_carries_the_choice_to_a_thread(two):
    set_default_backend("first")
    seen = []
    with use_backend("second"):
        context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(lambda: seen.append(current_backend()),))
    thread.start()
    thread.join()
    assert seen == [two[1]]


def test_current_backend_is_fast(two):
    set_default_backend("first")
    runs = timeit.repeat(current_backend, timer=time.thread_time, number=20_000, repeat=7)
    seconds = min(runs) / 20_000
    assert seconds < 300e-9


# --- registering ----------------------------------------------------------------------------------


def test_a_factory_runs_once_and_when_needed():
    made = []

    def factory():
        made.append(kind_of_backend("mine")())
        return made[-1]

    register_backend("mine", factory)
    assert available_backends() == ["mine"]
    assert made == []
    assert get_backend("mine") is get_backend("mine") is made[0]
    assert len(made) == 1


def test_an_object_can_be_registered():
    backend = kind_of_backend("mine")()
    register_backend("mine", backend)
    assert get_backend("mine") is backend


def test_registering_again_takes_the_name_over(two):
    first, _ = two
    set_default_backend("first")
    register_backend("first", kind_of_backend("first"))
    assert get_backend("first") is not first
    assert current_backend() is get_backend("first")


def test_unregister_gives_the_name_back(plug_ins):
    plug_ins(("good", "plug_in_good:Made"), plug_in_good=WHOLE)
    register_backend("good", kind_of_backend("good"))
    assert type(get_backend("good")).__name__ == "Backend_good"
    unregister_backend("good")
    assert type(get_backend("good")).__name__ == "Made"
    with pytest.raises(BackendError, match="'good' was not registered"):
        unregister_backend("good")


def test_threads_get_one_object():
    together = threading.Barrier(8)

    def factory():
        together.wait(10)  # all threads are inside the factory at once
        return kind_of_backend("mine")()

    register_backend("mine", factory)
    got = []
    threads = [threading.Thread(target=lambda: got.append(get_backend("mine"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len(set(map(id, got))) == 1


# --- the contract ---------------------------------------------------------------------------------


def test_a_complete_backend_fulfils_the_contract():
    check_contract(kind_of_backend("whole")())


def test_lacking_required_functions_are_listed():
    backend = kind_of_backend("part", without=(REQUIRED[0], REQUIRED[5]))()
    with pytest.raises(BackendError) as caught:
        register_backend("part", backend)
    assert str(caught.value) == (
        f"backend 'part' (Backend_part) lacks 2 of the {len(REQUIRED)} required functions: "
        f"{REQUIRED[0]}, {REQUIRED[5]}"
    )
    assert available_backends() == []


def test_a_factory_of_something_incomplete_is_told_when_asked_for():
    register_backend("part", kind_of_backend("part", without=(REQUIRED[0],)))
    with pytest.raises(BackendError, match="lacks 1 of the"):
        get_backend("part")
    with pytest.raises(BackendError, match="lacks 1 of the"), use_backend("part"):
        pytest.fail("entered")


def test_an_object_of_another_class_lacks_all():
    class Duck:
        name = "duck"

    with pytest.raises(BackendError, match=rf"\(.*Duck\) lacks {len(REQUIRED)} of the"):
        chosen_backend(Duck())


def test_an_object_of_another_class_lacks_the_derived_functions():
    functions = {function: lambda self, *args: None for function in REQUIRED}
    duck = type("Duck", (), {"name": "duck", **functions})()
    with pytest.raises(BackendError, match=r"would inherit from .*Backend: .*\bsquare\b"):
        check_contract(duck)


@pytest.mark.parametrize("name", [None, "", 3])
def test_a_backend_needs_a_name(name):
    backend = kind_of_backend("x")()
    backend.name = name
    with pytest.raises(BackendError, match="a backend needs a `name`"):
        check_contract(backend)


def test_a_backend_goes_by_its_own_name():
    with pytest.raises(BackendError, match="registered as 'other' calls itself 'mine'"):
        register_backend("other", kind_of_backend("mine")())


# --- plug-ins -------------------------------------------------------------------------------------

WHOLE = """
from autograd_core.backend import REQUIRED, Backend
functions = {function: lambda self, *args: None for function in REQUIRED}
Made = type("Made", (Backend,), {"name": "good", **functions})
"""


def test_listing_imports_no_plug_in(plug_ins):
    plug_ins(("good", "plug_in_good:Made"), plug_in_good=WHOLE)
    assert available_backends() == ["good"]
    assert "plug_in_good" not in sys.modules


def test_a_plug_in_is_loaded_by_name(plug_ins):
    plug_ins(("good", "plug_in_good:Made"), plug_in_good=WHOLE)
    assert get_backend("good") is get_backend("good")
    assert type(get_backend("good")).__name__ == "Made"


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("1 / 0", ZeroDivisionError),
        ("import no_such_module", ModuleNotFoundError),
        ("", AttributeError),
        ("def Made(): raise KeyError('x')", KeyError),
        ("Made = 3", None),
    ],
)
def test_a_broken_plug_in_is_named(plug_ins, source, cause):
    points = ("good", "plug_in_good:Made"), ("bad", "plug_in_bad:Made")
    plug_ins(*points, plug_in_good=WHOLE, plug_in_bad=source)
    with pytest.raises(BackendError, match=r"entry point bad = plug_in_bad:Made") as caught:
        get_backend("bad")
    if cause:
        assert type(caught.value.__cause__) is cause
        assert f"{cause.__name__}: " in str(caught.value)

    with pytest.warns(RuntimeWarning, match="entry point bad = plug_in_bad:Made") as warned:
        assert list(loaded_backends()) == ["good"]
    assert len(warned) == 1

    bad, good = backend_reports()
    assert (bad.name, bad.backend) == ("bad", None)
    assert isinstance(bad.error, BackendError)
    assert (good.name, good.backend, good.error) == ("good", get_backend("good"), None)


def test_a_plug_in_that_lacks_functions_is_named(plug_ins):
    source = "class Made:\n    name = 'bad'\n"
    plug_ins(("bad", "plug_in_bad:Made"), plug_in_bad=source)
    with pytest.raises(BackendError, match=r"lacks .* \(entry point bad = plug_in_bad:Made"):
        get_backend("bad")


def test_a_missing_extra_is_no_broken_plug_in(plug_ins):
    plug_ins(("numpy", "plug_in_numpy:Made"), plug_in_numpy="import no_such_module")
    with pytest.raises(ExtraNotInstalled, match=r'pip install "autograd-core\[numpy\]"'):
        get_backend("numpy")
    assert loaded_backends() == {}  # and no warning, which would be an error here


def test_two_plug_ins_of_one_name(plug_ins):
    plug_ins(("good", "plug_in_good:Made"), ("good", "plug_in_other:Made"), plug_in_good=WHOLE)
    assert available_backends() == ["good"]
    with pytest.raises(BackendError, match=r"more than once: .*plug_in_good.*plug_in_other"):
        get_backend("good")


def test_registering_by_hand_beats_a_plug_in(plug_ins):
    plug_ins(("good", "plug_in_good:Made"), plug_in_good=WHOLE)
    backend = kind_of_backend("good")()
    register_backend("good", backend)
    assert get_backend("good") is backend


# --- devices --------------------------------------------------------------------------------------


def register_kind_with_devices() -> None:
    class OnDevices(kind_of_backend("first")):
        def __init__(self, device=None):
            self.device_name = device or "cpu"

    register_backend("first", OnDevices)


def test_a_device_follows_the_name():
    register_kind_with_devices()
    plain, second = get_backend("first"), get_backend("first:cuda:1")
    assert (plain.device_name, second.device_name) == ("cpu", "cuda:1")
    assert get_backend("first:cuda:1") is second
    assert second.name == "first"
    assert [registry.spelling_of(made) for made in (plain, second)] == ["first", "first:cuda:1"]
    with use_backend("first:cuda:1"):
        assert current_backend() is second
        assert backend_in_force().value == "first:cuda:1"


def test_a_registration_is_taken_back_on_all_devices():
    register_kind_with_devices()
    made = get_backend("first:cuda")
    register_kind_with_devices()
    assert get_backend("first:cuda") is not made
    unregister_backend("first")
    with pytest.raises(BackendError, match="unknown backend 'first'"):
        get_backend("first:cuda")


def test_a_backend_without_devices_says_so():
    register_backend("first", kind_of_backend("first")())
    with pytest.raises(BackendError, match="registered as an object, which stays on cpu"):
        get_backend("first:cuda")
    register_backend("second", kind_of_backend("second"))
    with pytest.raises(BackendError, match="'second' cannot be loaded: TypeError"):
        get_backend("second:cuda")


def test_a_name_has_no_colon():
    with pytest.raises(BackendError, match="a device follows the colon"):
        register_backend("first:cuda", kind_of_backend("first:cuda"))
