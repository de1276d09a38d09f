"""L-BFGS: Newton's direction from the last steps, and the line search of the strong Wolfe rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..engine.modes import enable_grad, no_grad
from ..namespaces.complex_numbers import view_as_real
from ..namespaces.joining import cat
from ..tensor import contiguous_format
from .optimizer import Optimizer, number
from .per_parameter import check_rate


class LBFGS(Optimizer):
    """Minimizes a function that ``step`` evaluates as often as it needs to (Nocedal).

    All parameters are one vector: there is one group.

    Args:
        max_iter: iterations of a step.
        max_eval: evaluations of a step; 5/4 of the iterations if None.
        tolerance_grad: stop where no element of the gradient is larger.
        tolerance_change: stop where loss or parameters change less.
        history_size: how many steps the direction is made of.
        line_search_fn: ``"strong_wolfe"``, or None to take the rate as it is.

    Raises:
        ValueError: an option is out of range, or there are several groups.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_rate(lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        self._params = self.param_groups[0]["params"]

    def _gradient(self) -> Any:
        """Return the gradients of all parameters as one vector."""
        views = []
        for param in self._params:
            grad = param.new_zeros(param.numel()) if param.grad is None else param.grad.view(-1)
            views.append(view_as_real(grad).view(-1) if grad.is_complex() else grad)
        return cat(views, 0)

    def _move(self, length: Any, direction: Any) -> None:
        """Add a multiple of a vector to the parameters."""
        start = 0
        for param in self._params:
            real = view_as_real(param) if param.is_complex() else param
            count = real.numel()
            real.add_(direction[start : start + count].view_as(real), alpha=number(length))
            start += count

    @no_grad()
    def step(self, closure: Any) -> Any:  # type: ignore[override]
        """Take a step; return the loss that ``closure`` computed first.

        Args:
            closure: computes the loss and the gradients anew.
        """
        closure = enable_grad()(closure)
        group = self.param_groups[0]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = closure()
        loss, evaluations = float(number(first_loss)), 1
        state["func_evals"] += 1
        gradient = self._gradient()
        if gradient.abs().max() <= group["tolerance_grad"]:
            return first_loss
        direction, length = state.get("d"), state.get("t")
        before, loss_before = state.get("prev_flat_grad"), state.get("prev_loss")
        lr = number(group["lr"])
        iterations = 0
        while iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                direction = gradient.neg()
                state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            else:
                _remember(state, gradient.sub(before), direction.mul(length), group["history_size"])
                direction = _direction(state, gradient, group["history_size"])
            if before is None:
                before = gradient.clone(memory_format=contiguous_format)
            else:
                before.copy_(gradient)
            loss_before = loss
            length = min(1.0, 1.0 / gradient.abs().sum()) * lr if state["n_iter"] == 1 else lr
            slope = gradient.dot(direction)
            if slope > -group["tolerance_change"]:
                break
            search = group["line_search_fn"]
            spent = 0
            if search is not None:
                if search != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                found, spent = _searched(
                    self._evaluation(closure, direction),
                    _Point(0, loss, gradient, slope),
                    length,
                    direction,
                    group["max_eval"] - evaluations,
                )
                length, loss, gradient = found.at, found.loss, found.gradient
                self._move(length, direction)
            else:
                self._move(length, direction)
                if iterations != group["max_iter"]:
                    loss, gradient, spent = float(number(closure())), self._gradient(), 1
            evaluations += spent
            state["func_evals"] += spent
            if (
                iterations == group["max_iter"]
                or evaluations >= group["max_eval"]
                or gradient.abs().max() <= group["tolerance_grad"]
                or direction.mul(length).abs().max() <= group["tolerance_change"]
                or abs(loss - loss_before) < group["tolerance_change"]
            ):
                break
        kept = {name: state.pop(name) for name in ("old_dirs", "old_stps", "ro", "H_diag")}
        state.update(d=direction, t=length, **kept, prev_flat_grad=before, prev_loss=loss_before)
        return first_loss

    def _evaluation(self, closure: Any, direction: Any) -> Callable[[Any], _Point]:
        """Return the function of how far to go along a direction; parameters stay as they are."""
        here = [param.clone(memory_format=contiguous_format) for param in self._params]

        def evaluate(length: Any) -> _Point:
            self._move(length, direction)
            loss, gradient = float(number(closure())), self._gradient()
            for param, value in zip(self._params, here, strict=True):
                param.copy_(value)
            return _Point(length, loss, gradient, gradient.dot(direction))

        return evaluate


def _remember(state: dict[str, Any], turn: Any, step: Any, size: int) -> None:
    """Add how a step has changed the gradient to the memory, if it curves upwards."""
    curvature = turn.dot(step)
    if not curvature > 1e-10:
        return
    memories = (state["old_dirs"], state["old_stps"], state["ro"])
    for memory, value in zip(memories, (turn, step, 1.0 / curvature), strict=True):
        if len(memory) == size:
            memory.pop(0)
        memory.append(value)
    state["H_diag"] = curvature / turn.dot(turn)


def _direction(state: dict[str, Any], gradient: Any, size: int) -> Any:
    """Return minus the inverse Hessian, as far as the memory tells it, times the gradient."""
    turns, steps, scales = state["old_dirs"], state["old_stps"], state["ro"]
    taken = state.setdefault("al", [None] * size)
    direction = gradient.neg()
    for i in range(len(turns) - 1, -1, -1):
        taken[i] = steps[i].dot(direction) * scales[i]
        direction.add_(turns[i], alpha=number(-taken[i]))
    direction = direction.mul(state["H_diag"])
    for i, turn in enumerate(turns):
        back = turn.dot(direction) * scales[i]
        direction.add_(steps[i], alpha=number(taken[i] - back))
    return direction


class _Point(NamedTuple):
    """A place along a direction: how far, and loss, gradient and slope there."""

    at: Any
    loss: float
    gradient: Any
    slope: Any


def _searched(
    evaluate: Callable[[Any], _Point], start: _Point, length: Any, direction: Any, most: int
) -> tuple[_Point, int]:
    """Return a point at which the strong Wolfe rules hold, and how many were evaluated.

    That is: the loss has fallen by a part of what the slope promised, and the slope is flatter.
    """
    fall, flatter, smallest = 1e-4, 0.9, 1e-9
    extent = direction.abs().max()

    def falls(point: _Point) -> bool:
        return bool(point.loss <= start.loss + fall * point.at * start.slope)

    def is_flat(point: _Point) -> bool:
        return bool(abs(point.slope) <= -flatter * start.slope)

    before, point = start, evaluate(length)
    evaluations, rounds = 1, 0
    bracket: list[_Point] = []
    while rounds < most:  # go further until a minimum is between the last two points
        if not falls(point) or (rounds > 1 and point.loss >= before.loss):
            bracket = [before, point]
            break
        if is_flat(point):
            return point, evaluations
        if point.slope >= 0:
            bracket = [before, point]
            break
        nearest, furthest = point.at + 0.01 * (point.at - before.at), point.at * 10
        length = _lowest(before, point, nearest, furthest)
        before, point = point, evaluate(length)
        evaluations += 1
        rounds += 1
    if rounds == most:
        bracket = [start, point]
    low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
    stuck = False
    while rounds < most:  # narrow the two down
        first, second = bracket
        if abs(second.at - first.at) * extent < smallest:
            break
        near, far = min(first.at, second.at), max(first.at, second.at)
        length = _lowest(first, second, near, far)
        margin = 0.1 * (far - near)
        if min(far - length, length - near) < margin:
            if stuck or length >= far or length <= near:
                length = far - margin if abs(length - far) < abs(length - near) else near + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        point = evaluate(length)
        evaluations += 1
        rounds += 1
        if not falls(point) or point.loss >= bracket[low].loss:
            bracket[high] = point
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
            continue
        done = is_flat(point)
        if not done and point.slope * (bracket[high].at - bracket[low].at) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = point
        if done:
            break
    return bracket[low], evaluations


def _lowest(one: _Point, two: _Point, nearest: Any, furthest: Any) -> Any:
    """Return where the cubic through two points with their slopes is lowest, within bounds."""
    turn = one.slope + two.slope - 3 * (one.loss - two.loss) / (one.at - two.at)
    square = turn**2 - one.slope * two.slope
    if not square >= 0:
        return (nearest + furthest) / 2.0
    root = square.sqrt()
    left, right = (one, two) if one.at <= two.at else (two, one)
    share = (right.slope + root - turn) / (right.slope - left.slope + 2 * root)
    return min(max(right.at - (right.at - left.at) * share, nearest), furthest)
