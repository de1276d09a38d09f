"""The backend contract: the array functions that carry every op.

``Backend`` declares the required functions, those a backend author writes. What can be said in
them is derived in ``default_kernels`` and may be overridden to be faster.

The conventions hold for every function, here and in ``default_kernels``:

* An array is the backend's own. It has ``shape`` (a tuple of ints) and ``dtype`` (the backend's own
  object, equal for equal dtypes) and the arithmetic, comparison and bitwise operators, with arrays
  of the same dtype and with Python numbers (which take the array's dtype). It is strided storage:
  views share memory with what they were made of. A 0-d result may be an immutable scalar with the
  same attributes and operators; ``own`` turns it into an array that can be written and viewed.
* Array operands of one call have one dtype, unless a function says otherwise: promotion is done
  before. Shapes broadcast in pointwise functions; elsewhere they have been checked.
* ``dim`` is a non-negative int, or a tuple of them where several are taken (never None); a dim
  of a 0-d array is not passed. ``index`` arrays are int64 with values in range and not negative.
* Results of pointwise functions keep the layout (the order of strides) of their operands; others
  are contiguous. Floating results are rounded to the dtype of the operands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextvars import Context
from typing import Any, ClassVar

from .capabilities import Decompositions, FourierTransforms, required
from .default_kernels import DefaultKernels
from .dtypes import DType

Array = Any
Number = bool | int | float | complex
FEW = 1 << 18
OF_FEW: dict[Callable[..., Any], Callable[..., Any]] = {}
"""By a kernel of one operand, what computes less than ``FEW`` elements (its ``size``) at once,
where the kernel itself asks first how many there are."""


class Backend(FourierTransforms, Decompositions, DefaultKernels):
    """An array library as the engine sees it; subclass it and write the required functions."""

    name: ClassVar[str] = "unnamed"
    level: ClassVar[Any] = None
    """None: the engine's levels of function transforms put backends of their own in this place."""
    has_storage: ClassVar[bool] = True
    """Whether arrays have a place in memory that can be told; a batch of a ``vmap`` has not."""
    level_number: ClassVar[int] = 0
    device_name: str = "cpu"
    """Where arrays live, in torch's words: "cpu", "cuda:0" ..."""
    capabilities: ClassVar[frozenset[str]] = frozenset()
    """Families beyond the required ones: "complex", "special", "linalg", "fft"."""

    kernel_context: ClassVar[Context] = Context()
    """The context variables under which kernels and formulas run.

    Division by zero, overflow and invalid operations give IEEE values without a word: a library
    that warns of them is silenced here, by the variable it asks, and not in each kernel.
    """

    def quietly(self, function: Callable[..., Any], *args: Any) -> Any:
        """``function(*args)`` with the variables of ``kernel_context`` set in the caller's context.

        A whole backward runs in here. A kernel, which calls nobody's code, runs in a copy of the
        context alone, which costs a third.
        """
        variables = self.kernel_context.items()
        tokens = [(variable, variable.set(value)) for variable, value in variables]
        try:
            return function(*args)
        finally:
            for variable, token in tokens:
                variable.reset(token)

    # Arrays: creation, dtype, transfer --------------------------------------------------------

    @required
    def dtype(self, input: Array) -> DType:
        """The dtype of an array (or scalar of this backend)."""

    @required
    def native_dtype(self, dtype: DType) -> Any:
        """The object that arrays of ``dtype`` have as their ``dtype`` attribute."""

    @required
    def cast(self, input: Array, dtype: DType) -> Array:
        """A new array of ``dtype``; the array itself when it has that dtype already.

        Floats to integers truncate toward zero; complex to real drops the imaginary part; to bool
        is "not zero". Keeps the layout.
        """

    @required
    def scalar(self, value: Number, dtype: DType) -> Array:
        """A 0-d operand holding a Python number; never written to, so it may be shared."""

    @required
    def full(self, shape: Sequence[int], value: Number, dtype: DType) -> Array:
        """A new contiguous array with every element ``value``."""

    @required
    def empty_strided(self, shape: Sequence[int], stride: Sequence[int], dtype: DType) -> Array:
        """A new array of any content with these strides (in elements)."""

    @required
    def arange(self, start: Number, step: Number, count: int, dtype: DType) -> Array:
        """1-d: ``start + i * step`` for i below ``count``, computed as torch does, then cast."""

    @required
    def from_flat(self, values: Sequence[Any], shape: Sequence[int], dtype: DType) -> Array:
        """A new contiguous array from Python numbers in row-major order, rounded to ``dtype``."""

    @required
    def to_flat(self, input: Array) -> list[Any]:
        """The elements in row-major order as Python bools, ints, floats or complex numbers."""

    @required
    def own(self, input: Array) -> Array:
        """The array itself, or a writable 0-d array holding an immutable scalar's value."""

    # Storage ----------------------------------------------------------------------------------

    @required
    def strides(self, input: Array) -> tuple[int, ...]:
        """Strides in elements; for dims of size 1 and empty arrays whatever they were made with."""

    @required
    def storage_offset(self, input: Array) -> int:
        """Elements between the start of the storage and the first element."""

    @required
    def storage_size(self, input: Array) -> int:
        """Elements the storage holds, counted in elements of this array's dtype."""

    @required
    def data_ptr(self, input: Array) -> int:
        """An integer that is equal for two arrays exactly when their first elements coincide."""

    @required
    def as_strided(
        self, input: Array, size: Sequence[int], stride: Sequence[int], storage_offset: int
    ) -> Array:
        """A view of the storage of ``input``; the extent has been checked."""

    @required
    def copy_(self, input: Array, source: Array) -> None:
        """Write ``source`` (any dtype, broadcast to the shape) into ``input``.

        Right also when both share memory.
        """

    @required
    def clone(self, input: Array) -> Array:
        """A new array with the same elements, in the same layout when that is dense."""

    @required
    def contiguous(self, input: Array) -> Array:
        """The array itself when its strides are row-major, else a row-major copy."""

    # Views: results share memory with the input ------------------------------------------------

    @required
    def view(self, input: Array, shape: Sequence[int]) -> Array:
        """The elements under another shape, as a view; it has been checked that strides allow."""

    @required
    def permute(self, input: Array, dims: Sequence[int]) -> Array:
        """The dims in another order, as a view."""

    @required
    def expand(self, input: Array, size: Sequence[int]) -> Array:
        """Broadcast to ``size``, as a view with stride 0 in the new and the stretched dims."""

    @required
    def select(self, input: Array, dim: int, index: int) -> Array:
        """One index of ``dim``, which goes, as a view."""

    @required
    def slice(self, input: Array, dim: int, start: int, end: int, step: int) -> Array:
        """Indices start, start+step ... below end of ``dim``, as a view; 0 <= start <= end."""

    # Pointwise: one operand --------------------------------------------------------------------

    @required
    def neg(self, input: Array) -> Array:
        """Minus each element; integers wrap."""

    @required
    def abs(self, input: Array) -> Array:
        """Absolute value; of complex numbers the real modulus."""

    @required
    def sign(self, input: Array) -> Array:
        """-1, 0 or 1 in the same dtype; 0 for NaN. Not for complex."""

    @required
    def exp(self, input: Array) -> Array:
        """e to each element. This and the next ones: floating and complex arrays only."""

    @required
    def expm1(self, input: Array) -> Array:
        """exp(input) - 1, exact near 0."""

    @required
    def log(self, input: Array) -> Array:
        """Natural logarithm: -inf at 0, NaN below."""

    @required
    def log1p(self, input: Array) -> Array:
        """log(1 + input), exact near 0."""

    @required
    def sqrt(self, input: Array) -> Array:
        """Square root; NaN below 0 (real)."""

    @required
    def sin(self, input: Array) -> Array:
        """Sine."""

    @required
    def cos(self, input: Array) -> Array:
        """Cosine."""

    @required
    def tan(self, input: Array) -> Array:
        """Tangent."""

    @required
    def asin(self, input: Array) -> Array:
        """Inverse sine."""

    @required
    def acos(self, input: Array) -> Array:
        """Inverse cosine."""

    @required
    def atan(self, input: Array) -> Array:
        """Inverse tangent."""

    @required
    def sinh(self, input: Array) -> Array:
        """Hyperbolic sine."""

    @required
    def cosh(self, input: Array) -> Array:
        """Hyperbolic cosine."""

    @required
    def tanh(self, input: Array) -> Array:
        """Hyperbolic tangent."""

    @required
    def asinh(self, input: Array) -> Array:
        """Inverse hyperbolic sine."""

    @required
    def acosh(self, input: Array) -> Array:
        """Inverse hyperbolic cosine."""

    @required
    def atanh(self, input: Array) -> Array:
        """Inverse hyperbolic tangent."""

    @required
    def floor(self, input: Array) -> Array:
        """Largest integer not above; real floating arrays. Likewise the next three."""

    @required
    def ceil(self, input: Array) -> Array:
        """Smallest integer not below."""

    @required
    def trunc(self, input: Array) -> Array:
        """Integer part."""

    @required
    def round(self, input: Array) -> Array:
        """Nearest integer, halves to even."""

    @required
    def isnan(self, input: Array) -> Array:
        """Bool array: is NaN (for complex, in either part)."""

    @required
    def isinf(self, input: Array) -> Array:
        """Bool array: is infinite (for complex, in either part)."""

    @required
    def logical_not(self, input: Array) -> Array:
        """Bool array: is zero; any dtype."""

    @required
    def bitwise_not(self, input: Array) -> Array:
        """Bits flipped; integers and bool."""

    # Pointwise: two operands, broadcast ----------------------------------------------------------

    @required
    def add(self, input: Array, other: Array) -> Array:
        """Sum; bool is "or"."""

    @required
    def sub(self, input: Array, other: Array) -> Array:
        """Difference; not for bool."""

    @required
    def mul(self, input: Array, other: Array) -> Array:
        """Product; bool is "and"."""

    @required
    def div(self, input: Array, other: Array) -> Array:
        """True quotient of floating or complex arrays, IEEE at zero."""

    @required
    def floor_divide(self, input: Array, other: Array) -> Array:
        """Quotient rounded down; an integer zero raises RuntimeError("ZeroDivisionError")."""

    @required
    def remainder(self, input: Array, other: Array) -> Array:
        """Rest with the sign of the divisor (Python's %)."""

    @required
    def fmod(self, input: Array, other: Array) -> Array:
        """Rest with the sign of the dividend (C's fmod)."""

    @required
    def pow(self, input: Array, other: Array) -> Array:
        """Power; 0 ** 0 is 1; integers wrap."""

    @required
    def atan2(self, input: Array, other: Array) -> Array:
        """Angle of the point (other, input)."""

    @required
    def copysign(self, input: Array, other: Array) -> Array:
        """Magnitude of input, sign of other."""

    @required
    def nextafter(self, input: Array, other: Array) -> Array:
        """The next representable number toward other."""

    @required
    def maximum(self, input: Array, other: Array) -> Array:
        """Larger element; NaN if either is NaN."""

    @required
    def minimum(self, input: Array, other: Array) -> Array:
        """Smaller element; NaN if either is NaN."""

    @required
    def eq(self, input: Array, other: Array) -> Array:
        """Bool array; so are the results of the next functions."""

    @required
    def ne(self, input: Array, other: Array) -> Array:
        """Not equal."""

    @required
    def lt(self, input: Array, other: Array) -> Array:
        """Less; not for complex."""

    @required
    def le(self, input: Array, other: Array) -> Array:
        """Less or equal."""

    @required
    def gt(self, input: Array, other: Array) -> Array:
        """Greater."""

    @required
    def ge(self, input: Array, other: Array) -> Array:
        """Greater or equal."""

    @required
    def logical_and(self, input: Array, other: Array) -> Array:
        """Both not zero; any dtype."""

    @required
    def logical_or(self, input: Array, other: Array) -> Array:
        """Either not zero."""

    @required
    def logical_xor(self, input: Array, other: Array) -> Array:
        """Exactly one not zero."""

    @required
    def bitwise_and(self, input: Array, other: Array) -> Array:
        """Bits of both; integers and bool, as the next two."""

    @required
    def bitwise_or(self, input: Array, other: Array) -> Array:
        """Bits of either."""

    @required
    def bitwise_xor(self, input: Array, other: Array) -> Array:
        """Bits of exactly one."""

    @required
    def bitwise_left_shift(self, input: Array, other: Array) -> Array:
        """Bits moved up; integers."""

    @required
    def bitwise_right_shift(self, input: Array, other: Array) -> Array:
        """Bits moved down, keeping the sign; integers."""

    @required
    def where(self, condition: Array, input: Array, other: Array) -> Array:
        """input where condition (a bool array) holds, else other; broadcast."""

    # Reductions ---------------------------------------------------------------------------------

    @required
    def sum(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Sum over dims in the dtype of the input (of floats, pairwise or better)."""

    @required
    def prod(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Product over dims in the dtype of the input."""

    @required
    def amax(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Maximum over dims, none of size 0; NaN wins."""

    @required
    def amin(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Minimum over dims, none of size 0; NaN wins."""

    @required
    def any(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Bool array: some element is not zero."""

    @required
    def all(self, input: Array, dim: Sequence[int], keepdim: bool = False) -> Array:
        """Bool array: no element is zero."""

    @required
    def argmax(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        """int64 index of the maximum: the first one; a NaN counts as the largest."""

    @required
    def argmin(self, input: Array, dim: int, keepdim: bool = False) -> Array:
        """int64 index of the minimum: the first one; a NaN counts as the smallest."""

    @required
    def cumsum(self, input: Array, dim: int) -> Array:
        """Running sums along dim."""

    @required
    def cumprod(self, input: Array, dim: int) -> Array:
        """Running products along dim."""

    @required
    def cummax(self, input: Array, dim: int) -> tuple[Array, Array]:
        """Running maximum and the int64 index of its last occurrence; NaN wins and stays."""

    @required
    def cummin(self, input: Array, dim: int) -> tuple[Array, Array]:
        """Running minimum and the int64 index of its last occurrence; NaN wins and stays."""

    @required
    def sort(self, input: Array, dim: int, descending: bool = False) -> tuple[Array, Array]:
        """Stable sort along dim and the int64 indices; NaN is larger than every number."""

    # Movement and indexing ------------------------------------------------------------------------

    @required
    def cat(self, tensors: Sequence[Array], dim: int) -> Array:
        """Joined along dim; at least one array, all of one dtype and rank."""

    @required
    def flip(self, input: Array, dims: Sequence[int]) -> Array:
        """A copy with dims reversed; the only dim of a 0-d array is 0."""

    @required
    def gather(self, input: Array, dim: int, index: Array) -> Array:
        """out[i][j] = input[index[i][j]][j] (dim 0); index no larger than input elsewhere.

        An index without elements may have any rank, here and in the next three.
        """

    @required
    def scatter(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        """A copy with copy[index[i][j]][j] = src[i][j] (dim 0); src at least as large as index."""

    @required
    def scatter_add(self, input: Array, dim: int, index: Array, src: Array) -> Array:
        """A copy with the src values added, in order, where index points."""

    @required
    def scatter_reduce(
        self, input: Array, dim: int, index: Array, src: Array, reduce: str, include_self: bool
    ) -> Array:
        """Likewise with reduce "sum", "prod", "mean", "amax" or "amin"."""

    @required
    def index_select(self, input: Array, dim: int, index: Array) -> Array:
        """The entries of dim that the 1-d (or 0-d) index names."""

    @required
    def index(self, input: Array, indices: Sequence[Array | None]) -> Array:
        """Advanced indexing: one int64 array (broadcast with the others) or None for each dim.

        The broadcast index dims come where the indexed dims were if those are adjacent, else first.
        """

    @required
    def index_put(
        self, input: Array, indices: Sequence[Array | None], values: Array, accumulate: bool
    ) -> Array:
        """A copy with values (broadcast) written, or added, at ``index``'s places."""

    @required
    def nonzero(self, input: Array) -> Array:
        """int64 array (count, rank) of the positions of non-zero elements in row-major order."""

    @required
    def searchsorted(self, sorted_sequence: Array, input: Array, right: bool) -> Array:
        """int64 insertion points into the last dim; 1-d sequence, or the same leading dims."""

    # Matrix products ------------------------------------------------------------------------------

    @required
    def mm(self, input: Array, mat2: Array) -> Array:
        """(n, k) times (k, m); any numeric dtype."""

    @required
    def bmm(self, input: Array, mat2: Array) -> Array:
        """(b, n, k) times (b, k, m)."""

    # Complex numbers: capability "complex" ------------------------------------------------------

    @required
    def conj_physical(self, input: Array) -> Array:
        """A copy with conjugated elements."""

    @required
    def real(self, input: Array) -> Array:
        """Real parts of a complex array, as a view."""

    @required
    def imag(self, input: Array) -> Array:
        """Imaginary parts of a complex array, as a view."""

    @required
    def view_as_real(self, input: Array) -> Array:
        """Real and imaginary parts of a complex array as a new last dim, as a view."""

    @required
    def view_as_complex(self, input: Array) -> Array:
        """The pairs along the last dim of a real array as complex numbers, as a view.

        The last dim has size 2 and stride 1; the other strides and the offset are even.
        """

    @required
    def complex(self, real: Array, imag: Array) -> Array:
        """Complex array from two real ones of one dtype (float32 or float64)."""

    @required
    def angle(self, input: Array) -> Array:
        """Phase; of real arrays 0 or pi, NaN for NaN."""

    # Special functions: capability "special" ----------------------------------------------------

    @required
    def erf(self, input: Array) -> Array:
        """Error function; real floating arrays, as all in this section."""

    @required
    def erfc(self, input: Array) -> Array:
        """1 - erf(input), exact for large input."""

    @required
    def erfinv(self, input: Array) -> Array:
        """Inverse error function."""

    @required
    def lgamma(self, input: Array) -> Array:
        """Logarithm of |gamma|."""

    @required
    def digamma(self, input: Array) -> Array:
        """Logarithmic derivative of gamma; -inf at 0, +inf at -0, NaN at negative integers."""

    @required
    def polygamma(self, n: int, input: Array) -> Array:
        """n-th derivative of digamma."""

    @required
    def i0(self, input: Array) -> Array:
        """Modified Bessel function of the first kind, order 0."""


def _marked(capability: str) -> tuple[str, ...]:
    return tuple(
        name
        for kind in Backend.__mro__
        for name, member in vars(kind).items()
        if getattr(member, "__required_by__", None) == capability
    )


REQUIRED: tuple[str, ...] = _marked("")
"""The names of the functions that every backend has, in the order of the contract."""

CAPABILITIES: dict[str, tuple[str, ...]] = {name: _marked(name) for name in ("fft", "linalg")}
"""The names of the functions that a capability adds to them."""


def missing_functions(backend: object) -> list[str]:
    """Return the functions that ``backend`` must have, by what it declares, and lacks."""
    declared: Collection[str] = getattr(backend, "capabilities", frozenset())
    return [
        name
        for names in (REQUIRED, *(CAPABILITIES[c] for c in CAPABILITIES if c in declared))
        for name in names
        if getattr(getattr(backend, name, None), "__required_by__", None) is not None
        or not callable(getattr(backend, name, None))
    ]
