"""The nodes of torch's graph of a case: they tell which ops an op is made of."""

from __future__ import annotations

from autograd_conformance.cases import Token
from autograd_conformance.execution import TORCH, reference, sample_seed
from autograd_conformance.replay import find_sample

#: Nodes that say nothing of the op.
_ANYWHERE = ("AccumulateGrad", "CloneBackward0")


def nodes_of(token: Token, seed: int, oracle: str = TORCH) -> list[str]:
    """Names of the nodes behind the outputs, sorted; none where torch has no graph of the case."""
    try:
        entry, sample = find_sample(token, seed, oracle)
        answers = reference(oracle).oracle(entry, sample, "function", sample_seed(seed, token))
        names = {node.name for node in answers.expected.graph().nodes}
    except Exception:  # torch refuses the case, or the kit has no such sample: nothing to tell
        return []
    return sorted(name for name in names if not any(word in name for word in _ANYWHERE))
