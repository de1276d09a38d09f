"""What gives a name: ops, torch's public names and derived kernels by their modules.

Written by ``python tests/index_families.py``.
"""

OPS = {
    "activation": """
celu celu_written elu elu_backward elu_written gelu gelu_backward glu glu_backward hardshrink
hardsigmoid hardsigmoid_backward hardswish hardswish_backward hardtanh hardtanh_backward leaky_relu
leaky_relu_backward leaky_relu_written log_sigmoid_backward log_sigmoid_forward mish prelu_kernel
prelu_kernel_backward relu rrelu rrelu_with_noise rrelu_with_noise_backward rrelu_with_noise_written
rrelu_written shrink_backward sigmoid sigmoid_backward silu softplus softplus_backward softshrink
softshrink_backward tanh tanh_backward threshold threshold_backward threshold_written
""",
    "attention": """
scaled_dot_product_flash_attention_for_cpu scaled_dot_product_flash_attention_for_cpu_backward
""",
    "comparison": """
bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor clamp
clamp_max clamp_max_tensor clamp_min clamp_min_tensor clamp_tensor eq fmax fmin gcd ge gt heaviside
isfinite isinf isnan isneginf isposinf lcm le logical_and logical_not logical_or logical_xor lt
maximum minimum nan_to_num ne signbit where
""",
    "complex_numbers": """
angle complex conj_complex conj_physical conj_written neg_view polar view_as_complex view_as_real
""",
    "convolutions": """
channel_shuffle col2im conv_tbc convolution convolution_backward convolution_with_flags im2col
native_channel_shuffle pixel_shuffle pixel_unshuffle
""",
    "ctc_losses": """
ctc_loss ctc_loss_backward
""",
    "elementary": """
acos acosh asin asinh atan atan2 atanh cos cosh deg2rad exp exp2 expm1 log log10 log1p log2
logaddexp logaddexp2 rad2deg sin sinc sinh tan
""",
    "embedding_bags": """
embedding_bag embedding_bag_backward embedding_bag_per_sample_weights_backward
""",
    "fft": """
fft_c2c fft_c2r fft_r2c
""",
    "indexing": """
among argwhere delayed_error embedding embedding_dense_backward gather index index_add index_copy
index_fill index_fill_tensor index_put index_put_impl index_reduce index_select mask_positions
masked_fill masked_fill_tensor masked_scatter masked_scatter_backward masked_select put put_at
refuse_second_order scatter scatter_add scatter_combined scatter_reduce scatter_value
scatter_value_combined searchsorted take taken_at unique_positions unsafe_index unsafe_index_put
unsafe_masked_index unsafe_masked_index_put_accumulate
""",
    "interpolation": """
affine_grid_generator grid_sampler_2d grid_sampler_2d_backward grid_sampler_3d
grid_sampler_3d_backward grid_sampler_slope_backward
""",
    "linalg": """
cholesky cholesky_ex cholesky_inverse geqrf ldl_factor_ex linalg_check_errors
linalg_householder_product linalg_lu linalg_qr lu_factor_ex lu_unpack ormqr
""",
    "loss": """
binary_cross_entropy binary_cross_entropy_backward binary_cross_entropy_with_logits huber_loss
huber_loss_backward mse_loss mse_loss_backward nll_loss2d_backward nll_loss2d_forward
nll_loss_backward nll_loss_forward smooth_l1_loss smooth_l1_loss_backward
""",
    "margin_loss": """
multi_margin_loss multi_margin_loss_backward multilabel_margin_loss_backward
multilabel_margin_loss_forward soft_margin_loss soft_margin_loss_backward
""",
    "matmuls": """
addbmm addmm addmv addr baddbmm bmm cdist cdist_backward dot euclidean_dist linalg_cross mm mv pdist
pdist_backward trilinear vdot
""",
    "movement": """
block_diag cat diag_embed flip repeat roll rot90 stack trace tril triu
""",
    "normalization": """
batch_norm_update_backward batch_norm_with_update log_softmax log_softmax_backward_data
native_batch_norm native_batch_norm_backward native_batch_norm_legit native_batch_norm_of_batch
native_dropout_backward native_group_norm native_layer_norm native_layer_norm_backward safe_softmax
softmax softmax_backward_data
""",
    "packing": """
pack_padded_sequence
""",
    "padding": """
constant_pad_nd reflection_pad1d reflection_pad1d_backward reflection_pad2d
reflection_pad2d_backward reflection_pad3d reflection_pad3d_backward replication_pad1d
replication_pad1d_backward replication_pad2d replication_pad2d_backward replication_pad3d
replication_pad3d_backward
""",
    "pointwise": """
abs add add_scalar add_scaled addcdiv addcmul ceil copysign copysign_scalar div div_floor div_scalar
div_true div_trunc floor floor_divide fmod fmod_scalar frac frexp hypot ldexp ldexp_of_kind
ldexp_whole lerp lerp_scalar mul mul_scalar neg nextafter pow pow_base pow_scalar reciprocal
remainder remainder_of_number remainder_scalar round round_decimals rsqrt rsub rsub_scalar sgn sign
sqrt sub sub_scalar sub_scaled trunc
""",
    "pooling": """
adaptive_avg_pool2d adaptive_avg_pool2d_backward adaptive_avg_pool3d adaptive_avg_pool3d_backward
adaptive_max_pool2d adaptive_max_pool2d_backward adaptive_max_pool3d adaptive_max_pool3d_backward
avg_pool2d avg_pool2d_backward avg_pool3d avg_pool3d_backward fractional_max_pool2d
fractional_max_pool2d_backward fractional_max_pool3d fractional_max_pool3d_backward max_pool1d
max_pool2d_with_indices max_pool2d_with_indices_backward max_pool3d_with_indices
max_pool3d_with_indices_backward max_unpool2d max_unpool3d
""",
    "products": """
identity_like mH mT matmul outer
""",
    "random": """
FILLING bernoulli bernoulli_fill multinomial normal_mean normal_mean_std normal_std
""",
    "reduction": """
all amax amin aminmax any argmax argmin count_nonzero cummax cummin cumprod cumsum dist logcumsumexp
logsumexp max_all max_dim mean mean_all min_all min_dim nansum norm_dim prod prod_all renorm std
std_mean sum sum_all var var_mean vector_norm
""",
    "resampling": """
resampled resampled_backward takes_corners upsample_bicubic2d upsample_bicubic2d_aa
upsample_bicubic2d_aa_backward upsample_bicubic2d_backward upsample_bilinear2d
upsample_bilinear2d_aa upsample_bilinear2d_aa_backward upsample_bilinear2d_backward
upsample_lanczos2d_aa upsample_lanczos2d_aa_backward upsample_linear1d upsample_linear1d_backward
upsample_nearest1d upsample_nearest1d_backward upsample_nearest2d upsample_nearest2d_backward
upsample_nearest3d upsample_nearest3d_backward upsample_nearest_exact1d
upsample_nearest_exact1d_backward upsample_nearest_exact2d upsample_nearest_exact2d_backward
upsample_nearest_exact3d upsample_nearest_exact3d_backward upsample_trilinear3d
upsample_trilinear3d_backward
""",
    "segments": """
segment_reduce segment_reduce_backward
""",
    "shape": """
alias alias_copy as_strided as_strided_copy as_strided_inplace as_strided_scatter clone copy
diagonal diagonal_backward diagonal_copy diagonal_scatter expand expand_copy fill fill_inplace
fill_tensor fill_tensor_inplace narrow_copy permute permute_copy reshape_alias reshape_copy select
select_backward select_copy select_scatter slice slice_backward slice_copy slice_scatter split
split_copy split_with_sizes split_with_sizes_copy squeeze squeeze_copy squeeze_dim squeeze_dim_copy
squeeze_dim_inplace squeeze_dims squeeze_dims_copy squeeze_dims_inplace squeeze_inplace t t_copy
t_inplace to_copy to_dtype transpose transpose_copy transpose_inplace unbind unbind_copy unfold
unfold_backward unfold_copy unsafe_split unsafe_split_with_sizes unsqueeze unsqueeze_copy
unsqueeze_inplace view view_copy view_dtype zero_inplace
""",
    "solvers": """
cholesky_solve cofactors ldl_solve linalg_det linalg_inv_ex linalg_lu_solve linalg_slogdet
linalg_solve_ex linalg_solve_triangular solve_either_factored solve_factored triangular_solve
""",
    "sorting": """
bincount histc kthvalue median median_dim mode nanmedian nanmedian_dim sort sort_stable
sort_with_stable topk unique unique_consecutive
""",
    "special": """
airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv i0 i0e i1 i1e
igamma igammac lgamma log_ndtr logit modified_bessel_i0 modified_bessel_i1 modified_bessel_k0
modified_bessel_k1 mvlgamma ndtri polygamma polygamma_written scaled_modified_bessel_k0
scaled_modified_bessel_k1 spherical_bessel_j0 xlog1py xlog1py_of_number xlog1py_scalar xlogy
xlogy_of_number xlogy_scalar zeta zeta_of_number zeta_scalar
""",
    "spectra": """
linalg_eig linalg_eigh linalg_eigvals linalg_lstsq linalg_matrix_exp linalg_matrix_rank linalg_pinv
linalg_svd
""",
    "tensors": """
as_dtype_of clone_contiguous clone_strided conj contiguous dtype filled full_like imag is_conj
is_neg laid_out_as lengthened masked_sum new_numbers new_positions new_zeros ones_like placed real
reshape resolve_conj resolve_neg scalar_like square strides truth where_marked zeros_like
""",
}

