"""A call of every op of the table: ``(values, arguments)`` with one place per tensor."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from autograd_core import ops
from autograd_core.derivatives.entry import Entry


class Numbers(NamedTuple):
    """A tensor argument: its shape and what numbers it holds."""

    kind: str
    shape: tuple[int, ...]
    low: float = 0.1
    high: float = 0.9

    def drawn(self, source: random.Random, shape: tuple[int, ...]) -> Any:
        """Return nested lists of numbers of the kind."""
        if shape:
            return [self.drawn(source, shape[1:]) for _ in range(shape[0])]
        if self.kind == "float":
            return source.uniform(self.low, self.high)
        if self.kind == "complex":
            return complex(source.uniform(self.low, self.high), source.uniform(self.low, self.high))
        if self.kind == "bool":
            return source.random() < 0.5
        return source.randrange(int(self.low), int(self.high))


def x(*shape: int, low: float = 0.1, high: float = 0.9) -> Numbers:
    """Floats."""
    return Numbers("float", shape, low, high)


def i(high: int, *shape: int, low: int = 0) -> Numbers:
    """Integers below ``high``."""
    return Numbers("int", shape, low, high)


def b(*shape: int) -> Numbers:
    """Bools."""
    return Numbers("bool", shape)


def z(*shape: int) -> Numbers:
    """Complex numbers."""
    return Numbers("complex", shape)


_OPTIONS: dict[str, Any] = {
    "alpha": 1.5,
    "beta": 0.5,
    "dim": 1,
    "keepdim": False,
    "value": 2.0,
    "scale": 1.25,
    "input_scale": 1.5,
    "dtype": None,
    "stride": None,
    "other": 0.75,
    "exponent": 3,
    "min": 0.25,
    "max": 0.75,
    "negative_slope": 0.1,
    "lambd": 0.3,
    "threshold": 0.4,
    "weight": 0.25,
    "lower": 0.1,
    "upper": 0.3,
    "min_val": 0.2,
    "max_val": 0.7,
    "eps": 0.1,
    "p": 2,
    "nan": 0.0,
    "posinf": 1.0,
    "neginf": -1.0,
    "decimals": 1,
    "approximate": "none",
    "is_result": False,
    "reduction": 1,
    "delta": 0.3,
    "correction": 1,
    "diagonal": 0,
    "n": 1,
    "message": "refused",
    "generator": None,
    "descending": False,
}
"""Values of options that need no row."""


CALLS: dict[str, list[list[Any]]] = {
    **{name: [[x(2, 3), (1,), False], [x(2, 3), (0, 1), True]] for name in ("amax", "amin")},
    "sum": [[x(2, 3), (1,)], [x(2, 3), (0, 1), True]],
    "mean": [[x(2, 3), (1,)], [x(2, 3), (0, 1), True]],
    "nansum": [[x(2, 3), (1,)]],
    "prod": [[x(2, 3), (1,)]],
    "var": [[x(2, 3), (1,), 1]],
    "std": [[x(2, 3), (0, 1), 1, True]],
    "var_mean": [[x(2, 3), (1,), 1]],
    "std_mean": [[x(2, 3), (1,), 1]],
    "logsumexp": [[x(2, 3), (1,)], [x(), ()]],
    "any": [[b(2, 3), (1,)]],
    "all": [[b(2, 3), (0, 1)]],
    "count_nonzero": [[i(2, 2, 3), (1,)]],
    "vector_norm": [[x(2, 3), 2, (1,)], [x(2, 3), 3, (0, 1), True]],
    "renorm": [[x(2, 3), 2, 0, 0.5]],
    "aminmax": [[x(2, 3), (1,)]],
    "cumsum": [[x(2, 3), 1], [x(), 0]],
    "cumprod": [[x(2, 3), 0], [x(), 0]],
    "cummax": [[x(2, 3), 1], [x(), 0]],
    "softmax": [[x(2, 3), 1], [x(), 0]],
    "log_softmax": [[x(2, 3), 0], [x(), 0]],
    "softmax_backward_data": [[x(2, 3), x(2, 3), 1]],
    "log_softmax_backward_data": [[x(2, 3), x(2, 3), 1]],
    "sort": [[x(2, 3), 1], [x(), 0]],
    "topk": [[x(2, 4), 2, 1]],
    "kthvalue": [[x(2, 3), 2, 1], [x(2, 3), 1, 0, True]],
    "max_dim": [[x(2, 3), 1], [x(2, 3), 0, True], [x(), 0]],
    "add": [[x(2, 3), x(2, 3)], [x(2, 3), x(3)], [x(3), x(2, 3)], [x(2, 3), x()]],
    "mul": [[x(2, 3), x(2, 3)], [x(2, 1), x(3)], [x(), x(2, 3)], [x(), x()]],
    "where": [[b(2, 3), x(2, 3), x(3)], [b(3), x(2, 3), 0.5]],
    "clamp_tensor": [[x(2, 3), x(3, high=0.4), x(2, 3, low=0.6)]],
    "lerp": [[x(2, 3), x(2, 3), x(3)]],
    "masked_fill": [[x(2, 3), b(2, 3), 2.0], [x(2, 3), b(3), 2.0]],
    "masked_fill_tensor": [[x(2, 3), b(3), x()]],
    "fill_tensor": [[x(2, 3), x()]],
    "fill_tensor_inplace": [[x(2, 3), x()]],
    "copy": [[x(2, 3), x(3)]],
    "complex": [[x(2, 3), x(2, 3)]],
    "conj_complex": [[z(2, 3)]],
    "conj_written": [[z(2, 3)]],
    "view_as_real": [[z(2, 3)]],
    "view_as_complex": [[x(3, 2)]],
    "polygamma": [[1, x(2, 3)]],
    "mvlgamma": [[x(2, 3, low=1.0, high=3.0), 2]],
    "acosh": [[x(2, 3, low=1.1, high=3.0)]],
    "pow_base": [[2.0, x(2, 3)]],
    "xlogy_of_number": [[2.0, x(2, 3)]],
    "xlog1py_of_number": [[2.0, x(2, 3)]],
    "zeta": [[x(2, 3, low=2.0, high=3.0), x(2, 3)]],
    "zeta_of_number": [[2.5, x(2, 3)]],
    "zeta_scalar": [[x(2, 3, low=2.0, high=3.0), 0.5]],
    "remainder_of_number": [[2.0, x(2, 3)]],
    "prelu_kernel": [[x(2, 3, low=-1.0), x(2, 3)]],
    "elu_backward": [[x(2, 3), 1.0, 1.0, 1.0, False, x(2, 3, low=-1.0)]],
    "log_sigmoid_backward": [[x(2, 3), x(2, 3), x(2, 3)]],
    "to_dtype": [[x(2, 3), "float32"]],
    # Views and movements.
    "clone": [[x(2, 3)], [x(2, 3), (1, 2)]],
    "view": [[x(2, 3), (3, 2)], [x(2, 3), (6,)]],
    "view_copy": [[x(2, 3), (3, 2)]],
    "reshape_copy": [[x(2, 3), (6,)]],
    "reshape_alias": [[x(2, 3), (6,), (1,)]],
    "expand": [[x(3), (2, 3)], [x(2, 1), (2, 3)], [x(), (2,)]],
    "expand_copy": [[x(3), (2, 3)]],
    "permute": [[x(2, 3, 4), (2, 0, 1)]],
    "permute_copy": [[x(2, 3, 4), (2, 0, 1)]],
    "transpose": [[x(2, 3, 4), 0, 2]],
    "transpose_inplace": [[x(2, 3, 4), 0, 2]],
    "transpose_copy": [[x(2, 3, 4), 0, 2]],
    "t": [[x(2, 3)], [x(3)]],
    "squeeze": [[x(2, 1, 3, 1)]],
    "squeeze_inplace": [[x(2, 1, 3, 1)]],
    "squeeze_copy": [[x(2, 1, 3, 1)]],
    "squeeze_dim": [[x(2, 1, 3), 1], [x(2, 3), 0]],
    "squeeze_dim_inplace": [[x(2, 1, 3), 1]],
    "squeeze_dim_copy": [[x(2, 1, 3), 1]],
    "squeeze_dims": [[x(2, 1, 3, 1), (1, 3)]],
    "squeeze_dims_inplace": [[x(2, 1, 3, 1), (1, 3)]],
    "squeeze_dims_copy": [[x(2, 1, 3, 1), (1, 3)]],
    "unsqueeze": [[x(2, 3), 1], [x(), 0]],
    "as_strided": [[x(2, 3), (2, 2), (1, 2), 1]],
    "as_strided_inplace": [[x(2, 3), (2, 2), (1, 2), 1]],
    "as_strided_copy": [[x(2, 3), (2, 2), (1, 2), 1]],
    "as_strided_scatter": [[x(2, 3), x(2, 2), (2, 2), (1, 2), 1]],
    "select": [[x(2, 3), 1, 2]],
    "select_copy": [[x(2, 3), 1, 2]],
    "select_backward": [[x(2), (2, 3), 1, 2]],
    "select_scatter": [[x(2, 3), x(2), 1, 2]],
    "slice": [[x(2, 5), 1, 1, 5, 2]],
    "slice_copy": [[x(2, 5), 1, 1, 5, 2]],
    "slice_backward": [[x(2, 2), (2, 5), 1, 1, 5, 2]],
    "slice_scatter": [[x(2, 5), x(2, 2), 1, 1, 5, 2]],
    "narrow_copy": [[x(2, 5), 1, 1, 2]],
    "diagonal": [[x(3, 4), 1, 0, 1]],
    "diagonal_copy": [[x(3, 4), 1, 0, 1]],
    "diagonal_backward": [[x(3), (3, 4), 1, 0, 1]],
    "diagonal_scatter": [[x(3, 4), x(3), 1, 0, 1]],
    "diag_embed": [[x(2, 3), 1, 0, 2], [x(3), 0, 0, 1]],
    "unfold": [[x(2, 5), 1, 2, 2]],
    "unfold_copy": [[x(2, 5), 1, 2, 2]],
    "unfold_backward": [[x(2, 2, 2), (2, 5), 1, 2, 2]],
    "split": [[x(2, 5), 2, 1]],
    "split_copy": [[x(2, 5), 2, 1]],
    "unsafe_split": [[x(2, 5), 2, 1]],
    "split_with_sizes": [[x(2, 5), (2, 3), 1]],
    "split_with_sizes_copy": [[x(2, 5), (2, 3), 1]],
    "unsafe_split_with_sizes": [[x(2, 5), (2, 3), 1]],
    "unbind": [[x(2, 3), 1]],
    "unbind_copy": [[x(2, 3), 1]],
    "flip": [[x(2, 3), (0, 1)]],
    "roll": [[x(2, 3), (1,), (1,)], [x(2, 3), (2,), ()]],
    "rot90": [[x(2, 3), 1, (0, 1)]],
    "repeat": [[x(2, 3), (2, 1, 2)]],
    "constant_pad_nd": [[x(2, 3), (1, 2), 0.5], [x(2, 3), (1, 0, 0, 1), 0.5]],
    "cat": [[[x(2, 3), x(2, 2)], 1]],
    "stack": [[[x(2, 3), x(2, 3)], 1], [[x(), x()], 0]],
    "block_diag": [[[x(2, 3), x(1, 2)]]],
    "trace": [[x(3, 4)]],
    "tril": [[x(3, 4), 1]],
    # Products.
    "mm": [[x(2, 3), x(3, 4)]],
    "bmm": [[x(2, 2, 3), x(2, 3, 2)]],
    "mv": [[x(2, 3), x(3)]],
    "dot": [[x(3), x(3)]],
    "vdot": [[x(3), x(3)], [z(3), z(3)]],
    "addmm": [[x(2, 4), x(2, 3), x(3, 4), 0.5, 1.5], [x(4), x(2, 3), x(3, 4), 1, 1]],
    "addmv": [[x(2), x(2, 3), x(3), 0.5, 1.5]],
    "addr": [[x(2, 3), x(2), x(3), 0.5, 1.5]],
    "addbmm": [[x(2, 4), x(2, 2, 3), x(2, 3, 4), 0.5, 1.5]],
    "baddbmm": [[x(2, 2, 4), x(2, 2, 3), x(2, 3, 4), 0.5, 1.5]],
    "linalg_cross": [[x(2, 3), x(2, 3), 1]],
    "trilinear": [[x(2, 3), x(4, 3, 3), x(2, 3), (1, 3), (0,), (1, 2), (2, 3)]],
    "cdist": [[x(2, 3), x(4, 3), 2.0]],
    "cdist_backward": [[x(2, 4), x(2, 3), x(4, 3), 2.0, x(2, 4)]],
    "euclidean_dist": [[x(2, 3), x(4, 3)]],
    "pdist": [[x(4, 3), 2.0]],
    "pdist_backward": [[x(6), x(4, 3), 2.0, x(6)]],
    "dist": [[x(2, 3), x(2, 3), 2], [x(2, 3), x(3), 3]],
    # Indices.
    "gather": [[x(2, 3), 1, i(3, 2, 2)], [x(), 0, i(1)]],
    "scatter": [[x(2, 3), 1, i(3, 2, 1), x(2, 3)]],
    "scatter_value": [[x(2, 3), 1, i(3, 2, 2), 0.5]],
    "scatter_add": [[x(2, 3), 1, i(3, 2, 2), x(2, 3)]],
    "scatter_combined": [[x(2, 3), 1, i(3, 2, 2), x(2, 3), "sum"]],
    "scatter_value_combined": [[x(2, 3), 1, i(3, 2, 2), 0.5, "sum"]],
    "scatter_reduce": [[x(2, 3), 1, i(3, 2, 2), x(2, 3), "sum"]],
    "index_select": [[x(2, 3), 1, i(3, 2)], [x(3), 0, i(3, 4)]],
    "index_add": [[x(2, 3), 1, i(3, 2), x(2, 2)]],
    "index_copy": [[x(2, 3), 1, i(3, 1), x(2, 1)]],
    "index_fill": [[x(2, 3), 1, i(3, 2), 0.5]],
    "index_fill_tensor": [[x(2, 3), 1, i(3, 2), x()]],
    "index_reduce": [[x(2, 3), 1, i(3, 2), x(2, 2), "prod"]],
    "take": [[x(2, 3), i(6, 2, 2)]],
    "put": [[x(2, 3), i(6, 1), x(1)]],
    "index": [
        [x(2, 3, 4), [i(2, 3), None, None]],
        [x(2, 3, 4), [None, i(3, 2), i(4, 2, 1)]],
        [x(2, 3, 4), [i(2, 2), None, i(4, 2)]],
    ],
    "unsafe_index": [[x(2, 3, 4), [None, i(3, 2), None]]],
    "index_put": [
        [x(2, 3, 4), [None, i(3, 1), None], x(2, 1, 4)],
        [x(2, 3, 4), [i(2, 1), None, i(4, 1)], x(3), True],
    ],
    "index_put_impl": [[x(2, 3), [i(2, 1), None], x(3), False]],
    "unsafe_index_put": [[x(2, 3), [i(2, 2), None], x(2, 3), True]],
    "unsafe_masked_index": [[x(3, 4), b(2), [i(3, 2), i(4, 2)], 0.5]],
    "unsafe_masked_index_put_accumulate": [[x(3, 4), b(2), [i(3, 2), i(4, 2)], x(2)]],
    "masked_scatter": [[x(2, 3), b(2, 3), x(6)]],
    "masked_scatter_backward": [[x(2, 3), b(2, 3), (6,)]],
    "embedding": [[x(4, 3), i(4, 2)]],
    "embedding_dense_backward": [[x(2, 3), i(4, 2), 4, -1, False]],
    # Normalisation and losses.
    "native_layer_norm": [[x(2, 3), (3,), x(3), x(3), 1e-5], [x(2, 3), (2, 3), None, None, 1e-5]],
    "native_layer_norm_backward": [
        [x(2, 3), x(2, 3), (3,), x(2, 1), x(2, 1), x(3), x(3), (True, True, True)]
    ],
    "native_batch_norm": [
        [x(4, 3), x(3), x(3), None, None, True, 0.1, 1e-5],
        [x(4, 3), x(3), x(3), x(3), x(3), False, 0.1, 1e-5],
    ],
    "native_batch_norm_legit": [[x(4, 3), x(3), x(3), x(3), x(3), False, 0.1, 1e-5]],
    "native_batch_norm_of_batch": [[x(4, 3), x(3), x(3), True, 0.1, 1e-5]],
    "batch_norm_with_update": [[x(4, 3), x(3), x(3), x(3), x(3), 0.1, 1e-5]],
    "native_batch_norm_backward": [
        [x(4, 3), x(4, 3), x(3), x(3), x(3), x(3), x(3), True, 1e-5, (True, True, True)]
    ],
    "batch_norm_update_backward": [
        [*(x(4, 3), x(4, 3), x(3), x(3), x(3), x(3), x(3)), True, 1e-5, (True,) * 3, x(0)]
    ],
    "native_group_norm": [[x(2, 4, 3), x(4), x(4), 2, 4, 3, 2, 1e-5]],
    "grid_sampler_2d": [[x(1, 2, 3, 3), x(1, 2, 2, 2), 0, 0, False]],
    "grid_sampler_2d_backward": [
        [x(1, 2, 2, 2), x(1, 2, 3, 3), x(1, 2, 2, 2), 0, 0, False, (True, True)]
    ],
    "grid_sampler_3d": [[x(1, 2, 2, 3, 3), x(1, 2, 2, 2, 3), 0, 0, False]],
    "grid_sampler_3d_backward": [
        [x(1, 2, 2, 2, 2), x(1, 2, 2, 3, 3), x(1, 2, 2, 2, 3), 0, 0, False, (True, True)]
    ],
    "upsample_bilinear2d_aa": [[x(1, 2, 4, 4), (2, 2), False, None, None]],
    "upsample_bilinear2d_aa_backward": [[x(1, 2, 2, 2), (2, 2), (1, 2, 4, 4), False, None, None]],
    "segment_reduce": [[x(6), "sum", i(3, 3, low=2), None, 0, None]],
    "segment_reduce_backward": [[x(3), x(3), x(6), "sum", i(3, 3, low=2), None, 0, None]],
    "searchsorted": [[x(4), x(2, 3), True], [x(2, 4), x(2, 3), False]],
    "among": [[i(5, 2, 3), i(5, 2)]],
    "glu": [[x(2, 4), 1]],
    "glu_backward": [[x(2, 2), x(2, 4), 1]],
    **{
        name: [[x(2, 3), x(2, 3), reduction, *rest] for reduction in (0, 1, 2)]
        for name, rest in (("mse_loss", []), ("huber_loss", [0.3]), ("smooth_l1_loss", [0.3]))
    },
    **{
        f"{name}_backward": [
            [x(2, 3), x(2, 3), x(2, 3), 0, *rest],
            [x(), x(2, 3), x(2, 3), 1, *rest],
        ]
        for name, rest in (("mse_loss", []), ("huber_loss", [0.3]), ("smooth_l1_loss", [0.3]))
    },
    "binary_cross_entropy": [[x(2, 3), x(2, 3), weight, 1] for weight in (None, x(2, 3))],
    "binary_cross_entropy_backward": [[x(), x(2, 3), x(2, 3), None, 1]],
    "binary_cross_entropy_with_logits": [
        [x(2, 3), x(2, 3), None, None, 1],
        [x(2, 3), x(2, 3), x(3), x(3), 0],
    ],
    **{
        f"nll_loss{kind}_forward": [
            [x(2, 3, *spatial), i(3, 2, *spatial), None, 1, -100],
            [x(2, 3, *spatial), i(3, 2, *spatial), x(3), 0, 1],
        ]
        for kind, spatial in (("", ()), ("2d", (2, 2)))
    },
    **{
        f"nll_loss{kind}_backward": [
            [x(), x(2, 3, *spatial), i(3, 2, *spatial), x(3), 1, -100, x()],
            [x(2, *spatial), x(2, 3, *spatial), i(3, 2, *spatial), None, 0, 1, x()],
        ]
        for kind, spatial in (("", ()), ("2d", (2, 2)))
    },
    **{
        name: [[i(5, 2, 3, low=1), i(5, 2, 3, low=1)]]
        for name in (
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
            "bitwise_left_shift",
            "bitwise_right_shift",
            "gcd",
            "lcm",
        )
    },
    "bitwise_not": [[i(5, 2, 3)]],
    "floor_divide": [[x(2, 3), x(2, 3)]],
}
"""Calls that do not follow from the names of the arguments; of the others one is made up."""

EXCEPTIONS: dict[str, str] = {
    "argwhere": "its result has a size for each member of the batch",
    "masked_select": "its result has a size for each member of the batch",
    "unique": "its result has a size for each member of the batch",
    "unique_consecutive": "its result has a size for each member of the batch",
    "view_dtype": "it has no gradient, and not every backend has bytes to look at",
    "bernoulli": "random: compared with torch in the scenarios",
    "bernoulli_fill": "random: compared with torch in the scenarios",
    "normal_mean": "random: compared with torch in the scenarios",
    "normal_std": "random: compared with torch in the scenarios",
    "normal_mean_std": "random: compared with torch in the scenarios",
    "multinomial": "random: compared with torch in the scenarios",
}
"""Ops that have no row, with the reason."""

REFUSED_GRADIENTS = {
    "index_fill_tensor": "the gradient of the value asks which indices there are, as in torch",
}
"""Ops whose gradient is refused for a batch of indices, with the reason."""

OF_MEMORY = {
    "as_strided",
    "as_strided_copy",
    "as_strided_inplace",
    "as_strided_scatter",
    "reshape_alias",
    "reshape_copy",
    "view",
    "view_copy",
}
"""Ops that see how a tensor lies in memory, which another batch dim changes."""

FUNCTIONS = {
    name: op
    for name, op in vars(ops).items()
    if isinstance(getattr(op, "entry", None), Entry) and not name.startswith("_")
}


def calls(name: str) -> list[list[Any]]:
    """Return the calls of an op, none when it needs a row that is missing."""
    entry = FUNCTIONS[name].entry
    found = CALLS.get(name, CALLS.get(entry.kernel_name))
    if found is not None or any(
        entry.parameters[k] not in _OPTIONS
        for k in range(len(entry.parameters))
        if k not in entry.inputs
    ):
        return found or []
    made: list[Any] = []
    for position, parameter in enumerate(entry.parameters):
        made.append(x(2, 3) if position in entry.inputs else _OPTIONS[parameter])
    return [made]


def tensors_of(call: list[Any]) -> list[Numbers]:
    """Return the tensor arguments of a call, those in lists too."""
    found = []
    for argument in call:
        members = argument if isinstance(argument, list) else [argument]
        found += [member for member in members if isinstance(member, Numbers)]
    return found


def filled(call: list[Any], tensors: list[Any]) -> list[Any]:
    """Return the call with tensors in the places of its ``Numbers``."""
    remaining = iter(tensors)

    def place(argument: Any) -> Any:
        if isinstance(argument, list):
            return [place(member) for member in argument]
        return next(remaining) if isinstance(argument, Numbers) else argument

    return [place(argument) for argument in call]


def batch_choices(count: int) -> list[tuple[bool, ...]]:
    """Return which tensors have a batch dim: all of them, and each one alone."""
    alone = [tuple(k == j for k in range(count)) for j in range(count)]
    return list(dict.fromkeys([(True,) * count, *alone]))
