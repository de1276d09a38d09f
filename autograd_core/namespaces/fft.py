"""torch.fft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import dtypes, ops
from ..composites import fft as composites
from ..dtypes import LEGACY_NAMES, DType
from ..tensor import Tensor
from .creation import arange, check_options
from .registration import accepts_out, function, require_tensor, write_out


def _check_int(name: str, argument: str, where: str, value: Any) -> None:
    if not hasattr(value, "__index__"):
        raise TypeError(
            f"fft_{name}(): argument '{argument}'{where} must be int, not {type(value).__name__}"
        )


def _check_norm(name: str, norm: Any) -> None:
    if norm is not None and not isinstance(norm, str):
        raise TypeError(f"fft_{name}(): argument 'norm' must be str, not {type(norm).__name__}")


def _check_out(name: str, out: Tensor | None, real: bool) -> None:
    """Refuse an ``out=`` of another kind of number (torch's text)."""
    if out is None or (out._dtype.is_floating_point if real else out._dtype.is_complex):
        return
    kind = "floating point" if real else "complex"
    raise RuntimeError(f"{name} expects a {kind} output tensor, but got {LEGACY_NAMES[out._dtype]}")


def _check_real(name: str, input: Tensor, kind: str = "real") -> None:
    if input._dtype.is_complex:
        raise RuntimeError(
            f"{name} expects a {kind} input tensor, but got {LEGACY_NAMES[input._dtype]}"
        )


def _written(aten: str, run: Callable[[Tensor], Tensor], input: Tensor, out: Any) -> Tensor:
    """Run a transform, into ``out`` where that is given."""
    if out is None:
        return run(input)
    run.__name__ = aten
    write: Any = accepts_out(run)
    made: Tensor = write(input, out=out)
    return made


def _aten(real: bool, complex: bool) -> str:
    """Return torch's name of the kernel between numbers of these kinds."""
    return f"_fft_{'r' if real else 'c'}2{'c' if complex else 'r'}"


# One dim ------------------------------------------------------------------------------------------


def _along_dim(name: str, doc: str, transform: Callable[..., Tensor], to_real: bool) -> None:
    """Publish a transform along a dim: ``transform(input, n, dim, norm)``."""

    def call(
        input: Tensor,
        n: int | None = None,
        dim: int = -1,
        norm: str | None = None,
        *,
        out: Any = None,
    ) -> Tensor:
        require_tensor(f"fft_{name}", input)
        if n is not None:
            _check_int(name, "n", " (position 2)", n)
        _check_int(name, "dim", "", dim)
        _check_norm(name, norm)
        if name in ("rfft", "ihfft"):
            _check_real(name, input)
        _check_out(name, out, to_real)
        from_real = not to_real and not input._dtype.is_complex
        aten = _aten(from_real, not to_real)
        return _written(aten, lambda x: transform(x, n, dim, norm), input, out)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = doc
    function(call, under="fft")


def _either(input: Tensor, n: Any, dim: int, norm: Any, forward: bool) -> Tensor:
    if input._dtype.is_complex:
        return composites.c2c(input, n, dim, norm, forward)
    return composites.r2c(input, n, dim, norm, forward, onesided=False)


_along_dim(
    "fft",
    "The discrete Fourier transform along a dim, of ``n`` points; complex.",
    lambda x, n, dim, norm: _either(x, n, dim, norm, True),
    to_real=False,
)
_along_dim(
    "ifft",
    "The inverse discrete Fourier transform along a dim; complex.",
    lambda x, n, dim, norm: _either(x, n, dim, norm, False),
    to_real=False,
)
_along_dim(
    "rfft",
    "The transform of a real tensor: the first ``n // 2 + 1`` frequencies.",
    lambda x, n, dim, norm: composites.r2c(x, n, dim, norm, True, onesided=True),
    to_real=False,
)
_along_dim(
    "ihfft",
    "The inverse of ``hfft``: the first ``n // 2 + 1`` points.",
    lambda x, n, dim, norm: composites.r2c(x, n, dim, norm, False, onesided=True),
    to_real=False,
)
_along_dim(
    "irfft",
    "The inverse of ``rfft``: real, of ``n`` points (an even number by default).",
    lambda x, n, dim, norm: composites.c2r(x, n, dim, norm, False),
    to_real=True,
)
_along_dim(
    "hfft",
    "The transform of a tensor whose other half would be its conjugate mirror image: real.",
    lambda x, n, dim, norm: composites.c2r(x, n, dim, norm, True),
    to_real=True,
)

# Several dims -------------------------------------------------------------------------------------


def _ints(name: str, argument: str, value: Any) -> tuple[int, ...] | None:
    """Return an optional list of ints, of which one may stand alone."""
    if value is None:
        return None
    if hasattr(value, "__index__"):
        return (value.__index__(),)
    if not isinstance(value, (tuple, list)):
        raise TypeError(
            f"fft_{name}(): argument '{argument}' must be tuple of ints, not {type(value).__name__}"
        )
    return tuple([member.__index__() for member in value])


def _over_dims(name: str, doc: str, transform: Callable[..., Tensor], to_real: bool) -> None:
    """Publish transforms over several dims and over two: ``transform(input, s, dim, norm)``."""

    def run(called: str, input: Any, s: Any, dim: Any, norm: Any, out: Any) -> Tensor:
        require_tensor(f"fft_{called}", input)
        s, dim = _ints(called, "s", s), _ints(called, "dim", dim)
        _check_norm(called, norm)
        if name == "rfftn":
            _check_real("rfftn", input, "real-valued")
        _check_out("fftn" if name == "ifftn" else name, out, to_real)  # torch's text
        aten = _aten(name == "rfftn", not to_real)
        return _written(aten, lambda x: transform(x, s, dim, norm), input, out)

    def nd(
        input: Tensor, s: Any = None, dim: Any = None, norm: str | None = None, *, out: Any = None
    ) -> Tensor:
        return run(name, input, s, dim, norm, out)

    def two_d(
        input: Tensor,
        s: Any = None,
        dim: Any = (-2, -1),
        norm: str | None = None,
        *,
        out: Any = None,
    ) -> Tensor:
        return run(two_d.__name__, input, s, dim, norm, out)

    nd.__name__ = nd.__qualname__ = name
    two_d.__name__ = two_d.__qualname__ = f"{name[:-1]}2"
    nd.__doc__ = f"{doc} over ``dim`` (all by default), with the sizes ``s``."
    two_d.__doc__ = f"{doc} over two dims, the last ones by default."
    function(nd, under="fft")
    function(two_d, under="fft")


_over_dims(
    "fftn",
    "The discrete Fourier transform",
    lambda x, s, dim, norm: composites.c2c_nd(x, s, dim, norm, True),
    to_real=False,
)
_over_dims(
    "ifftn",
    "The inverse discrete Fourier transform",
    lambda x, s, dim, norm: composites.c2c_nd(x, s, dim, norm, False),
    to_real=False,
)
_over_dims("rfftn", "The transform of a real tensor", composites.rfftn, to_real=False)
_over_dims("irfftn", "The inverse of ``rfftn``", composites.irfftn, to_real=True)
_over_dims("hfftn", "The real transform of the half of a symmetric tensor", composites.hfftn, True)
_over_dims("ihfftn", "The inverse of ``hfftn``", composites.ihfftn, to_real=False)

# Frequencies and shifts ---------------------------------------------------------------------------


@function(under="fft")
def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Bring frequency 0 to the middle of the dims (all by default)."""
    require_tensor("fft_fftshift", input)
    return composites.shifted(input, _ints("fftshift", "dim", dim), back=False)


@function(under="fft")
def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """Undo ``fftshift``."""
    require_tensor("fft_ifftshift", input)
    return composites.shifted(input, _ints("ifftshift", "dim", dim), back=True)


def _frequencies(
    name: str,
    n: int,
    d: float,
    out: Any,
    dtype: DType | None,
    requires_grad: bool,
    options: dict[str, Any],
) -> Tensor:
    """Return 0, 1 ... over ``n * d``, up to the middle; of fftfreq the negative ones follow."""
    _check_int(name, "n", " (position 1)", n)
    if not isinstance(d, (int, float)):
        raise TypeError(
            f"fft_{name}(): argument 'd' (position 2) must be float, not {type(d).__name__}"
        )
    check_options(f"fft_{name}", dtype, options.get("device"), options.get("layout"))
    dtype = dtype or (dtypes.get_default_dtype() if out is None else out._dtype)
    if not dtype.is_inexact:
        raise RuntimeError(f"{name} requires a floating point or complex dtype")
    backend = options.get("backend") if out is None else out._backend
    whole = name == "fftfreq"
    count = n if whole else int(n / 2) + 1
    if count < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {count}: [{count}]")
    places = arange(count, dtype=dtype, backend=backend)
    if whole:
        middle = (n + 1) // 2
        low = ops.slice(places, 0, 0, middle, 1)
        high = ops.slice(places, 0, middle, n, 1)
        places = ops.cat([low, ops.sub(high, n)], 0)
    made: Tensor = ops.mul(places, 1.0 / (n * d) if n * d else float("inf"))
    if out is not None:
        return write_out(out, made)
    made._requires_grad = requires_grad
    return made


@function(under="fft")
def fftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Any = None,
    dtype: DType | None = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """The frequencies of ``fft`` of ``n`` points that lie ``d`` apart."""
    return _frequencies("fftfreq", n, d, out, dtype, requires_grad, options)


@function(under="fft")
def rfftfreq(
    n: int,
    d: float = 1.0,
    *,
    out: Any = None,
    dtype: DType | None = None,
    requires_grad: bool = False,
    **options: Any,
) -> Tensor:
    """The frequencies of ``rfft`` of ``n`` points that lie ``d`` apart."""
    return _frequencies("rfftfreq", n, d, out, dtype, requires_grad, options)
