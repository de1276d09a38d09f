"""The nodes of torch's graph of a case: they tell which ops an op is made of."""

from __future__ import annotations

from autograd_conformance.cases import Token
from autograd_conformance.checks.graph import describe
from autograd_conformance.execution import sample_seed, torch_subject
from autograd_conformance.observation import Observation
from autograd_conformance.replay import find_sample

#: Nodes that say nothing of the op.
_ANYWHERE = ("AccumulateGrad", "CloneBackward0")


def nodes_of(token: Token, seed: int) -> list[str]:
    """Names of the nodes behind the outputs, sorted; none where torch has no graph of the case."""
    try:
        entry, sample = find_sample(token, seed)
        case_seed = sample_seed(seed, token)
        observation = Observation(torch_subject(), entry, sample, "function", case_seed)
        names = {node.name for node in describe(observation)[1]}
    except Exception:  # torch refuses the case, or the kit has no such sample: nothing to tell
        return []
    return sorted(name for name in names if not any(word in name for word in _ANYWHERE))
