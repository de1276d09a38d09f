"""Plans read exactly the elements that a geometry names: against places worked out one by one."""

from __future__ import annotations

import itertools
import random

import pytest

from autograd_core.sizes import numel, row_major

plans = pytest.importorskip("autograd_array_api.plans")
np = pytest.importorskip("numpy")


def places(shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> list[int]:
    rows = itertools.product(*map(range, shape))
    return [offset + sum(i * step for i, step in zip(row, strides)) for row in rows]


def read(found, storage):
    part = storage.reshape(found.folded)
    if found.key is not None:
        part = part[found.key]
    if found.order is not None:
        part = part.transpose(found.order)
    return np.broadcast_to(part.reshape(found.dense), found.shape)


def cut(generator: random.Random, shape: tuple[int, ...]):
    """A chain of slices, transpositions, folds and expansions of a row-major array."""
    array = np.arange(numel(shape)).reshape(shape)
    for _ in range(generator.randrange(1, 5)):
        kind = generator.choice(["slice", "transpose", "expand", "select", "fold"])
        if kind == "transpose":
            order = list(range(array.ndim))
            generator.shuffle(order)
            array = array.transpose(order)
        elif kind == "expand":
            array = np.broadcast_to(array, (generator.randrange(1, 3), *array.shape))
        elif kind == "fold" and array.flags.c_contiguous:
            array = array.reshape(-1)
        elif array.ndim and 0 not in array.shape:
            dim = generator.randrange(array.ndim)
            start = generator.randrange(array.shape[dim])
            key = start if kind == "select" else slice(start, None, generator.randrange(1, 3))
            array = array[(slice(None),) * dim + (key,)]
    return array


@pytest.mark.parametrize("seed", range(300))
def test_views_by_chains_are_read_by_plans_or_places(seed):
    generator = random.Random(seed)
    shape = tuple(generator.choice([1, 2, 3, 4, 6]) for _ in range(generator.randrange(1, 4)))
    array = np.asarray(cut(generator, shape))
    if not array.size:
        return
    strides = tuple(step // array.itemsize for step in array.strides)
    offset = int(array.reshape(-1)[0])
    expected = places(array.shape, strides, offset)
    assert expected == array.reshape(-1).tolist()
    found = plans.plan(shape, array.shape, strides, offset)
    if found is not None:
        assert read(found, np.arange(numel(shape))).reshape(-1).tolist() == expected


@pytest.mark.parametrize(
    "shape, strides, offset",
    [
        ((4, 6), (6, 1), 0),
        ((24,), (1,), 0),
        ((6, 4), (1, 6), 0),
        ((4,), (6,), 3),
        ((2, 3), (12, 2), 1),
        ((4, 2, 3), (6, 3, 1), 0),
        ((5, 4, 6), (0, 6, 1), 0),
        ((1, 1), (24, 1), 7),
        ((), (), 5),
    ],
)
def test_common_views_have_plans(shape, strides, offset):
    found = plans.plan((4, 6), shape, strides, offset)
    assert found is not None
    assert read(found, np.arange(24)).reshape(-1).tolist() == places(shape, strides, offset)


@pytest.mark.parametrize(
    "shape, strides", [((4, 3), (1, 1)), ((4,), (7,)), ((3, 2), (5, 4)), ((2, 2), (4, 4))]
)
def test_what_no_chain_of_cuts_reads_has_none(shape, strides):
    assert plans.plan((4, 6), shape, strides, 0) is None


def test_layouts_name_the_dims_from_outermost_to_innermost():
    assert plans.layout((2, 3), None) == (None, (2, 3))
    assert plans.layout((2, 3), (3, 1)) == (None, (2, 3))
    order, shape = plans.layout((2, 3, 4), (1, 8, 2))
    assert (order, shape) == ((1, 2, 0), (3, 4, 2))
    assert row_major(shape) == tuple((1, 8, 2)[d] for d in order)
    assert plans.inverse((1, 2, 0)) == (2, 0, 1)
