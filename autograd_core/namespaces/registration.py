"""How a function gets its public names: ``torch.x``, ``Tensor.x``, ``nn.functional.x``, ``out=``.

@function
@method
@accepts_out
def lerp(input, end, weight): ...
"""

from __future__ import annotations

import functools
import warnings
from collections import defaultdict
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar, overload

from .. import family_index, ops
from ..derivatives.overloads import aten
from ..derivatives.table import Op
from ..engine.levels import refuse_in_batch
from ..engine.memory_overlap import refuse_internal_overlap, refuse_partial_overlap
from ..engine.modes import dispatching, forward_level, interposed, modes, through_innermost
from ..engine.tangents import is_dual
from ..engine.views import announce_write, check_inplace, requires_grad
from ..lazy_imports import Families, Names
from ..return_types import ReturnType
from ..sizes import numel, row_major
from ..tensor import CPU, Tensor
from ..type_promotion import check_can_cast, no_gradient_of
from ..versions import bump_version
from .misuse import is_known, raise_misuse
from .overloads import no_overload
from .undivided import undivided_form

_Function = TypeVar("_Function", bound=Callable[..., Any])

PUBLISHED: defaultdict[str, dict[str, Any]] = defaultdict(dict)
"""What the families that have been imported have published, by namespace."""


def _families(under: str) -> Families:
    """Return the modules of the core by what they publish in a namespace."""
    published = PUBLISHED[under]
    return Families(__name__.partition(".")[0], family_index.NAMESPACES[under], lambda _: published)


FAMILIES = {under: _families(under) for under in family_index.NAMESPACES}
NAMESPACES = {under: Names(families) for under, families in FAMILIES.items()}
"""Public names by namespace: "" is torch itself, "Tensor", "nn.functional", "linalg" ...

Each family is imported when one of its names is first read.
"""
FAMILIES["Tensor"].stand_in(Tensor)


def publish(value: Any, name: str, under: str = "") -> None:
    """Give a value a public name."""
    PUBLISHED[under][name] = value


@overload
def function(fn: _Function, *, under: str = "", name: str | None = None) -> _Function: ...
@overload
def function(
    fn: None = None, *, under: str = "", name: str | None = None
) -> Callable[[_Function], _Function]: ...
def function(fn: Any = None, *, under: str = "", name: str | None = None) -> Any:
    """Publish a function as ``torch.<its name>``, or in the namespace ``under``."""

    def add(fn: _Function) -> _Function:
        public = name or fn.__name__
        if fn.__name__ == f"functional_{public}":
            fn.__name__ = fn.__qualname__ = public
        path = f"{under}.{public}".lstrip(".")
        value = _explaining(fn, path)
        undivided = undivided_form(under, public)
        publish(_explaining(undivided(value), path) if undivided else value, public, under)
        return fn

    return add if fn is None else add(fn)


#: Functions without out= that are called often: a wrapper would cost them 2 percent and more.
_CALLED_OFTEN = {
    *("reshape", "transpose", "t", "permute", "squeeze", "unsqueeze", "select", "narrow", "split"),
    *("chunk", "flatten", "clone", "detach", "where", "relu"),
    *("nn.functional.linear", "nn.functional.conv2d", "nn.functional.gelu"),
}


def _explaining(fn: Any, path: str) -> Any:
    """Return a function that answers calls that fit no signature as torch does, under its path.

    The wrapper of out= is used where there is one: a handler costs nothing until it is needed.
    """
    if hasattr(fn, "explaining") and fn.__wrapped__ is fn.without_out:
        return fn.explaining(path)
    if not isinstance(fn, FunctionType) or path in _CALLED_OFTEN or not is_known(path):
        return fn

    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        except (TypeError, AttributeError):
            raise_misuse(path, args, kwargs)
            raise

    return wrapper


@overload
def method(fn: _Function, *, name: str | None = None) -> _Function: ...
@overload
def method(fn: None = None, *, name: str | None = None) -> Callable[[_Function], _Function]: ...
def method(fn: Any = None, *, name: str | None = None) -> Any:
    """Publish a function, whose first argument is the tensor, as a method of Tensor."""

    def add(fn: _Function) -> _Function:
        # Methods take no out=: they get the function without it, and its wrapper's time.
        public = name or fn.__name__
        found = getattr(fn, "without_out", fn)
        if public.endswith("_") and not public.startswith("_") and public not in _WITHOUT_CHECKS:
            found = _refused_first(found)
        _attach(found, public)
        return fn

    return add if fn is None else add(fn)


