"""``linearize``: what a function does to tangents is recorded once, and run again for each.

The function runs on dual tensors whose tangents are of a level of their own. Only what depends on a
tangent comes to that level, which takes it down; all else, the function itself, has become
constants. It is torch's way, with the same refusals: tangents of the user's, not of a transform.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from ..autograd import forward_ad
from ..dtypes import DType
from ..engine.levels import Level, LevelBackend, Run, TensorBackend, opened
from ..namespaces import NAMESPACES
from ..pytrees import tree_flatten, tree_map, tree_unflatten
from ..tensor import Tensor, wrap


class _Recorded:
    """The value number ``number`` of a recording, in the place of a Tensor."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class _Recording:
    """Calls in order, whose arguments are constants and what calls before them gave."""

    def __init__(self) -> None:
        self.calls: list[tuple[Callable[..., Any], Any, dict[str, Any], list[int]]] = []
        self.count = 0
        self._numbers: dict[int, int] = {}
        self._tensors: list[Tensor] = []  # so that no id is used twice

    def number(self, tensor: Tensor) -> int:
        """Give a Tensor the next number."""
        self._numbers[id(tensor)] = number = self.count
        self._tensors.append(tensor)
        self.count += 1
        return number

    def place(self, tensor: Tensor) -> Any:
        """Return what stands for a Tensor in a call: its number, or a constant of its value.

        As in torch, nothing flows back through a constant.
        """
        number = self._numbers.get(id(tensor))
        if number is not None:
            return _Recorded(number)
        if tensor._backend.level is not None:  # a transform differentiates further
            return tensor
        constant: Tensor = tensor.detach()
        constant._requires_grad = tensor.requires_grad
        return constant

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function of Tensors, and record that."""
        kept = _mapped(self.place, args)
        keywords = {name: _mapped(self.place, value) for name, value in kwargs.items()}
        made = function(*args, **kwargs)
        results = [part for part in _parts(made) if isinstance(part, Tensor)]
        self.calls.append((function, kept, keywords, [self.number(part) for part in results]))
        return made

    def finish(self, outputs: list[Any]) -> list[Any]:
        """Return what stands for the outputs; the recording holds its constants alone now."""
        places = [_mapped(self.place, output) for output in outputs]
        self._numbers.clear()
        self._tensors.clear()
        return places

    def run(self, inputs: list[Tensor], outputs: list[Any]) -> list[Any]:
        """Return the outputs for these inputs, which have the first numbers."""
        values: list[Any] = [*inputs, *(None,) * (self.count - len(inputs))]

        def value(place: Any) -> Any:
            return values[place.number]

        for function, args, kwargs, numbers in self.calls:
            keywords = {name: _mapped(value, held, _Recorded) for name, held in kwargs.items()}
            made = function(*_mapped(value, args, _Recorded), **keywords)
            results = [part for part in _parts(made) if isinstance(part, Tensor)]
            for number, result in zip(numbers, results, strict=True):
                values[number] = result
        return [_mapped(value, output, _Recorded) for output in outputs]


def _new(name: str, dtype: DType, arguments: tuple[Any, ...], *inputs: Tensor) -> Tensor:
    """Return a new Tensor of the innermost transform that an input is of, by a backend's function.

    What is computed of the inputs may be written to it.
    """
    backend = max((tensor._backend for tensor in inputs), key=attrgetter("level_number"))
    return wrap(getattr(backend, name)(*arguments, dtype), dtype, backend)


def _detached(tensor: Tensor) -> Tensor:
    made: Tensor = tensor.detach()
    return made


def _mapped(function: Callable[[Any], Any], value: Any, kind: type = Tensor) -> Any:
    """Apply a function to the Tensors (or what is of another kind) in lists and tuples."""
    if isinstance(value, kind):
        return function(value)
    if type(value) in (list, tuple):
        return type(value)([_mapped(function, member, kind) for member in value])
    return value


def _parts(made: Any) -> Any:
    return made if isinstance(made, (list, tuple)) else (made,)


class _RecordingBackend(TensorBackend):
    """The backend of the Tensors whose computation is recorded; it has their shapes only."""

    level: _RecordingLevel

    def _below(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return super()._below(self.level.recording.call, function, *args, **kwargs)

    def detached(self, input: Tensor) -> Tensor:
        made: Tensor = self._below(_detached, input)
        return made

    def _new(self, name: str, dtype: DType, *arguments: Any) -> Tensor:
        made: Tensor = self._below(_new, name, dtype, arguments, *self.level.inputs)
        return made

    def _refused(self, input: Tensor) -> Any:
        raise RuntimeError(
            "It appears that you're trying to get value out of a tracing tensor with "
            "aten._local_scalar_dense.default - erroring out! It's likely that this is caused by "
            "data-dependent control flow or similar.  It may be possible to trace this with "
            "dynamic shapes; try setting tracing_mode='symbolic' in your make_fx call."
        )

    item = is_nonzero = to_flat = elements = _refused


class _RecordingLevel(Level):
    """The level of tangents that stand for any others: what is computed of them is recorded."""

    transparent = True
    is_bystander = True
    turns_views = True

    def __init__(self, inputs: list[Tensor]) -> None:
        super().__init__()
        self.grad_mode = False
        self.recording = _Recording()
        self.inputs = inputs
        for tensor in inputs:
            self.recording.number(tensor)

    def make_backend(self, inner: Any) -> LevelBackend:
        return _RecordingBackend(self, inner)

    def over(self, array: Any) -> Any:
        return self.backend_over(array._backend)

    def takes(self, entry: Any, tensors: Any) -> bool:
        return any(self.owns(tensor) for tensor in tensors)

    def lifted(self, tensor: Tensor) -> Tensor:
        return wrap(tensor, tensor._dtype, self.backend_over(tensor._backend))

    def interpret(self, run: Run, entry: Any, values: list[Any]) -> Any:
        lowered = _mapped(lambda tensor: tensor._array, values)
        with self.below():
            return self.recording.call(run, entry, lowered)

    def placed(self, inner: Any) -> Any:
        return inner if self.outer is None else self.outer.placed(inner)

    def sampling(self, inner: Any) -> Any:
        return inner if self.outer is None else self.outer.sampling(inner)

    def surviving(self, tensor: Tensor, entry: Any) -> Tensor:
        return self.unwrapped(tensor)

    def unwrapped(self, tensor: Tensor) -> Tensor:
        """Return what a Tensor of this level holds; any other as it is."""
        value: Tensor = tensor._array if self.owns(tensor) else tensor
        return value


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """Return the outputs of ``func`` at ``primals`` and the function from tangents to tangents.

    ``func`` is called twice, for the outputs and to record what becomes of tangents; the function
    that is returned does not call it.

    Args:
        func: takes and returns (trees of) Tensors.
        primals: its arguments, (trees of) Tensors.

    Raises:
        RuntimeError: a forward-AD level is open; by the function, for tangents that are not like
            the primals (torch's texts).
        ValueError: a primal is neither floating-point nor complex.
    """
    output = func(*primals)
    _, out_spec = tree_flatten(output)
    flat_primals, spec = tree_flatten(primals)
    tangents = [primal.new_empty(()).expand_as(primal) for primal in flat_primals]
    level = _RecordingLevel(tangents)
    with opened(level), forward_ad.dual_level():
        duals = [
            forward_ad.make_dual(primal, level.lifted(tangent))
            for primal, tangent in zip(flat_primals, tangents, strict=True)
        ]
        slopes = tree_map(_tangent, func(*tree_unflatten(duals, spec)))
    leaves, _ = tree_flatten(slopes)
    outputs = level.recording.finish([_mapped(level.unwrapped, leaf) for leaf in leaves])
    facts = [(primal.shape, primal.device, primal.dtype) for primal in flat_primals]

    def jvp_fn(*tangents: Any) -> Any:
        flat_tangents, tangents_spec = tree_flatten(tangents)
        if tangents_spec != spec:
            raise RuntimeError(
                f"Expected the tangents {tangents_spec} to have the same argspec as the primals "
                f"{spec}"
            )
        for k, (tangent, of_primal) in enumerate(zip(flat_tangents, facts, strict=True)):
            for what, wanted in zip(("shape", "device", "dtype"), of_primal, strict=True):
                found = getattr(tangent, what)
                if found != wanted:
                    raise RuntimeError(
                        f"tangent:{k} with {what} {found} in flattened pytree doesn't match the "
                        f"{what} {wanted} of the corresponding primal."
                    )
        return tree_unflatten(level.recording.run(flat_tangents, outputs), out_spec)

    return output, jvp_fn


def _tangent(dual: Any) -> Any:
    """Return the tangent, zeros when there is none, of a Tensor; anything else as it is."""
    if not isinstance(dual, Tensor):
        return dual
    primal, tangent = forward_ad.unpack_dual(dual)
    return NAMESPACES[""]["zeros_like"](primal) if tangent is None else tangent
