"""torch's random functions on the CPU stream: generators, samplers, in-place samplers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes, ops
from .. import generator as streams
from ..backend_registry import current_backend, sampling_backend
from ..dtypes import DType, int64, uint8
from ..ops.random import FILLING
from ..random_parameters import check_filling, check_multinomial, check_normal_deviations
from ..sizes import broadcast_shapes, is_contiguous
from ..tensor import Tensor, wrap
from .creation_like import layout_of
from .new_tensors import size_of
from .registration import accepts_out, function, method, publish, seen_as


class Generator(streams.Generator):
    """torch.Generator: a stream whose state is a uint8 tensor of 5,056 bytes."""

    def get_state(self) -> Any:
        """Return the state as a uint8 tensor."""
        state = super().get_state()
        backend = current_backend()
        return wrap(backend.from_flat(list(state), (len(state),), uint8), uint8, backend)

    def set_state(self, new_state: Any) -> None:
        """Restore a state that ``get_state`` returned."""
        super().set_state(new_state.tolist() if isinstance(new_state, Tensor) else new_state)

    def clone_state(self) -> Generator:
        """Return a new generator in the same state."""
        clone = Generator()
        clone.set_state(streams.Generator.get_state(self))
        return clone

    def __reduce__(self) -> tuple[object, ...]:
        return Generator, (), streams.Generator.get_state(self)


function(Generator)
default_generator = Generator()
publish(default_generator, "default_generator")


@function
def manual_seed(seed: int) -> Generator:
    """Seed the default generator and return it."""
    default_generator.manual_seed(int(seed))
    return default_generator


@function
def seed() -> int:
    """Seed the default generator from the system and return the seed."""
    return default_generator.seed()


@function
def initial_seed() -> int:
    """Return the seed of the default generator."""
    return default_generator.initial_seed()


@function
def get_rng_state() -> Tensor:
    """Return the state of the default generator as a uint8 tensor."""
    return default_generator.get_state()


@function
def set_rng_state(new_state: Tensor) -> None:
    """Restore a state of the default generator."""
    default_generator.set_state(new_state)


# New tensors ----------------------------------------------------------------------------------


def _sampled(
    sampler: str,
    shape: Sequence[int],
    dtype: DType,
    parameters: dict[str, Any],
    generator: Any,
    requires_grad: bool = False,
    backend: Any = None,
) -> Tensor:
    chosen = sampling_backend(backend)
    array = chosen.sample(sampler, generator or default_generator, tuple(shape), dtype, parameters)
    tensor = wrap(array, dtype, chosen)
    return tensor.requires_grad_() if requires_grad else tensor


@function
@accepts_out
@seen_as("rand.default")
def rand(
    *size: Any,
    generator: Any = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return uniform numbers in [0, 1)."""
    dtype = dtype or dtypes.get_default_dtype()
    return _sampled("uniform", size_of(size), dtype, {}, generator, requires_grad, backend)


@function
@accepts_out
@seen_as("randn.default")
def randn(
    *size: Any,
    generator: Any = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return standard normal numbers."""
    dtype = dtype or dtypes.get_default_dtype()
    return _sampled("normal", size_of(size), dtype, {}, generator, requires_grad, backend)


@function
@seen_as("randint.default", {3: "low"})
def randint(
    *args: Any,
    low: int = 0,
    high: int | None = None,
    size: Any = None,
    generator: Any = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return integers of [low, high): ``randint(high, size)`` or ``randint(low, high, size)``."""
    values = list(args)
    if size is None:
        size = values.pop()
    if len(values) == 2:
        low, high = values
    elif len(values) == 1:
        low, high = (low, values[0]) if high is None else (values[0], high)
    limits = {"low": int(low), "high": int(high)}  # type: ignore[arg-type]
    return _sampled(
        "random", size_of((size,)), dtype or int64, limits, generator, requires_grad, backend
    )


@function
@seen_as("randperm.default")
def randperm(
    n: int,
    *,
    generator: Any = None,
    dtype: DType | None = None,
    layout: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    backend: Any = None,
) -> Tensor:
    """Return a permutation of 0 ... n - 1."""
    return _sampled("randperm", (n,), dtype or int64, {}, generator, requires_grad, backend)


def _like(
    sampler: str, input: Tensor, dtype: DType | None, requires_grad: bool, parameters: Any
) -> Tensor:
    """Sample a tensor in the layout of another: torch fills memory, not rows."""
    dtype, shape, backend = dtype or input._dtype, input._array.shape, input._backend
    stride = layout_of(input)
    order = tuple(sorted(range(len(shape)), key=lambda d: (-stride[d], d)))
    if sampler == "normal":
        parameters = {**parameters, "contiguous": is_contiguous(shape, stride)}
    size = [shape[d] for d in order]
    drawn = _sampled(sampler, size, dtype, parameters, None, backend=backend)
    dims = tuple(sorted(range(len(order)), key=order.__getitem__))
    if backend.level is None and drawn._backend.level is None:
        made = backend.permute(drawn._array, dims)
        drawn._array = backend.laid_out_as(input._array, made)
    elif dims != tuple(range(len(dims))):
        drawn = ops.permute(drawn, dims)
    return drawn.requires_grad_() if requires_grad else drawn


@function
@seen_as("rand_like.default")
def rand_like(
    input: Tensor, *, dtype: DType | None = None, requires_grad: bool = False, **unused: Any
) -> Tensor:
    """Return uniform numbers with shape and dtype of ``input``."""
    return _like("uniform", input, dtype, requires_grad, {})


@function
@seen_as("randn_like.default")
def randn_like(
    input: Tensor, *, dtype: DType | None = None, requires_grad: bool = False, **unused: Any
) -> Tensor:
    """Return standard normal numbers with shape and dtype of ``input``."""
    return _like("normal", input, dtype, requires_grad, {})


@function
def randint_like(
    input: Tensor,
    *args: int,
    low: int = 0,
    high: int | None = None,
    dtype: DType | None = None,
    requires_grad: bool = False,
    **unused: Any,
) -> Tensor:
    """Return integers of [low, high) with shape and dtype of ``input``."""
    if len(args) == 2:
        low, high = args
    elif args:
        high = args[0]
    return _like("random", input, dtype, requires_grad, {"low": low, "high": high})


@function
@accepts_out
def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, **options: Any
) -> Tensor:
    """Return normal numbers; mean and std are numbers (with ``size``) or tensors."""
    generator = generator or default_generator
    if not isinstance(mean, Tensor) and not isinstance(std, Tensor):
        dtype = options.get("dtype") or dtypes.get_default_dtype()
        parameters = {"mean": float(mean), "std": float(std)}
        return _sampled(
            "normal",
            size_of((size,)),
            dtype,
            parameters,
            generator,
            options.get("requires_grad", False),
            options.get("backend"),
        )
    if isinstance(std, Tensor):
        check_normal_deviations(all(n >= 0.0 for n in std._backend.elements(std._array)))
    elif std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    if isinstance(mean, Tensor) and isinstance(std, Tensor):
        shape = broadcast_shapes(mean._array.shape, std._array.shape)
        return ops.normal_mean_std(mean, std, shape, generator)
    if isinstance(mean, Tensor):
        return ops.normal_mean(mean, std, generator)
    return ops.normal_std(std, mean, generator)


