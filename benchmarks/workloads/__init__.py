"""One module per workload: ``ROWS``, and ``work(library, name, **arguments)`` for each row.

A row is (label, target, rounds, arguments); the target is the ratio to torch that this project is
held to, None where it has none.
"""

from . import (
    attention,
    convolution,
    deep_chain,
    expression,
    fan_out,
    hessian,
    inplace_views,
    perceptron,
    scalar_graph,
)

WORKLOADS = (
    expression,
    scalar_graph,
    deep_chain,
    fan_out,
    perceptron,
    attention,
    convolution,
    hessian,
    inplace_views,
)