NAMESPACES = {
    "": {
        "namespaces.activation": """
celu celu_ hardshrink prelu relu relu_ rrelu rrelu_ selu selu_ threshold threshold_
""",
        "namespaces.attention": """
_scaled_dot_product_flash_attention_for_cpu
""",
        "namespaces.casts": """
clone fill fill_ zero_
""",
        "namespaces.clamping": """
clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip clip_
""",
        "namespaces.complex_numbers": """
_neg_view complex conj conj_physical conj_physical_ imag is_complex is_conj is_floating_point is_neg
polar real resolve_conj resolve_neg view_as_complex view_as_real
""",
        "namespaces.convolution": """
_convolution conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d
convolution
""",
        "namespaces.creation": """
arange empty empty_strided eye full linspace logspace ones range scalar_tensor tril_indices
triu_indices zeros
""",
        "namespaces.creation_like": """
empty_like full_like ones_like zeros_like
""",
        "namespaces.data": """
as_tensor asarray from_numpy tensor
""",
        "namespaces.dropout": """
alpha_dropout alpha_dropout_ dropout dropout_ feature_alpha_dropout feature_alpha_dropout_
feature_dropout feature_dropout_
""",
        "namespaces.embedding_bag": """
_embedding_bag embedding_bag
""",
        "namespaces.facts": """
can_cast dtype e get_default_dtype get_num_threads inf is_inference is_nonzero nan newaxis pi
promote_types result_type set_default_dtype set_num_threads typename
""",
        "namespaces.folding": """
channel_shuffle native_channel_shuffle pixel_shuffle pixel_unshuffle
""",
        "namespaces.indexing": """
_index_put_impl_ _unsafe_index _unsafe_index_put _unsafe_masked_index
_unsafe_masked_index_put_accumulate gather index_add index_copy index_fill index_put index_put_
index_reduce index_select masked_fill masked_scatter masked_select put scatter scatter_add
scatter_reduce take
""",
        "namespaces.indexing_queries": """
argwhere bucketize embedding embedding_renorm_ isin nonzero nonzero_static searchsorted
take_along_dim
""",
        "namespaces.interop": """
from_dlpack is_tensor numel
""",
        "namespaces.interpolation": """
affine_grid_generator grid_sampler grid_sampler_2d grid_sampler_3d
""",
        "namespaces.joining": """
block_diag cartesian_prod cat column_stack combinations concat concatenate dstack hstack meshgrid
row_stack stack vander vstack
""",
        "namespaces.linalg": """
_lu_with_info cholesky cholesky_inverse geqrf lu lu_unpack orgqr ormqr qr
""",
        "namespaces.loss": """
binary_cross_entropy_with_logits ctc_loss kl_div poisson_nll_loss
""",
        "namespaces.low_rank": """
pca_lowrank svd_lowrank
""",
        "namespaces.margin_loss": """
cosine_embedding_loss cosine_similarity hinge_embedding_loss margin_ranking_loss pairwise_distance
triplet_margin_loss
""",
        "namespaces.matmul": """
addbmm addmm addmv addr baddbmm bmm cdist chain_matmul cross dot einsum ger inner kron matmul
matrix_power mm mv outer pdist tensordot vdot
""",
        "namespaces.matrix_norms": """
norm
""",
        "namespaces.movement": """
chunk diag diag_embed diagflat dsplit flip fliplr flipud hsplit narrow narrow_copy repeat_interleave
roll rot90 select select_copy select_scatter slice_copy slice_scatter split split_copy
split_with_sizes split_with_sizes_copy tensor_split tile trace tril triu unbind unbind_copy
unsafe_chunk unsafe_split unsafe_split_with_sizes vsplit
""",
        "namespaces.normalization": """
_log_softmax_backward_data _native_batch_norm_legit _softmax_backward_data batch_norm group_norm
instance_norm layer_norm log_softmax native_batch_norm native_group_norm native_layer_norm rms_norm
softmax
""",
        "namespaces.packing": """
_pack_padded_sequence _pad_packed_sequence
""",
        "namespaces.padding": """
constant_pad_nd
""",
        "namespaces.pointwise": """
abs abs_ absolute absolute_ acos acos_ acosh acosh_ add addcdiv addcmul allclose angle arccos
arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh arcsinh_ arctan arctan2 arctan_ arctanh arctanh_
asin asin_ asinh asinh_ atan atan2 atan_ atanh atanh_ bitwise_and bitwise_left_shift bitwise_not
bitwise_not_ bitwise_or bitwise_right_shift bitwise_xor ceil ceil_ copysign cos cos_ cosh cosh_
deg2rad deg2rad_ digamma digamma_ div divide eq equal erf erf_ erfc erfc_ erfinv erfinv_ exp exp2
exp2_ exp_ expm1 expm1_ fix fix_ float_power floor floor_ floor_divide fmax fmin fmod frac frac_
frexp gcd gcd_ ge greater greater_equal gt heaviside hypot i0 i0_ isclose isfinite isinf isnan
isneginf isposinf isreal lcm lcm_ ldexp ldexp_ le lerp less less_equal lgamma lgamma_ log log10
log10_ log1p log1p_ log2 log2_ log_ logaddexp logaddexp2 logical_and logical_not logical_not_
logical_or logical_xor logit logit_ lt maximum minimum mul multiply mvlgamma nan_to_num nan_to_num_
ne neg neg_ negative negative_ nextafter not_equal polygamma positive pow rad2deg rad2deg_
reciprocal reciprocal_ remainder round round_ rsqrt rsqrt_ rsub sgn sgn_ sigmoid sigmoid_ sign sign_
signbit sin sin_ sinc sinc_ sinh sinh_ sqrt sqrt_ square square_ sub subtract tan tan_ tanh tanh_
true_divide trunc trunc_ where xlogy xlogy_
""",
        "namespaces.pooling": """
adaptive_avg_pool1d adaptive_max_pool1d avg_pool1d max_pool1d max_pool1d_with_indices max_pool2d
max_pool3d
""",
        "namespaces.random": """
Generator bernoulli default_generator get_rng_state initial_seed manual_seed multinomial normal rand
rand_like randint randint_like randn randn_like randperm seed set_rng_state
""",
        "namespaces.recurrent": """
gru gru_cell lstm lstm_cell rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell
""",
        "namespaces.reduction": """
all amax amin aminmax any argmax argmin count_nonzero dist logsumexp max mean min nansum prod renorm
std std_mean sum var var_mean
""",
        "namespaces.running": """
cummax cummin cumprod cumsum logcumsumexp
""",
        "namespaces.segments": """
_segment_reduce segment_reduce
""",
        "namespaces.shape": """
adjoint alias_copy as_strided as_strided_ as_strided_copy as_strided_scatter atleast_1d atleast_2d
atleast_3d broadcast_tensors broadcast_to detach_copy diagonal diagonal_copy diagonal_scatter
expand_copy flatten moveaxis movedim permute permute_copy ravel reshape squeeze squeeze_copy
swapaxes swapdims t t_copy transpose transpose_copy unflatten unfold_copy unsqueeze unsqueeze_copy
view_copy
""",
        "namespaces.solvers": """
_linalg_det _linalg_slogdet _linalg_solve_ex cholesky_solve det inverse logdet lu_solve slogdet
triangular_solve
""",
        "namespaces.sorting": """
argsort bincount histc kthvalue median mode msort nanmedian sort topk unique unique_consecutive
""",
        "namespaces.special": """
igamma igammac
""",
        "namespaces.spectra": """
matrix_exp pinverse svd
""",
        "namespaces.statistics": """
corrcoef cov cumulative_trapezoid diff gradient nanmean nanquantile quantile trapezoid trapz
""",
        "namespaces.stft": """
istft stft
""",
        "namespaces.storage": """
resize_as_
""",
        "namespaces.windows": """
bartlett_window blackman_window hamming_window hann_window kaiser_window
""",
    },
    "Tensor": {
        "autograd.display": """
__format__ __repr__
""",
        "autograd.tensor_state": """
_backward_hooks _post_accumulate_grad_hooks backward data detach detach_ grad_dtype grad_fn
is_inference is_leaf output_nr register_hook register_post_accumulate_grad_hook requires_grad
requires_grad_ retain_grad retains_grad
""",
        "namespaces.activation": """
hardshrink prelu relu relu_
""",
        "namespaces.casts": """
bfloat16 bool byte cdouble cfloat char clone contiguous copy_ double fill_ float half int long short
to type type_as zero_
""",
        "namespaces.clamping": """
clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip clip_
""",
        "namespaces.complex_numbers": """
conj conj_physical conj_physical_ imag is_conj is_neg real resolve_conj resolve_neg
""",
        "namespaces.creation_like": """
new_empty new_empty_strided new_full new_ones new_tensor new_zeros
""",
        "namespaces.data": """
__new__
""",
        "namespaces.facts": """
is_nonzero
""",
        "namespaces.indexing": """
gather index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_put index_put_
index_reduce index_reduce_ index_select masked_fill masked_fill_ masked_scatter masked_scatter_
masked_select put put_ scatter scatter_ scatter_add scatter_add_ scatter_reduce scatter_reduce_ take
""",
        "namespaces.indexing_queries": """
argwhere nonzero nonzero_static take_along_dim
""",
        "namespaces.interop": """
__array__ __array_priority__ __dlpack__ __dlpack_device__ __iter__ __reversed__ numpy
""",
        "namespaces.linalg": """
cholesky cholesky_inverse geqrf lu orgqr ormqr qr
""",
        "namespaces.matmul": """
__matmul__ __rmatmul__ addbmm addbmm_ addmm addmm_ addmv addmv_ addr addr_ baddbmm baddbmm_ bmm
cross dot ger inner kron matmul matrix_power mm mv outer vdot
""",
        "namespaces.matrix_norms": """
norm
""",
        "namespaces.movement": """
chunk diag diag_embed diagflat dsplit fill_diagonal_ flip fliplr flipud hsplit narrow narrow_copy
repeat repeat_interleave roll rot90 select select_scatter slice_scatter split split_with_sizes
tensor_split tile trace tril tril_ triu triu_ unbind unsafe_chunk unsafe_split
unsafe_split_with_sizes vsplit
""",
        "namespaces.normalization": """
log_softmax softmax
""",
        "namespaces.operators": """
__abs__ __add__ __and__ __eq__ __floordiv__ __ge__ __gt__ __iadd__ __iand__ __idiv__ __ifloordiv__
__ilshift__ __imod__ __imul__ __invert__ __ior__ __ipow__ __irshift__ __isub__ __itruediv__ __ixor__
__le__ __lshift__ __lt__ __mod__ __mul__ __ne__ __neg__ __or__ __pos__ __pow__ __radd__ __rand__
__rdiv__ __rfloordiv__ __rlshift__ __rmod__ __rmul__ __ror__ __rpow__ __rrshift__ __rshift__
__rsub__ __rtruediv__ __rxor__ __sub__ __truediv__ __xor__
""",
        "namespaces.pointwise": """
abs abs_ absolute absolute_ acos acos_ acosh acosh_ add add_ addcdiv addcdiv_ addcmul addcmul_
allclose angle arccos arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh arcsinh_ arctan arctan2
arctan2_ arctan_ arctanh arctanh_ asin asin_ asinh asinh_ atan atan2 atan2_ atan_ atanh atanh_
bitwise_and bitwise_and_ bitwise_left_shift bitwise_left_shift_ bitwise_not bitwise_not_ bitwise_or
bitwise_or_ bitwise_right_shift bitwise_right_shift_ bitwise_xor bitwise_xor_ ceil ceil_ copysign
copysign_ cos cos_ cosh cosh_ deg2rad deg2rad_ digamma digamma_ div div_ divide divide_ eq eq_ equal
erf erf_ erfc erfc_ erfinv erfinv_ exp exp2 exp2_ exp_ expm1 expm1_ fix fix_ float_power
float_power_ floor floor_ floor_divide floor_divide_ fmax fmin fmod fmod_ frac frac_ frexp gcd gcd_
ge ge_ greater greater_ greater_equal greater_equal_ gt gt_ heaviside heaviside_ hypot hypot_ i0 i0_
isclose isfinite isinf isnan isneginf isposinf isreal lcm lcm_ ldexp ldexp_ le le_ lerp lerp_ less
less_ less_equal less_equal_ lgamma lgamma_ log log10 log10_ log1p log1p_ log2 log2_ log_ logaddexp
logaddexp2 logical_and logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor
logical_xor_ logit logit_ lt lt_ maximum minimum mul mul_ multiply multiply_ mvlgamma mvlgamma_
nan_to_num nan_to_num_ ne ne_ neg neg_ negative negative_ nextafter nextafter_ not_equal not_equal_
polygamma polygamma_ positive pow pow_ rad2deg rad2deg_ reciprocal reciprocal_ remainder remainder_
round round_ rsqrt rsqrt_ sgn sgn_ sigmoid sigmoid_ sign sign_ signbit sin sin_ sinc sinc_ sinh
sinh_ sqrt sqrt_ square square_ sub sub_ subtract subtract_ tan tan_ tanh tanh_ true_divide
true_divide_ trunc trunc_ where xlogy xlogy_
""",
        "namespaces.random": """
bernoulli bernoulli_ cauchy_ exponential_ geometric_ log_normal_ multinomial normal_ random_
uniform_
""",
        "namespaces.reduction": """
all amax amin aminmax any argmax argmin count_nonzero dist logsumexp max mean min nansum prod renorm
renorm_ std sum var
""",
        "namespaces.running": """
cummax cummin cumprod cumprod_ cumsum cumsum_ logcumsumexp
""",
        "namespaces.shape": """
H T adjoint as_strided as_strided_ as_strided_scatter broadcast_to diagonal diagonal_scatter expand
expand_as flatten mH mT moveaxis movedim permute ravel reshape reshape_as squeeze squeeze_
sum_to_size swapaxes swapaxes_ swapdims swapdims_ t t_ transpose transpose_ unflatten unfold
unsqueeze unsqueeze_ view view_as
""",
        "namespaces.solvers": """
cholesky_solve det inverse logdet lu_solve slogdet triangular_solve
""",
        "namespaces.sorting": """
argsort bincount histc kthvalue median mode msort nanmedian sort topk unique unique_consecutive
""",
        "namespaces.special": """
igamma igamma_ igammac igammac_
""",
        "namespaces.spectra": """
matrix_exp pinverse svd
""",
        "namespaces.statistics": """
corrcoef cov diff nanmean nanquantile quantile
""",
        "namespaces.stft": """
istft stft
""",
        "namespaces.storage": """
is_set_to resize_ resize_as_ set_
""",
        "namespaces.subscripts": """
__delitem__ __getitem__ __setitem__
""",
        "serialization.rebuilding": """
__deepcopy__ __reduce_ex__ as_subclass
""",
        "serialization.storage": """
untyped_storage
""",
    },
    "fft": {
        "namespaces.fft": """
fft fft2 fftfreq fftn fftshift hfft hfft2 hfftn ifft ifft2 ifftn ifftshift ihfft ihfft2 ihfftn irfft
irfft2 irfftn rfft rfft2 rfftfreq rfftn
""",
    },
    "linalg": {
        "namespaces.linalg": """
cholesky cholesky_ex householder_product ldl_factor ldl_factor_ex lu lu_factor lu_factor_ex qr
""",
        "namespaces.matmul": """
cross matmul matrix_power multi_dot vecdot
""",
        "namespaces.matrix_norms": """
cond matrix_norm norm
""",
        "namespaces.reduction": """
vector_norm
""",
        "namespaces.solvers": """
det inv inv_ex ldl_solve lu_solve slogdet solve solve_ex solve_triangular tensorinv tensorsolve
""",
        "namespaces.spectra": """
diagonal eig eigh eigvals eigvalsh lstsq matrix_exp matrix_rank pinv svd svdvals vander
""",
    },
    "masked": {
        "namespaces.masked": """
amax amin argmax argmin cumprod cumsum log_softmax logaddexp logsumexp mean median norm normalize
prod softmax softmin std sum var
""",
    },
    "nn.functional": {
        "namespaces.activation": """
celu celu_ elu elu_ gelu glu gumbel_softmax hardshrink hardsigmoid hardswish hardtanh hardtanh_
leaky_relu leaky_relu_ logsigmoid mish prelu relu relu6 relu_ rrelu rrelu_ selu selu_ sigmoid silu
softplus softshrink softsign tanh tanhshrink threshold threshold_
""",
        "namespaces.attention": """
scaled_dot_product_attention
""",
        "namespaces.convolution": """
conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d
""",
        "namespaces.dropout": """
alpha_dropout dropout dropout1d dropout2d dropout3d feature_alpha_dropout
""",
        "namespaces.embedding_bag": """
embedding_bag
""",
        "namespaces.folding": """
channel_shuffle fold native_channel_shuffle pixel_shuffle pixel_unshuffle unfold
""",
        "namespaces.indexing_queries": """
embedding one_hot
""",
        "namespaces.interpolation": """
affine_grid grid_sample
""",
        "namespaces.loss": """
binary_cross_entropy binary_cross_entropy_with_logits cross_entropy ctc_loss gaussian_nll_loss
huber_loss kl_div l1_loss mse_loss nll_loss poisson_nll_loss smooth_l1_loss
""",
        "namespaces.margin_loss": """
cosine_embedding_loss cosine_similarity hinge_embedding_loss margin_ranking_loss multi_margin_loss
multilabel_margin_loss multilabel_soft_margin_loss pairwise_distance soft_margin_loss
triplet_margin_loss triplet_margin_with_distance_loss
""",
        "namespaces.matmul": """
bilinear linear pdist
""",
        "namespaces.multihead_attention": """
multi_head_attention_forward
""",
        "namespaces.normalization": """
batch_norm group_norm instance_norm layer_norm local_response_norm log_softmax normalize rms_norm
softmax softmin
""",
        "namespaces.padding": """
pad
""",
        "namespaces.pooling": """
adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d
adaptive_max_pool1d_with_indices adaptive_max_pool2d adaptive_max_pool2d_with_indices
adaptive_max_pool3d adaptive_max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d
fractional_max_pool2d fractional_max_pool2d_with_indices fractional_max_pool3d
fractional_max_pool3d_with_indices lp_pool1d lp_pool2d lp_pool3d max_pool1d max_pool1d_with_indices
max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices max_unpool1d max_unpool2d
max_unpool3d
""",
        "namespaces.resampling": """
interpolate upsample upsample_bilinear upsample_nearest
""",
    },
    "ops.aten": {
        "namespaces.convolution": """
_convolution convolution convolution_backward
""",
        "namespaces.indexing": """
index
""",
        "namespaces.movement": """
slice
""",
        "namespaces.normalization": """
_batch_norm_with_update _safe_softmax _softmax_backward_data native_dropout_backward
""",
        "namespaces.padding": """
reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d
replication_pad3d
""",
        "namespaces.pooling": """
max_pool2d_with_indices_backward
""",
        "namespaces.resampling": """
_upsample_bicubic2d_aa _upsample_bicubic2d_aa_backward _upsample_bilinear2d_aa
_upsample_bilinear2d_aa_backward _upsample_lanczos2d_aa _upsample_lanczos2d_aa_backward
_upsample_nearest_exact1d _upsample_nearest_exact1d_backward _upsample_nearest_exact2d
_upsample_nearest_exact2d_backward _upsample_nearest_exact3d _upsample_nearest_exact3d_backward
upsample_bicubic2d upsample_bicubic2d_backward upsample_bilinear2d upsample_bilinear2d_backward
upsample_linear1d upsample_linear1d_backward upsample_nearest1d upsample_nearest1d_backward
upsample_nearest2d upsample_nearest2d_backward upsample_nearest3d upsample_nearest3d_backward
upsample_trilinear3d upsample_trilinear3d_backward
""",
        "namespaces.shape": """
alias
""",
    },
    "special": {
        "namespaces.special": """
airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv exp2 expit expm1
gammainc gammaincc gammaln i0 i0e i1 i1e log1p log_ndtr logit modified_bessel_i0 modified_bessel_i1
modified_bessel_k0 modified_bessel_k1 multigammaln ndtr ndtri polygamma psi round
scaled_modified_bessel_k0 scaled_modified_bessel_k1 sinc spherical_bessel_j0 xlog1py xlogy zeta
""",
    },
}

