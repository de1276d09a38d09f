"""Record what torch prints into printing.json: ``python tests/data/record_printing.py``."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch._tensor_str import printoptions
from torch.autograd import forward_ad

FLOATS = ("float16", "bfloat16", "float32", "float64")
COMPLEXES = ("complex64", "complex128")
INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
LIMITS = ("bits", "eps", "max", "min", "tiny", "smallest_normal", "resolution", "dtype")
NAN, INF = float("nan"), float("inf")


class Weights(torch.Tensor):
    pass


class Tied(torch.nn.Parameter):
    pass


def describe(tensor: torch.Tensor) -> dict[str, Any]:
    """Everything the printed form of ``tensor`` depends on, for JSON."""
    primal, tangent = forward_ad.unpack_dual(tensor)
    facts: dict[str, Any] = {"dtype": str(tensor.dtype), "shape": list(tensor.shape)}
    if tensor.device.type == "cpu":
        facts["values"] = " ".join(map(repr, primal.detach().reshape(-1).tolist()))
    else:
        facts["device"] = str(tensor.device)
    try:
        node = tensor.grad_fn
    except RuntimeError:
        facts["grad_fn_error"] = True
    else:
        if node is not None:
            facts["grad_fn"] = type(node).__name__
    if tensor.requires_grad:
        facts["requires_grad"] = True
    if type(tensor) is not torch.Tensor:
        facts["class"] = type(tensor).__name__
    if isinstance(tensor, torch.nn.Parameter):
        facts["parameter"] = True
    if tangent is not None:
        facts["tangent"] = describe(tangent)
    return facts


def printed(tensor: torch.Tensor, **options: Any) -> dict[str, Any]:
    case = describe(tensor)
    if options:
        case["options"] = options
    if torch.get_default_dtype() != torch.float32:
        case["default_dtype"] = str(torch.get_default_dtype())
    with printoptions(**options):
        # The parameter class puts a line of its own in front.
        return case | {"repr": torch.Tensor.__repr__(tensor)}


def of(values: Any, dtype: str = "float32") -> torch.Tensor:
    return torch.tensor(values, dtype=getattr(torch, dtype))


def number_cases() -> Iterator[dict[str, Any]]:
    """Number formats: each list sits at one side of a rule for choosing the format."""
    lists = (
        [1.0, 2.0, -3.0], [0.5, -0.0], [0.0, -0.0], [NAN, INF, -INF], [1.0, NAN, -INF],
        [0.5, NAN, -INF], [0.1, 100.0], [0.1, 100.1], [1.0, 1000.0], [1.0, 1001.0],
        [1.0e8], [1.1e8], [1.0e-4], [0.9e-4], [-1.0e-4, -9.0], [99999.99, 100.0],
        [0.99995, -0.00012], [6.0e-8], [6.0e-8, 60000.0], [1.0e-30, INF], [0.3333], [65504.0],
    )  # fmt: skip
    for dtype in FLOATS:
        for values in lists:
            yield printed(of(values, dtype))
    for values in ([5e-324], [1e308, 1e-308], [1e99, -9.99999e99], [-1e-100, 1.0], [1e16, 1.5]):
        yield printed(of(values, "float64"))
    for values in ([1e-45], [3.4028234e38, 1e-38], [16777216.0, -1.0], [123456789.0]):
        yield printed(of(values, "float32"))
    for dtype in COMPLEXES:
        for value in (1 + 2j, 1.5 - 0.25j, complex(NAN, 1), complex(1.5, NAN), complex(-INF, -0.0)):
            yield printed(of(value, dtype))
            yield printed(of([value, 1e-6 + 3j, -12 - 1e9j], dtype))
        yield printed(of([complex(0, 0), complex(-0.0, -0.0)], dtype))
    for dtype in INTEGERS:
        limits = torch.iinfo(getattr(torch, dtype))
        for values in ([0], [limits.min, 5, limits.max], [[10, 2], [3, 40]]):
            yield printed(of(values, dtype))
    for values in (True, [True], [True, False], [[False], [True]]):
        yield printed(of(values, "bool"))


def shape_cases() -> Iterator[dict[str, Any]]:
    """Empty, 0-d, nested, wrapped and summarised tensors."""
    for dtype in ("float32", "float64", "int64", "bool", "complex64"):
        for shape in ((0,), (0, 3), (2, 0, 1)):
            yield printed(torch.zeros(shape, dtype=getattr(torch, dtype)))
        yield printed(torch.zeros((), dtype=getattr(torch, dtype)))
    for shape in ((30,), (2, 3), (3, 1, 2), (2, 2, 2, 2), (2, 30), (1, 1, 1, 25)):
        ramp = torch.arange(0, 10 * torch.Size(shape).numel(), 10)
        yield printed(ramp.reshape(shape))
        yield printed(ramp.reshape(shape) / 7)
        yield printed(torch.complex(ramp / 7, -ramp / 3).reshape(shape), linewidth=50)
    for shape in ((9,), (8, 8), (7, 2, 7), (3, 8), (7, 7, 7)):
        ramp = torch.arange(torch.Size(shape).numel()).reshape(shape)
        for edgeitems in (0, 1, 2, 3):
            yield printed(ramp, threshold=5, edgeitems=edgeitems)
            yield printed(ramp * 1.5j + ramp, threshold=5, edgeitems=edgeitems, linewidth=30)
    yield printed(torch.arange(1000.0))
    yield printed(torch.arange(1001.0))
    yield printed(torch.arange(1001.0), profile="short")
    yield printed(torch.arange(1001.0), profile="full")
    yield printed(of(1.5), threshold=0, edgeitems=0)


def option_cases() -> Iterator[dict[str, Any]]:
    values = of([[1.0, 22.125], [-333.0, 0.001]])
    for precision in (0, 1, 2, 8):
        for sci_mode in (None, True, False):
            yield printed(values, precision=precision, sci_mode=sci_mode)
    for linewidth in (1, 10, 19, 20, 21, 22, 30, 200):
        yield printed(values.double(), linewidth=linewidth)
        yield printed(values.double().requires_grad_(), linewidth=linewidth)
    yield printed(of([1.0, 2.0]), sci_mode=True)
    yield printed(of([0.0, NAN]), sci_mode=True)


def default_dtype_cases() -> Iterator[dict[str, Any]]:
    for default in ("float16", "bfloat16", "float32", "float64"):
        torch.set_default_dtype(getattr(torch, default))
        for dtype in (*FLOATS, *COMPLEXES, "int64", "int32", "bool"):
            yield printed(of([1, 0], dtype))
            yield printed(of([], dtype))
    torch.set_default_dtype(torch.float32)


def autograd_cases() -> Iterator[dict[str, Any]]:
    leaf = of([1.0, 2.0, 3.0]).requires_grad_()
    yield printed(leaf)
    yield printed(leaf + 1)
    yield printed((leaf.double() * 2).sum())
    yield printed(torch.zeros(0, 2, requires_grad=True))
    base = leaf.clone()
    piece = base[:2]
    piece.mul_(2)
    yield printed(base)
    yield printed(piece)
    with torch.no_grad():
        ambiguous = base[:2]
    base.add_(1)
    yield printed(ambiguous)
    yield printed(torch.nn.Parameter(of([1.0])))
    yield printed(torch.nn.Parameter(of([1.0]), requires_grad=False))
    yield printed(Weights(of([[1.0, 2.5]])))
    yield printed(torch.nn.Parameter(Weights(of([1.0]))))
    yield printed(Tied(of([1.0])))
    yield printed(torch.zeros(2, 3, device="meta"))
    yield printed(torch.zeros(0, dtype=torch.int64, device="meta"))
    with forward_ad.dual_level():
        yield printed(forward_ad.make_dual(of([1.0, 2.0]), of([0.5, -1.0])))
        yield printed(forward_ad.make_dual(of(1.0), of(2.25)))
        yield printed(forward_ad.make_dual(of([[1.0], [2.0]]), of([[3.0], [4.0]])))
        yield printed(forward_ad.make_dual(leaf, leaf * 2).sin())


def random_cases(count: int) -> Iterator[dict[str, Any]]:
    rng = random.Random(2013)
    for _ in range(count):
        shape = [rng.randint(1, 5) for _ in range(rng.randint(0, 3))]
        scale, spread = rng.uniform(-6, 9), rng.choice((0.3, 1, 4))
        size = torch.Size(shape).numel()
        numbers = [rng.choice((-1, 1)) * 10 ** rng.gauss(scale, spread) for _ in range(size)]
        dtype = rng.choice(FLOATS)
        options = rng.choice(({}, {}, {"precision": rng.randint(0, 9)}, {"linewidth": 40}))
        yield printed(of(numbers, dtype).reshape(shape), **options)


def outcome(action: Any) -> dict[str, Any]:
    try:
        return {"text": action()}
    except (TypeError, ValueError) as error:
        return {"error": [type(error).__name__, str(error)]}


def format_cases() -> Iterator[dict[str, Any]]:
    tensors = [
        of(1.25), of(-7, "int8"), of(True, "bool"), of(1.5 - 2j, "complex64"), of([1.25]),
        of(0.1, "float16"), of(2.5).requires_grad_(), torch.nn.Parameter(of(1.5)),
        Weights(of([1.5]))[0], torch.zeros((), device="meta"),
    ]  # fmt: skip
    for tensor in tensors:
        for spec in ("", ".2f", "d", ">8", "nonsense"):
            if spec == "" and isinstance(tensor, torch.nn.Parameter):
                continue  # its own __repr__ answers
            text = outcome(lambda tensor=tensor, spec=spec: format(tensor, spec))
            yield {"tensor": describe(tensor), "spec": spec, **text}


def limit_cases() -> Iterator[dict[str, Any]]:
    for name in (*FLOATS, *COMPLEXES, *INTEGERS, "bool"):
        for function in ("finfo", "iinfo"):
            case = {"function": function, "dtype": f"torch.{name}"}
            try:
                limits = getattr(torch, function)(getattr(torch, name))
            except TypeError as error:
                yield case | {"error": str(error)}
            else:
                facts = {fact: getattr(limits, fact) for fact in LIMITS if hasattr(limits, fact)}
                yield case | {"repr": repr(limits), "facts": facts}


def main() -> None:
    recorded = {
        "torch": torch.__version__,
        "prints": [
            *number_cases(),
            *shape_cases(),
            *option_cases(),
            *default_dtype_cases(),
            *autograd_cases(),
            *random_cases(150),
        ],
        "formats": list(format_cases()),
        "limits": list(limit_cases()),
    }
    sections = (
        f"{json.dumps(name)}: "
        + ("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]" if isinstance(rows, list)
           else json.dumps(rows))
        for name, rows in recorded.items()
    )  # fmt: skip
    target = Path(__file__).with_name("printing.json")
    target.write_text("{\n" + ",\n".join(sections) + "\n}\n")


if __name__ == "__main__":
    main()
