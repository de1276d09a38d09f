"""How an op is spelled, as text that means the same on every library with torch's API.

A spelling reads ``torch.PATH``, ``Tensor.METHOD``, ``operator.NAME`` or ``own.FUNCTION`` (one of
`own_functions`), with ``seeded`` before it where the call seeds the random stream itself, and
``inplace=True`` behind it where that asks for the in-place form. Here are those of what stands in
OpInfo as a lambda, by entry and form.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from autograd_conformance import own_functions
from autograd_conformance.samples import Callback
from autograd_conformance.subjects import Subject, method_of, operator_of

_F = "torch.nn.functional"
#: What an op that seeds its own random stream seeds it with.
SEED = 42

_METHODS = (
    "contiguous", "sum_to_size", "expand", "expand_as", "to", "reshape_as", "view", "view_as",
    "bfloat16", "double", "float", "half", "chalf", "unfold", "repeat", "to_sparse",
)  # fmt: skip
_IN_PLACE = ("leaky_relu", "elu", "celu", "selu", "silu", "hardsigmoid", "mish", "threshold")
_SEEDED = ("fractional_max_pool2d", "fractional_max_pool3d", "scaled_dot_product_attention",
           "multi_head_attention_forward")  # fmt: skip
_SEEDED_AND_IN_PLACE = {
    "rrelu": "rrelu",
    "dropout": "dropout",
    "dropout2d": "dropout2d",
    "dropout3d": "dropout3d",
    "alpha_dropout": "alpha_dropout",
    "feature_alpha_dropout.with_train": "feature_alpha_dropout",
    "feature_alpha_dropout.without_train": "feature_alpha_dropout",
}
#: Spellings by entry and form, of what has no public path of its own.
OWN = {
    **{(name, "function"): f"Tensor.{name}" for name in _METHODS},
    **{(f"nn.functional.{n}", "inplace"): f"{_F}.{n} inplace=True" for n in _IN_PLACE},
    **{(f"nn.functional.{n}", "function"): f"seeded {_F}.{n}" for n in _SEEDED},
    **{
        (f"nn.functional.{entry}", "function"): f"seeded {_F}.{name}"
        for entry, name in _SEEDED_AND_IN_PLACE.items()
    },
    **{
        (f"nn.functional.{entry}", "inplace"): f"seeded {_F}.{name} inplace=True"
        for entry, name in _SEEDED_AND_IN_PLACE.items()
    },
    **{(f"polygamma.polygamma_n_{n}", "function"): "own.polygamma" for n in range(5)},
    ("special.polygamma.special_polygamma_n_0", "function"): "own.special_polygamma",
    **{(name, "function"): f"own.{name}" for name in ("T", "H", "mT", "mH", "einsum", "where")},
    ("normal", "function"): "seeded torch.normal",
    ("normal.number_mean", "function"): "seeded own.normal_of_std",
    ("bernoulli", "function"): "seeded torch.bernoulli",
    ("bernoulli", "method"): "seeded Tensor.bernoulli",
    ("svd_lowrank", "function"): "seeded own.svd_lowrank",
    ("pca_lowrank", "function"): "seeded own.pca_lowrank",
    ("zero_", "function"): "own.zero_of_clone",
    ("max_pool2d_with_indices_backward", "function"): "own.max_pool2d_backward",
    ("nn.functional.embedding", "function"): "own.embedding",
    ("nn.functional.embedding_bag", "function"): "own.embedding_bag",
    ("linalg.lstsq.grad_oriented", "function"): "own.lstsq_solution",
    ("linalg.pinv.singular", "function"): "own.pinv_of_product",
}


def spoken(spelling: str, subject: Subject) -> Callable[..., Any]:
    """The function that a spelling means on a subject; MissingInSubject if it has none."""
    words = spelling.split()
    seeded = words[0] == "seeded"
    place, _, name = words[seeded].partition(".")
    if place == "torch":
        function: Callable[..., Any] = subject.resolve(name)
    elif place == "Tensor":
        function = method_of(name)
    elif place == "operator":
        function = operator_of(getattr(operator, name))
    else:
        function = functools.partial(getattr(own_functions, name), subject.namespace)
    if words[-1] == "inplace=True":
        function = functools.partial(function, inplace=True)
    if not seeded:
        return function

    def call(*args: Any, **kwargs: Any) -> Any:
        subject.seed(SEED)
        return function(*args, **kwargs)

    return call


def callback(name: str) -> Callback:
    """The function that turns the outputs of an op to what is differentiated; KeyError if none."""
    function = _CALLBACKS[name]
    return Callback(name, lambda subject: function)


def has_callback(name: str) -> bool:
    return name in _CALLBACKS


def _values_and_sizes(out: Any) -> Any:
    return (out[0], abs(out[1])) if isinstance(out, tuple) else out


def _thin(adjoint: bool, out: Any) -> tuple[Any, Any, Any]:
    """U, S and V^H of a singular value decomposition, without what is beyond the values."""
    size = out[1].shape[-1]
    last = out[2].mH if adjoint else out[2]
    return out[0][..., :size], out[1], last[..., :size, :]


def _of_svd(adjoint: bool) -> dict[str, Callable[[Any], Any]]:
    thin = functools.partial(_thin, adjoint)

    def right(out: Any) -> Any:
        _, values, last = thin(out)
        return values, last.abs()

    def both(out: Any) -> Any:
        first, values, last = thin(out)
        return first @ last, values

    return {
        "fn_U": lambda out: thin(out)[0].abs(),
        "fn_S": lambda out: thin(out)[1],
        "fn_Vh": right,
        "fn_UVh": both,
    }


_CALLBACKS: dict[str, Callable[[Any], Any]] = {
    "lu_unpack:out_fn": lambda out: (out[1], out[2]),
    "linalg.lu:out_fn": lambda out: (out[1], out[2]),
    "linalg.lu_factor:out_fn": lambda out: out,
    "linalg.lu_factor_ex:out_fn": lambda out: out,
    "linalg.eig:out_fn": _values_and_sizes,
    "linalg.eigh:out_fn": _values_and_sizes,
    "linalg.eigvalsh:out_fn": _values_and_sizes,
    "svd_lowrank:fn": lambda out: (out[0] @ out[2].mH, out[1]),
    "pca_lowrank:fn": lambda out: (out[0] @ out[2].mH, out[1]),
    "to_sparse:<lambda>": lambda out: out.to_dense(),
    **{f"svd:{name}": function for name, function in _of_svd(True).items()},
    **{f"linalg.svd:{name}": function for name, function in _of_svd(False).items()},
}