KERNELS = {
    "activation": """
elu elu_backward gelu gelu_backward glu glu_backward hardshrink hardsigmoid hardsigmoid_backward
hardswish hardswish_backward hardtanh hardtanh_backward leaky_relu leaky_relu_backward
log_sigmoid_backward log_sigmoid_forward mish prelu_kernel prelu_kernel_backward relu
rrelu_with_noise_backward shrink_backward sigmoid sigmoid_backward silu softplus softplus_backward
softshrink softshrink_backward tanh_backward threshold threshold_backward
""",
    "arrays": """
_dtypes_of_native anywhere are_row_major as_dtype_of detached dtype_of_native elements empty
following from_bytes from_dlpack from_native from_ndarray inplace is_cut is_nonzero is_uniform
is_whole item may_repeat sample scalar_like storage_identity straight_lines to_bytes to_ndarray
truth
""",
    "attention": """
_attention_scores _grouped_product _heads_last _over_groups
scaled_dot_product_flash_attention_for_cpu scaled_dot_product_flash_attention_for_cpu_backward
""",
    "bessel": """
airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 igamma igammac modified_bessel_i0 modified_bessel_i1
modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0 scaled_modified_bessel_k1
spherical_bessel_j0
""",
    "convolution": """
_in_layout_of_operands _shuffled _windows channel_shuffle col2im convolution convolution_backward
correlate correlate_input_backward correlate_overlapped correlate_weight_backward im2col overlapped
pixel_shuffle pixel_unshuffle turned_kernels
""",
    "ctc_loss": """
_ctc_labels _ctc_positions _ctc_scores _ctc_step _ctc_two_before ctc_loss ctc_loss_backward
ctc_paths
""",
    "embedding_bag": """
_bags _counts _largest_of_bags _summed_fast _unless_padding _without_last embedding_bag
embedding_bag_backward embedding_bag_per_sample_weights_backward
""",
    "fft": """
dft_of_real dft_to_real fft_c2c fft_c2r fft_r2c
""",
    "indexing": """
_from_front _restrided _true_places _uncut along among clamped column_major embedding
embedding_dense_backward filled index_add index_copy index_fill index_fill_tensor index_laid_out
index_put_impl index_reduce index_shape laid_out_as lengthened mask_positions masked_fill
masked_fill_tensor masked_scatter masked_scatter_backward masked_select masked_sum places put put_at
refuse_second_order rows_limited scatter_value scattered_anew take taken_at unique_positions
unsafe_index unsafe_index_put unsafe_masked_index unsafe_masked_index_put_accumulate where_marked
""",
    "interpolation": """
affine_grid_generator grid_sampler_2d grid_sampler_2d_backward grid_sampler_3d
grid_sampler_3d_backward grid_sampler_slope_backward
""",
    "linalg": """
_diagonal _divided _exchange _ldl_solve_one _parity _part _reflect _rows_taken _upper
broadcast_batch cholesky_inverse cholesky_solve cofactors eye_like ldl_solve leading linalg_det
linalg_householder_product linalg_inv_ex linalg_lu linalg_lu_solve linalg_qr linalg_slogdet
linalg_solve_ex lu_adjoint_of lu_factor_either lu_permutation lu_unpack mH ormqr
solve_either_factored solve_factored triangular_solve
""",
    "loss": """
binary_cross_entropy binary_cross_entropy_backward binary_cross_entropy_with_logits class_weights
huber_loss huber_loss_backward loss_slope mse_loss mse_loss_backward nll_loss2d_backward
nll_loss2d_forward nll_loss_backward nll_loss_forward reduce_loss smooth_l1_loss
smooth_l1_loss_backward
""",
    "margin_loss": """
_class_rows _label_rows _label_shortfall _margin_shortfall _weight_at multi_margin_loss
multi_margin_loss_backward multilabel_margin_loss_backward multilabel_margin_loss_forward
soft_margin_loss soft_margin_loss_backward
""",
    "matmul": """
_distance_slope _pairs _row_differences add_product addbmm addmm addmv addr baddbmm cdist
cdist_backward dot euclidean_dist linalg_cross mT matmul mv outer p_norm pdist pdist_backward
trilinear vdot
""",
    "movement": """
_below _zero block_diag diag_embed repeat roll rot90 stack trace tril triu
""",
    "normalization": """
_channel_dot _channel_sum _move _reciprocal_deviation batch_norm_update_backward log_softmax
log_softmax_backward_data native_batch_norm native_batch_norm_backward native_group_norm
native_layer_norm native_layer_norm_backward row_moments safe_softmax softmax softmax_backward_data
""",
    "padding": """
constant_pad_nd reflection_pad1d reflection_pad1d_backward reflection_pad2d
reflection_pad2d_backward reflection_pad3d reflection_pad3d_backward replication_pad1d
replication_pad1d_backward replication_pad2d replication_pad2d_backward replication_pad3d
replication_pad3d_backward
""",
    "pointwise": """
_over_number add_scalar add_scaled addcdiv addcmul clamp clamp_tensor conj deg2rad div_floor
div_scalar div_trunc exp2 fmax fmin frac frexp gcd heaviside hypot is_conj is_neg isfinite isneginf
isposinf lcm ldexp_whole lerp lerp_scalar log10 log2 logaddexp logaddexp2 mul_scalar nan_to_num
pow_base pow_scalar rad2deg reciprocal resolve_conj resolve_neg round_decimals rsqrt rsub
rsub_scalar sgn signbit sinc square sub_scaled
""",
    "pooling": """
_adaptive_maxima _adaptive_means _adaptive_means_backward _fractional_maxima _laid_out _laid_out_3d
_maxima _means _means_backward _picked _places _random_starts _shared _shared_by_axis _unpooled
adaptive_avg_pool2d adaptive_avg_pool2d_backward adaptive_avg_pool3d adaptive_avg_pool3d_backward
adaptive_max_pool2d adaptive_max_pool2d_backward adaptive_max_pool3d adaptive_max_pool3d_backward
avg_pool2d avg_pool2d_backward avg_pool3d avg_pool3d_backward fractional_max_pool2d
fractional_max_pool2d_backward fractional_max_pool3d fractional_max_pool3d_backward largest
max_pool2d_with_indices max_pool2d_with_indices_backward max_pool3d_with_indices
max_pool3d_with_indices_backward max_unpool2d max_unpool3d window_maxima window_maxima_backward
window_sums window_sums_backward
""",
    "reduction": """
_mean_as_moved aminmax count_nonzero dist logaddexp_shifted logcumsumexp logsumexp max_dim mean
mean_all min_dim nansum only_element picked renorm std std_mean sum_all var var_mean vector_norm
widened
""",
    "resampling": """
_rounded_bytes resampled resampled_backward weighted_taps
""",
    "segments": """
_along_inner _counted _of_segment _product_of_others _segment_lengths _segment_of_each
segment_reduce segment_reduce_backward
""",
    "shape": """
alias as_strided_scatter clone_row_major clone_storage clone_strided diagonal diagonal_backward
diagonal_scatter fill_tensor full_in_layout geometry in_format_of new_numbers new_positions
new_zeros ones_like placed reshape reshape_alias select_backward select_scatter slice_backward
slice_scatter split split_with_sizes squeeze squeeze_dim squeeze_dims subscript t to_dtype transpose
unbind unfold unfold_backward unsqueeze view_dtype zeros_like
""",
    "sorting": """
_median_of_all _retraced _settled histc kthvalue median median_dim mode nanmedian nanmedian_dim
sort_unstable topk unique unique_consecutive
""",
    "special": """
_each entr erfcx i0e i1 i1e log_ndtr logit mvlgamma ndtri xlog1py xlog1py_scalar xlogy xlogy_scalar
zeta zeta_of_number
""",
    "spectra": """
_combined _decomposed _exponentials _in_rows_of _least_solution _per_matrix _solution_of_full_rank
_taylor _taylor8 _tolerance linalg_lstsq linalg_matrix_exp linalg_matrix_rank linalg_pinv
""",
}
