"""What torch has no batching rule for: it loops over the batch there, and says so."""

from __future__ import annotations

import warnings

SLOW = {
    "among": "isin.Tensor_Tensor",
    "argwhere": "argwhere",
    "bilinear": "_trilinear",
    "embedding_bag": "_embedding_bag",
    "embedding_bag_backward": "_embedding_bag_backward",
    "embedding_bag_per_sample_weights_backward": "_embedding_bag_per_sample_weights_backward",
    "index_reduce": "index_reduce",
    "ldl_solve": "linalg_ldl_solve",
    "linalg_lu": "linalg_lu",
    "log_ndtr": "special_log_ndtr",
    "masked_fill_tensor": "masked_fill.Tensor",
    "masked_scatter": "masked_scatter",
    "masked_scatter_backward": "masked_scatter_backward",
    "ormqr": "ormqr",
    "pdist": "_pdist_forward",
    "pdist_backward": "_pdist_backward",
    "permute_copy": "permute_copy",
    "put": "put",
    "renorm": "renorm",
    "rrelu_with_noise_backward": "rrelu_with_noise_backward",
    "select_copy": "select_copy.int",
    "slice_copy": "slice_copy.Tensor",
    "split_copy": "split_copy.Tensor",
    "squeeze_copy": "squeeze_copy",
    "squeeze_dim_copy": "squeeze_copy.dim",
    "squeeze_dims_copy": "squeeze_copy.dims",
    "t_copy": "t_copy",
    "take": "take",
    "transpose_copy": "transpose_copy.int",
    "trilinear": "_trilinear",
    "unfold_backward": "unfold_backward",
    "unsafe_split_with_sizes": "unsafe_split_with_sizes",
    "unsqueeze_copy": "unsqueeze_copy",
    "upsample_lanczos2d_aa": "_upsample_lanczos2d_aa",
    "upsample_lanczos2d_aa_backward": "_upsample_lanczos2d_aa_backward",
    "upsample_nearest_exact1d": "_upsample_nearest_exact1d",
    "upsample_nearest_exact1d_backward": "_upsample_nearest_exact1d_backward",
    "upsample_nearest_exact2d": "_upsample_nearest_exact2d",
    "upsample_nearest_exact2d_backward": "_upsample_nearest_exact2d_backward",
    "upsample_nearest_exact3d": "_upsample_nearest_exact3d",
    "upsample_nearest_exact3d_backward": "_upsample_nearest_exact3d_backward",
}
"""Names of torch's ops without a rule, by the name of the kernel."""

SLOW_INPLACE = {
    "addbmm": "addbmm_",
    "addcdiv": "addcdiv_",
    "addcmul": "addcmul_",
    "addmm": "addmm_",
    "addmv": "addmv_",
    "addr": "addr_",
    "baddbmm": "baddbmm_",
    "clamp": "clamp_",
    "clamp_tensor": "clamp_.Tensor",
    "cumprod": "cumprod_",
    "cumsum": "cumsum_",
    "eq": "eq_.Tensor",
    "floor_divide": "floor_divide_.Tensor",
    "fmod": "fmod_.Tensor",
    "fmod_scalar": "fmod_.Scalar",
    "ge": "ge_.Tensor",
    "gelu": "gelu_",
    "gt": "gt_.Tensor",
    "heaviside": "heaviside_",
    "hypot": "hypot_",
    "index_copy": "index_copy_",
    "index_reduce": "index_reduce_",
    "ldexp": "ldexp_",
    "ldexp_of_kind": "ldexp_",
    "ldexp_whole": "ldexp_",
    "le": "le_.Tensor",
    "lerp": "lerp_.Tensor",
    "lerp_scalar": "lerp_.Scalar",
    "lt": "lt_.Tensor",
    "masked_fill_tensor": "masked_fill_.Tensor",
    "masked_scatter": "masked_scatter_",
    "ne": "ne_.Tensor",
    "nextafter": "nextafter_",
    "polygamma_written": "polygamma_",
    "pow": "pow_.Tensor",
    "put": "put_",
    "remainder": "remainder_.Tensor",
    "remainder_scalar": "remainder_.Scalar",
    "renorm": "renorm_",
    "scatter": "scatter_.src",
    "scatter_combined": "scatter_.reduce",
    "scatter_value": "scatter_.value",
    "scatter_value_combined": "scatter_.value_reduce",
    "tril": "tril_",
    "triu": "triu_",
    "xlogy": "xlogy_.Tensor",
    "xlogy_scalar": "xlogy_.Scalar_Other",
}
"""Likewise of ops in place."""

BY_THEMSELVES = {
    "add",
    "add_scalar",
    "add_scaled",
    "atan2",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "copysign",
}
"""Ops in place whose own complaint about shapes is what torch gives of an unbatched target."""

NAMED = {
    "bernoulli_fill": "inplace bernoulli",
    "fill_tensor_inplace": "fill_",
    "index_add": "index_add_",
    "index_fill": "index_fill_",
    "index_fill_tensor": "index_fill_",
    "index_put": "index_put_",
    "scatter_add": "scatter_add_",
    "scatter_reduce": "scatter_reduce_",
}
"""Ops in place that torch names in its refusal; it calls the others arithmetic."""


def slow_name(kernel: str, inplace: bool, number: bool) -> str | None:
    """Return torch's name of an op without a rule, None for one that has one.

    ``number``: the second operand is one, which the name of a comparison says.
    """
    name = (SLOW_INPLACE if inplace else SLOW).get(kernel)
    if name is not None and number and name.endswith("_.Tensor"):
        name = f"{name.removesuffix('Tensor')}Scalar"
    return name


def warn_of_loop(name: str) -> None:
    """Warn of an op that runs once for each member of the batch (torch's text)."""
    warnings.warn(
        "There is a performance drop because we have not yet implemented the batching rule for "
        f"aten::{name}. Please file us an issue on GitHub so that we can prioritize its "
        "implementation.",
        UserWarning,
        stacklevel=3,
    )


def refuse_unbatched_target(kernel: str, slow: str | None, level: int) -> None:
    """Refuse a write of batched values to a Tensor without a batch dim (torch's texts)."""
    if slow is None and kernel in BY_THEMSELVES:
        return
    where = "in a vmap"
    name = NAMED.get(kernel, "inplace arithmetic")
    if slow is not None:
        where = f"at level {level}"
        name = f"aten::{slow.partition('.')[0]}"
    raise RuntimeError(
        f"vmap: {name}(self, *extra_args) is not possible because there exists a Tensor `other` in "
        "extra_args that has more elements than `self`. This happened due to `other` being vmapped "
        f"over but `self` not being vmapped over {where}. Please try to use out-of-place operators "
        f"instead of {name}. If said operator is being called inside the PyTorch framework, please "
        "file a bug report instead."
    )
