"""Traces: the backend's calls that a function makes, taken down in order while it runs.

A ``RecordingBackend`` stands in the place of a backend. Its arrays are ``Traced``: an array of the
backend with a number. Every function of the backend, and every operator of an array, is run and
noted, so that whatever the engine does comes down to one list of calls: forward, backward, the
backward of that, the step of an optimizer.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, NamedTuple

from ..default_kernels import DefaultKernels
from ..engine.modes import Untraceable
from ..generator import Generator
from ..namespaces.random import default_generator

METADATA = frozenset(
    (
        *("are_row_major", "data_ptr", "dtype", "dtype_of_native", "geometry", "is_cut"),
        *("is_uniform", "is_whole", "may_repeat", "native_dtype", "storage_identity"),
        *("storage_offset", "storage_size", "strides"),
    )
)
"""Questions whose answers do not depend on elements."""
FOREIGN = frozenset(
    ["from_bytes", "from_dlpack", "from_native", "from_ndarray", "to_bytes", "to_ndarray"]
)
"""What shares memory with others than Tensors."""
SHAPED_BY_ELEMENTS = frozenset(
    ["masked_select", "nonzero", "unique", "unique_consecutive", "unique_positions"]
)
NEW = frozenset(("clone", "empty", "empty_strided", "full"))
"""What gives memory that is surely nobody else's."""
UNDEFINED = frozenset(("empty", "empty_strided"))
"""What gives arrays of any content."""
INLINED = frozenset(
    f"{DefaultKernels.__module__}.{family}"
    for family in ("activation", "loss", "normalization", "pointwise", "shape")
)
"""Where the derived kernels come from that are taken down as what they are made of."""
CONVERSIONS = frozenset(("as_dtype_of", "scalar_like"))
"""Likewise, by name."""
MOST_ELEMENTS = 64
"""What is read of elements is noted, to be asked again, up to so many."""


class Ref(NamedTuple):
    """The array with this number, in a recorded call."""

    number: int


class Call:
    """One call of the backend.

    Attributes:
        name: of the backend's function, or of the operator.
        function: what was called.
        args: its arguments, with ``Ref`` in the place of arrays.
        results: the numbers of the arrays that it returned, in their (nested) tuple; of a check
            what it answered.
        kind: "compute", "write" (into the first argument), "draw" (of random numbers) or "check".
    """

    __slots__ = ("args", "backend", "function", "into", "kind", "kwargs", "name", "results")

    def __init__(
        self,
        backend: Any,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        results: Any,
        kind: str,
    ) -> None:
        self.backend = backend
        self.name = name
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.results = results
        self.kind = kind
        self.into: int | None = None
        """The array that the result is written into, which takes its place."""

    @property
    def target(self) -> int:
        """The number of the array that a write is to."""
        number: int = self.args[0].number if self.into is None else self.into
        return number

    def written_into(self, number: int) -> Call:
        """Return the call that writes its result into an array."""
        call = Call(
            self.backend, self.name, self.function, self.args, self.kwargs, self.results, "write"
        )
        call.into = number
        return call

    def numbers(self) -> list[int]:
        """Return the numbers of the arrays that it takes."""
        found: list[int] = []
        _collect((self.args, tuple(self.kwargs.values())), found)
        if self.into is not None:
            found.append(self.into)
        return found

    def made(self) -> list[int]:
        """Return the numbers of the arrays that it gives."""
        found: list[int] = []
        if self.kind != "check" and self.into is None:
            _flatten(self.results, found)
        return found


def _collect(value: Any, found: list[int]) -> None:
    if type(value) is Ref:
        found.append(value.number)
    elif isinstance(value, (tuple, list)):
        for member in value:
            _collect(member, found)


def _flatten(results: Any, found: list[int]) -> None:
    if isinstance(results, int):
        found.append(results)
    elif results is not None:
        for member in results:
            _flatten(member, found)


class Facts(NamedTuple):
    """What is known of an array of a trace."""

    backend: Any
    shape: tuple[int, ...]
    native: Any
    strides: tuple[int, ...]
    storage: Any
    """What is the same for arrays that share memory; None where the backend does not say."""
    whole: bool
    kind: type


class Traced:
    """An array in a trace: it has the array's shape and dtype, and notes its operators."""

    __slots__ = ("__weakref__", "number", "trace", "value")

    def __init__(self, value: Any, number: int, trace: Trace) -> None:
        self.value = value
        self.number = number
        self.trace = trace

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    def __bool__(self) -> bool:
        raise Untraceable("the engine asks for the truth of an array")

    __hash__ = object.__hash__


