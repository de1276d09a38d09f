"""Training steps of perceptrons: forward, cross entropy, backward, SGD."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..measuring import Work
from ..peers import Skipped, jitted

ROWS = [
    (
        "MLP 784-256-256-10, batch 64, SGD",
        (0.95, 0.85),
        15,
        {"sizes": (784, 256, 256, 10), "batch": 64},
    ),
    (
        "MLP 1024-2048-2048-1024, batch 256, SGD",
        (1.2, 1.1),
        5,
        {"sizes": (1024, 2048, 2048, 1024), "batch": 256},
    ),
]


def work(library: Any, name: str, sizes: tuple[int, ...], batch: int) -> Work:
    """Return one step."""
    if name in ("HIPS autograd", "jax", "jax.jit"):
        return _of_functions(library, name, sizes, batch)
    if name == "mygrad":
        return _of_mygrad(library, sizes, batch)
    if name not in ("torch", "autograd_core"):
        raise Skipped("arrays only" if name == "by hand" else "numbers only")
    nn = library.nn
    library.manual_seed(0)
    layers = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    optimizer = library.optim.SGD(net.parameters(), lr=0.01)
    x = library.randn(batch, sizes[0])
    target = library.randint(0, sizes[-1], (batch,))

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), target).backward()
        optimizer.step()

    return step


def _parameters(sizes: tuple[int, ...], batch: int) -> tuple[list[Any], Any, Any]:
    """Return matrices and biases in turn, the input, and the classes."""
    import numpy

    random = numpy.random.default_rng(0)
    parameters: list[Any] = []
    for before, after in pairwise(sizes):
        weight = random.standard_normal((before, after)) * before**-0.5
        parameters += [weight.astype("float32"), numpy.zeros(after, "float32")]
    x = random.standard_normal((batch, sizes[0])).astype("float32")
    return parameters, x, random.integers(0, sizes[-1], batch)


def _of_functions(library: Any, name: str, sizes: tuple[int, ...], batch: int) -> Work:
    numpy = library.numpy
    parameters, x, target = _parameters(sizes, batch)
    rows = numpy.arange(batch)

    def loss(parameters: list[Any]) -> Any:
        y = x
        for k in range(0, len(parameters), 2):
            y = y @ parameters[k] + parameters[k + 1]
            if k < len(parameters) - 2:
                y = numpy.maximum(y, 0)
        y = y - numpy.max(y, 1, keepdims=True)
        y = y - numpy.log(numpy.sum(numpy.exp(y), 1, keepdims=True))
        return -numpy.mean(y[rows, target])

    gradient = library.grad(loss)
    if name == "HIPS autograd":

        def step() -> None:
            for parameter, grad in zip(parameters, gradient(parameters), strict=True):
                parameter -= 0.01 * grad

        return step

    def updated(parameters: list[Any]) -> list[Any]:
        return [p - 0.01 * g for p, g in zip(parameters, gradient(parameters), strict=True)]

    update = jitted(library, name, updated)
    state = [[library.numpy.asarray(parameter) for parameter in parameters]]

    def step_of_jax() -> None:
        state[0] = library.block_until_ready(update(state[0]))

    return step_of_jax


def _of_mygrad(library: Any, sizes: tuple[int, ...], batch: int) -> Work:
    arrays, x, target = _parameters(sizes, batch)
    parameters = [library.tensor(array) for array in arrays]
    relu, losses = library.nnet.activations.relu, library.nnet.losses

    def step() -> None:
        y = x
        for k in range(0, len(parameters), 2):
            y = library.matmul(y, parameters[k]) + parameters[k + 1]
            if k < len(parameters) - 2:
                y = relu(y)
        losses.softmax_crossentropy(y, target).backward()
        for parameter in parameters:
            parameter.data -= 0.01 * parameter.grad
            parameter.null_grad()

    return step
