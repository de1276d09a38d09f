"""How torch's dispatcher hands the arguments of ops on: which are keywords, and their defaults.

Rows are there for ops that differ in this from their entry; an op in place follows the other one.
"""

from __future__ import annotations

import functools
from typing import Any

from ..tensor import Given, GivenDims, Tensor

SCHEMAS = {
    "_ctc_loss": "blank=0, zero_infinity=False",
    "_ctc_loss_backward": "zero_infinity=False",
    "_index_put_impl_": "accumulate=False",
    "_linalg_check_errors": "*, is_matrix",
    "_linalg_solve_ex": "*, left=True",
    "_scaled_dot_product_flash_attention_for_cpu": (
        "dropout_p=0.0, is_causal=False, *, attn_mask=None, scale=None"
    ),
    "_scaled_dot_product_flash_attention_for_cpu_backward": "*, attn_mask=None, scale=None",
    "_segment_reduce_backward": "*, lengths=None, offsets=None, axis=0, initial=None",
    "_to_copy": "*, dtype=None",
    "add": "*, alpha=1",
    "addbmm": "*, beta=1, alpha=1",
    "addcdiv": "*, value=1",
    "addcmul": "*, value=1",
    "addmm": "*, beta=1, alpha=1",
    "addmv": "*, beta=1, alpha=1",
    "addr": "*, beta=1, alpha=1",
    "amax": "dim=[]",
    "amin": "dim=[]",
    "aminmax": "*, dim=None, keepdim=False",
    "argmax": "dim=None",
    "argmin": "dim=None",
    "as_strided": "storage_offset=None",
    "as_strided_copy": "storage_offset=None",
    "as_strided_scatter": "storage_offset=None",
    "avg_pool2d": (
        "stride=[], padding=[0, 0], ceil_mode=False, count_include_pad=True, divisor_override=None"
    ),
    "avg_pool3d": (
        "stride=[], padding=[0, 0, 0], ceil_mode=False, count_include_pad=True, "
        "divisor_override=None"
    ),
    "baddbmm": "*, beta=1, alpha=1",
    "bernoulli_": "p=0.5",
    "binary_cross_entropy": "weight=None, reduction=1",
    "binary_cross_entropy_backward": "weight=None, reduction=1",
    "binary_cross_entropy_with_logits": "weight=None, pos_weight=None, reduction=1",
    "cat": "dim=0",
    "cauchy_": "median=0, sigma=1",
    "cdist": "p=2.0",
    "celu": "alpha=1.0",
    "cholesky": "upper=False",
    "cholesky_inverse": "upper=False",
    "cholesky_solve": "upper=False",
    "constant_pad_nd": "value=0",
    "conv_tbc": "pad=0",
    "count_nonzero": "dim=None",
    "cumprod": "*, dtype=None",
    "cumsum": "*, dtype=None",
    "diag_embed": "offset=0, dim1=-2, dim2=-1",
    "diagonal": "offset=0, dim1=0, dim2=1",
    "diagonal_copy": "offset=0, dim1=0, dim2=1",
    "diagonal_scatter": "offset=0, dim1=0, dim2=1",
    "dist": "p=2",
    "div.Tensor_mode": "*, rounding_mode=None",
    "elu": "alpha=1, scale=1, input_scale=1",
    "exponential_": "lambd=1",
    "gather": "*, sparse_grad=False",
    "gelu": "*, approximate='none'",
    "gelu_backward": "*, approximate='none'",
    "glu": "dim=-1",
    "hardshrink": "lambd=0.5",
    "hardtanh": "min_val=-1, max_val=1",
    "huber_loss": "reduction=1, delta=1.0",
    "index_add": "*, alpha=1",
    "index_reduce": "*, include_self=True",
    "kthvalue": "dim=-1",
    "leaky_relu": "negative_slope=0.01",
    "linalg_cholesky_ex": "*, upper=False",
    "linalg_cross": "*, dim=-1",
    "linalg_ldl_factor_ex": "*, hermitian=False",
    "linalg_ldl_solve": "*, hermitian=False",
    "linalg_lstsq": "rcond=None, *, driver=None",
    "linalg_lu": "*, pivot=True",
    "linalg_lu_factor_ex": "*, pivot=True",
    "linalg_lu_solve": "*, left=True, adjoint=False",
    "linalg_matrix_rank": "*, atol=None, rtol=None, hermitian=False",
    "linalg_pinv": "*, atol=None, rtol=None, hermitian=False",
    "linalg_qr": "mode='reduced'",
    "linalg_solve_triangular": "*, left=True, unitriangular=False",
    "linalg_vector_norm": "ord=2, dim=None, *, dtype=None",
    "log_normal_": "mean=1, std=2",
    "lu_unpack": "unpack_data=True, unpack_pivots=True",
    "max_pool1d": "stride=[], padding=[0], dilation=[1], ceil_mode=False",
    "max_pool2d_with_indices": "stride=[], padding=[0, 0], dilation=[1, 1], ceil_mode=False",
    "max_pool3d_with_indices": "stride=[], padding=[0, 0, 0], dilation=[1, 1, 1], ceil_mode=False",
    "mean": "*, dtype=None",
    "mode": "dim=-1",
    "mse_loss": "reduction=1",
    "multi_margin_loss": "p=1, margin=1, weight=None, reduction=1",
    "multi_margin_loss_backward": "weight=None, reduction=1",
    "multinomial": "replacement=False",
    "nansum": "dim=None, *, dtype=None",
    "norm": "keepdim=False",
    "normal": "std=1.0",
    "normal_": "mean=0, std=1",
    "ormqr": "left=True, transpose=False",
    "pdist": "p=2.0",
    "prod": "*, dtype=None",
    "roll": "dims=[]",
    "rot90": "k=1, dims=[0, 1]",
    "round.decimals": "*, decimals=0",
    "rrelu_with_noise": "lower=0.125, upper=1 / 3, training=False",
    "rsub": "*, alpha=1",
    "scatter_reduce": "*, include_self=True",
    "segment_reduce": "*, lengths=None, offsets=None, axis=0, initial=None",
    "slice": "dim=0, start=None, end=None, step=1",
    "slice_copy": "dim=0, start=None, end=None, step=1",
    "slice_scatter": "dim=0, start=None, end=None, step=1",
    "smooth_l1_loss": "reduction=1, beta=1.0",
    "soft_margin_loss": "reduction=1",
    "softshrink": "lambd=0.5",
    "sort": "dim=-1",
    "sort.stable": "*, dim=-1, descending=False",
    "split": "dim=0",
    "split_copy": "dim=0",
    "split_with_sizes": "dim=0",
    "split_with_sizes_copy": "dim=0",
    "stack": "dim=0",
    "std": "dim=None, *, correction=None, keepdim=False",
    "sub": "*, alpha=1",
    "sum": "*, dtype=None",
    "topk": "dim=-1",
    "triangular_solve": "upper=True, transpose=False, unitriangular=False",
    "tril": "diagonal=0",
    "triu": "diagonal=0",
    "unbind": "dim=0",
    "unbind_copy": "dim=0",
    "uniform_": "low=0, high=1",
    "unsafe_split": "dim=0",
    "unsafe_split_with_sizes": "dim=0",
    "var": "dim=None, *, correction=None, keepdim=False",
}
"""Parameters with defaults, by the name of an op or of an overload, as Python writes them."""

