"""``vmap``: a function of single samples made one of batches."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

from .batching import VmapLevel
from .batching.arrays import is_batched
from .batching.level import common_length
from .engine.levels import alive, opened
from .namespaces import NAMESPACES
from .pytrees import TreeSpec, spread_to, tree_flatten, tree_leaves, tree_unflatten
from .tensor import Tensor


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Return ``func`` over a batch: it sees its inputs without one dim, which comes back outside.

    Args:
        func: takes and returns (trees of) Tensors.
        in_dims: which dim of each input is the batch, None for none; one int for all, or a tree
            that is an upper part of the inputs' one.
        out_dims: where the dim goes in the outputs, likewise.
        randomness: whether random functions are refused ("error"), draw the "same" for all members
            of the batch, or "different" ones.
        chunk_size: how many members are computed at once; all by default.

    Raises:
        ValueError: an argument does not fit the inputs or outputs (torch's texts).
        RuntimeError: the randomness is unknown; inside, what cannot be batched.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(
            "Only allowed values for randomness are 'error', 'different', or 'same'. "
            f"Got {randomness}"
        )
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return _Call(func, in_dims, out_dims, randomness).run(args, kwargs, chunk_size)

    return wrapped


class _Call:
    """One call of a batched function."""

    def __init__(
        self, func: Callable[..., Any], in_dims: Any, out_dims: Any, randomness: str
    ) -> None:
        self.func = func
        self.name = _name_of(func)
        self.in_dims = in_dims
        self.out_dims = out_dims
        self.randomness = randomness

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any], chunk_size: int | None) -> Any:
        """Return the outputs for these inputs, in chunks if that is asked for."""
        self._check_out_dims()
        size, dims, leaves, spec = self._inputs(args)
        if chunk_size is None:
            return self._batch(size, dims, leaves, spec, kwargs)
        return self._chunks(size, dims, leaves, spec, kwargs, chunk_size)

    def _check_out_dims(self) -> None:
        for dim in tree_leaves(self.out_dims):
            if not isinstance(dim, int) and dim is not None:
                raise ValueError(
                    f"vmap({self.name}, ..., out_dims={self.out_dims}): `out_dims` must be an int, "
                    "None or a python collection of ints representing where in the outputs the "
                    "vmapped dimension should appear."
                )

    def _inputs(self, args: tuple[Any, ...]) -> tuple[int, list[Any], list[Any], TreeSpec]:
        """Return the batch's size, the batch dim of each input, the inputs, and their structure."""
        in_dims = self.in_dims
        about = f"vmap({self.name}, in_dims={in_dims}, ...)(<inputs>): "
        if not isinstance(in_dims, (int, tuple)):
            raise ValueError(
                f"{about}expected `in_dims` to be int or a (potentially nested) tuple matching the "
                f"structure of inputs, got: {type(in_dims)}."
            )
        if not args:
            raise ValueError(
                f"vmap({self.name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or "
                "you are trying to vmap over a function with no inputs. The latter is unsupported."
            )
        leaves, spec = tree_flatten(args)
        dims = spread_to(in_dims, spec)
        if dims is None:
            raise ValueError(
                f"{about}in_dims is not compatible with the structure of `inputs`. in_dims has "
                f"structure {tree_flatten(in_dims)[1]} but inputs has structure {spec}."
            )
        for k, (leaf, dim) in enumerate(zip(leaves, dims, strict=True)):
            if dim is None:
                continue
            if not isinstance(dim, int):
                raise ValueError(
                    f"{about}Got in_dim={dim} for an input but in_dim must be either an integer "
                    "dimension or None."
                )
            if not isinstance(leaf, Tensor):
                raise ValueError(
                    f"{about}Got in_dim={dim} for an input but the input is of type {type(leaf)}. "
                    "We cannot vmap over non-Tensor arguments, please use None as the respective "
                    "in_dim"
                )
            rank = leaf.ndim
            if not -rank <= dim < rank:
                raise ValueError(
                    f"{about}Got in_dim={dim} for some input, but that input is a Tensor of "
                    f"dimensionality {rank} so expected in_dim to satisfy -{rank} <= in_dim < "
                    f"{rank}."
                )
            dims[k] = dim % rank
        return _batch_size(dims, leaves), dims, leaves, spec

    def _batch(
        self, size: int, dims: list[Any], leaves: list[Any], spec: TreeSpec, kwargs: dict[str, Any]
    ) -> Any:
        with opened(VmapLevel(size, self.randomness)) as level:
            inputs = [
                leaf if dim is None else level.batched(alive(leaf), dim)
                for leaf, dim in zip(leaves, dims, strict=True)
            ]
            outputs = self.func(*tree_unflatten(inputs, spec), **kwargs)
            return self._unbatched(outputs, level)

    def _unbatched(self, outputs: Any, level: VmapLevel) -> Any:
        leaves, spec = tree_flatten(outputs)
        out_dims = self.out_dims
        dims: list[Any] | None
        if isinstance(outputs, Tensor):
            dims = [out_dims] if isinstance(out_dims, int) or out_dims is None else None
            if isinstance(out_dims, tuple) and len(out_dims) == 1:
                dims = list(out_dims)
        else:
            dims = spread_to(out_dims, spec)
        if dims is None:
            raise ValueError(
                f"vmap({self.name}, ..., out_dims={out_dims})(<inputs>): out_dims is not "
                "compatible with the structure of `outputs`. out_dims has structure "
                f"{tree_flatten(out_dims)[1]} but outputs has structure {spec}."
            )
        made = [self._output(leaf, dim, level) for leaf, dim in zip(leaves, dims, strict=True)]
        return tree_unflatten(made, spec)

    def _output(self, output: Any, dim: int | None, level: VmapLevel) -> Any:
        owned = isinstance(output, Tensor) and level.owns(output)
        if dim is None:
            if owned and is_batched(output):
                raise ValueError(
                    f"vmap({self.name}, ...): `{self.name}` can not return a BatchedTensor when "
                    "out_dim is None"
                )
            return output._array.value if owned else output
        if not isinstance(output, Tensor):
            raise ValueError(
                f"vmap({self.name}, ...): `{self.name}` must only return Tensors, got type "
                f"{type(output)}. Did you mean to set out_dims= to None for output?"
            )
        return level.unbatched(output, dim)

    def _chunks(
        self,
        size: int,
        dims: list[Any],
        leaves: list[Any],
        spec: TreeSpec,
        kwargs: dict[str, Any],
        chunk_size: int,
    ) -> Any:
        """Run chunk after chunk and join what they give."""
        lengths = [chunk_size] * (size // chunk_size)
        lengths += [size % chunk_size] if size % chunk_size else []
        ends = tuple(itertools.accumulate(lengths))
        split = [
            [leaf] * len(ends) if dim is None else leaf.tensor_split(ends, dim=dim)
            for leaf, dim in zip(leaves, dims, strict=True)
        ]
        torch = NAMESPACES[""]
        state = torch["get_rng_state"]() if self.randomness == "same" else None
        made: list[list[Any]] = []
        out_spec = None
        for chunk in zip(*split):
            length = _batch_size(dims, list(chunk))
            if length == 0:
                continue
            if state is not None:
                torch["set_rng_state"](state)
            outputs, found = tree_flatten(self._batch(length, dims, list(chunk), spec, kwargs))
            out_spec = out_spec or found
            made.append(outputs)
        if out_spec is None:
            raise AssertionError("arg_spec must not be None")
        out_dims = spread_to(self.out_dims, out_spec)
        if out_dims is None:
            raise AssertionError("flat_out_dims must not be None")
        joined = [
            torch["cat"](parts, dim=dim) for parts, dim in zip(zip(*made), out_dims, strict=True)
        ]
        return tree_unflatten(joined, out_spec)


def _batch_size(dims: list[Any], leaves: list[Any]) -> int:
    return common_length(
        [leaf.size(dim) for leaf, dim in zip(leaves, dims, strict=True) if dim is not None]
    )


def _name_of(func: Any) -> str:
    """Return what messages call a function."""
    if hasattr(func, "__name__"):
        return str(func.__name__)
    if isinstance(func, functools.partial):
        return f"functools.partial({_name_of(func.func)}, ...)"
    return repr(func)
