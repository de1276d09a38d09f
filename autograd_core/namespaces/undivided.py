"""What torch composes of other ops, but never takes apart under ``vmap``: a table of names.

Each runs once for each member of a batch, with a warning; one that takes a list of tensors, or
gives a view, is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..batching import NO_FALLBACK, NO_VIEWS, member_by_member, refuse_undivided
from ..tensor import Tensor


def _by_second(name: str, tensor: str, other: str) -> Callable[..., str]:
    """Return what names the overload of a call by its second argument."""

    def named(first: Any, second: Any = None, *_: Any, **__: Any) -> str:
        return f"{name}{tensor if isinstance(second, Tensor) else other}"

    return named


def _clip_(input: Any, min: Any = None, max: Any = None) -> str:
    return f"clip_{'.Tensor' * (isinstance(min, Tensor) or isinstance(max, Tensor))}"


def _ctc_loss(log_probs: Any, targets: Any, input_lengths: Any, *_: Any, **__: Any) -> str:
    return f"ctc_loss.{'Tensor' if isinstance(input_lengths, Tensor) else 'IntList'}"


def _cond(input: Any, p: Any = None) -> str | None:
    return "linalg_cond.p_str" if isinstance(p, str) else None


def _matrix_rank(input: Any, tol: Any = None, *_: Any, **__: Any) -> str | None:
    if tol is None:
        return None
    return f"linalg_matrix_rank{'.tol_tensor' * isinstance(tol, Tensor)}"


def _pinv(input: Any, rcond: Any = None, *_: Any, **__: Any) -> str | None:
    return "linalg_pinv.rcond_tensor" if isinstance(rcond, Tensor) else None


Name = str | Callable[..., str | None]

WHOLE: dict[str, dict[str, Name]] = {
    "": {
        "ctc_loss": _ctc_loss,
        "diagflat": "diagflat",
        "gru_cell": "gru_cell",
        "isclose": "isclose",
        "istft": "istft",
        "kl_div": "kl_div",
        "lu_solve": "lu_solve",
        "margin_ranking_loss": "margin_ranking_loss",
        "native_channel_shuffle": "native_channel_shuffle",
        "pdist": "pdist",
        "rnn_relu_cell": "rnn_relu_cell",
        "rnn_tanh_cell": "rnn_tanh_cell",
        "stft": "stft",
        "triplet_margin_loss": "triplet_margin_loss",
    },
    "nn.functional": {
        "bilinear": "bilinear",
        "margin_ranking_loss": "margin_ranking_loss",
        "multilabel_margin_loss": "multilabel_margin_loss",
        "native_channel_shuffle": "native_channel_shuffle",
        "pdist": "pdist",
        "triplet_margin_loss": "triplet_margin_loss",
    },
    "fft": {"ihfft2": "fft_ihfft2", "ihfftn": "fft_ihfftn"},
    "linalg": {
        "cond": _cond,
        "matrix_rank": _matrix_rank,
        "pinv": _pinv,
        "tensorsolve": "linalg_tensorsolve",
    },
}
"""By namespace and public name: torch's name of the op."""

_COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "not_equal")

WHOLE_INPLACE: dict[str, Name] = {
    "clip_": _clip_,
    "fix_": "fix_",
    "negative_": "negative_",
    "subtract_": _by_second("subtract_", ".Tensor", ".Tensor"),
    **{f"{name}_": _by_second(f"{name}_", ".Tensor", ".Scalar") for name in _COMPARISONS},
}
"""Likewise of methods that write to their tensor."""

REFUSED: dict[str, Callable[..., str | None]] = {
    "column_stack": lambda *_, **__: NO_FALLBACK.format("column_stack"),
    "lstm_cell": lambda *_, **__: NO_FALLBACK.format("lstm_cell"),
    "moveaxis": lambda input, source, *_, **__: (
        NO_VIEWS.format("moveaxis.int") if isinstance(source, int) else None
    ),
}
"""By public name: torch's refusal, if the arguments have one."""


def _refusing(function: Callable[..., Any], text_of: Callable[..., str | None]) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        text = text_of(*args, **kwargs)
        if text is not None:
            refuse_undivided(args, text)
        return function(*args, **kwargs)

    return wrapper


def undivided_form(under: str, name: str) -> Callable[[Callable[..., Any]], Any] | None:
    """Return what makes a function of these tables undivided; methods are those of namespace ""."""
    if not under and name in WHOLE_INPLACE:
        return member_by_member(WHOLE_INPLACE[name], inplace=True)
    if not under and name in REFUSED:
        return functools.partial(_refusing, text_of=REFUSED[name])
    whole = WHOLE.get(under, {}).get(name)
    return None if whole is None else member_by_member(whole)
