"""Derived kernels that pad, written in the required ones: a dim is joined of runs of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .. import sizes

Array = Any


class _Run(NamedTuple):
    """Neighbours of a padded dim that read neighbours of the dim, one element, or them reversed.

    Attributes:
        at: where the run begins in the padded dim.
        length: its own.
        first: where its reading begins.
        step: 1, 0 or -1.
    """

    at: int
    length: int
    first: int
    step: int


def _runs(length: int, before: int, after: int, outward: int) -> Iterator[_Run]:
    """Yield the runs of a padded dim; ``outward`` is the step of those beyond the ends."""
    last = length - 1
    turned = 2 * last if outward else last
    for low, high, offset, step in (
        (-before, 0, 0, outward),
        (0, length, 0, 1),
        (length, length + after, turned, outward),
    ):
        low, high = max(low, -before), min(high, length + after)
        if low < high:
            yield _Run(low + before, high - low, offset + step * low, step)


def _pad(outward: int) -> Any:
    def pad(self: Any, input: Array, padding: Sequence[int]) -> Array:
        padded = input
        for dim, before, after in _padded_dims(input, padding):
            runs = _runs(input.shape[dim], before, after, outward)
            pieces = [_read(self, padded, dim, run) for run in runs]
            padded = self.cat(pieces or [self.slice(padded, dim, 0, 0, 1)], dim)
        return _in_channels_last(self, padded, input)

    return pad


def _pad_backward(outward: int) -> Any:
    def pad_backward(self: Any, grad_output: Array, input: Array, padding: Sequence[int]) -> Array:
        grad = grad_output
        for dim, before, after in reversed(_padded_dims(input, padding)):
            shape = list(grad.shape)
            shape[dim] = input.shape[dim]
            result = self.new_zeros(grad, shape)
            for run in _runs(input.shape[dim], before, after, outward):
                part = self.slice(grad, dim, run.at, run.at + run.length, 1)
                if run.step == 0:
                    part = self.sum(part, (dim,), True)
                elif run.step < 0:
                    part = self.flip(part, (dim,))
                place = _source(self, result, dim, run)
                self.copy_(place, self.add(place, part))
            grad = result
        return _in_channels_last(self, grad, input)

    return pad_backward


def _padded_dims(input: Array, padding: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (dim, before, after), the last dim first."""
    last = len(input.shape) - 1
    return [(last - k, padding[2 * k], padding[2 * k + 1]) for k in range(len(padding) // 2)]


def _source(xp: Any, input: Array, dim: int, run: _Run) -> Array:
    """Return the view of what a run reads, in the order of the input."""
    reach = (run.length - 1) * run.step
    start = run.first + min(reach, 0)
    return xp.slice(input, dim, start, start + abs(reach) + 1, 1)


def _read(xp: Any, input: Array, dim: int, run: _Run) -> Array:
    part = _source(xp, input, dim, run)
    if run.step > 0:
        return part
    if run.step < 0:
        return xp.flip(part, (dim,))
    shape = list(part.shape)
    shape[dim] = run.length
    return xp.expand(part, shape)


def _in_channels_last(xp: Any, result: Array, like: Array) -> Array:
    """Return an array with its channels innermost if those of another of its rank are."""
    if len(like.shape) in (4, 5) and sizes.suggests_channels_last(like.shape, xp.strides(like)):
        return xp.clone_strided(result, sizes.channels_last(result.shape))
    return result


class PaddingDefaults:
    """Derived padding functions of the backend contract.

    ``padding`` is (before, after) of the last dim, then of the one before, ...; negative amounts
    cut. Gradients take the array that was padded, for its shape.
    """

    reflection_pad1d = reflection_pad2d = reflection_pad3d = _pad(-1)
    reflection_pad1d_backward = _pad_backward(-1)
    reflection_pad2d_backward = reflection_pad3d_backward = reflection_pad1d_backward
    replication_pad1d = replication_pad2d = replication_pad3d = _pad(0)
    replication_pad1d_backward = _pad_backward(0)
    replication_pad2d_backward = replication_pad3d_backward = replication_pad1d_backward

    def constant_pad_nd(self: Any, input: Array, pad: Sequence[int], value: Any) -> Array:
        """Padded with ``value``: (before, after) of the last dim, then of the one before, ...

        Negative amounts cut.
        """
        rank = len(input.shape)
        shape, inner = list(input.shape), input
        starts = [0] * rank
        for k in range(len(pad) // 2):
            dim = rank - 1 - k
            before, after = pad[2 * k], pad[2 * k + 1]
            length = input.shape[dim]
            shape[dim] = length + before + after
            inner = self.slice(inner, dim, max(-before, 0), length - max(-after, 0), 1)
            starts[dim] = max(before, 0)
        if all(n <= 0 for n in pad):
            return self.clone(inner)
        result = self.full(shape, value, self.dtype(input))
        place = result
        for dim, start in enumerate(starts):
            place = self.slice(place, dim, start, start + inner.shape[dim], 1)
        self.copy_(place, inner)
        return _in_channels_last(self, result, input)
