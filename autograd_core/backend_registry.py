"""The backends by name: registered by hand or by entry point, made once, chosen per context.

`current_backend` is called for every tensor that is created, so it only reads a context variable
and a global; everything slower happens once, when a backend is first asked for.
"""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from types import TracebackType
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

from .backend import REQUIRED, Backend, missing_functions
from .config import Setting, backend_setting, forget_files
from .entry_points import EntryPoint, entry_points

ENTRY_POINT_GROUP = "autograd_core.backends"

P = ParamSpec("P")
R = TypeVar("R")


class BackendError(RuntimeError):
    """A backend that is unknown, cannot be loaded, or does not fulfil the contract."""


class ExtraNotInstalled(BackendError):
    """A backend of this distribution whose array library is not installed."""


class BackendReport(NamedTuple):
    """One registered backend, loaded; `backend` is None where that failed and `error` says why."""

    name: str
    source: str
    backend: Backend | None
    error: BackendError | None


# Distributions with backends; the extra that installs what one needs has the backend's name.
_OURS = ("numpy", "python")
_DISTRIBUTIONS = {
    **dict.fromkeys(_OURS, "autograd-core"),
    **dict.fromkeys(("array-api-strict", "cupy", "dask", "jax", "torch"), "autograd-array-api"),
}
_BY_HAND = "register_backend()"

_lock = threading.Lock()
_by_hand: dict[str, Any] = {}  # a factory or a backend
_instances: dict[str, Backend] = {}

# The backends of the `use_backend` blocks around the running code, innermost last.
_blocks: ContextVar[tuple[Backend, ...]] = ContextVar("autograd_core_backend", default=())
_chosen_in_code: str | Backend | None = None
_default: Backend | None = None
_default_setting: Setting | None = None
_placement: Callable[[Backend], Backend] | None = None
_sampling: Callable[[Backend], Backend] | None = None


# --- choosing -------------------------------------------------------------------------------------


def current_backend() -> Backend:
    """The backend for new tensors: the innermost `use_backend` block's, else the default.

    The environment and the config files are read at the first call that needs them and not again
    until `reload_config`. Raises ConfigError for a broken file, BackendError for a backend that
    cannot be had.
    """
    blocks = _blocks.get()
    if blocks:
        return blocks[-1]
    return _resolve_default() if _default is None else _default


def set_placement(
    placement: Callable[[Backend], Backend], sampling: Callable[[Backend], Backend]
) -> None:
    """Set what says on which backend a new tensor, and a sampled one, of a backend is made."""
    global _placement, _sampling
    _placement, _sampling = placement, sampling


def sampling_backend(choice: str | Backend | None) -> Backend:
    """As ``chosen_backend``, for random numbers."""
    if getattr(choice, "level", None) is not None:
        return choice  # type: ignore[return-value]
    found = current_backend() if choice is None else chosen_backend(choice)
    return found if _sampling is None else _sampling(found)


def chosen_backend(choice: str | Backend | None) -> Backend:
    """The backend an argument asks for: by name, the object itself, or for None the current one."""
    if choice is None:
        return current_backend() if _placement is None else _placement(current_backend())
    if isinstance(choice, str):
        return get_backend(choice)
    name = getattr(choice, "name", None)
    if isinstance(name, str) and _instances.get(name) is choice:
        return choice  # checked when it was made
    check_contract(choice)
    return choice


class use_backend:  # noqa: N801  (used like a function)
    """Makes a backend the current one inside a `with` block or a decorated function.

    The choice belongs to the running context: other threads and other asyncio tasks do not see it,
    a task started inside the block inherits it. Blocks nest and one object can be entered again.
    `with use_backend("python") as backend:` binds the backend. Coroutine functions can be
    decorated; a generator function cannot (TypeError), as it would leak the choice where it yields.
    """

    def __init__(self, choice: str | Backend) -> None:
        if choice is None:
            raise TypeError("use_backend() needs a backend or its name, got None")
        self.choice = choice

    def __enter__(self) -> Backend:
        backend = chosen_backend(self.choice)
        _blocks.set((*_blocks.get(), backend))
        return backend

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _blocks.set(_blocks.get()[:-1])

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        import inspect  # which is slow to import

        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"use_backend() cannot decorate the generator function "
                f"{getattr(function, '__qualname__', function)!r}; open a block inside it"
            )
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: P.args, **kwargs: P.kwargs) -> Any:
                with self:
                    return await function(*args, **kwargs)

            return cast("Callable[P, R]", awaited)

        @functools.wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return function(*args, **kwargs)

        return called


