"""A fuzz program: leaves and steps, plain data with a JSON form and a Python spelling."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

#: What a step that opens a region begins with, and the step that closes the innermost one.
REGION = "with "
LEAVE = "leave"
EPS = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "complex64": 2.0**-23}


@dataclass(frozen=True)
class Leaf:
    """A tensor a program starts from: flat numbers in row-major order, and how they are laid out.

    ``layout`` is ``contiguous``, ``transposed`` (the last two dims are swapped in memory), ``gaps``
    (every second element of a storage twice as long) or ``shifted`` (the storage begins earlier).
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    numbers: tuple[Any, ...]
    requires_grad: bool
    layout: str = "contiguous"

    def source(self) -> str:
        """The expression that makes it, in terms of ``torch``."""
        made = f"torch.tensor({_nested(self.numbers, self.shape)}, dtype=torch.{self.dtype})"
        if 0 in self.shape:
            made = f"torch.zeros({self.shape}, dtype=torch.{self.dtype})"
        if self.layout == "transposed" and len(self.shape) > 1:
            made += ".mT.contiguous().mT"
        elif self.layout == "gaps" and self.shape:
            made = f"torch.stack([{made}] * 2, -1)[..., 0]"
        elif self.layout == "shifted" and self.shape:
            made = f"torch.cat([{made}] * 2)[{self.shape[0]}:]"
        return made + (".requires_grad_()" if self.requires_grad else "")


@dataclass(frozen=True)
class Step:
    """One statement: source with ``{0}``, ``{1}`` where the tensors named by ``reads`` stand.

    ``to`` names what becomes of the result: nothing, a tensor, or the members of a sequence. A
    text that begins with ``with`` opens a region, the text ``leave`` closes the innermost one.
    """

    text: str
    reads: tuple[str, ...] = ()
    to: tuple[str, ...] = ()

    def source(self) -> str:
        """The statement, without the names that it assigns to."""
        return self.text.format(*self.reads)

    def __str__(self) -> str:
        return f"{', '.join(self.to)} = {self.source()}" if self.to else self.source()


@dataclass(frozen=True)
class Program:
    """Leaves and steps."""

    leaves: tuple[Leaf, ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        lines, depth = [f"{leaf.name} = {leaf.source()}" for leaf in self.leaves], 0
        for step in self.steps:
            if step.text == LEAVE:
                depth = max(depth - 1, 0)
                continue
            lines.append("    " * depth + str(step))
            depth += step.text.startswith(REGION)
        return "\n".join(lines)

    def to_json(self) -> str:
        """The program as one line of JSON."""
        return json.dumps(asdict(self), default=repr)

    @classmethod
    def from_json(cls, text: str) -> Program:
        """The program of `to_json`; ValueError says what is wrong with the text."""
        try:
            data = json.loads(text)
            return cls(
                tuple(
                    Leaf(**{**d, "shape": tuple(d["shape"]), "numbers": _numbers(d)})
                    for d in data["leaves"]
                ),
                tuple(Step(d["text"], tuple(d["reads"]), tuple(d["to"])) for d in data["steps"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a fuzz program ({error}): {text[:80]!r}") from error


def _numbers(data: dict[str, Any]) -> tuple[Any, ...]:
    if data["dtype"].startswith("complex"):
        return tuple(complex(n) for n in data["numbers"])
    return tuple(data["numbers"])


def _nested(numbers: tuple[Any, ...], shape: tuple[int, ...]) -> str:
    if not shape:
        return repr(numbers[0])
    size = len(numbers) // shape[0] if shape[0] else 0
    parts = (numbers[k * size : (k + 1) * size] for k in range(shape[0]))
    return "[" + ", ".join(_nested(part, shape[1:]) for part in parts) + "]"
