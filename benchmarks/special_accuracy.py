"""How exact the functions of a number are: the worst error over their domain, beside torch's.

``python benchmarks/special_accuracy.py --write docs/special-accuracy.md`` measures every function
against mpmath with 50 digits and writes the table. Errors are in units in the last place of the
exact answer as a double.
"""

from __future__ import annotations

import argparse
import importlib
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import mpmath

DIGITS = 50
SUBJECTS = ("numpy", "python", "torch")


class Domain(NamedTuple):
    """Points of one argument: sizes log-spaced between two bounds, and points to come near to."""

    low: float
    high: float
    signs: tuple[int, ...] = (1,)
    near: tuple[float, ...] = ()
    inside: Callable[[float], bool] = lambda x: True

    def points(self, count: int) -> Iterator[float]:
        """About ``count`` doubles, the same at every run."""
        source = random.Random(7)
        bottom, top = math.log(self.low), math.log(self.high)
        for k in range(count):
            size = math.exp(bottom + (top - bottom) * (k + source.random()) / count)
            for sign in self.signs:
                yield sign * size
        for point in self.near:
            for exponent in range(-52, -1, 4):
                for sign in (1, -1):
                    yield point + sign * max(abs(point), 1e-3) * 2.0**exponent


class Case(NamedTuple):
    """A function: how it is called, the exact answer, and where it is asked."""

    name: str
    call: Callable[[Any, Any], Any]
    exact: Callable[[Any], Any]
    domain: Domain


BOTH = (1, -1)
WIDE = Domain(1e-300, 1e300, BOTH)
POLES = tuple(float(-k) for k in range(8))


def _log_gamma(x: Any) -> Any:
    return mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x).real


def _scaled(order: int) -> Callable[[Any], Any]:
    def exact(x: Any) -> Any:
        if abs(x) > 500:  # mpmath's own series would need as many digits: DLMF 10.40.1
            terms, k = [mpmath.mpf(1)], 1
            while k < 200 and abs(terms[-1]) > mpmath.mpf(10) ** -(DIGITS + 5):
                terms.append(terms[-1] * ((2 * k - 1) ** 2 - 4 * order * order) / (8 * k * abs(x)))
                k += 1
            made = mpmath.fsum(terms) / mpmath.sqrt(2 * mpmath.pi * abs(x))
            return -made if order and x < 0 else made
        return mpmath.besseli(order, x) * mpmath.exp(-abs(x))

    return exact


def _erfcx(x: Any) -> Any:
    if x > 1e5:  # the asymptotic series, DLMF 7.12.1
        terms, square = [mpmath.mpf(1)], 2 * x * x
        for k in range(1, 12):
            terms.append(-terms[-1] * (2 * k - 1) / square)
        return mpmath.fsum(terms) / (x * mpmath.sqrt(mpmath.pi))
    return mpmath.exp(x * x) * mpmath.erfc(x)


def _ndtri(p: Any) -> Any:
    with mpmath.workdps(DIGITS + 20 + max(0, int(-mpmath.log10(p)))):
        return mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)


def _log_ndtr(x: Any) -> Any:
    if x < -30:
        scaled = -x / mpmath.sqrt(2)
        return mpmath.log(_erfcx(scaled) / 2) - scaled * scaled
    return (
        mpmath.log1p(-mpmath.erfc(x / mpmath.sqrt(2)) / 2) if x > 0 else mpmath.log(mpmath.ncdf(x))
    )


def _multivariate(x: Any, p: int) -> Any:
    total = mpmath.mpf(p * (p - 1)) / 4 * mpmath.log(mpmath.pi)
    return total + mpmath.fsum(mpmath.loggamma(x - mpmath.mpf(k) / 2).real for k in range(p))


def _sinc(x: Any) -> Any:
    return mpmath.sincpi(x)


def _below(bound: float) -> Callable[[float], bool]:
    return lambda x: abs(x) < bound


def _special(name: str, *more: Any) -> Callable[[Any, Any], Any]:
    return lambda torch, x: getattr(torch.special, name)(x, *more)


