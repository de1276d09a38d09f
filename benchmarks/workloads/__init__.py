"""One module per workload: ``ROWS``, and ``work(library, name, **arguments)`` for each row.

A row is (label, targets, rounds, arguments); the targets are the ratios to torch that the eager and
the compiled tape are held to, None where there are none.
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
