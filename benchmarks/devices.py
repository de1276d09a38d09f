"""``python -m benchmarks.devices torch:cuda cupy jax:cuda``: large arrays on a device.

What each backend takes for a forward and a backward beside torch itself on ``--device``, round by
round in one process: the least milliseconds, and the median of the ratios. A call ends when one of
the gradients' numbers is on the host.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

from .measuring import Work, interleaved, ratio


def product(library: Any, side: int) -> Work:
    """Return the product of two square matrices of twice the side."""
    a, b = (library.full((2 * side, 2 * side), 0.5, requires_grad=True) for _ in range(2))
    return _gradients(lambda: a @ b, a, b)


def expression(library: Any, side: int) -> Work:
    """Return a pointwise expression of ``6 * side**2`` elements."""
    a, b = (library.full((6 * side * side,), 0.5, requires_grad=True) for _ in range(2))
    return _gradients(lambda: (a * b).tanh() + (-a).exp(), a, b)


def softmax(library: Any, side: int) -> Work:
    """Return softmax over the rows of a square matrix, weighted so that gradients are not 0."""
    x = library.linspace(-1.0, 1.0, side * side).reshape(side, side).requires_grad_()
    weights = library.linspace(0.0, 1.0, side)
    return _gradients(lambda: x.softmax(-1) * weights, x)


def writes(library: Any, side: int) -> Work:
    """Return four in-place writes to views of a square matrix."""
    x = library.full((side, side), 0.5, requires_grad=True)

    def written() -> Any:
        y = x * 2
        for column in range(4):
            y[:, column::4].mul_(3.0)
        return y

    return _gradients(written, x)


def rows_by_index(library: Any, side: int) -> Work:
    """Return the rows of a square matrix, each read once by an index."""
    x = library.full((side, side), 0.5, requires_grad=True)
    places = library.arange(side).flip(0)
    return _gradients(lambda: x[places], x)


def _gradients(forward: Callable[[], Any], *leaves: Any) -> Work:
    def run() -> None:
        for leaf in leaves:
            leaf.grad = None
        forward().sum().backward()
        leaves[0].grad.reshape(-1)[0].item()

    return run


WORKLOADS: dict[str, Callable[[Any, int], Work]] = {
    "product of matrices, 2 sides square": product,
    "`tanh(a * b) + exp(-a)`, 6 sides square elements": expression,
    "softmax over rows": softmax,
    "in-place writes to views": writes,
    "rows by index": rows_by_index,
}


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.devices", description=__doc__)
    parser.add_argument("backends", nargs="+")
    parser.add_argument("--device", default="cuda", help="where torch itself makes its tensors")
    parser.add_argument("--side", type=int, default=4096, help="of the matrices")
    parser.add_argument("--words", nargs="*", help="run the workloads that have one in their label")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import torch

    import autograd_core

    torch.set_default_device(options.device)
    print("| milliseconds (ratio) | torch itself |", " | ".join(options.backends), "|")
    print("|---|---|" + "---|" * len(options.backends))
    for label, workload in WORKLOADS.items():
        if options.words and not any(word in label for word in options.words):
            continue
        works = {"": workload(torch, options.side)}
        for name in options.backends:
            with autograd_core.use_backend(name):
                works[name] = _on(name, workload(autograd_core, options.side))
        seconds = interleaved(works, options.rounds)
        figures = [
            f"{1e3 * min(seconds[name]):.2f} ({ratio(seconds[name], seconds['']):.2f})"
            for name in works
        ]
        print(f"| {label} |", " | ".join(figures), "|", flush=True)


def _on(name: str, work: Work) -> Work:
    import autograd_core

    def run() -> None:
        with autograd_core.use_backend(name):
            work()

    return run


if __name__ == "__main__":
    main()