@function
@method
@accepts_out
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """Return int64 indices drawn in proportion to the rows of ``input``."""
    shape = input._array.shape
    if len(shape) not in (1, 2):
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    check_multinomial(input._dtype.name, shape[-1], num_samples, replacement)
    return ops.multinomial(input, num_samples, replacement, generator or default_generator)


@function
@accepts_out
@method
def bernoulli(input: Tensor, p: float | None = None, *, generator: Any = None) -> Tensor:
    """Return zeros and ones, one with the probability that ``input`` (or ``p``) says."""
    order = tuple(range(input.ndim))
    if p is not None:
        generator = generator or default_generator
        return FILLING["bernoulli"](input, "bernoulli", {"p": p}, order, generator)
    return ops.bernoulli(input, order, generator or default_generator)


# In place ---------------------------------------------------------------------------------------


def memory_order(tensor: Tensor) -> tuple[tuple[int, ...], bool]:
    """Return the dims from the outermost in memory to the innermost, and whether row-major."""
    shape, strides = tensor._array.shape, tensor.stride()
    order = tuple(sorted(range(len(shape)), key=lambda d: (-strides[d], d)))
    return order, is_contiguous(shape, strides)


def _fill(tensor: Tensor, sampler: str, parameters: dict[str, Any], generator: Any) -> Tensor:
    check_filling(sampler, tensor._dtype.name, tensor.numel(), parameters)
    order, contiguous = memory_order(tensor)
    if sampler == "normal":
        parameters = {**parameters, "contiguous": contiguous}
    filling = FILLING[sampler]
    drawn = "random" if sampler.startswith("random") else sampler
    return filling.inplace(tensor, drawn, parameters, order, generator or default_generator)


@method
def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with normal numbers."""
    return _fill(self, "normal", {"mean": mean, "std": std}, generator)


@method
def uniform_(self: Tensor, *bounds: float, generator: Any = None, **named: float) -> Tensor:
    """Fill with uniform numbers of [from, to)."""
    low = named.get("from", bounds[0] if bounds else 0)
    high = named.get("to", bounds[1] if len(bounds) > 1 else 1)
    return _fill(self, "uniform", {"low": low, "high": high}, generator)


@method
def exponential_(self: Tensor, lambd: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with exponential numbers."""
    return _fill(self, "exponential", {"lambd": lambd}, generator)


@method
def cauchy_(self: Tensor, median: float = 0, sigma: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with Cauchy numbers."""
    return _fill(self, "cauchy", {"median": median, "sigma": sigma}, generator)


@method
def log_normal_(self: Tensor, mean: float = 1, std: float = 2, *, generator: Any = None) -> Tensor:
    """Fill with exponentials of normal numbers."""
    return _fill(self, "log_normal", {"mean": mean, "std": std}, generator)


@method
def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Fill with numbers of trials up to the first success."""
    return _fill(self, "geometric", {"p": p}, generator)


@method
def random_(self: Tensor, *bounds: int, generator: Any = None) -> Tensor:
    """Fill with integers: ``random_()``, ``random_(to)`` or ``random_(from, to)``."""
    if not bounds:
        return _fill(self, "random", {}, generator)
    if len(bounds) == 1:
        return _fill(self, "random_to", {"low": 0, "high": bounds[0]}, generator)
    return _fill(self, "random_from", {"low": bounds[0], "high": bounds[1]}, generator)


@method
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Fill with zeros and ones, one with probability ``p`` (a number or a tensor)."""
    if not isinstance(p, Tensor):
        return _fill(self, "bernoulli", {"p": p}, generator)
    order, _ = memory_order(self)
    return ops.bernoulli_fill.inplace(self, p, order, generator or default_generator)
