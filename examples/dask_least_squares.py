"""Least squares and logistic regression on data that no worker could hold, by gradients on dask.

A cluster of processes, each with a memory limit several times smaller than the data. The forward
and the backward of a whole batch make one lazy graph; the numbers of the gradient are asked for at
its end. One worker is killed on the way, and the gradients are held against those that the NumPy
backend adds up block by block on this machine.

    pip install "autograd-core[numpy]" "autograd-array-api[dask]"
    python examples/dask_least_squares.py --rows 2000000
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
from distributed import Client, LocalCluster

import autograd_core as torch
from autograd_array_api import native

FEATURES = 100
Loss = Callable[[Any, Any], Any]


def block_of(number: int, rows: int) -> Any:
    """The block's features, and a last column of targets; the same whoever computes it."""
    generator = np.random.default_rng(number)
    features = generator.standard_normal((rows, FEATURES))
    targets = features @ np.linspace(-1, 1, FEATURES) + generator.standard_normal(rows)
    return np.concatenate([features, targets[:, None]], axis=1)


def least_squares(prediction: Any, target: Any) -> Any:
    """The sum of squared errors."""
    return ((prediction - target) ** 2).sum()


def logistic_regression(prediction: Any, target: Any) -> Any:
    """The sum of cross entropies of a target's sign."""
    label = (target > 0).to(prediction.dtype)
    return torch.nn.functional.binary_cross_entropy_with_logits(prediction, label, reduction="sum")


def gradient(loss: Loss, data: Any, backend: str) -> Any:
    """The gradient of a loss at some weights, on a backend: on dask nothing is computed yet."""
    with torch.use_backend(backend):
        table = torch.tensor(data)
        weights = (torch.arange(FEATURES, dtype=torch.float64) / FEATURES).requires_grad_()
        loss(table[:, :FEATURES] @ weights, table[:, FEATURES]).backward()
        return weights.grad


def on_one_machine(loss: Loss, blocks: int, rows: int) -> Any:
    """The gradient by the NumPy backend, one block after the other."""
    return sum(gradient(loss, block_of(k, rows), "numpy").numpy() for k in range(blocks))


def kill_one_worker(client: Client, after: float) -> threading.Thread:
    """End a worker's process after some seconds; its nanny starts another one."""
    victim = next(iter(client.run(os.getpid).values()))

    def kill() -> None:
        time.sleep(after)
        os.kill(victim, signal.SIGKILL)
        print(f"  killed the worker with pid {victim}")

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def peak_of_a_worker(client: Client) -> float:
    """The most memory that a worker's process has held so far, in MB."""
    return max(client.run(_resident).values()) / 1024


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Compute both gradients on a cluster and compare them with one machine's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--block", type=int, default=20_000, help="rows of a block")
    parser.add_argument("--memory", default="400MB", help="of a worker")
    parser.add_argument("--kill-after", type=float, default=2.0, help="seconds; 0 for never")
    options = parser.parse_args()
    blocks = options.rows // options.block
    size = blocks * options.block * (FEATURES + 1) * 8
    print(f"{size / 1e6:.0f} MB of data, two workers of {options.memory}")

    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, memory_limit=options.memory, dashboard_address=None
    )
    with cluster, Client(cluster) as client:
        data = da.map_blocks(
            lambda block_info=None: block_of(block_info[None]["chunk-location"][0], options.block),
            chunks=((options.block,) * blocks, (FEATURES + 1,)),
            dtype=np.float64,
            meta=np.empty((0, 0)),
        )
        for loss in (least_squares, logistic_regression):
            start = time.perf_counter()
            lazy = native(gradient(loss, data, "dask"))
            built = time.perf_counter()
            killer = kill_one_worker(client, options.kill_after) if options.kill_after else None
            got = lazy.compute()
            done = time.perf_counter()
            if killer:
                killer.join()
            expected = on_one_machine(loss, blocks, options.block)
            error = np.abs(got - expected).max() / np.abs(expected).max()
            print(
                f"{loss.__name__}: graph in {built - start:.1f} s, gradient in "
                f"{done - built:.1f} s, relative difference from one machine's {error:.1e}, "
                f"at most {peak_of_a_worker(client):.0f} MB in a worker"
            )
            if error > 1e-12:
                raise SystemExit("the gradients differ")


if __name__ == "__main__":
    main()
