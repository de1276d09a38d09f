"""New tensors from shapes: constants, sequences of numbers, index grids."""

from __future__ import annotations

import math
import warnings
from typing import Any, NoReturn

from .. import dtypes
from ..backend_registry import chosen_backend
from ..dtypes import DType, not_implemented_for
from ..tensor import C_NAMES, Tensor, layout, memory_format, wrap
from .new_tensors import check_device, size_of, strides_in
from .registration import accepts_out, function, seen_as


def leaf(array: Any, dtype: DType, backend: Any, requires_grad: bool = False) -> Tensor:
    """Wrap a new array as a leaf.

    Raises:
        RuntimeError: an integer or bool tensor is asked to require a gradient (torch's text).
    """
    if requires_grad and not dtype.is_inexact:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    tensor = wrap(array, dtype, backend)
    tensor._requires_grad = requires_grad
    return tensor


def _sizes(name: str, args: tuple[Any, ...], given: Any) -> tuple[int, ...]:
    """Return the size argument of a creation function.

    Raises:
        TypeError: it is missing or holds something else than ints (torch's text).
        RuntimeError: one is negative.
    """
    if given is None and not args:
        raise TypeError(f'{name}() missing 1 required positional arguments: "size"')
    shape = size_of(args, given, name)
    if name == "zeros" and any(n < 0 for n in shape):
        raise RuntimeError("zeros: Dimension size must be non-negative.")
    return nonnegative(shape)


