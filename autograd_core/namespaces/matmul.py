"""torch's products of matrices and vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..batching import NO_FALLBACK, refuse_undivided
from ..composites import matmul as composites
from ..composites.einsum import einsum as composed_einsum
from ..composites.einsum import from_sublists
from ..dtypes import LEGACY_NAMES, not_implemented_for
from ..engine.views import check_inplace, requires_grad
from ..ops.matmul_checks import check_addr_target
from ..sizes import broadcast_shapes
from ..tensor import Tensor, own_dim
from ..warn_once import warn_once
from .deprecations import warn_deprecated
from .registration import accepts_out, function, method
from .solvers import inv

COMPUTE_MODES = {
    "use_mm_for_euclid_dist_if_necessary": 0,
    "use_mm_for_euclid_dist": 1,
    "donot_use_mm_for_euclid_dist": 2,
}


def require_tensors(name: str, **arguments: Any) -> None:
    """Refuse arguments that are no tensors, with torch's text; their order is their position."""
    for position, (argument, value) in enumerate(arguments.items(), 1):
        if not isinstance(value, Tensor):
            raise TypeError(
                f"{name}(): argument '{argument}' (position {position}) must be Tensor, not "
                f"{type(value).__name__}"
            )


@function
@method
@accepts_out
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """(n, k) @ (k, m)."""
    require_tensors("mm", input=input, mat2=mat2)
    return ops.mm(input, mat2)


@function
@method
@accepts_out
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """(b, n, k) @ (b, k, m)."""
    require_tensors("bmm", input=input, mat2=mat2)
    return ops.bmm(input, mat2)


@function
@method
@accepts_out
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """(n, k) @ (k,)."""
    require_tensors("mv", input=input, vec=vec)
    return ops.mv(input, vec)


@function
@method
@accepts_out
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """(k,) @ (k,), 0-d."""
    require_tensors("dot", input=input, tensor=tensor)
    return ops.dot(input, tensor)


@function
@method
@accepts_out
def vdot(input: Tensor, other: Tensor) -> Tensor:
    """conj((k,)) @ (k,), 0-d."""
    require_tensors("vdot", input=input, other=other)
    return ops.vdot(input, other)


@function
@method
@accepts_out
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """(n,) and (m,) to (n, m): every product of two elements."""
    require_tensors("outer", input=input, vec2=vec2)
    return ops.outer(input, vec2)


@function
@method
@accepts_out
def ger(input: Tensor, vec2: Tensor) -> Tensor:
    """See ``outer``."""
    require_tensors("ger", input=input, vec2=vec2)
    return ops.outer(input, vec2)


@function
@method
@accepts_out
def inner(input: Tensor, other: Tensor) -> Tensor:
    """Products summed over the last dims."""
    require_tensors("inner", input=input, other=other)
    return composites.inner(input, other)


@function
@method
@accepts_out
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """Product of vectors, matrices or batches of matrices."""
    require_tensors("matmul", input=input, other=other)
    return ops.matmul(input, other)


function(matmul, under="linalg")


def _matmul_operator(self: Tensor, other: Any) -> Any:
    return ops.matmul(self, other) if isinstance(other, Tensor) else NotImplemented


def _rmatmul_operator(self: Tensor, other: Any) -> Any:
    return ops.matmul(other, self) if isinstance(other, Tensor) else NotImplemented


method(_matmul_operator, name="__matmul__")
method(_rmatmul_operator, name="__rmatmul__")


# Products added to a tensor -----------------------------------------------------------------------


def number(value: Any, input: Tensor) -> Any:
    """Return beta or alpha as a number that fits the tensor.

    Raises:
        RuntimeError: complex for a tensor that is not (torch's text).
    """
    if isinstance(value, Tensor):
        value = value.item()
    if isinstance(value, complex) and not input._dtype.is_complex:
        if value.imag:
            raise RuntimeError("value cannot be converted to type double without overflow")
        value = value.real
    return value


def _check_target(input: Tensor, size: tuple[int, ...]) -> None:
    if tuple(input._array.shape) != size:
        raise RuntimeError(
            f"Bad in-place call: input tensor size {list(input._array.shape)} and output tensor "
            f"size {list(size)} should match"
        )


