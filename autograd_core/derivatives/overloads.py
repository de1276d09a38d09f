"""The ops by torch's names: ``aten.mm.default``, for whoever must tell one op from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..tensor import Tensor
from .entry import Entry
from .schemas import arguments_in_torch


class OpOverload:
    """One overload of an op, as it is seen by dispatch modes; there is one object per name."""

    def __init__(self, packet: OpOverloadPacket, overload: str) -> None:
        self._packet = packet
        self._overloadname = overload

    @property
    def overloadpacket(self) -> OpOverloadPacket:
        """The op that this is an overload of."""
        return self._packet

    def name(self) -> str:
        """Return the name that a schema has."""
        suffix = "" if self._overloadname == "default" else f".{self._overloadname}"
        return f"aten::{self._packet.__name__}{suffix}"

    def __str__(self) -> str:
        return f"aten.{self._packet.__name__}.{self._overloadname}"

    def __repr__(self) -> str:
        return f"<OpOverload(op='aten.{self._packet.__name__}', overload='{self._overloadname}')>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the op."""
        by_overload = getattr(self._packet._function, self._overloadname, self._packet)
        return by_overload(*args, **kwargs)


class OpOverloadPacket:
    """An op with its overloads, which are its attributes."""

    def __init__(self, name: str, function: Any) -> None:
        self.__name__ = name
        self._function = function

    def __getattr__(self, overload: str) -> Any:
        if overload.startswith("_"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{overload}'")
        made = OpOverload(self, overload)
        setattr(self, overload, made)
        return made

    def __str__(self) -> str:
        return f"aten.{self.__name__}"

    def __repr__(self) -> str:
        return f"<OpOverloadPacket(op='aten.{self.__name__}')>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the op.

        Raises:
            NotImplementedError: it is known by name only.
        """
        if self._function is None:
            raise NotImplementedError(f"{self} can be named here, and not called")
        return self._function(*args, **kwargs)


class AtenNamespace:
    """``ops.aten``: every op by its name there."""

    def __init__(self) -> None:
        self._functions: Mapping[str, Any] = {}

    def _register(self, functions: Mapping[str, Any]) -> None:
        """Say which functions run the ops of these names, or what has one per overload."""
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        try:
            function = self._functions[name]
        except KeyError:  # known by name only
            function = None
        packet = OpOverloadPacket(name, function)
        setattr(self, name, packet)
        return packet


aten = AtenNamespace()

NAMES = {
    "adaptive_avg_pool2d": "_adaptive_avg_pool2d.default",
    "adaptive_avg_pool2d_backward": "_adaptive_avg_pool2d_backward.default",
    "adaptive_avg_pool3d": "_adaptive_avg_pool3d.default",
    "adaptive_avg_pool3d_backward": "_adaptive_avg_pool3d_backward.default",
    "add": "add.Tensor",
    "add_scalar": "add.Tensor",
    "add_scaled": "add.Tensor",
    "airy_ai": "special_airy_ai.default",
    "batch_norm_update_backward": "batch_norm_backward.default",
    "batch_norm_with_update": "_batch_norm_with_update.default",
    "bernoulli_fill": "bernoulli.p",
    "bessel_j0": "special_bessel_j0.default",
    "bessel_j1": "special_bessel_j1.default",
    "bessel_y0": "special_bessel_y0.default",
    "bessel_y1": "special_bessel_y1.default",
    "bitwise_and": "bitwise_and.Tensor",
    "bitwise_left_shift": "bitwise_left_shift.Tensor",
    "bitwise_or": "bitwise_or.Tensor",
    "bitwise_right_shift": "bitwise_right_shift.Tensor",
    "bitwise_xor": "bitwise_xor.Tensor",
    "cdist_backward": "_cdist_backward.default",
    "cholesky_ex": "linalg_cholesky_ex.default",
    "clamp_max_tensor": "clamp_max.Tensor",
    "clamp_min_tensor": "clamp_min.Tensor",
    "clamp_tensor": "clamp.Tensor",
    "conj": "conj_physical.default",
    "conj_complex": "_conj.default",
    "convolution_with_flags": "_convolution.default",
    "copysign": "copysign.Tensor",
    "copysign_scalar": "copysign.Scalar",
    "ctc_loss": "_ctc_loss.default",
    "ctc_loss_backward": "_ctc_loss_backward.default",
    "div": "div.Tensor",
    "div_floor": "div.Tensor_mode",
    "div_scalar": "div.Tensor",
    "div_true": "div.Tensor_mode",
    "div_trunc": "div.Tensor_mode",
    "embedding_bag": "_embedding_bag.default",
    "embedding_bag_backward": "_embedding_bag_backward.default",
    "embedding_bag_per_sample_weights_backward": (
        "_embedding_bag_per_sample_weights_backward.default"
    ),
    "entr": "special_entr.default",
    "eq": "eq.Tensor",
    "eq_number": "eq.Scalar",
    "erfcx": "special_erfcx.default",
    "euclidean_dist": "_euclidean_dist.default",
    "fft_c2c": "_fft_c2c.default",
    "fft_c2r": "_fft_c2r.default",
    "fft_r2c": "_fft_r2c.default",
    "fill": "fill.Scalar",
    "fill_inplace": "fill.Scalar",
    "fill_tensor": "fill.Tensor",
    "fill_tensor_inplace": "fill.Tensor",
    "floor_divide_": "floor_divide.default",
    "fmod": "fmod.Tensor",
    "fmod_scalar": "fmod.Scalar",
    "ge": "ge.Tensor",
    "ge_number": "ge.Scalar",
    "gt": "gt.Tensor",
    "gt_number": "gt.Scalar",
    "i0e": "special_i0e.default",
    "i1": "special_i1.default",
    "i1e": "special_i1e.default",
    "index": "index.Tensor",
    "index_fill": "index_fill.int_Scalar",
    "index_fill_tensor": "index_fill.int_Tensor",
    "index_put_impl": "_index_put_impl_.default",
    "ldl_factor_ex": "linalg_ldl_factor_ex.default",
    "ldl_solve": "linalg_ldl_solve.default",
    "le": "le.Tensor",
    "le_number": "le.Scalar",
    "ldexp_of_kind": "ldexp.Tensor",
    "ldexp_whole": "ldexp.Tensor",
    "lerp": "lerp.Tensor",
    "lerp_scalar": "lerp.Scalar",
    "linalg_check_errors": "_linalg_check_errors.default",
    "linalg_det": "_linalg_det.default",
    "linalg_eigh": "_linalg_eigh.default",
    "linalg_eigvals": "_linalg_eigvals.default",
    "linalg_matrix_rank": "linalg_matrix_rank.atol_rtol_tensor",
    "linalg_pinv": "linalg_pinv.atol_rtol_tensor",
    "linalg_slogdet": "_linalg_slogdet.default",
    "linalg_solve_ex": "_linalg_solve_ex.default",
    "linalg_svd": "_linalg_svd.default",
    "log_ndtr": "special_log_ndtr.default",
    "log_softmax": "_log_softmax.default",
    "log_softmax_backward_data": "_log_softmax_backward_data.default",
    "lt": "lt.Tensor",
    "lt_number": "lt.Scalar",
    "lu_factor_ex": "linalg_lu_factor_ex.default",
    "masked_fill": "masked_fill.Scalar",
    "masked_fill_tensor": "masked_fill.Tensor",
    "max_all": "max.default",
    "max_dim": "max.dim",
    "mean": "mean.dim",
    "mean_all": "mean.default",
    "median_dim": "median.dim",
    "min_all": "min.default",
    "min_dim": "min.dim",
    "modified_bessel_i0": "special_modified_bessel_i0.default",
    "modified_bessel_i1": "special_modified_bessel_i1.default",
    "modified_bessel_k0": "special_modified_bessel_k0.default",
    "modified_bessel_k1": "special_modified_bessel_k1.default",
    "mul": "mul.Tensor",
    "mul_scalar": "mul.Tensor",
    "nanmedian_dim": "nanmedian.dim",
    "native_batch_norm_legit": "_native_batch_norm_legit.default",
    "native_batch_norm_of_batch": "_native_batch_norm_legit.no_stats",
    "ndtri": "special_ndtri.default",
    "ne": "ne.Tensor",
    "ne_number": "ne.Scalar",
    "neg_view": "_neg_view.default",
    "norm_dim": "norm.ScalarOpt_dim",
    "normal_mean": "normal.Tensor_float",
    "normal_mean_std": "normal.Tensor_Tensor",
    "normal_std": "normal.float_Tensor",
    "pack_padded_sequence": "_pack_padded_sequence.default",
    "pdist_backward": "_pdist_backward.default",
    "pow": "pow.Tensor_Tensor",
    "pow_base": "pow.Scalar",
    "pow_scalar": "pow.Tensor_Scalar",
    "prelu_kernel": "_prelu_kernel.default",
    "prelu_kernel_backward": "_prelu_kernel_backward.default",
    "prod": "prod.dim_int",
    "prod_all": "prod.default",
    "remainder": "remainder.Tensor",
    "remainder_of_number": "remainder.Scalar_Tensor",
    "remainder_scalar": "remainder.Scalar",
    "reshape_alias": "_reshape_alias.default",
    "reshape_copy": "_unsafe_view.default",
    "round_decimals": "round.decimals",
    "rrelu": "rrelu_with_noise.default",
    "rsub": "rsub.Tensor",
    "rsub_scalar": "rsub.Scalar",
    "safe_softmax": "_safe_softmax.default",
    "scaled_dot_product_flash_attention_for_cpu": (
        "_scaled_dot_product_flash_attention_for_cpu.default"
    ),
    "scaled_dot_product_flash_attention_for_cpu_backward": (
        "_scaled_dot_product_flash_attention_for_cpu_backward.default"
    ),
    "scaled_modified_bessel_k0": "special_scaled_modified_bessel_k0.default",
    "scaled_modified_bessel_k1": "special_scaled_modified_bessel_k1.default",
    "scatter": "scatter.src",
    "scatter_combined": "scatter.reduce",
    "scatter_reduce": "scatter_reduce.two",
    "scatter_value": "scatter.value",
    "scatter_value_combined": "scatter.value_reduce",
    "segment_reduce_backward": "_segment_reduce_backward.default",
    "select": "select.int",
    "select_copy": "select_copy.int",
    "shrink_backward": "hardshrink_backward.default",
    "slice": "slice.Tensor",
    "slice_copy": "slice_copy.Tensor",
    "softmax": "_softmax.default",
    "softmax_backward_data": "_softmax_backward_data.default",
    "sort_stable": "sort.stable",
    "sort_with_stable": "sort.stable",
    "spherical_bessel_j0": "special_spherical_bessel_j0.default",
    "split": "split.Tensor",
    "split_copy": "split_copy.Tensor",
    "squeeze_dim": "squeeze.dim",
    "squeeze_dim_copy": "squeeze_copy.dim",
    "squeeze_dims": "squeeze.dims",
    "squeeze_dims_copy": "squeeze_copy.dims",
    "std": "std.correction",
    "sub": "sub.Tensor",
    "sub_scalar": "sub.Scalar",
    "sub_scaled": "sub.Tensor",
    "sum": "sum.dim_IntList",
    "sum_all": "sum.default",
    "to_copy": "_to_copy.default",
    "to_dtype": "_to_copy.default",
    "transpose": "transpose.int",
    "transpose_copy": "transpose_copy.int",
    "trilinear": "_trilinear.default",
    "unbind": "unbind.int",
    "unbind_copy": "unbind_copy.int",
    "unique": "_unique2.default",
    "unsafe_index": "_unsafe_index.Tensor",
    "unsafe_index_put": "_unsafe_index_put.default",
    "unsafe_masked_index": "_unsafe_masked_index.default",
    "unsafe_masked_index_put_accumulate": "_unsafe_masked_index_put_accumulate.default",
    "unsafe_split": "unsafe_split.Tensor",
    "upsample_bicubic2d_aa": "_upsample_bicubic2d_aa.default",
    "upsample_bicubic2d_aa_backward": "_upsample_bicubic2d_aa_backward.default",
    "upsample_bilinear2d_aa": "_upsample_bilinear2d_aa.default",
    "upsample_bilinear2d_aa_backward": "_upsample_bilinear2d_aa_backward.default",
    "upsample_lanczos2d_aa": "_upsample_lanczos2d_aa.default",
    "upsample_lanczos2d_aa_backward": "_upsample_lanczos2d_aa_backward.default",
    "upsample_nearest_exact1d": "_upsample_nearest_exact1d.default",
    "upsample_nearest_exact1d_backward": "_upsample_nearest_exact1d_backward.default",
    "upsample_nearest_exact2d": "_upsample_nearest_exact2d.default",
    "upsample_nearest_exact2d_backward": "_upsample_nearest_exact2d_backward.default",
    "upsample_nearest_exact3d": "_upsample_nearest_exact3d.default",
    "upsample_nearest_exact3d_backward": "_upsample_nearest_exact3d_backward.default",
    "var": "var.correction",
    "vector_norm": "linalg_vector_norm.default",
    "view_dtype": "view.dtype",
    "where": "where.self",
    "xlog1py": "special_xlog1py.default",
    "xlog1py_of_number": "special_xlog1py.self_scalar",
    "xlog1py_scalar": "special_xlog1py.other_scalar",
    "xlogy": "xlogy.Tensor",
    "xlogy_of_number": "xlogy.Scalar_Self",
    "xlogy_scalar": "xlogy.Scalar_Other",
    "zero_inplace": "zero.default",
    "zeta": "special_zeta.default",
    "zeta_of_number": "special_zeta.self_scalar",
    "zeta_scalar": "special_zeta.other_scalar",
}
"""What torch calls the kernels that are not the default overload of an op of their name."""

_COMPARISONS = ("eq", "ge", "gt", "le", "lt", "ne")
"""Kernels that are another overload for a number, and have one formula for both."""


def overload_of(entry: Entry, values: list[Any], inplace: bool = False) -> OpOverload:
    """Return the overload that a call of an entry is in torch."""
    kernel = entry.kernel_name.removesuffix("_written")  # the in-place form
    name, _, overload = NAMES.get(kernel, f"{kernel}.default").partition(".")
    if kernel in _COMPARISONS and not isinstance(values[1], Tensor):
        overload = "Scalar"
    if inplace:
        name, overload = f"{name.removesuffix('_inplace')}_", overload.removeprefix("Tensor_")
    packet = getattr(aten, name)
    found: OpOverload = getattr(packet, overload)
    return found


_SAMPLERS = {"bernoulli": "bernoulli_.float"}
"""Torch's ops that draw in place, by the name of what is drawn, where it is no default overload."""


def seen_call(
    entry: Entry, values: list[Any], inplace: bool = False
) -> tuple[OpOverload, tuple[Any, ...], dict[str, Any]]:
    """Return the overload that a call of an entry is in torch, and its arguments there."""
    named = dict(zip(entry.parameters, values, strict=True))
    if entry.kernel_name == "fill_sampled":
        sampler = named["sampler"]
        name, _, overload = _SAMPLERS.get(sampler, f"{sampler}_.default").partition(".")
        op: OpOverload = getattr(getattr(aten, name), overload)
        named = {"self": named["self"], **named["parameters"]}
        defaults = {}
    else:
        op = overload_of(entry, values, inplace)
        given = entry.bind.__defaults__ or ()
        defaults = dict(zip(reversed(entry.parameters), reversed(given)))
    packet = op.overloadpacket
    return op, *arguments_in_torch(packet.__name__, op._overloadname, named, defaults)