def nonnegative(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape.

    Raises:
        RuntimeError: a length is negative (torch's text).
    """
    if any(n < 0 for n in shape):
        wrong = next(n for n in shape if n < 0)
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {wrong}: {list(shape)}"
        )
    return shape


def check_options(name: str, dtype: Any, device: Any = None, layout: layout | None = None) -> None:
    """Refuse a dtype that is none and a device other than the CPU."""
    if dtype is not None and not isinstance(dtype, DType):
        raise TypeError(
            f"{name}(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}"
        )
    if device is not None:
        check_device(device)


def check_number(name: str, argument: str, position: int, value: Any) -> None:
    """Refuse what is neither a number nor a tensor of one (torch's text)."""
    if not isinstance(value, (bool, int, float, complex, Tensor)):
        raise TypeError(
            f"{name}(): argument '{argument}' (position {position}) must be Number, not "
            f"{type(value).__name__}"
        )


def number_for(value: Any, dtype: DType) -> Any:
    """Return a Python number as an element of a dtype.

    Raises:
        OverflowError: it is an int beyond 64 bits (torch's texts).
        RuntimeError: it does not fit (torch's text).
    """
    if isinstance(value, Tensor):
        value = value.item()
    if isinstance(value, int):
        if value < -(1 << 63):
            raise OverflowError("can't convert negative int to unsigned")
        if value >= 1 << 64:
            raise OverflowError("int too big to convert")
    if dtype is dtypes.bool_:
        return bool(value)
    if isinstance(value, complex) and not dtype.is_complex:
        if value.imag:
            _refuse_number(dtype)
        value = value.real
    if dtype.is_inexact:
        largest = _LARGEST.get(dtype.to_real())
        for part in (value.real, value.imag):
            if largest and math.isfinite(part) and abs(part) > largest[0]:
                _refuse_number(dtype)
        return value
    bits = 8 * dtype.itemsize
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if dtype is dtypes.uint8:
        low, high = 0, 255
    if isinstance(value, float):
        if not low <= value <= high:
            _refuse_number(dtype)
        return int(value)
    if dtype is dtypes.uint8 and value < 0:
        low = -high  # a negative integer whose magnitude fits wraps
    if not low <= value <= high:
        _refuse_number(dtype)
    return int(value) & high if dtype is dtypes.uint8 else int(value)


def element_for(value: Any, dtype: DType) -> Any:
    """Return what a 0-d tensor of a number holds: 16-bit floats are made of doubles, or infinite.

    Raises:
        OverflowError, RuntimeError: as ``number_for`` does.
    """
    if not (dtype.is_floating_point and dtype.itemsize == 2):
        return number_for(value, dtype)
    value = number_for(value, dtypes.float64)
    return math.copysign(math.inf, value) if abs(value) >= _LARGEST[dtype][1] else value


def _refuse_number(dtype: DType) -> NoReturn:
    name = C_NAMES[dtype.name]
    if dtype.category == 1:
        name = "int" if dtype is dtypes.int32 else f"{dtype.name}_t"
    raise RuntimeError(f"value cannot be converted to type {name} without overflow")


_LARGEST = {
    dtypes.float16: (65504.0, 65520.0),
    dtypes.bfloat16: (3.3895313892515355e38, 3.3961775292304957e38),
    dtypes.float32: (3.4028234663852886e38, math.inf),
}
"""The largest number of a dtype, and the least that is rounded to infinity."""


def filled(
    shape: tuple[int, ...],
    value: Any,
    dtype: DType,
    backend: Any,
    requires_grad: bool,
    format: memory_format | None = None,
) -> Tensor:
    """Return a leaf of one value, row-major or in a memory format."""
    made = leaf(backend.full(shape, value, dtype), dtype, backend, requires_grad)
    if format is not None:
        stride = strides_in(made, format)
        if stride is not None:
            made._array = backend.clone_strided(made._array, stride)
    return made


def _constant(name: str, value: int, overload: str = "default") -> Any:
    def make(
        *size: Any,
        dtype: DType | None = None,
        layout: layout | None = None,
        device: Any = None,
        pin_memory: bool = False,
        requires_grad: bool = False,
        memory_format: memory_format | None = None,
        backend: Any = None,
        **given: Any,
    ) -> Tensor:
        if set(given) - {"size"}:
            unknown = next(iter(set(given) - {"size"}))
            raise TypeError(f"{name}() got an unexpected keyword argument '{unknown}'")
        shape = _sizes(name, size, given.get("size"))
        check_options(name, dtype, device, layout)
        chosen = chosen_backend(backend)
        kind = dtype or dtypes.get_default_dtype()
        return filled(shape, value, kind, chosen, requires_grad, memory_format)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"Return a tensor of {name}."
    return function(accepts_out(seen_as(f"{name}.{overload}")(make)))


zeros = _constant("zeros", 0)
ones = _constant("ones", 1)
empty = _constant("empty", 0, "memory_format")


@function
@accepts_out
@seen_as("full.default")
def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return a tensor of one value, whose dtype it has by default."""
    if not isinstance(size, (tuple, list)):
        raise TypeError(
            f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}"
        )
    shape = _sizes("full", (size,), None)
    check_options("full", dtype, device, layout)
    check_number("full", "fill_value", 2, fill_value)
    if isinstance(fill_value, Tensor):
        fill_value = fill_value.item()
    kind = dtype or dtypes.dtype_of_number(fill_value)
    chosen = chosen_backend(backend)
    return filled(shape, number_for(fill_value, kind), kind, chosen, requires_grad)


@function
@seen_as("empty_strided.default")
def empty_strided(
    size: Any,
    stride: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return a tensor of any content with the given strides."""
    check_options("empty_strided", dtype, device, layout)
    return strided(
        size, stride, dtype or dtypes.get_default_dtype(), chosen_backend(backend), requires_grad
    )


def strided(size: Any, stride: Any, dtype: DType, backend: Any, requires_grad: bool) -> Tensor:
    """Return a tensor of any content with these strides (torch's texts for wrong ones)."""
    shape, steps = size_of((size,)), size_of((stride,))
    if len(shape) != len(steps):
        raise RuntimeError(
            f"dimensionality of sizes ({len(shape)}) must match dimensionality of strides "
            f"({len(steps)})"
        )
    nonnegative(shape)
    if any(step < 0 for step in steps):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(shape)} and "
            f"strides={list(steps)}"
        )
    return leaf(backend.empty_strided(shape, steps, dtype), dtype, backend, requires_grad)


@function
@seen_as("scalar_tensor.default")
def scalar_tensor(
    s: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return a 0-d tensor, of the default dtype unless another is given."""
    check_options("scalar_tensor", dtype, device, layout)
    check_number("scalar_tensor", "s", 1, s)
    kind = dtype or dtypes.get_default_dtype()
    return filled((), element_for(s, kind), kind, chosen_backend(backend), requires_grad)


# Sequences of numbers -----------------------------------------------------------------------------


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor) else value


def _refuse_range(start: Any, end: Any, step: Any) -> None:
    """Refuse a range that has no end (torch's texts)."""
    for value in (start, end, step):
        if isinstance(value, complex):
            raise RuntimeError("value cannot be converted to type double without overflow")
    if step == 0 or step != step:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {_spelled(start)} -> {_spelled(end)}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")


def _spelled(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _row(start: Any, step: Any, count: int, dtype: DType, backend: Any) -> Any:
    if dtype.category in (0, 3):
        raise not_implemented_for("arange_cpu", dtype)
    if count >= 1 << 63:
        raise RuntimeError("invalid size, possible overflow?")
    if dtype.category == 1:
        start, step = int(start), int(step)
    return backend.arange(start, step, count, dtype)


_OPTIONS = (
    "torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, bool "
    "pin_memory = False, bool requires_grad = False)\n"
)
_ARANGE_OVERLOADS = (
    f" * (Number end, *, Tensor out = None, {_OPTIONS}"
    f" * (Number start, Number end, *, {_OPTIONS}"
    f" * (Number start, Number end, Number step = 1, *, Tensor out = None, {_OPTIONS}"
)


@function
@accepts_out
@seen_as("arange.default", {2: "start", 3: "start_step"})
def arange(
    *args: Any,
    start: Any = None,
    end: Any = None,
    step: Any = None,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return start, start + step ... below end; int64 for ints, else the default dtype."""
    check_options("arange", dtype, device, layout)
    numbers = [_number(value) for value in args]
    if len(numbers) == 1 and not isinstance(numbers[0], (int, float, complex)):
        check_number("arange", "end", 1, numbers[0])
    if not 1 <= len([*numbers, *[n for n in (start, end, step) if n is not None]]) <= 3 or not all(
        isinstance(n, (int, float, complex)) for n in numbers
    ):
        kinds = ", ".join(type(value).__name__ for value in args)
        raise TypeError(
            f"arange() received an invalid combination of arguments - got ({kinds}), but expected "
            f"one of:\n{_ARANGE_OVERLOADS}"
        )
    if end is not None:
        numbers = [numbers[0] if numbers else 0 if start is None else _number(start), _number(end)]
    elif start is not None:
        numbers = [_number(start), *numbers]
    if step is not None:
        numbers = [0, *numbers] if len(numbers) == 1 else numbers
        numbers.append(_number(step))
    first, last, by = 0, numbers[0], 1
    if len(numbers) > 1:
        first, last = numbers[:2]
    if len(numbers) > 2:
        by = numbers[2]
    if dtype is None:
        whole = all(isinstance(n, int) for n in (first, last, by))
        dtype = dtypes.int64 if whole else dtypes.get_default_dtype()
    _refuse_range(first, last, by)
    if dtype.category == 1:
        count = max(math.ceil((int(last) - int(first)) / int(by)), 0) if int(by) else 0
        if all(isinstance(n, int) for n in (first, last, by)):
            count = max(-((int(first) - int(last)) // int(by)), 0)
    else:
        count = math.ceil((last - first) / by)
    chosen = chosen_backend(backend)
    return leaf(_row(first, by, count, dtype, chosen), dtype, chosen, requires_grad)


@function(name="range")
@accepts_out
def range_(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return start, start + step ... up to and with end."""
    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior "
        "is inconsistent with Python's range builtin. Instead, use torch.arange, which produces "
        "values in [start, end).",
        UserWarning,
        stacklevel=2,
    )
    check_options("range", dtype, device, layout)
    if end is None:
        start, end = 0, start
    start, end, step = _number(start), _number(end), _number(step)
    _refuse_range(start, end, step)
    dtype = dtype or dtypes.get_default_dtype()
    chosen = chosen_backend(backend)
    count = math.floor((end - start) / step) + 1
    return leaf(_row(start, step, count, dtype, chosen), dtype, chosen, requires_grad)


def _steps(name: str, args: tuple[Any, ...]) -> int:
    steps = args[2]
    if not isinstance(steps, int):
        kinds = ", ".join("Tensor" if isinstance(a, Tensor) else type(a).__name__ for a in args)
        base = ", float base = 10.0" if name == "logspace" else ""
        overloads = "".join(
            f" * ({first} start, {last} end, int steps{base}, *, Tensor out = None, {_OPTIONS}"
            for first, last in (
                ("Tensor", "Tensor"),
                ("Number", "Tensor"),
                ("Tensor", "Number"),
                ("Number", "Number"),
            )
        )
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({kinds}), but expected "
            f"one of:\n{overloads}"
        )
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return steps


def spaced_integers(start: Any, end: Any, steps: int) -> list[int]:
    """Return integers evenly from start to end, counted from the nearer end as torch does."""
    if steps <= 1:
        return [int(start)] * steps
    step = (end - start) / (steps - 1)
    half = steps // 2
    return [
        int(start + step * k) if k < half else int(end - step * (steps - 1 - k))
        for k in range(steps)
    ]


def fused(start: float, step: float, counts: range) -> list[float]:
    """Return start + k * step for each count, rounded once, as a fused multiply-add does."""
    top, bottom = start.as_integer_ratio()
    step_top, step_bottom = step.as_integer_ratio()
    whole = max(bottom, step_bottom)  # both are powers of two
    top, step_top = top * (whole // bottom), step_top * (whole // step_bottom)
    return [(top + step_top * k) / whole for k in counts]


def _spaced_dtype(start: Any, end: Any, dtype: DType | None) -> DType:
    if isinstance(start, complex) or isinstance(end, complex):
        return dtype or dtypes.default_complex_dtype()
    return dtype or dtypes.get_default_dtype()


@function
@accepts_out
@seen_as("linspace.default")
def linspace(
    start: Any,
    end: Any,
    steps: Any,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return ``steps`` numbers evenly from start to end."""
    check_options("linspace", dtype, device, layout)
    count = _steps("linspace", (start, end, steps))
    chosen = chosen_backend(backend)
    start, end = _number(start), _number(end)
    kind = _spaced_dtype(start, end, dtype)
    array = _spaced(start, end, count, kind, chosen)
    return leaf(array, kind, chosen, requires_grad)


def _spaced(start: Any, end: Any, steps: int, dtype: DType, backend: Any) -> Any:
    """Return the array of evenly spaced numbers, from the nearer end.

    As torch's compiled loop does, the single and double formats round once per element; the others
    (and numbers that are not finite) round the product and the sum.
    """
    if dtype.category == 0:
        raise not_implemented_for("linspace_cpu", dtype)
    if dtype.category == 1:
        return backend.from_flat(spaced_integers(start, end, steps), (steps,), dtype)
    if steps <= 1:
        return backend.full((steps,), start, dtype)
    first, last = backend.scalar(start, dtype), backend.scalar(end, dtype)
    step = backend.div(backend.sub(last, first), backend.scalar(steps - 1, dtype))
    half = steps // 2
    if dtype.category == 2 and dtype.itemsize >= 4:
        exact = [backend.to_flat(number)[0] for number in (first, last, step)]
        if all(math.isfinite(number) for number in exact):
            up = fused(exact[0], exact[2], range(half))
            down = fused(exact[1], -exact[2], range(steps - half - 1, -1, -1))
            return backend.from_flat([*up, *down], (steps,), dtype)
    up = backend.arange(0, 1, half, dtype)
    down = backend.arange(steps - half - 1, -1, steps - half, dtype)
    return backend.cat(
        [
            backend.add(first, backend.mul(step, up)),
            backend.sub(last, backend.mul(step, down)),
        ],
        0,
    )


@function
@accepts_out
@seen_as("logspace.default")
def logspace(
    start: Any,
    end: Any,
    steps: Any,
    base: Any = 10.0,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return ``steps`` powers of ``base`` with exponents evenly from start to end."""
    check_options("logspace", dtype, device, layout)
    count = _steps("logspace", (start, end, steps))
    chosen = chosen_backend(backend)
    start, end, base = _number(start), _number(end), _number(base)
    kind = _spaced_dtype(start, end, dtype)
    exponents = _spaced(start, end, count, kind if kind.category >= 2 else dtypes.float64, chosen)
    numbers = [base**exponent for exponent in chosen.to_flat(exponents)]
    if kind.category < 2:
        numbers = [int(number) for number in numbers]
    array = chosen.from_flat(numbers, (count,), kind)
    return leaf(array, kind, chosen, requires_grad)


# Matrices and index grids -------------------------------------------------------------------------


@function
@accepts_out
@seen_as("eye.default")
def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType | None = None,
    layout: layout | None = None,
    device: Any = None,
    pin_memory: bool = False,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return a matrix with ones on the diagonal."""
    check_options("eye", dtype, device, layout)
    if n < 0:
        raise RuntimeError(f"n must be greater or equal to 0, got {n}")
    if m is not None and m < 0:
        raise RuntimeError(f"m must be greater or equal to 0, got {m}")
    shape = (n, n if m is None else m)
    kind = dtype or dtypes.get_default_dtype()
    chosen = chosen_backend(backend)
    one = chosen.full((min(shape),), 1, kind)
    return leaf(chosen.diagonal_backward(one, shape, 0, 0, 1), kind, chosen, requires_grad)


def _triangle(name: str, below: bool) -> Any:
    def indices(
        row: int,
        col: int,
        offset: int = 0,
        *,
        dtype: DType | None = dtypes.int64,
        layout: layout | None = None,
        device: Any = None,
        pin_memory: bool = False,
        backend: Any = None,
    ) -> Tensor:
        check_options(name, dtype, device, layout)
        for what, value in (("row", row), ("col", col)):
            if value < 0:
                raise RuntimeError(f"{what} must be non-negative, got{value}")
        places: list[tuple[int, int]] = []
        for i in range(row):
            edge = i + offset
            columns = range(min(edge + 1, col)) if below else range(max(edge, 0), col)
            places.extend((i, j) for j in columns)
        chosen = chosen_backend(backend)
        kind = dtype or dtypes.int64
        flat = [i for i, _ in places] + [j for _, j in places]
        return leaf(chosen.from_flat(flat, (2, len(places)), kind), kind, chosen)

    indices.__name__ = indices.__qualname__ = name
    indices.__doc__ = f"Return the (2, n) indices of the {'lower' if below else 'upper'} triangle."
    return function(indices)


tril_indices = _triangle("tril_indices", True)
triu_indices = _triangle("triu_indices", False)
