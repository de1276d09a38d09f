"""Writes a script that stands alone: a program on torch, on the subject, or on both."""

from __future__ import annotations

import inspect

from autograd_conformance.fuzzing import companions
from autograd_conformance.fuzzing.programs import LEAVE, REGION, Program
from autograd_conformance.subjects import SubjectSpec

_HEAD = '''"""{told}

    python {file} torch      what torch answers
    python {file} subject    what {label} answers
    python {file} both       both, and where they part (without an argument, too)
"""
import contextlib
import importlib
import itertools
import sys
import warnings


class Recorder:
    def __init__(self, torch):
        self.torch = torch
        self.lines = []

    def __call__(self, label, value):
        self.lines.append(f"{{label}}: {{self.text(value)}}")

    def text(self, value):
        if isinstance(value, self.torch.Tensor):
            node = value.grad_fn and value.grad_fn.name()
            version = "none" if value.is_inference() else value._version
            facts = f"{{value.dtype}} {{tuple(value.shape)}} strides {{value.stride()}}"
            flags = f"requires_grad {{value.requires_grad}} leaf {{value.is_leaf}} {{node}}"
            return f"{{value.detach().tolist()}} {{facts}} {{flags}} version {{version}}"
        if isinstance(value, (tuple, list)):
            return "(" + ", ".join(map(self.text, value)) + ")"
        return f"node {{value.name()}}" if hasattr(value, "next_functions") else str(value)

    @contextlib.contextmanager
    def step(self, label):
        try:
            yield
        except Exception as error:
            self(label, f"raises {{type(error).__name__}}: {{error}}")

    def end(self, tensors):
        for name, tensor in tensors.items():
            self(f"end: {{name}}", tensor)
            if tensor.is_leaf or tensor.retains_grad:
                self(f"end: {{name}}.grad", tensor.grad)
            nodes = [tensor.grad_fn] if tensor.grad_fn else []
            for node in nodes:
                following = [n for n, _ in node.next_functions]
                nodes += [n for n in following if n is not None and n not in nodes]
                names = [n and n.name() for n in following]
                self(f"end: graph of {{name}}", f"{{node.name()}} -> {{names}}")

'''

_TAIL = """

def run(module, backend):
    torch = importlib.import_module(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("utils.checkpoint", "_decomp.decompositions_for_jvp"):
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(f"{module}.{name}")
    entered = torch.use_backend(backend) if backend else contextlib.nullcontext()
    record = Recorder(torch)
    with entered, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.manual_seed(0)
        program(torch, record, Companions(torch, record))
    for warning in caught:
        record("warns", f"{warning.category.__name__}: {warning.message}")
    return record.lines


def main():
    chosen = sys.argv[1] if sys.argv[1:] else "both"
    if chosen == "torch":
        print(*run("torch", None), sep="\\n")
    elif chosen == "subject":
        print(*run(*SUBJECT), sep="\\n")
    else:
        expected, got = run("torch", None), run(*SUBJECT)
        for ours, theirs in itertools.zip_longest(expected, got, fillvalue="(nothing)"):
            if ours == theirs:
                print(f"    both      {ours}")
            else:
                print(f"=== expected  {ours}\\n=== got       {theirs}")
        sys.exit(expected != got)


main()
"""


def body(program: Program) -> list[str]:
    """The lines of the program within ``def program(torch, record, its)``."""
    lines = [f"{leaf.name} = {leaf.source()}" for leaf in program.leaves]
    named = [leaf.name for leaf in program.leaves]
    depth = 0
    for number, step in enumerate(program.steps, 1):
        indent = "    " * depth
        if step.text == LEAVE:
            depth -= 1
            continue
        if step.text.startswith(REGION):
            lines.append(indent + step.source())
            depth += 1
            following = program.steps[number : number + 1]
            if not following or following[0].text == LEAVE:
                lines.append("    " * depth + "pass")
            continue
        label = repr(f"{number}: {step}")
        lines.append(f"{indent}with record.step({label}):")
        lines.append(f"{indent}    {step}")
        if step.to:
            named += [name for name in step.to if name not in named]
            lines.append(f"{indent}    record({label}, {', '.join(step.to)[:1]})")
    lines += [
        "tensors = {k: v for k, v in locals().items() if isinstance(v, torch.Tensor)}",
        "record.end(tensors)",
    ]
    return lines


def script(program: Program, subject: SubjectSpec, told: str, file: str = "SCRIPT") -> str:
    """The source text, which begins with what is `told` of the program and names the subject."""
    head = _HEAD.format(told=told, label=subject.label, file=file)
    mine = inspect.getsource(companions).split('"""', 2)[2].strip()
    lines = "\n".join(f"    {line}" for line in body(program))
    called = f"SUBJECT = ({subject.module!r}, {subject.backend!r})\n"
    return f"{head}\n{mine}\n\n\n{called}\n\ndef program(torch, record, its):\n{lines}\n{_TAIL}"
