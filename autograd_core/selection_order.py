"""The k largest of a list, in the order torch's CPU top-k leaves them, equal values included.

Torch selects with libstdc++'s `partial_sort`, or `nth_element` and `sort`; none of them is stable,
so the order of equal values follows from their exact steps, which are retraced here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

Entry = tuple[float, int]

_SMALL_SORT = 16


def largest(values: Sequence[float], k: int) -> list[int]:
    """Return the indices of the k largest values, largest first; nan counts as the largest."""
    keys = [math.inf if math.isnan(value) else value for value in values]
    order = sorted(range(len(keys)), key=keys.__getitem__, reverse=True)
    top = [keys[index] for index in order[: k + 1]]
    if all(a > b for a, b in pairwise(top)):
        return order[:k]
    entries: list[Entry] = [(value, index) for index, value in enumerate(values)]
    if k * 64 <= len(entries):
        _partial_sort(entries, 0, k, len(entries))
    else:
        _nth_element(entries, k - 1)
        _sort(entries, k - 1)
    return [index for _, index in entries[:k]]


def _precedes(left: Entry, right: Entry) -> bool:
    return left[0] > right[0] or (math.isnan(left[0]) and not math.isnan(right[0]))


def _sift(heap: list[Entry], first: int, hole: int, size: int, value: Entry) -> None:
    """Refill a hole of the heap at `first`: sink it to a leaf, then let `value` rise from there."""
    top = child = hole
    while child < (size - 1) // 2:
        child = 2 * (child + 1)
        if _precedes(heap[first + child], heap[first + child - 1]):
            child -= 1
        heap[first + hole] = heap[first + child]
        hole = child
    if size % 2 == 0 and child == (size - 2) // 2:
        child = 2 * child + 1
        heap[first + hole] = heap[first + child]
        hole = child
    while hole > top and _precedes(heap[first + (hole - 1) // 2], value):
        heap[first + hole] = heap[first + (hole - 1) // 2]
        hole = (hole - 1) // 2
    heap[first + hole] = value


def _pop_to(entries: list[Entry], first: int, last: int, place: int) -> None:
    value, entries[place] = entries[place], entries[first]
    _sift(entries, first, 0, last - first, value)


def _heap_select(entries: list[Entry], first: int, middle: int, last: int) -> None:
    size = middle - first
    for parent in range((size - 2) // 2, -1, -1):
        _sift(entries, first, parent, size, entries[first + parent])
    for place in range(middle, last):
        if _precedes(entries[place], entries[first]):
            _pop_to(entries, first, middle, place)


def _partial_sort(entries: list[Entry], first: int, middle: int, last: int) -> None:
    _heap_select(entries, first, middle, last)
    for end in range(middle - 1, first, -1):
        _pop_to(entries, first, end, end)


def _median_to_front(entries: list[Entry], first: int, a: int, b: int, c: int) -> None:
    if _precedes(entries[a], entries[b]):
        if _precedes(entries[b], entries[c]):
            chosen = b
        else:
            chosen = c if _precedes(entries[a], entries[c]) else a
    elif _precedes(entries[a], entries[c]):
        chosen = a
    else:
        chosen = c if _precedes(entries[b], entries[c]) else b
    entries[first], entries[chosen] = entries[chosen], entries[first]


def _partition(entries: list[Entry], first: int, last: int) -> int:
    _median_to_front(entries, first, first + 1, first + (last - first) // 2, last - 1)
    pivot, low, high = entries[first], first + 1, last
    while True:
        while _precedes(entries[low], pivot):
            low += 1
        high -= 1
        while _precedes(pivot, entries[high]):
            high -= 1
        if low >= high:
            return low
        entries[low], entries[high] = entries[high], entries[low]
        low += 1


def _insertion_sort(entries: list[Entry], first: int, last: int) -> None:
    for place in range(first + 1, last):
        if _precedes(entries[place], entries[first]):
            entries.insert(first, entries.pop(place))
        else:
            _insert(entries, first, place)


def _insert(entries: list[Entry], first: int, place: int) -> None:
    """Move an entry to the left past those that it precedes."""
    value = entries[place]
    while place > first and _precedes(value, entries[place - 1]):
        entries[place] = entries[place - 1]
        place -= 1
    entries[place] = value


def _depth_limit(size: int) -> int:
    return 2 * (size.bit_length() - 1)


def _nth_element(entries: list[Entry], nth: int) -> None:
    first, last = 0, len(entries)
    depth = _depth_limit(last)
    while last - first > 3:
        if depth == 0:
            _heap_select(entries, first, nth + 1, last)
            entries[first], entries[nth] = entries[nth], entries[first]
            return
        depth -= 1
        cut = _partition(entries, first, last)
        if cut <= nth:
            first = cut
        else:
            last = cut
    _insertion_sort(entries, first, last)


def _sort(entries: list[Entry], last: int) -> None:
    if last:
        _sort_loop(entries, 0, last, _depth_limit(last))
        _insertion_sort(entries, 0, min(last, _SMALL_SORT))
        for place in range(_SMALL_SORT, last):
            _insert(entries, 0, place)


def _sort_loop(entries: list[Entry], first: int, last: int, depth: int) -> None:
    while last - first > _SMALL_SORT:
        if depth == 0:
            _partial_sort(entries, first, last, last)
            return
        depth -= 1
        cut = _partition(entries, first, last)
        _sort_loop(entries, cut, last, depth)
        last = cut


# Where equal values make the index a matter of torch's steps; only in `mode_place` some may be nan.


def smallest(values: Sequence[float], k: int) -> list[int]:
    """Return the indices of the k smallest values, smallest first, as torch's top-k."""
    return largest([-value for value in values], k)