def _attach(value: Any, name: str) -> None:
    """Publish what is an attribute of Tensor as it is."""
    undivided = undivided_form("", name)
    publish(undivided(value) if undivided else value, name, "Tensor")


#: In-place forms that look at nothing before the write is checked, or that torch checks later.
_WITHOUT_CHECKS = frozenset(
    "add_ sub_ mul_ div_ copy_ zero_ fill_ fill_diagonal_ resize_ resize_as_ set_".split()  # noqa: SIM905
)


def _refused_first(fn: Callable[..., Any]) -> Callable[..., Any]:
    """An in-place form whose complaints about operands yield to torch's refusal of the write.

    torch looks at the tensor that is written before it looks at shapes, dims and dtypes, and clones
    it where the formula reads it, which numbers without a gradient refuse.
    """

    @functools.wraps(fn)
    def write(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(self, *args, **kwargs)
        except TypeError:  # of the call itself
            raise
        except Exception:
            operands = (self, *args, *kwargs.values())
            check_inplace(self, any(isinstance(v, Tensor) and requires_grad(v) for v in operands))
            if modes.grad_enabled and requires_grad(self) and not self._dtype.is_inexact:
                op: Any = getattr(ops, fn.__name__.rstrip("_"), None)
                if hasattr(op, "entry") and "self" in op.entry.plan(1).names:
                    raise no_gradient_of(self._dtype) from None
            raise

    return write


@overload
def accepts_out(fn: _Function, *, elementwise: bool = False) -> _Function: ...
@overload
def accepts_out(
    fn: None = None, *, elementwise: bool = False
) -> Callable[[_Function], _Function]: ...
def accepts_out(fn: Any = None, *, elementwise: bool = False) -> Any:
    """Add the keyword ``out=``: one tensor, or a tuple of them for several results.

    The result is written into it; it is resized when its shape differs, as torch does.

    Args:
        fn: the function.
        elementwise: torch reads while it writes, and refuses operands that overlap with ``out``.
    """

    def add(fn: _Function) -> _Function:
        return _accepting_out(fn, elementwise)

    return add if fn is None else add(fn)


def _accepting_out(fn: _Function, elementwise: bool, path: str = "") -> _Function:
    @functools.wraps(fn)
    def wrapper(*args: Any, out: Any = None, **kwargs: Any) -> Any:
        if out is None:
            try:
                return fn(*args, **kwargs)
            except (TypeError, AttributeError):
                raise_misuse(path, args, kwargs)
                raise
        _refuse_gradients(fn.__name__, (*args, *kwargs.values(), out))
        refuse_in_batch(
            [value for value in (*args, out) if isinstance(value, Tensor)],
            f"Batching rule not implemented for aten::{fn.__name__}.out; the fallback path doesn't "
            "work on out= or view ops.",
        )
        if elementwise:
            refuse_partial_overlap(out, *[value for value in args if isinstance(value, Tensor)])
        previous, modes.grad_enabled = modes.grad_enabled, False
        try:
            result = fn(*args, **kwargs)
        finally:
            modes.grad_enabled = previous
        if isinstance(out, Tensor):
            return write_out(out, result, elementwise)
        for target, value in zip(out, result, strict=True):
            write_out(target, value, elementwise)
        return result.out_type(out) if isinstance(result, ReturnType) else tuple(out)

    wrapper.without_out = fn  # type: ignore[attr-defined]
    wrapper.explaining = functools.partial(_accepting_out, fn, elementwise)  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


def _refuse_gradients(name: str, values: tuple[Any, ...]) -> None:
    if modes.grad_enabled:
        for value in values:
            members = value if isinstance(value, (list, tuple)) else (value,)
            if any(isinstance(member, Tensor) and member.requires_grad for member in members):
                raise RuntimeError(
                    f"{name}(): functions with out=... arguments don't support automatic "
                    "differentiation, but one of the arguments requires grad."
                )
    if forward_level.current is not None and is_dual(values):
        raise NotImplementedError(
            f"Trying to use forward AD with {name}_out that does not support it because it is an "
            "out= function"
        )


def placed(
    tensor: Tensor, shape: tuple[int, ...], stride: tuple[int, ...], storage_offset: int
) -> Any:
    """Return an array in a tensor's storage, which is copied to a larger one where it is short."""
    backend = tensor._backend
    array = tensor._owned()
    held = backend.storage_size(array)
    reach = 1 + sum(step * (n - 1) for n, step in zip(shape, stride, strict=True))
    needed = storage_offset + reach if numel(shape) else 0
    if needed > held:
        old = backend.as_strided(array, (held,), (1,), 0)
        grown = backend.full((needed,), 0, tensor._dtype)
        backend.copy_(backend.slice(grown, 0, 0, held, 1), old)
        array = grown
    return backend.as_strided(array, shape, stride, storage_offset)


def write_out(out: Tensor, result: Tensor, elementwise: bool = False) -> Tensor:
    """Write a result into an ``out=`` tensor and return that.

    One that is resized lies as the result of an elementwise op does, else row-major. Such an op of
    another dtype resizes twice in torch, with a warning each time.

    Raises:
        RuntimeError: the dtypes do not convert (torch's text).
    """
    if elementwise:
        refuse_internal_overlap(out)
    check_can_cast(result._dtype, out._dtype)
    if not elementwise:
        refuse_internal_overlap(out)
    announce_write(out)
    backend = out._backend
    if backend.level is not result._backend.level:
        written: Tensor = out.copy_(result)
        return written
    if out._array.shape != result._array.shape:
        casts = elementwise and out._dtype is not result._dtype
        for _ in range(1 + casts if out.numel() else 0):
            warnings.warn(
                f"An output with one or more elements was resized since it had shape "
                f"{list(out._array.shape)}, which does not match the required output shape "
                f"{list(result._array.shape)}. This behavior is deprecated, and in a future "
                "PyTorch release outputs will not be resized unless they have zero elements. You "
                "can explicitly reuse an out tensor t by resizing it, inplace, to zero elements "
                "with t.resize_(0).",
                UserWarning,
                stacklevel=3,
            )
        shape = tuple(result._array.shape)
        stride = backend.strides(result._array) if elementwise else row_major(shape)
        out._array = placed(out, shape, tuple(stride), out.storage_offset())
    out._write(result._array)
    bump_version(out)
    return out


def seen_as(
    overload: str, by_count: dict[int, str] | None = None
) -> Callable[[_Function], _Function]:
    """Show the calls of a function that makes a tensor to the dispatch modes, by torch's name.

    Args:
        overload: ``"ones.default"``; numbers that come one by one are shown as one size.
        by_count: the overloads of calls with other numbers of positional arguments.
    """

    def show(fn: _Function) -> _Function:
        @functools.wraps(fn)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if not (interposed.count and dispatching.modes):
                return fn(*args, **kwargs)
            name, _, chosen = overload.partition(".")
            given = _with_one_size(args, fn)
            op = getattr(getattr(aten, name), (by_count or {}).get(len(given), chosen))
            options = _tensor_options(name, kwargs)
            return _through_modes(op, lambda: fn(*args, **kwargs), given, options)

        return wrapper  # type: ignore[return-value]

    return show


def _tensor_options(name: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that torch hands on where a tensor is made."""
    options = {key: kwargs[key] for key in ("dtype", "layout") if kwargs.get(key) is not None}
    made_like_another = name.endswith("_like") or name.startswith("new_")
    if not made_like_another or kwargs.get("device") is not None:
        options["device"] = CPU
    return {**options, "pin_memory": bool(kwargs.get("pin_memory", False))}


def show_fresh(tensor: Tensor) -> Tensor:
    """Show a tensor of the user's data to the dispatch modes, as ``aten.lift_fresh``.

    torch detaches it in place then, which counts as a write.
    """
    announce_write(tensor)
    if not (interposed.count and dispatching.modes):
        return tensor
    seen: Tensor = _through_modes(aten.lift_fresh.default, lambda: tensor, (tensor,), {})
    seen._requires_grad = tensor._requires_grad
    return seen


def _with_one_size(args: tuple[Any, ...], fn: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the arguments with ``*size`` as one list."""
    from inspect import signature  # which is slow to import

    parameters = list(signature(fn).parameters.values())
    names = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL or p.name == "self"]
    if "size" not in names:
        return args
    first = names.index("size")
    size = args[first:]
    whole = list(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else list(size)
    return (*args[:first], whole)


def _through_modes(
    op: Any, run: Callable[[], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    def seen() -> Any:
        if dispatching.modes:
            return through_innermost(op, seen, args, kwargs)
        return run()

    return seen()


def unary(name: str, op: Op, *, under: str = "", inplace: bool = True) -> None:
    """Publish a one-operand op: function, method, both in-place forms, ``out=``."""

    def call(input: Tensor) -> Any:
        if not isinstance(input, Tensor):
            raise TypeError(
                f"{name}(): argument 'input' (position 1) must be Tensor, not "
                f"{type(input).__name__}"
            )
        return op(input)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = op.__doc__
    function(accepts_out(call, elementwise=True), under=under)
    if under:
        return
    _attach(op, name)
    if inplace:
        _attach(op.inplace, f"{name}_")
        function(op.inplace, name=f"{name}_")


def require_tensor(name: str, value: Any, argument: str = "input", position: int = 1) -> None:
    """Refuse what is not a Tensor.

    Raises:
        TypeError: torch's text.
    """
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be Tensor, not "
            f"{type(value).__name__}"
        )


def binary(
    name: str,
    op: Op,
    *,
    numbers: bool = False,
    number: Op | None = None,
    of_number: Op | None = None,
    of_number_out: bool = True,
    second: str = "other",
    inplace: bool = True,
    under: str = "",
) -> None:
    """Publish a two-operand op: function, method, in-place method, ``out=``.

    Args:
        name: the public name.
        op: the op of two tensors.
        numbers: it takes Python numbers for either operand, too.
        number: the op of a tensor and a Python number, where torch has an overload for that.
        of_number: the op of a Python number and a tensor, likewise.
        of_number_out: whether the overload ``of_number`` has ``out=``.
        second: the name of the second argument.
        inplace: whether there is ``name_``.
        under: a namespace to publish it in, without methods.
    """
    signatures = [f"Tensor input, Tensor {second}, *, Tensor out = None"]
    if of_number is not None:
        out = ", *, Tensor out = None" if of_number_out else ""
        signatures.append(f"Number self, Tensor {second}{out}")
    if number is not None:
        signatures.append(f"Tensor input, Number {second}, *, Tensor out = None")
    with_number = number or (op if numbers else None)
    of_number = of_number or (op if numbers else None)

    def chosen(input: Any, other: Any) -> Any:
        if isinstance(input, Tensor):
            if isinstance(other, Tensor):
                return op
            if with_number is not None and isinstance(other, (int, float, complex)):
                return with_number
        elif (
            of_number is not None
            and isinstance(other, Tensor)
            and isinstance(input, (int, float, complex))
        ):
            return of_number
        if len(signatures) > 1:
            raise no_overload(prefix + name, (input, other), signatures)
        require_tensor(prefix + name, input)
        require_tensor(prefix + name, other, second, 2)
        return op

    prefix = f"{under}_" if under else ""
    at_once = {Tensor, float, int} if with_number is op else {Tensor}
    if second == "other":

        def call(input: Any, other: Any) -> Any:
            if type(input) is Tensor and type(other) in at_once:
                return op(input, other)
            return chosen(input, other)(input, other)

        def call_(input: Tensor, other: Any) -> Any:
            if type(other) in at_once:
                return op.inplace(input, other)
            return chosen(input, other).inplace(input, other)

    elif second == "exponent":

        def call(input: Any, exponent: Any) -> Any:  # type: ignore[misc]
            return chosen(input, exponent)(input, exponent)

        def call_(input: Tensor, exponent: Any) -> Any:  # type: ignore[misc]
            return chosen(input, exponent).inplace(input, exponent)

    else:

        def call(input: Any, values: Any) -> Any:  # type: ignore[misc]
            return chosen(input, values)(input, values)

        def call_(input: Tensor, values: Any) -> Any:  # type: ignore[misc]
            return chosen(input, values).inplace(input, values)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = op.__doc__
    call_.__name__ = call_.__qualname__ = f"{name}_"
    function(accepts_out(call, elementwise=True), under=under)
    if under:
        return
    method(call)
    if inplace:
        method(call_)


def alias(new: str, old: str) -> None:
    """Publish a function, its method and its in-place forms under another name."""
    for suffix in ("", "_"):
        for publish_as, under in ((function, ""), (method, "Tensor")):
            if old + suffix in PUBLISHED[under]:
                publish_as(PUBLISHED[under][old + suffix], name=new + suffix)