def _publish_added(
    name: str,
    op: Any,
    names: tuple[str, str],
    check_target: Callable[[Tensor, Tensor, Tensor], None],
) -> None:
    """Publish ``name`` and its in-place forms: beta * input + alpha * product.

    ``check_target`` refuses a tensor that the in-place form cannot write to.
    """
    first, second = names

    def numbers(input: Tensor, beta: Any, alpha: Any) -> tuple[Any, Any]:
        beta, alpha = number(beta, input), number(alpha, input)
        if name != "addr" and not input._dtype.is_inexact:
            beta, alpha = int(beta), int(alpha)
        return beta, alpha

    def out_of_place(input: Any, left: Any, right: Any, beta: Any, alpha: Any) -> Tensor:
        require_tensors(name, **{"input": input, first: left, second: right})
        return op(input, left, right, *numbers(input, beta, alpha))

    def in_place(input: Any, left: Any, right: Any, beta: Any, alpha: Any) -> Tensor:
        require_tensors(name, **{"input": input, first: left, second: right})
        check_inplace(input, any(map(requires_grad, (input, left, right))))
        if input._dtype is left._dtype is right._dtype:
            op.check(input, left, right)
            check_target(input, left, right)
        return op.inplace(input, left, right, *numbers(input, beta, alpha))

    parameters = f"input, {first}, {second}, *, beta=1, alpha=1"
    arguments = f"input, {first}, {second}, beta, alpha"
    for call, public in ((out_of_place, name), (in_place, f"{name}_")):
        published = eval(f"lambda {parameters}: call({arguments})", {"call": call})
        published.__name__ = published.__qualname__ = public
        published.__doc__ = f"beta * input + alpha * the product of {first} and {second}."
        method(published, name=public)
        if call is out_of_place:
            function(accepts_out(published), name=public)


_publish_added(
    "addmm",
    ops.addmm,
    ("mat1", "mat2"),
    lambda input, a, b: _check_target(input, (a._array.shape[0], b._array.shape[1])),
)
_publish_added(
    "addmv",
    ops.addmv,
    ("mat", "vec"),
    lambda input, a, b: _check_target(input, (a._array.shape[0],)),
)
_publish_added("addr", ops.addr, ("vec1", "vec2"), check_addr_target)
_publish_added(
    "addbmm",
    ops.addbmm,
    ("batch1", "batch2"),
    lambda input, a, b: _check_target(input, (a._array.shape[1], b._array.shape[2])),
)
_publish_added(
    "baddbmm",
    ops.baddbmm,
    ("batch1", "batch2"),
    lambda input, a, b: _check_target(input, (*a._array.shape[:2], b._array.shape[2])),
)


# Composed -----------------------------------------------------------------------------------------


