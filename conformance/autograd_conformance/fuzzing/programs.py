"""A fuzz program: leaves and steps, plain data with a JSON form and a Python spelling."""

from __future__ import annotations

import json
import random
import re
import struct
from dataclasses import asdict, dataclass, replace
from typing import Any

#: What a step that opens a region begins with, and the step that closes the innermost one.
REGION = "with "
LEAVE = "leave"
_COARSE = {"float64": "float32", "complex128": "complex64", ".double()": ".float()"}
_FINE = {
    "float32": "float64",
    "float16": "float64",
    "bfloat16": "float64",
    "complex64": "complex128",
    ".float()": ".double()",
    ".half()": ".double()",
}
_DTYPE = re.compile(r"\b(?:bfloat|float|complex)\d+\b|\.(?:half|float|double)\(\)")
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

    @property
    def eps(self) -> float:
        """The distance of 1 to the next number in the coarsest dtype that the program mentions."""
        words = " ".join([leaf.dtype for leaf in self.leaves] + [step.text for step in self.steps])
        words = words.replace(".half()", "float16").replace(".float()", "float32")
        return max((eps for name, eps in EPS.items() if name in words), default=2.0**-52)

    def precise(self) -> Program:
        """The same in double precision throughout."""
        return self._renamed(_FINE)

    def coarse(self) -> Program:
        """The same in single precision throughout."""
        return self.precise()._renamed(_COARSE)

    def moved(self, step: float, seed: int) -> Program:
        """The same with each number of a leaf moved by up to ``step`` of itself, at random."""
        generator = random.Random(seed)

        def move(leaf: Leaf) -> Leaf:
            if not leaf.dtype.startswith(("float", "bfloat", "complex")):
                return leaf
            directions = [
                generator.choice((-1, 1)) * generator.uniform(0.5, 1.5) for _ in leaf.numbers
            ]
            numbers = (n + (abs(n) or 1.0) * step * d for n, d in zip(leaf.numbers, directions))
            return replace(leaf, numbers=tuple(numbers))

        return replace(self, leaves=tuple(map(move, self.leaves)))

    def single(self) -> Program:
        """The same with the numbers of its leaves rounded to single precision."""

        def rounded(number: Any) -> Any:
            if isinstance(number, complex):
                return complex(rounded(number.real), rounded(number.imag))
            if isinstance(number, float):
                return struct.unpack("f", struct.pack("f", number))[0]
            return number

        leaves = (replace(x, numbers=tuple(map(rounded, x.numbers))) for x in self.leaves)
        return replace(self, leaves=tuple(leaves))

    def _renamed(self, names: dict[str, str]) -> Program:
        def rename(text: str) -> str:
            return _DTYPE.sub(lambda found: names.get(found[0], found[0]), text)

        return Program(
            tuple(replace(x, dtype=rename(x.dtype)) for x in self.leaves),
            tuple(replace(s, text=rename(s.text)) for s in self.steps),
        )


def bare(text: str) -> str:
    """A text without the names of inexact dtypes."""
    return _DTYPE.sub("", text)


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