def _elementary(name: str, domain: Domain, exact: Callable[[Any], Any] | None = None) -> Case:
    """A function of `torch` that mpmath has under the same name, but for what is given."""
    return Case(
        name, lambda torch, x: getattr(torch, name)(x), exact or getattr(mpmath, name), domain
    )


CASES = [
    Case("lgamma, x > 0", _special("gammaln"), _log_gamma, Domain(1e-300, 1e305, near=(1.0, 2.0))),
    Case(
        "lgamma, x < 0",
        _special("gammaln"),
        _log_gamma,
        Domain(1e-300, 150, (-1,), (*POLES, -2.457024738220801, -2.7476826467274127)),
    ),
    Case(
        "digamma, x > 0",
        _special("digamma"),
        mpmath.digamma,
        Domain(1e-300, 1e300, near=(1.4616321449683622,)),
    ),
    Case(
        "digamma, x < 0",
        _special("digamma"),
        mpmath.digamma,
        Domain(1e-300, 1e3, (-1,), (*POLES, -0.504083008264455)),
    ),
    *(
        Case(
            f"polygamma({n}), x > 0",
            lambda torch, x, n=n: torch.special.polygamma(n, x),
            lambda x, n=n: mpmath.polygamma(n, x),
            Domain(1e-60, 1e60),
        )
        for n in (1, 2, 5)
    ),
    Case(
        "polygamma(1), x < 0",
        lambda torch, x: torch.special.polygamma(1, x),
        lambda x: mpmath.polygamma(1, x),
        Domain(1e-60, 50, (-1,)),
    ),
    Case(
        "multigammaln(3)",
        _special("multigammaln", 3),
        lambda x: _multivariate(x, 3),
        Domain(1.01, 1e300),
    ),
    Case("erf", _special("erf"), mpmath.erf, Domain(1e-300, 10, BOTH)),
    Case("erfc", _special("erfc"), mpmath.erfc, Domain(1e-300, 27, BOTH)),
    Case("erfcx", _special("erfcx"), _erfcx, Domain(1e-300, 1e300, BOTH, inside=lambda x: x > -26)),
    Case(
        "erfinv",
        _special("erfinv"),
        mpmath.erfinv,
        Domain(1e-300, 1 - 1e-16, BOTH, (1.0, -1.0), lambda x: abs(x) < 1),
    ),
    Case("ndtr", _special("ndtr"), mpmath.ncdf, Domain(1e-300, 37, BOTH)),
    Case(
        "ndtri",
        _special("ndtri"),
        _ndtri,
        Domain(1e-300, 0.999, near=(0.5, 1.0, 0.1353352832366127), inside=lambda x: 0 < x < 1),
    ),
    Case(
        "log_ndtr",
        _special("log_ndtr"),
        _log_ndtr,
        Domain(1e-300, 1e150, BOTH, inside=lambda x: x < 37),
    ),
    Case("i0", _special("i0"), lambda x: mpmath.besseli(0, x), Domain(1e-300, 700, BOTH, (8.0,))),
    Case("i1", _special("i1"), lambda x: mpmath.besseli(1, x), Domain(1e-300, 700, BOTH, (8.0,))),
    Case("i0e", _special("i0e"), _scaled(0), Domain(1e-300, 1e300, BOTH, (8.0,))),
    Case("i1e", _special("i1e"), _scaled(1), Domain(1e-300, 1e300, BOTH, (8.0,))),
    *(
        Case(
            f"zeta(s, {q:g})",
            lambda torch, s, q=q: torch.special.zeta(s, torch.full_like(s, q)),
            lambda s, q=q: mpmath.zeta(s, q),
            Domain(1.0001, 60, near=(1.0,), inside=lambda s: s > 1),
        )
        for q in (0.01, 1.0, 33.3)
    ),
    *(
        Case(
            f"bessel_{kind}{n}",
            _special(f"bessel_{kind}{n}"),
            lambda x, f=f, n=n: f(n, x),
            Domain(1e-300, 1e4, signs),
        )
        for kind, f, signs in (("j", mpmath.besselj, BOTH), ("y", mpmath.bessely, (1,)))
        for n in (0, 1)
    ),
    *(
        Case(
            f"modified_bessel_{kind}{n}",
            _special(f"modified_bessel_{kind}{n}"),
            lambda x, f=f, n=n: f(n, x),
            Domain(1e-300, 700, signs),
        )
        for kind, f, signs in (("i", mpmath.besseli, BOTH), ("k", mpmath.besselk, (1,)))
        for n in (0, 1)
    ),
    *(
        Case(
            f"scaled_modified_bessel_k{n}",
            _special(f"scaled_modified_bessel_k{n}"),
            lambda x, n=n: mpmath.exp(x) * mpmath.besselk(n, x),
            Domain(1e-300, 1e4),
        )
        for n in (0, 1)
    ),
    Case(
        "spherical_bessel_j0",
        _special("spherical_bessel_j0"),
        mpmath.sinc,
        Domain(1e-300, 1e4, BOTH),
    ),
    Case("airy_ai", _special("airy_ai"), mpmath.airyai, Domain(1e-300, 100, BOTH)),
    *(
        Case(
            f"{name}({a:g}, x)",
            lambda torch, x, a=a, name=name: getattr(torch.special, name)(torch.full_like(x, a), x),
            lambda x, a=a, ends=ends: mpmath.gammainc(a, *ends(x), regularized=True),
            Domain(0.7 * a, 1.4 * a) if a > 100 else Domain(max(a, 1) * 1e-3, 20 * max(a, 2.5)),
        )
        for name, ends in (("gammainc", lambda x: (0, x)), ("gammaincc", lambda x: (x,)))
        for a in (0.01, 1.5, 30.0, 1000.0)
    ),
    Case(
        "entr", _special("entr"), lambda x: -x * mpmath.log(x), Domain(1e-300, 1e300, near=(1.0,))
    ),
    Case(
        "xlog1py(1.5, x)",
        lambda torch, x: torch.special.xlog1py(torch.full_like(x, 1.5), x),
        lambda x: mpmath.mpf(1.5) * mpmath.log1p(x),
        Domain(1e-300, 1e300, BOTH, (-1.0,), lambda x: x > -1),
    ),
    Case(
        "log1p",
        _special("log1p"),
        mpmath.log1p,
        Domain(1e-300, 1e300, BOTH, (-1.0,), lambda x: x > -1),
    ),
    Case("expm1", _special("expm1"), mpmath.expm1, Domain(1e-300, 709, BOTH)),
    Case("exp2", _special("exp2"), lambda x: mpmath.mpf(2) ** x, Domain(1e-300, 1020, BOTH)),
    Case("sinc", _special("sinc"), _sinc, Domain(1e-300, 1e6, BOTH, (1.0, 2.0))),
    Case(
        "logit",
        _special("logit"),
        lambda x: mpmath.log(x / (1 - x)),
        Domain(1e-300, 0.9, near=(0.5, 1.0), inside=lambda x: 0 < x < 1),
    ),
    _elementary("exp", Domain(1e-300, 709, BOTH)),
    _elementary("log", Domain(1e-300, 1e300, near=(1.0,))),
    _elementary("log2", Domain(1e-300, 1e300, near=(1.0,)), lambda x: mpmath.log(x, 2)),
    _elementary("log10", Domain(1e-300, 1e300, near=(1.0,))),
    _elementary("sqrt", Domain(1e-300, 1e300)),
    _elementary("rsqrt", Domain(1e-300, 1e300), lambda x: 1 / mpmath.sqrt(x)),
    _elementary("sin", Domain(1e-300, 1e15, BOTH, (math.pi, 2 * math.pi))),
    _elementary("cos", Domain(1e-300, 1e15, BOTH, (math.pi / 2, 3 * math.pi / 2))),
    _elementary("tan", Domain(1e-300, 1e15, BOTH, (math.pi / 2, math.pi))),
    _elementary("asin", Domain(1e-300, 1, BOTH, (1.0, -1.0), lambda x: abs(x) <= 1)),
    _elementary("acos", Domain(1e-300, 1, BOTH, (1.0, -1.0), lambda x: abs(x) <= 1)),
    _elementary("atan", WIDE),
    _elementary("sinh", Domain(1e-300, 709, BOTH)),
    _elementary("cosh", Domain(1e-300, 709, BOTH)),
    _elementary("tanh", Domain(1e-300, 100, BOTH)),
    _elementary("asinh", WIDE),
    _elementary("acosh", Domain(1, 1e300, near=(1.0,), inside=lambda x: x >= 1)),
    _elementary("atanh", Domain(1e-300, 1, BOTH, (1.0, -1.0), _below(1))),
    _elementary("sigmoid", Domain(1e-300, 700, BOTH), lambda x: 1 / (1 + mpmath.exp(-x))),
]


