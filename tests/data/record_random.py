"""Record what torch's CPU samplers draw, for the tests that run without torch.

Run where torch is installed: `python tests/data/record_random.py`.
"""

from __future__ import annotations

import hashlib
import json
import runpy
from pathlib import Path
from typing import Any

import torch

COUNTS = (3, 19)
SEED = 20260117
CALLS = runpy.run_path(str(Path(__file__).parents[1] / "random_calls.py"))["CALLS"]
TARGET = Path(__file__).with_name("random_samples.json")


def numbers(samples: torch.Tensor) -> list[Any]:
    """List the samples; complex numbers as pairs."""
    if samples.is_complex():
        samples = torch.view_as_real(samples.to(torch.complex128))
    return samples.tolist()


def state_digest(generator: torch.Generator) -> str:
    """Hash the state, so that a row also pins where the stream stands afterwards."""
    return hashlib.sha256(bytes(generator.get_state().tolist())).hexdigest()[:16]


def record(call: Any, dtype_name: str, count: int) -> dict[str, Any]:
    """Draw one row."""
    generator = torch.Generator().manual_seed(SEED)
    parameters = call.parameters(count, dtype_name)
    samples = call.draw(torch, count, getattr(torch, dtype_name), generator, parameters)
    return {
        "call": call.name,
        "sampler": call.sampler,
        "dtype": dtype_name,
        "count": count,
        "parameters": parameters,
        "samples": numbers(samples),
        "state": state_digest(generator),
    }


def main() -> None:
    """Write one JSON row per call, dtype and count, under a head with the seed."""
    rows = [
        record(call, dtype_name, count)
        for call in CALLS
        for dtype_name in call.dtypes
        for count in call.counts(*COUNTS)
    ]
    head = {
        "torch": torch.__version__,
        "seed": SEED,
        "unseeded state": state_digest(torch.Generator()),
        "seeded state": state_digest(torch.Generator().manual_seed(SEED)),
    }
    lines = ",\n".join(json.dumps(row) for row in rows)
    TARGET.write_text(f'{json.dumps(head)[:-1]}, "rows": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
