"""Writes a script that stands alone: it shows one case on torch or on the subject, without the kit.

It covers ops with plain arguments; where an OpInfo lambda stands behind the entry, the script holds
the function that spells it. Of an argument without a literal form it says to use `replay`.
"""

from __future__ import annotations

import inspect
import math
from typing import Any

from autograd_conformance import own_functions
from autograd_conformance.arrays import Array
from autograd_conformance.cases import ANY_DTYPE, FORMS, Token
from autograd_conformance.execution import TORCH, reference, sample_seed
from autograd_conformance.observation import cotangent
from autograd_conformance.oracles import Answers
from autograd_conformance.replay import find_program, find_sample
from autograd_conformance.samples import Entry, Sample
from autograd_conformance.spellings import SEED
from autograd_conformance.subjects import SubjectSpec
from autograd_conformance.transfer import (
    Foreign,
    FrozenName,
    FrozenObject,
    FrozenSize,
    FrozenTensor,
)


class _Writer:
    """Turns frozen arguments into source text, naming the tensors as it meets them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.leaves: list[str] = []
        self.functions: list[str] = []
        self._names: dict[int, str] = {}

    def text(self, value: Any) -> str:
        if isinstance(value, FrozenTensor):
            return self._tensor(value)
        if isinstance(value, FrozenName):
            return f"torch.{value.path}"
        if isinstance(value, FrozenSize):
            return f"torch.Size({list(value.shape)})"
        if isinstance(value, FrozenObject | Foreign):
            raise ValueError(f"{value!r} has no literal form; use `replay` for this case")
        if isinstance(value, list):
            return "[" + ", ".join(self.text(v) for v in value) + "]"
        if isinstance(value, tuple):
            return "(" + "".join(self.text(v) + ", " for v in value) + ")"
        if isinstance(value, slice):
            return f"slice({value.start}, {value.stop}, {value.step})"
        if value is Ellipsis:
            return "..."
        text = repr(value)
        return f'float("{text}")' if text in ("nan", "inf", "-inf") else text

    def literal(self, values: Array) -> str:
        if not values.numel():
            return f"torch.zeros({values.shape}, dtype=torch.{values.dtype})"
        data = repr(values.tolist())
        for word in ("nan", "inf"):
            data = data.replace(word, f'float("{word}")')
        return f"torch.tensor({data}, dtype=torch.{values.dtype})"

    def _tensor(self, value: FrozenTensor) -> str:
        if id(value) in self._names:
            return self._names[id(value)]
        name = f"t{len(self._names)}"
        self._names[id(value)] = name
        values = value.storage.values
        if value.fills_storage or 0 in value.shape:
            count = math.prod(value.shape)
            source = self.literal(Array(values.dtype, value.shape, values.values[:count]))
        else:
            window = f"{value.shape}, {value.strides}, {value.offset}"
            source = f"{self.literal(values)}.as_strided({window})"
        source += ".conj()" if value.conj else ""
        self.lines.append(f"{name} = {source}")
        if value.requires_grad:
            self.lines.append(f"{name}.requires_grad_()")
            self.leaves.append(name)
        return name


def script(token: Token, subject: SubjectSpec, seed: int, oracle: str = TORCH) -> str:
    """Source text for one case; the first argument of the script picks `torch` or the subject."""
    if token.check == "scenario":
        return _scenario_script(token, subject)
    entry, sample = find_sample(token, seed, oracle)
    lines = _opening(token, subject)
    writer = _Writer()
    call = _call(entry, sample, token, writer)
    if writer.functions:
        lines += ["from typing import Any", "", "", *writer.functions]
    lines += ["", *writer.lines]
    if token.check == "warnings":
        lines += [
            "import warnings",
            'warnings.simplefilter("always")',
            "torch.set_warn_always(True)",
        ]
    if token.check != "errors":
        lines.append(f"torch.manual_seed({sample_seed(seed, token)})")
    lines += [f"result = {call}", "print(result)"]
    if token.check == "generator":
        lines.append('print("next:", torch.randn((), dtype=torch.float64), torch.rand(()))')
    if token.check == "saved":
        lines.append(_SAVED)
    if token.check in ("gradients", "second_order", "saved", "warnings", *FORMS):
        form = token.check if token.check in FORMS else "function"
        answers = reference(oracle).oracle(entry, sample, form, sample_seed(seed, token))
        lines += _gradient_lines(token, sample, seed, answers.expected, writer)
    if token.check == "saved":
        lines.append("show_saved()")
    return "\n".join(lines)


_SAVED = """

