"""What a transform's tensors do not have: memory, one value for all members, a history to set."""

from __future__ import annotations

import copy
import io
import pickle
from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario


def _looks(torch: Any, x: Any) -> dict[str, Callable[[], Any]]:
    """Ways to look at a tensor of two rows."""
    return {
        "data_ptr": lambda: x.data_ptr(),
        "storage": lambda: x.untyped_storage(),
        "numpy": lambda: x.numpy(),
        "detached, numpy": lambda: x.detach().numpy(),
        "tolist": lambda: x.tolist(),
        "item": lambda: x[0, 0].item(),
        "float": lambda: float(x[0, 0]),
        "bool": lambda: bool(x[0, 0] > 0),
        "contains": lambda: 1.0 in x,
        "equal": lambda: torch.equal(x, x),
        "nonzero": lambda: x.nonzero().shape,
        "copy": lambda: copy.copy(x),
        "deepcopy": lambda: copy.deepcopy(x),
        "pickle": lambda: pickle.dumps(x),
        "save": lambda: torch.save(x, io.BytesIO()),
        "set data": lambda: setattr(x, "data", torch.ones(2, 2)),
        "requires_grad_": lambda: x.requires_grad_(),
        "parameter": lambda: torch.nn.Parameter(x).requires_grad,
        "backward": lambda: x.sum().backward(),
        "split": lambda: torch.tensor_split(x, torch.tensor([1]))[0].shape,
        "version": lambda: x._version,
        "leaf": lambda: [x.is_leaf, x.requires_grad, x[0]._is_view()],
    }


def _look(torch: Any, record: Recorder, where: str) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        for label, look in _looks(torch, x).items():
            with record.raises(f"{where}: {label}, raised"):
                record(f"{where}: {label}", look())
        return (x * 1).sum()

    return function


@scenario
def what_is_refused_inside_of_a_transform(torch: Any, record: Recorder) -> None:
    func = torch.func
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    func.grad(_look(torch, record, "grad"))(x)
    func.vjp(_look(torch, record, "vjp"), x)
    func.vmap(func.grad(_look(torch, record, "grad in vmap")))(x.expand(2, 2, 2))
    func.grad(lambda x: func.vmap(_look(torch, record, "vmap in grad"))(x).sum())(x.expand(2, 2, 2))
