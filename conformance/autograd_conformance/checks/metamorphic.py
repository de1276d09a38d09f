"""Does a case agree with itself under another mode or spelling? No oracle is needed for that.

The same call is made under ``no_grad`` and ``inference_mode``, in a checkpoint, with saved-tensor
hooks, in anomaly mode, as a ``vmap`` over a batch of one and in place: it must give the same
values, and where it may be differentiated the same gradients. Those that a backward from a number
leaves in the leaves must be the same, too. Where a relation is broken torch is asked: one that
torch does not keep for the case either is none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from autograd_conformance.arrays import Array, same_or_nan
from autograd_conformance.cases import Mismatch, OracleError, Outcome, Status, Unsupported
from autograd_conformance.judging import compare
from autograd_conformance.observation import Observation, flatten
from autograd_conformance.oracles import Oracle
from autograd_conformance.subjects import is_missing
from autograd_conformance.transfer import read

Function = Callable[..., Any]


def _plainly(library: Any, function: Function, first: Any, args: Any, kwargs: Any) -> Any:
    return function(first, *args, **kwargs)


def _checkpointed(library: Any, function: Function, first: Any, args: Any, kwargs: Any) -> Any:
    checkpoint = library.utils.checkpoint.checkpoint
    return checkpoint(function, first, *args, use_reentrant=False, **kwargs)


def _batched(library: Any, function: Function, first: Any, args: Any, kwargs: Any) -> Any:
    """Over a batch of one; the batch is taken off the results."""

    def of_one(member: Any) -> Any:
        return function(member, *args, **kwargs)

    batch = library.func.vmap(of_one, randomness="same")(first.unsqueeze(0))
    return _without_batch(batch, library)


def _without_batch(value: Any, library: Any) -> Any:
    if isinstance(value, library.Tensor):
        return value[0]
    if isinstance(value, tuple | list):
        return tuple(_without_batch(member, library) for member in value)
    return value


@dataclass(frozen=True)
class Mode:
    """A way to make the same call.

    Attributes:
        context: the block it is made in, and differentiated in.
        call: how it is made.
        gradients: whether it may be differentiated.
        accumulates: whether the gradients are what a backward from a number accumulates.
        exact: whether every bit must be the same; otherwise torch's budgets hold.
        form: the spelling.
    """

    context: Callable[[Any], AbstractContextManager[Any]] = lambda library: nullcontext()
    call: Callable[..., Any] = _plainly
    gradients: bool = True
    accumulates: bool = False
    exact: bool = True
    form: str = "function"


#: How often a case whose bits differ in a mode is run again, to see whether it has any of its own.
TIMES = 8
MODES: dict[str, Mode] = {
    # What need not be saved may be computed otherwise: singular values without the vectors.
    "no_grad": Mode(lambda library: library.no_grad(), gradients=False, exact=False),
    "inference_mode": Mode(lambda library: library.inference_mode(), gradients=False, exact=False),
    # What is saved may lie otherwise in memory, where a library may round otherwise.
    "checkpoint": Mode(call=_checkpointed, exact=False),
    "saved_tensors_hooks": Mode(
        lambda library: library.autograd.graph.saved_tensors_hooks(
            lambda tensor: tensor.detach().clone(), lambda packed: packed
        ),
        exact=False,
    ),
    "anomaly_mode": Mode(lambda library: library.autograd.detect_anomaly(check_nan=False)),
    "backward": Mode(accumulates=True, exact=False),
    "vmap": Mode(call=_batched, gradients=False, exact=False),
    "in_place": Mode(exact=False, form="inplace"),
}


class _InMode(Observation):
    """The case of another observation, in a mode."""

    def __init__(self, plain: Observation, mode: Mode) -> None:
        super().__init__(
            plain.subject,
            plain.entry,
            plain.sample,
            mode.form,
            plain.seed,
            computing=lambda: mode.context(plain.subject.module),
        )
        self._mode = mode

    def _run(self, first: Any, args: Any, kwargs: Any) -> Any:
        function = self.entry.callable(self.form, self.subject)
        self.subject.seed(self.seed)
        with self._computing():
            return self._mode.call(self.subject.module, function, first, args, kwargs)

    def outputs(self) -> list[Array]:
        """The values of a call that is not differentiated: its results have no facts."""

        def body() -> list[Array]:
            _, first, args, kwargs = self._build(requires_grad=True)
            tensors: list[Any] = []
            flatten(self._run(first, args, kwargs), self.subject, tensors, [])
            return [read(tensor, self.subject) for tensor in tensors]

        return self._active(body)

    def _grad(self, outputs: Any, inputs: Any, cotangents: Any, **how: bool) -> Any:
        if not self._mode.accumulates:
            return super()._grad(outputs, inputs, cotangents, **how)
        number = sum(_product(o, c) for o, c in zip(outputs, cotangents, strict=True))
        number.backward()
        return [leaf.grad for leaf in inputs]


def _product(output: Any, cotangent: Any) -> Any:
    """A real number whose gradient by the output is the cotangent."""
    total = (output * cotangent.conj()).sum()
    return total.real if total.is_complex() else total


class _Broken(Exception):
    """A relation that does not hold: what differs, and both answers."""


def _applies(mode: Mode, plain: Observation) -> bool:
    if mode.form != "function":
        return "inplace" in plain.entry.checks(plain.sample.dtype) and plain.entry.applies(
            mode.form, plain.sample
        )
    if mode.call is _batched:
        return plain.entry.applies("method", plain.sample)  # the first argument is a tensor
    return True


def _differentiates(plain: Observation) -> bool:
    """Whether the entry has gradients at the dtype, and the case some."""
    return "gradients" in plain.entry.checks(plain.sample.dtype) and bool(plain.gradients())


def _require(mode: Mode, plain: Observation, oracle: Oracle) -> None:
    """Raise _Broken unless the case agrees with itself in the mode."""
    other = _InMode(plain, mode)
    try:
        values = other.values() if mode.gradients else other.outputs()
        gradients = other.gradients() if mode.gradients and _differentiates(plain) else None
    except Exception as error:  # the plain call went through
        if is_missing(error, plain.subject):
            raise
        raise _Broken(f"raises {type(error).__name__}", str(error)) from error
    if mode.form != "function" and [_kind(v) for v in values] != [_kind(v) for v in plain.values()]:
        return  # the result has to fit into the operand, and is another one
    _same("output", plain.values(), values, mode, oracle, "values", plain)
    if gradients is not None:
        _same("gradient", plain.gradients(), gradients, mode, oracle, "gradients", plain)


def _is_steady(
    mode: Mode, plain: Observation, quantity: str, one: Array, two: Array, i: int
) -> bool:
    """Whether a number of a case has the same bits each time, without the mode and in it.

    torch reads memory that nothing was written to now and then: `lstsq` with the driver "gelsy",
    for the columns that it begins with. What has no bits of its own is held to its budget.
    """
    parts = (plain.subject, plain.entry, plain.sample, plain.form, plain.seed)
    for _ in range(TIMES):
        for before, again in ((one, Observation(*parts)), (two, _InMode(plain, mode))):
            after = getattr(again, quantity)()[i]
            if after is None or not same_or_nan(before, after):
                return False
    return True


def _kind(array: Array) -> tuple[str, tuple[int, ...]]:
    return array.dtype, array.shape


def _same(
    what: str,
    plain: Any,
    other: Any,
    mode: Mode,
    oracle: Oracle,
    quantity: str,
    case: Observation,
) -> None:
    if len(plain) != len(other):
        raise _Broken(f"number of {what}s differs", f"plain {len(plain)}, got {len(other)}")
    for i, (one, two) in enumerate(zip(plain, other, strict=True)):
        name = f"{what} {i}"
        if one is None or two is None:
            if one is not two:
                raise _Broken(f"{name}: None differs", f"plain {one}, got {two}")
        elif _kind(one) != _kind(two):
            raise _Broken(f"{name}: dtype or shape differs", f"{_kind(one)}, got {_kind(two)}")
        elif not same_or_nan(one, two):
            if mode.exact and _is_steady(mode, case, quantity, one, two, i):
                raise _Broken(f"{name}: values differ", f"plain {one.tolist()}, got {two.tolist()}")
            try:
                expected = getattr(oracle.expected, quantity)()[i]
                compare(name, expected, two, oracle, quantity, i)
            except Mismatch as difference:
                raise _Broken(difference.message, difference.detail) from difference


def _is_kept_by_torch(mode: Mode, oracle: Oracle, refused: bool) -> bool:
    """Whether torch's own answer keeps the relation.

    Goldens cannot tell, but they hold no call that torch refuses, and budgets of the plain spelling
    alone: there a relation counts unless it is refused, or is one to another spelling.
    """
    if not isinstance(oracle.expected, Observation):
        return not refused and mode.form == "function"
    try:
        _require(mode, oracle.expected, oracle)
    except Exception:  # refused, or broken: in any case not kept
        return False
    return True


def check(oracle: Oracle, actual: Observation) -> Outcome:
    actual.values()
    _differentiates(actual)  # before the modes' calls, as these could have an effect
    asked = 0
    for name, mode in MODES.items():
        if not _applies(mode, actual):
            continue
        try:
            _require(mode, actual, oracle)
        except _Broken as broken:
            message, detail = broken.args
            if _is_kept_by_torch(mode, oracle, message.startswith("raises")):
                raise Mismatch(f"{name}: {message}", str(detail)) from broken
        except (OracleError, Unsupported):
            continue
        else:
            asked += 1
    if not asked:
        return Outcome(
            Status.BLIND, "blind: no mode applies", reason="torch keeps no relation here"
        )
    return Outcome()