def show_saved():
    nodes = [o.grad_fn for o in result] if isinstance(result, (list, tuple)) else [result.grad_fn]
    for node in nodes:  # grows while it is walked
        if node is None:
            continue
        for name in sorted(n for n in dir(node) if n.startswith(("_saved_", "_raw_saved_"))):
            try:
                print(node.name(), name, getattr(node, name))
            except RuntimeError as error:
                print(node.name(), name, "raises", error)
        nodes += [n for n, _ in node.next_functions if n not in nodes]


show_saved()"""


def _opening(token: Token, subject: SubjectSpec) -> list[str]:
    """The lines that bring `torch`: the real one, or the subject under that name."""
    lines = [
        f'"""{token}: run with the argument torch, or without one on {subject.label}."""',
        "import sys",
        "",
        'if sys.argv[1:] == ["torch"]:',
        "    import torch",
        "else:",
        f"    import {subject.module} as torch",
    ]
    if subject.backend:
        lines.append(f"    torch.set_default_backend({subject.backend!r})")
    return lines


_PRINTING_RECORDER = """
import contextlib


class Recorder:
    def __call__(self, label, value, **_):
        print(f"{label}: {value}")

    @contextlib.contextmanager
    def raises(self, label):
        try:
            yield
        except Exception as error:
            print(f"{label}: {type(error).__name__}: {error}")
        else:
            print(f"{label}: nothing was raised")

    def graph(self, label, tensor):
        nodes = [tensor.grad_fn]
        for node in nodes:
            following = [n for n, _ in node.next_functions]
            nodes += [n for n in following if n is not None and n not in nodes]
            print(f"{label}: {node.name()} -> {[n and n.name() for n in following]}")


def scenario(function):
    return function
"""


def _scenario_script(token: Token, subject: SubjectSpec) -> str:
    """The source of a scenario's file with a recorder that prints, and a call of that scenario."""
    program = find_program(token)
    source = inspect.getsource(inspect.getmodule(program.function))  # type: ignore[arg-type]
    body = [
        line
        for line in source.splitlines()
        if not line.startswith(("from __future__", "from autograd_conformance"))
    ]
    call = f"{program.function.__name__}(torch, Recorder())"
    return "\n".join([*_opening(token, subject), _PRINTING_RECORDER, *body, "", "", call])


def _call(entry: Entry, sample: Sample, token: Token, writer: _Writer) -> str:
    spelling = entry.spelling(token.check if token.check in FORMS else "function")
    words = (spelling or "own.").split()
    seeded = words[0] == "seeded"
    place, _, name = words[seeded].partition(".")
    if not spelling:
        raise ValueError(f"{entry.name} is a function of OpInfo's own; use `replay` for it")
    first = writer.text(sample.input)
    if token.check.startswith("inplace"):
        first = f"{first}.clone()"
    args = [writer.text(a) for a in sample.args]
    args += [f"{k}={writer.text(v)}" for k, v in sample.kwargs.items()]
    args += [word for word in words if "=" in word]
    if seeded:
        writer.lines.append(f"torch.manual_seed({SEED})")
    if place == "own":
        source = inspect.getsource(getattr(own_functions, name))
        writer.functions.append(source.replace("  # noqa: N802", ""))
        return f"{name}({', '.join(['torch', first, *args])})"
    if place == "Tensor":
        return f"{first}.{name}({', '.join(args)})"
    module = "torch" if place == "torch" else f'__import__("{place}")'
    return f"{module}.{name}({', '.join([first, *args])})"


def _gradient_lines(
    token: Token, sample: Sample, seed: int, expected: Answers, writer: _Writer
) -> list[str]:
    """Lines that print the gradients under the kit's cotangents."""
    if token.dtype == ANY_DTYPE or not writer.leaves:
        return []
    outputs = [fact for fact in expected.forward().facts if fact.requires_grad]
    key = (sample_seed(seed, token), token.entry, sample.index, "first")
    cotangents = [
        writer.literal(cotangent((*key, i), fact.dtype, fact.shape, sample.dtype))
        for i, fact in enumerate(outputs)
    ]
    if not outputs:
        return []
    return [
        "outputs = result if isinstance(result, (list, tuple)) else [result]",
        "outputs = [o for o in outputs if o.requires_grad]",
        f"cotangents = [{', '.join(cotangents)}]",
        f"inputs = [{', '.join(writer.leaves)}]",
        "print(torch.autograd.grad(outputs, inputs, cotangents, allow_unused=True))",
    ]
