"""What torch composes of other ops and does not take apart under ``vmap``, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_conformance.scenarios.recording import Recorder, scenario
from autograd_conformance.scenarios.vmap import numbers


def _all(torch: Any, record: Recorder, programs: dict[str, Callable[[Any], Any]], x: Any) -> None:
    for label, program in programs.items():
        with record.raises(f"{label}, raised"):
            record(label, torch.vmap(program, randomness="different")(x), ulps=16)


def _written(name: str, other: Any) -> Callable[[Any], Any]:
    return lambda x: getattr(x.clone(), name)(other)


@scenario
def functions_that_loop(torch: Any, record: Recorder) -> None:
    """Each warns by the name of the whole function, and gives a view of what is stacked."""
    functional = torch.nn.functional
    x = numbers(torch, 2, 3, 4) / 8
    programs = {
        "diagflat": lambda x: torch.diagflat(x[0]),
        "isclose": lambda x: torch.isclose(x, x + 1),
        "kl_div": lambda x: functional.kl_div(x.log(), x * 2, reduction="batchmean"),
        "margin_ranking_loss": lambda x: functional.margin_ranking_loss(x, x * 2, x),
        "triplet_margin_loss": lambda x: functional.triplet_margin_loss(x, x * 2, x * 3),
        "pdist": lambda x: functional.pdist(x),
        "bilinear": lambda x: functional.bilinear(x, x, torch.ones(2, 4, 4)),
        "embedding_bag": lambda x: functional.embedding_bag(torch.tensor([[0, 2]]), x),
        "native_channel_shuffle": lambda x: torch.native_channel_shuffle(x[None, :2, :, None], 2),
        "moveaxis": lambda x: torch.moveaxis(x, (0,), (1,)),
    }
    _all(torch, record, programs, x)


@scenario
def matrix_functions_that_loop(torch: Any, record: Recorder) -> None:
    x = torch.eye(3) * 2 + numbers(torch, 2, 3, 3) / 8
    programs = {
        "cond": lambda x: torch.linalg.cond(x, "fro"),
        "rank": lambda x: torch.linalg.matrix_rank(x, torch.tensor(0.1)),
        "rank of all": lambda x: torch.linalg.matrix_rank(x),
        "tensorsolve": lambda x: torch.linalg.tensorsolve(x, x[0]),
    }
    for label, program in programs.items():
        record(label, torch.vmap(program)(x).contiguous(), ulps=64)


@scenario
def aliases_in_place_loop(torch: Any, record: Recorder) -> None:
    """Other names of ops that have rules have none of their own in place."""
    x = numbers(torch, 2, 3)
    programs: dict[str, Callable[[Any], Any]] = {
        "clip_": lambda x: x.clone().clip_(2, 5),
        "clip_ of tensors": lambda x: x.clone().clip_(x * 0.5, x * 0.7),
        "fix_": lambda x: x.clone().fix_(),
        "negative_": lambda x: x.clone().negative_(),
        "subtract_": lambda x: x.clone().subtract_(2),
        "divide_": lambda x: x.clone().divide_(2),
        "multiply_": lambda x: x.clone().multiply_(x),
    }
    for name in ("greater_", "greater_equal_", "less_", "less_equal_", "not_equal_"):
        programs[name] = _written(name, 3)
        programs[f"{name} of tensors"] = _written(name, x[0])
    _all(torch, record, programs, x)


@scenario
def refused_in_a_batch_and_taken_apart_in_a_gradient(torch: Any, record: Recorder) -> None:
    """A transform that differentiates takes functions apart before the batch sees them."""
    x = numbers(torch, 2, 3, 4)
    index = torch.tensor([0, 1])
    programs: dict[str, Callable[[Any, Any], Any]] = {
        "column_stack": lambda x, i: torch.column_stack([x, x]),
        "moveaxis": lambda x, i: torch.moveaxis(x, 0, 1),
        "narrow": lambda x, i: torch.narrow(x, 0, torch.tensor(1), 1),
        "narrow by members": lambda x, i: torch.narrow(x, 0, i, 1),
        "tensor_split": lambda x, i: torch.tensor_split(x, torch.tensor([1]))[0],
        "repeats": lambda x, i: torch.repeat_interleave(x, torch.stack([i, 1 - i, i]), 0).sum(0),
        "bilinear": lambda x, i: torch.nn.functional.bilinear(x, x, torch.ones(1, 4, 4)),
        "a mask": lambda x, i: x.index_put((torch.tensor([True, False, True]),), torch.ones(4)),
        "different values": lambda x, i: x.index_fill(0, torch.stack([i, i + 1]), x[0, 0]),
    }
    for label, program in programs.items():

        def gradient(x: Any, i: Any, program: Callable[[Any, Any], Any] = program) -> Any:
            return torch.func.grad(lambda x: program(x, i).sum())(x)

        with record.raises(f"{label}, raised"):
            record(label, torch.vmap(program)(x, index).tolist())
        with record.raises(f"{label} in a gradient, raised"):
            record(f"{label} in a gradient", torch.vmap(gradient)(x, index).tolist())


@scenario
def memory_formats_in_a_batch(torch: Any, record: Recorder) -> None:
    x = numbers(torch, 2, 1, 2, 3, 4)
    last = torch.channels_last
    for label, program in {
        "clone": lambda x: x.clone(memory_format=last),
        "contiguous": lambda x: x.contiguous(memory_format=last),
        "to": lambda x: x.to(memory_format=last),
        "double": lambda x: x.double(memory_format=last),
    }.items():
        with record.raises(label):
            torch.vmap(program)(x)