def set_default_backend(choice: str | Backend | None) -> None:
    """Makes a backend the default of the process; None gives the choice back to the config.

    Raises BackendError, and changes nothing, where the backend cannot be had.
    """
    global _chosen_in_code, _default, _default_setting
    backend = None if choice is None else chosen_backend(choice)
    with _lock:
        _chosen_in_code = choice
        _default = backend
        _default_setting = None if backend is None else _setting_in_code(backend)


def backend_in_force() -> Setting:
    """The name of the current backend and where it was chosen, without loading the backend."""
    blocks = _blocks.get()
    if blocks:
        return Setting(spelling_of(blocks[-1]), "use_backend block")
    return _default_setting or backend_setting()


def reload_config() -> None:
    """Read the environment and the config files anew at the next need.

    A default set by `set_default_backend` stays.
    """
    forget_files()
    _forget_default()


def _resolve_default() -> Backend:
    global _default, _default_setting
    chosen = _chosen_in_code
    if chosen is not None:
        backend = chosen_backend(chosen)
        setting = _setting_in_code(backend)
    else:
        setting = backend_setting()
        try:
            backend = get_backend(setting.value)
        except BackendError as error:
            error.add_note(f"'{setting.value}' was chosen by: {setting.origin}")
            raise
    with _lock:
        if _chosen_in_code is chosen:
            _default, _default_setting = backend, setting
    return backend


def _setting_in_code(backend: Backend) -> Setting:
    return Setting(spelling_of(backend), "set_default_backend()")


def _forget_default() -> None:
    """Resolve the default anew at the next need; a choice made in code is resolved by its name."""
    global _default, _default_setting
    with _lock:
        if not isinstance(_chosen_in_code, Backend):
            _default = _default_setting = None


# --- registering and loading ----------------------------------------------------------------------


def register_backend(name: str, backend: Callable[[], Any] | Any) -> None:
    """Registers a backend, or a class or function that makes one, under a name.

    A factory runs when the backend is first asked for. A name registered before, or one that an
    installed plug-in offers, is taken over; tensors that exist keep the backend they have. Raises
    BackendError where an object does not fulfil the contract or calls itself otherwise.
    """
    if ":" in name:
        raise BackendError(f"a backend cannot be called '{name}': a device follows the colon")
    if not _is_factory(backend):
        _check(name, backend)
    with _lock:
        _by_hand[name] = backend
        _forget_instances(name)
    _forget_default()


def unregister_backend(name: str) -> None:
    """Takes back a `register_backend`; a plug-in of that name is reachable again."""
    with _lock:
        if name not in _by_hand:
            raise BackendError(f"backend '{name}' was not registered by register_backend()")
        del _by_hand[name]
        _forget_instances(name)
    _forget_default()


def _forget_instances(name: str) -> None:
    for made in [made for made in _instances if _parted(made)[0] == name]:
        del _instances[made]


def available_backends() -> list[str]:
    """The names of all backends registered by hand or by entry point, sorted; imports none."""
    return sorted({*_by_hand, *(point.name for point in entry_points(ENTRY_POINT_GROUP))})


def get_backend(name: str) -> Backend:
    """The one backend object of a name, loaded at the first call.

    A name may be followed by a device, ``"torch:cuda:1"``, which the backend's class is called
    with; each device has a backend object of its own. Raises BackendError, with the plug-in's own
    error as its cause, where it is unknown, cannot be loaded or does not fulfil the contract.
    """
    backend = _instances.get(name)
    if backend is not None:
        return backend
    plain, device = _parted(name)
    registered = _by_hand.get(plain)
    # Loading runs foreign code and imports, so it happens outside the lock: holding it, a thread
    # that imports the same plug-in could wait for us for ever. The first one to finish is kept.
    backend = _load(plain, device, registered)
    with _lock:
        if _by_hand.get(plain) is registered:
            backend = _instances.setdefault(name, backend)
    return backend


def spelling_of(backend: Backend) -> str:
    """What ``get_backend`` finds a backend by: its name, with a device if it was asked for one."""
    return next((name for name, made in tuple(_instances.items()) if made is backend), backend.name)


def _parted(name: str) -> tuple[str, str]:
    """A backend's own name and the device that is asked for behind it, if any."""
    plain, _, device = name.partition(":")
    return plain, device


def loaded_backends() -> dict[str, Backend]:
    """All backends that can be loaded, by name.

    A broken plug-in is left out with a RuntimeWarning that names it. A backend of this
    distribution whose extra is not installed is left out silently.
    """
    backends = {}
    for report in backend_reports():
        if report.backend is not None:
            backends[report.name] = report.backend
        elif not isinstance(report.error, ExtraNotInstalled):
            warnings.warn(
                f"left out a broken plug-in: {report.error}",
                RuntimeWarning,
                stacklevel=2,
            )
    return backends


