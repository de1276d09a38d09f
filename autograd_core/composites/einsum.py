"""einsum: labels of dims, and the contraction of operands pair by pair as torch does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .. import ops
from ..dtypes import int64
from ..sizes import numel
from ..tensor import Tensor

ELLIPSIS = "..."
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def from_sublists(args: Sequence[Any]) -> tuple[str, list[Tensor]]:
    """Return the equation and operands of the form ``op1, [0, 1], op2, [1, 2], ..., [out]``.

    Raises:
        ValueError: a subscript is no int in [0, 52) and no Ellipsis (torch's text).
    """
    operands = list(args[0::2]) if len(args) % 2 == 0 else list(args[0:-1:2])
    equation = ",".join("".join(_label(s) for s in sublist) for sublist in args[1::2])
    if len(args) % 2:
        equation += "->" + "".join(_label(s) for s in args[-1])
    return equation, operands


def _label(subscript: Any) -> str:
    if subscript is Ellipsis:
        return ELLIPSIS
    if 0 <= subscript < 26:
        return chr(ord("A") + subscript)
    if 26 <= subscript < 52:
        return chr(ord("a") + subscript - 26)
    raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")


def _input_labels(lhs: str, count: int) -> list[list[str]]:
    """Return the labels of each operand.

    Raises:
        RuntimeError: the left side is not well formed (torch's text).
    """
    labels: list[list[str]] = [[] for _ in range(count)]
    operand, found, k = 0, False, 0
    while k < len(lhs):
        character = lhs[k]
        if character == ".":
            if found:
                raise RuntimeError(
                    f"einsum(): found '.' for operand {operand} for which an ellipsis was already "
                    "found"
                )
            if lhs[k : k + 3] != ELLIPSIS:
                raise RuntimeError(
                    f"einsum(): found '.' for operand {operand} that is not part of any ellipsis"
                )
            labels[operand].append(ELLIPSIS)
            found = True
            k += 2
        elif character == ",":
            operand += 1
            if operand >= count:
                raise RuntimeError(
                    "einsum(): fewer operands were provided than specified in the equation"
                )
            found = False
        elif character != " ":
            if character not in LABELS:
                raise RuntimeError(
                    f"einsum(): invalid subscript given at index {k} in the equation string, "
                    "subscripts must be in [a-zA-Z]"
                )
            labels[operand].append(character)
        k += 1
    if operand != count - 1:
        raise RuntimeError("einsum(): more operands were provided than specified in the equation")
    return labels


def _ellipsis_rank(labels: list[list[str]], operands: Sequence[Tensor]) -> int:
    """Return the number of dims the widest ellipsis covers; refuse ranks that do not fit."""
    widest = 0
    for k, (own, operand) in enumerate(zip(labels, operands, strict=True)):
        rank, named = operand.ndim, len(own)
        if ELLIPSIS in own:
            named -= 1
            if named > rank:
                raise RuntimeError(
                    f"einsum(): the number of subscripts in the equation ({named}) is more than "
                    f"the number of dimensions ({rank}) for operand {k}"
                )
            widest = max(widest, rank - named)
        elif named != rank:
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({named}) does not match the "
                f"number of dimensions ({rank}) for operand {k} and no ellipsis was given"
            )
    return widest


class _Plan:
    """Where each label goes: output dims first, then the ellipsis if summed, then summed labels."""

    def __init__(self, equation: str, labels: list[list[str]], ellipsis_rank: int) -> None:
        self.place: dict[str, int] = {}
        self.ellipsis = 0
        self.ellipsis_rank = ellipsis_rank
        self.count = 0
        counts = Counter(label for own in labels for label in own if label != ELLIPSIS)
        lhs, arrow, rhs = equation.partition("->")
        in_output = True
        if arrow:
            in_output = self._explicit(rhs, len(lhs) + 2, counts)
        else:
            self.count = ellipsis_rank
            for label in LABELS:
                if counts[label] == 1:
                    self._put(label)
        self.output_rank = self.count
        if not in_output:
            self.ellipsis = self.count
            self.count += ellipsis_rank
        for label in LABELS:
            if counts[label] and label not in self.place:
                self._put(label)

    def _put(self, label: str) -> None:
        self.place[label] = self.count
        self.count += 1

    def _explicit(self, rhs: str, start: int, counts: Counter[str]) -> bool:
        found, k = False, 0
        while k < len(rhs):
            character = rhs[k]
            if character == ".":
                if found:
                    raise RuntimeError(
                        "einsum(): found '.' for output but an ellipsis (...) was already found"
                    )
                if rhs[k : k + 3] != ELLIPSIS:
                    raise RuntimeError(
                        "einsum(): found '.' for output that is not part of any ellipsis (...)"
                    )
                self.ellipsis = self.count
                self.count += self.ellipsis_rank
                found = True
                k += 2
            elif character != " ":
                if character not in LABELS:
                    raise RuntimeError(
                        f"einsum(): invalid subscript given at index {start + k} in the equation "
                        "string, subscripts must be in [a-zA-Z]"
                    )
                if not counts[character] or character in self.place:
                    reason = (
                        "appears more than once in the output"
                        if character in self.place
                        else "does not appear in the equation for any input operand"
                    )
                    raise RuntimeError(f"einsum(): output subscript {character} {reason}")
                self._put(character)
            k += 1
        return found


class _Sizes:
    """The sizes that labels and ellipsis dims were seen with, and how many operands have them."""

    def __init__(self, plan: _Plan) -> None:
        self.of_label: dict[str, int] = {}
        self.of_ellipsis = [1] * plan.ellipsis_rank
        self.uses = [0] * plan.count

    def see_ellipsis(self, at: int, size: int, operand: int, dim: int, place: int) -> None:
        if size == 1:
            return
        seen = self.of_ellipsis[at]
        if seen not in (1, size):
            raise RuntimeError(
                f"einsum(): dimension {dim} covered by ellipsis in operand {operand}has size "
                f"{size} which does not broadcast with previously seen ellipsis with size {seen} "
                "for the respective dimension"
            )
        self.of_ellipsis[at] = size
        self.uses[place] += 1

    def see_label(self, label: str, size: int, operand: int, place: int) -> None:
        if size == 1:
            return
        seen = self.of_label.get(label, 1)
        if seen not in (1, size):
            raise RuntimeError(
                f"einsum(): subscript {label} has size {size} for operand {operand} which does "
                f"not broadcast with previously seen size {seen}"
            )
        self.of_label[label] = size
        self.uses[place] += 1


def _aligned(plan: _Plan, sizes: _Sizes, own: list[str], operand: Tensor, number: int) -> Tensor:
    """Return an operand with its dims at their places, and dims of size 1 at the others."""
    order: list[int] = [-1] * plan.count
    dim = 0
    for label in own:
        if label == ELLIPSIS:
            covered = _covered(own, operand, dim)
            for at in range(plan.ellipsis_rank - covered, plan.ellipsis_rank):
                place = plan.ellipsis + at
                sizes.see_ellipsis(at, operand._array.shape[dim], number, dim, place)
                order[place] = dim
                dim += 1
            continue
        place = plan.place[label]
        size = operand._array.shape[dim]
        if order[place] == -1:
            sizes.see_label(label, size, number, place)
            order[place] = dim
            dim += 1
            continue
        first = order[place]
        if size != operand._array.shape[first]:
            raise RuntimeError(
                f"einsum(): subscript {label} is repeated for operand {number} but the sizes "
                f"don't match, {size} != {operand._array.shape[first]}"
            )
        diagonal = ops.diagonal(operand, 0, first, dim)
        last = diagonal.ndim - 1
        dims = list(range(last))
        dims.insert(first, last)
        operand = ops.permute(diagonal, dims)
    for place, at in enumerate(order):
        if at == -1:
            operand = ops.unsqueeze(operand, dim)
            order[place] = dim
            dim += 1
    return ops.permute(operand, order)


def _covered(own: list[str], operand: Tensor, dim: int) -> int:
    """Return how many dims an ellipsis covers, labels repeated before it being merged already."""
    after = len(own) - own.index(ELLIPSIS) - 1
    return operand.ndim - dim - after


def einsum(equation: str, operands: Sequence[Tensor]) -> Tensor:
    """Return the sum of products that ``equation`` names.

    Raises:
        RuntimeError: the equation is not well formed or the operands do not fit (torch's text).
    """
    if not operands:
        raise RuntimeError("einsum(): must provide at least one operand")
    lhs = equation.partition("->")[0]
    labels = _input_labels(lhs, len(operands))
    plan = _Plan(equation, labels, _ellipsis_rank(labels, operands))
    sizes = _Sizes(plan)
    aligned = [
        _aligned(plan, sizes, own, operand, k)
        for k, (own, operand) in enumerate(zip(labels, operands, strict=True))
    ]
    summed = plan.count - plan.output_rank
    if len(aligned) == 1:
        only = aligned[0]
        dims = tuple(range(plan.output_rank, plan.count))
        return _summed(only, dims, False) if summed else only
    result = aligned.pop(0)
    while aligned:
        result = _contracted(plan, sizes, result, aligned.pop(0))
    if summed:
        result = ops.view(result, tuple(result._array.shape)[: plan.output_rank])
    return result


def _summed(operand: Tensor, dims: Sequence[int], keepdim: bool) -> Tensor:
    """Sum over dims, integers in int64."""
    dtype = None if operand._dtype.is_inexact else int64
    return ops.sum(operand, tuple(dims), keepdim, dtype)


def _contracted(plan: _Plan, sizes: _Sizes, left: Tensor, right: Tensor) -> Tensor:
    """Multiply two operands and sum over the dims that no later operand has."""
    both: list[int] = []
    only_left: list[int] = []
    only_right: list[int] = []
    uses = sizes.uses
    for dim in range(plan.output_rank, plan.count):
        in_left, in_right = left._array.shape[dim] != 1, right._array.shape[dim] != 1
        if in_left and in_right:
            uses[dim] -= 1
            if uses[dim] == 1:
                both.append(dim)
                uses[dim] = 0
        elif uses[dim] == 1 and (in_left or in_right):
            (only_left if in_left else only_right).append(dim)
            uses[dim] = 0
    if only_left:
        left = _summed(left, only_left, True)
    if only_right:
        right = _summed(right, only_right, True)
    return sum_of_products(left, right, both)


def sum_of_products(left: Tensor, right: Tensor, dims: Sequence[int]) -> Tensor:
    """Return the product of two aligned operands summed over ``dims``, kept: one bmm."""
    if not dims:
        return ops.mul(left, right)
    a, b = left._array.shape, right._array.shape
    batch: list[int] = []
    rows: list[int] = []
    columns: list[int] = []
    for dim in range(len(a)):
        if dim in dims:
            continue
        if a[dim] != 1 and b[dim] != 1:
            batch.append(dim)
        elif a[dim] != 1:
            rows.append(dim)
        else:
            columns.append(dim)
    if rows and columns and rows[0] > columns[-1]:
        # The product transposed lies in the order of the dims.
        left, right, rows, columns, a, b = right, left, columns, rows, b, a
    count = numel(a[d] for d in batch)
    inner = numel(a[d] for d in dims)
    left = ops.reshape(
        ops.permute(left, (*batch, *rows, *dims, *columns)),
        (count, numel(a[d] for d in rows), inner),
    )
    right = ops.reshape(
        ops.permute(right, (*batch, *dims, *columns, *rows)),
        (count, inner, numel(b[d] for d in columns)),
    )
    size = [*(a[d] for d in batch), *(a[d] for d in rows), *(1 for _ in dims)]
    size += [b[d] for d in columns]
    back = [0] * len(a)
    for position, dim in enumerate((*batch, *rows, *dims, *columns)):
        back[dim] = position
    product = ops.view(ops.bmm(left, right), tuple(size))
    return ops.permute(product, back)