def sorted_order(values: Sequence[float], descending: bool) -> list[int]:
    """Return the indices in the order that torch's `sort` without `stable` leaves them."""
    entries = [(value, i) for i, value in enumerate(values)] if descending else _ascending(values)
    _sort(entries, len(entries))
    return [index for _, index in entries]


class _Unordered:
    """A number that no other is less than, greater than, or equal to."""

    def __float__(self) -> float:
        return 0.0

    def __neg__(self) -> _Unordered:
        return self

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __eq__ = __lt__


_UNORDERED: Any = _Unordered()


def mode_place(values: Sequence[float]) -> int:
    """Return the index that torch's `mode` names: of the most frequent, then smallest, value.

    Torch sorts by ``<`` alone, which leaves a nan wherever its sort happens to.
    """
    entries = _ascending([_UNORDERED if value != value else value for value in values])
    _sort(entries, len(entries))
    best = run = place = 0
    for position, (value, index) in enumerate(entries):
        run += 1
        if position + 1 == len(entries) or entries[position + 1][0] != value:
            if run > best:
                best, place = run, index
            run = 0
    return place


def kth_place(values: Sequence[float], k: int) -> int:
    """Return the index of the k-th smallest value (from 0) that torch's `kthvalue` names.

    Quickselect with the median of three as pivot, as in Numerical Recipes, section 8.5.
    """
    entries = list(enumerate(values))

    def swap(a: int, b: int) -> None:
        entries[a], entries[b] = entries[b], entries[a]

    left, right = 0, len(entries) - 1
    while right > left + 1:
        swap(left + (right - left) // 2, left + 1)
        for low, high in ((left + 1, right), (left, right), (left + 1, left)):
            if entries[low][1] > entries[high][1]:
                swap(low, high)
        i, j, pivot = left + 1, right, entries[left][1]
        while True:
            i += 1
            while pivot > entries[i][1]:
                i += 1
            j -= 1
            while entries[j][1] > pivot:
                j -= 1
            if j < i:
                break
            swap(i, j)
        swap(left, j)
        if j <= k:
            left = i
        if j >= k:
            right = j - 1
    if right == left + 1 and entries[left][1] > entries[right][1]:
        swap(left, right)
    return entries[k][0]


def nan_place(count: int) -> int:
    """Return the index that torch's `nanmedian` names among so many values that are all nan."""
    entries = [(0.0, index) for index in range(count)]
    _nth_element(entries, 0)
    return entries[0][1]


def _ascending(values: Sequence[float]) -> list[Entry]:
    return [(-value, index) for index, value in enumerate(values)]