def backend_reports() -> list[BackendReport]:
    """Every registered backend, loaded or with the error that prevents it; raises nothing."""
    reports = []
    for name in available_backends():
        try:
            reports.append(BackendReport(name, _source(name), get_backend(name), None))
        except BackendError as error:
            reports.append(BackendReport(name, _source(name), None, error))
    return reports


def _source(name: str) -> str:
    """Where a backend comes from, in words: by hand, or entry point and distribution."""
    if name in _by_hand:
        return _BY_HAND
    return "; ".join(_describe(point) for point in _entry_points(name))


def _described(point: EntryPoint | None) -> str:
    return _BY_HAND if point is None else _describe(point)


def _describe(point: EntryPoint) -> str:
    return f"entry point {point.name} = {point.value}, distribution {point.distribution()}"


def _entry_points(name: str) -> list[EntryPoint]:
    """The entry points of a name, one per object they lead to."""
    points = [point for point in entry_points(ENTRY_POINT_GROUP) if point.name == name]
    return list({point.value: point for point in points}.values())


def _entry_point(name: str) -> EntryPoint:
    points = _entry_points(name)
    if not points:
        raise BackendError(_unknown(name))
    if len(points) > 1:
        offers = "; ".join(_describe(point) for point in points)
        raise BackendError(f"backend '{name}' is offered more than once: {offers}")
    return points[0]


def _load(name: str, device: str, registered: Any) -> Backend:
    """A new, checked backend from what was registered by hand, or for None from its plug-in."""
    point = _entry_point(name) if registered is None else None
    try:
        made = point.load() if point else registered
        if _is_factory(made):
            made = made(device) if device else made()
        elif device:
            raise TypeError(f"it was registered as an object, which stays on {made.device_name}")
    except Exception as error:  # a plug-in is foreign code and can raise anything
        if point and name in _DISTRIBUTIONS and _is_missing_library(error):
            message = f"backend '{name}' needs a module that is not installed: {error}"
            raise ExtraNotInstalled(f"{message}; {_install(name)}") from error
        message = f"backend '{name}' cannot be loaded: {type(error).__name__}: {error}"
        raise BackendError(f"{message} ({_described(point)})") from error
    try:
        return _check(name, made)
    except BackendError as error:
        raise BackendError(f"{error} ({_described(point)})") from error


def _is_missing_library(error: Exception) -> bool:
    """Whether an import failed for a module from outside the project."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return False
    return not error.name.startswith("autograd_")


def _unknown(name: str) -> str:
    installed = ", ".join(f"'{known}'" for known in available_backends()) or "none"
    install = _install(name) if name in _DISTRIBUTIONS else " or ".join(map(_install, _OURS))
    return f"unknown backend '{name}'; installed: {installed}. To install one: {install}"


def _install(name: str) -> str:
    return f'pip install "{_DISTRIBUTIONS[name]}[{name}]"'


def _is_factory(candidate: Any) -> bool:
    """Whether this is a class or function to be called, and not a backend itself."""
    if isinstance(candidate, type):
        return True
    return callable(candidate) and not isinstance(candidate, Backend)


# --- the contract ---------------------------------------------------------------------------------


def _check(name: str, backend: Any) -> Backend:
    """The backend, found to fulfil the contract and to be called by the name it is known by."""
    check_contract(backend)
    if backend.name != name:
        raise BackendError(
            f"the backend registered as '{name}' calls itself '{backend.name}'; "
            f"its attribute `name` must be the registered name"
        )
    return cast("Backend", backend)


def check_contract(backend: Any) -> None:
    """Raises BackendError, listing what lacks, unless an object is a complete backend.

    Asked for are a `name`, the functions the contract requires and its derived ones. The latter
    come by inheritance: only an object that is no `Backend` can lack them.
    """
    kind = type(backend).__qualname__
    name = getattr(backend, "name", None)
    if not isinstance(name, str) or not name:
        raise BackendError(f"a backend needs a `name`, a string; {kind} object has {name!r}")
    required = missing_functions(backend)
    if required:
        raise BackendError(
            f"backend '{name}' ({kind}) lacks {len(required)} of the {len(REQUIRED)} required "
            f"functions: {', '.join(required)}"
        )
    if isinstance(backend, Backend):
        return
    derived = [
        attribute
        for attribute in dir(Backend)
        if not attribute.startswith("_") and not hasattr(backend, attribute)
    ]
    if derived:
        raise BackendError(
            f"backend '{name}' ({kind}) lacks what it would inherit from "
            f"autograd_core.backend.Backend: {', '.join(derived)}"
        )