@function
@accepts_out
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Product summed over the last dims of a and the first of b, or over the listed pairs.

    Raises:
        RuntimeError: ``dims`` is no int and no two lists, or the sizes differ (torch's text).
    """
    if isinstance(dims, Tensor):
        dims = dims.tolist() if dims.numel() > 1 else int(dims.item())
    if not isinstance(dims, (int, tuple, list)):
        raise RuntimeError(
            "tensordot expects dims to be int or tuple[list[int], list[int]] or "
            f"list[list[int]] containing two lists, but got dims={dims}"
        )
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(a.ndim, b.ndim):
            raise RuntimeError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
        dims = (tuple(range(-dims, 0)), tuple(range(dims)))
    dims_a, dims_b = dims
    for k, given in enumerate((dims_a, dims_b)):
        if not isinstance(given, (tuple, list)):
            raise TypeError(
                f"tensordot(): argument 'dims_{'self' if k == 0 else 'other'}' (position "
                f"{k + 3}) must be tuple of ints, not {type(given).__name__}"
            )
    return composites.tensordot(a, b, dims_a, dims_b)


@function
@method
@accepts_out
def kron(input: Tensor, other: Tensor) -> Tensor:
    """Kronecker product."""
    require_tensors("kron", input=input, other=other)
    return composites.kron(input, other)


_chain_matmul: Any = accepts_out(composites.chain_matmul)


@function
def chain_matmul(*matrices: Tensor, out: Tensor | None = None) -> Tensor:
    """Product of matrices in the cheapest order."""
    refuse_undivided(matrices, NO_FALLBACK.format("chain_matmul"))
    warn_deprecated("chain_matmul")
    return _chain_matmul(matrices, out=out)


@function(under="linalg")
@accepts_out
def multi_dot(tensors: Any) -> Tensor:
    """Product of matrices, the first and last of which may be vectors, in the cheapest order."""
    return composites.multi_dot(list(tensors))


@function(under="linalg")
@accepts_out
def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Sum over ``dim`` of conj(x) * y."""
    return composites.vecdot(x, y, dim)


@function
def einsum(*args: Any) -> Tensor:
    """Sum of products over named dims; equation and operands, or operands and their sublists."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, "
            "or at least one operand and its subscripts list"
        )
    if isinstance(args[0], Tensor):
        equation, operands = from_sublists(args)
    else:
        equation, operands = args[0], list(args[1:])
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = list(operands[0])
    return composed_einsum(equation, operands)


@function
@method
@accepts_out
def matrix_power(input: Tensor, n: int) -> Tensor:
    """n-th power of square matrices.

    Raises:
        RuntimeError: the input is no batch of square matrices (torch's text).
    """
    if input.ndim < 2:
        raise RuntimeError(
            "linalg.matrix_power: The input tensor A must have at least 2 dimensions."
        )
    rows, columns = input._array.shape[-2:]
    if rows != columns:
        raise RuntimeError(
            "linalg.matrix_power: A must be batches of square matrices, but they are "
            f"{rows} by {columns} matrices"
        )
    if n == 0:
        return ops.copy.inplace(ops.clone_contiguous(input), ops.identity_like(input))
    if n < 0:
        inverse = inv(input)
        return inverse if n == -1 else composites.matrix_power(inverse, -n)
    return composites.matrix_power(input, n)


function(matrix_power, under="linalg")


def _crossed(input: Tensor, other: Tensor, dim: int) -> Tensor:
    if input.ndim != other.ndim:
        raise RuntimeError("linalg.cross: inputs must have the same number of dimensions.")
    at = own_dim(dim, input.ndim)
    n1, n2 = input._array.shape[at], other._array.shape[at]
    if n1 != 3 or n2 != 3:
        raise RuntimeError(
            f"linalg.cross: inputs dimension {dim} must have length 3. Got {n1} and {n2}"
        )
    broadcast_shapes(input._array.shape, other._array.shape)
    return ops.linalg_cross(input, other, at)


@function(name="cross", under="linalg")
@accepts_out
def linalg_cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """Cross product of the vectors along ``dim``."""
    return _crossed(input, other, dim)


@function
@method
@accepts_out
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """Cross product of the vectors along ``dim``, by default the first dim of size 3."""
    require_tensors("cross", input=input, other=other)
    if dim is None:
        warn_once(
            "Using torch.cross without specifying the dim arg is deprecated.\nPlease either pass "
            "the dim explicitly or simply use torch.linalg.cross.\nThe default value of dim will "
            "change to agree with that of linalg.cross in a future release.",
            stacklevel=3,
        )
        shape = list(input._array.shape)
        if 3 not in shape:
            raise RuntimeError("no dimension of size 3 in input")
        dim = shape.index(3)
    return _crossed(input, other, dim)


# Layers and distances -----------------------------------------------------------------------------


@function(under="nn.functional")
def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weight.T + bias."""
    require_tensors("linear", input=input, weight=weight)
    return composites.linear(input, weight, bias)


@function(under="nn.functional")
def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input1 @ weight[o] @ input2 + bias for each output o."""
    require_tensors("bilinear", input1=input1, input2=input2, weight=weight)
    return composites.bilinear(input1, input2, weight, bias)


@function
def cdist(
    x1: Tensor,
    x2: Tensor,
    p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Tensor:
    """p-norms of the differences of all pairs of rows.

    Raises:
        RuntimeError: the operands do not fit (torch's text).
        ValueError: ``compute_mode`` is unknown.
    """
    if compute_mode not in COMPUTE_MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    for name, tensor in (("X1", x1), ("X2", x2)):
        if tensor.ndim < 2:
            raise RuntimeError(
                f"cdist only supports at least 2D tensors, {name} got: {tensor.ndim}D"
            )
    columns1, columns2 = x1._array.shape[-1], x2._array.shape[-1]
    if columns1 != columns2:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {columns1} X2: {columns2}"
        )
    for name, tensor in (("X1", x1), ("X2", x2)):
        if not tensor._dtype.is_floating_point:
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, {name} got: "
                f"{LEGACY_NAMES[tensor._dtype]}"
            )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if x1._dtype.itemsize == 2 and x1.numel() and x2.numel():
        raise not_implemented_for("cdist", x1._dtype)
    if x1._dtype is not x2._dtype:
        raise RuntimeError(
            f"expected scalar type {LEGACY_NAMES[x1._dtype]} but found {LEGACY_NAMES[x2._dtype]}"
        )
    return composites.cdist(x1, x2, float(p), COMPUTE_MODES[compute_mode])


@function
@function(under="nn.functional")
def pdist(input: Tensor, p: float = 2) -> Tensor:
    """p-norms of the differences of all pairs of rows of a matrix, (n, k) to (n * (n - 1) / 2,).

    Raises:
        RuntimeError: no floating matrix, or a negative p (torch's text).
    """
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not input._dtype.is_floating_point:
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    return ops.pdist(ops.contiguous(input), float(p))