def _binary(name: str, function: Callable[..., Any], reflected: bool) -> Callable[..., Any]:
    def method(self: Traced, other: Any) -> Any:
        operands = (other, self) if reflected else (self, other)
        return self.trace.call(self.trace.facts[self.number].backend, name, function, operands, {})

    return method


def _unary(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Traced) -> Any:
        return self.trace.call(self.trace.facts[self.number].backend, name, function, (self,), {})

    return method


SYMBOLS = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.truediv: "/",
    operator.floordiv: "//",
    operator.mod: "%",
    operator.pow: "**",
    operator.and_: "&",
    operator.or_: "|",
    operator.xor: "^",
    operator.lshift: "<<",
    operator.rshift: ">>",
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
    operator.ne: "!=",
    operator.neg: "-",
    operator.invert: "~",
    operator.pos: "+",
}
"""How operators are written."""

_function: Any
for _function in SYMBOLS:
    _name = _function.__name__.strip("_")
    if _function in (operator.neg, operator.invert, operator.pos):
        setattr(Traced, f"__{_name}__", _unary(_name, _function))
        continue
    setattr(Traced, f"__{_name}__", _binary(_name, _function, False))
    if _name not in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(Traced, f"__r{_name}__", _binary(_name, _function, True))
setattr(Traced, "__abs__", _unary("abs", operator.abs))  # noqa: B010


