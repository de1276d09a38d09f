"""The derived loss of connectionist temporal classification, over batches and labels at once.

Source: A. Graves et al., "Connectionist Temporal Classification" (ICML 2006), in logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..dtypes import bool_, int64

Array = Any


def spelled(
    flat: Sequence[int], shape: Sequence[int], target_lengths: Sequence[int], blank: int
) -> list[list[int]]:
    """Return each member's labels with blanks between, before and after, padded with blanks.

    Args:
        flat: the targets' elements in order.
        shape: their shape, (N, S), or (the sum of the lengths) for one after the other.
        target_lengths: how many of them each member has.
        blank: the label of no target.
    """
    width = 2 * max(target_lengths, default=0) + 1
    rows, position = [], 0
    for member, length in enumerate(target_lengths):
        begin = member * shape[1] if len(shape) > 1 else position
        row = [blank] * width
        row[1 : 2 * length : 2] = flat[begin : begin + length]
        rows.append(row)
        position += length
    return rows


class CtcLossDefaults:
    """The derived loss of sequences of the backend contract."""

    def ctc_loss(
        self: Any,
        log_probs: Array,
        targets: Array,
        input_lengths: Sequence[int],
        target_lengths: Sequence[int],
        blank: int,
        zero_infinity: bool,
    ) -> tuple[Array, Array]:
        """Minus the logarithm of the probability of the targets, summed over all alignments.

        Args:
            log_probs: logarithms of the labels' probabilities (T, N, C).
            targets: labels (N, S), or those of all members one after the other.
            input_lengths: how many of the T steps each member has.
            target_lengths: how many targets each member has.
            blank: the label of no target.
            zero_infinity: enters the gradient only.

        Returns:
            The losses (N); the logarithms of the probabilities of all beginnings (N, T, 2S + 1).
        """
        labels, skips, valid = self._ctc_labels(targets, target_lengths, blank)
        scores = self._ctc_scores(log_probs, labels, valid)
        steps, width = log_probs.shape[0], labels.shape[1]
        low = self.scalar_like(log_probs, -math.inf)
        begins = self.lt(self._ctc_positions(labels), self.scalar_like(labels, 2))
        begins = self.expand(begins, tuple(labels.shape))
        entries = [0 if used else steps for used in input_lengths]
        alpha = self.ctc_paths(scores, skips, begins, entries)
        log_alpha = self.contiguous(self.permute(alpha, (1, 0, 2)))
        ends = [
            [max(used - 1, 0) * width + max(2 * length - k, 0) for k in (0, 1)]
            for used, length in zip(input_lengths, target_lengths, strict=True)
        ]
        members = len(ends)
        index = self.from_flat([i for pair in ends for i in pair], (members, 2), int64)
        last = self.gather(self.reshape(log_alpha, (members, steps * width)), 1, index)
        alone = [[False, length == 0] for length in target_lengths]
        mask = self.from_flat([flag for pair in alone for flag in pair], (members, 2), bool_)
        loss = self.neg(self.logsumexp(self.where(mask, low, last), (1,), False))
        unused = [not used for used in input_lengths]
        if any(unused):
            values = [-0.0 if length == 0 else math.inf for length in target_lengths]
            dtype = self.dtype(log_probs)
            loss = self.where(
                self.from_flat(unused, (members,), bool_),
                self.from_flat(values, (members,), dtype),
                loss,
            )
        return loss, log_alpha

    def ctc_loss_backward(
        self: Any,
        grad: Array,
        log_probs: Array,
        targets: Array,
        input_lengths: Sequence[int],
        target_lengths: Sequence[int],
        neg_log_likelihood: Array,
        log_alpha: Array,
        blank: int,
        zero_infinity: bool,
    ) -> Array:
        """The gradient of log_probs (T, N, C), as if they came from a softmax."""
        labels, skips, valid = self._ctc_labels(targets, target_lengths, blank)
        scores = self._ctc_scores(log_probs, labels, valid)
        steps, members = log_probs.shape[0], log_probs.shape[1]
        ends = self.from_flat([2 * n for n in target_lengths], (members, 1), int64)
        low = self.scalar_like(log_probs, -math.inf)
        final = self.ge(self._ctc_positions(labels), self.sub(ends, self.scalar_like(ends, 1)))
        # Backwards in time and along the labels the paths are those of the forward direction.
        beta = self.ctc_paths(
            self.flip(scores, (0, 2)),
            self.flip(self._ctc_two_before(skips), (1,)),
            self.flip(final, (1,)),
            [steps - used for used in input_lengths],
        )
        beta = self.flip(beta, (0, 2))
        through = self.add(self.permute(log_alpha, (1, 0, 2)), beta)
        loss = self.reshape(neg_log_likelihood, (1, members, 1))
        missing = self.eq(through, low)
        share = self.exp(self.sub(self.add(through, loss), scores))
        share = self.where(missing, self.scalar_like(share, 0), share)
        lost = self.logical_or(self.eq(log_probs, low), self.eq(loss, self.neg(low)))
        base = self.where(lost, self.scalar_like(log_probs, math.nan), self.exp(log_probs))
        index = self.expand(self.unsqueeze(labels, 0), tuple(scores.shape))
        slope = self.scatter_add(base, 2, index, self.neg(share))
        slope = self.mul(slope, self.reshape(grad, (1, members, 1)))
        used = self.from_flat(list(input_lengths), (1, members, 1), int64)
        time = self.reshape(self.arange(0, 1, steps, int64), (steps, 1, 1))
        counts = self.lt(time, used)
        if zero_infinity:
            counts = self.logical_and(counts, self.ne(loss, self.neg(low)))
        return self.where(counts, slope, self.scalar_like(slope, 0))

    def _ctc_labels(
        self: Any, targets: Array, target_lengths: Sequence[int], blank: int
    ) -> tuple[Array, Array, Array]:
        """Labels with blanks around, where a path skips the one before, and what is no padding.

        Returns:
            The labels (N, 2S + 1); where one differs from that two before; where there is one.
        """
        rows = spelled(self.to_flat(targets), targets.shape, target_lengths, blank)
        width = len(rows[0])
        shape = (len(rows), width)
        skips = [k > 1 and row[k] != row[k - 2] for row in rows for k in range(width)]
        valid = [k <= 2 * length for length in target_lengths for k in range(width)]
        return (
            self.from_flat([label for row in rows for label in row], shape, int64),
            self.from_flat(skips, shape, bool_),
            self.from_flat(valid, shape, bool_),
        )

    def _ctc_scores(self: Any, log_probs: Array, labels: Array, valid: Array) -> Array:
        """The labels' logarithms at every step, (T, N, 2S + 1), -inf where there is none."""
        shape = (log_probs.shape[0], *labels.shape)
        scores = self.gather(log_probs, 2, self.expand(self.unsqueeze(labels, 0), shape))
        return self.where(valid, scores, self.scalar_like(scores, -math.inf))

    def _ctc_positions(self: Any, labels: Array) -> Array:
        """0, 1, 2 ... along the labels, (1, 2S + 1)."""
        return self.reshape(self.arange(0, 1, labels.shape[1], int64), (1, labels.shape[1]))

    def _ctc_two_before(self: Any, skips: Array) -> Array:
        """Where a path that runs backwards skips: the places two labels before."""
        count, width = skips.shape
        edge = self.full((count, min(2, width)), False, bool_)
        return self.cat([self.slice(skips, 1, min(2, width), width, 1), edge], 1)

    def ctc_paths(
        self: Any, scores: Array, skips: Array, begins: Array, entries: Sequence[int]
    ) -> Array:
        """The logarithms of the sums, over all paths up to a label at a step, of probabilities.

        Args:
            scores: the logarithms of the labels' probabilities, (T, N, L).
            skips: where a path may come from two labels before, (N, L).
            begins: where a path may begin, (N, L).
            entries: the step at which the paths of each member begin.

        Returns:
            An array as ``scores``; -inf where no path leads to.
        """
        steps, members, width = scores.shape
        low = self.scalar_like(scores, -math.inf)
        paths: list[Array] = []
        for step in range(steps):
            score = self.select(scores, 0, step)
            reached = self._ctc_step(paths[-1], skips) if paths else low
            now = [entry == step for entry in entries]
            if any(now):
                entering = self.from_flat(now, (members, 1), bool_)
                zero = self.scalar_like(scores, 0)
                reached = self.where(entering, self.where(begins, zero, low), reached)
            paths.append(self.add(self.expand(reached, (members, width)), score))
        return self.stack(paths, 0)

    def _ctc_step(self: Any, last: Array, skips: Array) -> Array:
        """The logarithm of the sum over the three labels that a path may come from."""
        low = self.scalar_like(last, -math.inf)
        count, width = last.shape
        ways = [last]
        for by in (1, 2):
            edge = self.full((count, min(by, width)), -math.inf, self.dtype(last))
            ways.append(self.cat([edge, self.slice(last, 1, 0, max(width - by, 0), 1)], 1))
        ways[2] = self.where(skips, ways[2], low)
        largest = self.maximum(self.maximum(ways[0], ways[1]), ways[2])
        largest = self.where(self.eq(largest, low), self.scalar_like(largest, 0), largest)
        parts = [self.exp(self.sub(way, largest)) for way in ways]
        return self.add(self.log(self.add(self.add(parts[0], parts[1]), parts[2])), largest)