NOT_IN_TORCH = frozenset(("contiguous", "generator", "order"))
"""What entries are told besides; a generator is the default one unless torch is given another."""


@functools.cache
def _parameters(name: str, overload: str) -> dict[str, Any]:
    plain = name.removesuffix("_")
    for key in (f"{name}.{overload}", name, f"{plain}.{overload}", plain):
        if key in SCHEMAS:
            from inspect import signature  # which is slow to import

            function = eval(f"lambda {SCHEMAS[key]}: None")
            return dict(signature(function).parameters)
    return {}


def arguments_in_torch(
    name: str, overload: str, values: dict[str, Any], defaults: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of a call as torch's dispatcher hands them on: without defaults.

    Args:
        name: torch's name of the op.
        overload: that of the overload.
        values: the arguments by the names of the entry.
        defaults: those that the entry has, where torch's are not said.
    """
    parameters = _parameters(name, overload)
    positional: list[tuple[Any, Any]] = []
    keywords: dict[str, Any] = {}
    for key, value in values.items():
        if key in NOT_IN_TORCH:
            continue
        value = value.given if isinstance(value, (Given, GivenDims)) else value
        parameter = parameters.get(key)
        default = defaults.get(key, _NONE) if parameter is None else parameter.default
        if parameter is not None and parameter.kind is parameter.KEYWORD_ONLY:
            if not _is_default(value, default):
                keywords[key] = value
        else:
            positional.append((value, default))
    while positional and _is_default(*positional[-1]):
        positional.pop()
    return tuple([value for value, _ in positional]), keywords


_NONE = object()


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(value, Tensor) or default is _NONE:
        return False
    if isinstance(value, (list, tuple)):
        members = any(isinstance(member, Tensor) for member in value)
        return not members and isinstance(default, (list, tuple)) and list(value) == list(default)
    return bool(value == default)