class Worst(NamedTuple):
    """The largest error, and where; infinite for infinity or NaN in the wrong place."""

    ulps: float
    point: float


def distance(got: float, exact: Any) -> float:
    """Units in the last place between an answer and the exact one."""
    nearest = float(exact)
    if math.isnan(got):
        return math.inf
    if math.isinf(got) or math.isinf(nearest):
        return 0.0 if got == nearest else math.inf
    return float(abs(mpmath.mpf(got) - exact) / mpmath.mpf(math.ulp(nearest)))


def measured(case: Case, count: int) -> dict[str, Worst]:
    """Return the worst error of each subject."""
    points = [x for x in case.domain.points(count) if case.domain.inside(x)]
    with mpmath.workdps(DIGITS):
        wanted = [case.exact(mpmath.mpf(x)) for x in points]
        kept = [(x, y) for x, y in zip(points, wanted, strict=True) if mpmath.isfinite(y)]
        found = {}
        for name in SUBJECTS:
            answers = _answers(name, case, [x for x, _ in kept])
            errors = [distance(a, y) for a, (_, y) in zip(answers, kept, strict=True)]
            largest = max(range(len(errors)), key=errors.__getitem__)
            found[name] = Worst(errors[largest], kept[largest][0])
    return found


def _answers(subject: str, case: Case, points: list[float]) -> list[float]:
    if subject == "torch":
        torch: Any = importlib.import_module("torch")
        return case.call(torch, torch.tensor(points, dtype=torch.float64)).tolist()
    torch = importlib.import_module("autograd_core")
    with torch.use_backend(subject):
        return case.call(torch, torch.tensor(points, dtype=torch.float64)).tolist()


