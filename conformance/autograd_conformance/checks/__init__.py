"""One module per question; CHECK maps a check's name to its function.

A check takes torch's side and the subject's observation, returns an Outcome, and raises Mismatch
on a difference; other exceptions of the subject are turned into failures by the runner.
"""

from __future__ import annotations

from collections.abc import Callable

from autograd_conformance.cases import Outcome
from autograd_conformance.checks import (
    attributes,
    errors,
    forms,
    generator,
    gradients,
    graph,
    metamorphic,
    saved,
    second_order,
    tangents,
    values,
    warnings,
)
from autograd_conformance.observation import Observation
from autograd_conformance.oracles import Oracle

CHECK: dict[str, Callable[[Oracle, Observation], Outcome]] = {
    "values": values.check,
    "attributes": attributes.check,
    "graph": graph.check,
    "gradients": gradients.check,
    "second_order": second_order.check,
    "tangents": tangents.check,
    "saved": saved.check,
    "warnings": warnings.check,
    "generator": generator.check,
    "method": forms.check,
    "inplace": forms.check,
    "operator": forms.check,
    "inplace_operator": forms.check,
    "metamorphic": metamorphic.check,
    "errors": errors.check,
}
