"""Derived losses that ask for a margin between scores; ``reduction`` as in ``loss``."""

from __future__ import annotations

from typing import Any

from ..sizes import numel

Array = Any
MEAN, SUM = 1, 2


class MarginLossDefaults:
    """Derived margin losses of the backend contract."""

    def soft_margin_loss(self: Any, input: Array, target: Array, reduction: int) -> Array:
        """log(1 + exp(-input * target)); the target may have another dtype."""
        target = self.cast(target, self.dtype(input))
        return self.reduce_loss(self.log1p(self.exp(self.mul(self.neg(input), target))), reduction)

    def soft_margin_loss_backward(
        self: Any, grad_output: Array, input: Array, target: Array, reduction: int
    ) -> Array:
        """The gradient of input."""
        target = self.cast(target, self.dtype(input))
        power = self.exp(self.mul(self.neg(target), input))
        norm = max(numel(input.shape), 1) if reduction == MEAN else 1
        top = self.mul_scalar(self.mul(target, power), -1.0 / norm)
        slope = self.div(top, self.add_scalar(power, 1))
        return self.mul(slope, grad_output)

    def multi_margin_loss(
        self: Any,
        input: Array,
        target: Array,
        p: float,
        margin: float,
        weight: Array | None,
        reduction: int,
    ) -> Array:
        """Mean over the classes of max(0, margin - x[target] + x) ** p, the target's left out.

        Args:
            input: scores (N, C), (C) or ().
            target: N classes.
            p: 1 or 2.
            margin: how far the target's score must be above the others.
            weight: by class of the target, (C).
            reduction: none gives (N); a 0-d target gives a number.

        Raises:
            RuntimeError: there is no such class (torch's text).
        """
        rows, place = self._class_rows(input, target)
        short = self._margin_shortfall(rows, place, margin)
        loss = self.square(short) if p == 2 else short
        if weight is not None:
            loss = self.mul(loss, self._weight_at(weight, place))
        loss = self.div_scalar(self.sum(loss, (1,)), rows.shape[1])
        if len(target.shape) == 0 and reduction not in (MEAN, SUM):
            return self.reshape(loss, ())
        return self.reduce_loss(loss, reduction)

    def multi_margin_loss_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        target: Array,
        p: float,
        margin: float,
        weight: Array | None,
        reduction: int,
    ) -> Array:
        """The gradient of input."""
        rows, place = self._class_rows(input, target)
        short = self._margin_shortfall(rows, place, margin)
        count = rows.shape[1] * (rows.shape[0] if reduction == MEAN else 1)
        if p == 2:
            slope = self.mul_scalar(short, 2.0 / count)
        else:
            slope = self.where(
                self.gt(short, self.scalar_like(short, 0)),
                self.scalar_like(short, 1.0 / count),
                self.scalar_like(short, 0),
            )
        if weight is not None:
            slope = self.mul(slope, self._weight_at(weight, place))
        slope = self.scatter(slope, 1, place, self.neg(self.sum(slope, (1,), True)))
        if len(grad_output.shape):
            grad_output = self.unsqueeze(grad_output, 1)
        return self.reshape(self.mul(slope, grad_output), tuple(input.shape))

    def _class_rows(self: Any, input: Array, target: Array) -> tuple[Array, Array]:
        """Scores as (N, C) and target classes as (N, 1).

        Raises:
            RuntimeError: there is no such class (torch's text).
        """
        classes = input.shape[-1] if len(input.shape) else 1
        rows = self.reshape(input, (input.shape[0] if len(input.shape) > 1 else 1, classes))
        place = self.reshape(target, (rows.shape[0], 1))
        wrong = self.logical_or(
            self.lt(place, self.scalar_like(place, 0)),
            self.ge(place, self.scalar_like(place, classes)),
        )
        if self.anywhere(wrong):
            raise RuntimeError("target out of range")
        return rows, place

    def _margin_shortfall(self: Any, rows: Array, place: Array, margin: float) -> Array:
        """max(0, margin - x[target] + x) of scores (N, C), 0 at the target."""
        zero = self.scalar_like(rows, 0)
        room = self.sub(self.scalar_like(rows, margin), self.gather(rows, 1, place))
        short = self.add(room, rows)
        short = self.where(self.gt(short, zero), short, zero)
        return self.scatter(short, 1, place, self.full(tuple(place.shape), 0, self.dtype(rows)))

    def _weight_at(self: Any, weight: Array, place: Array) -> Array:
        """The weights of classes (N, 1)."""
        flat = self.reshape(place, (place.shape[0],))
        chosen = self.index_select(self.reshape(weight, (numel(weight.shape),)), 0, flat)
        return self.reshape(chosen, tuple(place.shape))

    def multilabel_margin_loss_forward(
        self: Any, input: Array, target: Array, reduction: int
    ) -> tuple[Array, Array]:
        """Mean over the classes of max(0, 1 - x[t] + x), summed over targets t, and the targets.

        Args:
            input: scores (N, C), (C) or ().
            target: classes in the input's shape; those from the first -1 on do not count.
            reduction: none gives (N), or a number for one row.

        Returns:
            The loss, and 1 where a class is a target, 0 elsewhere, in the target's shape.

        Raises:
            RuntimeError: there is no such class (torch's text).
        """
        rows, place, counts = self._label_rows(input, target)
        zeros = self.full(tuple(rows.shape), 0, self.dtype(rows))
        hits = self.scatter_add(zeros, 1, place, self.cast(counts, self.dtype(rows)))
        is_target = self.cast(self.gt(hits, self.scalar_like(hits, 0)), self.dtype(rows))
        short, violated = self._label_shortfall(rows, place, counts, is_target)
        short = self.where(violated, short, self.scalar_like(short, 0))
        loss = self.div_scalar(self.sum(short, (1, 2)), rows.shape[1])
        if len(input.shape) < 2:
            loss = self.reshape(loss, ())
        return self.reduce_loss(loss, reduction), self.reshape(is_target, tuple(target.shape))

    def multilabel_margin_loss_backward(
        self: Any,
        grad_output: Array,
        input: Array,
        target: Array,
        reduction: int,
        is_target: Array,
    ) -> Array:
        """The gradient of input."""
        rows, place, counts = self._label_rows(input, target)
        is_target = self.reshape(is_target, tuple(rows.shape))
        _, violated = self._label_shortfall(rows, place, counts, is_target)
        share = self.cast(violated, self.dtype(rows))
        slope = self.scatter_add(self.sum(share, (1,)), 1, place, self.neg(self.sum(share, (2,))))
        count = rows.shape[1] * (rows.shape[0] if reduction == MEAN else 1)
        slope = self.mul_scalar(slope, 1.0 / count)
        if len(grad_output.shape):
            grad_output = self.unsqueeze(grad_output, 1)
        return self.reshape(self.mul(slope, grad_output), tuple(input.shape))

    def _label_rows(self: Any, input: Array, target: Array) -> tuple[Array, Array, Array]:
        """Scores (N, C), and T target classes of each row with whether they count, (N, T).

        T is the largest number of targets that a row has.

        Raises:
            RuntimeError: there is no such class (torch's text).
        """
        classes = input.shape[-1] if len(input.shape) else 1
        shape = (input.shape[0] if len(input.shape) > 1 else 1, classes)
        rows, place = self.reshape(input, shape), self.reshape(target, shape)
        wrong = self.logical_or(
            self.lt(place, self.scalar_like(place, -1)),
            self.ge(place, self.scalar_like(place, classes)),
        )
        if self.anywhere(wrong):
            raise RuntimeError("argument #2 'target' is out of range")
        zero = self.scalar_like(place, 0)
        ended = self.cumsum(self.cast(self.lt(place, zero), self.dtype(place)), 1)
        counts = self.eq(ended, zero)
        most = max(self.to_flat(self.sum(self.cast(counts, self.dtype(place)), (1,))), default=0)
        place, counts = (self.slice(array, 1, 0, most, 1) for array in (place, counts))
        return rows, self.where(counts, place, zero), counts

    def _label_shortfall(
        self: Any, rows: Array, place: Array, counts: Array, is_target: Array
    ) -> tuple[Array, Array]:
        """1 - x[t] + x of each target t of a row and each class, and where it counts, (N, T, C)."""
        room = self.sub(self.scalar_like(rows, 1), self.gather(rows, 1, place))
        short = self.add(self.unsqueeze(room, 2), self.unsqueeze(rows, 1))
        zero = self.scalar_like(rows, 0)
        other = self.unsqueeze(self.eq(is_target, zero), 1)
        counted = self.logical_and(self.unsqueeze(counts, 2), other)
        return short, self.logical_and(counted, self.gt(short, zero))