def table(cases: Iterable[Case], count: int) -> str:
    """Return the lines of the table, which are also printed as they come."""
    lines = [
        "| function | NumPy | Python | torch | NumPy's worst at | Python's worst at |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for case in cases:
        worst = measured(case, count)
        cells = [_shown(worst[name].ulps) for name in SUBJECTS]
        places = [f"{worst[name].point:.6g}" for name in ("numpy", "python")]
        lines.append(f"| {case.name} | {' | '.join([*cells, *places])} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def _shown(ulps: float) -> str:
    if math.isinf(ulps):
        return "wrong"
    return f"{ulps:.2f}" if ulps < 100 else f"{ulps:.1e}"


INTRODUCTION = """\
# How exact the functions of a number are

The worst error in float64, in units in the last place of the exact answer: of the two backends,
and of torch 2.13.0. Points are log-spaced over the domain of a function ({count} per sign), and
come near to poles, zeros and branch points. "wrong" is NaN, infinity or a number where the exact
answer is something else. Near a zero of a function an error grows without bound unless the zero
itself is built in; the tables say where that shows.

`python benchmarks/special_accuracy.py --write docs/special-accuracy.md` measures them anew, against
mpmath with 50 digits.

"""


def main() -> None:
    """Measure and print; ``--write`` puts the table into a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=300, help="points per sign of an argument")
    parser.add_argument("--only", default="", help="part of the name of the functions to measure")
    parser.add_argument("--write", type=Path, help="the file to write")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in case.name]
    lines = table(cases, options.points)
    if options.write is not None:
        options.write.write_text(
            INTRODUCTION.format(count=options.points) + lines + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    sys.exit(main())