class Trace:
    """The calls of one run, and what is known of their arrays.

    Attributes:
        calls: in order.
        facts: of each array, by number.
        constants: 0-d operands that nobody writes, by number.
        foldable: arrays that are the same at every run unless something writes them, by number.
        reads_layout: whether something was decided by strides.
        reason: why it cannot be compiled, when that was found.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.facts: list[Facts] = []
        self.constants: dict[int, Any] = {}
        self.foldable: dict[int, Any] = {}
        self.reads_layout = False
        self.makes_tensors = False
        self.reason = ""
        self.backends: dict[Any, RecordingBackend] = {}
        self.alive: weakref.WeakValueDictionary[int, Traced] = weakref.WeakValueDictionary()
        self.externals: dict[int, Any] = {}
        """By the id of a Tensor from outside, what stands for it (``adoption``)."""
        self._external_tokens: dict[Any, Any] = {}
        self._scalars: dict[Any, Traced] = {}
        self._undo: list[tuple[Any, Any, Any]] = []
        self._generators: dict[Generator, tuple[bytes, bytes]] = {}
        self.watch(default_generator)

    def watch(self, generator: Generator) -> None:
        """Have a generator drawn from and given its state again."""
        state = Generator.get_state(generator)
        self._generators[generator] = (state, state)

    def refuse(self, reason: str) -> None:
        """Give up.

        Raises:
            Untraceable: always.
        """
        self.reason = self.reason or reason
        raise Untraceable(reason)

    def backend(self, inner: Any) -> RecordingBackend:
        """Return what records the calls of a backend."""
        found = self.backends.get(inner)
        if found is None:
            found = self.backends[inner] = RecordingBackend(inner, self)
        return found

    def owns(self, tensor: Any) -> bool:
        """Whether a Tensor is one of this trace."""
        return getattr(tensor._backend, "_trace", None) is self

    def token(self, value: Any, backend: Any, near: Iterable[Traced]) -> Any:
        """Return what is the same for arrays that share memory.

        What is no view of an argument is new memory, wherever it may lie.
        """
        identity = backend.storage_identity(value)
        if identity is None:
            return None
        for traced in near:
            if backend.storage_identity(traced.value) == identity:
                return self.facts[traced.number].storage
        return self._external_tokens.get(identity) or object()

    @property
    def external_tokens(self) -> set[Any]:
        """What stands for the memory of Tensors from outside."""
        return set(self._external_tokens.values())

    def adopted(self, value: Any, backend: Any) -> Traced:
        """Return an array from outside with a number."""
        identity = backend.storage_identity(value)
        if identity is not None:
            self._external_tokens.setdefault(identity, object())
        return self.traced(value, backend)

    def traced(self, value: Any, backend: Any, near: Iterable[Traced] = ()) -> Traced:
        """Return an array with a number; what it may be a view of is near."""
        number = len(self.facts)
        self.facts.append(
            Facts(
                backend,
                tuple(value.shape),
                value.dtype,
                backend.strides(value),
                self.token(value, backend, near),
                backend.is_whole(value),
                type(value),
            )
        )
        made = Traced(value, number, self)
        self.alive[number] = made
        return made

    def call(
        self,
        backend: Any,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Run a function of the backend on what is in the arrays, and note the call."""
        derived = self._derived(backend, name, args)
        if derived is not None:
            start = len(self.calls)
            try:
                return derived(self.backend(backend), *args, **kwargs)
            except Untraceable:  # it looks at elements: the call as a whole does not
                del self.calls[start:]
                self.reason = ""
        if name == "scalar":
            key = (backend, repr(args), repr(kwargs))
            if key not in self._scalars:
                self._scalars[key] = self._called(backend, name, function, args, kwargs)
            return self._scalars[key]
        return self._called(backend, name, function, args, kwargs)

    def _called(
        self,
        backend: Any,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        given: dict[int, Traced] = {}
        lowered = [self._lowered(value, given) for value in args]
        lowered_kwargs = {key: self._lowered(value, given) for key, value in kwargs.items()}
        if name in FOREIGN:
            self.refuse("memory of another library is used")
        kind = "compute"
        if name == "copy_":
            kind = "write"
            self._keep(backend, lowered[0])
        elif name == "sample":
            kind = "draw"
            self._before_drawing(lowered[1])
        result = function(*lowered, **lowered_kwargs)
        if kind == "draw":
            generator = lowered[1]
            self._generators[generator] = (
                self._generators[generator][0],
                Generator.get_state(generator),
            )
        if kind == "compute" and not _has_arrays(result):
            return self._answer(backend, name, function, args, kwargs, given, result)
        near = list(given.values())
        if name == "own" and not result.shape:
            given.clear()  # what is an array now may be an immutable scalar next time
        raised, numbers = self._raised(result, given, backend, near)
        if name in NEW and isinstance(numbers, int):
            self.facts[numbers] = self.facts[numbers]._replace(whole=True)
        if numbers is not None or kind == "write":
            call = self._noted(backend, name, function, args, kwargs, numbers, kind)
            if name == "scalar":
                self.constants[numbers] = result
            elif kind == "compute" and name not in UNDEFINED:
                self._note_constant(call, result)
            if name in SHAPED_BY_ELEMENTS:
                for number in call.made():
                    shape = self.facts[number].shape
                    self.calls.append(
                        Call(backend, "shape", _shape, (Ref(number),), {}, shape, "check")
                    )
        return raised

    def _derived(self, backend: Any, name: str, args: tuple[Any, ...]) -> Any:
        """Return the function that a backend derives a kernel by, if it is to be looked into."""
        found = getattr(type(backend), name, None)
        if (
            backend.straight_lines is None
            or name in METADATA
            or (getattr(found, "__module__", None) not in INLINED and name not in CONVERSIONS)
        ):
            return None
        derived = getattr(DefaultKernels, name, None)
        if found is derived:
            return derived
        natives = [value.dtype for value in args if type(value) is Traced]
        adapted = getattr(found, "__wrapped__", None) is derived
        return derived if adapted and backend.straight_lines.as_derived(natives) else None

    def _note_constant(self, call: Call, result: Any) -> None:
        """Keep the result of a call on nothing but constants."""
        if isinstance(call.results, int) and all(
            number in self.foldable or number in self.constants for number in call.numbers()
        ):
            self.foldable[call.results] = result

    def _answer(
        self,
        backend: Any,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        given: dict[int, Traced],
        result: Any,
    ) -> Any:
        """Return what a question about arrays was answered; of elements, note it to be checked."""
        if name in METADATA or not given:
            if name not in ("dtype", "is_uniform", "native_dtype"):
                storages = {self.facts[traced.number].storage for traced in given.values()}
                if None in storages or not self.external_tokens.isdisjoint(storages):
                    self.reads_layout = True
            return result
        values = result if isinstance(result, (list, tuple)) else [result]
        exact = all(type(value) in (bool, int) for value in values)
        if not exact or len(values) > MOST_ELEMENTS:
            self.refuse(f"a value is read ({name})")
        if self._undo or any(before != after for before, after in self._generators.values()):
            self.refuse("a value is read after something outside was written")
        self._noted(backend, name, function, args, kwargs, result, "check")
        return result

    def _noted(
        self,
        backend: Any,
        name: str,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        results: Any,
        kind: str,
    ) -> Call:
        """Take a call down, and return it."""
        refs = tuple([_refs(value) for value in args])
        named = {key: _refs(value) for key, value in kwargs.items()}
        call = Call(backend, name, function, refs, named, results, kind)
        self.calls.append(call)
        return call

    def _lowered(self, value: Any, given: dict[int, Traced]) -> Any:
        if type(value) is Traced:
            if value.trace is not self:
                raise RuntimeError("a tensor of a trace that has ended was used")
            given[id(value.value)] = value
            return value.value
        if isinstance(value, (list, tuple)) and any(
            type(member) is Traced or isinstance(member, (list, tuple)) for member in value
        ):
            return [self._lowered(member, given) for member in value]
        return value

    def _raised(
        self, result: Any, given: dict[int, Traced], backend: Any, near: Sequence[Traced]
    ) -> tuple[Any, Any]:
        """Return results as traced arrays, and their numbers; None where nothing new was made."""
        if result is None:
            return None, None
        if isinstance(result, (list, tuple)):
            pairs = [self._raised(member, given, backend, near) for member in result]
            members = [member for member, _ in pairs]
            numbers = tuple(
                [
                    member.number if number is None and type(member) is Traced else number
                    for member, number in pairs
                ]
            )
            made = _remade(result, members)
            return made, numbers
        if not _is_array(result):
            self.refuse("a function of the backend gives arrays and numbers")
        same = given.get(id(result))
        if same is not None:
            return same, None
        traced = self.traced(result, backend, near)
        return traced, traced.number

    # What the run has done to the world, to be undone -----------------------------------------

    def _keep(self, backend: Any, target: Any) -> None:
        storage = backend.storage_identity(target)
        if storage is None or storage in self._external_tokens:
            self._undo.append((backend, target, backend.clone(target)))

    def _before_drawing(self, generator: Generator) -> None:
        state = Generator.get_state(generator)
        if generator not in self._generators:
            self.refuse("a generator is made inside")
        if self._generators[generator][1] != state:
            self.refuse("a generator is seeded")

    def forget(self) -> None:
        """Let go of the arrays that the trace itself holds."""
        self._scalars.clear()

    def undo(self) -> None:
        """Give memory from outside, and generators, what they had before."""
        while self._undo:
            backend, target, before = self._undo.pop()
            backend.copy_(target, before)
        for generator, (before, after) in self._generators.items():
            if Generator.get_state(generator) != after:
                self.reason = self.reason or "a generator is seeded"
            if Generator.get_state(generator) != before:
                Generator.set_state(generator, before)


def _shape(array: Any) -> tuple[int, ...]:
    return tuple(array.shape)


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _has_arrays(result: Any) -> bool:
    if isinstance(result, (list, tuple)):
        return any(_has_arrays(member) for member in result)
    return _is_array(result)


def _refs(value: Any) -> Any:
    if type(value) is Traced:
        return Ref(value.number)
    if isinstance(value, list):
        return [_refs(member) for member in value]
    if isinstance(value, tuple) and any(
        type(member) is Traced or isinstance(member, (list, tuple)) for member in value
    ):
        return tuple([_refs(member) for member in value])
    return value


def _remade(result: Any, members: list[Any]) -> Any:
    if isinstance(result, list):
        return members
    if type(result) is tuple:
        return tuple(members)
    return type(result)(*members)  # a named tuple


class RecordingBackend:
    """A backend whose functions are those of another, run and noted."""

    level = None
    level_number = 0
    inplace: ClassVar[dict[str, Any]] = {}

    def __init__(self, inner: Any, trace: Trace) -> None:
        self._inner = inner
        self._trace = trace
        self.name = inner.name
        self.has_storage = inner.has_storage
        self.capabilities = inner.capabilities
        self.kernel_context = inner.kernel_context
        self.quietly = inner.quietly

    def __getattr__(self, name: str) -> Any:
        inner, trace = self._inner, self._trace
        function = getattr(inner, name)

        def run(*args: Any, **kwargs: Any) -> Any:
            return trace.call(inner, name, function, args, kwargs)

        setattr(self, name, run)
        return run

    def is_uniform(self, input: Any) -> bool:
        """Whether this is one array: it is."""
        return True

    def detached(self, input: Any) -> Any:
        """The array as a tensor outside of every graph holds it."""
        return input
